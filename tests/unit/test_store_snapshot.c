/* A snapshot on the device: fetched over cuts and ends of processes, thrown away when it is not what was promised, and put in
 * the place of the catalog while somebody scans: what has a name is on disk before it has it. */
#include "app/catalog/catalog.h"
#include "app/catalog/page_sum.h"
#include "app/catalog/schema.h"
#include "app/store/catalogs.h"
#include "app/store/snapshot_part.h"
#include "tests/unit/engine_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEVICE = 7, REPORTS = 90, REPORT = 400000, PATH_BYTES = 200, FILES_MAX = 32, HASH = 32 };

/* ---- what a power cut would find: every sync and every new name passes here ---- */

static struct {
    dev_t dev;
    ino_t inode;
    uint8_t hash[HASH]; /* of what was there at its last sync */
} synced[FILES_MAX];
static int synced_count;
static bool watching, folder_synced, named_too_soon;
static const char *watched_dir;

static bool hash_of(int fd, uint8_t *ret_hash)
{
    static uint8_t bytes[1 << 16];
    crypto_generichash_state state;
    off_t at = 0;
    ssize_t got;
    crypto_generichash_init(&state, NULL, 0, HASH);
    while ((got = pread(fd, bytes, sizeof bytes, at)) > 0) {
        crypto_generichash_update(&state, bytes, (size_t)got);
        at += got;
    }
    crypto_generichash_final(&state, ret_hash, HASH);
    return got == 0;
}

static void note_sync(int fd)
{
    char own[64];
    struct stat info;
    int i = 0;
    if (!watching || fstat(fd, &info) != 0)
        return;
    if (S_ISDIR(info.st_mode)) {
        folder_synced = true;
        return;
    }
    while (i < synced_count && (synced[i].dev != info.st_dev || synced[i].inode != info.st_ino))
        i++;
    if (i == FILES_MAX)
        return;
    if (i == synced_count)
        synced_count++;
    synced[i].dev = info.st_dev;
    synced[i].inode = info.st_ino;
    snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    int copy = (int)syscall(SYS_openat, AT_FDCWD, own, O_RDONLY | O_CLOEXEC, 0);
    if (copy >= 0) {
        hash_of(copy, synced[i].hash);
        close(copy);
    }
}

static bool is_synced(const char *path)
{
    struct stat info;
    uint8_t hash[HASH];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool same = false;
    if (fd < 0)
        return false;
    if (fstat(fd, &info) == 0 && hash_of(fd, hash))
        for (int i = 0; i < synced_count; i++)
            same |= synced[i].dev == info.st_dev && synced[i].inode == info.st_ino &&
                    memcmp(hash, synced[i].hash, HASH) == 0;
    close(fd);
    return same;
}

int fsync(int fd)
{
    int done = (int)syscall(SYS_fsync, fd);
    note_sync(fd);
    return done;
}

int fdatasync(int fd)
{
    int done = (int)syscall(SYS_fdatasync, fd);
    note_sync(fd);
    return done;
}

/* CURRENT names a catalog that is on disk as it is, under its name. */
static void check_current(const char *from)
{
    char name[64] = "", path[PATH_BYTES];
    FILE *file = fopen(from, "r");
    assert_non_null(file);
    assert_non_null(fgets(name, sizeof name, file));
    fclose(file);
    name[strcspn(name, "\n")] = '\0';
    snprintf(path, sizeof path, "%s/%s", watched_dir, name);
    named_too_soon |= !is_synced(path) || !folder_synced;
}

int rename(const char *from, const char *to)
{
    size_t len = strlen(to);
    if (watching && len > 8 && strcmp(to + len - 8, "/CURRENT") == 0)
        check_current(from);
    else
        folder_synced = false;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* ---- the world ---- */

#define CODE(serial, holder)                                                                                         \
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)" serial "\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0," \
    "\"holder\":\"" holder "\"}\n"

static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"D\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Kit\",\"gtin\":[\"05901234123457\"],\"control\":\"item\"}\n"
    "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"L1\",\"expires\":\"2028-01-10\",\"quality\":\"released\"}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,1\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"state\":"
    "\"open\",\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"lines\":[{\"line\":\"1\",\"product\":\"B\",\"qty\":\"9\"}]"
    "}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\",\"pin\":\"2468\"}\n";
static const char OLD[] = CODE("OLD1", "site:CDB") CODE("OLD2", "site:CDB");
static const char NEW[] = CODE("OLD1", "site:CDB") CODE("OLD2", "party:D-1") CODE("NEW1", "site:CDB") CODE(
    "NEW2", "site:CDB") "{\"type\":\"share\",\"doc\":\"t:out,1\",\"device\":7,\"lines\":null,\"progress\":[{\"line\":"
                        "\"1\",\"qty\":\"2\"}]}\n"
                        "{\"type\":\"share\",\"doc\":\"t:out,1\",\"device\":8,\"lines\":null}\n";

