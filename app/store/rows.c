/* What a document has counted or moved, what is loose, what is in a container: for results, lists and lines. */
#include "app/store/books.h"
#include "app/store/keys.h"
#include <stdlib.h>
#include <string.h>

struct rows {
    struct store_counted_row *all;
    size_t count, room;
};

static enum rc add_row(struct rows *rows, sqlite3_stmt *from)
{
    if (rows->count == rows->room) {
        size_t room = rows->room ? rows->room * 2 : 16;
        struct store_counted_row *all = realloc(rows->all, room * sizeof *all);
        if (!all)
            return RC_NOMEM;
        rows->all = all;
        rows->room = room;
    }
    struct store_counted_row *row = &rows->all[rows->count++];
    memset(row, 0, sizeof *row);
    store_copy(row->product, sizeof row->product, from, 0);
    store_copy(row->lot, sizeof row->lot, from, 1);
    row->qty = sqlite3_column_int64(from, 2);
    row->extra = sqlite3_column_int64(from, 3);
    return RC_OK;
}

/* Read whole before anybody is told: the visitor may ask the store again. */
static enum rc visit_rows(struct store *store, const char *doc, enum tally_state state, enum tally_state or_state,
                          bool (*visit)(void *context, const struct store_counted_row *row), void *context)
{
    struct rows rows = {NULL, 0, 0};
    int64_t opened = 0;
    int step = SQLITE_ROW;
    enum rc rc = document_opened(store, doc, &opened);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    sqlite3_stmt *row = store_sql(store, JSQL_ROWS, "tiii", doc, opened, (int64_t)state, (int64_t)or_state);
    if (!row)
        return store_rc(store);
    while (rc == RC_OK && (step = sqlite3_step(row)) == SQLITE_ROW)
        rc = add_row(&rows, row);
    if (rc == RC_OK && step != SQLITE_DONE)
        rc = store_rc(store);
    sqlite3_reset(row);
    for (size_t i = 0; rc == RC_OK && i < rows.count && visit(context, &rows.all[i]); i++)
        continue;
    free(rows.all);
    return rc;
}

enum rc store_counted_rows(struct store *store, const char *doc,
                           bool (*visit)(void *context, const struct store_counted_row *row), void *context)
{
    return visit_rows(store, doc, TALLY_LIVE, TALLY_PACKED, visit, context);
}

enum rc store_moved_rows(struct store *store, const char *doc,
                         bool (*visit)(void *context, const struct store_counted_row *row), void *context)
{
    return visit_rows(store, doc, TALLY_MOVED, TALLY_MOVED, visit, context);
}

enum { ABOUT_MAX = 64 }; /* documents about one; more are as good as none */

/* Read before any is visited: the visitor asks on. */
enum rc store_about(struct store *store, const char *doc,
                    bool (*visit)(void *context, const struct store_about *about), void *context)
{
    struct store_about all[ABOUT_MAX];
    int count = 0, step = SQLITE_DONE;
    sqlite3_stmt *row = store_sql(store, JSQL_ABOUT, "t", doc);
    if (!row)
        return store_rc(store);
    while (count < ABOUT_MAX && (step = sqlite3_step(row)) == SQLITE_ROW) {
        struct store_about *about = &all[count++];
        store_copy(about->doc, sizeof about->doc, row, 0);
        store_copy(about->flow, sizeof about->flow, row, 1);
        about->open = sqlite3_column_int(row, 2) == DOCUMENT_OPEN;
    }
    sqlite3_reset(row);
    if (step != SQLITE_DONE && step != SQLITE_ROW)
        return store_rc(store);
    for (int i = 0; i < count && visit(context, &all[i]); i++)
        continue;
    return RC_OK;
}

static void visit_keys(const struct keys *keys, bool (*visit)(void *context, const char *key), void *context)
{
    for (size_t i = 0; i < keys->count && visit(context, keys->all[i]); i++)
        continue;
}

enum rc store_loose(struct store *store, const char *doc, bool (*visit)(void *context, const char *key),
                    void *context)
{
    struct keys keys = {NULL, 0, 0};
    int64_t opened = 0;
    int step = SQLITE_ROW;
    enum rc rc = document_opened(store, doc, &opened);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    sqlite3_stmt *row = store_sql(store, JSQL_LOOSE, "ti", doc, opened);
    if (!row)
        return store_rc(store);
    while (rc == RC_OK && (step = sqlite3_step(row)) == SQLITE_ROW)
        rc = keys_add(&keys, store_text(row, 1));
    if (rc == RC_OK && step != SQLITE_DONE)
        rc = store_rc(store);
    sqlite3_reset(row);
    if (rc == RC_OK)
        visit_keys(&keys, visit, context);
    keys_free(&keys);
    return rc;
}

static bool collect(void *context, const struct books_entry *child)
{
    return keys_add(context, child->unit.key) == RC_OK;
}

enum rc store_children(struct store *store, const char *parent, bool (*visit)(void *context, const char *key),
                       void *context)
{
    struct keys keys = {NULL, 0, 0};
    struct catalog *catalog = NULL;
    enum rc rc = store_catalog(store, &catalog);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    books_refresh(store, catalog);
    rc = books_children(store, catalog, parent, collect, &keys);
    if (rc == RC_OK)
        visit_keys(&keys, visit, context);
    keys_free(&keys);
    return rc;
}
