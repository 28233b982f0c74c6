#include "app/catalog/pack_cache.h"
#include "app/catalog/pack_where.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FACTS_KEPT = 64,
    GENERATION_SHIFT = 32,
    CACHE_AFTER = 64 /* looks: who asks for a few codes need not read where ten million are */
};

enum statement { STATE, FIND, BLOCK, BLOCK_AT, FIRSTS, LIST, FACT, STATEMENT_COUNT };

static const char *const TEXTS[STATEMENT_COUNT] = {
    [STATE] = "SELECT generation, count FROM pack_state",
    [FIND] = "SELECT rank, body FROM pack_block WHERE rank="
             "(SELECT rank FROM pack_first WHERE generation=?1 AND first<=?2 ORDER BY first DESC LIMIT 1)",
    [BLOCK] = "SELECT rank, body FROM pack_block WHERE rank<=?1 ORDER BY rank DESC LIMIT 1",
    [BLOCK_AT] = "SELECT rank, body FROM pack_block WHERE rank=?1",
    [FIRSTS] = "SELECT first, rank FROM pack_first WHERE generation=?1 ORDER BY first",
    [LIST] = "SELECT slot, body FROM pack_child WHERE slot<=?1 ORDER BY slot DESC LIMIT 1",
    [FACT] = "SELECT product, lot, level, covers, state, holder, in_product, in_lot, in_holder, in_level, sale"
             " FROM pack_fact WHERE id=?1",
};

/* A row without its key and container. */
struct facts {
    uint32_t id; /* 0 nothing here */
    struct facts_told own, in;
    int level, in_level;
    long covers;
    enum code_state state;
};

struct pack {
    struct sqlite3 *db;
    struct sql *sql, *where;
    bool known; /* the state is that of `version` */
    unsigned version;
    int64_t generation;
    uint32_t count;
    struct facts kept[FACTS_KEPT]; /* by the last bits of their ids */
    struct pack_cache *cache;      /* of `cached`; NULL not yet */
    int64_t cached;
    int looks;
};

enum rc pack_open(struct sqlite3 *db, struct pack **ret_pack)
{
    struct pack *pack = calloc(1, sizeof *pack);
    if (!pack)
        return RC_NOMEM;
    pack->db = db;
    enum rc rc = sql_new(db, TEXTS, STATEMENT_COUNT, &pack->sql);
    if (rc == RC_OK)
        rc = sql_new(db, PACK_WHERE_TEXTS, PACK_WHERE_STATEMENTS, &pack->where);
    if (rc == RC_OK)
        *ret_pack = pack;
    else
        pack_close(pack);
    return rc;
}

void pack_close(struct pack *pack)
{
    if (!pack)
        return;
    sql_free(pack->sql);
    sql_free(pack->where);
    pack_cache_free(pack->cache);
    free(pack);
}

static void drop_cache(struct pack *pack)
{
    pack_cache_free(pack->cache);
    pack->cache = NULL;
    pack->looks = 0;
}

void pack_forget(struct pack *pack)
{
    pack->known = false;
    drop_cache(pack);
}

/* ---- what there is ---- */

static enum rc read_state(struct pack *pack)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    enum rc rc = sql_query(pack->sql, STATE, "", &statement);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK || !found)
        return rc == RC_OK ? RC_CORRUPT : rc;
    pack->generation = sql_int(statement, 0);
    pack->count = (uint32_t)sql_int(statement, 1);
    sql_done(statement);
    return RC_OK;
}

