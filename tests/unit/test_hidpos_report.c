/* HID POS: report descriptors and reports, recorded ones of the standards folder when it is there, own ones always. */
#include "platform/linux/hidpos_report.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HONEYWELL_VID = 0x0c2e, NEWLAND_VID = 0x1eab, STRANGER_VID = 0x1234, REPORT = 64, MS = 1000 };

/* A scanner of the usual kind: id 2, count, AIM id, 56 bytes, two of the maker's own, one bit for more. */
static const char USUAL[] =
    "058C0902A1010912A1028502150026FF007508950105"
    "01093B8102058C950109FB810209FC810209FD8102953809FE82020195020666FF09048102058C250175019501"
    "09FF810275079501 8103C0C0";
/* Another order, other sizes, no ids, no AIM id, no count. */
static const char BARE[] = "058C0902A101150026FF007508091295208101 09FE951F8102 25017501950109FF810295078103C0";
/* The output report: bits 0x5F, 0x60, 0x85, 0x86 in report 4. */
static const char SPEAKS[] = "058C0902A1010912A1028502150026FF00750895010501093B8102058C953809FE820201C0"
                             "0914A10285042501750195 04095F09600985098691027504950191 03C0C0";
static const char KEYBOARD[] =
    "05010906A101050719E029E71500250175019508810295017508810395067508150025650507190029658100C0";
/* Usage page 0x8C, and not a word about data. */
static const char SILENT[] = "058C0902A1018502150026FF007508953F09008102C0";

static size_t unhex(const char *hex, uint8_t *ret_bytes)
{
    size_t len = 0;
    for (unsigned byte; *hex; hex += 2) {
        hex += strspn(hex, " ");
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        ret_bytes[len++] = (uint8_t)byte;
    }
    return len;
}

static enum rc layout_of(const char *hex, unsigned vid, struct hidpos_layout *ret_layout)
{
    static uint8_t bytes[HID_DESCRIPTOR_MAX];
    size_t len = unhex(hex, bytes);
    return hidpos_layout(bytes, len, vid, ret_layout);
}

static void usual_layout(void **state)
{
    (void)state;
    struct hidpos_layout layout;
    assert_int_equal(layout_of(USUAL, STRANGER_VID, &layout), RC_OK);
    assert_true(layout.ids);
    assert_int_equal(layout.scan_count, 1);
    assert_int_equal(layout.report_max, REPORT);
    const struct hidpos_scan *scan = &layout.scans[0];
    assert_int_equal(scan->report, 2);
    assert_int_equal(scan->bytes, REPORT);
    assert_int_equal(scan->data_at, 5);
    assert_int_equal(scan->data_max, 56);
    assert_int_equal(scan->count_bit, 8);
    assert_int_equal(scan->count_size, 8);
    assert_true(scan->has_aim && scan->has_more);
    assert_int_equal(scan->aim_at[2], 4);
    assert_int_equal(scan->more_bit, 63 * 8);
    assert_int_equal(layout.trigger_on.len, 0);
}

static void bare_layout(void **state)
{
    (void)state;
    struct hidpos_layout layout;
    assert_int_equal(layout_of(BARE, STRANGER_VID, &layout), RC_OK);
    assert_false(layout.ids);
    assert_int_equal(layout.report_max, 64);
    assert_int_equal(layout.scans[0].report, 0);
    assert_int_equal(layout.scans[0].data_at, 32);
    assert_int_equal(layout.scans[0].data_max, 31);
    assert_int_equal(layout.scans[0].count_size, 0);
    assert_false(layout.scans[0].has_aim);
    assert_int_equal(layout.scans[0].more_bit, 63 * 8);
}

static void commands(void **state)
{
    (void)state;
    struct hidpos_layout layout;
    assert_int_equal(layout_of(SPEAKS, STRANGER_VID, &layout), RC_OK);
    assert_int_equal(layout.trigger_on.len, 2);
    assert_memory_equal(layout.trigger_on.bytes, "\x04\x02", 2);
    assert_memory_equal(layout.trigger_off.bytes, "\x04\x00", 2);
    assert_memory_equal(layout.beep_bad.bytes, "\x04\x04", 2);
    assert_memory_equal(layout.beep_good.bytes, "\x04\x08", 2);
}

