/* Exactly once, and nothing that was said is taken back: devices that scan, undo, complete and sync with a server over a network
 * that loses, repeats and delays; disks that fill up; processes and batteries that end at any write; clocks that jump; a
 * server that is lost and restored from a backup. One seed is one history.
 *
 *   sim                      SEEDS_CHECK histories; one of them twice, which must be the same
 *   sim --long               SEEDS_LONG
 *   sim SEEDS [FIRST]        so many, from this seed on
 *   sim --find SEEDS [FIRST] up to the first that fails: its number
 *   sim --replay SEED [KEPT] that one, and all that happens; KEPT: these actions only, as `3,17,42-45`. SIM_KEEP=FILE in the
 *                            environment: the server's database where it failed
 *
 * One that fails is shrunk, and what is left is told. */
#include "tests/sim/sim_shrink.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEEDS_CHECK = 40, SEEDS_LONG = 100000, TOLD_EVERY = 5000, FAILED_MAX = 3 };

struct run {
    long seeds, first, done, failed;
    struct sim_counts sum;
};

static struct sim sim;
static volatile long under_way; /* the seed */

static void add(struct sim_counts *sum, const struct sim_counts *counts)
{
    long *to = (long *)(void *)sum;
    const long *from = (const long *)(const void *)counts;
    _Static_assert(sizeof *sum % sizeof *to == 0, "all of them are long");
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
}

/* Of an assertion or a sanitizer: whose history it was. */
static void tell_seed(int number)
{
    char text[64];
    int len = snprintf(text, sizeof text, "seed %ld: FAILED: ended by signal %d\n", under_way, number);
    if (write(STDOUT_FILENO, text, (size_t)len) != len)
        _exit(2);
    signal(number, SIG_DFL);
    raise(number);
}

static void tell(const struct run *run)
{
    const struct sim_counts *sum = &run->sum;
    printf("%ld seeds: %ld scans, %ld records; %ld requests, %ld lost, %ld late, %ld twice, %ld replies lost, %ld "
           "too big\n",
           run->done, sum->scans, sum->records, sum->requests, sum->lost_requests, sum->delays, sum->repeats,
           sum->lost_replies, sum->too_big);
    for (int server = 0; server < 2; server++) {
        printf("%s:", server ? "servers" : "devices");
        for (int how = 0; how < DISK_ENDS; how++)
            printf(" %ld %s,", sum->ends[server][how], disk_end_word((enum disk_end)how));
        printf(" %ld full disks%s", sum->full[server], server ? "\n" : "; ");
    }
    printf("%ld snapshots, %ld of their answers cut; %ld clocks set wrong, %ld backups, %ld restored; orders: %ld "
           "revised, %ld cancelled; %ld begun\n",
           sum->snapshots, sum->cuts, sum->jumps, sum->backups, sum->restores, sum->revised, sum->cancelled,
           sum->started);
    printf("%ld records refused, %ld conflicts, %ld tallies moved, %ld results\n", sum->refused, sum->conflicts,
           sum->moved, sum->results);
}

static bool replay(uint64_t seed, const char *kept)
{
    struct history history;
    history_of(seed, &history);
    if (kept && !shrink_parse(kept, &history))
        return false;
    sim.loud = true;
    bool good = history_run(&history, &sim);
    printf("seed %llu: %s%s, digest %016llx\n", (unsigned long long)seed, good ? "good" : "FAILED: ", sim.wrong,
           (unsigned long long)sim.digest);
    return good;
}

static void tell_failed(long seed)
{
    struct history history;
    char kept[SHRINK_TEXT_MAX];
    history_of((uint64_t)seed, &history);
    int tries = shrink(&history);
    shrink_print(&history, kept);
    printf("shrunk in %d tries to:\n", tries);
    replay((uint64_t)seed, kept);
    printf("again: sim --replay %ld %s\n", seed, kept);
    sim.loud = false;
}

static bool run_one(struct run *run, long seed)
{
    struct history history;
    history_of((uint64_t)seed, &history);
    under_way = seed;
    bool good = history_run(&history, &sim);
    if (!good)
        printf("seed %ld: FAILED: %s\n", seed, sim.wrong);
    run->failed += !good;
    run->done++;
    add(&run->sum, &sim.counts);
    fflush(stdout);
    return good;
}

static void run_all(struct run *run)
{
    for (long seed = run->first; seed < run->first + run->seeds && run->failed < FAILED_MAX; seed++) {
        if (!run_one(run, seed))
            tell_failed(seed);
        if (run->done % TOLD_EVERY == 0)
            tell(run);
    }
    if (run->done % TOLD_EVERY != 0)
        tell(run);
}

/* The same seed is the same history, to the byte of each message. */
static bool check_same(long seed)
{
    uint64_t digests[2];
    struct run run = {.seeds = 1};
    for (int i = 0; i < 2; i++) {
        run_one(&run, seed);
        digests[i] = sim.digest;
    }
    bool same = digests[0] == digests[1];
    if (!same)
        printf("seed %ld: FAILED: it was another history the second time\n", seed);
    return same;
}

static int find(const struct run *wanted)
{
    struct run run = {.seeds = 0};
    for (long seed = wanted->first; seed < wanted->first + wanted->seeds; seed++)
        if (!run_one(&run, seed))
            return 1;
    printf("%ld passed, 0 failed\n", run.done);
    return 0;
}

int main(int argc, char **argv)
{
    const char *option = argc > 1 && strncmp(argv[1], "--", 2) == 0 ? argv[1] : "";
    int at = option[0] ? 2 : 1;
    struct run run = {.seeds = argc > at ? strtol(argv[at], NULL, 10) : SEEDS_CHECK,
                      .first = argc > at + 1 ? strtol(argv[at + 1], NULL, 10) : 1};
    if (strcmp(option, "--replay") != 0)
        stderr = fopen("/dev/null", "w"); /* the server's words on each fault; a sanitizer has the descriptor */
    signal(SIGABRT, tell_seed);
    signal(SIGSEGV, tell_seed);
    if (strcmp(option, "--replay") == 0 && argc > at)
        return replay((uint64_t)run.seeds, argc > at + 1 ? argv[at + 1] : NULL) ? 0 : 1;
    if (strcmp(option, "--find") == 0)
        return find(&run);
    if (strcmp(option, "--long") == 0 && argc <= at)
        run.seeds = SEEDS_LONG;
    if (run.seeds < 1) {
        printf("usage: sim [--long | --find | --replay] [SEEDS [FIRST]]\n");
        return 2;
    }
    bool same = check_same(run.first);
    run_all(&run);
    printf("%ld passed, %ld failed\n", run.done - run.failed + same, run.failed + !same);
    return run.failed > 0 || !same;
}
