#include "sync/server/moves.h"
#include "app/domain/date.h"
#include "sync/server/flows.h"
#include "sync/server/groups.h"
#include "sync/server/permits.h"
#include "sync/server/provisional.h"
#include "sync/server/shares.h"
#include "sync/server/undo.h"
#include "sync/server/units.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One `complete` at work. */
struct moving {
    struct apply_batch *batch;
    const struct apply_record *record;
    const json_t *opened;
    json_t *tallies; /* objects: epoch, seq, key, unit, dest, state, operator, alloc (as text) */
    enum flow_work work;
    bool back;                   /* the goods come back: a void, a return */
    char holder[HOLDER_MAX + 1]; /* where the flow brings its goods; "" they stay */
    const char *state;           /* and in which state; NULL as it was */
    char at[TIME_TEXT_MAX + 1];
};

enum rc moves_tallies(struct apply_batch *batch, const char *doc, json_t **ret_list)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_LIVE);
    json_t *list = json_array();
    bool row = list != NULL;
    enum rc rc = list ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        json_t *tally =
            json_pack("{s:I, s:I, s:s, s:b, s:s, s:I, s:s, s:s}", "epoch", (json_int_t)db_int(stmt, 0), "seq",
                      (json_int_t)db_int(stmt, 1), "key", db_text(stmt, 2), "unit", (int)db_int(stmt, 3), "dest",
                      db_text(stmt, 4), "state", (json_int_t)db_int(stmt, 5), "operator", db_text(stmt, 6), "alloc",
                      db_text(stmt, 7));
        if (json_array_append_new(list, tally))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    if (rc)
        json_decref(list);
    else
        *ret_list = list;
    return rc;
}

static int64_t number(const json_t *tally, const char *name)
{
    return json_integer_value(json_object_get(tally, name));
}

static bool is_live(const json_t *tally)
{
    return number(tally, "state") == TALLY_LIVE;
}

/* ---- one unit ---- */

static struct movement movement_to(const struct moving *moving, const char *holder)
{
    const struct apply_batch *batch = moving->batch;
    const struct apply_record *record = moving->record;
    return (struct movement){.at = moving->at,
                             .kind = record->kind,
                             .doc = record->doc,
                             .no = apply_text(record->body, "no"),
                             .flow = apply_text(record->body, "flow"),
                             .site = flows_site(batch, record->body),
                             .device = batch->peer->device,
                             .epoch = batch->epoch,
                             .seq = record->seq,
                             .to = holder};
}

/* What goes along has the new state too; what stays where it is, all that is in it there. */
static enum rc move_unit(const struct moving *moving, const struct unit *unit, const json_t *tally)
{
    const char *dest = apply_text(tally, "dest");
    struct movement movement = movement_to(moving, dest[0] ? dest : moving->holder);
    bool waits = false;
    if (!movement.to[0])
        return moving->state ? units_set_state(moving->batch->server, unit, moving->state) : RC_OK;
    enum rc rc = moving->batch->party[0] ? provisional_move(moving->batch, &movement, number(tally, "epoch"),
                                                            number(tally, "seq"), moving->state, &waits)
                                         : RC_OK;
    return rc || waits ? rc : movements_bring(moving->batch->server, &movement, unit, moving->state);
}

/* Those scanned alone first: each leaves its container, so that the container goes without it. */
static enum rc move_units(const struct moving *moving)
{
    struct unit unit;
    const json_t *tally;
    size_t i;
    enum rc rc = RC_OK;
    for (int containers = 0; containers <= 1; containers++) {
        json_array_foreach(moving->tallies, i, tally)
        {
            if (rc || !is_live(tally) || !json_is_true(json_object_get(tally, "unit")))
                continue;
            rc = units_find(moving->batch->server, apply_text(tally, "key"), &unit);
            if (!rc && unit.container == containers)
                rc = move_unit(moving, &unit, tally);
        }
    }
    return rc;
}

/* ---- their rows ---- */

static enum rc drop_claims(const struct moving *moving)
{
    const json_t *tally;
    size_t i;
    enum rc rc = RC_OK;
    json_array_foreach(moving->tallies, i, tally)
    {
        struct db_stmt *stmt = core_query(moving->batch->server, QUERY_CLAIM_DROP);
        db_bind_text(stmt, 1, apply_text(tally, "key"));
        db_bind_int(stmt, 2, moving->batch->peer->device);
        db_bind_int(stmt, 3, number(tally, "epoch"));
        db_bind_int(stmt, 4, number(tally, "seq"));
        if (!rc)
            rc = db_run(stmt);
    }
    return rc;
}

static enum rc release_loose(struct apply_batch *batch, const char *doc, const json_t *tallies,
                             enum rc (*release)(struct apply_batch *batch, const char *doc, int64_t epoch,
                                                int64_t seq, bool *ret_was_live))
{
    const json_t *tally;
    size_t i;
    bool was_live;
    enum rc rc = RC_OK;
    json_array_foreach(tallies, i, tally)
    {
        if (!rc && is_live(tally))
            rc = release(batch, doc, number(tally, "epoch"), number(tally, "seq"), &was_live);
    }
    return rc;
}

static enum rc mark_moved(struct apply_batch *batch, const char *doc)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_MOVED);
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    return db_run(stmt);
}

