/* What records do to containers at the server, and that their undo gives back exactly what was before. */
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

static const char DOC[] = "own:1-1-1";

/* A1 A2 in case 1; S1 S2 S3 loose, S3 only in a run. Case 2 was sent to the dealer with D1 in it, and came back empty. */
static const char FEED[] = CODE(ITEM("A1"), "\"product\":\"B\",\"in\":\"" SSCC_1
                                            "\"") CODE(ITEM("A2"), "\"product\":\"B\",\"in\":\"" SSCC_1 "\"")
    CODE(SSCC_1, "\"level\":1,\"holder\":\"site:CDB\",\"aliases\":[\"UNDER-THE-CAP\"]") CODE(ITEM("S1"), HERE)
        CODE(ITEM("S2"), HERE) CODE(ITEM("D1"), "\"product\":\"B\",\"in\":\"" SSCC_2 "\"") CODE(
            SSCC_2,
            "\"level\":1,\"product\":\"B\",\"holder\":\"party:D-1\"") "{\"type\":\"codes\",\"product\":\"B\",\"lot\":"
                                                                      "null,"
                                                                      "\"first\":\"" ITEM("S3") "\",\"last\":\"" ITEM(
                                                                          "S9") "\","
                                                                                "\"holder\":\"site:CDB\"}\n";

static int setup(void **state)
{
    return flows_stage_open(state, FEED);
}

#define LABEL            ",\"mark\":true,\"product\":\"\",\"lot\":\"\",\"qty\":\"0\",\"alloc\":[]"
#define PACK(parent, in) ",\"pack\":{\"parent\":\"" parent "\",\"level\":1,\"in\":[" in "],\"out\":[]}"
#define Q(text)          "\"" text "\""

static int64_t label_last(struct flows_stage *stage)
{
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", ITEM("S1"), "");
    flows_scan(&stage->a, DOC, "pack", ITEM("S3"), "");
    return flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(ITEM("S1")) "," Q(ITEM("S3"))));
}

static void expect_in(struct flows_stage *stage, const char *key, const char *parent, const char *holder)
{
    assert_string_equal(flows_code(stage, key, "in"), parent);
    assert_string_equal(flows_code(stage, key, "holder"), holder);
}

static void expect_level(struct flows_stage *stage, const char *key, int level)
{
    flows_code(stage, key, "in");
    json_t *told = json_object_get(json_object_get(stage->codes, key), "level");
    assert_true(json_is_integer(told));
    assert_int_equal(json_integer_value(told), level);
}

static void a_label_closes_what_was_loose(void **state)
{
    struct flows_stage *stage = *state;
    label_last(stage);
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("S1"), SSCC_3, "site:CDB");
    expect_in(stage, ITEM("S3"), SSCC_3, "site:CDB");
    /* nothing is reserved any more: another device ships the case while the job is open */
    flows_open(&stage->b, "t:out,1", "outbound", ",\"to\":\"party:D-1\"");
    flows_scan(&stage->b, "t:out,1", "outbound", SSCC_3, ",\"contents\":{\"count\":2,\"digest\":\"\"}");
    flows_complete(&stage->b, "t:out,1", "outbound", "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    assert_string_equal(flows_code(stage, ITEM("S3"), "holder"), "transit:party:D-1");
    json_t *conflicts = server_world_list(&stage->world, "conflicts");
    assert_int_equal(json_array_size(conflicts), 0);
    json_decref(conflicts);
}

static void undoing_the_label_makes_them_loose_again(void **state)
{
    struct flows_stage *stage = *state;
    char *before, *after;
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", ITEM("S1"), "");
    flows_scan(&stage->a, DOC, "pack", ITEM("S3"), "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    before = flows_books(stage);
    int64_t label = flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(ITEM("S1")) "," Q(ITEM("S3"))));
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("S1"), SSCC_3, "site:CDB");
    flows_refer(&stage->a, "undo", DOC, label, "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    after = flows_books(stage);
    /* S3 is told one by one now; what is said of it is the same as before */
    assert_string_equal(flows_code(stage, ITEM("S3"), "holder"), "site:CDB");
    json_object_del(stage->codes, ITEM("S3"));
    free(after);
    after = flows_books(stage);
    assert_string_equal(after, before);
    free(before);
    free(after);
    flows_scan(&stage->b, "t:out,1", "outbound", ITEM("S1"), "");
    assert_string_equal(flows_told(&stage->b), "lost-claim"); /* live again */
    /* and packed anew */
    flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(ITEM("S1")) "," Q(ITEM("S3"))));
    flows_complete(&stage->a, DOC, "pack", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("S3"), SSCC_3, "site:CDB");
}