static void keyboards_are_no_scanners(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct hidpos_layout layout;
    assert_false(hidpos_is_scanner(bytes, unhex(KEYBOARD, bytes)));
    assert_true(hidpos_is_scanner(bytes, unhex(USUAL, bytes)));
    assert_true(hidpos_is_scanner(bytes, unhex(SILENT, bytes)));
    assert_int_equal(layout_of(KEYBOARD, STRANGER_VID, &layout), RC_NOT_FOUND);
}

static void known_makers(void **state)
{
    (void)state;
    struct hidpos_layout layout;
    assert_int_equal(layout_of(SILENT, STRANGER_VID, &layout), RC_NOT_FOUND);
    assert_int_equal(layout_of(SILENT, HONEYWELL_VID, &layout), RC_OK);
    assert_int_equal(layout.scans[0].data_at, 5);
    assert_int_equal(layout_of(SILENT, NEWLAND_VID, &layout), RC_OK);
    assert_int_equal(layout.scans[0].data_at, 2);
}

static void bad_descriptors(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",                           /* nothing */
        "058C0902A101",               /* a collection that never ends */
        "C0",                         /* one that never began */
        "058C0902A1018500C0",         /* report id 0 */
        "B4",                         /* pop without push */
        "058C09FE26FF",               /* an item cut off */
        "FE",                         /* a long item cut off */
        "FE0500",                     /* and another */
        "058C190529048102",           /* a range that runs backwards */
        "A4A4A4A4A4A4A4A4A4",         /* pushed too deep */
        "058C75207701000100 09FE8102" /* more bits than any report has */
    };
    struct hidpos_layout layout;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        enum rc rc = layout_of(bad[i], HONEYWELL_VID, &layout);
        assert_true(rc == RC_BAD_INPUT || rc == RC_TOO_BIG);
    }
}

/* Every beginning of a good descriptor, and every single byte of it changed: any answer, no crash. */
static void damaged_descriptors(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct hidpos_layout layout;
    size_t len = unhex(USUAL, bytes);
    for (size_t cut = 0; cut < len; cut++)
        hidpos_layout(bytes, cut, HONEYWELL_VID, &layout);
    for (size_t at = 0; at < len; at++)
        for (int value = 0; value <= UINT8_MAX; value++) {
            uint8_t was = bytes[at];
            bytes[at] = (uint8_t)value;
            hidpos_layout(bytes, len, HONEYWELL_VID, &layout);
            bytes[at] = was;
        }
}

/* ---- reports ---- */

static void begin(struct hidpos_reader *reader, const char *descriptor)
{
    struct hidpos_layout layout;
    assert_int_equal(layout_of(descriptor, HONEYWELL_VID, &layout), RC_OK);
    hidpos_init(reader, &layout, -SCANNER_SETTLE_MS);
    hidpos_pause(reader, 0);
    assert_false(reader->skipping);
}

static void make_report(uint8_t *report, const char *aim, const char *data, bool more)
{
    memset(report, 0, REPORT);
    report[0] = 2;
    report[1] = (uint8_t)strlen(data);
    memcpy(report + 2, aim, strlen(aim));
    memcpy(report + 5, data, strlen(data));
    report[63] = more;
}

static enum hidpos_take send(struct hidpos_reader *reader, const char *aim, const char *data, bool more, int64_t at)
{
    uint8_t report[REPORT];
    make_report(report, aim, data, more);
    return hidpos_take(reader, report, sizeof report, at);
}

static void expect(const struct hidpos_reader *reader, const char *text)
{
    assert_int_equal(reader->len, strlen(text));
    assert_memory_equal(reader->bytes, text, reader->len);
}

static void one_report(void **state)
{
    (void)state;
    struct hidpos_reader reader;
    begin(&reader, USUAL);
    assert_int_equal(send(&reader, "]E0", "4006381333931", false, 0), HIDPOS_WHOLE);
    expect(&reader, "]E04006381333931");
    assert_int_equal(send(&reader, "", "4006381333931", false, 0), HIDPOS_WHOLE); /* it has no id to tell */
    expect(&reader, "4006381333931");
    assert_int_equal(send(&reader, "]Z6", "REVINF", false, 0), HIDPOS_WHOLE); /* no symbology's */
    expect(&reader, "REVINF");
    assert_int_equal(send(&reader, "]C1", "]C10112", false, 0), HIDPOS_WHOLE); /* told twice */
    expect(&reader, "]C10112");
    assert_int_equal(send(&reader, "", "", false, 0), HIDPOS_NOTHING);
    assert_int_equal(reader.lost, 0);
}

