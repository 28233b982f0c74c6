/* The judge against the design's table, restated here reason by reason, over made-up documents, facts, rows and
 * policies: what leads, what else is found, how grave it is, and where the goods go. */
#include "tests/unit/judge_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 200000 };

/* ---- the table restated: does this reason hold? ---- */

static day_t last_day(const struct world *w)
{
    return w->facts.lot.expires == DAY_NONE ? w->code.expires : w->facts.lot.expires;
}

static bool days_left_under(const struct world *w, int days)
{
    return days && last_day(w) != DAY_NONE && (int64_t)last_day(w) - TODAY < days;
}

/* Row 15, and what a container is of which nothing can go along. */
static enum reason by_contents(const struct world *w)
{
    const struct facts *f = &w->facts;
    if (!f->container || !f->code_known || f->is_label)
        return REASON_OK;
    if (!f->contents_known)
        return REASON_NO_CONTENTS;
    if (f->in_this_document || f->units_free == f->units_total)
        return REASON_OK;
    if (f->units_free)
        return REASON_PARTIAL_CONTAINER;
    return f->units_blocked      ? f->blocked_by
           : f->units_taken_here ? REASON_DUPLICATE
           : f->units_elsewhere  ? f->elsewhere_by
                                 : REASON_PARTIAL_CONTAINER;
}

static bool asks_for(const struct line *line, const struct facts_group *group, bool lot_too)
{
    return !strcmp(line->product, group->product) && (!lot_too || !line->lot[0] || !strcmp(line->lot, group->lot));
}

static bool some_line(const struct world *w, const struct facts_group *group, bool lot_too)
{
    for (size_t i = 0; i < w->document.line_count; i++)
        if (asks_for(&w->lines[i], group, lot_too))
            return true;
    return false;
}

/* No goods to count: a label, what was counted when it went into this case, what only says what comes next. */
static bool counts_nothing(const struct world *w)
{
    return w->facts.is_label || w->facts.counted_here || w->facts.sets_context;
}

static bool has_lines(const struct world *w)
{
    return w->document.line_count || w->flow.lines == LINES_DOCUMENT;
}

static bool misfit(const struct world *w)
{
    const struct facts *f = &w->facts;
    bool second = w->document.pending[0];
    bool other = f->pair_product[0] && f->product_known && strcmp(f->pair_product, f->product.id);
    switch (w->flow.work) {
    case WORK_COUNT:
    case WORK_PACK: return false;
    case WORK_UNPACK: return !f->parent[0] && strcmp(document_field(&w->document, "mode"), "empty");
    case WORK_REPLACE: return second ? other : !f->parent[0];
    case WORK_RELABEL: return second && (f->code_known || other);
    }
    return false;
}

static bool need_lot(const struct world *w);
static bool need_serial(const struct world *w);

/* A recall is about what its notice names, wherever the books have it. */
static bool not_recalled(const struct world *w)
{
    const struct facts *f = &w->facts;
    return (f->code_known || f->product_known) && !f->recall[0] && !need_lot(w) && !need_serial(w);
}

static bool not_on_order(const struct world *w)
{
    if (w->flow.permits && w->facts.no_permit)
        return true;
    if (w->flow.lines == LINES_NOTICE)
        return misfit(w) || not_recalled(w);
    bool lenient =
        w->policy.registry != REGISTRY_STRICT || w->flow.rules[REASON_UNKNOWN_CODE].severity != SEVERITY_REJECT;
    bool off = !w->facts.code_known && !w->facts.product_known && lenient;
    for (int i = 0; i < w->facts.group_count && !counts_nothing(w); i++)
        off |= !some_line(w, &w->facts.groups[i], false);
    return misfit(w) || (off && has_lines(w));
}

static bool need_lot(const struct world *w)
{
    const struct facts *f = &w->facts;
    return !f->market.defaced && f->product_known && !f->container && f->product.control == CONTROL_LOT &&
           !f->lot.id[0];
}

