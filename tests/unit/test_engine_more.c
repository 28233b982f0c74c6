/* What may go wrong between devices and documents: claims lost on sync, goods moved from one document to another and
 * back, containers in containers, a catalog begun anew. */
#include "tests/unit/engine_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ITEM(serial)  "(01)05901234123457(21)" serial
#define OTHER(serial) "(01)04006381333931(21)" serial
#define CASE_A        "(00)069012340000000016"
#define CASE_B        "(00)069012340000000023"
#define PALLET        "(00)069012340000000030"
#define SEALED        "(00)069012340000000047"

/* clang-format off */
#define IN(code, product, lot, in) \
    "{\"type\":\"code\",\"code\":\"" code "\",\"product\":\"" product "\",\"lot\":\"" lot "\",\"level\":0,\"in\":\"" in "\"}\n"
#define ORDER(n, lines) \
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out," n "\",\"no\":\"SO-" n "\",\"flow\":\"outbound\",\"state\":\"open\"," \
    "\"from\":\"site:CDB\",\"to\":\"party:D-" n "\",\"group\":null,\"due\":\"2026-11-23\",\"note\":\"\",\"lines\":[" lines "]}\n"
#define LINE(line, product, qty) \
    "{\"line\":\"" line "\",\"product\":\"" product "\",\"qty\":\"" qty "\",\"tolerance\":\"0\",\"lot\":null,\"picks\":[]}"

/* A pallet of a case of B (A1 A2) and a case of E (E1 E2); S1, S2 loose; a sealed case of 6 B that nobody reported. */
static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\",\"kind\":\"warehouse\",\"region\":null,\"party\":null}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Kit\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\",\"decimals\":0,\"control\":\"item\",\"pack\":[]}\n"
    "{\"type\":\"product\",\"id\":\"E\",\"name\":\"Bolt\",\"gtin\":[\"04006381333931\"],\"unit\":\"u\",\"decimals\":0,\"control\":\"item\",\"pack\":[]}\n"
    "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"L1\",\"made\":\"2026-01-10\",\"expires\":\"2028-01-10\",\"quality\":\"released\"}\n"
    IN(ITEM("A1"), "B", "L1", CASE_A) IN(ITEM("A2"), "B", "L1", CASE_A)
    IN(OTHER("E1"), "E", "LE", CASE_B) IN(OTHER("E2"), "E", "LE", CASE_B)
    "{\"type\":\"code\",\"code\":\"" CASE_A "\",\"level\":1,\"in\":\"" PALLET "\"}\n"
    "{\"type\":\"code\",\"code\":\"" CASE_B "\",\"level\":1,\"in\":\"" PALLET "\"}\n"
    "{\"type\":\"code\",\"code\":\"" PALLET "\",\"level\":2,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"" SEALED "\",\"product\":\"B\",\"lot\":\"L1\",\"level\":1,\"covers\":6,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"" ITEM("S1") "\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"" ITEM("S2") "\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0,\"holder\":\"site:CDB\"}\n"
    ORDER("1", LINE("b1", "B", "9") "," LINE("e1", "E", "2"))
    ORDER("2", LINE("b2", "B", "9") "," LINE("e2", "E", "2"))
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,\"pin\":\"2468\"}\n"
    "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\",\"enforce\":[],\"start\":null}\n";
/* clang-format on */

static const char DOC_1[] = "t:out,1", DOC_2[] = "t:out,2";

static int set_up(void **state)
{
    struct engine_world *world = calloc(1, sizeof *world);
    engine_world_open(world, FEED);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    engine_world_close(*state);
    free(*state);
    return 0;
}

static qty_t one(struct engine_world *world, const char *no, size_t line)
{
    return engine_world_tallied(world, no, line) / QTY_ONE;
}

static void complete_short(struct engine_world *world, const char *doc)
{
    struct completion completion = {.short_reason = "no-stock", .set_aside = true};
    assert_int_equal(engine_complete(world->engine, doc, &completion, NULL), RC_OK);
}

static int recheck(struct engine_world *world, const char *doc)
{
    int found = 0;
    assert_int_equal(engine_recheck(world->engine, doc, &found), RC_OK);
    return found;
}

/* ---- claims lost on sync ---- */

