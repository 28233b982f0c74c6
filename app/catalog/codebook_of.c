/* All codes of a product. Each is found by what says so: its own row; else its run; else the nearest container that was
 * told one; else its contents. So none comes twice, and what is of other products is not looked at. */
#include "app/catalog/codebook_run.h"
#include "app/catalog/pack.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

struct of {
    struct codebook *codebook;
    const char *product, *lot;
    bool (*visit)(void *context, const struct codebook_entry *entry);
    void *context;
    bool go_on;
};

static bool asked(const struct of *of, const struct codebook_entry *entry)
{
    return strcmp(entry->product, of->product) == 0 && (!of->lot[0] || strcmp(entry->lot, of->lot) == 0);
}

static enum rc visit_key(struct of *of, const char *key)
{
    struct codebook_entry entry;
    enum rc rc = codebook_find(of->codebook, key, &entry);
    if (rc == RC_OK && asked(of, &entry))
        of->go_on = of->visit(of->context, &entry);
    return rc;
}

static enum rc run_tells_product(struct of *of, const char *key, bool *ret_tells)
{
    struct facts_told run = {0};
    enum rc rc = codebook_run_of(of->codebook, key, &run);
    *ret_tells = rc == RC_OK && run.fact[FACT_PRODUCT].has;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* What has nothing of its own inside a container that was told the product. */
static enum rc visit_inside(struct of *of, const char *key, int depth)
{
    struct inside *inside = NULL;
    const struct row *row = NULL;
    bool of_run = false;
    enum rc rc = inside_open(of->codebook, key, &inside);
    while (rc == RC_OK && of->go_on && (rc = inside_next(inside, &row)) == RC_OK && row) {
        if (row->own.fact[FACT_PRODUCT].has)
            continue;
        rc = run_tells_product(of, row->key, &of_run);
        if (rc == RC_OK && !of_run)
            rc = visit_key(of, row->key);
        if (rc == RC_OK && of->go_on && row->in_level >= 0 && depth < DEPTH_MAX)
            rc = visit_inside(of, row->key, depth + 1);
    }
    inside_close(inside);
    return rc;
}

/* Its contents say what it is, unless somebody else does. */
static enum rc visit_container(struct of *of, const struct row *row)
{
    struct facts_told above = {0};
    bool of_run = false;
    enum rc rc = run_tells_product(of, row->key, &of_run);
    if (rc == RC_OK && !of_run)
        rc = codebook_climb(of->codebook, row->parent, &above);
    if (rc != RC_OK || of_run || above.fact[FACT_PRODUCT].has)
        return rc;
    return visit_key(of, row->key);
}

static enum rc visit_row(struct of *of, const struct row *row)
{
    if (!row->own.fact[FACT_PRODUCT].has)
        return visit_container(of, row);
    enum rc rc = visit_key(of, row->key);
    if (rc == RC_OK && of->go_on && row->in_level >= 0)
        rc = visit_inside(of, row->key, 0);
    return rc;
}

static enum rc visit_told(struct of *of)
{
    struct sqlite3_stmt *statement = NULL;
    struct row row;
    bool more = true;
    enum rc rc = sql_query(of->codebook->sql, CODEBOOK_OF, "s", &statement, of->product);
    while (rc == RC_OK && of->go_on && (rc = sql_step(statement, &more)) == RC_OK && more) {
        codebook_row_read(statement, &row);
        rc = visit_row(of, &row);
    }
    if (statement)
        sql_done(statement);
    return rc;
}

/* RC_NOT_FOUND: enough. */
static enum rc visit_packed(void *context, const char *key)
{
    struct of *of = context;
    struct row row;
    enum rc rc = codebook_row_told(of->codebook, key);
    if (rc != RC_NOT_FOUND)
        return rc;
    rc = codebook_row_get(of->codebook, key, &row);
    if (rc == RC_NOT_FOUND)
        return RC_CORRUPT;
    if (rc == RC_OK)
        rc = visit_row(of, &row);
    return rc == RC_OK && !of->go_on ? RC_NOT_FOUND : rc;
}

/* ---- runs ---- */

/* Numbers without rows, up to `end`. */
static void visit_bare(struct of *of, const struct run_told *run, int64_t from, int64_t end)
{
    struct codebook_entry entry = {.state = STATE_ACTIVE};
    snprintf(entry.product, sizeof entry.product, "%.*s", ID_MAX, run->told.fact[FACT_PRODUCT].text);
    snprintf(entry.lot, sizeof entry.lot, "%.*s", LOT_MAX, run->told.fact[FACT_LOT].text);
    (void)holder_parse(run->told.fact[FACT_HOLDER].text, &entry.holder); /* it was checked when it was told */
    for (int64_t number = from; asked(of, &entry) && of->go_on && number < end; number++) {
        run_join(&run->first, number, entry.key);
        of->go_on = of->visit(of->context, &entry);
    }
}

static enum rc visit_numbered(struct of *of, const struct run_told *run, int64_t number)
{
    char key[CODE_KEY_MAX + 1];
    struct row row;
    enum rc rc = codebook_row_get(of->codebook, run_join(&run->first, number, key), &row);
    if (rc == RC_OK && row.own.fact[FACT_PRODUCT].has)
        return RC_OK;
    return rc == RC_OK || rc == RC_NOT_FOUND ? visit_key(of, key) : rc;
}

static enum rc visit_run(struct of *of, const struct run_told *run)
{
    struct run_rows *rows = NULL;
    int64_t from = run->first.number, number = 0;
    enum rc rc = run_rows_open(of->codebook, run, &rows);
    while (rc == RC_OK && of->go_on && (rc = run_rows_next(rows, &number)) == RC_OK) {
        visit_bare(of, run, from, number);
        from = number + 1;
        if (of->go_on)
            rc = visit_numbered(of, run, number);
    }
    run_rows_close(rows);
    if (rc != RC_NOT_FOUND)
        return rc;
    visit_bare(of, run, from, run->last + 1);
    return RC_OK;
}

static enum rc visit_runs(struct of *of)
{
    struct sqlite3_stmt *statement = NULL;
    struct run_told run;
    bool more = true;
    enum rc rc = sql_query(of->codebook->sql, CODEBOOK_RUNS_OF, "s", &statement, of->product);
    while (rc == RC_OK && of->go_on && (rc = sql_step(statement, &more)) == RC_OK && more) {
        codebook_run_read(statement, &run);
        rc = visit_run(of, &run);
    }
    if (statement)
        sql_done(statement);
    return rc;
}

enum rc codebook_of(struct codebook *codebook, const char *product, const char *lot,
                    bool (*visit)(void *context, const struct codebook_entry *entry), void *context)
{
    struct of of = {codebook, product, lot, visit, context, true};
    bool began = false;
    assert(!codebook->bulk);
    enum rc rc = codebook_begin_view(codebook, &began);
    if (rc != RC_OK)
        return rc;
    rc = visit_told(&of);
    if (rc == RC_OK && of.go_on)
        rc = pack_of(codebook->pack, product, visit_packed, &of);
    if (rc == RC_NOT_FOUND && !of.go_on)
        rc = RC_OK;
    if (rc == RC_OK && of.go_on)
        rc = visit_runs(&of);
    return codebook_end_view(codebook, began, rc);
}
