/* The book asked by product and by holder, against a look at every code: whatever says what a code is, and told, packed or
 * in a run. And how long it takes beside many codes of other products. */
#include "app/catalog/codebook_row.h"
#include "tests/unit/catalog_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { SERIALS = 60, KEYS = 3 * SERIALS, ROUNDS = 60, CHANGES = 80, WORDS = 3, MANY = 200000, RUN = 100000 };

static const char *const PRODUCTS[WORDS] = {"P", "Q", "R"};
static const char *const LOTS[WORDS] = {"L1", "L2", "L3"};
static const char *const HOLDERS[WORDS] = {"site:A", "site:B", "transit:party:D"};

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Items with numbers, cases, pallets. */
static char *key_of(unsigned number, char *ret_key)
{
    static const char *const KINDS[] = {"plain:I", "plain:C", "plain:T"};
    snprintf(ret_key, 40, "%s%03u", KINDS[number / SERIALS % 3], number % SERIALS);
    return ret_key;
}

static const char *any_word(const char *const *words, unsigned *seed)
{
    unsigned at = next_random(seed) % (WORDS + 3);
    return at < WORDS ? words[at] : at == WORDS ? "" : NULL;
}

static void change_code(struct codebook *codebook, unsigned *seed)
{
    static const char *const STATES[] = {NULL, NULL, NULL, "damaged", "void", "returned", "stolen"};
    char key[40], parent[40];
    unsigned number = next_random(seed) % KEYS, kind = number / SERIALS;
    struct codebook_change change = {.product = any_word(PRODUCTS, seed),
                                     .lot = any_word(LOTS, seed),
                                     .holder = any_word(HOLDERS, seed),
                                     .state = STATES[next_random(seed) % 7],
                                     .level = next_random(seed) % 4 ? CODEBOOK_KEEP : (int)kind,
                                     .covers = next_random(seed) % 8 ? CODEBOOK_KEEP : 6};
    if (kind < 2 && next_random(seed) % 2)
        change.parent = key_of((kind + 1) * SERIALS + next_random(seed) % 12, parent);
    else if (next_random(seed) % 6 == 0)
        change.parent = "";
    enum rc rc = codebook_put(codebook, key_of(number, key), &change);
    assert_true(rc == RC_OK || rc == RC_BAD_INPUT);
}

static void change_run(struct codebook *codebook, unsigned *seed)
{
    char first[40], last[40];
    unsigned from = next_random(seed) % SERIALS, to = from + next_random(seed) % (SERIALS - from);
    key_of(from, first);
    key_of(to, last);
    if (next_random(seed) % 5 == 0)
        assert_int_equal(codebook_delete_run(codebook, first, last), RC_OK);
    else
        assert_int_equal(codebook_put_run(codebook, first, last, any_word(PRODUCTS, seed), any_word(LOTS, seed),
                                          any_word(HOLDERS, seed)),
                         RC_OK);
}

static void change_something(struct codebook *codebook, unsigned *seed)
{
    char key[40];
    unsigned what = next_random(seed) % 40;
    if (what == 0)
        assert_int_equal(codebook_pack(codebook), RC_OK);
    else if (what < 5)
        change_run(codebook, seed);
    else if (what < 7)
        assert_int_equal(codebook_delete(codebook, key_of(next_random(seed) % KEYS, key)), RC_OK);
    else
        change_code(codebook, seed);
}

/* ---- every code of a product, once ---- */

struct seen {
    struct codebook *codebook;
    const char *product, *lot;
    unsigned char times[KEYS];
    int count;
};

static unsigned number_of(const char *key)
{
    unsigned kind = key[6] == 'I' ? 0 : key[6] == 'C' ? 1 : 2;
    return kind * SERIALS + (unsigned)strtoul(key + 7, NULL, 10);
}

