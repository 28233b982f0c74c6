/* Two devices out of reach of each other put one label on two things: who syncs first has it, and the books lose nothing. */
#include "tests/unit/server_flows.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char DOC[] = "own:1-1-1", OTHER[] = "own:2-1-1", AGAIN[] = "own:2-1-2";

/* A1 A2 in case 1, D1 in case 2, which is with the dealer; S1 S2 loose, S3 to S9 in a run. */
static const char FEED[] = CODE(ITEM("A1"), "\"product\":\"B\",\"in\":\"" SSCC_1 "\"")
    CODE(ITEM("A2"), "\"product\":\"B\",\"in\":\"" SSCC_1 "\"") CODE(SSCC_1, "\"level\":1,\"holder\":\"site:CDB\"")
        CODE(ITEM("D1"), "\"product\":\"B\",\"in\":\"" SSCC_2 "\"")
            CODE(SSCC_2, "\"level\":1,\"holder\":\"party:D-1\"") CODE(ITEM("S1"), HERE)
                CODE(ITEM("S2"), HERE) "{\"type\":\"codes\",\"product\":\"B\",\"lot\":null,\"first\":\"" ITEM(
                    "S3") "\",\"last\":\"" ITEM("S9") "\","
                                                      "\"holder\":\"site:CDB\"}\n";

static int setup(void **state)
{
    return flows_stage_open(state, FEED);
}

#define SSCC_4            "(00)069012340000000047"
#define LABEL             ",\"mark\":true,\"product\":\"\",\"lot\":\"\",\"qty\":\"0\",\"alloc\":[]"
#define PACK(parent, in)  ",\"pack\":{\"parent\":\"" parent "\",\"level\":1,\"in\":[" in "],\"out\":[]}"
#define RELABEL(old, new) ",\"relabel\":{\"old\":\"" old "\",\"new\":\"" new "\"}"
#define Q(text)           "\"" text "\""

static size_t conflicts_of(struct flows_stage *stage, const char *kind)
{
    json_t *conflicts = server_world_list(&stage->world, "conflicts");
    size_t count = 0, i;
    const json_t *line;
    json_array_foreach(conflicts, i, line)
    {
        count += strcmp(json_string_value(json_object_get(line, "kind")), kind) == 0;
    }
    json_decref(conflicts);
    return count;
}

static void expect_in(struct flows_stage *stage, const char *key, const char *parent, const char *holder)
{
    assert_string_equal(flows_code(stage, key, "in"), parent);
    assert_string_equal(flows_code(stage, key, "holder"), holder);
}

/* All of it accepted; *ret_label: the record of the new label. */
static void relabel(struct handheld *handheld, const char *doc, const char *old, const char *fresh, const char *more,
                    int64_t *ret_label)
{
    flows_open(handheld, doc, "relabel", "");
    flows_scan(handheld, doc, "relabel", old, "");
    *ret_label = flows_scan(handheld, doc, "relabel", fresh, more);
    assert_string_equal(flows_told(handheld), "accepted");
}

static void complete(struct handheld *handheld, const char *doc, const char *flow)
{
    flows_complete(handheld, doc, flow, "");
    assert_string_equal(flows_told(handheld), "accepted");
}

/* Item S1 is "L" from now on, and nobody reserves that any more. */
static int64_t item_takes_label(struct flows_stage *stage)
{
    int64_t label;
    relabel(&stage->a, DOC, ITEM("S1"), SSCC_3, RELABEL(ITEM("S1"), SSCC_3), &label);
    complete(&stage->a, DOC, "relabel");
    assert_string_equal(flows_code(stage, SSCC_3, "product"), "B");
    assert_string_equal(flows_code(stage, ITEM("S1"), "state"), "void");
    return label;
}

static void expect_books(struct flows_stage *stage, char *before)
{
    char *after = flows_books(stage);
    assert_string_equal(after, before);
    free(after);
    free(before);
}

