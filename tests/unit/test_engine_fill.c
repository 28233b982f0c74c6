/* How full a container is, from scan to scan, is what it is when all of it is looked at. */
#include "app/store/fill.h"
#include "app/store/store_private.h"
#include "tests/unit/flow_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* `count` are in the pallet; answers whether anything was kept. */
static bool expect_fill(struct engine_world *world, int count)
{
    struct store *store = engine_store(world->engine);
    struct catalog *catalog = NULL;
    struct fill kept, anew;
    bool keeps = strcmp(store->fill_kept.container, PALLET) == 0;
    store_catalog(store, &catalog);
    assert_int_equal(fill_gather(store, catalog, PALLET, &kept), RC_OK);
    fill_forget(&store->fill_kept);
    assert_int_equal(fill_gather(store, catalog, PALLET, &anew), RC_OK);
    assert_int_equal(anew.count, count);
    assert_int_equal(kept.count, anew.count);
    assert_int_equal(kept.level, anew.level);
    assert_int_equal(kept.mixed, anew.mixed);
    assert_string_equal(kept.product, anew.product);
    return keeps;
}

static void what_goes_in_is_added(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "pack", NULL);
    engine_world_expect(world, no, PALLET, "ok", "accept");
    engine_world_expect(world, no, CASE, "ok", "accept");
    assert_true(expect_fill(world, 1));
    struct outcome *outcome = engine_world_scan(world, no, CASE, 0); /* again: nothing */
    assert_true(outcome->verdict.severity == SEVERITY_REJECT);
    assert_true(expect_fill(world, 1));
    outcome = engine_world_scan(world, no, CASE2, 0);
    assert_true(outcome->container_closed);
    assert_int_equal(outcome->filled, 2);
    assert_true(expect_fill(world, 2));
    engine_world_verify(world);
}

static void what_is_undone_is_out(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "pack", NULL);
    engine_world_expect(world, no, PALLET, "ok", "accept");
    int64_t seq = engine_world_expect(world, no, CASE, "ok", "accept");
    expect_fill(world, 1);
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    assert_false(expect_fill(world, 0));
    struct outcome *outcome = engine_world_scan(world, no, CASE2, 0);
    assert_int_equal(outcome->filled, 1);
    assert_false(outcome->container_closed);
    expect_fill(world, 1);
}

static void what_another_job_takes_out_is_out(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "pack", NULL), *out = flow_start(world, "unpack", "mode=out", NULL);
    engine_world_expect(world, no, PALLET, "ok", "accept");
    engine_world_expect(world, no, CASE, "ok", "accept");
    expect_fill(world, 1);
    engine_world_scan(world, out, CASE, 0);
    flow_expect_in(world, CASE, "");
    assert_false(expect_fill(world, 0));
    assert_int_equal(engine_world_scan(world, no, CASE2, 0)->filled, 1);
    expect_fill(world, 1);
}

/* What the server has by now, and what it tells to be elsewhere. */
static void what_is_told_is_taken_over(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "pack", NULL);
    engine_world_expect(world, no, PALLET, "ok", "accept");
    engine_world_expect(world, no, CASE, "ok", "accept");
    expect_fill(world, 1);
    engine_world_page(world, engine_world_last(world),
                      "{\"type\":\"code\",\"code\":\"(00)069012340000000016\",\"in\":null}\n");
    struct outcome *outcome = engine_world_scan(world, no, CASE2, 0);
    assert_int_equal(outcome->filled, 1);
    expect_fill(world, 1);
}

int main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, flow_world_open, flow_world_close)
    const struct CMUnitTest tests[] = {
        ONE(what_goes_in_is_added),
        ONE(what_is_undone_is_out),
        ONE(what_another_job_takes_out_is_out),
        ONE(what_is_told_is_taken_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
