/* A device that was led back: its numbers had parted from the server's, since it was put back to an older copy of its data, or was
 * a copy of another and enrolled anew. What happened, and what is to be done, for people. */
#ifndef TALLYMAN_TEXT_LED_TEXT_H
#define TALLYMAN_TEXT_LED_TEXT_H

#include "app/text/text.h"

struct led_words {
    int64_t after;    /* the last record that the server has alike */
    bool why_unknown; /* it was that long ago */
    bool anew;        /* it has another number now … */
    int64_t device;   /* … this one */
    int64_t missing;  /* records that are nowhere any more: it was the server that was put back; 0: it was not */
};

/* Sentences, in their order, until one is NULL; ret_text holds TEXT_MAX + 1. */
const char *led_text(const struct led_words *words, int n, char *ret_text);

#endif
