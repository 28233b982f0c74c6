/* Catalogs of older versions: opened, brought up, and nothing that was told then is lost. */
#include "app/catalog/page_sum.h"
#include "app/catalog/schema.h"
#include "tests/unit/catalog_world.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { TEXT_MAX = 65536 };

/* What that version kept only as it was told. */
static const char MARKET[] =
    "INSERT OR REPLACE INTO entity VALUES"
    "('region', 'R1', '{\"id\":\"R1\",\"name\":\"one\",\"to\":\"2026-05-31\",\"into\":\"R2\"}'),"
    "('region', 'R2', '{\"id\":\"R2\",\"parent\":\"R0\"}'),"
    "('territory', 'DM|', "
    "'{\"party\":\"DM\",\"regions\":[\"R1\",\"R3\"],\"exclusive\":true,\"from\":\"2026-01-01\"}'),"
    "('permit', 'DM|E|P', "
    "'{\"from\":\"DM\",\"to\":\"E\",\"product\":\"P\",\"qty\":\"2.5\",\"until\":\"1969-12-31\"}'),"
    "('permit', 'DM|F|P', '{\"from\":\"DM\",\"to\":\"F\",\"product\":\"P\"}'),"
    "('party', 'DM', '{\"id\":\"DM\",\"name\":\"d\",\"parent\":\"C\",\"region\":\"R2\",\"kind\":\"dealer\"}');"
    "INSERT OR REPLACE INTO party VALUES ('DM', 'd', 0);";

static void look_at_market(struct catalog *catalog)
{
    struct region region;
    struct permit permit;
    int count = 0;
    struct catalog_party party;
    const struct territory_book *around = NULL;
    char name[NAME_MAX_BYTES + 1];
    assert_int_equal(catalog_region(catalog, "R1", &region, name), RC_OK);
    assert_string_equal(name, "one");
    assert_string_equal(region.into, "R2");
    assert_int_equal(region.from, DAY_NONE);
    assert_int_equal(region.to, 20604);
    assert_int_equal(catalog_permits(catalog, "DM", "E", "P", 1, &permit, &count), RC_OK);
    assert_int_equal(count, 1);
    assert_int_equal(permit.qty, 2500000);
    assert_int_equal(permit.until, -1);
    assert_int_equal(catalog_permits(catalog, "DM", "F", "P", 1, &permit, &count), RC_OK);
    assert_int_equal(permit.qty, -1);
    assert_int_equal(permit.until, DAY_NONE);
    assert_int_equal(catalog_party(catalog, "DM", &party), RC_OK);
    assert_string_equal(party.parent, "C");
    assert_string_equal(party.region, "R2");
    struct market market = {.place = REASON_OK};
    struct found found = {
        .product = "P", .region = "R2", .qty = QTY_ONE, .today = 20700, .sale = {.party = "DM", .at = 20650}};
    assert_int_equal(catalog_market(catalog, &found, &around), RC_OK);
    territory_judge(around, &found, &market);
    assert_int_equal(market.place, REASON_IN_REGION);
    assert_string_equal(market.allowed, "R1");
}

static bool read_all(const char *path, char *ret_text)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    size_t len = fread(ret_text, 1, TEXT_MAX - 1, file);
    ret_text[len] = '\0';
    fclose(file);
    return len > 0;
}

/* The world's catalog as version 2 left it; false where the tests' data are not there. */
static bool make_old(struct catalog_world *world)
{
    static const char *const TAILS[] = {"", "-wal", "-shm"};
    static char text[TEXT_MAX];
    sqlite3 *db = NULL;
    char path[128];
    int reserved = PAGE_SUM_BYTES;
    if (!read_all("tests/data/catalog-2.sql", text)) {
        print_message("tests/data is not in the working folder\n");
        return false;
    }
    catalog_close(world->catalog);
    world->catalog = NULL;
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", world->path, TAILS[i]);
        unlink(path);
    }
    assert_int_equal(sqlite3_open_v2(world->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, page_sum_vfs()),
                     SQLITE_OK);
    sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, MARKET, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    return true;
}

static bool add_doc(void *context, const char *doc)
{
    char *text = context;
    size_t len = strlen(text);
    snprintf(text + len, 100 - len, "%s ", doc);
    return true;
}

static bool count_picks(void *context, const struct catalog_pick *pick)
{
    qty_t *sum = context;
    *sum += pick->qty;
    return true;
}

