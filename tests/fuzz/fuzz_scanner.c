/* Fuzzes what scanners send: the first byte chooses. A stream of a serial port in pieces, by each framing: no byte is lost or made
 * up, and pieces make no difference. Key presses of a keyboard wedge, by each layout: a scan is never longer than one may be. */
#include "platform/linux/framing.h"
#include "platform/linux/wedge.h"
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAMINGS = FRAMING_TAB + 1, LAYOUTS = 4, ALL_MAX = 1 << 16 };

static void demand(bool holds, const char *wrong)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_scanner: %s\n", wrong);
    abort();
}

/* ---- a stream ---- */

struct frames {
    uint8_t bytes[ALL_MAX];
    size_t len;
    int count;
};

static void keep(struct frames *frames, const struct framer *framer)
{
    demand(framer->len <= SCAN_MAX, "longer than a scan may be");
    if (frames->len + framer->len > sizeof frames->bytes)
        return;
    memcpy(frames->bytes + frames->len, framer->bytes, framer->len);
    frames->len += framer->len;
    frames->count++;
}

/* At most `piece` bytes at a time, each piece of its own heap. */
static void read_frames(enum framing framing, const uint8_t *data, size_t size, size_t piece, struct frames *frames)
{
    static struct framer framer;
    framer_init(&framer, framing);
    frames->len = 0;
    frames->count = 0;
    while (size) {
        size_t len = piece < size ? piece : size, at = 0, taken;
        uint8_t *exact = malloc(len);
        demand(exact != NULL, "no memory");
        memcpy(exact, data, len);
        while (at < len) {
            bool whole = framer_take(&framer, exact + at, len - at, &taken);
            demand(taken <= len - at && (whole || taken == len - at), "bytes were left");
            at += taken;
            if (!whole)
                continue;
            keep(frames, &framer);
            framer_next(&framer);
        }
        free(exact);
        data += len;
        size -= len;
    }
}

static void check_stream(enum framing framing, const uint8_t *data, size_t size)
{
    static struct frames all, single;
    read_frames(framing, data, size, size ? size : 1, &all);
    read_frames(framing, data, size, 1, &single);
    demand(all.len <= size && all.count <= (int)size + 1, "bytes that nobody sent");
    demand(all.count == single.count && all.len == single.len && memcmp(all.bytes, single.bytes, all.len) == 0,
           "bytes that come one by one are other scans");
}

/* ---- keys ---- */

static void check_scan(struct wedge *wedge, bool alt)
{
    static uint8_t bytes[SCAN_MAX];
    struct frame frame = {.bytes = bytes};
    wedge_scan(wedge, &frame);
    demand(frame.len <= SCAN_MAX, "longer than a scan may be");
    wedge_next(wedge);
    demand(alt || !wedge_pending(wedge), "it is not forgotten"); /* a pause may end a scan while ALT is down */
}

static void check_keys(int layout, enum framing framing, const uint8_t *data, size_t size)
{
    static struct wedge *wedges[LAYOUTS][FRAMINGS]; /* a layout takes long to read */
    static const char *const NAMES[LAYOUTS] = {"", "de", "fr(oss)", "cn"};
    struct wedge **wedge = &wedges[layout][framing];
    if (!*wedge && wedge_new(NAMES[layout], framing, wedge) != RC_OK)
        return;
    bool alt = false;
    wedge_reset(*wedge);
    for (size_t i = 0; i + 1 < size; i += 2) {
        unsigned key = data[i] | (data[i + 1] & 6u) << 7;
        bool down = data[i + 1] & 1;
        bool whole = data[i + 1] == UINT8_MAX ? wedge_end(*wedge) : wedge_key(*wedge, key, down);
        if (data[i + 1] != UINT8_MAX && key == KEY_LEFTALT)
            alt = down;
        demand(wedge_lights(*wedge) <= (WEDGE_CAPS_LOCK | WEDGE_NUM_LOCK), "a light that no keyboard has");
        if (whole)
            check_scan(*wedge, alt);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    enum framing framing = (enum framing)(data[0] % FRAMINGS);
    if (data[0] & 128)
        check_keys(data[0] >> 5 & 3, framing, data + 1, size - 1);
    else
        check_stream(framing, data + 1, size - 1);
    return 0;
}
