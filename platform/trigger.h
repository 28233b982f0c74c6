/* Trigger contract: the handheld's button. The simulated one is pulled by a key (F9) and makes the simulated scanner read
 * its next code; absent hardware answers RC_NOT_FOUND. */
#ifndef TALLYMAN_PLATFORM_TRIGGER_H
#define TALLYMAN_PLATFORM_TRIGGER_H

#include "app/domain/rc.h"
#include <stdbool.h>

enum { TRIGGER_LINE_MAX = 63 };

struct trigger_options {
    char line[TRIGGER_LINE_MAX + 1]; /* of the button, by name; "" there is none */
    char out[TRIGGER_LINE_MAX + 1];  /* the scan engine's own line, driven while the button is down; "" none */
    bool active_low, out_active_low;
    int debounce_ms;
    int long_ms; /* held down so long the engine is told to stop: it lies on something; 0 never */
};

enum trigger_event { TRIGGER_NONE, TRIGGER_DOWN, TRIGGER_UP, TRIGGER_LONG };

/* Screen thread. Never waits. */
struct trigger {
    void *context;
    int (*fd)(void *context);                  /* readable when `next` has something to do */
    enum trigger_event (*next)(void *context); /* TRIGGER_NONE: nothing (more) for now */
    void (*close)(void *context);
};

/* platform/linux/trigger_gpio.c. RC_NOT_FOUND no line of this name; RC_BUSY another program has it; RC_REFUSED no
 * permission. */
enum rc trigger_gpio(const struct trigger_options *options, struct trigger *ret_trigger);

/* Pulls the trigger of a simulated scanner: its next scan arrives. Any thread. RC_NOT_FOUND when no simulated scanner is open. */
enum rc trigger_pull(void);

#endif
