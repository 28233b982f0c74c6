/* Indicator contract: named feedback sequences for beeper and lights. Scenes name the sequence and never touch pins.
 * Never blocks. Screen thread. */
#ifndef TALLYMAN_PLATFORM_INDICATOR_H
#define TALLYMAN_PLATFORM_INDICATOR_H

#include "app/domain/rc.h"
#include <stdbool.h>

enum feedback {
    FEEDBACK_OK,        /* one */
    FEEDBACK_CONTAINER, /* two, rising */
    FEEDBACK_REPEAT,    /* a tick */
    FEEDBACK_WARN,      /* two */
    FEEDBACK_CONFIRM,   /* two, and a question */
    FEEDBACK_REJECT,    /* three, long and low */
    FEEDBACK_LINE_DONE,
    FEEDBACK_ORDER_DONE,
    FEEDBACK_ALARM, /* nothing was saved */
    FEEDBACK_COUNT
};

struct indicator {
    void *context;
    void (*give)(void *context, enum feedback feedback);
    /* Sequences go on by a timer: when fd is readable, `turn` is due. NULL: there is nothing to go on with. */
    int (*fd)(void *context);
    void (*turn)(void *context);
    void (*close)(void *context); /* NULL: nothing to close */
};

enum { INDICATOR_LINE_MAX = 63 };

/* The lines that give feedback, by name; "" none. */
struct indicator_options {
    char beeper[INDICATOR_LINE_MAX + 1], green[INDICATOR_LINE_MAX + 1], red[INDICATOR_LINE_MAX + 1];
    char vibration[INDICATOR_LINE_MAX + 1];
    bool active_low;
    bool bell; /* the terminal's bell as well; without a beeper it rings anyway */
};

/* platform/linux/indicator_gpio.c. Lines that are not there are left out; RC_NOT_FOUND when none is. */
enum rc indicator_gpio(const struct indicator_options *options, struct indicator *ret_indicator);

extern const struct indicator indicator_bell; /* platform/linux: the terminal's bell */
extern const struct indicator indicator_none; /* platform/sim */

const char *feedback_word(enum feedback feedback);

#endif
