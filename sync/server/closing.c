#include "sync/server/closing.h"
#include "sync/server/apply.h"
#include "sync/server/entities.h"
#include "sync/server/listing.h"
#include "sync/server/results.h"
#include "sync/server/shares.h"
#include <stdio.h>
#include <string.h>

static enum rc has_shares(struct server *server, const char *doc, bool *ret_has)
{
    struct db_stmt *stmt = core_query(server, QUERY_SHARE_OF_DOC);
    db_bind_text(stmt, 1, doc);
    enum rc rc = db_step(stmt, ret_has);
    db_reset(stmt);
    return rc;
}

/* The data centre's document of this number. */
static enum rc find_by_no(struct server *server, const char *no, char *ret_doc)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_OF_TYPE);
    bool row = true;
    int found = 0;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, "document");
    while (!rc && row) {
        rc = db_step(stmt, &row);
        json_t *body = !rc && row ? json_loads(db_text(stmt, 0), 0, NULL) : NULL;
        if (body && strcmp(apply_text(body, "no"), no) == 0 && ++found)
            snprintf(ret_doc, DOC_MAX + 1, "%s:%s", apply_text(body, "source"), apply_text(body, "doc"));
        json_decref(body);
    }
    db_reset(stmt);
    return rc ? rc : found == 0 ? RC_NOT_FOUND : found == 1 ? RC_OK : RC_AMBIGUOUS;
}

static enum rc find(struct server *server, const char *name, char *ret_doc)
{
    bool has = false;
    if (strlen(name) > DOC_MAX)
        return RC_NOT_FOUND;
    if (strncmp(name, "group:", 6) == 0)
        return RC_REFUSED;
    enum rc rc = has_shares(server, name, &has);
    if (rc || has) {
        snprintf(ret_doc, DOC_MAX + 1, "%s", name);
        return rc;
    }
    return find_by_no(server, name, ret_doc);
}

static enum rc close_it(struct server *server, const char *doc)
{
    static const struct answer_peer NOBODY = {.device = 0};
    struct apply_batch batch;
    enum rc rc = apply_begin(server, &NOBODY, 0, &batch);
    if (!rc)
        rc = results_close(&batch, doc);
    if (!rc)
        rc = apply_finish(&batch);
    apply_end(&batch);
    return rc;
}

/* ---- a device that is no more ---- */

static enum rc next_open(struct server *server, int64_t device, char *ret_doc, bool *ret_found)
{
    struct db_stmt *stmt = core_query(server, QUERY_SHARE_OPEN_OF);
    db_bind_int(stmt, 1, device);
    enum rc rc = db_step(stmt, ret_found);
    if (!rc && *ret_found)
        snprintf(ret_doc, DOC_MAX + 1, "%s", db_text(stmt, 0));
    db_reset(stmt);
    return rc;
}

/* As if the device had abandoned it. */
static enum rc give_up(struct apply_batch *batch, const char *doc)
{
    struct apply_outcome outcome = {.outcome = PUSH_ACCEPTED};
    json_t *body = json_pack("{s:s, s:s, s:b}", "kind", "abandon", "doc", doc, "by_supervisor", 1);
    struct apply_record record = {.body = body, .kind = "abandon", .doc = doc, .key = ""};
    enum rc rc = body ? shares_abandon(batch, &record, &outcome) : RC_NOMEM;
    json_decref(body);
    return rc;
}

static enum rc release_all(struct server *server, const struct answer_peer *peer, json_t *docs)
{
    struct apply_batch batch;
    char doc[DOC_MAX + 1];
    bool found = true;
    enum rc rc = apply_begin(server, peer, 0, &batch);
    while (!rc && found) {
        rc = next_open(server, peer->device, doc, &found);
        if (!rc && found)
            rc = give_up(&batch, doc);
        if (!rc && found && json_array_append_new(docs, json_string(doc)))
            rc = RC_NOMEM;
    }
    if (!rc)
        rc = apply_finish(&batch);
    apply_end(&batch);
    return rc;
}

static enum rc find_revoked(struct server *server, int64_t device, struct answer_peer *ret_peer)
{
    struct db_stmt *stmt = core_query(server, QUERY_DEVICE_REVOKED);
    bool row;
    db_bind_int(stmt, 1, device);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row) {
        ret_peer->device = device;
        snprintf(ret_peer->site, sizeof ret_peer->site, "%s", db_text(stmt, 0));
    }
    db_reset(stmt);
    return rc || row ? rc : RC_REFUSED;
}

enum rc closing_release(struct server *server, int64_t device, FILE *out)
{
    struct answer_peer peer = {0};
    json_t *docs = json_array(), *doc;
    size_t i;
    enum rc rc = docs ? db_begin(server->db) : RC_NOMEM;
    if (rc) {
        json_decref(docs);
        return rc;
    }
    rc = find_revoked(server, device, &peer);
    if (!rc)
        rc = release_all(server, &peer, docs);
    if (rc)
        db_rollback(server->db);
    else
        rc = db_commit(server->db);
    json_array_foreach(docs, i, doc)
    {
        if (!rc)
            rc = listing_print(
                json_pack("{s:I, s:s}", "device", (json_int_t)device, "released", json_string_value(doc)), out);
    }
    json_decref(docs);
    return rc;
}

/* ---- a document ---- */

static enum rc print_last(struct server *server, const char *doc, FILE *out)
{
    struct db_stmt *stmt = core_query(server, QUERY_RESULT_LAST);
    bool row;
    db_bind_text(stmt, 1, doc);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row)
        rc = listing_print(json_loads(db_text(stmt, 0), 0, NULL), out);
    db_reset(stmt);
    return rc;
}

enum rc closing_close(struct server *server, const char *name, FILE *out)
{
    char doc[DOC_MAX + 1];
    enum rc rc = db_begin(server->db);
    if (rc)
        return rc;
    rc = find(server, name, doc);
    if (!rc)
        rc = close_it(server, doc);
    if (rc)
        db_rollback(server->db);
    else
        rc = db_commit(server->db);
    return rc ? rc : print_last(server, doc, out);
}
