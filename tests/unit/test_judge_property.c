/* The judge against the design's table, restated here reason by reason, over made-up documents, facts, rows and
 * policies: what leads, what else is found, how grave it is, and where the goods go. */
#include "app/domain/judge.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 200000, TODAY = 20000, LINES = 5, GROUPS = 3, MARGIN_DAYS = 30 };

static const char *const PRODUCTS[] = {"P1", "P2", "P3"};
static const char *const LOTS[] = {"", "L1", "L2"};

struct world {
    struct policy policy;
    struct judge_context context;
    struct flow flow;
    struct line lines[LINES];
    struct document document;
    struct code code;
    struct facts facts;
};

#define PUT(member, text) snprintf(member, sizeof(member), "%s", text)

static uint64_t seed;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static int below(int limit)
{
    return (int)(next() % (uint64_t)limit);
}

static bool rarely(void)
{
    return below(6) == 0;
}

/* ---- making worlds ---- */

static void make_policy(struct policy *policy)
{
    policy->registry = (enum registry)below(3);
    policy->start = below(4) ? DAY_NONE : TODAY - below(60);
    for (int i = 0; i < REASON_COUNT; i++) {
        policy->enforce[i] = rarely() ? (enum enforce)below(3) : ENFORCE_REJECT;
        policy->enforce_until[i] = below(3) ? DAY_NONE : TODAY + below(3) - 1;
    }
}

static void make_flow(struct flow *flow)
{
    *flow = *flow_find("outbound");
    flow->near_expiry_days = below(2) ? MARGIN_DAYS : 0;
    flow->ships = below(5) != 0;
    if (below(2))
        return;
    for (int i = 0; i < REASON_COUNT; i++) /* another flow's row */
        flow->rules[i] = (struct flow_rule){
            .applies = below(8) != 0, .severity = (enum severity)below(4), .override = (enum override)below(2)};
}

static void make_document(struct world *world)
{
    struct document *document = &world->document;
    document->state = rarely() ? (enum document_state)below(DOCUMENT_CLOSED + 1) : DOCUMENT_OPEN;
    document->min_life_days = below(3) ? 0 : below(40);
    document->line_count = (size_t)below(LINES + 1);
    document->lines = world->lines;
    for (size_t i = 0; i < document->line_count; i++) {
        struct line *line = &world->lines[i];
        PUT(line->product, PRODUCTS[below(2)]);
        PUT(line->lot, LOTS[below(2) ? 0 : below(3)]);
        line->qty = below(8);
        line->tolerance = below(2) ? 0 : below(4);
        line->tallied = below(3) ? 0 : below(10);
        line->shared = rarely();
    }
}

static void make_code(struct code *code)
{
    static const enum code_kind KINDS[] = {CODE_UNIT, CODE_ITEM, CODE_ITEM, CODE_LOT, CODE_CLASS, CODE_PLAIN};
    static const enum reason PROBLEMS[] = {REASON_MALFORMED, REASON_NOT_GOODS, REASON_NEED_SSCC};
    code->kind = KINDS[below(6)];
    code->problem = rarely() ? PROBLEMS[below(3)] : REASON_OK;
    code->warning = rarely() ? REASON_PAIRING : REASON_OK;
    code->expires = below(3) ? DAY_NONE : TODAY + below(60) - 10;
    code->made = below(3) ? DAY_NONE : TODAY - below(80);
}

/* Groups differ in product or lot, as facts.h has it. */
static void make_groups(struct facts *facts, bool empty)
{
    facts->group_count = below(facts->container ? GROUPS + 1 : 2);
    int first = below(9);
    for (int i = 0; i < facts->group_count; i++) {
        int at = (first + 4 * i) % 9;
        PUT(facts->groups[i].product, PRODUCTS[at / 3]);
        PUT(facts->groups[i].lot, LOTS[at % 3]);
        facts->groups[i].qty = empty ? 0 : 1 + below(9);
    }
    facts->groups_overflow = facts->container && below(20) == 0;
}

