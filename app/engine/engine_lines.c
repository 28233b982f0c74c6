/* Lines of documents of one's own: what the books say is here, what a recall covers, what a completed document moved. */
#include "app/engine/engine_private.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum rc engine_add_line(struct document *document, const char *product, const char *lot, qty_t qty,
                        struct line **ret_line)
{
    if (document->line_count == LINES_MAX)
        return RC_TOO_BIG;
    struct line *lines = realloc(document->lines, (document->line_count + 1) * sizeof *lines);
    if (!lines)
        return RC_NOMEM;
    document->lines = lines;
    struct line *line = &lines[document->line_count++];
    *line = (struct line){.qty = qty};
    snprintf(line->line, sizeof line->line, "%zu", document->line_count);
    snprintf(line->product, sizeof line->product, "%s", product);
    snprintf(line->lot, sizeof line->lot, "%s", lot);
    if (ret_line)
        *ret_line = line;
    return RC_OK;
}

static struct line *find_line(const struct document *document, const char *product, const char *lot)
{
    for (size_t i = 0; i < document->line_count; i++) {
        struct line *line = &document->lines[i];
        if (strcmp(line->product, product) == 0 && strcmp(line->lot, lot) == 0)
            return line;
    }
    return NULL;
}

/* One line a product and lot, however often it is told. */
static enum rc add_to_line(struct document *document, const char *product, const char *lot, qty_t qty)
{
    struct line *line = find_line(document, product, lot);
    if (!line)
        return engine_add_line(document, product, lot, qty, NULL);
    line->qty += qty;
    return RC_OK;
}

/* ---- what the books say is here ---- */

struct lines {
    struct engine *engine;
    struct document *document;
    const char *product;
    bool some; /* have been taken back already */
    enum rc rc;
};

static void keep_field(struct document *document, const char *name, const char *value)
{
    for (int i = 0; i < document->field_count; i++)
        if (strcmp(document->fields[i].name, name) == 0)
            snprintf(document->fields[i].value, sizeof document->fields[i].value, "%s", value);
}

/* By its id, or by any code of its goods. */
static enum rc read_product(struct engine *engine, const char *text, struct product *ret_product)
{
    struct catalog *catalog;
    struct judge_context context;
    enum rc rc = store_catalog(engine->store, &catalog);
    if (rc == RC_OK && catalog_product(catalog, text, ret_product) == RC_OK)
        return RC_OK;
    if (rc != RC_OK)
        return rc;
    struct code *code = malloc(sizeof *code);
    struct facts *facts = malloc(sizeof *facts);
    rc = code && facts ? RC_OK : RC_NOMEM;
    engine_context(engine, &context);
    if (rc == RC_OK) {
        code_parse_text(text, engine_year_of(&context), code);
        struct facts_request request = {.doc = "", .site = context.site, .today = context.today, .code = code};
        rc = store_facts(engine->store, &request, facts);
    }
    if (rc == RC_OK && !facts->product_known)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        *ret_product = facts->product;
    free(code);
    free(facts);
    return rc;
}

static bool add_booked(void *context, const char *lot, qty_t qty)
{
    struct lines *lines = context;
    lines->rc = add_to_line(lines->document, lines->product, lot, qty);
    return lines->rc == RC_OK;
}

static enum rc add_books(struct engine *engine, struct document *document, const char **ret_field)
{
    struct product product;
    struct catalog *catalog;
    char here[HOLDER_MAX + 1];
    const char *text = document_field(document, "product"), *lot = document_field(document, "lot");
    *ret_field = text[0] ? "product" : "lot";
    if (!text[0]) /* blind: no lines; a lot alone says nothing */
        return lot[0] ? RC_BAD_INPUT : RC_OK;
    enum rc rc = read_product(engine, text, &product);
    if (rc == RC_OK)
        rc = store_catalog(engine->store, &catalog);
    if (rc != RC_OK)
        return rc;
    keep_field(document, "product", product.id);
    snprintf(here, sizeof here, "site:%s", engine_site(engine));
    struct lines lines = {.document = document, .product = product.id};
    rc = catalog_books(catalog, here, product.id, lot, add_booked, &lines);
    if (rc == RC_OK || rc == RC_NOT_FOUND)
        rc = lines.rc;
    if (rc == RC_OK && document->line_count == 0) /* nothing by the books: whatever is found is a difference */
        rc = engine_add_line(document, product.id, lot, 0, NULL);
    return rc;
}

/* ---- what a recall covers ---- */

static bool add_covered(void *context, const struct catalog_recalled *recalled)
{
    struct lines *lines = context;
    if (recalled->product[0])
        lines->rc = add_to_line(lines->document, recalled->product, recalled->lot, 0);
    return lines->rc == RC_OK;
}

/* Units that are here: on the line of their lot, or that of all lots, or, recalled one by one, on a line of their own. */
static bool add_here(void *context, const struct store_recall_row *row)
{
    struct lines *lines = context;
    bool here = row->holder.kind == HOLDER_SITE && strcmp(row->holder.id, engine_site(lines->engine)) == 0;
    const char *lot = find_line(lines->document, row->product, row->lot) ? row->lot : "";
    if (!here || !row->product[0])
        return true;
    if (!find_line(lines->document, row->product, lot))
        lot = row->lot;
    lines->rc = add_to_line(lines->document, row->product, lot, row->units * QTY_ONE);
    return lines->rc == RC_OK;
}

