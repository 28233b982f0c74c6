/* What a scan is in the work of its document: a context line, a label, goods that fill a container, B of a pair. */
#include "app/store/books.h"
#include "app/store/facts_private.h"
#include "app/store/fill.h"
#include <stdio.h>
#include <string.h>

/* ---- the context line ---- */

static enum severity unknown_severity(const struct facts_request *request)
{
    return flow_severity(request->flow, request->policy, request->today, request->document, REASON_UNKNOWN_CODE);
}

/* Bare codes may be bound to what somebody picked. */
static bool may_bind(const struct facts_request *request)
{
    bool asked = request->flow && request->policy && request->document && !request->flow->judges;
    return asked && (request->flow->binds || unknown_severity(request) <= SEVERITY_WARN);
}

/* A class code is that pick, where codes are still being learned. */
static bool may_pick(const struct facts_request *request)
{
    return may_bind(request) && (request->flow->binds || request->policy->registry != REGISTRY_STRICT);
}

static bool is_bare(const struct facts_request *request, const struct facts *facts)
{
    enum code_kind kind = request->code->kind;
    bool awaited = request->flow->work == WORK_RELABEL && request->document->pending[0];
    bool label = request->flow->work == WORK_PACK && kind == CODE_UNIT;
    return !facts->code_known && !facts->product_known && !awaited && !label && request->code->problem == REASON_OK &&
           (kind == CODE_UNIT || kind == CODE_ITEM || kind == CODE_PLAIN);
}

static bool is_class(const struct facts_request *request, const struct facts *facts)
{
    enum code_kind kind = request->code->kind;
    return !facts->code_known && facts->product_known && facts->product.control == CONTROL_ITEM &&
           (kind == CODE_CLASS || kind == CODE_LOT);
}

void facts_bind(struct catalog *catalog, const struct facts_request *request, struct facts *facts)
{
    struct product product;
    if (!may_bind(request))
        return;
    facts->sets_context = is_class(request, facts) && may_pick(request);
    const char *context = request->document->context_product;
    if (!context[0] || !is_bare(request, facts) || catalog_product(catalog, context, &product) != RC_OK)
        return;
    facts->product = product;
    facts->product_known = facts->bound = true;
    if (request->code->kind == CODE_UNIT)
        facts->level = product.pack_count > 0 ? product.packs[0].level : 1;
}

/* ---- what is being filled ---- */

static enum rc add_loose(struct store *store, const struct facts_request *request, struct fill *fill)
{
    sqlite3_stmt *row = store_sql(store, JSQL_LOOSE, "ti", request->doc, request->document->opened_seq);
    if (!row)
        return store_rc(store);
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        fill->count++;
        fill_add(fill, store_text(row, 2), sqlite3_column_int(row, 3));
    }
    sqlite3_reset(row);
    return step == SQLITE_DONE ? RC_OK : store_rc(store);
}

/* What is loose, else what is in the container that was begun. */
static enum rc gather_fill(struct store *store, struct catalog *catalog, const struct facts_request *request,
                           struct fill *fill)
{
    const char *container = request->document->container;
    enum rc rc = add_loose(store, request, fill);
    if (rc == RC_OK && fill->count == 0 && container[0])
        rc = fill_gather(store, catalog, container, fill);
    return rc;
}

static int rule_of(struct catalog *catalog, const struct fill *fill)
{
    struct product product;
    if (fill->mixed || !fill->product[0] || catalog_product(catalog, fill->product, &product) != RC_OK)
        return 0;
    for (int i = 0; i < product.pack_count; i++)
        if (product.packs[i].level == fill->level + 1)
            return (int)(product.packs[i].contains / QTY_ONE);
    return 0;
}

/* ---- labels ---- */

static bool has_goods(const struct facts_request *request, const struct facts *facts)
{
    if (facts->contents_known)
        return facts->units_elsewhere < facts->units_total; /* else used again */
    return facts->bound || (facts->product_known && request->code->count > 0);
}

/* No goods: what was packed goes into it, or what comes next will. */
static bool is_label(const struct facts_request *request, const struct facts *facts)
{
    enum code_kind kind = request->code->kind;
    bool one_thing = facts->code_known || kind == CODE_UNIT || kind == CODE_ITEM || kind == CODE_PLAIN;
    bool holds_others = kind == CODE_UNIT || facts->container || facts->level > 0;
    if (request->code->problem != REASON_OK || !one_thing)
        return false;
    if (strcmp(facts->key, request->document->container) == 0)
        return true;
    return holds_others && !has_goods(request, facts);
}

static void be_label(struct facts *facts)
{
    facts->is_label = true;
    /* what is loose here, or lies in what is, can't hold that: it was counted as goods */
    facts->in_this_document = facts->in_this_document && facts->tally_seq;
    facts->counted_here = facts->fresh_duplicate = false;
    facts->group_count = 0;
    facts->groups_overflow = false;
    /* what it held has gone: its lot and its recall with it */
    facts->lot = (struct lot){.made = DAY_NONE, .expires = DAY_NONE};
    facts->recall[0] = facts->recall_reason[0] = '\0';
}

/* Is this key what `inner` is, or is in? */
static enum rc gather_around(struct store *store, struct catalog *catalog, const char *inner, struct facts *facts)
{
    char at[CODE_KEY_MAX + 1], child[CODE_KEY_MAX + 1];
    enum rc rc = RC_OK;
    snprintf(at, sizeof at, "%s", inner);
    for (int depth = 0; depth < DEPTH_MAX && at[0] && rc == RC_OK && !facts->around; depth++) {
        facts->around = facts->key[0] && strcmp(at, facts->key) == 0;
        memcpy(child, at, sizeof child);
        rc = books_parent(store, catalog, child, at);
    }
    return rc;
}

static enum rc gather_packing(struct store *store, struct catalog *catalog, const struct facts_request *request,
                              struct facts *facts)
{
    struct fill fill = {.count = 0};
    enum rc rc = gather_fill(store, catalog, request, &fill);
    if (rc != RC_OK)
        return rc;
    if (is_label(request, facts))
        be_label(facts);
    else
        fill_add(&fill, facts->product_known ? facts->product.id : "", facts->level);
    facts->filled = fill.count;
    facts->rule = rule_of(catalog, &fill);
    facts->fill_level = fill.level + 1;
    if (!facts->is_label)
        return gather_around(store, catalog, request->document->container, facts);
    facts->level = fill.count > 0 ? facts->fill_level : facts->level > 0 ? facts->level : 1;
    return RC_OK;
}

/* ---- pairs ---- */

static enum rc gather_pair(struct store *store, struct catalog *catalog, const struct facts_request *request,
                           struct facts *facts)
{
    struct books_entry entry;
    if (!request->document->pending[0])
        return RC_OK;
    enum rc rc = books_find(store, catalog, request->document->pending, &entry);
    if (rc == RC_OK)
        rc = books_product(store, catalog, &entry.unit, facts->pair_product);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    return gather_around(store, catalog, request->document->pending, facts);
}

enum rc facts_work(struct store *store, struct catalog *catalog, const struct facts_request *request,
                   struct facts *facts)
{
    if (facts->counted_here)
        facts->group_count = 0;
    if (!request->flow || !request->document)
        return RC_OK;
    switch (request->flow->work) {
    case WORK_COUNT:
    case WORK_UNPACK: return RC_OK;
    case WORK_PACK: return gather_packing(store, catalog, request, facts);
    case WORK_REPLACE:
    case WORK_RELABEL: return gather_pair(store, catalog, request, facts);
    }
    return RC_OK;
}
