/* The code book when very much is told at once: rows in memory, in order, packed when they are full; the sieve; and what
 * a reader keeps of the packed blocks while a writer goes on. */
#include "app/catalog/bulk.h"
#include "app/catalog/pack_cache.h"
#include "app/catalog/sieve.h"
#include "tests/unit/catalog_world.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CASE "(00)069012340000000016"

static struct codebook *book_of(void **state)
{
    const struct catalog_world *world = *state;
    return catalog_codebook(world->catalog);
}

static void begin(void **state)
{
    const struct catalog_world *world = *state;
    assert_int_equal(catalog_begin(world->catalog), RC_OK);
}

static void commit(void **state)
{
    const struct catalog_world *world = *state;
    assert_int_equal(catalog_commit(world->catalog), RC_OK);
}

static void put(void **state, const char *key, const char *lot, const char *parent)
{
    const struct codebook_change change = {
        .product = "P", .lot = lot, .parent = parent, .level = CODEBOOK_KEEP, .covers = CODEBOOK_KEEP};
    assert_int_equal(codebook_put(book_of(state), key, &change), RC_OK);
}

static void has(struct codebook *book, const char *key, const char *lot)
{
    struct codebook_entry entry;
    enum rc rc = codebook_find(book, key, &entry);
    if (rc != (lot ? RC_OK : RC_NOT_FOUND))
        fail_msg("%.40s: %s", key, rc_word(rc));
    if (lot)
        assert_string_equal(entry.lot, lot);
}

static const char *item(int number, char *ret_key)
{
    snprintf(ret_key, 64, "(01)05901234123457(21)%07d", number);
    return ret_key;
}

/* ---- one bulk ---- */

static bool count(void *context, const struct codebook_entry *child)
{
    ++*(int *)context;
    return child->parent[0] != '\0';
}

static int children(void **state)
{
    int found = 0;
    assert_int_equal(codebook_children(book_of(state), CASE, count, &found), RC_OK);
    return found;
}

/* Some of the children are in the table, some packed, some told now, and one goes. */
static void what_was_told_before_goes_along(void **state)
{
    char key[64];
    begin(state);
    for (int i = 0; i < 100; i++)
        put(state, item(i, key), "L1", CASE);
    assert_int_equal(codebook_pack(book_of(state)), RC_OK);
    for (int i = 100; i < 150; i++)
        put(state, item(i, key), "L1", CASE);
    assert_int_equal(codebook_bulk(book_of(state)), RC_OK);
    for (int i = 50; i < 200; i++)
        put(state, item(i, key), "L1", CASE);
    assert_int_equal(codebook_delete(book_of(state), item(0, key)), RC_OK);
    assert_int_equal(codebook_delete(book_of(state), item(120, key)), RC_OK);
    put(state, item(1, key), "L2", "");
    for (int round = 0; round < 3; round++) {
        has(book_of(state), item(0, key), NULL);
        has(book_of(state), item(120, key), NULL);
        has(book_of(state), item(1, key), "L2");
        has(book_of(state), item(199, key), "L1");
        has(book_of(state), CASE, "L1");
        assert_int_equal(children(state), 197);
        assert_int_equal(round < 2 ? codebook_pack(book_of(state)) : codebook_bulk_end(book_of(state)), RC_OK);
    }
    assert_false(codebook_in_bulk(book_of(state)));
    assert_int_equal(children(state), 197);
    commit(state);
}

static void rows_go_back_to_the_table(void **state)
{
    char key[64];
    begin(state);
    put(state, item(1, key), "L1", "");
    assert_int_equal(codebook_bulk(book_of(state)), RC_OK);
    put(state, item(2, key), "L1", CASE);
    assert_int_equal(codebook_delete(book_of(state), item(1, key)), RC_OK);
    assert_int_equal(codebook_bulk_end(book_of(state)), RC_OK);
    commit(state);
    has(book_of(state), item(1, key), NULL);
    has(book_of(state), item(2, key), "L1");
    assert_int_equal(children(state), 1);
}

static void a_bulk_taken_back(void **state)
{
    const struct catalog_world *world = *state;
    char key[64];
    begin(state);
    put(state, item(1, key), "L1", "");
    commit(state);
    begin(state);
    assert_int_equal(codebook_bulk(book_of(state)), RC_OK);
    put(state, item(1, key), "L2", "");
    put(state, item(2, key), "L2", "");
    catalog_rollback(world->catalog);
    assert_false(codebook_in_bulk(book_of(state)));
    has(book_of(state), item(1, key), "L1");
    has(book_of(state), item(2, key), NULL);
}

