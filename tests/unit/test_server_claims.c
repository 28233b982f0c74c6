/* Goods that this device takes from one of its documents to another, and what the books say while a case is worked on. */
#include "tests/unit/server_stage.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <sodium.h>
#include <string.h>

static const char DOC_1[] = "t:out,1", DOC_2[] = "t:out,2";

#define ITEM(serial)  "(01)05901234123457(21)" serial
#define OTHER(serial) "(01)04006381333931(21)" serial
#define CASE_A        "(00)069012340000000016"
#define CASE_B        "(00)069012340000000023"
#define PALLET        "(00)069012340000000030"

/* clang-format off */
#define IN(code, product, in) "{\"type\":\"code\",\"code\":\"" code "\",\"product\":\"" product "\",\"in\":\"" in "\"}\n"
#define ORDER(n) \
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out," n "\",\"no\":\"SO-" n "\",\"flow\":\"outbound\",\"state\":\"open\"," \
    "\"from\":\"site:CDB\",\"to\":\"party:D-" n "\",\"lines\":[{\"line\":\"b" n "\",\"product\":\"B\",\"qty\":\"9\"}," \
    "{\"line\":\"e" n "\",\"product\":\"E\",\"qty\":\"9\"}]}\n"

/* A pallet of a case of B (A1 A2) and a case of E (E1 E2); S1 loose. */
static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Kit\",\"gtin\":[\"05901234123457\"],\"control\":\"item\"}\n"
    "{\"type\":\"product\",\"id\":\"E\",\"name\":\"Bolt\",\"gtin\":[\"04006381333931\"],\"control\":\"item\"}\n"
    IN(ITEM("A1"), "B", CASE_A) IN(ITEM("A2"), "B", CASE_A) IN(OTHER("E1"), "E", CASE_B) IN(OTHER("E2"), "E", CASE_B)
    "{\"type\":\"code\",\"code\":\"" CASE_A "\",\"level\":1,\"in\":\"" PALLET "\"}\n"
    "{\"type\":\"code\",\"code\":\"" CASE_B "\",\"level\":1,\"in\":\"" PALLET "\"}\n"
    "{\"type\":\"code\",\"code\":\"" PALLET "\",\"level\":2,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"" ITEM("S1") "\",\"product\":\"B\",\"holder\":\"site:CDB\"}\n"
    ORDER("1") ORDER("2");
/* clang-format on */

static int setup(void **state)
{
    return stage_open(state, FEED);
}

/* One scan that counts at once; `alloc` is what goes to the lines, as a list's inside. */
static int64_t scan(struct handheld *handheld, const char *doc, const char *key, const char *reason,
                    const char *alloc)
{
    char members[800], raw[128];
    sodium_bin2base64(raw, sizeof raw, (const uint8_t *)key, strlen(key), sodium_base64_VARIANT_ORIGINAL);
    snprintf(members, sizeof members,
             "\"doc\":\"%s\",\"flow\":\"outbound\",\"raw\":\"%s\",\"typed\":true,\"aim\":\"\",\"key\":\"%s\","
             "\"product\":\"B\",\"lot\":\"\",\"reason\":\"%s\",\"severity\":\"accept\",\"findings\":[],"
             "\"qty\":\"1\",\"holder\":\"site:CDB\",\"alloc\":[%s]",
             doc, raw, key, reason, alloc);
    return handheld_note(handheld, "scan", members);
}

/* The document whose lines end in `n`. */
static void opened(struct handheld *handheld, const char *doc, char n)
{
    char members[400];
    snprintf(members, sizeof members,
             "\"doc\":\"%s\",\"no\":\"SO-%c\",\"flow\":\"outbound\",\"rev\":\"\",\"lines\":["
             "{\"line\":\"b%c\",\"product\":\"B\",\"qty\":\"9\",\"tolerance\":\"0\",\"lot\":null},"
             "{\"line\":\"e%c\",\"product\":\"E\",\"qty\":\"9\",\"tolerance\":\"0\",\"lot\":null}]",
             doc, n, n, n);
    handheld_note(handheld, "open", members);
}

#define ALLOC(line, qty) "{\"line\":\"" line "\",\"qty\":\"" qty "\",\"lot\":\"\"}"

