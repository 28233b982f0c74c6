/* What is at some holders by product and lot: what the catalog's books have there, and what this device did since. */
#include "app/store/books.h"
#include "app/store/keys.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STOCK_HOLDERS_MAX = 8 };

struct stock {
    struct store *store;
    struct catalog *catalog;
    const struct holder *holders;
    size_t holder_count;
    const char *product; /* whose books are read */
    struct store_stock_row *rows;
    size_t count, room;
    enum rc rc;
};

static int compare(const struct store_stock_row *row, const char *product, const char *lot)
{
    int order = strcmp(row->product, product);
    return order ? order : strcmp(row->lot, lot);
}

/* The row of a product and lot, in order; NULL without memory. */
static struct store_stock_row *row_of(struct stock *stock, const char *product, const char *lot)
{
    size_t low = 0, high = stock->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(&stock->rows[middle], product, lot) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < stock->count && compare(&stock->rows[low], product, lot) == 0)
        return &stock->rows[low];
    if (stock->count == stock->room) {
        size_t room = stock->room ? stock->room * 2 : 64;
        struct store_stock_row *rows = realloc(stock->rows, room * sizeof *rows);
        if (!rows)
            return NULL;
        stock->rows = rows;
        stock->room = room;
    }
    struct store_stock_row *row = &stock->rows[low];
    memmove(row + 1, row, (stock->count++ - low) * sizeof *row);
    *row = (struct store_stock_row){.qty = 0};
    snprintf(row->product, sizeof row->product, "%s", product);
    snprintf(row->lot, sizeof row->lot, "%s", lot);
    return row;
}

static bool add(struct stock *stock, const char *product, const char *lot, qty_t qty)
{
    struct store_stock_row *row = qty ? row_of(stock, product, lot) : NULL;
    if (qty && !row)
        stock->rc = RC_NOMEM;
    if (row && __builtin_add_overflow(row->qty, qty, &row->qty))
        row->qty = qty < 0 ? INT64_MIN : INT64_MAX;
    return stock->rc == RC_OK;
}

static bool is_here(const struct stock *stock, const struct holder *holder)
{
    for (size_t i = 0; i < stock->holder_count; i++)
        if (stock->holders[i].kind == holder->kind && strcmp(stock->holders[i].id, holder->id) == 0)
            return true;
    return false;
}

/* ---- the books ---- */

static bool add_product(void *context, const char *id, const char *name)
{
    (void)name;
    return keys_add(context, id) == RC_OK;
}

static bool add_lot(void *context, const char *lot, qty_t qty)
{
    struct stock *stock = context;
    return add(stock, stock->product, lot, qty);
}

static enum rc add_books(struct stock *stock)
{
    struct keys products = {NULL, 0, 0};
    char holder[HOLDER_MAX + 1];
    enum rc rc = catalog_named(stock->catalog, "product", "", add_product, &products);
    for (size_t i = 0; i < products.count && rc == RC_OK; i++)
        for (size_t at = 0; at < stock->holder_count && rc == RC_OK; at++) {
            stock->product = products.all[i];
            holder_print(&stock->holders[at], holder);
            rc = catalog_books(stock->catalog, holder, products.all[i], "", add_lot, stock);
        }
    keys_free(&products);
    return rc == RC_OK ? stock->rc : rc;
}

/* ---- units that moved here since ---- */

static bool is_gone(enum code_state state)
{
    return state == STATE_INACTIVE || state == STATE_VOID || state == STATE_STOLEN || state == STATE_DESTROYED;
}

/* What is in a container counts by itself, unless nobody said what that is. */
static qty_t units_of(const struct codebook_entry *entry)
{
    if (is_gone(entry->state) || !entry->product[0] || (entry->container && entry->covers <= 0))
        return 0;
    return (entry->covers > 0 ? entry->covers : 1) * QTY_ONE;
}

static bool collect_now(void *context, const struct books_entry *child)
{
    return keys_add(context, child->unit.key) == RC_OK;
}

