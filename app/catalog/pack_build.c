/* Packing. Three times through the book in key order: which rank each entry gets; whose child it is and what it says;
 * and then the blocks, beside those in use, which go at the end. */
#include "app/catalog/pack_area.h"
#include "app/catalog/pack_facts.h"
#include "app/catalog/sieve.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { GENERATION_SHIFT = 32, REST_EVERY = 1 << 17 /* entries */, SIEVE_PART = 3 /* room for a third more */ };

#define FACT_COLUMNS "product, lot, level, covers, state, holder, in_product, in_lot, in_holder, in_level, sale"

static const char *const TEXTS[PACK_STATEMENTS] = {
    [PACK_BLOCKS] =
        "SELECT rank, body FROM pack_block WHERE rank>=(?1 << 32) AND rank<((?1 + 1) << 32) ORDER BY rank",
    [PACK_FACT_FIND] =
        "SELECT id FROM pack_fact WHERE holder IS ?6 AND coalesce(product, in_product) IS coalesce(?1, ?7)"
        " AND coalesce(lot, in_lot) IS coalesce(?2, ?8) AND product IS ?1 AND lot IS ?2"
        " AND level IS nullif(?3, -1) AND covers IS nullif(?4, -1) AND state=?5 AND in_product IS ?7"
        " AND in_lot IS ?8 AND in_holder IS ?9 AND in_level IS nullif(?10, -1)"
        " AND sale IS nullif(?11, 0)",
    [PACK_FACT_PUT] =
        "INSERT INTO pack_fact (" FACT_COLUMNS ") VALUES (?1, ?2, nullif(?3, -1), nullif(?4, -1), ?5, ?6,"
        " ?7, ?8, ?9, nullif(?10, -1), nullif(?11, 0))",
    [PACK_BLOCK_PUT] = "INSERT INTO pack_block (rank, body) VALUES (?1, ?2)",
    [PACK_FIRST_PUT] = "INSERT INTO pack_first (generation, first, rank) VALUES (?1, ?2, ?3)",
    [PACK_CHILD_PUT] = "INSERT INTO pack_child (slot, body) VALUES (?1, ?2)",
    [PACK_AT_PUT] = "INSERT INTO pack_at (generation, fact, rank) VALUES (?1, ?2, ?3)",
    [PACK_STATE_PUT] = "UPDATE pack_state SET generation=?1, count=?2",
    [PACK_BLOCKS_DROP] = "DELETE FROM pack_block WHERE rank<(?1 << 32)",
    [PACK_FIRSTS_DROP] = "DELETE FROM pack_first WHERE generation<?1",
    [PACK_CHILDREN_DROP] = "DELETE FROM pack_child WHERE slot<(?1 << 32)",
    [PACK_AT_DROP] = "DELETE FROM pack_at WHERE generation<?1",
    [PACK_FACTS_DROP] =
        "DELETE FROM pack_fact WHERE NOT EXISTS (SELECT 1 FROM pack_at WHERE generation=?1 AND fact=pack_fact.id)",
};

/* Containers among what was told, in key order: how their ranks are found. */
struct holds {
    char *text; /* keys, each with its NUL */
    size_t len, room;
    struct hold {
        size_t key;
        uint32_t rank;
    } * hold;
    size_t count, hold_room;
};

struct build {
    struct codebook *codebook;
    struct sql *sql;
    struct pack_facts *facts;
    struct pack_writer *writer;
    struct holds holds;
    struct pack_area area;
    bool sieve_all;     /* it is new */
    int64_t generation; /* to come */
    uint32_t old_count, count;
    uint32_t *map, *old_share;        /* by old rank: the new one or PACK_NO_RANK; what its children had in common */
    uint32_t *parent, *fact, *share;  /* by rank; parent: 1 + rank or 0 */
    uint32_t *slot, *child;           /* where a container's children begin in `child`; one more at the end */
    uint32_t block_first;             /* rank of the first entry in the writer */
    char block_key[CODE_KEY_MAX + 1]; /* its key */
    char last_key[CODE_KEY_MAX + 1];  /* the last one that is in a block, "" none */
    char previous_key[CODE_KEY_MAX + 1]; /* of the last one added */
};

/* ---- containers ---- */

