/* One seed's history: a list of actions that is decided before it begins. Each draws from a stream of its own, so that
 * some may be left out and the others stay what they were. */
#ifndef TALLYMAN_TESTS_SIM_HISTORY_H
#define TALLYMAN_TESTS_SIM_HISTORY_H

#include "tests/sim/sim_world.h"

enum { HISTORY_ACTIONS = 110 };

struct history {
    uint64_t seed;
    bool restores; /* in this one, the server is lost and restored now and then */
    bool dealer;   /* the last device is a dealer's */
    bool snapshots;
    bool kept[HISTORY_ACTIONS];
};

/* All actions. */
void history_of(uint64_t seed, struct history *ret_history);

/* Lives it in a world of its own; sim->wrong says what is wrong in the end. */
bool history_run(const struct history *history, struct sim *sim);

#endif
