/* Regions, territories, permits and sales in the catalog: the table of territories told as a feed must answer as the bare arrays do. */
#include "tests/unit/catalog_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TABLE "tests/data/territory.tsv"

enum { FEED_BYTES = 1 << 16, LINE_BYTES = 512, CELLS = 13, ROWS = 64 };

/* ---- the table as a feed ---- */

struct feed {
    char text[FEED_BYTES];
    size_t len;
    char keys[ROWS][3 * ID_MAX], regions[ROWS][LINE_BYTES],
        rest[ROWS][LINE_BYTES]; /* territories, by party, product and first day */
    int count;
};

static void say(struct feed *feed, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct feed *feed, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    feed->len += (size_t)vsnprintf(feed->text + feed->len, FEED_BYTES - feed->len, format, arguments);
    va_end(arguments);
    assert_true(feed->len < FEED_BYTES);
}

/* `"name":"value"`, or null. */
static const char *member(const char *name, const char *cell)
{
    static char texts[8][LINE_BYTES];
    static int at;
    char *text = texts[at = (at + 1) % 8];
    if (strcmp(cell, "-") == 0)
        snprintf(text, LINE_BYTES, "\"%s\":null", name);
    else
        snprintf(text, LINE_BYTES, "\"%s\":\"%s\"", name, cell);
    return text;
}

static void add_territory(struct feed *feed, char **cells)
{
    char key[3 * ID_MAX];
    int at = 0;
    snprintf(key, sizeof key, "%s|%s|%s", cells[1], cells[2], cells[5]);
    while (at < feed->count && strcmp(feed->keys[at], key) != 0)
        at++;
    assert_true(at < ROWS);
    if (at == feed->count) {
        feed->count++;
        memcpy(feed->keys[at], key, sizeof key);
        snprintf(feed->rest[at], LINE_BYTES, "%s,%s,\"exclusive\":%s,%s,%s", member("party", cells[1]),
                 member("product", cells[2]), strcmp(cells[4], "yes") == 0 ? "true" : "false",
                 member("from", cells[5]), member("to", cells[6]));
    }
    size_t len = strlen(feed->regions[at]);
    snprintf(feed->regions[at] + len, LINE_BYTES - len, "%s\"%s\"", len ? "," : "", cells[3]);
}

static void tell(struct feed *feed, char **cells)
{
    if (strcmp(cells[0], "region") == 0)
        say(feed, "{\"type\":\"region\",%s,%s,%s,%s,%s}\n", member("id", cells[1]), member("parent", cells[2]),
            member("from", cells[3]), member("to", cells[4]), member("into", cells[5]));
    else if (strcmp(cells[0], "party") == 0)
        say(feed, "{\"type\":\"party\",%s,\"name\":\"n\",%s}\n", member("id", cells[1]), member("region", cells[2]));
    else if (strcmp(cells[0], "permit") == 0)
        say(feed, "{\"type\":\"permit\",%s,%s,%s,%s,%s,%s}\n", member("from", cells[1]), member("to", cells[2]),
            member("product", cells[3]), member("qty", cells[4]), member("used", cells[5]),
            member("until", cells[6]));
    else if (strcmp(cells[0], "territory") == 0)
        add_territory(feed, cells);
}

static day_t day_of(const char *cell)
{
    day_t day = DAY_NONE;
    (void)day_parse(cell, &day);
    return day;
}

static int ask(struct catalog *catalog, char **cells)
{
    struct market market = {.place = REASON_OK};
    const struct territory_book *around = NULL;
    struct found found = {.product = cells[3], .region = cells[4], .today = day_of(cells[5])};
    assert_int_equal(qty_parse(cells[6], &found.qty), RC_OK);
    snprintf(found.sale.party, sizeof found.sale.party, "%s", strcmp(cells[1], "-") == 0 ? "" : cells[1]);
    found.sale.at = day_of(cells[2]);
    assert_int_equal(catalog_market(catalog, &found, &around), RC_OK);
    territory_judge(around, &found, &market);
    bool owned = strcmp(market.owner, strcmp(cells[10], "-") == 0 ? "" : cells[10]) == 0;
    bool right = strcmp(reason_word(market.place), cells[7]) == 0 && owned &&
                 market.by_permit == (strcmp(cells[8], "yes") == 0) &&
                 (market.allowed[0] != '\0') == (strcmp(cells[9], "-") != 0);
    if (!right)
        print_message("%s: %s, owner %s\n", cells[11], reason_word(market.place), market.owner);
    return !right;
}

