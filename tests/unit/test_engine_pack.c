/* Packing, unpacking, replacing, relabelling: true in the moment the scan is on disk, and undone exactly. */
#include "tests/unit/flow_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct outcome *ok(struct engine_world *world, const char *no, const char *text)
{
    struct outcome *outcome = engine_world_scan(world, no, text, 0);
    if (outcome->verdict.severity > SEVERITY_WARN)
        fail_msg("%s: %s", text, reason_word(outcome->verdict.reason));
    return outcome;
}

static void four_loose(struct engine_world *world, const char *no)
{
    for (int i = 1; i <= 4; i++) {
        char key[40];
        snprintf(key, sizeof key, ITEM("S%d"), i);
        struct outcome *outcome = ok(world, no, key);
        assert_int_equal(outcome->filled, i);
        assert_int_equal(outcome->rule, 4);
        assert_false(outcome->container_closed);
        assert_string_equal(outcome->container, "");
    }
}

static void label_last(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "pack", NULL);
    four_loose(world, no);
    flow_expect_in(world, ITEM("S1"), "");
    struct outcome *outcome = ok(world, no, LABEL);
    assert_true(outcome->container_closed);
    assert_string_equal(outcome->container, LABEL);
    assert_int_equal(outcome->filled, 4);
    assert_int_equal(outcome->rule, 4);
    int64_t seq = outcome->seq;
    flow_expect_in(world, ITEM("S1"), LABEL);
    flow_expect_in(world, ITEM("S4"), LABEL);
    flow_sign_in(world, "zhao", "1357");
    assert_int_equal(flow_undo(world, no, seq), RC_SUPERVISOR); /* another one packed it */
    flow_sign_in(world, "wang", "2468");
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    flow_expect_in(world, ITEM("S1"), "");
    ok(world, no, LABEL); /* they are loose again, and packed again */
    flow_expect_in(world, ITEM("S1"), LABEL);
    outcome = ok(world, "SO-1", ITEM("S1")); /* nothing of it is reserved any more */
    assert_string_equal(reason_word(outcome->verdict.reason), "ok");
    flow_complete(world, no);
    engine_world_verify(world);
}

static void label_first(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "pack", NULL);
    struct outcome *outcome = ok(world, no, LABEL);
    assert_string_equal(outcome->container, LABEL);
    assert_false(outcome->container_closed);
    int64_t seq = 0;
    for (int i = 1; i <= 4; i++) {
        char key[40];
        snprintf(key, sizeof key, ITEM("S%d"), i);
        outcome = ok(world, no, key);
        assert_int_equal(outcome->filled, i);
        assert_string_equal(outcome->container, LABEL);
        assert_int_equal(outcome->container_closed, i == 4);
        flow_expect_in(world, key, LABEL);
        seq = outcome->seq;
    }
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    flow_expect_in(world, ITEM("S4"), "");
    flow_expect_in(world, ITEM("S3"), LABEL);
    assert_int_equal(engine_exchange(world->engine, flow_doc(world, no), seq - 1), RC_OK);
    flow_expect_in(world, ITEM("S3"), ""); /* damaged while it was packed */
    flow_expect_state(world, ITEM("S3"), STATE_DAMAGED);
    flow_complete(world, no);
    engine_world_verify(world);
}

static void too_few_are_a_broken_case(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "pack", NULL);
    ok(world, no, ITEM("S1"));
    ok(world, no, ITEM("S2"));
    int64_t seq = engine_world_expect(world, no, LABEL, "partial-container", "confirm");
    flow_expect_in(world, ITEM("S1"), ""); /* nothing yet */
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, no), seq, ""), RC_OK);
    flow_expect_in(world, ITEM("S1"), LABEL);
    flow_expect_in(world, ITEM("S2"), LABEL);
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    flow_expect_in(world, ITEM("S1"), "");
    engine_world_verify(world);
}

