#include "sync/server/shelf.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NAME_BYTES = 16, READ_BYTES = 1 << 18, KEY_TEXT_MAX = ID_MAX + 32 };

static const char MAKING[] = "making-", SCOPE[] = "scope-";

static enum rc rc_now(void)
{
    return errno == ENOENT ? RC_NOT_FOUND : errno == ENOSPC || errno == EDQUOT ? RC_DISK_FULL : RC_IO;
}

static void path_of(const char *folder, const char *name, const char *end, char *ret_path)
{
    snprintf(ret_path, SHELF_PATH_MAX + 1, "%s/%s%s", folder, name, end);
}

static enum rc sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return rc_now();
    enum rc rc = fsync(fd) == 0 ? RC_OK : rc_now();
    close(fd);
    return rc;
}

/* ---- the folder ---- */

static void remove_database(const char *folder, const char *name)
{
    static const char *const ENDS[] = {"", "-wal", "-shm", "-journal"};
    char path[SHELF_PATH_MAX + 1];
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++) {
        path_of(folder, name, ENDS[i], path);
        unlink(path);
    }
}

/* Begun by a process that is no more: one that is at it touches its file. */
static void remove_leftovers(const char *folder)
{
    char path[SHELF_PATH_MAX + 1];
    struct stat info;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strncmp(entry->d_name, MAKING, sizeof MAKING - 1) != 0 || strlen(entry->d_name) > NAME_MAX_BYTES)
            continue;
        snprintf(path, sizeof path, "%s/%.90s", folder, entry->d_name);
        if (stat(path, &info) == 0 && info.st_mtime < time(NULL) - SHELF_LEFTOVER_S)
            unlink(path);
    }
    if (dir)
        closedir(dir);
}

enum rc shelf_open(const char *folder)
{
    char path[SHELF_PATH_MAX + 1];
    if (strlen(folder) > SHELF_FOLDER_MAX)
        return RC_TOO_BIG;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return rc_now();
    shelf_making_path(folder, path);
    remove_database(folder, path + strlen(folder) + 1); /* a process had this number before */
    remove_leftovers(folder);
    return RC_OK;
}

void shelf_making_path(const char *folder, char *ret_path)
{
    char name[40];
    snprintf(name, sizeof name, "%s%ld", MAKING, (long)getpid());
    path_of(folder, name, ".db", ret_path);
}

/* ---- which one a scope has ---- */

static void index_path(const char *folder, const char *site, int64_t mark, char *ret_path)
{
    char key[KEY_TEXT_MAX], hex[2 * NAME_BYTES + 1], name[sizeof SCOPE + sizeof hex];
    uint8_t hash[NAME_BYTES];
    int len = snprintf(key, sizeof key, "%" PRId64 " %s", mark, site);
    crypto_generichash(hash, sizeof hash, (const uint8_t *)key, (size_t)len, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    snprintf(name, sizeof name, "%s%s", SCOPE, hex);
    path_of(folder, name, ".json", ret_path);
}

static json_t *load_index(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0 || info.st_size > SHELF_INDEX_MAX)
        return NULL;
    return json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
}

static void copy_text(const json_t *object, const char *name, char *ret_text, size_t size)
{
    const char *text = json_string_value(json_object_get(object, name));
    snprintf(ret_text, size, "%s", text ? text : "");
}

static bool is_hash(const char *text)
{
    return strlen(text) == SNAPSHOT_HASH_TEXT && strspn(text, "0123456789abcdef") == SNAPSHOT_HASH_TEXT;
}

static void read_entry(json_t *object, struct shelf_entry *entry)
{
    copy_text(object, "site", entry->site, sizeof entry->site);
    copy_text(object, "history", entry->history, sizeof entry->history);
    copy_text(object, "hash", entry->hash, sizeof entry->hash);
    copy_text(object, "before", entry->before, sizeof entry->before);
    entry->mark = json_integer_value(json_object_get(object, "mark"));
    entry->size = json_integer_value(json_object_get(object, "size"));
    entry->schema = json_integer_value(json_object_get(object, "schema"));
    entry->n = json_integer_value(json_object_get(object, "n"));
    entry->devices = json_incref(json_object_get(object, "devices"));
}

enum rc shelf_find(const char *folder, const char *site, int64_t mark, struct shelf_entry *ret_entry)
{
    char path[SHELF_PATH_MAX + 1];
    struct shelf_entry entry = {.mark = 0};
    struct stat info;
    index_path(folder, site, mark, path);
    json_t *object = load_index(path);
    if (!object)
        return RC_NOT_FOUND;
    read_entry(object, &entry);
    json_decref(object);
    bool good = is_hash(entry.hash) && strcmp(entry.site, site) == 0 && entry.mark == mark && entry.size > 0;
    path_of(folder, entry.hash, ".db", path);
    if (!good || stat(path, &info) != 0 || info.st_size != entry.size) {
        shelf_entry_free(&entry);
        return RC_NOT_FOUND;
    }
    *ret_entry = entry;
    return RC_OK;
}

