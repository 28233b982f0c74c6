#include "app/catalog/codebook_row.h"
#include "app/catalog/pack.h"
#include "app/catalog/run.h"
#include "app/domain/text_copy.h"
#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_ROWS = 32, FOUND_MAX = 4 };

/* An answer that is kept: of one scan, its case and its pallet are asked for several times. */
struct found {
    enum rc rc; /* RC_OK, or RC_NOT_FOUND and only the entry's key is filled */
    struct codebook_entry entry;
};

enum rc codebook_open(struct sqlite3 *db, struct codebook **ret_codebook)
{
    struct codebook *codebook = calloc(1, sizeof *codebook);
    if (!codebook)
        return RC_NOMEM;
    codebook->db = db;
    codebook->reader = sqlite3_db_readonly(db, "main") == 1;
    enum rc rc = sql_new(db, CODEBOOK_TEXTS, CODEBOOK_STATEMENTS, &codebook->sql);
    if (rc == RC_OK)
        rc = pack_open(db, &codebook->pack);
    if (rc == RC_OK)
        *ret_codebook = codebook;
    else
        codebook_close(codebook);
    return rc;
}

void codebook_close(struct codebook *codebook)
{
    if (!codebook)
        return;
    sql_free(codebook->sql);
    pack_close(codebook->pack);
    codebook_bulk_drop(codebook);
    free(codebook->found);
    free(codebook);
}

void codebook_view(struct codebook *codebook, bool viewing)
{
    codebook->viewing = false;
    if (viewing)
        codebook->viewing = codebook_seen(codebook);
}

void codebook_forget(struct codebook *codebook)
{
    pack_forget(codebook->pack);
    codebook_bulk_drop(codebook);
}

enum rc codebook_begin_view(struct codebook *codebook, bool *ret_began)
{
    *ret_began = sqlite3_get_autocommit(codebook->db) != 0;
    return *ret_began ? sql_run(codebook->sql, CODEBOOK_BEGIN, "") : RC_OK;
}

enum rc codebook_end_view(struct codebook *codebook, bool began, enum rc rc)
{
    enum rc ended = began ? sql_run(codebook->sql, CODEBOOK_COMMIT, "") : RC_OK;
    return rc == RC_OK ? ended : rc;
}

/* ---- what an entry inherits ---- */

enum rc codebook_run_of(struct codebook *codebook, const char *key, struct facts_told *ret_told)
{
    struct run_key at;
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    if (!run_split(key, &at) || (codebook_seen(codebook) && codebook->no_runs))
        return RC_NOT_FOUND;
    enum rc rc = sql_query(codebook->sql, CODEBOOK_RUN, "sii", &statement, at.prefix, (int64_t)at.width, at.number);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK)
        return rc;
    found = found && sql_int(statement, 0) >= at.number;
    for (int i = 0; found && i < FACT_COUNT; i++)
        told_read(statement, 1 + i, &ret_told->fact[i]);
    sql_done(statement);
    return found ? RC_OK : RC_NOT_FOUND;
}

void codebook_inherit(struct facts_told *told, const struct facts_told *from)
{
    if (!told->fact[FACT_HOLDER].has && from->fact[FACT_HOLDER].has && !told->sale)
        told->sale = from->sale;
    for (int i = 0; i < FACT_COUNT; i++)
        if (!told->fact[i].has && from->fact[i].has)
            told->fact[i] = from->fact[i];
}

static bool all_told(const struct facts_told *told)
{
    return told->fact[FACT_PRODUCT].has && told->fact[FACT_LOT].has && told->fact[FACT_HOLDER].has;
}

enum rc codebook_climb(struct codebook *codebook, const char *key, struct facts_told *told)
{
    struct row row;
    for (int depth = 0; key[0] && depth < DEPTH_MAX && !all_told(told); depth++) {
        enum rc rc = codebook_row_get(codebook, key, &row);
        if (rc == RC_NOT_FOUND)
            return RC_OK;
        if (rc != RC_OK)
            return rc;
        codebook_inherit(told, &row.own);
        key = row.parent;
    }
    return RC_OK;
}

