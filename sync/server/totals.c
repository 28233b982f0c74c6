#include "sync/server/totals.h"
#include "app/domain/qty.h"

enum rc totals_flush(struct apply_batch *batch)
{
    const char *line;
    json_t *total;
    enum rc rc = RC_OK;
    json_object_foreach(batch->document.totals, line, total)
    {
        struct db_stmt *stmt = core_query(batch->server, QUERY_LINE_PUT);
        db_bind_text(stmt, 1, batch->document.doc);
        db_bind_text(stmt, 2, line);
        db_bind_int(stmt, 3, json_integer_value(total));
        if (!rc)
            rc = db_run(stmt);
    }
    json_object_clear(batch->document.totals);
    return rc;
}

/* What the paper asks for, line by line, tolerance included. */
static json_t *read_paper(const json_t *document)
{
    json_t *paper = json_object();
    size_t i;
    const json_t *line;
    json_array_foreach(json_object_get(document, "lines"), i, line)
    {
        qty_t qty = 0, tolerance = 0;
        if (qty_parse(apply_text(line, "qty"), &qty))
            continue;
        if (qty_parse(apply_text(line, "tolerance"), &tolerance))
            tolerance = 0;
        json_object_set_new(paper, apply_text(line, "line"), json_integer(qty + tolerance));
    }
    return paper;
}

static enum rc read_total(struct apply_batch *batch, const char *line, json_t **ret_total)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_LINE_GET);
    bool row;
    db_bind_text(stmt, 1, batch->document.doc);
    db_bind_text(stmt, 2, line);
    enum rc rc = db_step(stmt, &row);
    if (rc)
        return rc;
    json_t *total = json_integer(row ? db_int(stmt, 0) : 0);
    db_reset(stmt);
    if (!total || json_object_set_new(batch->document.totals, line, total))
        return RC_NOMEM;
    *ret_total = total;
    return RC_OK;
}

enum rc totals_add(struct apply_batch *batch, const char *doc, const json_t *alloc, int sign, bool *ret_over)
{
    const char *line = apply_text(alloc, "line");
    struct apply_document *document;
    qty_t qty;
    if (!line[0] || qty_parse(apply_text(alloc, "qty"), &qty))
        return RC_OK;
    enum rc rc = apply_document(batch, doc, &document);
    if (rc)
        return rc;
    if (!document->totals)
        document->totals = json_object();
    if (!document->paper)
        document->paper = read_paper(document->body);
    json_t *total = json_object_get(document->totals, line);
    if (!total)
        rc = read_total(batch, line, &total);
    if (rc)
        return rc;
    json_integer_set(total, json_integer_value(total) + sign * qty);
    const json_t *asked = json_object_get(document->paper, line);
    *ret_over |= asked && json_integer_value(total) > json_integer_value(asked);
    return RC_OK;
}
