#include "sync/server/shares.h"
#include "app/domain/flow.h"
#include "app/domain/holder.h"
#include "sync/server/claims.h"
#include "sync/server/entities.h"
#include "sync/server/evidence.h"
#include "sync/server/results.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Other devices are told that this one works on the document, or no longer does. */
static enum rc tell(struct apply_batch *batch, const char *doc, bool gone)
{
    char id[FEED_ID_MAX + 1];
    snprintf(id, sizeof id, "%s|%" PRId64, doc, batch->peer->device);
    json_t *body = json_pack("{s:s, s:I, s:n}", "doc", doc, "device", (json_int_t)batch->peer->device, "lines");
    enum rc rc = body ? entities_put(batch->server, "share", id, body, gone) : RC_NOMEM;
    json_decref(body);
    return rc;
}

/* The share that is in no result yet: *ret_state 0 when there is none; the caller frees *ret_opened. */
static enum rc get(struct apply_batch *batch, const char *doc, int *ret_state, char **ret_opened)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_SHARE_GET);
    bool row;
    *ret_state = 0;
    *ret_opened = NULL;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row) {
        *ret_state = (int)db_int(stmt, 0);
        *ret_opened = strdup(db_text(stmt, 1));
    }
    db_reset(stmt);
    return rc;
}

static enum rc put(struct apply_batch *batch, const char *doc, enum share_state state, const char *opened,
                   const char *closed)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_SHARE_PUT);
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, (int64_t)state);
    db_bind_text(stmt, 4, opened);
    db_bind_text(stmt, 5, closed);
    enum rc rc = db_run(stmt);
    if (!rc && strcmp(batch->document.doc, doc) == 0)
        batch->document.share_open = state == SHARE_OPEN;
    return rc ? rc : tell(batch, doc, state != SHARE_OPEN);
}

static enum rc put_record(struct apply_batch *batch, const char *doc, enum share_state state, const char *opened,
                          const json_t *record)
{
    char *text = json_dumps(record, JSON_COMPACT);
    enum rc rc = RC_NOMEM;
    if (text)
        rc = put(batch, doc, state, opened ? opened : text, opened ? text : NULL);
    free(text);
    return rc;
}

enum rc shares_open(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome)
{
    struct apply_document *document;
    enum rc rc = apply_document(batch, record->doc, &document);
    if (rc)
        return rc;
    evidence_revision(document, apply_text(record->body, "rev"), outcome);
    return put_record(batch, record->doc, SHARE_OPEN, NULL, record->body);
}

enum rc shares_ensure(struct apply_batch *batch, const json_t *record)
{
    const char *doc = apply_text(record, "doc");
    struct apply_document *document;
    char *opened;
    int state;
    enum rc rc = apply_document(batch, doc, &document);
    if (rc || document->share_open)
        return rc;
    rc = get(batch, doc, &state, &opened);
    if (!rc && state != SHARE_OPEN) {
        if (opened)
            rc = put(batch, doc, SHARE_OPEN, opened, NULL);
        else
            rc = put_record(batch, doc, SHARE_OPEN, NULL, record);
    }
    if (!rc)
        document->share_open = true;
    free(opened);
    return rc;
}

/* Where the goods are once they have left; false when the flow moves nothing. */
static bool destination(const struct apply_document *document, const json_t *opened, const json_t *complete,
                        char *ret_holder)
{
    const char *flow_name = apply_text(complete, "flow"), *to = apply_text(document->body, "to");
    const struct flow *flow = flow_find(flow_name[0] ? flow_name : apply_text(document->body, "flow"));
    struct holder holder;
    if (!to[0])
        to = apply_text(opened, "to");
    if (!flow || flow->after != GO_TRANSIT || holder_parse(to, &holder))
        return false;
    if (holder.kind == HOLDER_PARTY)
        holder.kind = HOLDER_TRANSIT_PARTY;
    else if (holder.kind == HOLDER_SITE)
        holder.kind = HOLDER_TRANSIT_SITE;
    if (holder.kind != HOLDER_TRANSIT_PARTY && holder.kind != HOLDER_TRANSIT_SITE)
        return false;
    holder_print(&holder, ret_holder);
    return true;
}

/* This device's live tallies of the document: [epoch, seq, key, unit]. */
static enum rc live_tallies(struct apply_batch *batch, const char *doc, json_t **ret_list)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_LIVE);
    json_t *list = json_array();
    bool row = list != NULL;
    enum rc rc = list ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row &&
            json_array_append_new(list,
                                  json_pack("[I, I, s, b]", (json_int_t)db_int(stmt, 0), (json_int_t)db_int(stmt, 1),
                                            db_text(stmt, 2), (int)db_int(stmt, 3))))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    if (rc)
        json_decref(list);
    else
        *ret_list = list;
    return rc;
}

