/* Clock contract: wall and monotonic time, and the zone. Tests pin it. Any thread. */
#ifndef TALLYMAN_PLATFORM_CLOCK_H
#define TALLYMAN_PLATFORM_CLOCK_H

#include <stdint.h>

struct clock {
    void *context;
    int64_t (*wall_ms)(void *context); /* since 1970 UTC */
    int64_t (*mono_ns)(void *context);
    int (*offset_min)(void *context, int64_t wall_ms); /* local time east of UTC then */
};

const struct clock *clock_system(void);                            /* platform/linux; honours TZ */
const struct clock *clock_pinned(int64_t wall_ms, int offset_min); /* platform/sim: stands still; one per process */
void clock_pinned_advance(int64_t ms);
/* platform/sim: a wall clock that begins at this time and goes on from there; zone and monotonic time of `real`, which
 * must outlive it; one per process. */
const struct clock *clock_from(int64_t wall_ms, struct clock *real);

#endif