struct world {
    struct engine_world engine;
    struct sync_store sync;
    struct sync_snapshot what;
    char *bytes;
};

static char *both(const char *more, int reports)
{
    static uint8_t report[REPORT];
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    fprintf(out, "%s%s", FEED, more);
    for (int i = 0; i < reports; i++) {
        fprintf(out, "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"R%d\",\"facts\":{\"report\":\"", i);
        randombytes_buf(report, sizeof report);
        for (int n = 0; n < REPORT; n++)
            report[n] = 'a' + (report[n] & 15);
        fwrite(report, 1, sizeof report, out);
        fputs("\"}}\n", out);
    }
    fclose(out);
    return text;
}

static void make_snapshot(struct world *world, int reports, const char *sql)
{
    char path[PATH_BYTES], *feed = both(NEW, reports);
    struct catalog *catalog;
    struct feed_error error = {.text = ""};
    long count;
    snprintf(path, sizeof path, "%s.snap", world->engine.dir);
    unlink(path);
    FILE *stream = fmemopen(feed, strlen(feed), "r");
    assert_int_equal(catalog_open(path, CATALOG_WRITE, &catalog), RC_OK);
    if (catalog_import(catalog, stream, NULL, &count, &error) != RC_OK)
        fail_msg("%s", error.text);
    catalog_close(catalog);
    fclose(stream);
    free(feed);
    if (sql) {
        sqlite3 *db;
        assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, page_sum_vfs()), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
    }
    FILE *file = fopen(path, "rb");
    fseek(file, 0, SEEK_END);
    world->what = (struct sync_snapshot){.size = ftell(file), .schema = SCHEMA_VERSION, .epoch = 1, .applied_seq = 1};
    rewind(file);
    free(world->bytes);
    world->bytes = malloc((size_t)world->what.size);
    assert_int_equal(fread(world->bytes, 1, (size_t)world->what.size, file), world->what.size);
    fclose(file);
    unlink(path);
    crypto_generichash(world->what.hash, sizeof world->what.hash, (uint8_t *)world->bytes, (size_t)world->what.size,
                       NULL, 0);
    strcpy(world->what.cursor, "h-9-1-1");
    strcpy(world->what.history, "h");
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct sync_identity identity = {.enrolled = true, .device = DEVICE, .site = "CDB", .url = "http://127.0.0.1:1"};
    char *feed = both(OLD, 0);
    engine_world_open(&world->engine, feed);
    free(feed);
    assert_int_equal(identity_save(world->engine.dir, &identity), RC_OK);
    world->sync = world->engine.sync;
    make_snapshot(world, 0, NULL);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    watching = false;
    engine_world_close(&world->engine);
    free(world->bytes);
    free(world);
    return 0;
}

/* A process ends, another one begins. */
static void again(struct world *world)
{
    engine_world_reopen(&world->engine);
    world->sync = world->engine.sync;
}

static enum rc put(struct world *world, int64_t from, int64_t to)
{
    enum rc rc = RC_OK;
    for (int64_t at = from; at < to && rc == RC_OK; at += 16000)
        rc = world->sync.snapshot.put(world->sync.context, world->bytes + at,
                                      (size_t)(to - at < 16000 ? to - at : 16000));
    return rc;
}

static int64_t have(struct world *world)
{
    struct sync_snapshot kept;
    int64_t bytes = 0;
    enum rc rc = world->sync.snapshot.kept(world->sync.context, &kept, &bytes);
    if (rc == RC_NOT_FOUND)
        return -1;
    assert_int_equal(rc, RC_OK);
    assert_memory_equal(kept.hash, world->what.hash, sizeof kept.hash);
    assert_string_equal(kept.cursor, world->what.cursor);
    assert_true(kept.size == world->what.size && kept.applied_seq == 1 && kept.epoch == 1);
    return bytes;
}

static void begin(struct world *world)
{
    struct sync_state now;
    assert_int_equal(world->sync.state(world->sync.context, &now), RC_OK);
    assert_int_equal(world->sync.snapshot.begin(world->sync.context, &world->what), RC_OK);
}

static enum rc end(struct world *world)
{
    return world->sync.snapshot.end(world->sync.context);
}

static void check_current_is(struct world *world, const char *name)
{
    struct catalogs_mark mark;
    assert_int_equal(catalogs_current(world->engine.dir, &mark), RC_OK);
    assert_string_equal(mark.name, name);
}

static bool exists(const struct world *world, const char *name)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", world->engine.dir, name);
    return access(path, F_OK) == 0;
}

