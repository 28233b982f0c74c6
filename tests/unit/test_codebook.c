/* The code book: inheritance both ways, runs, aliases, containers that change, moves; speed at size. */
#include "app/catalog/catalog.h"
#include "app/catalog/run.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define ITEM(n) "(01)05901234123457(21)A" #n
#define CASE_1  "(00)069012340000000016"
#define CASE_2  "(00)069012340000000023"
#define PALLET  "(00)069012340000000030"
#define HERE    "site:CDB"
#define THERE   "transit:party:D-1"

struct world {
    char dir[64], path[96];
    struct catalog *catalog;
    struct codebook *book;
};

static int open_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    strcpy(world->dir, "/tmp/tallyman-codebook-XXXXXX");
    if (!mkdtemp(world->dir))
        return -1;
    snprintf(world->path, sizeof world->path, "%s/catalog-1.db", world->dir);
    if (catalog_open(world->path, CATALOG_WRITE, &world->catalog) != RC_OK)
        return -1;
    world->book = catalog_codebook(world->catalog);
    *state = world;
    return 0;
}

static int close_world(void **state)
{
    static const char *const TAILS[] = {"", "-wal", "-shm"};
    struct world *world = *state;
    char path[128];
    catalog_close(world->catalog);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", world->path, TAILS[i]);
        unlink(path);
    }
    rmdir(world->dir);
    free(world);
    return 0;
}

static struct codebook_change nothing(void)
{
    return (struct codebook_change){.level = CODEBOOK_KEEP, .covers = CODEBOOK_KEEP};
}

static void put(struct world *world, const char *key, const char *product, const char *lot, const char *parent,
                const char *holder)
{
    struct codebook_change change = nothing();
    change.product = product;
    change.lot = lot;
    change.parent = parent;
    change.holder = holder;
    assert_int_equal(codebook_put(world->book, key, &change), RC_OK);
}

static struct codebook_entry find(struct world *world, const char *key)
{
    struct codebook_entry entry;
    memset(&entry, 0, sizeof entry);
    assert_int_equal(codebook_find(world->book, key, &entry), RC_OK);
    assert_string_equal(entry.key, key);
    return entry;
}

static void has(struct world *world, const char *key, const char *product, const char *lot, const char *holder)
{
    char text[HOLDER_MAX + 1];
    struct codebook_entry entry = find(world, key);
    assert_string_equal(entry.product, product);
    assert_string_equal(entry.lot, lot);
    assert_string_equal(holder_print(&entry.holder, text), holder);
}

static bool append_key(void *context, const struct codebook_entry *entry)
{
    char *text = context;
    size_t len = strlen(text);
    snprintf(text + len, 1000 - len, "%s ", entry->key);
    return true;
}

static void what_nobody_told(void **state)
{
    struct world *world = *state;
    struct codebook_entry entry;
    char key[CODE_KEY_MAX + 1];
    assert_int_equal(codebook_find(world->book, ITEM(1), &entry), RC_NOT_FOUND);
    assert_int_equal(codebook_find(world->book, "", &entry), RC_NOT_FOUND);
    assert_int_equal(codebook_alias(world->book, "plain:x", key), RC_NOT_FOUND);
    assert_int_equal(codebook_move(world->book, ITEM(1), HERE), RC_NOT_FOUND);
    assert_int_equal(codebook_delete(world->book, ITEM(1)), RC_OK);
}

static void children_inherit_from_containers(void **state)
{
    struct world *world = *state;
    put(world, ITEM(1), NULL, NULL, CASE_1, NULL);
    put(world, CASE_1, "P", "L1", PALLET, NULL);
    put(world, PALLET, NULL, NULL, NULL, HERE);
    has(world, ITEM(1), "P", "L1", HERE);
    has(world, CASE_1, "P", "L1", HERE);
    has(world, PALLET, "P", "L1", HERE);
    struct codebook_entry pallet = find(world, PALLET), box = find(world, CASE_1), item = find(world, ITEM(1));
    assert_int_equal(pallet.level, 2);
    assert_int_equal(box.level, 1);
    assert_int_equal(item.level, 0);
    assert_true(pallet.container && box.container && !item.container);
    assert_string_equal(item.parent, CASE_1);
    assert_string_equal(box.parent, PALLET);

    /* what the unit itself was told goes first */
    put(world, ITEM(1), "P", "L2", NULL, "sold");
    has(world, ITEM(1), "P", "L2", "sold");
    has(world, CASE_1, "P", "L1", HERE);
}

