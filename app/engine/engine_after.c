/* What can be done with one judged scan afterwards. */
#include "app/engine/engine_private.h"
#include <stdlib.h>
#include <string.h>

/* The scan that `seq` names, itself or through its confirm record; it must be this document's. */
static enum rc find_tally(struct engine *engine, const char *doc, int64_t seq, struct store_tally *ret_tally)
{
    char its_doc[DOC_MAX + 1];
    int64_t ref = 0;
    enum rc rc = store_tally(engine->store, seq, ret_tally, its_doc);
    if (rc == RC_NOT_FOUND && (rc = store_record_ref(engine->store, seq, &ref)) == RC_OK)
        rc = ref ? store_tally(engine->store, ref, ret_tally, its_doc) : RC_NOT_FOUND;
    if (rc == RC_OK && strcmp(its_doc, doc) != 0)
        rc = RC_NOT_FOUND;
    return rc;
}

static enum rc load_tally(struct engine *engine, const char *doc, int64_t seq, struct store_tally *ret_tally)
{
    enum rc rc = engine_load(engine, doc);
    if (rc == RC_OK)
        rc = find_tally(engine, engine->document->doc, seq, ret_tally);
    if (rc == RC_OK)
        rc = engine_check_worked_on(engine);
    return rc == RC_OK ? engine_check_role(engine) : rc;
}

/* May what was judged now count, on this word? In an audit the same bottle again is nothing new; another one is. */
static enum rc may_confirm(const struct judged *judged, const char *supervisor)
{
    const struct verdict *verdict = &judged->verdict;
    if (judged->flow->judges && judged->facts.in_this_document != judged->another)
        return RC_REFUSED;
    if (verdict->severity != SEVERITY_REJECT)
        return RC_OK;
    if (verdict->override == OVERRIDE_NONE)
        return RC_REFUSED;
    return supervisor[0] ? RC_OK : RC_SUPERVISOR;
}

static enum rc append_confirm(struct engine *engine, const struct judged *judged, int64_t seq, const char *supervisor)
{
    struct packing packing;
    struct record record = engine_judged_record(engine, RECORD_CONFIRM, judged);
    json_t *extra = json_object();
    if (judged->verdict.severity == SEVERITY_REJECT)
        json_object_set_new(extra, "supervisor", json_string(supervisor));
    record.ref = seq;
    record.extra = extra;
    enum rc rc = engine_pack(engine, judged, &packing);
    engine_packing_into(&packing, &record);
    if (rc == RC_OK)
        rc = store_append(engine->store, &record, NULL);
    engine_packing_free(&packing);
    json_decref(extra);
    return rc;
}

static enum rc confirm_held(struct engine *engine, const char *doc, int64_t seq, const char *supervisor, bool another)
{
    struct store_tally tally;
    enum rc rc = load_tally(engine, doc, seq, &tally);
    if (rc != RC_OK)
        return rc;
    /* what has counted once and was taken out again is scanned anew: the server counts a scan once */
    if (tally.live || tally.over || tally.counted_seq)
        return RC_REFUSED;
    struct judged *judged = calloc(1, sizeof *judged);
    if (!judged)
        return RC_NOMEM;
    const char *who = engine_overruling(engine, supervisor);
    judged->another = another;
    engine_context(engine, &judged->context);
    rc = store_tally_code(engine->store, tally.seq, &judged->code);
    if (rc == RC_OK)
        rc = engine_judge(engine, tally.qty, 0, tally.seq, judged);
    if (rc == RC_OK)
        rc = may_confirm(judged, who);
    if (rc == RC_OK)
        rc = append_confirm(engine, judged, tally.seq, who);
    free(judged);
    return rc;
}

enum rc engine_confirm(struct engine *engine, const char *doc, int64_t seq, const char *supervisor)
{
    enum rc rc = store_hold(engine->store);
    if (rc == RC_OK)
        rc = confirm_held(engine, doc, seq, supervisor, false);
    store_release(engine->store);
    return rc;
}

