/* The verdict table of outbound: each reason that can arise there, alone, with its severity and who may overrule it. */
#include "app/domain/judge.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TODAY = 20000, THIS_YEAR = 2026 };

/* A dispatch order of 6 pump kits and 100 kg of flour, and one good item of the kits: each test spoils one thing. */
static struct {
    struct policy policy;
    struct judge_context context;
    struct flow flow;
    struct line lines[2];
    struct document document;
    struct code code;
    struct facts facts;
} world;

static void put(char *ret_text, size_t size, const char *text)
{
    snprintf(ret_text, size, "%s", text);
}

#define PUT(member, text) put(member, sizeof(member), text)

static void set_holder(struct holder *holder, enum holder_kind kind, const char *id)
{
    holder->kind = kind;
    PUT(holder->id, id);
}

static void be_group(const char *product, const char *lot, qty_t qty)
{
    world.facts.group_count = 1;
    PUT(world.facts.groups[0].product, product);
    PUT(world.facts.groups[0].lot, lot);
    world.facts.groups[0].qty = qty;
}

static int make_world(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    for (int i = 0; i < REASON_COUNT; i++)
        world.policy.enforce_until[i] = DAY_NONE;
    world.policy.start = DAY_NONE;
    world.flow = *flow_find("outbound");
    world.context = (struct judge_context){
        .now_ms = TODAY * 86400000LL, .today = TODAY, .site = "CDB", .role = ROLE_CLERK, .policy = &world.policy};
    PUT(world.lines[0].product, "SKU-B200");
    world.lines[0].qty = 6 * QTY_ONE;
    PUT(world.lines[1].product, "SKU-FLOUR");
    world.lines[1].qty = 100 * QTY_ONE;
    world.document.state = DOCUMENT_OPEN;
    world.document.line_count = 2;
    world.document.lines = world.lines;
    code_parse_text("(01)05901234123457(21)A1B2C3", THIS_YEAR, &world.code);
    world.facts.code_known = world.facts.product_known = true;
    PUT(world.facts.product.id, "SKU-B200");
    world.facts.product.control = CONTROL_ITEM;
    PUT(world.facts.lot.id, "LB-2501");
    world.facts.lot.known = true;
    world.facts.lot.made = TODAY - 300;
    world.facts.lot.expires = TODAY + 300;
    world.facts.blocked_by = world.facts.elsewhere_by = REASON_OK;
    set_holder(&world.facts.holder, HOLDER_SITE, "CDB");
    be_group("SKU-B200", "LB-2501", QTY_ONE);
    return 0;
}

/* The item becomes a known case of 12. */
static void be_case(void)
{
    code_parse_text("(00)069012340000000016", THIS_YEAR, &world.code);
    world.facts.container = true;
    world.facts.contents_known = true;
    world.facts.level = 1;
    world.facts.units_total = world.facts.units_free = 12 * QTY_ONE;
    world.lines[0].qty = 24 * QTY_ONE;
    be_group("SKU-B200", "LB-2501", 12 * QTY_ONE);
}

static void be_flour(const char *text)
{
    code_parse_text(text, THIS_YEAR, &world.code);
    world.facts.code_known = false;
    PUT(world.facts.product.id, "SKU-FLOUR");
    world.facts.product.control = CONTROL_NONE;
    world.facts.lot.id[0] = '\0';
    set_holder(&world.facts.holder, HOLDER_UNKNOWN, "");
    be_group("SKU-FLOUR", "", 25 * QTY_ONE);
}

static struct verdict ask(void)
{
    struct verdict verdict;
    judge(&world.context, &world.flow, &world.document, &world.code, &world.facts, &verdict);
    return verdict;
}

static void expect(enum reason reason, enum severity severity, enum override override)
{
    struct verdict verdict = ask();
    if (verdict.reason != reason)
        print_message("%s, wanted %s\n", reason_word(verdict.reason), reason_word(reason));
    assert_int_equal(verdict.reason, reason);
    assert_int_equal(verdict.severity, severity);
    assert_int_equal(verdict.override, override);
    assert_int_equal(verdict.findings, 0);
}

static void ok(void **state)
{
    (void)state;
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
    struct verdict verdict = ask();
    assert_int_equal(verdict.qty, QTY_ONE);
    assert_int_equal(verdict.open, 6 * QTY_ONE);
    assert_int_equal(verdict.allocation_count, 1);
    assert_int_equal(verdict.allocations[0].line, 0);
    assert_string_equal(verdict.allocations[0].lot, "LB-2501");
}