/* Its contents did not agree when they were told: do they now? */
enum rc codebook_look_inside(struct codebook *codebook, const char *key, enum fact fact, struct told *told)
{
    struct inside *inside = NULL;
    const struct row *row = NULL;
    struct told first = {0};
    bool differ = false;
    enum rc rc = inside_open(codebook, key, &inside);
    while (rc == RC_OK && !differ && (rc = inside_next(inside, &row)) == RC_OK && row) {
        const char *text = codebook_row_text(row, fact);
        differ = text && first.has && strcmp(first.text, text) != 0;
        if (text && !first.has)
            told_set(&first, text);
    }
    inside_close(inside);
    if (rc == RC_OK && !differ && first.has && first.text[0])
        *told = first;
    return rc;
}

/* `above`: what its containers were told; `run` may be NULL. */
static enum rc fill_entry(struct codebook *codebook, const struct row *row, const struct facts_told *above,
                          const struct facts_told *run, struct codebook_entry *ret_entry)
{
    struct facts_told told = row->own;
    struct facts_told of_run = run ? *run : (struct facts_told){0};
    struct told run_holder = of_run.fact[FACT_HOLDER];
    of_run.fact[FACT_HOLDER].has = false; /* a unit goes along with its container, whatever its run once said */
    bool own = told.fact[FACT_HOLDER].has || (run_holder.has && !above->fact[FACT_HOLDER].has);
    codebook_inherit(&told, &of_run);
    codebook_inherit(&told, above);
    if (!told.fact[FACT_HOLDER].has)
        told.fact[FACT_HOLDER] = run_holder;
    bool inside[FACT_COUNT] = {false};
    for (int i = 0; i < FACT_COUNT; i++) {
        if (told.fact[i].has || !row->in.fact[i].has)
            continue;
        inside[i] = true;
        told.fact[i] = row->in.fact[i];
        enum rc rc =
            told.fact[i].text[0] ? RC_OK : codebook_look_inside(codebook, row->key, (enum fact)i, &told.fact[i]);
        if (rc != RC_OK)
            return rc;
    }
    memcpy(ret_entry->key, row->key, sizeof row->key);
    memcpy(ret_entry->parent, row->parent, sizeof row->parent);
    text_copy(ret_entry->product, sizeof ret_entry->product, told.fact[FACT_PRODUCT].text);
    text_copy(ret_entry->lot, sizeof ret_entry->lot, told.fact[FACT_LOT].text);
    ret_entry->product_inside = inside[FACT_PRODUCT];
    ret_entry->lot_inside = inside[FACT_LOT];
    ret_entry->level = codebook_row_level(row);
    ret_entry->container = row->in_level >= 0 || ret_entry->level > 0;
    ret_entry->covers = row->covers > 0 ? row->covers : 0;
    ret_entry->placed = own;
    ret_entry->state = row->state;
    ret_entry->sale = told.sale;
    return holder_parse(told.fact[FACT_HOLDER].text, &ret_entry->holder) == RC_OK ? RC_OK : RC_CORRUPT;
}

static enum rc make_entry(struct codebook *codebook, const struct row *row, const struct facts_told *above,
                          bool need_run, struct codebook_entry *ret_entry)
{
    struct facts_told run = {0};
    struct codebook_entry entry;
    enum rc rc = RC_OK;
    if (!all_told(&row->own))
        rc = codebook_run_of(codebook, row->key, &run);
    if (rc == RC_NOT_FOUND && !need_run)
        rc = RC_OK;
    if (rc == RC_OK)
        rc = fill_entry(codebook, row, above, &run, &entry);
    if (rc == RC_OK)
        *ret_entry = entry;
    return rc;
}

static enum rc find(struct codebook *codebook, const char *key, struct codebook_entry *ret_entry)
{
    struct row row;
    struct facts_told above = {0};
    enum rc rc = codebook_row_get(codebook, key, &row);
    bool need_run = rc == RC_NOT_FOUND;
    if (rc == RC_OK)
        above = row.own; /* what it was told itself need not be looked for */
    if (rc == RC_OK)
        rc = codebook_climb(codebook, row.parent, &above);
    if (rc == RC_OK || need_run)
        rc = make_entry(codebook, &row, &above, need_run, ret_entry);
    return rc;
}

