#include "sync/server/tracing.h"
#include "app/catalog/feed.h"
#include "app/domain/date.h"
#include "sync/server/apply.h"
#include "sync/server/entities.h"
#include "sync/server/listing.h"
#include "sync/server/sales.h"
#include "sync/server/told.h"
#include "sync/wire/trace.h"
#include <stdlib.h>
#include <string.h>

/* One trace in the making. */
struct tracing {
    struct server *server;
    struct scope scope;
    struct unit unit;
    char holder[HOLDER_MAX + 1];
    bool known;    /* to the books */
    bool dealer;   /* asked as a dealer: only what is its own */
    bool sales;    /* asked as a dealer's auditor: who sold it, no more */
    bool auditors; /* asked where auditors alone work: the same, and how the owner shipped it */
    json_t *rows;
};

static enum rc add(struct tracing *tracing, json_t *row)
{
    if (json_array_size(tracing->rows) >= PAGE_LINES_MAX) {
        json_decref(row);
        return RC_OK;
    }
    return row && json_array_append_new(tracing->rows, row) == 0 ? RC_OK : RC_NOMEM;
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

/* ---- what it is ---- */

enum whose { NOBODYS, OWNERS, PARTYS };

/* Whose place this is; what was sold on is its seller's business. */
static enum rc whose_is(struct tracing *tracing, const char *holder, enum whose *ret_whose)
{
    char party[ID_MAX + 1];
    enum rc rc = scope_party_of(tracing->server, holder, party);
    bool site = strncmp(holder, "site:", 5) == 0 || strncmp(holder, "transit:site:", 13) == 0;
    if (!rc)
        *ret_whose = party[0] || strcmp(holder, "sold") == 0 ? PARTYS : site ? OWNERS : NOBODYS;
    return rc;
}

static enum rc add_code(struct tracing *tracing)
{
    const struct unit *unit = &tracing->unit;
    enum whose whose = NOBODYS;
    enum rc rc = tracing->auditors ? whose_is(tracing, tracing->holder, &whose) : RC_OK;
    if (rc)
        return rc;
    bool hide = tracing->sales || whose == PARTYS;
    return add(tracing,
               json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "row", "code", "key", unit->key, "known",
                         tracing->known ? "yes" : "no", "state", unit->state[0] ? unit->state : "active", "holder",
                         hide ? "" : tracing->holder, "level", (json_int_t)(unit->level > 0 ? unit->level : 0)));
}

/* Lot facts: who made it, where. */
static enum rc add_lot(struct tracing *tracing, const char *product)
{
    char id[FEED_ID_MAX + 1];
    json_t *lot = NULL;
    snprintf(id, sizeof id, "%s|%s", product, tracing->unit.lot);
    enum rc rc = tracing->unit.lot[0] ? entities_get(tracing->server, "lot", id, &lot) : RC_NOT_FOUND;
    if (rc)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    json_t *row =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "row", "lot", "lot", tracing->unit.lot, "quality",
                  apply_text(lot, "quality"), "expires", apply_text(lot, "expires"), "made", apply_text(lot, "made"));
    json_object_update_missing(row, json_object_get(lot, "facts"));
    json_decref(lot);
    return add(tracing, row);
}

static enum rc add_goods(struct tracing *tracing)
{
    json_t *product = NULL;
    const char *id = tracing->unit.product;
    enum rc rc = tracing->known && !id[0] ? units_of_run(tracing->server, tracing->unit.key, &tracing->unit) : RC_OK;
    if (rc || !id[0])
        return rc;
    rc = entities_get(tracing->server, "product", id, &product);
    if (rc && rc != RC_NOT_FOUND)
        return rc;
    rc = add(tracing,
             json_pack("{s:s, s:s, s:s}", "row", "product", "product", id, "name", apply_text(product, "name")));
    json_decref(product);
    return rc ? rc : add_lot(tracing, id);
}

