/* What the books have: of a product, at a holder, under a recall. */
#include "app/catalog/catalog_private.h"
#include <stdlib.h>
#include <string.h>

enum statement { STOCK, RECALL, COVERS, STATEMENT_COUNT };

static const char *const TEXTS[STATEMENT_COUNT] = {
    [STOCK] = "SELECT lot, qty FROM stock WHERE holder=?1 AND product=?2 AND (?3='' OR lot=?3)",
    [RECALL] = "SELECT 1 FROM recall WHERE id=?1",
    /* whole products first, then lots, then codes */
    [COVERS] = "SELECT 0, product, '', '' FROM recall WHERE id=?1 AND whole"
               " UNION ALL SELECT 1, product, lot, '' FROM recall_lot WHERE recall=?1"
               " UNION ALL SELECT 2, '', '', key FROM recall_code WHERE recall=?1 ORDER BY 1, 2, 3, 4",
};

enum rc catalog_books_open(struct catalog *catalog)
{
    return sql_new(catalog->db, TEXTS, STATEMENT_COUNT, &catalog->books);
}

enum rc catalog_recall_covers(struct catalog *catalog, const char *recall,
                              bool (*visit)(void *context, const struct catalog_recalled *recalled), void *context)
{
    struct sqlite3_stmt *statement = NULL;
    struct catalog_recalled recalled;
    bool more = true, go_on = true;
    int64_t one = 0;
    enum rc rc = sql_number(catalog->books, RECALL, "s", &one, recall);
    if (rc == RC_OK)
        rc = sql_query(catalog->books, COVERS, "s", &statement, recall);
    while (rc == RC_OK && go_on && (rc = sql_step(statement, &more)) == RC_OK && more) {
        sql_text(statement, 1, recalled.product, sizeof recalled.product);
        sql_text(statement, 2, recalled.lot, sizeof recalled.lot);
        sql_text(statement, 3, recalled.key, sizeof recalled.key);
        go_on = visit(context, &recalled);
    }
    if (statement)
        sql_done(statement);
    return rc;
}

enum rc catalog_codes_of(struct catalog *catalog, const char *product, const char *lot,
                         bool (*visit)(void *context, const struct codebook_entry *entry), void *context)
{
    return codebook_of(catalog->codebook, product, lot, visit, context);
}

/* ---- lots with their quantities, in order ---- */

struct book {
    char lot[LOT_MAX + 1];
    qty_t qty;
};

struct books {
    struct book *lots;        /* owned, in order */
    size_t count, room, last; /* last: the one that was added to */
    enum rc rc;
};

/* Where the lot is, or belongs. */
static size_t place_of(const struct books *books, const char *lot, bool *ret_found)
{
    size_t low = 0, high = books->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(books->lots[middle].lot, lot) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_found = low < books->count && strcmp(books->lots[low].lot, lot) == 0;
    return low;
}

static enum rc insert(struct books *books, size_t at, const char *lot)
{
    if (books->count == BOOKS_LOTS_MAX)
        return RC_TOO_BIG;
    if (books->count == books->room) {
        size_t room = books->room ? books->room * 2 : 16;
        void *grown = realloc(books->lots, room * sizeof *books->lots);
        if (!grown)
            return RC_NOMEM;
        books->lots = grown;
        books->room = room;
    }
    memmove(&books->lots[at + 1], &books->lots[at], (books->count - at) * sizeof *books->lots);
    books->lots[at] = (struct book){.qty = 0};
    snprintf(books->lots[at].lot, sizeof books->lots[at].lot, "%s", lot);
    books->count++;
    return RC_OK;
}

static void add_qty(struct books *books, const char *lot, qty_t qty)
{
    bool found = books->last < books->count && strcmp(books->lots[books->last].lot, lot) == 0;
    if (books->rc != RC_OK)
        return;
    if (!found)
        books->last = place_of(books, lot, &found);
    if (!found)
        books->rc = insert(books, books->last, lot);
    if (books->rc != RC_OK)
        return;
    qty_t *sum = &books->lots[books->last].qty;
    if (__builtin_add_overflow(*sum, qty, sum))
        *sum = qty < 0 ? INT64_MIN : INT64_MAX;
}

static void add_units(void *context, const char *lot, int64_t units)
{
    qty_t qty = 0;
    add_qty(context, lot, __builtin_mul_overflow(units, QTY_ONE, &qty) ? INT64_MAX : qty);
}

static enum rc add_stock(struct catalog *catalog, const char *holder, const char *product, const char *lot,
                         struct books *books)
{
    struct sqlite3_stmt *statement = NULL;
    bool more = true;
    enum rc rc = sql_query(catalog->books, STOCK, "sss", &statement, holder, product, lot);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more)
        add_qty(books, sql_bytes(statement, 0), sql_int(statement, 1));
    return rc;
}

enum rc catalog_books(struct catalog *catalog, const char *holder, const char *product, const char *lot,
                      bool (*visit)(void *context, const char *lot, qty_t qty), void *context)
{
    struct books books = {.rc = RC_OK};
    bool go_on = true;
    enum rc rc = codebook_units(catalog->codebook, product, lot, holder, add_units, &books);
    if (rc == RC_OK)
        rc = add_stock(catalog, holder, product, lot, &books);
    if (rc == RC_OK)
        rc = books.rc;
    for (size_t i = 0; rc == RC_OK && go_on && i < books.count; i++)
        if (books.lots[i].qty)
            go_on = visit(context, books.lots[i].lot, books.lots[i].qty);
    free(books.lots);
    return rc;
}
