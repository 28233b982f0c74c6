/* Scanning: facts → judge → append; and what can be done with one judged scan afterwards. */
#include "app/engine/engine_private.h"
#include <stdlib.h>
#include <string.h>

enum { LABEL_LOOK_BACK = 64 }; /* records */

struct judged {
    struct code code;
    struct facts facts;
    struct verdict verdict;
    struct judge_context context;
    const struct flow *flow;
    int64_t label_seq; /* of the contents label that was merged into the code, 0 none */
};

/* Going live, a site may soften what is wrong with goods: then they count, in a case too. */
static reason_set let_go(const struct judge_context *context, const struct flow *flow,
                         const struct document *document)
{
    static const enum reason reasons[] = {REASON_RECALLED, REASON_VOID_CODE, REASON_ON_HOLD, REASON_EXPIRED};
    reason_set set = 0;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (flow_severity(flow, context->policy, context->today, document, reasons[i]) < SEVERITY_CONFIRM)
            set |= REASON_BIT(reasons[i]);
    return set;
}

/* Needs judged->context and judged->code. */
static enum rc judge_now(struct engine *engine, qty_t typed_qty, int64_t mono_ns, int64_t ignore_seq,
                         struct judged *judged)
{
    const struct document *document = engine->document;
    judged->flow = flow_find(document->flow);
    if (!judged->flow)
        return RC_REFUSED;
    struct facts_request request = {.doc = document->doc,
                                    .document = document,
                                    .flow = judged->flow,
                                    .policy = judged->context.policy,
                                    .site = judged->context.site,
                                    .today = judged->context.today,
                                    .code = &judged->code,
                                    .typed_qty = typed_qty,
                                    .mono_ns = mono_ns,
                                    .ignore_seq = ignore_seq,
                                    .let_go = let_go(&judged->context, judged->flow, document)};
    enum rc rc = store_facts(engine->store, &request, &judged->facts);
    if (rc == RC_OK)
        judge(&judged->context, judged->flow, document, &judged->code, &judged->facts, &judged->verdict);
    return rc;
}

static struct record judged_record(struct engine *engine, enum record_kind kind, const struct judged *judged)
{
    struct record record = engine_record(engine, kind, engine->document->doc);
    record.code = &judged->code;
    record.facts = &judged->facts;
    record.verdict = &judged->verdict;
    record.document = engine->document;
    return record;
}

static void count_lines(struct document *document, const struct verdict *verdict)
{
    for (int i = 0; i < verdict->allocation_count; i++)
        if (verdict->allocations[i].line != LINE_NONE)
            document->lines[verdict->allocations[i].line].tallied += verdict->allocations[i].qty;
}

static bool line_full(const struct line *line)
{
    return line->tallied >= line->qty - line->tolerance;
}

static bool order_full(const struct document *document)
{
    for (size_t i = 0; i < document->line_count; i++)
        if (!line_full(&document->lines[i]))
            return false;
    return document->line_count > 0;
}

static qty_t case_units(const struct product *product)
{
    return product->pack_count > 0 ? product->packs[0].units : 0;
}

static void fill_outcome(struct engine *engine, const struct judged *judged, int64_t seq, struct outcome *ret_outcome)
{
    struct document *document = engine->document;
    const struct verdict *verdict = &judged->verdict;
    bool counts = verdict->severity <= SEVERITY_WARN;
    if (counts)
        count_lines(document, verdict);
    ret_outcome->document = document;
    ret_outcome->seq = seq;
    memcpy(ret_outcome->doc, document->doc, sizeof ret_outcome->doc);
    ret_outcome->code = judged->code;
    ret_outcome->facts = judged->facts;
    ret_outcome->verdict = *verdict;
    ret_outcome->line[0] = '\0';
    ret_outcome->line_qty = ret_outcome->line_tallied = 0;
    ret_outcome->line_done = false;
    if (verdict->allocation_count > 0 && verdict->allocations[0].line != LINE_NONE) {
        const struct line *line = &document->lines[verdict->allocations[0].line];
        memcpy(ret_outcome->line, line->line, sizeof ret_outcome->line);
        ret_outcome->line_qty = line->qty;
        ret_outcome->line_tallied = line->tallied;
        ret_outcome->line_done = counts && line_full(line);
    }
    ret_outcome->expected_units = judged->facts.product_known ? case_units(&judged->facts.product) : 0;
    ret_outcome->order_done = counts && order_full(document);
    ret_outcome->waiting = verdict->severity == SEVERITY_CONFIRM;
    ret_outcome->tick = judged->facts.repeat || judged->facts.fresh_duplicate;
    ret_outcome->committed_ns = engine->clock->mono_ns(engine->clock->context);
}

