/* A block of the packed code book: entries that follow each other in key order, their keys exact. Pure; any thread.
 *
 * What the keys of a block begin with is written once. What is left of them is read as a number over the bytes that
 * occur there; each entry has its distance from the first, in as many bits as the widest needs, so that a search needs no
 * unpacking. Where keys differ in length, the shorter are filled up with a digit below all others: the order stays that
 * of the bytes. Bytes, little-endian:
 *   u8 version, u8 flags, u16 entries, u16 prefix, u16 tail, u16 symbols, u16 palette, u8 key, parent, slot bits, u8 step,
 *   u32 least parent, u32 first slot, prefix, symbols (ascending), the first tail's digits, palette (u32 each), then
 *   five columns, each from a byte of its own: key, parent, slot (one more than entries), fact, share; PACK_PAD zeros.
 * A slot is its distance from the first less step times its place: where all have so many children, that is nothing.
 * A parent is 0 for none, else 1 + its distance from the least. A fact or share is 0 or 1 + its place in the palette. */
#ifndef TALLYMAN_CATALOG_PACK_BLOCK_H
#define TALLYMAN_CATALOG_PACK_BLOCK_H

#include "app/domain/limits.h"
#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PACK_BLOCK_MAX = 4032,   /* bytes; with its row it fills a page of 4,096 less eight */
    PACK_ENTRIES_MAX = 2048, /* in one block */
    PACK_PAD = 16,           /* so that a word may be read anywhere */
    PACK_KEY_BITS_MAX = 112
};

/* Ranks count all entries of the book in key order. */
struct pack_entry {
    uint32_t parent;         /* 0 none, else 1 + rank */
    uint32_t slot, slot_end; /* where its children begin and end */
    uint32_t fact;           /* 0: what the parent's share says */
    uint32_t share;          /* what its children have in common; 0 nothing */
};

/* ---- reading ---- */

struct pack_column {
    const uint8_t *bytes;
    unsigned bits;
};

struct pack_view {
    int count;
    bool filled; /* digit 0 stands for no byte */
    int prefix_len, tail_len, symbol_count, palette_count, step;
    const uint8_t *prefix, *symbols, *first, *palette;
    struct pack_column key, parent, slot, fact, share;
    uint32_t parent_least, slot_first;
};

/* Reads what stands at the head; `bytes` must outlive the view. RC_CORRUPT: it is no block; nothing is read beyond it. */
enum rc pack_view_open(const uint8_t *bytes, size_t len, struct pack_view *ret_view);

/* Which entry has this key; -1 none. */
int pack_view_find(const struct pack_view *view, const char *key);

/* ret_key holds CODE_KEY_MAX + 1. `at` is below count. RC_CORRUPT where the number is none of a key. */
enum rc pack_view_key(const struct pack_view *view, int at, char *ret_key);
void pack_view_entry(const struct pack_view *view, int at, struct pack_entry *ret_entry);
/* Of the palette, from 0 to palette_count - 1. */
uint32_t pack_view_palette(const struct pack_view *view, int at);

/* ---- writing ---- */

struct pack_writer;

struct pack_writer *pack_writer_new(void); /* NULL: no memory */
void pack_writer_free(struct pack_writer *writer);

/* Keys come in the order of their bytes, no two the same, their slots one behind the
 * other. False: the block is full, and the entry is not in it. */
bool pack_writer_add(struct pack_writer *writer, const char *key, const struct pack_entry *entry);
int pack_writer_count(const struct pack_writer *writer);

/* The facts and shares that occur so far; valid until the next addition. */
int pack_writer_palette(const struct pack_writer *writer, const uint32_t **ret_palette);

/* Writes the block, which has entries, and begins the next. Returns its length; ret_bytes holds PACK_BLOCK_MAX. */
size_t pack_writer_take(struct pack_writer *writer, uint8_t *ret_bytes);

/* ---- lists of ranks: u16 count, u8 bits, u8 0, u32 least, the numbers, PACK_PAD zeros ---- */

enum { PACK_LIST_MAX = 4096 };

/* Writes as many of `values` as go into PACK_BLOCK_MAX; *ret_count says how many. Returns the length. */
size_t pack_list_write(const uint32_t *values, size_t count, size_t *ret_count, uint8_t *ret_bytes);
/* How many there are; -1: it is no list. */
int pack_list_count(const uint8_t *bytes, size_t len);
uint32_t pack_list_at(const uint8_t *bytes, int at);

#endif
