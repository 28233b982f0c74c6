/* The keyboard: a key acts after 50 ms of silence, a faster burst is a scan, and an Enter that follows a scan is part of
 * it. A state machine without clock or screen: times come in as arguments. */
#ifndef TALLYMAN_UI_INPUT_H
#define TALLYMAN_UI_INPUT_H

#include "app/domain/limits.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

enum {
    INPUT_SILENCE_MS = 50,
    INPUT_ENTER_MS = 500, /* an Enter this soon after a scan belongs to it */
    INPUT_BURST_MIN = 3   /* two keys can come together under a busy hand or a busy disk */
};

struct input {
    size_t len;      /* of the burst so far, bytes */
    size_t count;    /* characters */
    bool too_long;   /* more than SCAN_MAX came */
    int64_t scan_ns; /* when the last burst ended; INT64_MIN never */
    wchar_t first[INPUT_BURST_MIN];
    char bytes[SCAN_MAX];
};

struct input_sink {
    void *context;
    void (*key)(void *context, int key);
    void (*scan)(void *context, const char *bytes, size_t len, bool too_long);
};

enum { INPUT_KEY_ENTER = '\n' };

void input_init(struct input *input);
/* A character; the silence timer is to be armed anew. */
void input_char(struct input *input, wchar_t wide);
void input_enter(struct input *input, int64_t now_ns, const struct input_sink *sink);
/* A key that is no character (arrows, F1 …): what was typed before comes first. */
void input_special(struct input *input, int key, int64_t now_ns, const struct input_sink *sink);
/* INPUT_SILENCE_MS have passed since the last character. */
void input_silence(struct input *input, int64_t now_ns, const struct input_sink *sink);

#endif