static void malformed(void **state)
{
    (void)state;
    code_parse_text("(01)05901234123458(21)A1B2C3", THIS_YEAR, &world.code);
    expect(REASON_MALFORMED, SEVERITY_REJECT, OVERRIDE_NONE);
}

static void not_goods(void **state)
{
    (void)state;
    code_parse_text("(414)6901234000009", THIS_YEAR, &world.code);
    expect(REASON_NOT_GOODS, SEVERITY_REJECT, OVERRIDE_NONE);
}

static void document_closed(void **state)
{
    (void)state;
    static const enum document_state CLOSED[] = {DOCUMENT_COMPLETE, DOCUMENT_CANCELLED, DOCUMENT_CLOSED,
                                                 DOCUMENT_ABANDONED};
    for (size_t i = 0; i < sizeof CLOSED / sizeof CLOSED[0]; i++) {
        world.document.state = CLOSED[i];
        expect(REASON_DOCUMENT_CLOSED, SEVERITY_REJECT, OVERRIDE_NONE);
    }
    world.document.state = DOCUMENT_READY;
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
}

static void recalled(void **state)
{
    (void)state;
    PUT(world.facts.recall, "R-7");
    expect(REASON_RECALLED, SEVERITY_REJECT, OVERRIDE_NONE);
}

static void void_code(void **state)
{
    (void)state;
    for (enum code_state spoilt = STATE_INACTIVE; spoilt <= STATE_DESTROYED; spoilt++) {
        world.facts.state = spoilt;
        expect(REASON_VOID_CODE, SEVERITY_REJECT, OVERRIDE_NONE);
    }
    world.facts.state = STATE_ACTIVE;
    set_holder(&world.facts.holder, HOLDER_DESTROYED, "");
    struct verdict verdict = ask();
    assert_int_equal(verdict.reason, REASON_VOID_CODE);
    assert_int_equal(verdict.severity, SEVERITY_REJECT);
    assert_int_equal(verdict.override, OVERRIDE_NONE);
    assert_int_equal(verdict.findings, REASON_BIT(REASON_WRONG_HOLDER)); /* and it is not here any more */
}

static void on_hold(void **state)
{
    (void)state;
    world.facts.lot.on_hold = true;
    expect(REASON_ON_HOLD, SEVERITY_REJECT, OVERRIDE_NONE);
}

static void expired(void **state)
{
    (void)state;
    world.facts.lot.expires = TODAY - 1;
    expect(REASON_EXPIRED, SEVERITY_REJECT, OVERRIDE_NONE);
    world.facts.lot.expires = TODAY;
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
    world.facts.lot.expires = DAY_NONE;
    world.code.expires = TODAY - 1;
    expect(REASON_EXPIRED, SEVERITY_REJECT, OVERRIDE_NONE);
}

static void short_life(void **state)
{
    (void)state;
    world.document.min_life_days = 301;
    expect(REASON_SHORT_LIFE, SEVERITY_REJECT, OVERRIDE_SUPERVISOR);
    world.document.min_life_days = 300;
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
}

static void duplicate(void **state)
{
    (void)state;
    world.facts.in_this_document = true;
    expect(REASON_DUPLICATE, SEVERITY_REJECT, OVERRIDE_NONE);
}

static void in_other_document(void **state)
{
    (void)state;
    PUT(world.facts.other_document, "tryton:wh:stock.shipment.out,2");
    expect(REASON_IN_OTHER_DOCUMENT, SEVERITY_CONFIRM, OVERRIDE_NONE);
}

static void know_nothing(void)
{
    world.facts.code_known = world.facts.product_known = false;
    memset(&world.facts.lot, 0, sizeof world.facts.lot);
    world.facts.lot.made = world.facts.lot.expires = DAY_NONE;
    set_holder(&world.facts.holder, HOLDER_UNKNOWN, "");
    world.facts.group_count = 0;
}

static void unknown_code(void **state)
{
    (void)state;
    know_nothing();
    expect(REASON_UNKNOWN_CODE, SEVERITY_REJECT, OVERRIDE_NONE);
}

static void unregistered(void **state)
{
    (void)state;
    world.facts.code_known = false;
    expect(REASON_UNREGISTERED, SEVERITY_REJECT, OVERRIDE_NONE);
    world.policy.registry = REGISTRY_LEARN;
    expect(REASON_UNREGISTERED, SEVERITY_WARN, OVERRIDE_NONE);
    world.policy.registry = REGISTRY_OFF;
    expect(REASON_UNREGISTERED, SEVERITY_ACCEPT, OVERRIDE_NONE);
    world.facts.product.control = CONTROL_NONE; /* nobody registers those serials */
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
}

