/* What the server did not accept, on the device: listed until somebody has answered it, and what each answer does to the work. */
#include "app/text/transfer.h"
#include "tests/unit/engine_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ITEM(serial) "(01)05901234123457(21)" serial
#define DOC          "t:out,1"
#define CASE         "(00)069012340000000016"

static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,"
    "\"pin\":\"2468\"}\n"
    "{\"type\":\"operator\",\"id\":\"li\",\"name\":\"Li\",\"role\":\"supervisor\",\"site\":\"CDB\",\"region\":null,"
    "\"pin\":\"1357\"}\n"
    "{\"type\":\"product\",\"id\":\"SKU\",\"name\":\"Seal\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\","
    "\"decimals\":0,"
    "\"control\":\"item\",\"pack\":[]}\n"
    "{\"type\":\"code\",\"code\":\"" ITEM(
        "S1") "\",\"product\":\"SKU\",\"level\":0,\"holder\":\"site:CDB\"}\n"
              "{\"type\":\"code\",\"code\":\"" ITEM(
                  "S2") "\",\"product\":\"SKU\",\"level\":0,\"holder\":\"site:CDB\"}\n"
                        "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,1\",\"no\":\"SO-1\",\"flow\":"
                        "\"outbound\",\"state\":\"open\","
                        "\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"group\":null,\"due\":\"2026-11-23\",\"note\":"
                        "\"\",\"lines\":[{\"line\":\"1\","
                        "\"product\":\"SKU\",\"qty\":\"4\",\"tolerance\":\"0\",\"lot\":null,\"picks\":[]}]}\n";

static const char MORE[] =
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,2\",\"no\":\"SO-2\",\"flow\":\"outbound\",\"state\":"
    "\"open\","
    "\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"group\":null,\"due\":\"2026-11-23\",\"note\":\"\",\"lines\":"
    "[{\"line\":\"1\",\"product\":\"SKU\",\"qty\":\"9\",\"tolerance\":\"0\",\"lot\":null,\"picks\":[]}]}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,3\",\"no\":\"SO-3\",\"flow\":\"outbound\",\"state\":"
    "\"open\","
    "\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"group\":null,\"due\":\"2026-11-23\",\"note\":\"\",\"lines\":"
    "[{\"line\":\"1\",\"product\":\"SKU\",\"qty\":\"9\",\"tolerance\":\"0\",\"lot\":null,\"picks\":[]}]}\n"
    "{\"type\":\"code\",\"code\":\"" CASE "\",\"product\":\"SKU\",\"level\":1,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"" ITEM(
        "C1") "\",\"product\":\"SKU\",\"level\":0,\"in\":\"" CASE "\",\"holder\":\"site:CDB\"}\n"
              "{\"type\":\"code\",\"code\":\"" ITEM("C2") "\",\"product\":\"SKU\",\"level\":0,\"in\":\"" CASE
                                                          "\",\"holder\":\"site:CDB\"}\n";

static int setup(void **state)
{
    struct engine_world *world = calloc(1, sizeof *world);
    engine_world_open(world, FEED);
    engine_world_page(world, 0, MORE);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    engine_world_close(*state);
    free(*state);
    return 0;
}

/* The server's word on a record, with all that it can say. */
static void hear(struct engine_world *world, int64_t seq, enum sync_verdict verdict, const char *word)
{
    struct sync_receipt receipt = {.seq = seq,
                                   .verdict = verdict,
                                   .number = 7,
                                   .at = "2026-11-22T13:12:33.123+08:00",
                                   .device = 5,
                                   .operator= "li",
                                   .no = "SO-2",
                                   .holder = "transit:party:D-1"};
    snprintf(receipt.reason, sizeof receipt.reason, "%s", word);
    assert_int_equal(world->sync.acked(world->sync.context, engine_world_last(world), &receipt, 1), RC_OK);
}

static int64_t lose(struct engine_world *world, const char *serial)
{
    int64_t lost = engine_world_expect(world, "SO-1", serial, "ok", "accept");
    hear(world, lost, SYNC_REFUSED, "lost-claim");
    return lost;
}

