#include "app/store/snapshot_part.h"
#include "app/store/catalogs.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum {
    DIR_BYTES = 1200,
    PATH_BYTES = DIR_BYTES + 64,
    READ_BYTES = 1 << 16,
    FLUSH_BYTES = 1 << 20,  /* written back at once while nobody scans */
    GENTLE_BYTES = 1 << 16, /* while somebody does: no more is on its way to the disk at a time */
    SCANNING_S = 2,         /* since the last record */
    LOOK_BYTES = 1 << 18,
    PAUSE_MAX_NS = 20 * 1000 * 1000,
    BOOT_TEXT = 36,
    HEX = 2 * CHAIN_HASH_BYTES
};

static const char PART[] = "snapshot.part", WAL[] = "snapshot.part-wal", SHM[] = "snapshot.part-shm",
                  ABOUT[] = "snapshot";

struct snapshot_part {
    char dir[DIR_BYTES];
    bool looked; /* for what an earlier process left */
    int fd;      /* -1: none is being fetched */
    struct sync_snapshot what;
    int64_t have, flushed;
    bool gently;
    struct timespec journal_at;    /* when it was last written, at the first look */
    crypto_generichash_state hash; /* of what is there */
};

enum rc snapshot_part_new(const char *dir, struct snapshot_part **ret_part)
{
    struct snapshot_part *part = calloc(1, sizeof *part);
    if (!part)
        return RC_NOMEM;
    part->fd = -1;
    snprintf(part->dir, sizeof part->dir, "%s", dir);
    *ret_part = part;
    return RC_OK;
}

void snapshot_part_free(struct snapshot_part *part)
{
    if (part && part->fd >= 0)
        close(part->fd);
    free(part);
}

static const char *path_of(const struct snapshot_part *part, const char *name, char *ret_path)
{
    snprintf(ret_path, PATH_BYTES, "%s/%s", part->dir, name);
    return ret_path;
}

static void begin_hash(struct snapshot_part *part)
{
    part->have = part->flushed = 0;
    crypto_generichash_init(&part->hash, NULL, 0, CHAIN_HASH_BYTES);
}

void snapshot_part_drop(struct snapshot_part *part)
{
    const char *const names[] = {ABOUT, PART, WAL, SHM};
    char path[PATH_BYTES];
    if (part->fd >= 0)
        close(part->fd);
    part->fd = -1;
    part->looked = true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(path_of(part, names[i], path));
}

/* ---- what an earlier process left ---- */

static bool read_text(const json_t *object, const char *name, char *ret_text, size_t size)
{
    const char *text = json_string_value(json_object_get(object, name));
    bool fits = text && strlen(text) < size;
    if (fits)
        memcpy(ret_text, text, strlen(text) + 1);
    return fits;
}

/* While the machine has not been started again, what was written is there, synced or not. ret_boot holds BOOT_TEXT + 1. */
static void read_boot(char *ret_boot)
{
    ssize_t len = -1;
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        len = read(fd, ret_boot, BOOT_TEXT);
        close(fd);
    }
    ret_boot[len > 0 ? len : 0] = '\0';
}

static bool is_this_boot(const json_t *about)
{
    char now[BOOT_TEXT + 1], then[BOOT_TEXT + 1];
    read_boot(now);
    return now[0] && read_text(about, "boot", then, sizeof then) && strcmp(now, then) == 0;
}

static bool read_about(const struct snapshot_part *part, struct sync_snapshot *ret_what, bool *ret_this_boot)
{
    char path[PATH_BYTES], hash[HEX + 1] = "";
    struct sync_snapshot what = {.size = 0};
    size_t len = 0;
    json_t *about = json_load_file(path_of(part, ABOUT, path), 0, NULL);
    if (!about)
        return false;
    what.size = json_integer_value(json_object_get(about, "size"));
    what.schema = json_integer_value(json_object_get(about, "schema"));
    what.epoch = json_integer_value(json_object_get(about, "epoch"));
    what.applied_seq = json_integer_value(json_object_get(about, "applied_seq"));
    bool good = read_text(about, "hash", hash, sizeof hash) &&
                read_text(about, "cursor", what.cursor, sizeof what.cursor) &&
                read_text(about, "history", what.history, sizeof what.history) && what.size > 0 &&
                sodium_hex2bin(what.hash, sizeof what.hash, hash, strlen(hash), NULL, &len, NULL) == 0 &&
                len == sizeof what.hash;
    *ret_this_boot = is_this_boot(about);
    json_decref(about);
    if (good)
        *ret_what = what;
    return good;
}