static void not_on_order(void **state)
{
    (void)state;
    be_group("SKU-C300", "LB-2501", QTY_ONE);
    expect(REASON_NOT_ON_ORDER, SEVERITY_REJECT, OVERRIDE_SUPERVISOR);
}

static void need_serial(void **state)
{
    (void)state;
    code_parse_text("(01)05901234123457", THIS_YEAR, &world.code);
    world.facts.code_known = false;
    set_holder(&world.facts.holder, HOLDER_UNKNOWN, "");
    expect(REASON_NEED_SERIAL, SEVERITY_REJECT, OVERRIDE_NONE);
    code_parse_text("(01)05901234123457(10)LB-2501", THIS_YEAR, &world.code);
    expect(REASON_NEED_SERIAL, SEVERITY_REJECT, OVERRIDE_NONE);
}

static void need_lot(void **state)
{
    (void)state;
    be_flour("(01)05901234123457");
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
    world.facts.product.control = CONTROL_LOT;
    expect(REASON_NEED_LOT, SEVERITY_REJECT, OVERRIDE_NONE);
}

static void need_sscc(void **state)
{
    (void)state;
    code_parse_text("(02)05901234123457(37)12", THIS_YEAR, &world.code);
    world.code.warning = REASON_OK;
    expect(REASON_NEED_SSCC, SEVERITY_REJECT, OVERRIDE_NONE);
}

static void wrong_lot(void **state)
{
    (void)state;
    PUT(world.lines[0].lot, "LB-2502");
    expect(REASON_WRONG_LOT, SEVERITY_REJECT, OVERRIDE_SUPERVISOR);
    PUT(world.lines[0].lot, "LB-2501");
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
}

static void not_received(void **state)
{
    (void)state;
    set_holder(&world.facts.holder, HOLDER_TRANSIT_SITE, "CDB");
    expect(REASON_NOT_RECEIVED, SEVERITY_WARN, OVERRIDE_NONE);
}

static void wrong_holder(void **state)
{
    (void)state;
    set_holder(&world.facts.holder, HOLDER_SITE, "GYB");
    expect(REASON_WRONG_HOLDER, SEVERITY_REJECT, OVERRIDE_SUPERVISOR);
    set_holder(&world.facts.holder, HOLDER_TRANSIT_SITE, "GYB");
    expect(REASON_WRONG_HOLDER, SEVERITY_REJECT, OVERRIDE_SUPERVISOR);
    set_holder(&world.facts.holder, HOLDER_UNKNOWN, "");
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
}

static void already_shipped(void **state)
{
    (void)state;
    static const enum holder_kind GONE[] = {HOLDER_PARTY, HOLDER_TRANSIT_PARTY, HOLDER_SOLD};
    for (size_t i = 0; i < sizeof GONE / sizeof GONE[0]; i++) {
        set_holder(&world.facts.holder, GONE[i], GONE[i] == HOLDER_SOLD ? "" : "D-CD-01");
        expect(REASON_ALREADY_SHIPPED, SEVERITY_REJECT, OVERRIDE_SUPERVISOR);
    }
}

static void partial_container(void **state)
{
    (void)state;
    be_case();
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
    world.facts.units_free = 10 * QTY_ONE;
    world.facts.units_elsewhere = 2 * QTY_ONE;
    world.facts.elsewhere_by = REASON_ALREADY_SHIPPED;
    world.facts.groups[0].qty = 10 * QTY_ONE;
    expect(REASON_PARTIAL_CONTAINER, SEVERITY_CONFIRM, OVERRIDE_NONE);
    assert_int_equal(ask().qty, 10 * QTY_ONE);
}

/* Nothing is left to offer: the case is what its contents are. */
static void a_container_without_free_units(void **state)
{
    (void)state;
    be_case();
    world.facts.units_free = 0;
    world.facts.groups[0].qty = 0;
    world.facts.units_blocked = 12 * QTY_ONE;
    world.facts.blocked_by = REASON_RECALLED;
    expect(REASON_RECALLED, SEVERITY_REJECT, OVERRIDE_NONE);
    world.facts.units_blocked = 0;
    world.facts.blocked_by = REASON_OK;
    world.facts.units_taken = world.facts.units_taken_here = 12 * QTY_ONE;
    expect(REASON_DUPLICATE, SEVERITY_REJECT, OVERRIDE_NONE);
    world.facts.units_taken = world.facts.units_taken_here = 0;
    world.facts.units_elsewhere = 12 * QTY_ONE;
    world.facts.elsewhere_by = REASON_ALREADY_SHIPPED;
    expect(REASON_ALREADY_SHIPPED, SEVERITY_REJECT, OVERRIDE_SUPERVISOR);
}