static bool grow(void **array, size_t *room, size_t need, size_t size)
{
    if (need <= *room)
        return true;
    size_t more = need + need / 2 + 64;
    void *grown = realloc(*array, more * size);
    if (!grown)
        return false;
    *array = grown;
    *room = more;
    return true;
}

static enum rc hold(struct holds *holds, const char *key, uint32_t rank)
{
    size_t len = strlen(key) + 1;
    void *text = holds->text, *list = holds->hold;
    bool grown = grow(&text, &holds->room, holds->len + len, 1);
    holds->text = text;
    grown = grown && grow(&list, &holds->hold_room, holds->count + 1, sizeof *holds->hold);
    holds->hold = list;
    if (!grown)
        return RC_NOMEM;
    memcpy(holds->text + holds->len, key, len);
    holds->hold[holds->count++] = (struct hold){holds->len, rank};
    holds->len += len;
    return RC_OK;
}

static bool held(const struct holds *holds, const char *key, uint32_t *ret_rank)
{
    size_t low = 0, high = holds->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(holds->text + holds->hold[middle].key, key);
        if (order == 0) {
            *ret_rank = holds->hold[middle].rank;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* ---- first: ranks ---- */

static enum rc count_item(struct build *build, const struct pack_item *item)
{
    uint32_t rank = item->gone ? PACK_NO_RANK : build->count++;
    if (item->old != PACK_NO_RANK) {
        if (item->old >= build->old_count)
            return RC_CORRUPT;
        build->map[item->old] = rank;
        build->old_share[item->old] = item->entry.share;
    }
    return item->told && !item->gone && item->told->in_level >= 0 ? hold(&build->holds, item->key, rank) : RC_OK;
}

/* ---- second: what each says ---- */

static enum rc rank_of_parent(struct build *build, const char *key, uint32_t *ret_rank)
{
    uint32_t old = 0;
    if (held(&build->holds, key, ret_rank))
        return RC_OK;
    enum rc rc = pack_rank(build->codebook->pack, key, &old);
    if (rc == RC_OK && old >= build->old_count)
        return RC_CORRUPT;
    if (rc == RC_OK && build->map[old] == PACK_NO_RANK)
        return RC_NOT_FOUND;
    if (rc == RC_OK)
        *ret_rank = build->map[old];
    return rc;
}

static enum rc relate_told(struct build *build, const struct row *row, uint32_t rank)
{
    uint32_t parent = 0;
    enum rc rc = row->parent[0] ? rank_of_parent(build, row->parent, &parent) : RC_OK;
    if (rc == RC_OK)
        build->parent[rank] = row->parent[0] ? parent + 1 : 0;
    return rc == RC_OK ? pack_facts_id(build->facts, row, &build->fact[rank]) : rc;
}

static enum rc relate_packed(struct build *build, const struct pack_entry *entry, uint32_t rank)
{
    uint32_t old = entry->parent - 1;
    build->fact[rank] = entry->fact;
    if (entry->parent && (old >= build->old_count || build->map[old] == PACK_NO_RANK))
        return RC_CORRUPT;
    if (entry->parent)
        build->parent[rank] = build->map[old] + 1;
    if (entry->parent && !entry->fact)
        build->fact[rank] = build->old_share[old];
    return build->fact[rank] ? RC_OK : RC_CORRUPT;
}

static enum rc relate_item(struct build *build, const struct pack_item *item)
{
    if (item->gone)
        return RC_OK;
    uint32_t rank = build->count++;
    enum rc rc = item->told ? relate_told(build, item->told, rank) : relate_packed(build, &item->entry, rank);
    if (rc != RC_OK || !build->parent[rank])
        return rc;
    uint32_t parent = build->parent[rank] - 1;
    build->slot[parent]++;
    if (!build->share[parent])
        build->share[parent] = build->fact[rank];
    return RC_OK;
}

/* From how many children each has to where they begin, and the list itself. */
static void list_children(struct build *build)
{
    uint32_t sum = 0;
    for (uint32_t rank = 0; rank < build->count; rank++) {
        build->slot[rank] = sum += build->slot[rank];
        if (rank % REST_EVERY == 0)
            pack_area_rest(&build->area);
    }
    build->slot[build->count] = sum;
    for (uint32_t rank = build->count; rank-- > 0;) {
        if (build->parent[rank])
            build->child[--build->slot[build->parent[rank] - 1]] = rank;
        if (rank % REST_EVERY == 0)
            pack_area_rest(&build->area);
    }
}

/* ---- third: blocks ---- */

static int64_t place(const struct build *build, uint32_t number)
{
    return build->generation << GENERATION_SHIFT | number;
}

/* As much of a block's first key as tells it from the last one before it. */
static void separate(const struct build *build, char *ret_text)
{
    size_t common = 0;
    while (build->last_key[common] && build->last_key[common] == build->block_key[common])
        common++;
    size_t len = build->last_key[0] ? common + 1 : 0;
    memcpy(ret_text, build->block_key, len);
    ret_text[len] = '\0';
}

static enum rc write_block(struct build *build)
{
    uint8_t bytes[PACK_BLOCK_MAX];
    char first[CODE_KEY_MAX + 2];
    const uint32_t *palette = NULL;
    enum rc rc = RC_OK;
    int64_t rank = place(build, build->block_first);
    int colours = pack_writer_palette(build->writer, &palette);
    for (int i = 0; rc == RC_OK && i < colours; i++)
        rc = sql_run(build->sql, PACK_AT_PUT, "iii", build->generation, (int64_t)palette[i], rank);
    size_t len = pack_writer_take(build->writer, bytes);
    if (rc == RC_OK)
        rc = sql_run(build->sql, PACK_BLOCK_PUT, "ib", rank, bytes, len);
    separate(build, first);
    if (rc == RC_OK)
        rc = sql_run(build->sql, PACK_FIRST_PUT, "isi", build->generation, first, rank);
    memcpy(build->last_key, build->previous_key, sizeof build->last_key);
    return rc;
}

static enum rc write_item(struct build *build, const struct pack_item *item)
{
    if (item->gone)
        return RC_OK;
    uint32_t rank = build->count++, parent = build->parent[rank];
    if (build->codebook->sieve && (build->sieve_all || item->told))
        sieve_add(build->codebook->sieve, item->key);
    bool shares = parent && build->fact[rank] == build->share[parent - 1];
    struct pack_entry entry = {.parent = parent,
                               .slot = build->slot[rank],
                               .slot_end = build->slot[rank + 1],
                               .fact = shares ? 0 : build->fact[rank],
                               .share = build->share[rank]};
    enum rc rc = RC_OK;
    if (!pack_writer_add(build->writer, item->key, &entry)) {
        rc = write_block(build);
        (void)pack_writer_add(build->writer, item->key, &entry); /* one always goes in */
    }
    if (pack_writer_count(build->writer) == 1) {
        build->block_first = rank;
        memcpy(build->block_key, item->key, strlen(item->key) + 1);
    }
    memcpy(build->previous_key, item->key, strlen(item->key) + 1);
    return rc;
}

static enum rc write_lists(struct build *build)
{
    uint8_t bytes[PACK_BLOCK_MAX];
    size_t total = build->slot[build->count], taken = 0;
    enum rc rc = RC_OK;
    for (size_t slot = 0; rc == RC_OK && slot < total; slot += taken) {
        size_t len = pack_list_write(build->child + slot, total - slot, &taken, bytes);
        rc = sql_run(build->sql, PACK_CHILD_PUT, "ib", place(build, (uint32_t)slot), bytes, len);
    }
    return rc;
}

static enum rc switch_over(struct build *build)
{
    static const int DROPS[] = {PACK_BLOCKS_DROP, PACK_FIRSTS_DROP, PACK_CHILDREN_DROP, PACK_AT_DROP,
                                PACK_FACTS_DROP};
    enum rc rc = sql_run(build->sql, PACK_STATE_PUT, "ii", build->generation, (int64_t)build->count);
    for (size_t i = 0; rc == RC_OK && i < sizeof DROPS / sizeof DROPS[0]; i++)
        rc = sql_run(build->sql, DROPS[i], "i", build->generation);
    if (rc == RC_OK)
        rc = codebook_row_clear(build->codebook);
    pack_forget(build->codebook->pack);
    return rc;
}

/* ---- all of it ---- */

static enum rc each(struct build *build, bool keys,
                    enum rc (*visit)(struct build *build, const struct pack_item *item))
{
    struct pack_merge *merge = NULL;
    const struct pack_item *item = NULL;
    size_t items = 0;
    build->count = 0;
    enum rc rc = pack_merge_open(build->codebook, build->sql, keys, &merge);
    while (rc == RC_OK && (rc = pack_merge_next(merge, &item)) == RC_OK && item) {
        rc = visit(build, item);
        if (++items % REST_EVERY == 0)
            pack_area_rest(&build->area);
    }
    pack_merge_close(merge);
    return rc;
}

static enum rc set_up(struct build *build, int64_t rows)
{
    const char *path = sqlite3_db_filename(build->codebook->db, "main");
    enum rc rc = pack_state(build->codebook->pack, &build->generation, &build->old_count);
    if (rc != RC_OK)
        return rc;
    size_t old = build->old_count, most = old + (size_t)rows + 1;
    if (most >= PACK_NO_RANK)
        return RC_TOO_BIG;
    build->generation++;
    rc = pack_area_open(path ? path : "", 2 * old + 5 * most, &build->area);
    if (rc != RC_OK)
        return rc;
    build->map = pack_area_take(&build->area, old);
    build->old_share = pack_area_take(&build->area, old);
    build->parent = pack_area_take(&build->area, most);
    build->fact = pack_area_take(&build->area, most);
    build->share = pack_area_take(&build->area, most);
    build->slot = pack_area_take(&build->area, most);
    build->child = pack_area_take(&build->area, most);
    build->facts = pack_facts_new(build->codebook->db, build->sql);
    build->writer = pack_writer_new();
    return build->facts && build->writer ? RC_OK : RC_NOMEM;
}

/* While much is told at once, most of it is new. */
static void new_sieve(struct build *build)
{
    struct codebook *codebook = build->codebook;
    build->sieve_all = !sieve_has_room(codebook->sieve, build->count);
    if (!build->sieve_all)
        return; /* what was told is added to what was packed */
    sieve_free(codebook->sieve);
    codebook->sieve = codebook->bulk ? sieve_new(build->count + build->count / SIEVE_PART) : NULL;
}

static enum rc pack(struct build *build, int64_t rows)
{
    enum rc rc = set_up(build, rows);
    if (rc == RC_OK)
        rc = each(build, false, count_item);
    if (rc == RC_OK)
        rc = each(build, false, relate_item);
    if (rc != RC_OK)
        return rc;
    list_children(build);
    new_sieve(build);
    rc = each(build, true, write_item);
    if (rc == RC_OK && pack_writer_count(build->writer))
        rc = write_block(build);
    if (rc == RC_OK)
        rc = write_lists(build);
    return rc == RC_OK ? switch_over(build) : rc;
}

enum rc codebook_pack(struct codebook *codebook)
{
    struct build *build = calloc(1, sizeof *build);
    int64_t rows = 0;
    if (!build)
        return RC_NOMEM;
    build->codebook = codebook;
    enum rc rc = codebook_row_count(codebook, INT64_MAX, &rows);
    if (rc == RC_OK && rows)
        rc = sql_new(codebook->db, TEXTS, PACK_STATEMENTS, &build->sql);
    if (rc == RC_OK && rows)
        rc = pack(build, rows);
    if (rc == RC_NOT_FOUND)
        rc = RC_CORRUPT; /* a container without a row of its own */
    pack_area_close(&build->area);
    pack_facts_free(build->facts);
    pack_writer_free(build->writer);
    sql_free(build->sql);
    free(build->holds.text);
    free(build->holds.hold);
    free(build);
    return rc;
}

enum rc codebook_pack_if(struct codebook *codebook, long least, long part)
{
    int64_t generation = 0, rows = 0, limit = least;
    uint32_t count = 0;
    enum rc rc = codebook_row_count(codebook, 1, &rows); /* the view is fixed by a look */
    if (rc == RC_OK)
        rc = pack_state(codebook->pack, &generation, &count);
    if (rc == RC_OK && (int64_t)count / part > limit)
        limit = (int64_t)count / part;
    if (rc == RC_OK)
        rc = codebook_row_count(codebook, limit + 1, &rows);
    return rc == RC_OK && rows > limit ? codebook_pack(codebook) : rc;
}
