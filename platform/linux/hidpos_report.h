/* Scans in the reports of a HID POS scanner (usage page 0x8C): which bytes of which report are data, and how several
 * reports make one scan. Pure. */
#ifndef TALLYMAN_PLATFORM_LINUX_HIDPOS_REPORT_H
#define TALLYMAN_PLATFORM_LINUX_HIDPOS_REPORT_H

#include "app/domain/limits.h"
#include "platform/linux/hid_descriptor.h"
#include "platform/scanner.h"

enum { HIDPOS_AIM = 3, HIDPOS_SCANS_MAX = 4, HIDPOS_QUIET_MS = 1000, HIDPOS_COMMAND_MAX = 64 };

/* One report that carries scanned data. Bits and bytes count from the beginning of the report, id included. */
struct hidpos_scan {
    uint8_t report; /* 0: the device uses no ids */
    size_t bytes;   /* of the whole report: a shorter one is broken */
    size_t data_at, data_max;
    uint32_t count_bit;
    unsigned count_size; /* 0: no count, zeros at the end are padding */
    bool has_aim;
    size_t aim_at[HIDPOS_AIM];
    bool has_more;
    uint32_t more_bit; /* set: the scan goes on in the next report */
};

/* A command: the report as it is sent, its id first (0 when the device uses none). */
struct hidpos_command {
    size_t len; /* 0: the scanner has no such command */
    uint8_t bytes[HIDPOS_COMMAND_MAX];
};

struct hidpos_layout {
    bool ids;
    int scan_count;
    struct hidpos_scan scans[HIDPOS_SCANS_MAX];
    size_t report_max; /* bytes of the longest input report */
    struct hidpos_command trigger_on, trigger_off, beep_good, beep_bad;
};

/* Whether these bytes begin as the report descriptor of a barcode scanner: its first application is on page 0x8C. */
bool hidpos_is_scanner(const uint8_t *bytes, size_t len);

/* What the descriptor says; where it says nothing of scanned data, what is known of this maker. RC_NOT_FOUND: neither. */
enum rc hidpos_layout(const uint8_t *bytes, size_t len, unsigned vid, struct hidpos_layout *ret_layout);

enum hidpos_take {
    HIDPOS_NOTHING, /* not scanned data, or padding between packets */
    HIDPOS_PART,    /* the scan goes on */
    HIDPOS_WHOLE    /* bytes, len and truncated hold a scan, AIM id first, until the next call */
};

struct hidpos_reader {
    struct hidpos_layout layout;
    bool partial;    /* the beginning of a scan is here */
    bool skipping;   /* what comes is the rest of a scan whose beginning is lost */
    bool has_lost;   /* and there was one: else it was only just plugged in */
    int64_t part_ms; /* when the last report with data came */
    int64_t lost;    /* scans thrown away: a part of them was missing or broken */
    uint8_t aim[HIDPOS_AIM];
    bool truncated;
    size_t len;
    uint8_t bytes[SCAN_MAX];
};

/* Just plugged in: begins by skipping. */
void hidpos_init(struct hidpos_reader *reader, const struct hidpos_layout *layout, int64_t now_ms);
enum hidpos_take hidpos_take(struct hidpos_reader *reader, const uint8_t *report, size_t len, int64_t now_ms);

/* A report was lost on the way: what is half here is thrown away, and so is the rest of it; with nothing here, what comes
 * before a pause as after plugging in. */
void hidpos_broken(struct hidpos_reader *reader, int64_t now_ms);

/* Milliseconds until nothing having come says something, -1: it says nothing. */
int hidpos_due_ms(const struct hidpos_reader *reader, int64_t now_ms);
/* Nothing has come until now, and nothing waits to be taken. */
void hidpos_pause(struct hidpos_reader *reader, int64_t now_ms);

#endif
