/* Facts that change after the beep: revisions, cancellations, recalls, other devices. Nothing scanned is lost, what no longer
 * fits is latched, and what fits again is told. */
#include "tests/unit/flow_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* SO-1 as the data centre has it from now on. */
static void tell_order(struct engine_world *world, const char *state, const char *lines)
{
    char text[1024];
    snprintf(text, sizeof text,
             "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,1\",\"no\":\"SO-1\",\"flow\":\"outbound\","
             "\"state\":\"%s\",\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"group\":null,\"due\":\"2026-11-23\","
             "\"note\":\"\",\"lines\":[%s]}\n",
             state, lines);
    engine_world_tell(world, text);
}

#define LINE(line, product, qty)                                                                                     \
    "{\"line\":\"" line "\",\"product\":\"" product "\",\"qty\":\"" qty                                              \
    "\",\"tolerance\":\"0\",\"lot\":null,\"picks\":[]}"

static struct review review(struct engine_world *world)
{
    struct review review;
    assert_int_equal(engine_review(world->engine, flow_doc(world, "SO-1"), &review), RC_OK);
    return review;
}

static struct store_tally tally_of(struct engine_world *world, int64_t seq)
{
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    assert_int_equal(store_tally(engine_store(world->engine), seq, &tally, doc), RC_OK);
    return tally;
}

static void expect_latched(struct engine_world *world, int64_t seq, const char *reason)
{
    struct store_tally tally = tally_of(world, seq);
    assert_true(tally.latched);
    assert_string_equal(reason_word(tally.reason), reason);
}

static bool remember(void *context, const struct store_tally *tally)
{
    int64_t *seqs = context;
    while (*seqs)
        seqs++;
    *seqs = tally->seq;
    return true;
}

static int64_t scan(struct engine_world *world, const char *serial)
{
    char key[48];
    snprintf(key, sizeof key, ITEM("%s"), serial);
    return engine_world_expect(world, "SO-1", key, "ok", "accept");
}

/* ---- revisions ---- */

static void more_is_ordered(void **state)
{
    struct engine_world *world = *state;
    scan(world, "S1");
    int64_t before = engine_world_last(world);
    struct review nothing = review(world);
    assert_false(nothing.revised);
    assert_int_equal(engine_world_last(world), before);
    tell_order(world, "open", LINE("m,0", "D", "5") "," LINE("m,1", "B", "4"));
    struct review found = review(world);
    assert_true(found.revised);
    assert_int_equal(found.taken_out, 0);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), 0);
    assert_int_equal(engine_world_tallied(world, "SO-1", 1), QTY_ONE); /* its line has moved */
    assert_int_equal(engine_world_last(world), before + 1);
    assert_false(review(world).revised);
    scan(world, "S2");
    assert_int_equal(engine_world_tallied(world, "SO-1", 1), 2 * QTY_ONE);
    assert_int_equal(flow_try_complete(world, "SO-1", &(struct completion){.field_count = 0}), RC_SHORT);
    engine_world_verify(world);
}

static void a_note_is_no_change(void **state)
{
    struct engine_world *world = *state;
    scan(world, "S1");
    engine_world_tell(
        world, "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,1\",\"no\":\"SO-1\",\"flow\":\"outbound\","
               "\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"group\":null,\"due\":\"2026-11-23\","
               "\"note\":\"ring the bell\",\"lines\":[" LINE("m,1", "B", "3") "]}\n");
    struct review found = review(world);
    assert_false(found.revised);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), QTY_ONE);
}

static void less_is_ordered(void **state)
{
    struct engine_world *world = *state;
    int64_t first = scan(world, "S1"), second = scan(world, "S2"), third = scan(world, "S3");
    tell_order(world, "open", LINE("m,1", "B", "1"));
    struct review found = review(world);
    assert_true(found.revised);
    assert_int_equal(found.taken_out, 2);
    assert_true(tally_of(world, first).live);
    expect_latched(world, second, "over-quantity");
    expect_latched(world, third, "over-quantity");
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), QTY_ONE);
    assert_int_equal(flow_try_complete(world, "SO-1", &(struct completion){.field_count = 0}), RC_LATCHED);
    assert_int_equal(engine_set_aside(world->engine, flow_doc(world, "SO-1"), second), RC_OK);
    assert_int_equal(engine_set_aside(world->engine, flow_doc(world, "SO-1"), third), RC_OK);
    flow_complete(world, "SO-1");
    flow_expect_at(world, ITEM("S1"), "transit:party:D-1");
    flow_expect_at(world, ITEM("S3"), "site:CDB");
    engine_world_verify(world);
}

static void what_a_supervisor_let_go_stays(void **state)
{
    struct engine_world *world = *state;
    scan(world, "S1");
    scan(world, "S2");
    int64_t third = scan(world, "S3");
    int64_t fourth = engine_world_expect(world, "SO-1", ITEM("S4"), "over-quantity", "reject");
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, "SO-1"), fourth, "li"), RC_OK);
    tell_order(world, "open", LINE("m,1", "B", "2"));
    assert_int_equal(review(world).taken_out, 1);
    expect_latched(world, third, "over-quantity");
    assert_true(tally_of(world, fourth).live);
    engine_world_verify(world);
}