static char full[57];

static void several_reports(void **state)
{
    (void)state;
    struct hidpos_reader reader;
    char whole[256];
    begin(&reader, USUAL);
    assert_int_equal(send(&reader, "]Q1", full, true, 0), HIDPOS_PART);
    assert_int_equal(hidpos_take(&reader, (const uint8_t *)"", 0, 1), HIDPOS_NOTHING); /* the packet that ends it */
    assert_int_equal(hidpos_take(&reader, (const uint8_t *)"\x05\x01", 2, 1), HIDPOS_NOTHING); /* another report */
    assert_int_equal(send(&reader, "]Q1", full, true, HIDPOS_QUIET_MS), HIDPOS_PART);
    assert_int_equal(send(&reader, "]Q1", "end", false, HIDPOS_QUIET_MS), HIDPOS_WHOLE);
    snprintf(whole, sizeof whole, "]Q1%s%send", full, full);
    expect(&reader, whole);
}

static void too_long(void **state)
{
    (void)state;
    struct hidpos_reader reader;
    begin(&reader, USUAL);
    for (size_t i = 0; i <= SCAN_MAX / 56; i++)
        assert_int_equal(send(&reader, "", full, true, 0), HIDPOS_PART);
    assert_int_equal(send(&reader, "", "end", false, 0), HIDPOS_WHOLE);
    assert_true(reader.truncated);
    assert_int_equal(reader.len, SCAN_MAX);
    assert_int_equal(send(&reader, "", "next", false, 0), HIDPOS_WHOLE);
    assert_false(reader.truncated);
    expect(&reader, "next");
}

static void quiet(struct hidpos_reader *reader, int64_t until_ms)
{
    hidpos_pause(reader, until_ms);
}

static void halves_are_no_scans(void **state)
{
    (void)state;
    struct hidpos_reader reader;
    begin(&reader, USUAL);
    /* late, but it was waiting all the time: nobody had looked */
    assert_int_equal(hidpos_due_ms(&reader, 0), -1);
    assert_int_equal(send(&reader, "]Q1", full, true, 0), HIDPOS_PART);
    assert_int_equal(hidpos_due_ms(&reader, 1), HIDPOS_QUIET_MS - 1);
    quiet(&reader, HIDPOS_QUIET_MS - 1);
    assert_int_equal(send(&reader, "]Q1", "end", false, 3 * MS), HIDPOS_WHOLE);
    /* the end does not come in time: when it comes it is no scan, the next one is */
    assert_int_equal(send(&reader, "]Q1", full, true, 4 * MS), HIDPOS_PART);
    quiet(&reader, 4 * MS + HIDPOS_QUIET_MS);
    assert_int_equal(send(&reader, "]Q1", "end", false, 6 * MS), HIDPOS_NOTHING);
    assert_int_equal(reader.lost, 1);
    assert_int_equal(send(&reader, "]Q1", "next", false, 6 * MS), HIDPOS_WHOLE);
    expect(&reader, "]Q1next");
    /* it never comes: after a long while the next one counts */
    assert_int_equal(send(&reader, "]Q1", full, true, 10 * MS), HIDPOS_PART);
    quiet(&reader, 10 * MS + HIDPOS_QUIET_MS);
    assert_int_equal(hidpos_due_ms(&reader, 10 * MS), SCANNER_STALE_MS);
    quiet(&reader, 10 * MS + SCANNER_STALE_MS);
    assert_int_equal(reader.lost, 2);
    assert_int_equal(send(&reader, "]Q1", "next", false, 20 * MS), HIDPOS_WHOLE);
    /* another code comes instead of the end */
    assert_int_equal(send(&reader, "]Q1", full, true, 20 * MS), HIDPOS_PART);
    assert_int_equal(send(&reader, "]E0", "4006381333931", false, 20 * MS), HIDPOS_WHOLE);
    expect(&reader, "]E04006381333931");
    assert_int_equal(reader.lost, 3);
    /* a report is lost in the middle: the rest is no scan either */
    assert_int_equal(send(&reader, "]Q1", full, true, 21 * MS), HIDPOS_PART);
    hidpos_broken(&reader, 21 * MS);
    assert_int_equal(send(&reader, "]Q1", full, true, 21 * MS), HIDPOS_NOTHING);
    assert_int_equal(send(&reader, "]Q1", "rest", false, 21 * MS), HIDPOS_NOTHING);
    assert_int_equal(reader.lost, 4);
    assert_int_equal(send(&reader, "]Q1", "next", false, 21 * MS), HIDPOS_WHOLE);
    hidpos_broken(&reader, 22 * MS); /* nothing was half: it may have been the beginning */
    assert_int_equal(send(&reader, "]Q1", full, true, 22 * MS), HIDPOS_NOTHING);
    assert_int_equal(send(&reader, "]Q1", "rest", false, 22 * MS), HIDPOS_NOTHING);
    assert_int_equal(reader.lost, 5);
    hidpos_broken(&reader, 23 * MS);
    quiet(&reader, 23 * MS + SCANNER_SETTLE_MS); /* it was none */
    assert_int_equal(send(&reader, "]Q1", "next", false, 24 * MS), HIDPOS_WHOLE);
    assert_int_equal(reader.lost, 5);
}

