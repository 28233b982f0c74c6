#include "app/catalog/pack_bits.h"
#include "app/catalog/pack_block.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* An entry that makes the block grow by more than this opens a new one: its key is of another kind. */
enum { HEAD_BYTES = 24, LEAP_BYTES = 160, PALETTE_MAX = 1024, STEP_MAX = 255, NO_SYMBOL = 255 };

/* What decides how long a block is; grows with each entry. */
struct shape {
    size_t prefix, longest, shortest;
    uint64_t symbols[4]; /* a bit for each byte that occurs after the prefix */
    uint32_t parent_least, parent_most;
    uint32_t step; /* the fewest children that one has */
    int palette_count;
};

struct digits {
    int radix, filled;
    size_t prefix, tail;
    uint8_t of[256]; /* digit of a byte */
};

struct pack_writer {
    int count;
    struct shape shape;
    struct digits digits; /* of that shape */
    size_t size;
    uint32_t palette[PALETTE_MAX];
    struct pack_entry entries[PACK_ENTRIES_MAX];
    char keys[PACK_ENTRIES_MAX][CODE_KEY_MAX + 1];
};

struct pack_writer *pack_writer_new(void)
{
    return calloc(1, sizeof(struct pack_writer));
}

void pack_writer_free(struct pack_writer *writer)
{
    free(writer);
}

int pack_writer_count(const struct pack_writer *writer)
{
    return writer->count;
}

/* ---- numbers of keys ---- */

static bool has_symbol(const struct shape *shape, int byte)
{
    return shape->symbols[byte / 64] >> (byte & 63) & 1;
}

static void digits_of(const struct shape *shape, struct digits *ret_digits)
{
    ret_digits->filled = shape->shortest < shape->longest;
    ret_digits->radix = ret_digits->filled;
    ret_digits->prefix = shape->prefix;
    ret_digits->tail = shape->longest - shape->prefix;
    for (int byte = 1; byte < 256; byte++)
        if (has_symbol(shape, byte))
            ret_digits->of[byte] = (uint8_t)ret_digits->radix++;
    ret_digits->of[0] = 0;
}

/* Most keys add nothing to what their block has already. */
static bool same_digits(const struct shape *a, const struct shape *b)
{
    return a->prefix == b->prefix && a->longest == b->longest && a->shortest == b->shortest &&
           memcmp(a->symbols, b->symbols, sizeof a->symbols) == 0;
}

/* How far `key` is behind `first`; false: further than a block can say. */
static bool distance_of(const struct digits *digits, const char *first, const char *key, pack_wide *ret_distance)
{
    const pack_wide limit = (pack_wide)1 << PACK_KEY_BITS_MAX;
    pack_wide distance = 0;
    bool first_over = false, key_over = false;
    for (size_t i = 0; i < digits->tail; i++) {
        unsigned char a = first_over ? 0 : (unsigned char)first[digits->prefix + i];
        unsigned char b = key_over ? 0 : (unsigned char)key[digits->prefix + i];
        first_over |= !a;
        key_over |= !b;
        distance = distance * (unsigned)digits->radix + (pack_wide)(digits->of[b] - digits->of[a]);
        if (distance >= limit)
            return false;
    }
    *ret_distance = distance;
    return true;
}

/* ---- shapes ---- */

static void add_symbols(struct shape *shape, const char *text)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        shape->symbols[byte / 64] |= UINT64_C(1) << (byte & 63);
    }
}

static bool in_palette(const struct pack_writer *writer, int count, uint32_t fact)
{
    for (int i = 0; i < count; i++)
        if (writer->palette[i] == fact)
            return true;
    return false;
}

static bool add_fact(struct pack_writer *writer, struct shape *shape, uint32_t fact)
{
    if (!fact || in_palette(writer, shape->palette_count, fact))
        return true;
    if (shape->palette_count == PALETTE_MAX)
        return false;
    writer->palette[shape->palette_count++] = fact;
    return true;
}

static void add_key(const struct pack_writer *writer, struct shape *shape, const char *key)
{
    const char *first = writer->count ? writer->keys[0] : key;
    size_t len = strlen(key), common = 0;
    if (!writer->count)
        *shape = (struct shape){.prefix = len, .longest = len, .shortest = len};
    while (common < shape->prefix && key[common] == first[common])
        common++;
    if (common < shape->prefix) {
        shape->prefix = common;
        add_symbols(shape, first + common);
    }
    shape->longest = len > shape->longest ? len : shape->longest;
    shape->shortest = len < shape->shortest ? len : shape->shortest;
    add_symbols(shape, key + shape->prefix);
}