static enum rc add_notice(struct engine *engine, struct document *document, const char **ret_field)
{
    struct catalog *catalog;
    struct lines lines = {.engine = engine, .document = document};
    const char *notice = document_field(document, "notice");
    *ret_field = "notice";
    enum rc rc = store_catalog(engine->store, &catalog);
    if (rc == RC_OK)
        rc = catalog_recall_covers(catalog, notice, add_covered, &lines);
    if (rc == RC_OK && lines.rc == RC_OK)
        rc = store_recall_rows(engine->store, notice, add_here, &lines);
    return rc == RC_OK ? lines.rc : rc;
}

/* ---- what a completed document moved ---- */

static bool add_moved(void *context, const struct store_counted_row *row)
{
    struct lines *lines = context;
    if (row->product[0] && row->qty > 0)
        lines->rc = add_to_line(lines->document, row->product, row->lot, row->qty);
    return lines->rc == RC_OK;
}

/* Only what was sent away can be taken back. */
static enum rc check_completed(struct engine *engine, const struct document *of)
{
    const struct flow *flow = engine_flow(engine, of->flow);
    bool sent = flow && (flow->after == GO_TRANSIT || flow->after == GO_TO);
    if (of->close_no < 1)
        return RC_NOT_FOUND;
    return sent ? RC_OK : RC_REFUSED;
}

/* Taken back already. */
static bool take_off(void *context, const struct store_counted_row *row)
{
    struct lines *lines = context;
    struct line *line = find_line(lines->document, row->product, row->lot);
    if (line)
        line->qty -= row->qty < line->qty ? row->qty : line->qty;
    return true;
}

/* One that is under way is gone on with. */
static bool take_off_voided(void *context, const struct store_about *about)
{
    struct lines *lines = context;
    const struct flow *flow = engine_flow(lines->engine, about->flow);
    if (!flow || flow->lines != LINES_COMPLETED)
        return true;
    lines->some = true;
    lines->rc = about->open ? RC_REFUSED : store_moved_rows(lines->engine->store, about->doc, take_off, lines);
    return lines->rc == RC_OK;
}

/* What is left of its lines; RC_REFUSED when all of it is back. */
static enum rc leave_rest(struct lines *lines, const char *doc)
{
    struct document *document = lines->document;
    enum rc rc = store_about(lines->engine->store, doc, take_off_voided, lines);
    size_t kept = 0;
    if (rc != RC_OK || lines->rc != RC_OK || !lines->some)
        return rc != RC_OK ? rc : lines->rc;
    for (size_t i = 0; i < document->line_count; i++)
        if (document->lines[i].qty > 0) {
            document->lines[kept] = document->lines[i];
            snprintf(document->lines[kept].line, sizeof document->lines[kept].line, "%zu", kept + 1);
            kept++;
        }
    document->line_count = kept;
    return kept > 0 ? RC_OK : RC_REFUSED;
}

static enum rc add_completed(struct engine *engine, struct document *document, const char **ret_field)
{
    char doc[DOC_MAX + 1];
    struct document *of = NULL;
    struct lines lines = {.engine = engine, .document = document};
    *ret_field = "of";
    enum rc rc = store_document_name(engine->store, document_field(document, "of"), doc);
    if (rc == RC_OK)
        rc = store_document(engine->store, doc, &of);
    if (rc == RC_OK)
        rc = check_completed(engine, of);
    if (rc == RC_OK)
        rc = store_moved_rows(engine->store, doc, add_moved, &lines);
    if (rc == RC_OK)
        rc = lines.rc == RC_OK ? leave_rest(&lines, doc) : lines.rc;
    if (rc == RC_OK) {
        document->to = of->to;
        memcpy(document->to_name, of->to_name, sizeof document->to_name);
    }
    document_free(of);
    return rc;
}

/* ---- what is on its way to this dealer ---- */

static bool add_sent(void *context, const struct store_stock_row *row)
{
    struct lines *lines = context;
    if (row->qty > 0)
        lines->rc = add_to_line(lines->document, row->product, row->lot, row->qty);
    return lines->rc == RC_OK;
}

static struct holder holder_of(enum holder_kind kind, const char *id)
{
    struct holder holder = {.kind = kind};
    snprintf(holder.id, sizeof holder.id, "%s", id);
    return holder;
}

/* Nothing, where the books are late: then whatever comes is counted. */
static enum rc add_transit(struct engine *engine, struct document *document)
{
    struct lines lines = {.document = document};
    const struct holder from[] = {holder_of(HOLDER_TRANSIT_SITE, engine_site(engine)),
                                  holder_of(HOLDER_TRANSIT_PARTY, document->dealer),
                                  holder_of(HOLDER_PARTY, document->dealer)};
    size_t count = document->dealer[0] ? sizeof from / sizeof from[0] : 1;
    enum rc rc = store_stock_rows(engine->store, from, count, add_sent, &lines);
    return rc == RC_OK ? lines.rc : rc;
}

enum rc engine_stock(struct engine *engine, bool (*visit)(void *context, const struct store_stock_row *row),
                     void *context)
{
    const struct holder here = holder_of(HOLDER_SITE, engine_site(engine));
    return store_stock_rows(engine->store, &here, 1, visit, context);
}

enum rc engine_start_lines(struct engine *engine, const struct flow *flow, struct document *document,
                           const char **ret_field)
{
    switch (flow->lines) {
    case LINES_DOCUMENT: return RC_REFUSED;
    case LINES_FREE:
    case LINES_RULE: return RC_OK;
    case LINES_TRANSIT: return add_transit(engine, document);
    case LINES_BOOKS: return add_books(engine, document, ret_field);
    case LINES_NOTICE: return add_notice(engine, document, ret_field);
    case LINES_COMPLETED: return add_completed(engine, document, ret_field);
    }
    return RC_OK;
}
