#include "platform/linux/hidpos_report.h"
#include "app/domain/symbology.h"
#include <string.h>

enum { PAGE_SCANNER = 0x8c, PAGE_DESKTOP = 0x01, BITS_A_BYTE = 8 };

#define USAGE_BYTE_COUNT HID_USAGE(PAGE_DESKTOP, 0x3b)
#define USAGE_AIM_1      HID_USAGE(PAGE_SCANNER, 0xfb)
#define USAGE_DATA       HID_USAGE(PAGE_SCANNER, 0xfe)
#define USAGE_MORE       HID_USAGE(PAGE_SCANNER, 0xff)
#define USAGE_READ       HID_USAGE(PAGE_SCANNER, 0x60)
#define USAGE_ERROR_BEEP HID_USAGE(PAGE_SCANNER, 0x85)
#define USAGE_GOOD_BEEP  HID_USAGE(PAGE_SCANNER, 0x86)

/* ---- what the makers document: for scanners whose descriptor says nothing of the data ---- */

static const struct hidpos_layout HONEYWELL = {
    .ids = true,
    .scan_count = 1,
    .report_max = 64,
    .scans = {{.report = 2,
               .bytes = 64,
               .data_at = 5,
               .data_max = 56,
               .count_bit = 8,
               .count_size = 8,
               .has_aim = true,
               .aim_at = {2, 3, 4},
               .has_more = true,
               .more_bit = 63 * BITS_A_BYTE}},
};

static const struct hidpos_layout NEWLAND = {
    .ids = true,
    .scan_count = 1,
    .report_max = 64,
    .scans = {{.report = 2,
               .bytes = 64,
               .data_at = 2,
               .data_max = 56,
               .count_bit = 8,
               .count_size = 8,
               .has_more = true,
               .more_bit = 63 * BITS_A_BYTE}},
};

static const struct {
    unsigned vid;
    const struct hidpos_layout *layout;
} MAKERS[] = {
    {0x0c2e, &HONEYWELL}, /* Metrologic, now Honeywell */
    {0x0536, &HONEYWELL}, /* Hand Held Products */
    {0x23d0, &HONEYWELL}, /* Youjie */
    {0x1eab, &NEWLAND},
};

static const struct hidpos_layout *known_layout(unsigned vid)
{
    for (size_t i = 0; i < sizeof MAKERS / sizeof MAKERS[0]; i++)
        if (MAKERS[i].vid == vid)
            return MAKERS[i].layout;
    return NULL;
}

/* ---- what the descriptor says ---- */

static const struct hid_field *in_report(const struct hid_descriptor *descriptor, uint32_t usage, uint8_t report)
{
    const struct hid_field *field = hid_find(descriptor, HID_INPUT, usage, NULL);
    while (field && field->report != report)
        field = hid_find(descriptor, HID_INPUT, usage, field);
    return field;
}

static bool in_bytes(const struct hid_field *field)
{
    return field && field->size == BITS_A_BYTE && field->bit % BITS_A_BYTE == 0;
}

static void find_aim(const struct hid_descriptor *descriptor, struct hidpos_scan *scan)
{
    scan->has_aim = true;
    for (uint32_t i = 0; i < HIDPOS_AIM; i++) {
        const struct hid_field *field = in_report(descriptor, USAGE_AIM_1 + i, scan->report);
        scan->has_aim = scan->has_aim && in_bytes(field);
        scan->aim_at[i] = field ? field->bit / BITS_A_BYTE : 0;
    }
}

static void find_scan(const struct hid_descriptor *descriptor, const struct hid_field *data, struct hidpos_scan *scan)
{
    memset(scan, 0, sizeof *scan);
    scan->report = data->report;
    scan->bytes = hid_report_bytes(descriptor, HID_INPUT, data->report);
    scan->data_at = data->bit / BITS_A_BYTE;
    scan->data_max = data->count;
    find_aim(descriptor, scan);
    const struct hid_field *count = in_report(descriptor, USAGE_BYTE_COUNT, data->report);
    if (count) {
        scan->count_bit = count->bit;
        scan->count_size = count->size;
    }
    const struct hid_field *more = in_report(descriptor, USAGE_MORE, data->report);
    scan->has_more = more;
    scan->more_bit = more ? more->bit : 0;
}

/* The report that sets one bit and leaves all others 0. */
static void find_command(const struct hid_descriptor *descriptor, uint32_t usage, bool on,
                         struct hidpos_command *ret_command)
{
    const struct hid_field *field = hid_find(descriptor, HID_OUTPUT, usage, NULL);
    size_t len = field ? hid_report_bytes(descriptor, HID_OUTPUT, field->report) + !descriptor->ids : 0;
    if (len == 0 || len > HIDPOS_COMMAND_MAX)
        return;
    uint32_t bit = field->bit + (descriptor->ids ? 0 : BITS_A_BYTE);
    ret_command->len = len;
    ret_command->bytes[0] = field->report;
    if (on)
        ret_command->bytes[bit / BITS_A_BYTE] |= (uint8_t)(1u << (bit % BITS_A_BYTE));
}