static int64_t waiting(struct engine_world *world)
{
    struct store_counts counts;
    assert_int_equal(store_counts(engine_store(world->engine), &counts), RC_OK);
    return counts.inbox;
}

static int recheck(struct engine_world *world)
{
    int found = 0;
    assert_int_equal(engine_recheck(world->engine, DOC, &found), RC_OK);
    return found;
}

static enum rc answer(struct engine_world *world, int64_t seq, enum answer given, const char *supervisor)
{
    return engine_answer(world->engine, seq, given, supervisor);
}

static enum rc complete(struct engine_world *world)
{
    const struct completion completion = {.short_reason = "no-stock"};
    return engine_complete(world->engine, DOC, &completion, NULL);
}

static json_t *last_body(struct engine_world *world)
{
    json_t *body = NULL;
    assert_int_equal(store_body(engine_store(world->engine), engine_world_last(world), &body), RC_OK);
    return body;
}

static const char *text(const json_t *body, const char *name)
{
    const char *found = json_string_value(json_object_get(body, name));
    return found ? found : "";
}

static void what_was_lost_is_listed_with_all_that_was_said(void **state)
{
    struct engine_world *world = *state;
    struct store_inbox_row row;
    assert_int_equal(waiting(world), 0);
    int64_t lost = lose(world, ITEM("S1"));
    assert_int_equal(waiting(world), 1);
    assert_int_equal(store_inbox_row(engine_store(world->engine), lost, &row), RC_OK);
    assert_string_equal(row.key, ITEM("S1"));
    assert_string_equal(row.no, "SO-1");
    assert_string_equal(row.product, "SKU");
    assert_string_equal(row.operator, "wang");
    assert_int_equal(row.scan_seq, lost);
    assert_int_equal(row.qty, QTY_ONE);
    assert_int_equal(row.told.device, 5);
    assert_string_equal(row.told.operator, "li");
    assert_string_equal(row.told.no, "SO-2");
    assert_string_equal(row.told.holder, "transit:party:D-1");
    engine_world_reopen(world);
    assert_int_equal(waiting(world), 1);
}

static void what_needs_nobody_is_not_listed(void **state)
{
    struct engine_world *world = *state;
    int64_t held = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    hear(world, held, SYNC_HELD, "provisional");
    assert_int_equal(waiting(world), 0);
    hear(world, held, SYNC_HELD, "key-mismatch");
    assert_int_equal(waiting(world), 1);
    assert_false(store_refused(engine_store(world->engine), held)); /* held: a fact */
}

static void taken_out_it_counts_no_more(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, ITEM("S1"));
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), QTY_ONE);
    assert_int_equal(answer(world, lost, ANSWER_TAKE_OUT, ""), RC_OK);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), 0);
    json_t *body = last_body(world);
    assert_string_equal(text(body, "kind"), "answer");
    assert_string_equal(text(body, "answer"), "take-out");
    assert_string_equal(text(body, "doc"), DOC);
    assert_int_equal(json_integer_value(json_object_get(body, "ref")), lost);
    json_decref(body);
    assert_int_equal(waiting(world), 0);
    assert_int_equal(answer(world, lost, ANSWER_TAKE_OUT, ""), RC_NOT_FOUND);
    assert_int_equal(recheck(world), 0);
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept"); /* by a new scan it may count again */
    engine_world_verify(world);
}

static void taken_out_after_a_look_clears_its_latch(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, ITEM("S1"));
    assert_int_equal(recheck(world), 1);
    engine_world_expect(world, "SO-1", ITEM("S2"), "ok", "accept");
    assert_int_equal(complete(world), RC_LATCHED); /* not silently */
    assert_int_equal(answer(world, lost, ANSWER_TAKE_OUT, ""), RC_OK);
    assert_int_equal(complete(world), RC_OK);
}

