/* Every flow at the server: who it takes goods from, where `complete` brings them and in which state. */
#include "app/domain/flow.h"
#include "tests/unit/server_flows.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

/* A1 A2 in a case here, S1 loose here; T1 on its way here, P1 at the dealer, G1 on its way to the dealer; X1 at another site. */
static const char FEED[] = CODE(ITEM("A1"), "\"product\":\"B\",\"in\":\"" SSCC_1 "\"")
    CODE(ITEM("A2"), "\"product\":\"B\",\"in\":\"" SSCC_1 "\"") CODE(SSCC_1, "\"level\":1,\"holder\":\"site:CDB\"")
        CODE(ITEM("S1"), HERE) CODE(ITEM("T1"), "\"product\":\"B\",\"holder\":\"transit:site:CDB\"")
            CODE(ITEM("P1"), "\"product\":\"B\",\"holder\":\"party:D-1\"")
                CODE(ITEM("G1"), "\"product\":\"B\",\"holder\":\"transit:party:D-1\"")
                    CODE(ITEM("X1"), "\"product\":\"B\",\"holder\":\"site:CDX\"");

static int setup(void **state)
{
    return flows_stage_open(state, FEED);
}

static void each_flow_brings_its_goods_where_its_row_says(void **state)
{
    static const struct {
        const char *flow, *ends, *key, *holder, *state;
    } ROWS[] = {
        {"receipt", ",\"from\":\"unknown\",\"to\":\"site:CDB\"", ITEM("T1"), "site:CDB", ""},
        {"transfer", ",\"from\":\"site:CDB\",\"to\":\"site:CDX\"", ITEM("S1"), "transit:site:CDX", ""},
        {"return", ",\"from\":\"party:D-1\",\"to\":\"site:CDB\"", ITEM("P1"), "site:CDB", "returned"},
        {"inspect", "", ITEM("P1"), "site:CDB", "active"},
        {"sample", "", ITEM("P1"), "sold", "active"},
        {"void", ",\"to\":\"party:D-1\"", ITEM("G1"), "site:CDB", ""},
        {"late-entry", ",\"to\":\"party:D-1\",\"header\":{\"at\":\"2026-11-01\"}", ITEM("G1"), "party:D-1", ""},
        {"recall", "", ITEM("X1"), "site:CDQ", ""},
        {"baseline", ",\"to\":\"site:CDB\"", ITEM("N1"), "site:CDB", ""},
        {"scrap", "", SSCC_1, "destroyed", "destroyed"},
    };
    struct flows_stage *stage = *state;
    char doc[40];
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        snprintf(doc, sizeof doc, "own:1-1-%zu", i + 1);
        flows_open(&stage->a, doc, ROWS[i].flow, ROWS[i].ends);
        flows_scan(&stage->a, doc, ROWS[i].flow, ROWS[i].key, "");
        flows_complete(&stage->a, doc, ROWS[i].flow, "");
        assert_string_equal(flows_told(&stage->a), "accepted");
        assert_string_equal(flows_code(stage, ROWS[i].key, "holder"), ROWS[i].holder);
        assert_string_equal(flows_code(stage, ROWS[i].key, "state"), ROWS[i].state);
    }
    /* and what was in the case that was scrapped */
    assert_string_equal(flows_code(stage, ITEM("A1"), "state"), "destroyed");
}

static void goods_from_elsewhere_are_false_unless_admitted(void **state)
{
    static const struct {
        const char *flow, *ends, *key, *more, *verdict;
    } ROWS[] = {
        {"return", ",\"from\":\"party:D-1\"", ITEM("X1"), "", "false-holder"},
        {"return", ",\"from\":\"party:D-1\"", ITEM("X1"), ",\"reason\":\"wrong-holder\",\"severity\":\"accept\"",
         "accepted"},
        {"void", ",\"to\":\"party:D-9\"", ITEM("G1"), "", "false-holder"},
        {"void", ",\"to\":\"party:D-1\"", ITEM("G1"), "", "accepted"},
        {"receipt", ",\"from\":\"site:CDX\"", ITEM("X1"), "", "lost-claim"}, /* the return has it */
        {"receipt", "", ITEM("S1"), "", "false-holder"},
        {"scrap", "", ITEM("P1"), "", "false-holder"},
        {"baseline", "", ITEM("P1"), "", "accepted"},
    };
    struct flows_stage *stage = *state;
    char doc[40];
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct handheld *handheld = i % 2 ? &stage->a : &stage->b;
        snprintf(doc, sizeof doc, "own:1-1-%zu", i + 1);
        flows_open(handheld, doc, ROWS[i].flow, ROWS[i].ends);
        flows_scan(handheld, doc, ROWS[i].flow, ROWS[i].key, ROWS[i].more);
        assert_string_equal(flows_told(handheld), ROWS[i].verdict);
    }
}