static void two_items_one_label(void **state)
{
    struct flows_stage *stage = *state;
    int64_t label;
    item_takes_label(stage);
    char *before = flows_books(stage);
    relabel(&stage->b, OTHER, ITEM("S2"), SSCC_3, RELABEL(ITEM("S2"), SSCC_3), &label);
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    flows_refer(&stage->b, "undo", OTHER, label, "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    complete(&stage->b, OTHER, "relabel");
    expect_in(stage, ITEM("S2"), "", "site:CDB");
    assert_string_equal(flows_code(stage, ITEM("S2"), "state"), "");
    expect_books(stage, before);
}

static void an_item_under_the_label_of_a_full_case(void **state)
{
    struct flows_stage *stage = *state;
    int64_t label;
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", ITEM("S1"), "");
    flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(ITEM("S1"))));
    complete(&stage->a, DOC, "pack");
    char *before = flows_books(stage);
    relabel(&stage->b, OTHER, ITEM("S2"), SSCC_3, RELABEL(ITEM("S2"), SSCC_3), &label);
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_books(stage, before);
}

/* What was to go in stays loose, and is no longer reserved once the job is done. */
static void a_case_under_the_label_of_an_item(void **state)
{
    struct flows_stage *stage = *state;
    item_takes_label(stage);
    char *before = flows_books(stage);
    flows_open(&stage->b, OTHER, "pack", "");
    flows_scan(&stage->b, OTHER, "pack", ITEM("S2"), "");
    int64_t label = flows_scan(&stage->b, OTHER, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(ITEM("S2"))));
    assert_string_equal(flows_told(&stage->b), "accepted");
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_books(stage, before);
    flows_refer(&stage->b, "undo", OTHER, label, "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    flows_scan(&stage->a, "t:out,1", "outbound", ITEM("S2"), "");
    assert_string_equal(flows_told(&stage->a), "lost-claim");
    complete(&stage->b, OTHER, "pack");
    flows_scan(&stage->a, "t:out,1", "outbound", ITEM("S2"), "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, SSCC_3, "product"), "B");
}

/* The same one by one, the label first: each is packed by its own record. */
static void goods_into_what_has_become_an_item(void **state)
{
    struct flows_stage *stage = *state;
    item_takes_label(stage);
    char *before = flows_books(stage);
    flows_open(&stage->b, OTHER, "pack", "");
    flows_scan(&stage->b, OTHER, "pack", SSCC_3, LABEL);
    flows_scan(&stage->b, OTHER, "pack", ITEM("S2"), PACK(SSCC_3, Q(ITEM("S2"))));
    complete(&stage->b, OTHER, "pack");
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_books(stage, before);
}

/* Received as a case of seven, of which nobody said what is in it: while it is here nothing else is under its label. */
static void a_case_under_the_label_of_a_case_that_came(void **state)
{
    static const char CASE[] =
        ",\"product\":\"B\",\"lot\":\"\",\"level\":1,\"qty\":\"7\",\"reason\":\"unregistered\","
        "\"severity\":\"warn\",\"alloc\":[{\"line\":\"\",\"product\":\"B\",\"qty\":\"7\",\"lot\":"
        "\"\"}]";
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "receipt", "");
    flows_scan(&stage->a, DOC, "receipt", SSCC_3, CASE);
    complete(&stage->a, DOC, "receipt");
    char *before = flows_books(stage);
    flows_open(&stage->b, OTHER, "pack", "");
    flows_scan(&stage->b, OTHER, "pack", ITEM("S2"), "");
    flows_scan(&stage->b, OTHER, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(ITEM("S2"))));
    complete(&stage->b, OTHER, "pack");
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_books(stage, before);
    flows_open(&stage->a, "t:out,1", "outbound", ",\"to\":\"party:D-1\"");
    flows_scan(&stage->a, "t:out,1", "outbound", SSCC_3, "");
    complete(&stage->a, "t:out,1", "outbound");
    /* it went to the dealer and was emptied there */
    flows_open(&stage->b, AGAIN, "pack", "");
    flows_scan(&stage->b, AGAIN, "pack", ITEM("S2"), "");
    flows_scan(&stage->b, AGAIN, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(ITEM("S2"))));
    complete(&stage->b, AGAIN, "pack");
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_in(stage, ITEM("S2"), SSCC_3, "site:CDB");
}

