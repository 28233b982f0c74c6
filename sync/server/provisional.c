#include "sync/server/provisional.h"
#include "app/domain/date.h"
#include "sync/server/changes.h"
#include "sync/server/conflicts.h"
#include "sync/server/entities.h"
#include "sync/server/flows.h"
#include "sync/server/listing.h"
#include "sync/server/told.h"
#include <string.h>

enum { PARENTS_MAX = 16 };

/* A row, as QUERY_PROVISIONAL_COLUMNS has it. */
struct waiting {
    int64_t n, device, epoch, seq, closed;
    char key[CODE_KEY_MAX + 1], doc[DOC_MAX + 1], no[ID_MAX + 1], flow[FLOW_NAME_MAX + 1], site[ID_MAX + 1],
        party[ID_MAX + 1], from[HOLDER_MAX + 1], to[HOLDER_MAX + 1], books[HOLDER_MAX + 1], dest[HOLDER_MAX + 1],
        state[16], at[TIME_TEXT_MAX + 1], outcome[WORD_MAX + 1];
};

static void read_row(struct db_stmt *stmt, struct waiting *ret_row)
{
    struct waiting row = {.n = db_int(stmt, 0),
                          .device = db_int(stmt, 2),
                          .epoch = db_int(stmt, 3),
                          .seq = db_int(stmt, 4),
                          .closed = db_int(stmt, 16)};
    const struct {
        int column;
        char *text;
        size_t size;
    } TEXTS[] = {
        {1, row.key, sizeof row.key},          {5, row.doc, sizeof row.doc},      {6, row.no, sizeof row.no},
        {7, row.flow, sizeof row.flow},        {8, row.site, sizeof row.site},    {9, row.party, sizeof row.party},
        {10, row.from, sizeof row.from},       {11, row.to, sizeof row.to},       {12, row.books, sizeof row.books},
        {13, row.dest, sizeof row.dest},       {14, row.state, sizeof row.state}, {15, row.at, sizeof row.at},
        {17, row.outcome, sizeof row.outcome},
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        snprintf(TEXTS[i].text, TEXTS[i].size, "%s", db_text(stmt, TEXTS[i].column));
    *ret_row = row;
}

static enum rc read_one(struct db_stmt *stmt, bool *ret_found, struct waiting *ret_row)
{
    enum rc rc = db_step(stmt, ret_found);
    if (!rc && *ret_found)
        read_row(stmt, ret_row);
    db_reset(stmt);
    return rc;
}

enum rc provisional_exist(struct server *server, bool *ret_exist)
{
    struct db_stmt *stmt = core_query(server, QUERY_PROVISIONAL_ANY);
    enum rc rc = db_step(stmt, ret_exist);
    db_reset(stmt);
    return rc;
}

enum rc provisional_place(struct server *server, const char *key, char *ret_holder)
{
    struct db_stmt *stmt = core_query(server, QUERY_PROVISIONAL_PLACE);
    bool row;
    db_bind_text(stmt, 1, key);
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        snprintf(ret_holder, HOLDER_MAX + 1, "%s", row ? db_text(stmt, 0) : "");
    db_reset(stmt);
    return rc;
}

enum rc provisional_touched(struct server *server, const struct scope *scope, const char *key, bool *ret_touched)
{
    struct db_stmt *stmt = core_query(server, QUERY_PROVISIONAL_PARTIES);
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, key);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        *ret_touched |= !rc && row && scope_has_party(scope, db_text(stmt, 0));
    }
    db_reset(stmt);
    return rc;
}

static enum rc note_left(struct server *server, const char *leaves, const char *key)
{
    struct db_stmt *stmt = core_query(server, QUERY_PROVISIONAL_LEFT);
    db_bind_text(stmt, 1, leaves);
    db_bind_text(stmt, 2, key);
    db_bind_int(stmt, 3, core_now_ms(server));
    return db_run(stmt);
}

enum rc provisional_left(struct server *server, const char *key)
{
    json_t *inside, *one;
    bool any = false;
    size_t i;
    enum rc rc = provisional_exist(server, &any);
    if (!rc && any)
        rc = note_left(server, key, key);
    if (rc || !any)
        return rc;
    rc = units_inside(server, key, &inside);
    if (rc)
        return rc;
    json_array_foreach(inside, i, one)
    {
        if (!rc)
            rc = note_left(server, key, json_string_value(one));
    }
    json_decref(inside);
    return rc;
}

