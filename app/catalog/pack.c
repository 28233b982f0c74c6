#include "app/catalog/pack.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FACTS_KEPT = 64, GENERATION_SHIFT = 32 };

enum statement { STATE, FIND, BLOCK, LIST, FACT, FACTS_AT, FACTS_OF, FACTS_HERE, BLOCKS_AT, STATEMENT_COUNT };

static const char *const TEXTS[STATEMENT_COUNT] = {
    [STATE] = "SELECT generation, count FROM pack_state",
    [FIND] = "SELECT rank, body FROM pack_block WHERE rank="
             "(SELECT rank FROM pack_first WHERE generation=?1 AND first<=?2 ORDER BY first DESC LIMIT 1)",
    [BLOCK] = "SELECT rank, body FROM pack_block WHERE rank<=?1 ORDER BY rank DESC LIMIT 1",
    [LIST] = "SELECT slot, body FROM pack_child WHERE slot<=?1 ORDER BY slot DESC LIMIT 1",
    [FACT] = "SELECT product, lot, level, covers, state, holder, in_product, in_lot, in_holder, in_level"
             " FROM pack_fact WHERE id=?1",
    [FACTS_AT] = "SELECT id FROM pack_fact WHERE holder=?1 AND coalesce(product, in_product)=?2"
                 " AND coalesce(lot, in_lot) IS ?3 AND id>?4 ORDER BY id LIMIT ?5",
    [FACTS_OF] = "SELECT id FROM pack_fact WHERE (product=?2 OR (product IS NULL AND in_product IN (?2, '')))"
                 " AND id>?4 ORDER BY id LIMIT ?5",
    [FACTS_HERE] = "SELECT id FROM pack_fact WHERE holder=?1 AND coalesce(product, in_product, '') IN (?2, '')"
                   " AND id>?4 ORDER BY id LIMIT ?5",
    [BLOCKS_AT] = "SELECT rank FROM pack_at WHERE generation=?1 AND fact=?2 AND rank>?3 ORDER BY rank LIMIT ?4",
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
    struct sql *sql;
    bool known; /* the state is that of `version` */
    unsigned version;
    int64_t generation;
    uint32_t count;
    struct facts kept[FACTS_KEPT]; /* by the last bits of their ids */
};

enum rc pack_open(struct sqlite3 *db, struct pack **ret_pack)
{
    struct pack *pack = calloc(1, sizeof *pack);
    if (!pack)
        return RC_NOMEM;
    pack->db = db;
    enum rc rc = sql_new(db, TEXTS, STATEMENT_COUNT, &pack->sql);
    if (rc == RC_OK)
        *ret_pack = pack;
    else
        free(pack);
    return rc;
}

void pack_close(struct pack *pack)
{
    if (!pack)
        return;
    sql_free(pack->sql);
    free(pack);
}