static void containers_take_after_their_contents(void **state)
{
    struct world *world = *state;
    put(world, ITEM(1), "P", "L1", CASE_1, HERE);
    put(world, ITEM(2), "P", "L1", CASE_1, HERE);
    put(world, CASE_1, NULL, NULL, PALLET, NULL);
    has(world, CASE_1, "P", "L1", HERE);
    has(world, PALLET, "P", "L1", HERE);

    /* two lots: no lot; and one again when the other has left */
    put(world, ITEM(3), "P", "L2", CASE_1, HERE);
    has(world, CASE_1, "P", "", HERE);
    has(world, PALLET, "P", "", HERE);
    put(world, ITEM(3), NULL, NULL, "", NULL);
    has(world, CASE_1, "P", "L1", HERE);
    has(world, PALLET, "P", "L1", HERE);

    /* holders that differ: unknown */
    put(world, ITEM(2), NULL, NULL, NULL, "sold");
    has(world, CASE_1, "P", "L1", "unknown");
}

static void an_empty_container_forgets(void **state)
{
    struct world *world = *state;
    put(world, ITEM(1), "P", "L1", CASE_1, HERE);
    put(world, ITEM(1), NULL, NULL, "", NULL);
    has(world, CASE_1, "", "", "unknown");
    assert_true(find(world, CASE_1).container);
    put(world, ITEM(2), "Q", "L9", CASE_1, HERE);
    has(world, CASE_1, "Q", "L9", HERE);
}

static void order_of_telling_does_not_matter(void **state)
{
    struct world *world = *state;
    put(world, PALLET, NULL, NULL, NULL, NULL);
    put(world, CASE_1, NULL, NULL, PALLET, NULL);
    put(world, CASE_2, NULL, NULL, PALLET, NULL);
    put(world, ITEM(1), NULL, NULL, CASE_1, NULL);
    has(world, PALLET, "", "", "unknown");
    put(world, ITEM(1), "P", "L1", NULL, HERE);
    has(world, PALLET, "P", "L1", HERE);
    assert_int_equal(find(world, PALLET).level, 2);
    assert_true(find(world, CASE_2).level == 0);
}

static void levels_states_and_covers(void **state)
{
    struct world *world = *state;
    struct codebook_change change = nothing();
    change.level = 1;
    change.covers = 12;
    change.state = "damaged";
    assert_int_equal(codebook_put(world->book, CASE_1, &change), RC_OK);
    struct codebook_entry entry = find(world, CASE_1);
    assert_true(entry.container);
    assert_int_equal(entry.level, 1);
    assert_int_equal(entry.covers, 12);
    assert_int_equal(entry.state, STATE_DAMAGED);

    put(world, CASE_1, "P", NULL, NULL, NULL);
    entry = find(world, CASE_1);
    assert_int_equal(entry.covers, 12);
    assert_int_equal(entry.state, STATE_DAMAGED);

    change.level = change.covers = CODEBOOK_CLEAR;
    change.state = "";
    assert_int_equal(codebook_put(world->book, CASE_1, &change), RC_OK);
    entry = find(world, CASE_1);
    assert_int_equal(entry.level, 0);
    assert_int_equal(entry.covers, 0);
    assert_int_equal(entry.state, STATE_ACTIVE);
    change.state = "sleepy";
    assert_int_equal(codebook_put(world->book, CASE_1, &change), RC_BAD_INPUT);
    change = nothing();
    change.holder = "nowhere:1";
    assert_int_equal(codebook_put(world->book, CASE_1, &change), RC_BAD_INPUT);
}

static void a_level_of_nothing_is_of_no_container(void **state)
{
    struct world *world = *state;
    struct codebook_change change = nothing();
    for (int told_first = 0; told_first <= 1; told_first++) {
        put(world, ITEM(1), "P", NULL, CASE_1, HERE);
        change.level = 0;
        if (told_first)
            assert_int_equal(codebook_put(world->book, CASE_1, &change), RC_OK);
        assert_true(find(world, CASE_1).container);
        put(world, ITEM(1), NULL, NULL, "", NULL);
        assert_int_equal(find(world, CASE_1).container, !told_first);
        assert_int_equal(codebook_put(world->book, CASE_1, &change), RC_OK);
        assert_false(find(world, CASE_1).container);
        change.level = CODEBOOK_CLEAR;
        assert_int_equal(codebook_put(world->book, CASE_1, &change), RC_OK);
    }
}

