/* How much of a product is at a holder. What stands there by itself is found by its row's holder, what is in it goes along
 * unless it was told to be elsewhere; numbers of a run that have no rows are counted without a look each. */
#include "app/catalog/codebook_run.h"
#include "app/catalog/pack.h"
#include <assert.h>
#include <string.h>

struct units {
    struct codebook *codebook;
    const char *product, *lot, *holder;
    void (*add)(void *context, const char *lot, int64_t units);
    void *context;
};

/* On the books, whatever state its goods are in. */
static bool counts(enum code_state state)
{
    switch (state) {
    case STATE_ACTIVE:
    case STATE_DAMAGED:
    case STATE_RETURNED: return true;
    case STATE_INACTIVE:
    case STATE_VOID:
    case STATE_STOLEN:
    case STATE_DESTROYED: return false;
    }
    return false;
}

static void add(const struct units *units, const struct facts_told *told, int64_t count)
{
    const struct told *product = &told->fact[FACT_PRODUCT], *lot = &told->fact[FACT_LOT];
    const char *name = lot->has ? lot->text : "";
    bool asked = product->has && strcmp(product->text, units->product) == 0;
    if (asked && count > 0 && (!units->lot[0] || strcmp(name, units->lot) == 0))
        units->add(units->context, name, count);
}

/* Nothing is in it: an item, or a container that stands for so many. */
static enum rc add_leaf(const struct units *units, const struct row *row, const struct facts_told *above)
{
    struct facts_told told = row->own, run = {0};
    bool container = row->in_level >= 0 || row->level > 0;
    int64_t count = row->covers > 0 ? row->covers : !container;
    enum rc rc = RC_OK;
    if (!counts(row->state))
        return RC_OK;
    if (!told.fact[FACT_PRODUCT].has || !told.fact[FACT_LOT].has)
        rc = codebook_run_of(units->codebook, row->key, &run);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    codebook_inherit(&told, &run);
    codebook_inherit(&told, above);
    add(units, &told, count);
    return RC_OK;
}

static enum rc add_tree(const struct units *units, const struct row *row, const struct facts_told *above, int depth)
{
    struct inside *inside = NULL;
    const struct row *child = NULL;
    struct facts_told told = row->own;
    bool any = false;
    enum rc rc = RC_OK;
    codebook_inherit(&told, above);
    if (row->in_level >= 0 && depth < DEPTH_MAX)
        rc = inside_open(units->codebook, row->key, &inside);
    while (rc == RC_OK && inside && (rc = inside_next(inside, &child)) == RC_OK && child) {
        any = true;
        if (!child->own.fact[FACT_HOLDER].has)
            rc = add_tree(units, child, &told, depth + 1);
    }
    inside_close(inside);
    return rc == RC_OK && !any ? add_leaf(units, row, above) : rc;
}

static enum rc add_root(const struct units *units, const struct row *row)
{
    struct facts_told above = {0};
    enum rc rc = codebook_climb(units->codebook, row->parent, &above);
    return rc == RC_OK ? add_tree(units, row, &above, 0) : rc;
}

static enum rc add_told(const struct units *units)
{
    struct sqlite3_stmt *statement = NULL;
    struct row row;
    bool more = true;
    enum rc rc = sql_query(units->codebook->sql, CODEBOOK_HERE, "ss", &statement, units->holder, units->product);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more) {
        codebook_row_read(statement, &row);
        rc = add_root(units, &row);
    }
    if (statement)
        sql_done(statement);
    return rc;
}

static enum rc add_packed(void *context, const char *key)
{
    const struct units *units = context;
    struct row row;
    enum rc rc = codebook_row_told(units->codebook, key);
    if (rc != RC_NOT_FOUND)
        return rc;
    rc = codebook_row_get(units->codebook, key, &row);
    if (rc == RC_NOT_FOUND)
        return RC_CORRUPT;
    return rc == RC_OK ? add_root(units, &row) : rc;
}

/* ---- runs ---- */

/* A number with a row of its own is where that or its container says; else where the run is, and without its contents,
 * which were told nothing of it. */
static enum rc add_numbered(const struct units *units, const struct run_told *run, int64_t number)
{
    char key[CODE_KEY_MAX + 1];
    struct facts_told above = {0};
    struct inside *inside = NULL;
    const struct row *child = NULL;
    struct row row;
    enum rc rc = codebook_row_get(units->codebook, run_join(&run->first, number, key), &row);
    if (rc == RC_NOT_FOUND) {
        add(units, &run->told, 1);
        return RC_OK;
    }
    if (rc == RC_OK)
        rc = codebook_climb(units->codebook, row.parent, &above);
    if (rc != RC_OK || row.own.fact[FACT_HOLDER].has || above.fact[FACT_HOLDER].has)
        return rc;
    if (row.in_level >= 0)
        rc = inside_open(units->codebook, key, &inside);
    if (rc == RC_OK && inside)
        rc = inside_next(inside, &child);
    inside_close(inside);
    return rc == RC_OK && !child ? add_leaf(units, &row, &above) : rc;
}

static enum rc add_run(const struct units *units, const struct run_told *run)
{
    struct run_rows *rows = NULL;
    int64_t bare = run->last - run->first.number + 1, number = 0;
    enum rc rc = run_rows_open(units->codebook, run, &rows);
    while (rc == RC_OK && (rc = run_rows_next(rows, &number)) == RC_OK) {
        bare--;
        rc = add_numbered(units, run, number);
    }
    run_rows_close(rows);
    if (rc != RC_NOT_FOUND)
        return rc;
    add(units, &run->told, bare);
    return RC_OK;
}

static enum rc add_runs(const struct units *units)
{
    struct sqlite3_stmt *statement = NULL;
    struct run_told run;
    bool more = true;
    enum rc rc = sql_query(units->codebook->sql, CODEBOOK_RUNS_HERE, "ss", &statement, units->holder, units->product);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more) {
        codebook_run_read(statement, &run);
        rc = add_run(units, &run);
    }
    if (statement)
        sql_done(statement);
    return rc;
}

enum rc codebook_units(struct codebook *codebook, const char *product, const char *lot, const char *holder,
                       void (*add_some)(void *context, const char *lot, int64_t units), void *context)
{
    struct units units = {codebook, product, lot, holder, add_some, context};
    bool began = false;
    assert(!codebook->bulk);
    enum rc rc = codebook_begin_view(codebook, &began);
    if (rc != RC_OK)
        return rc;
    rc = add_told(&units);
    if (rc == RC_OK)
        rc = pack_here(codebook->pack, product, holder, add_packed, &units);
    if (rc == RC_OK)
        rc = add_runs(&units);
    return codebook_end_view(codebook, began, rc);
}
