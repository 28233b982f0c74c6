/* Groups of documents, new revisions, rows for results and reports, the body of a record, a journal of the first version. */
#include "tests/unit/store_world.h"
#include <ftw.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_MAX = 8192 };

#define ITEM(n) "(01)05901234123457(21)" n
#define SSCC    "(00)069012340000000016"
#define CASE    "(00)069012340000000023"

/* clang-format off */
#define LINE(line, qty, lot) "{\"line\":\"" line "\",\"product\":\"B\",\"qty\":\"" qty "\",\"tolerance\":\"0\",\"lot\":" lot "}"
#define ORDER(n, to, group, state, lines) \
    "{\"type\":\"document\",\"source\":\"erp\",\"doc\":\"" n "\",\"no\":\"SO-" n "\",\"flow\":\"outbound\",\"state\":\"" state "\"," \
    "\"from\":\"site:CDB\",\"to\":\"party:" to "\",\"group\":" group ",\"lines\":[" lines "]}\n"
#define CODE(n, lot, holder) "{\"type\":\"code\",\"code\":\"" ITEM(n) "\",\"product\":\"B\",\"lot\":\"" lot "\",\"holder\":\"" holder "\"}\n"
#define HERE "site:CDB"

static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"Store\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"One\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"party\",\"id\":\"D-2\",\"name\":\"Two\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"Wang\",\"role\":\"supervisor\",\"site\":\"CDB\",\"pin\":\"2468\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Kit\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\",\"decimals\":0,"
    "\"control\":\"item\",\"pack\":[]}\n"
    "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":\"B\",\"lots\":[\"LR\"],\"codes\":[\"" SSCC "\",\"" ITEM("R1") "\"],"
    "\"reason\":\"x\",\"action\":\"quarantine\"}\n"
    ORDER("1", "D-1", "null", "open", LINE("1", "2", "null") "," LINE("2", "2", "null"))
    ORDER("2", "D-1", "\"W1\"", "open", LINE("1", "1", "null")) ORDER("3", "D-1", "\"W1\"", "open", LINE("1", "2", "null"))
    ORDER("4", "D-2", "\"W1\"", "open", LINE("1", "1", "null"))
    CODE("A1", "L1", HERE) CODE("A2", "L1", HERE) CODE("A3", "L2", HERE) CODE("A4", "L2", HERE)
    CODE("R1", "LR", HERE) CODE("R2", "LR", HERE) CODE("R3", "LR", "party:D-2") CODE("C1", "L1", HERE)
    CODE("D1", "L1", HERE) CODE("D2", "L1", HERE)
    "{\"type\":\"code\",\"code\":\"" ITEM("C1") "\",\"in\":\"" SSCC "\"}\n"
    "{\"type\":\"code\",\"code\":\"" ITEM("D1") "\",\"in\":\"" CASE "\"}\n"
    "{\"type\":\"code\",\"code\":\"" ITEM("D2") "\",\"in\":\"" CASE "\"}\n";
/* clang-format on */

static int setup(void **state)
{
    static struct store_world world;
    store_world_open(&world, FEED);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    store_world_close(*state);
    return 0;
}

/* ---- groups ---- */

static bool list_row(void *context, const struct store_document_row *row)
{
    char *text = context;
    size_t at = strlen(text);
    snprintf(text + at, TEXT_MAX - at, "%s:%s:%d/%d ", row->doc, document_state_word(row->state), row->lines_done,
             row->lines);
    return true;
}

static const char *listed(struct store_world *world)
{
    static char text[TEXT_MAX];
    text[0] = '\0';
    assert_int_equal(store_documents(world->store, list_row, text), RC_OK);
    return text;
}

static bool last_body(void *context, const struct store_journal_line *line)
{
    snprintf(context, TEXT_MAX, "%.*s", (int)line->len, line->body);
    return true;
}

static const char *body_of_last(struct store_world *world)
{
    static char text[TEXT_MAX];
    assert_int_equal(store_journal(world->store, store_last_seq(world->store), last_body, text), RC_OK);
    return text;
}