static void nothing_is_inside_itself(void **state)
{
    struct world *world = *state;
    struct codebook_change change = nothing();
    put(world, ITEM(1), NULL, NULL, CASE_1, NULL);
    put(world, CASE_1, NULL, NULL, PALLET, NULL);
    change.parent = CASE_1;
    assert_int_equal(codebook_put(world->book, PALLET, &change), RC_BAD_INPUT);
    assert_int_equal(codebook_put(world->book, CASE_1, &change), RC_BAD_INPUT);
    assert_string_equal(find(world, PALLET).parent, "");
}

static void depth_at_its_limit(void **state)
{
    struct world *world = *state;
    struct codebook_change change = nothing();
    char key[32], parent[32];
    for (int i = DEPTH_MAX; i > 0; i--) {
        snprintf(key, sizeof key, "plain:n%02d", i);
        snprintf(parent, sizeof parent, "plain:n%02d", i - 1);
        put(world, key, NULL, NULL, parent, NULL);
    }
    put(world, "plain:n00", "P", "L", NULL, HERE);
    has(world, "plain:n08", "P", "L", HERE);
    change.parent = "plain:n08";
    assert_int_equal(codebook_put(world->book, "plain:n09", &change), RC_BAD_INPUT);
}

/* What is moved takes along what is in it. */
static void depth_is_of_all_that_is_inside(void **state)
{
    struct world *world = *state;
    struct codebook_change change = nothing();
    char key[32], parent[32];
    for (int i = DEPTH_MAX; i > 0; i--) {
        snprintf(key, sizeof key, "plain:n%02d", i);
        snprintf(parent, sizeof parent, "plain:n%02d", i - 1);
        put(world, key, NULL, NULL, parent, NULL);
    }
    put(world, ITEM(1), NULL, NULL, CASE_1, NULL);
    put(world, CASE_1, NULL, NULL, PALLET, NULL);
    change.parent = "plain:n06";
    assert_int_equal(codebook_put(world->book, PALLET, &change), RC_BAD_INPUT);
    change.parent = "plain:n05";
    assert_int_equal(codebook_put(world->book, PALLET, &change), RC_OK);
    /* where lines that make room are still to come, only a ring is none */
    change.any_depth = true, change.parent = "plain:n08";
    assert_int_equal(codebook_put(world->book, PALLET, &change), RC_OK);
    change.parent = ITEM(1);
    assert_int_equal(codebook_put(world->book, "plain:n00", &change), RC_BAD_INPUT);
    put(world, "plain:n04", NULL, NULL, "", NULL);
    put(world, ITEM(1), "P", "L", NULL, HERE);
    has(world, "plain:n04", "P", "L", HERE);
}

static void children_in_order_and_nested(void **state)
{
    struct world *world = *state;
    char keys[1000] = "", key[40];
    for (int i = 99; i >= 0; i--) {
        snprintf(key, sizeof key, "plain:%02d", i);
        put(world, key, "P", "L1", CASE_1, NULL);
    }
    put(world, CASE_1, NULL, NULL, NULL, HERE);
    assert_int_equal(codebook_children(world->book, CASE_1, append_key, keys), RC_OK);
    assert_int_equal(strlen(keys), 900);
    assert_memory_equal(keys, "plain:00 plain:01 plain:02 ", 27);
    assert_string_equal(keys + 891, "plain:99 ");
}

struct nest {
    struct world *world;
    int seen;
};

static bool visit_nested(void *context, const struct codebook_entry *entry)
{
    struct nest *nest = context;
    nest->seen++;
    if (entry->container)
        assert_int_equal(codebook_children(nest->world->book, entry->key, visit_nested, nest), RC_OK);
    return true;
}

static bool visit_two(void *context, const struct codebook_entry *entry)
{
    struct nest *nest = context;
    assert_non_null(entry);
    return ++nest->seen < 2;
}

static void visitors_may_ask_and_stop(void **state)
{
    struct world *world = *state;
    struct nest nest = {world, 0};
    put(world, ITEM(1), NULL, NULL, CASE_1, NULL);
    put(world, ITEM(2), NULL, NULL, CASE_1, NULL);
    put(world, ITEM(3), NULL, NULL, CASE_2, NULL);
    put(world, CASE_1, NULL, NULL, PALLET, NULL);
    put(world, CASE_2, NULL, NULL, PALLET, NULL);
    assert_int_equal(codebook_children(world->book, PALLET, visit_nested, &nest), RC_OK);
    assert_int_equal(nest.seen, 5);
    nest.seen = 0;
    put(world, ITEM(4), NULL, NULL, CASE_1, NULL);
    assert_int_equal(codebook_children(world->book, CASE_1, visit_two, &nest), RC_OK);
    assert_int_equal(nest.seen, 2);
}