static int each_row(struct feed *feed, struct catalog *catalog, int *ret_cases)
{
    char line[LINE_BYTES], *cells[CELLS];
    int failures = 0;
    FILE *file = fopen(TABLE, "r");
    if (!file) {
        print_message("skipped: " TABLE " is not here (run from the checkout)\n");
        skip();
    }
    while (fgets(line, sizeof line, file)) {
        char *rest = line;
        int count = 0;
        line[strcspn(line, "\n")] = '\0';
        while (count < CELLS && (cells[count] = strsep(&rest, "\t")))
            count++;
        if (feed)
            tell(feed, cells);
        else if (strcmp(cells[0], "case") == 0) {
            failures += ask(catalog, cells);
            ++*ret_cases;
        }
    }
    fclose(file);
    return failures;
}

static void the_catalog_answers_as_the_table(void **state)
{
    struct catalog_world *world = *state;
    static struct feed feed;
    int cases = 0;
    feed = (struct feed){.len = 0};
    each_row(&feed, NULL, NULL);
    for (int i = 0; i < feed.count; i++)
        say(&feed, "{\"type\":\"territory\",%s,\"regions\":[%s]}\n", feed.rest[i], feed.regions[i]);
    catalog_world_told(world, feed.text);
    assert_int_equal(each_row(NULL, world->catalog, &cases), 0);
    assert_true(cases >= 40);
}

/* ---- what a reader keeps between two questions about one place ---- */

enum { OWNERS = 14, QUESTIONS = 400 };

static void sell_exclusively(struct feed *feed, int n)
{
    static const char *const regions[] = {"R", "C", "P"};
    static const char *const products[] = {"null", "\"A\"", "\"B\""};
    static const char *const times[] = {"\"from\":\"2026-01-01\",\"to\":null",
                                        "\"from\":\"2026-01-01\",\"to\":\"2026-03-31\"",
                                        "\"from\":\"2026-04-01\",\"to\":\"2026-06-30\""};
    say(feed,
        "{\"type\":\"territory\",\"party\":\"O%02d\",\"product\":%s,\"regions\":[\"%s\"],\"exclusive\":%s,%s}\n", n,
        products[n % 3], regions[n / 3 % 3], n % 5 ? "true" : "false", times[n / 2 % 3]);
}

static void market_of(struct catalog *catalog, int question, struct market *ret_market)
{
    static const char *const products[] = {"A", "B", "D", ""};
    static const char *const days[] = {"2026-02-01", "2026-05-01", "2025-02-01", ""};
    static const char *const places[] = {"R", "C"};
    const struct territory_book *around = NULL;
    struct found found = {.product = products[question / 3 % 4],
                          .region = places[question / 40 % 2],
                          .qty = QTY_ONE,
                          .today = day_of("2026-06-01")};
    snprintf(found.sale.party, sizeof found.sale.party, "O%02d", question * 7 % (OWNERS + 2));
    if (question % 2) /* one from elsewhere */
        snprintf(found.sale.party, sizeof found.sale.party, "X");
    found.sale.at = day_of(days[question / 5 % 4]);
    memset(ret_market, 0, sizeof *ret_market);
    assert_int_equal(catalog_market(catalog, &found, &around), RC_OK);
    territory_judge(around, &found, ret_market);
}