static void cases_go_on_a_pallet(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "pack", NULL);
    ok(world, no, CASE);
    struct outcome *outcome = ok(world, no, CASE2);
    assert_int_equal(outcome->filled, 2);
    assert_int_equal(outcome->rule, 2);
    outcome = ok(world, no, PALLET);
    assert_true(outcome->container_closed);
    flow_expect_in(world, CASE, PALLET);
    flow_expect_in(world, ITEM("A1"), CASE);
    flow_complete(world, no);
    no = flow_start(world, "transfer", "to=RDB", NULL);
    outcome = ok(world, no, PALLET);
    assert_int_equal(outcome->verdict.qty, 8 * QTY_ONE);
    flow_complete(world, no);
    flow_expect_at(world, ITEM("E4"), "transit:site:RDB");
    engine_world_verify(world);
}

/* Emptied on the pallet, a case is no longer one of those that make it full. */
static void an_emptied_case_fills_no_pallet(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "pack", NULL), *unpack = flow_start(world, "unpack", "mode=empty", NULL);
    ok(world, no, PALLET);
    assert_int_equal(ok(world, no, CASE)->rule, 2);
    engine_world_expect(world, unpack, CASE, "ok", "accept");
    flow_expect_in(world, CASE, PALLET);
    assert_false(ok(world, no, CASE2)->container_closed);
    flow_expect_in(world, CASE2, PALLET);
    engine_world_verify(world);
}

static void a_case_packed_here_goes_on_a_pallet_here(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "pack", NULL);
    four_loose(world, no);
    ok(world, no, LABEL);
    struct outcome *outcome = ok(world, no, LABEL); /* goods now */
    assert_int_equal(outcome->verdict.qty, 0);      /* its units were counted when they went in */
    ok(world, no, CASE);
    ok(world, no, PALLET);
    flow_expect_in(world, LABEL, PALLET);
    flow_expect_in(world, ITEM("S1"), LABEL);
    flow_complete(world, no);
    engine_world_verify(world);
}

static void a_container_is_used_again(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "transfer", "to=RDB", NULL);
    for (int i = 1; i <= 4; i++) {
        char key[40];
        snprintf(key, sizeof key, ITEM("A%d"), i);
        ok(world, no, key);
    }
    flow_complete(world, no); /* they left without it */
    no = flow_start(world, "pack", NULL);
    four_loose(world, no);
    ok(world, no, CASE);
    flow_expect_in(world, ITEM("S1"), CASE);
    flow_expect_in(world, ITEM("A1"), "");
    no = flow_start(world, "transfer", "to=RDB", NULL);
    assert_int_equal(ok(world, no, CASE)->verdict.qty, 4 * QTY_ONE);
    engine_world_verify(world);
}

/* It left full and is here empty; undone, it is with what it left with. */
static void a_container_that_came_back_is_used_again(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "transfer", "to=RDB", NULL);
    ok(world, no, CASE);
    flow_complete(world, no);
    flow_expect_at(world, CASE, "transit:site:RDB");
    no = flow_start(world, "pack", NULL);
    four_loose(world, no);
    int64_t seq = ok(world, no, CASE)->seq;
    flow_expect_at(world, CASE, "site:CDB");
    flow_expect_in(world, ITEM("A1"), "");
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    flow_expect_in(world, ITEM("A1"), CASE);
    flow_expect_at(world, CASE, "transit:site:RDB");
    engine_world_verify(world);
}

/* ---- out of it again ---- */

static void one_comes_out(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "unpack", NULL);
    int64_t seq = ok(world, no, ITEM("A1"))->seq;
    flow_expect_in(world, ITEM("A1"), "");
    flow_expect_in(world, ITEM("A2"), CASE);
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    flow_expect_in(world, ITEM("A1"), CASE);
    ok(world, no, ITEM("A1"));
    engine_world_expect(world, no, ITEM("S1"), "not-on-order", "reject"); /* it is in nothing */
    assert_int_equal(flow_try_complete(world, no, &(struct completion){.set_aside = true}), RC_OK);
    flow_expect_in(world, ITEM("A1"), "");
    engine_world_verify(world);
}

static bool says_all(void *context, const struct store_journal_line *line)
{
    bool *said = context;
    *said = strstr(line->body, "\"all\":true") && strstr(line->body, ITEM("A2"));
    return false;
}