/* Plugged in while it was sending. */
static void plugged_in_halfway(void **state)
{
    (void)state;
    struct hidpos_reader reader;
    struct hidpos_layout layout;
    assert_int_equal(layout_of(USUAL, STRANGER_VID, &layout), RC_OK);
    hidpos_init(&reader, &layout, 0);
    assert_int_equal(hidpos_due_ms(&reader, 0), SCANNER_SETTLE_MS);
    assert_int_equal(send(&reader, "]Q1", full, true, 10), HIDPOS_NOTHING);
    assert_int_equal(send(&reader, "]Q1", "rest", false, 20), HIDPOS_NOTHING);
    assert_int_equal(reader.lost, 1);
    assert_int_equal(send(&reader, "]Q1", "next", false, 30), HIDPOS_WHOLE);
    hidpos_init(&reader, &layout, 0);
    quiet(&reader, SCANNER_SETTLE_MS);
    assert_int_equal(send(&reader, "]Q1", "next", false, SCANNER_SETTLE_MS), HIDPOS_WHOLE);
    assert_int_equal(reader.lost, 0);
}

static void broken_reports(void **state)
{
    (void)state;
    struct hidpos_reader reader;
    uint8_t report[REPORT];
    begin(&reader, USUAL);
    for (size_t len = 1; len < REPORT; len++) { /* short */
        make_report(report, "]E0", "4006381333931", false);
        assert_int_equal(hidpos_take(&reader, report, len, (int64_t)len * 2 * SCANNER_STALE_MS), HIDPOS_NOTHING);
        quiet(&reader, (int64_t)(len * 2 + 1) * SCANNER_STALE_MS);
        assert_int_equal(reader.lost, len);
    }
    assert_int_equal(send(&reader, "]E0", "one", false, REPORT * MS), HIDPOS_WHOLE);
    /* a short one that was full had a rest, one that was not had none */
    make_report(report, "]E0", full, true);
    assert_int_equal(hidpos_take(&reader, report, REPORT - 1, REPORT * MS), HIDPOS_NOTHING);
    assert_int_equal(send(&reader, "]E0", "rest", false, REPORT * MS), HIDPOS_NOTHING);
    make_report(report, "]E0", "short", false);
    assert_int_equal(hidpos_take(&reader, report, 2, REPORT * MS), HIDPOS_NOTHING);
    assert_int_equal(send(&reader, "]E0", "two", false, REPORT * MS), HIDPOS_WHOLE);
    expect(&reader, "]E0two");
    /* a count that can't be */
    make_report(report, "]E0", "count", false);
    report[1] = 57;
    assert_int_equal(hidpos_take(&reader, report, REPORT, 2 * REPORT * MS), HIDPOS_NOTHING);
}

