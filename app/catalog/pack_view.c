#include "app/catalog/pack_bits.h"
#include "app/catalog/pack_block.h"
#include <string.h>

enum { HEAD_BYTES = 24, SYMBOLS_MAX = 255, RANK_BITS_MAX = 33 };

static unsigned u16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] | (unsigned)bytes[1] << 8;
}

static uint32_t u32(const uint8_t *bytes)
{
    return (uint32_t)u16(bytes) | (uint32_t)u16(bytes + 2) << 16;
}

/* ---- the head ---- */

static bool read_head(const uint8_t *bytes, struct pack_view *view)
{
    view->filled = bytes[1] == 1;
    view->count = (int)u16(bytes + 2);
    view->prefix_len = (int)u16(bytes + 4);
    view->tail_len = (int)u16(bytes + 6);
    view->symbol_count = (int)u16(bytes + 8);
    view->palette_count = (int)u16(bytes + 10);
    view->key.bits = bytes[12];
    view->parent.bits = bytes[13];
    view->slot.bits = bytes[14];
    view->step = bytes[15];
    view->fact.bits = pack_bits_of((pack_wide)view->palette_count);
    view->share.bits = view->fact.bits;
    view->parent_least = u32(bytes + 16);
    view->slot_first = u32(bytes + 20);
    return bytes[0] == 1 && bytes[1] <= 1 && view->count > 0 && view->count <= PACK_ENTRIES_MAX &&
           view->prefix_len + view->tail_len <= CODE_KEY_MAX && view->symbol_count <= SYMBOLS_MAX &&
           view->key.bits <= PACK_KEY_BITS_MAX && view->parent.bits <= RANK_BITS_MAX &&
           view->slot.bits <= RANK_BITS_MAX;
}

/* False: it reaches beyond `end`. */
static bool lay_column(struct pack_column *column, size_t count, const uint8_t **at, const uint8_t *end)
{
    size_t need = pack_bits_bytes(count, column->bits);
    column->bytes = *at;
    if ((size_t)(end - *at) < need)
        return false;
    *at += need;
    return true;
}

/* A first tail whose digits are none could not be added to. */
static bool digits_hold(const struct pack_view *view)
{
    int radix = view->symbol_count + view->filled;
    bool over = false;
    for (int i = 0; i < view->tail_len; i++) {
        if (view->first[i] >= radix)
            return false;
        if (view->filled && over && view->first[i])
            return false;
        over |= view->filled && !view->first[i];
    }
    for (int i = 1; i < view->symbol_count; i++)
        if (view->symbols[i] <= view->symbols[i - 1])
            return false;
    return !view->symbol_count || view->symbols[0];
}

enum rc pack_view_open(const uint8_t *bytes, size_t len, struct pack_view *ret_view)
{
    struct pack_view view;
    if (len < HEAD_BYTES + PACK_PAD || !read_head(bytes, &view))
        return RC_CORRUPT;
    const uint8_t *at = bytes + HEAD_BYTES, *end = bytes + len - PACK_PAD;
    size_t texts =
        (size_t)view.prefix_len + (size_t)view.symbol_count + (size_t)view.tail_len + (size_t)view.palette_count * 4;
    if ((size_t)(end - at) < texts)
        return RC_CORRUPT;
    view.prefix = at;
    view.symbols = view.prefix + view.prefix_len;
    view.first = view.symbols + view.symbol_count;
    view.palette = view.first + view.tail_len;
    at += texts;
    size_t count = (size_t)view.count;
    if (!lay_column(&view.key, count, &at, end) || !lay_column(&view.parent, count, &at, end) ||
        !lay_column(&view.slot, count + 1, &at, end) || !lay_column(&view.fact, count, &at, end) ||
        !lay_column(&view.share, count, &at, end))
        return RC_CORRUPT;
    if (at != end || !digits_hold(&view))
        return RC_CORRUPT;
    *ret_view = view;
    return RC_OK;
}

/* ---- columns ---- */

static uint32_t number_at(const struct pack_column *column, int at)
{
    return (uint32_t)pack_bits_half(column->bytes, (size_t)at * column->bits, column->bits);
}

static pack_wide key_at(const struct pack_view *view, int at)
{
    return pack_bits_get(view->key.bytes, (size_t)at * view->key.bits, view->key.bits);
}

uint32_t pack_view_palette(const struct pack_view *view, int at)
{
    return u32(view->palette + (size_t)at * 4);
}

/* 0, or the palette's; a place beyond it reads as 0, which no entry without a parent may have. */
static uint32_t painted(const struct pack_view *view, const struct pack_column *column, int at)
{
    uint32_t place = number_at(column, at);
    return place > 0 && place <= (uint32_t)view->palette_count ? pack_view_palette(view, (int)place - 1) : 0;
}

