/* What is done about records that the server did not accept: one record each, which says so to the server as well. */
#include "app/engine/engine_private.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool engine_can_answer(struct engine *engine, const struct store_inbox_row *row, enum answer answer)
{
    const struct flow *flow = row->flow[0] ? engine_flow(engine, row->flow) : NULL;
    switch (answer) {
    case ANSWER_TAKE_OUT: return row->scan_seq != 0;
    case ANSWER_KEEP: return row->scan_seq != 0 && flow && flow->work == WORK_COUNT && flow->reserves;
    case ANSWER_NOT_MINE: return true;
    case ANSWER_SETTLED:
    case ANSWER_COUNT: break;
    }
    return false;
}

static json_t *answer_json(enum answer answer, const char *supervisor)
{
    json_t *extra = json_object();
    json_object_set_new(extra, "answer", json_string(answer_word(answer)));
    if (answer == ANSWER_KEEP)
        json_object_set_new(extra, "supervisor", json_string(supervisor));
    return extra;
}

/* Takes the reference. */
static enum rc append(struct engine *engine, struct record *record, const struct store_inbox_row *row,
                      enum answer answer, json_t *extra)
{
    record->ref = row->told.seq;
    record->answer = answer;
    record->extra = extra;
    enum rc rc = extra ? store_append(engine->store, record, NULL) : RC_NOMEM;
    json_decref(extra);
    return rc;
}

/* Nothing is judged: what was taken out, and what others decide on. */
static enum rc say(struct engine *engine, const struct store_inbox_row *row, enum answer answer)
{
    struct record record = engine_record(engine, RECORD_ANSWER, row->doc);
    json_t *extra = answer_json(answer, "");
    if (row->no[0])
        json_object_set_new(extra, "no", json_string(row->no));
    if (row->flow[0])
        json_object_set_new(extra, "flow", json_string(row->flow));
    if (row->key[0])
        json_object_set_new(extra, "key", json_string(row->key));
    record.flow = row->flow[0] ? engine_flow(engine, row->flow) : NULL;
    return append(engine, &record, row, answer, extra);
}

/* ---- kept ---- */

/* In a document that is worked on: it counts as it is judged now. */
static enum rc keep_judged(struct engine *engine, const struct store_inbox_row *row, const char *supervisor,
                           struct judged *judged)
{
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    enum rc rc = store_tally(engine->store, row->scan_seq, &tally, doc);
    if (rc == RC_OK)
        rc = engine_check_role(engine);
    engine_context(engine, &judged->context);
    if (rc == RC_OK)
        rc = store_tally_code(engine->store, tally.seq, &judged->code);
    if (rc == RC_OK)
        rc = engine_judge(engine, tally.qty, 0, tally.seq, judged);
    if (rc == RC_OK && judged->verdict.severity == SEVERITY_REJECT && judged->verdict.override == OVERRIDE_NONE)
        rc = RC_REFUSED;
    if (rc != RC_OK)
        return rc;
    struct record record = engine_judged_record(engine, RECORD_ANSWER, judged);
    return append(engine, &record, row, ANSWER_KEEP, answer_json(ANSWER_KEEP, supervisor));
}

/* How the document was begun: the server may have closed its share of it. */
static json_t *opening_json(const struct document *document)
{
    char from[HOLDER_MAX + 1], to[HOLDER_MAX + 1];
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "doc", document->doc, "no", document->no, "flow",
                     document->flow, "rev", document->rev, "from", holder_print(&document->from, from), "to",
                     holder_print(&document->to, to));
}

/* In one that is done: as it counted then, and with a closing of its own. */
static enum rc keep_as_it_was(struct engine *engine, const struct store_inbox_row *row, const char *supervisor)
{
    static const char *const same[] = {"key",    "product",  "lot",      "level", "line",
                                       "reason", "severity", "findings", "qty",   "alloc"};
    const struct document *document = engine->document;
    struct record record = engine_document_record(engine, RECORD_ANSWER);
    json_t *extra = answer_json(ANSWER_KEEP, supervisor), *body = NULL;
    enum rc rc = store_body(engine->store, row->told.seq, &body);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (json_object_get(body, same[i]))
            json_object_set(extra, same[i], json_object_get(body, same[i]));
    json_decref(body);
    json_object_set_new(extra, "close", json_string("complete"));
    json_object_set_new(extra, "close_no", json_integer(document->close_no + 1));
    json_object_set_new(extra, "opening", opening_json(document));
    if (rc == RC_OK)
        return append(engine, &record, row, ANSWER_KEEP, extra);
    json_decref(extra);
    return rc;
}

