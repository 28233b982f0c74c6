/* Tallies and their lines; and goods that go from one document's tally to another's, and back when that is undone. */
#include "app/store/store_private.h"
#include <stdlib.h>
#include <string.h>

enum rc tally_find(struct store *store, int64_t seq, struct tally_row *ret_row)
{
    sqlite3_stmt *row = store_sql(store, JSQL_TALLY, "i", seq);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW) {
        ret_row->seq = seq;
        store_copy(ret_row->doc, sizeof ret_row->doc, row, 1);
        ret_row->state = (enum tally_state)sqlite3_column_int(row, 2);
        store_copy(ret_row->key, sizeof ret_row->key, row, 3);
        ret_row->counted_seq = sqlite3_column_int64(row, 11);
    }
    sqlite3_reset(row);
    return step == SQLITE_ROW ? RC_OK : step == SQLITE_DONE ? RC_NOT_FOUND : store_rc(store);
}

enum rc tally_set_state(struct store *store, int64_t seq, enum tally_state state)
{
    return store_do(store, JSQL_TALLY_STATE, "ii", seq, (int64_t)state);
}

/* ---- allocations ---- */

static enum rc load_own(struct store *store, int64_t seq, struct tally_alloc *ret_row, int *ret_count)
{
    sqlite3_stmt *row = store_sql(store, JSQL_ALLOC_OF, "i", seq);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    *ret_count = 0;
    if (step == SQLITE_ROW) {
        *ret_row =
            (struct tally_alloc){TALLY_OWN_ALLOC, sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), "", ""};
        store_copy(ret_row->lot, sizeof ret_row->lot, row, 2);
        store_copy(ret_row->product, sizeof ret_row->product, row, 3);
        *ret_count = 1;
    }
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

enum rc tally_allocations(struct store *store, const struct tally_row *tally, struct tally_alloc *ret_rows,
                          int *ret_count)
{
    enum rc rc = load_own(store, tally->seq, ret_rows, ret_count);
    if (rc != RC_OK || *ret_count > 0)
        return rc;
    sqlite3_stmt *row = store_sql(store, JSQL_ALLOCS, "it", tally->seq, tally->doc);
    if (!row)
        return store_rc(store);
    int count = 0, step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW && count < ALLOC_MAX) {
        struct tally_alloc *alloc = &ret_rows[count++];
        alloc->n = sqlite3_column_int64(row, 0);
        alloc->line = sqlite3_column_int64(row, 1);
        alloc->qty = sqlite3_column_int64(row, 2);
        store_copy(alloc->lot, sizeof alloc->lot, row, 3);
        store_copy(alloc->product, sizeof alloc->product, row, 4);
    }
    sqlite3_reset(row);
    *ret_count = count;
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

/* All of it at one place, as what the tally's own row says it is. */
static bool goes_to_one(const struct record *record)
{
    const struct verdict *verdict = record->verdict;
    const struct allocation *first = &verdict->allocations[0];
    if (verdict->allocation_count != 1 || first->qty != verdict->qty)
        return false;
    return first->line != LINE_NONE ||
           (strcmp(first->product, record->facts->product.id) == 0 && strcmp(first->lot, record->facts->lot.id) == 0);
}

int64_t tally_own_line(const struct record *record)
{
    if (!goes_to_one(record))
        return TALLY_SPREAD;
    size_t line = record->verdict->allocations[0].line;
    return line == LINE_NONE ? TALLY_NO_LINE : (int64_t)line;
}

enum rc tally_allocate(struct store *store, const struct record *record, int64_t seq)
{
    const struct verdict *verdict = record->verdict;
    enum rc rc = RC_OK;
    for (int i = 0; i < verdict->allocation_count && rc == RC_OK; i++) {
        const struct allocation *allocation = &verdict->allocations[i];
        int64_t line = allocation->line == LINE_NONE ? TALLY_NO_LINE : (int64_t)allocation->line;
        if (!goes_to_one(record))
            rc = store_do(store, JSQL_ALLOC_PUT, "iiiitt", seq, (int64_t)i, line, allocation->qty, allocation->lot,
                          allocation->product);
        if (rc == RC_OK && line != TALLY_NO_LINE && !count_later(store, record))
            rc = store_do(store, JSQL_LINE_ADD, "tii", record->doc, line, allocation->qty);
    }
    return rc;
}

