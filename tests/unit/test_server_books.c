/* What records do to the books: claims, conflicts, containers, moves, results. */
#include "sync/server/results.h"
#include "tests/unit/server_stage.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char DOC[] = "tryton:wh:out,1";
static const char OTHER_DOC[] = "tryton:wh:out,2";

#define ITEM(serial) "(01)05901234123457(21)" serial
#define CASE_1       "(00)069012340000000016"
#define CASE_2       "(00)069012340000000085"
#define PALLET       "(00)069012340000000023"

/* A pallet of one case of A1 and A2; A3 loose; A9 gone to a dealer. */
static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\"}\n"
    "{\"type\":\"product\",\"id\":\"SKU-B200\",\"name\":\"Seal\",\"gtin\":[\"05901234123457\"],\"control\":\"item\"}"
    "\n"
    "{\"type\":\"code\",\"code\":\"" PALLET "\",\"level\":2,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"" CASE_1 "\",\"level\":1,\"in\":\"" PALLET "\"}\n"
    "{\"type\":\"code\",\"code\":\"" ITEM(
        "A1") "\",\"product\":\"SKU-B200\",\"lot\":\"L1\",\"in\":\"" CASE_1 "\"}\n"
              "{\"type\":\"code\",\"code\":\"" ITEM(
                  "A2") "\",\"product\":\"SKU-B200\",\"in\":\"" CASE_1 "\",\"holder\":\"site:CDB\"}\n"
                        "{\"type\":\"code\",\"code\":\"" ITEM(
                            "A3") "\",\"product\":\"SKU-B200\",\"holder\":\"site:CDB\"}\n"
                                  "{\"type\":\"code\",\"code\":\"" ITEM(
                                      "A9") "\",\"product\":\"SKU-B200\",\"holder\":\"party:D-9\"}\n"
                                            "{\"type\":\"document\",\"source\":\"tryton:wh\",\"doc\":\"out,1\","
                                            "\"no\":\"SO-1\",\"flow\":\"outbound\",\"state\":\"open\","
                                            "\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"lines\":[{\"line\":\"m,7\","
                                            "\"product\":\"SKU-B200\",\"qty\":\"2\"}]}\n"
                                            "{\"type\":\"document\",\"source\":\"tryton:wh\",\"doc\":\"out,2\","
                                            "\"no\":\"SO-2\",\"flow\":\"outbound\",\"state\":\"open\","
                                            "\"from\":\"site:CDB\",\"to\":\"site:X\",\"lines\":[{\"line\":\"m,7\","
                                            "\"product\":\"SKU-B200\",\"qty\":\"2\"}]}\n";

static int setup(void **state)
{
    return stage_open(state, FEED);
}

/* A logistic unit, with the contents that the device believed. */
static int64_t scan_unit(struct handheld *handheld, const char *doc, const char *sscc, int count)
{
    char members[600], raw[64], plain[32];
    int len = snprintf(plain, sizeof plain, "00%s", sscc + 4);
    sodium_bin2base64(raw, sizeof raw, (const uint8_t *)plain, (size_t)len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(
        members, sizeof members,
        "\"doc\":\"%s\",\"flow\":\"outbound\",\"raw\":\"%s\",\"aim\":\"]C1\",\"key\":\"%s\",\"product\":\"SKU-B200\","
        "\"lot\":\"\",\"reason\":\"ok\",\"severity\":\"accept\",\"findings\":[],\"qty\":\"2\","
        "\"holder\":\"site:CDB\",\"contents\":{\"count\":%d,\"digest\":\"\"},"
        "\"alloc\":[{\"line\":\"m,7\",\"qty\":\"2\",\"lot\":\"\"}]",
        doc, raw, sscc, count);
    return handheld_note(handheld, "scan", members);
}

/* Pushes what there is, and gives the last record's verdict. */
static const char *told(struct handheld *handheld)
{
    assert_int_equal(handheld_push(handheld), 200);
    return handheld_verdict(handheld, handheld->seq);
}

static size_t count_of(struct server_world *world, const char *command)
{
    json_t *list = server_world_list(world, command);
    size_t count = json_array_size(list);
    json_decref(list);
    return count;
}

static void expect_findings(struct server_world *world, size_t record, const char *word)
{
    json_t *records = server_world_list(world, "records");
    json_t *found = json_object_get(json_array_get(records, record), "server_findings");
    size_t i, held = 0;
    json_t *finding;
    json_array_foreach(found, i, finding) held += strcmp(json_string_value(finding), word) == 0;
    assert_int_equal(held, 1);
    json_decref(records);
}

static void the_second_device_loses_the_claim(void **state)
{
    struct stage *stage = *state;
    handheld_scan(&stage->a, DOC, "A3", "accept", "ok");
    assert_string_equal(told(&stage->a), "accepted");
    handheld_scan(&stage->b, OTHER_DOC, "A3", "accept", "ok");
    assert_string_equal(told(&stage->b), "lost-claim");
    json_t *conflicts = server_world_list(&stage->world, "conflicts");
    const json_t *conflict = json_array_get(conflicts, 0);
    assert_int_equal(json_array_size(conflicts), 1);
    assert_string_equal(json_string_value(json_object_get(conflict, "kind")), "lost-claim");
    assert_int_equal(json_integer_value(json_object_get(conflict, "device")), stage->b.device);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(conflict, "other"), "device")),
                     stage->a.device);
    json_decref(conflicts);
}

