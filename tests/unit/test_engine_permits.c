/* A visit of the market where a permit lets goods go: for so many pieces. */
#include "tests/unit/market_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *visit(struct engine_world *world, const char *region)
{
    char pair[64];
    snprintf(pair, sizeof pair, "region=%s", region);
    return flow_start(world, "audit", pair, "shop=老王烟酒", "address=一环路 1 号", NULL);
}

static struct outcome *found(struct engine_world *world, const char *no, const char *text, const char *reason)
{
    struct outcome *outcome = engine_world_scan(world, no, text, 0);
    assert_string_equal(reason_word(outcome->verdict.reason), reason);
    assert_int_equal(outcome->verdict.severity, SEVERITY_ACCEPT);
    return outcome;
}

/* What a permit has left is for all that is in it, not for one case. */
static void a_permit_is_for_so_many_pieces(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world,
                      "{\"type\":\"permit\",\"from\":\"D-2\",\"to\":\"D-1\",\"product\":\"B\",\"qty\":\"1\"}\n");
    struct outcome *outcome = found(world, visit(world, "510104"), ITEM("C2"), "in-region");
    assert_true(outcome->facts.market.by_permit);
    found(world, visit(world, "510104"), CASE, "out-of-region");
}

/* And for all that one visit finds of them; what was undone was not found. */
static void a_visits_finds_are_added_up(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world,
                      "{\"type\":\"permit\",\"from\":\"D-2\",\"to\":\"D-1\",\"product\":\"B\",\"qty\":\"2\"}\n");
    const char *no = visit(world, "510104");
    struct outcome *outcome = found(world, no, ITEM("C2"), "in-region");
    int64_t first = outcome->seq;
    assert_true(outcome->facts.market.by_permit);
    outcome = found(world, no, CASE, "out-of-region"); /* two more */
    assert_false(outcome->facts.market.by_permit);
    assert_int_equal(engine_undo(world->engine, flow_doc(world, no), outcome->seq), RC_OK);
    assert_int_equal(engine_undo(world->engine, flow_doc(world, no), first), RC_OK);
    assert_true(found(world, no, CASE, "in-region")->facts.market.by_permit);
    assert_true(found(world, visit(world, "510104"), CASE, "in-region")->facts.market.by_permit); /* another visit */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_permit_is_for_so_many_pieces, audit_world_open, flow_world_close),
        cmocka_unit_test_setup_teardown(a_visits_finds_are_added_up, audit_world_open, flow_world_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