static void what_is_kept_changes_no_answer(void **state)
{
    struct catalog_world *world = *state;
    static struct feed feed;
    static struct market kept, asked; /* a writer keeps nothing */
    struct catalog *reader;
    int owned = 0;
    feed = (struct feed){.len = 0};
    say(&feed, "{\"type\":\"region\",\"id\":\"Q\",\"name\":\"q\"}\n"
               "{\"type\":\"party\",\"id\":\"X\",\"name\":\"x\",\"region\":\"Q\"}\n"
               "{\"type\":\"region\",\"id\":\"P\",\"name\":\"p\"}\n"
               "{\"type\":\"region\",\"id\":\"C\",\"name\":\"c\",\"parent\":\"P\"}\n"
               "{\"type\":\"region\",\"id\":\"R\",\"name\":\"r\",\"parent\":\"C\"}\n");
    for (int n = 0; n < OWNERS; n++)
        sell_exclusively(&feed, n);
    catalog_world_told(world, feed.text);
    assert_int_equal(catalog_open(world->path, CATALOG_READ, &reader), RC_OK);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(catalog_begin_read(reader), RC_OK);
        for (int n = 0; n < QUESTIONS; n++) {
            market_of(reader, n, &kept);
            market_of(world->catalog, n, &asked);
            assert_memory_equal(&kept, &asked, sizeof kept);
            owned += kept.owner[0] != '\0';
        }
        catalog_end_read(reader);
        catalog_world_told(world, "{\"type\":\"territory\",\"party\":\"O01\",\"product\":\"A\",\"regions\":[\"C\"],"
                                  "\"exclusive\":true,\"from\":\"2026-01-01\",\"to\":null}\n");
    }
    catalog_close(reader);
    assert_true(owned > QUESTIONS / 4);
}

/* ---- changes ---- */

static void what_is_gone_is_gone(void **state)
{
    struct catalog_world *world = *state;
    struct permit permit;
    int count = 0;
    char party[ID_MAX + 1], site[ID_MAX + 1] = "";
    catalog_world_told(world, "{\"type\":\"region\",\"id\":\"R\",\"name\":\"r\"}\n"
                              "{\"type\":\"permit\",\"from\":\"A\",\"to\":\"B\",\"product\":\"P\",\"qty\":\"5\"}\n"
                              "{\"type\":\"party\",\"id\":\"A\",\"name\":\"a\"}\n"
                              "{\"type\":\"party\",\"id\":\"A1\",\"name\":\"a1\",\"parent\":\"A\"}\n"
                              "{\"type\":\"party\",\"id\":\"A2\",\"name\":\"a2\",\"parent\":\"A1\"}\n"
                              "{\"type\":\"site\",\"id\":\"S\",\"name\":\"s\",\"party\":\"A\"}\n");
    assert_int_equal(catalog_permits(world->catalog, "A", "B", "P", 1, &permit, &count), RC_OK);
    assert_int_equal(permit.qty, 5 * QTY_ONE);
    assert_true(catalog_any_permit(world->catalog, "A", "B"));
    assert_false(catalog_any_permit(world->catalog, "B", "A"));
    assert_true(catalog_party_below(world->catalog, "A2", "A"));
    assert_false(catalog_party_below(world->catalog, "A", "A1"));
    assert_true(catalog_party_site(world->catalog, "A", site));
    assert_string_equal(site, "S");
    assert_false(catalog_party_site(world->catalog, "A1", site));
    catalog_world_told(world, "{\"type\":\"site\",\"id\":\"QO\",\"kind\":\"quarantine\"}\n"
                              "{\"type\":\"site\",\"id\":\"QB\",\"kind\":\"quarantine\",\"party\":\"B\"}\n");
    assert_int_equal(catalog_quarantine(world->catalog, "S", site), RC_OK);
    assert_string_equal(site, "QO"); /* the owner's, never another party's */
    catalog_world_told(world, "{\"type\":\"site\",\"id\":\"ZQ\",\"kind\":\"quarantine\",\"party\":\"A\"}\n");
    assert_int_equal(catalog_quarantine(world->catalog, "S", site), RC_OK);
    assert_string_equal(site, "ZQ"); /* its own, if it has one */
    assert_int_equal(catalog_site_party(world->catalog, "S", party), RC_OK);
    assert_string_equal(party, "A");
    assert_int_equal(catalog_site_party(world->catalog, "NO", party), RC_OK);
    assert_string_equal(party, "");
    catalog_world_told(world, "{\"type\":\"permit\",\"from\":\"A\",\"to\":\"B\",\"product\":\"P\",\"used\":\"2\"}\n");
    assert_int_equal(catalog_permits(world->catalog, "A", "B", "P", 1, &permit, &count), RC_OK);
    assert_int_equal(permit.qty, 5 * QTY_ONE);
    assert_int_equal(permit.used, 2 * QTY_ONE);
    catalog_world_told(world, "{\"type\":\"permit\",\"from\":\"A\",\"to\":\"B\",\"product\":\"P\",\"gone\":true}\n"
                              "{\"type\":\"region\",\"id\":\"R\",\"gone\":true}\n");
    assert_int_equal(catalog_permits(world->catalog, "A", "B", "P", 1, &permit, &count), RC_OK);
    assert_int_equal(count, 0);
    assert_int_equal(catalog_region(world->catalog, "R", NULL, NULL), RC_NOT_FOUND);
}