static bool knows(struct catalog *catalog, const char *key)
{
    struct codebook_entry entry;
    return codebook_find(catalog_codebook(catalog), key, &entry) == RC_OK;
}

/* ---- tests ---- */

#define SCANNED "]C1010590123412345721"

static void swapped_under_a_hand(void **state)
{
    struct world *world = *state;
    char path[PATH_BYTES];
    struct catalog *reader;
    struct sync_state now;
    const struct sync_receipt refused = {.seq = 2, .verdict = SYNC_REFUSED, .reason = "lost-claim"};
    engine_world_expect(&world->engine, "SO-1", SCANNED "OLD1", "ok", "accept");
    begin(world);
    assert_int_equal(world->sync.heard(world->sync.context, "h", 1795305600000), RC_OK);
    assert_int_equal(world->sync.acked(world->sync.context, 2, &refused, 1), RC_OK);
    assert_int_equal(put(world, 0, world->what.size / 2), RC_OK);
    engine_world_expect(&world->engine, "SO-1", SCANNED "NEW1", "unregistered", "reject");
    assert_int_equal(put(world, world->what.size / 2, world->what.size), RC_OK);
    snprintf(path, sizeof path, "%s/catalog-1.db", world->engine.dir);
    assert_int_equal(catalog_open(path, CATALOG_READ, &reader), RC_OK);
    assert_int_equal(end(world), RC_OK);
    check_current_is(world, "catalog-2.db");
    assert_true(knows(reader, "(01)05901234123457(21)OLD2") && !knows(reader, "(01)05901234123457(21)NEW1"));
    catalog_close(reader);
    engine_world_expect(&world->engine, "SO-1", SCANNED "NEW1", "shared-order", "warn");
    engine_world_expect(&world->engine, "SO-1", SCANNED "OLD2", "already-shipped", "reject");
    assert_int_equal(world->sync.state(world->sync.context, &now), RC_OK);
    assert_true(now.acked_seq == 2 && now.applied_seq == 1);
    assert_string_equal(now.cursor, "h-9-1-1");
    assert_string_equal(now.history, "h");
    assert_false(exists(world, "snapshot.part") || exists(world, "snapshot") || exists(world, "snapshot.part-wal"));
    assert_false(exists(world, "catalog-1.db")); /* the hand has turned to the new one */
    snprintf(path, sizeof path, "%s/catalog-2.db", world->engine.dir);
    assert_int_equal(catalog_open(path, CATALOG_READ, &reader), RC_OK);
    assert_true(catalog_refused(reader, 1, 2));
    catalog_close(reader);
    sqlite3 *db;
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, page_sum_vfs()), SQLITE_OK);
    sqlite3_prepare_v2(db, "SELECT group_concat(device) || (SELECT count(*) FROM share_progress) FROM share", -1,
                       &row, NULL);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(row, 0), "80"); /* another's share, none of its own */
    sqlite3_finalize(row);
    sqlite3_close(db);
}

/* Whatever is named CURRENT is on disk already, whole, under its name. */
static void on_disk_before_it_is_named(void **state)
{
    struct world *world = *state;
    watched_dir = world->engine.dir;
    begin(world);
    watching = true;
    synced_count = 0;
    named_too_soon = folder_synced = false;
    assert_int_equal(put(world, 0, world->what.size), RC_OK);
    assert_int_equal(end(world), RC_OK);
    watching = false;
    check_current_is(world, "catalog-2.db");
    if (named_too_soon)
        fail_msg("FAILED: a catalog is on disk before CURRENT names it");
}

static void aside_of_one_begun_anew(void **state)
{
    struct world *world = *state;
    struct sync_state now;
    assert_int_equal(world->sync.state(world->sync.context, &now), RC_OK);
    assert_int_equal(world->sync.restart(world->sync.context, "h", 0), RC_OK);
    check_current_is(world, "catalog-1.db");
    assert_true(exists(world, "catalog-2.db"));
    assert_int_equal(world->sync.snapshot.begin(world->sync.context, &world->what), RC_OK);
    assert_int_equal(put(world, 0, world->what.size), RC_OK);
    assert_int_equal(end(world), RC_OK);
    check_current_is(world, "catalog-3.db");
    assert_false(exists(world, "catalog-2.db"));
}

