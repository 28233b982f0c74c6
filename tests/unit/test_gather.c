/* The journal's writes, gathered: below the VFS stands one that counts what reaches the disk and can fail. */
#include "app/catalog/over_file.h"
#include "app/store/gather.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { PATH_ROOM = 128, BIG_ROWS = 2000, READERS = 6 /* there are slots for four */ };

static struct {
    sqlite3_vfs vfs, *real;
    sqlite3_io_methods database, log;
    int writes, syncs, locks;
    sqlite3_int64 longest;
    int fail; /* so many writes from here on */
} disk;

static int log_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    sqlite3_file *real = ((struct over_file *)file)->real;
    if (disk.fail > 0 && disk.fail--)
        return SQLITE_FULL;
    disk.writes++;
    disk.longest = len > disk.longest ? len : disk.longest;
    return real->pMethods->xWrite(real, bytes, len, offset);
}

static int log_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *real = ((struct over_file *)file)->real;
    disk.syncs++;
    return real->pMethods->xSync(real, flags);
}

static int database_lock(sqlite3_file *file, int offset, int count, int flags)
{
    sqlite3_file *real = ((struct over_file *)file)->real;
    disk.locks++;
    return real->pMethods->xShmLock(real, offset, count, flags);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    struct over_file *over = (struct over_file *)file;
    (void)vfs;
    if (!(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return disk.real->xOpen(disk.real, name, file, flags, ret_flags);
    memset(over, 0, sizeof *over);
    over->real = (sqlite3_file *)(over + 1);
    int code = disk.real->xOpen(disk.real, name, over->real, flags, ret_flags);
    if (code == SQLITE_OK)
        over->base.pMethods = flags & SQLITE_OPEN_WAL ? &disk.log : &disk.database;
    return code;
}

static int register_disk(void **state)
{
    (void)state;
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.pNext = NULL;
    disk.vfs.zName = "counting";
    disk.vfs.szOsFile = (int)sizeof(struct over_file) + disk.real->szOsFile;
    disk.vfs.xOpen = open_file;
    disk.database = disk.log = over_file_methods();
    disk.database.xShmLock = database_lock;
    disk.log.xWrite = log_write;
    disk.log.xSync = log_sync;
    return sqlite3_vfs_register(&disk.vfs, 1);
}

/* ---- a database ---- */

static char path[PATH_ROOM];

static sqlite3 *open_by(const char *vfs, int flags)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, flags, vfs), SQLITE_OK);
    return db;
}

static int run(sqlite3 *db, const char *text)
{
    return sqlite3_exec(db, text, NULL, NULL, NULL);
}

