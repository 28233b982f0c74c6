/* Which power failures a program tries: every point in forget mode, the others drawn or all; the command line for it.
 *
 *   PROGRAM [--long] [--forget] [--seconds N] [--seed N]
 *
 * forget: every point, or each `every`-th. tear, reorder: points drawn until N seconds are over; --long: every point, several seeds. */
#ifndef TALLYMAN_TESTS_CRASH_CUTS_H
#define TALLYMAN_TESTS_CRASH_CUTS_H

#include "tests/crash/powerfs.h"

enum { CUTS_LONG_SEEDS = 4, CUTS_AGAIN_POINTS = 24 };

/* One power failure. */
struct cut {
    long point;
    enum powerfs_mode mode;
    uint64_t seed;
    long again; /* the power fails once more at this point of the next start; 0 not */
};

struct cuts_options {
    bool all, forget_only;
    long every; /* 0, 1: all; --long: always all */
    long seconds;
    uint64_t seed;
};

/* False after saying how it is used. */
bool cuts_parse(int argc, char **argv, struct cuts_options *ret_options);

/* Calls `run` for each, and prints how many there were. */
void cuts_run(const struct cuts_options *options, long points, void (*run)(const struct cut *cut));

/* tally_check, with the cut named in front. Returns ok. */
bool cuts_check(const struct cut *cut, bool ok, const char *what);

#endif
