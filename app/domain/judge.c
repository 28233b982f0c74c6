#include "app/domain/judge.h"
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void add(reason_set *set, enum reason reason, bool holds)
{
    if (holds)
        *set |= REASON_BIT(reason);
}

/* ---- the document and the goods by themselves: rows 3 to 9 ---- */

static bool is_closed(enum document_state state)
{
    switch (state) {
    case DOCUMENT_READY:
    case DOCUMENT_OPEN: return false;
    case DOCUMENT_COMPLETE:
    case DOCUMENT_ABANDONED:
    case DOCUMENT_CANCELLED:
    case DOCUMENT_CLOSED: return true;
    }
    return true;
}

/* What the label says stands in where the catalog does not know the lot. */
static day_t expiry(const struct code *code, const struct facts *facts)
{
    return facts->lot.expires != DAY_NONE ? facts->lot.expires : code->expires;
}

static day_t made(const struct code *code, const struct facts *facts)
{
    return facts->lot.made != DAY_NONE ? facts->lot.made : code->made;
}

static bool life_under(day_t expires, day_t today, int days)
{
    return expires != DAY_NONE && days > 0 && expires - today < days;
}

static reason_set about_goods(const struct judge_context *context, const struct document *document,
                              const struct code *code, const struct facts *facts)
{
    reason_set set = 0;
    day_t expires = expiry(code, facts);
    add(&set, REASON_RECALLED, facts->recall[0]);
    bool void_state = facts->state != STATE_ACTIVE && facts->state != STATE_RETURNED;
    add(&set, REASON_VOID_CODE, void_state || facts->holder.kind == HOLDER_DESTROYED);
    add(&set, REASON_ON_HOLD, facts->lot.on_hold || facts->state == STATE_RETURNED);
    add(&set, REASON_EXPIRED, expires != DAY_NONE && expires < context->today);
    add(&set, REASON_SHORT_LIFE, life_under(expires, context->today, document->min_life_days));
    add(&set, REASON_DUPLICATE, (facts->in_this_document && !facts->market.another) || facts->around);
    add(&set, REASON_IN_OTHER_DOCUMENT, facts->other_document[0] || facts->lost);
    return set;
}

/* ---- what the code is: rows 10 and 12 ---- */

static bool names_a_class(const struct code *code)
{
    return code->kind == CODE_CLASS || code->kind == CODE_LOT;
}

static reason_set about_identity(const struct code *code, const struct facts *facts)
{
    reason_set set = 0;
    bool known = facts->code_known || facts->product_known;
    bool entered = facts->market.defaced; /* there is no code to scan */
    bool single = facts->product_known && !facts->container && !entered;
    bool one_thing =
        code->kind == CODE_ITEM || code->kind == CODE_PLAIN || facts->bound; /* a bound case is one too */
    add(&set, REASON_UNKNOWN_CODE, !known);
    add(&set, REASON_UNREGISTERED,
        !entered && facts->product_known && !facts->code_known && one_thing &&
            facts->product.control == CONTROL_ITEM);
    add(&set, REASON_NEED_SERIAL,
        single && !facts->code_known && facts->product.control == CONTROL_ITEM && names_a_class(code));
    add(&set, REASON_NEED_LOT, single && facts->product.control == CONTROL_LOT && !facts->lot.id[0]);
    return set;
}

/* ---- the lines: rows 11, 13 and 16 ---- */

struct fit {
    bool no_line, wrong_lot, over, shared;
    bool own_lot, any_lot;   /* some line asks for the very lot; some takes whatever lot comes */
    int placed;              /* allocations so far */
    qty_t open;              /* of the lines of its products, before this scan */
    struct verdict *verdict; /* allocations go here; NULL when nobody asks */
    /* as many as the document has lines: */
    qty_t taken[LINES_MAX];  /* by the groups placed so far */
    bool counted[LINES_MAX]; /* in `open`: two lots may go to one line */
};

/* Nothing is placed yet. The lines are cleared when they are needed: most documents have a few. */
static void fit_begin(struct fit *fit, struct verdict *verdict)
{
    memset(fit, 0, offsetof(struct fit, taken));
    fit->verdict = verdict;
}

/* Which lines are filled, and how far: those that ask for the very lot or those that take any, with or without their
 * tolerance. */
