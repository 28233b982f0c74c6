#include "sync/server/takes.h"
#include "app/domain/qty.h"
#include "sync/server/shares.h"
#include "sync/server/totals.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_NAME_MAX = DOC_MAX + 1 + ID_MAX };

/* ---- a tally's row ---- */

static void bind_tally(const struct apply_batch *batch, struct db_stmt *stmt, const struct takes_tally *tally)
{
    db_bind_text(stmt, 1, tally->doc);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, tally->epoch);
    db_bind_int(stmt, 4, tally->seq);
}

/* *ret_state 0: no such tally; *ret_allocs NULL then, else the caller decrefs. */
static enum rc read_tally(const struct apply_batch *batch, const struct takes_tally *tally, int *ret_state,
                          json_t **ret_allocs)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_GET);
    bool row;
    bind_tally(batch, stmt, tally);
    enum rc rc = db_step(stmt, &row);
    if (rc)
        return rc;
    *ret_state = row ? (int)db_int(stmt, 0) : 0;
    *ret_allocs = row ? json_loads(db_text(stmt, 1), 0, NULL) : NULL;
    db_reset(stmt);
    return row && !*ret_allocs ? RC_CORRUPT : RC_OK;
}

static enum rc write_tally(const struct apply_batch *batch, const struct takes_tally *tally, const json_t *allocs)
{
    char *text = json_dumps(allocs, JSON_COMPACT);
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_LIVE_AGAIN);
    if (!text)
        return RC_NOMEM;
    bind_tally(batch, stmt, tally);
    db_bind_text(stmt, 5, text);
    enum rc rc = db_run(stmt);
    free(text);
    return rc;
}

/* What this device's share says; *ret_opened NULL when there is none that is still worked on. */
static enum rc read_opened(const struct apply_batch *batch, const char *doc, json_t **ret_opened)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_SHARE_GET);
    bool row;
    *ret_opened = NULL;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row && db_int(stmt, 0) == SHARE_OPEN)
        *ret_opened = json_loads(db_text(stmt, 1), 0, NULL);
    db_reset(stmt);
    return rc;
}

/* ---- quantities ---- */

static qty_t qty_of(const json_t *object)
{
    qty_t qty;
    return qty_parse(apply_text(object, "qty"), &qty) ? 0 : qty;
}

static int set_qty(json_t *object, qty_t qty)
{
    char text[QTY_TEXT_MAX + 1];
    return json_object_set_new(object, "qty", json_string(qty_print(qty, text)));
}

static bool same_text(const json_t *a, const json_t *b, const char *name)
{
    return strcmp(apply_text(a, name), apply_text(b, name)) == 0;
}

/* ---- which product a line is of ---- */

/* A line's or an allocation's name: in a group, two documents may call their lines the same. */
static const char *line_name(const json_t *object, char *ret_name)
{
    snprintf(ret_name, LINE_NAME_MAX + 1, "%s\n%s", apply_text(object, "doc"), apply_text(object, "line"));
    return ret_name;
}

static void add_lines(json_t *products, const json_t *document)
{
    char name[LINE_NAME_MAX + 1];
    size_t i;
    const json_t *line;
    json_array_foreach(json_object_get(document, "lines"), i, line)
        json_object_set(products, line_name(line, name), json_object_get(line, "product"));
}

/* As the document was opened; where this device never said, as the data centre told it. */
static enum rc products_of(struct apply_batch *batch, const char *doc, json_t **ret_products)
{
    struct apply_document *document;
    json_t *opened = NULL, *products = json_object();
    enum rc rc = products ? apply_document(batch, doc, &document) : RC_NOMEM;
    if (!rc)
        rc = read_opened(batch, doc, &opened);
    if (!rc) {
        add_lines(products, document->body);
        add_lines(products, opened);
        *ret_products = products;
    } else {
        json_decref(products);
    }
    json_decref(opened);
    return rc;
}

/* What found no line names its product itself. */
static const char *product_of(const json_t *products, const json_t *alloc)
{
    char name[LINE_NAME_MAX + 1];
    bool on_line = apply_text(alloc, "line")[0];
    return on_line ? apply_text(products, line_name(alloc, name)) : apply_text(alloc, "product");
}

/* What counts now, as [{product, lot, qty}]: line by line, and what found no line as the record's product. */
static enum rc groups_of(struct apply_batch *batch, const json_t *record, const json_t *allocs, json_t **ret_groups)
{
    json_t *products, *groups = json_array();
    const json_t *alloc;
    qty_t left = qty_of(record);
    size_t i;
    enum rc rc = groups ? products_of(batch, apply_text(record, "doc"), &products) : RC_NOMEM;
    if (rc) {
        json_decref(groups);
        return rc;
    }
    json_array_foreach(allocs, i, alloc)
    {
        left -= qty_of(alloc);
        json_array_append_new(groups, json_pack("{s:s, s:s, s:s}", "product", product_of(products, alloc), "lot",
                                                apply_text(alloc, "lot"), "qty", apply_text(alloc, "qty")));
    }
    json_t *rest =
        left > 0 ? json_pack("{s:s, s:s}", "product", apply_text(record, "product"), "lot", apply_text(record, "lot"))
                 : NULL;
    if (rest && set_qty(rest, left) == 0)
        json_array_append(groups, rest);
    json_decref(rest);
    json_decref(products);
    *ret_groups = groups;
    return RC_OK;
}