/* ---- contracts and permits that are renewed ---- */

static enum reason place_of(struct catalog *catalog, const char *region, const char *shipped)
{
    struct market market = {.place = REASON_OK};
    const struct territory_book *around = NULL;
    struct found found = {.product = "P", .region = region, .qty = QTY_ONE, .today = day_of("2026-11-22")};
    snprintf(found.sale.party, sizeof found.sale.party, "A");
    found.sale.at = day_of(shipped);
    assert_int_equal(catalog_market(catalog, &found, &around), RC_OK);
    territory_judge(around, &found, &market);
    return market.place;
}

#define CONTRACT(more) "{\"type\":\"territory\",\"party\":\"A\",\"product\":\"P\"," more "}\n"

static void a_renewed_contract_leaves_the_old_one(void **state)
{
    struct catalog *catalog = ((struct catalog_world *)*state)->catalog;
    catalog_world_told(*state,
                       CONTRACT("\"regions\":[\"R1\"],\"from\":\"2025-01-01\",\"to\":\"2025-12-31\"")
                           CONTRACT("\"regions\":[\"R1\",\"R2\"],\"from\":\"2026-01-01\",\"to\":\"2026-12-31\""));
    assert_int_equal(place_of(catalog, "R2", "2025-12-31"), REASON_OUT_OF_REGION);
    assert_int_equal(place_of(catalog, "R2", "2026-01-01"), REASON_IN_REGION);
    assert_int_equal(place_of(catalog, "R1", "2025-12-31"), REASON_IN_REGION);
    assert_int_equal(place_of(catalog, "R1", "2026-01-01"), REASON_IN_REGION);
    /* a change of the later one alone; what is not named stays */
    catalog_world_told(*state, CONTRACT("\"regions\":[\"R2\"],\"from\":\"2026-01-01\""));
    assert_int_equal(place_of(catalog, "R1", "2026-01-01"), REASON_OUT_OF_REGION);
    assert_int_equal(place_of(catalog, "R1", "2025-12-31"), REASON_IN_REGION);
    assert_int_equal(place_of(catalog, "R2", "2027-01-01"), REASON_NO_TERRITORY);
    /* the undated one that nobody told is not there to be taken back */
    catalog_world_told(*state, CONTRACT("\"gone\":true"));
    assert_int_equal(place_of(catalog, "R1", "2025-12-31"), REASON_IN_REGION);
    catalog_world_told(*state, CONTRACT("\"from\":\"2025-01-01\",\"gone\":true"));
    assert_int_equal(place_of(catalog, "R1", "2025-12-31"), REASON_NO_TERRITORY);
    assert_int_equal(place_of(catalog, "R2", "2026-01-01"), REASON_IN_REGION);
}

#define PERMIT(more) "{\"type\":\"permit\",\"from\":\"A\",\"to\":\"B\",\"product\":\"P\"," more "}\n"

static void a_renewed_permit_has_its_own_use(void **state)
{
    struct catalog *catalog = ((struct catalog_world *)*state)->catalog;
    struct permit permits[3];
    int count = 0;
    catalog_world_told(*state, PERMIT("\"qty\":\"5\",\"until\":\"2026-12-31\",\"used\":\"5\"")
                                   PERMIT("\"qty\":\"7\",\"until\":\"2027-12-31\"") PERMIT("\"qty\":\"1\""));
    assert_int_equal(catalog_permits(catalog, "A", "B", "P", 3, permits, &count), RC_OK);
    assert_int_equal(count, 3);
    assert_int_equal(permits[0].until, DAY_NONE);
    assert_int_equal(permits[1].qty, 7 * QTY_ONE);
    assert_int_equal(permits[1].used, 0);
    assert_int_equal(permits[2].used, 5 * QTY_ONE);
    catalog_world_told(*state, PERMIT("\"until\":\"2026-12-31\",\"gone\":true"));
    assert_int_equal(catalog_permits(catalog, "A", "B", "P", 3, permits, &count), RC_OK);
    assert_int_equal(count, 2);
    assert_int_equal(permits[1].qty, 7 * QTY_ONE);
}

