#include "sync/server/shares.h"
#include "app/domain/qty.h"
#include "sync/server/cases.h"
#include "sync/server/entities.h"
#include "sync/server/evidence.h"
#include "sync/server/groups.h"
#include "sync/server/moves.h"
#include "sync/server/results.h"
#include "sync/server/revisions.h"
#include "sync/server/undo.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHARE_BEGAN "began" /* beside what the device said: the record by which it first opened the document */

static enum rc get_of(struct apply_batch *batch, const char *doc, int64_t device, int *ret_state, char **ret_opened)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_SHARE_GET);
    bool row;
    *ret_state = 0;
    *ret_opened = NULL;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, device);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row) {
        *ret_state = (int)db_int(stmt, 0);
        *ret_opened = strdup(db_text(stmt, 1));
    }
    db_reset(stmt);
    return rc;
}

/* The share that is in no result yet: *ret_state 0 when there is none; the caller frees *ret_opened. */
static enum rc get(struct apply_batch *batch, const char *doc, int *ret_state, char **ret_opened)
{
    return get_of(batch, doc, batch->peer->device, ret_state, ret_opened);
}

/* As it was opened by this device before it was enrolled anew, under another number. */
static enum rc get_before(struct apply_batch *batch, const char *doc, char **ret_opened)
{
    enum rc rc = RC_OK;
    int state;
    for (int i = 0; !rc && !*ret_opened && i < batch->line.count; i++)
        if (batch->line.ends[i].device != batch->peer->device)
            rc = get_of(batch, doc, batch->line.ends[i].device, &state, ret_opened);
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
    struct apply_document *document;
    enum rc rc = db_run(stmt);
    if (!rc)
        rc = apply_document(batch, doc, &document);
    if (rc)
        return rc;
    document->share_open = state == SHARE_OPEN;
    document->share_changed = true;
    document->ends_known = false;
    return RC_OK;
}

/* ---- what other devices are told ---- */

/* [{"line","qty"}] of what this device has tallied. */
static enum rc progress(struct apply_batch *batch, const char *doc, json_t **ret_list)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_SHARE_TOTAL_OF);
    char qty[QTY_TEXT_MAX + 1];
    json_t *list = json_array();
    bool row = true;
    enum rc rc = list ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row &&
            json_array_append_new(
                list, json_pack("{s:s, s:s}", "line", db_text(stmt, 0), "qty", qty_print(db_int(stmt, 1), qty))))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    if (rc)
        json_decref(list);
    else
        *ret_list = list;
    return rc;
}

