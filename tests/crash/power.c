/* Power failures under the real engine: one scanning session, cut at every write and sync point, what a disk could hold
 * put in its place, and then: all that had been reported is in the journal, at most one scan more is, the chain holds,
 * progress is what the records come to, and work goes on. Arguments: see cuts.h. */
#include "tests/crash/cuts.h"
#include "tests/crash/powerfs.h"
#include "tests/crash/replay.h"
#include "tests/crash/session.h"
#include "tests/crash/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHY_BYTES = 200 };

static char folder[TALLY_PATH_MAX + 1];
static struct session_report whole; /* of the run that nobody cut */
static struct replay *reference;    /* its journal */

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
    for (int i = 0; i < session_doc_count; i++)
        if (replay_opened(replay, session_docs[i]))
            cuts_check(cut, replay_agrees(replay, store, session_docs[i], why), why);
}

static void check_journal(const struct cut *cut, struct store *store, const struct session_report *report)
{
    struct replay *replay = NULL;
    int64_t count = -1, bad = 0;
    cuts_check(cut, store_verify(store, &count, &bad) == RC_OK, "the chain verifies");
    if (!cuts_check(cut, replay_load(store, &replay) == RC_OK, "the journal can be read"))
        return;
    cuts_check(cut, count == replay_count(replay), "every record was verified");
    if (report)
        check_saved(cut, replay, report);
    check_progress(cut, replay, store);
    replay_free(replay);
}

static bool completed(struct store *store)
{
    struct document *document = NULL;
    bool done = store_document(store, session_docs[0], &document) == RC_OK && document->state == DOCUMENT_COMPLETE;
    document_free(document);
    return done;
}

static void check_going_on(const struct cut *cut, struct engine *engine)
{
    static struct outcome outcome; /* large */
    bool closed = completed(engine_store(engine));
    enum rc rc = session_go_on(engine, &outcome);
    if (!cuts_check(cut, rc == RC_OK, "work goes on"))
        return;
    cuts_check(cut, outcome.verdict.severity == (closed ? SEVERITY_REJECT : SEVERITY_ACCEPT),
               "the next scan is judged");
    check_journal(cut, engine_store(engine), NULL);
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
    struct session_report report;
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

/* The session as it goes when nobody cuts it; the number of points. 0 when it does not go as its table says. */
static long run_whole(void)
{
    struct engine *engine = NULL;
    tally_empty(folder);
    powerfs_reset();
    session_run(folder, 1, &whole);
    long points = powerfs_points();
    printf("%ld points, of these %ld syncs; %d steps, %d scans\n", points, powerfs_syncs(), whole.steps, whole.scans);
    if (!tally_check(whole.steps == session_steps() && !whole.trouble[0], "uncut: %s", whole.trouble))
        return 0;
    powerfs_reset();
    bool read = session_open(folder, &engine) == RC_OK && replay_load(engine_store(engine), &reference) == RC_OK;
    engine_close(engine);
    return tally_check(read, "uncut: the journal can be read") ? points : 0;
}

int main(int argc, char **argv)
{
    struct cuts_options options;
    if (!cuts_parse(argc, argv, &options))
        return 2;
    if (powerfs_register() != RC_OK)
        return EXIT_FAILURE;
    tally_folder(folder);
    long points = run_whole();
    if (points > 0)
        cuts_run(&options, points, run);
    replay_free(reference);
    powerfs_reset();
    tally_empty(folder);
    (void)rmdir(folder);
    return tally_end();
}