static void run(struct world *world, const char *first, const char *last, const char *lot, const char *holder)
{
    assert_int_equal(codebook_put_run(world->book, first, last, "P", lot, holder), RC_OK);
}

static void runs_have_every_number_between(void **state)
{
    struct world *world = *state;
    struct codebook_entry entry;
    run(world, "plain:S098", "plain:S103", "L1", HERE);
    has(world, "plain:S098", "P", "L1", HERE);
    has(world, "plain:S100", "P", "L1", HERE);
    has(world, "plain:S103", "P", "L1", HERE);
    static const char *const OUTSIDE[] = {"plain:S097", "plain:S104", "plain:S0100",
                                          "plain:S99",  "plain:T100", "plain:S100A"};
    for (size_t i = 0; i < sizeof OUTSIDE / sizeof OUTSIDE[0]; i++)
        assert_int_equal(codebook_find(world->book, OUTSIDE[i], &entry), RC_NOT_FOUND);

    /* a row of one's own goes first, member by member */
    put(world, "plain:S100", NULL, NULL, NULL, "sold");
    has(world, "plain:S100", "P", "L1", "sold");
    /* and a unit goes along with its container, whatever its run once said */
    put(world, "plain:S101", NULL, NULL, CASE_1, NULL);
    put(world, CASE_1, NULL, NULL, NULL, THERE);
    has(world, "plain:S101", "P", "L1", THERE);
    has(world, CASE_1, "P", "L1", THERE);
}

static void later_runs_cut_earlier_ones(void **state)
{
    struct world *world = *state;
    struct codebook_entry entry;
    run(world, "plain:S000", "plain:S999", "L1", HERE);
    run(world, "plain:S100", "plain:S199", "L2", HERE);
    has(world, "plain:S099", "P", "L1", HERE);
    has(world, "plain:S100", "P", "L2", HERE);
    has(world, "plain:S199", "P", "L2", HERE);
    has(world, "plain:S200", "P", "L1", HERE);
    run(world, "plain:S150", "plain:S299", "L3", HERE);
    has(world, "plain:S149", "P", "L2", HERE);
    has(world, "plain:S299", "P", "L3", HERE);
    has(world, "plain:S300", "P", "L1", HERE);
    assert_int_equal(codebook_delete_run(world->book, "plain:S140", "plain:S160"), RC_OK);
    assert_int_equal(codebook_find(world->book, "plain:S150", &entry), RC_NOT_FOUND);
    has(world, "plain:S139", "P", "L2", HERE);
    has(world, "plain:S161", "P", "L3", HERE);
    assert_int_equal(codebook_delete(world->book, "plain:S500"), RC_OK);
    assert_int_equal(codebook_find(world->book, "plain:S500", &entry), RC_NOT_FOUND);
    has(world, "plain:S499", "P", "L1", HERE);
    has(world, "plain:S501", "P", "L1", HERE);
    /* the same run again: what is not said stays */
    run(world, "plain:T01", "plain:T05", "L1", HERE);
    assert_int_equal(codebook_put_run(world->book, "plain:T01", "plain:T05", NULL, NULL, "sold"), RC_OK);
    has(world, "plain:T03", "P", "L1", "sold");
    assert_int_equal(codebook_put_run(world->book, "plain:T1", "plain:T05", NULL, NULL, NULL), RC_BAD_INPUT);
}

/* Every key against a plain table of what was told last, over random runs and cuts. */
static void runs_agree_with_a_table(void **state)
{
    struct world *world = *state;
    enum { KEYS = 200, ROUNDS = 150 };
    int lots[KEYS] = {0};
    uint64_t seed = 7;
    for (int round = 1; round <= ROUNDS; round++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        int first = (int)(seed >> 33) % KEYS, len = (int)(seed >> 50) % 40;
        int last = first + len < KEYS ? first + len : KEYS - 1;
        bool gone = (seed >> 20) % 4 == 0;
        char a[32], b[32], lot[16];
        snprintf(a, sizeof a, "plain:R%03d", first);
        snprintf(b, sizeof b, "plain:R%03d", last);
        snprintf(lot, sizeof lot, "L%d", round);
        if (gone)
            assert_int_equal(codebook_delete_run(world->book, a, b), RC_OK);
        else
            run(world, a, b, lot, HERE);
        for (int i = first; i <= last; i++)
            lots[i] = gone ? 0 : round;
    }
    for (int i = 0; i < KEYS; i++) {
        struct codebook_entry entry;
        char key[32], lot[16];
        snprintf(key, sizeof key, "plain:R%03d", i);
        snprintf(lot, sizeof lot, "L%d", lots[i]);
        assert_int_equal(codebook_find(world->book, key, &entry), lots[i] ? RC_OK : RC_NOT_FOUND);
        if (lots[i])
            assert_string_equal(entry.lot, lot);
    }
}