/* By a device that had not heard of it. */
static void what_was_destroyed_does_not_go_once_more(void **state)
{
    static const struct {
        const char *flow, *key, *more, *verdict;
    } ROWS[] = {
        {"sample", ITEM("S1"), "", "false-holder"},
        {"transfer", ITEM("S1"), ",\"to\":\"site:CDX\"", "false-holder"},
        {"scrap", ITEM("S1"), "", "false-holder"},
        {"scrap", ITEM("A1"), "", "false-holder"}, /* went with its case */
        {"sample", SSCC_1, "", "false-holder"},
        {"scrap", ITEM("S1"), ",\"reason\":\"void-code\",\"findings\":[\"wrong-holder\"],\"severity\":\"accept\"",
         "accepted"},
        {"baseline", ITEM("A1"), ",\"to\":\"site:CDB\"", "accepted"}, /* there it is, whatever was said */
    };
    struct flows_stage *stage = *state;
    char doc[40];
    flows_open(&stage->a, "own:1-1-1", "scrap", "");
    flows_scan(&stage->a, "own:1-1-1", "scrap", SSCC_1, "");
    flows_scan(&stage->a, "own:1-1-1", "scrap", ITEM("S1"), "");
    flows_complete(&stage->a, "own:1-1-1", "scrap", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        snprintf(doc, sizeof doc, "own:2-1-%zu", i + 1);
        flows_open(&stage->b, doc, ROWS[i].flow, "");
        flows_scan(&stage->b, doc, ROWS[i].flow, ROWS[i].key, ROWS[i].more);
        assert_string_equal(flows_told(&stage->b), ROWS[i].verdict);
    }
    assert_string_equal(flows_code(stage, ITEM("S1"), "holder"), "destroyed");
}

static void findings_go_to_quarantine_as_the_record_says(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "own:1-1-1", "receipt", ",\"to\":\"site:CDB\"");
    flows_scan(&stage->a, "own:1-1-1", "receipt", ITEM("T1"), ",\"to\":\"site:CDQ\"");
    int64_t waits = flows_scan(&stage->a, "own:1-1-1", "receipt", ITEM("P1"),
                               ",\"reason\":\"partial-container\",\"severity\":\"confirm\"");
    flows_refer(&stage->a, "confirm", "own:1-1-1", waits, ",\"to\":\"site:CDQ\"");
    flows_complete(&stage->a, "own:1-1-1", "receipt", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, ITEM("T1"), "holder"), "site:CDQ");
    assert_string_equal(flows_code(stage, ITEM("P1"), "holder"), "site:CDQ");
    json_t *result = flows_result(stage, "own:1-1-1"), *apart = json_object_get(result, "apart");
    assert_int_equal(json_array_size(apart), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(apart, 0), "code")), ITEM("T1"));
    assert_string_equal(json_string_value(json_object_get(json_array_get(apart, 0), "to")), "site:CDQ");
    json_decref(result);
}

static void a_flow_of_the_feed_is_what_it_is_based_on(void **state)
{
    struct flows_stage *stage = *state;
    server_world_tell(&stage->world,
                      "{\"type\":\"flow\",\"id\":\"cold-return\",\"name\":\"Cold\",\"base\":\"return\"}\n");
    flows_open(&stage->a, "own:1-1-1", "cold-return", ",\"from\":\"party:D-1\"");
    flows_scan(&stage->a, "own:1-1-1", "cold-return", ITEM("P1"), "");
    flows_complete(&stage->a, "own:1-1-1", "cold-return", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, ITEM("P1"), "holder"), "site:CDB");
    assert_string_equal(flows_code(stage, ITEM("P1"), "state"), "returned");
}

static void the_recall_goes_where_the_policy_says(void **state)
{
    struct flows_stage *stage = *state;
    server_world_tell(&stage->world, "{\"type\":\"site\",\"id\":\"CDZ\",\"name\":\"Z\",\"kind\":\"quarantine\"}\n"
                                     "{\"type\":\"policy\",\"site\":\"CDB\",\"quarantine\":\"CDZ\"}\n");
    flows_open(&stage->a, "own:1-1-1", "recall", "");
    flows_scan(&stage->a, "own:1-1-1", "recall", SSCC_1, "");
    flows_complete(&stage->a, "own:1-1-1", "recall", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, SSCC_1, "holder"), "site:CDZ");
}

static void a_count_reserves_nothing_and_moves_nothing(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "own:1-1-1", "count", "");
    flows_scan(&stage->a, "own:1-1-1", "count", ITEM("S1"), "");
    flows_scan(&stage->a, "own:1-1-1", "count", ITEM("X1"), ""); /* seen here, booked elsewhere: true all the same */
    flows_scan(&stage->a, "own:1-1-1", "count", ITEM("S1"), ""); /* counts once */
    assert_string_equal(flows_told(&stage->a), "accepted");
    flows_open(&stage->b, "own:2-1-1", "transfer", ",\"to\":\"site:CDX\"");
    flows_scan(&stage->b, "own:2-1-1", "transfer", ITEM("S1"), "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    flows_complete(&stage->a, "own:1-1-1", "count", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, ITEM("S1"), "holder"), "site:CDB");
    assert_string_equal(flows_code(stage, ITEM("X1"), "holder"), "site:CDX");
    json_t *result = flows_result(stage, "own:1-1-1"), *extra = json_array_get(json_object_get(result, "extra"), 0);
    assert_string_equal(json_string_value(json_object_get(extra, "qty")), "2");
    json_decref(result);
    json_t *findings = server_world_list(&stage->world, "findings");
    assert_int_equal(json_array_size(findings), 2);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(json_array_get(findings, 0), "server_findings"), 0)),
        "wrong-holder");
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(json_array_get(findings, 1), "server_findings"), 0)),
        "duplicate");
    json_decref(findings);
}