/* ---- a tally ---- */

/* Where the document's goods come from and go to, as text; "" not said. */
static const char *end_text(const struct holder *holder, char *text)
{
    text[0] = '\0';
    return holder->kind == HOLDER_UNKNOWN ? text : holder_print(holder, text);
}

enum rc provisional_add(struct apply_batch *batch, const json_t *scan, int64_t seq, const char *key,
                        const char *books)
{
    const char *doc = apply_text(scan, "doc"), *no = apply_text(scan, "no");
    char from[HOLDER_MAX + 1], to[HOLDER_MAX + 1];
    struct document document;
    enum rc rc = flows_document(batch, doc, &document);
    if (rc)
        return rc;
    struct db_stmt *stmt = core_query(batch->server, QUERY_PROVISIONAL_ADD);
    db_bind_text(stmt, 1, key);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, apply_epoch_of(batch, seq));
    db_bind_int(stmt, 4, seq);
    db_bind_text(stmt, 5, doc);
    db_bind_text(stmt, 6, strlen(no) <= ID_MAX ? no : "");
    db_bind_text(stmt, 7, apply_text(scan, "flow"));
    db_bind_text(stmt, 8, flows_site(batch, scan));
    db_bind_text(stmt, 9, batch->party);
    db_bind_text(stmt, 10, end_text(&document.from, from));
    db_bind_text(stmt, 11, end_text(&document.to, to));
    db_bind_text(stmt, 12, books);
    db_bind_int(stmt, 13, core_now_ms(batch->server));
    return db_run(stmt);
}

/* The dealers who were told of it, or are to be, look again. */
static enum rc tell(struct server *server, const char *key)
{
    json_t *keys, *one;
    size_t i;
    enum rc rc = changes_note(server, TOLD_UNIT, key);
    if (!rc)
        rc = units_inside(server, key, &keys);
    if (rc)
        return rc;
    json_array_foreach(keys, i, one)
    {
        if (!rc)
            rc = changes_note(server, TOLD_UNIT, json_string_value(one));
    }
    json_decref(keys);
    return rc;
}

static enum rc end(struct server *server, const struct waiting *row, const char *outcome, const char *reason,
                   const char *by)
{
    struct db_stmt *stmt = core_query(server, QUERY_PROVISIONAL_END);
    db_bind_int(stmt, 1, row->n);
    db_bind_text(stmt, 2, outcome);
    db_bind_int(stmt, 3, core_now_ms(server));
    db_bind_text_or_null(stmt, 4, reason);
    db_bind_text_or_null(stmt, 5, by);
    enum rc rc = db_run(stmt);
    return rc ? rc : tell(server, row->key);
}

static enum rc row_of(struct apply_batch *batch, int64_t epoch, int64_t seq, bool *ret_found, struct waiting *ret_row)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_PROVISIONAL_GET);
    db_bind_int(stmt, 1, batch->peer->device);
    db_bind_int(stmt, 2, epoch);
    db_bind_int(stmt, 3, seq);
    return read_one(stmt, ret_found, ret_row);
}

enum rc provisional_withdraw(struct apply_batch *batch, int64_t epoch, int64_t seq)
{
    struct waiting row;
    bool found = false;
    enum rc rc = batch->party[0] ? row_of(batch, epoch, seq, &found, &row) : RC_OK;
    return rc || !found || row.outcome[0] ? rc : end(batch->server, &row, "withdrawn", "", "");
}

/* ---- do the books agree? ---- */

static void read_end(const char *text, struct holder *ret_holder)
{
    if (holder_parse(text, ret_holder))
        ret_holder->kind = HOLDER_UNKNOWN;
}

/* `holder` is where the books have it. */
static enum rc agrees(struct server *server, const struct waiting *row, const char *holder, bool *ret_agrees)
{
    static struct flow flow; /* large; under the server's lock */
    struct document document = {0};
    struct holder at;
    *ret_agrees = false;
    enum rc rc = flows_read(server, row->flow, &flow);
    if (rc || holder_parse(holder, &at))
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    read_end(row->from, &document.from);
    read_end(row->to, &document.to);
    snprintf(document.dealer, sizeof document.dealer, "%s", row->party);
    rc = flows_party_site(server, row->from, document.from_site);
    *ret_agrees = at.kind != HOLDER_UNKNOWN && flow_takes_from(&flow, &document, row->site, &at);
    return rc;
}

