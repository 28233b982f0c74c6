/* What one visit finds of the goods that a permit lets go is added up: beyond its quantity they are where they are not sold. */
#include "app/domain/territory.h"
#include "app/store/facts_private.h"
#include <string.h>

enum { DAYS_MAX = 64, RENEWALS_MAX = 16 };

/* By the day on which they were shipped; what nobody told the day of counts as of today. */
static enum rc found_before(struct store *store, const struct facts_request *request, const struct found *found,
                            struct permit_use *ret_uses, size_t *ret_count)
{
    size_t count = 0;
    int step = SQLITE_DONE;
    sqlite3_stmt *row = store_sql(store, JSQL_PERMIT_FOUND, "ttiti", request->doc, found->product,
                                  request->ignore_seq, found->sale.party, (int64_t)DAYS_MAX);
    if (!row)
        return store_rc(store);
    while (count < DAYS_MAX && (step = sqlite3_step(row)) == SQLITE_ROW) {
        struct permit_use *use = &ret_uses[count++];
        *use = (struct permit_use){.day = request->today, .qty = sqlite3_column_int64(row, 0)};
        (void)day_parse(store_text(row, 1), &use->day);
    }
    sqlite3_reset(row);
    *ret_count = count;
    return step == SQLITE_DONE || step == SQLITE_ROW ? RC_OK : store_rc(store);
}

static bool is_first_of_its_dealer(const struct territory_book *book, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(book->permits[i].to, book->permits[at].to) == 0)
            return false;
    return true;
}

/* Those that ended before this piece was shipped as well: what was shipped earlier went by them first. */
static enum rc all_permits(struct catalog *catalog, const struct territory_book *around, const struct found *found,
                           struct permit *ret_permits, size_t *ret_count)
{
    size_t used = 0;
    enum rc rc = RC_OK;
    for (size_t i = 0; i < around->permit_count && rc == RC_OK; i++) {
        int count = 0, room = (int)(PERMITS_HERE_MAX - used);
        if (!is_first_of_its_dealer(around, i))
            continue;
        rc = catalog_permits(catalog, found->sale.party, around->permits[i].to, found->product,
                             room < RENEWALS_MAX ? room : RENEWALS_MAX, ret_permits + used, &count);
        used += (size_t)count;
    }
    *ret_count = used;
    return rc;
}

enum rc facts_visit(struct store *store, struct catalog *catalog, const struct facts_request *request,
                    const struct territory_book *around, struct found *found, struct facts *facts)
{
    struct permit_use uses[DAYS_MAX];
    struct permit permits[PERMITS_HERE_MAX];
    struct territory_book book = *around;
    enum rc rc = found_before(store, request, found, uses, &found->before_count);
    if (rc != RC_OK || !found->before_count)
        return rc;
    rc = all_permits(catalog, around, found, permits, &book.permit_count);
    if (rc != RC_OK)
        return rc;
    found->before = uses;
    book.permits = permits;
    territory_judge(&book, found, &facts->market);
    return RC_OK;
}