static void what_something_came_of_is_not_undone(void **state)
{
    struct flows_stage *stage = *state;
    int64_t label = label_last(stage);
    assert_string_equal(flows_told(&stage->a), "accepted");
    flows_refer(&stage->a, "undo", DOC, label - 2, ""); /* the item: the label counts on it */
    assert_string_equal(flows_told(&stage->a), "undo-too-late");
    flows_scan(&stage->b, "t:out,1", "outbound", SSCC_3, "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    flows_refer(&stage->a, "undo", DOC, label, "");
    assert_string_equal(flows_told(&stage->a), "undo-too-late");
    expect_in(stage, ITEM("S1"), SSCC_3, "site:CDB");
}

static void a_label_first_takes_one_by_one(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL);
    flows_scan(&stage->a, DOC, "pack", ITEM("S1"), PACK(SSCC_3, Q(ITEM("S1"))));
    int64_t second = flows_scan(&stage->a, DOC, "pack", ITEM("S2"), PACK(SSCC_3, Q(ITEM("S2"))));
    flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL);
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("S2"), SSCC_3, "site:CDB");
    flows_refer(&stage->a, "undo", DOC, second, "");
    flows_complete(&stage->a, DOC, "pack", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("S1"), SSCC_3, "site:CDB");
    expect_in(stage, ITEM("S2"), "", "site:CDB");
    json_t *result = flows_result(stage, DOC), *extra = json_array_get(json_object_get(result, "extra"), 0);
    assert_string_equal(json_string_value(json_object_get(extra, "qty")), "1");
    json_decref(result);
}

/* The first thing that went in made it a case; it is one by the second when the first is taken back. */
static void what_others_are_in_keeps_its_level(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL);
    int64_t first = flows_scan(&stage->a, DOC, "pack", ITEM("S1"), PACK(SSCC_3, Q(ITEM("S1"))));
    flows_scan(&stage->a, DOC, "pack", ITEM("S2"), PACK(SSCC_3, Q(ITEM("S2"))));
    flows_refer(&stage->a, "undo", DOC, first, "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("S1"), "", "site:CDB");
    expect_in(stage, ITEM("S2"), SSCC_3, "site:CDB");
    expect_level(stage, SSCC_3, 1);
}

static void a_label_is_reserved_by_nobody(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL);
    flows_scan(&stage->a, DOC, "pack", ITEM("S1"), PACK(SSCC_3, Q(ITEM("S1"))));
    flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL);
    assert_string_equal(flows_told(&stage->a), "accepted");
    flows_scan(&stage->b, "t:out,1", "outbound", SSCC_3, "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    /* from now on it is the other's: nothing goes in */
    flows_scan(&stage->a, DOC, "pack", ITEM("S2"), PACK(SSCC_3, Q(ITEM("S2"))));
    assert_string_equal(flows_told(&stage->a), "lost-claim");
    assert_string_equal(flows_code(stage, ITEM("S2"), "in"), "");
}

/* Another document of the same device had counted it: that loses it with the label, packed or not, until the label is undone. */
static void a_label_is_moved_from_another_document(void **state)
{
    static const char *const PACKS[] = {"", PACK(SSCC_3, Q(ITEM("S1")))};
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "t:out,1", "outbound", ",\"to\":\"party:D-1\"");
    flows_scan(&stage->a, "t:out,1", "outbound", SSCC_3, "");
    flows_open(&stage->a, DOC, "pack", "");
    for (size_t i = 0; i < 2; i++) {
        char more[200];
        snprintf(more, sizeof more, "%s%s", LABEL, PACKS[i]);
        int64_t goods = i ? flows_scan(&stage->a, DOC, "pack", ITEM("S1"), "") : 0;
        int64_t label = flows_scan(&stage->a, DOC, "pack", SSCC_3, more);
        assert_string_equal(flows_told(&stage->a), "accepted");
        int64_t other = flows_scan(&stage->b, "t:out,2", "outbound", SSCC_3, "");
        assert_string_equal(flows_told(&stage->b), "accepted"); /* nobody has it */
        flows_refer(&stage->b, "undo", "t:out,2", other, "");
        assert_string_equal(flows_told(&stage->b), "accepted");
        flows_refer(&stage->a, "undo", DOC, label, "");
        if (goods)
            flows_refer(&stage->a, "undo", DOC, goods, "");
        assert_string_equal(flows_told(&stage->a), "accepted");
        flows_scan(&stage->b, "t:out,2", "outbound", SSCC_3, "");
        assert_string_equal(flows_told(&stage->b), "lost-claim"); /* the first order has it again */
    }
    flows_complete(&stage->a, "t:out,1", "outbound", ",\"to\":\"party:D-1\"");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, SSCC_3, "holder"), "transit:party:D-1");
}