static void accepted(struct handheld *handheld)
{
    assert_int_equal(handheld_push(handheld), 200);
    for (int i = 0; i < handheld->reply.count; i++)
        if (handheld->reply.verdicts[i].outcome != PUSH_ACCEPTED)
            fail_msg("record %d: %s", i, handheld->reply.verdicts[i].word);
}

static void complete(struct handheld *handheld, const char *doc)
{
    char members[120];
    snprintf(members, sizeof members,
             "\"doc\":\"%s\",\"flow\":\"outbound\",\"close\":\"short\",\"short_reason\":\"no-stock\"", doc);
    handheld_note(handheld, "complete", members);
}

/* What the result of the document says of a line. */
static const char *result_qty(struct stage *stage, const char *no, const char *line)
{
    static char qty[32];
    size_t i, j;
    json_t *results = server_world_list(&stage->world, "results"), *result, *entry;
    strcpy(qty, "none");
    json_array_foreach(results, i, result)
    {
        if (strcmp(json_string_value(json_object_get(result, "no")), no) != 0)
            continue;
        json_array_foreach(json_object_get(result, "lines"), j, entry)
        {
            if (strcmp(json_string_value(json_object_get(entry, "line")), line) == 0)
                snprintf(qty, sizeof qty, "%s", json_string_value(json_object_get(entry, "qty")));
        }
    }
    json_decref(results);
    return qty;
}

static void expect_code(json_t *page, const char *key, const char *holder, const char *parent)
{
    const json_t *code = page_find(page, "code", "code", key);
    const char *has = json_string_value(json_object_get(code, "holder"));
    const char *in = json_string_value(json_object_get(code, "in"));
    assert_non_null(code);
    assert_string_equal(has ? has : "", holder);
    assert_string_equal(in ? in : "", parent);
}

static void what_leaves_a_pallet_for_another_document_counts_once(void **state)
{
    struct stage *stage = *state;
    opened(&stage->a, DOC_1, '1');
    opened(&stage->a, DOC_2, '2');
    scan(&stage->a, DOC_1, PALLET, "ok", ALLOC("b1", "2") "," ALLOC("e1", "2"));
    scan(&stage->a, DOC_2, CASE_B, "in-other-document", ALLOC("e2", "2"));
    scan(&stage->a, DOC_2, ITEM("A1"), "in-other-document", ALLOC("b2", "1"));
    complete(&stage->a, DOC_1);
    complete(&stage->a, DOC_2);
    accepted(&stage->a);
    assert_string_equal(result_qty(stage, "SO-1", "b1"), "1");
    assert_string_equal(result_qty(stage, "SO-1", "e1"), "0");
    assert_string_equal(result_qty(stage, "SO-2", "b2"), "1");
    assert_string_equal(result_qty(stage, "SO-2", "e2"), "2");
}

static void undoing_a_move_gives_it_back(void **state)
{
    struct stage *stage = *state;
    opened(&stage->a, DOC_1, '1');
    opened(&stage->a, DOC_2, '2');
    scan(&stage->a, DOC_1, ITEM("S1"), "ok", ALLOC("b1", "1"));
    scan(&stage->a, DOC_1, PALLET, "ok", ALLOC("b1", "2") "," ALLOC("e1", "2"));
    int64_t item = scan(&stage->a, DOC_2, ITEM("S1"), "in-other-document", ALLOC("b2", "1"));
    int64_t part = scan(&stage->a, DOC_2, CASE_B, "in-other-document", ALLOC("e2", "2"));
    handheld_refer(&stage->a, "undo", DOC_2, item);
    handheld_refer(&stage->a, "undo", DOC_2, part);
    accepted(&stage->a);
    /* it is still this device's */
    handheld_scan(&stage->b, DOC_2, "S1", "accept", "ok");
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(handheld_verdict(&stage->b, stage->b.seq), "lost-claim");
    complete(&stage->a, DOC_1);
    accepted(&stage->a);
    assert_string_equal(result_qty(stage, "SO-1", "b1"), "3");
    assert_string_equal(result_qty(stage, "SO-1", "e1"), "2");
}

