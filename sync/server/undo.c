#include "sync/server/undo.h"
#include "app/domain/product.h"
#include "sync/server/cases.h"
#include "sync/server/conflicts.h"
#include "sync/server/packs.h"
#include "sync/server/provisional.h"
#include "sync/server/shares.h"
#include "sync/server/takes.h"
#include "sync/server/totals.h"
#include "sync/server/units.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum rc give_back(struct apply_batch *batch, const char *doc, const char *text)
{
    json_t *allocs = json_loads(text, 0, NULL), *alloc;
    enum rc rc = RC_OK;
    bool over = false;
    size_t i;
    json_array_foreach(allocs, i, alloc)
    {
        if (!rc)
            rc = totals_add(batch, doc, alloc, -1, &over);
    }
    json_decref(allocs);
    return rc;
}

enum rc undo_drop(struct apply_batch *batch, const char *doc, int64_t epoch, int64_t seq, bool *ret_was_live)
{
    int64_t device = batch->peer->device;
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_RELEASE);
    char key[CODE_KEY_MAX + 1], *allocs = NULL;
    bool live = false;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, device);
    db_bind_int(stmt, 3, epoch);
    db_bind_int(stmt, 4, seq);
    enum rc rc = db_step(stmt, &live);
    if (!rc && live) {
        snprintf(key, sizeof key, "%s", db_text(stmt, 0));
        allocs = strdup(db_text(stmt, 2));
        rc = allocs ? RC_OK : RC_NOMEM;
    }
    db_reset(stmt);
    *ret_was_live = live;
    if (!rc && live) {
        stmt = core_query(batch->server, QUERY_CLAIM_DROP);
        db_bind_text(stmt, 1, key);
        db_bind_int(stmt, 2, device);
        db_bind_int(stmt, 3, epoch);
        db_bind_int(stmt, 4, seq);
        rc = db_run(stmt);
        if (!rc)
            rc = provisional_withdraw(batch, epoch, seq);
        if (!rc)
            rc = give_back(batch, doc, allocs);
    }
    free(allocs);
    return rc;
}

/* What the tally took from another document, and the unit that it is about; NULL in *ret_took when nothing. */
static enum rc read_took(const struct apply_batch *batch, const char *doc, int64_t epoch, int64_t seq, char *ret_key,
                         json_t **ret_took)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_TOOK);
    bool row;
    *ret_took = NULL;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, epoch);
    db_bind_int(stmt, 4, seq);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row) {
        snprintf(ret_key, CODE_KEY_MAX + 1, "%s", db_text(stmt, 0));
        *ret_took = json_loads(db_text(stmt, 1), 0, NULL);
    }
    db_reset(stmt);
    return rc;
}

enum rc undo_tally(struct apply_batch *batch, const char *doc, int64_t epoch, int64_t seq, bool *ret_was_live)
{
    char key[CODE_KEY_MAX + 1];
    json_t *took = NULL;
    enum rc rc = undo_drop(batch, doc, epoch, seq, ret_was_live);
    if (!rc && *ret_was_live)
        rc = read_took(batch, doc, epoch, seq, key, &took);
    if (!rc && took)
        rc = takes_give_back(batch, key, took);
    json_decref(took);
    return rc;
}

/* ---- one record's undo ---- */

/* A tally that is spoken of; state 0: there is none. */
struct spoken {
    struct apply_batch *batch;
    const char *doc;
    int64_t seq;
    int state;
    char key[CODE_KEY_MAX + 1];
    json_t *did; /* owned; NULL nothing */
};

static enum rc read_spoken(struct spoken *spoken)
{
    struct db_stmt *stmt = core_query(spoken->batch->server, QUERY_TALLY_DID);
    bool row;
    db_bind_text(stmt, 1, spoken->doc);
    db_bind_int(stmt, 2, spoken->batch->peer->device);
    db_bind_int(stmt, 3, apply_epoch_of(spoken->batch, spoken->seq));
    db_bind_int(stmt, 4, spoken->seq);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row) {
        spoken->state = (int)db_int(stmt, 0);
        snprintf(spoken->key, sizeof spoken->key, "%s", db_text(stmt, 1));
        spoken->did = json_loads(db_text(stmt, 2), 0, NULL);
    }
    db_reset(stmt);
    return rc;
}

static enum rc is_claimed(struct server *server, const char *key, bool *ret_claimed)
{
    struct db_stmt *stmt = core_query(server, QUERY_CLAIM_GET);
    db_bind_text(stmt, 1, key);
    enum rc rc = db_step(stmt, ret_claimed);
    db_reset(stmt);
    return rc;
}