void shelf_entry_free(struct shelf_entry *entry)
{
    json_decref(entry->devices);
    entry->devices = NULL;
}

/* ---- a new one ---- */

static enum rc hash_file(const char *path, char *ret_hex, int64_t *ret_size)
{
    crypto_generichash_state state;
    uint8_t hash[SNAPSHOT_HASH_BYTES];
    int64_t size = 0;
    ssize_t got = 0;
    uint8_t *bytes = malloc(READ_BYTES);
    int fd = bytes ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    enum rc rc = !bytes ? RC_NOMEM : fd < 0 ? rc_now() : RC_OK;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    while (rc == RC_OK && (got = read(fd, bytes, READ_BYTES)) > 0) {
        crypto_generichash_update(&state, bytes, (size_t)got);
        size += got;
    }
    if (got < 0)
        rc = rc_now();
    if (rc == RC_OK && fsync(fd) != 0)
        rc = rc_now();
    if (fd >= 0)
        close(fd);
    free(bytes);
    if (rc != RC_OK)
        return rc;
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(ret_hex, SNAPSHOT_HASH_TEXT + 1, hash, sizeof hash);
    *ret_size = size;
    return RC_OK;
}

static enum rc write_index(const char *path, const struct shelf_entry *entry)
{
    char aside[SHELF_PATH_MAX + 8];
    json_t *object = json_pack("{s:s, s:I, s:s, s:s, s:s, s:I, s:I, s:I, s:O?}", "site", entry->site, "mark",
                               (json_int_t)entry->mark, "history", entry->history, "hash", entry->hash, "before",
                               entry->before, "size", (json_int_t)entry->size, "schema", (json_int_t)entry->schema,
                               "n", (json_int_t)entry->n, "devices", entry->devices);
    snprintf(aside, sizeof aside, "%s.new", path);
    bool done = object && json_dump_file(object, aside, JSON_COMPACT) == 0;
    json_decref(object);
    enum rc rc = done ? sync_path(aside, O_RDONLY) : rc_now();
    if (rc == RC_OK && rename(aside, path) != 0)
        rc = rc_now();
    if (rc != RC_OK)
        unlink(aside);
    return rc;
}

static void remove_bytes(const char *folder, const char *hash)
{
    char path[SHELF_PATH_MAX + 1];
    path_of(folder, hash, ".db", path);
    if (is_hash(hash))
        unlink(path);
}

/* The scope whose snapshot is the oldest loses it, where there are too many. */
static void make_room(const char *folder)
{
    char path[SHELF_PATH_MAX + 1], oldest[SHELF_PATH_MAX + 1] = "";
    struct stat info;
    time_t when = 0;
    int count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strncmp(entry->d_name, SCOPE, sizeof SCOPE - 1) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%.90s", folder, entry->d_name);
        if (stat(path, &info) != 0)
            continue;
        count++;
        if (!oldest[0] || info.st_mtime < when) {
            when = info.st_mtime;
            memcpy(oldest, path, sizeof oldest);
        }
    }
    if (dir)
        closedir(dir);
    json_t *object = count > SHELF_SCOPES_MAX ? load_index(oldest) : NULL;
    if (object) {
        struct shelf_entry entry = {.mark = 0};
        read_entry(object, &entry);
        unlink(oldest);
        remove_bytes(folder, entry.hash);
        remove_bytes(folder, entry.before);
        shelf_entry_free(&entry);
        json_decref(object);
    }
}

enum rc shelf_put(const char *folder, const char *made, struct shelf_entry *entry)
{
    char path[SHELF_PATH_MAX + 1], index[SHELF_PATH_MAX + 1];
    struct shelf_entry old = {.mark = 0};
    index_path(folder, entry->site, entry->mark, index);
    bool had = shelf_find(folder, entry->site, entry->mark, &old) == RC_OK;
    enum rc rc = hash_file(made, entry->hash, &entry->size);
    path_of(folder, entry->hash, ".db", path);
    if (rc == RC_OK && rename(made, path) != 0)
        rc = rc_now();
    snprintf(entry->before, sizeof entry->before, "%s", had && strcmp(old.hash, entry->hash) != 0 ? old.hash : "");
    if (rc == RC_OK)
        rc = write_index(index, entry);
    if (rc == RC_OK)
        rc = sync_path(folder, O_RDONLY | O_DIRECTORY);
    /* who fetches the last one may end that; the one before it is nobody's any more */
    if (rc == RC_OK && had && strcmp(old.before, entry->hash) != 0)
        remove_bytes(folder, old.before);
    if (rc == RC_OK)
        make_room(folder);
    shelf_entry_free(&old);
    return rc;
}

enum rc shelf_bytes(const char *folder, const char *hash, int *ret_fd, int64_t *ret_size)
{
    char path[SHELF_PATH_MAX + 1];
    struct stat info;
    path_of(folder, hash, ".db", path);
    int fd = is_hash(hash) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return RC_NOT_FOUND;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return RC_NOT_FOUND;
    }
    *ret_fd = fd;
    *ret_size = info.st_size;
    return RC_OK;
}