/* Another connection may have built it again. */
static enum rc look(struct pack *pack)
{
    unsigned version = 0;
    sqlite3_file_control(pack->db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    if (pack->known && version == pack->version)
        return RC_OK;
    memset(pack->kept, 0, sizeof pack->kept);
    enum rc rc = read_state(pack);
    pack->version = version;
    pack->known = rc == RC_OK;
    if (pack->cached != pack->generation)
        drop_cache(pack);
    pack->cached = pack->generation;
    return rc;
}

enum rc pack_state(struct pack *pack, int64_t *ret_generation, uint32_t *ret_count)
{
    enum rc rc = look(pack);
    if (rc != RC_OK)
        return rc;
    *ret_generation = pack->generation;
    *ret_count = pack->count;
    return RC_OK;
}

struct sql *pack_where(struct pack *pack)
{
    return pack->where;
}

/* ---- blocks: in the page cache as long as their statement is not reset ---- */

static enum rc view_block(struct pack *pack, const uint8_t *bytes, size_t len, struct pack_block *block)
{
    enum rc rc = pack_view_open(bytes, len, &block->view);
    if (rc == RC_OK && (block->first >= pack->count || pack->count - block->first < (uint32_t)block->view.count))
        rc = RC_CORRUPT;
    return rc;
}

/* `cached` is its number there, -1 without. */
static enum rc open_block(struct pack *pack, struct sqlite3_stmt *statement, int cached, struct pack_block *ret_block)
{
    size_t len = 0;
    bool found = false;
    enum rc rc = sql_step(statement, &found);
    if (rc != RC_OK || !found)
        return rc == RC_OK ? RC_CORRUPT : rc;
    int64_t rank = sql_int(statement, 0);
    const uint8_t *bytes = sql_blob(statement, 1, &len);
    ret_block->first = (uint32_t)rank;
    ret_block->statement = statement;
    ret_block->bytes = bytes;
    ret_block->len = len;
    rc = rank >> GENERATION_SHIFT == pack->generation ? view_block(pack, bytes, len, ret_block) : RC_CORRUPT;
    if (rc == RC_OK && cached >= 0)
        pack_cache_offer(pack->cache, cached, bytes, len);
    if (rc != RC_OK)
        sql_done(statement);
    return rc;
}

static int64_t place(const struct pack *pack, uint32_t rank)
{
    return pack->generation << GENERATION_SHIFT | rank;
}

static enum rc cached_block(struct pack *pack, int block, struct pack_block *ret_block)
{
    struct sqlite3_stmt *statement = NULL;
    if (block < 0)
        return RC_CORRUPT;
    ret_block->first = pack_cache_first(pack->cache, block);
    ret_block->bytes = pack_cache_get(pack->cache, block, &ret_block->len);
    ret_block->statement = NULL;
    if (ret_block->bytes)
        return view_block(pack, ret_block->bytes, ret_block->len, ret_block);
    enum rc rc = sql_query(pack->sql, BLOCK_AT, "i", &statement, place(pack, ret_block->first));
    return rc == RC_OK ? open_block(pack, statement, block, ret_block) : rc;
}

/* The first looks do without. */
static enum rc see_cache(struct pack *pack)
{
    struct sqlite3_stmt *statement = NULL;
    if (pack->cache || pack->looks++ < CACHE_AFTER)
        return RC_OK;
    enum rc rc = sql_query(pack->sql, FIRSTS, "i", &statement, pack->generation);
    return rc == RC_OK ? pack_cache_read(statement, &pack->cache) : rc;
}

enum rc pack_block_of_rank(struct pack *pack, uint32_t rank, struct pack_block *ret_block)
{
    struct sqlite3_stmt *statement = NULL;
    enum rc rc = RC_OK;
    if (pack->cache) {
        rc = cached_block(pack, pack_cache_of_rank(pack->cache, rank), ret_block);
    } else {
        rc = sql_query(pack->sql, BLOCK, "i", &statement, place(pack, rank));
        if (rc == RC_OK)
            rc = open_block(pack, statement, -1, ret_block);
    }
    if (rc == RC_OK && rank - ret_block->first >= (uint32_t)ret_block->view.count) {
        sql_done(ret_block->statement);
        rc = RC_CORRUPT;
    }
    return rc;
}

enum rc pack_block_near(struct pack *pack, const char *key, struct pack_block *ret_block)
{
    struct sqlite3_stmt *statement = NULL;
    enum rc rc = see_cache(pack);
    if (rc == RC_OK && pack->cache)
        return cached_block(pack, pack_cache_of_key(pack->cache, key), ret_block);
    if (rc == RC_OK)
        rc = sql_query(pack->sql, FIND, "is", &statement, pack->generation, key);
    return rc == RC_OK ? open_block(pack, statement, -1, ret_block) : rc;
}

/* RC_NOT_FOUND: no entry has this key. The caller is done with the block's statement after RC_OK. */
static enum rc block_of_key(struct pack *pack, const char *key, struct pack_block *ret_block, int *ret_at)
{
    if (!pack->count)
        return RC_NOT_FOUND;
    enum rc rc = pack_block_near(pack, key, ret_block);
    if (rc != RC_OK)
        return rc;
    *ret_at = pack_view_find(&ret_block->view, key);
    if (*ret_at < 0) {
        sql_done(ret_block->statement);
        return RC_NOT_FOUND;
    }
    return RC_OK;
}

/* ---- facts ---- */

static int read_int(struct sqlite3_stmt *statement, int column)
{
    return sql_null(statement, column) ? -1 : (int)sql_int(statement, column);
}

static enum rc read_facts(struct pack *pack, uint32_t id, struct facts *facts)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    enum rc rc = sql_query(pack->sql, FACT, "i", &statement, (int64_t)id);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK || !found)
        return rc == RC_OK ? RC_CORRUPT : rc;
    told_read(statement, 0, &facts->own.fact[FACT_PRODUCT]);
    told_read(statement, 1, &facts->own.fact[FACT_LOT]);
    facts->level = read_int(statement, 2);
    facts->covers = read_int(statement, 3);
    facts->state = (enum code_state)sql_int(statement, 4);
    told_read(statement, 5, &facts->own.fact[FACT_HOLDER]);
    for (int i = 0; i < FACT_COUNT; i++)
        told_read(statement, 6 + i, &facts->in.fact[i]);
    facts->in_level = read_int(statement, 9);
    facts->own.sale = (int)sql_int(statement, 10);
    facts->in.sale = 0;
    facts->id = id;
    sql_done(statement);
    return RC_OK;
}

