/* The code book that is packed again and again against one that stays a plain table: the same random operations on both
 * (insert, move, aggregate, disaggregate, state, delete, runs, aliases, transactions taken back, some of them in bulk), and then the same
 * answers. Beside them, what was told directly is kept in an array that knows nothing of either.
 *
 *     book_model [--long] [--ops N] [--seed N]        80,000 operations, a million with --long */
#include "app/catalog/catalog.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEYS = 4000,
    CONTAINERS = 400,
    PACK_EVERY = 1500,
    CHECK_EVERY = 40,
    HOLDERS = 5,
    LOTS = 4,
    LISTED_MAX = 1 << 20
};

static const char *const HOLDER[HOLDERS] = {"site:CDB", "site:SHB", "party:D-1", "transit:party:D-1", "sold"};
static const char *const LOT[LOTS] = {"L1", "L2", "LB-2501", "批号三"};
static const char *const STATE[] = {"active", "void", "damaged", "stolen", ""};

struct told {
    bool known, holder_told;
    bool gone;          /* deleted while things were in it: it goes with the last of them */
    int parent, holder; /* parent: -1 none */
};

static struct {
    struct catalog *packed, *plain;
    char keys[KEYS][CODE_KEY_MAX + 1];
    struct told told[KEYS], before[KEYS]; /* before: when the transaction began */
    uint64_t seed;
    long checks, failed, packs, bulks;
    char *listed[2];
} model;

static uint32_t dice(uint32_t sides)
{
    model.seed = model.seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((model.seed >> 33) % sides);
}

static void check(bool holds, const char *what, const char *key)
{
    model.checks++;
    if (holds)
        return;
    model.failed++;
    if (model.failed < 20)
        printf("FAILED: %s: %s\n", what, key);
}

static void need(enum rc rc, const char *what)
{
    if (rc == RC_OK)
        return;
    printf("FAILED: %s: rc %d\n0 passed, 1 failed\n", what, (int)rc);
    exit(1);
}