/* ---- taking ---- */

json_t *takes_whole(const struct takes_tally *from)
{
    return json_pack("{s:s, s:I, s:I}", "doc", from->doc, "epoch", (json_int_t)from->epoch, "seq",
                     (json_int_t)from->seq);
}

/* From one allocation; answers what of it is left to find. */
static qty_t take_from(json_t *alloc, qty_t left, size_t at, json_t *taken)
{
    qty_t has = qty_of(alloc), take = has < left ? has : left;
    json_t *took = take > 0 ? json_pack("{s:I, s:s, s:s}", "n", (json_int_t)at, "line", apply_text(alloc, "line"),
                                        "doc", apply_text(alloc, "doc"))
                            : NULL;
    if (!took)
        return left;
    set_qty(alloc, has - take);
    set_qty(took, take);
    json_array_append_new(taken, took);
    return left - take;
}

/* From what was counted as these very goods; where a lot was corrected since, as this product. */
static void take_group(json_t *allocs, const json_t *products, const json_t *group, json_t *taken)
{
    qty_t left = qty_of(group);
    json_t *alloc;
    size_t i;
    for (int any_lot = 0; any_lot <= 1; any_lot++)
        json_array_foreach(allocs, i, alloc)
        {
            bool same = strcmp(product_of(products, alloc), apply_text(group, "product")) == 0;
            if (same && left > 0 && (any_lot || same_text(alloc, group, "lot")))
                left = take_from(alloc, left, i, taken);
        }
}

static enum rc count_taken(struct apply_batch *batch, const char *doc, const json_t *taken, int sign)
{
    size_t i;
    const json_t *took;
    bool over = false;
    enum rc rc = RC_OK;
    json_array_foreach(taken, i, took)
    {
        if (!rc)
            rc = totals_add(batch, doc, took, sign, &over);
    }
    return rc;
}

static enum rc take(struct apply_batch *batch, const struct takes_tally *from, const json_t *groups, json_t *allocs,
                    json_t *taken)
{
    json_t *products;
    const json_t *group;
    size_t i;
    enum rc rc = products_of(batch, from->doc, &products);
    if (rc)
        return rc;
    json_array_foreach(groups, i, group) take_group(allocs, products, group, taken);
    json_decref(products);
    rc = write_tally(batch, from, allocs);
    return rc ? rc : count_taken(batch, from->doc, taken, -1);
}

enum rc takes_part(struct apply_batch *batch, const struct takes_tally *from, const json_t *record,
                   const json_t *allocs, json_t **ret_took)
{
    json_t *groups = NULL, *theirs = NULL, *taken = json_array(), *took = takes_whole(from);
    int state = 0;
    enum rc rc = taken && took ? groups_of(batch, record, allocs, &groups) : RC_NOMEM;
    if (!rc)
        rc = read_tally(batch, from, &state, &theirs);
    if (!rc && state == TALLY_LIVE)
        rc = take(batch, from, groups, theirs, taken);
    if (!rc && json_object_set(took, "part", taken))
        rc = RC_NOMEM;
    json_decref(groups);
    json_decref(theirs);
    json_decref(taken);
    if (rc)
        json_decref(took);
    else
        *ret_took = took;
    return rc;
}

/* ---- giving back ---- */

static enum rc claim_again(const struct apply_batch *batch, const char *key, const struct takes_tally *tally)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_CLAIM_PUT);
    db_bind_text(stmt, 1, key);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, tally->epoch);
    db_bind_int(stmt, 4, tally->seq);
    db_bind_text(stmt, 5, tally->doc);
    return db_run(stmt);
}

/* The lines may have changed since: n says which allocation it was. */
static void grow_again(json_t *allocs, const json_t *taken)
{
    size_t i;
    json_t *took;
    json_array_foreach(taken, i, took)
    {
        json_t *alloc = json_array_get(allocs, (size_t)json_integer_value(json_object_get(took, "n")));
        set_qty(alloc, qty_of(alloc) + qty_of(took));
        json_object_set_new(took, "line", json_string(apply_text(alloc, "line")));
        json_object_set_new(took, "doc", json_string(apply_text(alloc, "doc")));
    }
}

static enum rc revive(struct apply_batch *batch, const char *key, const struct takes_tally *tally, json_t *allocs,
                      const json_t *part)
{
    grow_again(allocs, part);
    enum rc rc = write_tally(batch, tally, allocs);
    if (!rc && !part)
        rc = claim_again(batch, key, tally);
    return rc ? rc : count_taken(batch, tally->doc, part ? part : allocs, 1);
}

enum rc takes_give_back(struct apply_batch *batch, const char *key, const json_t *took)
{
    struct takes_tally from = {apply_text(took, "doc"), json_integer_value(json_object_get(took, "epoch")),
                               json_integer_value(json_object_get(took, "seq"))};
    const json_t *part = json_object_get(took, "part");
    json_t *opened = NULL, *allocs = NULL;
    int state = 0;
    enum rc rc = read_opened(batch, from.doc, &opened);
    if (!rc)
        rc = read_tally(batch, &from, &state, &allocs);
    /* a share that was begun anew since is other work */
    bool same_work = opened && shares_began(opened) <= from.seq;
    if (!rc && same_work && state == (part ? TALLY_LIVE : TALLY_RELEASED))
        rc = revive(batch, key, &from, allocs, part);
    json_decref(opened);
    json_decref(allocs);
    return rc;
}
