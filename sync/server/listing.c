#include "sync/server/listing.h"
#include "app/domain/code.h"
#include "app/domain/date.h"
#include "sync/server/apply.h"
#include "sync/server/patterns.h"
#include "sync/server/units.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SECONDS_MS = 1000, RECORDS_AT_ONCE = 2000 };

typedef json_t *listing_row(struct db_stmt *stmt);

static const char *const OUTCOMES[] = {
    [PUSH_ACCEPTED] = "accepted", [PUSH_REFUSED] = "refused", [PUSH_HELD] = "held"};

enum rc listing_print(json_t *row, FILE *out)
{
    char *text = row ? json_dumps(row, JSON_COMPACT) : NULL;
    json_decref(row);
    if (!text)
        return RC_NOMEM;
    int done = fprintf(out, "%s\n", text);
    free(text);
    return done < 0 ? RC_IO : RC_OK;
}

static enum rc list(struct db_stmt *stmt, listing_row *make, FILE *out)
{
    bool row = true;
    enum rc rc = RC_OK;
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            rc = listing_print(make(stmt), out);
    }
    db_reset(stmt);
    return rc;
}

static json_t *time_text(int64_t time_ms)
{
    char text[TIME_TEXT_MAX + 1];
    return json_string(time_print(time_ms, 0, text));
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

static json_t *words(const char *commas)
{
    char copy[APPLY_NOTED_MAX + 1];
    char *rest = copy;
    json_t *array = json_array();
    snprintf(copy, sizeof copy, "%s", commas);
    for (char *word = strsep(&rest, ","); word; word = strsep(&rest, ","))
        if (word[0])
            json_array_append_new(array, json_string(word));
    return array;
}

/* The body as it was journaled, its device filled in, with what the server made of it. */
static json_t *record_row(struct db_stmt *stmt)
{
    static const char *const ALWAYS[] = {"at",     "kind",     "doc",      "line", "key",
                                         "reason", "severity", "findings", "qty",  "operator"};
    json_t *row = json_pack("{s:I, s:I, s:I}", "device", (json_int_t)db_int(stmt, 0), "epoch",
                            (json_int_t)db_int(stmt, 1), "seq", (json_int_t)db_int(stmt, 2));
    json_t *body = json_loads(db_text(stmt, 6), 0, NULL);
    if (json_is_object(body))
        json_object_update_missing(row, body);
    else
        json_object_set_new(row, "text", json_string(db_text(stmt, 6)));
    for (size_t i = 0; i < sizeof ALWAYS / sizeof ALWAYS[0]; i++)
        if (!json_object_get(row, ALWAYS[i]))
            json_object_set_new(row, ALWAYS[i], json_null());
    json_object_set_new(row, "outcome", json_string(OUTCOMES[db_int(stmt, 3)]));
    json_object_set_new(row, "word", text_or_null(db_text(stmt, 4)));
    json_object_set_new(row, "server_findings", words(db_text(stmt, 5)));
    json_decref(body);
    return row;
}

/* The records after *at, so many; *ret_rest: there may be more. */
static enum rc list_records(struct server *server, int64_t at[3], FILE *out, bool *ret_rest)
{
    struct db_stmt *stmt = core_query(server, QUERY_RECORD_LIST);
    bool row = true;
    int count = 0;
    enum rc rc = RC_OK;
    for (int i = 0; i < 3; i++)
        db_bind_int(stmt, i + 1, at[i]);
    db_bind_int(stmt, 4, RECORDS_AT_ONCE);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        for (int i = 0; !rc && row && i < 3; i++)
            at[i] = db_int(stmt, i);
        if (!rc && row)
            rc = listing_print(record_row(stmt), out);
        count += !rc && row;
    }
    db_reset(stmt);
    *ret_rest = count == RECORDS_AT_ONCE;
    return rc;
}

/* In pieces: PostgreSQL hands out the whole of what was asked for. */
enum rc listing_records(struct server *server, FILE *out)
{
    int64_t at[3] = {0};
    bool rest = true;
    enum rc rc = RC_OK;
    while (!rc && rest)
        rc = list_records(server, at, out, &rest);
    return rc;
}

enum rc listing_findings(struct server *server, FILE *out)
{
    return list(core_query(server, QUERY_RECORD_FOUND), record_row, out);
}

/* What the one whose record lost did about it. */
static json_t *answer_of(struct db_stmt *stmt)
{
    if (!db_text(stmt, 13)[0])
        return json_null();
    return json_pack("{s:s, s:s, s:o, s:s, s:I}", "what", db_text(stmt, 13), "by", db_text(stmt, 14), "supervisor",
                     text_or_null(db_text(stmt, 15)), "at", db_text(stmt, 16), "seq", (json_int_t)db_int(stmt, 17));
}

