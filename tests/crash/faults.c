/* Disks that fail and recover under the real engine: at the write and sync points of the scanning sessions the disk is full, or
 * fails, for a while. What failed is said to have failed, is tried again, and in the end the journal is the same, byte
 * for byte, as without the fault: nothing is lost, nothing is there twice, and the program works on without a restart.
 *
 *   faults [--long] */
#include "tests/crash/powerfs.h"
#include "tests/crash/replay.h"
#include "tests/crash/session.h"
#include "tests/crash/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHY_BYTES = 200, TRIES = 60 };

/* Steps between points, for each session; with --long all points are taken. */
static const long skips[SESSION_KIND_COUNT] = {11, 101};

struct fault {
    long point, count;
    bool disk_full;
};

/* One write, or long enough for every file and the closing of a transaction to be hit. */
static const long counts[] = {1, 2, 25};

static char folder[TALLY_PATH_MAX + 1];
static struct replay *reference;
static long refused; /* tries that failed, in all runs */

static bool check(const struct fault *fault, bool ok, const char *what)
{
    return tally_check(ok, "%s, %ld from point %ld: %s", fault->disk_full ? "disk full" : "I/O error", fault->count,
                       fault->point, what);
}

static bool same(const struct replay *replay)
{
    if (replay_count(replay) != replay_count(reference))
        return false;
    for (int i = 0; i < replay_count(replay); i++)
        if (strcmp(replay_body(replay, i), replay_body(reference, i)) != 0)
            return false;
    return true;
}

static void check_journal(const struct fault *fault, struct store *store)
{
    struct replay *replay = NULL;
    int64_t count, bad;
    char why[WHY_BYTES] = "";
    check(fault, store_verify(store, &count, &bad) == RC_OK, "the chain verifies");
    if (!check(fault, replay_load(store, &replay) == RC_OK, "the journal can be read"))
        return;
    check(fault, same(replay), "the journal is what it is without the fault");
    for (int i = 0; i < session_doc_count(); i++)
        check(fault, replay_agrees(replay, store, session_doc(i), why), why);
    replay_free(replay);
}

static void run(const struct fault *fault)
{
    static struct session_report report;
    struct engine *engine = NULL;
    tally_empty(folder);
    powerfs_reset();
    powerfs_fail_at(fault->point, fault->count, fault->disk_full);
    session_run(folder, TRIES, &report);
    check(fault, report.steps == session_steps(), report.trouble[0] ? report.trouble : "the session ends");
    refused += report.failures;
    check(fault,
          report.failures == 0 || report.failure == RC_DISK_FULL || (!fault->disk_full && report.failure == RC_IO),
          rc_word(report.failure));
    powerfs_reset();
    if (!check(fault, session_open(folder, &engine) == RC_OK, "it starts again"))
        return;
    check_journal(fault, engine_store(engine));
    engine_close(engine);
}

static long run_whole(void)
{
    static struct session_report report;
    struct engine *engine = NULL;
    tally_empty(folder);
    powerfs_reset();
    session_run(folder, 1, &report);
    long points = powerfs_points();
    powerfs_reset();
    bool read = session_open(folder, &engine) == RC_OK && replay_load(engine_store(engine), &reference) == RC_OK;
    engine_close(engine);
    return tally_check(read && report.steps == session_steps(), "without a fault: %s", report.trouble) ? points : 0;
}

/* Answers how many faults there were. */
static long run_session(enum session_kind kind, long skip)
{
    long runs = 0;
    session_use(kind);
    long points = run_whole();
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (long point = 1 + (long)i; point <= points; point += skip)
            for (int full = 0; full < 2; full++, runs++)
                run(&(struct fault){point, counts[i], full});
    printf("figure: %s: %ld points, %ld faults, %ld tries that failed so far\n", session_name(), points, runs,
           refused);
    replay_free(reference);
    reference = NULL;
    return runs;
}

int main(int argc, char **argv)
{
    bool all = argc > 1 && strcmp(argv[1], "--long") == 0;
    long runs = 0;
    if (powerfs_register() != RC_OK)
        return EXIT_FAILURE;
    tally_folder(folder);
    for (int kind = 0; kind < SESSION_KIND_COUNT; kind++)
        runs += run_session(kind, all ? 1 : skips[kind]);
    tally_check(refused > runs / 2, "the faults were met: %ld tries failed", refused);
    powerfs_reset();
    tally_empty(folder);
    (void)rmdir(folder);
    return tally_end();
}
