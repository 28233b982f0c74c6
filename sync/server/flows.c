#include "sync/server/flows.h"
#include "app/catalog/catalog.h"
#include "sync/server/entities.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- flows ---- */

/* The feed's own word about it, laid over what it is based on. */
enum rc flows_read(struct server *server, const char *name, struct flow *ret_flow)
{
    const struct flow *built_in = flow_find(name);
    const char *member;
    json_t *line = NULL;
    enum rc rc = entities_get(server, "flow", name, &line);
    if (rc && rc != RC_NOT_FOUND)
        return rc;
    bool told = !rc && catalog_flow_read(line, ret_flow, &member) == RC_OK;
    json_decref(line);
    if (!told && !built_in)
        return RC_NOT_FOUND;
    if (!told)
        *ret_flow = *built_in;
    return RC_OK;
}

enum rc flows_get(struct apply_batch *batch, const char *name, const struct flow **ret_flow)
{
    *ret_flow = NULL;
    if (!name[0] || strlen(name) > FLOW_NAME_MAX)
        return RC_OK;
    if (!batch->flow)
        batch->flow = calloc(1, sizeof *batch->flow);
    if (!batch->flow)
        return RC_NOMEM;
    enum rc rc = strcmp(batch->flow->name, name) == 0 ? RC_OK : flows_read(batch->server, name, batch->flow);
    if (rc) {
        batch->flow->name[0] = '\0';
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    }
    *ret_flow = batch->flow;
    return RC_OK;
}

/* ---- sites ---- */

/* Of this party, "" the owner's own; the first by its id, "" none. */
static enum rc first_site(struct server *server, bool quarantine, const char *party, char *ret_site)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_OF_TYPE);
    bool row = true;
    enum rc rc = RC_OK;
    ret_site[0] = '\0';
    db_bind_text(stmt, 1, "site");
    while (!rc && row) {
        rc = db_step(stmt, &row);
        json_t *site = !rc && row ? json_loads(db_text(stmt, 0), 0, NULL) : NULL;
        const char *id = apply_text(site, "id");
        bool fits = (strcmp(apply_text(site, "kind"), "quarantine") == 0) == quarantine &&
                    strcmp(apply_text(site, "party"), party) == 0;
        if (fits && (!ret_site[0] || strcmp(id, ret_site) < 0))
            snprintf(ret_site, ID_MAX + 1, "%s", id);
        json_decref(site);
    }
    db_reset(stmt);
    return rc;
}

enum rc flows_party_site(struct server *server, const char *from, char *ret_site)
{
    struct holder holder;
    ret_site[0] = '\0';
    if (holder_parse(from, &holder) || (holder.kind != HOLDER_PARTY && holder.kind != HOLDER_TRANSIT_PARTY))
        return RC_OK;
    return first_site(server, false, holder.id, ret_site);
}

/* ---- where from, where to ---- */

static void lay_end(const json_t *body, const char *name, char *text)
{
    const char *told = apply_text(body, name);
    if (told[0] && strcmp(told, "unknown") != 0)
        snprintf(text, HOLDER_MAX + 1, "%s", told);
}

static enum rc read_ends(struct apply_batch *batch, struct apply_document *document)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_SHARE_GET);
    bool row;
    db_bind_text(stmt, 1, document->doc);
    db_bind_int(stmt, 2, batch->peer->device);
    enum rc rc = db_step(stmt, &row);
    if (rc)
        return rc;
    json_t *opened = row ? json_loads(db_text(stmt, 1), JSON_ALLOW_NUL, NULL) : NULL;
    db_reset(stmt);
    document->from[0] = document->to[0] = '\0';
    lay_end(document->body, "from", document->from);
    lay_end(document->body, "to", document->to);
    lay_end(opened, "from", document->from);
    lay_end(opened, "to", document->to);
    json_decref(opened);
    rc = flows_party_site(batch->server, document->from, document->from_site);
    document->ends_known = !rc;
    return rc;
}

enum rc flows_document(struct apply_batch *batch, const char *doc, struct document *ret_document)
{
    struct apply_document *document;
    enum rc rc = apply_document(batch, doc, &document);
    if (!rc && !document->ends_known)
        rc = read_ends(batch, document);
    if (rc)
        return rc;
    memset(ret_document, 0, sizeof *ret_document);
    snprintf(ret_document->dealer, sizeof ret_document->dealer, "%s", batch->party);
    if (holder_parse(document->from, &ret_document->from))
        ret_document->from.kind = HOLDER_UNKNOWN;
    if (holder_parse(document->to, &ret_document->to))
        ret_document->to.kind = HOLDER_UNKNOWN;
    memcpy(ret_document->from_site, document->from_site, sizeof ret_document->from_site);
    return RC_OK;
}

const char *flows_site(const struct apply_batch *batch, const json_t *record)
{
    const char *site = apply_text(record, "site");
    return site[0] && strlen(site) <= ID_MAX ? site : batch->peer->site;
}

/* ---- quarantine ---- */

enum rc flows_quarantine(struct server *server, const char *site, char *ret_site)
{
    json_t *policy = NULL;
    enum rc rc = entities_get(server, "policy", site, &policy);
    const char *told = rc ? "" : apply_text(policy, "quarantine");
    snprintf(ret_site, ID_MAX + 1, "%s", told);
    json_decref(policy);
    if (rc && rc != RC_NOT_FOUND)
        return rc;
    if (ret_site[0])
        return RC_OK;
    json_t *own = NULL;
    rc = entities_get(server, "site", site, &own);
    if (!rc || rc == RC_NOT_FOUND)
        rc = first_site(server, true, apply_text(own, "party"), ret_site);
    if (!rc && !ret_site[0])
        rc = first_site(server, true, "", ret_site);
    json_decref(own);
    return rc;
}

enum rc flows_kept_apart(struct server *server, const char *text, bool *ret_apart)
{
    struct holder holder;
    json_t *site = NULL;
    *ret_apart = false;
    if (holder_parse(text, &holder))
        return RC_OK;
    *ret_apart = holder.kind == HOLDER_DESTROYED;
    if (holder.kind != HOLDER_SITE)
        return RC_OK;
    enum rc rc = entities_get(server, "site", holder.id, &site);
    *ret_apart = strcmp(apply_text(site, "kind"), "quarantine") == 0;
    json_decref(site);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}