static void all_come_out(void **state)
{
    struct engine_world *world = *state;
    bool said = false;
    const char *no = flow_start(world, "unpack", "mode=empty", NULL);
    int64_t seq = ok(world, no, CASE)->seq;
    assert_int_equal(store_journal(engine_store(world->engine), seq, says_all, &said), RC_OK);
    assert_true(said); /* what nobody here knows comes out, too */
    for (int i = 1; i <= 4; i++) {
        char key[40];
        snprintf(key, sizeof key, ITEM("A%d"), i);
        flow_expect_in(world, key, "");
    }
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    flow_expect_in(world, ITEM("A3"), CASE);
    ok(world, no, CASE);
    flow_complete(world, no);
    flow_expect_in(world, ITEM("A3"), "");
    engine_world_verify(world);
}

/* ---- pairs ---- */

static void b_takes_the_place_of_a(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "replace", NULL);
    struct outcome *outcome = ok(world, no, ITEM("A1"));
    assert_true(outcome->pair_waits);
    assert_int_equal(flow_try_complete(world, no, &(struct completion){.field_count = 0}), RC_UNPAIRED);
    outcome = ok(world, no, ITEM("S1"));
    assert_false(outcome->pair_waits);
    int64_t seq = outcome->seq;
    flow_expect_in(world, ITEM("S1"), CASE);
    flow_expect_in(world, ITEM("A1"), "");
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    flow_expect_in(world, ITEM("S1"), "");
    flow_expect_in(world, ITEM("A1"), CASE);
    outcome = ok(world, no, ITEM("S2")); /* A still waits */
    assert_false(outcome->pair_waits);
    flow_expect_in(world, ITEM("S2"), CASE);
    flow_complete(world, no);
    engine_world_verify(world);
}

static void b_is_what_a_was(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "relabel", NULL);
    assert_true(ok(world, no, ITEM("A1"))->pair_waits);
    int64_t seq = ok(world, no, ITEM("N1"))->seq;
    flow_expect_state(world, ITEM("A1"), STATE_VOID);
    flow_expect_in(world, ITEM("N1"), CASE);
    flow_expect_at(world, ITEM("N1"), "site:CDB");
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    flow_expect_state(world, ITEM("A1"), STATE_ACTIVE);
    flow_expect_in(world, ITEM("A1"), CASE);
    ok(world, no, ITEM("N2"));
    ok(world, no, ITEM("S1"));
    engine_world_expect(world, no, ITEM("S2"), "not-on-order", "reject"); /* somebody's code already */
    int64_t last = engine_world_last(world);
    assert_int_equal(engine_set_aside(world->engine, flow_doc(world, no), last), RC_OK);
    assert_int_equal(flow_try_complete(world, no, &(struct completion){.field_count = 0}), RC_UNPAIRED);
    ok(world, no, ITEM("N3"));
    flow_complete(world, no);
    engine_world_expect(world, "SO-1", ITEM("A1"), "void-code", "reject");
    engine_world_expect(world, "SO-1", ITEM("N2"), "ok", "accept");
    engine_world_verify(world);
}

static void empty_a_case(struct engine_world *world)
{
    const char *no = flow_start(world, "unpack", "mode=empty", NULL);
    ok(world, no, CASE);
    flow_complete(world, no);
}

static void an_emptied_case_is_not_what_it_held(void **state)
{
    static struct facts facts;
    struct engine_world *world = *state;
    flow_facts(world, CASE, &facts);
    assert_string_equal(facts.product.id, "B");
    assert_string_equal(facts.lot.id, "L1");
    empty_a_case(world);
    flow_facts(world, CASE, &facts);
    assert_false(facts.product_known);
    assert_string_equal(facts.lot.id, "");
    const char *no = flow_start(world, "pack", NULL); /* packed here, and emptied again */
    four_loose(world, no);
    ok(world, no, CASE);
    flow_complete(world, no);
    flow_facts(world, CASE, &facts);
    assert_string_equal(facts.product.id, "B");
    empty_a_case(world);
    flow_facts(world, CASE, &facts);
    assert_false(facts.product_known);
    assert_string_equal(facts.lot.id, "");
}