/* What it is was not known when it was scanned, but when it was confirmed. */
static void a_confirm_says_what_a_code_is(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "own:1-1-9", "receipt", "");
    int64_t seq = flows_scan(&stage->a, "own:1-1-9", "receipt", "plain:X1",
                             ",\"product\":\"\",\"severity\":\"confirm\",\"reason\":\"unknown-code\",\"qty\":\"0\"");
    flows_refer(&stage->a, "confirm", "own:1-1-9", seq,
                ",\"product\":\"B\",\"lot\":\"\",\"level\":0,\"severity\":\"confirm\",\"reason\":\"unregistered\","
                "\"qty\":\"1\"");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, "plain:X1", "product"), "B");
}

/* It is no label of anything: nothing goes in. */
static void what_is_emptied_is_known_then(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "unpack", "");
    flows_scan(&stage->a, DOC, "unpack", ITEM("N1"),
               ",\"pack\":{\"parent\":\"" ITEM("N1") "\",\"level\":0,\"all\":true,\"in\":[],\"out\":[]}");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, ITEM("N1"), "product"), "B");
}

static void complete_releases_what_is_still_loose(void **state)
{
    struct flows_stage *stage = *state;
    label_last(stage);
    flows_scan(&stage->a, DOC, "pack", ITEM("S2"), "");
    flows_complete(&stage->a, DOC, "pack", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_t *result = flows_result(stage, DOC), *extra = json_array_get(json_object_get(result, "extra"), 0);
    assert_string_equal(json_string_value(json_object_get(extra, "qty")), "2");
    json_decref(result);
    flows_refer(&stage->a, "undo", DOC, 4, "");
    assert_string_equal(flows_told(&stage->a), "undo-too-late");
    flows_scan(&stage->b, "t:out,1", "outbound", ITEM("S2"), "");
    assert_string_equal(flows_told(&stage->b), "accepted");
}

static void a_container_is_used_again(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", ITEM("S1"), "");
    int64_t label = flows_scan(&stage->a, DOC, "pack", SSCC_2,
                               LABEL ",\"pack\":{\"parent\":\"" SSCC_2 "\",\"level\":1,\"all\":true,\"in\":[\"" ITEM(
                                   "S1") "\"],\"out\":[]},\"findings\":[],\"severity\":\"accept\","
                                         "\"reason\":\"already-shipped\"");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("D1"), "", "party:D-1");
    expect_in(stage, ITEM("S1"), SSCC_2, "site:CDB");
    assert_string_equal(flows_code(stage, SSCC_2, "holder"), "site:CDB");
    assert_string_equal(flows_code(stage, SSCC_2, "product"), ""); /* its contents say */
    flows_refer(&stage->a, "undo", DOC, label, "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("D1"), SSCC_2, "");
    assert_string_equal(flows_code(stage, SSCC_2, "holder"), "party:D-1");
    assert_string_equal(flows_code(stage, SSCC_2, "product"), "B");
    expect_in(stage, ITEM("S1"), "", "site:CDB");
}

/* It was known, but not as a container: whoever was told that it is one is told otherwise. */
static void what_was_no_container_is_none_again(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", ITEM("S1"), "");
    server_world_tell(&stage->world, CODE(SSCC_3, "\"holder\":\"site:CDB\""));
    int64_t label = flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(ITEM("S1"))));
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_level(stage, SSCC_3, 1);
    flows_refer(&stage->a, "undo", DOC, label, "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("S1"), "", "site:CDB");
    expect_level(stage, SSCC_3, 0);
}