/* The scan changed nothing of its document but the lines that fill_outcome has counted. */
static bool only_counts(const struct document *document, const struct judged *judged)
{
    return judged->verdict.severity <= SEVERITY_WARN && document->latched == 0 && !judged->facts.other_document[0];
}

/* ---- labels of several symbols: what (02)(37)(10) said goes to the next (00) of the same document ---- */

static bool is_label_or_unit(const struct code *code)
{
    return code->kind == CODE_CONTENTS || code->kind == CODE_UNIT;
}

/* A label is kept, a unit's code ends the wait for it. */
static void keep_label(struct engine *engine, const struct code *code, const char *doc, int64_t seq)
{
    free(engine->label);
    engine->label_known = true;
    engine->label = code->kind == CODE_CONTENTS ? malloc(sizeof *engine->label) : NULL;
    if (!engine->label) /* without memory it has to be scanned again, as the verdict says */
        return;
    *engine->label = *code;
    engine->label_seq = seq;
    snprintf(engine->label_doc, sizeof engine->label_doc, "%s", doc);
}

/* The newest label or unit of the journal, as far back as a person may take between the symbols of one label. */
static enum rc find_label(struct engine *engine)
{
    int64_t last = store_last_seq(engine->store), opened = engine->document->opened_seq;
    struct code *code = malloc(sizeof *code);
    enum rc rc = code ? RC_OK : RC_NOMEM;
    for (int64_t seq = last; rc == RC_OK && seq > opened && seq > last - LABEL_LOOK_BACK; seq--) {
        struct store_tally tally;
        char doc[DOC_MAX + 1];
        rc = store_tally(engine->store, seq, &tally, doc);
        if (rc == RC_OK)
            rc = store_tally_code(engine->store, seq, code);
        if (rc == RC_OK && is_label_or_unit(code)) {
            keep_label(engine, code, doc, seq);
            break;
        }
        rc = rc == RC_NOT_FOUND ? RC_OK : rc; /* another kind of record */
    }
    engine->label_known |= rc == RC_OK;
    free(code);
    return rc;
}

static enum rc merge_label(struct engine *engine, struct judged *judged)
{
    int year = engine_year_of(&judged->context);
    if (judged->code.kind != CODE_UNIT)
        return RC_OK;
    enum rc rc = engine->label_known ? RC_OK : find_label(engine);
    bool has_one = engine->label && strcmp(engine->label_doc, engine->document->doc) == 0;
    if (rc == RC_OK && has_one && code_merge_contents(&judged->code, engine->label, year))
        judged->label_seq = engine->label_seq;
    return rc;
}

static enum rc append_scan(struct engine *engine, const struct scan *scan, const struct judged *judged,
                           int64_t *ret_seq)
{
    struct record record = judged_record(engine, RECORD_SCAN, judged);
    record.at_ms = scan->wall_ms ? scan->wall_ms : record.at_ms;
    record.mono_ns = scan->mono_ns;
    record.label = judged->label_seq;
    record.scan = scan;
    return store_append(engine->store, &record, ret_seq);
}

static enum rc scan_held(struct engine *engine, const char *doc, const struct scan *scan, qty_t typed_qty,
                         struct outcome *ret_outcome)
{
    enum rc rc = engine_load_kept(engine, doc);
    if (rc == RC_OK && engine->document->state == DOCUMENT_READY)
        rc = engine_open_loaded(engine);
    if (rc != RC_OK)
        return rc;
    struct judged *judged = malloc(sizeof *judged);
    if (!judged)
        return RC_NOMEM;
    int64_t seq = 0;
    engine_context(engine, &judged->context);
    judged->label_seq = 0;
    rc = store_read_code(engine->store, scan, engine_year_of(&judged->context), &judged->code);
    if (rc == RC_OK)
        rc = merge_label(engine, judged);
    if (rc == RC_OK)
        rc = judge_now(engine, typed_qty, scan->mono_ns, 0, judged);
    if (rc == RC_OK)
        rc = append_scan(engine, scan, judged, &seq);
    if (rc == RC_OK) {
        if (is_label_or_unit(&judged->code))
            keep_label(engine, &judged->code, engine->document->doc, seq);
        fill_outcome(engine, judged, seq, ret_outcome);
        engine_keep(engine, only_counts(engine->document, judged) ? seq : -1);
    }
    if (rc == RC_CORRUPT)
        engine->document_seq = -1; /* what the catalog says of the document may have been missed */
    free(judged);
    return rc;
}