static void undo_and_setting_aside_are_answers(void **state)
{
    struct engine_world *world = *state;
    int64_t one = lose(world, ITEM("S1")), two = lose(world, ITEM("S2"));
    assert_int_equal(recheck(world), 2);
    assert_int_equal(waiting(world), 2);
    assert_int_equal(engine_undo(world->engine, DOC, one), RC_OK);
    assert_int_equal(waiting(world), 1);
    assert_int_equal(engine_set_aside(world->engine, DOC, two), RC_OK);
    assert_int_equal(waiting(world), 0);
}

static void kept_it_counts_by_the_answer(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, ITEM("S1"));
    assert_int_equal(recheck(world), 1);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), 0);
    assert_int_equal(answer(world, lost, ANSWER_KEEP, ""), RC_SUPERVISOR);
    assert_int_equal(answer(world, lost, ANSWER_KEEP, "li"), RC_OK);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), QTY_ONE);
    json_t *body = last_body(world);
    assert_string_equal(text(body, "supervisor"), "li");
    assert_string_equal(text(body, "key"), ITEM("S1"));
    assert_int_equal(json_array_size(json_object_get(body, "alloc")), 1);
    json_decref(body);
    assert_int_equal(waiting(world), 0);
    assert_int_equal(recheck(world), 0); /* it stays */
    assert_int_equal(complete(world), RC_OK);
    engine_world_verify(world);
}

static void kept_before_anybody_looked_it_counts_once(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, ITEM("S1"));
    assert_int_equal(answer(world, lost, ANSWER_KEEP, "li"), RC_OK);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), QTY_ONE);
    assert_int_equal(recheck(world), 0);
    assert_int_equal(engine_undo(world->engine, DOC, lost), RC_OK); /* and can be undone */
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), 0);
}

static void kept_after_the_document_is_done_it_says_how_it_began(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    assert_int_equal(complete(world), RC_OK);
    hear(world, lost, SYNC_REFUSED, "false-holder");
    assert_int_equal(waiting(world), 1);
    assert_int_equal(answer(world, lost, ANSWER_KEEP, "li"), RC_OK);
    json_t *body = last_body(world), *opening = json_object_get(body, "opening");
    assert_string_equal(text(opening, "doc"), DOC);
    assert_string_equal(text(opening, "to"), "party:D-1");
    assert_string_equal(text(body, "close"), "complete");
    assert_string_equal(text(body, "key"), ITEM("S1"));
    json_decref(body);
    assert_int_equal(waiting(world), 0);
}

static void not_mine_changes_no_work(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, ITEM("S1"));
    assert_int_equal(answer(world, lost, ANSWER_NOT_MINE, ""), RC_OK);
    assert_int_equal(waiting(world), 0);
    assert_int_equal(recheck(world), 1); /* it is out of the order all the same */
    assert_int_equal(complete(world), RC_LATCHED);
}

/* The server says that what was not accepted of this record is settled. */
static void hear_settled(struct engine_world *world, int epoch, int64_t seq, const char *what)
{
    char line[256];
    snprintf(
        line, sizeof line,
        "{\"type\":\"settled\",\"epoch\":%d,\"seq\":%lld,\"what\":\"%s\",\"at\":\"2026-11-22T05:12:33.123+00:00\","
        "\"by\":\"Wei\",\"reason\":\"by phone\"}\n",
        epoch, (long long)seq, what);
    engine_world_page(world, 0, line);
}

/* ---- scanned again before anybody has answered ---- */

static void what_was_lost_is_not_right_when_it_is_scanned_again(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, ITEM("S1"));
    engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
    engine_world_expect(world, "SO-1", ITEM("S1"), "in-other-document", "confirm");
    engine_world_expect(world, "SO-2", ITEM("S2"), "ok", "accept");
    assert_string_equal(engine_world_scan(world, "SO-1", ITEM("S1"), 0)->facts.other_no, "SO-2");
    assert_int_equal(recheck(world), 1);
    engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
    engine_world_reopen(world);
    engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
    assert_int_equal(answer(world, lost, ANSWER_TAKE_OUT, ""), RC_OK);
    engine_world_expect(world, "SO-2", ITEM("S1"), "ok", "accept");
}