static void make_contents(struct facts *facts)
{
    static const enum reason BLOCKED[] = {REASON_RECALLED, REASON_VOID_CODE, REASON_ON_HOLD, REASON_EXPIRED};
    static const enum reason ELSEWHERE[] = {REASON_NOT_RECEIVED, REASON_WRONG_HOLDER, REASON_ALREADY_SHIPPED};
    facts->blocked_by = facts->elsewhere_by = REASON_OK;
    facts->contents_known = below(4) != 0;
    if (!facts->container || !facts->contents_known)
        return;
    facts->units_free = below(3) ? 12 : below(4);
    qty_t left = facts->units_total = 12;
    left -= facts->units_free;
    facts->units_blocked = below(2) && left ? below((int)left + 1) : 0;
    left -= facts->units_blocked;
    facts->units_elsewhere = below(2) && left ? below((int)left + 1) : 0;
    facts->units_taken = left - facts->units_elsewhere;
    facts->units_taken_here = facts->units_taken ? below((int)facts->units_taken + 1) : 0;
    facts->blocked_by = facts->units_blocked ? BLOCKED[below(4)] : REASON_OK;
    facts->elsewhere_by = facts->units_elsewhere ? ELSEWHERE[below(3)] : REASON_OK;
}

static void make_holder(struct holder *holder)
{
    holder->kind = below(2) ? HOLDER_SITE : (enum holder_kind)below(HOLDER_DESTROYED + 1);
    if (holder->kind != HOLDER_UNKNOWN && holder->kind != HOLDER_SOLD && holder->kind != HOLDER_DESTROYED)
        PUT(holder->id, below(4) ? "CDB" : "GYB");
}

static void make_facts(struct facts *facts)
{
    facts->code_known = below(4) != 0;
    facts->product_known = below(5) != 0;
    facts->product.control = (enum control)below(3);
    PUT(facts->lot.id, LOTS[below(3)]);
    facts->lot.on_hold = rarely();
    facts->lot.expires = below(3) ? TODAY + below(60) - 10 : DAY_NONE;
    facts->lot.made = below(3) ? TODAY - below(80) : DAY_NONE;
    facts->state = rarely() ? (enum code_state)below(STATE_DESTROYED + 1) : STATE_ACTIVE;
    facts->container = below(3) == 0;
    PUT(facts->recall, rarely() ? "R-7" : "");
    make_holder(&facts->holder);
    facts->in_this_document = rarely();
    PUT(facts->other_document, rarely() ? "x:2" : "");
    make_contents(facts);
    make_groups(facts, facts->container && facts->contents_known && facts->units_free == 0);
    facts->older_free = rarely();
    facts->repeat = rarely();
}

static void make_world(struct world *world)
{
    memset(world, 0, sizeof *world);
    make_policy(&world->policy);
    make_flow(&world->flow);
    make_document(world);
    make_code(&world->code);
    make_facts(&world->facts);
    world->context = (struct judge_context){
        .now_ms = TODAY * 86400000LL, .today = TODAY, .site = "CDB", .role = ROLE_CLERK, .policy = &world->policy};
}

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
    if (!f->container || !f->code_known)
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

static bool not_on_order(const struct world *w)
{
    bool off =
        !w->facts.code_known && !w->facts.product_known &&
        (w->policy.registry != REGISTRY_STRICT || w->flow.rules[REASON_UNKNOWN_CODE].severity < SEVERITY_REJECT);
    for (int i = 0; i < w->facts.group_count; i++)
        off |= !some_line(w, &w->facts.groups[i], false);
    return off && w->flow.lines == LINES_DOCUMENT;
}

static bool need_lot(const struct world *w)
{
    const struct facts *f = &w->facts;
    return f->product_known && !f->container && f->product.control == CONTROL_LOT && !f->lot.id[0];
}

static bool need_serial(const struct world *w)
{
    const struct facts *f = &w->facts;
    return f->product_known && !f->container && !f->code_known && f->product.control == CONTROL_ITEM &&
           (w->code.kind == CODE_CLASS || w->code.kind == CODE_LOT);
}

static bool wrong_lot(const struct world *w)
{
    for (int i = 0; i < w->facts.group_count; i++)
        if (some_line(w, &w->facts.groups[i], false) && !some_line(w, &w->facts.groups[i], true))
            return !need_lot(w);
    return false;
}

static qty_t capacity(const struct line *line)
{
    qty_t left = line->qty + line->tolerance - line->tallied;
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
    for (int i = 0; i < 3; i++)
        over |= over_product(w, PRODUCTS[i]);
    return over && !need_lot(w) && !need_serial(w) && !w->facts.in_this_document;
}

static bool shared(const struct world *w)
{
    for (int g = 0; g < w->facts.group_count; g++)
        for (size_t i = 0; i < w->document.line_count; i++)
            if (w->lines[i].shared && asks_for(&w->lines[i], &w->facts.groups[g], true))
                return true;
    return false;
}

