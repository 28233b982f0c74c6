/* What was counted against what was expected. */
#include "app/engine/engine_private.h"
#include <stdlib.h>
#include <string.h>

struct rows {
    struct difference *rows;
    qty_t *tolerances;
    size_t count, room;
    enum rc rc;
};

static bool grow(struct rows *rows)
{
    size_t room = rows->room ? rows->room * 2 : 16;
    struct difference *more = realloc(rows->rows, room * sizeof *more);
    if (more)
        rows->rows = more;
    qty_t *tolerances = realloc(rows->tolerances, room * sizeof *tolerances);
    if (tolerances)
        rows->tolerances = tolerances;
    if (more && tolerances)
        rows->room = room;
    return more && tolerances;
}

static size_t row_of(struct rows *rows, const char *product, const char *lot)
{
    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(rows->rows[i].product, product) == 0 && strcmp(rows->rows[i].lot, lot) == 0)
            return i;
    if (rows->count == rows->room && !grow(rows)) {
        rows->rc = RC_NOMEM;
        return SIZE_MAX;
    }
    struct difference *row = &rows->rows[rows->count];
    *row = (struct difference){.expected = 0};
    snprintf(row->product, sizeof row->product, "%s", product);
    snprintf(row->lot, sizeof row->lot, "%s", lot);
    rows->tolerances[rows->count] = 0;
    return rows->count++;
}

static enum rc add_lines(struct rows *rows, const struct document *document)
{
    for (size_t i = 0; i < document->line_count && rows->rc == RC_OK; i++) {
        const struct line *line = &document->lines[i];
        size_t at = row_of(rows, line->product, line->lot);
        if (at == SIZE_MAX)
            break;
        rows->rows[at].expected += line->qty;
        rows->rows[at].counted += line->tallied + line->elsewhere;
        rows->tolerances[at] += line->tolerance;
    }
    return rows->rc;
}

/* What was found and is on no line. */
static bool add_extra(void *context, const struct store_counted_row *counted)
{
    struct rows *rows = context;
    if (counted->extra == 0)
        return true;
    size_t at = row_of(rows, counted->product, counted->lot);
    if (at == SIZE_MAX)
        return false;
    rows->rows[at].counted += counted->extra;
    return true;
}

/* ---- counted blind: the books come in only now ---- */

struct booked {
    struct rows *rows;
    const char *product;
};

static bool add_counted(void *context, const struct store_counted_row *counted)
{
    struct rows *rows = context;
    size_t at = row_of(rows, counted->product, counted->lot);
    if (at != SIZE_MAX)
        rows->rows[at].counted += counted->qty;
    return at != SIZE_MAX;
}

static bool add_booked(void *context, const char *lot, qty_t qty)
{
    struct booked *booked = context;
    size_t at = row_of(booked->rows, booked->product, lot);
    if (at != SIZE_MAX)
        booked->rows->rows[at].expected += qty;
    return at != SIZE_MAX;
}

/* All lots of what was met; each product once. */
static enum rc add_books(struct engine *engine, struct rows *rows)
{
    struct catalog *catalog;
    char here[HOLDER_MAX + 1];
    size_t met = rows->count;
    enum rc rc = store_catalog(engine->store, &catalog);
    snprintf(here, sizeof here, "site:%s", engine_site(engine));
    for (size_t i = 0; i < met && rc == RC_OK && rows->rc == RC_OK; i++) {
        char product[ID_MAX + 1]; /* the rows move */
        bool before = i > 0 && strcmp(rows->rows[i - 1].product, rows->rows[i].product) == 0;
        memcpy(product, rows->rows[i].product, sizeof product);
        struct booked booked = {rows, product};
        rc = before ? RC_OK : catalog_books(catalog, here, product, "", add_booked, &booked);
    }
    return rc == RC_OK ? rows->rc : rc;
}

/* What lies at one place of a site the books don't tell. */
static enum rc gather_blind(struct engine *engine, const struct document *document, struct rows *rows)
{
    if (document_field(document, "place")[0])
        return RC_OK;
    enum rc rc = store_counted_rows(engine->store, document->doc, add_counted, rows);
    return rc == RC_OK ? add_books(engine, rows) : rc;
}

static enum rc gather(struct engine *engine, const struct document *document, struct rows *rows)
{
    const struct flow *flow = engine_flow(engine, document->flow);
    if (document->line_count == 0 && flow && flow->differences)
        return gather_blind(engine, document, rows);
    enum rc rc = add_lines(rows, document);
    return rc == RC_OK ? store_counted_rows(engine->store, document->doc, add_extra, rows) : rc;
}

static bool differs(const struct rows *rows, size_t at)
{
    qty_t off = rows->rows[at].counted - rows->rows[at].expected;
    return (off < 0 ? -off : off) > rows->tolerances[at];
}

enum rc engine_differences(struct engine *engine, const char *doc,
                           bool (*visit)(void *context, const struct difference *difference), void *context)
{
    struct rows rows = {.rc = RC_OK};
    struct document *document = NULL;
    enum rc rc = store_document(engine->store, doc, &document);
    if (rc == RC_OK)
        rc = gather(engine, document, &rows);
    if (rc == RC_OK)
        rc = rows.rc;
    for (size_t i = 0; rc == RC_OK && i < rows.count; i++)
        if (differs(&rows, i) && !visit(context, &rows.rows[i]))
            break;
    document_free(document);
    free(rows.rows);
    free(rows.tolerances);
    return rc;
}
