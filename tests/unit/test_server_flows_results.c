/* Groups, shares with their progress, results with extras and differences, a supervisor's close, the recall's report, and a
 * database of the version before. */
#include "sync/server/migrations.h"
#include "sync/server/results.h"
#include "tests/unit/server_flows.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ORDER(n, qty)                                                                                                \
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out," n "\",\"no\":\"SO-" n "\",\"flow\":\"outbound\","       \
    "\"state\":\"open\",\"group\":\"W\",\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"lines\":[{\"line\":\"l\","      \
    "\"product\":\"B\",\"qty\":\"" qty "\"}]}\n"

/* A1 A2 in case 1; S1 to S4 loose; two orders whose lines have the same name. */
static const char FEED[] = CODE(ITEM("A1"), "\"product\":\"B\",\"in\":\"" SSCC_1 "\"")
    CODE(ITEM("A2"), "\"product\":\"B\",\"in\":\"" SSCC_1 "\"") CODE(SSCC_1, "\"level\":1,\"holder\":\"site:CDB\"")
        CODE(ITEM("S1"), HERE) CODE(ITEM("S2"), HERE) CODE(ITEM("S3"), HERE) CODE(ITEM("S4"), HERE) ORDER("1", "3")
            ORDER("2", "2");

static int setup(void **state)
{
    return flows_stage_open(state, FEED);
}

/* `product`: of the second document's line */
#define GROUP(product)                                                                                               \
    ",\"group\":\"W\",\"to\":\"party:D-1\",\"lines\":[{\"line\":\"l\",\"doc\":\"t:out,1\",\"product\":\"B\","        \
    "\"qty\":\"3\"},{\"line\":\"l\",\"doc\":\"t:out,2\",\"product\":\"" product "\",\"qty\":\"2\"}]"
#define PAPER(qty)                                                                                                   \
    ",\"to\":\"party:D-1\",\"lines\":[{\"line\":\"l\",\"product\":\"B\",\"qty\":\"" qty "\",\"lot\":null}]"
#define COUNTED(qty, allocs) ",\"product\":\"B\",\"lot\":\"\",\"qty\":\"" qty "\",\"alloc\":[" allocs "]"
#define ON(line, qty)        "{\"line\":\"" line "\",\"qty\":\"" qty "\",\"lot\":\"\"}"
#define OF(doc, qty)         "{\"doc\":\"" doc "\",\"line\":\"l\",\"qty\":\"" qty "\",\"lot\":\"\"}"
#define NONE(qty)            "{\"line\":\"\",\"product\":\"B\",\"qty\":\"" qty "\",\"lot\":\"L1\"}"

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

static const char *line_qty(const json_t *result)
{
    return text(json_array_get(json_object_get(result, "lines"), 0), "qty");
}

static void each_document_of_a_group_has_its_result(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "group:W", "outbound", GROUP("B"));
    flows_scan(&stage->a, "group:W", "outbound", SSCC_1, COUNTED("2", OF("t:out,1", "1") "," OF("t:out,2", "1")));
    flows_scan(&stage->a, "group:W", "outbound", ITEM("S1"), COUNTED("1", OF("t:out,1", "1")));
    flows_scan(&stage->a, "group:W", "outbound", ITEM("S2"), COUNTED("1", OF("t:out,2", "1")));
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_t *share = flows_share(stage, "t:out,1", stage->a.device);
    assert_string_equal(text(json_array_get(json_object_get(share, "progress"), 0), "qty"), "2");
    json_decref(share);
    flows_complete(&stage->a, "group:W", "outbound",
                   ",\"close\":\"short\",\"short_reason\":\"no-stock\",\"header\":{\"plate\":\"X\"}");
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_t *first = flows_result(stage, "SO-1"), *second = flows_result(stage, "SO-2");
    char id[RESULTS_ID_TEXT + 1];
    assert_string_equal(text(first, "id"), results_id("t:out,1", 1, id));
    assert_string_equal(line_qty(first), "2");
    assert_string_equal(text(json_array_get(json_object_get(first, "lines"), 0), "short_reason"), "no-stock");
    assert_string_equal(text(first, "group"), "W");
    assert_string_equal(text(json_object_get(first, "header"), "plate"), "X");
    assert_string_equal(line_qty(second), "2");
    assert_string_equal(text(second, "close"), "complete");
    json_decref(first);
    json_decref(second);
    json_t *results = server_world_list(&stage->world, "results");
    assert_int_equal(json_array_size(results), 2);
    json_decref(results);
    assert_string_equal(flows_code(stage, ITEM("A1"), "holder"), "");
    assert_string_equal(flows_code(stage, SSCC_1, "holder"), "transit:party:D-1");
}

