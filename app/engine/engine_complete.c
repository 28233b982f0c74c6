/* Completing a document by its flow, and giving one up. */
#include "app/engine/engine_private.h"
#include <stdlib.h>
#include <string.h>

/* Another device's share is its own to complete: what it is known to have tallied is not missing here. */
static bool is_short(const struct document *document)
{
    for (size_t i = 0; i < document->line_count; i++) {
        const struct line *line = &document->lines[i];
        if (line->tallied + line->elsewhere < line->qty - line->tolerance)
            return true;
    }
    return false;
}

static bool can_be_short(const struct flow *flow)
{
    return !flow->differences && !flow->partial;
}

/* ---- fields ---- */

/* Told by the document itself, or of no use without a start. */
static bool is_meant_for_start(const char *name)
{
    static const char *const names[] = {"from", "to", "of", "notice", "product", "lot", "region"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool engine_field_due(const struct document *document, const struct flow_field *field)
{
    return !field->at_start || (!document->own && !is_meant_for_start(field->name));
}

const char *engine_bad_field(const struct engine *engine)
{
    return engine->bad_field;
}

static const char *given(const struct completion *completion, const char *name)
{
    for (int i = 0; i < completion->field_count; i++)
        if (strcmp(completion->fields[i].name, name) == 0)
            return completion->fields[i].value;
    return NULL;
}

static const char *value_of(const struct document *document, const struct flow_field *field,
                            const struct completion *completion)
{
    const char *value = given(completion, field->name);
    if (!value && document_field(document, field->name)[0])
        value = document_field(document, field->name);
    return value ? value : field->preset;
}

static enum rc check_field(struct engine *engine, const struct flow_field *field, const struct completion *completion)
{
    enum rc rc = flow_check_field(field, value_of(engine->document, field, completion));
    if (rc == RC_FIELD_LIMIT && engine_overruling(engine, completion->supervisor)[0])
        rc = RC_OK;
    if (rc != RC_OK)
        snprintf(engine->bad_field, sizeof engine->bad_field, "%s", field->name);
    return rc;
}

static enum rc check_fields(struct engine *engine, const struct flow *flow, const struct completion *completion)
{
    engine->bad_field[0] = '\0';
    for (int i = 0; i < completion->field_count; i++) {
        const struct flow_field *field = flow_field(flow, completion->fields[i].name);
        if (field && engine_field_due(engine->document, field))
            continue;
        snprintf(engine->bad_field, sizeof engine->bad_field, "%s", completion->fields[i].name);
        return RC_BAD_INPUT;
    }
    for (int i = 0; i < flow->field_count; i++) {
        const struct flow_field *field = &flow->fields[i];
        enum rc rc = engine_field_due(engine->document, field) ? check_field(engine, field, completion) : RC_OK;
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

/* ---- what stands in the way ---- */

static enum rc check_count(struct engine *engine, const struct completion *completion)
{
    qty_t cases = 0, loose = 0;
    if (!completion->counted)
        return RC_OK;
    enum rc rc = store_counted(engine->store, engine->document->doc, &cases, &loose);
    if (rc != RC_OK || (cases == completion->cases && loose == completion->loose))
        return rc;
    return engine_overruling(engine, completion->supervisor)[0] ? RC_OK : RC_COUNT_MISMATCH;
}

static bool any_difference(void *context, const struct difference *difference)
{
    bool *any = context;
    *any = difference->expected != difference->counted;
    return false;
}

static enum rc check_differences(struct engine *engine, const struct flow *flow, const struct completion *completion)
{
    bool any = false;
    if (!flow->differences || completion->recounted)
        return RC_OK;
    enum rc rc = engine_differences(engine, engine->document->doc, any_difference, &any);
    return rc == RC_OK && any ? RC_RECOUNT : rc;
}

static bool has_reason(const struct completion *completion)
{
    return completion->short_reason && completion->short_reason[0];
}

static enum rc check_goods(struct engine *engine, const struct flow *flow, const struct completion *completion)
{
    const struct document *document = engine->document;
    /* an audit's double scans that nobody answered were of the same bottle */
    if (document->latched > 0 && !completion->set_aside && !flow->judges)
        return RC_LATCHED;
    if (document->pending[0])
        return RC_UNPAIRED;
    enum rc rc = check_fields(engine, flow, completion);
    if (rc == RC_OK && can_be_short(flow) && is_short(document) && !has_reason(completion))
        rc = RC_SHORT;
    if (rc == RC_OK)
        rc = check_differences(engine, flow, completion);
    return rc == RC_OK ? check_count(engine, completion) : rc;
}

static enum rc check_complete(struct engine *engine, const struct completion *completion)
{
    struct review review = {.taken_out = 0};
    enum rc rc = engine_check_role(engine);
    enum document_state state = engine->document->state;
    bool ended =
        state == DOCUMENT_CANCELLED || state == DOCUMENT_CLOSED; /* by the data centre: what was scanned comes out */
    if (rc == RC_OK && state != DOCUMENT_OPEN && (!ended || engine_check_worked_on(engine) != RC_OK))
        rc = RC_CLOSED;
    if (rc == RC_OK)
        rc = engine_review_loaded(engine, true, &review);
    if (rc == RC_OK && review.taken_out > 0)
        rc = RC_RECHECK;
    if (rc == RC_OK && engine->document->state != DOCUMENT_OPEN)
        rc = RC_CLOSED;
    if (rc != RC_OK)
        return rc;
    return check_goods(engine, engine_flow(engine, engine->document->flow), completion);
}

/* ---- the record ---- */

static void set_qty(json_t *object, const char *name, qty_t qty)
{
    char text[QTY_TEXT_MAX + 1];
    json_object_set_new(object, name, json_string(qty_print(qty, text)));
}

static json_t *text_or_null(const char *text)
{
    return text && text[0] ? json_string(text) : json_null();
}

static json_t *header_json(const struct flow *flow, const struct document *document,
                           const struct completion *completion)
{
    json_t *header = json_object();
    for (int i = 0; i < flow->field_count; i++) {
        const char *value = value_of(document, &flow->fields[i], completion);
        if (engine_field_due(document, &flow->fields[i]) && value[0])
            json_object_set_new(header, flow->fields[i].name, json_string(value));
    }
    return header;
}

static json_t *counted_json(const struct completion *completion)
{
    if (!completion->counted)
        return json_null();
    json_t *counted = json_object();
    set_qty(counted, "cases", completion->cases);
    set_qty(counted, "loose", completion->loose);
    return counted;
}

static bool add_difference(void *context, const struct difference *difference)
{
    json_t *row = json_pack("{s:s, s:s}", "product", difference->product, "lot", difference->lot);
    set_qty(row, "expected", difference->expected);
    set_qty(row, "counted", difference->counted);
    return json_array_append_new(context, row) == 0;
}

/* Counted blind, there are no lines to compare with: the books were this device's. */
static enum rc add_differences(struct engine *engine, const struct flow *flow, json_t *extra)
{
    if (!flow->differences || engine->document->line_count > 0)
        return RC_OK;
    json_t *list = json_array();
    enum rc rc = engine_differences(engine, engine->document->doc, add_difference, list);
    json_object_set_new(extra, "differences", list);
    return rc;
}

static json_t *completion_json(const struct flow *flow, const struct document *document,
                               const struct completion *completion)
{
    json_t *extra = json_object();
    bool is_it = can_be_short(flow) && is_short(document);
    json_object_set_new(extra, "close", json_string(is_it ? "short" : "complete"));
    json_object_set_new(extra, "close_no", json_integer(document->close_no + 1));
    json_object_set_new(extra, "short_reason", is_it ? text_or_null(completion->short_reason) : json_null());
    json_object_set_new(extra, "counted", counted_json(completion));
    json_object_set_new(extra, "header", header_json(flow, document, completion));
    json_object_set_new(extra, "set_aside", json_boolean(completion->set_aside));
    json_object_set_new(extra, "supervisor", text_or_null(completion->supervisor));
    if (flow->differences)
        json_object_set_new(extra, "recounted", json_boolean(completion->recounted));
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
    struct record record = engine_document_record(engine, RECORD_COMPLETE);
    json_t *extra = completion_json(record.flow, engine->document, completion);
    record.extra = extra;
    rc = add_differences(engine, record.flow, extra);
    engine->document_seq = -1;
    if (rc == RC_OK)
        rc = store_append(engine->store, &record, ret_seq);
    json_decref(extra);
    return rc;
}

enum rc engine_abandon(struct engine *engine, const char *doc, int64_t *ret_seq)
{
    enum rc rc = engine_load(engine, doc);
    if (rc == RC_OK)
        rc = engine_check_worked_on(engine);
    if (rc == RC_OK)
        rc = engine_check_role(engine);
    if (rc != RC_OK)
        return rc;
    struct record record = engine_document_record(engine, RECORD_ABANDON);
    engine->document_seq = -1;
    return store_append(engine->store, &record, ret_seq);
}