enum rc pack_fact(struct pack *pack, uint32_t id, struct row *row)
{
    struct facts *facts = &pack->kept[id % FACTS_KEPT];
    if (!id)
        return RC_CORRUPT; /* an entry that goes with its container, and has none */
    if (facts->id != id) {
        facts->id = 0;
        enum rc rc = read_facts(pack, id, facts);
        if (rc != RC_OK)
            return rc;
    }
    row->own = facts->own;
    row->in = facts->in;
    row->level = facts->level;
    row->in_level = facts->in_level;
    row->covers = facts->covers;
    row->state = facts->state;
    return RC_OK;
}

/* ---- entries ---- */

/* The container's key into row->parent, and what its children share where the entry has nothing of its own. */
static enum rc take_from_parent(struct pack *pack, struct pack_entry *entry, struct row *row)
{
    struct pack_block block;
    struct pack_entry parent;
    enum rc rc = pack_block_of_rank(pack, entry->parent - 1, &block);
    if (rc != RC_OK)
        return rc;
    int at = (int)(entry->parent - 1 - block.first);
    rc = pack_view_key(&block.view, at, row->parent);
    pack_view_entry(&block.view, at, &parent);
    sql_done(block.statement);
    if (!entry->fact)
        entry->fact = parent.share;
    return rc;
}

enum rc pack_get(struct pack *pack, const char *key, struct row *ret_row)
{
    struct pack_block block;
    struct pack_entry entry;
    int at = 0;
    enum rc rc = look(pack);
    if (rc == RC_OK)
        rc = block_of_key(pack, key, &block, &at);
    if (rc != RC_OK)
        return rc;
    pack_view_entry(&block.view, at, &entry);
    sql_done(block.statement);
    if (ret_row->key != key)
        memcpy(ret_row->key, key, strlen(key) + 1);
    ret_row->parent[0] = '\0';
    if (entry.parent)
        rc = take_from_parent(pack, &entry, ret_row);
    return rc == RC_OK ? pack_fact(pack, entry.fact, ret_row) : rc;
}