static enum rc keep(struct engine *engine, const struct store_inbox_row *row, const char *supervisor)
{
    const char *who = engine_overruling(engine, supervisor);
    enum rc rc = who[0] ? engine_load(engine, row->doc) : RC_SUPERVISOR;
    if (rc != RC_OK)
        return rc;
    if (engine_check_worked_on(engine) != RC_OK)
        return keep_as_it_was(engine, row, who);
    struct judged *judged = calloc(1, sizeof *judged);
    rc = judged ? keep_judged(engine, row, who, judged) : RC_NOMEM;
    free(judged);
    return rc;
}

static enum rc answer_held(struct engine *engine, int64_t seq, enum answer answer, const char *supervisor)
{
    struct store_inbox_row row;
    enum rc rc = store_inbox_row(engine->store, seq, &row);
    if (rc == RC_OK && !engine_can_answer(engine, &row, answer))
        rc = RC_REFUSED;
    if (rc != RC_OK)
        return rc;
    return answer == ANSWER_KEEP ? keep(engine, &row, supervisor) : say(engine, &row, answer);
}

enum rc engine_answer(struct engine *engine, int64_t seq, enum answer answer, const char *supervisor)
{
    if (!engine->signed_in)
        return RC_REFUSED;
    enum rc rc = store_hold(engine->store);
    if (rc == RC_OK)
        rc = answer_held(engine, seq, answer, supervisor);
    store_release(engine->store);
    return rc;
}

/* ---- settled by somebody else ---- */

enum { SETTLED_AT_ONCE = 64 }; /* the others with the next look */

struct marked {
    struct store *store;
    int count;
    struct store_tally rows[SETTLED_AT_ONCE];
};

static bool collect_marked(void *context, const struct store_tally *tally)
{
    struct marked *marked = context;
    if (tally->latched && tally->reason == REASON_IN_OTHER_DOCUMENT &&
        store_settled(marked->store, tally->counted_seq))
        marked->rows[marked->count++] = *tally;
    return marked->count < SETTLED_AT_ONCE;
}

static enum rc say_settled(struct engine *engine, const struct store_tally *tally)
{
    struct record record = engine_document_record(engine, RECORD_ANSWER);
    json_t *extra = answer_json(ANSWER_SETTLED, "");
    record.ref = tally->counted_seq;
    record.answer = ANSWER_SETTLED;
    if (extra && tally->key[0])
        json_object_set_new(extra, "key", json_string(tally->key));
    record.extra = extra;
    enum rc rc = extra ? store_append(engine->store, &record, NULL) : RC_NOMEM;
    json_decref(extra);
    return rc;
}

enum rc engine_settle_loaded(struct engine *engine)
{
    struct marked *marked = calloc(1, sizeof *marked);
    enum rc rc = marked ? RC_OK : RC_NOMEM;
    if (marked)
        marked->store = engine->store;
    if (rc == RC_OK)
        rc = store_tallies(engine->store, engine->document->doc, INT32_MAX, collect_marked, marked);
    for (int i = 0; rc == RC_OK && i < marked->count; i++)
        rc = say_settled(engine, &marked->rows[i]);
    free(marked);
    return rc;
}

const char *engine_operator_name(struct engine *engine, const char *operator, char * ret_name)
{
    struct catalog *catalog;
    struct catalog_operator known;
    bool found = operator[0] && store_catalog(engine->store, &catalog) == RC_OK &&
                 catalog_operator(catalog, operator, & known) == RC_OK && known.name[0];
    snprintf(ret_name, NAME_MAX_BYTES + 1, "%s", found ? known.name : operator);
    return ret_name;
}