/* At its limit of bytes: it is packed by itself, and goes on. */
static void full_is_packed(void **state)
{
    enum { LONG = 480, KEYS = BULK_BYTES_MAX / LONG + 1000 };
    char key[LONG + 16];
    int packed = 0;
    begin(state);
    assert_int_equal(codebook_bulk(book_of(state)), RC_OK);
    for (int i = 0; i < KEYS; i++) {
        snprintf(key, sizeof key, "plain:%0*d", LONG, i * 7919 % KEYS);
        put(state, key, i % 2 ? "L1" : "L2", NULL);
        int64_t before = 0, after = 0;
        assert_int_equal(codebook_row_count(book_of(state), INT64_MAX, &before), RC_OK);
        assert_int_equal(codebook_bulk_look(book_of(state)), RC_OK);
        assert_int_equal(codebook_row_count(book_of(state), INT64_MAX, &after), RC_OK);
        packed += after < before;
    }
    assert_int_equal(packed, 1);
    assert_int_equal(codebook_bulk_end(book_of(state)), RC_OK);
    commit(state);
    for (int i = 0; i < KEYS; i += 97) {
        snprintf(key, sizeof key, "plain:%0*d", LONG, i * 7919 % KEYS);
        has(book_of(state), key, i % 2 ? "L1" : "L2");
    }
    snprintf(key, sizeof key, "plain:%0*d", LONG, KEYS);
    has(book_of(state), key, NULL);
}

static void a_long_import_is_taken_whole_or_not(void **state)
{
    enum { LINES = 5000 };
    struct catalog_world *world = *state;
    char key[64], *text = malloc(LINES * 128);
    size_t len = 0;
    assert_non_null(text);
    for (int i = 0; i < LINES; i++)
        len +=
            (size_t)snprintf(text + len, LINES * 128 - len,
                             "{\"type\":\"code\",\"code\":\"%s\",\"product\":\"P\",\"lot\":\"L1\"}\n", item(i, key));
    snprintf(text + len, LINES * 128 - len, "{\"type\":\"code\"}\n");
    assert_int_equal(catalog_world_import(world, text), RC_BAD_INPUT);
    assert_int_equal(world->error.line, LINES + 1);
    has(book_of(state), item(0, key), NULL);
    has(book_of(state), item(LINES - 1, key), NULL);
    text[len] = '\0';
    catalog_world_told(world, text);
    assert_int_equal(world->count, LINES);
    for (int i = 0; i < LINES; i++)
        has(book_of(state), item(i, key), "L1");
    free(text);
}

/* ---- its parts ---- */

static void order_is_that_of_bytes(void **state)
{
    enum { KEYS = 5000 };
    struct bulk *bulk = bulk_new();
    static struct row row;
    static char last[CODE_KEY_MAX + 1];
    uint32_t dice = 1;
    (void)state;
    assert_non_null(bulk);
    for (int i = 0; i < KEYS; i++) {
        char key[32] = "plain:";
        size_t len = 6 + (dice >> 8) % 20;
        for (size_t at = 6; at < len; at++) {
            dice = dice * 1664525 + 1013904223;
            key[at] = (char)"AB\xe6\xff"[dice >> 30];
        }
        dice = dice * 1664525 + 1013904223;
        codebook_row_new(key, &row);
        assert_int_equal(bulk_put(bulk, &row), RC_OK);
    }
    assert_int_equal(bulk_sort(bulk), RC_OK);
    assert_true(bulk_count(bulk) > KEYS / 2);
    for (uint32_t at = 0; at < bulk_count(bulk); at++) {
        assert_int_equal(bulk_at(bulk, at, &row), BULK_TOLD);
        assert_true(strcmp(last, row.key) < 0);
        snprintf(last, sizeof last, "%s", row.key);
    }
    bulk_free(bulk);
}