static enum rc add_aggregation(struct tracing *tracing)
{
    char holder[HOLDER_MAX + 1];
    enum told told = TOLD_ROW;
    struct unit parent;
    int64_t inside = 0;
    enum rc rc = RC_OK;
    if (tracing->sales || tracing->auditors)
        return RC_OK;
    if (tracing->unit.parent[0]) {
        rc = units_find(tracing->server, tracing->unit.parent, &parent);
        if (!rc && tracing->dealer)
            rc = told_code(tracing->server, &tracing->scope, &parent, true, &told, holder);
        if (!rc && told == TOLD_ROW)
            rc = add(tracing, json_pack("{s:s, s:s}", "row", "parent", "key", tracing->unit.parent));
    }
    if (!rc && tracing->unit.container)
        rc = units_count_inside(tracing->server, tracing->unit.key, &inside);
    return rc || !inside ? rc : add(tracing, json_pack("{s:s, s:I}", "row", "inside", "count", (json_int_t)inside));
}

/* ---- where it was ---- */

/* A dealer sees its own moves, with who is on the other end unless that is another dealer; and how the owner's sites passed it
 * on, without their papers. */
static json_t *move_for_dealer(const struct scope *scope, json_t *row)
{
    enum scope_place from = scope_place(scope, apply_text(row, "from")),
                     to = scope_place(scope, apply_text(row, "to"));
    bool mine = from == SCOPE_MINE || to == SCOPE_MINE;
    bool owners = (from == SCOPE_OWNER || from == SCOPE_NOBODY) && (to == SCOPE_OWNER || to == SCOPE_NOBODY);
    char site[HOLDER_MAX + 1];
    if (!mine && !owners) {
        json_decref(row);
        return NULL;
    }
    if (from == SCOPE_THEIRS)
        json_object_set_new(row, "from", json_null());
    if (to == SCOPE_THEIRS)
        json_object_set_new(row, "to", json_null());
    snprintf(site, sizeof site, "site:%s", apply_text(row, "site"));
    if (scope_place(scope, site) == SCOPE_THEIRS)
        json_object_set_new(row, "site", json_null());
    if (owners) {
        json_object_set_new(row, "doc", json_null());
        json_object_set_new(row, "device", json_null());
    }
    return row;
}

/* An auditor sees what the owner shipped and got back, and what the data centre said of that; what the parties did with it, and their
 * papers, are theirs. */
static enum rc move_for_auditor(struct tracing *tracing, json_t *row, json_t **ret_row)
{
    static const char *const PAPERS[] = {"kind", "doc", "device", "site"};
    char site[HOLDER_MAX + 1];
    enum whose from, to, by = PARTYS;
    snprintf(site, sizeof site, "site:%s", apply_text(row, "site"));
    enum rc rc = whose_is(tracing, apply_text(row, "from"), &from);
    if (!rc)
        rc = whose_is(tracing, apply_text(row, "to"), &to);
    if (!rc)
        rc = whose_is(tracing, site, &by);
    for (size_t i = 0; by == PARTYS && i < sizeof PAPERS / sizeof PAPERS[0]; i++)
        json_object_set_new(row, PAPERS[i], json_null());
    bool owners = !rc && (from == OWNERS || to == OWNERS || (from == NOBODYS && by != PARTYS));
    *ret_row = owners ? json_incref(row) : NULL;
    json_decref(row);
    return rc;
}

static json_t *move_row(struct db_stmt *stmt)
{
    const char *no = db_text(stmt, 10);
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "row", "move", "at", db_text(stmt, 0), "kind",
                     db_text(stmt, 9)[0] ? db_text(stmt, 9) : db_text(stmt, 1), "doc", no[0] ? no : db_text(stmt, 2),
                     "device", (json_int_t)db_int(stmt, 3), "site", db_text(stmt, 6), "from", db_text(stmt, 7), "to",
                     db_text(stmt, 8));
}

static enum rc add_moves(struct tracing *tracing)
{
    struct db_stmt *stmt = core_query(tracing->server, QUERY_MOVEMENT_OF);
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, tracing->unit.key);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        json_t *move = move_row(stmt);
        if (tracing->dealer)
            move = move_for_dealer(&tracing->scope, move);
        else if (tracing->auditors)
            rc = move_for_auditor(tracing, move, &move);
        if (!rc && move)
            rc = add(tracing, move);
    }
    db_reset(stmt);
    return rc;
}

/* A record of a device that is the asker's to read of. */
static bool is_own_site(const struct tracing *tracing, const char *site)
{
    char holder[HOLDER_MAX + 1];
    snprintf(holder, sizeof holder, "site:%.63s", site);
    if (tracing->auditors)
        return strcmp(site, tracing->scope.site) == 0;
    return !tracing->dealer || scope_place(&tracing->scope, holder) == SCOPE_MINE;
}

