/* Documents from open to complete. */
#include "app/engine/engine_private.h"
#include <stdlib.h>
#include <string.h>

enum rc engine_load(struct engine *engine, const char *doc)
{
    struct document *document;
    enum rc rc = store_document(engine->store, doc, &document);
    if (rc != RC_OK)
        return rc;
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
    return rc == RC_OK ? store_document(engine->store, doc, ret_document) : rc;
}

static bool has_role(const struct engine *engine, const struct flow *flow)
{
    return engine->signed_in && (flow->roles & engine->operator.role);
}

enum rc engine_open_loaded(struct engine *engine)
{
    struct document *document = engine->document;
    const struct flow *flow = flow_find(document->flow);
    if (!flow || !has_role(engine, flow))
        return RC_REFUSED;
    struct record record = engine_record(engine, RECORD_OPEN, document->doc);
    record.document = document;
    int64_t seq;
    enum rc rc = store_append(engine->store, &record, &seq);
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

/* ---- completing ---- */

static bool is_short(const struct document *document)
{
    for (size_t i = 0; i < document->line_count; i++) {
        const struct line *line = &document->lines[i];
        if (line->tallied < line->qty - line->tolerance)
            return true;
    }
    return false;
}

static bool has_field(const struct completion *completion, const char *name)
{
    for (int i = 0; i < completion->field_count; i++)
        if (strcmp(completion->fields[i].name, name) == 0 && completion->fields[i].value[0])
            return true;
    return false;
}

static bool fields_missing(const struct flow *flow, const struct completion *completion)
{
    for (int i = 0; i < flow->field_count; i++)
        if (flow->fields[i].required && !has_field(completion, flow->fields[i].name))
            return true;
    return false;
}

static enum rc check_count(struct engine *engine, const char *doc, const struct completion *completion)
{
    qty_t cases = 0, loose = 0;
    if (!completion->counted)
        return RC_OK;
    enum rc rc = store_counted(engine->store, doc, &cases, &loose);
    if (rc != RC_OK || (cases == completion->cases && loose == completion->loose))
        return rc;
    bool supervisor = completion->supervisor && completion->supervisor[0];
    bool is_one = engine->signed_in && engine->operator.role == ROLE_SUPERVISOR;
    return supervisor || is_one ? RC_OK : RC_COUNT_MISMATCH;
}

static enum rc check_complete(struct engine *engine, const struct completion *completion)
{
    const struct document *document = engine->document;
    const struct flow *flow = flow_find(document->flow);
    if (!flow || !has_role(engine, flow))
        return RC_REFUSED;
    if (document->state != DOCUMENT_OPEN)
        return RC_CLOSED;
    int found = 0;
    enum rc rc = engine_recheck(engine, document->doc, &found); /* loads the document again */
    if (rc != RC_OK || found > 0)
        return rc == RC_OK ? RC_RECHECK : rc;
    document = engine->document;
    if (document->latched > 0 && !completion->set_aside)
        return RC_LATCHED;
    if (fields_missing(flow, completion))
        return RC_FIELD_MISSING;
    if (is_short(document) && !completion->short_reason)
        return RC_SHORT;
    return check_count(engine, document->doc, completion);
}

static void set_qty(json_t *object, const char *name, qty_t qty)
{
    char text[QTY_TEXT_MAX + 1];
    json_object_set_new(object, name, json_string(qty_print(qty, text)));
}

static json_t *text_or_null(const char *text)
{
    return text && text[0] ? json_string(text) : json_null();
}

static json_t *completion_json(const struct document *document, const struct completion *completion)
{
    json_t *extra = json_object(), *header = json_object(), *counted = json_null();
    bool is_it = is_short(document);
    if (completion->counted) {
        counted = json_object();
        set_qty(counted, "cases", completion->cases);
        set_qty(counted, "loose", completion->loose);
    }
    for (int i = 0; i < completion->field_count; i++)
        json_object_set_new(header, completion->fields[i].name, json_string(completion->fields[i].value));
    json_object_set_new(extra, "close", json_string(is_it ? "short" : "complete"));
    json_object_set_new(extra, "close_no", json_integer(document->close_no + 1));
    json_object_set_new(extra, "short_reason", is_it ? text_or_null(completion->short_reason) : json_null());
    json_object_set_new(extra, "counted", counted);
    json_object_set_new(extra, "header", header);
    json_object_set_new(extra, "set_aside", json_boolean(completion->set_aside));
    json_object_set_new(extra, "supervisor", text_or_null(completion->supervisor));
    return extra;
}

enum rc engine_complete(struct engine *engine, const char *doc, const struct completion *completion, int64_t *ret_seq)
{
    enum rc rc = engine_load(engine, doc);
    if (rc == RC_OK && engine->document->state == DOCUMENT_READY)
        rc = engine_open_loaded(engine);
    if (rc == RC_OK)
        rc = check_complete(engine, completion);
    if (rc != RC_OK)
        return rc;
    json_t *extra = completion_json(engine->document, completion);
    struct record record = engine_record(engine, RECORD_COMPLETE, engine->document->doc);
    record.document = engine->document;
    record.extra = extra;
    rc = store_append(engine->store, &record, ret_seq);
    json_decref(extra);
    return rc;
}

enum rc engine_abandon(struct engine *engine, const char *doc, int64_t *ret_seq)
{
    enum rc rc = engine_load(engine, doc);
    if (rc != RC_OK)
        return rc;
    const struct document *document = engine->document;
    if (!document->opened_seq || document->state == DOCUMENT_COMPLETE || document->state == DOCUMENT_ABANDONED)
        return RC_CLOSED;
    struct record record = engine_record(engine, RECORD_ABANDON, document->doc);
    record.document = document;
    return store_append(engine->store, &record, ret_seq);
}
