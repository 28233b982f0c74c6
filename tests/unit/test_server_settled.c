/* A conflict that a manager closes, or that somebody answers: it stays on record as closed, and the device whose record lost is told;
 * nobody else is. */
#include "tests/unit/server_stage.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char ONE[] = "t:1", TWO[] = "t:2";

#define ORDER(doc, to)                                                                                               \
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"" doc "\",\"no\":\"SO-" doc                                   \
    "\",\"flow\":\"outbound\",\"from\":\"site:CDB\",\"to\":\"party:" to                                              \
    "\",\"lines\":[{\"line\":\"m,7\",\"product\":\"SKU-B200\",\"qty\":\"2\"}]}\n"
#define CODE(serial, holder)                                                                                         \
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)" serial "\",\"product\":\"SKU-B200\",\"holder\":\"" holder \
    "\"}\n"

static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\"}\n"
    "{\"type\":\"product\",\"id\":\"SKU-B200\",\"gtin\":[\"05901234123457\"],\"control\":\"item\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"site\",\"id\":\"S-D1\",\"kind\":\"dealer\",\"party\":\"D-1\"}\n"
    "{\"type\":\"party\",\"id\":\"D-2\",\"kind\":\"dealer\"}\n" CODE("X", "site:CDB") CODE("Y", "site:CDB")
        CODE("Z", "party:D-2") ORDER("1", "D-1") ORDER("2", "D-2");

static int setup(void **state)
{
    return stage_open(state, FEED);
}

static const char *text(const json_t *object, const char *name)
{
    const char *found = json_string_value(json_object_get(object, name));
    return found ? found : "";
}

/* Both work on X offline; A is first. The seq of B's scan, which lost. Both have heard all that there is to hear. */
static int64_t both_take_x(struct stage *stage)
{
    handheld_open(&stage->a, ONE);
    handheld_scan(&stage->a, ONE, "X", "accept", "ok");
    handheld_open(&stage->b, TWO);
    int64_t lost = handheld_scan(&stage->b, TWO, "X", "accept", "ok");
    assert_int_equal(handheld_push(&stage->a), 200);
    assert_int_equal(handheld_push(&stage->b), 200);
    json_decref(handheld_pull(&stage->a, NULL, NULL));
    json_decref(handheld_pull(&stage->b, NULL, NULL));
    return lost;
}

static int64_t answer(struct handheld *handheld, int64_t ref, const char *what, const char *more)
{
    char members[900];
    snprintf(members, sizeof members,
             "\"doc\":\"%s\",\"no\":\"SO-2\",\"flow\":\"outbound\",\"ref\":%" PRId64 ",\"answer\":\"%s\"%s", TWO, ref,
             what, more);
    return handheld_note(handheld, "answer", members);
}

static int resolve(struct stage *stage, const char *number, const char *reason, char **ret_out)
{
    const char *words[] = {"resolve", number, "--reason", reason, "--by", "boss", NULL};
    return server_world_run(&stage->world, NULL, ret_out, NULL, words);
}

static void expect_listed(struct stage *stage, bool open, const char *what, const char *reason)
{
    json_t *conflicts = server_world_list(&stage->world, "conflicts"), *row = json_array_get(conflicts, 0);
    const json_t *closed = json_object_get(row, "closed");
    assert_int_equal(json_array_size(conflicts), 1);
    assert_int_equal(json_is_true(json_object_get(row, "open")), open);
    assert_string_equal(text(json_object_get(row, "answer"), "what"), what);
    assert_string_equal(text(closed, "reason"), reason);
    assert_string_equal(text(closed, "by"), reason[0] ? "boss" : "");
    assert_int_equal(text(closed, "at")[0] != '\0', reason[0] != '\0');
    json_decref(conflicts);
}

/* The next page's only word on conflicts: what, by, reason, joined; "" none. */
static const char *hear(struct handheld *handheld, int64_t seq, char ret_told[200])
{
    json_t *page = handheld_pull(handheld, NULL, NULL), *line, *found = NULL;
    size_t i;
    ret_told[0] = '\0';
    json_array_foreach(page, i, line)
    {
        if (strcmp(text(line, "type"), "settled") != 0)
            continue;
        assert_null(found);
        found = line;
        assert_int_equal(json_integer_value(json_object_get(line, "seq")), seq);
        assert_int_equal(json_integer_value(json_object_get(line, "epoch")), 1);
        snprintf(ret_told, 200, "%s/%s/%s%s", text(line, "what"), text(line, "by"), text(line, "reason"),
                 json_is_true(json_object_get(line, "gone")) ? "gone" : "");
        assert_int_equal(text(line, "at")[0] != '\0', !json_is_true(json_object_get(line, "gone")));
    }
    json_decref(page);
    return ret_told;
}

static void what_nobody_answered_is_closed(void **state)
{
    struct stage *stage = *state;
    char told[200], *out;
    int64_t lost = both_take_x(stage);
    expect_listed(stage, true, "", "");
    assert_int_equal(resolve(stage, "1", "counted at the gate", &out), 0);
    assert_string_equal(out, "conflict 1: closed\n");
    free(out);
    expect_listed(stage, false, "", "counted at the gate");
    assert_string_equal(hear(&stage->b, lost, told), "closed/boss/counted at the gate");
    assert_string_equal(hear(&stage->a, 0, told), ""); /* it won, and knows of nothing */
    assert_string_equal(hear(&stage->b, lost, told), "");
    json_t *records = server_world_list(&stage->world, "records");
    assert_int_equal(json_array_size(records), 4); /* nobody's is gone */
    json_decref(records);
}