static struct found *kept(struct codebook *codebook, const char *key)
{
    unsigned count = codebook->found_count < FOUND_MAX ? codebook->found_count : FOUND_MAX;
    for (unsigned i = 0; i < count; i++)
        if (strcmp(codebook->found[i].entry.key, key) == 0)
            return &codebook->found[i];
    return NULL;
}

static void keep(struct codebook *codebook, const char *key, enum rc rc, const struct codebook_entry *entry)
{
    if (!codebook->found && !(codebook->found = calloc(FOUND_MAX, sizeof *codebook->found)))
        return;
    struct found *found = &codebook->found[codebook->found_count++ % FOUND_MAX];
    found->rc = rc;
    if (rc == RC_OK)
        found->entry = *entry;
    else
        memcpy(found->entry.key, key, strlen(key) + 1);
}

static enum rc find_kept(struct codebook *codebook, const char *key, struct codebook_entry *ret_entry)
{
    if (!codebook_seen(codebook))
        return find(codebook, key, ret_entry);
    const struct found *found = kept(codebook, key);
    if (found && found->rc == RC_OK)
        *ret_entry = found->entry;
    if (found)
        return found->rc;
    enum rc rc = find(codebook, key, ret_entry);
    if (rc == RC_OK || rc == RC_NOT_FOUND)
        keep(codebook, key, rc, ret_entry);
    return rc;
}

enum rc codebook_find(struct codebook *codebook, const char *key, struct codebook_entry *ret_entry)
{
    bool began = false;
    if (strlen(key) > CODE_KEY_MAX)
        return RC_NOT_FOUND;
    enum rc rc = codebook_begin_view(codebook, &began);
    if (rc != RC_OK)
        return rc;
    return codebook_end_view(codebook, began, find_kept(codebook, key, ret_entry));
}

enum rc codebook_alias(struct codebook *codebook, const char *alias, char *ret_key)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    if (codebook_seen(codebook) && codebook->no_aliases)
        return RC_NOT_FOUND;
    enum rc rc = sql_query(codebook->sql, CODEBOOK_ALIAS, "s", &statement, alias);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return RC_NOT_FOUND;
    sql_text(statement, 0, ret_key, CODE_KEY_MAX + 1);
    sql_done(statement);
    return RC_OK;
}

/* ---- walks: a page at a time, so that the visitor may ask for anything ---- */

static enum rc read_page(struct sqlite3_stmt *statement, struct row *page, int *ret_count)
{
    int count = 0;
    bool more = true;
    enum rc rc = RC_OK;
    while (count < PAGE_ROWS && (rc = sql_step(statement, &more)) == RC_OK && more)
        codebook_row_read(statement, &page[count++]);
    sql_done(statement);
    *ret_count = count;
    return rc;
}

static enum rc visit_children(struct codebook *codebook, const char *parent,
                              bool (*visit)(void *context, const struct codebook_entry *child), void *context)
{
    struct facts_told above = {0};
    struct codebook_entry entry;
    struct inside *inside = NULL;
    const struct row *row = NULL;
    bool go_on = true;
    enum rc rc = codebook_climb(codebook, parent, &above);
    if (rc == RC_OK)
        rc = inside_open(codebook, parent, &inside);
    while (rc == RC_OK && go_on && (rc = inside_next(inside, &row)) == RC_OK && row) {
        rc = make_entry(codebook, row, &above, false, &entry);
        go_on = rc == RC_OK && visit(context, &entry);
    }
    inside_close(inside);
    return rc;
}

enum rc codebook_children(struct codebook *codebook, const char *parent,
                          bool (*visit)(void *context, const struct codebook_entry *child), void *context)
{
    bool began = false;
    if (strlen(parent) > CODE_KEY_MAX)
        return RC_OK;
    enum rc rc = codebook_begin_view(codebook, &began);
    if (rc != RC_OK)
        return rc;
    return codebook_end_view(codebook, began, visit_children(codebook, parent, visit, context));
}

struct at {
    struct codebook *codebook;
    const char *product, *lot, *holder;
    bool (*visit)(void *context, const struct codebook_entry *entry);
    void *context;
    bool go_on;
};

