#include "app/ui/keyboard.h"
#include <limits.h>
#include <string.h>

void keyboard_init(struct keyboard *keyboard)
{
    memset(keyboard, 0, sizeof *keyboard);
    keyboard->scan_ns = INT64_MIN;
}

void keyboard_char(struct keyboard *keyboard, wchar_t wide)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t len = wcrtomb(bytes, wide, &state);
    if (len == (size_t)-1)
        return;
    if (keyboard->count < KEYBOARD_BURST_MIN)
        keyboard->first[keyboard->count] = wide;
    keyboard->count++;
    if (keyboard->len + len > sizeof keyboard->bytes) {
        keyboard->too_long = true;
        return;
    }
    memcpy(keyboard->bytes + keyboard->len, bytes, len);
    keyboard->len += len;
}

static void clear(struct keyboard *keyboard)
{
    keyboard->len = keyboard->count = 0;
    keyboard->too_long = false;
}

static void flush(struct keyboard *keyboard, int64_t now_ns, const struct keyboard_sink *sink)
{
    size_t count = keyboard->count;
    if (count >= KEYBOARD_BURST_MIN) {
        keyboard->scan_ns = now_ns;
        sink->scan(sink->context, keyboard->bytes, keyboard->len, keyboard->too_long);
    } else if (count > 0) {
        keyboard->scan_ns = INT64_MIN; /* a hand has come between */
        for (size_t i = 0; i < count; i++)
            sink->key(sink->context, (int)keyboard->first[i]);
    }
    clear(keyboard);
}

static bool belongs_to_scan(const struct keyboard *keyboard, int64_t now_ns)
{
    return keyboard->scan_ns != INT64_MIN && now_ns - keyboard->scan_ns < KEYBOARD_ENTER_MS * INT64_C(1000000);
}

void keyboard_enter(struct keyboard *keyboard, int64_t now_ns, const struct keyboard_sink *sink)
{
    flush(keyboard, now_ns, sink);
    if (!belongs_to_scan(keyboard, now_ns))
        sink->key(sink->context, KEYBOARD_KEY_ENTER);
}

void keyboard_special(struct keyboard *keyboard, int key, int64_t now_ns, const struct keyboard_sink *sink)
{
    flush(keyboard, now_ns, sink);
    keyboard->scan_ns = INT64_MIN;
    sink->key(sink->context, key);
}

void keyboard_silence(struct keyboard *keyboard, int64_t now_ns, const struct keyboard_sink *sink)
{
    flush(keyboard, now_ns, sink);
}
