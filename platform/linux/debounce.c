#include "platform/linux/debounce.h"

static enum trigger_event change(struct debounce *debounce, int64_t now_ms)
{
    debounce->down = debounce->level;
    debounce->changed_ms = now_ms;
    debounce->deaf = debounce->debounce_ms > 0;
    debounce->long_told = false;
    return debounce->down ? TRIGGER_DOWN : TRIGGER_UP;
}

enum trigger_event debounce_edge(struct debounce *debounce, bool active, int64_t now_ms)
{
    debounce->level = active;
    return debounce_tick(debounce, now_ms);
}

enum trigger_event debounce_tick(struct debounce *debounce, int64_t now_ms)
{
    int64_t passed_ms = now_ms - debounce->changed_ms;
    if (debounce->deaf && passed_ms < debounce->debounce_ms)
        return TRIGGER_NONE;
    debounce->deaf = false;
    if (debounce->level != debounce->down)
        return change(debounce, now_ms);
    if (!debounce->down || debounce->long_told || debounce->long_ms == 0 || passed_ms < debounce->long_ms)
        return TRIGGER_NONE;
    debounce->long_told = true;
    return TRIGGER_LONG;
}

int debounce_due_ms(const struct debounce *debounce, int64_t now_ms)
{
    int64_t due_ms = -1;
    if (debounce->deaf)
        due_ms = debounce->changed_ms + debounce->debounce_ms;
    else if (debounce->down && !debounce->long_told && debounce->long_ms > 0)
        due_ms = debounce->changed_ms + debounce->long_ms;
    if (due_ms < 0)
        return -1;
    return due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
}