static void a_process_ends(void **state)
{
    struct world *world = *state;
    char path[PATH_BYTES], about[2048] = "";
    make_snapshot(world, REPORTS, NULL);
    assert_true(world->what.size > SNAPSHOT_SYNC_BYTES);
    begin(world);
    assert_int_equal(put(world, 0, 50000), RC_OK);
    again(world);
    assert_int_equal(have(world), 50000);
    assert_int_equal(put(world, 50000, SNAPSHOT_SYNC_BYTES + 1234), RC_OK);
    /* after a power cut only what was surely synced counts */
    snprintf(path, sizeof path, "%s/snapshot", world->engine.dir);
    FILE *file = fopen(path, "r+");
    assert_true(fread(about, 1, sizeof about - 1, file) > 0);
    char *boot = strstr(about, "\"boot\":\"");
    assert_non_null(boot);
    boot[8] = boot[8] == '0' ? '1' : '0';
    rewind(file);
    fputs(about, file);
    fclose(file);
    again(world);
    assert_int_equal(have(world), SNAPSHOT_SYNC_BYTES);
    assert_int_equal(put(world, SNAPSHOT_SYNC_BYTES, world->what.size), RC_OK);
    again(world); /* between the last byte and the swap */
    assert_int_equal(have(world), world->what.size);
    struct sync_state now;
    assert_int_equal(world->sync.state(world->sync.context, &now), RC_OK);
    assert_int_equal(end(world), RC_OK);
    engine_world_expect(&world->engine, "SO-1", SCANNED "NEW2", "shared-order", "warn");
}

static void check_thrown_away(struct world *world, enum rc expected)
{
    assert_int_equal(end(world), expected);
    assert_int_equal(have(world), -1);
    check_current_is(world, "catalog-1.db");
    assert_false(exists(world, "snapshot.part") || exists(world, "snapshot") || exists(world, "catalog-2.db"));
    engine_world_expect(&world->engine, "SO-1", SCANNED "OLD1", "ok", "accept");
}

static void other_bytes(void **state)
{
    struct world *world = *state;
    begin(world);
    world->bytes[world->what.size / 2] ^= 1;
    assert_int_equal(put(world, 0, world->what.size), RC_OK);
    check_thrown_away(world, RC_CORRUPT);
}

static void too_few_and_too_many(void **state)
{
    struct world *world = *state;
    begin(world);
    assert_int_equal(put(world, 0, 1000), RC_OK);
    assert_int_equal(end(world), RC_CORRUPT);
    begin(world);
    assert_int_equal(put(world, 0, world->what.size), RC_OK);
    assert_int_equal(world->sync.snapshot.put(world->sync.context, "x", 1), RC_PEER);
    assert_int_equal(end(world), RC_OK);
    assert_int_equal(world->sync.snapshot.put(world->sync.context, "x", 1), RC_PEER);
}

static void no_catalog(void **state)
{
    struct world *world = *state;
    memset(world->bytes, 'x', (size_t)world->what.size);
    crypto_generichash(world->what.hash, sizeof world->what.hash, (uint8_t *)world->bytes, (size_t)world->what.size,
                       NULL, 0);
    begin(world);
    assert_int_equal(put(world, 0, world->what.size), RC_OK);
    check_thrown_away(world, RC_CORRUPT);
}

static void with_a_trigger(void **state)
{
    struct world *world = *state;
    make_snapshot(world, 0, "CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM code; END");
    begin(world);
    assert_int_equal(put(world, 0, world->what.size), RC_OK);
    check_thrown_away(world, RC_CORRUPT);
}

static void of_a_newer_program(void **state)
{
    struct world *world = *state;
    world->what.schema = SCHEMA_VERSION + 1;
    assert_int_equal(world->sync.snapshot.begin(world->sync.context, &world->what), RC_NEWER);
    assert_int_equal(have(world), -1);
    make_snapshot(world, 0, "PRAGMA user_version=99");
    begin(world);
    assert_int_equal(put(world, 0, world->what.size), RC_OK);
    check_thrown_away(world, RC_NEWER);
}

static void no_room(void **state)
{
    struct world *world = *state;
    world->what.size = INT64_C(1) << 60;
    assert_int_equal(world->sync.snapshot.begin(world->sync.context, &world->what), RC_DISK_FULL);
    assert_int_equal(have(world), -1);
    assert_false(exists(world, "snapshot"));
}

static void what_is_left_is_unreadable(void **state)
{
    struct world *world = *state;
    char path[PATH_BYTES];
    begin(world);
    assert_int_equal(put(world, 0, 1000), RC_OK);
    snprintf(path, sizeof path, "%s/snapshot", world->engine.dir);
    FILE *file = fopen(path, "w");
    fputs("{\"hash\":", file);
    fclose(file);
    again(world);
    assert_int_equal(have(world), -1);
    assert_false(exists(world, "snapshot.part") || exists(world, "snapshot"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(swapped_under_a_hand),
        TEST(on_disk_before_it_is_named),
        TEST(aside_of_one_begun_anew),
        TEST(a_process_ends),
        TEST(other_bytes),
        TEST(too_few_and_too_many),
        TEST(no_catalog),
        TEST(with_a_trigger),
        TEST(of_a_newer_program),
        TEST(no_room),
        TEST(what_is_left_is_unreadable),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
