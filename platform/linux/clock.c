#include "platform/clock.h"
#include <time.h>

enum { NS_PER_S = 1000000000, NS_PER_MS = 1000000, MS_PER_S = 1000, S_PER_MIN = 60 };

static int64_t wall_ms(void *context)
{
    (void)context;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static int64_t mono_ns(void *context)
{
    (void)context;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int offset_min(void *context, int64_t at_ms)
{
    (void)context;
    /* rounded down, so that times before 1970 fall into their own second */
    time_t at = (time_t)((at_ms - (at_ms < 0 ? MS_PER_S - 1 : 0)) / MS_PER_S);
    struct tm local;
    return localtime_r(&at, &local) ? (int)(local.tm_gmtoff / S_PER_MIN) : 0;
}

const struct clock *clock_system(void)
{
    static const struct clock clock = {.wall_ms = wall_ms, .mono_ns = mono_ns, .offset_min = offset_min};
    tzset(); /* localtime_r need not read TZ by itself (POSIX) */
    return &clock;
}