#define BOUND(qty, level)                                                                                            \
    ",\"bound\":true,\"reason\":\"unregistered\",\"severity\":\"warn\",\"product\":\"B\",\"lot\":\"L9\","            \
    "\"level\":" level ",\"qty\":\"" qty "\",\"alloc\":[{\"line\":\"\",\"product\":\"B\",\"qty\":\"" qty             \
    "\",\"lot\":\"L9\"}]"

static void what_was_bound_is_known_to_all(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "own:1-1-1", "baseline", "");
    handheld_note(&stage->a, "context",
                  "\"doc\":\"own:1-1-1\",\"flow\":\"baseline\",\"product\":\"B\",\"lot\":\"L9\"");
    flows_scan(&stage->a, "own:1-1-1", "baseline", "(01)05901234123457", ",\"context\":true");
    flows_scan(&stage->a, "own:1-1-1", "baseline", "plain:Q77", BOUND("1", "0"));
    int64_t wrong = flows_scan(&stage->a, "own:1-1-1", "baseline", "plain:Q78", BOUND("1", "0"));
    flows_scan(&stage->a, "own:1-1-1", "baseline", SSCC_3, BOUND("12", "1"));
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, "plain:Q77", "product"), "B");
    assert_string_equal(flows_code(stage, "plain:Q77", "lot"), "L9");
    assert_string_equal(flows_code(stage, "plain:Q77", "holder"), "");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(stage->codes, SSCC_3), "covers")), 12);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(stage->codes, SSCC_3), "level")), 1);
    /* a wrong binding is forgotten with its record */
    flows_refer(&stage->a, "undo", "own:1-1-1", wrong, "");
    flows_complete(&stage->a, "own:1-1-1", "baseline", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, "plain:Q78", "product"), "");
    assert_true(json_is_true(json_object_get(json_object_get(stage->codes, "plain:Q78"), "gone")));
    assert_string_equal(flows_code(stage, "plain:Q77", "holder"), "site:CDB");
    assert_null(json_object_get(stage->codes, "(01)05901234123457"));
}

static void an_exchanged_unit_is_damaged_from_then_on(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "t:out,1", "outbound", ",\"to\":\"party:D-1\"");
    int64_t scan = flows_scan(&stage->a, "t:out,1", "outbound", SSCC_1, "");
    flows_refer(&stage->a, "undo", "t:out,1", scan, ",\"condition\":\"damaged\"");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, SSCC_1, "state"), "damaged");
    assert_string_equal(flows_code(stage, ITEM("A1"), "state"), "damaged");
    assert_string_equal(flows_code(stage, SSCC_1, "holder"), "site:CDB");
    flows_scan(&stage->b, "t:out,2", "outbound", ITEM("A1"), "");
    assert_string_equal(flows_told(&stage->b), "accepted"); /* nobody has it; the device would not let it pass */
}

static void the_time_of_a_late_entry_is_when_it_happened(void **state)
{
    struct flows_stage *stage = *state;
    char *out;
    flows_open(&stage->a, "own:1-1-1", "late-entry", ",\"to\":\"party:D-1\",\"header\":{\"at\":\"2026-11-01\"}");
    flows_scan(&stage->a, "own:1-1-1", "late-entry", ITEM("S1"), "");
    flows_complete(&stage->a, "own:1-1-1", "late-entry", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_int_equal(
        server_world_run(&stage->world, NULL, &out, NULL, (const char *const[]){"trace", ITEM("S1"), NULL}), 0);
    assert_true(strncmp(out, "{\"at\":\"2026-11-01T00:00:00.000+08:00\"", 36) == 0);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, flows_stage_close)
        TEST(each_flow_brings_its_goods_where_its_row_says), TEST(goods_from_elsewhere_are_false_unless_admitted),
        TEST(what_was_destroyed_does_not_go_once_more),      TEST(findings_go_to_quarantine_as_the_record_says),
        TEST(a_flow_of_the_feed_is_what_it_is_based_on),     TEST(the_recall_goes_where_the_policy_says),
        TEST(a_count_reserves_nothing_and_moves_nothing),    TEST(what_was_bound_is_known_to_all),
        TEST(an_exchanged_unit_is_damaged_from_then_on),     TEST(the_time_of_a_late_entry_is_when_it_happened),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