struct pass {
    bool own_lot, tolerant;
};

enum { PASSES = 4 };

/* What was asked for comes first, tolerance last. Where that leaves too much, a lot that stays on its own lines as far
 * as they tolerate may make room for the others: then everything fits that can. */
static const struct pass FILL[PASSES] = {{true, false}, {false, false}, {true, true}, {false, true}};
static const struct pass SQUEEZE[PASSES] = {{true, false}, {true, true}, {false, false}, {false, true}};

static qty_t line_open(const struct line *line)
{
    qty_t tallied = line->tallied + line->elsewhere;
    return line->qty > tallied ? line->qty - tallied : 0;
}

static bool line_takes(const struct line *line, const struct facts_group *group)
{
    return strcmp(line->product, group->product) == 0 && (!line->lot[0] || strcmp(line->lot, group->lot) == 0);
}

static void allocate(struct fit *fit, size_t line, qty_t qty, const struct facts_group *group)
{
    if (line != LINE_NONE)
        fit->taken[line] += qty;
    if (qty <= 0)
        return;
    if (fit->placed == ALLOC_MAX) {
        fit->over = true; /* fits more lines than one record can name: then it does not count at all */
        return;
    }
    int at = fit->placed++;
    if (!fit->verdict)
        return;
    struct allocation *allocation = &fit->verdict->allocations[at];
    fit->verdict->allocation_count = fit->placed;
    allocation->line = line;
    allocation->qty = qty;
    memcpy(allocation->product, group->product, sizeof allocation->product);
    memcpy(allocation->lot, group->lot, sizeof allocation->lot);
}

static qty_t room(const struct fit *fit, const struct line *line, size_t at, bool tolerant)
{
    qty_t left = line->qty + (tolerant ? line->tolerance : 0) - line->tallied - line->elsewhere - fit->taken[at];
    return left > 0 ? left : 0;
}

/* Answers what found no place. */
static qty_t place(struct fit *fit, const struct document *document, const struct facts_group *group,
                   const struct pass *passes)
{
    qty_t left = group->qty;
    for (int pass = 0; pass < PASSES && left > 0; pass++)
        for (size_t i = 0; i < document->line_count && left > 0; i++) {
            const struct line *line = &document->lines[i];
            if (!line_takes(line, group) || (line->lot[0] != '\0') != passes[pass].own_lot)
                continue;
            qty_t fits = room(fit, line, i, passes[pass].tolerant);
            qty_t take = left < fits ? left : fits;
            allocate(fit, i, take, group);
            left -= take;
        }
    return left;
}

static void count_open(struct fit *fit, const struct line *line, size_t at)
{
    if (!fit->counted[at])
        fit->open += line_open(line);
    fit->counted[at] = true;
}

static void fit_group(struct fit *fit, const struct document *document, const struct facts_group *group,
                      const struct pass *passes)
{
    size_t last = SIZE_MAX;
    bool on_order = false;
    for (size_t i = 0; i < document->line_count; i++) {
        const struct line *line = &document->lines[i];
        on_order |= strcmp(line->product, group->product) == 0;
        if (!line_takes(line, group))
            continue;
        last = i;
        count_open(fit, line, i);
        fit->shared |= line->shared;
        fit->own_lot |= line->lot[0] != '\0';
        fit->any_lot |= line->lot[0] == '\0';
    }
    fit->no_line |= !on_order;
    fit->wrong_lot |= on_order && last == SIZE_MAX;
    if (last == SIZE_MAX) { /* extra goods, or there are no lines */
        allocate(fit, LINE_NONE, group->qty, group);
        return;
    }
    qty_t left = place(fit, document, group, passes);
    fit->over |= left > 0;
    if (left > 0) /* for a supervisor who lets it go all the same */
        allocate(fit, last, left, group);
}

static void fit_groups(struct fit *fit, const struct document *document, const struct facts *facts,
                       const struct pass *passes)
{
    fit_begin(fit, fit->verdict);
    memset(fit->taken, 0, document->line_count * sizeof fit->taken[0]);
    memset(fit->counted, 0, document->line_count * sizeof fit->counted[0]);
    if (fit->verdict)
        fit->verdict->allocation_count = 0;
    for (int i = 0; i < facts->group_count; i++)
        fit_group(fit, document, &facts->groups[i], passes);
}