static void expect_name(struct store_world *world, const char *name, const char *doc)
{
    char found[DOC_MAX + 1] = "";
    assert_int_equal(store_document_name(world->store, name, found), RC_OK);
    assert_string_equal(found, doc);
}

static void test_a_group_is_worked_on_as_one(void **state)
{
    struct store_world *world = *state;
    assert_string_equal(listed(world), "erp:1:ready:0/2 erp:4:ready:0/1 group:W1:ready:0/2 ");
    expect_name(world, "W1", "group:W1");
    expect_name(world, "SO-2", "erp:2");
    store_world_expect(world, "group:W1", ITEM("A1"), "ok");
    assert_non_null(
        strstr(body_of_last(world), "\"alloc\":[{\"line\":\"1\",\"doc\":\"erp:2\",\"qty\":\"1\",\"lot\":\"L1\"}]"));
    store_world_expect(world, "group:W1", ITEM("A2"), "ok");
    assert_non_null(strstr(body_of_last(world), "\"doc\":\"erp:3\""));
    assert_string_equal(listed(world), "group:W1:open:1/2 erp:1:ready:0/2 erp:4:ready:0/1 ");
    /* its members are to be had in it alone from now on */
    expect_name(world, "SO-2", "group:W1");
    struct document *document;
    assert_int_equal(store_document(world->store, "erp:2", &document), RC_OK);
    assert_int_equal(document->state, DOCUMENT_CLOSED);
    document_free(document);
    store_world_complete(world, "group:W1");
    assert_string_equal(store_world_holder(world, ITEM("A1")), "transit:party:D-1");
    assert_string_equal(listed(world), "erp:1:ready:0/2 erp:4:ready:0/1 group:W1:complete:1/2 ");
}

static void test_who_was_opened_alone_is_not_in_the_group(void **state)
{
    struct store_world *world = *state;
    store_world_expect(world, "erp:2", ITEM("A1"), "ok");
    assert_string_equal(listed(world), "erp:2:open:1/1 erp:1:ready:0/2 erp:4:ready:0/1 group:W1:ready:0/1 ");
    struct document *document;
    assert_int_equal(store_document(world->store, "group:W1", &document), RC_OK);
    assert_int_equal(document->line_count, 1);
    assert_string_equal(document->lines[0].doc, "erp:3");
    assert_string_equal(document->no, "W1");
    document_free(document);
    store_world_abandon(world, "erp:2");
    assert_string_equal(listed(world), "erp:1:ready:0/2 erp:4:ready:0/1 group:W1:ready:0/2 ");
}

static void test_a_member_that_is_cancelled_wants_nothing_more(void **state)
{
    struct store_world *world = *state;
    store_world_expect(world, "group:W1", ITEM("A1"), "ok");
    engine_world_tell(&world->engine, ORDER("3", "D-1", "\"W1\"", "cancelled", LINE("1", "2", "null")));
    struct document *told;
    assert_int_equal(store_document_told(world->store, "group:W1", &told), RC_OK);
    assert_int_equal(told->line_count, 1);
    assert_int_equal(told->state, DOCUMENT_READY);
    document_free(told);
    engine_world_tell(&world->engine, ORDER("2", "D-1", "\"W1\"", "cancelled", LINE("1", "1", "null")));
    assert_int_equal(store_document(world->store, "group:W1", &told), RC_OK);
    assert_int_equal(told->state, DOCUMENT_CANCELLED);
    document_free(told);
}

/* ---- revisions ---- */

static void take_over(struct store_world *world, const char *doc)
{
    struct document *told;
    assert_int_equal(store_document_told(world->store, doc, &told), RC_OK);
    struct record record = {.kind = RECORD_OPEN, .at_ms = 1795305600000, .site = "CDB", .doc = doc, .document = told};
    assert_int_equal(store_append(world->store, &record, NULL), RC_OK);
    document_free(told);
}

