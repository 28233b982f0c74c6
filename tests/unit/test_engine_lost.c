/* Goods that the server gave to somebody else, and the cases that they came from or are in; when they are back, and when what was said
 * of them can't be read any more. */
#include "tests/unit/flow_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

static void hear(struct engine_world *world, int64_t seq, const char *word)
{
    struct sync_receipt receipt = {.seq = seq, .verdict = SYNC_REFUSED, .number = 7, .device = 5};
    snprintf(receipt.reason, sizeof receipt.reason, "%s", word);
    snprintf(receipt.at, sizeof receipt.at, "2026-11-22T13:12:33.123+08:00");
    assert_int_equal(world->sync.acked(world->sync.context, engine_world_last(world), &receipt, 1), RC_OK);
}

static int64_t units_of(struct engine_world *world, int64_t seq)
{
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    assert_int_equal(store_tally(engine_store(world->engine), seq, &tally, doc), RC_OK);
    return tally.qty / QTY_ONE;
}

static int recheck(struct engine_world *world, const char *no)
{
    int found = 0;
    assert_int_equal(engine_recheck(world->engine, flow_doc(world, no), &found), RC_OK);
    return found;
}

static int64_t confirmed(struct engine_world *world, const char *no, const char *key, const char *reason)
{
    int64_t seq = engine_world_expect(world, no, key, reason, "confirm");
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, no), seq, ""), RC_OK);
    return seq;
}

/* Four are in the case, which is in the first; one of them went to the second from there, and is lost in that. */
struct stage {
    const char *first, *second, *third;
    int64_t cased;
};

static struct stage lose_out_of_its_case(struct engine_world *world)
{
    struct stage stage = {.first = flow_start(world, "transfer", "to=RDB", NULL),
                          .second = flow_start(world, "transfer", "to=RDB", NULL),
                          .third = flow_start(world, "transfer", "to=RDB", NULL)};
    stage.cased = engine_world_expect(world, stage.first, CASE, "ok", "accept");
    confirmed(world, stage.second, ITEM("A1"), "in-other-document");
    assert_int_equal(units_of(world, stage.cased), 3);
    hear(world, engine_world_last(world), "false-holder");
    return stage;
}

/* The case gets back what left it, when that is put right: who has the item by then must have taken it from the case, too. */
static void out_of_a_case_it_counts_once(void **state)
{
    struct engine_world *world = *state;
    struct stage stage = lose_out_of_its_case(world);
    engine_world_expect(world, stage.first, ITEM("A1"), "duplicate", "reject");
    const struct outcome *outcome = engine_world_scan(world, stage.third, ITEM("A1"), 0);
    int64_t again = outcome->seq;
    assert_true(outcome->facts.lost);
    assert_string_equal(outcome->facts.other_no, stage.first);
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, stage.third), again, ""), RC_OK);
    assert_int_equal(recheck(world, stage.second), 1);
    assert_int_equal(units_of(world, stage.cased), 3);
    assert_int_equal(units_of(world, again), 1);
}

/* A case that was counted without it does not have it. */
static void a_case_that_left_it_out_does_not_hold_it(void **state)
{
    struct engine_world *world = *state;
    const char *one = flow_start(world, "transfer", "to=RDB", NULL);
    const char *two = flow_start(world, "transfer", "to=RDB", NULL);
    const char *three = flow_start(world, "transfer", "to=RDB", NULL);
    int64_t lost = engine_world_expect(world, one, ITEM("A1"), "ok", "accept");
    hear(world, lost, "lost-claim");
    int64_t cased = confirmed(world, two, CASE, "partial-container");
    assert_int_equal(units_of(world, cased), 3);
    const struct outcome *outcome = engine_world_scan(world, three, ITEM("A1"), 0);
    assert_true(outcome->facts.lost);
    assert_string_equal(outcome->facts.other_document, "");
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, three), outcome->seq, ""), RC_OK);
    assert_int_equal(units_of(world, cased), 3);
}