static void undo_and_abandon_release(void **state)
{
    struct stage *stage = *state;
    int64_t scan = handheld_scan(&stage->a, DOC, "A3", "accept", "ok");
    handheld_refer(&stage->a, "undo", DOC, scan);
    assert_string_equal(told(&stage->a), "accepted");
    handheld_scan(&stage->b, DOC, "A3", "accept", "ok");
    assert_string_equal(told(&stage->b), "accepted");
    handheld_note(&stage->b, "abandon", "\"doc\":\"tryton:wh:out,1\"");
    assert_string_equal(told(&stage->b), "accepted");
    handheld_scan(&stage->a, DOC, "A3", "accept", "ok");
    assert_string_equal(told(&stage->a), "accepted");
}

static void a_case_and_what_is_in_it_exclude_each_other(void **state)
{
    struct stage *stage = *state;
    handheld_scan(&stage->a, DOC, "A1", "accept", "ok");
    assert_string_equal(told(&stage->a), "accepted");
    scan_unit(&stage->b, OTHER_DOC, PALLET, 3);
    assert_string_equal(told(&stage->b), "lost-claim");
    handheld_refer(&stage->a, "undo", DOC, stage->a.seq);
    assert_string_equal(told(&stage->a), "accepted");
    scan_unit(&stage->b, OTHER_DOC, PALLET, 3);
    assert_string_equal(told(&stage->b), "accepted");
    handheld_scan(&stage->a, DOC, "A2", "accept", "ok");
    assert_string_equal(told(&stage->a), "lost-claim");
    assert_int_equal(count_of(&stage->world, "conflicts"), 2);
}

static void other_contents_are_a_conflict_but_count(void **state)
{
    struct stage *stage = *state;
    scan_unit(&stage->a, DOC, CASE_1, 12);
    assert_string_equal(told(&stage->a), "accepted");
    assert_int_equal(count_of(&stage->world, "conflicts"), 1);
    expect_findings(&stage->world, 0, "contents-differ");
}

static void a_holder_that_cannot_be_is_refused_unless_admitted(void **state)
{
    struct stage *stage = *state;
    handheld_scan(&stage->a, DOC, "A9", "accept", "ok");
    assert_string_equal(told(&stage->a), "false-holder");
    handheld_scan(&stage->a, DOC, "A9", "warn", "already-shipped");
    assert_string_equal(told(&stage->a), "accepted");
    handheld_scan(&stage->a, DOC, "UNKNOWN", "warn", "unregistered");
    assert_string_equal(told(&stage->a), "accepted");
    assert_int_equal(count_of(&stage->world, "conflicts"), 1);
}

static void a_confirm_counts_only_when_confirmed(void **state)
{
    struct stage *stage = *state;
    int64_t scan = handheld_scan(&stage->a, DOC, "A3", "confirm", "in-other-document");
    assert_string_equal(told(&stage->a), "accepted");
    handheld_scan(&stage->b, DOC, "A3", "accept", "ok");
    assert_string_equal(told(&stage->b), "accepted"); /* nobody had it yet */
    handheld_refer(&stage->b, "undo", DOC, stage->b.seq);
    assert_string_equal(told(&stage->b), "accepted");
    handheld_refer(&stage->a, "confirm", DOC, scan);
    assert_string_equal(told(&stage->a), "accepted");
    handheld_scan(&stage->b, DOC, "A3", "accept", "ok");
    assert_string_equal(told(&stage->b), "lost-claim");
}