enum rc engine_scan(struct engine *engine, const char *doc, const struct scan *scan, qty_t typed_qty,
                    struct outcome *ret_outcome)
{
    enum rc rc = store_hold(engine->store);
    if (rc == RC_OK)
        rc = scan_held(engine, doc, scan, typed_qty, ret_outcome);
    store_release(engine->store);
    return rc;
}

/* ---- one judged scan afterwards ---- */

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

static enum rc check_worked_on(const struct document *document)
{
    bool mine = document->opened_seq > 0 && document->state != DOCUMENT_COMPLETE;
    return mine && document->state != DOCUMENT_ABANDONED ? RC_OK : RC_CLOSED;
}

static enum rc load_tally(struct engine *engine, const char *doc, int64_t seq, struct store_tally *ret_tally)
{
    enum rc rc = engine_load(engine, doc);
    if (rc == RC_OK)
        rc = find_tally(engine, engine->document->doc, seq, ret_tally);
    return rc == RC_OK ? check_worked_on(engine->document) : rc;
}

static const char *overruling(const struct engine *engine, const char *supervisor)
{
    if (supervisor && supervisor[0])
        return supervisor;
    bool is_one = engine->signed_in && engine->operator.role == ROLE_SUPERVISOR;
    return is_one ? engine->operator.id : "";
}

/* May what was judged now count, on this word? */
static enum rc may_confirm(const struct verdict *verdict, const char *supervisor)
{
    if (verdict->severity != SEVERITY_REJECT)
        return RC_OK;
    if (verdict->override == OVERRIDE_NONE)
        return RC_REFUSED;
    return supervisor[0] ? RC_OK : RC_SUPERVISOR;
}

static enum rc append_confirm(struct engine *engine, const struct judged *judged, int64_t seq, const char *supervisor)
{
    struct record record = judged_record(engine, RECORD_CONFIRM, judged);
    json_t *extra = json_object();
    if (judged->verdict.severity == SEVERITY_REJECT)
        json_object_set_new(extra, "supervisor", json_string(supervisor));
    record.ref = seq;
    record.extra = extra;
    enum rc rc = store_append(engine->store, &record, NULL);
    json_decref(extra);
    return rc;
}

static enum rc confirm_held(struct engine *engine, const char *doc, int64_t seq, const char *supervisor)
{
    struct store_tally tally;
    enum rc rc = load_tally(engine, doc, seq, &tally);
    if (rc != RC_OK)
        return rc;
    /* what has counted once and was taken out again is scanned anew: the server counts a scan once */
    if (tally.live || tally.over || tally.counted_seq)
        return RC_REFUSED;
    struct judged *judged = malloc(sizeof *judged);
    if (!judged)
        return RC_NOMEM;
    const char *who = overruling(engine, supervisor);
    engine_context(engine, &judged->context);
    rc = store_tally_code(engine->store, tally.seq, &judged->code);
    if (rc == RC_OK)
        rc = judge_now(engine, tally.qty, 0, tally.seq, judged);
    if (rc == RC_OK)
        rc = may_confirm(&judged->verdict, who);
    if (rc == RC_OK)
        rc = append_confirm(engine, judged, tally.seq, who);
    free(judged);
    return rc;
}

enum rc engine_confirm(struct engine *engine, const char *doc, int64_t seq, const char *supervisor)
{
    enum rc rc = store_hold(engine->store);
    if (rc == RC_OK)
        rc = confirm_held(engine, doc, seq, supervisor);
    store_release(engine->store);
    return rc;
}

static enum rc append_ref(struct engine *engine, enum record_kind kind, const struct store_tally *tally)
{
    struct record record = engine_record(engine, kind, engine->document->doc);
    json_t *extra = json_pack("{s:s}", "key", tally->key);
    record.ref = tally->seq;
    record.extra = extra;
    enum rc rc = store_append(engine->store, &record, NULL);
    json_decref(extra);
    return rc;
}

enum rc engine_undo(struct engine *engine, const char *doc, int64_t seq)
{
    struct store_tally tally;
    enum rc rc = load_tally(engine, doc, seq, &tally);
    if (rc == RC_OK && tally.over)
        rc = RC_REFUSED;
    return rc == RC_OK ? append_ref(engine, RECORD_UNDO, &tally) : rc;
}

enum rc engine_set_aside(struct engine *engine, const char *doc, int64_t seq)
{
    struct store_tally tally;
    enum rc rc = load_tally(engine, doc, seq, &tally);
    if (rc == RC_OK && !tally.latched && !tally.waiting)
        rc = RC_REFUSED;
    return rc == RC_OK ? append_ref(engine, RECORD_SET_ASIDE, &tally) : rc;
}

/* ---- facts that changed after the beep ---- */

