#include "app/ui/rows.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKS_BYTES = 64 };

struct reading {
    struct engine *engine;
    const struct document *document;
    struct catalog *catalog; /* NULL: there is none */
    struct rows rows;
    size_t room;
    const char *doc; /* whose picks are read */
    enum rc rc;
};

void rows_free(struct rows *rows)
{
    free(rows->row);
    memset(rows, 0, sizeof *rows);
}

/* Its id will have to do where nobody has told of it. */
static void read_product(struct catalog *catalog, const char *id, struct product *ret_product)
{
    if (catalog && id[0] && catalog_product(catalog, id, ret_product) == RC_OK)
        return;
    memset(ret_product, 0, sizeof *ret_product);
    snprintf(ret_product->id, sizeof ret_product->id, "%s", id);
    snprintf(ret_product->name, sizeof ret_product->name, "%s", id[0] ? id : _("(unknown goods)"));
}

static struct row *add(struct rows *rows, size_t *room)
{
    if (rows->count == *room) {
        size_t more = *room ? 2 * *room : 16;
        struct row *row = realloc(rows->row, more * sizeof *row);
        if (!row)
            return NULL;
        rows->row = row;
        *room = more;
    }
    struct row *fresh = &rows->row[rows->count++];
    memset(fresh, 0, sizeof *fresh);
    return fresh;
}

/* What people call the document whose line it is, in a group; lines of one document stand together. */
static void name_owner(struct reading *reading, size_t i, struct row *row)
{
    const struct line *line = &reading->document->lines[i];
    struct document *owner;
    if (!line->doc[0])
        return;
    if (i > 0 && strcmp(line->doc, line[-1].doc) == 0) {
        memcpy(row->of, row[-1].of, sizeof row->of);
    } else if (reading->catalog && catalog_document(reading->catalog, line->doc, &owner) == RC_OK) {
        memcpy(row->of, owner->no, sizeof row->of);
        document_free(owner);
    }
}

static enum rc add_lines(struct reading *reading)
{
    const struct document *document = reading->document;
    for (size_t i = 0; i < document->line_count; i++) {
        const struct line *line = &document->lines[i];
        struct row *row = add(&reading->rows, &reading->room);
        if (!row)
            return RC_NOMEM;
        row->line = i;
        row->qty = line->qty;
        row->tolerance = line->tolerance;
        snprintf(row->lot, sizeof row->lot, "%s", line->lot);
        read_product(reading->catalog, line->product, &row->product);
        name_owner(reading, i, row);
    }
    return RC_OK;
}

static const char *doc_of(const struct document *document, const struct line *line)
{
    return line->doc[0] ? line->doc : document->doc;
}

static size_t line_of(const struct reading *reading, const char *id)
{
    const struct document *document = reading->document;
    for (size_t i = 0; i < document->line_count; i++)
        if (strcmp(document->lines[i].line, id) == 0 &&
            strcmp(doc_of(document, &document->lines[i]), reading->doc) == 0)
            return i;
    return LINE_NONE;
}

/* A pick takes its part of the line's own row, which stands where the lines do. */
static bool see_pick(void *context, const struct catalog_pick *pick)
{
    struct reading *reading = context;
    size_t line = line_of(reading, pick->line);
    if (line == LINE_NONE || !pick->bin[0] || pick->qty <= 0 || reading->rows.row[line].qty <= 0)
        return true;
    struct row *row = add(&reading->rows, &reading->room);
    if (!row) {
        reading->rc = RC_NOMEM;
        return false;
    }
    struct row *whole = &reading->rows.row[line];
    *row = *whole;
    memcpy(row->bin, pick->bin, sizeof row->bin);
    if (pick->lot[0])
        memcpy(row->lot, pick->lot, sizeof row->lot);
    row->qty = pick->qty < whole->qty ? pick->qty : whole->qty;
    row->tolerance = 0;
    whole->qty -= row->qty;
    return reading->rows.count < ROWS_MAX;
}