static void a_reject_counts_only_by_a_supervisor(void **state)
{
    struct stage *stage = *state;
    char members[200];
    int64_t scan = handheld_scan(&stage->a, DOC, "A3", "reject", "wrong-lot");
    handheld_refer(&stage->a, "confirm", DOC, scan);
    assert_string_equal(told(&stage->a), "bad-record");
    snprintf(members, sizeof members, "\"doc\":\"%s\",\"ref\":%d,\"supervisor\":\"li\"", DOC, (int)scan);
    handheld_note(&stage->a, "confirm", members);
    assert_string_equal(told(&stage->a), "accepted");
    handheld_scan(&stage->b, DOC, "A3", "accept", "ok");
    assert_string_equal(told(&stage->b), "lost-claim");
}

static void a_key_that_the_server_reads_otherwise_is_held(void **state)
{
    struct stage *stage = *state;
    handheld_note(
        &stage->a, "scan",
        "\"doc\":\"tryton:wh:out,1\",\"flow\":\"outbound\",\"raw\":\"MDEwNTkwMTIzNDEyMzQ1NzIxQTE=\",\"aim\":\"]C1\","
        "\"key\":\"(01)05901234123457(21)A3\",\"reason\":\"ok\",\"severity\":\"accept\",\"findings\":[]");
    assert_string_equal(told(&stage->a), "key-mismatch");
    handheld_scan(&stage->b, DOC, "A3", "accept", "ok");
    assert_string_equal(told(&stage->b), "accepted");
}

/* The device names the pattern that gave the key; the server tries its own of that name. */
static void a_key_by_a_pattern_is_read_again(void **state)
{
    static const char SCAN[] =
        "\"doc\":\"tryton:wh:out,1\",\"flow\":\"outbound\",\"raw\":\"aHR0cDovL3QuY24vYy83Nw==\",\"aim\":\"\","
        "%s\"key\":\"%s\",\"reason\":\"unregistered\",\"severity\":\"reject\",\"findings\":[]";
    static const struct {
        const char *pattern, *key, *word;
    } ROWS[] = {
        {"", "plain:http://t.cn/c/77", "accepted"},
        {"\"pattern\":\"cap\",", "plain:cap:77", "accepted"},
        {"", "plain:cap:77", "key-mismatch"},
        {"\"pattern\":\"cap\",", "plain:cap:78", "key-mismatch"},
        {"\"pattern\":\"other\",", "plain:cap:77", "key-mismatch"},
    };
    struct stage *stage = *state;
    server_world_tell(&stage->world,
                      "{\"type\":\"pattern\",\"id\":\"cap\",\"match\":\"/c/([0-9]+)$\",\"key\":\"plain:cap:"
                      "{1}\"}\n");
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char members[512];
        snprintf(members, sizeof members, SCAN, ROWS[i].pattern, ROWS[i].key);
        handheld_note(&stage->a, "scan", members);
        assert_string_equal(told(&stage->a), ROWS[i].word);
    }
}

/* A run says where its codes were made; what they are in says where they are. */
static void what_a_unit_is_in_goes_before_its_run(void **state)
{
    struct stage *stage = *state;
    server_world_tell(&stage->world,
                      "{\"type\":\"codes\",\"product\":\"SKU-B200\",\"first\":\"" ITEM("R001") "\",\"last\":\"" ITEM(
                          "R009") "\",\"holder\":\"site:FAR\"}\n"
                                  "{\"type\":\"code\",\"code\":\"" ITEM(
                                      "R001") "\",\"in\":\"" CASE_1 "\"}\n"
                                              /* first told by itself, later where it is */
                                              "{\"type\":\"code\",\"code\":\"" ITEM(
                                                  "R002") "\",\"level\":0}\n"
                                                          "{\"type\":\"code\",\"code\":\"" ITEM(
                                                              "R002") "\",\"in\":\"" CASE_1 "\"}\n"
                                                                      /* in a case of which nobody said where it is */
                                                                      "{\"type\":\"code\",\"code\":\"" ITEM(
                                                                          "R003") "\",\"in\":\"" CASE_2 "\"}\n");
    handheld_scan(&stage->a, DOC, "R001", "accept", "ok");
    assert_string_equal(told(&stage->a), "accepted");
    handheld_scan(&stage->a, DOC, "R002", "accept", "ok");
    assert_string_equal(told(&stage->a), "accepted");
    handheld_scan(&stage->a, DOC, "R003", "accept", "ok");
    assert_string_equal(told(&stage->a), "false-holder");
    handheld_scan(&stage->a, DOC, "R004", "accept", "ok");
    assert_string_equal(told(&stage->a), "false-holder");
    scan_unit(&stage->a, DOC, CASE_2, 1);
    assert_string_equal(told(&stage->a), "false-holder");
}

