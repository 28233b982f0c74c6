/* Tallies and latches of a document, as the screens list them and the engine judges them again. */
#include "app/store/books.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void read_tally(sqlite3_stmt *row, struct store_tally *ret_tally)
{
    struct store_tally tally = {.seq = sqlite3_column_int64(row, 0)};
    enum tally_state state = (enum tally_state)sqlite3_column_int(row, 2);
    store_copy(tally.key, sizeof tally.key, row, 3);
    store_copy(tally.product, sizeof tally.product, row, 4);
    store_copy(tally.lot, sizeof tally.lot, row, 5);
    store_copy(tally.line, sizeof tally.line, row, 6);
    tally.reason = (enum reason)sqlite3_column_int(row, 7);
    tally.severity = (enum severity)sqlite3_column_int(row, 8);
    tally.qty = sqlite3_column_int64(row, 9);
    tally.level = sqlite3_column_int(row, 10);
    tally.counted_seq = sqlite3_column_int64(row, 11);
    tally.packed_seq = sqlite3_column_int64(row, 12);
    tally.live = state == TALLY_LIVE;
    tally.packed = state == TALLY_PACKED;
    tally.mark = state == TALLY_MARK;
    tally.waiting = state == TALLY_WAITING;
    tally.latched = state == TALLY_LATCHED;
    bool packed_later = tally.packed && tally.packed_seq != tally.counted_seq;
    bool open = tally.live || tally.waiting || tally.latched || tally.packed || tally.mark || state == TALLY_NOTED ||
                state == TALLY_ASKED;
    tally.over = !open || packed_later;
    *ret_tally = tally;
}

static int64_t opened_seq(struct store *store, const char *doc)
{
    int64_t seq = 0;
    document_opened(store, doc, &seq);
    return seq;
}

enum rc store_tallies(struct store *store, const char *doc, int max,
                      bool (*visit)(void *context, const struct store_tally *tally), void *context)
{
    sqlite3_stmt *row = store_sql(store, JSQL_TALLIES, "tii", doc, opened_seq(store, doc), (int64_t)max);
    if (!row)
        return store_rc(store);
    int step;
    bool more = true;
    while (more && (step = sqlite3_step(row)) == SQLITE_ROW) {
        struct store_tally tally;
        read_tally(row, &tally);
        more = visit(context, &tally);
    }
    enum rc rc = !more || step == SQLITE_DONE ? RC_OK : store_rc(store);
    sqlite3_reset(row);
    return rc;
}

enum rc store_tally(struct store *store, int64_t seq, struct store_tally *ret_tally, char *ret_doc)
{
    sqlite3_stmt *row = store_sql(store, JSQL_TALLY, "i", seq);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW) {
        read_tally(row, ret_tally);
        store_copy(ret_doc, DOC_MAX + 1, row, 1);
    }
    sqlite3_reset(row);
    return step == SQLITE_ROW ? RC_OK : step == SQLITE_DONE ? RC_NOT_FOUND : store_rc(store);
}

enum rc store_tally_lines(struct store *store, int64_t seq, const struct document *document,
                          struct allocation *ret_allocations, int *ret_count)
{
    struct tally_row tally;
    struct tally_alloc rows[ALLOC_MAX];
    int count = 0;
    enum rc rc = tally_find(store, seq, &tally);
    if (rc == RC_OK)
        rc = tally_allocations(store, &tally, rows, &count);
    for (int i = 0; i < count && rc == RC_OK; i++) {
        struct allocation *allocation = &ret_allocations[i];
        bool on_line = rows[i].line >= 0 && (size_t)rows[i].line < document->line_count;
        *allocation = (struct allocation){.line = on_line ? (size_t)rows[i].line : LINE_NONE, .qty = rows[i].qty};
        memcpy(allocation->product, rows[i].product, sizeof allocation->product);
        memcpy(allocation->lot, rows[i].lot, sizeof allocation->lot);
    }
    if (rc == RC_OK)
        *ret_count = count;
    return rc;
}