static int by_bin(const void *a_, const void *b_)
{
    const struct row *a = a_, *b = b_;
    if (!a->bin[0] != !b->bin[0])
        return a->bin[0] ? -1 : 1;
    int order = strverscmp(a->bin, b->bin);
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

static enum rc add_picks(struct reading *reading)
{
    const struct document *document = reading->document;
    struct rows *rows = &reading->rows;
    size_t lines = rows->count, kept = 0;
    for (size_t i = 0; reading->catalog && i < lines; i++) {
        const char *doc = doc_of(document, &document->lines[i]);
        if (i && strcmp(doc, doc_of(document, &document->lines[i - 1])) == 0)
            continue; /* lines of one document stand together */
        reading->doc = doc;
        enum rc rc = catalog_picks(reading->catalog, doc, see_pick, reading);
        if (reading->rc != RC_OK || (rc != RC_OK && rc != RC_NOT_FOUND))
            return reading->rc != RC_OK ? reading->rc : rc;
    }
    if (rows->count == lines)
        return RC_OK;
    for (size_t i = 0; i < rows->count; i++) /* a line that its picks have used up is no row of its own */
        if (i >= lines || rows->row[i].qty > 0 || document->lines[i].qty == 0)
            rows->row[kept++] = rows->row[i];
    rows->count = kept;
    rows->picked = true;
    qsort(rows->row, rows->count, sizeof rows->row[0], by_bin);
    return RC_OK;
}

static bool see_extra(void *context, const struct store_counted_row *counted)
{
    struct reading *reading = context;
    if (counted->extra <= 0)
        return true;
    struct row *row = add(&reading->rows, &reading->room);
    if (!row) {
        reading->rc = RC_NOMEM;
        return false;
    }
    row->line = LINE_NONE;
    row->done = counted->extra;
    memcpy(row->lot, counted->lot, sizeof row->lot);
    read_product(reading->catalog, counted->product, &row->product);
    return ++reading->rows.extra_count < ROWS_EXTRA_MAX;
}

/* Lines that ask for other lots of the same product: the lot is all that tells them apart. Once, not for each frame. */
static void mark_lots(struct rows *rows)
{
    size_t lines = rows->count - rows->extra_count;
    for (size_t i = 0; i < lines; i++) {
        struct row *row = &rows->row[i];
        for (size_t k = 0; row->lot[0] && !row->one_of_lots && k < lines; k++)
            row->one_of_lots =
                strcmp(rows->row[k].product.id, row->product.id) == 0 && strcmp(rows->row[k].lot, row->lot) != 0;
    }
}

enum rc rows_read(struct engine *engine, const struct document *document, struct rows *ret_rows)
{
    struct reading reading = {.engine = engine, .document = document};
    struct catalog *catalog;
    if (store_catalog(engine_store(engine), &catalog) == RC_OK)
        reading.catalog = catalog;
    enum rc rc = add_lines(&reading);
    if (rc == RC_OK)
        rc = add_picks(&reading);
    if (rc == RC_OK)
        rc = store_counted_rows(engine_store(engine), document->doc, see_extra, &reading);
    if (rc == RC_OK || rc == RC_NOT_FOUND)
        rc = reading.rc;
    if (rc != RC_OK) {
        rows_free(&reading.rows);
        return rc;
    }
    mark_lots(&reading.rows);
    rows_progress(&reading.rows, document);
    *ret_rows = reading.rows;
    return RC_OK;
}

/* The last row of a line takes what is left over: too many shows there. */
static void share_out(struct rows *rows, size_t line, qty_t done)
{
    struct row *last = NULL;
    for (size_t i = 0; i < rows->count - rows->extra_count; i++) {
        struct row *row = &rows->row[i];
        if (row->line != line)
            continue;
        row->done = done < row->qty ? done : row->qty;
        done -= row->done;
        last = row;
    }
    if (last)
        last->done += done;
}

void rows_progress(struct rows *rows, const struct document *document)
{
    if (!rows->picked) { /* row and line are one */
        for (size_t i = 0; i < document->line_count; i++)
            rows->row[i].done = document->lines[i].tallied + document->lines[i].elsewhere;
        return;
    }
    for (size_t i = 0; i < document->line_count; i++)
        share_out(rows, i, document->lines[i].tallied + document->lines[i].elsewhere);
}

void rows_extra(struct rows *rows, const struct product *product, const char *lot, qty_t qty)
{
    for (size_t i = rows->count - rows->extra_count; i < rows->count; i++)
        if (strcmp(rows->row[i].product.id, product->id) == 0 && strcmp(rows->row[i].lot, lot) == 0) {
            rows->row[i].done += qty;
            return;
        }
    if (rows->extra_count == ROWS_EXTRA_MAX)
        return;
    struct row *row = realloc(rows->row, (rows->count + 1) * sizeof *row);
    if (!row)
        return;
    rows->row = row;
    row += rows->count++;
    rows->extra_count++;
    memset(row, 0, sizeof *row);
    row->line = LINE_NONE;
    row->product = *product;
    row->done = qty;
    snprintf(row->lot, sizeof row->lot, "%s", lot);
}

/* ---- as text ---- */

char *rows_progress_print(const struct row *row, char *ret_text)
{
    char done[PACKS_BYTES], wanted[PACKS_BYTES];
    text_packs_of(row->done, row->qty, &row->product, done);
    if (row->line == LINE_NONE)
        snprintf(ret_text, ROWS_PROGRESS, "%s", done);
    else
        snprintf(ret_text, ROWS_PROGRESS, "%s/%s", done, text_packs(row->qty, &row->product, wanted));
    return ret_text;
}

static const char *mark(const struct row *row)
{
    if (row->line == LINE_NONE)
        return "+";
    if (row->done > row->qty + row->tolerance)
        return "!";
    return row->done >= row->qty - row->tolerance ? "✔" : row->done > 0 ? "▶" : "·";
}

void rows_write(const void *context, size_t i, int width, char *ret_text)
{
    const struct row *row = &((const struct rows *)context)->row[i];
    char left[COLUMNS_TEXT], right[ROWS_PROGRESS];
    bool lot = row->lot[0] && (row->line == LINE_NONE || row->one_of_lots);
    snprintf(left, sizeof left, "%s %s%s%s%s%s", mark(row), row->bin, row->bin[0] ? " " : "", row->product.name,
             lot ? " " : "", lot ? row->lot : "");
    columns_both(left, rows_progress_print(row, right), width, ret_text);
}
