#include "tests/unit/judge_world.h"
#include <stdio.h>
#include <string.h>

#define PUT(member, text) snprintf(member, sizeof(member), "%s", text)

const char *const PRODUCTS[PRODUCT_COUNT] = {"P1", "P2", "P3"};
static const char *const LOTS[] = {"", "L1", "L2"};

static uint64_t seed;

void judge_world_seed(uint64_t from)
{
    seed = from;
}

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
    *flow = *flow_at((size_t)below((int)flow_count()));
    flow->near_expiry_days = below(2) ? MARGIN_DAYS : 0;
    flow->ships = flow->ships && below(5) != 0;
    flow->judges = flow->judges || rarely();
    flow->permits = flow->permits || rarely();
    if (below(2))
        return;
    for (int i = 0; i < REASON_COUNT; i++) /* another flow's row */
        flow->rules[i] = (struct flow_rule){
            .applies = below(8) != 0, .severity = (enum severity)below(4), .override = (enum override)below(2)};
}

static void make_place(struct holder *holder)
{
    static const enum holder_kind KINDS[] = {HOLDER_UNKNOWN, HOLDER_SITE, HOLDER_PARTY};
    *holder = (struct holder){.kind = KINDS[below(3)]};
    if (holder->kind != HOLDER_UNKNOWN)
        PUT(holder->id, below(2) ? "CDB" : "GYB");
}

/* Where it comes from and goes to, and what is under way in it. */
static void make_errand(struct document *document)
{
    make_place(&document->from);
    make_place(&document->to);
    document->to_quarantine = rarely();
    PUT(document->dealer, below(2) ? "" : below(2) ? "CDB" : "GYB");
    PUT(document->pending, below(3) ? "" : "plain:A");
    if (below(2)) {
        document->field_count = 1;
        PUT(document->fields[0].name, "mode");
        PUT(document->fields[0].value, below(2) ? "out" : "empty");
    }
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
        line->elsewhere = below(3) ? 0 : below(4);
        line->shared = rarely();
    }
    make_errand(document);
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
    facts->state = rarely() ? (enum code_state)below(STATE_RETURNED + 1) : STATE_ACTIVE;
    facts->container = below(3) == 0;
    PUT(facts->recall, rarely() ? "R-7" : "");
    make_holder(&facts->holder);
    facts->in_this_document = rarely();
    PUT(facts->other_document, rarely() ? "x:2" : "");
    facts->lost = rarely();
    make_contents(facts);
    make_groups(facts, facts->container && facts->contents_known && facts->units_free == 0);
    facts->older_free = rarely();
    facts->repeat = rarely();
}

/* What packing and its kin look at. */
static void make_work(const struct flow *flow, struct facts *facts)
{
    PUT(facts->parent, below(2) ? "(00)000000000000000017" : "");
    facts->around = below(12) == 0;
    PUT(facts->pair_product, below(2) ? PRODUCTS[below(3)] : "");
    if (facts->product_known)
        PUT(facts->product.id, PRODUCTS[below(3)]);
    facts->sets_context = rarely();
    if (flow->work != WORK_PACK)
        return;
    facts->is_label = below(3) == 0;
    facts->filled = below(4);
    facts->rule = below(4);
    facts->counted_here = facts->container && below(3) == 0;
}

static void make_market(struct facts *facts)
{
    static const enum reason PLACES[] = {REASON_OUT_OF_REGION, REASON_NO_TERRITORY, REASON_NO_RECORD,
                                         REASON_IN_REGION, REASON_OK};
    facts->no_permit = rarely();
    facts->market.place = PLACES[below(5)];
    facts->market.another = rarely();
    facts->market.defaced = rarely();
    PUT(facts->market.seen_region, rarely() ? "520100" : "");
}

void judge_world_make(struct world *world)
{
    memset(world, 0, sizeof *world);
    make_policy(&world->policy);
    make_flow(&world->flow);
    make_document(world);
    make_code(&world->code);
    make_facts(&world->facts);
    make_work(&world->flow, &world->facts);
    make_market(&world->facts);
    world->context = (struct judge_context){
        .now_ms = TODAY * 86400000LL, .today = TODAY, .site = "CDB", .role = ROLE_CLERK, .policy = &world->policy};
}