static void after_its_document_is_done_it_is_not_right_either(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    assert_int_equal(complete(world), RC_OK);
    hear(world, lost, SYNC_REFUSED, "false-holder");
    engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
}

static void kept_it_is_in_its_document(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, ITEM("S1"));
    assert_int_equal(answer(world, lost, ANSWER_KEEP, "li"), RC_OK);
    engine_world_expect(world, "SO-1", ITEM("S1"), "duplicate", "reject");
    engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
}

/* Somebody else has to put it right. */
static void not_mine_it_is_right_once_it_is_settled(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, ITEM("S1"));
    assert_int_equal(answer(world, lost, ANSWER_NOT_MINE, ""), RC_OK);
    engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
    hear_settled(world, 1, lost, "closed");
    engine_world_expect(world, "SO-2", ITEM("S1"), "ok", "accept");
}

static void tell_place(struct engine_world *world, const char *holder)
{
    char line[256];
    snprintf(line, sizeof line,
             "{\"type\":\"code\",\"code\":\"" ITEM("S1") "\",\"product\":\"SKU\",\"level\":0,\"holder\":\"%s\"}\n",
             holder);
    engine_world_page(world, engine_world_last(world), line);
}

/* From then on the books say where they are, and when they are back. */
static void not_mine_it_is_where_the_server_says_once_it_has_heard(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, ITEM("S1"));
    assert_int_equal(recheck(world), 1);
    tell_place(world, "party:D-1");
    assert_int_equal(answer(world, lost, ANSWER_NOT_MINE, ""), RC_OK);
    const struct outcome *outcome = engine_world_scan(world, "SO-2", ITEM("S1"), 0);
    assert_true(outcome->facts.lost);
    engine_world_page(world, engine_world_last(world), "");
    outcome = engine_world_scan(world, "SO-2", ITEM("S1"), 0);
    assert_false(outcome->facts.lost);
    assert_int_equal(outcome->verdict.reason, REASON_ALREADY_SHIPPED);
    tell_place(world, "site:CDB");
    engine_world_expect(world, "SO-2", ITEM("S1"), "ok", "accept");
}

/* Nobody ever answered, but the goods have gone their way. */
static void what_a_later_scan_brought_somewhere_is_right(void **state)
{
    struct engine_world *world = *state;
    const struct completion completion = {.short_reason = "no-stock"};
    lose(world, ITEM("S1"));
    assert_int_equal(recheck(world), 1);
    int64_t again = engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
    assert_int_equal(engine_confirm(world->engine, "t:out,2", again, ""), RC_OK);
    assert_int_equal(engine_complete(world->engine, "t:out,2", &completion, NULL), RC_OK);
    tell_place(world, "site:CDB"); /* it came back */
    engine_world_expect(world, "SO-3", ITEM("S1"), "ok", "accept");
}

static void what_was_undone_or_set_aside_is_right(void **state)
{
    struct engine_world *world = *state;
    int64_t one = lose(world, ITEM("S1")), two = lose(world, ITEM("S2"));
    assert_int_equal(recheck(world), 2);
    assert_int_equal(engine_undo(world->engine, DOC, one), RC_OK);
    assert_int_equal(engine_set_aside(world->engine, DOC, two), RC_OK);
    engine_world_expect(world, "SO-2", ITEM("S1"), "ok", "accept");
    engine_world_expect(world, "SO-2", ITEM("S2"), "ok", "accept");
}

/* What is in it, and what it is in, as with goods of another document. */
static void a_case_and_its_goods_are_lost_with_each_other(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, CASE);
    engine_world_expect(world, "SO-2", ITEM("C1"), "in-other-document", "confirm");
    assert_int_equal(answer(world, lost, ANSWER_TAKE_OUT, ""), RC_OK);
    lost = lose(world, ITEM("C1"));
    engine_world_expect(world, "SO-2", CASE, "partial-container", "confirm");
    assert_int_equal(answer(world, lost, ANSWER_TAKE_OUT, ""), RC_OK);
    engine_world_expect(world, "SO-2", CASE, "ok", "accept");
}