static enum rc write_about(const struct snapshot_part *part, const struct sync_snapshot *what)
{
    char hash[HEX + 1], boot[BOOT_TEXT + 1];
    read_boot(boot);
    sodium_bin2hex(hash, sizeof hash, what->hash, sizeof what->hash);
    json_t *about =
        json_pack("{s:s, s:I, s:I, s:s, s:s, s:I, s:I, s:s}", "hash", hash, "size", (json_int_t)what->size, "schema",
                  (json_int_t)what->schema, "cursor", what->cursor, "history", what->history, "epoch",
                  (json_int_t)what->epoch, "applied_seq", (json_int_t)what->applied_seq, "boot", boot);
    char *text = about ? json_dumps(about, JSON_COMPACT) : NULL;
    json_decref(about);
    enum rc rc = text ? file_replace(part->dir, ABOUT, text, strlen(text), 0600) : RC_NOMEM;
    free(text);
    return rc;
}

/* Hashes what is there, up to `until`. */
static bool read_back(struct snapshot_part *part, int64_t until)
{
    unsigned char bytes[READ_BYTES];
    begin_hash(part);
    while (part->have < until) {
        int64_t left = until - part->have;
        ssize_t got = pread(part->fd, bytes, left < READ_BYTES ? (size_t)left : READ_BYTES, part->have);
        if (got <= 0)
            return false;
        crypto_generichash_update(&part->hash, bytes, (size_t)got);
        part->have += got;
    }
    part->flushed = part->have;
    return true;
}

