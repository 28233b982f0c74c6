/* Power failures under the real engine: the scanning sessions, cut at every write and sync point, what a disk could hold
 * put in its place, and then: all that had been reported is in the journal, at most one scan more is, the chain holds,
 * progress is what the records come to, and work goes on to the end that it has without the cut. Arguments: see cuts.h. */
#include "tests/crash/cuts.h"
#include "tests/crash/powerfs.h"
#include "tests/crash/replay.h"
#include "tests/crash/rows.h"
#include "tests/crash/session.h"
#include "tests/crash/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* After most cuts some steps are gone on with, after each GO_ON_ALL_EVERY-th all that are left. */
enum { WHY_BYTES = 200, GO_ON_STEPS = 2, GO_ON_ALL_EVERY = 12, EVERY = 9 };

static char folder[TALLY_PATH_MAX + 1];
static char journal[TALLY_PATH_MAX + 16];
static bool all;                                      /* go on to the end after every cut */
static struct session_report whole;                   /* of the run that nobody cut */
static struct replay *reference;                      /* its journal */
static char rows_after[REPLAY_RECORDS_MAX][ROWS_MAX]; /* all tables after so many records; "" within a step */
static char look[SESSION_LOOK_MAX];                   /* what is known of the goods in the end */

/* ---- what has to hold afterwards ---- */

static bool is_prefix(const struct replay *replay)
{
    int count = replay_count(replay);
    if (count > replay_count(reference))
        return false;
    for (int i = 0; i < count; i++)
        if (strcmp(replay_body(replay, i), replay_body(reference, i)) != 0)
            return false;
    return true;
}

static void check_saved(const struct cut *cut, const struct replay *replay, const struct session_report *report)
{
    int64_t least = report->steps > 0 ? whole.seq_after[report->steps - 1] : 0;
    int next = report->steps < session_steps() ? report->steps : session_steps() - 1;
    int count = replay_count(replay), scans = replay_scans(replay);
    cuts_check(cut, is_prefix(replay), "the journal is a beginning of the uncut one, byte for byte");
    cuts_check(cut, count >= least, "what was reported is in the journal");
    cuts_check(cut, count <= whole.seq_after[next], "nothing is that was not asked for");
    cuts_check(cut, scans >= report->scans && scans <= report->scans + 1,
               "each scan that beeped, and at most one more");
}

static void check_progress(const struct cut *cut, const struct replay *replay, struct store *store)
{
    char why[WHY_BYTES] = "";
    for (int i = 0; i < session_doc_count(); i++)
        if (replay_opened(replay, session_doc(i)))
            cuts_check(cut, replay_agrees(replay, store, session_doc(i), why), why);
}

/* All that is kept beside the records is what it is after so many of them without a cut. */
static void check_rows(const struct cut *cut, int64_t count)
{
    char rows[ROWS_MAX] = "", what[WHY_BYTES], table[ROWS_NAME_MAX + 1] = "";
    if (count <= 0 || !rows_after[count][0])
        return;
    cuts_check(cut, rows_sum(journal, " record ", rows), "the journal's tables can be read");
    bool differ = rows_differ(rows, rows_after[count], table);
    snprintf(what, sizeof what, "after %lld records `%s` is what it is without a cut", (long long)count, table);
    cuts_check(cut, !differ, what);
}

static void check_journal(const struct cut *cut, struct store *store, const struct session_report *report)
{
    struct replay *replay = NULL;
    int64_t count = -1, bad = 0;
    cuts_check(cut, store_verify(store, &count, &bad) == RC_OK, "the chain verifies");
    if (!cuts_check(cut, replay_load(store, &replay) == RC_OK, "the journal can be read"))
        return;
    cuts_check(cut, count == replay_count(replay), "every record was verified");
    if (report) {
        check_saved(cut, replay, report);
        check_rows(cut, count);
    }
    check_progress(cut, replay, store);
    replay_free(replay);
}

static void check_going_on(const struct cut *cut, struct engine *engine)
{
    static struct session_report more;
    static char now[SESSION_LOOK_MAX];
    bool to_the_end = all || cut->point % GO_ON_ALL_EVERY == 0;
    session_go_on(engine, &whole, to_the_end ? session_steps() : GO_ON_STEPS, &more);
    if (!cuts_check(cut, !more.trouble[0], more.trouble))
        return;
    check_journal(cut, engine_store(engine), NULL);
    if (more.steps < session_steps())
        return;
    session_look(engine, now);
    cuts_check(cut, strcmp(now, look) == 0, "in the end the goods are where they are without a cut");
}