static void test_a_lost_claim_is_taken_out(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    engine_world_expect(world, "SO-1", ITEM("S2"), "ok", "accept");
    engine_world_refuse(world, (const int64_t[]){lost, 0});
    assert_int_equal(recheck(world, DOC_1), 1);
    assert_int_equal(one(world, "SO-1", 0), 1);
    struct completion completion = {.short_reason = "no-stock"};
    assert_int_equal(engine_complete(world->engine, DOC_1, &completion, NULL), RC_LATCHED);
    /* what the server refused is not brought back by a word: it would count here and nowhere else */
    assert_int_equal(engine_confirm(world->engine, DOC_1, lost, "li"), RC_REFUSED);
    assert_int_equal(one(world, "SO-1", 0), 1);
    assert_int_equal(engine_set_aside(world->engine, DOC_1, lost), RC_OK);
    assert_int_equal(recheck(world, DOC_1), 0);
    assert_int_equal(engine_complete(world->engine, DOC_1, &completion, NULL), RC_OK);
    engine_world_verify(world);
}

static void test_a_lost_claim_of_a_confirmed_scan_is_taken_out(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", ITEM("A1"), "ok", "accept");
    int64_t scan = engine_world_expect(world, "SO-1", PALLET, "partial-container", "confirm");
    assert_int_equal(engine_confirm(world->engine, DOC_1, scan, ""), RC_OK);
    assert_int_equal(one(world, "SO-1", 0), 2);
    engine_world_refuse(world, (const int64_t[]){engine_world_last(world), 0});
    assert_int_equal(recheck(world, DOC_1), 1);
    assert_int_equal(one(world, "SO-1", 0), 1);
    assert_int_equal(one(world, "SO-1", 1), 0);
}

static void test_a_refused_move_has_taken_nothing(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", CASE_A, "ok", "accept");
    int64_t moved = engine_world_expect(world, "SO-2", ITEM("A1"), "in-other-document", "confirm");
    assert_int_equal(engine_confirm(world->engine, DOC_2, moved, ""), RC_OK);
    assert_int_equal(one(world, "SO-1", 0), 1);
    engine_world_refuse(world, (const int64_t[]){engine_world_last(world), 0});
    assert_int_equal(recheck(world, DOC_2), 1);
    assert_int_equal(one(world, "SO-1", 0), 2);
    assert_int_equal(one(world, "SO-2", 0), 0);
}

static void test_what_is_counted_again_is_not_given_back_as_well(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    int64_t moved = engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
    assert_int_equal(engine_confirm(world->engine, DOC_2, moved, ""), RC_OK);
    engine_world_refuse(world, (const int64_t[]){engine_world_last(world), 0});
    int64_t again = engine_world_expect(world, "SO-1", ITEM("S1"), "in-other-document", "confirm");
    assert_int_equal(engine_confirm(world->engine, DOC_1, again, ""), RC_OK);
    assert_int_equal(one(world, "SO-1", 0), 1);
    recheck(world, DOC_2);
    assert_int_equal(one(world, "SO-1", 0), 1);
    engine_world_expect(world, "SO-1", ITEM("S1"), "duplicate", "reject");
}

static void test_a_case_with_less_inside_than_was_counted_is_taken_out(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", PALLET, "ok", "accept");
    engine_world_page(world, 0,
                      "{\"type\":\"code\",\"code\":\"" CASE_B "\",\"in\":null,\"holder\":\"transit:party:D-2\"}\n");
    assert_int_equal(recheck(world, DOC_1), 1);
    assert_int_equal(one(world, "SO-1", 0), 0);
    engine_world_expect(world, "SO-1", PALLET, "ok", "accept");
    assert_int_equal(one(world, "SO-1", 0), 2);
    assert_int_equal(recheck(world, DOC_1), 0);
    complete_short(world, DOC_1);
}

static void test_a_refused_unit_is_where_the_server_says(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    int64_t lost = engine_world_last(world);
    complete_short(world, DOC_1);
    engine_world_expect(world, "SO-2", ITEM("S1"), "already-shipped", "reject");
    engine_world_refuse(world, (const int64_t[]){lost, 0});
    engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
    assert_int_equal(engine_answer(world->engine, lost, ANSWER_TAKE_OUT, ""), RC_OK);
    engine_world_expect(world, "SO-2", ITEM("S1"), "ok", "accept");
}

static void test_refusals_outlive_a_catalog_begun_anew(void **state)
{
    struct engine_world *world = *state;
    int64_t lost = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    int64_t later = engine_world_expect(world, "SO-1", ITEM("S2"), "ok", "accept");
    engine_world_refuse(world, (const int64_t[]){lost, later, 0});
    assert_int_equal(world->sync.restart(world->sync.context, "h-2", lost), RC_OK);
    engine_world_page(world, lost, FEED);
    /* what the new history's server has was judged; the rest is pushed again and judged again */
    assert_true(store_refused(engine_store(world->engine), lost));
    assert_false(store_refused(engine_store(world->engine), later));
    assert_int_equal(recheck(world, DOC_1), 1);
}