static enum rc visit_rows_at(struct codebook *codebook, struct at *at)
{
    struct codebook_entry entry;
    struct row *page = calloc(PAGE_ROWS, sizeof *page);
    if (!page)
        return RC_NOMEM;
    char last[CODE_KEY_MAX + 1] = "";
    int count = PAGE_ROWS;
    enum rc rc = RC_OK;
    while (rc == RC_OK && at->go_on && count == PAGE_ROWS) {
        struct sqlite3_stmt *statement = NULL;
        rc = sql_query(codebook->sql, CODEBOOK_AT, "ssesi", &statement, at->holder, at->product, at->lot, last,
                       (int64_t)PAGE_ROWS);
        if (rc == RC_OK)
            rc = read_page(statement, page, &count);
        for (int i = 0; rc == RC_OK && at->go_on && i < count; i++) {
            rc = codebook_find(codebook, page[i].key, &entry);
            at->go_on = rc == RC_OK && at->visit(at->context, &entry);
        }
        if (rc == RC_OK && count > 0)
            memcpy(last, page[count - 1].key, sizeof last);
    }
    free(page);
    return rc;
}

/* A packed row counts unless something was told since. RC_NOT_FOUND: enough. */
static enum rc visit_packed(void *context, const char *key)
{
    struct at *at = context;
    struct codebook_entry entry;
    enum rc rc = codebook_row_told(at->codebook, key);
    if (rc != RC_NOT_FOUND)
        return rc;
    rc = find(at->codebook, key, &entry);
    if (rc == RC_OK)
        at->go_on = at->visit(at->context, &entry);
    return rc == RC_OK && !at->go_on ? RC_NOT_FOUND : rc;
}

struct run_row {
    struct run_key first;
    int64_t last;
};

static enum rc visit_run_at(struct codebook *codebook, const struct run_row *run, struct at *at)
{
    struct codebook_entry entry;
    char key[CODE_KEY_MAX + 1], here[HOLDER_MAX + 1];
    enum rc rc = RC_OK;
    int64_t end = run->first.number + CODEBOOK_RUN_KEYS;
    for (int64_t n = run->first.number; rc == RC_OK && at->go_on && n <= run->last && n < end; n++) {
        rc = codebook_find(codebook, run_join(&run->first, n, key), &entry);
        if (rc == RC_OK && strcmp(holder_print(&entry.holder, here), at->holder) == 0)
            at->go_on = at->visit(at->context, &entry);
    }
    return rc;
}

static enum rc visit_runs_at(struct codebook *codebook, struct at *at)
{
    struct sqlite3_stmt *statement = NULL;
    int count = 0;
    bool more = true;
    struct run_row *runs = calloc(CODEBOOK_RUNS_MAX, sizeof *runs);
    if (!runs)
        return RC_NOMEM;
    enum rc rc = sql_query(codebook->sql, CODEBOOK_RUNS_AT, "sesi", &statement, at->product, at->lot, at->holder,
                           (int64_t)CODEBOOK_RUNS_MAX);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more) {
        struct run_row *run = &runs[count++];
        sql_text(statement, 0, run->first.prefix, sizeof run->first.prefix);
        run->first.width = (int)sql_int(statement, 1);
        run->first.number = sql_int(statement, 2);
        run->last = sql_int(statement, 3);
    }
    for (int i = 0; rc == RC_OK && at->go_on && i < count; i++)
        rc = visit_run_at(codebook, &runs[i], at);
    free(runs);
    return rc;
}

enum rc codebook_at(struct codebook *codebook, const char *product, const char *lot, const char *holder,
                    bool (*visit)(void *context, const struct codebook_entry *entry), void *context)
{
    struct at at = {codebook, product, lot, holder, visit, context, true};
    bool began = false;
    assert(!codebook->bulk);
    enum rc rc = codebook_begin_view(codebook, &began);
    if (rc != RC_OK)
        return rc;
    rc = visit_rows_at(codebook, &at);
    if (rc == RC_OK && at.go_on)
        rc = pack_at(codebook->pack, product, lot, holder, visit_packed, &at);
    if (rc == RC_NOT_FOUND && !at.go_on)
        rc = RC_OK;
    if (rc == RC_OK && at.go_on)
        rc = visit_runs_at(codebook, &at);
    return codebook_end_view(codebook, began, rc);
}