/* Nobody has scanned it, the data centre alone tells of it. */
static void a_case_under_the_label_of_a_case_that_was_told(void **state)
{
    struct flows_stage *stage = *state;
    server_world_tell(&stage->world,
                      CODE(SSCC_3, "\"level\":1,\"product\":\"B\",\"covers\":7,\"holder\":\"site:CDB\"")
                          CODE(SSCC_4, "\"level\":1,\"product\":\"B\",\"covers\":7,\"holder\":\"party:D-1\""));
    char *before = flows_books(stage);
    flows_open(&stage->b, OTHER, "pack", "");
    flows_scan(&stage->b, OTHER, "pack", ITEM("S2"), "");
    flows_scan(&stage->b, OTHER, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(ITEM("S2"))));
    complete(&stage->b, OTHER, "pack");
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_books(stage, before);
    /* the dealer has emptied the other one */
    flows_open(&stage->b, AGAIN, "pack", "");
    flows_scan(&stage->b, AGAIN, "pack", ITEM("S2"), "");
    flows_scan(&stage->b, AGAIN, "pack", SSCC_4, LABEL PACK(SSCC_4, Q(ITEM("S2"))));
    complete(&stage->b, AGAIN, "pack");
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_in(stage, ITEM("S2"), SSCC_4, "site:CDB");
}

/* Where the work was done, whatever site the device is of. */
static void a_case_at_the_site_that_is_worked_at(void **state)
{
    struct flows_stage *stage = *state;
    server_world_tell(&stage->world,
                      CODE(SSCC_3, "\"level\":1,\"product\":\"B\",\"covers\":7,\"holder\":\"site:CDX\"")
                          CODE(ITEM("X1"), "\"product\":\"B\",\"holder\":\"site:CDX\""));
    char *before = flows_books(stage);
    snprintf(stage->b.site, sizeof stage->b.site, "CDX");
    flows_open(&stage->b, OTHER, "pack", "");
    flows_scan(&stage->b, OTHER, "pack", ITEM("X1"), "");
    flows_scan(&stage->b, OTHER, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(ITEM("X1"))));
    complete(&stage->b, OTHER, "pack");
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_books(stage, before);
}

/* What the feed told meanwhile, one by one or as a run. */
static void what_somebody_has_is_no_new_label(void **state)
{
    struct flows_stage *stage = *state;
    int64_t label;
    server_world_tell(&stage->world, CODE(SSCC_3, "\"level\":1,\"product\":\"B\",\"holder\":\"site:CDB\""));
    char *before = flows_books(stage);
    relabel(&stage->b, OTHER, ITEM("S2"), SSCC_3, RELABEL(ITEM("S2"), SSCC_3), &label);
    relabel(&stage->b, AGAIN, ITEM("A1"), ITEM("S5"), RELABEL(ITEM("A1"), ITEM("S5")), &label);
    assert_int_equal(conflicts_of(stage, "contents-differ"), 2);
    expect_books(stage, before);
}

/* A device that was told that the case's bottles are in it has to hear that it is no container. */
static void a_label_whose_case_went_back_holds_nothing(void **state)
{
    struct flows_stage *stage = *state;
    int64_t label;
    relabel(&stage->a, DOC, SSCC_1, SSCC_4, RELABEL(SSCC_1, SSCC_4), &label);
    expect_in(stage, ITEM("A1"), SSCC_4, "");
    flows_refer(&stage->a, "undo", DOC, label, ",\"condition\":\"damaged\"");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("A1"), SSCC_1, "");
    assert_string_equal(flows_code(stage, SSCC_4, "state"), "damaged");
    const json_t *level = json_object_get(json_object_get(stage->codes, SSCC_4), "level");
    assert_true(json_is_integer(level));
    assert_int_equal(json_integer_value(level), 0);
}

static void a_label_is_free_again(void **state)
{
    struct flows_stage *stage = *state;
    int64_t label;
    /* undone, and done again */
    relabel(&stage->a, DOC, ITEM("S1"), SSCC_3, RELABEL(ITEM("S1"), SSCC_3), &label);
    flows_refer(&stage->a, "undo", DOC, label, "");
    flows_scan(&stage->a, DOC, "relabel", SSCC_3, RELABEL(ITEM("S1"), SSCC_3));
    complete(&stage->a, DOC, "relabel");
    expect_in(stage, SSCC_3, "", "site:CDB");
    /* void: the item gets its first label back */
    relabel(&stage->b, OTHER, SSCC_3, ITEM("S1"), RELABEL(SSCC_3, ITEM("S1")), &label);
    complete(&stage->b, OTHER, "relabel");
    assert_string_equal(flows_code(stage, ITEM("S1"), "state"), "");
    expect_in(stage, ITEM("S1"), "", "site:CDB");
    assert_string_equal(flows_code(stage, SSCC_3, "state"), "void");
    /* and printed, but nobody has it */
    server_world_tell(&stage->world, CODE(SSCC_4, "\"level\":1"));
    relabel(&stage->b, AGAIN, ITEM("S2"), SSCC_4, RELABEL(ITEM("S2"), SSCC_4), &label);
    assert_string_equal(flows_code(stage, SSCC_4, "product"), "B");
    assert_int_equal(conflicts_of(stage, "contents-differ"), 0);
}