/* ---- settled by somebody else ---- */

static int64_t settled(struct engine_world *world)
{
    struct store_counts counts;
    assert_int_equal(store_counts(engine_store(world->engine), &counts), RC_OK);
    return counts.settled;
}

static bool keep_row(void *context, const struct store_inbox_row *row)
{
    *(struct store_inbox_row *)context = *row;
    return false;
}

static void what_somebody_else_settled_waits_no_more(void **state)
{
    struct engine_world *world = *state;
    struct store_inbox_row row = {.scan_seq = 0};
    int64_t lost = lose(world, ITEM("S1")), other = lose(world, ITEM("S2"));
    hear_settled(world, 1, lost, "closed");
    assert_int_equal(waiting(world), 1);
    assert_int_equal(settled(world), 1);
    assert_int_equal(store_inbox_row(engine_store(world->engine), lost, &row), RC_NOT_FOUND);
    assert_int_equal(store_inbox_row(engine_store(world->engine), other, &row), RC_OK);
    assert_int_equal(answer(world, lost, ANSWER_TAKE_OUT, ""), RC_NOT_FOUND);
    assert_int_equal(store_inbox_settled(engine_store(world->engine), keep_row, &row), RC_OK);
    assert_int_equal(row.told.seq, lost);
    assert_string_equal(row.key, ITEM("S1"));
    assert_string_equal(row.settled.what, "closed");
    assert_string_equal(row.settled.by, "Wei");
    assert_string_equal(row.settled.reason, "by phone");
    assert_true(store_refused(engine_store(world->engine), lost)); /* it counts no more than before */
    engine_world_reopen(world);
    assert_int_equal(waiting(world), 1);
}

static void its_latch_goes_with_it(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, ITEM("S1"));
    assert_int_equal(recheck(world), 1);
    assert_int_equal(answer(world, lost, ANSWER_NOT_MINE, ""), RC_OK);
    engine_world_expect(world, "SO-1", ITEM("S2"), "ok", "accept");
    assert_int_equal(complete(world), RC_LATCHED);
    hear_settled(world, 1, lost, "closed");
    assert_int_equal(recheck(world), 0);
    json_t *body = last_body(world);
    assert_string_equal(text(body, "kind"), "answer");
    assert_string_equal(text(body, "answer"), "settled");
    assert_string_equal(text(body, "doc"), DOC);
    assert_string_equal(text(body, "no"), "SO-1");
    assert_int_equal(json_integer_value(json_object_get(body, "ref")), lost);
    json_decref(body);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), QTY_ONE); /* the other one */
    int64_t last = engine_world_last(world);
    assert_int_equal(recheck(world), 0);
    assert_int_equal(engine_world_last(world), last); /* said once */
    assert_int_equal(settled(world), 1);
    assert_int_equal(complete(world), RC_OK);
    engine_world_verify(world);
}

/* A recall is another matter. */
static void a_latch_of_another_kind_stays(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    engine_world_page(world, 0,
                      "{\"type\":\"recall\",\"id\":\"R\",\"product\":\"SKU\",\"codes\":[\"" ITEM("S1") "\"]}\n");
    assert_int_equal(recheck(world), 1);
    hear(world, lost, SYNC_REFUSED, "lost-claim");
    hear_settled(world, 1, lost, "closed");
    assert_int_equal(recheck(world), 0);
    assert_int_equal(complete(world), RC_LATCHED);
}

static void own_answers_are_not_news(void **state)
{
    struct engine_world *world = *state;
    int64_t one = lose(world, ITEM("S1")), two = lose(world, ITEM("S2"));
    assert_int_equal(recheck(world), 2);
    assert_int_equal(answer(world, one, ANSWER_TAKE_OUT, ""), RC_OK);
    assert_int_equal(engine_set_aside(world->engine, DOC, two), RC_OK);
    hear_settled(world, 1, one, "take-out");
    hear_settled(world, 1, two, "take-out");
    assert_int_equal(waiting(world), 0);
    assert_int_equal(settled(world), 0);
}

