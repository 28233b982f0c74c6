#include "sync/server/revisions.h"
#include "sync/server/shares.h"
#include "sync/server/totals.h"
#include <stdlib.h>
#include <string.h>

static bool same(const json_t *a, const json_t *b, const char *name)
{
    return strcmp(apply_text(a, name), apply_text(b, name)) == 0;
}

static const json_t *find_line(const json_t *opened, const json_t *alloc)
{
    size_t i;
    const json_t *line;
    json_array_foreach(json_object_get(opened, "lines"), i, line)
    {
        if (same(line, alloc, "line") && same(line, alloc, "doc"))
            return line;
    }
    return NULL;
}

static bool takes(const json_t *line, const char *product, const char *lot)
{
    const char *wanted = apply_text(line, "lot");
    return strcmp(apply_text(line, "product"), product) == 0 && (!wanted[0] || strcmp(wanted, lot) == 0);
}

/* The line of the same name as long as it takes these goods, else any that does, else none. */
static const json_t *new_line(const json_t *fresh, const json_t *alloc, const char *product)
{
    const char *lot = apply_text(alloc, "lot");
    const json_t *line = apply_text(alloc, "line")[0] ? find_line(fresh, alloc) : NULL;
    size_t i;
    if (line && takes(line, product, lot))
        return line;
    json_array_foreach(json_object_get(fresh, "lines"), i, line)
    {
        if (takes(line, product, lot))
            return line;
    }
    return NULL;
}

static json_t *allocate(const json_t *old, const json_t *fresh, const json_t *alloc)
{
    const json_t *before = apply_text(alloc, "line")[0] ? find_line(old, alloc) : NULL;
    const char *product = before ? apply_text(before, "product") : apply_text(alloc, "product");
    const json_t *line = new_line(fresh, alloc, product);
    json_t *next = json_pack("{s:s, s:s, s:s}", "line", apply_text(line, "line"), "qty", apply_text(alloc, "qty"),
                             "lot", apply_text(alloc, "lot"));
    if (!line)
        json_object_set_new(next, "product", json_string(product));
    if (apply_text(line, "doc")[0])
        json_object_set_new(next, "doc", json_string(apply_text(line, "doc")));
    return next;
}

static enum rc write_tally(const struct apply_batch *batch, const char *doc, const json_t *tally,
                           const json_t *allocs)
{
    char *text = json_dumps(allocs, JSON_COMPACT);
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_ALLOC);
    if (!text)
        return RC_NOMEM;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, json_integer_value(json_object_get(tally, "epoch")));
    db_bind_int(stmt, 4, json_integer_value(json_object_get(tally, "seq")));
    db_bind_text(stmt, 5, text);
    enum rc rc = db_run(stmt);
    free(text);
    return rc;
}

/* The totals have no part in what has left for another document: it comes back to the lines of the paper as it is then. */
static enum rc recount(struct apply_batch *batch, const char *doc, const json_t *tally, const json_t *alloc,
                       const json_t *next)
{
    bool over = false;
    if (json_integer_value(json_object_get(tally, "state")) == TALLY_RELEASED)
        return RC_OK;
    enum rc rc = totals_add(batch, doc, alloc, -1, &over);
    return rc ? rc : totals_add(batch, doc, next, 1, &over);
}

static enum rc revise_tally(struct apply_batch *batch, const char *doc, const json_t *tally, const json_t *old,
                            const json_t *fresh)
{
    json_t *allocs = json_loads(apply_text(tally, "alloc"), 0, NULL), *alloc;
    bool changed = false;
    size_t i;
    enum rc rc = allocs ? RC_OK : RC_CORRUPT;
    json_array_foreach(allocs, i, alloc)
    {
        json_t *next = allocate(old, fresh, alloc);
        bool stays = same(next, alloc, "line") && same(next, alloc, "doc");
        if (!rc && !stays)
            rc = recount(batch, doc, tally, alloc, next);
        changed |= !stays;
        if (stays)
            json_decref(next);
        else
            json_array_set_new(allocs, i, next);
    }
    if (!rc && changed)
        rc = write_tally(batch, doc, tally, allocs);
    json_decref(allocs);
    return rc;
}

/* What counts, and of this work what may come to count again: epoch, seq, state, alloc (as text). */
static enum rc read_tallies(const struct apply_batch *batch, const char *doc, int64_t began, json_t **ret_list)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_REVISED);
    json_t *list = json_array();
    bool row = list != NULL;
    enum rc rc = list ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, began);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        json_t *tally =
            json_pack("{s:I, s:I, s:I, s:s}", "epoch", (json_int_t)db_int(stmt, 0), "seq",
                      (json_int_t)db_int(stmt, 1), "state", (json_int_t)db_int(stmt, 2), "alloc", db_text(stmt, 3));
        if (json_array_append_new(list, tally))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    if (rc)
        json_decref(list);
    else
        *ret_list = list;
    return rc;
}

enum rc revisions_apply(struct apply_batch *batch, const char *doc, const json_t *old, const json_t *fresh)
{
    json_t *tallies = NULL, *tally;
    size_t i;
    enum rc rc = read_tallies(batch, doc, shares_began(old), &tallies);
    json_array_foreach(tallies, i, tally)
    {
        if (!rc)
            rc = revise_tally(batch, doc, tally, old, fresh);
    }
    json_decref(tallies);
    return rc;
}
