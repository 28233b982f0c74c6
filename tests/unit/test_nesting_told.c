/* What the feed puts into each other: the server refuses what no device would take, and what it takes every device takes, in
 * whichever order the lines come. */
#include "app/catalog/catalog.h"
#include "app/store/catalogs.h"
#include "sync/server/import.h"
#include "tests/unit/linked_world.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#define IN(key, parent) "{\"type\":\"code\",\"code\":\"plain:" key "\",\"in\":\"plain:" parent "\"}\n"
#define GONE(key)       "{\"type\":\"code\",\"code\":\"plain:" key "\",\"gone\":true}\n"
#define OUT_OF_ALL(key) "{\"type\":\"code\",\"code\":\"plain:" key "\",\"in\":null}\n"

enum { LINE_MAX = 80 };

/* S in b8 in b7 … in b1; T in U; A in B in C. */
/* clang-format off */
static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\"}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,\"pin\":\"2468\"}\n"
    IN("S", "b8") IN("b8", "b7") IN("b7", "b6") IN("b6", "b5") IN("b5", "b4") IN("b4", "b3") IN("b3", "b2") IN("b2", "b1")
    IN("T", "U") IN("A", "B") IN("B", "C");
/* clang-format on */

static int set_up(void **state)
{
    struct linked_world *world = calloc(1, sizeof *world);
    linked_world_open(world, FEED);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    linked_world_close(*state);
    free(*state);
    return 0;
}

/* By the device's catalog; it has pulled all that the server has. */
static void expect_in(struct linked_world *world, const char *key, const char *parent)
{
    struct catalogs_mark mark;
    struct catalog *catalog;
    struct codebook_entry entry;
    char path[200];
    assert_int_equal(linked_world_sync(world), RC_OK);
    assert_int_equal(catalogs_current(world->device.dir, &mark), RC_OK);
    snprintf(path, sizeof path, "%s/%s", world->device.dir, mark.name);
    assert_int_equal(catalog_open(path, CATALOG_READ, &catalog), RC_OK);
    assert_int_equal(codebook_find(catalog_codebook(catalog), key, &entry), RC_OK);
    assert_string_equal(entry.parent, parent);
    catalog_close(catalog);
}

static int import(struct linked_world *world, const char *feed, char **ret_said)
{
    static const char *const words[] = {"import", "-", NULL};
    return server_world_run(&world->server, feed, NULL, ret_said, words);
}

static void what_no_device_would_take_is_refused(void **state)
{
    static const struct {
        const char *feed, *line, *code;
    } CASES[] = {
        {IN("X", "S"), "line 1: ", "plain:X"},                 /* S is in 8 already */
        {IN("X", "U") IN("b1", "b0"), "line 2: ", "plain:b1"}, /* around them all */
        {IN("U", "b8"), "line 1: ", "plain:U"},                /* T would be in 9 */
        {IN("b1", "Z") IN("Z", "Y"), "line 1: ", "plain:b1"},  /* the first of two that are too deep */
        {IN("C", "A"), "line 1: ", "plain:C"},                 /* a ring with what is told before */
        {IN("U", "T"), "line 1: ", "plain:U"},                 /* and of two */
        {"\n" IN("X", "Y") IN("Y", "Z") IN("Z", "X"), "line 4: ", "plain:Z"},
        {IN("U", "U"), "line 1: ", "plain:U"},
        {IN("U", "b8") OUT_OF_ALL("b2") IN("b2", "b1"), "line 1: ", "plain:U"}, /* room was made, and taken again */
        {IN("x", "E") OUT_OF_ALL("x") IN("E", "b8") IN("y", "E"),
         "line 4: ", "plain:y"}, /* what E was in is not what it is in */
        {GONE("U") IN("x", "b7") IN("y", "b7") IN("U", "b8"), "line 4: ", "plain:U"}, /* T names it still */
        {GONE("U") IN("x", "b8") IN("U", "b8"), "line 3: ", "plain:U"},
    };
    struct linked_world *world = *state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char *said;
        assert_int_equal(import(world, CASES[i].feed, &said), 1);
        assert_non_null(strstr(said, CASES[i].line));
        assert_non_null(strstr(said, CASES[i].code));
        assert_non_null(strstr(said, "would put something inside itself, or deeper than 8 containers"));
        free(said);
    }
    expect_in(world, "plain:C", "");
    expect_in(world, "plain:b1", "");
    server_world_tell(&world->server, IN("U", "b7"));
    expect_in(world, "plain:U", "plain:b7");
}

