/* The whole code book in key order: what is packed, and what was told since over it. */
#ifndef TALLYMAN_CATALOG_PACK_MERGE_H
#define TALLYMAN_CATALOG_PACK_MERGE_H

#include "app/catalog/pack.h"

enum { PACK_NO_RANK = 0x7fffffff };

struct pack_item {
    const char *key;
    const struct row *told;  /* NULL: the packed entry as it is */
    bool gone;               /* deleted since */
    uint32_t old;            /* rank of the packed entry with this key, PACK_NO_RANK without */
    struct pack_entry entry; /* of that */
};

struct pack_merge;

/* `keys`: the rows' keys alone are wanted, and nothing else that they tell may be looked at. */
enum rc pack_merge_open(struct codebook *codebook, struct sql *sql, bool keys, struct pack_merge **ret_merge);
/* *ret_item is NULL at the end; lives until the next call. */
enum rc pack_merge_next(struct pack_merge *merge, const struct pack_item **ret_item);
void pack_merge_close(struct pack_merge *merge); /* NULL is fine */

/* The statements of a build (pack_build.c), of which this file uses PACK_BLOCKS. */
enum pack_statement {
    PACK_BLOCKS,
    PACK_FACT_FIND,
    PACK_FACT_PUT,
    PACK_BLOCK_PUT,
    PACK_FIRST_PUT,
    PACK_CHILD_PUT,
    PACK_AT_PUT,
    PACK_STATE_PUT,
    PACK_BLOCKS_DROP,
    PACK_FIRSTS_DROP,
    PACK_CHILDREN_DROP,
    PACK_AT_DROP,
    PACK_FACTS_DROP,
    PACK_STATEMENTS
};

#endif