/* A code that this record alone told of is forgotten with it. */
static enum rc forget_code(struct server *server, const char *key)
{
    struct unit unit;
    json_t *children = NULL;
    bool claimed = false;
    enum rc rc = units_get(server, key, &unit);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (!rc)
        rc = units_children(server, key, &children);
    if (!rc)
        rc = is_claimed(server, key, &claimed);
    bool alone = !rc && !claimed && unit.stored && !unit.touched && !unit.parent[0] && !unit.holder[0] &&
                 !unit.state[0] && json_array_size(children) == 0;
    json_decref(children);
    return rc || !alone ? rc : units_delete(server, key);
}

/* The goods themselves have changed: they are damaged, say. */
static enum rc set_condition(struct server *server, const char *key, const char *word)
{
    enum code_state state;
    struct unit unit;
    if (!code_state_from_word(word, &state))
        return RC_OK;
    enum rc rc = units_find(server, key, &unit);
    return rc ? rc : units_set_state(server, &unit, word);
}

static enum rc take_back(struct spoken *spoken, const char *condition)
{
    struct apply_batch *batch = spoken->batch;
    bool was_live;
    enum rc rc = undo_tally(batch, spoken->doc, apply_epoch_of(batch, spoken->seq), spoken->seq, &was_live);
    if (!rc && json_object_get(spoken->did, "rows"))
        rc = packs_reverse(batch, spoken->doc, spoken->did);
    if (!rc && condition[0])
        rc = set_condition(batch->server, spoken->key, condition);
    else if (!rc && json_is_true(json_object_get(spoken->did, "learned")))
        rc = forget_code(batch->server, spoken->key);
    return rc;
}

/* True while nothing came of it: then it can be taken back. */
static enum rc can_take_back(const struct spoken *spoken, bool *ret_can)
{
    bool packed_by_another = spoken->state == TALLY_PACKED && !json_object_get(spoken->did, "rows");
    *ret_can = spoken->state != TALLY_MOVED && !packed_by_another;
    if (!*ret_can || !json_object_get(spoken->did, "rows") || spoken->state == TALLY_RELEASED)
        return RC_OK;
    return packs_untouched(spoken->batch, spoken->did, spoken->seq, ret_can);
}

static enum rc undo_one(struct spoken *spoken, const char *condition, struct apply_outcome *outcome)
{
    bool can = true;
    enum rc rc = can_take_back(spoken, &can);
    if (rc)
        return rc;
    /* after the document was completed the goods have moved: taking them back is a return */
    if (!can)
        apply_refuse(outcome, PUSH_REFUSED, "undo-too-late");
    /* undoing a reject, or what was refused, moves nothing */
    bool counts = spoken->state == TALLY_LIVE || spoken->state == TALLY_PACKED;
    return can && counts ? take_back(spoken, condition) : RC_OK;
}

static enum rc undo_scan(struct spoken *spoken, const char *condition, struct apply_outcome *outcome)
{
    enum rc rc = undo_one(spoken, condition, outcome);
    return rc || outcome->outcome != PUSH_ACCEPTED ? rc : cases_forget(spoken->batch, spoken->seq);
}

/* What never counted here was lost to another: that is settled now. */
static enum rc taken_out(struct apply_batch *batch, const struct apply_record *record, int64_t scan_seq)
{
    const struct epochs_end *stream = epochs_end(&batch->line, scan_seq);
    const struct conflict_answer answer = {.operator= apply_text(record->body, "operator"),
                                           .at = apply_text(record->body, "at"),
                                           .device = stream->device,
                                           .epoch = stream->epoch,
                                           .seq = record->seq};
    return conflicts_taken(batch->server, scan_seq, &answer);
}

enum rc undo_record(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome)
{
    struct spoken spoken = {
        .batch = batch, .doc = record->doc, .seq = json_integer_value(json_object_get(record->body, "ref"))};
    bool was_live;
    enum rc rc = read_spoken(&spoken);
    if (!rc && strcmp(record->kind, "undo") == 0)
        rc = undo_scan(&spoken, apply_text(record->body, "condition"), outcome);
    else if (!rc && spoken.state == TALLY_MOVED)
        apply_refuse(outcome, PUSH_REFUSED, "undo-too-late");
    else if (!rc && spoken.state == TALLY_LIVE)
        rc = undo_drop(batch, record->doc, apply_epoch_of(batch, spoken.seq), spoken.seq, &was_live);
    if (!rc && !spoken.state && strcmp(record->kind, "recheck") != 0)
        rc = taken_out(batch, record, spoken.seq);
    json_decref(spoken.did);
    return rc;
}