static bool see(void *context, const struct codebook_entry *entry)
{
    struct seen *seen = context;
    struct codebook_entry again;
    assert_int_equal(codebook_find(seen->codebook, entry->key, &again), RC_OK);
    assert_string_equal(entry->key, again.key);
    assert_string_equal(entry->product, again.product);
    assert_string_equal(entry->lot, again.lot);
    assert_int_equal(entry->level, again.level);
    assert_int_equal(entry->state, again.state);
    assert_int_equal(entry->holder.kind, again.holder.kind);
    assert_string_equal(entry->holder.id, again.holder.id);
    seen->times[number_of(entry->key)]++;
    seen->count++;
    return true;
}

static void check_of(struct codebook *codebook, const char *product, const char *lot)
{
    struct seen seen = {.codebook = codebook};
    struct codebook_entry entry;
    char key[40];
    assert_int_equal(codebook_of(codebook, product, lot, see, &seen), RC_OK);
    for (unsigned i = 0; i < KEYS; i++) {
        bool is = codebook_find(codebook, key_of(i, key), &entry) == RC_OK && strcmp(entry.product, product) == 0 &&
                  (!lot[0] || strcmp(entry.lot, lot) == 0);
        if (seen.times[i] != is)
            fail_msg("%s of %s %s comes %d times", key, product, lot, seen.times[i]);
    }
}

/* ---- units at a holder ---- */

struct units {
    int64_t count[WORDS + 1]; /* by lot, the last one none */
};

static size_t lot_at(const char *lot)
{
    size_t at = 0;
    while (at < WORDS && strcmp(LOTS[at], lot) != 0)
        at++;
    assert_true(at < WORDS || !lot[0]);
    return at;
}

static void add(void *context, const char *lot, int64_t units)
{
    struct units *sum = context;
    assert_true(units > 0);
    sum->count[lot_at(lot)] += units;
}

static bool any_child(void *context, const struct codebook_entry *child)
{
    (void)child;
    *(bool *)context = true;
    return false;
}

/* What stands there by itself and is of another product, as it or its run was told or by its contents, is not looked
 * into. */
static bool hidden(struct codebook *codebook, const struct codebook_entry *entry)
{
    struct row row = {0};
    struct facts_told run = {0};
    memcpy(row.parent, entry->key, sizeof row.parent);
    while (row.parent[0]) {
        if (codebook_row_get(codebook, row.parent, &row) != RC_OK || row.own.fact[FACT_HOLDER].has)
            break;
    }
    const char *text = codebook_row_text(&row, FACT_PRODUCT);
    if (!row.own.fact[FACT_HOLDER].has && codebook_run_of(codebook, entry->key, &run) == RC_OK)
        text = run.fact[FACT_PRODUCT].has ? run.fact[FACT_PRODUCT].text : NULL;
    return text && text[0] && strcmp(text, entry->product) != 0;
}

static void check_units(struct codebook *codebook, const char *product, const char *holder, bool *ret_hidden)
{
    struct units sum = {{0}}, slow = {{0}};
    struct codebook_entry entry;
    char key[40], here[HOLDER_MAX + 1];
    bool any_hidden = false;
    assert_int_equal(codebook_units(codebook, product, "", holder, add, &sum), RC_OK);
    for (unsigned i = 0; i < KEYS; i++) {
        bool full = false;
        if (codebook_find(codebook, key_of(i, key), &entry) != RC_OK || strcmp(entry.product, product) != 0 ||
            strcmp(holder_print(&entry.holder, here), holder) != 0)
            continue;
        if (entry.state == STATE_VOID || entry.state == STATE_STOLEN)
            continue;
        assert_int_equal(codebook_children(codebook, key, any_child, &full), RC_OK);
        if (!full)
            slow.count[lot_at(entry.lot)] += entry.covers ? entry.covers : entry.container ? 0 : 1;
        any_hidden |= !full && hidden(codebook, &entry);
    }
    for (size_t i = 0; i <= WORDS && !any_hidden; i++)
        if (sum.count[i] != slow.count[i])
            fail_msg("%s of %s at %s: %ld, not %ld", i < WORDS ? LOTS[i] : "no lot", product, holder,
                     (long)sum.count[i], (long)slow.count[i]);
    *ret_hidden = any_hidden;
}