static enum rc copy_tally(const struct moving *moving, const json_t *tally, const char *member, const json_t *allocs)
{
    char *text = json_dumps(allocs, JSON_COMPACT);
    struct db_stmt *stmt = core_query(moving->batch->server, QUERY_TALLY_COPY);
    if (!text)
        return RC_NOMEM;
    db_bind_text(stmt, 1, member);
    db_bind_int(stmt, 2, moving->batch->peer->device);
    db_bind_int(stmt, 3, number(tally, "epoch"));
    db_bind_int(stmt, 4, number(tally, "seq"));
    db_bind_text(stmt, 5, apply_text(tally, "key"));
    db_bind_int(stmt, 6, json_is_true(json_object_get(tally, "unit")));
    db_bind_text(stmt, 7, apply_text(tally, "operator"));
    db_bind_text(stmt, 8, text);
    enum rc rc = db_run(stmt);
    free(text);
    return rc;
}

/* Each document of a group has its part of what moved, for its own result. */
static enum rc share_out(const struct moving *moving)
{
    json_t *members = groups_members(moving->opened);
    const json_t *tally, *member;
    size_t i, m;
    enum rc rc = members ? RC_OK : RC_NOMEM;
    json_array_foreach(moving->tallies, i, tally)
    {
        json_t *allocs = json_loads(apply_text(tally, "alloc"), 0, NULL);
        json_array_foreach(members, m, member)
        {
            json_t *part = groups_allocations(allocs, json_string_value(member), m == 0);
            if (!rc && json_array_size(part))
                rc = copy_tally(moving, tally, json_string_value(member), part);
            json_decref(part);
        }
        json_decref(allocs);
    }
    json_decref(members);
    return rc;
}

/* ---- complete and abandon ---- */

/* What was entered late happened on the day that its opening names. */
static void tell_time(struct moving *moving, const struct flow *flow)
{
    const char *at = apply_text(moving->record->body, "at");
    const char *day = apply_text(json_object_get(moving->opened, "header"), "at");
    day_t when;
    size_t len = strlen(at);
    bool late = flow && strcmp(flow->base, "late-entry") == 0 && day_parse(day, &when) == RC_OK && len >= 6;
    if (late)
        snprintf(moving->at, sizeof moving->at, "%.10sT00:00:00.000%s", day, at + len - 6);
    else
        snprintf(moving->at, sizeof moving->at, "%s", at);
}

static enum rc read_flow(struct moving *moving)
{
    struct apply_batch *batch = moving->batch;
    const struct apply_record *record = moving->record;
    const char *name = apply_text(record->body, "flow"), *site = flows_site(batch, record->body);
    char quarantine[ID_MAX + 1] = "";
    struct document document;
    struct apply_document *told;
    struct holder holder;
    const struct flow *flow;
    enum rc rc = apply_document(batch, record->doc, &told);
    if (!rc)
        rc = flows_get(batch, name[0] ? name : apply_text(told->body, "flow"), &flow);
    if (!rc)
        rc = flows_document(batch, record->doc, &document);
    if (!rc && flow && flow->after == GO_QUARANTINE)
        rc = flows_quarantine(batch->server, site, quarantine);
    if (rc)
        return rc;
    tell_time(moving, flow);
    if (!flow)
        return RC_OK;
    flow_destination(flow, &document, site, quarantine, 0, &holder);
    if (holder.kind != HOLDER_UNKNOWN)
        holder_print(&holder, moving->holder);
    moving->work = flow->work;
    moving->back = strcmp(flow->base, "void") == 0 || strcmp(flow->base, "return") == 0;
    moving->state = flow->after_state >= 0 ? code_state_word((enum code_state)flow->after_state) : NULL;
    return RC_OK;
}

/* From dealer to dealer: what no permit covers went all the same. */
static enum rc use_permits(const struct moving *moving, struct apply_outcome *outcome)
{
    bool covered = true;
    if (moving->back)
        return permits_return(moving->batch, moving->tallies);
    enum rc rc = permits_ship(moving->batch, moving->opened, moving->tallies, moving->holder, moving->at, &covered);
    if (!rc && !covered)
        apply_note(outcome, "not-on-order");
    return rc;
}

enum rc moves_complete(struct apply_batch *batch, const struct apply_record *record, const json_t *opened,
                       struct apply_outcome *outcome)
{
    struct moving moving = {.batch = batch, .record = record, .opened = opened};
    enum rc rc = read_flow(&moving);
    if (!rc)
        rc = moves_tallies(batch, record->doc, &moving.tallies);
    if (!rc)
        rc = use_permits(&moving, outcome);
    if (!rc && moving.work == WORK_PACK)
        rc = release_loose(batch, record->doc, moving.tallies, undo_drop);
    else if (!rc)
        rc = move_units(&moving);
    if (!rc)
        rc = drop_claims(&moving);
    if (!rc && moving.work != WORK_PACK)
        rc = share_out(&moving);
    if (!rc)
        rc = mark_moved(batch, record->doc);
    json_decref(moving.tallies);
    return rc;
}

enum rc moves_abandon(struct apply_batch *batch, const char *doc)
{
    json_t *tallies = NULL;
    enum rc rc = moves_tallies(batch, doc, &tallies);
    if (!rc)
        rc = release_loose(batch, doc, tallies, undo_tally);
    json_decref(tallies);
    return rc ? rc : mark_moved(batch, doc);
}
