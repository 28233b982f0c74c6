#include "app/ui/work.h"
#include "app/ui/bar.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 86400000 };

char *work_tail(const char *key, char *ret_text)
{
    struct code code;
    code_parse_text(key, 2000, &code); /* the year is for dates, which no key has */
    return code_tail(&code, WORK_TAIL, ret_text);
}

const char *work_shown(const char *key)
{
    static const char plain[] = "plain:";
    return strncmp(key, plain, sizeof plain - 1) == 0 ? key + sizeof plain - 1 : key;
}

const char *work_product_name(const struct work *work, const char *id)
{
    for (size_t i = 0; i < work->rows.count; i++)
        if (strcmp(work->rows.row[i].product.id, id) == 0)
            return work->rows.row[i].product.name;
    return id;
}

void work_drop(struct work *work)
{
    document_free(work->document);
    rows_free(&work->rows);
    memset(work, 0, sizeof *work);
}

static void sum_up(struct work *work)
{
    work->done = work->wanted = 0;
    work->lines_done = 0;
    for (size_t i = 0; i < work->document->line_count; i++) {
        const struct line *line = &work->document->lines[i];
        qty_t done = line->tallied + line->elsewhere;
        /* kilograms and pieces do not add up: each line is one part of the whole */
        work->done += line->qty > 0 ? bar_percent(done, line->qty) : 100;
        work->wanted += 100;
        work->lines_done += done >= line->qty - line->tolerance;
    }
    rows_progress(&work->rows, work->document);
}

static void count_piece(struct work *work, enum severity severity, enum reason reason, qty_t qty)
{
    work->pieces += qty > 0 ? qty : QTY_ONE;
    work->findings += work_severity(work, severity, reason) != severity;
}

/* Newest first: the first of each kind is the one to show. */
static bool see_tally(void *context, const struct store_tally *tally)
{
    struct work *work = context;
    if (tally->latched && !work->latch_seq) {
        work->latch_seq = tally->seq;
        work_tail(tally->key, work->latch_tail);
    }
    work->outdated += tally->latched && tally->counted_seq != 0;
    if (tally->live)
        count_piece(work, tally->severity, tally->reason, tally->qty);
    if (tally->waiting && !work->waiting_seq) {
        work->waiting_seq = tally->seq;
        work_tail(tally->key, work->waiting_tail);
    }
    return true;
}

static void read_place(struct work *work, struct engine *engine)
{
    struct named_place place = {.path = ""};
    if (work->flow.judges)
        (void)engine_place(engine, document_field(work->document, "region"), &place);
    memcpy(work->place, place.path, sizeof work->place);
}

/* Does a bare code count here that nobody knows? Then there is a context line to set. */
static void read_flow(struct work *work, struct engine *engine)
{
    const struct flow *flow = engine_flow(engine, work->document->flow);
    struct catalog *catalog;
    struct policy policy;
    const char *site = engine_site(engine);
    work->binds = false;
    if (!flow)
        return;
    work->flow = *flow;
    read_place(work, engine);
    if (store_catalog(engine_store(engine), &catalog) != RC_OK ||
        catalog_policy(catalog, site ? site : "", &policy) != RC_OK)
        return;
    day_t today = (day_t)(engine_now_ms(engine, NULL) / DAY_MS);
    work->binds =
        !flow->judges && flow_severity(flow, &policy, today, work->document, REASON_UNKNOWN_CODE) <= SEVERITY_WARN;
    if (work->document->context_product[0] &&
        catalog_product(catalog, work->document->context_product, &work->context_product) != RC_OK)
        work->context_product = (struct product){.id = ""};
}

static bool see_key(void *context, const char *key)
{
    (void)key;
    ++*(int *)context;
    return true;
}

/* Packing: how far the container is, after a restart too. */
static void read_filling(struct work *work, struct engine *engine)
{
    if (work->flow.work != WORK_PACK)
        return;
    work->filled = 0;
    if (work->document->container[0])
        store_children(engine_store(engine), work->document->container, see_key, &work->filled);
    else
        store_loose(engine_store(engine), work->doc, see_key, &work->filled);
}