/* Keys of every kind: alike, unlike, one the beginning of another, other alphabets, the longest. */
static void make_key(int at)
{
    char *key = model.keys[at], text[16];
    for (int i = 0; i < 12; i++)
        text[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[dice(62)];
    text[12] = '\0';
    switch (at < CONTAINERS ? 0 : dice(8)) {
    case 0: snprintf(key, CODE_KEY_MAX + 1, at % 5 ? "(00)%018d" : "plain:case-%d", at * 7); break;
    case 1: snprintf(key, CODE_KEY_MAX + 1, "plain:%d", at); break;
    case 2: snprintf(key, CODE_KEY_MAX + 1, "plain:https://t.example.cn/c/%s/%d", text, at); break;
    case 3: snprintf(key, CODE_KEY_MAX + 1, "(01)%014d(21)S%07d", 590 + at % 3, at); break;
    case 4: snprintf(key, CODE_KEY_MAX + 1, "plain:箱%s%d", text, at); break;
    case 5: snprintf(key, CODE_KEY_MAX + 1, "plain:%0*d", at % 100 == 0 ? CODE_KEY_MAX - 6 : 40, at); break;
    default: snprintf(key, CODE_KEY_MAX + 1, "(01)05901234123457(21)%s%s", text, at % 4 ? "" : "x"); break;
    }
    for (int i = 0; i < at; i++)
        if (strcmp(model.keys[i], key) == 0)
            snprintf(key, CODE_KEY_MAX + 1, "plain:once-more-%d", at);
}

/* ---- operations, on both ---- */

static struct codebook *book(int which)
{
    return catalog_codebook(which ? model.plain : model.packed);
}

static enum rc put(int at, const struct codebook_change *change)
{
    enum rc rc = codebook_put(book(0), model.keys[at], change);
    check(codebook_put(book(1), model.keys[at], change) == rc, "put", model.keys[at]);
    if (rc != RC_OK)
        return rc;
    struct told *told = &model.told[at];
    if (!told->known)
        *told = (struct told){.known = true, .parent = -1};
    told->gone = false;
    if (change->holder)
        told->holder_told = change->holder[0] != '\0';
    for (int i = 0; change->holder && i < HOLDERS; i++)
        if (strcmp(change->holder, HOLDER[i]) == 0)
            told->holder = i;
    return rc;
}

static struct codebook_change nothing(void)
{
    return (struct codebook_change){.level = CODEBOOK_KEEP, .covers = CODEBOOK_KEEP};
}

static void insert(int at)
{
    struct codebook_change change = nothing();
    change.product = dice(3) ? "SKU-B200" : dice(2) ? "SKU-C" : NULL;
    change.lot = dice(3) ? LOT[dice(LOTS)] : dice(2) ? "" : NULL;
    change.holder = dice(3) ? HOLDER[dice(HOLDERS)] : dice(2) ? "" : NULL;
    change.level = dice(4) ? CODEBOOK_KEEP : at < CONTAINERS ? (int)dice(2) : 0;
    change.covers = dice(20) ? CODEBOOK_KEEP : (long)dice(50);
    put(at, &change);
}

static bool has_children(int at)
{
    for (int i = 0; at < CONTAINERS && i < KEYS; i++)
        if (model.told[i].known && model.told[i].parent == at)
            return true;
    return false;
}

/* Something has left it; -1 nothing. */
static void left(int parent)
{
    if (parent >= 0 && model.told[parent].gone && !has_children(parent))
        model.told[parent] = (struct told){.parent = -1};
}

static void aggregate(int at)
{
    struct codebook_change change = nothing();
    int parent = (int)dice(CONTAINERS);
    change.parent = model.keys[parent];
    int old = model.told[at].parent;
    if (put(at, &change) != RC_OK)
        return;
    model.told[at].parent = parent;
    if (!model.told[parent].known)
        model.told[parent] = (struct told){.known = true, .parent = -1};
    left(old);
}

static void disaggregate(int at)
{
    struct codebook_change change = nothing();
    change.parent = "";
    int old = model.told[at].parent;
    if (put(at, &change) != RC_OK)
        return;
    model.told[at].parent = -1;
    left(old);
}

static void restate(int at)
{
    struct codebook_change change = nothing();
    change.state = STATE[dice(5)];
    put(at, &change);
}

static void delete (int at)
{
    need(codebook_delete(book(0), model.keys[at]), "delete, packed");
    need(codebook_delete(book(1), model.keys[at]), "delete, plain");
    bool stays = model.told[at].known && has_children(at);
    int old = model.told[at].known ? model.told[at].parent : -1;
    model.told[at] = (struct told){.known = stays, .gone = stays, .parent = -1};
    left(old);
}

/* In the array: this unit and those inside it that said the old holder. What it said comes from the plain book. */
static void follow(int at, int old, int holder, int depth)
{
    for (int i = 0; at < CONTAINERS && depth < DEPTH_MAX && i < KEYS; i++) {
        struct told *told = &model.told[i];
        if (!told->known || told->parent != at)
            continue;
        if (told->holder_told && told->holder == old)
            told->holder = holder;
        follow(i, old, holder, depth + 1);
    }
}

static void move(int at)
{
    struct codebook_entry entry;
    char text[HOLDER_MAX + 1];
    int holder = (int)dice(HOLDERS), old = -1;
    if (codebook_find(book(1), model.keys[at], &entry) == RC_OK)
        for (int i = 0; i < HOLDERS; i++)
            old = strcmp(holder_print(&entry.holder, text), HOLDER[i]) == 0 ? i : old;
    enum rc rc = codebook_move(book(0), model.keys[at], HOLDER[holder]);
    check(codebook_move(book(1), model.keys[at], HOLDER[holder]) == rc, "move", model.keys[at]);
    if (rc != RC_OK)
        return;
    if (!model.told[at].known)
        model.told[at] = (struct told){.known = true, .parent = -1};
    model.told[at].holder_told = true;
    model.told[at].holder = holder;
    if (old >= 0)
        follow(at, old, holder, 0);
}

static void run_of(int at)
{
    char first[64], last[64];
    int from = (int)dice(9000), to = from + (int)dice(500);
    snprintf(first, sizeof first, "(01)%014d(21)S%07d", 590 + at % 3, from);
    snprintf(last, sizeof last, "(01)%014d(21)S%07d", 590 + at % 3, to);
    const char *holder = HOLDER[dice(HOLDERS)], *lot = LOT[dice(LOTS)];
    bool drop = !dice(4);
    for (int i = 0; i < 2; i++)
        need(drop ? codebook_delete_run(book(i), first, last)
                  : codebook_put_run(book(i), first, last, "SKU-B200", lot, holder),
             "run");
}

static void alias(int at)
{
    char text[64];
    snprintf(text, sizeof text, "plain:cap-%u", dice(500));
    for (int i = 0; i < 2; i++)
        need(codebook_put_alias(book(i), text, model.keys[at]), "alias");
}

/* ---- the same answers ---- */

static bool same(const struct codebook_entry *a, const struct codebook_entry *b)
{
    return strcmp(a->key, b->key) == 0 && strcmp(a->product, b->product) == 0 && strcmp(a->lot, b->lot) == 0 &&
           strcmp(a->parent, b->parent) == 0 && a->level == b->level && a->container == b->container &&
           a->covers == b->covers && a->state == b->state && a->holder.kind == b->holder.kind &&
           strcmp(a->holder.id, b->holder.id) == 0;
}

static void check_find(int at)
{
    const char *key = model.keys[at];
    const struct told *told = &model.told[at];
    struct codebook_entry packed, plain;
    char text[HOLDER_MAX + 1];
    enum rc rc = codebook_find(book(0), key, &packed), wanted = codebook_find(book(1), key, &plain);
    check(rc == wanted, "found or not", key);
    if (rc != RC_OK || wanted != RC_OK)
        return check(!told->known, "is known", key);
    check(same(&packed, &plain), "the same entry", key);
    if (told->known)
        check(strcmp(packed.parent, told->parent < 0 ? "" : model.keys[told->parent]) == 0, "its container", key);
    if (told->known && told->holder_told)
        check(strcmp(holder_print(&packed.holder, text), HOLDER[told->holder]) == 0, "where it was told to be", key);
}

static bool list(void *context, const struct codebook_entry *entry)
{
    char *text = context;
    size_t len = strlen(text);
    snprintf(text + len, LISTED_MAX - len, "%s|%s|%s|%d\n", entry->key, entry->lot, entry->holder.id, entry->level);
    return true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In key order: packed ones come after the others, and during a bulk they have none. */
static void sort_lines(char *text, char *ret_text)
{
    static char *lines[2 * KEYS];
    size_t count = 0, len = 0;
    for (char *line = text, *end; (end = strchr(line, '\n')) && count < 2 * KEYS; line = end + 1) {
        *end = '\0';
        lines[count++] = line;
    }
    qsort(lines, count, sizeof lines[0], by_text);
    ret_text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(ret_text + len, LISTED_MAX - len, "%s\n", lines[i]);
}

static void check_children(int at)
{
    static char sorted[LISTED_MAX];
    int known = 0, lines = 0;
    for (int i = 0; i < 2; i++) {
        model.listed[i][0] = '\0';
        need(codebook_children(book(i), model.keys[at], list, model.listed[i]), "children");
    }
    if (codebook_in_bulk(book(0))) {
        sort_lines(model.listed[0], sorted);
        memcpy(model.listed[0], sorted, strlen(sorted) + 1);
        sort_lines(model.listed[1], sorted);
        memcpy(model.listed[1], sorted, strlen(sorted) + 1);
    }
    check(strcmp(model.listed[0], model.listed[1]) == 0, "the same children in the same order", model.keys[at]);
    for (int i = 0; i < KEYS; i++)
        known += model.told[i].known && model.told[i].parent == at;
    for (const char *line = model.listed[0]; (line = strchr(line, '\n')); line++)
        lines++;
    check(known == lines, "as many children as were told", model.keys[at]);
}

static void check_at(void)
{
    static char sorted[2][LISTED_MAX];
    const char *lot = dice(5) ? LOT[dice(LOTS)] : "", *holder = HOLDER[dice(HOLDERS)];
    for (int i = 0; i < 2; i++) {
        model.listed[i][0] = '\0';
        need(codebook_at(book(i), "SKU-B200", lot, holder, list, model.listed[i]), "what is where");
        sort_lines(model.listed[i], sorted[i]);
    }
    check(strcmp(sorted[0], sorted[1]) == 0, "the same goods at", holder);
}

static void check_alias(void)
{
    char text[64], packed[CODE_KEY_MAX + 1] = "", plain[CODE_KEY_MAX + 1] = "";
    snprintf(text, sizeof text, "plain:cap-%u", dice(500));
    check(codebook_alias(book(0), text, packed) == codebook_alias(book(1), text, plain), "alias or not", text);
    check(strcmp(packed, plain) == 0, "alias", text);
}

static void check_all(void)
{
    for (int at = 0; at < KEYS; at++)
        check_find(at);
    for (int at = 0; at < CONTAINERS; at++)
        check_children(at);
    for (int i = 0; i < 40; i++)
        check_at();
}

/* ---- the course of it ---- */

static void operate(void)
{
    static void (*const OPERATIONS[])(int) = {insert,       insert, aggregate, aggregate, aggregate, restate,
                                              disaggregate, delete, move,      move,      run_of,    alias};
    int at = (int)dice(KEYS);
    OPERATIONS[dice(sizeof OPERATIONS / sizeof OPERATIONS[0])](at);
    check_find((int)dice(KEYS));
    check_find(at);
}

static void transact(bool take_back)
{
    memcpy(model.before, model.told, sizeof model.before);
    need(catalog_begin(model.packed), "begin");
    need(catalog_begin(model.plain), "begin");
    if (!dice(3)) {
        need(codebook_bulk(book(0)), "bulk");
        model.bulks++;
    }
    for (int i = 0; i < CHECK_EVERY; i++)
        operate();
    if (!dice(PACK_EVERY / CHECK_EVERY)) {
        need(codebook_pack(book(0)), "pack");
        model.packs++;
    }
    check_children((int)dice(CONTAINERS));
    check_alias();
    if (!take_back || dice(2))
        need(codebook_bulk_end(book(0)), "bulk's end");
    if (!codebook_in_bulk(book(0)) && !dice(10))
        check_at();
    if (take_back) {
        catalog_rollback(model.packed);
        catalog_rollback(model.plain);
        memcpy(model.told, model.before, sizeof model.told);
        return;
    }
    need(catalog_commit(model.packed), "commit");
    need(catalog_commit(model.plain), "commit");
}

int main(int argc, char **argv)
{
    long operations = 80000;
    model.seed = 20261122;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--long") == 0)
            operations = 1000000;
        else if (strcmp(argv[i], "--ops") == 0 && i + 1 < argc)
            operations = strtol(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            model.seed = strtoull(argv[++i], NULL, 10);
    }
    for (int i = 0; i < 2; i++)
        if (!(model.listed[i] = malloc(LISTED_MAX)))
            return 1;
    need(catalog_open(":memory:", CATALOG_WRITE, &model.packed), "open");
    need(catalog_open(":memory:", CATALOG_WRITE, &model.plain), "open");
    for (int at = 0; at < KEYS; at++)
        make_key(at);
    for (long done = 0; done < operations && !model.failed; done += CHECK_EVERY)
        transact(!dice(12));
    check_all();
    catalog_close(model.packed);
    catalog_close(model.plain);
    for (int i = 0; i < 2; i++)
        free(model.listed[i]);
    printf("figure: %ld operations, packed %ld times, %ld times in bulk, %ld answers compared\n", operations,
           model.packs, model.bulks, model.checks);
    printf("%d passed, %ld failed\n", model.failed ? 0 : 1, model.failed);
    return model.failed != 0;
}
