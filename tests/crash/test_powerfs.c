/* The shim against plain SQLite, whose promises are known: what it must lose it loses, what it must keep it keeps. A
 * shim that loses nothing would make every power test pass. */
#include "tests/crash/powerfs.h"
#include "tests/crash/tally.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROWS = 16, SEEDS = 2, SQL_MAX = 200, PATH_ROOM = TALLY_PATH_MAX + 32 };

struct setting {
    const char *journal, *synchronous;
    bool keeps; /* nothing committed may be lost; else the shim must find a point where something is */
};

/* Of a rollback journal only EXTRA syncs the deletion that is the commit. */
static const struct setting settings[] = {
    {"WAL", "FULL", true},     {"WAL", "EXTRA", true},    {"WAL", "NORMAL", false}, {"WAL", "OFF", false},
    {"DELETE", "EXTRA", true}, {"DELETE", "FULL", false}, {"DELETE", "OFF", false},
};

static char folder[TALLY_PATH_MAX + 1];
static char path[PATH_ROOM];

static bool run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static int number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int answer = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

/* Rows one a transaction, with a checkpoint now and then; how many commits were reported. */
static int workload(const struct setting *setting)
{
    sqlite3 *db = NULL;
    char sql[SQL_MAX];
    int rows = 0;
    if (sqlite3_open(path, &db) == SQLITE_OK) {
        snprintf(sql, sizeof sql, "PRAGMA journal_mode=%s; PRAGMA synchronous=%s; PRAGMA wal_autocheckpoint=17",
                 setting->journal, setting->synchronous);
        if (run(db, sql) && run(db, "CREATE TABLE t(n INTEGER PRIMARY KEY, text)"))
            while (rows < ROWS && run(db, "INSERT INTO t VALUES(NULL, hex(zeroblob(700)))"))
                rows++;
    }
    sqlite3_close(db);
    return rows;
}

/* What is there after the failure: rows, or -1 when the database is no sound one. */
static int found(void)
{
    sqlite3 *db = NULL;
    int rows = -1;
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        number(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0) {
        rows = number(db, "SELECT count(*) FROM sqlite_master WHERE name = 't'") == 0
                   ? 0
                   : number(db, "SELECT CASE WHEN count(*) = coalesce(max(n), 0) THEN count(*) ELSE -1 END FROM t");
    }
    sqlite3_close(db);
    return rows;
}

/* One run cut at one point; true when all that was reported is there, and at most one more. */
static bool cut(const struct setting *setting, long point, enum powerfs_mode mode, uint64_t seed)
{
    tally_empty(folder);
    powerfs_reset();
    powerfs_cut_at(point);
    int reported = workload(setting);
    tally_check(powerfs_apply(mode, seed) == RC_OK, "the disk can be rewritten");
    powerfs_reset();
    int rows = found();
    return rows >= reported && rows <= reported + 1;
}

static void try_setting(const struct setting *setting)
{
    tally_empty(folder);
    powerfs_reset();
    int rows = workload(setting);
    long points = powerfs_points(), lost = 0, cuts = 0;
    tally_check(rows == ROWS, "%s %s: the workload runs without a failure", setting->journal, setting->synchronous);
    for (long point = 1; point <= points; point++)
        for (enum powerfs_mode mode = POWERFS_FORGET; mode < POWERFS_MODE_COUNT; mode++)
            for (uint64_t seed = 0; seed < (mode == POWERFS_FORGET ? 1 : SEEDS); seed++, cuts++)
                if (!cut(setting, point, mode, (uint64_t)point * SEEDS + seed)) {
                    lost++;
                    if (setting->keeps)
                        tally_check(false, "%s %s: cut at point %ld, %s, seed %llu", setting->journal,
                                    setting->synchronous, point, powerfs_mode_word(mode), (unsigned long long)seed);
                }
    printf("%-6s synchronous=%-6s %4ld points, %5ld cuts, commits lost at %ld\n", setting->journal,
           setting->synchronous, points, cuts, lost);
    tally_check((lost == 0) == setting->keeps, "%s %s: lost at %ld points", setting->journal, setting->synchronous,
                lost);
}

/* What was synced stays, to the byte; what was only written goes. */
static void try_forget(void)
{
    const struct setting setting = {"WAL", "FULL", true};
    tally_empty(folder);
    powerfs_reset();
    int rows = workload(&setting);
    tally_check(powerfs_apply(POWERFS_FORGET, 0) == RC_OK, "the disk can be rewritten");
    powerfs_reset();
    tally_check(found() == rows, "a clean end is whole");
    tally_check(!powerfs_is_cut(), "nothing was cut");

    powerfs_reset();
    powerfs_cut_at(1);
    sqlite3 *db = NULL;
    sqlite3_open(path, &db);
    tally_check(!run(db, "DELETE FROM t"), "without power nothing can be written");
    tally_check(powerfs_is_cut(), "the cut is told");
    tally_check(number(db, "SELECT count(*) FROM t") == -1, "nor read");
    sqlite3_close(db);
    tally_check(powerfs_apply(POWERFS_REORDER, 1) == RC_OK, "the disk can be rewritten");
    powerfs_reset();
    tally_check(found() == rows, "and nothing has changed");
}

int main(void)
{
    if (powerfs_register() != RC_OK)
        return EXIT_FAILURE;
    tally_folder(folder);
    snprintf(path, sizeof path, "%s/t.db", folder);
    try_forget();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        try_setting(&settings[i]);
    tally_empty(folder);
    (void)rmdir(folder);
    return tally_end();
}