/* The pallet was inspected with all on it: what is in the case keeps that when the case is taken off. */
static void what_comes_off_keeps_its_state(void **state)
{
    struct engine_world *world = *state;
    engine_world_page(world, 0, "{\"type\":\"code\",\"code\":\"" ITEM("A1") "\",\"state\":\"returned\"}\n");
    const char *no = flow_start(world, "pack", NULL);
    ok(world, no, CASE2);
    int64_t label = engine_world_expect(world, no, PALLET, "partial-container", "confirm");
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, no), label, ""), RC_OK);
    flow_complete(world, no);
    no = flow_start(world, "replace", NULL); /* goods on hold are not packed */
    ok(world, no, CASE2);
    ok(world, no, CASE);
    flow_complete(world, no);
    flow_expect_in(world, CASE, PALLET);
    flow_sign_in(world, "li", "13572468");
    no = flow_start(world, "inspect", NULL);
    ok(world, no, PALLET);
    flow_complete(world, no);
    flow_expect_state(world, ITEM("A1"), STATE_ACTIVE);
    no = flow_start(world, "unpack", "mode=out", NULL);
    ok(world, no, CASE);
    flow_expect_state(world, ITEM("A1"), STATE_ACTIVE);
    engine_world_verify(world);
}

static void come_back(struct engine_world *world, const char *key)
{
    const char *no = flow_start(world, "return", "from=D-1", NULL);
    ok(world, no, key);
    struct completion completion = {.field_count = 2, .fields = {{"reason", "unsold"}, {"condition", "good"}}};
    assert_int_equal(flow_try_complete(world, no, &completion), RC_OK);
}

/* The pallet was given away and came back, all on this device: what is in the case was told to stand here, and went with it. */
static void what_comes_off_has_been_everywhere(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world,
                      "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\",\"quarantine\":\"CDB\"}\n"
                      "{\"type\":\"code\",\"code\":\"(00)069012340000000030\",\"level\":2,\"holder\":\"site:CDB\"}\n"
                      "{\"type\":\"code\",\"code\":\"(00)069012340000000016\",\"in\":\"(00)069012340000000030\"}\n"
                      "{\"type\":\"code\",\"code\":\"(00)069012340000000023\",\"in\":\"(00)069012340000000030\"}\n"
                      "{\"type\":\"code\",\"code\":\"" ITEM("A1") "\",\"holder\":\"site:CDB\"}\n");
    const char *no = flow_start(world, "sample", "reason=gift", "who=zhao", NULL);
    ok(world, no, PALLET);
    flow_complete(world, no);
    flow_expect_at(world, ITEM("A1"), "sold");
    come_back(world, PALLET);
    flow_expect_state(world, ITEM("A1"), STATE_RETURNED);
    no = flow_start(world, "unpack", "mode=out", NULL);
    ok(world, no, CASE);
    flow_expect_in(world, CASE, "");
    flow_expect_at(world, ITEM("A1"), "site:CDB");
    flow_expect_state(world, ITEM("A1"), STATE_RETURNED);
    flow_expect_state(world, ITEM("E1"), STATE_RETURNED);
    engine_world_verify(world);
}

#define WINE "WINE-000001"

static void a_mixed_case_is_one_product_again(void **state)
{
    struct engine_world *world = *state;
    engine_world_page(world, 0,
                      "{\"type\":\"code\",\"code\":\"" WINE
                      "\",\"product\":\"W\",\"lot\":\"W1\",\"holder\":\"site:CDB\"}\n");
    const char *no = flow_start(world, "pack", NULL);
    ok(world, no, LABEL);
    int64_t seq = ok(world, no, WINE)->seq;
    ok(world, no, ITEM("S1"));
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    int64_t label = engine_world_expect(world, no, LABEL, "partial-container", "confirm");
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, no), label, ""), RC_OK);
    struct outcome *outcome = ok(world, no, LABEL);
    assert_string_equal(outcome->facts.product.id, "B");
    engine_world_verify(world);
}