static void fit_lines(struct fit *fit, const struct document *document, const struct facts *facts)
{
    assert(document->line_count <= LINES_MAX);
    /* packing counts goods once, when they are put in */
    if (facts->is_label || facts->counted_here || facts->sets_context)
        return;
    fit_groups(fit, document, facts, FILL);
    if (fit->over)
        fit_groups(fit, document, facts, SQUEEZE);
    fit->over |= facts->groups_overflow;
}

/* Where a free document has no lines, nothing is off order. */
static bool has_lines(const struct flow *flow, const struct document *document)
{
    return document->line_count > 0 || flow->lines == LINES_DOCUMENT;
}

/* The notice says what belongs to a recall; the lines only how much of it the books have here. */
static reason_set about_notice(const struct facts *facts, const struct fit *fit, reason_set so_far)
{
    const reason_set unnamed = REASON_BIT(REASON_NEED_SERIAL) | REASON_BIT(REASON_NEED_LOT);
    reason_set set = 0;
    bool known = facts->code_known || facts->product_known;
    add(&set, REASON_NOT_ON_ORDER, known && !facts->recall[0] && !(so_far & unnamed));
    add(&set, REASON_OVER_QUANTITY, fit->over && facts->recall[0] && !(so_far & unnamed) && !facts->in_this_document);
    return set;
}

static reason_set about_lines(const struct judge_context *context, const struct flow *flow,
                              const struct document *document, const struct facts *facts, const struct fit *fit,
                              reason_set so_far)
{
    const reason_set uncounted = REASON_BIT(REASON_NEED_SERIAL) | REASON_BIT(REASON_NEED_LOT);
    reason_set set = 0;
    if (flow->lines == LINES_NOTICE)
        return about_notice(facts, fit, so_far);
    if (!has_lines(flow, document))
        return 0;
    /* nothing known and let through all the same: then at least it is on no line */
    bool strange = !facts->code_known && !facts->product_known;
    bool let_through =
        context->policy->registry != REGISTRY_STRICT || flow->rules[REASON_UNKNOWN_CODE].severity < SEVERITY_REJECT;
    add(&set, REASON_NOT_ON_ORDER, fit->no_line || (strange && let_through));
    add(&set, REASON_WRONG_LOT, fit->wrong_lot && !(so_far & REASON_BIT(REASON_NEED_LOT)));
    add(&set, REASON_OVER_QUANTITY, fit->over && !(so_far & uncounted) && !facts->in_this_document);
    return set;
}

/* ---- where it is: row 14 ---- */

static reason_set about_holder(const struct judge_context *context, const struct flow *flow,
                               const struct document *document, const struct facts *facts)
{
    const struct holder *holder = &facts->holder;
    if (flow_takes_from(flow, document, context->site, holder))
        return 0;
    switch (holder->kind) {
    case HOLDER_UNKNOWN: return 0;
    case HOLDER_SITE:
    case HOLDER_DESTROYED: return REASON_BIT(REASON_WRONG_HOLDER);
    case HOLDER_TRANSIT_SITE:
        return REASON_BIT(strcmp(holder->id, context->site) == 0 ? REASON_NOT_RECEIVED : REASON_WRONG_HOLDER);
    case HOLDER_PARTY:
    case HOLDER_TRANSIT_PARTY:
    case HOLDER_SOLD: return REASON_BIT(REASON_ALREADY_SHIPPED);
    }
    return 0;
}

/* ---- what is inside: row 15 ---- */

/* Nothing inside is free: the whole unit is what its contents are. */
static reason_set nothing_free(const struct facts *facts)
{
    if (facts->units_blocked > 0)
        return REASON_BIT(facts->blocked_by);
    if (facts->units_taken_here > 0)
        return REASON_BIT(REASON_DUPLICATE);
    if (facts->units_elsewhere > 0)
        return REASON_BIT(facts->elsewhere_by);
    return REASON_BIT(REASON_PARTIAL_CONTAINER);
}