static bool add_qty(void *context, const char *lot, qty_t qty)
{
    assert_string_equal(lot, "L1");
    *(qty_t *)context += qty;
    return true;
}

static void look(struct catalog *catalog)
{
    struct document *document = NULL;
    struct policy policy;
    struct flow flow;
    char docs[100] = "";
    qty_t picked = 0, here = 0;
    assert_int_equal(catalog_group(catalog, "W1", add_doc, docs), RC_OK);
    assert_string_equal(docs, "s:1 ");
    assert_int_equal(catalog_picks(catalog, "s:1", count_picks, &picked), RC_OK);
    assert_int_equal(picked, 6500000);
    assert_int_equal(catalog_document(catalog, "s:1", &document), RC_OK);
    assert_string_equal(document->group, "W1");
    assert_int_equal(document->min_life_days, 30);
    assert_true(document->lines[0].shared);
    assert_int_equal(document->lines[0].elsewhere, 0);
    document_free(document);
    assert_int_equal(catalog_document(catalog, "s:2", &document), RC_OK);
    assert_string_equal(document->group, "");
    assert_int_equal(document->min_life_days, 60);
    document_free(document);
    assert_int_equal(catalog_policy(catalog, "CDB", &policy), RC_OK);
    assert_int_equal(policy.registry, REGISTRY_LEARN);
    assert_int_equal(policy.lock_idle_s, 0);
    assert_string_equal(policy.quarantine, "");
    assert_int_equal(catalog_flow(catalog, "count", &flow), RC_OK);
    assert_int_equal(catalog_books(catalog, "site:CDB", "P", "", add_qty, &here), RC_OK);
    assert_int_equal(here, 11 * QTY_ONE);
    look_at_market(catalog);
}

static void a_writer_brings_it_up(void **state)
{
    struct catalog_world *world = *state;
    if (!make_old(world))
        return;
    assert_int_equal(catalog_open(world->path, CATALOG_WRITE, &world->catalog), RC_OK);
    look(world->catalog);
    struct document *document = NULL;
    catalog_world_told(world, "{\"type\":\"share\",\"doc\":\"s:1\",\"device\":4,"
                              "\"progress\":[{\"line\":\"a\",\"qty\":\"2\"}]}\n");
    assert_int_equal(catalog_document(world->catalog, "s:1", &document), RC_OK);
    assert_true(document->lines[0].shared);
    assert_int_equal(document->lines[0].elsewhere, 2 * QTY_ONE);
    document_free(document);
    /* what was told then is found by the name that it has now */
    struct permit permit = {.qty = -1};
    int count = 0;
    catalog_world_told(world, "{\"type\":\"permit\",\"from\":\"DM\",\"to\":\"E\",\"product\":\"P\","
                              "\"until\":\"1969-12-31\",\"used\":\"1\"}\n");
    assert_int_equal(catalog_permits(world->catalog, "DM", "E", "P", 1, &permit, &count), RC_OK);
    assert_int_equal(permit.qty, 2500000);
    assert_int_equal(permit.used, QTY_ONE);
}

static int version_of(const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, page_sum_vfs()), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int version = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return version;
}

/* A device that was updated far from any network works on. */
static void a_reader_brings_it_up(void **state)
{
    struct catalog_world *world = *state;
    if (!make_old(world))
        return;
    assert_int_equal(version_of(world->path), 2);
    assert_int_equal(catalog_open(world->path, CATALOG_READ, &world->catalog), RC_OK);
    look(world->catalog);
    assert_int_equal(version_of(world->path), SCHEMA_VERSION);
}

static void a_writer_and_two_readers_at_once(void **state)
{
    struct catalog_world *world = *state;
    struct catalog *readers[2] = {NULL, NULL};
    if (!make_old(world))
        return;
    assert_int_equal(catalog_open(world->path, CATALOG_READ, &readers[0]), RC_OK);
    assert_int_equal(catalog_open(world->path, CATALOG_WRITE, &world->catalog), RC_OK);
    assert_int_equal(catalog_open(world->path, CATALOG_READ, &readers[1]), RC_OK);
    look(readers[0]);
    look(readers[1]);
    catalog_close(readers[0]);
    catalog_close(readers[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_world_open, catalog_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_writer_brings_it_up),
        TEST(a_reader_brings_it_up),
        TEST(a_writer_and_two_readers_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
