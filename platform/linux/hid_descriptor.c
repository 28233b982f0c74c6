#include "platform/linux/hid_descriptor.h"
#include <string.h>

enum { STACK_MAX = 8, DEPTH_MAX = 16, USAGES_MAX = 64, BITS_A_BYTE = 8, LONG_ITEM = 0xfe };

/* An item's tag and type, without its size. */
enum item {
    ITEM_INPUT = 0x80,
    ITEM_OUTPUT = 0x90,
    ITEM_FEATURE = 0xb0,
    ITEM_COLLECTION = 0xa0,
    ITEM_END_COLLECTION = 0xc0,
    ITEM_USAGE_PAGE = 0x04,
    ITEM_REPORT_SIZE = 0x74,
    ITEM_REPORT_ID = 0x84,
    ITEM_REPORT_COUNT = 0x94,
    ITEM_PUSH = 0xa4,
    ITEM_POP = 0xb4,
    ITEM_USAGE = 0x08,
    ITEM_USAGE_MIN = 0x18,
    ITEM_USAGE_MAX = 0x28
};

enum { FLAG_CONSTANT = 1, FLAG_VARIABLE = 2, COLLECTION_APPLICATION = 1 };

struct globals {
    uint32_t page, size, count, report;
};

struct parser {
    struct hid_descriptor *out;
    struct globals now, stack[STACK_MAX];
    int pushed, depth;
    uint32_t applications[DEPTH_MAX]; /* of each open collection, its own or its parent's */
    uint32_t usages[USAGES_MAX];
    int usage_count;
    uint32_t usage_min, usage_max;
    bool has_range;
};

/* A usage of four bytes has its page with it. */
static uint32_t usage_of(const struct parser *parser, uint32_t value, size_t size)
{
    return size == sizeof(uint32_t) ? value : HID_USAGE(parser->now.page, value);
}

static uint32_t usage_at(const struct parser *parser, uint32_t index)
{
    if (parser->usage_count > 0)
        return parser->usages[index < (uint32_t)parser->usage_count ? index : (uint32_t)parser->usage_count - 1];
    if (!parser->has_range)
        return 0;
    uint32_t span = parser->usage_max - parser->usage_min;
    return parser->usage_min + (index < span ? index : span);
}

/* How many values have a usage of their own; the last one has the rest (HID 1.11, 6.2.2.8). */
static uint32_t usages_told(const struct parser *parser)
{
    if (parser->usage_count > 0)
        return (uint32_t)parser->usage_count;
    return parser->has_range ? parser->usage_max - parser->usage_min + 1 : 1;
}

static uint32_t *report_bits(struct hid_descriptor *out, enum hid_type type, uint8_t id)
{
    for (int i = 0; i < out->report_count; i++)
        if (out->reports[i].type == type && out->reports[i].id == id)
            return &out->reports[i].bits;
    if (out->report_count == HID_REPORTS_MAX)
        return NULL;
    out->reports[out->report_count].type = type;
    out->reports[out->report_count].id = id;
    out->reports[out->report_count].bits = id ? BITS_A_BYTE : 0;
    return &out->reports[out->report_count++].bits;
}

static enum rc put_field(struct parser *parser, const struct hid_field *field)
{
    if (parser->out->field_count == HID_FIELDS_MAX)
        return RC_TOO_BIG;
    parser->out->fields[parser->out->field_count++] = *field;
    return RC_OK;
}

static enum rc put_fields(struct parser *parser, enum hid_type type, uint32_t flags)
{
    const struct globals *now = &parser->now;
    uint32_t *bits = report_bits(parser->out, type, (uint8_t)now->report);
    if (!bits || now->size > 32 || now->count > HID_REPORT_BYTES_MAX * BITS_A_BYTE ||
        *bits + now->size * now->count > HID_REPORT_BYTES_MAX * BITS_A_BYTE)
        return RC_TOO_BIG;
    struct hid_field field = {.type = type,
                              .report = (uint8_t)now->report,
                              .application = parser->depth ? parser->applications[parser->depth - 1] : 0,
                              .bit = *bits,
                              .size = (uint16_t)now->size,
                              .constant = flags & FLAG_CONSTANT,
                              .array = !(flags & FLAG_VARIABLE)};
    enum rc rc = RC_OK;
    uint32_t told = field.array || field.constant ? 1 : usages_told(parser);
    for (uint32_t i = 0; i < now->count && rc == RC_OK; i += field.count) {
        field.usage = usage_at(parser, i);
        field.bit = *bits + i * now->size;
        field.count = (uint16_t)(i + 1 >= told ? now->count - i : 1);
        rc = put_field(parser, &field);
    }
    *bits += now->size * now->count;
    return rc;
}

static void forget_locals(struct parser *parser)
{
    parser->usage_count = 0;
    parser->usage_min = parser->usage_max = 0;
    parser->has_range = false;
}

static enum rc open_collection(struct parser *parser, uint32_t kind)
{
    if (parser->depth == DEPTH_MAX)
        return RC_TOO_BIG;
    uint32_t application = parser->depth ? parser->applications[parser->depth - 1] : 0;
    if (kind == COLLECTION_APPLICATION) {
        application = usage_at(parser, 0);
        if (!parser->out->first_application)
            parser->out->first_application = application;
    }
    parser->applications[parser->depth++] = application;
    return RC_OK;
}