static void whatever_was_told(void **state)
{
    int checked = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned seed = round * 7919 + 1;
        void *fresh = NULL;
        assert_int_equal(catalog_world_open(&fresh), 0);
        struct catalog_world *world = fresh;
        struct codebook *codebook = catalog_codebook(world->catalog);
        assert_int_equal(catalog_begin(world->catalog), RC_OK);
        for (int i = 0; i < CHANGES; i++) {
            change_something(codebook, &seed);
            if (i % 16 != 15)
                continue;
            for (int p = 0; p < WORDS; p++) {
                bool other = false;
                check_of(codebook, PRODUCTS[p], "");
                check_of(codebook, PRODUCTS[p], LOTS[i % WORDS]);
                for (int h = 0; h < WORDS; h++) {
                    check_units(codebook, PRODUCTS[p], HOLDERS[h], &other);
                    checked += !other;
                }
            }
        }
        assert_int_equal(catalog_commit(world->catalog), RC_OK);
        assert_int_equal(catalog_world_close(&fresh), 0);
    }
    print_message("%d counts compared\n", checked);
    assert_true(checked > ROUNDS * 10);
    (void)state;
}

static bool first_only(void *context, const struct codebook_entry *entry)
{
    (void)entry;
    return ++*(int *)context < 3;
}

static void a_visitor_that_has_enough(void **state)
{
    struct catalog_world *world = *state;
    struct codebook *codebook = catalog_codebook(world->catalog);
    for (int packed = 0; packed < 2; packed++) {
        int count = 0;
        catalog_world_told(world, "{\"type\":\"code\",\"code\":\"plain:A1\",\"product\":\"P\"}\n"
                                  "{\"type\":\"code\",\"code\":\"plain:A2\",\"product\":\"P\"}\n"
                                  "{\"type\":\"code\",\"code\":\"plain:A3\",\"product\":\"P\"}\n"
                                  "{\"type\":\"codes\",\"first\":\"B1\",\"last\":\"B9\",\"product\":\"P\"}\n");
        assert_int_equal(codebook_of(codebook, "P", "", first_only, &count), RC_OK);
        assert_int_equal(count, 3);
        assert_int_equal(catalog_begin(world->catalog), RC_OK);
        assert_int_equal(codebook_pack(codebook), RC_OK);
        assert_int_equal(catalog_commit(world->catalog), RC_OK);
    }
}

/* ---- what the books have ---- */

static bool print_lot(void *context, const char *lot, qty_t qty)
{
    char *text = context, number[QTY_TEXT_MAX + 1];
    size_t len = strlen(text);
    snprintf(text + len, 200 - len, "%s=%s ", lot, qty_print(qty, number));
    return true;
}

