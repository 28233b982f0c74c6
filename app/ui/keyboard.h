/* The keyboard: a key acts after 50 ms of silence, a faster burst is a scan, and an Enter that follows a scan is part of
 * it. A state machine without clock or screen: times come in as arguments. */
#ifndef TALLYMAN_UI_KEYBOARD_H
#define TALLYMAN_UI_KEYBOARD_H

#include "app/domain/limits.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

enum {
    KEYBOARD_SILENCE_MS = 50,
    KEYBOARD_ENTER_MS = 500, /* an Enter this soon after a scan belongs to it */
    KEYBOARD_BURST_MIN = 3   /* two keys can come together under a busy hand or a busy disk */
};

struct keyboard {
    size_t len;      /* of the burst so far, bytes */
    size_t count;    /* characters */
    bool too_long;   /* more than SCAN_MAX came */
    int64_t scan_ns; /* when the last burst ended; INT64_MIN never */
    wchar_t first[KEYBOARD_BURST_MIN];
    char bytes[SCAN_MAX];
};

struct keyboard_sink {
    void *context;
    void (*key)(void *context, int key);
    void (*scan)(void *context, const char *bytes, size_t len, bool too_long);
};

enum { KEYBOARD_KEY_ENTER = '\n' };

void keyboard_init(struct keyboard *keyboard);
/* A character; the silence timer is to be armed anew. */
void keyboard_char(struct keyboard *keyboard, wchar_t wide);
void keyboard_enter(struct keyboard *keyboard, int64_t now_ns, const struct keyboard_sink *sink);
/* A key that is no character (arrows, F1 …): what was typed before comes first. */
void keyboard_special(struct keyboard *keyboard, int key, int64_t now_ns, const struct keyboard_sink *sink);
/* KEYBOARD_SILENCE_MS have passed since the last character. */
void keyboard_silence(struct keyboard *keyboard, int64_t now_ns, const struct keyboard_sink *sink);

#endif