/* Its own contents have left it. */
static void an_emptied_cases_label_is_free(void **state)
{
    struct flows_stage *stage = *state;
    int64_t label;
    flows_open(&stage->a, DOC, "unpack", "");
    flows_scan(&stage->a, DOC, "unpack", SSCC_1,
               ",\"pack\":{\"parent\":\"" SSCC_1 "\",\"level\":1,\"all\":true,\"in\":[],\"out\":[]}");
    complete(&stage->a, DOC, "unpack");
    relabel(&stage->b, OTHER, ITEM("S2"), SSCC_1, RELABEL(ITEM("S2"), SSCC_1), &label);
    assert_int_equal(conflicts_of(stage, "contents-differ"), 0);
    assert_string_equal(flows_code(stage, SSCC_1, "product"), "B");
    expect_in(stage, SSCC_1, "", "site:CDB");
}

/* ---- what another device had ---- */

/* Both scans are pushed at once: the old code's verdict, and that the books stay as they were. */
static void expect_not_relabelled(struct flows_stage *stage, const char *word)
{
    struct handheld *b = &stage->b;
    char *before = flows_books(stage);
    flows_open(b, OTHER, "relabel", "");
    flows_scan(b, OTHER, "relabel", ITEM("S1"), "");
    flows_scan(b, OTHER, "relabel", SSCC_3, RELABEL(ITEM("S1"), SSCC_3));
    flows_complete(b, OTHER, "relabel", "");
    handheld_push(b);
    assert_int_equal(b->reply.count, 4);
    assert_int_equal(b->reply.verdicts[1].outcome, PUSH_REFUSED);
    assert_string_equal(b->reply.verdicts[1].word, word);
    assert_int_equal(b->reply.verdicts[2].outcome, PUSH_ACCEPTED);
    assert_int_equal(conflicts_of(stage, word), 1);
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_books(stage, before);
}

/* It goes as what it is: the new label is nobody's. */
static void what_another_has_in_hand_keeps_its_code(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "t:out,1", "outbound", ",\"to\":\"party:D-1\"");
    flows_scan(&stage->a, "t:out,1", "outbound", ITEM("S1"), "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_not_relabelled(stage, "lost-claim");
    complete(&stage->a, "t:out,1", "outbound");
    expect_in(stage, ITEM("S1"), "", "transit:party:D-1");
    assert_string_equal(flows_code(stage, ITEM("S1"), "state"), "");
    expect_in(stage, SSCC_3, "", "");
}

static void what_has_left_keeps_its_code(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "t:out,1", "outbound", ",\"to\":\"party:D-1\"");
    flows_scan(&stage->a, "t:out,1", "outbound", ITEM("S1"), "");
    complete(&stage->a, "t:out,1", "outbound");
    expect_not_relabelled(stage, "false-holder");
}

static void what_was_scrapped_keeps_its_code(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "scrap", "");
    flows_scan(&stage->a, DOC, "scrap", ITEM("S1"), "");
    complete(&stage->a, DOC, "scrap");
    expect_not_relabelled(stage, "false-holder");
}

/* Who synced first gave it its label. */
static void what_has_a_new_label_gets_no_other(void **state)
{
    struct flows_stage *stage = *state;
    int64_t label;
    item_takes_label(stage);
    char *before = flows_books(stage);
    relabel(&stage->b, OTHER, ITEM("S1"), SSCC_4, RELABEL(ITEM("S1"), SSCC_4), &label);
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    complete(&stage->b, OTHER, "relabel");
    expect_in(stage, SSCC_3, "", "site:CDB");
    expect_books(stage, before);
}