/* Honeywell's serial commands in a report of their own (0xFD: a byte count, then the command), where it has one. */
static void honeywell_command(const struct hid_descriptor *descriptor, const char *text, size_t text_len,
                              struct hidpos_command *ret_command)
{
    enum { REPORT = 0xfd, HEAD = 2 };
    size_t len = hid_report_bytes(descriptor, HID_OUTPUT, REPORT);
    if (ret_command->len || len < HEAD + text_len || len > HIDPOS_COMMAND_MAX)
        return;
    ret_command->len = len;
    ret_command->bytes[0] = REPORT;
    ret_command->bytes[1] = (uint8_t)text_len;
    memcpy(ret_command->bytes + HEAD, text, text_len);
}

static void find_commands(const struct hid_descriptor *descriptor, unsigned vid, struct hidpos_layout *layout)
{
    find_command(descriptor, USAGE_READ, true, &layout->trigger_on);
    find_command(descriptor, USAGE_READ, false, &layout->trigger_off);
    find_command(descriptor, USAGE_GOOD_BEEP, true, &layout->beep_good);
    find_command(descriptor, USAGE_ERROR_BEEP, true, &layout->beep_bad);
    if (known_layout(vid) != &HONEYWELL)
        return;
    honeywell_command(descriptor, "\x16\x54\x0d", 3, &layout->trigger_on);
    honeywell_command(descriptor, "\x16\x55\x0d", 3, &layout->trigger_off);
    honeywell_command(descriptor, "\x16\x07\x0d", 3, &layout->beep_good);
}

static size_t longest_input(const struct hid_descriptor *descriptor)
{
    size_t longest = 0;
    for (int i = 0; i < descriptor->report_count; i++)
        if (descriptor->reports[i].type == HID_INPUT) {
            size_t bytes = hid_report_bytes(descriptor, HID_INPUT, descriptor->reports[i].id);
            longest = bytes > longest ? bytes : longest;
        }
    return longest;
}

bool hidpos_is_scanner(const uint8_t *bytes, size_t len)
{
    struct hid_descriptor descriptor;
    return hid_parse(bytes, len, &descriptor) == RC_OK && descriptor.first_application >> 16 == PAGE_SCANNER;
}

enum rc hidpos_layout(const uint8_t *bytes, size_t len, unsigned vid, struct hidpos_layout *ret_layout)
{
    struct hid_descriptor descriptor;
    struct hidpos_layout layout = {0};
    enum rc rc = hid_parse(bytes, len, &descriptor);
    if (rc != RC_OK)
        return rc;
    layout.ids = descriptor.ids;
    const struct hid_field *data = hid_find(&descriptor, HID_INPUT, USAGE_DATA, NULL);
    while (data && layout.scan_count < HIDPOS_SCANS_MAX) {
        if (in_bytes(data))
            find_scan(&descriptor, data, &layout.scans[layout.scan_count++]);
        data = hid_find(&descriptor, HID_INPUT, USAGE_DATA, data);
    }
    if (layout.scan_count == 0) {
        const struct hidpos_layout *known = known_layout(vid);
        if (!known)
            return RC_NOT_FOUND;
        layout = *known;
    } else {
        layout.report_max = longest_input(&descriptor);
    }
    find_commands(&descriptor, vid, &layout);
    *ret_layout = layout;
    return RC_OK;
}

/* ---- reports ---- */

void hidpos_init(struct hidpos_reader *reader, const struct hidpos_layout *layout, int64_t now_ms)
{
    memset(reader, 0, sizeof *reader);
    reader->skipping = true;
    reader->part_ms = now_ms;
    reader->layout = *layout;
}

static const struct hidpos_scan *scan_of(const struct hidpos_layout *layout, uint8_t first)
{
    for (int i = 0; i < layout->scan_count; i++)
        if (!layout->ids || layout->scans[i].report == first)
            return &layout->scans[i];
    return NULL;
}

static void append(struct hidpos_reader *reader, const uint8_t *bytes, size_t len)
{
    size_t room = sizeof reader->bytes - reader->len, taken = len < room ? len : room;
    memcpy(reader->bytes + reader->len, bytes, taken);
    reader->len += taken;
    reader->truncated = reader->truncated || taken < len;
}

