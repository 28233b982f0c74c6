/* Nothing is inside itself, whatever was undone, and books that say so end no program. */
#include "app/store/books.h"
#include "tests/unit/flow_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OTHER "(00)069012340000000054"
#define TOLD                                                                                                         \
    "{\"type\":\"code\",\"code\":\"plain:U1\",\"product\":\"B\",\"level\":0}\n"                                      \
    "{\"type\":\"code\",\"code\":\"plain:U5\",\"product\":\"B\",\"level\":0}\n"
#define PALLET_IN_LABEL                                                                                              \
    "{\"type\":\"code\",\"code\":\"(00)069012340000000047\",\"in\":null,\"holder\":\"site:CDB\"}\n"                  \
    "{\"type\":\"code\",\"code\":\"(00)069012340000000030\",\"in\":\"(00)069012340000000047\"}\n"

/* By a packing job, which goes on; answers the record. */
static int64_t put_in(struct engine_world *world, const char *container, const char *key)
{
    const char *no = flow_start(world, "pack", NULL);
    engine_world_scan(world, no, container, 0);
    struct outcome *outcome = engine_world_scan(world, no, key, 0);
    int64_t seq = outcome->seq;
    if (outcome->verdict.severity == SEVERITY_CONFIRM)
        assert_int_equal(engine_confirm(world->engine, flow_doc(world, no), seq, ""), RC_OK);
    engine_world_scan(world, no, container, 0);
    flow_expect_in(world, key, container);
    return seq;
}

static void in_each_other(struct engine_world *world)
{
    struct store *store = engine_store(world->engine);
    struct books_write write = {.store = store, .seq = engine_world_last(world) + 1};
    write.of = write.seq;
    store_catalog(store, &write.catalog);
    assert_int_equal(books_put_parent(&write, LABEL, OTHER), RC_OK);
    assert_int_equal(books_put_parent(&write, OTHER, LABEL), RC_OK);
}

static void a_ring_in_the_books_ends_nothing(void **state)
{
    struct engine_world *world = *state;
    struct facts facts;
    in_each_other(world);
    flow_facts(world, LABEL, &facts);
    assert_string_equal(facts.parent, OTHER);
    assert_int_equal(facts.holder.kind, HOLDER_UNKNOWN);
    const char *no = flow_start(world, "pack", NULL);
    engine_world_scan(world, no, LABEL, 0);
    engine_world_scan(world, no, OTHER, 0);
    no = flow_start(world, "unpack", "mode=empty", NULL);
    engine_world_scan(world, no, OTHER, 0);
}

/* The case goes out of the pallet into another, and then the pallet into the case. */
static void what_went_inside_is_not_put_around(void **state)
{
    struct engine_world *world = *state;
    struct sync_receipt receipt = {
        .verdict = SYNC_HELD, .number = 7, .reason = "key-mismatch", .at = "2026-11-22T13:12:33.123+08:00"};
    engine_world_tell(world, TOLD);
    put_in(world, LABEL, "U1");
    put_in(world, PALLET, LABEL);
    receipt.seq = put_in(world, OTHER, LABEL);
    assert_int_equal(world->sync.acked(world->sync.context, engine_world_last(world), &receipt, 1), RC_OK);
    const char *no = flow_start(world, "unpack", "mode=out", NULL);
    engine_world_expect(world, no, "U1", "ok", "accept");
    flow_complete(world, no);
    put_in(world, PALLET, "U5");
    put_in(world, LABEL, PALLET);
    assert_int_equal(engine_answer(world->engine, receipt.seq, ANSWER_TAKE_OUT, ""), RC_OK);
    flow_expect_in(world, PALLET, LABEL);
    flow_expect_in(world, LABEL, OTHER);
    engine_world_verify(world);
}

/* Another device put the pallet into the case that had been taken out of it here: that stands, and the case stays out. */
static void what_went_inside_elsewhere_is_not_undone(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, TOLD);
    put_in(world, LABEL, "U1");
    put_in(world, PALLET, LABEL);
    const char *no = flow_start(world, "unpack", "mode=out", NULL);
    int64_t seq = engine_world_expect(world, no, LABEL, "ok", "accept");
    engine_world_page(world, engine_world_last(world), PALLET_IN_LABEL);
    assert_int_equal(flow_undo(world, no, seq), RC_REFUSED);
    flow_expect_in(world, PALLET, LABEL);
    flow_expect_in(world, LABEL, "");
    engine_world_verify(world);
}

int main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, flow_world_open, flow_world_close)
    const struct CMUnitTest tests[] = {
        ONE(a_ring_in_the_books_ends_nothing),
        ONE(what_went_inside_is_not_put_around),
        ONE(what_went_inside_elsewhere_is_not_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