/* What takes goods out of an open document again. The rest was decided when they were scanned. A lost claim
 * (in-other-document) and a container that has less inside than was counted do so whatever their severity. */
static const reason_set RECHECKED = REASON_BIT(REASON_RECALLED) | REASON_BIT(REASON_VOID_CODE) |
                                    REASON_BIT(REASON_ON_HOLD) | REASON_BIT(REASON_EXPIRED);
static const reason_set ALWAYS = REASON_BIT(REASON_IN_OTHER_DOCUMENT) | REASON_BIT(REASON_PARTIAL_CONTAINER);

static bool no_longer_holds(struct engine *engine, const struct store_tally *tally, struct judged *judged)
{
    const struct facts *facts = &judged->facts;
    struct verdict *verdict = &judged->verdict;
    reason_set found = (verdict->findings | REASON_BIT(verdict->reason)) & RECHECKED;
    if (facts->contents_known && facts->units_free < tally->qty)
        found |= REASON_BIT(facts->units_blocked > 0 ? facts->blocked_by : REASON_PARTIAL_CONTAINER);
    if (store_refused(engine->store, tally->counted_seq))
        found = REASON_BIT(REASON_IN_OTHER_DOCUMENT);
    for (int i = 0; i < REASON_OK; i++) {
        enum reason reason = (enum reason)i;
        bool always = ALWAYS & REASON_BIT(reason);
        if (!(found & REASON_BIT(reason)))
            continue;
        const struct judge_context *context = &judged->context;
        if (!always &&
            flow_severity(judged->flow, context->policy, context->today, engine->document, reason) != SEVERITY_REJECT)
            continue;
        verdict->reason = reason;
        verdict->severity = SEVERITY_REJECT;
        verdict->findings &= ~REASON_BIT(reason);
        verdict->allocation_count = 0;
        verdict->qty = tally->qty;
        return true;
    }
    return false;
}

static enum rc recheck_held(struct engine *engine, int64_t seq, struct judged *judged, int *ret_found)
{
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    engine_context(engine, &judged->context);
    enum rc rc = store_tally(engine->store, seq, &tally, doc); /* as those before it have left it */
    if (rc != RC_OK || !tally.live)
        return rc;
    rc = store_tally_code(engine->store, seq, &judged->code);
    if (rc == RC_OK)
        rc = judge_now(engine, tally.qty, 0, seq, judged);
    bool over = rc == RC_OK && no_longer_holds(engine, &tally, judged);
    if (rc == RC_OK && store_damaged(engine->store))
        rc = RC_CORRUPT;
    if (rc != RC_OK || !over)
        return rc;
    struct record record = judged_record(engine, RECORD_RECHECK, judged);
    record.ref = seq;
    rc = store_append(engine->store, &record, NULL);
    *ret_found += rc == RC_OK;
    return rc;
}

static enum rc recheck_one(struct engine *engine, int64_t seq, struct judged *judged, int *ret_found)
{
    enum rc rc = store_hold(engine->store);
    if (rc == RC_OK)
        rc = recheck_held(engine, seq, judged, ret_found);
    store_release(engine->store);
    return rc;
}

struct live {
    int64_t *seqs;
    size_t count, room;
    bool no_memory;
};

static bool collect_live(void *context, const struct store_tally *tally)
{
    struct live *live = context;
    if (!tally->live)
        return true;
    if (live->count == live->room) {
        size_t room = live->room ? live->room * 2 : 64;
        int64_t *seqs = realloc(live->seqs, room * sizeof *seqs);
        live->no_memory = !seqs;
        if (!seqs)
            return false;
        live->seqs = seqs;
        live->room = room;
    }
    live->seqs[live->count++] = tally->seq;
    return true;
}

enum rc engine_recheck(struct engine *engine, const char *doc, int *ret_found)
{
    struct live live = {0};
    int found = 0;
    struct judged *judged = malloc(sizeof *judged);
    enum rc rc = judged ? engine_load(engine, doc) : RC_NOMEM;
    if (rc == RC_OK && store_damaged(engine->store))
        rc = RC_CORRUPT; /* it may have been cancelled, and that can't be read */
    if (rc == RC_OK && check_worked_on(engine->document) == RC_OK)
        rc = store_tallies(engine->store, engine->document->doc, INT32_MAX, collect_live, &live);
    if (rc == RC_OK && live.no_memory)
        rc = RC_NOMEM;
    for (size_t i = 0; i < live.count && rc == RC_OK; i++)
        rc = recheck_one(engine, live.seqs[i], judged, &found);
    free(live.seqs);
    free(judged);
    *ret_found = found;
    return rc;
}