/* A share that is closed holds no line any more; what it did is still told, as long as there is any. */
enum rc shares_tell(struct apply_batch *batch, const struct apply_document *document)
{
    char id[FEED_ID_MAX + 1], *opened = NULL;
    json_t *done = NULL;
    int state;
    if (!document->body) /* only papers of the data centre are worked on by several */
        return RC_OK;
    enum rc rc = get(batch, document->doc, &state, &opened);
    free(opened);
    if (!rc)
        rc = progress(batch, document->doc, &done);
    if (rc)
        return rc;
    bool gone = state != SHARE_OPEN && json_array_size(done) == 0;
    snprintf(id, sizeof id, "%s|%" PRId64, document->doc, batch->peer->device);
    json_t *body = json_pack("{s:s, s:I, s:o, s:o}", "doc", document->doc, "device", (json_int_t)batch->peer->device,
                             "lines", state == SHARE_OPEN ? json_null() : json_array(), "progress", done);
    rc = body ? entities_put(batch->server, "share", id, body, gone) : RC_NOMEM;
    json_decref(body);
    return rc;
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

/* The documents of a group are worked on by who works on the group. */
static enum rc put_members(struct apply_batch *batch, const json_t *opened, enum share_state state,
                           const json_t *record)
{
    json_t *members = groups_members(opened), *member;
    size_t i;
    enum rc rc = members ? RC_OK : RC_NOMEM;
    json_array_foreach(members, i, member)
    {
        const char *doc = json_string_value(member);
        json_t *part = NULL;
        char *text = NULL;
        if (!rc)
            rc = groups_opening(batch, opened, doc, &part);
        if (!rc && !(text = json_dumps(part, JSON_COMPACT)))
            rc = RC_NOMEM;
        if (!rc)
            rc = state == SHARE_OPEN ? put(batch, doc, state, text, NULL)
                                     : put_record(batch, doc, state, text, record);
        free(text);
        json_decref(part);
    }
    json_decref(members);
    return rc;
}

/* Opened once more while it is open: the paper has changed. The work goes on, and began when it began. */
static enum rc revise(struct apply_batch *batch, const struct apply_record *record, const char *opened, json_t *fresh)
{
    json_t *old = json_loads(opened, JSON_ALLOW_NUL, NULL);
    enum rc rc = old ? revisions_apply(batch, record->doc, old, record->body) : RC_OK;
    if (!rc && old && json_object_set_new(fresh, SHARE_BEGAN, json_integer(shares_began(old))))
        rc = RC_NOMEM;
    json_decref(old);
    return rc;
}

int64_t shares_began(const json_t *opened)
{
    const json_t *began = json_object_get(opened, SHARE_BEGAN);
    return json_integer_value(began ? began : json_object_get(opened, "seq"));
}

enum rc shares_open(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome)
{
    struct apply_document *document;
    char *old = NULL;
    int state;
    enum rc rc = apply_document(batch, record->doc, &document);
    if (!rc)
        rc = get(batch, record->doc, &state, &old);
    if (rc)
        return rc;
    json_t *fresh = json_copy(record->body);
    evidence_revision(document, apply_text(record->body, "rev"), outcome);
    /* a member's name of ours must not come from outside */
    rc = fresh ? RC_OK : RC_NOMEM;
    json_object_del(fresh, SHARE_BEGAN);
    if (!rc && state == SHARE_OPEN)
        rc = revise(batch, record, old, fresh);
    if (!rc)
        rc = put_record(batch, record->doc, SHARE_OPEN, NULL, fresh);
    if (!rc)
        rc = put_members(batch, fresh, SHARE_OPEN, NULL);
    json_decref(fresh);
    free(old);
    return rc;
}

static enum rc open_again(struct apply_batch *batch, const char *doc, const char *opened)
{
    json_t *old = json_loads(opened, JSON_ALLOW_NUL, NULL);
    enum rc rc = put(batch, doc, SHARE_OPEN, opened, NULL);
    if (!rc && old)
        rc = put_members(batch, old, SHARE_OPEN, NULL);
    json_decref(old);
    return rc;
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
    if (!rc && !opened)
        rc = get_before(batch, doc, &opened);
    if (!rc && state == SHARE_OPEN)
        document->share_open = true;
    else if (!rc)
        rc = opened ? open_again(batch, doc, opened) : put_record(batch, doc, SHARE_OPEN, NULL, record);
    free(opened);
    return rc;
}

/* A document's result; for a group, one for each of its documents. */
static enum rc make_results(struct apply_batch *batch, const char *doc, const json_t *opened)
{
    json_t *members = groups_members(opened), *member;
    size_t i;
    enum rc rc = members ? RC_OK : RC_NOMEM;
    json_array_foreach(members, i, member)
    {
        if (!rc)
            rc = results_make(batch, json_string_value(member));
    }
    if (!rc && json_array_size(members) == 0)
        rc = results_make(batch, doc);
    json_decref(members);
    return rc;
}

static enum rc close_share(struct apply_batch *batch, const struct apply_record *record, const char *opened_text,
                           enum share_state state, const json_t *opened)
{
    json_t *part = groups_closing(record->body);
    enum rc rc = part ? put_record(batch, record->doc, state, opened_text, record->body) : RC_NOMEM;
    if (!rc)
        rc = put_members(batch, opened, state, part);
    json_decref(part);
    return rc ? rc : make_results(batch, record->doc, opened);
}

enum rc shares_complete(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome)
{
    struct apply_document *document;
    char *text = NULL;
    json_t *opened = NULL;
    int state = 0;
    enum rc rc = shares_ensure(batch, record->body);
    if (!rc)
        rc = apply_document(batch, record->doc, &document);
    if (!rc)
        rc = get(batch, record->doc, &state, &text);
    if (!rc && !(text && (opened = json_loads(text, JSON_ALLOW_NUL, NULL))))
        rc = RC_NOMEM;
    if (!rc)
        evidence_revision(document, apply_text(opened, "rev"), outcome);
    if (!rc)
        rc = moves_complete(batch, record, opened, outcome);
    if (!rc)
        rc = close_share(batch, record, text, SHARE_CLOSED, opened);
    if (!rc)
        rc = results_note(batch, record->doc, outcome);
    json_decref(opened);
    free(text);
    return rc;
}

enum rc shares_abandon(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome)
{
    char *text = NULL;
    json_t *opened = NULL;
    int state;
    (void)outcome;
    enum rc rc = get(batch, record->doc, &state, &text);
    if (!rc)
        rc = moves_abandon(batch, record->doc);
    if (!rc && text)
        opened = json_loads(text, JSON_ALLOW_NUL, NULL);
    if (!rc && opened)
        rc = close_share(batch, record, text, SHARE_ABANDONED, opened);
    /* what a device that is lost had found, it did find */
    if (!rc && !json_is_true(json_object_get(record->body, "by_supervisor")))
        rc = cases_drop(batch, record->doc);
    json_decref(opened);
    free(text);
    return rc;
}