static sqlite3 *make(const char *synchronous)
{
    char text[PATH_ROOM];
    char folder[] = "/tmp/test_gather_XXXXXX";
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/journal.db", folder);
    sqlite3 *db = open_by(gather_vfs(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    snprintf(text, sizeof text, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=%s",
             synchronous);
    assert_int_equal(run(db, text), SQLITE_OK);
    assert_int_equal(run(db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX i ON t(b)"), SQLITE_OK);
    return db;
}

static void drop(sqlite3 *db)
{
    static const char *const tails[] = {"", "-wal", "-shm"};
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        char name[PATH_ROOM + 8];
        snprintf(name, sizeof name, "%s%s", path, tails[i]);
        unlink(name);
    }
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0);
}

static int number(sqlite3 *db, const char *text)
{
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    int found = sqlite3_column_int(row, 0);
    assert_int_equal(sqlite3_finalize(row), SQLITE_OK);
    return found;
}

static int count_by_another(const char *vfs)
{
    sqlite3 *other = open_by(vfs, SQLITE_OPEN_READONLY);
    sqlite3_db_config(other, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int count = number(other, "SELECT count(*) FROM t");
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    return count;
}

/* ---- what is promised ---- */

static void commit_is_one_write_and_one_sync(void **state)
{
    (void)state;
    sqlite3 *db = make("FULL");
    for (int i = 0; i < 5; i++) {
        disk.writes = disk.syncs = 0;
        assert_int_equal(run(db, "INSERT INTO t(b) VALUES(hex(randomblob(99)))"), SQLITE_OK);
        assert_int_equal(disk.writes, 1);
        assert_int_equal(disk.syncs, 1);
    }
    drop(db);
}

static void log_is_long_from_the_first_commit(void **state)
{
    (void)state;
    char name[PATH_ROOM + 8];
    sqlite3 *db = make("FULL");
    snprintf(name, sizeof name, "%s-wal", path);
    FILE *log = fopen(name, "rb");
    assert_non_null(log);
    assert_int_equal(fseek(log, 0, SEEK_END), 0);
    assert_int_equal(ftell(log), GATHER_LOG_BYTES);
    assert_int_equal(run(db, "INSERT INTO t(b) VALUES(randomblob(1000000))"), SQLITE_OK);
    assert_int_equal(fseek(log, 0, SEEK_END), 0);
    assert_true(ftell(log) > 2000000);
    assert_int_equal(ftell(log) % GATHER_LOG_BYTES, 0);
    fclose(log);
    drop(db);
}

/* Whoever may see a commit can read it, whatever `synchronous` says. */
static void others_read_what_was_committed(void **state)
{
    static const char *const settings[] = {"FULL", "NORMAL", "OFF"};
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        sqlite3 *db = make(settings[i]);
        for (int n = 1; n <= 3; n++) {
            assert_int_equal(run(db, "INSERT INTO t(b) VALUES('x')"), SQLITE_OK);
            assert_int_equal(count_by_another(NULL), n);
            assert_int_equal(count_by_another(gather_vfs()), n);
        }
        drop(db);
    }
}

/* More than is gathered at once, and pages that leave a small cache before the commit and are read again. */
static void large_transactions_come_through(void **state)
{
    (void)state;
    char text[256];
    sqlite3 *db = make("FULL");
    disk.longest = 0;
    assert_int_equal(run(db, "PRAGMA cache_size=10"), SQLITE_OK);
    snprintf(text, sizeof text,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d)"
             " INSERT INTO t(b) SELECT hex(randomblob(200)) FROM n",
             (int)BIG_ROWS);
    assert_int_equal(run(db, text), SQLITE_OK);
    assert_int_equal(count_by_another(NULL), BIG_ROWS);
    assert_int_equal(number(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'"), 1);
    assert_true(disk.longest <= GATHER_BYTES);
    drop(db);
}

static void failed_write_fails_its_transaction(void **state)
{
    (void)state;
    sqlite3 *db = make("FULL");
    assert_int_equal(run(db, "INSERT INTO t(b) VALUES('before')"), SQLITE_OK);
    disk.fail = 1;
    assert_int_equal(run(db, "INSERT INTO t(b) VALUES('lost')"), SQLITE_FULL);
    assert_int_equal(count_by_another(NULL), 1);
    assert_int_equal(run(db, "INSERT INTO t(b) VALUES('after')"), SQLITE_OK);
    assert_int_equal(count_by_another(NULL), 2);
    assert_int_equal(number(db, "SELECT count(*) FROM t WHERE b='lost'"), 0);
    assert_int_equal(number(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'"), 1);
    drop(db);
}

/* Without FULL a commit is told before it is written: what could not be then is written with the next one. */
static void told_write_is_not_forgotten(void **state)
{
    (void)state;
    sqlite3 *db = make("NORMAL");
    disk.fail = 1;
    assert_int_equal(run(db, "INSERT INTO t(b) VALUES('told')"), SQLITE_OK);
    assert_int_equal(disk.fail, 0);
    assert_int_equal(run(db, "INSERT INTO t(b) VALUES('next')"), SQLITE_OK);
    assert_int_equal(count_by_another(NULL), 2);
    assert_int_equal(number(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'"), 1);
    drop(db);
}

static void lock_is_kept_and_given_back(void **state)
{
    (void)state;
    sqlite3 *db = make("FULL");
    assert_int_equal(run(db, "INSERT INTO t(b) VALUES('x')"), SQLITE_OK);
    sqlite3 *other = open_by(NULL, SQLITE_OPEN_READWRITE);
    assert_int_equal(run(other, "BEGIN IMMEDIATE"), SQLITE_BUSY);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    assert_int_equal(run(db, "PRAGMA wal_checkpoint(RESTART); INSERT INTO t(b) VALUES('y')"), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    db = open_by(NULL, SQLITE_OPEN_READWRITE);
    assert_int_equal(run(db, "INSERT INTO t(b) VALUES('z')"), SQLITE_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 3);
    drop(db);
}

/* A reader may have to take the lock for a moment, when it is the first that opens what a dead writer left. */
static void reader_keeps_no_lock(void **state)
{
    (void)state;
    char index[PATH_ROOM + 8];
    sqlite3 *db = make("FULL");
    assert_int_equal(run(db, "INSERT INTO t(b) VALUES('x')"), SQLITE_OK);
    snprintf(index, sizeof index, "%s-shm", path);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    unlink(index);
    sqlite3 *reader = open_by(gather_vfs(), SQLITE_OPEN_READONLY);
    sqlite3_db_config(reader, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 1);
    db = open_by(gather_vfs(), SQLITE_OPEN_READWRITE);
    assert_int_equal(run(db, "INSERT INTO t(b) VALUES('y')"), SQLITE_OK);
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 2);
    assert_int_equal(sqlite3_close(reader), SQLITE_OK);
    drop(db);
}

static void log_grows_in_pauses(void **state)
{
    (void)state;
    sqlite3 *db = make("FULL");
    assert_int_equal(sqlite3_file_control(db, NULL, GATHER_LOOK_AHEAD, NULL), SQLITE_OK);
    disk.syncs = disk.writes = 0;
    assert_int_equal(sqlite3_file_control(db, NULL, GATHER_LOOK_AHEAD, NULL), SQLITE_OK);
    assert_int_equal(disk.syncs + disk.writes, 0); /* it is long enough */
    for (int written = 0, i = 1; written < GATHER_AHEAD_BYTES - GATHER_BYTES; i++) {
        assert_int_equal(run(db, "INSERT INTO t(b) VALUES(randomblob(9000))"), SQLITE_OK);
        assert_int_equal(disk.writes, i);
        assert_int_equal(disk.syncs, i);
        written = i * 6 * (4096 + 24); /* at least */
    }
    disk.syncs = disk.writes = 0;
    assert_int_equal(sqlite3_file_control(db, NULL, GATHER_LOOK_AHEAD, NULL), SQLITE_OK);
    assert_int_equal(disk.syncs, 1);
    assert_true(disk.writes >= GATHER_AHEAD_BYTES / 2 / GATHER_BYTES);
    drop(db);
}

static void writer_takes_no_read_locks(void **state)
{
    (void)state;
    sqlite3 *db = make("FULL");
    assert_int_equal(run(db, "INSERT INTO t(b) VALUES('x')"), SQLITE_OK);
    disk.locks = 0;
    assert_int_equal(run(db, "BEGIN IMMEDIATE; SELECT * FROM t; INSERT INTO t(b) VALUES('y'); COMMIT"), SQLITE_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 2);
    assert_int_equal(disk.locks, 0);
    int frames = 0, done = 0;
    assert_int_equal(sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &done), SQLITE_OK);
    assert_true(frames > 0 && disk.locks > 0);
    assert_int_equal(done, frames);
    drop(db);
}

/* Readers at other states each, more than there are slots, while the log is written, checkpointed and begun anew. */
static void readers_keep_their_state(void **state)
{
    (void)state;
    sqlite3 *db = make("FULL"), *readers[READERS];
    for (int i = 0; i < READERS; i++) {
        readers[i] = open_by(i % 2 ? NULL : gather_vfs(), SQLITE_OPEN_READONLY);
        sqlite3_db_config(readers[i], SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
    for (int n = 0, begun[READERS] = {0}; n < 200; n++) {
        int i = n % READERS;
        assert_int_equal(run(db, "INSERT INTO t(b) VALUES(hex(randomblob(300)))"), SQLITE_OK);
        assert_int_equal(run(readers[i], n < READERS ? "BEGIN" : "COMMIT; BEGIN"), SQLITE_OK);
        begun[i] = n + 1;
        for (int j = 0; j < READERS && j <= n; j++) {
            assert_int_equal(number(readers[j], "SELECT count(*) FROM t"), j == i ? n + 1 : begun[j]);
            assert_int_equal(
                number(readers[j], "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'"), 1);
        }
        int code = sqlite3_wal_checkpoint_v2(db, NULL, n % 7 ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART,
                                             NULL, NULL);
        assert_true(code == SQLITE_OK || code == SQLITE_BUSY);
    }
    for (int i = 0; i < READERS; i++)
        assert_int_equal(sqlite3_close(readers[i]), SQLITE_OK);
    assert_int_equal(run(db, "PRAGMA wal_checkpoint(RESTART)"), SQLITE_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 200);
    drop(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commit_is_one_write_and_one_sync),
        cmocka_unit_test(log_is_long_from_the_first_commit),
        cmocka_unit_test(others_read_what_was_committed),
        cmocka_unit_test(large_transactions_come_through),
        cmocka_unit_test(failed_write_fails_its_transaction),
        cmocka_unit_test(told_write_is_not_forgotten),
        cmocka_unit_test(lock_is_kept_and_given_back),
        cmocka_unit_test(reader_keeps_no_lock),
        cmocka_unit_test(log_grows_in_pauses),
        cmocka_unit_test(writer_takes_no_read_locks),
        cmocka_unit_test(readers_keep_their_state),
    };
    return cmocka_run_group_tests(tests, register_disk, NULL);
}