static void giving_up_a_document_gives_back_what_it_took(void **state)
{
    struct stage *stage = *state;
    char members[40];
    opened(&stage->a, DOC_1, '1');
    opened(&stage->a, DOC_2, '2');
    scan(&stage->a, DOC_1, PALLET, "ok", ALLOC("b1", "2") "," ALLOC("e1", "2"));
    scan(&stage->a, DOC_2, CASE_B, "in-other-document", ALLOC("e2", "2"));
    snprintf(members, sizeof members, "\"doc\":\"%s\"", DOC_2);
    handheld_note(&stage->a, "abandon", members);
    complete(&stage->a, DOC_1);
    accepted(&stage->a);
    assert_string_equal(result_qty(stage, "SO-1", "e1"), "2");
}

static void a_move_from_a_document_that_was_given_up_gives_nothing_back(void **state)
{
    struct stage *stage = *state;
    char members[40];
    opened(&stage->a, DOC_1, '1');
    opened(&stage->a, DOC_2, '2');
    scan(&stage->a, DOC_1, ITEM("S1"), "ok", ALLOC("b1", "1"));
    int64_t item = scan(&stage->a, DOC_2, ITEM("S1"), "in-other-document", ALLOC("b2", "1"));
    snprintf(members, sizeof members, "\"doc\":\"%s\"", DOC_1);
    handheld_note(&stage->a, "abandon", members);
    handheld_refer(&stage->a, "undo", DOC_2, item);
    accepted(&stage->a);
    handheld_scan(&stage->b, DOC_2, "S1", "accept", "ok");
    accepted(&stage->b);
}

/* Opened once more with other lines: "B b9" is a line b9 that asks for nine of B. Their names have two characters. */
static void revised(struct handheld *handheld, const char *doc, const char *lines)
{
    char members[600];
    int at = snprintf(members, sizeof members,
                      "\"doc\":\"%s\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"rev\":\"\",\"lines\":[", doc);
    for (const char *line = lines; strlen(line) >= 4; line += strlen(line) > 4 ? 5 : 4)
        at += snprintf(members + at, sizeof members - (size_t)at,
                       "%s{\"line\":\"%.2s\",\"product\":\"%.1s\",\"qty\":\"9\",\"tolerance\":\"0\",\"lot\":null}",
                       line == lines ? "" : ",", line + 2, line);
    snprintf(members + at, sizeof members - (size_t)at, "]");
    handheld_note(handheld, "open", members);
}

static void expect_lines(struct stage *stage, const char *b1, const char *b9, const char *e1, const char *e9)
{
    assert_string_equal(result_qty(stage, "SO-1", "b1"), b1);
    assert_string_equal(result_qty(stage, "SO-1", "b9"), b9);
    assert_string_equal(result_qty(stage, "SO-1", "e1"), e1);
    assert_string_equal(result_qty(stage, "SO-1", "e9"), e9);
}

/* What the other device is told of this one's work: "b9=3 " for each line with something on it. */
static void expect_progress(struct stage *stage, const char *lines)
{
    char text[200] = "";
    size_t i;
    json_t *page = handheld_pull(&stage->b, NULL, NULL), *entry;
    json_array_foreach(json_object_get(page_find(page, "share", "doc", DOC_1), "progress"), i, entry)
    {
        size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, "%s=%s ", json_string_value(json_object_get(entry, "line")),
                 json_string_value(json_object_get(entry, "qty")));
    }
    json_decref(page);
    assert_string_equal(text, lines);
}

/* Unit S1 and case B go from one document to the other, whose papers change meanwhile, and come back. */
static void come_back(struct stage *stage, const char *lines, const char *lines_after)
{
    opened(&stage->a, DOC_1, '1');
    opened(&stage->a, DOC_2, '2');
    scan(&stage->a, DOC_1, ITEM("S1"), "ok", ALLOC("b1", "1"));
    scan(&stage->a, DOC_1, PALLET, "ok", ALLOC("b1", "2") "," ALLOC("e1", "2"));
    int64_t item = scan(&stage->a, DOC_2, ITEM("S1"), "in-other-document", ALLOC("b2", "1"));
    int64_t part = scan(&stage->a, DOC_2, CASE_B, "in-other-document", ALLOC("e2", "2"));
    revised(&stage->a, DOC_1, lines);
    revised(&stage->a, DOC_1, lines_after);
    handheld_refer(&stage->a, "undo", DOC_2, item);
    handheld_refer(&stage->a, "undo", DOC_2, part);
    accepted(&stage->a);
}

