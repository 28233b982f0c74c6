/* Fuzzes HID POS: a descriptor (its length in the first two bytes), then reports, each with a length and a pause before it. */
#include "platform/linux/hidpos_report.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 2, STEP = 2, PAUSE_MS = 32 };

static void demand(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "fuzz_hid: %s\n", what);
    abort();
}

static void check_layout(const struct hidpos_layout *layout)
{
    demand(layout->scan_count > 0 && layout->scan_count <= HIDPOS_SCANS_MAX, "scans");
    demand(layout->report_max <= HID_REPORT_BYTES_MAX, "report_max");
    for (int i = 0; i < layout->scan_count; i++) {
        const struct hidpos_scan *scan = &layout->scans[i];
        demand(scan->data_at + scan->data_max <= scan->bytes && scan->bytes <= layout->report_max, "data outside");
        for (int a = 0; a < HIDPOS_AIM && scan->has_aim; a++)
            demand(scan->aim_at[a] < scan->bytes, "AIM id outside");
    }
}

/* Each report is of its own heap, so that a read beyond it shows. */
static void send(struct hidpos_reader *reader, const uint8_t *bytes, size_t len, int64_t now_ms)
{
    uint8_t *report = malloc(len ? len : 1);
    demand(report, "memory");
    memcpy(report, bytes, len);
    enum hidpos_take taken = hidpos_take(reader, report, len, now_ms);
    demand(reader->len <= SCAN_MAX, "longer than a scan may be");
    demand(taken != HIDPOS_WHOLE || (reader->len > 0 && !reader->partial), "a whole one that is none");
    demand(taken != HIDPOS_PART || reader->partial, "a part that is none");
    free(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned vids[] = {0, 0x0c2e, 0x1eab, 0x23d0};
    static struct hidpos_layout layout;
    static struct hidpos_reader reader;
    if (size < HEAD)
        return 0;
    size_t len = (size_t)data[0] | (size_t)data[1] << 8;
    unsigned vid = vids[len >> 14];
    len &= 0x3fff;
    data += HEAD;
    size -= HEAD;
    len = len < size ? len : size;
    hidpos_is_scanner(data, len);
    if (hidpos_layout(data, len, vid, &layout) != RC_OK)
        return 0;
    check_layout(&layout);
    int64_t now_ms = 0;
    hidpos_init(&reader, &layout, now_ms);
    for (size_t at = len; at + STEP <= size;) {
        size_t report = data[at] < size - at - STEP ? data[at] : size - at - STEP;
        now_ms += data[at + 1] * PAUSE_MS;
        hidpos_pause(&reader, now_ms);
        if (data[at + 1] == UINT8_MAX)
            hidpos_broken(&reader, now_ms);
        send(&reader, data + at + STEP, report, now_ms);
        at += STEP + report;
    }
    return 0;
}