static reason_set about_contents(const struct facts *facts)
{
    if (!facts->container || !facts->code_known || facts->is_label)
        return 0;
    if (!facts->contents_known)
        return REASON_BIT(REASON_NO_CONTENTS);
    if (facts->units_free >= facts->units_total || facts->in_this_document)
        return 0;
    return facts->units_free > 0 ? REASON_BIT(REASON_PARTIAL_CONTAINER) : nothing_free(facts);
}

/* ---- what only an audit asks: row 19 ---- */

static reason_set about_market(const struct flow *flow, const struct facts *facts)
{
    const struct market *market = &facts->market;
    reason_set set = 0;
    if (!flow->judges)
        return 0;
    add(&set, REASON_CLONED, market->another);
    add(&set, REASON_SEEN_ELSEWHERE, market->seen_region[0]);
    add(&set, REASON_DEFACED, market->defaced);
    add(&set, market->place, market->place > REASON_BEFORE_START && market->place < REASON_OK);
    return set;
}

/* ---- labels and pairs: packing, unpacking, replacing, relabelling ---- */

/* What is being filled has too few, or too many, by the product's rule. */
static reason_set about_label(const struct facts *facts)
{
    reason_set set = 0;
    if (!facts->is_label || !facts->filled || !facts->rule)
        return 0;
    add(&set, REASON_PARTIAL_CONTAINER, facts->filled < facts->rule);
    add(&set, REASON_OVER_QUANTITY, facts->filled > facts->rule);
    return set;
}

static reason_set about_unpacking(const struct document *document, const struct facts *facts)
{
    if (strcmp(document_field(document, "mode"), "empty") != 0)
        return facts->parent[0] ? 0 : REASON_BIT(REASON_NOT_ON_ORDER);
    return facts->container && facts->contents_known ? 0 : REASON_BIT(REASON_NO_CONTENTS);
}

static reason_set other_product(const struct facts *facts)
{
    bool known = facts->pair_product[0] && facts->product_known;
    return known && strcmp(facts->pair_product, facts->product.id) != 0 ? REASON_BIT(REASON_NOT_ON_ORDER) : 0;
}

/* A must be in something, B of A's product. */
static reason_set about_replacing(const struct document *document, const struct facts *facts)
{
    if (document->pending[0])
        return other_product(facts);
    return facts->parent[0] ? 0 : REASON_BIT(REASON_NOT_ON_ORDER);
}

/* B is a code that nothing has yet. */
static reason_set about_relabelling(const struct document *document, const struct facts *facts)
{
    if (!document->pending[0])
        return 0;
    return facts->code_known ? REASON_BIT(REASON_NOT_ON_ORDER) : other_product(facts);
}

static reason_set about_work(const struct flow *flow, const struct document *document, const struct code *code,
                             const struct facts *facts)
{
    bool quantity = names_a_class(code) && !facts->code_known; /* which one of them? */
    reason_set unnamed = quantity ? REASON_BIT(REASON_NEED_SERIAL) : 0;
    switch (flow->work) {
    case WORK_COUNT: return 0;
    case WORK_PACK: return about_label(facts);
    case WORK_UNPACK: return about_unpacking(document, facts);
    case WORK_REPLACE: return about_replacing(document, facts) | unnamed;
    case WORK_RELABEL: return about_relabelling(document, facts) | unnamed;
    }
    return 0;
}

/* A label, and the new code of a pair, are no goods that somebody should have registered. */
static reason_set excused(const struct flow *flow, const struct document *document, const struct facts *facts)
{
    bool new_code = flow->work == WORK_RELABEL && document->pending[0];
    if (!facts->is_label && !new_code)
        return 0;
    return REASON_BIT(REASON_UNKNOWN_CODE) | REASON_BIT(REASON_UNREGISTERED) | REASON_BIT(REASON_NOT_RECEIVED) |
           REASON_BIT(REASON_WRONG_HOLDER) | REASON_BIT(REASON_ALREADY_SHIPPED);
}

/* ---- warnings: row 17 ---- */