static void tell_place(struct engine_world *world, const char *holder)
{
    char line[256];
    snprintf(line, sizeof line,
             "{\"type\":\"code\",\"code\":\"" ITEM("S1") "\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0,"
                                                         "\"holder\":\"%s\"}\n",
             holder);
    engine_world_page(world, engine_world_last(world), line);
}

/* Not mine, sold by who had them, back by a return, gone again. */
static void what_came_back_may_go_again(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    hear(world, lost, "lost-claim");
    assert_int_equal(engine_answer(world->engine, lost, ANSWER_NOT_MINE, ""), RC_OK);
    assert_int_equal(recheck(world, "SO-1"), 1);
    tell_place(world, "party:D-1");
    const char *back = flow_start(world, "return", "from=D-1", "reason=damaged", NULL);
    const struct outcome *outcome = engine_world_scan(world, back, ITEM("S1"), 0);
    assert_false(outcome->facts.lost);
    assert_int_not_equal(outcome->verdict.reason, REASON_IN_OTHER_DOCUMENT);
    if (outcome->verdict.severity == SEVERITY_CONFIRM)
        assert_int_equal(engine_confirm(world->engine, flow_doc(world, back), outcome->seq, ""), RC_OK);
    flow_complete(world, back);
    tell_place(world, "site:CDB");
    engine_world_expect(world, flow_start(world, "transfer", "to=RDB", NULL), ITEM("S1"), "ok", "accept");
}

static void a_record_that_cannot_be_read_stops_no_scan(void **state)
{
    struct engine_world *world = *state;
    char path[128], text[128];
    sqlite3 *db = NULL;
    struct stage stage = lose_out_of_its_case(world);
    char no[ID_MAX + 1];
    snprintf(no, sizeof no, "%s", stage.third);
    snprintf(path, sizeof path, "%s/journal.db", world->dir);
    snprintf(text, sizeof text, "UPDATE record SET body = 'x' WHERE seq = %lld", (long long)engine_world_last(world));
    engine_world_stop(world);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_changes(db), 1);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    engine_world_start(world);
    assert_int_equal(engine_sign_in(world->engine, "wang", "2468", NULL), RC_OK);
    engine_world_expect(world, no, ITEM("S2"), "ok", "accept");
}

/* ---- latched, and scanned again ---- */

static int open_of(struct engine_world *world, const char *no)
{
    struct document *document = NULL;
    assert_int_equal(store_document(engine_store(world->engine), flow_doc(world, no), &document), RC_OK);
    int latched = document->latched;
    document_free(document);
    return latched;
}

static bool is_latched(struct engine_world *world, int64_t seq)
{
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    assert_int_equal(store_tally(engine_store(world->engine), seq, &tally, doc), RC_OK);
    return tally.latched;
}

static void refuse(struct engine_world *world, int64_t seq)
{
    hear(world, seq, "lost-claim");
    assert_int_equal(recheck(world, "SO-1"), 1);
    assert_true(is_latched(world, seq));
}

/* A question about goods that are to be taken out stands for them only until it is answered with no. */
static void undone_the_question_leaves_them_to_be_taken_out(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    refuse(world, lost);
    engine_world_expect(world, "SO-1", ITEM("S1"), "in-other-document", "confirm");
    int64_t again = engine_world_expect(world, "SO-1", ITEM("S1"), "in-other-document", "confirm");
    assert_false(is_latched(world, lost));
    assert_int_equal(open_of(world, "SO-1"), 1); /* one latch a unit */
    assert_int_equal(flow_undo(world, "SO-1", again), RC_OK);
    assert_true(is_latched(world, lost));
    assert_int_equal(open_of(world, "SO-1"), 1);
    engine_world_reopen(world);
    assert_true(is_latched(world, lost));
    assert_int_equal(flow_try_complete(world, "SO-1", &(struct completion){.short_reason = "no-stock"}), RC_LATCHED);
}