static void run_keys(void **state)
{
    (void)state;
    struct run_key key;
    char text[CODE_KEY_MAX + 2];
    assert_false(run_split("plain:A", &key));
    assert_true(run_split("(01)05901234123457(21)S000001", &key));
    assert_string_equal(key.prefix, "(01)05901234123457(21)S");
    assert_int_equal(key.width, 6);
    assert_true(run_split("x1234567890123456789012", &key));
    assert_int_equal(key.width, RUN_DIGITS_MAX);
    assert_string_equal(key.prefix, "x1234");
    assert_string_equal(run_join(&key, key.number, text), "x1234567890123456789012");
    memset(text, '1', sizeof text);
    text[CODE_KEY_MAX + 1] = '\0';
    assert_false(run_split(text, &key));
    text[CODE_KEY_MAX] = '\0';
    assert_true(run_split(text, &key));
}

static void aliases(void **state)
{
    struct world *world = *state;
    char key[CODE_KEY_MAX + 1];
    put(world, ITEM(1), "P", NULL, NULL, NULL);
    assert_int_equal(codebook_put_alias(world->book, "plain:cap", ITEM(1)), RC_OK);
    assert_int_equal(codebook_alias(world->book, "plain:cap", key), RC_OK);
    assert_string_equal(key, ITEM(1));
    assert_int_equal(codebook_put_alias(world->book, "plain:cap", ITEM(2)), RC_OK);
    assert_int_equal(codebook_alias(world->book, "plain:cap", key), RC_OK);
    assert_string_equal(key, ITEM(2));
    assert_int_equal(codebook_delete(world->book, ITEM(2)), RC_OK);
    assert_int_equal(codebook_alias(world->book, "plain:cap", key), RC_NOT_FOUND);
}

static void who_goes(void **state)
{
    struct world *world = *state;
    struct codebook_entry entry;
    put(world, ITEM(1), "P", "L1", CASE_1, NULL);
    put(world, CASE_1, NULL, NULL, PALLET, HERE);
    /* still named by its contents: known, with nothing of its own */
    assert_int_equal(codebook_delete(world->book, CASE_1), RC_OK);
    has(world, CASE_1, "P", "L1", "unknown");
    assert_string_equal(find(world, CASE_1).parent, "");
    assert_int_equal(codebook_delete(world->book, ITEM(1)), RC_OK);
    assert_int_equal(codebook_delete(world->book, CASE_1), RC_OK);
    assert_int_equal(codebook_find(world->book, CASE_1, &entry), RC_NOT_FOUND);
}

static void what_went_before_its_contents_goes_with_the_last(void **state)
{
    struct world *world = *state;
    struct codebook_entry entry;
    put(world, ITEM(1), "P", "L1", CASE_1, NULL);
    put(world, ITEM(2), "P", "L1", CASE_1, NULL);
    put(world, CASE_1, NULL, NULL, NULL, HERE);
    assert_int_equal(codebook_delete(world->book, CASE_1), RC_OK);
    assert_int_equal(codebook_delete(world->book, ITEM(1)), RC_OK);
    has(world, CASE_1, "P", "L1", "unknown");
    put(world, ITEM(2), NULL, NULL, "", NULL);
    assert_int_equal(codebook_find(world->book, CASE_1, &entry), RC_NOT_FOUND);
    /* told again it stays, empty as it is */
    put(world, ITEM(2), NULL, NULL, CASE_1, NULL);
    assert_int_equal(codebook_delete(world->book, CASE_1), RC_OK);
    put(world, CASE_1, NULL, NULL, NULL, HERE);
    put(world, ITEM(2), NULL, NULL, "", NULL);
    has(world, CASE_1, "", "", HERE);
}