static reason_set about_care(const struct judge_context *context, const struct flow *flow, const struct code *code,
                             const struct facts *facts, const struct fit *fit)
{
    reason_set set = 0;
    day_t was_made = made(code, facts);
    bool lot_ordered = fit->own_lot && !fit->any_lot; /* then the order decides which, not the clerk */
    add(&set, REASON_OLDER_FIRST, flow->ships && facts->older_free && !lot_ordered);
    add(&set, REASON_NEAR_EXPIRY, life_under(expiry(code, facts), context->today, flow->near_expiry_days));
    add(&set, REASON_SHARED_ORDER, fit->shared);
    add(&set, REASON_REPEAT, facts->repeat);
    add(&set, REASON_PAIRING, code->warning == REASON_PAIRING);
    add(&set, REASON_BEFORE_START,
        context->policy->start != DAY_NONE && was_made != DAY_NONE && was_made < context->policy->start);
    return set;
}

/* Dealer to dealer by permit only: without one the goods are on nobody's order. */
static reason_set about_permit(const struct flow *flow, const struct facts *facts)
{
    return flow->permits && facts->no_permit ? REASON_BIT(REASON_NOT_ON_ORDER) : 0;
}

static reason_set applicable(const struct flow *flow, reason_set set)
{
    for (int reason = 0; reason < REASON_COUNT; reason++)
        if (!flow->rules[reason].applies)
            set &= ~REASON_BIT(reason);
    return set;
}

static reason_set reasons(const struct judge_context *context, const struct flow *flow,
                          const struct document *document, const struct code *code, const struct facts *facts,
                          struct fit *fit)
{
    reason_set set = 0;
    add(&set, REASON_DOCUMENT_CLOSED, is_closed(document->state));
    if (code->problem != REASON_OK) /* no unit to say anything about */
        return applicable(flow, set | REASON_BIT(code->problem));
    if (facts->sets_context) /* no goods yet */
        return applicable(flow, set);
    fit_lines(fit, document, facts);
    set |= about_goods(context, document, code, facts);
    set |= about_identity(code, facts);
    set |= about_lines(context, flow, document, facts, fit, set);
    set |= about_permit(flow, facts);
    set |= about_holder(context, flow, document, facts);
    set |= about_contents(facts);
    set |= about_market(flow, facts);
    set |= about_work(flow, document, code, facts);
    set &= ~excused(flow, document, facts);
    set |= about_care(context, flow, code, facts, fit);
    return applicable(flow, set);
}

reason_set judge_reasons(const struct judge_context *context, const struct flow *flow,
                         const struct document *document, const struct code *code, const struct facts *facts)
{
    struct fit fit;
    fit_begin(&fit, NULL);
    return reasons(context, flow, document, code, facts, &fit);
}

/* The gravest leads, among equals the first of the table. A reject may be overruled only when every reject may. */
static void weigh(const struct judge_context *context, const struct flow *flow, const struct document *document,
                  reason_set set, struct verdict *verdict)
{
    verdict->reason = REASON_OK;
    verdict->severity = SEVERITY_ACCEPT;
    verdict->override = OVERRIDE_SUPERVISOR;
    bool found = false;
    for (int i = 0; i < REASON_OK; i++) {
        enum reason reason = (enum reason)i;
        if (!(set & REASON_BIT(reason)))
            continue;
        enum severity severity = flow_severity(flow, context->policy, context->today, document, reason);
        if (severity == SEVERITY_REJECT && flow->rules[reason].override == OVERRIDE_NONE)
            verdict->override = OVERRIDE_NONE;
        if (found && severity <= verdict->severity)
            continue;
        found = true;
        verdict->reason = reason;
        verdict->severity = severity;
    }
    if (verdict->severity != SEVERITY_REJECT)
        verdict->override = OVERRIDE_NONE;
    verdict->findings = set & ~REASON_BIT(verdict->reason);
}

void judge(const struct judge_context *context, const struct flow *flow, const struct document *document,
           const struct code *code, const struct facts *facts, struct verdict *ret_verdict)
{
    struct fit fit;
    memset(ret_verdict, 0, offsetof(struct verdict, allocations));
    fit_begin(&fit, ret_verdict);
    reason_set set = reasons(context, flow, document, code, facts, &fit);
    weigh(context, flow, document, set, ret_verdict);
    bool goods = code->problem == REASON_OK && !facts->is_label && !facts->sets_context;
    for (int i = 0; i < facts->group_count && goods; i++)
        ret_verdict->qty += facts->groups[i].qty;
    ret_verdict->open = fit.open;
}
