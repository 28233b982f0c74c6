/* Who may sell what where: the table tests/data/territory.tsv, case by case, and what arrays can't say. */
#include "app/domain/territory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TABLE "tests/data/territory.tsv"

enum { ROWS_MAX = 128, LINE_BYTES = 512, CELLS_MAX = 14, CASES_WANTED = 40, USES_MAX = 4 };

struct table {
    struct region regions[ROWS_MAX];
    struct territory territories[ROWS_MAX];
    struct permit permits[ROWS_MAX];
    struct home homes[ROWS_MAX];
    struct territory_book book;
    int cases, failures;
};

/* ---- cells ---- */

static const char *text_of(const char *cell)
{
    return strcmp(cell, "-") == 0 ? "" : cell;
}

static void put(char *ret_id, const char *cell)
{
    snprintf(ret_id, ID_MAX + 1, "%s", text_of(cell));
}

static day_t day_of(const char *cell)
{
    day_t day = DAY_NONE;
    if (text_of(cell)[0])
        assert_int_equal(day_parse(cell, &day), RC_OK);
    return day;
}

static qty_t qty_of(const char *cell)
{
    qty_t qty = -1;
    if (text_of(cell)[0])
        assert_int_equal(qty_parse(cell, &qty), RC_OK);
    return qty;
}

/* ---- rows ---- */

static void read_region(struct table *table, char **cells)
{
    struct region *region = &table->regions[table->book.region_count++];
    put(region->id, cells[1]);
    put(region->parent, cells[2]);
    region->from = day_of(cells[3]);
    region->to = day_of(cells[4]);
    put(region->into, cells[5]);
}

static void read_party(struct table *table, char **cells)
{
    struct home *home = &table->homes[table->book.home_count++];
    put(home->party, cells[1]);
    put(home->region, cells[2]);
}

static void read_territory(struct table *table, char **cells)
{
    struct territory *territory = &table->territories[table->book.territory_count++];
    put(territory->party, cells[1]);
    put(territory->product, cells[2]);
    put(territory->region, cells[3]);
    territory->exclusive = strcmp(cells[4], "yes") == 0;
    territory->from = day_of(cells[5]);
    territory->to = day_of(cells[6]);
}

static void read_permit(struct table *table, char **cells)
{
    struct permit *permit = &table->permits[table->book.permit_count++];
    put(permit->from, cells[1]);
    put(permit->to, cells[2]);
    put(permit->product, cells[3]);
    permit->qty = qty_of(cells[4]);
    permit->used = qty_of(cells[5]);
    permit->until = day_of(cells[6]);
}

/* `cells` from the party on; `say` from the place on. */
static void judge_case(struct table *table, char **cells, char **say, struct found *found)
{
    struct market market = {.place = REASON_OK};
    found->product = cells[2];
    found->region = cells[3];
    found->today = day_of(cells[4]);
    found->qty = qty_of(cells[5]);
    put(found->sale.party, cells[0]);
    found->sale.at = day_of(cells[1]);
    territory_judge(&table->book, found, &market);
    bool right = strcmp(reason_word(market.place), say[0]) == 0 && market.by_permit == (strcmp(say[1], "yes") == 0) &&
                 strcmp(market.allowed, text_of(say[2])) == 0 && strcmp(market.owner, text_of(say[3])) == 0;
    table->cases++;
    table->failures += !right;
    if (!right)
        print_message("%s: got %s%s, allowed in %s, owner %s\n", say[4], reason_word(market.place),
                      market.by_permit ? " by permit" : "", market.allowed, market.owner);
}

static void read_case(struct table *table, char **cells)
{
    struct found found = {.before = NULL};
    judge_case(table, cells + 1, cells + 7, &found);
}

/* "DAY:QTY,DAY:QTY": what the same visit found before. */
static void read_visit(struct table *table, char **cells)
{
    struct permit_use uses[USES_MAX];
    struct found found = {.before = uses};
    char *rest = cells[7];
    for (char *use; (use = strsep(&rest, ",")); found.before_count++) {
        char *qty = strchr(use, ':');
        assert_true(qty && found.before_count < USES_MAX);
        *qty = '\0';
        uses[found.before_count] = (struct permit_use){day_of(use), qty_of(qty + 1)};
    }
    judge_case(table, cells + 1, cells + 8, &found);
}

static const struct {
    const char *type;
    int cells;
    void (*read)(struct table *table, char **cells);
} TYPES[] = {{"region", 6, read_region}, {"party", 3, read_party}, {"territory", 7, read_territory},
             {"permit", 7, read_permit}, {"case", 12, read_case},  {"visit", 13, read_visit}};

static void read_line(struct table *table, char *line)
{
    char *cells[CELLS_MAX], *rest = line;
    int count = 0;
    line[strcspn(line, "\n")] = '\0';
    if (!line[0] || line[0] == '#')
        return;
    for (char *cell; count < CELLS_MAX && (cell = strsep(&rest, "\t"));)
        cells[count++] = cell;
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        if (strcmp(TYPES[i].type, cells[0]) == 0) {
            assert_int_equal(count, TYPES[i].cells);
            TYPES[i].read(table, cells);
            return;
        }
    fail_msg("what is a %s?", cells[0]);
}

