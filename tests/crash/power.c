/* Power failures under the real engine: one scanning session, cut at every write and sync point, what a disk could hold
 * put in its place, and then: all that had been reported is in the journal, at most one scan more is, the chain holds, progress
 * is what the records come to, and work goes on.
 *
 *   power [--long] [--forget] [--seconds N] [--seed N]
 *
 * forget: every point. tear, reorder: points drawn until N seconds are over; --long: every point, several seeds. */
#include "tests/crash/powerfs.h"
#include "tests/crash/replay.h"
#include "tests/crash/session.h"
#include "tests/crash/tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LONG_SEEDS = 4, SECONDS = 30, WHY_BYTES = 200, AGAIN_POINTS = 24 };

struct options {
    bool all, forget_only;
    long seconds;
    uint64_t seed;
};

/* One power failure. */
struct cut {
    long point;
    enum powerfs_mode mode;
    uint64_t seed;
    long again; /* the power fails once more at this point of the next start; 0 not */
};

static char folder[TALLY_PATH_MAX + 1];
static struct session_report whole; /* of the run that nobody cut */
static struct replay *reference;    /* its journal */

static bool check(const struct cut *cut, bool ok, const char *what)
{
    return tally_check(ok, "point %ld %s seed %" PRIu64 " again %ld: %s", cut->point, powerfs_mode_word(cut->mode),
                       cut->seed, cut->again, what);
}

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
    check(cut, is_prefix(replay), "the journal is a beginning of the uncut one, byte for byte");
    check(cut, count >= least, "what was reported is in the journal");
    check(cut, count <= whole.seq_after[next], "nothing is that was not asked for");
    check(cut, scans >= report->scans && scans <= report->scans + 1, "each scan that beeped, and at most one more");
}

static void check_progress(const struct cut *cut, const struct replay *replay, struct store *store)
{
    char why[WHY_BYTES] = "";
    for (int i = 0; i < session_doc_count; i++)
        if (replay_opened(replay, session_docs[i]))
            check(cut, replay_agrees(replay, store, session_docs[i], why), why);
}

static void check_journal(const struct cut *cut, struct store *store, const struct session_report *report)
{
    struct replay *replay = NULL;
    int64_t count = -1, bad = 0;
    check(cut, store_verify(store, &count, &bad) == RC_OK, "the chain verifies");
    if (!check(cut, replay_load(store, &replay) == RC_OK, "the journal can be read"))
        return;
    check(cut, count == replay_count(replay), "every record was verified");
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
    if (!check(cut, rc == RC_OK, "work goes on"))
        return;
    check(cut, outcome.verdict.severity == (closed ? SEVERITY_REJECT : SEVERITY_ACCEPT), "the next scan is judged");
    check_journal(cut, engine_store(engine), NULL);
}

static void check_after(const struct cut *cut, const struct session_report *report)
{
    struct engine *engine = NULL;
    if (!check(cut, session_open(folder, &engine) == RC_OK, "it starts again"))
        return;
    check_journal(cut, engine_store(engine), report);
    if (!report->imported) { /* the catalog may have to be fetched again: nothing else */
        engine_close(engine);
        engine = NULL;
        check(cut, session_import(folder) == RC_OK, "the catalog can be taken again");
        if (!check(cut, session_open(folder, &engine) == RC_OK, "it starts once more"))
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
    check(cut, powerfs_apply(cut->mode, cut->seed + 1) == RC_OK, "the disk can be rewritten");
    powerfs_reset();
}

static void run(const struct cut *cut)
{
    struct session_report report;
    tally_empty(folder);
    powerfs_reset();
    powerfs_cut_at(cut->point);
    session_run(folder, &report);
    check(cut, powerfs_apply(cut->mode, cut->seed) == RC_OK, "the disk can be rewritten");
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
    session_run(folder, &whole);
    long points = powerfs_points();
    printf("%ld points, of these %ld syncs; %d steps, %d scans\n", points, powerfs_syncs(), whole.steps, whole.scans);
    if (!tally_check(whole.steps == session_steps() && !whole.trouble[0], "uncut: %s", whole.trouble))
        return 0;
    powerfs_reset();
    bool read = session_open(folder, &engine) == RC_OK && replay_load(engine_store(engine), &reference) == RC_OK;
    engine_close(engine);
    return tally_check(read, "uncut: the journal can be read") ? points : 0;
}

static long run_forget(long points)
{
    for (long point = 1; point <= points; point++)
        run(&(struct cut){.point = point, .mode = POWERFS_FORGET});
    return points;
}

static long run_all(long points)
{
    long runs = 0;
    for (long point = 1; point <= points; point++)
        for (enum powerfs_mode mode = POWERFS_TEAR; mode < POWERFS_MODE_COUNT; mode++)
            for (uint64_t seed = 0; seed < LONG_SEEDS; seed++, runs++)
                run(&(struct cut){point, mode, seed, seed % 2 ? (point * 7 + (long)seed) % AGAIN_POINTS + 1 : 0});
    return runs;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Points drawn without pattern but by the seed: a step that shares no factor with a prime goes through all of them. */
static long run_sampled(long points, const struct options *options)
{
    enum { STRIDE = 7919 };
    double end = seconds() + (double)options->seconds;
    long runs = 0;
    for (; runs < points * 2 && seconds() < end; runs++) {
        long point = ((runs / 2 + (long)(options->seed % 1000)) * STRIDE) % points + 1;
        uint64_t seed = options->seed * STRIDE + (uint64_t)runs;
        long again = runs % 5 == 4 ? (long)(seed % AGAIN_POINTS) + 1 : 0;
        run(&(struct cut){point, runs % 2 ? POWERFS_REORDER : POWERFS_TEAR, seed, again});
    }
    return runs;
}

static bool parse(int argc, char **argv, struct options *ret_options)
{
    struct options options = {.seconds = SECONDS, .seed = 1};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--long") == 0)
            options.all = true;
        else if (strcmp(argv[i], "--forget") == 0)
            options.forget_only = true;
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
            options.seconds = strtol(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            options.seed = strtoull(argv[++i], NULL, 10);
        else
            return false;
    }
    *ret_options = options;
    return true;
}

int main(int argc, char **argv)
{
    struct options options;
    if (!parse(argc, argv, &options)) {
        fprintf(stderr, "usage: power [--long] [--forget] [--seconds N] [--seed N]\n");
        return 2;
    }
    if (powerfs_register() != RC_OK)
        return EXIT_FAILURE;
    tally_folder(folder);
    long points = run_whole(), forgotten = 0, others = 0;
    if (points > 0)
        forgotten = run_forget(points);
    if (points > 0 && !options.forget_only)
        others = options.all ? run_all(points) : run_sampled(points, &options);
    printf("cuts: %ld forget (every point), %ld tear and reorder, seed %" PRIu64 "\n", forgotten, others,
           options.seed);
    replay_free(reference);
    powerfs_reset();
    tally_empty(folder);
    (void)rmdir(folder);
    return tally_end();
}
