/* How much of each line is tallied, while the lines' rows follow in steps: the same to whoever reads it, whenever. */
#include "tests/unit/store_world.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ITEMS = 150, ON_FIRST = 100, STEP = 32, FEED_MAX = 32 << 10, TEXT_MAX = 64 };

#define ORDER(n)                                                                                                     \
    "{\"type\":\"document\",\"source\":\"erp\",\"doc\":\"" n "\",\"no\":\"SO-" n "\",\"flow\":\"outbound\","         \
    "\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"group\":null,\"lines\":["                       \
    "{\"line\":\"1\",\"product\":\"B\",\"qty\":\"100\",\"tolerance\":\"0\",\"lot\":null},"                           \
    "{\"line\":\"2\",\"product\":\"B\",\"qty\":\"60\",\"tolerance\":\"0\",\"lot\":null}]}\n"

static const char ABOUT[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"Store\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"One\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"Wang\",\"role\":\"supervisor\",\"site\":\"CDB\",\"pin\":"
    "\"2468\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Kit\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\",\"decimals\":0,"
    "\"control\":\"item\",\"pack\":[]}\n" ORDER("1") ORDER("2");

static const char *item(int n)
{
    static char text[TEXT_MAX];
    snprintf(text, sizeof text, "(01)05901234123457(21)S%03d", n);
    return text;
}

static int setup(void **state)
{
    static struct store_world world;
    static char feed[FEED_MAX];
    int len = snprintf(feed, sizeof feed, "%s", ABOUT);
    for (int n = 0; n < ITEMS; n++)
        len +=
            snprintf(feed + len, sizeof feed - (size_t)len,
                     "{\"type\":\"code\",\"code\":\"%s\",\"product\":\"B\",\"lot\":\"L1\",\"holder\":\"site:CDB\"}\n",
                     item(n));
    assert_true((size_t)len < sizeof feed);
    store_world_open(&world, feed);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    store_world_close(*state);
    return 0;
}

static void expect_lines(struct store *store, const char *doc, int first, int second)
{
    struct document *document;
    assert_int_equal(store_document(store, doc, &document), RC_OK);
    assert_int_equal(document->line_count, 2);
    assert_int_equal(document->lines[0].tallied, first * QTY_ONE);
    assert_int_equal(document->lines[1].tallied, second * QTY_ONE);
    document_free(document);
}

/* To the one that writes, and to one that only reads. */
static void expect(struct store_world *world, const char *doc, int first, int second)
{
    struct store *reader;
    expect_lines(world->store, doc, first, second);
    assert_int_equal(store_open_read(world->engine.dir, &reader), RC_OK);
    expect_lines(reader, doc, first, second);
    store_close(reader);
}

static bool count_done(void *context, const struct store_document_row *row)
{
    *(int *)context += strcmp(row->doc, "erp:1") == 0 ? row->lines_done : 0;
    return true;
}

static int lines_done(struct store_world *world)
{
    int done = 0;
    assert_int_equal(store_documents(world->store, count_done, &done), RC_OK);
    return done;
}

/* What stands in the lines' own rows. */
static int64_t on_rows(struct store_world *world)
{
    char path[128];
    sqlite3 *db;
    sqlite3_stmt *row;
    snprintf(path, sizeof path, "%s/journal.db", world->engine.dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT sum(tallied) FROM line", -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    int64_t sum = sqlite3_column_int64(row, 0) / QTY_ONE;
    sqlite3_finalize(row);
    sqlite3_close(db);
    return sum;
}

static void scan_to(struct store_world *world, const char *doc, int from, int to)
{
    for (int n = from; n < to; n++)
        store_world_expect(world, doc, item(n), "ok");
}

static void test_the_number_is_right_after_every_scan(void **state)
{
    struct store_world *world = *state;
    for (int n = 0; n < ITEMS; n++) {
        scan_to(world, "erp:1", n, n + 1);
        expect(world, "erp:1", n < ON_FIRST ? n + 1 : ON_FIRST, n < ON_FIRST ? 0 : n + 1 - ON_FIRST);
        assert_int_equal(lines_done(world), n + 1 < ON_FIRST ? 0 : 1);
        assert_in_range(on_rows(world), n > STEP ? n - STEP : 0, n);
    }
    assert_true(on_rows(world) > 0);
}

static void test_a_scan_leaves_its_line_alone(void **state)
{
    struct store_world *world = *state;
    scan_to(world, "erp:1", 0, 20);
    assert_int_equal(on_rows(world), 0);
    store_world_reopen(world);
    expect(world, "erp:1", 20, 0);
    scan_to(world, "erp:1", 20, 2 * STEP + 1);
    assert_int_equal(on_rows(world), 2 * STEP); /* also those that waited before it was closed */
    expect(world, "erp:1", 2 * STEP + 1, 0);
}

static void test_what_waits_is_taken_back(void **state)
{
    struct store_world *world = *state;
    int64_t first = store_world_expect(world, "erp:1", item(0), "ok");
    scan_to(world, "erp:2", 1, 11);
    scan_to(world, "erp:1", 11, 13);
    int64_t last = store_world_expect(world, "erp:1", item(13), "ok");
    expect(world, "erp:1", 4, 0);
    expect(world, "erp:2", 10, 0);
    store_world_undo(world, last, STATE_ACTIVE);
    expect(world, "erp:1", 3, 0);
    store_world_undo(world, first, STATE_ACTIVE);
    expect(world, "erp:1", 2, 0);
    scan_to(world, "erp:1", 13, 15);
    store_world_abandon(world, "erp:2");
    expect(world, "erp:1", 4, 0);
    scan_to(world, "erp:1", 1, 11);
    expect(world, "erp:1", 14, 0);
    store_world_complete(world, "erp:1");
    expect(world, "erp:1", 14, 0);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(test_the_number_is_right_after_every_scan),
        ONE(test_a_scan_leaves_its_line_alone),
        ONE(test_what_waits_is_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
