#include "sync/server/totals.h"
#include "app/domain/qty.h"
#include <string.h>

static enum rc write_own(struct apply_batch *batch, const struct apply_document *document)
{
    const char *line;
    json_t *total;
    enum rc rc = RC_OK;
    json_object_foreach(document->own, line, total)
    {
        struct db_stmt *stmt = core_query(batch->server, QUERY_SHARE_TOTAL_PUT);
        db_bind_text(stmt, 1, document->doc);
        db_bind_int(stmt, 2, batch->peer->device);
        db_bind_text(stmt, 3, line);
        db_bind_int(stmt, 4, json_integer_value(total));
        if (!rc)
            rc = db_run(stmt);
    }
    return rc;
}

enum rc totals_flush(struct apply_batch *batch, struct apply_document *document)
{
    const char *line;
    json_t *total;
    enum rc rc = RC_OK;
    json_object_foreach(document->totals, line, total)
    {
        struct db_stmt *stmt = core_query(batch->server, QUERY_LINE_PUT);
        db_bind_text(stmt, 1, document->doc);
        db_bind_text(stmt, 2, line);
        db_bind_int(stmt, 3, json_integer_value(total));
        if (!rc)
            rc = db_run(stmt);
    }
    if (!rc)
        rc = write_own(batch, document);
    document->share_changed |= json_object_size(document->own) > 0;
    json_object_clear(document->totals);
    json_object_clear(document->own);
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

/* The number of this line: as counted already, else as the statement (bound, all but run) has it. */
static enum rc read_total(struct db_stmt *stmt, json_t *totals, const char *line, json_t **ret_total)
{
    bool row;
    json_t *total = json_object_get(totals, line);
    if (!total) {
        enum rc rc = db_step(stmt, &row);
        if (rc)
            return rc;
        total = json_integer(row ? db_int(stmt, 0) : 0);
        db_reset(stmt);
        if (!total || json_object_set_new(totals, line, total))
            return RC_NOMEM;
    }
    *ret_total = total;
    return RC_OK;
}

static enum rc count_own(struct apply_batch *batch, struct apply_document *document, const char *line, qty_t qty)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_SHARE_TOTAL_GET);
    json_t *total;
    db_bind_text(stmt, 1, document->doc);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_text(stmt, 3, line);
    enum rc rc = read_total(stmt, document->own, line, &total);
    if (!rc)
        json_integer_set(total, json_integer_value(total) + qty);
    return rc;
}

static enum rc count_all(struct apply_batch *batch, struct apply_document *document, const char *line, qty_t qty,
                         bool *ret_over)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_LINE_GET);
    const json_t *asked = json_object_get(document->paper, line);
    json_t *total;
    db_bind_text(stmt, 1, document->doc);
    db_bind_text(stmt, 2, line);
    enum rc rc = read_total(stmt, document->totals, line, &total);
    if (rc)
        return rc;
    json_integer_set(total, json_integer_value(total) + qty);
    *ret_over |= asked && json_integer_value(total) > json_integer_value(asked);
    return RC_OK;
}

enum rc totals_add(struct apply_batch *batch, const char *doc, const json_t *alloc, int sign, bool *ret_over)
{
    const char *line = apply_text(alloc, "line"), *member = apply_text(alloc, "doc");
    struct apply_document *document;
    qty_t qty;
    if (!line[0] || strlen(member) > DOC_MAX || qty_parse(apply_text(alloc, "qty"), &qty))
        return RC_OK;
    enum rc rc = apply_document(batch, member[0] ? member : doc, &document);
    if (rc)
        return rc;
    if (!document->totals)
        document->totals = json_object();
    if (!document->own)
        document->own = json_object();
    if (!document->paper)
        document->paper = read_paper(document->body);
    rc = count_all(batch, document, line, sign * qty, ret_over);
    return rc ? rc : count_own(batch, document, line, sign * qty);
}
