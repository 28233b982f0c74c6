/* What a reader keeps from question to question ends with its view: each answer is the newest when the view is begun. */
#include "app/catalog/catalog.h"
#include "tests/unit/catalog_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { VALUE_ROOM = 257 };

#define GOODS                                                                                                        \
    "{\"type\":\"product\",\"id\":\"P\",\"name\":\"%s\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\","               \
    "\"control\":\"item\"}\n"
#define CODE(holder)                                                                                                 \
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)A\",\"product\":\"P\",\"lot\":\"L\",\"holder\":"            \
    "\"site:" holder "\"}\n"

static const char KEY[] = "(01)05901234123457(21)A";

static struct catalog *reader_of(const struct catalog_world *world)
{
    struct catalog *reader = NULL;
    assert_int_equal(catalog_open(world->path, CATALOG_READ, &reader), RC_OK);
    return reader;
}

static void begin(struct catalog *reader)
{
    assert_int_equal(catalog_begin_read(reader), RC_OK);
}

/* Asked twice: the second answer is the kept one. */
static void expect_holder(struct catalog *reader, const char *id)
{
    struct codebook_entry entry;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(codebook_find(catalog_codebook(reader), KEY, &entry), RC_OK);
        assert_string_equal(entry.holder.id, id);
    }
}

static void view_is_the_newest_until_somebody_commits(void **state)
{
    struct catalog_world *world = *state;
    catalog_world_told(world, CODE("A"));
    struct catalog *reader = reader_of(world);
    begin(reader);
    catalog_end_read(reader);
    begin(reader);
    assert_true(catalog_is_newest(reader));
    expect_holder(reader, "A");
    catalog_world_told(world, CODE("B"));
    assert_false(catalog_is_newest(reader));
    expect_holder(reader, "A");
    catalog_end_read(reader);
    assert_false(catalog_is_newest(reader));
    begin(reader);
    assert_true(catalog_is_newest(reader));
    expect_holder(reader, "B");
    catalog_end_read(reader);
    catalog_close(reader);
}

static void expect_alias(struct catalog *reader, enum rc rc)
{
    char key[CODE_KEY_MAX + 1];
    assert_int_equal(codebook_alias(catalog_codebook(reader), "plain:X", key), rc);
}

/* Tables that had nothing in them, codes that were not there. */
static void what_was_missing_is_found_when_it_comes(void **state)
{
    struct catalog_world *world = *state;
    struct codebook_entry entry;
    char id[ID_MAX + 1], reason[NAME_MAX_BYTES + 1];
    struct lot lot;
    catalog_world_told(world, "{\"type\":\"site\",\"id\":\"A\",\"name\":\"A\"}\n");
    struct catalog *reader = reader_of(world);
    begin(reader);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(codebook_find(catalog_codebook(reader), KEY, &entry), RC_NOT_FOUND);
        assert_int_equal(catalog_lot(reader, "P", "L", &lot), RC_NOT_FOUND);
        assert_int_equal(catalog_recall(reader, "P", "L", KEY, id, reason), RC_NOT_FOUND);
        expect_alias(reader, RC_NOT_FOUND);
    }
    catalog_end_read(reader);
    catalog_world_told(world,
                       "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)A\",\"product\":\"P\",\"lot\":\"L\","
                       "\"aliases\":[\"X\"],\"holder\":\"site:A\"}\n"
                       "{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"L\",\"quality\":\"hold\"}\n"
                       "{\"type\":\"recall\",\"id\":\"R\",\"product\":\"P\",\"lots\":[\"L\"],\"reason\":\"r\"}\n");
    begin(reader);
    for (int i = 0; i < 2; i++) {
        expect_holder(reader, "A");
        assert_int_equal(catalog_lot(reader, "P", "L", &lot), RC_OK);
        assert_true(lot.on_hold);
        assert_int_equal(catalog_recall(reader, "P", "L", KEY, id, reason), RC_OK);
        expect_alias(reader, RC_OK);
    }
    catalog_end_read(reader);
    catalog_close(reader);
}

static void name_product(struct catalog_world *world, const char *name)
{
    char text[512];
    snprintf(text, sizeof text, GOODS, name);
    catalog_world_told(world, text);
}

static void rows_are_read_again_after_a_commit(void **state)
{
    static const char *const names[] = {"first", "second"};
    struct catalog_world *world = *state;
    struct product product;
    char value[VALUE_ROOM];
    struct catalog *reader = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        name_product(world, names[i]);
        assert_int_equal(catalog_meta_set(world->catalog, "server_ms", names[i]), RC_OK);
        reader = reader ? reader : reader_of(world);
        begin(reader);
        for (int n = 0; n < 2; n++) {
            assert_int_equal(catalog_product(reader, "P", &product), RC_OK);
            assert_string_equal(product.name, names[i]);
            assert_int_equal(catalog_meta_get(reader, "server_ms", value), RC_OK);
            assert_string_equal(value, names[i]);
        }
        catalog_end_read(reader);
    }
    /* without a view nothing is kept */
    name_product(world, "third");
    assert_int_equal(catalog_product(reader, "P", &product), RC_OK);
    assert_string_equal(product.name, "third");
    catalog_close(reader);
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, catalog_world_open, catalog_world_close)
    const struct CMUnitTest tests[] = {
        IN_WORLD(view_is_the_newest_until_somebody_commits),
        IN_WORLD(what_was_missing_is_found_when_it_comes),
        IN_WORLD(rows_are_read_again_after_a_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
