/* Documents: read, kept, opened. */
#include "app/engine/engine_private.h"
#include <stdlib.h>
#include <string.h>

void engine_place_document(struct engine *engine, struct document *document)
{
    engine_policy(engine); /* and whose site this is */
    memcpy(document->dealer, engine->dealer, sizeof document->dealer);
    bool from_party = document->from.kind == HOLDER_PARTY || document->from.kind == HOLDER_TRANSIT_PARTY;
    struct catalog *catalog;
    if (from_party && store_catalog(engine->store, &catalog) == RC_OK)
        catalog_party_site(catalog, document->from.id, document->from_site);
}

enum rc engine_load(struct engine *engine, const char *doc)
{
    struct document *document;
    enum rc rc = store_document(engine->store, doc, &document);
    if (rc != RC_OK)
        return rc;
    engine_place_document(engine, document);
    document_free(engine->document);
    engine->document = document;
    engine->document_seq = -1;
    return RC_OK;
}

void engine_keep(struct engine *engine, int64_t seq)
{
    engine->document_seq = seq;
    engine->document_version = store_catalog_version(engine->store);
}

enum rc engine_load_kept(struct engine *engine, const char *doc)
{
    bool kept = engine->document && engine->document_seq == store_last_seq(engine->store) &&
                engine->document_version == store_catalog_version(engine->store) &&
                strcmp(engine->document->doc, doc) == 0;
    if (kept)
        return RC_OK;
    enum rc rc = engine_load(engine, doc);
    if (rc == RC_OK)
        engine_keep(engine, store_last_seq(engine->store));
    return rc;
}

enum rc engine_document(struct engine *engine, const char *name, struct document **ret_document)
{
    char doc[DOC_MAX + 1];
    enum rc rc = store_document_name(engine->store, name, doc);
    if (rc == RC_OK)
        rc = store_document(engine->store, doc, ret_document);
    if (rc == RC_OK)
        engine_place_document(engine, *ret_document);
    return rc;
}

struct record engine_document_record(struct engine *engine, enum record_kind kind)
{
    struct record record = engine_record(engine, kind, engine->document->doc);
    record.document = engine->document;
    record.flow = engine_flow(engine, engine->document->flow);
    return record;
}

enum rc engine_check_worked_on(const struct engine *engine)
{
    const struct document *document = engine->document;
    bool mine = document->opened_seq > 0 && document->state != DOCUMENT_COMPLETE;
    return mine && document->state != DOCUMENT_ABANDONED ? RC_OK : RC_CLOSED;
}

enum rc engine_open_loaded(struct engine *engine)
{
    struct document *document = engine->document;
    enum rc rc = engine_check_role(engine);
    if (rc != RC_OK)
        return rc;
    struct record record = engine_document_record(engine, RECORD_OPEN);
    int64_t seq;
    rc = store_append(engine->store, &record, &seq);
    if (rc == RC_OK) {
        document->state = DOCUMENT_OPEN;
        document->opened_seq = seq;
        engine->document_seq = -1;
    }
    return rc;
}

enum rc engine_open_document(struct engine *engine, const char *name, char *ret_doc)
{
    char doc[DOC_MAX + 1];
    enum rc rc = store_document_name(engine->store, name, doc);
    if (rc == RC_OK)
        rc = engine_load(engine, doc);
    if (rc != RC_OK)
        return rc;
    switch (engine->document->state) {
    case DOCUMENT_READY: rc = engine_open_loaded(engine); break;
    case DOCUMENT_OPEN: break;
    case DOCUMENT_COMPLETE:
    case DOCUMENT_ABANDONED:
    case DOCUMENT_CANCELLED:
    case DOCUMENT_CLOSED: rc = RC_CLOSED; break;
    }
    if (rc == RC_OK && ret_doc)
        memcpy(ret_doc, doc, sizeof doc);
    return rc;
}

/* ---- the context line ---- */

/* Bare codes that nobody knows are bound where they may at all be let through. */
static bool binds(struct engine *engine, const struct flow *flow)
{
    struct judge_context context;
    engine_context(engine, &context);
    return flow->binds ||
           flow_severity(flow, context.policy, context.today, engine->document, REASON_UNKNOWN_CODE) <= SEVERITY_WARN;
}

static enum rc append_context(struct engine *engine, const char *product, const char *lot)
{
    struct document *document = engine->document;
    snprintf(document->context_product, sizeof document->context_product, "%s", product);
    snprintf(document->context_lot, sizeof document->context_lot, "%s", lot);
    engine->document_seq = -1;
    json_t *extra = json_pack("{s:s, s:s}", "product", product, "lot", lot);
    struct record record = engine_document_record(engine, RECORD_CONTEXT);
    record.extra = extra;
    enum rc rc = extra ? store_append(engine->store, &record, NULL) : RC_NOMEM;
    json_decref(extra);
    return rc;
}

enum rc engine_set_context(struct engine *engine, const char *doc, const char *product, const char *lot)
{
    struct product found;
    struct catalog *catalog;
    enum rc rc = engine_load(engine, doc);
    if (rc == RC_OK && engine->document->state == DOCUMENT_READY)
        rc = engine_open_loaded(engine);
    if (rc == RC_OK)
        rc = engine_check_role(engine);
    if (rc == RC_OK && engine->document->state != DOCUMENT_OPEN)
        rc = RC_CLOSED;
    if (rc == RC_OK && !binds(engine, engine_flow(engine, engine->document->flow)))
        rc = RC_REFUSED;
    if (rc == RC_OK)
        rc = store_catalog(engine->store, &catalog);
    if (rc == RC_OK)
        rc = catalog_product(catalog, product, &found);
    if (rc != RC_OK)
        return rc;
    return lot && strlen(lot) > LOT_MAX ? RC_BAD_INPUT : append_context(engine, product, lot ? lot : "");
}
