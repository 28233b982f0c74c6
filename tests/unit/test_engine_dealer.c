/* A dealer's day: goods in, also before the books know; goods out to people, shops, sub-dealers and, by permit, to another dealer; what comes
 * back; and what is in stock meanwhile. */
#include "tests/unit/market_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct stock {
    char text[256];
};

static bool add_stock(void *context, const struct store_stock_row *row)
{
    struct stock *stock = context;
    size_t len = strlen(stock->text);
    char qty[QTY_TEXT_MAX + 1];
    snprintf(stock->text + len, sizeof stock->text - len, "%s/%s %s; ", row->product, row->lot,
             qty_print(row->qty, qty));
    return true;
}

static void expect_stock(struct engine_world *world, const char *expected)
{
    struct stock stock = {""};
    assert_int_equal(engine_stock(world->engine, add_stock, &stock), RC_OK);
    assert_string_equal(stock.text, expected);
}

/* ---- in ---- */

static void lines_are_what_is_on_the_way(void **state)
{
    struct engine_world *world = *state;
    struct document *document = NULL;
    const char *no = flow_start(world, "dealer-in", NULL);
    assert_int_equal(engine_document(world->engine, no, &document), RC_OK);
    assert_int_equal(document->line_count, 2); /* T1 to T4 and the case of four; the recalled one */
    assert_string_equal(document->lines[0].lot, "L1");
    assert_int_equal(document->lines[0].qty, 8 * QTY_ONE);
    assert_int_equal(document->lines[1].qty, QTY_ONE);
    document_free(document);
}

static void goods_come_in_missing_and_extra_are_told(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "dealer-in", NULL);
    engine_world_expect(world, no, CASE, "ok", "accept");
    engine_world_expect(world, no, ITEM("T1"), "ok", "accept");
    engine_world_expect(world, no, ITEM("T3"), "ok", "accept");
    engine_world_expect(world, no, ITEM("T4"), "ok", "accept");
    engine_world_expect(world, no, ITEM("H1"), "wrong-holder", "accept"); /* it is here already */
    assert_true(engine_world_scan(world, no, ITEM("TR"), 0)->to_quarantine);
    engine_world_expect(world, no, ITEM("NEW"), "unregistered", "warn"); /* the books are late */
    flow_complete(world, no); /* with the two that nobody sent the line is full */
    flow_expect_at(world, ITEM("T1"), "site:CDB");
    flow_expect_at(world, ITEM("X1"), "site:CDB");
    flow_expect_at(world, ITEM("T2"), "transit:party:D-1");
    expect_stock(world, "B/ 1; B/L1 11; B/LR 1; D/ 40; ");
    engine_world_verify(world);
}

static void what_is_missing_needs_a_reason(void **state)
{
    struct engine_world *world = *state;
    struct completion completion = {.short_reason = "damaged"};
    const char *no = flow_start(world, "dealer-in", NULL);
    engine_world_expect(world, no, ITEM("T1"), "ok", "accept");
    assert_int_equal(flow_try_complete(world, no, &(struct completion){.field_count = 0}), RC_SHORT);
    assert_int_equal(flow_try_complete(world, no, &completion), RC_OK);
    /* what has come is not on the way any more */
    struct document *document = NULL;
    no = flow_start(world, "dealer-in", NULL);
    assert_int_equal(engine_document(world->engine, no, &document), RC_OK);
    assert_int_equal(document->lines[0].qty, 7 * QTY_ONE);
    document_free(document);
}

/* ---- out ---- */

static void a_sale_to_a_person(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "dealer-out", NULL);
    engine_world_expect(world, no, ITEM("H1"), "ok", "accept");
    engine_world_expect(world, no, ITEM("T1"), "ok", "accept"); /* on the way counts as received */
    engine_world_expect(world, no, ITEM("T3"), "ok", "accept");
    engine_world_expect(world, no, ITEM("T4"), "ok", "accept");
    engine_world_expect(world, no, ITEM("S1"), "already-shipped", "reject");
    engine_world_expect(world, no, ITEM("FOREIGN"), "unregistered", "reject");
    engine_world_scan(world, no, D_CLASS, 5 * QTY_ONE);
    assert_int_equal(flow_try_complete(world, no, &(struct completion){.set_aside = true}), RC_OK);
    flow_expect_at(world, ITEM("H1"), "sold");
    flow_expect_at(world, ITEM("T1"), "sold");
    flow_expect_at(world, ITEM("S1"), "party:S-1");
    expect_stock(world, "B/L1 3; D/ 35; ");
}