static bool need_serial(const struct world *w)
{
    const struct facts *f = &w->facts;
    return !f->market.defaced && f->product_known && !f->container && !f->code_known &&
           f->product.control == CONTROL_ITEM && (w->code.kind == CODE_CLASS || w->code.kind == CODE_LOT);
}

/* A quantity is no half of a pair. */
static bool no_half(const struct world *w)
{
    bool pairs = w->flow.work == WORK_REPLACE || w->flow.work == WORK_RELABEL;
    return pairs && !w->facts.code_known && (w->code.kind == CODE_CLASS || w->code.kind == CODE_LOT);
}

static bool wrong_lot(const struct world *w)
{
    if (w->flow.lines == LINES_NOTICE)
        return false;
    for (int i = 0; i < w->facts.group_count; i++)
        if (some_line(w, &w->facts.groups[i], false) && !some_line(w, &w->facts.groups[i], true))
            return !need_lot(w) && !counts_nothing(w);
    return false;
}

static qty_t capacity(const struct line *line)
{
    qty_t left = line->qty + line->tolerance - line->tallied - line->elsewhere;
    return left > 0 ? left : 0;
}

/* Lines of a lot serve that lot alone, so each lot's rest meets the product's other lines together. */
static bool over_product(const struct world *w, const char *product)
{
    qty_t rest = 0, common = 0;
    for (int g = 0; g < w->facts.group_count; g++) {
        const struct facts_group *group = &w->facts.groups[g];
        if (strcmp(group->product, product) || !some_line(w, group, true))
            continue;
        qty_t left = group->qty;
        for (size_t i = 0; i < w->document.line_count; i++)
            if (w->lines[i].lot[0] && asks_for(&w->lines[i], group, true))
                left -= capacity(&w->lines[i]);
        rest += left > 0 ? left : 0;
    }
    for (size_t i = 0; i < w->document.line_count; i++)
        if (!w->lines[i].lot[0] && !strcmp(w->lines[i].product, product))
            common += capacity(&w->lines[i]);
    return rest > common;
}

static bool over_quantity(const struct world *w)
{
    bool over = w->facts.groups_overflow;
    if (w->facts.is_label && w->facts.rule && w->facts.filled > w->facts.rule)
        return true;
    for (int i = 0; i < 3; i++)
        over |= over_product(w, PRODUCTS[i]);
    bool asked = w->flow.lines == LINES_NOTICE ? w->facts.recall[0] != '\0' : has_lines(w);
    return over && !counts_nothing(w) && asked && !need_lot(w) && !need_serial(w) && !w->facts.in_this_document;
}

static bool shared(const struct world *w)
{
    for (int g = 0; g < w->facts.group_count; g++)
        for (size_t i = 0; i < w->document.line_count; i++)
            if (!counts_nothing(w) && w->lines[i].shared && asks_for(&w->lines[i], &w->facts.groups[g], true))
                return true;
    return false;
}

static bool before_start(const struct world *w)
{
    day_t made = w->facts.lot.made == DAY_NONE ? w->code.made : w->facts.lot.made;
    return w->policy.start != DAY_NONE && made != DAY_NONE && made < w->policy.start;
}

static bool one_of(const char *word, const char *words)
{
    const char *at = strstr(words, word);
    size_t len = strlen(word);
    return at && (at == words || at[-1] == ' ') && (!at[len] || at[len] == ' ');
}

static bool concerns(const struct holder *named, const struct holder *holder)
{
    bool party = holder->kind == HOLDER_PARTY || holder->kind == HOLDER_TRANSIT_PARTY;
    bool site = holder->kind == HOLDER_SITE || holder->kind == HOLDER_TRANSIT_SITE;
    return !strcmp(named->id, holder->id) &&
           ((party && named->kind == HOLDER_PARTY) || (site && named->kind == HOLDER_SITE));
}

