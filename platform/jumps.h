/* Jumps contract: the wall clock set by someone, and sleep of the whole machine. Screen thread; never waits. */
#ifndef TALLYMAN_PLATFORM_JUMPS_H
#define TALLYMAN_PLATFORM_JUMPS_H

#include "app/domain/rc.h"
#include <stdint.h>

struct jumps;

enum rc jumps_open(struct jumps **ret_jumps); /* platform/linux/jumps.c */
void jumps_close(struct jumps *jumps);
int jumps_fd(const struct jumps *jumps); /* readable when the wall clock was set */

/* What happened since the last call: how far the wall clock was moved, and how long the machine slept. */
void jumps_take(struct jumps *jumps, int64_t *ret_moved_ms, int64_t *ret_slept_ms);

#endif