static void those_with_a_site_take_it_in_there(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "dealer-out", "to=S-1", NULL);
    engine_world_expect(world, no, ITEM("H1"), "ok", "accept");
    flow_complete(world, no);
    flow_expect_at(world, ITEM("H1"), "transit:party:S-1");
    no = flow_start(world, "dealer-out", "to=S-2", NULL);
    engine_world_expect(world, no, ITEM("H2"), "ok", "accept");
    flow_complete(world, no);
    flow_expect_at(world, ITEM("H2"), "party:S-2");
    no = flow_start(world, "dealer-out", "to=R-1", NULL);
    engine_world_expect(world, no, ITEM("H3"), "ok", "accept");
    flow_complete(world, no);
    flow_expect_at(world, ITEM("H3"), "party:R-1");
    expect_stock(world, "B/L1 1; D/ 40; ");
}

static void goods_go_to_somebody_else(void **state)
{
    struct engine_world *world = *state;
    const char *field = "";
    assert_int_equal(flow_try_start(world, "dealer-out", "to=D-1", NULL, &field), RC_BAD_INPUT);
    assert_int_equal(flow_try_start(world, "dealer-out", "to=CDB", NULL, &field), RC_BAD_INPUT);
    assert_int_equal(flow_try_start(world, "dealer-out", "to=D-9", NULL, &field), RC_NOT_FOUND);
    assert_string_equal(field, "to");
}

/* Three may go, one has gone: the data centre says so. */
static void to_another_dealer_by_permit_only(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "dealer-out", "to=D-2", NULL);
    engine_world_expect(world, no, ITEM("H1"), "ok", "accept");
    int64_t second = engine_world_expect(world, no, ITEM("H2"), "ok", "accept");
    int64_t third = engine_world_expect(world, no, ITEM("H3"), "not-on-order", "reject");
    assert_int_equal(flow_undo(world, no, third), RC_OK);
    assert_int_equal(flow_undo(world, no, second), RC_OK);
    engine_world_expect(world, no, ITEM("H3"), "ok", "accept");
    flow_complete(world, no);
    flow_expect_at(world, ITEM("H3"), "party:D-2");
    const char *again = flow_start(world, "dealer-out", "to=D-2", NULL);
    third = engine_world_expect(world, again, ITEM("H2"), "not-on-order", "reject");
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, again), third, "li"), RC_OK);
    /* the server has taken the records over: its word alone counts then */
    engine_world_page(world, engine_world_last(world),
                      "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\",\"qty\":\"9\","
                      "\"used\":\"3\",\"until\":\"2026-12-31\"}\n");
    engine_world_expect(world, again, ITEM("H4"), "ok", "accept");
}

static void other_goods_and_other_days_have_no_permit(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "dealer-out", "to=D-2", NULL);
    struct outcome *outcome = engine_world_scan(world, no, D_CLASS, QTY_ONE);
    assert_int_equal(outcome->verdict.reason, REASON_NOT_ON_ORDER);
    assert_true(outcome->facts.no_permit);
    engine_world_tell(world, "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\","
                             "\"until\":\"2026-11-21\"}\n"
                             "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\","
                             "\"until\":\"2026-12-31\",\"gone\":true}\n");
    engine_world_expect(world, no, ITEM("H1"), "not-on-order", "reject");
    engine_world_tell(world, "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\","
                             "\"until\":\"2026-11-22\"}\n");
    engine_world_expect(world, no, ITEM("H1"), "ok", "accept");
}

/* A shop below another dealer is that dealer's; one that is nobody's may have what it likes. */
static void to_anothers_shop_by_permit_only(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, "{\"type\":\"party\",\"id\":\"R-8\",\"kind\":\"retailer\",\"parent\":\"D-2\"}\n"
                             "{\"type\":\"party\",\"id\":\"R-9\",\"kind\":\"retailer\"}\n");
    const char *no = flow_start(world, "dealer-out", "to=R-8", NULL);
    engine_world_expect(world, no, ITEM("H1"), "not-on-order", "reject");
    no = flow_start(world, "dealer-out", "to=R-9", NULL);
    engine_world_expect(world, no, ITEM("H2"), "ok", "accept");
}