/* Every line that these goods could go to names their lot: then there is no choice. A label is on no line. */
static bool lot_ordered(const struct world *w)
{
    const struct facts *f = &w->facts;
    int named = 0, open = 0;
    for (size_t i = 0; i < w->document.line_count; i++)
        for (int g = 0; g < f->group_count && !f->is_label && !f->counted_here; g++)
            if (asks_for(&w->lines[i], &f->groups[g], true))
                *(w->lines[i].lot[0] ? &named : &open) += 1;
    return named && !open;
}

/* Where the flow takes goods from, flow by flow. */
static bool expected_there(const struct world *w)
{
    const struct holder *holder = &w->facts.holder, *from = &w->document.from;
    bool here = !strcmp(holder->id, "CDB");
    if (one_of(w->flow.name, "recall baseline late-entry audit"))
        return true;
    bool dealer = holder->kind == HOLDER_PARTY || holder->kind == HOLDER_TRANSIT_PARTY;
    if (one_of(w->flow.name, "dealer-in dealer-out")) {
        if (dealer && !strcmp(holder->id, w->document.dealer))
            return true;
        return here && (holder->kind == HOLDER_TRANSIT_SITE ||
                        (holder->kind == HOLDER_SITE && one_of(w->flow.name, "dealer-out")));
    }
    if (one_of(w->flow.name, "receipt return")) {
        bool party =
            holder->kind == HOLDER_PARTY || holder->kind == HOLDER_TRANSIT_PARTY || holder->kind == HOLDER_SOLD;
        return (holder->kind == HOLDER_TRANSIT_SITE && here) ||
               (from->kind == HOLDER_UNKNOWN ? party : concerns(from, holder));
    }
    if (one_of(w->flow.name, "void"))
        return concerns(&w->document.to, holder);
    return holder->kind == HOLDER_SITE && here;
}

static bool misplaced(const struct world *w, enum reason reason)
{
    const struct holder *holder = &w->facts.holder;
    bool label = w->facts.is_label || (w->flow.work == WORK_RELABEL && w->document.pending[0]);
    if (expected_there(w) || label)
        return false;
    bool here = !strcmp(holder->id, "CDB");
    if (reason == REASON_NOT_RECEIVED)
        return holder->kind == HOLDER_TRANSIT_SITE && here;
    if (reason == REASON_WRONG_HOLDER)
        return holder->kind == HOLDER_SITE || holder->kind == HOLDER_DESTROYED ||
               (holder->kind == HOLDER_TRANSIT_SITE && !here);
    return holder->kind == HOLDER_PARTY || holder->kind == HOLDER_TRANSIT_PARTY || holder->kind == HOLDER_SOLD;
}

static bool new_code(const struct world *w)
{
    return w->facts.is_label || (w->flow.work == WORK_RELABEL && w->document.pending[0]);
}

