#include "app/catalog/pack_cache.h"
#include "app/catalog/pack_block.h"
#include "app/catalog/sql.h"
#include <stdlib.h>
#include <string.h>

struct start {
    uint32_t text, rank;
};

struct place {
    int block;
    uint16_t len; /* 0 nothing here */
    bool used;
};

struct pack_cache {
    struct start *starts;
    int count, room;
    char *texts;
    size_t len, texts_room;
    struct place places[PACK_CACHE_BLOCKS];
    uint8_t (*bytes)[PACK_BLOCK_MAX];
};

static enum rc add(struct pack_cache *cache, const char *text, uint32_t rank)
{
    size_t len = strlen(text) + 1;
    if (cache->len + len > cache->texts_room) {
        size_t room = 2 * cache->texts_room + len + 4096;
        char *texts = realloc(cache->texts, room);
        if (!texts)
            return RC_NOMEM;
        cache->texts = texts;
        cache->texts_room = room;
    }
    if (cache->count == cache->room) {
        int room = 2 * cache->room + 256;
        struct start *starts = realloc(cache->starts, (size_t)room * sizeof *starts);
        if (!starts)
            return RC_NOMEM;
        cache->starts = starts;
        cache->room = room;
    }
    memcpy(cache->texts + cache->len, text, len);
    cache->starts[cache->count++] = (struct start){(uint32_t)cache->len, rank};
    cache->len += len;
    return RC_OK;
}

enum rc pack_cache_read(struct sqlite3_stmt *statement, struct pack_cache **ret_cache)
{
    struct pack_cache *cache = calloc(1, sizeof *cache);
    bool more = true;
    enum rc rc = RC_NOMEM;
    if (cache)
        cache->bytes = malloc(PACK_CACHE_BLOCKS * sizeof *cache->bytes);
    if (cache && cache->bytes)
        rc = RC_OK;
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more)
        rc = add(cache, sql_bytes(statement, 0), (uint32_t)sql_int(statement, 1));
    sql_done(statement);
    if (rc == RC_OK)
        *ret_cache = cache;
    else
        pack_cache_free(cache);
    return rc;
}

void pack_cache_free(struct pack_cache *cache)
{
    if (!cache)
        return;
    free(cache->starts);
    free(cache->texts);
    free(cache->bytes);
    free(cache);
}

int pack_cache_of_key(const struct pack_cache *cache, const char *key)
{
    int low = 0, high = cache->count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (strcmp(cache->texts + cache->starts[middle].text, key) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

int pack_cache_of_rank(const struct pack_cache *cache, uint32_t rank)
{
    int low = 0, high = cache->count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (cache->starts[middle].rank <= rank)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

uint32_t pack_cache_first(const struct pack_cache *cache, int block)
{
    return cache->starts[block].rank;
}

const uint8_t *pack_cache_get(struct pack_cache *cache, int block, size_t *ret_len)
{
    struct place *place = &cache->places[block % PACK_CACHE_BLOCKS];
    if (place->block != block || !place->len)
        return NULL;
    place->used = true;
    *ret_len = place->len;
    return cache->bytes[block % PACK_CACHE_BLOCKS];
}

void pack_cache_offer(struct pack_cache *cache, int block, const uint8_t *bytes, size_t len)
{
    struct place *place = &cache->places[block % PACK_CACHE_BLOCKS];
    if (len > PACK_BLOCK_MAX)
        return;
    if (place->len && place->used) {
        place->used = false;
        return;
    }
    memcpy(cache->bytes[block % PACK_CACHE_BLOCKS], bytes, len);
    *place = (struct place){block, (uint16_t)len, false};
}