enum rc tally_begin_anew(struct store *store, const struct record *record, int64_t counted_seq)
{
    int64_t seq = record->ref;
    enum rc rc = store_do(store, JSQL_ALLOC_ONE, "iii", seq, tally_own_line(record), record->verdict->qty);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_ALLOCS_CLEAR, "i", seq);
    return rc == RC_OK ? store_do(store, JSQL_COUNTED_BY, "ii", seq, counted_seq) : rc;
}

/* The lines of the tally's document count so much more (sign 1) or less (-1) by it. The allocations stay: a tally that
 * is given back has them again. */
static enum rc count_lines(struct store *store, const struct tally_row *tally, int sign)
{
    struct tally_alloc rows[ALLOC_MAX];
    int count = 0;
    enum rc rc = tally_allocations(store, tally, rows, &count);
    for (int i = 0; i < count && rc == RC_OK; i++)
        rc = store_do(store, JSQL_LINE_ADD, "tii", tally->doc, rows[i].line, sign * rows[i].qty);
    return rc;
}

enum rc tally_release(struct store *store, const struct tally_row *tally, enum tally_state state)
{
    enum rc rc = count_lines(store, tally, -1);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_UNIT_DELETE, "ti", tally->key, tally->seq);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_SEEN_DELETE, "tti", tally->doc, tally->key, tally->seq);
    return rc == RC_OK ? tally_set_state(store, tally->seq, state) : rc;
}

/* ---- taken from another document ---- */

/* So much more goes to this line of a live tally. */
static enum rc grow(struct store *store, const struct tally_row *tally, int64_t n, int64_t line, qty_t qty)
{
    enum rc rc = n == TALLY_OWN_ALLOC ? RC_OK : store_do(store, JSQL_ALLOC_ADD, "iii", tally->seq, n, qty);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_TALLY_ADD, "ii", tally->seq, qty);
    return rc == RC_OK ? store_do(store, JSQL_LINE_ADD, "tii", tally->doc, line, qty) : rc;
}

/* What leaves one line for `taker`; answers what of the group is left. */
static enum rc take_from(struct store *store, const struct tally_row *tally, struct tally_alloc *row, qty_t *left,
                         int64_t taker)
{
    qty_t take = row->qty < *left ? row->qty : *left;
    if (take <= 0)
        return RC_OK;
    *left -= take;
    row->qty -= take;
    enum rc rc = grow(store, tally, row->n, row->line, -take);
    return rc == RC_OK ? store_do(store, JSQL_TOOK_PUT, "iiii", taker, row->n, row->line, take) : rc;
}

/* From what was counted as these very goods; where the catalog has corrected a lot since, as this product. */
static enum rc shrink_by(struct store *store, const struct tally_row *tally, struct tally_alloc *rows, int count,
                         const struct facts_group *group, int64_t taker)
{
    qty_t left = group->qty;
    enum rc rc = RC_OK;
    for (int any_lot = 0; any_lot <= 1; any_lot++)
        for (int i = 0; i < count && rc == RC_OK; i++)
            if (strcmp(rows[i].product, group->product) == 0 && (any_lot || strcmp(rows[i].lot, group->lot) == 0))
                rc = take_from(store, tally, &rows[i], &left, taker);
    return rc;
}

/* Part of what another document has tallied leaves it: that document counts so much less of these goods. */
static enum rc shrink(struct store *store, const struct tally_row *tally, const struct facts *facts, int64_t taker)
{
    struct tally_alloc rows[ALLOC_MAX];
    int count = 0;
    enum rc rc = tally_allocations(store, tally, rows, &count);
    for (int i = 0; i < facts->group_count && rc == RC_OK; i++)
        rc = shrink_by(store, tally, rows, count, &facts->groups[i], taker);
    return rc;
}