/* The paper was changed meanwhile: it is the same work all the same. */
static void a_revised_document_gets_back_what_left_it(void **state)
{
    struct stage *stage = *state;
    come_back(stage, "B b1 E e1", "B b1 E e1");
    expect_progress(stage, "b1=3 e1=2 ");
    handheld_scan(&stage->b, DOC_2, "S1", "accept", "ok");
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(handheld_verdict(&stage->b, stage->b.seq), "lost-claim");
    complete(&stage->a, DOC_1);
    accepted(&stage->a);
    expect_lines(stage, "3", "none", "2", "none");
}

/* The lines b1 and e1 are called b9 and e9 by then. */
static void counts_on_other_names(struct stage *stage, const char *lines)
{
    come_back(stage, lines, "E e9 B b9");
    expect_progress(stage, "b9=3 e9=2 ");
    complete(&stage->a, DOC_1);
    accepted(&stage->a);
    expect_lines(stage, "none", "3", "none", "2");
}

static void what_comes_back_counts_on_lines_of_other_names(void **state)
{
    counts_on_other_names(*state, "B b8 E e8");
}

/* For a while the paper asked for none of it. */
static void what_comes_back_counts_on_a_line_that_came_back_too(void **state)
{
    counts_on_other_names(*state, "E e9");
}

static void what_comes_back_to_no_line_counts_on_none(void **state)
{
    struct stage *stage = *state;
    come_back(stage, "E e9 B b9", "E e9");
    expect_progress(stage, "e9=2 ");
    complete(&stage->a, DOC_1);
    accepted(&stage->a);
    expect_lines(stage, "none", "none", "none", "2");
}

static void a_case_leaves_behind_what_was_taken_out_of_it(void **state)
{
    struct stage *stage = *state;
    json_decref(handheld_pull(&stage->b, NULL, NULL));
    scan(&stage->a, DOC_2, ITEM("A1"), "ok", ALLOC("b2", "1"));
    scan(&stage->a, DOC_1, CASE_A, "partial-container", ALLOC("b1", "1"));
    complete(&stage->a, DOC_1);
    accepted(&stage->a);
    json_t *page = handheld_pull(&stage->b, NULL, NULL);
    expect_code(page, CASE_A, "transit:party:D-1", "");
    expect_code(page, ITEM("A1"), "site:CDB", ""); /* on the other order's pile, not on this one's lorry */
    json_decref(page);
    complete(&stage->a, DOC_2);
    accepted(&stage->a);
    page = handheld_pull(&stage->b, NULL, NULL);
    expect_code(page, ITEM("A1"), "transit:party:D-2", "");
    json_decref(page);
}

static void two_short_halves_make_a_whole(void **state)
{
    struct stage *stage = *state;
    opened(&stage->a, DOC_1, '1');
    opened(&stage->b, DOC_1, '1');
    accepted(&stage->a);
    accepted(&stage->b);
    scan(&stage->a, DOC_1, CASE_A, "ok", ALLOC("b1", "9"));
    scan(&stage->b, DOC_1, CASE_B, "ok", ALLOC("e1", "9"));
    complete(&stage->a, DOC_1);
    complete(&stage->b, DOC_1);
    accepted(&stage->a);
    accepted(&stage->b);
    json_t *results = server_world_list(&stage->world, "results");
    assert_int_equal(json_array_size(results), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(results, 0), "close")), "complete");
    json_decref(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stage_close)
        TEST(what_leaves_a_pallet_for_another_document_counts_once),
        TEST(undoing_a_move_gives_it_back),
        TEST(a_revised_document_gets_back_what_left_it),
        TEST(what_comes_back_counts_on_lines_of_other_names),
        TEST(what_comes_back_counts_on_a_line_that_came_back_too),
        TEST(what_comes_back_to_no_line_counts_on_none),
        TEST(giving_up_a_document_gives_back_what_it_took),
        TEST(a_move_from_a_document_that_was_given_up_gives_nothing_back),
        TEST(a_case_leaves_behind_what_was_taken_out_of_it),
        TEST(two_short_halves_make_a_whole),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
