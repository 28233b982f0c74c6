#include "tests/crash/cuts.h"

#include "tests/crash/tally.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SECONDS = 25, AGAIN_EVERY = 5 };

bool cuts_check(const struct cut *cut, bool ok, const char *what)
{
    return tally_check(ok, "point %ld %s seed %" PRIu64 " again %ld: %s", cut->point, powerfs_mode_word(cut->mode),
                       cut->seed, cut->again, what);
}

bool cuts_parse(int argc, char **argv, struct cuts_options *ret_options)
{
    struct cuts_options options = {.seconds = SECONDS, .seed = 1};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--long") == 0) {
            options.all = true;
        } else if (strcmp(argv[i], "--forget") == 0) {
            options.forget_only = true;
        } else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc) {
            options.seconds = strtol(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            options.seed = strtoull(argv[++i], NULL, 10);
        } else {
            fprintf(stderr, "usage: %s [--long] [--forget] [--seconds N] [--seed N]\n", argv[0]);
            return false;
        }
    }
    *ret_options = options;
    return true;
}

static long run_forget(long points, const struct cuts_options *options, void (*run)(const struct cut *cut))
{
    long step = options->all || options->every < 1 ? 1 : options->every, runs = 0;
    for (long point = 1 + (long)(options->seed % (uint64_t)step); point <= points; point += step, runs++)
        run(&(struct cut){.point = point, .mode = POWERFS_FORGET});
    return runs;
}

static long run_all(long points, void (*run)(const struct cut *cut))
{
    long runs = 0;
    for (long point = 1; point <= points; point++)
        for (enum powerfs_mode mode = POWERFS_TEAR; mode < POWERFS_MODE_COUNT; mode++)
            for (uint64_t seed = 0; seed < CUTS_LONG_SEEDS; seed++, runs++)
                run(&(struct cut){point, mode, seed,
                                  seed % 2 ? (point * 7 + (long)seed) % CUTS_AGAIN_POINTS + 1 : 0});
    return runs;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A stride that is prime goes through all points, without a pattern that the workload could share. */
static long run_sampled(long points, const struct cuts_options *options, void (*run)(const struct cut *cut))
{
    enum { STRIDE = 7919 };
    double end = seconds() + (double)options->seconds;
    long runs = 0;
    for (; runs < points * 2 && seconds() < end; runs++) {
        long point = ((runs / 2 + (long)(options->seed % 1000)) * STRIDE) % points + 1;
        uint64_t seed = options->seed * STRIDE + (uint64_t)runs;
        long again = runs % AGAIN_EVERY == AGAIN_EVERY - 1 ? (long)(seed % CUTS_AGAIN_POINTS) + 1 : 0;
        run(&(struct cut){point, runs % 2 ? POWERFS_REORDER : POWERFS_TEAR, seed, again});
    }
    return runs;
}

void cuts_run(const struct cuts_options *options, long points, void (*run)(const struct cut *cut))
{
    long forgotten = run_forget(points, options, run), others = 0;
    if (!options->forget_only)
        others = options->all ? run_all(points, run) : run_sampled(points, options, run);
    printf("figure: power cut at %ld of %ld points, forgetting; %ld more cuts, tearing and reordering; seed %" PRIu64
           "\n",
           forgotten, points, others, options->seed);
}
