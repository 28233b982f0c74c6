/* The models behind a dealer's screens: who goods may go to, what is in stock, where a unit has been. */
#include "app/ui/chain.h"
#include "app/ui/pick.h"
#include "app/ui/stock_list.h"
#include "tests/unit/market_world.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int open_world(void **state)
{
    setlocale(LC_ALL, "C.UTF-8");
    return dealer_world_open(state);
}

/* ---- who goods go to and come from ---- */

static void expect_picks(struct engine_world *world, const char *field, const char *expected)
{
    struct picks picks = {0};
    char text[512] = "";
    assert_int_equal(pick_read(&picks, world->engine, field, ""), RC_OK);
    for (size_t i = 0; i < picks.count; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s=%s ", picks.row[i].value, picks.row[i].name);
    }
    assert_string_equal(text, expected);
    pick_free(&picks);
}

static void buyers_are_ones_own_people_and_by_permit(void **state)
{
    expect_picks(*state, "to", "sold=A consumer R-1=店R-1 S-1=店S-1 S-2=店S-2 D-2=a dealer by permit ");
    expect_picks(*state, "from", "R-1=店R-1 S-1=店S-1 S-2=店S-2 D-2=a dealer by permit ");
}

/* Another one is known by its id and kind where a permit names it, and offered once; where goods only come from it, not at all. */
static void another_dealer_is_offered_by_permit_alone(void **state)
{
    engine_world_tell(*state, "{\"type\":\"party\",\"id\":\"D-2\",\"kind\":\"dealer\"}\n"
                              "{\"type\":\"party\",\"id\":\"D-4\",\"kind\":\"dealer\"}\n"
                              "{\"type\":\"permit\",\"from\":\"D-4\",\"to\":\"D-1\",\"product\":\"B\"}\n"
                              "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"D\"}\n");
    expect_picks(*state, "to", "sold=A consumer R-1=店R-1 S-1=店S-1 S-2=店S-2 D-2=a dealer by permit ");
}

/* ---- stock ---- */

static void expect_rows(const struct stock_list *list, const char *expected)
{
    char text[512] = "", row[1024];
    for (size_t i = 0; i < list->shown_count; i++) {
        size_t len = strlen(text);
        stock_list_write(list, i, 24, row);
        snprintf(text + len, sizeof text - len, "%s|", row);
    }
    assert_string_equal(text, expected);
}

static void stock_is_listed_and_narrowed(void **state)
{
    struct engine_world *world = *state;
    struct stock_list list = {0};
    assert_int_equal(stock_list_read(&list, world->engine), RC_OK);
    expect_rows(&list, "Pump seal k… L1 1箱 ←2箱|Pump seal kit LR    0 ←1|螺栓                  40|");
    assert_int_equal(stock_list_at(&list, 0)->coming, 8 * QTY_ONE);
    assert_string_equal(stock_list_product(&list, stock_list_at(&list, 2))->id, "D");
    assert_null(stock_list_at(&list, 3));
    stock_list_seek(&list, "", "lr");
    expect_rows(&list, "Pump seal kit LR    0 ←1|");
    stock_list_seek(&list, "D", "");
    expect_rows(&list, "螺栓                  40|");
    assert_int_equal(stock_list_read(&list, world->engine), RC_OK); /* what is sought stays */
    assert_int_equal(list.shown_count, 1);
    stock_list_seek(&list, "", "no such");
    assert_int_equal(list.shown_count, 0);
    stock_list_free(&list);
}

/* ---- where it has been ---- */

static int east(void *context, int64_t wall_ms)
{
    (void)context;
    (void)wall_ms;
    return 480;
}

static void expect_line(const struct chain *chain, int i, const char *left, const char *right)
{
    assert_in_range(i, 0, chain->count - 1);
    assert_string_equal(chain->line[i].left, left);
    assert_string_equal(chain->line[i].right, right);
}

static void the_chain_is_a_path_and_its_steps(void **state)
{
    (void)state;
    static char rows[] =
        "{\"row\":\"code\",\"key\":\"K\"}\n"
        "{\"row\":\"lot\",\"lot\":\"L1\",\"made\":\"2026-01-10\",\"factory\":\"Works "
        "4\",\"colour\":\"red\",\"team\":\"\"}\n"
        "{\"row\":\"move\",\"at\":\"2026-11-01T20:30:00Z\",\"doc\":\"SO-1\",\"from\":\"site:CDB\",\"to\":\"transit:"
        "site:RDB1\"}\n"
        "{\"row\":\"move\",\"at\":\"2026-11-03T09:00:00+08:00\",\"doc\":null,\"from\":\"transit:site:RDB1\",\"to\":"
        "\"site:RDB1\"}\n"
        "{\"row\":\"move\",\"at\":\"2026-11-04\",\"doc\":\"SO-2\",\"from\":null,\"to\":\"sold\"}\n"
        "not json\n"
        "{\"row\":\"audit\",\"at\":\"2026-11-05T01:00:00Z\",\"region\":\"520100\",\"reason\":\"out-of-region\"}\n"
        "{\"row\":\"conflict\",\"at\":\"2026-11-05T01:00:00Z\",\"case\":7}\n"
        "{\"row\":\"half";
    const struct clock clock = {.offset_min = east};
    struct sync_trace trace = {.lines = rows, .len = sizeof rows - 1};
    struct chain chain = {.count = 0};
    chain_server(&chain, &trace, &clock);
    assert_int_equal(chain.count, 9);
    expect_line(&chain, 0, "CDB → RDB1 → sold", "");
    expect_line(&chain, 1, "Made on", "2026-01-10");
    expect_line(&chain, 2, "Factory", "Works 4");
    expect_line(&chain, 3, "colour", "red");
    expect_line(&chain, 4, "11-02 04:30 ⇢ RDB1", "SO-1");
    expect_line(&chain, 5, "11-03 09:00 → RDB1", " ");
    expect_line(&chain, 6, "2026-11-04 → sold", "SO-2");
    expect_line(&chain, 7, "11-05 09:00 audit 520100", "Suspected diversion");
    expect_line(&chain, 8, "11-05 09:00", "conflict 7");
    chain_free(&chain);
}

static void a_chain_has_a_limit(void **state)
{
    (void)state;
    struct chain chain = {.count = 0};
    for (int i = 0; i < CHAIN_LINES_MAX + 3; i++)
        chain_say(&chain, STYLE_PLAIN, "x");
    assert_int_equal(chain.count, CHAIN_LINES_MAX);
    chain_free(&chain);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, flow_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(buyers_are_ones_own_people_and_by_permit),
        TEST(another_dealer_is_offered_by_permit_alone),
        TEST(stock_is_listed_and_narrowed),
        cmocka_unit_test(the_chain_is_a_path_and_its_steps),
        cmocka_unit_test(a_chain_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