static void set_aside_the_question_leaves_them_too(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    refuse(world, lost);
    int64_t again = engine_world_expect(world, "SO-1", ITEM("S1"), "in-other-document", "confirm");
    assert_int_equal(engine_set_aside(world->engine, flow_doc(world, "SO-1"), again), RC_OK);
    assert_true(is_latched(world, lost));
    assert_int_equal(engine_set_aside(world->engine, flow_doc(world, "SO-1"), lost), RC_OK);
    assert_int_equal(open_of(world, "SO-1"), 0);
    again = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept"); /* set aside, it is nobody's any more */
    assert_int_equal(flow_undo(world, "SO-1", again), RC_OK);
    assert_int_equal(open_of(world, "SO-1"), 0);
}

/* So does a reject of another kind; what was dealt with itself meanwhile does not come back. */
static void an_undone_reject_leaves_them_too(void **state)
{
    struct engine_world *world = *state;
    int64_t held = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    engine_world_page(world, engine_world_last(world),
                      "{\"type\":\"recall\",\"id\":\"R-9\",\"codes\":[\"" ITEM("S1") "\"]}\n");
    assert_int_equal(recheck(world, "SO-1"), 1);
    int64_t again = engine_world_expect(world, "SO-1", ITEM("S1"), "recalled", "reject");
    assert_int_equal(open_of(world, "SO-1"), 1);
    assert_int_equal(flow_undo(world, "SO-1", again), RC_OK);
    assert_true(is_latched(world, held));
    again = engine_world_expect(world, "SO-1", ITEM("S1"), "recalled", "reject");
    assert_int_equal(flow_undo(world, "SO-1", held), RC_OK);
    assert_int_equal(flow_undo(world, "SO-1", again), RC_OK);
    assert_int_equal(open_of(world, "SO-1"), 0);
}

/* Confirmed, they count again: undone after that, they are out. */
static void confirmed_they_are_latched_no_more(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    refuse(world, lost);
    int64_t again = confirmed(world, "SO-1", ITEM("S1"), "in-other-document");
    assert_int_equal(open_of(world, "SO-1"), 0);
    assert_int_equal(flow_undo(world, "SO-1", again), RC_OK);
    assert_false(is_latched(world, lost));
    again = engine_world_expect(world, "SO-1", ITEM("S1"), "in-other-document", "confirm");
    assert_int_equal(flow_undo(world, "SO-1", again), RC_OK);
    assert_int_equal(open_of(world, "SO-1"), 0);
}

/* Taken from SO-1, refused, and let go there once more: SO-1 does not get it back. */
static void what_counts_again_does_not_go_back(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    const char *taker = flow_start(world, "transfer", "to=RDB", NULL);
    confirmed(world, taker, ITEM("S1"), "in-other-document");
    hear(world, engine_world_last(world), "lost-claim");
    int64_t stands = confirmed(world, taker, ITEM("S1"), "in-other-document");
    assert_int_equal(recheck(world, taker), 1);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), 0);
    engine_world_expect(world, taker, ITEM("S1"), "duplicate", "reject");
    assert_int_equal(flow_undo(world, taker, stands), RC_OK);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), 0);
    engine_world_verify(world);
}

/* Latched, asked about again, and the paper given up: nobody has it in hand, and it may go with another. */
static void given_up_they_are_nobodys(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "transfer", "to=RDB", NULL);
    hear(world, engine_world_expect(world, no, ITEM("S1"), "ok", "accept"), "lost-claim");
    assert_int_equal(recheck(world, no), 1);
    engine_world_expect(world, no, ITEM("S1"), "in-other-document", "confirm");
    assert_int_equal(engine_abandon(world->engine, flow_doc(world, no), NULL), RC_OK);
    engine_world_expect(world, flow_start(world, "transfer", "to=RDB", NULL), ITEM("S1"), "ok", "accept");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, flow_world_open, flow_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(out_of_a_case_it_counts_once),
        TEST(a_case_that_left_it_out_does_not_hold_it),
        TEST(what_came_back_may_go_again),
        TEST(a_record_that_cannot_be_read_stops_no_scan),
        TEST(undone_the_question_leaves_them_to_be_taken_out),
        TEST(set_aside_the_question_leaves_them_too),
        TEST(an_undone_reject_leaves_them_too),
        TEST(confirmed_they_are_latched_no_more),
        TEST(what_counts_again_does_not_go_back),
        TEST(given_up_they_are_nobodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
