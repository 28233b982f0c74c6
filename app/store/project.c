/* The projections: what each kind of record does to documents, lines, tallies and units. Runs inside the transaction
 * that appends the record, so that journal and progress never part. */
#include "app/store/store_private.h"
#include <assert.h>
#include <string.h>

/* ---- a tally comes to life ---- */

/* Goods without a code of their own (a lot, a class) are quantities: no unit to reserve. */
static bool is_unit(const struct record *record)
{
    const struct code *code = record->code;
    return record->facts->code_known || code->kind == CODE_ITEM || code->kind == CODE_UNIT ||
           code->kind == CODE_PLAIN;
}

/* `seq` is the scan's. */
static enum rc go_live(struct store *store, const struct record *record, int64_t seq)
{
    enum rc rc = tally_take(store, record, seq);
    if (rc == RC_OK)
        rc = tally_allocate(store, record->doc, seq, record->verdict);
    if (rc == RC_OK && is_unit(record))
        rc = store_do(store, JSQL_UNIT_PUT, "tit", record->facts->key, seq, record->doc);
    return rc;
}

static enum tally_state state_after(const struct verdict *verdict)
{
    switch (verdict->severity) {
    case SEVERITY_ACCEPT:
    case SEVERITY_WARN: return TALLY_LIVE;
    case SEVERITY_CONFIRM: return TALLY_WAITING;
    case SEVERITY_REJECT: return reason_latches(verdict->reason) ? TALLY_LATCHED : TALLY_NOTED;
    }
    return TALLY_NOTED;
}

static const char *first_line(const struct record *record)
{
    const struct verdict *verdict = record->verdict;
    bool any = verdict->allocation_count > 0 && verdict->allocations[0].line != LINE_NONE;
    return any ? record->document->lines[verdict->allocations[0].line].line : "";
}

static enum rc project_scan(struct store *store, const struct record *record, int64_t seq)
{
    const struct facts *facts = record->facts;
    const struct verdict *verdict = record->verdict;
    const char *key = facts->key[0] ? facts->key : record->code->key;
    enum tally_state state = state_after(verdict);
    enum rc rc = RC_OK;
    /* One latch a unit: a later judgement of the same goods takes the earlier one's place. A duplicate says nothing new. */
    if (state != TALLY_NOTED && key[0])
        rc = store_do(store, JSQL_LATCH_REPLACE, "tt", record->doc, key);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_TALLY_PUT, "itittttiiiiii", seq, record->doc, (int64_t)state, key,
                      facts->product_known ? facts->product.id : "", facts->lot.id, first_line(record),
                      (int64_t)verdict->reason, (int64_t)verdict->severity, verdict->qty, (int64_t)facts->level,
                      state == TALLY_LIVE ? seq : (int64_t)0,
                      state == TALLY_LIVE ? tally_own_line(verdict) : (int64_t)-1);
    if (rc == RC_OK && state == TALLY_LIVE)
        rc = go_live(store, record, seq);
    return rc;
}

static enum rc project_confirm(struct store *store, const struct record *record, int64_t seq)
{
    const struct verdict *verdict = record->verdict;
    enum rc rc = store_do(store, JSQL_TALLY_REASON, "iiiiti", record->ref, (int64_t)TALLY_LIVE,
                          (int64_t)verdict->reason, (int64_t)verdict->severity, first_line(record), verdict->qty);
    if (rc == RC_OK)
        rc = tally_begin_anew(store, record->ref, seq, verdict);
    return rc == RC_OK ? go_live(store, record, record->ref) : rc;
}

static enum rc project_undo(struct store *store, const struct record *record, int64_t seq)
{
    (void)seq;
    struct tally_row tally;
    enum rc rc = tally_find(store, record->ref, &tally);
    if (rc != RC_OK)
        return rc;
    if (tally.state != TALLY_LIVE)
        return tally_set_state(store, record->ref, TALLY_UNDONE);
    rc = tally_release(store, &tally, TALLY_UNDONE);
    return rc == RC_OK ? tally_give_back(store, &tally) : rc;
}

static enum rc project_set_aside(struct store *store, const struct record *record, int64_t seq)
{
    (void)seq;
    return tally_set_state(store, record->ref, TALLY_ASIDE);
}

static enum rc project_recheck(struct store *store, const struct record *record, int64_t seq)
{
    (void)seq;
    struct tally_row tally;
    const struct verdict *verdict = record->verdict;
    enum rc rc = tally_find(store, record->ref, &tally);
    if (rc == RC_OK)
        rc = tally_release(store, &tally, TALLY_LATCHED);
    /* the server refused it: there it never left the other document */
    if (rc == RC_OK && verdict->reason == REASON_IN_OTHER_DOCUMENT)
        rc = tally_give_back(store, &tally);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_TALLY_REASON, "iiiiti", record->ref, (int64_t)TALLY_LATCHED,
                      (int64_t)verdict->reason, (int64_t)verdict->severity, "", verdict->qty);
    return rc;
}

/* ---- documents ---- */