enum rc engine_confirm_another(struct engine *engine, const char *doc, int64_t seq)
{
    enum rc rc = store_hold(engine->store);
    if (rc == RC_OK)
        rc = confirm_held(engine, doc, seq, "", true);
    store_release(engine->store);
    return rc;
}

static enum rc append_ref(struct engine *engine, enum record_kind kind, const struct store_tally *tally,
                          enum code_state condition)
{
    struct record record = engine_record(engine, kind, engine->document->doc);
    json_t *extra = json_pack("{s:s}", "key", tally->key);
    record.flow = engine_flow(engine, engine->document->flow);
    record.ref = tally->seq;
    record.condition = condition;
    record.extra = extra;
    enum rc rc = store_append(engine->store, &record, NULL);
    json_decref(extra);
    return rc;
}

/* ---- whose scan it was ---- */

struct whose {
    char operator[ID_MAX + 1];
};

static bool read_operator(void *context, const struct store_journal_line *line)
{
    struct whose *whose = context;
    json_t *body = json_loadb(line->body, line->len, JSON_ALLOW_NUL, NULL);
    const char *operator= json_string_value(json_object_get(body, "operator"));
    snprintf(whose->operator, sizeof whose->operator, "%s", operator? operator: "");
    json_decref(body);
    return false;
}

/* What somebody else did is undone by that person or a supervisor. What counts for nothing is anybody's to clear. */
static enum rc may_undo(struct engine *engine, const struct store_tally *tally)
{
    struct whose whose = {""};
    bool counts = tally->counted_seq && !tally->latched;
    if (!counts || engine->operator.role == ROLE_SUPERVISOR)
        return RC_OK;
    enum rc rc = store_journal(engine->store, tally->seq, read_operator, &whose);
    if (rc != RC_OK)
        return rc;
    return !whose.operator[0] || strcmp(whose.operator, engine->operator.id) == 0 ? RC_OK : RC_SUPERVISOR;
}

/* What it packed or relabelled is as it left it; else that has to be undone first. */
static enum rc untouched_since(struct engine *engine, const struct store_tally *tally)
{
    bool undoable = true;
    bool counts = tally->live || tally->packed || tally->mark;
    enum rc rc = counts ? store_undoable(engine->store, tally->seq, &undoable) : RC_OK;
    return rc == RC_OK && !undoable ? RC_REFUSED : rc;
}

enum rc engine_undo(struct engine *engine, const char *doc, int64_t seq)
{
    struct store_tally tally;
    enum rc rc = load_tally(engine, doc, seq, &tally);
    if (rc == RC_OK && tally.over)
        rc = RC_REFUSED;
    if (rc == RC_OK)
        rc = untouched_since(engine, &tally);
    if (rc == RC_OK)
        rc = may_undo(engine, &tally);
    return rc == RC_OK ? append_ref(engine, RECORD_UNDO, &tally, STATE_ACTIVE) : rc;
}

/* Whoever finds goods damaged says so, whoever scanned them. */
enum rc engine_exchange(struct engine *engine, const char *doc, int64_t seq)
{
    struct store_tally tally;
    enum rc rc = load_tally(engine, doc, seq, &tally);
    if (rc == RC_OK && !tally.live && (!tally.packed || tally.over))
        rc = RC_REFUSED;
    if (rc == RC_OK && engine_flow(engine, engine->document->flow)->judges) /* a visit changes no goods */
        rc = RC_REFUSED;
    if (rc == RC_OK)
        rc = untouched_since(engine, &tally);
    return rc == RC_OK ? append_ref(engine, RECORD_UNDO, &tally, STATE_DAMAGED) : rc;
}

enum rc engine_set_aside(struct engine *engine, const char *doc, int64_t seq)
{
    struct store_tally tally;
    enum rc rc = load_tally(engine, doc, seq, &tally);
    if (rc == RC_OK && !tally.latched && !tally.waiting)
        rc = RC_REFUSED;
    return rc == RC_OK ? append_ref(engine, RECORD_SET_ASIDE, &tally, STATE_ACTIVE) : rc;
}