static void what_came_meanwhile_is_found_not_refused(void **state)
{
    struct stage *stage = *state;
    handheld_open(&stage->a, DOC);
    server_world_tell(&stage->world,
                      "{\"type\":\"document\",\"source\":\"tryton:wh\",\"doc\":\"out,1\",\"state\":\"cancelled\"}\n"
                      "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":\"SKU-B200\",\"lots\":[\"L1\"]}\n");
    handheld_scan(&stage->a, DOC, "A1", "accept", "ok");
    handheld_scan(&stage->a, DOC, "A2", "accept", "ok");
    handheld_scan(&stage->a, DOC, "A3", "accept", "ok");
    assert_string_equal(told(&stage->a), "accepted");
    expect_findings(&stage->world, 1, "document-closed");
    expect_findings(&stage->world, 1, "recalled");
    expect_findings(&stage->world, 3, "over-quantity");
}

static void an_old_revision_is_found(void **state)
{
    struct stage *stage = *state;
    handheld_note(&stage->a, "open", "\"doc\":\"tryton:wh:out,1\",\"rev\":\"0000000000000000\",\"lines\":[]");
    assert_string_equal(told(&stage->a), "accepted");
    expect_findings(&stage->world, 0, "old-revision");
}

static const char *holder_of(json_t *page, const char *key)
{
    const char *holder = json_string_value(json_object_get(page_find(page, "code", "code", key), "holder"));
    return holder ? holder : "";
}

static void complete_moves_what_is_live_and_what_is_in_it(void **state)
{
    struct stage *stage = *state;
    json_decref(handheld_pull(&stage->b, NULL, NULL));
    handheld_scan(&stage->a, DOC, "A1", "accept", "ok");
    scan_unit(&stage->a, DOC, CASE_1, 2);
    int64_t undone = handheld_scan(&stage->a, DOC, "A3", "accept", "ok");
    handheld_refer(&stage->a, "undo", DOC, undone);
    handheld_complete(&stage->a, DOC);
    assert_string_equal(told(&stage->a), "accepted");
    json_t *page = handheld_pull(&stage->b, NULL, NULL);
    assert_string_equal(holder_of(page, CASE_1), "transit:party:D-1");
    assert_string_equal(holder_of(page, ITEM("A1")), "transit:party:D-1");
    assert_string_equal(holder_of(page, ITEM("A2")), "transit:party:D-1");
    assert_null(page_find(page, "code", "code", ITEM("A3")));
    /* the case left its pallet, the item its case */
    assert_true(json_is_null(json_object_get(page_find(page, "code", "code", CASE_1), "in")));
    assert_true(json_is_null(json_object_get(page_find(page, "code", "code", ITEM("A1")), "in")));
    assert_string_equal(json_string_value(json_object_get(page_find(page, "code", "code", ITEM("A2")), "in")),
                        CASE_1);
    json_decref(page);
    /* too late to undo, and gone for the others */
    handheld_refer(&stage->a, "undo", DOC, 1);
    assert_string_equal(told(&stage->a), "undo-too-late");
    handheld_scan(&stage->b, OTHER_DOC, "A2", "accept", "ok");
    assert_string_equal(told(&stage->b), "false-holder");
}

static void the_feed_does_not_move_what_work_has_moved(void **state)
{
    struct stage *stage = *state;
    handheld_scan(&stage->a, DOC, "A3", "accept", "ok");
    handheld_complete(&stage->a, DOC);
    assert_string_equal(told(&stage->a), "accepted");
    json_decref(handheld_pull(&stage->b, NULL, NULL));
    server_world_tell(&stage->world,
                      "{\"type\":\"code\",\"code\":\"" ITEM("A3") "\",\"holder\":\"site:CDB\",\"lot\":\"L7\"}\n");
    json_t *page = handheld_pull(&stage->b, NULL, NULL);
    assert_string_equal(holder_of(page, ITEM("A3")), "transit:party:D-1");
    assert_string_equal(json_string_value(json_object_get(page_find(page, "code", "code", ITEM("A3")), "lot")), "L7");
    json_decref(page);
}

static void a_trace_has_scan_and_move(void **state)
{
    struct stage *stage = *state;
    char *out;
    handheld_scan(&stage->a, DOC, "A3", "accept", "ok");
    handheld_complete(&stage->a, DOC);
    assert_string_equal(told(&stage->a), "accepted");
    assert_int_equal(
        server_world_run(&stage->world, NULL, &out, NULL, (const char *const[]){"trace", ITEM("A3"), NULL}), 0);
    assert_non_null(strstr(out, "\"kind\":\"scan\""));
    assert_non_null(strstr(out, "\"from\":\"site:CDB\",\"to\":\"transit:party:D-1\""));
    free(out);
}