static enum rc is_below(struct server *server, const char *party, const char *above, bool *ret_below)
{
    char id[ID_MAX + 1];
    enum rc rc = RC_OK;
    snprintf(id, sizeof id, "%s", party);
    *ret_below = false;
    for (int i = 0; !rc && !*ret_below && id[0] && i < PARENTS_MAX; i++) {
        json_t *body = NULL;
        *ret_below = strcmp(id, above) == 0;
        rc = entities_get(server, "party", id, &body);
        snprintf(id, sizeof id, "%s", apply_text(body, "parent"));
        json_decref(body);
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* They went to another dealer by the books, who is neither above nor below this one: one of the two is wrong. */
static enum rc contradict(struct server *server, const struct waiting *row, const char *holder)
{
    struct conflict conflict = {"wrong-holder", row->key, row->doc, row->device, row->epoch,
                                row->seq,       NULL,     holder,   row->seq};
    char party[ID_MAX + 1];
    bool below = true, above = true;
    enum rc rc = scope_party_of(server, holder, party);
    if (!rc && party[0])
        rc = is_below(server, party, row->party, &below);
    if (!rc && party[0] && !below)
        rc = is_below(server, row->party, party, &above);
    return rc || below || above ? rc : conflicts_add(server, &conflict);
}

static enum rc carry_out(struct server *server, const struct waiting *row)
{
    struct movement movement = {.at = row->at,
                                .kind = "complete",
                                .doc = row->doc,
                                .no = row->no,
                                .flow = row->flow,
                                .site = row->site,
                                .device = row->device,
                                .epoch = row->epoch,
                                .seq = row->closed,
                                .to = row->dest};
    struct unit unit;
    enum rc rc = units_find(server, row->key, &unit);
    return rc ? rc : movements_bring(server, &movement, &unit, row->state[0] ? row->state : NULL);
}

/* ret_holder (HOLDER_MAX + 1): where it is by them. */
static enum rc ask_books(struct server *server, const struct waiting *row, bool *ret_agree, char *ret_holder)
{
    struct unit unit;
    enum rc rc = units_find(server, row->key, &unit);
    if (!rc)
        rc = units_holder(server, &unit, ret_holder);
    return rc ? rc : agrees(server, row, ret_holder, ret_agree);
}

static enum rc try_row(struct server *server, const struct waiting *row, bool *ret_agreed)
{
    char holder[HOLDER_MAX + 1];
    enum rc rc = ask_books(server, row, ret_agreed, holder);
    if (rc)
        return rc;
    if (!*ret_agreed)
        return contradict(server, row, holder);
    rc = carry_out(server, row);
    return rc ? rc : end(server, row, "agreed", "", "");
}

/* The numbers of rows that a change since then may have made true. */
static enum rc due(struct server *server, int64_t since, json_t **ret_numbers)
{
    struct db_stmt *stmt = core_query(server, QUERY_PROVISIONAL_DUE);
    json_t *numbers = json_array();
    bool row = numbers != NULL;
    enum rc rc = numbers ? RC_OK : RC_NOMEM;
    db_bind_int(stmt, 1, since);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row && json_array_append_new(numbers, json_integer(db_int(stmt, 0))))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    *ret_numbers = numbers;
    return rc;
}

static enum rc read_number(struct server *server, int64_t n, bool *ret_found, struct waiting *ret_row)
{
    struct db_stmt *stmt = core_query(server, QUERY_PROVISIONAL_AT);
    db_bind_int(stmt, 1, n);
    return read_one(stmt, ret_found, ret_row);
}

static enum rc settle_once(struct server *server, int64_t since, bool *ret_any)
{
    struct waiting row;
    json_t *numbers = NULL, *n;
    size_t i;
    bool found, agreed;
    *ret_any = false;
    enum rc rc = due(server, since, &numbers);
    json_array_foreach(numbers, i, n)
    {
        if (!rc)
            rc = read_number(server, json_integer_value(n), &found, &row);
        if (rc || !found)
            break;
        rc = try_row(server, &row, &agreed);
        *ret_any |= !rc && agreed;
    }
    json_decref(numbers);
    return rc;
}

/* What moved may be what another waited for: until none is left. */
enum rc provisional_settle(struct server *server, int64_t since)
{
    bool again = true;
    enum rc rc = RC_OK;
    while (!rc && again)
        rc = settle_once(server, since, &again);
    return rc;
}

enum rc provisional_move(struct apply_batch *batch, const struct movement *movement, int64_t epoch, int64_t seq,
                         const char *state, bool *ret_waits)
{
    char holder[HOLDER_MAX + 1];
    struct waiting row;
    bool found, agree = false;
    *ret_waits = false;
    enum rc rc = row_of(batch, epoch, seq, &found, &row);
    if (rc || !found)
        return rc;
    /* ruled on before the document was completed */
    *ret_waits = strcmp(row.outcome, "refused") == 0;
    if (!row.outcome[0])
        rc = ask_books(batch->server, &row, &agree, holder);
    if (rc || row.outcome[0])
        return rc;
    if (agree)
        return end(batch->server, &row, "agreed", "", "");
    *ret_waits = true;
    struct db_stmt *stmt = core_query(batch->server, QUERY_PROVISIONAL_GOES);
    db_bind_int(stmt, 1, row.n);
    db_bind_text(stmt, 2, movement->to);
    db_bind_text(stmt, 3, state ? state : "");
    db_bind_text(stmt, 4, movement->at);
    db_bind_int(stmt, 5, movement->seq);
    rc = db_run(stmt);
    return rc ? rc : tell(batch->server, row.key);
}

/* ---- for people ---- */

enum rc provisional_of(struct server *server, const char *doc, json_t **ret_keys)
{
    struct db_stmt *stmt = core_query(server, QUERY_PROVISIONAL_OF_DOC);
    json_t *keys = json_array();
    bool row = keys != NULL;
    enum rc rc = keys ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, doc);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row && json_array_append_new(keys, json_string(db_text(stmt, 0))))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    if (rc)
        json_decref(keys);
    else
        *ret_keys = keys;
    return rc;
}