/* Its empty place on a loose pallet: that would put each into the other. */
static void a_label_inside_loose_goods_holds_none(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "pack", NULL);
    ok(world, no, CASE);
    ok(world, no, CASE2);
    ok(world, no, PALLET);
    flow_complete(world, no);
    empty_a_case(world);
    no = flow_start(world, "pack", NULL);
    ok(world, no, PALLET);
    engine_world_expect(world, no, CASE, "duplicate", "reject");
    flow_expect_in(world, CASE, PALLET);
    flow_expect_in(world, PALLET, "");
    engine_world_verify(world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, flow_world_open, flow_world_close)

/* One that nobody has a word for says nothing of what the case is. */
static void a_nameless_child_makes_no_mixed_case(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"learn\"}\n");
    const char *no = flow_start(world, "replace", NULL);
    ok(world, no, ITEM("A1"));
    engine_world_expect(world, no, "X1", "unknown-code", "warn");
    flow_expect_in(world, "X1", CASE);
    flow_complete(world, no);
    no = flow_start(world, "pack", NULL);
    ok(world, no, LABEL);
    ok(world, no, CASE);
    engine_world_expect(world, no, LABEL, "partial-container", "confirm"); /* two cases of B go on a pallet */
}

/* The case is told to be in what comes back, and to stand here: it does not come along, so nothing leaves it. */
static void what_does_not_go_along_keeps_what_is_in_it(void **state)
{
#define RETURNED "(00)069012340000000092"
    struct engine_world *world = *state;
    engine_world_tell(world, "{\"type\":\"code\",\"code\":\"" RETURNED "\",\"level\":2,\"holder\":\"party:D-1\"}\n"
                             "{\"type\":\"code\",\"code\":\"(00)069012340000000016\",\"in\":\"" RETURNED
                             "\",\"holder\":\"site:CDB\"}\n");
    ok(world, "SO-1", ITEM("A1"));
    const char *no = flow_start(world, "return", "from=D-1", NULL);
    int64_t seq = engine_world_expect(world, no, RETURNED, "partial-container", "confirm");
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, no), seq, ""), RC_OK);
    flow_complete(world, no);
    flow_expect_at(world, RETURNED, "site:CDB");
    flow_expect_in(world, ITEM("A1"), CASE);
    engine_world_verify(world);
}

/* Nobody had told where pallet and case are; then goods of which that is known go in. */
static void a_pallet_is_where_its_goods_are(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"learn\"}\n"
                             "{\"type\":\"code\",\"code\":\"(00)069012340000000030\",\"level\":2}\n"
                             "{\"type\":\"code\",\"code\":\"(00)069012340000000047\",\"level\":1,"
                             "\"in\":\"(00)069012340000000030\"}\n"
                             "{\"type\":\"code\",\"code\":\"X1\",\"in\":\"(00)069012340000000047\"}\n");
    flow_expect_at(world, PALLET, "unknown");
    const char *no = flow_start(world, "replace", NULL);
    engine_world_expect(world, no, "X1", "ok", "accept");
    engine_world_expect(world, no, ITEM("S1"), "ok", "accept");
    flow_expect_in(world, ITEM("S1"), LABEL);
    flow_expect_at(world, LABEL, "site:CDB");
    flow_expect_at(world, PALLET, "site:CDB");
    engine_world_verify(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(label_last),
        TEST(label_first),
        TEST(too_few_are_a_broken_case),
        TEST(cases_go_on_a_pallet),
        TEST(an_emptied_case_fills_no_pallet),
        TEST(a_case_packed_here_goes_on_a_pallet_here),
        TEST(a_container_is_used_again),
        TEST(a_container_that_came_back_is_used_again),
        TEST(one_comes_out),
        TEST(all_come_out),
        TEST(b_takes_the_place_of_a),
        TEST(b_is_what_a_was),
        TEST(an_emptied_case_is_not_what_it_held),
        TEST(what_comes_off_keeps_its_state),
        TEST(what_comes_off_has_been_everywhere),
        TEST(a_mixed_case_is_one_product_again),
        TEST(a_label_inside_loose_goods_holds_none),
        TEST(a_nameless_child_makes_no_mixed_case),
        TEST(what_does_not_go_along_keeps_what_is_in_it),
        TEST(a_pallet_is_where_its_goods_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