/* Nine around one thing, whichever is told first. */
static void the_order_of_the_lines_hides_nothing(void **state)
{
    static const char *const LINES[] = {IN("X0", "X1"), IN("X1", "X2"), IN("X2", "X3"),
                                        IN("X3", "X4"), IN("X4", "X5"), IN("X5", "X6"),
                                        IN("X6", "X7"), IN("X7", "X8"), IN("X8", "X9")};
    enum { COUNT = sizeof LINES / sizeof LINES[0] };
    struct linked_world *world = *state;
    for (int step = 1; step < COUNT; step++) {
        char feed[COUNT * LINE_MAX], *said;
        size_t len = 0;
        if (step % 3 == 0) /* a divisor of 9: not each line once */
            continue;
        for (int i = 0; i < COUNT; i++)
            len += (size_t)snprintf(feed + len, sizeof feed - len, "%s", LINES[i * step % COUNT]);
        assert_int_equal(import(world, feed, &said), 1);
        assert_non_null(strstr(said, "line 9: "));
        free(said);
    }
}

static void what_fits_in_the_end_is_taken_in_any_order(void **state)
{
    struct linked_world *world = *state;
    server_world_tell(&world->server, IN("C", "A") OUT_OF_ALL("B"));
    expect_in(world, "plain:C", "plain:A");
    expect_in(world, "plain:A", "plain:B");
    expect_in(world, "plain:B", "");
    server_world_tell(&world->server, IN("X", "S") IN("U", "X") OUT_OF_ALL("b6"));
    expect_in(world, "plain:U", "plain:X");
    expect_in(world, "plain:X", "plain:S");
    expect_in(world, "plain:S", "plain:b8");
    expect_in(world, "plain:b6", "");
}

/* `count` of them, and `after` which of them b6 is taken out of all; the caller frees. */
static char *tell_unfit(int count, int after)
{
    size_t size = (size_t)(count + 1) * LINE_MAX, len = 0;
    char *feed = malloc(size);
    for (int i = 0; i < count; i++) {
        len += (size_t)snprintf(feed + len, size - len,
                                "{\"type\":\"code\",\"code\":\"plain:V%d\",\"in\":\"plain:S\"}\n", i);
        if (i + 1 == after)
            len += (size_t)snprintf(feed + len, size - len, "%s", OUT_OF_ALL("b6"));
    }
    return feed;
}

/* Lines whose room comes later are kept in mind, so many and no more. */
static void unfit_lines_have_a_limit(void **state)
{
    struct linked_world *world = *state;
    char *feed = tell_unfit(IMPORT_UNFIT_MAX + 1, IMPORT_UNFIT_MAX + 1), *said, last[40];
    assert_int_equal(import(world, feed, &said), 1);
    snprintf(last, sizeof last, "line %d: ", IMPORT_UNFIT_MAX + 1);
    assert_non_null(strstr(said, last));
    free(said);
    free(feed);
    feed = tell_unfit(IMPORT_UNFIT_MAX, IMPORT_UNFIT_MAX);
    server_world_tell(&world->server, feed);
    expect_in(world, "plain:V1", "plain:S");
    free(feed);
}

/* Once room is made the same container takes any number. */
static void what_fits_again_is_not_counted(void **state)
{
    struct linked_world *world = *state;
    char *feed = tell_unfit(IMPORT_UNFIT_MAX + 2, 1);
    server_world_tell(&world->server, feed);
    expect_in(world, "plain:V1", "plain:S");
    free(feed);
}

/* From a stick, line by line. */
static void a_stick_is_looked_at_too(void **state)
{
    struct linked_world *world = *state;
    struct catalogs_mark mark;
    struct catalog *catalog;
    struct feed_error error;
    long count;
    char path[200];
    static const char TOO_DEEP[] = IN("X", "U") IN("U", "b8");
    assert_int_equal(catalogs_current(world->device.dir, &mark), RC_OK);
    snprintf(path, sizeof path, "%s/%s", world->device.dir, mark.name);
    assert_int_equal(catalog_open(path, CATALOG_WRITE, &catalog), RC_OK);
    FILE *stream = fmemopen((char *)(uintptr_t)TOO_DEEP, sizeof TOO_DEEP - 1, "r");
    assert_int_equal(catalog_import(catalog, stream, NULL, &count, &error), RC_BAD_INPUT);
    assert_int_equal(error.line, 2);
    fclose(stream);
    catalog_close(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(what_no_device_would_take_is_refused),
        TEST(the_order_of_the_lines_hides_nothing),
        TEST(what_fits_in_the_end_is_taken_in_any_order),
        TEST(unfit_lines_have_a_limit),
        TEST(what_fits_again_is_not_counted),
        TEST(a_stick_is_looked_at_too),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