/* ---- sales ---- */

static void expect_sale(struct catalog *catalog, const char *key, const char *party)
{
    struct codebook_entry entry;
    struct sale sale = {.at = DAY_NONE};
    assert_int_equal(codebook_find(catalog_codebook(catalog), key, &entry), RC_OK);
    if (entry.sale)
        assert_int_equal(catalog_sale(catalog, entry.sale, &sale), RC_OK);
    assert_string_equal(sale.party, party);
}

static void look_at_sales(struct catalog *catalog)
{
    expect_sale(catalog, "plain:CASE", "D-1");
    expect_sale(catalog, "plain:IN1", "D-1"); /* along with its case */
    expect_sale(catalog, "plain:IN2", "D-2"); /* a word of its own, and no other place */
    expect_sale(catalog, "plain:AWAY", "");   /* at a place of its own, of which no sale was told */
    expect_sale(catalog, "plain:ALONE", "D-1");
    expect_sale(catalog, "plain:STOCK", "");
}

static void a_sale_goes_with_the_place(void **state)
{
    struct catalog_world *world = *state;
    catalog_world_told(
        world,
        "{\"type\":\"code\",\"code\":\"CASE\",\"level\":1,\"holder\":\"party:D-1\","
        "\"sold\":{\"to\":\"D-1\",\"at\":\"2026-10-01\",\"doc\":\"SO-1\"}}\n"
        "{\"type\":\"code\",\"code\":\"IN1\",\"in\":\"CASE\"}\n"
        "{\"type\":\"code\",\"code\":\"IN2\",\"in\":\"CASE\",\"sold\":{\"to\":\"D-2\",\"at\":\"2026-11-01\"}}\n"
        "{\"type\":\"code\",\"code\":\"AWAY\",\"in\":\"CASE\",\"holder\":\"site:X\"}\n"
        "{\"type\":\"code\",\"code\":\"ALONE\",\"holder\":\"sold\","
        "\"sold\":{\"to\":\"D-1\",\"at\":\"2026-10-01\",\"doc\":\"SO-1\"}}\n"
        "{\"type\":\"code\",\"code\":\"STOCK\",\"holder\":\"site:X\"}\n");
    look_at_sales(world->catalog);
    assert_int_equal(catalog_begin(world->catalog), RC_OK);
    assert_int_equal(codebook_pack(catalog_codebook(world->catalog)), RC_OK);
    assert_int_equal(catalog_commit(world->catalog), RC_OK);
    look_at_sales(world->catalog);
    catalog_world_told(world, "{\"type\":\"code\",\"code\":\"ALONE\",\"sold\":null}\n"
                              "{\"type\":\"code\",\"code\":\"CASE\",\"holder\":\"party:D-2\"}\n");
    expect_sale(world->catalog, "plain:ALONE", "");
    expect_sale(world->catalog, "plain:CASE", "D-1"); /* who does not say is not heard */
}

static bool add_seen(void *context, const char *region, day_t at)
{
    char *text = context, day[DAY_TEXT_MAX + 1];
    size_t len = strlen(text);
    snprintf(text + len, 100 - len, "%s %s; ", region, day_print(at, day));
    return true;
}

static void earlier_sales_and_sightings(void **state)
{
    struct catalog_world *world = *state;
    struct sale sales[2];
    int count = 0;
    char seen[100] = "";
    catalog_world_told(
        world, "{\"type\":\"code\",\"code\":\"C\",\"earlier\":[{\"to\":\"A\",\"at\":\"2026-01-01\"},"
               "{\"to\":\"B\",\"at\":\"2026-03-01\",\"doc\":\"SO-3\"},{\"to\":\"A\",\"at\":\"2026-02-01\"}],"
               "\"seen\":[{\"region\":\"R1\",\"at\":\"2026-01-01\"},{\"region\":\"R2\",\"at\":\"2026-02-01\"}]}\n");
    assert_int_equal(catalog_earlier(world->catalog, "plain:C", 2, sales, &count), RC_OK);
    assert_int_equal(count, 2);
    assert_string_equal(sales[0].no, "SO-3");
    assert_string_equal(sales[1].party, "A");
    assert_int_equal(catalog_seen(world->catalog, "plain:C", add_seen, seen), RC_OK);
    assert_string_equal(seen, "R2 2026-02-01; R1 2026-01-01; ");
    catalog_world_told(world, "{\"type\":\"code\",\"code\":\"C\",\"seen\":null}\n");
    seen[0] = '\0';
    assert_int_equal(catalog_seen(world->catalog, "plain:C", add_seen, seen), RC_OK);
    assert_string_equal(seen, "");
    assert_int_equal(catalog_earlier(world->catalog, "plain:C", 2, sales, &count), RC_OK);
    assert_int_equal(count, 2); /* what is not named stays */
    catalog_world_told(world, "{\"type\":\"code\",\"code\":\"C\",\"gone\":true}\n");
    assert_int_equal(catalog_earlier(world->catalog, "plain:C", 2, sales, &count), RC_OK);
    assert_int_equal(count, 0);
}

