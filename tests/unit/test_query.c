/* The server's statements are made when they are first used: each of them has to be one that the schema knows. */
#include "sync/server/db.h"
#include "sync/server/query.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void test_each_can_be_made(void **state)
{
    char dir[] = "/tmp/tallyman-query-XXXXXX", path[64], url[80];
    struct db *db;
    sqlite3 *handle;
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/server.db", dir);
    snprintf(url, sizeof url, "sqlite:%s", path);
    assert_int_equal(db_open(url, &db), RC_OK);
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    for (int id = 0; id < QUERY_COUNT; id++) {
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(handle, query_text((enum query_id)id, "sqlite"), -1, &stmt, NULL);
        if (code != SQLITE_OK)
            print_error("%s: %s\n", query_text((enum query_id)id, "sqlite"), sqlite3_errmsg(handle));
        assert_int_equal(code, SQLITE_OK);
        sqlite3_finalize(stmt);
    }
    sqlite3_close(handle);
    db_close(db);
    unlink(path);
    assert_int_equal(rmdir(dir), 0);
}

/* One that can't be made is told by its step, and the next one is none the worse. */
static void test_what_cannot_be_made(void **state)
{
    struct db *db;
    struct db_stmt *bad, *good;
    bool row = false;
    (void)state;
    assert_int_equal(db_open("sqlite::memory:", &db), RC_OK);
    assert_int_equal(db_prepare(db, "SELECT n FROM elsewhere WHERE n = $1", &bad), RC_OK);
    assert_int_equal(db_prepare(db, "SELECT $1 + 1", &good), RC_OK);
    for (int i = 0; i < 2; i++) {
        db_bind_int(bad, 1, 41);
        db_bind_text(bad, 1, "x");
        assert_int_not_equal(db_step(bad, &row), RC_OK);
        db_bind_int(good, 1, 41);
        assert_int_equal(db_step(good, &row), RC_OK);
        assert_true(row);
        assert_int_equal(db_int(good, 0), 42);
        db_reset(good);
    }
    db_finalize(bad);
    db_finalize(good);
    db_close(db);
}

/* Written as PostgreSQL's are. */
static void a_file_is_no_address(void **state)
{
    struct db *db = NULL;
    (void)state;
    assert_int_equal(db_open("sqlite:///var/lib/tallyman/server.db", &db), RC_USAGE);
    assert_null(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_no_address),
        cmocka_unit_test(test_each_can_be_made),
        cmocka_unit_test(test_what_cannot_be_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
