#include "platform/clock.h"
#include <stdatomic.h>

enum { NS_PER_MS = 1000000 };

/* One per process: tests pin it from their own thread while others read it. */
static _Atomic int64_t pinned_ms, passed_ms;
static _Atomic int pinned_offset;

static int64_t wall_ms(void *context)
{
    (void)context;
    return atomic_load(&pinned_ms) + atomic_load(&passed_ms);
}

static int64_t mono_ns(void *context)
{
    (void)context;
    return atomic_load(&passed_ms) * NS_PER_MS;
}

static int offset_min(void *context, int64_t at_ms)
{
    (void)context;
    (void)at_ms;
    return atomic_load(&pinned_offset);
}

const struct clock *clock_pinned(int64_t wall, int offset)
{
    static const struct clock clock = {.wall_ms = wall_ms, .mono_ns = mono_ns, .offset_min = offset_min};
    atomic_store(&pinned_ms, wall);
    atomic_store(&passed_ms, 0);
    atomic_store(&pinned_offset, offset);
    return &clock;
}

void clock_pinned_advance(int64_t ms)
{
    atomic_fetch_add(&passed_ms, ms);
}