static unsigned parent_bits(const struct shape *shape)
{
    return shape->parent_most ? pack_bits_of((pack_wide)(shape->parent_most - shape->parent_least) + 1) : 0;
}

/* 0: these keys can't stand in one block. */
static size_t size_of(const struct pack_writer *writer, const struct shape *shape, const struct digits *digits,
                      const char *last, const struct pack_entry *entry)
{
    size_t count = (size_t)writer->count + 1;
    pack_wide most = 0;
    const char *first = writer->count ? writer->keys[0] : last;
    if (digits->radix >= NO_SYMBOL || !distance_of(digits, first, last, &most))
        return 0;
    uint32_t slot_first = writer->count ? writer->entries[0].slot : entry->slot;
    unsigned paint = pack_bits_of((pack_wide)shape->palette_count);
    return HEAD_BYTES + shape->prefix + (size_t)(digits->radix - digits->filled) + digits->tail +
           (size_t)shape->palette_count * 4 + pack_bits_bytes(count, pack_bits_of(most)) +
           pack_bits_bytes(count, parent_bits(shape)) +
           pack_bits_bytes(count + 1, pack_bits_of(entry->slot_end - slot_first - shape->step * (uint32_t)count)) +
           2 * pack_bits_bytes(count, paint) + PACK_PAD;
}

bool pack_writer_add(struct pack_writer *writer, const char *key, const struct pack_entry *entry)
{
    struct shape shape = writer->shape;
    if (writer->count == PACK_ENTRIES_MAX)
        return false;
    assert(!writer->count || strcmp(writer->keys[writer->count - 1], key) < 0);
    add_key(writer, &shape, key);
    if (entry->parent && (!shape.parent_most || entry->parent < shape.parent_least))
        shape.parent_least = entry->parent;
    if (entry->parent > shape.parent_most)
        shape.parent_most = entry->parent;
    uint32_t children = entry->slot_end - entry->slot;
    if (!writer->count || children < shape.step)
        shape.step = children < STEP_MAX ? children : STEP_MAX;
    if (!add_fact(writer, &shape, entry->fact) || !add_fact(writer, &shape, entry->share))
        return false;
    struct digits digits;
    const bool same = writer->count && same_digits(&shape, &writer->shape);
    if (!same)
        digits_of(&shape, &digits);
    size_t size = size_of(writer, &shape, same ? &writer->digits : &digits, key, entry);
    if (writer->count && (!size || size > PACK_BLOCK_MAX || size > writer->size + LEAP_BYTES))
        return false;
    if (!same)
        writer->digits = digits;
    writer->shape = shape;
    writer->size = size;
    writer->entries[writer->count] = *entry;
    memcpy(writer->keys[writer->count++], key, strlen(key) + 1);
    return true;
}

int pack_writer_palette(const struct pack_writer *writer, const uint32_t **ret_palette)
{
    *ret_palette = writer->palette;
    return writer->shape.palette_count;
}

/* ---- bytes ---- */

static uint8_t *put_u16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    return at + 2;
}

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
    return put_u16(put_u16(at, value & 0xffff), value >> 16);
}