static const char *progress(struct store_world *world, const char *doc)
{
    static char text[TEXT_MAX];
    struct document *document;
    assert_int_equal(store_document(world->store, doc, &document), RC_OK);
    text[0] = '\0';
    for (size_t i = 0; i < document->line_count; i++) {
        char qty[QTY_TEXT_MAX + 1];
        size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, "%s=%s ", document->lines[i].line,
                 qty_print(document->lines[i].tallied, qty));
    }
    document_free(document);
    return text;
}

static void test_tallies_follow_their_lines_into_a_new_revision(void **state)
{
    struct store_world *world = *state;
    store_world_expect(world, "erp:1", ITEM("A1"), "ok");
    store_world_expect(world, "erp:1", ITEM("A2"), "ok");
    int64_t third = store_world_expect(world, "erp:1", ITEM("A3"), "ok");
    assert_string_equal(progress(world, "erp:1"), "1=2 2=1 ");
    /* another first, the second gone, its goods fit where lots are L2 */
    engine_world_tell(&world->engine,
                      ORDER("1", "D-1", "null", "open", LINE("9", "5", "\"L2\"") "," LINE("1", "2", "\"L1\"")));
    take_over(world, "erp:1");
    assert_string_equal(progress(world, "erp:1"), "9=1 1=2 ");
    engine_world_tell(&world->engine, ORDER("1", "D-1", "null", "open", LINE("1", "2", "\"L1\"")));
    take_over(world, "erp:1");
    assert_string_equal(progress(world, "erp:1"), "1=2 ");
    assert_string_equal(store_world_counted(world, "erp:1"), "B/L1=2+0 B/L2=1+1 ");
    struct document *document;
    struct allocation allocations[ALLOC_MAX];
    int count = 0;
    assert_int_equal(store_document(world->store, "erp:1", &document), RC_OK);
    assert_int_equal(store_tally_lines(world->store, third, document, allocations, &count), RC_OK);
    assert_int_equal(count, 1);
    assert_true(allocations[0].line == LINE_NONE);
    document_free(document);
    store_world_undo(world, third, STATE_ACTIVE);
    assert_string_equal(progress(world, "erp:1"), "1=2 ");
    store_world_complete(world, "erp:1");
    assert_string_equal(store_world_holder(world, ITEM("A2")), "transit:party:D-1");
    assert_string_equal(store_world_holder(world, ITEM("A3")), "site:CDB");
}

/* What is in another document is to be had when somebody says so. */
static int64_t move(struct store_world *world, const char *doc, const char *text)
{
    struct document *document;
    struct code code = {.kind = CODE_ITEM};
    int64_t seq = store_world_expect(world, doc, text, "in-other-document");
    snprintf(code.key, sizeof code.key, "%s", world->facts.key);
    assert_int_equal(store_document(world->store, doc, &document), RC_OK);
    struct record record = {.kind = RECORD_CONFIRM,
                            .at_ms = 1795305600000,
                            .site = "CDB",
                            .doc = doc,
                            .ref = seq,
                            .code = &code,
                            .facts = &world->facts,
                            .verdict = &world->verdict,
                            .document = document,
                            .flow = flow_find(document->flow)};
    assert_int_equal(store_append(world->store, &record, NULL), RC_OK);
    document_free(document);
    return seq;
}

/* A unit, and one of the two in a case, go to other orders and come back; the paper changes meanwhile. */
static void come_back(struct store_world *world, const char *first, const char *then)
{
    store_world_expect(world, "erp:1", ITEM("A2"), "ok");
    store_world_expect(world, "erp:1", ITEM("A1"), "ok");
    store_world_expect(world, "erp:1", CASE, "ok");
    assert_string_equal(progress(world, "erp:1"), "1=2 2=2 ");
    int64_t unit = move(world, "erp:4", ITEM("A1"));
    int64_t part = move(world, "erp:2", ITEM("D1"));
    assert_string_equal(progress(world, "erp:1"), "1=1 2=1 ");
    engine_world_tell(&world->engine, first);
    take_over(world, "erp:1");
    engine_world_tell(&world->engine, then);
    take_over(world, "erp:1");
    store_world_undo(world, unit, STATE_ACTIVE);
    store_world_undo(world, part, STATE_ACTIVE);
}