/* What a manager said of it. */
static json_t *closing_of(struct db_stmt *stmt)
{
    if (!db_int(stmt, 18))
        return json_null();
    return json_pack("{s:o, s:s, s:s}", "at", time_text(db_int(stmt, 18)), "by", db_text(stmt, 19), "reason",
                     db_text(stmt, 20));
}

/* What nobody has answered, or was handed on, is a manager's. */
static bool is_open(struct db_stmt *stmt)
{
    bool answered = db_text(stmt, 13)[0] && strcmp(db_text(stmt, 13), "not-mine") != 0;
    return !answered && !db_int(stmt, 18);
}

static json_t *conflict_row(struct db_stmt *stmt)
{
    json_t *other = json_null();
    if (db_int(stmt, 8))
        other = json_pack("{s:I, s:I, s:I, s:s}", "device", (json_int_t)db_int(stmt, 8), "epoch",
                          (json_int_t)db_int(stmt, 9), "seq", (json_int_t)db_int(stmt, 10), "doc", db_text(stmt, 11));
    return json_pack("{s:I, s:o, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:b, s:o, s:o}", "case",
                     (json_int_t)db_int(stmt, 0), "at", time_text(db_int(stmt, 1)), "kind", db_text(stmt, 2), "key",
                     db_text(stmt, 3), "device", (json_int_t)db_int(stmt, 4), "epoch", (json_int_t)db_int(stmt, 5),
                     "seq", (json_int_t)db_int(stmt, 6), "doc", text_or_null(db_text(stmt, 7)), "other", other,
                     "detail", text_or_null(db_text(stmt, 12)), "open", is_open(stmt), "answer", answer_of(stmt),
                     "closed", closing_of(stmt));
}

enum rc listing_conflicts(struct server *server, FILE *out)
{
    return list(core_query(server, QUERY_CONFLICT_LIST), conflict_row, out);
}

static json_t *result_row(struct db_stmt *stmt)
{
    return json_loads(db_text(stmt, 0), 0, NULL);
}

enum rc listing_results(struct server *server, FILE *out)
{
    return list(core_query(server, QUERY_RESULT_LIST), result_row, out);
}

static json_t *device_row(struct db_stmt *stmt)
{
    char key[2 * PUBLIC_KEY_BYTES + 1] = "";
    size_t len;
    const void *bytes = db_blob(stmt, 7, &len);
    if (len == PUBLIC_KEY_BYTES)
        sodium_bin2hex(key, sizeof key, bytes, len);
    return json_pack("{s:I, s:s, s:o, s:o, s:b, s:I, s:I, s:s, s:I}", "device", (json_int_t)db_int(stmt, 0), "site",
                     db_text(stmt, 1), "enrolled", time_text(db_int(stmt, 2)), "seen", time_text(db_int(stmt, 3)),
                     "revoked", db_int(stmt, 4) != 0, "epoch", (json_int_t)db_int(stmt, 5), "acked",
                     (json_int_t)db_int(stmt, 6), "public_key", key, "open", (json_int_t)db_int(stmt, 8));
}

enum rc listing_devices(struct server *server, FILE *out)
{
    return list(core_query(server, QUERY_DEVICE_LIST), device_row, out);
}

/* Looking for what somebody typed among the ways to read it. */
struct search {
    struct server *server;
    enum rc rc;
    bool known;                     /* `key` is in the books or on record, and that is it */
    char key[CODE_KEY_MAX + 1];     /* else the first reading of all, "" none yet */
    char reading[CODE_KEY_MAX + 1]; /* being looked up */
};

static enum rc any_row(struct server *server, enum query_id id, const char *key, bool *ret_any)
{
    struct db_stmt *stmt = core_query(server, id);
    db_bind_text(stmt, 1, key);
    enum rc rc = db_step(stmt, ret_any);
    db_reset(stmt);
    return rc;
}

static enum rc is_known(struct server *server, const char *key, bool *ret_known)
{
    struct unit unit;
    enum rc rc = units_get(server, key, &unit);
    *ret_known = rc == RC_OK;
    if (rc == RC_NOT_FOUND)
        rc = any_row(server, QUERY_RECORD_OF_KEY, key, ret_known);
    if (!rc && !*ret_known)
        rc = any_row(server, QUERY_MOVEMENT_OF, key, ret_known);
    return rc;
}

/* True: go on looking. */
static bool try_reading(struct search *search, const char *text)
{
    bool known = false;
    if (!text[0])
        return true;
    if (units_alias(search->server, text, search->reading) != RC_OK)
        snprintf(search->reading, sizeof search->reading, "%s", text);
    search->rc = is_known(search->server, search->reading, &known);
    if (known || !search->key[0])
        memcpy(search->key, search->reading, sizeof search->key);
    search->known = known;
    return !search->rc && !known;
}

