/* Facts that changed after the beep: a recall, a new revision, a cancellation, what other devices did. What no longer fits
 * is taken out again and latched; nothing scanned is lost. */
#include "app/engine/engine_private.h"
#include <stdlib.h>
#include <string.h>

/* What takes goods out of an open document again. The rest was decided when they were scanned. A lost claim
 * (in-other-document) and a container that has less inside than was counted do so whatever their severity. */
static const reason_set SPOILT = REASON_BIT(REASON_RECALLED) | REASON_BIT(REASON_VOID_CODE) |
                                 REASON_BIT(REASON_ON_HOLD) | REASON_BIT(REASON_EXPIRED);
/* Looked at where the lines are others than those they were scanned for, or other devices fill them as well. */
static const reason_set FIT =
    REASON_BIT(REASON_NOT_ON_ORDER) | REASON_BIT(REASON_WRONG_LOT) | REASON_BIT(REASON_OVER_QUANTITY);
static const reason_set ALWAYS = REASON_BIT(REASON_IN_OTHER_DOCUMENT) | REASON_BIT(REASON_PARTIAL_CONTAINER);

struct work {
    struct engine *engine;
    struct judged *judged;
    bool closed; /* the document was cancelled or closed: nothing of it holds */
    bool fit;    /* the lines are looked at again */
    int found;
};

struct tallies {
    struct store_tally *rows; /* newest first */
    size_t count, room;
    bool latched;  /* these are wanted, else the live ones */
    int64_t below; /* older than this one; 0 all */
    size_t most;   /* 0 all */
    bool no_memory;
};

static bool collect(void *context, const struct store_tally *tally)
{
    struct tallies *tallies = context;
    if ((tallies->latched ? !tally->latched : !tally->live) || (tallies->below && tally->seq >= tallies->below))
        return true;
    if (tallies->count == tallies->room) {
        size_t room = tallies->room ? tallies->room * 2 : 64;
        struct store_tally *rows = realloc(tallies->rows, room * sizeof *rows);
        tallies->no_memory = !rows;
        if (!rows)
            return false;
        tallies->rows = rows;
        tallies->room = room;
    }
    tallies->rows[tallies->count++] = *tally;
    return tallies->count != tallies->most;
}

static enum rc collect_all(struct engine *engine, struct tallies *tallies)
{
    enum rc rc = store_tallies(engine->store, engine->document->doc, INT32_MAX, collect, tallies);
    return rc == RC_OK && tallies->no_memory ? RC_NOMEM : rc;
}

/* ---- lines without a tally ---- */

/* Whoever let it go although it did not fit has decided that, whatever the lines say now. */
static bool was_let_go(const struct store_tally *tally)
{
    return FIT & REASON_BIT(tally->reason);
}

static enum rc take_off_lines(struct engine *engine, int64_t seq)
{
    struct allocation allocations[ALLOC_MAX];
    struct document *document = engine->document;
    int count = 0;
    enum rc rc = store_tally_lines(engine->store, seq, document, allocations, &count);
    for (int i = 0; rc == RC_OK && i < count; i++)
        if (allocations[i].line != LINE_NONE)
            document->lines[allocations[i].line].tallied -= allocations[i].qty;
    return rc;
}

static void put_on_lines(struct document *document, const struct verdict *verdict)
{
    for (int i = 0; i < verdict->allocation_count; i++)
        if (verdict->allocations[i].line != LINE_NONE)
            document->lines[verdict->allocations[i].line].tallied += verdict->allocations[i].qty;
}

/* ---- one tally ---- */