static bool collect_told(void *context, const struct codebook_entry *child)
{
    return keys_add(context, child->key) == RC_OK;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each key that this device moved, with all that is or was told to be in it. */
static enum rc collect_moved(struct stock *stock, struct keys *keys)
{
    sqlite3_stmt *row = store_sql(stock->store, JSQL_PLACE_KEYS, "i", stock->store->applied_seq);
    enum rc rc = keys_read(stock->store, row, keys);
    for (size_t i = 0; i < keys->count && rc == RC_OK; i++) {
        if (keys->count > CONTENTS_MAX * DEPTH_MAX)
            return RC_TOO_BIG;
        char key[CODE_KEY_MAX + 1];
        snprintf(key, sizeof key, "%s", keys->all[i]); /* the list grows */
        rc = books_children(stock->store, stock->catalog, key, collect_now, keys);
        if (rc == RC_OK)
            rc = codebook_children(catalog_codebook(stock->catalog), key, collect_told, keys);
    }
    if (rc == RC_OK && keys->count > 0)
        qsort(keys->all, keys->count, sizeof *keys->all, by_key);
    return rc;
}

/* Out of where the books have it, into where it is. */
static enum rc shift(struct stock *stock, const char *key)
{
    struct codebook_entry told;
    struct books_entry now;
    enum rc rc = codebook_find(catalog_codebook(stock->catalog), key, &told);
    if (rc == RC_OK && is_here(stock, &told.holder))
        add(stock, told.product, told.lot, -units_of(&told));
    if (rc == RC_OK || rc == RC_NOT_FOUND)
        rc = books_find(stock->store, stock->catalog, key, &now);
    if (rc == RC_OK && is_here(stock, &now.unit.holder))
        add(stock, now.unit.product, now.unit.lot, units_of(&now.unit));
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    return stock->rc;
}

static enum rc add_moved(struct stock *stock)
{
    struct keys keys = {NULL, 0, 0};
    if (stock->store->placed_seq <= stock->store->applied_seq)
        return RC_OK;
    enum rc rc = collect_moved(stock, &keys);
    for (size_t i = 0; i < keys.count && rc == RC_OK; i++)
        if (i == 0 || strcmp(keys.all[i], keys.all[i - 1]) != 0)
            rc = shift(stock, keys.all[i]);
    keys_free(&keys);
    return rc;
}

/* ---- goods without codes of their own, by completed documents ---- */

static void at_site(const char *site, struct holder *ret_holder)
{
    *ret_holder = (struct holder){.kind = site[0] ? HOLDER_SITE : HOLDER_UNKNOWN};
    snprintf(ret_holder->id, sizeof ret_holder->id, "%s", site);
}

/* Columns: flow, from, to, site, goes_to, product, lot, quantity. */
static bool add_loose(struct stock *stock, sqlite3_stmt *row)
{
    struct flow flow;
    struct document document = {.state = DOCUMENT_COMPLETE};
    struct holder from, to;
    if (catalog_flow(stock->catalog, store_text(row, 0), &flow) != RC_OK)
        return true;
    const char *site = store_text(row, 3), *goes_to = store_text(row, 4);
    holder_parse(store_text(row, 1), &document.from);
    holder_parse(store_text(row, 2), &document.to);
    from = document.from;
    if (flow.before & PLACE_THIS_SITE)
        at_site(site, &from);
    flow_destination(&flow, &document, site, "", 0, &to);
    if (goes_to[0])
        holder_parse(goes_to, &to);
    if (to.kind == HOLDER_UNKNOWN) /* it stays where it is */
        return true;
    qty_t qty = sqlite3_column_int64(row, 7);
    if (is_here(stock, &from))
        add(stock, store_text(row, 5), store_text(row, 6), -qty);
    if (is_here(stock, &to))
        add(stock, store_text(row, 5), store_text(row, 6), qty);
    return stock->rc == RC_OK;
}

static enum rc add_uncoded(struct stock *stock)
{
    sqlite3_stmt *row = store_sql(stock->store, JSQL_MOVED_LOOSE, "i", stock->store->applied_seq);
    bool more = true;
    int step = SQLITE_DONE;
    if (!row)
        return store_rc(stock->store);
    while (more && (step = sqlite3_step(row)) == SQLITE_ROW)
        more = add_loose(stock, row);
    sqlite3_reset(row);
    if (stock->rc != RC_OK)
        return stock->rc;
    return step == SQLITE_DONE ? RC_OK : store_rc(stock->store);
}

enum rc store_stock_rows(struct store *store, const struct holder *holders, size_t count,
                         bool (*visit)(void *context, const struct store_stock_row *row), void *context)
{
    struct stock stock = {.store = store, .holders = holders, .holder_count = count};
    if (count > STOCK_HOLDERS_MAX)
        return RC_TOO_BIG;
    enum rc rc = store_catalog(store, &stock.catalog);
    if (rc != RC_OK)
        return rc;
    books_refresh(store, stock.catalog);
    rc = add_books(&stock);
    if (rc == RC_OK)
        rc = add_moved(&stock);
    if (rc == RC_OK)
        rc = add_uncoded(&stock);
    bool more = rc == RC_OK && !store_damaged(store);
    for (size_t i = 0; i < stock.count && more; i++)
        if (stock.rows[i].qty)
            more = visit(context, &stock.rows[i]);
    free(stock.rows);
    return rc == RC_OK && store_damaged(store) ? RC_CORRUPT : rc;
}