static void check_after(const struct cut *cut, const struct session_report *report)
{
    struct engine *engine = NULL;
    if (!cuts_check(cut, session_open(folder, &engine) == RC_OK, "it starts again"))
        return;
    check_journal(cut, engine_store(engine), report);
    if (!report->imported) { /* the catalog may have to be fetched again: nothing else */
        engine_close(engine);
        engine = NULL;
        cuts_check(cut, session_import(folder) == RC_OK, "the catalog can be taken again");
        if (!cuts_check(cut, session_open(folder, &engine) == RC_OK, "it starts once more"))
            return;
    }
    check_going_on(cut, engine);
    engine_close(engine);
}

/* ---- runs ---- */

static void fail_again(const struct cut *cut)
{
    struct engine *engine = NULL;
    powerfs_cut_at(cut->again);
    if (session_open(folder, &engine) == RC_OK)
        engine_close(engine);
    cuts_check(cut, powerfs_apply(cut->mode, cut->seed + 1) == RC_OK, "the disk can be rewritten");
    powerfs_reset();
}

static void run(const struct cut *cut)
{
    static struct session_report report;
    tally_empty(folder);
    powerfs_reset();
    powerfs_cut_at(cut->point);
    session_run(folder, 1, &report);
    cuts_check(cut, powerfs_apply(cut->mode, cut->seed) == RC_OK, "the disk can be rewritten");
    powerfs_reset();
    if (cut->again > 0)
        fail_again(cut);
    check_after(cut, &report);
}

static void keep_rows(int step, int64_t last_seq)
{
    (void)step;
    if (last_seq > 0 && last_seq < REPLAY_RECORDS_MAX)
        tally_check(rows_sum(journal, " record ", rows_after[last_seq]), "uncut: the tables can be read");
}

/* Once more, with a look at the tables after each step. */
static bool run_looking(void)
{
    struct engine *engine = NULL;
    static struct session_report report;
    tally_empty(folder);
    powerfs_reset();
    memset(rows_after, 0, sizeof rows_after);
    session_after = keep_rows;
    session_run(folder, 1, &report);
    session_after = NULL;
    powerfs_reset();
    bool read = session_open(folder, &engine) == RC_OK && replay_load(engine_store(engine), &reference) == RC_OK;
    if (read)
        session_look(engine, look);
    engine_close(engine);
    return tally_check(read, "uncut: the journal can be read");
}

/* The session as it goes when nobody cuts it; the number of points. 0 when it does not go as its table says. */
static long run_whole(void)
{
    tally_empty(folder);
    powerfs_reset();
    session_run(folder, 1, &whole);
    long points = powerfs_points();
    printf("%s: %ld points, of these %ld syncs; %d steps, %d scans\n", session_name(), points, powerfs_syncs(),
           whole.steps, whole.scans);
    if (!tally_check(whole.steps == session_steps() && !whole.trouble[0], "uncut: %s", whole.trouble))
        return 0;
    return run_looking() ? points : 0;
}

static void run_session(const struct cuts_options *options, enum session_kind kind)
{
    struct cuts_options some = *options;
    session_use(kind);
    some.every = kind == SESSION_ORDERS ? 1 : EVERY;
    some.seconds /= SESSION_KIND_COUNT;
    long points = run_whole();
    if (points > 0)
        cuts_run(&some, points, run);
    replay_free(reference);
    reference = NULL;
}

int main(int argc, char **argv)
{
    struct cuts_options options;
    if (!cuts_parse(argc, argv, &options))
        return 2;
    if (powerfs_register() != RC_OK)
        return EXIT_FAILURE;
    all = options.all;
    tally_folder(folder);
    snprintf(journal, sizeof journal, "%s/journal.db", folder);
    for (int kind = 0; kind < SESSION_KIND_COUNT; kind++)
        run_session(&options, kind);
    powerfs_reset();
    tally_empty(folder);
    (void)rmdir(folder);
    return tally_end();
}