static reason_set found_now(const struct work *work, const struct store_tally *tally)
{
    const struct facts *facts = &work->judged->facts;
    const struct verdict *verdict = &work->judged->verdict;
    enum flow_work does = work->judged->flow->work;
    bool counts = does == WORK_COUNT || does == WORK_PACK; /* the others have just changed what is inside */
    reason_set all = verdict->findings | REASON_BIT(verdict->reason), found = all & SPOILT;
    if (work->fit && !was_let_go(tally))
        found |= all & FIT;
    if (counts && facts->contents_known && facts->units_free < tally->qty)
        found |= REASON_BIT(facts->units_blocked > 0 ? facts->blocked_by : REASON_PARTIAL_CONTAINER);
    if (store_refused(work->engine->store, tally->counted_seq))
        found = REASON_BIT(REASON_IN_OTHER_DOCUMENT);
    return work->closed ? REASON_BIT(REASON_DOCUMENT_CLOSED) : found;
}

static bool no_longer_holds(struct work *work, const struct store_tally *tally)
{
    const struct judged *judged = work->judged;
    const struct judge_context *context = &judged->context;
    struct verdict *verdict = &work->judged->verdict;
    reason_set found = found_now(work, tally);
    for (int i = 0; i < REASON_OK; i++) {
        enum reason reason = (enum reason)i;
        bool always = ALWAYS & REASON_BIT(reason);
        if (!(found & REASON_BIT(reason)))
            continue;
        if (!always && flow_severity(judged->flow, context->policy, context->today, work->engine->document, reason) !=
                           SEVERITY_REJECT)
            continue;
        if (verdict->reason != reason)
            verdict->findings |= REASON_BIT(verdict->reason);
        verdict->reason = reason;
        verdict->severity = SEVERITY_REJECT;
        verdict->findings &= ~(REASON_BIT(reason) | REASON_BIT(REASON_OK));
        verdict->allocation_count = 0;
        verdict->qty = tally->qty;
        return true;
    }
    return false;
}

static enum rc judge_again(struct work *work, const struct store_tally *tally)
{
    struct engine *engine = work->engine;
    engine_context(engine, &work->judged->context);
    enum rc rc = store_tally_code(engine->store, tally->seq, &work->judged->code);
    if (rc == RC_OK && work->fit && !was_let_go(tally))
        rc = take_off_lines(engine, tally->seq);
    return rc == RC_OK ? engine_judge(engine, tally->qty, 0, tally->seq, work->judged) : rc;
}

static enum rc recheck_held(struct work *work, const struct store_tally *before)
{
    struct engine *engine = work->engine;
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    enum rc rc = store_tally(engine->store, before->seq, &tally, doc); /* as those before it have left it */
    if (rc != RC_OK || !tally.live)
        return rc;
    rc = judge_again(work, &tally);
    if (rc == RC_OK && store_damaged(engine->store))
        rc = RC_CORRUPT;
    if (rc != RC_OK)
        return rc;
    struct verdict verdict = work->judged->verdict;
    if (!no_longer_holds(work, &tally)) {
        if (work->fit && !was_let_go(&tally))
            put_on_lines(engine->document, &verdict);
        return RC_OK;
    }
    struct record record = engine_judged_record(engine, RECORD_RECHECK, work->judged);
    record.ref = tally.seq;
    record.goes_to = NULL;
    rc = store_append(engine->store, &record, NULL);
    work->found += rc == RC_OK;
    return rc;
}

static enum rc recheck_one(struct work *work, const struct store_tally *tally)
{
    enum rc rc = store_hold(work->engine->store);
    if (rc == RC_OK)
        rc = recheck_held(work, tally);
    store_release(work->engine->store);
    return rc;
}

/* ---- all of a document ---- */

static bool is_closed(const struct document *document)
{
    return document->state == DOCUMENT_CANCELLED || document->state == DOCUMENT_CLOSED;
}

static bool filled_elsewhere(const struct document *document)
{
    for (size_t i = 0; i < document->line_count; i++)
        if (document->lines[i].elsewhere > 0)
            return true;
    return false;
}

