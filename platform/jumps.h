/* Jumps contract: the wall clock set by someone, and sleep of the whole machine. Screen thread; never waits. */
#ifndef TALLYMAN_PLATFORM_JUMPS_H
#define TALLYMAN_PLATFORM_JUMPS_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stdint.h>

struct jumps;

/* What the clocks said at one moment: the wall's, and time since boot with and without sleep. */
struct jumps_look {
    int64_t wall_ms, up_ms, run_ms;
};

enum rc jumps_open(struct jumps **ret_jumps); /* platform/linux/jumps.c */
void jumps_close(struct jumps *jumps);
int jumps_fd(const struct jumps *jumps); /* readable when the wall clock was set */

/* What happened since the last call: how far the wall clock was moved, and how long the machine slept. */
void jumps_take(struct jumps *jumps, int64_t *ret_moved_ms, int64_t *ret_slept_ms);

/* The same from two looks. `set`: the wall clock was set between; without that it only drifts, or is led slowly to the
 * right time. Pure. */
void jumps_between(const struct jumps_look *before, const struct jumps_look *after, bool set, int64_t *ret_moved_ms,
                   int64_t *ret_slept_ms);

#endif