static enum rc log_movement(struct apply_batch *batch, const struct apply_record *record, const char *key,
                            const char *from, const char *to)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_MOVEMENT_ADD);
    const char *site = apply_text(record->body, "site");
    db_bind_text(stmt, 1, key);
    db_bind_text(stmt, 2, apply_text(record->body, "at"));
    db_bind_text(stmt, 3, record->kind);
    db_bind_text(stmt, 4, record->doc);
    db_bind_int(stmt, 5, batch->peer->device);
    db_bind_int(stmt, 6, batch->epoch);
    db_bind_int(stmt, 7, record->seq);
    db_bind_text(stmt, 8, site[0] ? site : batch->peer->site);
    db_bind_text(stmt, 9, from);
    db_bind_text(stmt, 10, to);
    return db_run(stmt);
}

static enum rc move_unit(struct apply_batch *batch, const struct apply_record *record, const struct unit *unit,
                         const char *holder)
{
    char from[HOLDER_MAX + 1];
    json_t *moved, *key;
    size_t i;
    enum rc rc = units_move(batch->server, unit, holder, &moved, from);
    if (rc)
        return rc;
    json_array_foreach(moved, i, key)
    {
        if (!rc)
            rc = log_movement(batch, record, json_string_value(key), from, holder);
    }
    json_decref(moved);
    return rc;
}

/* Those scanned alone first: each leaves its container, so that the container goes without it. */
static enum rc move_tallies(struct apply_batch *batch, const struct apply_record *record, const json_t *tallies,
                            const char *holder)
{
    struct unit unit;
    const json_t *tally;
    size_t i;
    enum rc rc = RC_OK;
    for (int containers = 0; containers <= 1; containers++) {
        json_array_foreach(tallies, i, tally)
        {
            const char *key = json_string_value(json_array_get(tally, 2));
            if (rc || !json_is_true(json_array_get(tally, 3)))
                continue;
            rc = units_get(batch->server, key, &unit);
            if (rc == RC_NOT_FOUND) {
                unit = (struct unit){.level = -1};
                snprintf(unit.key, sizeof unit.key, "%s", key);
                rc = RC_OK;
            }
            if (!rc && unit.container == containers)
                rc = move_unit(batch, record, &unit, holder);
        }
    }
    return rc;
}

static enum rc drop_claims(struct apply_batch *batch, const json_t *tallies)
{
    const json_t *tally;
    size_t i;
    enum rc rc = RC_OK;
    json_array_foreach(tallies, i, tally)
    {
        struct db_stmt *stmt = core_query(batch->server, QUERY_CLAIM_DROP);
        db_bind_text(stmt, 1, json_string_value(json_array_get(tally, 2)));
        db_bind_int(stmt, 2, batch->peer->device);
        db_bind_int(stmt, 3, json_integer_value(json_array_get(tally, 0)));
        db_bind_int(stmt, 4, json_integer_value(json_array_get(tally, 1)));
        if (!rc)
            rc = db_run(stmt);
    }
    return rc;
}

static enum rc move_all(struct apply_batch *batch, const struct apply_record *record, const char *opened_text)
{
    struct apply_document *document;
    char holder[HOLDER_MAX + 1];
    json_t *tallies = NULL, *opened = json_loads(opened_text, 0, NULL);
    enum rc rc = apply_document(batch, record->doc, &document);
    if (!rc)
        rc = live_tallies(batch, record->doc, &tallies);
    if (!rc && destination(document, opened, record->body, holder))
        rc = move_tallies(batch, record, tallies, holder);
    if (!rc)
        rc = drop_claims(batch, tallies);
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_MOVED);
    db_bind_text(stmt, 1, record->doc);
    db_bind_int(stmt, 2, batch->peer->device);
    if (!rc)
        rc = db_run(stmt);
    json_decref(opened);
    json_decref(tallies);
    return rc;
}

enum rc shares_complete(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome)
{
    struct apply_document *document;
    char *opened = NULL;
    int state = 0;
    enum rc rc = shares_ensure(batch, record->body);
    if (!rc)
        rc = apply_document(batch, record->doc, &document);
    if (!rc)
        rc = get(batch, record->doc, &state, &opened);
    if (!rc && !opened)
        rc = RC_NOMEM;
    if (!rc) {
        json_t *share = json_loads(opened, JSON_ALLOW_NUL, NULL);
        evidence_revision(document, apply_text(share, "rev"), outcome);
        json_decref(share);
    }
    if (!rc)
        rc = move_all(batch, record, opened);
    if (!rc)
        rc = put_record(batch, record->doc, SHARE_CLOSED, opened, record->body);
    if (!rc)
        rc = results_make(batch, record->doc);
    free(opened);
    return rc;
}

enum rc shares_abandon(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome)
{
    json_t *tallies = NULL, *tally;
    char *opened = NULL;
    size_t i;
    int state;
    bool was_live;
    (void)outcome;
    enum rc rc = get(batch, record->doc, &state, &opened);
    if (!rc)
        rc = live_tallies(batch, record->doc, &tallies);
    json_array_foreach(tallies, i, tally)
    {
        if (!rc)
            rc = claims_undo(batch, record->doc, json_integer_value(json_array_get(tally, 0)),
                             json_integer_value(json_array_get(tally, 1)), &was_live);
    }
    if (!rc && opened)
        rc = put_record(batch, record->doc, SHARE_ABANDONED, opened, record->body);
    if (!rc)
        rc = results_make(batch, record->doc);
    json_decref(tallies);
    free(opened);
    return rc;
}
