#include "platform/clock.h"
#include <stdatomic.h>

enum { NS_PER_MS = 1000000 };

static _Atomic int64_t begin_ms, begin_ns;

static int64_t wall_ms(void *context)
{
    const struct clock *real = context;
    return begin_ms + (real->mono_ns(real->context) - begin_ns) / NS_PER_MS;
}

static int64_t mono_ns(void *context)
{
    const struct clock *real = context;
    return real->mono_ns(real->context);
}

static int offset_min(void *context, int64_t at_ms)
{
    const struct clock *real = context;
    return real->offset_min(real->context, at_ms);
}

const struct clock *clock_from(int64_t at_ms, struct clock *real)
{
    static struct clock clock = {.wall_ms = wall_ms, .mono_ns = mono_ns, .offset_min = offset_min};
    begin_ms = at_ms;
    begin_ns = real->mono_ns(real->context);
    clock.context = real;
    return &clock;
}