/* What fitted when it was scanned fits, unless the lines are others now or other devices have filled them. */
static bool looks_at_lines(struct engine *engine, const struct review *review, bool completing)
{
    const struct flow *flow = engine_flow(engine, engine->document->flow);
    bool takes = flow && (flow->work == WORK_COUNT || flow->work == WORK_PACK);
    bool changed = review->revised || (completing && filled_elsewhere(engine->document));
    return takes && changed && !review->closed && engine->document->line_count > 0;
}

/* What was let go in spite of its lines takes no room from the others; what other devices tallied does only where all is
 * settled. */
static enum rc make_room(struct engine *engine, const struct tallies *tallies, bool completing)
{
    struct document *document = engine->document;
    enum rc rc = RC_OK;
    for (size_t i = 0; i < tallies->count && rc == RC_OK; i++)
        if (was_let_go(&tallies->rows[i]))
            rc = take_off_lines(engine, tallies->rows[i].seq);
    for (size_t i = 0; i < document->line_count && !completing; i++)
        document->lines[i].elsewhere = 0;
    return rc;
}

/* Newest first: what came last finds the lines full. Those below *below, and no more than `most`; *below: the last of them,
 * 0 when there are no more. */
static enum rc recheck(struct work *work, bool completing, size_t most, int64_t *below)
{
    struct engine *engine = work->engine;
    struct tallies live = {.below = work->fit ? 0 : *below, .most = work->fit ? 0 : most};
    enum rc rc = collect_all(engine, &live);
    *below = rc == RC_OK && live.most && live.count == live.most ? live.rows[live.count - 1].seq : 0;
    if (rc == RC_OK && work->fit)
        rc = make_room(engine, &live, completing);
    for (size_t i = 0; i < live.count && rc == RC_OK; i++)
        rc = recheck_one(work, &live.rows[i]);
    free(live.rows);
    return rc;
}

/* ---- a new revision ---- */

static bool same_line(const struct line *a, const struct line *b)
{
    return strcmp(a->line, b->line) == 0 && strcmp(a->doc, b->doc) == 0 && strcmp(a->product, b->product) == 0 &&
           strcmp(a->lot, b->lot) == 0 && a->qty == b->qty && a->tolerance == b->tolerance;
}

static bool same_holder(const struct holder *a, const struct holder *b)
{
    return a->kind == b->kind && strcmp(a->id, b->id) == 0;
}

static bool same_order(const struct document *mine, const struct document *told)
{
    bool same = mine->line_count == told->line_count && same_holder(&mine->from, &told->from) &&
                same_holder(&mine->to, &told->to);
    for (size_t i = 0; i < told->line_count && same; i++)
        same = same_line(&mine->lines[i], &told->lines[i]);
    return same;
}

static enum rc take_over(struct engine *engine, struct document *told)
{
    char doc[DOC_MAX + 1];
    told->state = DOCUMENT_OPEN; /* what was made of it so far stays with it */
    document_free(engine->document);
    engine->document = told;
    engine->document_seq = -1;
    memcpy(doc, told->doc, sizeof doc);
    struct record record = engine_document_record(engine, RECORD_OPEN);
    enum rc rc = store_append(engine->store, &record, NULL);
    return rc == RC_OK ? engine_load(engine, doc) : rc;
}

static enum rc revise(struct engine *engine, bool *ret_revised)
{
    struct document *told = NULL;
    *ret_revised = false;
    if (engine->document->state != DOCUMENT_OPEN || engine->document->own)
        return RC_OK;
    enum rc rc = store_document_told(engine->store, engine->document->doc, &told);
    if (rc == RC_NOT_FOUND) /* nobody tells it any more: it is worked on as it was opened */
        return RC_OK;
    if (rc != RC_OK)
        return rc;
    if (strcmp(told->rev, engine->document->rev) == 0) {
        document_free(told);
        return RC_OK;
    }
    *ret_revised = !same_order(engine->document, told);
    return take_over(engine, told);
}