static enum rc put_document(struct store *store, const struct document *document, int64_t seq)
{
    char from[HOLDER_MAX + 1], to[HOLDER_MAX + 1];
    return store_do(store, JSQL_DOCUMENT_PUT, "ttttiiitttttiii", document->doc, document->no, document->flow,
                    document->rev, (int64_t)DOCUMENT_OPEN, seq, (int64_t)document->close_no,
                    holder_print(&document->from, from), holder_print(&document->to, to), document->to_name,
                    document->dock, document->note, (int64_t)document->due, (int64_t)document->to_quarantine,
                    (int64_t)document->min_life_days);
}

static enum rc project_open(struct store *store, const struct record *record, int64_t seq)
{
    const struct document *document = record->document;
    enum rc rc = put_document(store, document, seq);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_LINES_CLEAR, "t", document->doc);
    for (size_t i = 0; i < document->line_count && rc == RC_OK; i++) {
        const struct line *line = &document->lines[i];
        rc = store_do(store, JSQL_LINE_PUT, "titttii", document->doc, (int64_t)i, line->line, line->product,
                      line->lot, line->qty, line->tolerance);
    }
    return rc;
}

static enum rc opened_at(struct store *store, const char *doc, int64_t *ret_seq)
{
    sqlite3_stmt *row = store_sql(store, JSQL_DOCUMENT, "t", doc);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW)
        *ret_seq = sqlite3_column_int64(row, 5);
    sqlite3_reset(row);
    return step == SQLITE_ROW ? RC_OK : step == SQLITE_DONE ? RC_NOT_FOUND : store_rc(store);
}

static enum rc end_tallies(struct store *store, const char *doc, int64_t opened, enum tally_state from,
                           enum tally_state to)
{
    return store_do(store, JSQL_TALLIES_END, "tiii", doc, opened, (int64_t)from, (int64_t)to);
}

static enum rc project_complete(struct store *store, const struct record *record, int64_t seq)
{
    int64_t opened = 0;
    enum rc rc = opened_at(store, record->doc, &opened);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_UNITS_MOVE, "tii", record->doc, opened, seq);
    if (rc == RC_OK)
        rc = end_tallies(store, record->doc, opened, TALLY_LIVE, TALLY_MOVED);
    if (rc == RC_OK)
        rc = end_tallies(store, record->doc, opened, TALLY_LATCHED, TALLY_ASIDE);
    if (rc == RC_OK)
        rc = end_tallies(store, record->doc, opened, TALLY_WAITING, TALLY_ASIDE);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_DOCUMENT_CLOSE, "tiii", record->doc, (int64_t)DOCUMENT_COMPLETE, seq, (int64_t)1);
    return rc;
}

static enum rc project_abandon(struct store *store, const struct record *record, int64_t seq)
{
    static const enum tally_state open_states[] = {TALLY_WAITING, TALLY_LATCHED};
    int64_t opened = 0;
    enum rc rc = opened_at(store, record->doc, &opened);
    if (rc == RC_OK)
        rc = tally_release_all(store, record->doc, opened);
    for (size_t i = 0; i < sizeof open_states / sizeof open_states[0] && rc == RC_OK; i++)
        rc = end_tallies(store, record->doc, opened, open_states[i], TALLY_RELEASED);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_LINES_CLEAR, "t", record->doc);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_DOCUMENT_CLOSE, "tiii", record->doc, (int64_t)DOCUMENT_ABANDONED, seq, (int64_t)0);
    return rc;
}

/* ---- operators ---- */

static enum rc project_sign_failed(struct store *store, const struct record *record, int64_t seq)
{
    (void)seq;
    return store_do(store, JSQL_SIGN_FAIL, "ti", record->operator, record->at_ms);
}

static enum rc project_sign_in(struct store *store, const struct record *record, int64_t seq)
{
    (void)seq;
    return store_do(store, JSQL_SIGN_OK, "t", record->operator);
}

static enum rc project_nothing(struct store *store, const struct record *record, int64_t seq)
{
    (void)store;
    (void)record;
    (void)seq;
    return RC_OK;
}

static enum rc (*const PROJECTIONS[RECORD_KIND_COUNT])(struct store *, const struct record *, int64_t) = {
    [RECORD_OPEN] = project_open,           [RECORD_SCAN] = project_scan,
    [RECORD_CONFIRM] = project_confirm,     [RECORD_UNDO] = project_undo,
    [RECORD_SET_ASIDE] = project_set_aside, [RECORD_RECHECK] = project_recheck,
    [RECORD_COMPLETE] = project_complete,   [RECORD_ABANDON] = project_abandon,
    [RECORD_SIGN_IN] = project_sign_in,     [RECORD_SIGN_FAILED] = project_sign_failed,
    [RECORD_SIGN_OUT] = project_nothing,    [RECORD_CONTEXT] = project_nothing,
};

enum rc project(struct store *store, const struct record *record, int64_t seq)
{
    return PROJECTIONS[record->kind](store, record, seq);
}