static void test_what_comes_back_counts_on_a_line_of_another_name(void **state)
{
    struct store_world *world = *state;
    come_back(world, ORDER("1", "D-1", "null", "open", LINE("8", "9", "null")),
              ORDER("1", "D-1", "null", "open", LINE("8", "1", "\"L2\"") "," LINE("9", "9", "null")));
    assert_string_equal(progress(world, "erp:1"), "8=0 9=4 ");
    assert_string_equal(store_world_counted(world, "erp:1"), "B/L1=4+0 ");
}

static void test_what_comes_back_counts_on_its_line_wherever_that_is(void **state)
{
    struct store_world *world = *state;
    come_back(world, ORDER("1", "D-1", "null", "open", LINE("1", "3", "null") "," LINE("2", "3", "null")),
              ORDER("1", "D-1", "null", "open", LINE("2", "2", "null") "," LINE("1", "2", "null")));
    assert_string_equal(progress(world, "erp:1"), "2=2 1=2 ");
}

static void test_what_comes_back_to_no_line_counts_on_none(void **state)
{
    struct store_world *world = *state;
    come_back(world, ORDER("1", "D-1", "null", "open", LINE("8", "9", "null")),
              ORDER("1", "D-1", "null", "open", LINE("8", "9", "\"L2\"")));
    assert_string_equal(progress(world, "erp:1"), "8=0 ");
    assert_string_equal(store_world_counted(world, "erp:1"), "B/L1=4+4 ");
}

/* ---- rows ---- */

static bool add_moved(void *context, const struct store_counted_row *row)
{
    char *text = context, qty[QTY_TEXT_MAX + 1];
    size_t at = strlen(text);
    snprintf(text + at, TEXT_MAX - at, "%s/%s=%s ", row->product, row->lot, qty_print(row->qty, qty));
    return true;
}

static void test_what_a_completed_document_moved(void **state)
{
    struct store_world *world = *state;
    char text[TEXT_MAX] = "";
    store_world_expect(world, "erp:1", ITEM("A1"), "ok");
    store_world_expect(world, "erp:1", ITEM("A3"), "ok");
    int64_t undone = store_world_expect(world, "erp:1", ITEM("A4"), "ok");
    store_world_undo(world, undone, STATE_ACTIVE);
    assert_int_equal(store_moved_rows(world->store, "erp:1", add_moved, text), RC_OK);
    assert_string_equal(text, "");
    store_world_complete(world, "erp:1");
    assert_int_equal(store_moved_rows(world->store, "erp:1", add_moved, text), RC_OK);
    assert_string_equal(text, "B/L1=1 B/L2=1 ");
}

static bool add_recalled(void *context, const struct store_recall_row *row)
{
    char *text = context, holder[HOLDER_MAX + 1];
    size_t at = strlen(text);
    snprintf(text + at, TEXT_MAX - at, "%s %s/%s %ld; ", holder_print(&row->holder, holder), row->product, row->lot,
             row->units);
    return true;
}

static void test_where_recalled_goods_are(void **state)
{
    struct store_world *world = *state;
    char text[TEXT_MAX] = "";
    assert_int_equal(store_recall_rows(world->store, "R-1", add_recalled, text), RC_OK);
    assert_string_equal(text, "party:D-2 B/LR 1; site:CDB B/L1 1; site:CDB B/LR 2; ");
    store_world_start(world, "SC-1", "scrap", "", NULL);
    store_world_expect(world, "own:SC-1", ITEM("R2"), "recalled");
    store_world_complete(world, "own:SC-1");
    text[0] = '\0';
    assert_int_equal(store_recall_rows(world->store, "R-1", add_recalled, text), RC_OK);
    assert_string_equal(text, "destroyed B/LR 1; party:D-2 B/LR 1; site:CDB B/L1 1; site:CDB B/LR 1; ");
    assert_int_equal(store_recall_rows(world->store, "R-9", add_recalled, text), RC_NOT_FOUND);
}