static void a_line_is_gone(void **state)
{
    struct engine_world *world = *state;
    int64_t seq = scan(world, "S1");
    tell_order(world, "open", LINE("m,2", "D", "2"));
    assert_int_equal(review(world).taken_out, 1);
    expect_latched(world, seq, "not-on-order");
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), 0);
    tell_order(world, "open", LINE("m,2", "D", "2") "," LINE("m,3", "B", "1")); /* and comes back as another */
    struct review found = review(world);
    assert_true(found.revised);
    assert_int_equal(found.taken_out, 0);
    int64_t freed[4] = {0};
    assert_int_equal(engine_freed(world->engine, flow_doc(world, "SO-1"), remember, freed), RC_OK);
    assert_int_equal(freed[0], seq);
    scan(world, "S1"); /* scanned again it counts, and the latch is gone */
    assert_int_equal(engine_world_tallied(world, "SO-1", 1), QTY_ONE);
    engine_world_verify(world);
}

static void a_line_has_another_name(void **state)
{
    struct engine_world *world = *state;
    int64_t seq = scan(world, "S1");
    tell_order(world, "open", LINE("m,9", "B", "3"));
    assert_int_equal(review(world).taken_out, 0);
    assert_true(tally_of(world, seq).live);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), QTY_ONE);
    assert_int_equal(flow_undo(world, "SO-1", seq), RC_OK);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), 0);
}

/* ---- cancelled, closed ---- */

static void a_cancelled_order_goes_back(void **state)
{
    struct engine_world *world = *state;
    int64_t first = scan(world, "S1"), second = scan(world, "S2");
    tell_order(world, "cancelled", LINE("m,1", "B", "3"));
    struct review found = review(world);
    assert_true(found.closed);
    assert_int_equal(found.taken_out, 2);
    expect_latched(world, first, "document-closed");
    assert_int_equal(flow_try_complete(world, "SO-1", &(struct completion){.short_reason = "x"}), RC_CLOSED);
    const char *no = flow_start(world, "transfer", "to=RDB", NULL);
    engine_world_expect(world, no, ITEM("S1"), "ok", "accept"); /* it is free again */
    assert_int_equal(engine_set_aside(world->engine, flow_doc(world, "SO-1"), first), RC_OK);
    tell_order(world, "open", LINE("m,1", "B", "3")); /* after all */
    int64_t freed[4] = {0};
    assert_int_equal(engine_freed(world->engine, flow_doc(world, "SO-1"), remember, freed), RC_OK);
    assert_int_equal(freed[0], second);
    assert_int_equal(freed[1], 0);
    scan(world, "S2");
    engine_world_verify(world);
}

/* Without a pull in the screens: whoever completes is told what has to come out. */
static void a_cancelled_order_is_not_left_loaded(void **state)
{
    struct engine_world *world = *state;
    int64_t first = scan(world, "S1");
    tell_order(world, "cancelled", LINE("m,1", "B", "3"));
    assert_int_equal(flow_try_complete(world, "SO-1", &(struct completion){.short_reason = "x"}), RC_RECHECK);
    expect_latched(world, first, "document-closed");
    assert_int_equal(flow_try_complete(world, "SO-1", &(struct completion){.short_reason = "x"}), RC_CLOSED);
    engine_world_verify(world);
}

/* ---- goods ---- */

static void a_recall_comes_and_goes(void **state)
{
    struct engine_world *world = *state;
    int64_t seq = scan(world, "S1");
    engine_world_tell(world, "{\"type\":\"recall\",\"id\":\"R-8\",\"product\":\"B\",\"lots\":[\"L1\"],\"codes\":[],"
                             "\"reason\":\"seal\"}\n");
    assert_int_equal(review(world).taken_out, 1);
    expect_latched(world, seq, "recalled");
    int64_t freed[4] = {0};
    assert_int_equal(engine_freed(world->engine, flow_doc(world, "SO-1"), remember, freed), RC_OK);
    assert_int_equal(freed[0], 0);
    engine_world_tell(world, "{\"type\":\"recall\",\"id\":\"R-8\",\"gone\":true}\n");
    assert_int_equal(engine_freed(world->engine, flow_doc(world, "SO-1"), remember, freed), RC_OK);
    assert_int_equal(freed[0], seq);
}

/* An order and goods enough for several parts; the last part is not full. */
static void tell_many(struct engine_world *world, int count)
{
    char text[256];
    tell_order(world, "open", LINE("m,1", "B", "100"));
    for (int i = 0; i < count; i++) {
        snprintf(text, sizeof text,
                 "{\"type\":\"code\",\"code\":\"" ITEM("N%d") "\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0,"
                                                              "\"holder\":\"site:CDB\"}\n",
                 i);
        engine_world_tell(world, text);
    }
}