static void what_is_not_in_hand_is_not_packed(void **state)
{
    struct flows_stage *stage = *state;
    flows_scan(&stage->b, "t:out,1", "outbound", ITEM("S1"), "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", ITEM("S1"), "");
    assert_string_equal(flows_told(&stage->a), "lost-claim");
    flows_scan(&stage->a, DOC, "pack", ITEM("S2"), "");
    flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(ITEM("S1")) "," Q(ITEM("S2"))));
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("S1"), "", "site:CDB");
    expect_in(stage, ITEM("S2"), SSCC_3, "site:CDB");
    json_t *conflicts = server_world_list(&stage->world, "conflicts");
    assert_int_equal(json_array_size(conflicts), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(conflicts, 1), "kind")), "contents-differ");
    json_decref(conflicts);
}

static void a_case_goes_on_a_pallet_and_never_into_itself(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", SSCC_1, "");
    flows_scan(&stage->a, DOC, "pack", SSCC_3,
               LABEL ",\"pack\":{\"parent\":\"" SSCC_3 "\",\"level\":2,\"in\":[\"" SSCC_1 "\",\"" SSCC_3
                     "\"],\"out\":[]}");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, SSCC_1, SSCC_3, "site:CDB");
    expect_in(stage, SSCC_3, "", "site:CDB");
    expect_in(stage, ITEM("A1"), SSCC_1, "");
    /* the pallet can't go into its case */
    flows_scan(&stage->a, DOC, "pack", SSCC_3, "");
    flows_scan(&stage->a, DOC, "pack", SSCC_1,
               LABEL ",\"pack\":{\"parent\":\"" SSCC_1 "\",\"level\":3,\"in\":[\"" SSCC_3 "\"],\"out\":[]}");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, SSCC_3, "", "site:CDB");
}

/* What is in the case was counted when it was packed, so its own scan comes to nothing, as a label's does. */
static void a_case_that_was_packed_here_goes_on_a_pallet(void **state)
{
    struct flows_stage *stage = *state;
    label_last(stage);
    flows_scan(&stage->a, DOC, "pack", SSCC_3,
               ",\"qty\":\"0\",\"alloc\":[],\"contents\":{\"count\":2,\"digest\":\"\"}");
    flows_scan(&stage->a, DOC, "pack", SSCC_1,
               LABEL ",\"pack\":{\"parent\":\"" SSCC_1 "\",\"level\":2,\"all\":true,\"in\":[\"" SSCC_3
                     "\"],\"out\":[]}");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, SSCC_3, "in"), SSCC_1);
    json_t *conflicts = server_world_list(&stage->world, "conflicts");
    assert_int_equal(json_array_size(conflicts), 0);
    json_decref(conflicts);
}

static void what_is_taken_out_keeps_its_place(void **state)
{
    struct flows_stage *stage = *state;
    char *before = flows_books(stage), *after;
    flows_open(&stage->a, DOC, "unpack", ",\"header\":{\"mode\":\"out\"}");
    int64_t out =
        flows_scan(&stage->a, DOC, "unpack", ITEM("A1"),
                   ",\"pack\":{\"parent\":\"" SSCC_1 "\",\"level\":1,\"in\":[],\"out\":[\"" ITEM("A1") "\"]}");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("A1"), "", "site:CDB");
    expect_in(stage, ITEM("A2"), SSCC_1, "");
    flows_refer(&stage->a, "undo", DOC, out, "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    after = flows_books(stage);
    assert_string_equal(after, before);
    free(before);
    free(after);
    flows_scan(&stage->a, DOC, "unpack", SSCC_1,
               ",\"pack\":{\"parent\":\"" SSCC_1
               "\",\"level\":1,\"all\":true,\"in\":[],\"out\":[\"" ITEM("A1") "\"]}");
    flows_complete(&stage->a, DOC, "unpack", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("A1"), "", "site:CDB");
    expect_in(stage, ITEM("A2"), "", "site:CDB"); /* which the device did not know */
    expect_in(stage, SSCC_1, "", "site:CDB");
}