static void moves_take_along_what_is_inside(void **state)
{
    struct world *world = *state;
    put(world, ITEM(1), "P", "L1", CASE_1, HERE);
    put(world, ITEM(2), "P", "L1", CASE_1, NULL);
    put(world, ITEM(3), "P", "L1", CASE_1, "sold");
    put(world, CASE_1, NULL, NULL, PALLET, NULL);
    put(world, PALLET, NULL, NULL, NULL, HERE);
    put(world, ITEM(4), "P", "L1", CASE_2, HERE);
    assert_int_equal(codebook_move(world->book, PALLET, THERE), RC_OK);
    has(world, PALLET, "P", "L1", THERE);
    has(world, CASE_1, "P", "L1", THERE);
    has(world, ITEM(1), "P", "L1", THERE);
    has(world, ITEM(2), "P", "L1", THERE);
    has(world, ITEM(3), "P", "L1", "sold");
    has(world, ITEM(4), "P", "L1", HERE);
    /* a case that nobody told anything says what its contents say now, also when it is taken off */
    put(world, CASE_2, NULL, NULL, PALLET, NULL);
    assert_int_equal(codebook_move(world->book, PALLET, HERE), RC_OK);
    assert_int_equal(codebook_move(world->book, PALLET, THERE), RC_OK);
    put(world, CASE_2, NULL, NULL, "", NULL);
    has(world, CASE_2, "P", "L1", THERE);
    run(world, "plain:S1", "plain:S9", "L1", HERE);
    assert_int_equal(codebook_move(world->book, "plain:S5", THERE), RC_OK);
    has(world, "plain:S5", "P", "L1", THERE);
    has(world, "plain:S4", "P", "L1", HERE);
}

static void what_is_where(void **state)
{
    struct world *world = *state;
    char keys[1000] = "";
    put(world, ITEM(1), "P", "L1", NULL, HERE);
    put(world, ITEM(2), "P", "L2", NULL, HERE);
    put(world, ITEM(3), "P", "L1", NULL, "sold");
    put(world, ITEM(4), "P", "L1", CASE_1, NULL);
    put(world, CASE_1, NULL, NULL, NULL, HERE);
    run(world, "plain:S1", "plain:S3", "L1", HERE);
    put(world, "plain:S2", NULL, NULL, NULL, "sold");
    assert_int_equal(codebook_at(world->book, "P", "L1", HERE, append_key, keys), RC_OK);
    assert_string_equal(keys, CASE_1 " " ITEM(1) " plain:S1 plain:S3 ");
}

/* A page of children and a deep find take what they take; that no lookup walks the table is what is tested. */
static void lookups_do_not_grow_with_the_book(void **state)
{
    struct world *world = *state;
    enum { ITEMS = 30000, A_CASE = 12, LOOKS = 2000 };
    char key[64], parent[64];
    assert_int_equal(catalog_begin(world->catalog), RC_OK);
    for (int i = 0; i < ITEMS; i++) {
        snprintf(key, sizeof key, "(01)05901234123457(21)K%06d", i);
        snprintf(parent, sizeof parent, "plain:case-%d", i / A_CASE);
        put(world, key, "P", "L1", parent, NULL);
    }
    assert_int_equal(catalog_commit(world->catalog), RC_OK);
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < LOOKS; i++) {
        snprintf(key, sizeof key, "(01)05901234123457(21)K%06d", (int)((i * 7919u) % ITEMS));
        has(world, key, "P", "L1", "unknown");
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    double us = ((double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3) / LOOKS;
    print_message("%.1f us a lookup (sanitized)\n", us);
    assert_true(us < 1000); /* a walk of 30,000 rows takes longer, sanitized or not */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_nobody_told),
        TEST(children_inherit_from_containers),
        TEST(containers_take_after_their_contents),
        TEST(an_empty_container_forgets),
        TEST(order_of_telling_does_not_matter),
        TEST(levels_states_and_covers),
        TEST(a_level_of_nothing_is_of_no_container),
        TEST(nothing_is_inside_itself),
        TEST(depth_at_its_limit),
        TEST(depth_is_of_all_that_is_inside),
        TEST(children_in_order_and_nested),
        TEST(visitors_may_ask_and_stop),
        TEST(runs_have_every_number_between),
        TEST(later_runs_cut_earlier_ones),
        TEST(runs_agree_with_a_table),
        cmocka_unit_test(run_keys),
        TEST(aliases),
        TEST(who_goes),
        TEST(what_went_before_its_contents_goes_with_the_last),
        TEST(moves_take_along_what_is_inside),
        TEST(what_is_where),
        TEST(lookups_do_not_grow_with_the_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