static void a_long_document_in_parts(void **state)
{
    enum { COUNT = 2 * REVIEW_PART + 3 };
    struct engine_world *world = *state;
    int64_t seqs[COUNT], below = INT64_MAX;
    char serial[8];
    struct review part;
    tell_many(world, COUNT + 1);
    for (int i = 0; i < COUNT; i++) {
        snprintf(serial, sizeof serial, "N%d", i);
        seqs[i] = scan(world, serial);
    }
    engine_world_tell(world, "{\"type\":\"recall\",\"id\":\"R-8\",\"product\":\"B\",\"lots\":[\"L1\"],\"codes\":[],"
                             "\"reason\":\"seal\"}\n");
    static const int taken_out[] = {REVIEW_PART, REVIEW_PART, 3};
    for (int i = 0; i < 3; i++) {
        assert_true(below > 0);
        assert_int_equal(engine_review_part(world->engine, flow_doc(world, "SO-1"), &below, &part), RC_OK);
        assert_int_equal(part.taken_out, taken_out[i]);
        if (i == 0) /* in between, by the facts of now */
            engine_world_expect(world, "SO-1", "(01)05901234123457(21)N35", "recalled", "reject");
    }
    assert_int_equal(below, 0);
    for (int i = 0; i < COUNT; i++)
        expect_latched(world, seqs[i], "recalled");
    assert_int_equal(review(world).taken_out, 0);
    engine_world_verify(world);
}

static void new_lines_in_one_part(void **state)
{
    enum { COUNT = REVIEW_PART + 5 };
    struct engine_world *world = *state;
    int64_t below = INT64_MAX;
    char serial[8];
    struct review part;
    tell_many(world, COUNT);
    for (int i = 0; i < COUNT; i++) {
        snprintf(serial, sizeof serial, "N%d", i);
        scan(world, serial);
    }
    tell_order(world, "open", LINE("m,1", "B", "2"));
    assert_int_equal(engine_review_part(world->engine, flow_doc(world, "SO-1"), &below, &part), RC_OK);
    assert_int_equal(below, 0);
    assert_true(part.revised);
    assert_int_equal(part.taken_out, COUNT - 2);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), 2 * QTY_ONE);
    below = INT64_MAX;
    assert_int_equal(engine_review_part(world->engine, "t:nobody", &below, &part), RC_NOT_FOUND);
    assert_int_equal(below, 0); /* nobody goes on with it for ever */
}

static void what_a_flow_accepts_it_keeps(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "receipt", "from=D-1", NULL);
    engine_world_expect(world, no, ITEM("P1"), "ok", "accept");
    engine_world_tell(world, "{\"type\":\"recall\",\"id\":\"R-8\",\"product\":\"B\",\"lots\":[\"L1\"],\"codes\":[],"
                             "\"reason\":\"seal\"}\n");
    int found = 0;
    assert_int_equal(engine_recheck(world->engine, flow_doc(world, no), &found), RC_OK);
    assert_int_equal(found, 0);
}

/* ---- other devices ---- */

static void tell_share(struct engine_world *world, const char *qty)
{
    char text[256];
    snprintf(text, sizeof text,
             "{\"type\":\"share\",\"doc\":\"t:out,1\",\"device\":7,\"lines\":[\"m,1\"],"
             "\"progress\":[{\"line\":\"m,1\",\"qty\":\"%s\"}]}\n",
             qty);
    engine_world_tell(world, text);
}

static void what_others_did_counts_at_the_end(void **state)
{
    struct engine_world *world = *state;
    scan(world, "S1");
    int64_t second = scan(world, "S2");
    tell_share(world, "2");
    assert_int_equal(review(world).taken_out, 0); /* who puts what back is settled when it is completed */
    assert_int_equal(flow_try_complete(world, "SO-1", &(struct completion){.field_count = 0}), RC_RECHECK);
    expect_latched(world, second, "over-quantity");
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), QTY_ONE);
    assert_int_equal(engine_set_aside(world->engine, flow_doc(world, "SO-1"), second), RC_OK);
    flow_complete(world, "SO-1"); /* 1 here, 2 elsewhere: all of 3 */
    engine_world_verify(world);
}

static void a_revision_does_not_settle_that(void **state)
{
    struct engine_world *world = *state;
    scan(world, "S1");
    scan(world, "S2");
    tell_share(world, "2");
    tell_order(world, "open", LINE("m,1", "B", "3") "," LINE("m,2", "D", "1"));
    struct review found = review(world);
    assert_true(found.revised);
    assert_int_equal(found.taken_out, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, flow_world_open, flow_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(more_is_ordered),
        TEST(a_note_is_no_change),
        TEST(less_is_ordered),
        TEST(what_a_supervisor_let_go_stays),
        TEST(a_line_is_gone),
        TEST(a_line_has_another_name),
        TEST(a_cancelled_order_goes_back),
        TEST(a_cancelled_order_is_not_left_loaded),
        TEST(a_recall_comes_and_goes),
        TEST(a_long_document_in_parts),
        TEST(new_lines_in_one_part),
        TEST(what_a_flow_accepts_it_keeps),
        TEST(what_others_did_counts_at_the_end),
        TEST(a_revision_does_not_settle_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