/* The facts of the unit itself, row 3 to 14 and 17. */
static bool holds_itself(const struct world *w, enum reason reason)
{
    const struct facts *f = &w->facts;
    switch (reason) {
    case REASON_RECALLED: return f->recall[0];
    case REASON_VOID_CODE:
        return (f->state != STATE_ACTIVE && f->state != STATE_RETURNED) || f->holder.kind == HOLDER_DESTROYED;
    case REASON_ON_HOLD: return f->lot.on_hold || f->state == STATE_RETURNED;
    case REASON_EXPIRED: return last_day(w) != DAY_NONE && last_day(w) < TODAY;
    case REASON_SHORT_LIFE: return days_left_under(w, w->document.min_life_days);
    case REASON_DUPLICATE: return (f->in_this_document && !f->market.another) || f->around;
    case REASON_IN_OTHER_DOCUMENT: return f->other_document[0] || f->lost;
    case REASON_UNKNOWN_CODE: return !f->code_known && !f->product_known && !new_code(w);
    case REASON_UNREGISTERED:
        return !f->market.defaced && !new_code(w) && !f->code_known && f->product_known &&
               f->product.control == CONTROL_ITEM && (w->code.kind == CODE_ITEM || w->code.kind == CODE_PLAIN);
    case REASON_NOT_ON_ORDER: return not_on_order(w);
    case REASON_NEED_SERIAL: return need_serial(w) || no_half(w);
    case REASON_NEED_LOT: return need_lot(w);
    case REASON_WRONG_LOT: return wrong_lot(w);
    case REASON_NOT_RECEIVED:
    case REASON_WRONG_HOLDER:
    case REASON_ALREADY_SHIPPED: return misplaced(w, reason);
    case REASON_OVER_QUANTITY: return over_quantity(w);
    case REASON_OLDER_FIRST: return w->flow.ships && f->older_free && !lot_ordered(w);
    case REASON_NEAR_EXPIRY: return days_left_under(w, w->flow.near_expiry_days);
    case REASON_SHARED_ORDER: return shared(w);
    case REASON_REPEAT: return f->repeat;
    case REASON_PAIRING: return w->code.warning == REASON_PAIRING;
    case REASON_BEFORE_START: return before_start(w);
    case REASON_CLONED: return w->flow.judges && f->market.another;
    case REASON_SEEN_ELSEWHERE: return w->flow.judges && f->market.seen_region[0];
    case REASON_DEFACED: return w->flow.judges && f->market.defaced;
    case REASON_OUT_OF_REGION:
    case REASON_NO_TERRITORY:
    case REASON_NO_RECORD:
    case REASON_IN_REGION: return w->flow.judges && f->market.place == reason;
    case REASON_MALFORMED:
    case REASON_NOT_GOODS:
    case REASON_NEED_SSCC:
    case REASON_DOCUMENT_CLOSED:
    case REASON_PARTIAL_CONTAINER:
    case REASON_NO_CONTENTS:
    case REASON_OK:
    case REASON_COUNT: return false;
    }
    return false;
}

static bool holds(const struct world *w, enum reason reason)
{
    if (!w->flow.rules[reason].applies)
        return false;
    if (reason == REASON_DOCUMENT_CLOSED)
        return w->document.state != DOCUMENT_READY && w->document.state != DOCUMENT_OPEN;
    if (w->code.problem != REASON_OK)
        return reason == w->code.problem;
    if (w->facts.sets_context)
        return false;
    if (reason == REASON_PARTIAL_CONTAINER && w->facts.is_label && w->facts.filled && w->facts.filled < w->facts.rule)
        return true;
    if (reason == REASON_NO_CONTENTS && w->flow.work == WORK_UNPACK &&
        !strcmp(document_field(&w->document, "mode"), "empty") && !(w->facts.container && w->facts.contents_known))
        return true;
    bool place = reason == REASON_NOT_RECEIVED || reason == REASON_WRONG_HOLDER || reason == REASON_ALREADY_SHIPPED;
    if (place && new_code(w))
        return false;
    return holds_itself(w, reason) || (reason != REASON_OK && reason == by_contents(w));
}

/* ---- the weights restated ---- */

static enum severity least(enum severity a, enum severity b)
{
    return a < b ? a : b;
}

/* The row, softened by the registry's policy and by `enforce` while it lasts; what makes a scan no scan, or would count
 * one unit twice, is never softened. */