static uint8_t *put_bytes(uint8_t *at, const char *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static unsigned place_of(const struct pack_writer *writer, uint32_t fact)
{
    for (int i = 0; fact && i < writer->shape.palette_count; i++)
        if (writer->palette[i] == fact)
            return (unsigned)i + 1;
    return 0;
}

/* One number of one entry; `at` may be count for COLUMN_SLOT. */
enum column { COLUMN_KEY, COLUMN_PARENT, COLUMN_SLOT, COLUMN_FACT, COLUMN_SHARE, COLUMN_COUNT };

static pack_wide value_of(const struct pack_writer *writer, const struct digits *digits, enum column column, int at)
{
    const struct pack_entry *entry = &writer->entries[at < writer->count ? at : at - 1];
    pack_wide value = 0;
    switch (column) {
    case COLUMN_KEY: (void)distance_of(digits, writer->keys[0], writer->keys[at], &value); break;
    case COLUMN_PARENT: value = entry->parent ? entry->parent - writer->shape.parent_least + 1 : 0; break;
    case COLUMN_SLOT:
        value = (at < writer->count ? entry->slot : entry->slot_end) - writer->entries[0].slot -
                writer->shape.step * (uint32_t)at;
        break;
    case COLUMN_FACT: value = place_of(writer, entry->fact); break;
    case COLUMN_SHARE: value = place_of(writer, entry->share); break;
    case COLUMN_COUNT: break;
    }
    return value;
}

static uint8_t *put_column(const struct pack_writer *writer, const struct digits *digits, enum column column,
                           unsigned bits, uint8_t *at)
{
    int count = writer->count + (column == COLUMN_SLOT);
    for (int i = 0; bits && i < count; i++)
        pack_bits_put(at, (size_t)i * bits, bits, value_of(writer, digits, column, i));
    return at + pack_bits_bytes((size_t)count, bits);
}

static uint8_t *put_texts(const struct pack_writer *writer, const struct digits *digits, uint8_t *at)
{
    at = put_bytes(at, writer->keys[0], digits->prefix);
    for (int byte = 1; byte < 256; byte++)
        if (has_symbol(&writer->shape, byte))
            *at++ = (uint8_t)byte;
    size_t len = strlen(writer->keys[0]);
    for (size_t i = digits->prefix; i < digits->prefix + digits->tail; i++)
        *at++ = i < len ? digits->of[(unsigned char)writer->keys[0][i]] : 0;
    for (int i = 0; i < writer->shape.palette_count; i++)
        at = put_u32(at, writer->palette[i]);
    return at;
}

size_t pack_writer_take(struct pack_writer *writer, uint8_t *ret_bytes)
{
    const struct shape *shape = &writer->shape;
    const struct digits digits = writer->digits;
    uint8_t *at = ret_bytes;
    assert(writer->count > 0);
    const unsigned paint = pack_bits_of((pack_wide)shape->palette_count);
    const unsigned bits[COLUMN_COUNT] = {
        pack_bits_of(value_of(writer, &digits, COLUMN_KEY, writer->count - 1)), parent_bits(shape),
        pack_bits_of(value_of(writer, &digits, COLUMN_SLOT, writer->count)), paint, paint};
    memset(ret_bytes, 0, PACK_BLOCK_MAX);
    *at++ = 1;
    *at++ = (uint8_t)digits.filled;
    at = put_u16(at, (size_t)writer->count);
    at = put_u16(at, digits.prefix);
    at = put_u16(at, digits.tail);
    at = put_u16(at, (size_t)(digits.radix - digits.filled));
    at = put_u16(at, (size_t)shape->palette_count);
    *at++ = (uint8_t)bits[COLUMN_KEY];
    *at++ = (uint8_t)bits[COLUMN_PARENT];
    *at++ = (uint8_t)bits[COLUMN_SLOT];
    *at++ = (uint8_t)shape->step;
    at = put_u32(at, shape->parent_least);
    at = put_u32(at, writer->entries[0].slot);
    at = put_texts(writer, &digits, at);
    for (int column = 0; column < COLUMN_COUNT; column++)
        at = put_column(writer, &digits, (enum column)column, bits[column], at);
    writer->count = 0;
    writer->shape = (struct shape){0};
    return (size_t)(at - ret_bytes) + PACK_PAD;
}

/* ---- lists ---- */

enum { LIST_HEAD = 8 };

size_t pack_list_write(const uint32_t *values, size_t count, size_t *ret_count, uint8_t *ret_bytes)
{
    uint32_t least = count ? values[0] : 0, most = least;
    unsigned bits = 0;
    size_t taken = 0;
    for (; taken < count && taken < PACK_LIST_MAX; taken++) {
        uint32_t low = values[taken] < least ? values[taken] : least,
                 high = values[taken] > most ? values[taken] : most;
        unsigned wide = pack_bits_of(high - low);
        if (LIST_HEAD + pack_bits_bytes(taken + 1, wide) + PACK_PAD > PACK_BLOCK_MAX)
            break;
        least = low;
        most = high;
        bits = wide;
    }
    memset(ret_bytes, 0, PACK_BLOCK_MAX);
    put_u16(ret_bytes, taken);
    ret_bytes[2] = (uint8_t)bits;
    put_u32(ret_bytes + 4, least);
    for (size_t i = 0; i < taken; i++)
        pack_bits_put(ret_bytes + LIST_HEAD, i * bits, bits, values[i] - least);
    *ret_count = taken;
    return LIST_HEAD + pack_bits_bytes(taken, bits) + PACK_PAD;
}