/* What has gone is taken from the permit that ends first; another one is beside it. */
static void a_renewed_permit_adds_to_the_old_one(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\","
                             "\"qty\":\"1\",\"until\":\"2027-12-31\"}\n"
                             "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\","
                             "\"qty\":\"9\",\"until\":\"2026-11-21\"}\n");
    const char *no = flow_start(world, "dealer-out", "to=D-2", NULL);
    engine_world_expect(world, no, ITEM("H1"), "ok", "accept");
    engine_world_expect(world, no, ITEM("H2"), "ok", "accept");
    engine_world_expect(world, no, ITEM("H3"), "ok", "accept");
    engine_world_expect(world, no, ITEM("H4"), "not-on-order", "reject");
}

/* ---- back ---- */

static void ones_own_goods_come_back(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "return", NULL);
    struct outcome *outcome = engine_world_scan(world, no, ITEM("P2"), 0);
    assert_int_equal(outcome->verdict.reason, REASON_OK);
    assert_false(outcome->to_quarantine);
    flow_complete(world, no);
    flow_expect_at(world, ITEM("P2"), "site:CDB");
    flow_expect_state(world, ITEM("P2"), STATE_RETURNED);
}

static void anothers_goods_are_kept_apart(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "return", "from=R-1", NULL);
    struct outcome *outcome = engine_world_scan(world, no, ITEM("FOREIGN"), 0);
    assert_int_equal(outcome->verdict.reason, REASON_UNREGISTERED);
    assert_int_equal(outcome->verdict.severity, SEVERITY_WARN);
    assert_true(outcome->to_quarantine);
    outcome = engine_world_scan(world, no, ITEM("S1"), 0);
    assert_int_equal(outcome->verdict.reason, REASON_ALREADY_SHIPPED);
    assert_int_equal(outcome->verdict.severity, SEVERITY_ACCEPT);
    assert_true(outcome->to_quarantine);
    outcome = engine_world_scan(world, no, ITEM("P1"), 0);
    assert_int_equal(outcome->verdict.reason, REASON_OK);
    assert_false(outcome->to_quarantine);
}

static void stock_is_the_same_before_and_after_the_sync(void **state)
{
    struct engine_world *world = *state;
    expect_stock(world, "B/L1 4; D/ 40; ");
    const char *no = flow_start(world, "dealer-in", NULL);
    engine_world_expect(world, no, CASE, "ok", "accept");
    assert_int_equal(flow_try_complete(world, no, &(struct completion){.short_reason = "other"}), RC_OK);
    no = flow_start(world, "dealer-out", NULL);
    engine_world_expect(world, no, ITEM("X2"), "ok", "accept");
    flow_complete(world, no);
    expect_stock(world, "B/L1 7; D/ 40; ");
    engine_world_page(world, engine_world_last(world),
                      "{\"type\":\"code\",\"code\":\"(00)069012340000000016\",\"holder\":\"site:CDB\"}\n"
                      "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)X2\",\"in\":null,\"holder\":\"sold\"}\n");
    expect_stock(world, "B/L1 7; D/ 40; ");
}

/* For the clerk beside the auditor: where a party has a site, the goods there are the party's. */
static void a_party_gives_back_from_its_site(void **state)
{
    struct engine_world *world = *state;
    flow_sign_in(world, "zhao", "1357");
    const char *no = flow_start(world, "return", "from=S-1", NULL);
    assert_int_equal(engine_world_scan(world, no, ITEM("C7"), 0)->verdict.reason, REASON_OK);
    assert_int_equal(engine_world_scan(world, no, ITEM("C3"), 0)->verdict.findings & REASON_BIT(REASON_WRONG_HOLDER),
                     REASON_BIT(REASON_WRONG_HOLDER));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, dealer_world_open, flow_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_are_what_is_on_the_way),
        TEST(goods_come_in_missing_and_extra_are_told),
        TEST(what_is_missing_needs_a_reason),
        TEST(a_sale_to_a_person),
        TEST(those_with_a_site_take_it_in_there),
        TEST(goods_go_to_somebody_else),
        TEST(to_another_dealer_by_permit_only),
        TEST(other_goods_and_other_days_have_no_permit),
        TEST(a_renewed_permit_adds_to_the_old_one),
        TEST(to_anothers_shop_by_permit_only),
        TEST(ones_own_goods_come_back),
        TEST(anothers_goods_are_kept_apart),
        TEST(stock_is_the_same_before_and_after_the_sync),
        cmocka_unit_test_setup_teardown(a_party_gives_back_from_its_site, audit_world_open, flow_world_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