static void bad_lines_are_refused(void **state)
{
    struct catalog_world *world = *state;
    static const char *const LINES[] = {
        "{\"type\":\"code\",\"code\":\"C\",\"sold\":\"D-1\"}\n",
        "{\"type\":\"code\",\"code\":\"C\",\"sold\":{\"at\":\"2026-01-01\"}}\n",
        "{\"type\":\"code\",\"code\":\"C\",\"sold\":{\"to\":\"A\",\"at\":\"soon\"}}\n",
        "{\"type\":\"code\",\"code\":\"C\",\"seen\":[{\"at\":\"2026-01-01\"}]}\n",
        "{\"type\":\"permit\",\"from\":\"A\",\"to\":\"B\",\"product\":\"P\",\"used\":-1}\n"};
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++)
        assert_int_equal(catalog_world_import(world, LINES[i]), RC_BAD_INPUT);
}

static bool add_region(void *context, const char *id, const char *name, bool divided)
{
    char *text = context;
    size_t len = strlen(text);
    snprintf(text + len, LINE_BYTES - len, "%s%s%s ", id, name, divided ? "+" : "");
    return strcmp(id, "9") != 0;
}

static void regions_are_a_tree(void **state)
{
    struct catalog_world *world = *state;
    char text[LINE_BYTES] = "";
    static const char feed[] =
        "{\"type\":\"region\",\"id\":\"1\",\"name\":\"A\"}\n"
        "{\"type\":\"region\",\"id\":\"12\",\"name\":\"B\",\"parent\":\"1\"}\n"
        "{\"type\":\"region\",\"id\":\"11\",\"name\":\"C\",\"parent\":\"1\",\"to\":\"2026-01-01\"}\n"
        "{\"type\":\"region\",\"id\":\"121\",\"name\":\"D\",\"parent\":\"12\",\"from\":\"2026-01-02\"}\n"
        "{\"type\":\"region\",\"id\":\"5\",\"name\":\"E\",\"parent\":\"NOT-TOLD\"}\n"
        "{\"type\":\"region\",\"id\":\"6\",\"name\":\"F\",\"parent\":\"6\"}\n";
    assert_int_equal(catalog_world_import(world, feed), RC_OK);
    day_t today = day_of("2026-01-02"), before = day_of("2026-01-01");
    assert_int_equal(catalog_regions_in(world->catalog, "", today, add_region, text), RC_OK);
    assert_string_equal(text, "1A+ 5E 6F ");
    text[0] = '\0';
    assert_int_equal(catalog_regions_in(world->catalog, "1", today, add_region, text), RC_OK);
    assert_string_equal(text, "12B+ "); /* the other one is no more */
    text[0] = '\0';
    assert_int_equal(catalog_regions_in(world->catalog, "1", before, add_region, text), RC_OK);
    assert_string_equal(text, "11C 12B ");
    text[0] = '\0';
    assert_int_equal(catalog_regions_in(world->catalog, "12", before, add_region, text), RC_OK);
    assert_string_equal(text, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_world_open, catalog_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(the_catalog_answers_as_the_table),
                                       TEST(what_is_kept_changes_no_answer),
                                       TEST(what_is_gone_is_gone),
                                       TEST(a_renewed_contract_leaves_the_old_one),
                                       TEST(a_renewed_permit_has_its_own_use),
                                       TEST(a_sale_goes_with_the_place),
                                       TEST(earlier_sales_and_sightings),
                                       TEST(bad_lines_are_refused),
                                       TEST(regions_are_a_tree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