static enum rc add_record(struct tracing *tracing, struct db_stmt *stmt)
{
    static const char *const OUTCOMES[] = {"accepted", "refused", "held"};
    json_t *body = json_loads(db_text(stmt, 6), JSON_ALLOW_NUL, NULL);
    const char *no = apply_text(body, "no");
    enum rc rc = RC_OK;
    if (is_own_site(tracing, apply_text(body, "site")))
        rc = add(tracing,
                 json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "row", "record", "at", apply_text(body, "at"),
                           "kind", db_text(stmt, 5), "doc", no[0] ? no : apply_text(body, "doc"), "device",
                           (json_int_t)db_int(stmt, 0), "site", apply_text(body, "site"), "reason",
                           apply_text(body, "reason"), "outcome", OUTCOMES[db_int(stmt, 3)]));
    json_decref(body);
    return rc;
}

static enum rc add_records(struct tracing *tracing)
{
    struct db_stmt *stmt = core_query(tracing->server, QUERY_RECORD_OF_KEY);
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, tracing->unit.key);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            rc = add_record(tracing, stmt);
    }
    db_reset(stmt);
    return rc;
}

/* Another auditor's work is told as the pull tells it: where, and when. */
static json_t *audit_row(const struct tracing *tracing, struct db_stmt *stmt)
{
    bool own = (!tracing->sales && !tracing->auditors) || db_int(stmt, 7) == tracing->scope.device;
    json_t *row = json_pack("{s:s, s:s, s:s}", "row", "audit", "at", db_text(stmt, 1), "region", db_text(stmt, 0));
    if (row && own)
        json_object_update_new(row, json_pack("{s:s, s:I, s:o, s:s, s:s}", "doc", db_text(stmt, 2), "device",
                                              (json_int_t)db_int(stmt, 7), "party", text_or_null(db_text(stmt, 4)),
                                              "reason", db_text(stmt, 5), "findings", db_text(stmt, 6)));
    return row;
}

static enum rc add_audits(struct tracing *tracing)
{
    struct db_stmt *stmt = core_query(tracing->server, QUERY_SIGHTING_OF);
    bool row = !tracing->dealer;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, tracing->unit.key);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            rc = add(tracing, audit_row(tracing, stmt));
    }
    db_reset(stmt);
    return rc;
}

/* A dealer is told that there is one, and when. */
static enum rc add_conflicts(struct tracing *tracing)
{
    struct db_stmt *stmt = core_query(tracing->server, QUERY_CONFLICT_OF);
    char at[TIME_TEXT_MAX + 1];
    bool row = !tracing->sales;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, tracing->unit.key);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row || !is_own_site(tracing, db_text(stmt, 4)))
            continue;
        json_t *conflict = json_pack("{s:s, s:s, s:I}", "row", "conflict", "at", time_print(db_int(stmt, 1), 0, at),
                                     "case", (json_int_t)db_int(stmt, 0));
        if (conflict && !tracing->dealer)
            json_object_set_new(conflict, "kind", json_string(db_text(stmt, 2)));
        rc = add(tracing, conflict);
    }
    db_reset(stmt);
    return rc;
}

static enum rc add_sales(struct tracing *tracing)
{
    json_t *sales, *sale, *party;
    size_t i;
    enum rc rc = sales_of(tracing->server, tracing->unit.key, tracing->holder, &sales);
    if (rc)
        return rc;
    json_array_foreach(sales, i, sale)
    {
        party = NULL;
        if (!rc)
            rc = entities_get(tracing->server, "party", apply_text(sale, "to"), &party);
        if (!rc || rc == RC_NOT_FOUND)
            rc = add(tracing, json_pack("{s:s, s:s, s:s, s:s, s:s}", "row", "sale", "at", apply_text(sale, "at"),
                                        "doc", apply_text(sale, "doc"), "to", apply_text(sale, "to"), "name",
                                        apply_text(party, "name")));
        json_decref(party);
    }
    json_decref(sales);
    return rc;
}

/* ---- answering ---- */