static json_t *time_or_null(int64_t time_ms)
{
    char text[TIME_TEXT_MAX + 1];
    return time_ms ? json_string(time_print(time_ms, 0, text)) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

static json_t *listed(struct db_stmt *stmt)
{
    struct waiting row;
    read_row(stmt, &row);
    return json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:o, s:o, s:o, s:o}", "number",
                     (json_int_t)row.n, "found", time_or_null(db_int(stmt, 18)), "state",
                     row.outcome[0] ? row.outcome : "open", "key", row.key, "doc", row.doc, "no", row.no, "flow",
                     row.flow, "device", (json_int_t)row.device, "epoch", (json_int_t)row.epoch, "seq",
                     (json_int_t)row.seq, "site", row.site, "books", row.books, "to", text_or_null(row.dest),
                     "reason", text_or_null(db_text(stmt, 19)), "by", text_or_null(db_text(stmt, 20)), "settled",
                     time_or_null(db_int(stmt, 21)));
}

enum rc provisional_list(struct server *server, FILE *out)
{
    struct db_stmt *stmt = core_query(server, QUERY_PROVISIONAL_LIST);
    bool row = true;
    enum rc rc = RC_OK;
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            rc = listing_print(listed(stmt), out);
    }
    db_reset(stmt);
    return rc;
}

static enum rc rule(struct server *server, int64_t number, const char *state, const char *reason, const char *by)
{
    struct waiting row;
    bool found = false;
    int64_t since;
    enum rc rc = changes_last(server, &since);
    if (!rc)
        rc = read_number(server, number, &found, &row);
    if (!rc && (!found || row.outcome[0]))
        rc = RC_NOT_FOUND;
    if (!rc && row.dest[0] && strcmp(state, "accepted") == 0)
        rc = carry_out(server, &row);
    if (!rc)
        rc = end(server, &row, state, reason, by);
    return rc ? rc : provisional_settle(server, since);
}

enum rc provisional_rule(struct server *server, int64_t number, const char *state, const char *reason, const char *by)
{
    enum rc rc = db_begin(server->db);
    if (rc)
        return rc;
    rc = rule(server, number, state, reason, by);
    if (!rc)
        return db_commit(server->db);
    db_rollback(server->db);
    return rc;
}