enum rc store_undoable(struct store *store, int64_t seq, bool *ret_undoable)
{
    struct tally_row tally;
    struct catalog *catalog = NULL;
    bool later = false;
    store_catalog(store, &catalog); /* NULL without one */
    enum rc rc = tally_find(store, seq, &tally);
    if (rc == RC_OK && tally.counted_seq)
        rc = books_came_later(store, catalog, tally.counted_seq, &later);
    if (rc == RC_OK)
        *ret_undoable = !later;
    return rc;
}

enum rc store_body(struct store *store, int64_t seq, json_t **ret_body)
{
    sqlite3_stmt *row = store_sql(store, JSQL_BODY, "i", seq);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    json_t *body = step == SQLITE_ROW ? json_loads(store_text(row, 0), JSON_ALLOW_NUL, NULL) : NULL;
    sqlite3_reset(row);
    if (step != SQLITE_ROW)
        return step == SQLITE_DONE ? RC_NOT_FOUND : store_rc(store);
    *ret_body = body;
    return body ? RC_OK : RC_CORRUPT;
}

enum rc store_record_ref(struct store *store, int64_t seq, int64_t *ret_ref)
{
    json_t *body;
    enum rc rc = store_body(store, seq, &body);
    if (rc != RC_OK)
        return rc;
    *ret_ref = json_integer_value(json_object_get(body, "ref"));
    json_decref(body);
    return RC_OK;
}

/* The bytes of the scan and its year, from the record itself. */
static enum rc scan_from_body(json_t *body, struct scan **ret_scan, int *ret_year)
{
    const char *raw = json_string_value(json_object_get(body, "raw"));
    const char *at = json_string_value(json_object_get(body, "at"));
    if (!raw)
        return RC_NOT_FOUND;
    struct scan *scan = scan_new("", 0);
    size_t room = strlen(raw) / 4 * 3 + 3, len = 0;
    struct scan *bigger = scan ? realloc(scan, sizeof *scan + room) : NULL;
    if (!bigger) {
        free(scan);
        return RC_NOMEM;
    }
    if (sodium_base642bin(bigger->bytes, room, raw, strlen(raw), NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL)) {
        free(bigger);
        return RC_CORRUPT;
    }
    bigger->len = len;
    *ret_year = at ? (int)strtol(at, NULL, 10) : 1970;
    *ret_scan = bigger;
    return RC_OK;
}

static enum rc read_recorded(struct store *store, int64_t seq, struct code *ret_code, int64_t *ret_label,
                             int *ret_year)
{
    json_t *body;
    enum rc rc = store_body(store, seq, &body);
    if (rc != RC_OK)
        return rc;
    struct scan *scan = NULL;
    int year = 0;
    rc = scan_from_body(body, &scan, &year);
    if (rc == RC_OK && json_is_true(json_object_get(body, "typed")))
        scan->flags |= SCAN_BRACKETS;
    if (rc == RC_OK)
        rc = store_read_code(store, scan, year, ret_code);
    *ret_label = rc == RC_OK ? json_integer_value(json_object_get(body, "label")) : 0;
    *ret_year = year;
    free(scan);
    json_decref(body);
    return rc;
}

/* With the contents label that was scanned before it, as it was judged. */
enum rc store_tally_code(struct store *store, int64_t seq, struct code *ret_code)
{
    int64_t label_seq = 0, none;
    int year = 0;
    enum rc rc = read_recorded(store, seq, ret_code, &label_seq, &year);
    if (rc != RC_OK || !label_seq)
        return rc;
    struct code *label = malloc(sizeof *label);
    if (!label)
        return RC_NOMEM;
    rc = read_recorded(store, label_seq, label, &none, &year);
    if (rc == RC_OK)
        code_merge_contents(ret_code, label, year);
    free(label);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc store_counted(struct store *store, const char *doc, qty_t *ret_cases, qty_t *ret_loose)
{
    qty_t cases = 0, loose = 0;
    sqlite3_stmt *row = store_sql(store, JSQL_COUNTED, "ti", doc, opened_seq(store, doc));
    if (!row)
        return store_rc(store);
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        if (sqlite3_column_int(row, 0) > 0)
            cases += QTY_ONE;
        else
            loose += sqlite3_column_int64(row, 1);
    }
    sqlite3_reset(row);
    if (step != SQLITE_DONE)
        return store_rc(store);
    *ret_cases = cases;
    *ret_loose = loose;
    return RC_OK;
}