/* Inspected meanwhile, the case is active as it was: nothing came of what was taken out. */
static void what_was_active_all_along_is_undone(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "unpack", ",\"header\":{\"mode\":\"out\"}");
    int64_t out =
        flows_scan(&stage->a, DOC, "unpack", ITEM("A1"),
                   ",\"pack\":{\"parent\":\"" SSCC_1 "\",\"level\":1,\"in\":[],\"out\":[\"" ITEM("A1") "\"]}");
    assert_string_equal(flows_told(&stage->a), "accepted");
    flows_open(&stage->b, "own:2-1-1", "inspect", "");
    flows_scan(&stage->b, "own:2-1-1", "inspect", SSCC_1, ",\"contents\":{\"count\":1,\"digest\":\"\"}");
    flows_complete(&stage->b, "own:2-1-1", "inspect", "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    assert_string_equal(flows_code(stage, SSCC_1, "state"), "active");
    flows_refer(&stage->a, "undo", DOC, out, "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, ITEM("A1"), "in"), SSCC_1);
}

static void one_takes_the_place_of_another(void **state)
{
    struct flows_stage *stage = *state;
    char *before, *after;
    flows_open(&stage->a, DOC, "replace", "");
    flows_scan(&stage->a, DOC, "replace", ITEM("A1"), "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    before = flows_books(stage);
    int64_t second = flows_scan(&stage->a, DOC, "replace", ITEM("S1"),
                                ",\"pack\":{\"parent\":\"" SSCC_1
                                "\",\"level\":1,\"in\":[\"" ITEM("S1") "\"],\"out\":[\"" ITEM("A1") "\"]}");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("A1"), "", "site:CDB");
    expect_in(stage, ITEM("S1"), SSCC_1, "site:CDB");
    flows_refer(&stage->a, "undo", DOC, second, "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    after = flows_books(stage);
    assert_string_equal(after, before);
    free(before);
    free(after);
}

static bool has_alias(struct flows_stage *stage, const char *key, const char *alias)
{
    (void)flows_code(stage, key, "code");
    const json_t *aliases = json_object_get(json_object_get(stage->codes, key), "aliases");
    const char *first = json_string_value(json_array_get(aliases, 0));
    return first && strcmp(first, alias) == 0 && json_array_size(aliases) == 1;
}

static void a_new_label_is_what_the_old_one_was(void **state)
{
    struct flows_stage *stage = *state;
    char *before, *after;
    flows_open(&stage->a, DOC, "relabel", "");
    flows_scan(&stage->a, DOC, "relabel", SSCC_1, "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    before = flows_books(stage);
    int64_t fresh =
        flows_scan(&stage->a, DOC, "relabel", SSCC_3, ",\"relabel\":{\"old\":\"" SSCC_1 "\",\"new\":\"" SSCC_3 "\"}");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("A1"), SSCC_3, "");
    assert_string_equal(flows_code(stage, SSCC_3, "holder"), "site:CDB");
    assert_string_equal(flows_code(stage, SSCC_1, "state"), "void");
    assert_true(has_alias(stage, SSCC_3, "plain:UNDER-THE-CAP"));
    assert_false(has_alias(stage, SSCC_1, "plain:UNDER-THE-CAP"));
    flows_refer(&stage->a, "undo", DOC, fresh, "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_true(has_alias(stage, SSCC_1, "plain:UNDER-THE-CAP"));
    after = flows_books(stage);
    assert_string_equal(after, before);
    free(before);
    free(after);
    flows_scan(&stage->a, DOC, "relabel", SSCC_3, ",\"relabel\":{\"old\":\"" SSCC_1 "\",\"new\":\"" SSCC_3 "\"}");
    flows_complete(&stage->a, DOC, "relabel", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    flows_scan(&stage->b, "t:out,1", "outbound", SSCC_3, ",\"contents\":{\"count\":2,\"digest\":\"\"}");
    flows_complete(&stage->b, "t:out,1", "outbound", ",\"to\":\"party:D-1\"");
    assert_string_equal(flows_told(&stage->b), "accepted");
}

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

/* Two took the same new label: one for the pallet that the goods are on, the other for goods in it. */
static void a_label_that_is_around_or_in_the_goods_is_none_for_them(void **state)
{
    static const char OTHER[] = "own:2-1-1";
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", SSCC_1, "");
    flows_scan(&stage->a, DOC, "pack", SSCC_3, LABEL PACK(SSCC_3, Q(SSCC_1)));
    assert_string_equal(flows_told(&stage->a), "accepted");
    char *before = flows_books(stage);
    flows_open(&stage->b, OTHER, "relabel", "");
    int64_t item = flows_scan(&stage->b, OTHER, "relabel", ITEM("A1"), "");
    int64_t label = flows_scan(&stage->b, OTHER, "relabel", SSCC_3,
                               ",\"relabel\":{\"old\":\"" ITEM("A1") "\",\"new\":\"" SSCC_3 "\"}");
    assert_string_equal(flows_told(&stage->b), "accepted");
    assert_int_equal(conflicts_of(stage, "contents-differ"), 1);
    expect_in(stage, SSCC_3, "", "site:CDB");
    expect_in(stage, SSCC_1, SSCC_3, "site:CDB");
    expect_in(stage, ITEM("A1"), SSCC_1, "");
    flows_refer(&stage->b, "undo", OTHER, label, "");
    flows_refer(&stage->b, "undo", OTHER, item, "");
    flows_scan(&stage->b, OTHER, "relabel", SSCC_3, "");
    flows_scan(&stage->b, OTHER, "relabel", SSCC_1, ",\"relabel\":{\"old\":\"" SSCC_3 "\",\"new\":\"" SSCC_1 "\"}");
    assert_string_equal(flows_told(&stage->b), "accepted");
    assert_int_equal(conflicts_of(stage, "contents-differ"), 2);
    char *after = flows_books(stage);
    assert_string_equal(after, before);
    free(before);
    free(after);
}

static void a_confirm_carries_what_it_does(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, DOC, "pack", "");
    flows_scan(&stage->a, DOC, "pack", ITEM("S1"), "");
    int64_t label = flows_scan(&stage->a, DOC, "pack", SSCC_3,
                               LABEL ",\"reason\":\"partial-container\",\"severity\":\"confirm\"");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("S1"), "", "site:CDB");
    flows_refer(&stage->a, "confirm", DOC, label, PACK(SSCC_3, Q(ITEM("S1"))));
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("S1"), SSCC_3, "site:CDB");
    flows_refer(&stage->a, "undo", DOC, label, "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    expect_in(stage, ITEM("S1"), "", "site:CDB");
}

static void members_that_are_not_what_they_should_be_are_held(void **state)
{
    static const char *const ROWS[] = {
        ",\"pack\":{\"level\":1,\"in\":[],\"out\":[]}",
        ",\"pack\":{\"parent\":\"" SSCC_3 "\",\"in\":[1]}",
        ",\"pack\":{\"parent\":\"" SSCC_3 "\",\"in\":\"x\"}",
        ",\"relabel\":{\"old\":\"" SSCC_3 "\",\"new\":\"" SSCC_3 "\"}",
        ",\"relabel\":{\"old\":\"" SSCC_3 "\"}",
    };
    struct flows_stage *stage = *state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        flows_scan(&stage->a, DOC, "pack", ITEM("S1"), ROWS[i]);
        assert_string_equal(flows_told(&stage->a), "bad-record");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, flows_stage_close)
        TEST(a_label_closes_what_was_loose),
        TEST(undoing_the_label_makes_them_loose_again),
        TEST(what_something_came_of_is_not_undone),
        TEST(a_label_first_takes_one_by_one),
        TEST(what_others_are_in_keeps_its_level),
        TEST(a_label_is_reserved_by_nobody),
        TEST(a_label_is_moved_from_another_document),
        TEST(a_confirm_says_what_a_code_is),
        TEST(what_is_emptied_is_known_then),
        TEST(complete_releases_what_is_still_loose),
        TEST(a_container_is_used_again),
        TEST(what_was_no_container_is_none_again),
        TEST(what_is_not_in_hand_is_not_packed),
        TEST(a_case_goes_on_a_pallet_and_never_into_itself),
        TEST(a_case_that_was_packed_here_goes_on_a_pallet),
        TEST(what_is_taken_out_keeps_its_place),
        TEST(what_was_active_all_along_is_undone),
        TEST(one_takes_the_place_of_another),
        TEST(a_new_label_is_what_the_old_one_was),
        TEST(a_label_that_is_around_or_in_the_goods_is_none_for_them),
        TEST(a_confirm_carries_what_it_does),
        TEST(members_that_are_not_what_they_should_be_are_held),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
