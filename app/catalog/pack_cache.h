/* What a reader of one generation of the packed code book keeps in memory: where each block begins, and some blocks.
 * Blocks never change while their generation is in use. One thread. */
#ifndef TALLYMAN_CATALOG_PACK_CACHE_H
#define TALLYMAN_CATALOG_PACK_CACHE_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pack_cache;
struct sqlite3_stmt;

enum { PACK_CACHE_BLOCKS = 1024 }; /* 4 MiB */

/* From rows of first key and rank, in key order; the statement is stepped to its end. */
enum rc pack_cache_read(struct sqlite3_stmt *statement, struct pack_cache **ret_cache);
void pack_cache_free(struct pack_cache *cache); /* NULL is fine */

/* Which block would have it, from 0; -1 none. */
int pack_cache_of_key(const struct pack_cache *cache, const char *key);
int pack_cache_of_rank(const struct pack_cache *cache, uint32_t rank);
uint32_t pack_cache_first(const struct pack_cache *cache, int block); /* rank of its first entry */

/* NULL: it isn't kept. The bytes live until the next offer. */
const uint8_t *pack_cache_get(struct pack_cache *cache, int block, size_t *ret_len);
/* Kept, unless what is in its place was asked for since the last offer there. */
void pack_cache_offer(struct pack_cache *cache, int block, const uint8_t *bytes, size_t len);

#endif