/* ---- bodies ---- */

static void test_a_record_says_what_it_does(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "UP-1", "unpack", "", "mode=out");
    assert_non_null(strstr(body_of_last(world), "\"own\":true,\"header\":{\"mode\":\"out\"}"));
    int64_t seq = store_world_expect(world, "own:UP-1", ITEM("C1"), "recalled");
    assert_non_null(strstr(body_of_last(world),
                           "\"pack\":{\"parent\":\"" SSCC "\",\"level\":1,\"in\":[],\"out\":[\"" ITEM("C1") "\"]}"));
    store_world_undo(world, seq, STATE_DAMAGED);
    assert_non_null(strstr(body_of_last(world), "\"condition\":\"damaged\""));
    store_world_start(world, "RB-1", "relabel", "", NULL);
    store_world_expect(world, "own:RB-1", ITEM("A1"), "ok");
    store_world_expect(world, "own:RB-1", "OTHER-1", "ok");
    assert_non_null(
        strstr(body_of_last(world), "\"relabel\":{\"old\":\"" ITEM("A1") "\",\"new\":\"plain:OTHER-1\"}"));
    store_world_start(world, "RC-1", "receipt", "", NULL);
    assert_int_equal(holder_parse("site:CDQ", &world->goes_to), RC_OK);
    store_world_scan(world, "own:RC-1", ITEM("A2"));
    assert_non_null(strstr(body_of_last(world), "\"to\":\"site:CDQ\""));
    world->goes_to.kind = HOLDER_UNKNOWN;
}

/* ---- a journal of the first version ---- */

static const char FIRST_VERSION[] =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "INSERT INTO meta VALUES('epoch', '1');"
    "CREATE TABLE record(seq INTEGER PRIMARY KEY, body TEXT NOT NULL, hash BLOB NOT NULL);"
    "CREATE TABLE document(doc TEXT PRIMARY KEY, no TEXT NOT NULL, flow TEXT NOT NULL, rev TEXT NOT NULL,"
    " state INTEGER NOT NULL, opened_seq INTEGER NOT NULL, closed_seq INTEGER NOT NULL DEFAULT 0,"
    " close_no INTEGER NOT NULL DEFAULT 0, holder_from TEXT NOT NULL, holder_to TEXT NOT NULL, to_name TEXT NOT NULL,"
    " dock TEXT NOT NULL, note TEXT NOT NULL, due INTEGER, quarantine INTEGER NOT NULL, min_life INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE INDEX document_no ON document(no);"
    "CREATE TABLE line(doc TEXT NOT NULL, n INTEGER NOT NULL, line TEXT NOT NULL, product TEXT NOT NULL,"
    " lot TEXT NOT NULL, qty INTEGER NOT NULL, tolerance INTEGER NOT NULL, tallied INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY(doc, n)) WITHOUT ROWID;"
    "CREATE TABLE tally(seq INTEGER PRIMARY KEY, doc TEXT NOT NULL, state INTEGER NOT NULL, key TEXT NOT NULL,"
    " product TEXT NOT NULL, lot TEXT NOT NULL, line TEXT NOT NULL, reason INTEGER NOT NULL,"
    " severity INTEGER NOT NULL, qty INTEGER NOT NULL, level INTEGER NOT NULL, line_n INTEGER NOT NULL DEFAULT -1,"
    " counted_seq INTEGER NOT NULL DEFAULT 0, took_seq INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX tally_open ON tally(doc, key) WHERE state IN (2, 3);"
    "CREATE TABLE alloc(seq INTEGER NOT NULL, n INTEGER NOT NULL, line INTEGER NOT NULL, qty INTEGER NOT NULL,"
    " lot TEXT NOT NULL, PRIMARY KEY(seq, n)) WITHOUT ROWID;"
    "CREATE TABLE took(seq INTEGER NOT NULL, n INTEGER NOT NULL, line INTEGER NOT NULL, qty INTEGER NOT NULL,"
    " PRIMARY KEY(seq, n)) WITHOUT ROWID;"
    "CREATE TABLE unit(key TEXT PRIMARY KEY, seq INTEGER NOT NULL, moved_seq INTEGER NOT NULL DEFAULT 0,"
    " state INTEGER NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE sign(operator TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "INSERT INTO record VALUES(6, '{\"seq\":6,\"at\":\"2026-11-20T08:00:00.000+08:00\"}', zeroblob(32));"
    "INSERT INTO document VALUES('erp:1', 'SO-1', 'outbound', '', 2, 1, 4, 1, 'site:CDB', 'party:D-1', 'One', '', '',"
    " NULL, 0, 0), ('erp:4', 'SO-4', 'outbound', '', 1, 5, 0, 0, 'site:CDB', 'party:D-2', 'Two', '', '', NULL, 0, 0);"
    "INSERT INTO line VALUES('erp:4', 0, '1', 'B', '', 1000000, 0, 1000000);"
    "INSERT INTO tally VALUES(2, 'erp:1', 6, '" ITEM(
        "A1") "', 'B', 'L1', '1', 29, 0, 1000000, 0, 0, 2, 0),"
              " (6, 'erp:4', 1, '" ITEM("A2") "', 'B', 'L1', '1', 29, 0, 1000000, 0, 0, 6, 0);"
                                              "INSERT INTO unit VALUES('" ITEM("A1") "', 2, 4, 2, 'erp:1'), ('" ITEM(
                                                  "A2") "', 6, 0, 1, 'erp:4');"
                                                        "PRAGMA user_version = 1;";

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    (void)type;
    (void)at;
    return remove(path);
}