static void a_result_is_made_once_when_all_shares_are_closed(void **state)
{
    struct stage *stage = *state;
    char id[RESULTS_ID_TEXT + 1];
    handheld_open(&stage->a, DOC);
    handheld_open(&stage->b, DOC);
    handheld_scan(&stage->a, DOC, "A3", "accept", "ok");
    handheld_complete(&stage->a, DOC);
    assert_string_equal(told(&stage->b), "accepted");
    assert_string_equal(told(&stage->a), "accepted");
    assert_int_equal(count_of(&stage->world, "results"), 0);
    handheld_scan(&stage->b, DOC, "A1", "accept", "ok");
    handheld_complete(&stage->b, DOC);
    assert_string_equal(told(&stage->b), "accepted");
    server_world_reopen(&stage->world);
    assert_int_equal(handheld_push_from(&stage->b, 1), 200);
    json_t *results = server_world_list(&stage->world, "results");
    assert_int_equal(json_array_size(results), 1);
    const json_t *result = json_array_get(results, 0), *line = json_array_get(json_object_get(result, "lines"), 0);
    assert_string_equal(json_string_value(json_object_get(result, "id")), results_id(DOC, 1, id));
    assert_string_equal(json_string_value(json_object_get(result, "source")), "tryton:wh");
    assert_string_equal(json_string_value(json_object_get(result, "doc")), "out,1");
    assert_string_equal(json_string_value(json_object_get(result, "close")), "complete");
    assert_int_equal(json_array_size(json_object_get(result, "devices")), 2);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(result, "counted"), "loose")), 4);
    assert_string_equal(json_string_value(json_object_get(line, "qty")), "2");
    assert_int_equal(json_array_size(json_object_get(line, "codes")), 2);
    json_decref(results);
}

static void later_records_make_a_supplementary_result(void **state)
{
    struct stage *stage = *state;
    handheld_open(&stage->a, DOC);
    handheld_note(
        &stage->a, "complete",
        "\"doc\":\"tryton:wh:out,1\",\"flow\":\"outbound\",\"close\":\"short\",\"short_reason\":\"no-stock\"");
    handheld_scan(&stage->b, DOC, "A3", "accept", "ok");
    handheld_complete(&stage->b, DOC);
    assert_string_equal(told(&stage->a), "accepted");
    assert_string_equal(told(&stage->b), "accepted");
    json_t *results = server_world_list(&stage->world, "results");
    assert_int_equal(json_array_size(results), 2);
    const json_t *first = json_array_get(results, 0), *line = json_array_get(json_object_get(first, "lines"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "close")), "short");
    assert_string_equal(json_string_value(json_object_get(line, "qty")), "0");
    assert_string_equal(json_string_value(json_object_get(line, "short_reason")), "no-stock");
    assert_string_not_equal(json_string_value(json_object_get(first, "id")),
                            json_string_value(json_object_get(json_array_get(results, 1), "id")));
    json_decref(results);
}

static void nobody_completed_no_result(void **state)
{
    struct stage *stage = *state;
    handheld_open(&stage->a, DOC);
    handheld_note(&stage->a, "abandon", "\"doc\":\"tryton:wh:out,1\"");
    assert_string_equal(told(&stage->a), "accepted");
    assert_int_equal(count_of(&stage->world, "results"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stage_close)
        TEST(the_second_device_loses_the_claim),
        TEST(undo_and_abandon_release),
        TEST(a_case_and_what_is_in_it_exclude_each_other),
        TEST(other_contents_are_a_conflict_but_count),
        TEST(a_holder_that_cannot_be_is_refused_unless_admitted),
        TEST(a_confirm_counts_only_when_confirmed),
        TEST(a_reject_counts_only_by_a_supervisor),
        TEST(what_a_unit_is_in_goes_before_its_run),
        TEST(a_key_by_a_pattern_is_read_again),
        TEST(a_key_that_the_server_reads_otherwise_is_held),
        TEST(what_came_meanwhile_is_found_not_refused),
        TEST(an_old_revision_is_found),
        TEST(complete_moves_what_is_live_and_what_is_in_it),
        TEST(the_feed_does_not_move_what_work_has_moved),
        TEST(a_trace_has_scan_and_move),
        TEST(a_result_is_made_once_when_all_shares_are_closed),
        TEST(later_records_make_a_supplementary_result),
        TEST(nobody_completed_no_result),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