static enum rc review_loaded(struct engine *engine, bool completing, size_t most, int64_t *below,
                             struct review *ret_review)
{
    char doc[DOC_MAX + 1];
    struct review review = {.taken_out = 0};
    struct judged *judged = calloc(1, sizeof *judged);
    struct work work = {.engine = engine, .judged = judged};
    memcpy(doc, engine->document->doc, sizeof doc);
    enum rc rc = judged ? revise(engine, &review.revised) : RC_NOMEM;
    if (rc == RC_OK) {
        work.closed = review.closed = is_closed(engine->document);
        work.fit = looks_at_lines(engine, &review, completing);
        rc = recheck(&work, completing, most, below);
    }
    free(judged);
    /* without a mark all tallies would be walked for nothing, with each look */
    if (rc == RC_OK && !*below && (engine->document->latched > 0 || work.found > 0))
        rc = engine_settle_loaded(engine);
    if (rc == RC_OK)
        rc = engine_load(engine, doc); /* as it is now */
    review.taken_out = work.found;
    *ret_review = review;
    return rc;
}

enum rc engine_review_loaded(struct engine *engine, bool completing, struct review *ret_review)
{
    int64_t below = 0;
    return review_loaded(engine, completing, 0, &below, ret_review);
}

static enum rc review(struct engine *engine, const char *doc, size_t most, int64_t *below, struct review *ret_review)
{
    int64_t from = *below;
    *ret_review = (struct review){.taken_out = 0};
    *below = 0;
    enum rc rc = engine_load(engine, doc);
    if (rc == RC_OK && store_damaged(engine->store))
        return RC_CORRUPT; /* it may have been cancelled, and that can't be read */
    if (rc != RC_OK || engine_check_worked_on(engine) != RC_OK)
        return rc;
    *below = from;
    rc = review_loaded(engine, false, most, below, ret_review);
    if (rc != RC_OK)
        *below = 0;
    return rc;
}

enum rc engine_review(struct engine *engine, const char *doc, struct review *ret_review)
{
    int64_t below = 0;
    return review(engine, doc, 0, &below, ret_review);
}

enum rc engine_review_part(struct engine *engine, const char *doc, int64_t *below, struct review *ret_review)
{
    return review(engine, doc, REVIEW_PART, below, ret_review);
}

enum rc engine_recheck(struct engine *engine, const char *doc, int *ret_found)
{
    struct review review;
    enum rc rc = engine_review(engine, doc, &review);
    *ret_found = review.taken_out;
    return rc;
}

/* ---- now free ---- */

static enum rc is_free(struct engine *engine, const struct store_tally *tally, struct judged *judged, bool *ret_free)
{
    engine_context(engine, &judged->context);
    enum rc rc = store_tally_code(engine->store, tally->seq, &judged->code);
    if (rc == RC_OK)
        rc = engine_judge(engine, tally->qty, 0, tally->seq, judged);
    /* what the server gave to another is not free for all that this device knows of it */
    *ret_free = rc == RC_OK && engine_counts(judged) && !store_refused(engine->store, tally->counted_seq);
    return rc;
}

enum rc engine_freed(struct engine *engine, const char *doc,
                     bool (*visit)(void *context, const struct store_tally *tally), void *context)
{
    struct tallies latched = {.latched = true};
    struct judged *judged = calloc(1, sizeof *judged);
    enum rc rc = judged ? engine_load(engine, doc) : RC_NOMEM;
    if (rc == RC_OK && engine_check_worked_on(engine) == RC_OK)
        rc = collect_all(engine, &latched);
    bool more = true;
    for (size_t i = 0; i < latched.count && rc == RC_OK && more; i++) {
        bool now_free = false;
        rc = is_free(engine, &latched.rows[i], judged, &now_free);
        if (rc == RC_OK && now_free)
            more = visit(context, &latched.rows[i]);
    }
    free(latched.rows);
    free(judged);
    return rc;
}