static void the_sieve_keeps_what_was_added(void **state)
{
    enum { KEYS = 100000 };
    struct sieve *sieve = sieve_new(KEYS);
    char key[64];
    int passed = 0;
    (void)state;
    assert_non_null(sieve);
    for (int i = 0; i < KEYS; i++)
        sieve_add(sieve, item(i, key));
    for (int i = 0; i < KEYS; i++)
        assert_true(sieve_passes(sieve, item(i, key)));
    for (int i = 0; i < KEYS; i++)
        passed += sieve_passes(sieve, item(KEYS + i, key));
    print_message("%d of %d others pass\n", passed, KEYS);
    assert_true(passed < KEYS / 30);
    assert_true(sieve_passes(NULL, "anything"));
    sieve_free(sieve);
}

/* A place is shared by blocks that are so many apart; what was asked for stays once. */
static void blocks_are_not_taken_for_others(void **state)
{
    enum { OTHER = 3 + PACK_CACHE_BLOCKS };
    static const uint8_t ONE[] = {1, 1}, TWO[] = {2, 2, 2};
    sqlite3 *db = NULL;
    struct sqlite3_stmt *rows = NULL;
    struct pack_cache *cache = NULL;
    size_t len = 0;
    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "VALUES ('', 0), ('b', 5), ('ba', 9)", -1, &rows, NULL), SQLITE_OK);
    assert_int_equal(pack_cache_read(rows, &cache), RC_OK);
    assert_int_equal(pack_cache_of_key(cache, "a"), 0);
    assert_int_equal(pack_cache_of_key(cache, "b"), 1);
    assert_int_equal(pack_cache_of_key(cache, "c"), 2);
    assert_int_equal(pack_cache_of_rank(cache, 8), 1);
    assert_int_equal(pack_cache_first(cache, 2), 9);
    assert_null(pack_cache_get(cache, 3, &len));
    pack_cache_offer(cache, 3, ONE, sizeof ONE);
    assert_null(pack_cache_get(cache, OTHER, &len));
    assert_int_equal(pack_cache_get(cache, 3, &len)[0], 1);
    assert_int_equal(len, sizeof ONE);
    pack_cache_offer(cache, OTHER, TWO, sizeof TWO);
    assert_null(pack_cache_get(cache, OTHER, &len));
    pack_cache_offer(cache, OTHER, TWO, sizeof TWO);
    assert_int_equal(pack_cache_get(cache, OTHER, &len)[0], 2);
    assert_null(pack_cache_get(cache, 3, &len));
    pack_cache_free(cache);
    sqlite3_finalize(rows);
    sqlite3_close(db);
}

/* ---- a reader beside the writer ---- */

/* More than the looks after which it keeps blocks, and more blocks than it keeps. */
static void a_reader_goes_along(void **state)
{
    enum { ITEMS = 3000 };
    const struct catalog_world *world = *state;
    struct catalog *reader = NULL;
    char key[64];
    begin(state);
    for (int i = 0; i < ITEMS; i++)
        put(state, item(2 * i, key), "L1", NULL);
    assert_int_equal(codebook_pack(book_of(state)), RC_OK);
    commit(state);
    assert_int_equal(catalog_open(world->path, CATALOG_READ, &reader), RC_OK);
    struct codebook *book = catalog_codebook(reader);
    for (int round = 0; round < 4; round++) {
        assert_int_equal(catalog_begin_read(reader), RC_OK);
        for (int i = 0; i < ITEMS; i++)
            has(book, item(2 * i, key), round == 0 || i % 100 ? "L1" : round < 3 ? "L2" : "L3");
        has(book, item(1, key), round < 2 ? NULL : "L4");
        begin(state);
        for (int i = 0; i < ITEMS; i += 100)
            put(state, item(2 * i, key), round < 2 ? "L2" : "L3", NULL);
        if (round > 0)
            put(state, item(1, key), "L4", NULL);
        assert_int_equal(round % 2 ? codebook_pack(book_of(state)) : RC_OK, RC_OK);
        commit(state);
        has(book, item(0, key), round == 0 ? "L1" : round < 3 ? "L2" : "L3"); /* its view is what it was */
        catalog_end_read(reader);
    }
    has(book, item(0, key), "L3");
    catalog_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_world_open, catalog_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_told_before_goes_along),
        TEST(rows_go_back_to_the_table),
        TEST(a_bulk_taken_back),
        TEST(full_is_packed),
        TEST(a_long_import_is_taken_whole_or_not),
        cmocka_unit_test(order_is_that_of_bytes),
        cmocka_unit_test(the_sieve_keeps_what_was_added),
        cmocka_unit_test(blocks_are_not_taken_for_others),
        TEST(a_reader_goes_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