static enum rc read_document(struct work *work, struct engine *engine)
{
    struct document *document;
    struct rows rows;
    enum rc rc = engine_document(engine, work->doc, &document);
    if (rc != RC_OK)
        return rc;
    rc = rows_read(engine, document, &rows);
    if (rc != RC_OK) {
        document_free(document);
        return rc;
    }
    document_free(work->document);
    rows_free(&work->rows);
    work->document = document;
    work->rows = rows;
    read_flow(work, engine);
    read_filling(work, engine);
    sum_up(work);
    return RC_OK;
}

enum rc work_reload(struct work *work, struct engine *engine)
{
    enum rc rc = read_document(work, engine);
    if (rc != RC_OK)
        return rc;
    work->latch_seq = work->waiting_seq = 0;
    work->outdated = work->findings = 0;
    work->pieces = 0;
    return store_tallies(engine_store(engine), work->doc, WORK_TALLIES_MAX, see_tally, work);
}

enum rc work_take(struct work *work, struct engine *engine, const char *doc)
{
    char name[DOC_MAX + 1];
    if (strlen(doc) > DOC_MAX)
        return RC_NOT_FOUND;
    snprintf(name, sizeof name, "%s", doc); /* it may be our own */
    work_drop(work);
    snprintf(work->doc, sizeof work->doc, "%s", name);
    work->ticket = engine_ticket(engine, name);
    enum rc rc = work_reload(work, engine);
    if (rc != RC_OK)
        work_drop(work);
    return rc;
}

static void remember(struct work *work)
{
    const struct verdict *verdict = &work->last.verdict;
    struct recent recent = {work_severity(work, verdict->severity, verdict->reason), verdict->reason,
                            work->last.facts.level, verdict->qty, ""};
    code_tail(&work->last.code, WORK_TAIL, recent.tail);
    memmove(work->recent + 1, work->recent, sizeof work->recent - sizeof work->recent[0]);
    work->recent[0] = recent;
    work->recent_count += work->recent_count < WORK_RECENT_MAX;
}

static void add_extras(struct work *work, const struct outcome *outcome)
{
    const struct verdict *verdict = &outcome->verdict;
    for (int i = 0; i < verdict->allocation_count; i++) {
        const struct allocation *part = &verdict->allocations[i];
        struct product product = outcome->facts.product;
        if (part->line != LINE_NONE || part->qty <= 0)
            continue;
        if (strcmp(product.id, part->product) != 0) { /* a mixed pallet: its other goods go by their ids for now */
            product = (struct product){.decimals = 0};
            snprintf(product.id, sizeof product.id, "%s", part->product);
            snprintf(product.name, sizeof product.name, "%s", part->product);
        }
        rows_extra(&work->rows, &product, part->lot, part->qty);
    }
}

/* What an accepted scan changes is in its outcome; no need to ask the disk again. */
static bool copy_progress(struct work *work, const struct outcome *outcome)
{
    const struct document *document = outcome->document;
    if (!document || !work->document || work->document->line_count != document->line_count || outcome->context_set)
        return false;
    for (size_t i = 0; i < document->line_count; i++)
        work->document->lines[i].tallied = document->lines[i].tallied;
    work->document->state = document->state;
    memcpy(work->document->container, document->container, sizeof document->container);
    memcpy(work->document->pending, document->pending, sizeof document->pending);
    add_extras(work, outcome);
    sum_up(work);
    return true;
}

static void note_seq(const struct outcome *outcome, int64_t *ret_seq, char *ret_tail)
{
    *ret_seq = outcome->seq;
    code_tail(&outcome->code, WORK_TAIL, ret_tail);
}