static void the_first_word_stands(void **state)
{
    struct stage *stage = *state;
    char told[200], *out;
    int64_t lost = both_take_x(stage);
    assert_int_equal(resolve(stage, "1", "first", NULL), 0);
    assert_string_equal(hear(&stage->b, lost, told), "closed/boss/first");
    assert_int_equal(resolve(stage, "1", "second", &out), 0);
    assert_string_equal(out, "conflict 1: was settled before (closed, by boss)\n");
    free(out);
    expect_listed(stage, false, "", "first");
    assert_string_equal(hear(&stage->b, lost, told), "");
}

/* Said before the device had heard of it: on record, and no harm. */
static void a_late_answer_changes_nothing(void **state)
{
    struct stage *stage = *state;
    char told[200];
    int64_t lost = both_take_x(stage);
    assert_int_equal(resolve(stage, "1", "settled by phone", NULL), 0);
    int64_t said = answer(&stage->b, lost, "not-mine", "");
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(handheld_verdict(&stage->b, said), "accepted");
    expect_listed(stage, false, "not-mine", "settled by phone");
    said = answer(&stage->b, lost, "settled", "");
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(handheld_verdict(&stage->b, said), "accepted");
    expect_listed(stage, false, "not-mine", "settled by phone");
    assert_string_equal(hear(&stage->b, lost, told), "closed/boss/settled by phone");
}

static void not_mine_is_for_the_manager(void **state)
{
    struct stage *stage = *state;
    char told[200];
    int64_t lost = both_take_x(stage);
    answer(&stage->b, lost, "not-mine", "");
    assert_int_equal(handheld_push(&stage->b), 200);
    expect_listed(stage, true, "not-mine", "");
    assert_string_equal(hear(&stage->b, lost, told), "//gone");
    assert_int_equal(resolve(stage, "1", "written off", NULL), 0);
    expect_listed(stage, false, "not-mine", "written off");
    assert_string_equal(hear(&stage->b, lost, told), "closed/boss/written off");
}

/* A life that was led back, or another machine with this number, may not know what was answered. */
static void an_answer_is_told_as_well(void **state)
{
    struct stage *stage = *state;
    char told[200], *out;
    int64_t lost = both_take_x(stage);
    handheld_refer(&stage->b, "set-aside", TWO, lost);
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(hear(&stage->b, lost, told), "take-out/wang/");
    assert_int_equal(resolve(stage, "1", "late", &out), 0);
    assert_string_equal(out, "conflict 1: was settled before (take-out, by wang)\n");
    free(out);
    expect_listed(stage, false, "take-out", "");
}

static void what_is_no_conflict_is_not_closed(void **state)
{
    struct stage *stage = *state;
    both_take_x(stage);
    assert_int_equal(resolve(stage, "2", "why", NULL), 1);
    assert_int_equal(resolve(stage, "1", "", NULL), 2);
    assert_int_equal(resolve(stage, "1x", "why", NULL), 2);
    assert_int_equal(server_world_run(&stage->world, NULL, NULL, NULL, (const char *const[]){"resolve", "1", NULL}),
                     2);
    expect_listed(stage, true, "", "");
}

static void a_dealer_is_told_what_and_when(void **state)
{
    struct stage *stage = *state;
    struct handheld dealer;
    char doc[40], told[200];
    handheld_new(&stage->world, "S-D1", &dealer);
    snprintf(doc, sizeof doc, "own:%" PRId64 "-1-1", dealer.device);
    handheld_open(&dealer, doc);
    int64_t lost = handheld_scan(&dealer, doc, "Z", "accept", "ok");
    assert_int_equal(handheld_push(&dealer), 200);
    assert_string_equal(handheld_verdict(&dealer, lost), "wrong-holder");
    json_decref(handheld_pull(&dealer, NULL, NULL));
    assert_int_equal(resolve(stage, "1", "D-2 sold it to them", NULL), 0);
    assert_string_equal(hear(&dealer, lost, told), "closed//");
    handheld_free(&dealer);
}

static void nobody_imports_it(void **state)
{
    struct stage *stage = *state;
    char *said;
    const char line[] = "{\"type\":\"settled\",\"epoch\":1,\"seq\":2,\"what\":\"closed\"}\n";
    assert_int_equal(server_world_run(&stage->world, line, NULL, &said, (const char *const[]){"import", "-", NULL}),
                     1);
    assert_non_null(strstr(said, "the server's own"));
    free(said);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stage_close)
    const struct CMUnitTest tests[] = {
        TEST(what_nobody_answered_is_closed), TEST(the_first_word_stands),
        TEST(a_late_answer_changes_nothing),  TEST(not_mine_is_for_the_manager),
        TEST(an_answer_is_told_as_well),      TEST(what_is_no_conflict_is_not_closed),
        TEST(a_dealer_is_told_what_and_when), TEST(nobody_imports_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