enum rc pack_rank(struct pack *pack, const char *key, uint32_t *ret_rank)
{
    struct pack_block block;
    int at = 0;
    enum rc rc = look(pack);
    if (rc == RC_OK)
        rc = block_of_key(pack, key, &block, &at);
    if (rc != RC_OK)
        return rc;
    sql_done(block.statement);
    *ret_rank = block.first + (uint32_t)at;
    return RC_OK;
}

/* ---- what is inside ---- */

enum rc pack_children(struct pack *pack, const char *key, struct pack_children *ret_children)
{
    struct pack_block block;
    struct pack_entry entry = {0};
    int at = 0;
    enum rc rc = look(pack);
    if (rc == RC_OK)
        rc = block_of_key(pack, key, &block, &at);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    if (rc == RC_OK) {
        pack_view_entry(&block.view, at, &entry);
        sql_done(block.statement);
    }
    ret_children->slot = entry.slot;
    ret_children->end = entry.slot_end;
    ret_children->at = ret_children->count = 0;
    return RC_OK;
}

static enum rc read_ranks(struct pack *pack, struct pack_children *children)
{
    struct sqlite3_stmt *statement = NULL;
    size_t len = 0;
    bool found = false;
    enum rc rc = sql_query(pack->sql, LIST, "i", &statement, place(pack, children->slot));
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK || !found)
        return rc == RC_OK ? RC_CORRUPT : rc;
    int64_t first = sql_int(statement, 0);
    const uint8_t *bytes = sql_blob(statement, 1, &len);
    int64_t count = pack_list_count(bytes, len), at = place(pack, children->slot) - first;
    children->at = children->count = 0;
    for (; at < count && children->count < PACK_RANKS_PAGE && children->slot < children->end; at++, children->slot++)
        children->ranks[children->count++] = pack_list_at(bytes, (int)at);
    sql_done(statement);
    return children->count ? RC_OK : RC_CORRUPT;
}

enum rc pack_next_rank(struct pack *pack, struct pack_children *children, uint32_t *ret_rank)
{
    enum rc rc = RC_OK;
    if (children->at == children->count && children->slot >= children->end)
        return RC_NOT_FOUND;
    if (children->at == children->count)
        rc = read_ranks(pack, children);
    if (rc == RC_OK)
        *ret_rank = children->ranks[children->at++];
    return rc;
}

/* What the children of this container share; 0 nothing. */
static enum rc share_of(struct pack *pack, uint32_t rank, uint32_t *ret_share)
{
    struct pack_block block;
    struct pack_entry entry;
    enum rc rc = pack_block_of_rank(pack, rank, &block);
    if (rc != RC_OK)
        return rc;
    pack_view_entry(&block.view, (int)(rank - block.first), &entry);
    sql_done(block.statement);
    *ret_share = entry.share;
    return RC_OK;
}

enum rc pack_next(struct pack *pack, struct pack_children *children, const char *parent, bool *ret_more,
                  struct row *ret_row)
{
    struct pack_block block;
    struct pack_entry entry;
    uint32_t rank = 0;
    enum rc rc = pack_next_rank(pack, children, &rank);
    *ret_more = rc == RC_OK;
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    rc = pack_block_of_rank(pack, rank, &block);
    if (rc != RC_OK)
        return rc;
    rc = pack_view_key(&block.view, (int)(rank - block.first), ret_row->key);
    pack_view_entry(&block.view, (int)(rank - block.first), &entry);
    sql_done(block.statement);
    if (rc == RC_OK && !entry.parent)
        rc = RC_CORRUPT;
    if (rc == RC_OK && !entry.fact)
        rc = share_of(pack, entry.parent - 1, &entry.fact);
    snprintf(ret_row->parent, sizeof ret_row->parent, "%s", parent);
    return rc == RC_OK ? pack_fact(pack, entry.fact, ret_row) : rc;
}