static uint32_t slot_at(const struct pack_view *view, int at)
{
    return view->slot_first + (uint32_t)(view->step * at) + number_at(&view->slot, at);
}

void pack_view_entry(const struct pack_view *view, int at, struct pack_entry *ret_entry)
{
    uint32_t parent = number_at(&view->parent, at);
    ret_entry->parent = parent ? view->parent_least + parent - 1 : 0;
    ret_entry->slot = slot_at(view, at);
    ret_entry->slot_end = slot_at(view, at + 1);
    ret_entry->fact = painted(view, &view->fact, at);
    ret_entry->share = painted(view, &view->share, at);
}

/* ---- keys ---- */

static int digit_of(const struct pack_view *view, unsigned char byte)
{
    int low = 0, high = view->symbol_count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (view->symbols[middle] < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low < view->symbol_count && view->symbols[low] == byte ? low + view->filled : -1;
}

/* How far the key is from the first; false: it is before it, too far behind it, or can't be in this block. The running
 * value is never below zero again once it is above: each step multiplies it by more than it can take away. */
static bool distance_of(const struct pack_view *view, const char *key, pack_wide *ret_distance)
{
    size_t len = strlen(key), prefix = (size_t)view->prefix_len;
    if (len < prefix || memcmp(key, view->prefix, prefix) != 0 || len > prefix + (size_t)view->tail_len ||
        (!view->filled && len < prefix + (size_t)view->tail_len))
        return false;
    const pack_wide limit = (pack_wide)1 << PACK_KEY_BITS_MAX;
    const int radix = view->symbol_count + view->filled;
    pack_wide distance = 0;
    for (int i = 0; i < view->tail_len; i++) {
        bool over = prefix + (size_t)i >= len;
        int digit = over ? 0 : digit_of(view, (unsigned char)key[prefix + (size_t)i]);
        int step = digit - view->first[i];
        if (digit < 0 || (!distance && step < 0))
            return false;
        distance = distance * (unsigned)radix + (pack_wide)step; /* a negative step wraps, and comes out right */
        if (distance >= limit)
            return false;
    }
    *ret_distance = distance;
    return true;
}

int pack_view_find(const struct pack_view *view, const char *key)
{
    pack_wide wanted;
    if (!distance_of(view, key, &wanted))
        return -1;
    int low = 0, high = view->count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (key_at(view, middle) < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < view->count && key_at(view, low) == wanted ? low : -1;
}

/* Adds one digit's part of the distance; what is left of it stays. */
static unsigned take_digit(pack_wide *distance, unsigned radix)
{
    if (*distance >> 64) {
        unsigned digit = (unsigned)(*distance % radix);
        *distance /= radix;
        return digit;
    }
    uint64_t small = (uint64_t)*distance;
    *distance = small / radix;
    return (unsigned)(small % radix);
}

enum rc pack_view_key(const struct pack_view *view, int at, char *ret_key)
{
    char key[CODE_KEY_MAX + 1];
    const unsigned radix = (unsigned)(view->symbol_count + view->filled);
    pack_wide distance = key_at(view, at);
    unsigned carry = 0;
    size_t prefix = (size_t)view->prefix_len, len = prefix + (size_t)view->tail_len;
    bool inside = false;
    memcpy(key, view->prefix, prefix);
    for (size_t i = (size_t)view->tail_len; i-- > 0;) {
        unsigned digit = view->first[i] + carry + take_digit(&distance, radix);
        carry = digit >= radix;
        digit -= carry ? radix : 0;
        if (view->filled && digit == 0 && inside)
            return RC_CORRUPT;
        inside |= !view->filled || digit > 0;
        key[prefix + i] = digit < (unsigned)view->filled ? '\0' : (char)view->symbols[digit - (unsigned)view->filled];
    }
    if (distance || carry)
        return RC_CORRUPT;
    key[len] = '\0';
    memcpy(ret_key, key, len + 1);
    return RC_OK;
}

/* ---- lists ---- */

enum { LIST_HEAD = 8 };

int pack_list_count(const uint8_t *bytes, size_t len)
{
    if (len < LIST_HEAD + PACK_PAD || bytes[2] > 32)
        return -1;
    unsigned count = u16(bytes);
    return count <= PACK_LIST_MAX && len == LIST_HEAD + pack_bits_bytes(count, bytes[2]) + PACK_PAD ? (int)count : -1;
}

uint32_t pack_list_at(const uint8_t *bytes, int at)
{
    return u32(bytes + 4) + (uint32_t)pack_bits_half(bytes + LIST_HEAD, (size_t)at * bytes[2], bytes[2]);
}
