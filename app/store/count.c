/* How much of each line is tallied. What a plain scan counts is in its tally's own row; the lines' rows follow in steps, so that
 * a scan writes a page less. Up to which record they go is kept with them (meta `counted`): whoever reads a line adds
 * what live tallies after that one have on it (JSQL_LINES). What does anything else to tallies or lines settles it first. */
#include "app/domain/text_copy.h"
#include "app/store/store_private.h"
#include <string.h>

enum { WAITING_MAX = 32 }; /* scans: as many are added up when a document is read */

/* One that does nothing but count, and takes its goods from no other document. */
static bool is_plain(const struct record *record)
{
    return record->kind == RECORD_SCAN && record_flow(record)->work == WORK_COUNT &&
           !record->facts->other_document[0];
}

static void sum_up(struct waiting *waiting, const char *doc, int64_t line, qty_t qty)
{
    int at = 0;
    if (waiting->tallies == 0) {
        waiting->summed = true;
        waiting->line_count = 0;
        text_copy(waiting->doc, sizeof waiting->doc, doc);
    }
    while (at < waiting->line_count && waiting->lines[at] != line)
        at++;
    waiting->summed = waiting->summed && at < WAITING_LINES && strcmp(waiting->doc, doc) == 0;
    if (!waiting->summed)
        return;
    if (at == waiting->line_count) {
        waiting->lines[waiting->line_count++] = line;
        waiting->qty[at] = 0;
    }
    waiting->qty[at] += qty;
}

bool count_later(struct store *store, const struct record *record)
{
    int64_t line = tally_own_line(record);
    if (!is_plain(record) || line < 0)
        return false;
    sum_up(&store->waiting, record->doc, line, record->verdict->qty);
    store->waiting.tallies++;
    return true;
}

static bool leaves_lines(enum record_kind kind)
{
    return kind == RECORD_SIGN_IN || kind == RECORD_SIGN_FAILED || kind == RECORD_SIGN_OUT || kind == RECORD_EVIDENCE;
}

static enum rc look_for_waiting(struct store *store)
{
    if (store->waiting.known)
        return RC_OK;
    sqlite3_stmt *row = store_sql(store, JSQL_WAITING, "");
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    store->waiting = (struct waiting){.known = step == SQLITE_ROW, .tallies = sqlite3_column_int(row, 0)};
    sqlite3_reset(row);
    return store->waiting.known ? RC_OK : store_rc(store);
}

/* A line that this record counts on at once must not be counted once more as what waits. */
static bool may_go_on(const struct store *store, const struct record *record)
{
    if (is_plain(record))
        return store->waiting.tallies < WAITING_MAX;
    return record->kind == RECORD_SCAN && store->waiting.tallies == 0 && tally_own_line(record) < 0;
}

static enum rc write_lines(struct store *store)
{
    const struct waiting *waiting = &store->waiting;
    enum rc rc = RC_OK;
    if (!waiting->summed)
        return store_do(store, JSQL_LINES_COUNT, "");
    for (int i = 0; i < waiting->line_count && rc == RC_OK; i++)
        rc = store_do(store, JSQL_LINE_ADD, "tii", waiting->doc, waiting->lines[i], waiting->qty[i]);
    return rc;
}

enum rc count_settle(struct store *store, const struct record *record, int64_t seq)
{
    enum rc rc = leaves_lines(record->kind) ? RC_OK : look_for_waiting(store);
    if (rc != RC_OK || leaves_lines(record->kind) || may_go_on(store, record))
        return rc;
    if (store->waiting.tallies > 0)
        rc = write_lines(store);
    store->waiting.tallies = 0;
    return rc == RC_OK ? store_do(store, JSQL_COUNTED_SET, "i", is_plain(record) ? seq - 1 : seq) : rc;
}