/* RC_NOT_FOUND: nobody knows it. RC_AUTH: it is another's. */
static enum rc find(struct tracing *tracing, const char *text)
{
    char key[CODE_KEY_MAX + 1];
    enum told told = TOLD_ROW;
    struct scope *scope = &tracing->scope;
    enum rc rc = listing_find_key(tracing->server, text, key);
    if (rc)
        return rc; /* also what is no code at all */
    rc = units_get(tracing->server, key, &tracing->unit);
    tracing->known = rc == RC_OK;
    if (rc == RC_NOT_FOUND)
        rc = units_find(tracing->server, key, &tracing->unit);
    if (!rc && tracing->known)
        rc = units_holder(tracing->server, &tracing->unit, tracing->holder);
    if (rc || !scope->dealer || !tracing->known)
        return rc;
    rc = told_code(tracing->server, scope, &tracing->unit, true, &told, tracing->holder);
    tracing->sales = scope->auditor && told != TOLD_ROW;
    return !rc && told != TOLD_ROW && !scope->auditor ? RC_AUTH : rc;
}

static enum rc gather(struct tracing *tracing, const char *text)
{
    static enum rc (*const PARTS[])(struct tracing * tracing) = {
        add_code, add_goods, add_aggregation, add_sales, add_moves, add_records, add_audits, add_conflicts};
    bool auditor = tracing->scope.auditor;
    enum rc rc = find(tracing, text);
    tracing->dealer = tracing->scope.dealer && !tracing->sales;
    tracing->auditors = tracing->scope.auditors_alone;
    for (size_t i = 0; !rc && i < sizeof PARTS / sizeof PARTS[0]; i++) {
        bool path = PARTS[i] == add_moves || PARTS[i] == add_records;
        if ((PARTS[i] != add_sales || auditor) && !(path && tracing->sales))
            rc = PARTS[i](tracing);
    }
    /* nothing but that nobody knows it */
    return !rc && !tracing->known && json_array_size(tracing->rows) <= 1 ? RC_NOT_FOUND : rc;
}

static enum rc make(struct tracing *tracing, int64_t device, const char *site, const char *text)
{
    enum rc rc = db_begin_read(tracing->server->db);
    if (rc)
        return rc;
    rc = scope_read(tracing->server, device, site, &tracing->scope);
    if (!rc)
        rc = gather(tracing, text);
    db_rollback(tracing->server->db); /* nothing was written */
    return rc;
}

static enum rc print_rows(const json_t *rows, char **ret_text, size_t *ret_len)
{
    FILE *out = open_memstream(ret_text, ret_len);
    json_t *row;
    size_t i;
    enum rc rc = out ? RC_OK : RC_NOMEM;
    if (!out)
        return rc;
    json_array_foreach(rows, i, row)
    {
        if (!rc)
            rc = listing_print(json_incref(row), out);
    }
    return fclose(out) && !rc ? RC_NOMEM : rc;
}

static void answer(struct tracing *tracing, struct api_reply *ret_reply)
{
    struct trace_reply reply = {.head = answer_head(tracing->server), .count = (int)json_array_size(tracing->rows)};
    char *lines = NULL, *text = NULL;
    size_t lines_len = 0, len = 0;
    snprintf(reply.key, sizeof reply.key, "%s", tracing->unit.key);
    enum rc rc = print_rows(tracing->rows, &lines, &lines_len);
    reply.lines = lines;
    reply.lines_len = lines_len;
    if (!rc)
        rc = trace_reply_encode(&reply, &text, &len);
    answer_ok(tracing->server, rc, text, len, ret_reply);
    free(lines);
}

void tracing_trace(struct server *server, const struct answer_peer *peer, const struct api_request *request,
                   struct api_reply *ret_reply)
{
    struct trace_request message;
    struct tracing tracing = {.server = server, .rows = json_array()};
    if (trace_request_decode(request->body, request->body_len, &message)) {
        answer_no(server, 400, REFUSAL_BAD_MESSAGE, "not a trace", ret_reply);
        json_decref(tracing.rows);
        return;
    }
    enum rc rc = make(&tracing, peer->device, peer->site, message.key);
    if (rc == RC_NOT_FOUND)
        answer_no(server, 404, REFUSAL_NOT_FOUND, "nothing is known of this code", ret_reply);
    else if (rc == RC_AUTH)
        answer_no(server, 403, REFUSAL_WRONG_HOLDER, "these goods are not yours", ret_reply);
    else if (rc)
        answer_failed(server, rc, "tracing", ret_reply);
    else
        answer(&tracing, ret_reply);
    scope_free(&tracing.scope);
    json_decref(tracing.rows);
}