static void no_contents(void **state)
{
    (void)state;
    be_case();
    world.facts.contents_known = false;
    world.facts.units_total = world.facts.units_free = 0;
    world.facts.group_count = 0;
    expect(REASON_NO_CONTENTS, SEVERITY_CONFIRM, OVERRIDE_NONE);
}

static void over_quantity(void **state)
{
    (void)state;
    world.lines[0].tallied = 6 * QTY_ONE;
    expect(REASON_OVER_QUANTITY, SEVERITY_REJECT, OVERRIDE_SUPERVISOR);
    world.lines[0].tolerance = QTY_ONE;
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
    be_case();
    world.lines[0].qty = 11 * QTY_ONE;
    world.lines[0].tallied = world.lines[0].tolerance = 0;
    expect(REASON_OVER_QUANTITY, SEVERITY_REJECT, OVERRIDE_SUPERVISOR);
}

static void older_first(void **state)
{
    (void)state;
    world.facts.older_free = true;
    expect(REASON_OLDER_FIRST, SEVERITY_WARN, OVERRIDE_NONE);
    PUT(world.lines[0].lot, "LB-2501"); /* the order wants this one */
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
}

static void near_expiry(void **state)
{
    (void)state;
    assert_int_equal(world.flow.near_expiry_days, 0);
    world.facts.lot.expires = TODAY + 20;
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
    world.flow.near_expiry_days = 30;
    expect(REASON_NEAR_EXPIRY, SEVERITY_WARN, OVERRIDE_NONE);
}

static void shared_order(void **state)
{
    (void)state;
    world.lines[0].shared = true;
    expect(REASON_SHARED_ORDER, SEVERITY_WARN, OVERRIDE_NONE);
}

static void repeat(void **state)
{
    (void)state;
    be_flour("(01)05901234123457");
    world.facts.repeat = true;
    expect(REASON_REPEAT, SEVERITY_WARN, OVERRIDE_NONE);
}

static void pairing(void **state)
{
    (void)state;
    be_case();
    code_parse_text("(00)069012340000000016(37)48", THIS_YEAR, &world.code);
    expect(REASON_PAIRING, SEVERITY_WARN, OVERRIDE_NONE);
}

static void before_start(void **state)
{
    (void)state;
    world.policy.start = world.facts.lot.made + 1;
    expect(REASON_BEFORE_START, SEVERITY_WARN, OVERRIDE_NONE);
    world.policy.start = world.facts.lot.made;
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
}

/* ---- together ---- */

static void the_gravest_leads_and_the_others_are_findings(void **state)
{
    (void)state;
    world.facts.older_free = true;                       /* warn, row 17 */
    PUT(world.facts.other_document, "x:1");              /* confirm, row 9 */
    be_group("SKU-C300", "LB-2501", QTY_ONE);            /* reject, row 11 */
    set_holder(&world.facts.holder, HOLDER_SITE, "GYB"); /* reject, row 14 */
    struct verdict verdict = ask();
    assert_int_equal(verdict.reason, REASON_NOT_ON_ORDER);
    assert_int_equal(verdict.severity, SEVERITY_REJECT);
    assert_int_equal(verdict.override, OVERRIDE_SUPERVISOR);
    assert_int_equal(verdict.findings, REASON_BIT(REASON_OLDER_FIRST) | REASON_BIT(REASON_IN_OTHER_DOCUMENT) |
                                           REASON_BIT(REASON_WRONG_HOLDER));
    PUT(world.facts.recall, "R-7"); /* nobody may overrule that one */
    verdict = ask();
    assert_int_equal(verdict.reason, REASON_RECALLED);
    assert_int_equal(verdict.override, OVERRIDE_NONE);
}

/* An earlier reject that a supervisor may overrule leads, but a later one still forbids it. */
static void no_overrule_past_another_reject(void **state)
{
    (void)state;
    world.document.min_life_days = 301;
    world.facts.code_known = false;
    struct verdict verdict = ask();
    assert_int_equal(verdict.reason, REASON_SHORT_LIFE);
    assert_int_equal(verdict.override, OVERRIDE_NONE);
}