static bool try_code(void *context, const struct code *code)
{
    return try_reading(context, code->key);
}

/* In the order of understanding on a device: the text itself, patterns, the scheme that it has by its shape. */
static enum rc search_for(struct search *search, const struct scan *scan, int year, const struct code *code,
                          struct code *room)
{
    enum rc rc = RC_OK;
    bool elements = code->element_count > 0 && !code->plain[0]; /* typed in brackets: it says itself what it is */
    if (try_reading(search, code->plain) && try_reading(search, code->kind == CODE_PLAIN ? code->key : "") &&
        !elements)
        rc = patterns_read(search->server, scan, year, room, try_code, search);
    if (!rc && !search->rc && !search->known)
        try_reading(search, code->key);
    return rc ? rc : search->rc;
}

enum rc listing_find_key(struct server *server, const char *text, char *ret_key)
{
    int year = (int)(1970 + core_now_ms(server) / ((int64_t)SECONDS_MS * 31556952));
    struct search search = {.server = server};
    struct code *code = malloc(sizeof *code), *room = malloc(sizeof *room);
    struct scan *scan = scan_new(text, strlen(text));
    enum rc rc = code && room && scan ? RC_OK : RC_NOMEM;
    if (!rc) {
        code_parse_text(text, year, code);
        rc = search_for(&search, scan, year, code, room);
    }
    free(scan);
    free(room);
    free(code);
    if (!rc && !search.key[0])
        rc = RC_NOT_FOUND;
    if (!rc)
        memcpy(ret_key, search.key, sizeof search.key);
    return rc;
}

static json_t *trace_record(struct db_stmt *stmt)
{
    json_t *body = json_loads(db_text(stmt, 6), 0, NULL);
    json_t *row =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:n, s:n, s:s, s:o, s:s}", "at", apply_text(body, "at"),
                  "kind", db_text(stmt, 5), "doc", apply_text(body, "doc"), "device", (json_int_t)db_int(stmt, 0),
                  "epoch", (json_int_t)db_int(stmt, 1), "seq", (json_int_t)db_int(stmt, 2), "site",
                  apply_text(body, "site"), "from", "to", "outcome", OUTCOMES[db_int(stmt, 3)], "word",
                  text_or_null(db_text(stmt, 4)), "reason", apply_text(body, "reason"));
    json_decref(body);
    return row;
}

static json_t *trace_movement(struct db_stmt *stmt)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s}", "at", db_text(stmt, 0), "kind",
                     db_text(stmt, 1), "doc", db_text(stmt, 2), "device", (json_int_t)db_int(stmt, 3), "epoch",
                     (json_int_t)db_int(stmt, 4), "seq", (json_int_t)db_int(stmt, 5), "site", db_text(stmt, 6),
                     "from", db_text(stmt, 7), "to", db_text(stmt, 8));
}

static enum rc collect(struct db_stmt *stmt, const char *key, listing_row *make, json_t *rows)
{
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, key);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row && json_array_append_new(rows, make(stmt)))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    return rc;
}

static int64_t time_of(const json_t *row)
{
    int64_t time_ms = 0;
    return time_parse(apply_text(row, "at"), &time_ms) ? 0 : time_ms;
}

/* Rows in order of time; of one time, as collected. Few rows: insertion. */
static json_t *by_time(const json_t *rows)
{
    json_t *sorted = json_array();
    json_t *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        size_t at = json_array_size(sorted);
        while (at > 0 && time_of(json_array_get(sorted, at - 1)) > time_of(row))
            at--;
        json_array_insert(sorted, at, row);
    }
    return sorted;
}

enum rc listing_trace(struct server *server, const char *code, FILE *out)
{
    char key[CODE_KEY_MAX + 1];
    struct unit unit;
    json_t *row;
    size_t i;
    enum rc rc = listing_find_key(server, code, key);
    if (rc)
        return rc;
    json_t *rows = json_array();
    rc = collect(core_query(server, QUERY_RECORD_OF_KEY), key, trace_record, rows);
    if (!rc)
        rc = collect(core_query(server, QUERY_MOVEMENT_OF), key, trace_movement, rows);
    if (!rc && json_array_size(rows) == 0)
        rc = units_get(server, key, &unit);
    json_t *sorted = by_time(rows);
    json_array_foreach(sorted, i, row)
    {
        if (!rc)
            rc = listing_print(json_incref(row), out);
    }
    json_decref(sorted);
    json_decref(rows);
    return rc;
}
