/* What pack.c and pack_where.c share: blocks as they are opened, and the statements of the latter. */
#ifndef TALLYMAN_CATALOG_PACK_WHERE_H
#define TALLYMAN_CATALOG_PACK_WHERE_H

#include "app/catalog/pack.h"

enum pack_where_statement {
    PACK_WHERE_AT, /* facts, these three by the same parameters */
    PACK_WHERE_OF,
    PACK_WHERE_HERE,
    PACK_WHERE_BLOCKS,
    PACK_WHERE_STATEMENTS
};

extern const char *const PACK_WHERE_TEXTS[PACK_WHERE_STATEMENTS];
struct sql *pack_where(struct pack *pack);

struct pack_block {
    struct sqlite3_stmt *statement; /* NULL: in our own cache, until another block is opened */
    struct pack_view view;
    uint32_t first; /* rank of its first entry */
    const uint8_t *bytes;
    size_t len;
};

/* The caller is done with the block's statement after RC_OK. */
enum rc pack_block_of_rank(struct pack *pack, uint32_t rank, struct pack_block *ret_block);
/* The block where this key is or would be; there are some. */
enum rc pack_block_near(struct pack *pack, const char *key, struct pack_block *ret_block);

/* RC_NOT_FOUND: there are no more. */
enum rc pack_next_rank(struct pack *pack, struct pack_children *children, uint32_t *ret_rank);

#endif