static enum severity weight(const struct world *w, enum reason reason)
{
    static const enum severity AT_MOST[] = {
        [ENFORCE_REJECT] = SEVERITY_REJECT, [ENFORCE_WARN] = SEVERITY_WARN, [ENFORCE_OBSERVE] = SEVERITY_ACCEPT};
    static const enum severity BY_REGISTRY[] = {
        [REGISTRY_STRICT] = SEVERITY_REJECT, [REGISTRY_LEARN] = SEVERITY_WARN, [REGISTRY_OFF] = SEVERITY_ACCEPT};
    static const enum reason FIRM[] = {REASON_MALFORMED, REASON_NOT_GOODS,         REASON_DOCUMENT_CLOSED,
                                       REASON_DUPLICATE, REASON_IN_OTHER_DOCUMENT, REASON_NEED_SERIAL,
                                       REASON_NEED_LOT,  REASON_NEED_SSCC};
    const struct policy *policy = &w->policy;
    enum severity severity = w->flow.rules[reason].severity;
    if (reason == REASON_UNKNOWN_CODE || reason == REASON_UNREGISTERED)
        severity = least(severity, BY_REGISTRY[policy->registry]);
    for (size_t i = 0; i < sizeof FIRM / sizeof FIRM[0]; i++)
        if (FIRM[i] == reason)
            return severity;
    if (w->flow.ships && w->document.to_quarantine &&
        (reason == REASON_RECALLED || reason == REASON_VOID_CODE || reason == REASON_ON_HOLD ||
         reason == REASON_EXPIRED))
        return SEVERITY_ACCEPT;
    bool lasts = policy->enforce_until[reason] == DAY_NONE || policy->enforce_until[reason] >= TODAY;
    return lasts ? least(severity, AT_MOST[policy->enforce[reason]]) : severity;
}

struct expectation {
    reason_set all;
    enum reason leads;
    enum severity severity;
    enum override override;
};

static struct expectation expect(const struct world *w)
{
    struct expectation want = {.leads = REASON_OK, .severity = SEVERITY_ACCEPT, .override = OVERRIDE_NONE};
    bool overruled = true;
    for (int grave = SEVERITY_REJECT; grave >= SEVERITY_ACCEPT; grave--)
        for (int i = 0; i < REASON_OK; i++) {
            enum reason reason = (enum reason)i;
            if (!holds(w, reason) || weight(w, reason) != (enum severity)grave)
                continue;
            if (!want.all) {
                want.leads = reason;
                want.severity = (enum severity)grave;
            }
            want.all |= REASON_BIT(reason);
            if (grave == SEVERITY_REJECT)
                overruled &= w->flow.rules[reason].override == OVERRIDE_SUPERVISOR;
        }
    if (want.severity == SEVERITY_REJECT && overruled)
        want.override = OVERRIDE_SUPERVISOR;
    return want;
}

/* ---- properties ---- */

static void complain(const struct expectation *want, const struct verdict *got, int round)
{
    print_message("round %d: wanted %s (%s), got %s (%s)", round, reason_word(want->leads),
                  severity_word(want->severity), reason_word(got->reason), severity_word(got->severity));
    for (int i = 0; i < REASON_COUNT; i++)
        if ((want->all ^ (got->findings | REASON_BIT(got->reason))) & REASON_BIT(i))
            print_message(" %s", reason_word((enum reason)i));
    print_message("\n");
}

static void check_weights(const struct world *w, const struct verdict *got, int round)
{
    struct expectation want = expect(w);
    reason_set all = judge_reasons(&w->context, &w->flow, &w->document, &w->code, &w->facts);
    bool right = got->reason == want.leads && got->severity == want.severity && got->override == want.override &&
                 got->findings == (want.all & ~REASON_BIT(want.leads)) && all == want.all;
    if (right)
        return;
    complain(&want, got, round);
    fail();
}

/* What goes to a line is of its product and lot; all of it goes somewhere unless nothing asks for it; and unless there is
 * too much, no line gets more than it tolerates. */
