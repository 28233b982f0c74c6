/* A HID report descriptor (Device Class Definition for HID 1.11, 6.2.2) taken apart into fields: where each usage lies in
 * which report. Pure; takes any bytes. */
#ifndef TALLYMAN_PLATFORM_LINUX_HID_DESCRIPTOR_H
#define TALLYMAN_PLATFORM_LINUX_HID_DESCRIPTOR_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hid_type { HID_INPUT, HID_OUTPUT, HID_FEATURE, HID_TYPES };

enum {
    HID_DESCRIPTOR_MAX = 4096, /* bytes: what the kernel takes as well */
    HID_FIELDS_MAX = 256,
    HID_REPORT_BYTES_MAX = 4096,
    HID_REPORTS_MAX = 64 /* of all types */
};

struct hid_field {
    enum hid_type type;
    uint8_t report;       /* id, 0 when the device uses none */
    uint32_t usage;       /* page in the upper half */
    uint32_t application; /* usage of the application collection that it is in */
    uint32_t bit;         /* from the beginning of the report as it is on the wire, the id's byte included */
    uint16_t size;        /* bits of one value */
    uint16_t count;       /* values of this usage, one after the other */
    bool constant, array;
};

struct hid_descriptor {
    bool ids; /* the first byte of each report is its id */
    uint32_t first_application;
    int field_count, report_count;
    struct hid_field fields[HID_FIELDS_MAX];
    struct {
        enum hid_type type;
        uint8_t id;
        uint32_t bits; /* the id's byte included */
    } reports[HID_REPORTS_MAX];
};

#define HID_USAGE(page, id) ((uint32_t)(page) << 16 | (uint32_t)(id))

/* RC_BAD_INPUT: no descriptor, or a cut one; RC_TOO_BIG: more than the limits above. */
enum rc hid_parse(const uint8_t *bytes, size_t len, struct hid_descriptor *ret_descriptor);

/* Bytes of a report on the wire, its id included; 0 when there is no such. */
size_t hid_report_bytes(const struct hid_descriptor *descriptor, enum hid_type type, uint8_t id);

/* The next field of this type and usage after `after` (NULL: the first). */
const struct hid_field *hid_find(const struct hid_descriptor *descriptor, enum hid_type type, uint32_t usage,
                                 const struct hid_field *after);

/* `size` bits (at most 32) of a report, the lowest first; bits beyond its end are 0. */
uint32_t hid_bits(const uint8_t *report, size_t len, uint32_t bit, unsigned size);

#endif
