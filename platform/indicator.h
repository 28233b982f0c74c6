/* Indicator contract: named feedback sequences for beeper and lights. Scenes name the sequence and never touch pins.
 * Never blocks. Screen thread. */
#ifndef TALLYMAN_PLATFORM_INDICATOR_H
#define TALLYMAN_PLATFORM_INDICATOR_H

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
};

extern const struct indicator indicator_bell; /* platform/linux: the terminal's bell */
extern const struct indicator indicator_none; /* platform/sim */

const char *feedback_word(enum feedback feedback);

#endif