/* One by one, as a run would: nobody has them. What another product's goods will get is none for these. */
static void a_label_registered_for_its_product_is_free(void **state)
{
    struct flows_stage *stage = *state;
    int64_t label;
    server_world_tell(&stage->world, CODE(ITEM("N1"), "\"product\":\"B\"") CODE(ITEM("N2"), "\"product\":\"C\""));
    relabel(&stage->b, OTHER, ITEM("S1"), ITEM("N1"), RELABEL(ITEM("S1"), ITEM("N1")), &label);
    assert_int_equal(conflicts_of(stage, "contents-differ"), 0);
    complete(&stage->b, OTHER, "relabel");
    expect_in(stage, ITEM("N1"), "", "site:CDB");
    assert_string_equal(flows_code(stage, ITEM("S1"), "state"), "void");
    relabel(&stage->b, AGAIN, ITEM("S2"), ITEM("N2"), RELABEL(ITEM("S2"), ITEM("N2")), &label);
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    assert_string_equal(flows_code(stage, ITEM("S2"), "state"), "");
    /* undone, it is what it was, and free again */
    flows_refer(&stage->b, "undo", AGAIN, label, "");
    server_world_tell(&stage->world, CODE(ITEM("N3"), "\"product\":\"B\""));
    label = flows_scan(&stage->b, AGAIN, "relabel", ITEM("N3"), RELABEL(ITEM("S2"), ITEM("N3")));
    flows_refer(&stage->b, "undo", AGAIN, label, "");
    flows_scan(&stage->b, AGAIN, "relabel", ITEM("N3"), RELABEL(ITEM("S2"), ITEM("N3")));
    complete(&stage->b, AGAIN, "relabel");
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_in(stage, ITEM("N3"), "", "site:CDB");
}

/* Found on goods in a count: no feed ever told of them, nobody said where they are. */
static void a_label_found_on_goods_is_not_free(void **state)
{
    static const char FOUND[] = ",\"reason\":\"unregistered\",\"severity\":\"warn\"";
    struct flows_stage *stage = *state;
    int64_t label;
    flows_open(&stage->a, DOC, "count", "");
    flows_scan(&stage->a, DOC, "count", ITEM("N1"), FOUND);
    complete(&stage->a, DOC, "count");
    assert_string_equal(flows_code(stage, ITEM("N1"), "product"), "B");
    char *before = flows_books(stage);
    relabel(&stage->b, OTHER, ITEM("S1"), ITEM("N1"), RELABEL(ITEM("S1"), ITEM("N1")), &label);
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_books(stage, before);
}

/* The goods have left; the books have them here, under their new label, until somebody sees to it. */
static void what_leaves_under_its_old_code_is_told_of(void **state)
{
    struct flows_stage *stage = *state;
    item_takes_label(stage);
    flows_open(&stage->b, "t:out,1", "outbound", ",\"to\":\"party:D-1\"");
    flows_scan(&stage->b, "t:out,1", "outbound", ITEM("S1"), "");
    complete(&stage->b, "t:out,1", "outbound");
    assert_int_equal(conflicts_of(stage, "void-code"), 1);
    expect_in(stage, ITEM("S1"), "", "transit:party:D-1");
    assert_string_equal(flows_code(stage, ITEM("S1"), "state"), "void");
    expect_in(stage, SSCC_3, "", "site:CDB");
    /* whoever sends the new label's goods, or says that the code is void, is not told */
    flows_scan(&stage->b, "t:out,2", "outbound", SSCC_3, "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    flows_scan(&stage->b, AGAIN, "return", ITEM("S1"),
               ",\"reason\":\"void-code\",\"severity\":\"warn\",\"from\":\"party:D-1\"");
    flows_told(&stage->b);
    assert_int_equal(conflicts_of(stage, "void-code"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, flows_stage_close)
        TEST(two_items_one_label),
        TEST(an_item_under_the_label_of_a_full_case),
        TEST(a_case_under_the_label_of_an_item),
        TEST(goods_into_what_has_become_an_item),
        TEST(a_case_under_the_label_of_a_case_that_came),
        TEST(a_case_under_the_label_of_a_case_that_was_told),
        TEST(a_case_at_the_site_that_is_worked_at),
        TEST(what_somebody_has_is_no_new_label),
        TEST(a_label_whose_case_went_back_holds_nothing),
        TEST(a_label_is_free_again),
        TEST(an_emptied_cases_label_is_free),
        TEST(what_another_has_in_hand_keeps_its_code),
        TEST(what_has_left_keeps_its_code),
        TEST(what_was_scrapped_keeps_its_code),
        TEST(what_has_a_new_label_gets_no_other),
        TEST(what_leaves_under_its_old_code_is_told_of),
        TEST(a_label_registered_for_its_product_is_free),
        TEST(a_label_found_on_goods_is_not_free),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