static bool open_left(struct snapshot_part *part)
{
    char path[PATH_BYTES];
    struct stat info;
    bool this_boot = false;
    if (!read_about(part, &part->what, &this_boot))
        return false;
    unlink(path_of(part, WAL, path)); /* of a process that ended while it made a catalog of it */
    unlink(path_of(part, SHM, path));
    part->fd = open(path_of(part, PART, path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (part->fd < 0 || fstat(part->fd, &info) != 0 || info.st_size > part->what.size)
        return false;
    /* after a power cut: what was synced before the first byte behind it was written; the last piece, if its end is there */
    bool all = this_boot || info.st_size == part->what.size;
    int64_t surely = all ? info.st_size : info.st_size / SNAPSHOT_SYNC_BYTES * SNAPSHOT_SYNC_BYTES;
    return ftruncate(part->fd, surely) == 0 && read_back(part, surely);
}

enum rc snapshot_part_kept(struct snapshot_part *part, struct sync_snapshot *ret_snapshot, int64_t *ret_have)
{
    if (!part->looked && part->fd < 0) {
        part->looked = true;
        if (!open_left(part))
            snapshot_part_drop(part);
    }
    if (part->fd < 0)
        return RC_NOT_FOUND;
    *ret_snapshot = part->what;
    *ret_have = part->have;
    return RC_OK;
}

/* ---- bytes ---- */

static enum rc check_room(const struct snapshot_part *part, int64_t size)
{
    struct statvfs disk;
    if (statvfs(part->dir, &disk) != 0)
        return rc_of_errno(errno);
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    return free_bytes < (uint64_t)size + SNAPSHOT_RESERVE_BYTES ? RC_DISK_FULL : RC_OK;
}

enum rc snapshot_part_begin(struct snapshot_part *part, const struct sync_snapshot *snapshot)
{
    char path[PATH_BYTES];
    snapshot_part_drop(part);
    enum rc rc = check_room(part, snapshot->size);
    if (rc == RC_OK)
        rc = write_about(part, snapshot);
    if (rc != RC_OK)
        return rc;
    part->fd = open(path_of(part, PART, path), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (part->fd < 0) {
        rc = rc_of_errno(errno);
        snapshot_part_drop(part);
        return rc;
    }
    part->what = *snapshot;
    begin_hash(part);
    return RC_OK;
}

/* Was a record written just now, and since the first look? A process that opens the journal touches it too. */
static bool somebody_scans(struct snapshot_part *part)
{
    char path[PATH_BYTES];
    struct stat info;
    struct timespec now;
    if (stat(path_of(part, "journal.db-wal", path), &info) != 0)
        return false;
    if (!part->journal_at.tv_sec)
        part->journal_at = info.st_mtim;
    bool since = info.st_mtim.tv_sec != part->journal_at.tv_sec || info.st_mtim.tv_nsec != part->journal_at.tv_nsec;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return since && info.st_mtime <= now.tv_sec && now.tv_sec - info.st_mtime <= SCANNING_S;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Half of the time the disk is left to whoever scans. */
static void write_gently(struct snapshot_part *part)
{
    const unsigned flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    int64_t start = now_ns();
    (void)sync_file_range(part->fd, part->flushed, part->have - part->flushed, flags);
    int64_t took = now_ns() - start;
    nanosleep(&(struct timespec){.tv_nsec = (long)(took < PAUSE_MAX_NS ? took : PAUSE_MAX_NS)}, NULL);
}

/* The disk is kept at it in portions: a scan's commit does not wait behind all that came. */
static void write_back(struct snapshot_part *part, bool gently)
{
    int64_t len = part->have - part->flushed;
    if (len < (gently ? GENTLE_BYTES : FLUSH_BYTES))
        return;
    if (gently)
        write_gently(part);
    else
        (void)sync_file_range(part->fd, part->flushed, len, SYNC_FILE_RANGE_WRITE);
    part->flushed = part->have;
}

static enum rc settle(struct snapshot_part *part, int64_t before)
{
    bool whole = part->have / SNAPSHOT_SYNC_BYTES != before / SNAPSHOT_SYNC_BYTES || part->have == part->what.size;
    return whole && fdatasync(part->fd) != 0 ? rc_of_errno(errno) : RC_OK;
}

enum rc snapshot_part_put(struct snapshot_part *part, const void *bytes, size_t len)
{
    const char *at = bytes;
    int64_t before = part->have;
    if (part->fd >= 0 && part->have / LOOK_BYTES != (part->have + (int64_t)len) / LOOK_BYTES)
        part->gently = somebody_scans(part);
    if (part->fd < 0 || len > (size_t)(part->what.size - part->have))
        return RC_PEER; /* more than it was said to be */
    for (size_t left = len; left > 0;) {
        ssize_t put = pwrite(part->fd, at, part->gently && left > GENTLE_BYTES ? GENTLE_BYTES : left, part->have);
        if (put <= 0) {
            enum rc rc = put < 0 ? rc_of_errno(errno) : RC_DISK_FULL;
            snapshot_part_drop(part); /* the room is the journal's */
            return rc;
        }
        crypto_generichash_update(&part->hash, (const unsigned char *)at, (size_t)put);
        part->have += put;
        at += put;
        left -= (size_t)put;
        write_back(part, part->gently);
    }
    return settle(part, before);
}

/* ---- its end ---- */

enum rc snapshot_part_check(struct snapshot_part *part, char *ret_name)
{
    uint8_t hash[CHAIN_HASH_BYTES];
    crypto_generichash_state state = part->hash;
    if (part->fd < 0 || part->have != part->what.size)
        return RC_CORRUPT;
    crypto_generichash_final(&state, hash, sizeof hash);
    if (memcmp(hash, part->what.hash, sizeof hash) != 0)
        return RC_CORRUPT;
    if (fsync(part->fd) != 0)
        return rc_of_errno(errno);
    memcpy(ret_name, PART, sizeof PART);
    return RC_OK;
}

enum rc snapshot_part_rename(struct snapshot_part *part, const char *name)
{
    char from[PATH_BYTES], to[PATH_BYTES];
    if (access(path_of(part, WAL, from), F_OK) == 0)
        return RC_DISK_FULL; /* SQLite could not bring it into the one file */
    if (fsync(part->fd) != 0 || rename(path_of(part, PART, from), path_of(part, name, to)) != 0)
        return rc_of_errno(errno);
    snapshot_part_drop(part);
    int fd = open(part->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum rc rc = fd < 0 || fsync(fd) != 0 ? rc_of_errno(errno) : RC_OK;
    if (fd >= 0)
        close(fd);
    return rc;
}