static bool before_start(const struct world *w)
{
    day_t made = w->facts.lot.made == DAY_NONE ? w->code.made : w->facts.lot.made;
    return w->policy.start != DAY_NONE && made != DAY_NONE && made < w->policy.start;
}

/* The facts of the unit itself, row 3 to 14 and 17. */
static bool holds_itself(const struct world *w, enum reason reason)
{
    const struct facts *f = &w->facts;
    bool here = !strcmp(f->holder.id, "CDB");
    switch (reason) {
    case REASON_RECALLED: return f->recall[0];
    case REASON_VOID_CODE: return f->state != STATE_ACTIVE || f->holder.kind == HOLDER_DESTROYED;
    case REASON_ON_HOLD: return f->lot.on_hold;
    case REASON_EXPIRED: return last_day(w) != DAY_NONE && last_day(w) < TODAY;
    case REASON_SHORT_LIFE: return days_left_under(w, w->document.min_life_days);
    case REASON_DUPLICATE: return f->in_this_document;
    case REASON_IN_OTHER_DOCUMENT: return f->other_document[0];
    case REASON_UNKNOWN_CODE: return !f->code_known && !f->product_known;
    case REASON_UNREGISTERED:
        return !f->code_known && f->product_known && f->product.control == CONTROL_ITEM &&
               (w->code.kind == CODE_ITEM || w->code.kind == CODE_PLAIN);
    case REASON_NOT_ON_ORDER: return not_on_order(w);
    case REASON_NEED_SERIAL: return need_serial(w);
    case REASON_NEED_LOT: return need_lot(w);
    case REASON_WRONG_LOT: return wrong_lot(w);
    case REASON_NOT_RECEIVED: return f->holder.kind == HOLDER_TRANSIT_SITE && here;
    case REASON_WRONG_HOLDER:
        return (f->holder.kind == HOLDER_TRANSIT_SITE || f->holder.kind == HOLDER_SITE) && !here;
    case REASON_ALREADY_SHIPPED:
        return f->holder.kind == HOLDER_PARTY || f->holder.kind == HOLDER_TRANSIT_PARTY ||
               f->holder.kind == HOLDER_SOLD;
    case REASON_OVER_QUANTITY: return over_quantity(w);
    case REASON_OLDER_FIRST: return w->flow.ships && f->older_free;
    case REASON_NEAR_EXPIRY: return days_left_under(w, w->flow.near_expiry_days);
    case REASON_SHARED_ORDER: return shared(w);
    case REASON_REPEAT: return f->repeat;
    case REASON_PAIRING: return w->code.warning == REASON_PAIRING;
    case REASON_BEFORE_START: return before_start(w);
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
    qty_t by_line[LINES] = {0}, placed = 0, placeable = 0, open = 0;
    bool over = false;
    for (int i = 0; i < got->allocation_count; i++) {
        const struct allocation *allocation = &got->allocations[i];
        assert_true(allocation->line < w->document.line_count && allocation->qty > 0);
        const struct line *line = &w->lines[allocation->line];
        assert_true(!line->lot[0] || !strcmp(line->lot, allocation->lot));
        by_line[allocation->line] += allocation->qty;
        placed += allocation->qty;
    }
    for (int g = 0; g < w->facts.group_count; g++)
        placeable += some_line(w, &w->facts.groups[g], true) ? w->facts.groups[g].qty : 0;
    assert_int_equal(placed, placeable);
    for (int i = 0; i < 3; i++)
        over |= over_product(w, PRODUCTS[i]);
    for (size_t i = 0; i < w->document.line_count; i++) {
        const struct line *line = &w->lines[i];
        bool asked = false;
        for (int g = 0; g < w->facts.group_count; g++)
            asked |= asks_for(line, &w->facts.groups[g], true);
        open += asked && line->qty > line->tallied ? line->qty - line->tallied : 0;
        assert_true(over || by_line[i] <= capacity(line));
    }
    assert_int_equal(got->open, open);
}

static void the_judge_is_the_table(void **state)
{
    (void)state;
    static struct world world;
    int led[REASON_COUNT] = {0}, clean = 0;
    seed = 20261122;
    for (int round = 0; round < ROUNDS; round++) {
        struct verdict verdict;
        make_world(&world);
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
    assert_int_equal(seen, REASON_BIT(REASON_OK) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_judge_is_the_table),
        cmocka_unit_test(outbounds_row_is_the_designs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