static struct table *read_table(void)
{
    static struct table table;
    char line[LINE_BYTES];
    FILE *file = fopen(TABLE, "r");
    if (!file) {
        print_message("skipped: " TABLE " is not here (run from the checkout)\n");
        skip();
    }
    table = (struct table){.cases = 0};
    table.book = (struct territory_book){
        .regions = table.regions, .territories = table.territories, .permits = table.permits, .homes = table.homes};
    while (fgets(line, sizeof line, file))
        read_line(&table, line);
    fclose(file);
    return &table;
}

static void every_case_is_as_the_table_says(void **state)
{
    (void)state;
    const struct table *table = read_table();
    print_message("%d cases\n", table->cases);
    assert_int_equal(table->failures, 0);
    assert_true(table->cases >= CASES_WANTED);
}

/* The order in which things were told is of no weight. */
static void any_order_says_the_same(void **state)
{
    (void)state;
    struct table *table = read_table();
    struct market market = {.place = REASON_OK}, again = {.place = REASON_OK};
    struct found found = {.product = "WINE", .region = "520103", .today = day_of("2026-11-22"), .qty = QTY_ONE};
    for (size_t party = 0; party < table->book.home_count; party++) {
        memcpy(found.sale.party, table->homes[party].party, sizeof found.sale.party);
        found.sale.at = day_of("2026-10-01");
        territory_judge(&table->book, &found, &market);
        struct table *other = malloc(sizeof *other);
        assert_non_null(other);
        *other = *table;
        other->book.territories = other->territories;
        for (size_t i = 0; i < table->book.territory_count; i++)
            other->territories[i] = table->territories[table->book.territory_count - 1 - i];
        territory_judge(&other->book, &found, &again);
        assert_int_equal(market.place, again.place);
        assert_int_equal(market.by_permit, again.by_permit);
        free(other);
    }
}

static void a_tree_that_bites_its_tail_ends(void **state)
{
    (void)state;
    const struct region regions[] = {{"A", "B", "", DAY_NONE, DAY_NONE},
                                     {"B", "A", "", DAY_NONE, DAY_NONE},
                                     {"C", "", "D", DAY_NONE, 10},
                                     {"D", "", "C", DAY_NONE, 10}};
    const struct territory_book book = {.regions = regions, .region_count = 4};
    assert_true(territory_within(&book, "A", "B", 20, 20));
    assert_false(territory_within(&book, "A", "X", 20, 20));
    assert_false(territory_within(&book, "C", "X", 20, 20));
    assert_false(territory_within(&book, "X", "C", 20, 20));
    assert_false(territory_within(&book, "A", "", 20, 20));
}

static void apart_is_neither_in_the_other(void **state)
{
    (void)state;
    const struct table *table = read_table();
    day_t day = day_of("2026-11-22");
    assert_true(territory_apart(&table->book, "510104", "510107", day));
    assert_true(territory_apart(&table->book, "510100", "520103", day));
    assert_false(territory_apart(&table->book, "510104", "510100", day));
    assert_false(territory_apart(&table->book, "510100", "510104", day));
    assert_false(territory_apart(&table->book, "510104", "510104", day));
    assert_false(territory_apart(&table->book, "510122", "510116", day)); /* the same, by another name */
}

static void a_permit_is_one_way_and_has_an_end(void **state)
{
    (void)state;
    const struct table *table = read_table();
    day_t day = day_of("2026-12-31");
    qty_t left = 60 * QTY_ONE;
    assert_true(territory_permitted(&table->book, "D-CD", "D-GY", "WINE", left, day));
    assert_false(territory_permitted(&table->book, "D-CD", "D-GY", "WINE", left + 1, day));
    assert_false(territory_permitted(&table->book, "D-GY", "D-CD", "WINE", QTY_ONE, day));
    assert_false(territory_permitted(&table->book, "D-CD", "D-GY", "WINE", QTY_ONE, day + 1));
    assert_false(territory_permitted(&table->book, "D-CD", "D-GY", "SALT", QTY_ONE, day));
}

static void goods_use_up_the_permit_that_ends_first(void **state)
{
    (void)state;
    struct permit permits[] = {{.qty = 10, .until = DAY_NONE}, {.qty = 5, .until = 100}, {.qty = 7, .until = 200}};
    territory_use(permits, 3, 4, 100);
    assert_int_equal(permits[1].used, 4);
    territory_use(permits, 3, 4, 100);
    assert_int_equal(permits[1].used, 5);
    assert_int_equal(permits[2].used, 3);
    territory_use(permits, 3, 5, 201); /* the others have ended */
    assert_int_equal(permits[0].used, 5);
    territory_use(permits, 3, 20, 150); /* more than there is */
    assert_int_equal(permits[1].used, 5);
    assert_int_equal(permits[2].used, 7);
    assert_int_equal(permits[0].used, 21);
    territory_use(permits + 1, 1, 1, 101); /* none runs */
    assert_int_equal(permits[1].used, 5);
    struct permit open = {.qty = -1, .until = 100};
    territory_use(&open, 1, 3, 99);
    assert_int_equal(open.used, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_is_as_the_table_says),
                                       cmocka_unit_test(any_order_says_the_same),
                                       cmocka_unit_test(a_tree_that_bites_its_tail_ends),
                                       cmocka_unit_test(apart_is_neither_in_the_other),
                                       cmocka_unit_test(a_permit_is_one_way_and_has_an_end),
                                       cmocka_unit_test(goods_use_up_the_permit_that_ends_first)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