static void a_document_of_a_group_waits_for_who_works_on_it_alone(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "group:W", "outbound", GROUP("B"));
    flows_open(&stage->b, "t:out,1", "outbound", PAPER("3"));
    flows_scan(&stage->a, "group:W", "outbound", ITEM("S1"), COUNTED("1", OF("t:out,1", "1")));
    flows_complete(&stage->a, "group:W", "outbound", "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_null(flows_result(stage, "SO-1"));
    json_t *second = flows_result(stage, "SO-2");
    assert_string_equal(line_qty(second), "0");
    json_decref(second);
    flows_scan(&stage->b, "t:out,1", "outbound", ITEM("S2"), COUNTED("1", ON("l", "1")));
    flows_complete(&stage->b, "t:out,1", "outbound", "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    json_t *first = flows_result(stage, "t:out,1");
    if (!first)
        first = flows_result(stage, "SO-1");
    assert_string_equal(line_qty(first), "2");
    json_decref(first);
}

static void a_group_moves_goods_between_its_documents_and_others(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "group:W", "outbound", GROUP("E"));
    flows_scan(&stage->a, "group:W", "outbound", SSCC_1, COUNTED("2", OF("t:out,1", "1") "," OF("t:out,2", "1")));
    flows_open(&stage->a, "own:1-1-9", "transfer", ",\"to\":\"site:CDX\"");
    flows_scan(&stage->a, "own:1-1-9", "transfer", ITEM("A1"),
               COUNTED("1", NONE("1")) ",\"reason\":\"in-other-document\",\"severity\":\"warn\"");
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_t *share = flows_share(stage, "t:out,1", stage->a.device);
    assert_int_equal(json_array_size(json_object_get(share, "progress")), 0);
    json_decref(share);
    flows_complete(&stage->a, "group:W", "outbound", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_t *first = flows_result(stage, "SO-1"), *second = flows_result(stage, "SO-2");
    assert_string_equal(line_qty(first), "0");
    assert_string_equal(line_qty(second), "1");
    json_decref(first);
    json_decref(second);
}

static void others_see_how_far_a_share_is(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "t:out,1", "outbound", PAPER("3"));
    int64_t scan = flows_scan(&stage->a, "t:out,1", "outbound", ITEM("S1"), COUNTED("1", ON("l", "1")));
    flows_scan(&stage->a, "t:out,1", "outbound", ITEM("S2"), COUNTED("1", ON("l", "1")));
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_t *share = flows_share(stage, "t:out,1", stage->a.device);
    assert_true(json_is_null(json_object_get(share, "lines")));
    assert_string_equal(text(json_array_get(json_object_get(share, "progress"), 0), "qty"), "2");
    json_decref(share);
    flows_refer(&stage->a, "undo", "t:out,1", scan, "");
    flows_open(&stage->b, "t:out,1", "outbound", PAPER("3"));
    assert_string_equal(flows_told(&stage->b), "accepted");
    flows_complete(&stage->a, "t:out,1", "outbound", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    /* closed: it holds no line, but what it did is done */
    share = flows_share(stage, "t:out,1", stage->a.device);
    assert_int_equal(json_array_size(json_object_get(share, "lines")), 0);
    assert_true(json_is_array(json_object_get(share, "lines")));
    assert_string_equal(text(json_array_get(json_object_get(share, "progress"), 0), "qty"), "1");
    json_decref(share);
    flows_refer(&stage->b, "abandon", "t:out,1", 0, "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    assert_null(flows_share(stage, "t:out,1", stage->b.device));
}

static void a_share_without_change_is_not_told_again(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "t:out,1", "outbound", PAPER("3"));
    flows_scan(&stage->a, "t:out,1", "outbound", ITEM("S1"), COUNTED("1", ON("l", "1")));
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_decref(flows_share(stage, "t:out,1", stage->a.device));
    flows_scan(&stage->a, "t:out,1", "outbound", ITEM("S2"), COUNTED("1", ON("l", "1")) ",\"severity\":\"reject\"");
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_t *page = handheld_pull(&stage->reader, NULL, NULL);
    assert_null(page_find(page, "share", "doc", "t:out,1"));
    json_decref(page);
}

static void a_new_revision_takes_over_what_was_tallied(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "t:out,1", "outbound", PAPER("3"));
    flows_scan(&stage->a, "t:out,1", "outbound", ITEM("S1"), COUNTED("1", ON("l", "1")));
    flows_scan(&stage->a, "t:out,1", "outbound", SSCC_1, COUNTED("2", ON("l", "2")));
    assert_string_equal(flows_told(&stage->a), "accepted");
    flows_open(&stage->a, "t:out,1", "outbound",
               ",\"to\":\"party:D-1\",\"lines\":[{\"line\":\"k\",\"product\":\"E\",\"qty\":\"1\",\"lot\":null},"
               "{\"line\":\"m\",\"product\":\"B\",\"qty\":\"3\",\"lot\":null}]");
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_t *share = flows_share(stage, "t:out,1", stage->a.device);
    assert_int_equal(json_array_size(json_object_get(share, "progress")), 1);
    assert_string_equal(text(json_array_get(json_object_get(share, "progress"), 0), "line"), "m");
    assert_string_equal(text(json_array_get(json_object_get(share, "progress"), 0), "qty"), "3");
    json_decref(share);
    flows_complete(&stage->a, "t:out,1", "outbound", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_t *result = flows_result(stage, "t:out,1");
    assert_string_equal(line_qty(result), "3");
    assert_string_equal(text(json_array_get(json_object_get(result, "lines"), 0), "line"), "m");
    json_decref(result);
}

static void a_count_lists_what_differs(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(
        &stage->a, "own:1-1-1", "count",
        ",\"own\":true,\"header\":{\"product\":\"B\"},\"lines\":[{\"line\":\"1\",\"product\":\"B\",\"qty\":\"5\","
        "\"lot\":null},{\"line\":\"2\",\"product\":\"B\",\"qty\":\"1\",\"lot\":\"L9\"}]");
    flows_scan(&stage->a, "own:1-1-1", "count", SSCC_1, COUNTED("2", ON("1", "2")));
    flows_scan(&stage->a, "own:1-1-1", "count", ITEM("S1"), COUNTED("1", ON("2", "1")));
    flows_scan(&stage->a, "own:1-1-1", "count", ITEM("S2"), COUNTED("1", NONE("1")));
    flows_complete(&stage->a, "own:1-1-1", "count", ",\"recounted\":true");
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_t *result = flows_result(stage, "own:1-1-1");
    const json_t *differences = json_object_get(result, "differences"), *first = json_array_get(differences, 0),
                 *second = json_array_get(differences, 1);
    assert_int_equal(json_array_size(differences), 2);
    assert_string_equal(text(first, "expected"), "5");
    assert_string_equal(text(first, "counted"), "2");
    assert_string_equal(text(second, "lot"), "L1");
    assert_string_equal(text(second, "expected"), "0");
    assert_string_equal(text(result, "source"), "own");
    assert_string_equal(text(result, "doc"), "1-1-1");
    assert_string_equal(text(result, "flow"), "count");
    assert_true(json_is_true(json_object_get(result, "own")));
    assert_string_equal(text(json_object_get(result, "header"), "product"), "B");
    const json_t *extra = json_array_get(json_object_get(result, "extra"), 0);
    assert_string_equal(text(extra, "product"), "B");
    assert_string_equal(text(extra, "lot"), "L1");
    assert_int_equal(json_array_size(json_object_get(extra, "codes")), 1);
    json_decref(result);
}

static void a_blind_count_has_the_books_of_its_device(void **state)
{
    struct flows_stage *stage = *state;
    flows_open(&stage->a, "own:1-1-1", "count", ",\"own\":true,\"header\":{},\"lines\":[]");
    flows_scan(&stage->a, "own:1-1-1", "count", ITEM("S1"), COUNTED("1", NONE("1")));
    flows_scan(&stage->a, "own:1-1-1", "count", "plain:WHAT", ",\"product\":\"\",\"qty\":\"0\",\"alloc\":[]");
    flows_complete(&stage->a, "own:1-1-1", "count",
                   ",\"recounted\":true,\"differences\":[{\"product\":\"B\",\"lot\":\"L1\",\"expected\":\"4\","
                   "\"counted\":\"1\"}]");
    assert_string_equal(flows_told(&stage->a), "accepted");
    json_t *result = flows_result(stage, "own:1-1-1");
    const json_t *differences = json_object_get(result, "differences"), *extra = json_object_get(result, "extra"),
                 *unknown = json_array_get(extra, 1);
    assert_int_equal(json_array_size(differences), 1);
    assert_string_equal(text(json_array_get(differences, 0), "expected"), "4");
    assert_string_equal(text(json_array_get(differences, 0), "counted"), "1");
    assert_int_equal(json_array_size(extra), 2);
    assert_string_equal(text(unknown, "product"), "");
    assert_string_equal(text(unknown, "qty"), "0");
    assert_string_equal(json_string_value(json_array_get(json_object_get(unknown, "codes"), 0)), "plain:WHAT");
    json_decref(result);
}

static int run(struct flows_stage *stage, const char *command, const char *word, char **ret_out)
{
    return server_world_run(&stage->world, NULL, ret_out, NULL, (const char *const[]){command, word, NULL});
}

static void a_supervisor_closes_while_a_share_is_open(void **state)
{
    struct flows_stage *stage = *state;
    char *out;
    assert_int_equal(run(stage, "close", "SO-1", NULL), 1); /* nobody has worked on it */
    flows_open(&stage->a, "t:out,1", "outbound", PAPER("3"));
    flows_scan(&stage->a, "t:out,1", "outbound", ITEM("S1"), COUNTED("1", ON("l", "1")));
    flows_complete(&stage->a, "t:out,1", "outbound", ",\"close\":\"short\",\"short_reason\":\"no-stock\"");
    flows_open(&stage->b, "t:out,1", "outbound", PAPER("3"));
    flows_scan(&stage->b, "t:out,1", "outbound", ITEM("S2"), COUNTED("1", ON("l", "1")));
    assert_string_equal(flows_told(&stage->b), "accepted");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_int_equal(run(stage, "close", "SO-1", &out), 0);
    json_t *result = json_loads(out, 0, NULL);
    free(out);
    assert_string_equal(line_qty(result), "1");
    assert_string_equal(text(result, "close"), "short");
    assert_true(json_is_true(json_object_get(result, "by_supervisor")));
    json_decref(result);
    /* the other goes on, and makes a supplementary one */
    flows_complete(&stage->b, "t:out,1", "outbound", "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    json_t *results = server_world_list(&stage->world, "results");
    assert_int_equal(json_array_size(results), 2);
    assert_string_equal(line_qty(json_array_get(results, 1)), "1");
    assert_string_equal(text(json_array_get(results, 1), "to"), "party:D-1"); /* as it opened it */
    json_decref(results);
    assert_int_equal(run(stage, "close", "t:out,1", NULL), 1);
    assert_int_equal(run(stage, "close", "no-such", NULL), 1);
    assert_int_equal(run(stage, "close", "group:W", NULL), 1);
}

static void a_recall_says_what_is_where(void **state)
{
    struct flows_stage *stage = *state;
    char *out;
    server_world_tell(
        &stage->world,
        "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":\"B\",\"lots\":[],\"codes\":[]}\n"
        "{\"type\":\"codes\",\"product\":\"B\",\"lot\":null,\"first\":\"" ITEM("R01") "\",\"last\":\"" ITEM(
            "R10") "\",\"holder\":\"party:D-1\"}\n"
                   "{\"type\":\"stock\",\"holder\":\"site:CDX\",\"product\":\"B\",\"lot\":null,\"qty\":\"7\"}\n");
    flows_open(&stage->a, "own:1-1-1", "recall", "");
    flows_scan(&stage->a, "own:1-1-1", "recall", SSCC_1, "");
    flows_scan(&stage->a, "own:1-1-1", "recall", ITEM("R03"), "");
    flows_complete(&stage->a, "own:1-1-1", "recall", "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_int_equal(run(stage, "recall", "R-1", &out), 0);
    assert_non_null(strstr(out,
                           "\"holder\":\"site:CDQ\",\"name\":\"Cage\",\"product\":\"B\",\"lot\":null,\"units\":3,"
                           "\"qty\":\"0\",\"done\":true}"));
    assert_non_null(strstr(out, "\"holder\":\"party:D-1\",\"name\":\"Rongcheng\",\"product\":\"B\",\"lot\":null,"
                                "\"units\":9,\"qty\":\"0\",\"done\":false}"));
    assert_non_null(
        strstr(out, "\"holder\":\"site:CDB\",\"name\":\"Centre\",\"product\":\"B\",\"lot\":null,\"units\":4,"));
    assert_non_null(strstr(out,
                           "\"holder\":\"site:CDX\",\"name\":\"North\",\"product\":\"B\",\"lot\":null,\"units\":0,"
                           "\"qty\":\"7\",\"done\":false}"));
    assert_non_null(strstr(out, "{\"recall\":\"R-1\",\"done\":\"3\",\"missing\":\"20\"}"));
    free(out);
    assert_int_equal(run(stage, "recall", "R-2", NULL), 1);
}

static void a_recall_of_codes_looks_into_them(void **state)
{
    struct flows_stage *stage = *state;
    char *out;
    server_world_tell(&stage->world, "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":null,\"codes\":[\"" SSCC_1
                                     "\",\"" ITEM("A1") "\",\"" ITEM("NEW") "\"]}\n");
    assert_int_equal(run(stage, "recall", "R-1", &out), 0);
    assert_non_null(strstr(out, "\"holder\":\"site:CDB\""));
    assert_non_null(strstr(out, "\"holder\":\"unknown\""));
    assert_non_null(strstr(out, "{\"recall\":\"R-1\",\"done\":\"0\",\"missing\":\"3\"}"));
    free(out);
}

/* ---- a database of version 1 ---- */

static const char OLD_WORK[] =
    "CREATE TABLE schema_version(version BIGINT NOT NULL); INSERT INTO schema_version VALUES (1);"
    "INSERT INTO meta VALUES ('history', 'old');"
    "INSERT INTO device VALUES (1, 'CDB', zeroblob(32), 1, 1, 0);"
    "INSERT INTO share VALUES ('t:out,1', 1, 0, 1, '{\"no\":\"SO-1\",\"flow\":\"outbound\"}', NULL);"
    "INSERT INTO tally VALUES ('t:out,1', 1, 1, 2, '(00)1', 1, 1, 0, 'wang', '[{\"line\":\"l\",\"qty\":\"1.5\"}]', "
    "NULL);"
    "INSERT INTO tally VALUES ('t:out,1', 1, 1, 3, '(00)2', 1, 3, 1, 'wang', '[{\"line\":\"l\",\"qty\":\"2\"}]', "
    "NULL);"
    "INSERT INTO tally VALUES ('t:out,1', 1, 1, 4, '(00)3', 1, 2, 0, 'wang', '[{\"line\":\"l\",\"qty\":\"9\"}]', "
    "NULL);"
    "INSERT INTO claim VALUES ('(00)1', 1, 1, 2, 't:out,1');";

static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return value;
}

static void a_database_of_version_1_opens(void **state)
{
    char folder[] = "/tmp/tallyman-old-XXXXXX", path[64];
    struct server_options options = {.url = path, .quiet = true};
    struct server *server;
    sqlite3 *db;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/server.db", folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, MIGRATIONS[0].both, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, OLD_WORK, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(server_open(&options, &server), RC_OK);
    assert_string_equal(server_history(server), "old");
    server_close(server);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(number(db, "SELECT max(version) FROM schema_version"), 8);
    assert_int_equal(number(db, "SELECT qty FROM share_total WHERE doc = 't:out,1' AND line = 'l'"), 3500000);
    assert_int_equal(number(db, "SELECT count(*) FROM tally WHERE free = 0 AND did IS NULL"), 3);
    assert_int_equal(number(db, "SELECT count(*) FROM claim"), 1);
    sqlite3_close(db);
    unlink(path);
    rmdir(folder);
}

/* Contracts and permits are named by a day as well since version 5. */
static const char OLD_MARKET[] =
    "CREATE TABLE schema_version(version BIGINT NOT NULL); INSERT INTO schema_version VALUES (4);"
    "INSERT INTO meta VALUES ('history', 'old');"
    "INSERT INTO entity VALUES ('territory', 'A|', '{\"party\":\"A\",\"from\":\"2025-01-01\"}', 0, '');"
    "INSERT INTO entity VALUES ('territory', 'A|P', '{\"party\":\"A\",\"product\":\"P\",\"from\":null}', 0, '');"
    "INSERT INTO entity VALUES ('permit', 'A|B|P', '{\"from\":\"A\",\"until\":\"2026-12-31\"}', 0, '');"
    "INSERT INTO permit_use VALUES ('A|B|P', 7);"
    "INSERT INTO change VALUES (1, 'territory', 'A|'), (2, 'permit', 'A|B|P'), (3, 'territory', 'A|P'), "
    "(4, 'lot', 'A|P');";

static void contracts_of_version_4_get_their_days(void **state)
{
    char folder[] = "/tmp/tallyman-old-XXXXXX", path[64];
    struct server_options options = {.url = path, .quiet = true};
    struct server *server;
    sqlite3 *db;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/server.db", folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(sqlite3_exec(db, MIGRATIONS[i].both, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, OLD_MARKET, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(server_open(&options, &server), RC_OK);
    server_close(server);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(number(db,
                            "SELECT count(*) FROM entity WHERE (type, id) IN (VALUES ('territory', 'A||2025-01-01'),"
                            " ('territory', 'A|P|'), ('permit', 'A|B|P|2026-12-31'))"),
                     3);
    assert_int_equal(number(db, "SELECT count(*) FROM change WHERE (n, id) IN (VALUES (1, 'A||2025-01-01'),"
                                " (2, 'A|B|P|2026-12-31'), (3, 'A|P|'), (4, 'A|P'))"),
                     4);
    assert_int_equal(number(db, "SELECT qty FROM permit_use WHERE id = 'A|B|P|2026-12-31'"), 7);
    sqlite3_close(db);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, flows_stage_close)
        TEST(each_document_of_a_group_has_its_result),
        TEST(a_document_of_a_group_waits_for_who_works_on_it_alone),
        TEST(a_group_moves_goods_between_its_documents_and_others),
        TEST(others_see_how_far_a_share_is),
        TEST(a_share_without_change_is_not_told_again),
        TEST(a_new_revision_takes_over_what_was_tallied),
        TEST(a_count_lists_what_differs),
        TEST(a_blind_count_has_the_books_of_its_device),
        TEST(a_supervisor_closes_while_a_share_is_open),
        TEST(a_recall_says_what_is_where),
        TEST(a_recall_of_codes_looks_into_them),
#undef TEST
        cmocka_unit_test(a_database_of_version_1_opens),
        cmocka_unit_test(contracts_of_version_4_get_their_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
