#include "app/ui/input.h"
#include <limits.h>
#include <string.h>

void input_init(struct input *input)
{
    memset(input, 0, sizeof *input);
    input->scan_ns = INT64_MIN;
}

void input_char(struct input *input, wchar_t wide)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t len = wcrtomb(bytes, wide, &state);
    if (len == (size_t)-1)
        return;
    if (input->count < INPUT_BURST_MIN)
        input->first[input->count] = wide;
    input->count++;
    if (input->len + len > sizeof input->bytes) {
        input->too_long = true;
        return;
    }
    memcpy(input->bytes + input->len, bytes, len);
    input->len += len;
}

static void clear(struct input *input)
{
    input->len = input->count = 0;
    input->too_long = false;
}

static void flush(struct input *input, int64_t now_ns, const struct input_sink *sink)
{
    size_t count = input->count;
    if (count >= INPUT_BURST_MIN) {
        input->scan_ns = now_ns;
        sink->scan(sink->context, input->bytes, input->len, input->too_long);
    } else {
        for (size_t i = 0; i < count; i++)
            sink->key(sink->context, (int)input->first[i]);
    }
    clear(input);
}

static bool belongs_to_scan(const struct input *input, int64_t now_ns)
{
    return input->scan_ns != INT64_MIN && now_ns - input->scan_ns < INPUT_ENTER_MS * INT64_C(1000000);
}

void input_enter(struct input *input, int64_t now_ns, const struct input_sink *sink)
{
    bool typed = input->count > 0 && input->count < INPUT_BURST_MIN;
    flush(input, now_ns, sink);
    if (typed || !belongs_to_scan(input, now_ns))
        sink->key(sink->context, INPUT_KEY_ENTER);
}

void input_special(struct input *input, int key, int64_t now_ns, const struct input_sink *sink)
{
    flush(input, now_ns, sink);
    sink->key(sink->context, key);
}

void input_silence(struct input *input, int64_t now_ns, const struct input_sink *sink)
{
    flush(input, now_ns, sink);
}
