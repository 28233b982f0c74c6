/* Documents that are worked on together: one pallet for two orders. */
#include "tests/unit/flow_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void tell(struct engine_world *world, const char *doc, const char *no, const char *state, const char *qty)
{
    char text[1024];
    snprintf(
        text, sizeof text,
        "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"%s\",\"no\":\"%s\",\"flow\":\"outbound\",\"state\":\"%s\","
        "\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"group\":\"WAVE-1\",\"due\":\"2026-11-23\",\"note\":\"\","
        "\"lines\":[{\"line\":\"%s.1\",\"product\":\"B\",\"qty\":\"%s\",\"tolerance\":\"0\",\"lot\":null}]}\n",
        doc, no, state, doc, qty);
    engine_world_tell(world, text);
}

static int open_wave(void **state)
{
    flow_world_open(state);
    tell(*state, "w,1", "SO-11", "open", "2");
    tell(*state, "w,2", "SO-12", "open", "3");
    return 0;
}

static struct document *document_of(struct engine_world *world, const char *name)
{
    struct document *document;
    assert_int_equal(engine_document(world->engine, name, &document), RC_OK);
    return document;
}

static void one_pallet_for_two_orders(void **state)
{
    struct engine_world *world = *state;
    char doc[DOC_MAX + 1];
    assert_int_equal(engine_open_document(world->engine, "group:WAVE-1", doc), RC_OK);
    assert_string_equal(doc, "group:WAVE-1");
    struct outcome *outcome = engine_world_scan(world, "WAVE-1", CASE, 0); /* of four two go to each, as they fit */
    assert_string_equal(reason_word(outcome->verdict.reason), "ok");
    assert_int_equal(outcome->verdict.allocation_count, 2);
    engine_world_expect(world, "WAVE-1", ITEM("S1"), "ok", "accept");
    engine_world_expect(world, "WAVE-1", ITEM("S2"), "over-quantity", "reject");
    assert_int_equal(flow_undo(world, "WAVE-1", engine_world_last(world)), RC_OK);
    struct document *document = document_of(world, "WAVE-1");
    assert_int_equal(document->line_count, 2);
    assert_string_equal(document->lines[1].doc, "t:w,2");
    assert_int_equal(document->lines[0].tallied, 2 * QTY_ONE);
    assert_int_equal(document->lines[1].tallied, 3 * QTY_ONE);
    document_free(document);
    flow_complete(world, "WAVE-1");
    flow_expect_at(world, ITEM("A1"), "transit:party:D-1");
    flow_expect_at(world, ITEM("S1"), "transit:party:D-1");
    engine_world_verify(world);
}

static void a_member_is_cancelled(void **state)
{
    struct engine_world *world = *state;
    struct review review;
    engine_world_expect(world, "WAVE-1", ITEM("S1"), "ok", "accept");
    engine_world_expect(world, "WAVE-1", ITEM("S2"), "ok", "accept");
    engine_world_expect(world, "WAVE-1", ITEM("S3"), "ok", "accept");
    int64_t last = engine_world_expect(world, "WAVE-1", ITEM("S4"), "ok", "accept");
    tell(world, "w,1", "SO-11", "cancelled", "2");
    assert_int_equal(engine_review(world->engine, "group:WAVE-1", &review), RC_OK);
    assert_true(review.revised);
    assert_false(review.closed);
    assert_int_equal(review.taken_out, 1); /* three still have a place, with the other order */
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    assert_int_equal(store_tally(engine_store(world->engine), last, &tally, doc), RC_OK);
    assert_true(tally.latched);
    assert_int_equal(tally.reason, REASON_OVER_QUANTITY);
    assert_int_equal(engine_set_aside(world->engine, "group:WAVE-1", last), RC_OK);
    assert_int_equal(engine_world_tallied(world, "WAVE-1", 0), 3 * QTY_ONE);
    flow_complete(world, "WAVE-1");
    engine_world_verify(world);
}

static void opened_alone_it_is_in_no_group(void **state)
{
    struct engine_world *world = *state;
    char doc[DOC_MAX + 1];
    assert_int_equal(engine_open_document(world->engine, "SO-11", doc), RC_OK);
    assert_int_equal(engine_open_document(world->engine, "group:WAVE-1", doc), RC_OK);
    struct document *document = document_of(world, "group:WAVE-1");
    assert_int_equal(document->line_count, 1);
    assert_string_equal(document->lines[0].doc, "t:w,2");
    document_free(document);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_wave, flow_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_pallet_for_two_orders),
        TEST(a_member_is_cancelled),
        TEST(opened_alone_it_is_in_no_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