static void check_allocations(const struct world *w, const struct verdict *got)
{
    qty_t by_line[LINES] = {0}, placed = 0, placeable = 0, off_line = 0, all = 0, open = 0;
    bool over = false;
    for (int i = 0; i < got->allocation_count; i++) {
        const struct allocation *allocation = &got->allocations[i];
        assert_true(allocation->qty > 0);
        if (allocation->line == LINE_NONE) {
            off_line += allocation->qty;
            continue;
        }
        assert_true(allocation->line < w->document.line_count);
        const struct line *line = &w->lines[allocation->line];
        assert_true(!line->lot[0] || !strcmp(line->lot, allocation->lot));
        by_line[allocation->line] += allocation->qty;
        placed += allocation->qty;
    }
    if (counts_nothing(w)) {
        assert_int_equal(got->allocation_count, 0);
        return;
    }
    for (int g = 0; g < w->facts.group_count; g++)
        all += w->facts.groups[g].qty;
    for (int g = 0; g < w->facts.group_count; g++)
        placeable += some_line(w, &w->facts.groups[g], true) ? w->facts.groups[g].qty : 0;
    assert_int_equal(placed, placeable);
    assert_int_equal(placed + off_line, all);
    for (int i = 0; i < 3; i++)
        over |= over_product(w, PRODUCTS[i]);
    for (size_t i = 0; i < w->document.line_count; i++) {
        const struct line *line = &w->lines[i];
        bool asked = false;
        for (int g = 0; g < w->facts.group_count; g++)
            asked |= asks_for(line, &w->facts.groups[g], true);
        qty_t left = line->qty - line->tallied - line->elsewhere;
        open += asked && left > 0 ? left : 0;
        assert_true(over || by_line[i] <= capacity(line));
    }
    assert_int_equal(got->open, open);
}

static void the_judge_is_the_table(void **state)
{
    (void)state;
    static struct world world;
    int led[REASON_COUNT] = {0}, clean = 0;
    judge_world_seed(20261122);
    for (int round = 0; round < ROUNDS; round++) {
        struct verdict verdict;
        judge_world_make(&world);
        judge(&world.context, &world.flow, &world.document, &world.code, &world.facts, &verdict);
        check_weights(&world, &verdict, round);
        if (world.code.problem == REASON_OK)
            check_allocations(&world, &verdict);
        led[verdict.reason]++;
        clean += verdict.reason == REASON_OK;
    }
    for (int i = 0; i < REASON_COUNT; i++) /* the worlds reach every row */
        if (led[i] < ROUNDS / 5000)
            fail_msg("%s led only %d times", reason_word((enum reason)i), led[i]);
    print_message("%d worlds, %d of them without a finding\n", ROUNDS, clean);
}

/* The built-in row, word by word. */
static void outbounds_row_is_the_designs(void **state)
{
    (void)state;
    static const struct {
        const char *reasons;
        enum severity severity;
        enum override override;
    } ROWS[] = {
        {"malformed not-goods recalled on-hold void-code expired duplicate document-closed unknown-code unregistered "
         "need-serial need-lot need-sscc",
         SEVERITY_REJECT, OVERRIDE_NONE},
        {"not-on-order over-quantity wrong-lot wrong-holder already-shipped short-life", SEVERITY_REJECT,
         OVERRIDE_SUPERVISOR},
        {"in-other-document partial-container no-contents", SEVERITY_CONFIRM, OVERRIDE_NONE},
        {"not-received older-first near-expiry shared-order repeat pairing before-start", SEVERITY_WARN,
         OVERRIDE_NONE},
    };
    static const char *const NEVER[] = {"cloned",    "out-of-region", "seen-elsewhere", "no-territory",
                                        "no-record", "defaced",       "in-region"};
    const struct flow *flow = flow_find("outbound");
    reason_set seen = 0;
    assert_non_null(flow);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char words[256], *rest = words;
        snprintf(words, sizeof words, "%s", ROWS[i].reasons);
        for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
            enum reason reason = REASON_OK;
            assert_true(reason_from_word(word, &reason));
            assert_true(flow->rules[reason].applies);
            assert_int_equal(flow->rules[reason].severity, ROWS[i].severity);
            assert_int_equal(flow->rules[reason].override, ROWS[i].override);
            seen |= REASON_BIT(reason);
        }
    }
    for (size_t i = 0; i < sizeof NEVER / sizeof NEVER[0]; i++) { /* an audit's alone */
        enum reason reason = REASON_OK;
        assert_true(reason_from_word(NEVER[i], &reason));
        assert_false(flow->rules[reason].applies);
        seen |= REASON_BIT(reason);
    }
    assert_int_equal(seen, REASON_BIT(REASON_OK) - 1); /* every reason has a word here */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_judge_is_the_table),
        cmocka_unit_test(outbounds_row_is_the_designs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