/* Another life of this device had another record under that number. */
static void another_lifes_word_is_not_for_this_one(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = lose(world, ITEM("S1"));
    hear_settled(world, 2, lost, "closed");
    assert_int_equal(waiting(world), 1);
    assert_int_equal(settled(world), 0);
}

static void a_catalog_begun_anew_knows_it(void **state)
{
    struct engine_world *world = *state;
    struct sync_state known;
    int64_t lost = lose(world, ITEM("S1"));
    hear_settled(world, 1, lost, "closed");
    assert_int_equal(world->sync.state(world->sync.context, &known), RC_OK);
    assert_int_equal(world->sync.restart(world->sync.context, "h1", known.acked_seq), RC_OK);
    engine_world_page(world, 0, FEED);
    assert_int_equal(waiting(world), 0);
    assert_int_equal(settled(world), 1);
    /* another history may not know of it */
    assert_int_equal(world->sync.restart(world->sync.context, "h2", 0), RC_OK);
    engine_world_page(world, 0, FEED);
    hear(world, lost, SYNC_REFUSED, "lost-claim");
    assert_int_equal(waiting(world), 1);
}

static void how_far_a_transfer_is(void **state)
{
    (void)state;
    char said[TRANSFER_TEXT_MAX + 1];
    const struct transfer none = {0}, file = {.have = 139999999, .size = 140000000, .rows = 5},
                          rows = {.rows = 34000}, sending = {.sent = 500, .waiting = 4700};
    assert_string_equal(transfer_fetched(&none, said), "");
    assert_string_equal(transfer_sent(&none, said), "");
    assert_string_equal(transfer_short(&none, said), "");
    assert_string_equal(transfer_fetched(&file, said), "139.9 of 140.0 MB"); /* never all before it is */
    assert_string_equal(transfer_short(&file, said), "⇅ 99%");
    assert_string_equal(transfer_fetched(&rows, said), "34000 rows so far");
    assert_string_equal(transfer_sent(&sending, said), "500 of 5200 records sent");
    assert_string_equal(transfer_short(&sending, said), "⇅ 4700 to go");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_lost_is_listed_with_all_that_was_said, setup, teardown),
        cmocka_unit_test_setup_teardown(what_needs_nobody_is_not_listed, setup, teardown),
        cmocka_unit_test_setup_teardown(taken_out_it_counts_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(taken_out_after_a_look_clears_its_latch, setup, teardown),
        cmocka_unit_test_setup_teardown(undo_and_setting_aside_are_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_it_counts_by_the_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_before_anybody_looked_it_counts_once, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_after_the_document_is_done_it_says_how_it_began, setup, teardown),
        cmocka_unit_test_setup_teardown(not_mine_changes_no_work, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_lost_is_not_right_when_it_is_scanned_again, setup, teardown),
        cmocka_unit_test_setup_teardown(after_its_document_is_done_it_is_not_right_either, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_it_is_in_its_document, setup, teardown),
        cmocka_unit_test_setup_teardown(not_mine_it_is_right_once_it_is_settled, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_undone_or_set_aside_is_right, setup, teardown),
        cmocka_unit_test_setup_teardown(a_case_and_its_goods_are_lost_with_each_other, setup, teardown),
        cmocka_unit_test_setup_teardown(not_mine_it_is_where_the_server_says_once_it_has_heard, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_later_scan_brought_somewhere_is_right, setup, teardown),
        cmocka_unit_test_setup_teardown(what_somebody_else_settled_waits_no_more, setup, teardown),
        cmocka_unit_test_setup_teardown(its_latch_goes_with_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_latch_of_another_kind_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(own_answers_are_not_news, setup, teardown),
        cmocka_unit_test_setup_teardown(another_lifes_word_is_not_for_this_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_catalog_begun_anew_knows_it, setup, teardown),
        cmocka_unit_test(how_far_a_transfer_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