static void test_what_was_taken_out_counts_again_by_a_new_scan_alone(void **state)
{
    struct engine_world *world = *state;
    static const char recall[] =
        "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":null,\"lots\":[],\"codes\":[\"" ITEM(
            "S1") "\"],\"reason\":\"x\",\"action\":\"quarantine\"}\n";
    int64_t first = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    engine_world_tell(world, recall);
    assert_int_equal(recheck(world, DOC_1), 1);
    engine_world_tell(world, "{\"type\":\"recall\",\"id\":\"R-1\",\"gone\":true}\n");
    assert_int_equal(engine_confirm(world->engine, DOC_1, first, "li"), RC_REFUSED);
    assert_int_equal(one(world, "SO-1", 0), 0);
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    assert_int_equal(one(world, "SO-1", 0), 1);
    complete_short(world, DOC_1);
    engine_world_verify(world);
}

/* ---- from one document to another ---- */

static void test_undoing_a_move_gives_it_back(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    int64_t moved = engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
    assert_int_equal(engine_confirm(world->engine, DOC_2, moved, ""), RC_OK);
    assert_int_equal(one(world, "SO-1", 0), 0);
    assert_int_equal(engine_undo(world->engine, DOC_2, moved), RC_OK);
    assert_int_equal(one(world, "SO-1", 0), 1);
    assert_int_equal(one(world, "SO-2", 0), 0);
    engine_world_expect(world, "SO-1", ITEM("S1"), "duplicate", "reject");
    engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
}

static void test_undoing_a_move_out_of_a_case_gives_it_back(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", PALLET, "ok", "accept");
    for (int again = 0; again < 2; again++) {
        int64_t moved = engine_world_expect(world, "SO-2", CASE_B, "in-other-document", "confirm");
        assert_int_equal(engine_confirm(world->engine, DOC_2, moved, ""), RC_OK);
        /* the case of E leaves: what is short is E */
        assert_int_equal(one(world, "SO-1", 0), 2);
        assert_int_equal(one(world, "SO-1", 1), 0);
        assert_int_equal(one(world, "SO-2", 1), 2);
        assert_int_equal(engine_undo(world->engine, DOC_2, moved), RC_OK);
        assert_int_equal(one(world, "SO-1", 0), 2);
        assert_int_equal(one(world, "SO-1", 1), 2);
        assert_int_equal(one(world, "SO-2", 1), 0);
    }
    engine_world_expect(world, "SO-1", OTHER("E1"), "duplicate", "reject");
}

static void test_giving_up_a_document_gives_back_what_it_took(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", PALLET, "ok", "accept");
    int64_t moved = engine_world_expect(world, "SO-2", CASE_B, "in-other-document", "confirm");
    assert_int_equal(engine_confirm(world->engine, DOC_2, moved, ""), RC_OK);
    assert_int_equal(engine_abandon(world->engine, DOC_2, NULL), RC_OK);
    assert_int_equal(one(world, "SO-1", 1), 2);
    engine_world_expect(world, "SO-1", OTHER("E1"), "duplicate", "reject");
}

static void test_a_move_from_a_document_that_is_gone_gives_nothing_back(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    int64_t moved = engine_world_expect(world, "SO-2", ITEM("S1"), "in-other-document", "confirm");
    assert_int_equal(engine_confirm(world->engine, DOC_2, moved, ""), RC_OK);
    assert_int_equal(engine_abandon(world->engine, DOC_1, NULL), RC_OK);
    assert_int_equal(engine_undo(world->engine, DOC_2, moved), RC_OK);
    engine_world_expect(world, "SO-2", ITEM("S1"), "ok", "accept");
}

static void test_an_unreported_case_moves_with_all_it_stands_for(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", SEALED, "ok", "accept");
    assert_int_equal(one(world, "SO-1", 0), 6);
    int64_t moved = engine_world_expect(world, "SO-2", SEALED, "in-other-document", "confirm");
    assert_int_equal(engine_confirm(world->engine, DOC_2, moved, ""), RC_OK);
    assert_int_equal(one(world, "SO-1", 0), 0);
    assert_int_equal(one(world, "SO-2", 0), 6);
}

/* ---- containers in containers ---- */

static void test_a_pallet_whose_cases_have_gone_is_empty(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", CASE_A, "ok", "accept");
    engine_world_expect(world, "SO-1", CASE_B, "ok", "accept");
    complete_short(world, DOC_1);
    engine_world_expect(world, "SO-2", PALLET, "no-contents", "confirm");
}