void work_judged(struct work *work, struct engine *engine, const struct outcome *outcome)
{
    if (work->judged)
        remember(work);
    work->judged = true;
    work->pair_tail[0] = '\0';
    if (work->document && work->document->pending[0])
        work_tail(work->document->pending, work->pair_tail);
    work->alarm = RC_OK;
    work->taken_out = work->freed = 0;
    if (outcome->verdict.severity <= SEVERITY_WARN)
        count_piece(work, outcome->verdict.severity, outcome->verdict.reason, outcome->verdict.qty);
    work->last = *outcome;
    work->last.document = NULL; /* the engine's, and only for now */
    if (work->latch_seq || work->waiting_seq)
        work_reload(work, engine); /* the same goods may have been what was latched */
    else if (outcome->verdict.severity > SEVERITY_WARN || !copy_progress(work, outcome))
        read_document(work, engine);
    work->changed = false;
    work->filled = outcome->container_closed ? 0 : outcome->filled; /* then nothing is in hand any more */
    work->rule = outcome->rule;
    if (outcome->verdict.severity == SEVERITY_REJECT && reason_latches(outcome->verdict.reason))
        note_seq(outcome, &work->latch_seq, work->latch_tail);
    if (outcome->waiting)
        note_seq(outcome, &work->waiting_seq, work->waiting_tail);
}

/* It is a question no more on the screen either. */
static void show_confirmed(struct work *work, int64_t seq)
{
    struct outcome *last = &work->last;
    if (!work->judged || last->seq != seq)
        return;
    work->judged = work->flow.work == WORK_COUNT; /* what else it did is on the document, not in the verdict */
    last->verdict.severity = SEVERITY_WARN;
    last->waiting = false;
    for (size_t i = 0; i < work->document->line_count; i++)
        if (strcmp(work->document->lines[i].line, last->line) == 0 && work->document->lines[i].qty == last->line_qty)
            last->line_tallied = work->document->lines[i].tallied;
}

enum severity work_severity(const struct work *work, enum severity severity, enum reason reason)
{
    bool found = work->flow.judges && severity == SEVERITY_ACCEPT && reason < REASON_IN_REGION;
    return found ? SEVERITY_WARN : severity;
}

bool work_asks(const struct work *work)
{
    bool last = work->judged && work->last.seq == work->waiting_seq;
    return work->waiting_seq != 0 && (last || !work->flow.judges);
}

/* The same code on another piece: that leads, unless something graver does. */
static void show_cloned(struct work *work, int64_t seq)
{
    struct verdict *verdict = &work->last.verdict;
    int reason = 0;
    if (!work->judged || work->last.seq != seq)
        return;
    reason_set found = verdict->findings | REASON_BIT(verdict->reason) | REASON_BIT(REASON_CLONED);
    found &= ~REASON_BIT(REASON_DUPLICATE);
    while (!(found & REASON_BIT(reason)))
        reason++;
    verdict->reason = (enum reason)reason;
    verdict->findings = found & ~REASON_BIT(reason);
    verdict->severity = SEVERITY_ACCEPT;
    work->last.facts.market.another = true;
    work->last.waiting = false;
}

enum rc work_answer(struct work *work, struct engine *engine, int64_t seq)
{
    bool judges = work->flow.judges;
    enum rc rc = judges ? engine_confirm_another(engine, work->doc, seq) : engine_confirm(engine, work->doc, seq, "");
    work_reload(work, engine);
    if (rc == RC_OK && judges)
        show_cloned(work, seq);
    else if (rc == RC_OK)
        show_confirmed(work, seq);
    return rc;
}

struct text_scan work_text(const struct work *work, const struct outcome *outcome)
{
    return (struct text_scan){.verdict = &outcome->verdict,
                              .document = work->document,
                              .code = &outcome->code,
                              .facts = &outcome->facts,
                              .flow = &work->flow,
                              .context_set = outcome->context_set,
                              .container_closed = outcome->container_closed,
                              .pair_waits = outcome->pair_waits,
                              .to_quarantine = outcome->to_quarantine,
                              .container = outcome->container,
                              .filled = outcome->filled,
                              .rule = outcome->rule};
}