static void books(void **state)
{
    struct catalog_world *world = *state;
    char list[200] = "";
    catalog_world_told(
        world, "{\"type\":\"code\",\"code\":\"plain:T1\",\"level\":2,\"holder\":\"site:A\"}\n"
               "{\"type\":\"code\",\"code\":\"plain:C1\",\"level\":1,\"in\":\"plain:T1\"}\n"
               "{\"type\":\"code\",\"code\":\"plain:I1\",\"product\":\"P\",\"lot\":\"L2\",\"in\":\"plain:C1\"}\n"
               "{\"type\":\"code\",\"code\":\"plain:I2\",\"product\":\"P\",\"lot\":\"L1\",\"in\":\"plain:C1\"}\n"
               "{\"type\":\"code\",\"code\":\"plain:I3\",\"product\":\"Q\",\"lot\":\"L1\",\"in\":\"plain:C1\"}\n"
               "{\"type\":\"code\",\"code\":\"plain:I4\",\"product\":\"P\",\"lot\":\"L1\",\"in\":\"plain:C1\","
               "\"holder\":\"site:B\"}\n"
               "{\"type\":\"code\",\"code\":\"plain:C2\",\"level\":1,\"product\":\"P\",\"lot\":\"L1\","
               "\"covers\":12,\"holder\":\"site:A\"}\n"
               "{\"type\":\"codes\",\"first\":\"S001\",\"last\":\"S100\",\"product\":\"P\",\"lot\":\"L3\","
               "\"holder\":\"site:A\"}\n"
               "{\"type\":\"code\",\"code\":\"S007\",\"holder\":\"site:B\"}\n"
               "{\"type\":\"code\",\"code\":\"S008\",\"state\":\"returned\"}\n"
               "{\"type\":\"code\",\"code\":\"S009\",\"state\":\"void\"}\n"
               "{\"type\":\"stock\",\"holder\":\"site:A\",\"product\":\"P\",\"lot\":null,\"qty\":\"2.5\"}\n"
               "{\"type\":\"stock\",\"holder\":\"site:A\",\"product\":\"P\",\"lot\":\"L4\",\"qty\":\"-1\"}\n"
               "{\"type\":\"stock\",\"holder\":\"site:A\",\"product\":\"P\",\"lot\":\"L2\",\"qty\":\"-1\"}\n");
    assert_int_equal(catalog_books(world->catalog, "site:A", "P", "", print_lot, list), RC_OK);
    assert_string_equal(list, "=2.5 L1=13 L3=98 L4=-1 ");
    list[0] = '\0';
    assert_int_equal(catalog_books(world->catalog, "site:A", "P", "L3", print_lot, list), RC_OK);
    assert_string_equal(list, "L3=98 ");
    list[0] = '\0';
    assert_int_equal(catalog_books(world->catalog, "site:B", "P", "", print_lot, list), RC_OK);
    assert_string_equal(list, "L1=1 L3=1 ");
    list[0] = '\0';
    assert_int_equal(catalog_books(world->catalog, "site:C", "P", "", print_lot, list), RC_OK);
    assert_string_equal(list, "");
}

static void too_many_lots(void **state)
{
    struct catalog_world *world = *state;
    char list[200] = "";
    FILE *feed = tmpfile();
    assert_non_null(feed);
    for (int i = 0; i <= BOOKS_LOTS_MAX; i++)
        fprintf(feed,
                "{\"type\":\"stock\",\"holder\":\"site:%c\",\"product\":\"P\",\"lot\":\"%05d\",\"qty\":\"0\"}\n",
                'A' + (i == BOOKS_LOTS_MAX), i);
    rewind(feed);
    assert_int_equal(catalog_world_read(world, feed), RC_OK);
    assert_int_equal(catalog_books(world->catalog, "site:A", "P", "", print_lot, list), RC_OK);
    assert_string_equal(list, "");
    catalog_world_told(world,
                       "{\"type\":\"stock\",\"holder\":\"site:A\",\"product\":\"P\",\"lot\":\"x\",\"qty\":\"1\"}\n");
    assert_int_equal(catalog_books(world->catalog, "site:A", "P", "", print_lot, list), RC_TOO_BIG);
}

/* ---- recalls ---- */

static bool print_recalled(void *context, const struct catalog_recalled *recalled)
{
    char *text = context;
    size_t len = strlen(text);
    snprintf(text + len, 200 - len, "%s|%s|%s ", recalled->product, recalled->lot, recalled->key);
    return true;
}