static void test_a_recalled_case_blocks_its_part_of_the_pallet(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":null,\"lots\":[],\"codes\":[\"" CASE_B
                             "\"],\"reason\":\"x\",\"action\":\"quarantine\"}\n");
    engine_world_expect(world, "SO-1", CASE_B, "recalled", "reject");
    struct outcome *outcome = engine_world_scan(world, "SO-1", PALLET, 0);
    assert_string_equal(reason_word(outcome->verdict.reason), "partial-container");
    assert_int_equal(outcome->verdict.qty, 2 * QTY_ONE);
    assert_int_equal(outcome->facts.blocked_by, REASON_RECALLED);
}

static void test_a_softened_reason_lets_a_case_count(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"L1\",\"quality\":\"hold\"}\n"
                             "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":null,\"lots\":[],\"codes\":[\"" OTHER(
                                 "E1") "\"],\"reason\":\"x\",\"action\":\"quarantine\"}\n");
    engine_world_expect(world, "SO-1", CASE_A, "on-hold", "reject");
    engine_world_tell(world,
                      "{\"type\":\"policy\",\"site\":\"CDB\",\"enforce\":[{\"reason\":\"on-hold\",\"as\":\"warn\","
                      "\"until\":null}]}\n");
    engine_world_expect(world, "SO-1", CASE_A, "on-hold", "warn");
    assert_int_equal(one(world, "SO-1", 0), 2);
    assert_int_equal(recheck(world, DOC_1), 0);
    /* what is not softened still blocks */
    struct outcome *outcome = engine_world_scan(world, "SO-1", CASE_B, 0);
    assert_string_equal(reason_word(outcome->verdict.reason), "partial-container");
    assert_int_equal(outcome->facts.blocked_by, REASON_RECALLED);
}

/* ---- what this device did against what the catalog tells ---- */

static void test_completed_goods_are_gone_before_and_after_the_pull(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", ITEM("A1"), "ok", "accept");
    engine_world_expect(world, "SO-1", CASE_B, "ok", "accept");
    complete_short(world, DOC_1);
    for (int pulled = 0; pulled < 2; pulled++) {
        engine_world_expect(world, "SO-2", ITEM("A1"), "already-shipped", "reject");
        engine_world_expect(world, "SO-2", OTHER("E1"), "already-shipped", "reject");
        struct outcome *outcome = engine_world_scan(world, "SO-2", CASE_A, 0);
        assert_string_equal(reason_word(outcome->verdict.reason), "ok"); /* what went by itself is out of it */
        assert_int_equal(outcome->verdict.qty, QTY_ONE);
        assert_int_equal(engine_undo(world->engine, DOC_2, outcome->seq), RC_OK);
        engine_world_page(
            world, engine_world_last(world),
            "{\"type\":\"code\",\"code\":\"" ITEM("A1") "\",\"in\":null,\"holder\":"
                                                        "\"transit:party:D-1\"}\n"
                                                        "{\"type\":\"code\",\"code\":\"" CASE_B
                                                        "\",\"in\":null,\"holder\":\"transit:party:D-1\"}\n");
    }
}

static void test_before_the_watermark_the_catalog_rules(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    complete_short(world, DOC_1);
    int64_t completed = engine_world_last(world);
    engine_world_page(world, completed - 1, "");
    engine_world_expect(world, "SO-2", ITEM("S1"), "already-shipped", "reject");
    engine_world_page(world, completed, ""); /* the server has it and did not move it */
    engine_world_expect(world, "SO-2", ITEM("S1"), "ok", "accept");
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(test_a_lost_claim_is_taken_out),
        ONE(test_a_lost_claim_of_a_confirmed_scan_is_taken_out),
        ONE(test_a_refused_move_has_taken_nothing),
        ONE(test_a_case_with_less_inside_than_was_counted_is_taken_out),
        ONE(test_a_refused_unit_is_where_the_server_says),
        ONE(test_refusals_outlive_a_catalog_begun_anew),
        ONE(test_what_was_taken_out_counts_again_by_a_new_scan_alone),
        ONE(test_what_is_counted_again_is_not_given_back_as_well),
        ONE(test_undoing_a_move_gives_it_back),
        ONE(test_undoing_a_move_out_of_a_case_gives_it_back),
        ONE(test_giving_up_a_document_gives_back_what_it_took),
        ONE(test_a_move_from_a_document_that_is_gone_gives_nothing_back),
        ONE(test_an_unreported_case_moves_with_all_it_stands_for),
        ONE(test_a_pallet_whose_cases_have_gone_is_empty),
        ONE(test_a_recalled_case_blocks_its_part_of_the_pallet),
        ONE(test_a_softened_reason_lets_a_case_count),
        ONE(test_completed_goods_are_gone_before_and_after_the_pull),
        ONE(test_before_the_watermark_the_catalog_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
