/* How much of each line is tallied. What a plain scan counts is in its tally's own row; the lines' rows follow in steps, so that
 * a scan writes a page less. Up to which record they go is kept with them (meta `counted`): whoever reads a line adds
 * what live tallies after that one have on it (JSQL_LINES). What does anything else to tallies or lines settles it first. */
#include "app/store/store_private.h"

enum { WAITING_MAX = 64 }; /* scans: as many are added up when a document is read */

/* One that does nothing but count, and takes its goods from no other document. */
static bool is_plain(const struct record *record)
{
    return record->kind == RECORD_SCAN && record_flow(record)->work == WORK_COUNT &&
           !record->facts->other_document[0];
}

bool count_waits(const struct record *record)
{
    return is_plain(record) && tally_own_line(record) >= 0;
}

static bool leaves_lines(enum record_kind kind)
{
    return kind == RECORD_SIGN_IN || kind == RECORD_SIGN_FAILED || kind == RECORD_SIGN_OUT || kind == RECORD_EVIDENCE;
}

static enum rc look_for_waiting(struct store *store)
{
    if (store->waiting_known)
        return RC_OK;
    sqlite3_stmt *row = store_sql(store, JSQL_WAITING, "");
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW)
        store->waiting = sqlite3_column_int(row, 0);
    sqlite3_reset(row);
    store->waiting_known = step == SQLITE_ROW;
    return store->waiting_known ? RC_OK : store_rc(store);
}

/* A line that this record counts on at once must not be counted once more as what waits. */
static bool may_go_on(const struct store *store, const struct record *record)
{
    if (is_plain(record))
        return store->waiting < WAITING_MAX;
    return record->kind == RECORD_SCAN && store->waiting == 0 && tally_own_line(record) < 0;
}

enum rc count_settle(struct store *store, const struct record *record, int64_t seq)
{
    enum rc rc = leaves_lines(record->kind) ? RC_OK : look_for_waiting(store);
    if (rc != RC_OK || leaves_lines(record->kind) || may_go_on(store, record))
        return rc;
    if (store->waiting > 0)
        rc = store_do(store, JSQL_LINES_COUNT, "");
    store->waiting = 0;
    return rc == RC_OK ? store_do(store, JSQL_COUNTED_SET, "i", is_plain(record) ? seq - 1 : seq) : rc;
}