void pack_forget(struct pack *pack)
{
    pack->known = false;
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

/* ---- blocks: in the page cache as long as their statement is not reset ---- */

struct block {
    struct sqlite3_stmt *statement;
    struct pack_view view;
    uint32_t first; /* rank of its first entry */
};

static enum rc open_block(struct pack *pack, struct sqlite3_stmt *statement, struct block *ret_block)
{
    size_t len = 0;
    bool found = false;
    enum rc rc = sql_step(statement, &found);
    if (rc != RC_OK || !found)
        return rc == RC_OK ? RC_CORRUPT : rc;
    int64_t rank = sql_int(statement, 0);
    const uint8_t *bytes = sql_blob(statement, 1, &len);
    rc = pack_view_open(bytes, len, &ret_block->view);
    ret_block->first = (uint32_t)rank;
    ret_block->statement = statement;
    if (rc == RC_OK && (rank >> GENERATION_SHIFT != pack->generation || ret_block->first >= pack->count ||
                        pack->count - ret_block->first < (uint32_t)ret_block->view.count))
        rc = RC_CORRUPT;
    if (rc != RC_OK)
        sql_done(statement);
    return rc;
}

static int64_t place(const struct pack *pack, uint32_t rank)
{
    return pack->generation << GENERATION_SHIFT | rank;
}

static enum rc block_of_rank(struct pack *pack, uint32_t rank, struct block *ret_block)
{
    struct sqlite3_stmt *statement = NULL;
    enum rc rc = sql_query(pack->sql, BLOCK, "i", &statement, place(pack, rank));
    if (rc == RC_OK)
        rc = open_block(pack, statement, ret_block);
    if (rc == RC_OK && rank - ret_block->first >= (uint32_t)ret_block->view.count) {
        sql_done(statement);
        rc = RC_CORRUPT;
    }
    return rc;
}

/* RC_NOT_FOUND: no entry has this key. The caller is done with the block's statement after RC_OK. */
static enum rc block_of_key(struct pack *pack, const char *key, struct block *ret_block, int *ret_at)
{
    struct sqlite3_stmt *statement = NULL;
    if (!pack->count)
        return RC_NOT_FOUND;
    enum rc rc = sql_query(pack->sql, FIND, "is", &statement, pack->generation, key);
    if (rc == RC_OK)
        rc = open_block(pack, statement, ret_block);
    if (rc != RC_OK)
        return rc;
    *ret_at = pack_view_find(&ret_block->view, key);
    if (*ret_at < 0) {
        sql_done(statement);
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
    struct block block;
    struct pack_entry parent;
    enum rc rc = block_of_rank(pack, entry->parent - 1, &block);
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
    struct block block;
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
    struct block block;
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
    struct block block;
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

/* RC_NOT_FOUND: there are no more. */
static enum rc next_rank(struct pack *pack, struct pack_children *children, uint32_t *ret_rank)
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
    struct block block;
    struct pack_entry entry;
    enum rc rc = block_of_rank(pack, rank, &block);
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
    struct block block;
    struct pack_entry entry;
    uint32_t rank = 0;
    enum rc rc = next_rank(pack, children, &rank);
    *ret_more = rc == RC_OK;
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    rc = block_of_rank(pack, rank, &block);
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

/* ---- what is where ---- */

struct search {
    struct pack *pack;
    int64_t fact;
    enum rc (*visit)(void *context, const char *key);
    void *context;
};

/* The children that have nothing of their own. */
static enum rc visit_sharers(const struct search *search, const struct pack_entry *container)
{
    struct pack_children children = {.slot = container->slot, .end = container->slot_end};
    struct block block;
    struct pack_entry entry;
    char key[CODE_KEY_MAX + 1];
    uint32_t rank = 0;
    enum rc rc;
    while ((rc = next_rank(search->pack, &children, &rank)) == RC_OK) {
        rc = block_of_rank(search->pack, rank, &block);
        if (rc != RC_OK)
            return rc;
        rc = pack_view_key(&block.view, (int)(rank - block.first), key);
        pack_view_entry(&block.view, (int)(rank - block.first), &entry);
        sql_done(block.statement);
        if (rc == RC_OK && !entry.fact)
            rc = search->visit(search->context, key);
        if (rc != RC_OK)
            return rc;
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc visit_block(const struct search *search, uint32_t rank)
{
    uint8_t bytes[PACK_BLOCK_MAX]; /* a copy: the visitor may look up anything */
    struct pack_view view;
    struct pack_entry entry;
    struct block block;
    char key[CODE_KEY_MAX + 1];
    size_t len = 0;
    enum rc rc = block_of_rank(search->pack, rank, &block);
    if (rc != RC_OK)
        return rc;
    const uint8_t *body = sql_blob(block.statement, 1, &len);
    bool fits = len <= sizeof bytes;
    memcpy(bytes, body, fits ? len : 0);
    sql_done(block.statement);
    rc = fits ? pack_view_open(bytes, len, &view) : RC_CORRUPT;
    for (int at = 0; rc == RC_OK && at < view.count; at++) {
        pack_view_entry(&view, at, &entry);
        if (entry.fact == (uint32_t)search->fact)
            rc = pack_view_key(&view, at, key);
        if (rc == RC_OK && entry.fact == (uint32_t)search->fact)
            rc = search->visit(search->context, key);
        if (rc == RC_OK && entry.share == (uint32_t)search->fact)
            rc = visit_sharers(search, &entry);
    }
    return rc;
}

/* Up to PACK_RANKS_PAGE numbers of a statement, which is reset. */
static enum rc read_numbers(struct sqlite3_stmt *statement, int64_t *numbers, int *ret_count)
{
    bool more = true;
    int count = 0;
    enum rc rc = RC_OK;
    while (count < PACK_RANKS_PAGE && (rc = sql_step(statement, &more)) == RC_OK && more)
        numbers[count++] = sql_int(statement, 0);
    sql_done(statement);
    *ret_count = count;
    return rc;
}

static enum rc visit_fact(const struct search *search)
{
    struct pack *pack = search->pack;
    struct sqlite3_stmt *statement = NULL;
    int64_t ranks[PACK_RANKS_PAGE], last = -1;
    int count = PACK_RANKS_PAGE;
    enum rc rc = RC_OK;
    while (rc == RC_OK && count == PACK_RANKS_PAGE) {
        rc = sql_query(pack->sql, BLOCKS_AT, "iiii", &statement, pack->generation, search->fact, last,
                       (int64_t)PACK_RANKS_PAGE);
        if (rc == RC_OK)
            rc = read_numbers(statement, ranks, &count);
        for (int i = 0; rc == RC_OK && i < count; i++)
            rc = visit_block(search, (uint32_t)ranks[i]);
        last = rc == RC_OK && count ? ranks[count - 1] : last;
    }
    return rc;
}

static enum rc visit_facts(struct search *search, int which, const char *holder, const char *product, const char *lot)
{
    struct pack *pack = search->pack;
    struct sqlite3_stmt *statement = NULL;
    int64_t facts[PACK_RANKS_PAGE], last = 0;
    int count = PACK_RANKS_PAGE;
    enum rc rc = look(pack);
    while (rc == RC_OK && pack->count && count == PACK_RANKS_PAGE) {
        rc = sql_query(pack->sql, which, "sseii", &statement, holder, product, lot, last, (int64_t)PACK_RANKS_PAGE);
        if (rc == RC_OK)
            rc = read_numbers(statement, facts, &count);
        for (int i = 0; rc == RC_OK && i < count; i++) {
            search->fact = facts[i];
            rc = visit_fact(search);
        }
        last = rc == RC_OK && count ? facts[count - 1] : last;
    }
    return rc;
}

enum rc pack_at(struct pack *pack, const char *product, const char *lot, const char *holder,
                enum rc (*visit)(void *context, const char *key), void *context)
{
    struct search search = {pack, 0, visit, context};
    return visit_facts(&search, FACTS_AT, holder, product, lot);
}

enum rc pack_of(struct pack *pack, const char *product, enum rc (*visit)(void *context, const char *key),
                void *context)
{
    struct search search = {pack, 0, visit, context};
    return visit_facts(&search, FACTS_OF, NULL, product, NULL);
}

enum rc pack_here(struct pack *pack, const char *product, const char *holder,
                  enum rc (*visit)(void *context, const char *key), void *context)
{
    struct search search = {pack, 0, visit, context};
    return visit_facts(&search, FACTS_HERE, holder, product, NULL);
}

/* ---- in key order ---- */

enum rc pack_rank_from(struct pack *pack, const char *key, uint32_t *ret_rank)
{
    struct sqlite3_stmt *statement = NULL;
    struct block block;
    char at_key[CODE_KEY_MAX + 1];
    enum rc rc = look(pack);
    if (rc == RC_OK && !pack->count) {
        *ret_rank = 0;
        return RC_OK;
    }
    if (rc == RC_OK)
        rc = sql_query(pack->sql, FIND, "is", &statement, pack->generation, key);
    if (rc == RC_OK)
        rc = open_block(pack, statement, &block);
    if (rc != RC_OK)
        return rc;
    int low = 0, high = block.view.count;
    while (rc == RC_OK && low < high) {
        int middle = (low + high) / 2;
        rc = pack_view_key(&block.view, middle, at_key);
        if (rc == RC_OK && strcmp(at_key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    sql_done(block.statement);
    if (rc == RC_OK)
        *ret_rank = block.first + (uint32_t)low;
    return rc;
}

enum rc pack_keys(struct pack *pack, uint32_t rank, bool (*visit)(void *context, const char *key), void *context,
                  uint32_t *ret_next)
{
    struct block block;
    char key[CODE_KEY_MAX + 1];
    bool go_on = true;
    enum rc rc = block_of_rank(pack, rank, &block);
    if (rc != RC_OK)
        return rc;
    for (int at = (int)(rank - block.first); rc == RC_OK && go_on && at < block.view.count; at++) {
        rc = pack_view_key(&block.view, at, key);
        go_on = rc == RC_OK && visit(context, key);
    }
    if (rc == RC_OK)
        *ret_next = block.first + (uint32_t)block.view.count;
    sql_done(block.statement);
    return rc;
}