static void without_count(void **state)
{
    (void)state;
    struct hidpos_reader reader;
    uint8_t report[REPORT] = {0};
    begin(&reader, BARE);
    memcpy(report + 32, "zeros\0end", 9);
    assert_int_equal(hidpos_take(&reader, report, REPORT, 0), HIDPOS_WHOLE);
    assert_int_equal(reader.len, 9);
    assert_memory_equal(reader.bytes, "zeros\0end", 9);
}

/* ---- recorded ---- */

static const char FOLDER[] = "../shared/standards/hidpos/";

static FILE *recorded(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s%s", FOLDER, name);
    FILE *file = fopen(path, "re");
    if (!file)
        printf("no %s: skipped\n", path);
    return file;
}

static void recorded_descriptors(void **state)
{
    (void)state;
    char line[4096], *fields[3];
    FILE *file = recorded("report-descriptors.tsv");
    if (!file)
        skip();
    while (fgets(line, sizeof line, file)) {
        char *rest = line;
        for (size_t i = 0; i < 3; i++)
            fields[i] = strsep(&rest, "\t\n");
        if (line[0] == '#' || !fields[2])
            continue;
        struct hidpos_layout layout;
        assert_int_equal(layout_of(fields[2], STRANGER_VID, &layout), RC_OK);
        assert_int_equal(layout.scans[0].data_at, 5);
        assert_int_equal(layout.scans[0].data_max, 56);
        assert_int_equal(layout.scans[0].more_bit, 63 * 8);
        assert_true(layout.scans[0].has_aim);
        assert_memory_equal(layout.trigger_on.bytes, "\x04\x02", 2);
        assert_int_equal(layout.report_max, REPORT);
    }
    fclose(file);
}

/* id, layout, bytes, length, AIM id, data, …, continued: what the reader is to make of each. */
static void check_recorded(struct hidpos_reader *reader, char **fields, int64_t at)
{
    uint8_t report[256];
    size_t len = unhex(fields[2], report);
    bool more = strcmp(fields[7], "1") == 0;
    reader->partial = false; /* each by itself */
    assert_int_equal(hidpos_take(reader, report, len, at), more ? HIDPOS_PART : HIDPOS_WHOLE);
    bool aim = strcmp(fields[4], "]X0") == 0;
    assert_int_equal(reader->len, (size_t)strtol(fields[3], NULL, 10) + (aim ? HIDPOS_AIM : 0));
}

static void recorded_reports(void **state)
{
    (void)state;
    char line[4096], *fields[8];
    FILE *file = recorded("reports.tsv");
    if (!file)
        skip();
    struct hidpos_reader readers[2];
    struct hidpos_layout layout;
    int checked = 0;
    assert_int_equal(layout_of(SILENT, HONEYWELL_VID, &layout), RC_OK);
    hidpos_init(&readers[0], &layout, -SCANNER_SETTLE_MS);
    hidpos_pause(&readers[0], 0);
    assert_int_equal(layout_of(SILENT, NEWLAND_VID, &layout), RC_OK);
    hidpos_init(&readers[1], &layout, -SCANNER_SETTLE_MS);
    hidpos_pause(&readers[1], 0);
    while (fgets(line, sizeof line, file)) {
        char *rest = line;
        for (size_t i = 0; i < 8; i++)
            fields[i] = strsep(&rest, "\t\n");
        if (line[0] == '#' || !fields[7])
            continue;
        check_recorded(&readers[strcmp(fields[1], "newland") == 0], fields, MS);
        checked++;
    }
    fclose(file);
    assert_true(checked > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_layout),
        cmocka_unit_test(bare_layout),
        cmocka_unit_test(commands),
        cmocka_unit_test(keyboards_are_no_scanners),
        cmocka_unit_test(known_makers),
        cmocka_unit_test(bad_descriptors),
        cmocka_unit_test(damaged_descriptors),
        cmocka_unit_test(one_report),
        cmocka_unit_test(several_reports),
        cmocka_unit_test(too_long),
        cmocka_unit_test(halves_are_no_scans),
        cmocka_unit_test(plugged_in_halfway),
        cmocka_unit_test(broken_reports),
        cmocka_unit_test(without_count),
        cmocka_unit_test(recorded_descriptors),
        cmocka_unit_test(recorded_reports),
    };
    memset(full, 'x', sizeof full - 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