static enum rc take_main(struct parser *parser, enum item item, uint32_t value)
{
    enum rc rc = RC_OK;
    if (item == ITEM_INPUT)
        rc = put_fields(parser, HID_INPUT, value);
    else if (item == ITEM_OUTPUT)
        rc = put_fields(parser, HID_OUTPUT, value);
    else if (item == ITEM_FEATURE)
        rc = put_fields(parser, HID_FEATURE, value);
    else if (item == ITEM_COLLECTION)
        rc = open_collection(parser, value);
    else if (item == ITEM_END_COLLECTION && parser->depth-- == 0)
        rc = RC_BAD_INPUT;
    forget_locals(parser);
    return rc;
}

static enum rc take_global(struct parser *parser, enum item item, uint32_t value)
{
    if (item == ITEM_USAGE_PAGE) {
        parser->now.page = value & 0xffff;
    } else if (item == ITEM_REPORT_SIZE) {
        parser->now.size = value;
    } else if (item == ITEM_REPORT_COUNT) {
        parser->now.count = value;
    } else if (item == ITEM_REPORT_ID) {
        if (value == 0 || value > UINT8_MAX)
            return RC_BAD_INPUT;
        parser->now.report = value;
        parser->out->ids = true;
    } else if (item == ITEM_PUSH) {
        if (parser->pushed == STACK_MAX)
            return RC_TOO_BIG;
        parser->stack[parser->pushed++] = parser->now;
    } else if (item == ITEM_POP) {
        if (parser->pushed == 0)
            return RC_BAD_INPUT;
        parser->now = parser->stack[--parser->pushed];
    }
    return RC_OK;
}

static enum rc take_local(struct parser *parser, enum item item, uint32_t value, size_t size)
{
    if (item == ITEM_USAGE) {
        if (parser->usage_count == USAGES_MAX)
            return RC_TOO_BIG;
        parser->usages[parser->usage_count++] = usage_of(parser, value, size);
    } else if (item == ITEM_USAGE_MIN) {
        parser->usage_min = usage_of(parser, value, size);
    } else if (item == ITEM_USAGE_MAX) {
        parser->usage_max = usage_of(parser, value, size);
        parser->has_range = true;
    }
    return parser->has_range && parser->usage_max < parser->usage_min ? RC_BAD_INPUT : RC_OK;
}

static enum rc take_item(struct parser *parser, uint8_t prefix, uint32_t value, size_t size)
{
    enum { TYPE_MAIN = 0x00, TYPE_GLOBAL = 0x04, TYPE_LOCAL = 0x08, TYPE_MASK = 0x0c, SIZE_MASK = 0x03 };
    enum item item = (enum item)(prefix & ~SIZE_MASK);
    switch (prefix & TYPE_MASK) {
    case TYPE_MAIN: return take_main(parser, item, value);
    case TYPE_GLOBAL: return take_global(parser, item, value);
    case TYPE_LOCAL: return take_local(parser, item, value, size);
    }
    return RC_OK; /* reserved: nothing is known of it */
}

static enum rc take_all(struct parser *parser, const uint8_t *bytes, size_t len)
{
    static const size_t sizes[] = {0, 1, 2, 4};
    enum rc rc = RC_OK;
    for (size_t at = 0; at < len && rc == RC_OK;) {
        uint8_t prefix = bytes[at++];
        if (prefix == LONG_ITEM) {
            size_t skip = at < len ? 2 + (size_t)bytes[at] : len;
            if (skip > len - at)
                return RC_BAD_INPUT;
            at += skip;
            continue;
        }
        size_t size = sizes[prefix & 3];
        if (size > len - at)
            return RC_BAD_INPUT;
        uint32_t value = 0;
        for (size_t i = 0; i < size; i++)
            value |= (uint32_t)bytes[at + i] << (BITS_A_BYTE * i);
        at += size;
        rc = take_item(parser, prefix, value, size);
    }
    return rc;
}

/* Reports without an id beside reports with one can't be told apart. */
static bool mixed(const struct hid_descriptor *descriptor)
{
    for (int i = 0; i < descriptor->report_count; i++)
        if (descriptor->ids && descriptor->reports[i].id == 0)
            return true;
    return false;
}

enum rc hid_parse(const uint8_t *bytes, size_t len, struct hid_descriptor *ret_descriptor)
{
    struct hid_descriptor descriptor = {0};
    struct parser parser = {.out = &descriptor};
    if (len > HID_DESCRIPTOR_MAX)
        return RC_TOO_BIG;
    enum rc rc = take_all(&parser, bytes, len);
    if (rc == RC_OK && (parser.depth != 0 || descriptor.report_count == 0 || mixed(&descriptor)))
        rc = RC_BAD_INPUT;
    if (rc == RC_OK)
        *ret_descriptor = descriptor;
    return rc;
}

size_t hid_report_bytes(const struct hid_descriptor *descriptor, enum hid_type type, uint8_t id)
{
    for (int i = 0; i < descriptor->report_count; i++)
        if (descriptor->reports[i].type == type && descriptor->reports[i].id == id)
            return (descriptor->reports[i].bits + BITS_A_BYTE - 1) / BITS_A_BYTE;
    return 0;
}

const struct hid_field *hid_find(const struct hid_descriptor *descriptor, enum hid_type type, uint32_t usage,
                                 const struct hid_field *after)
{
    const struct hid_field *end = descriptor->fields + descriptor->field_count;
    for (const struct hid_field *field = after ? after + 1 : descriptor->fields; field < end; field++)
        if (field->type == type && field->usage == usage && !field->constant && !field->array)
            return field;
    return NULL;
}

uint32_t hid_bits(const uint8_t *report, size_t len, uint32_t bit, unsigned size)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < size && i < 32; i++) {
        size_t byte = (bit + i) / BITS_A_BYTE;
        if (byte < len && report[byte] >> ((bit + i) % BITS_A_BYTE) & 1)
            value |= 1u << i;
    }
    return value;
}
