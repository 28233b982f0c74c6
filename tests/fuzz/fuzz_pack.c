/* Fuzzes the packed code book's reader: any bytes as a block, as a list, and as the one block of a book that is asked.
 * Whatever they say, nothing is read beyond them; and what they say is consistent. Then the same bytes as keys: what is
 * written from them reads back. */
#include "app/catalog/codebook.h"
#include "app/catalog/pack_block.h"
#include "app/catalog/schema.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds, const char *wrong)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_pack: %s\n", wrong);
    abort();
}

static void check_block(const uint8_t *data, size_t size)
{
    struct pack_view view;
    struct pack_entry entry;
    char key[CODE_KEY_MAX + 1];
    if (pack_view_open(data, size, &view) != RC_OK)
        return;
    for (int at = 0; at < view.count; at++) {
        pack_view_entry(&view, at, &entry);
        if (pack_view_key(&view, at, key) == RC_OK)
            demand(strlen(key) <= CODE_KEY_MAX && pack_view_find(&view, key) < view.count, "a key beyond its bounds");
    }
    demand(pack_view_find(&view, "(01)05901234123457(21)ABC") < view.count, "an entry beyond the last");
}

static void check_list(const uint8_t *data, size_t size)
{
    uint64_t sum = 0;
    int count = pack_list_count(data, size);
    for (int at = 0; at < count; at++)
        sum += pack_list_at(data, at);
    demand(count > 0 || sum == 0, "numbers of no list");
}

/* ---- a book with this block ---- */

static bool visit(void *context, const struct codebook_entry *entry)
{
    return ++*(int *)context < KEYS_MAX && entry->key[0];
}

static bool run(sqlite3 *db, const char *text, const uint8_t *data, size_t size)
{
    sqlite3_stmt *statement = NULL;
    bool done = sqlite3_prepare_v2(db, text, -1, &statement, NULL) == SQLITE_OK;
    if (done && sqlite3_bind_parameter_count(statement) > 0)
        sqlite3_bind_blob64(statement, 1, size ? (const void *)data : "", size, SQLITE_STATIC);
    done = done && sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    return done;
}

static void check_book(const uint8_t *data, size_t size)
{
    static sqlite3 *db;
    static struct codebook *book;
    static const char *const TEXTS[] = {
        "BEGIN",
        "UPDATE pack_state SET generation=1, count=2048",
        "INSERT INTO pack_block VALUES (1 << 32, ?1)",
        "INSERT INTO pack_first VALUES (1, '', 1 << 32)",
        "INSERT INTO pack_child VALUES (1 << 32, ?1)",
        "INSERT INTO pack_fact (id, product, lot, holder, state) VALUES (1, 'P', 'L', 'site:CDB', 0)",
        "INSERT INTO pack_at VALUES (1, 1, 1 << 32)"};
    struct codebook_entry entry;
    struct pack_view view;
    char key[CODE_KEY_MAX + 1] = "(01)05901234123457(21)ABC";
    int count = 0;
    if (!book) {
        demand(sqlite3_open(":memory:", &db) == SQLITE_OK && schema_migrate(db) == RC_OK, "no database");
        demand(codebook_open(db, &book) == RC_OK, "no code book");
    }
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        demand(run(db, TEXTS[i], data, size), "no tables");
    codebook_forget(book);
    if (pack_view_open(data, size, &view) == RC_OK)
        (void)pack_view_key(&view, view.count / 2, key);
    enum rc rc = codebook_find(book, key, &entry);
    demand(rc == RC_OK || rc == RC_NOT_FOUND || rc == RC_CORRUPT, "another answer");
    if (rc == RC_OK)
        demand(strcmp(entry.key, key) == 0, "another key");
    (void)codebook_children(book, key, visit, &count);
    count = 0;
    (void)codebook_at(book, "P", "L", "site:CDB", visit, &count);
    demand(run(db, "ROLLBACK", NULL, 0), "no rollback");
    codebook_forget(book);
}

/* ---- what is written reads back ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void check_keys(const uint8_t *data, size_t size)
{
    static char keys[KEYS_MAX + 1][CODE_KEY_MAX + 1];
    static uint8_t bytes[PACK_BLOCK_MAX];
    struct pack_writer *writer = pack_writer_new();
    struct pack_view view;
    char key[CODE_KEY_MAX + 1];
    int count = 0, taken = 0;
    demand(writer != NULL, "no memory");
    for (size_t at = 0; at < size && count < KEYS_MAX; count++) {
        size_t len = 1 + data[at] % 24, from = at + 1;
        for (at = from; at < size && at < from + len; at++)
            keys[count][at - from] = data[at] ? (char)data[at] : '0';
        keys[count][at - from] = '\0';
    }
    qsort(keys, (size_t)count, sizeof keys[0], by_text);
    for (; taken < count; taken++) {
        struct pack_entry entry = {
            .parent = (uint32_t)taken, .slot = (uint32_t)taken, .slot_end = (uint32_t)taken + 1, .fact = 1};
        while (taken > 0 && taken < count && strcmp(keys[taken], keys[taken - 1]) == 0)
            memmove(keys[taken], keys[taken + 1], (size_t)(--count - taken) * sizeof keys[0]); /* told twice */
        if (taken == count || !pack_writer_add(writer, keys[taken], &entry))
            break;
    }
    if (pack_writer_count(writer)) {
        size_t len = pack_writer_take(writer, bytes);
        demand(len <= sizeof bytes && pack_view_open(bytes, len, &view) == RC_OK, "what was written can't be read");
        for (int i = 0; i < taken; i++) {
            struct pack_entry entry;
            demand(pack_view_find(&view, keys[i]) == i, "a key that was written is not found");
            demand(pack_view_key(&view, i, key) == RC_OK && strcmp(key, keys[i]) == 0, "another key");
            pack_view_entry(&view, i, &entry);
            demand(entry.parent == (uint32_t)i && entry.slot_end == (uint32_t)i + 1 && entry.fact == 1,
                   "another entry");
        }
        demand(taken == view.count, "more than was written");
    }
    pack_writer_free(writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1); /* so that a byte read beyond it is seen */
    demand(exact != NULL, "no memory");
    memcpy(exact, data, size);
    check_block(exact, size);
    check_list(exact, size);
    check_book(exact, size);
    check_keys(exact, size);
    free(exact);
    return 0;
}