static void test_a_journal_of_the_first_version_goes_on(void **state)
{
    char dir[] = "/tmp/tallyman-store-XXXXXX", path[64];
    struct store_world world = {.policy = {.registry = REGISTRY_STRICT}};
    struct feed_error error;
    sqlite3 *db;
    long count;
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/journal.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, FIRST_VERSION, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(store_open(dir, "test", &world.store, NULL), RC_OK);
    FILE *stream = fmemopen((void *)(uintptr_t)FEED, strlen(FEED), "r");
    assert_int_equal(store_import(world.store, stream, NULL, &count, &error), RC_OK);
    fclose(stream);
    assert_string_equal(store_world_holder(&world, ITEM("A1")), "transit:party:D-1");
    assert_string_equal(store_world_holder(&world, ITEM("A2")), "site:CDB");
    store_world_look(&world, "erp:4", ITEM("A2"));
    assert_true(world.facts.in_this_document);
    assert_string_equal(progress(&world, "erp:4"), "1=1 ");
    assert_string_equal(store_world_counted(&world, "erp:4"), "B/L1=1+0 ");
    store_world_undo(&world, 6, STATE_ACTIVE);
    assert_string_equal(progress(&world, "erp:4"), "1=0 ");
    store_close(world.store);
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(test_a_group_is_worked_on_as_one),
        ONE(test_who_was_opened_alone_is_not_in_the_group),
        ONE(test_a_member_that_is_cancelled_wants_nothing_more),
        ONE(test_tallies_follow_their_lines_into_a_new_revision),
        ONE(test_what_comes_back_counts_on_a_line_of_another_name),
        ONE(test_what_comes_back_counts_on_its_line_wherever_that_is),
        ONE(test_what_comes_back_to_no_line_counts_on_none),
        ONE(test_what_a_completed_document_moved),
        ONE(test_where_recalled_goods_are),
        ONE(test_a_record_says_what_it_does),
        cmocka_unit_test(test_a_journal_of_the_first_version_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
