/* The packed code book asked by what its entries say, and in key order. */
#include "app/catalog/pack_where.h"
#include <stdio.h>
#include <string.h>

const char *const PACK_WHERE_TEXTS[PACK_WHERE_STATEMENTS] = {
    [PACK_WHERE_AT] = "SELECT id FROM pack_fact WHERE holder=?1 AND coalesce(product, in_product)=?2"
                      " AND coalesce(lot, in_lot) IS ?3 AND id>?4 ORDER BY id LIMIT ?5",
    [PACK_WHERE_OF] = "SELECT id FROM pack_fact WHERE (product=?2 OR (product IS NULL AND in_product IN (?2, '')))"
                      " AND id>?4 ORDER BY id LIMIT ?5",
    [PACK_WHERE_HERE] = "SELECT id FROM pack_fact WHERE holder=?1 AND coalesce(product, in_product, '') IN (?2, '')"
                        " AND id>?4 ORDER BY id LIMIT ?5",
    [PACK_WHERE_BLOCKS] =
        "SELECT rank FROM pack_at WHERE generation=?1 AND fact=?2 AND rank>?3 ORDER BY rank LIMIT ?4",
};

/* ---- what is where ---- */

struct search {
    struct pack *pack;
    int64_t generation, fact;
    enum rc (*visit)(void *context, const char *key);
    void *context;
};

/* The children that have nothing of their own. */
static enum rc visit_sharers(const struct search *search, const struct pack_entry *container)
{
    struct pack_children children = {.slot = container->slot, .end = container->slot_end};
    struct pack_block block;
    struct pack_entry entry;
    char key[CODE_KEY_MAX + 1];
    uint32_t rank = 0;
    enum rc rc;
    while ((rc = pack_next_rank(search->pack, &children, &rank)) == RC_OK) {
        rc = pack_block_of_rank(search->pack, rank, &block);
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
    struct pack_block block;
    char key[CODE_KEY_MAX + 1];
    enum rc rc = pack_block_of_rank(search->pack, rank, &block);
    if (rc != RC_OK)
        return rc;
    size_t len = block.len;
    bool fits = len <= sizeof bytes;
    memcpy(bytes, block.bytes, fits ? len : 0);
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
    struct sql *sql = pack_where(search->pack);
    struct sqlite3_stmt *statement = NULL;
    int64_t ranks[PACK_RANKS_PAGE], last = -1;
    int count = PACK_RANKS_PAGE;
    enum rc rc = RC_OK;
    while (rc == RC_OK && count == PACK_RANKS_PAGE) {
        rc = sql_query(sql, PACK_WHERE_BLOCKS, "iiii", &statement, search->generation, search->fact, last,
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
    struct sql *sql = pack_where(search->pack);
    struct sqlite3_stmt *statement = NULL;
    uint32_t entries = 0;
    int64_t facts[PACK_RANKS_PAGE], last = 0;
    int count = PACK_RANKS_PAGE;
    enum rc rc = pack_state(search->pack, &search->generation, &entries);
    while (rc == RC_OK && entries && count == PACK_RANKS_PAGE) {
        rc = sql_query(sql, which, "sseii", &statement, holder, product, lot, last, (int64_t)PACK_RANKS_PAGE);
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
    struct search search = {.pack = pack, .visit = visit, .context = context};
    return visit_facts(&search, PACK_WHERE_AT, holder, product, lot);
}

enum rc pack_of(struct pack *pack, const char *product, enum rc (*visit)(void *context, const char *key),
                void *context)
{
    struct search search = {.pack = pack, .visit = visit, .context = context};
    return visit_facts(&search, PACK_WHERE_OF, NULL, product, NULL);
}

enum rc pack_here(struct pack *pack, const char *product, const char *holder,
                  enum rc (*visit)(void *context, const char *key), void *context)
{
    struct search search = {.pack = pack, .visit = visit, .context = context};
    return visit_facts(&search, PACK_WHERE_HERE, holder, product, NULL);
}

/* ---- in key order ---- */

enum rc pack_rank_from(struct pack *pack, const char *key, uint32_t *ret_rank)
{
    struct pack_block block;
    char at_key[CODE_KEY_MAX + 1];
    int64_t generation = 0;
    uint32_t entries = 0;
    enum rc rc = pack_state(pack, &generation, &entries);
    if (rc == RC_OK && !entries)
        *ret_rank = 0;
    if (rc == RC_OK && entries)
        rc = pack_block_near(pack, key, &block);
    if (rc != RC_OK || !entries)
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
    struct pack_block block;
    char key[CODE_KEY_MAX + 1];
    bool go_on = true;
    enum rc rc = pack_block_of_rank(pack, rank, &block);
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