static void policy_softens_until_its_day(void **state)
{
    (void)state;
    world.lines[0].tallied = 6 * QTY_ONE;
    world.policy.enforce[REASON_OVER_QUANTITY] = ENFORCE_OBSERVE;
    expect(REASON_OVER_QUANTITY, SEVERITY_ACCEPT, OVERRIDE_NONE);
    world.policy.enforce[REASON_OVER_QUANTITY] = ENFORCE_WARN;
    world.policy.enforce_until[REASON_OVER_QUANTITY] = TODAY;
    expect(REASON_OVER_QUANTITY, SEVERITY_WARN, OVERRIDE_NONE);
    world.policy.enforce_until[REASON_OVER_QUANTITY] = TODAY - 1;
    expect(REASON_OVER_QUANTITY, SEVERITY_REJECT, OVERRIDE_SUPERVISOR);
}

static void lots_go_to_their_own_lines_first(void **state)
{
    (void)state;
    be_case();
    PUT(world.lines[1].product, "SKU-B200");
    PUT(world.lines[1].lot, "LB-2501");
    world.lines[0].qty = 10 * QTY_ONE;
    world.lines[1].qty = 5 * QTY_ONE;
    struct verdict verdict = ask();
    assert_int_equal(verdict.reason, REASON_OK);
    assert_int_equal(verdict.allocation_count, 2);
    assert_int_equal(verdict.allocations[0].line, 1);
    assert_int_equal(verdict.allocations[0].qty, 5 * QTY_ONE);
    assert_int_equal(verdict.allocations[1].qty, 7 * QTY_ONE);
    assert_int_equal(verdict.open, 15 * QTY_ONE);
}

/* Two lots in one case, one line for both: what is open is not counted twice. */
static void a_line_is_open_once(void **state)
{
    (void)state;
    be_case();
    world.facts.group_count = 2;
    world.facts.groups[0].qty = 6 * QTY_ONE;
    world.facts.groups[1] = world.facts.groups[0];
    PUT(world.facts.groups[1].lot, "LB-2502");
    struct verdict verdict = ask();
    assert_int_equal(verdict.reason, REASON_OK);
    assert_int_equal(verdict.qty, 12 * QTY_ONE);
    assert_int_equal(verdict.open, 24 * QTY_ONE);
}

/* Six of one lot and five of another: they fit when the first lot's line gives its tolerance. */
static void a_container_fits_where_any_way_fits(void **state)
{
    (void)state;
    be_case();
    PUT(world.lines[0].lot, "LB-2501");
    PUT(world.lines[1].product, "SKU-B200");
    world.lines[0].qty = world.lines[1].qty = 5 * QTY_ONE;
    world.lines[0].tolerance = QTY_ONE;
    world.facts.group_count = 2;
    world.facts.groups[0].qty = 6 * QTY_ONE;
    world.facts.groups[1] = world.facts.groups[0];
    PUT(world.facts.groups[1].lot, "LB-2502");
    world.facts.groups[1].qty = 5 * QTY_ONE;
    expect(REASON_OK, SEVERITY_ACCEPT, OVERRIDE_NONE);
    world.facts.groups[1].qty += 1;
    expect(REASON_OVER_QUANTITY, SEVERITY_REJECT, OVERRIDE_SUPERVISOR);
}

#define CASE(name) cmocka_unit_test_setup(name, make_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(ok),
        CASE(malformed),
        CASE(not_goods),
        CASE(document_closed),
        CASE(recalled),
        CASE(void_code),
        CASE(on_hold),
        CASE(expired),
        CASE(short_life),
        CASE(duplicate),
        CASE(in_other_document),
        CASE(unknown_code),
        CASE(unregistered),
        CASE(not_on_order),
        CASE(need_serial),
        CASE(need_lot),
        CASE(need_sscc),
        CASE(wrong_lot),
        CASE(not_received),
        CASE(wrong_holder),
        CASE(already_shipped),
        CASE(partial_container),
        CASE(a_container_without_free_units),
        CASE(no_contents),
        CASE(over_quantity),
        CASE(older_first),
        CASE(near_expiry),
        CASE(shared_order),
        CASE(repeat),
        CASE(pairing),
        CASE(before_start),
        CASE(the_gravest_leads_and_the_others_are_findings),
        CASE(no_overrule_past_another_reject),
        CASE(policy_softens_until_its_day),
        CASE(lots_go_to_their_own_lines_first),
        CASE(a_line_is_open_once),
        CASE(a_container_fits_where_any_way_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