enum rc tally_take(struct store *store, const struct record *record, int64_t seq)
{
    const struct facts *facts = record->facts;
    if (!facts->other_document[0] || !facts->tally_seq)
        return RC_OK;
    struct tally_row other;
    enum rc rc = tally_find(store, facts->tally_seq, &other);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && other.state != TALLY_LIVE))
        return RC_OK;
    if (rc == RC_OK)
        rc = store_do(store, JSQL_TOOK, "ii", seq, other.seq);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_TOOK_CLEAR, "i", seq);
    if (rc != RC_OK)
        return rc;
    if (strcmp(other.key, facts->key) == 0)
        return tally_release(store, &other, TALLY_RELEASED);
    return shrink(store, &other, facts, seq);
}

/* ---- and given back ---- */

static enum rc took_from(struct store *store, int64_t seq, int64_t *ret_seq)
{
    sqlite3_stmt *row = store_sql(store, JSQL_TOOK_SEQ, "i", seq);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    *ret_seq = step == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

/* Still open, and not begun anew since. */
static enum rc worked_on(struct store *store, const struct tally_row *tally, bool *ret_worked_on)
{
    sqlite3_stmt *row = store_sql(store, JSQL_DOCUMENT, "t", tally->doc);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    *ret_worked_on = step == SQLITE_ROW && sqlite3_column_int(row, 4) == DOCUMENT_OPEN &&
                     sqlite3_column_int64(row, 5) < tally->seq;
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

/* The document has counted the unit anew since, or another one has: where the server has refused what took it. */
static enum rc is_counted_anew(struct store *store, const struct tally_row *tally, bool *ret_counted)
{
    sqlite3_stmt *row = store_sql(store, JSQL_UNIT, "t", tally->key);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    *ret_counted = step == SQLITE_ROW;
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

static enum rc revive(struct store *store, const struct tally_row *tally)
{
    bool counted = false;
    enum rc rc = is_counted_anew(store, tally, &counted);
    if (rc != RC_OK || counted)
        return rc;
    rc = count_lines(store, tally, 1);
    if (rc == RC_OK)
        rc = claim_put(store, tally->key, tally->seq, tally->doc);
    return rc == RC_OK ? tally_set_state(store, tally->seq, TALLY_LIVE) : rc;
}

/* The lines may have changed since: n says which allocation it was. */
static int64_t line_now(const struct tally_alloc *rows, int count, int64_t n)
{
    for (int i = 0; i < count; i++)
        if (rows[i].n == n)
            return rows[i].line;
    return TALLY_NO_LINE;
}

static enum rc grow_again(struct store *store, const struct tally_row *tally, int64_t taker)
{
    struct tally_alloc rows[ALLOC_MAX], has[ALLOC_MAX];
    int count = 0, has_count = 0, step;
    enum rc rc = tally_allocations(store, tally, has, &has_count);
    sqlite3_stmt *row = rc == RC_OK ? store_sql(store, JSQL_TOOK_ROWS, "i", taker) : NULL;
    if (!row)
        return rc == RC_OK ? store_rc(store) : rc;
    while ((step = sqlite3_step(row)) == SQLITE_ROW && count < ALLOC_MAX) {
        struct tally_alloc *took = &rows[count++];
        took->n = sqlite3_column_int64(row, 0);
        took->qty = sqlite3_column_int64(row, 2);
    }
    sqlite3_reset(row);
    rc = step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
    for (int i = 0; i < count && rc == RC_OK; i++)
        rc = grow(store, tally, rows[i].n, line_now(has, has_count, rows[i].n), rows[i].qty);
    return rc;
}

enum rc tally_give_back(struct store *store, const struct tally_row *tally)
{
    struct tally_row other;
    int64_t from = 0;
    bool open = false;
    enum rc rc = took_from(store, tally->seq, &from);
    if (rc != RC_OK || !from)
        return rc;
    rc = tally_find(store, from, &other);
    if (rc == RC_OK)
        rc = worked_on(store, &other, &open);
    if (rc != RC_OK || !open)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    bool whole = strcmp(other.key, tally->key) == 0;
    if (whole && other.state == TALLY_RELEASED)
        return revive(store, &other);
    return !whole && other.state == TALLY_LIVE ? grow_again(store, &other, tally->seq) : RC_OK;
}
