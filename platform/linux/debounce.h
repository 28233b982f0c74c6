/* A button whose contact bounces: down at the first edge, then deaf for a while, then what is true counts. Pure. */
#ifndef TALLYMAN_PLATFORM_LINUX_DEBOUNCE_H
#define TALLYMAN_PLATFORM_LINUX_DEBOUNCE_H

#include "platform/trigger.h"
#include <stdint.h>

struct debounce {
    int debounce_ms, long_ms;
    bool level; /* as the line is */
    bool down;  /* as it was told */
    bool deaf, long_told;
    int64_t changed_ms; /* when it was told */
};

/* The line has this level now. */
enum trigger_event debounce_edge(struct debounce *debounce, bool active, int64_t now_ms);
/* Time has passed. */
enum trigger_event debounce_tick(struct debounce *debounce, int64_t now_ms);
/* Milliseconds until debounce_tick is due, -1 never. */
int debounce_due_ms(const struct debounce *debounce, int64_t now_ms);

#endif