/* An id that is none is left out: the data stands for itself. So is one that the scanner also sends before the data. */
static void begin(struct hidpos_reader *reader, const uint8_t *aim, const uint8_t *data, size_t len)
{
    reader->partial = true;
    reader->truncated = false;
    reader->len = 0;
    memcpy(reader->aim, aim, HIDPOS_AIM);
    if (symbology_find(aim, HIDPOS_AIM) && (len < HIDPOS_AIM || memcmp(data, aim, HIDPOS_AIM) != 0))
        append(reader, aim, HIDPOS_AIM);
}

/* How much of the data field is data; false: the count can't be true. */
static bool data_len(const struct hidpos_scan *scan, const uint8_t *report, size_t len, size_t *ret_len)
{
    size_t count = scan->data_max;
    if (scan->count_size)
        count = hid_bits(report, len, scan->count_bit, scan->count_size);
    else
        while (count > 0 && report[scan->data_at + count - 1] == '\0')
            count--;
    if (count > scan->data_max)
        return false;
    *ret_len = count;
    return true;
}

/* The rest of it, if it comes, is no scan. */
static void lose(struct hidpos_reader *reader)
{
    reader->partial = false;
    reader->skipping = reader->has_lost = true;
}

/* Told once, at the end: that is when the user waits for a word. */
static void end_skipping(struct hidpos_reader *reader)
{
    reader->lost += reader->has_lost;
    reader->skipping = reader->has_lost = false;
}

void hidpos_broken(struct hidpos_reader *reader, int64_t now_ms)
{
    reader->part_ms = now_ms;
    if (reader->partial)
        lose(reader);
    else
        reader->skipping = true; /* it may have been the beginning of what comes now */
}

static int pause_ms(const struct hidpos_reader *reader)
{
    if (reader->skipping)
        return reader->has_lost ? SCANNER_STALE_MS : SCANNER_SETTLE_MS;
    return reader->partial ? HIDPOS_QUIET_MS : -1;
}

int hidpos_due_ms(const struct hidpos_reader *reader, int64_t now_ms)
{
    int pause = pause_ms(reader);
    int64_t left_ms = reader->part_ms + pause - now_ms;
    return pause < 0 ? -1 : left_ms > 0 ? (int)left_ms : 0;
}

void hidpos_pause(struct hidpos_reader *reader, int64_t now_ms)
{
    if (hidpos_due_ms(reader, now_ms) != 0)
        return;
    if (reader->skipping)
        end_skipping(reader);
    else
        lose(reader);
}

/* A report that is no good. Only a report that is full is followed by the rest of its scan, which by itself would look
 * like a scan. */
static void drop_report(struct hidpos_reader *reader, const struct hidpos_scan *scan, const uint8_t *report,
                        size_t len)
{
    bool counted = scan->count_size && (scan->count_bit + scan->count_size) / BITS_A_BYTE <= len;
    uint32_t count = counted ? hid_bits(report, len, scan->count_bit, scan->count_size) : 0;
    lose(reader);
    if (!scan->has_more || (counted && count < scan->data_max))
        end_skipping(reader);
}

static enum hidpos_take take_data(struct hidpos_reader *reader, const struct hidpos_scan *scan, const uint8_t *report,
                                  size_t len)
{
    uint8_t aim[HIDPOS_AIM] = {0};
    size_t data = 0;
    bool more = scan->has_more && hid_bits(report, len, scan->more_bit, 1);
    if (reader->skipping) {
        reader->has_lost = true;
        if (!more && len >= scan->bytes)
            end_skipping(reader);
        return HIDPOS_NOTHING;
    }
    if (len < scan->bytes || !data_len(scan, report, len, &data)) {
        drop_report(reader, scan, report, len);
        return HIDPOS_NOTHING;
    }
    for (size_t i = 0; i < HIDPOS_AIM && scan->has_aim; i++)
        aim[i] = report[scan->aim_at[i]];
    /* another symbology in the middle: the end of the one before was lost */
    bool other = reader->partial && memcmp(aim, reader->aim, HIDPOS_AIM) != 0;
    reader->lost += other;
    if (other || !reader->partial)
        begin(reader, aim, report + scan->data_at, data);
    append(reader, report + scan->data_at, data);
    reader->partial = more;
    if (more)
        return HIDPOS_PART;
    return reader->len ? HIDPOS_WHOLE : HIDPOS_NOTHING;
}

enum hidpos_take hidpos_take(struct hidpos_reader *reader, const uint8_t *report, size_t len, int64_t now_ms)
{
    const struct hidpos_scan *scan = len ? scan_of(&reader->layout, report[0]) : NULL;
    if (!scan) /* of another kind, or the empty packet after a report that fills its packets */
        return HIDPOS_NOTHING;
    reader->part_ms = now_ms;
    return take_data(reader, scan, report, len);
}
