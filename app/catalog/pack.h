/* The packed code book, as it is read: rows as they were told when it was built, in blocks in the catalog's own tables.
 * It never changes: what is told afterwards lies over it (codebook_row.h) until it is built again (codebook_pack).
 *
 * Each call belongs inside a transaction that has read already; a rank holds as long as that. */
#ifndef TALLYMAN_CATALOG_PACK_H
#define TALLYMAN_CATALOG_PACK_H

#include "app/catalog/codebook_row.h"
#include "app/catalog/pack_block.h"

struct pack;

enum { PACK_RANKS_PAGE = 64 };

/* The children of one container, read a page at a time. */
struct pack_children {
    uint32_t slot, end;
    int at, count;
    uint32_t ranks[PACK_RANKS_PAGE];
};

enum rc pack_open(struct sqlite3 *db, struct pack **ret_pack);
void pack_close(struct pack *pack); /* NULL is fine */

/* What is remembered may not be true any more: after a rollback. */
void pack_forget(struct pack *pack);

/* How many entries there are, and which generation of blocks. */
enum rc pack_state(struct pack *pack, int64_t *ret_generation, uint32_t *ret_count);

/* RC_NOT_FOUND, or RC_CORRUPT where a block is not what it has to be. */
enum rc pack_get(struct pack *pack, const char *key, struct row *ret_row);
enum rc pack_rank(struct pack *pack, const char *key, uint32_t *ret_rank);

/* The facts with this id, laid into a row. */
enum rc pack_fact(struct pack *pack, uint32_t id, struct row *row);

/* Without children, or without this key, there is nothing to come. */
enum rc pack_children(struct pack *pack, const char *key, struct pack_children *ret_children);
/* The next child in key order; *ret_more false: there is none. */
enum rc pack_next(struct pack *pack, struct pack_children *children, const char *parent, bool *ret_more,
                  struct row *ret_row);

/* Calls visit with the key of each entry whose own row says this holder and that is of this product and lot, until it
 * returns other than RC_OK; that is returned. */
enum rc pack_at(struct pack *pack, const char *product, const char *lot, const char *holder,
                enum rc (*visit)(void *context, const char *key), void *context);

/* The same, of whatever product and place may be this one: entries that were told the product, or of whose contents it is
 * or may be, wherever they are; */
enum rc pack_of(struct pack *pack, const char *product, enum rc (*visit)(void *context, const char *key),
                void *context);
/* and of those, or of what nothing says of which product it is, whose own row says this holder. */
enum rc pack_here(struct pack *pack, const char *product, const char *holder,
                  enum rc (*visit)(void *context, const char *key), void *context);

/* The first entry at or behind a key; how many there are where there is none. */
enum rc pack_rank_from(struct pack *pack, const char *key, uint32_t *ret_rank);
/* The keys from an entry to the end of its block, until visit returns false; *ret_next is the first of the next block. */
enum rc pack_keys(struct pack *pack, uint32_t rank, bool (*visit)(void *context, const char *key), void *context,
                  uint32_t *ret_next);

#endif