static void what_a_recall_covers(void **state)
{
    struct catalog_world *world = *state;
    char list[200] = "";
    catalog_world_told(world, "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":\"P\",\"lots\":[\"L2\",\"L1\"],"
                              "\"codes\":[\"plain:X\"]}\n{\"type\":\"recall\",\"id\":\"R-2\",\"product\":\"Q\"}\n"
                              "{\"type\":\"recall\",\"id\":\"R-3\",\"codes\":[\"plain:Y\"]}\n");
    assert_int_equal(catalog_recall_covers(world->catalog, "R-1", print_recalled, list), RC_OK);
    assert_string_equal(list, "P|L1| P|L2| ||plain:X ");
    list[0] = '\0';
    assert_int_equal(catalog_recall_covers(world->catalog, "R-2", print_recalled, list), RC_OK);
    assert_string_equal(list, "Q|| ");
    list[0] = '\0';
    assert_int_equal(catalog_recall_covers(world->catalog, "R-3", print_recalled, list), RC_OK);
    assert_string_equal(list, "||plain:Y ");
    assert_int_equal(catalog_recall_covers(world->catalog, "R-4", print_recalled, list), RC_NOT_FOUND);
}

/* ---- beside many others ---- */

static bool count_entry(void *context, const struct codebook_entry *entry)
{
    (void)entry;
    ++*(long *)context;
    return true;
}

static bool sum_lot(void *context, const char *lot, qty_t qty)
{
    (void)lot;
    *(qty_t *)context += qty;
    return true;
}

static double seconds_since(const struct timespec *from)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - from->tv_sec) + (double)(now.tv_nsec - from->tv_nsec) / 1e9;
}

static void tell_many(struct catalog_world *world)
{
    FILE *feed = tmpfile();
    assert_non_null(feed);
    for (int i = 0; i < MANY; i++) {
        if (i % 12 == 0)
            fprintf(feed,
                    "{\"type\":\"code\",\"code\":\"plain:C%07d\",\"level\":1,\"product\":\"%s\",\"lot\":\"L%d\","
                    "\"holder\":\"site:%s\"}\n",
                    i / 12, i % 200 < 12 ? "P" : "Q", i / 1000, i % 24 ? "A" : "B");
        fprintf(feed, "{\"type\":\"code\",\"code\":\"plain:I%07d\",\"in\":\"plain:C%07d\"}\n", i, i / 12);
    }
    fprintf(feed,
            "{\"type\":\"codes\",\"first\":\"S0000001\",\"last\":\"S%07d\",\"product\":\"P\",\"lot\":\"R\","
            "\"holder\":\"site:A\"}\n",
            RUN);
    rewind(feed);
    assert_int_equal(catalog_world_read(world, feed), RC_OK);
}

static void beside_many_others(void **state)
{
    struct catalog_world *world = *state;
    struct timespec from;
    long codes = 0, of_run = 0;
    qty_t here = 0, there = 0;
    tell_many(world);
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(catalog_books(world->catalog, "site:A", "P", "", sum_lot, &here), RC_OK);
    double books_s = seconds_since(&from);
    assert_int_equal(catalog_books(world->catalog, "site:B", "P", "", sum_lot, &there), RC_OK);
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(catalog_codes_of(world->catalog, "P", "", count_entry, &codes), RC_OK);
    double codes_s = seconds_since(&from);
    assert_int_equal(catalog_codes_of(world->catalog, "P", "R", count_entry, &of_run), RC_OK);
    assert_int_equal(of_run, RUN);
    print_message("%d other codes: books of %ld units in %.3f s, %ld codes in %.3f s\n", MANY, (long)(here / QTY_ONE),
                  books_s, codes, codes_s);
    assert_true(here % (12 * QTY_ONE) == RUN % 12 * QTY_ONE);
    assert_int_equal(codes, RUN + (here + there - RUN * QTY_ONE) / QTY_ONE / 12 * 13);
    assert_true(books_s < 2 && codes_s < 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_world_open, catalog_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_was_told), TEST(a_visitor_that_has_enough), TEST(books), TEST(too_many_lots),
        TEST(what_a_recall_covers),          TEST(beside_many_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
