#include "sync/server/visits.h"
#include "sync/server/apply.h"
#include "sync/server/entities.h"
#include <string.h>

enum rc visits_name(struct server *server, const char *type, const char *id, char *ret_name)
{
    json_t *body = NULL;
    enum rc rc = id[0] ? entities_get(server, type, id, &body) : RC_OK;
    snprintf(ret_name, NAME_MAX_BYTES + 1, "%s", apply_text(body, "name"));
    json_decref(body);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* What was said at the start and at the end: of one device, whose visit it is. */
static enum rc read_share(struct server *server, const char *doc, json_t *visit)
{
    struct db_stmt *stmt = core_query(server, QUERY_SHARE_LAST);
    bool row;
    db_bind_text(stmt, 1, doc);
    enum rc rc = db_step(stmt, &row);
    json_t *opened = !rc && row ? json_loads(db_text(stmt, 1), JSON_ALLOW_NUL, NULL) : NULL;
    json_t *closed = !rc && row ? json_loads(db_text(stmt, 2), JSON_ALLOW_NUL, NULL) : NULL;
    json_object_set_new(visit, "device", json_integer(!rc && row ? db_int(stmt, 0) : 0));
    db_reset(stmt);
    json_t *fields = json_object();
    json_object_update(fields, json_object_get(opened, "header"));
    json_object_update(fields, json_object_get(closed, "header"));
    json_object_set_new(visit, "no", json_string(apply_text(opened, "no")));
    json_object_set_new(visit, "opened", json_string(apply_text(opened, "at")));
    json_object_set_new(visit, "closed", closed ? json_string(apply_text(closed, "at")) : json_null());
    json_object_set_new(visit, "abandoned", json_boolean(strcmp(apply_text(closed, "kind"), "abandon") == 0));
    json_object_set_new(visit, "auditor", json_string(apply_text(opened, "operator")));
    json_object_set_new(visit, "site", json_string(apply_text(opened, "site")));
    json_object_set_new(visit, "region", json_string(apply_text(fields, "region")));
    json_object_set_new(visit, "fields", fields);
    json_decref(opened);
    json_decref(closed);
    return rc;
}

static enum rc read_sums(struct server *server, const char *doc, json_t *visit)
{
    struct db_stmt *stmt = core_query(server, QUERY_SIGHTING_SUMS);
    json_t *sums = json_object();
    bool row = sums != NULL;
    enum rc rc = sums ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, doc);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            json_object_set_new(sums, db_text(stmt, 0), json_integer(db_int(stmt, 1)));
    }
    db_reset(stmt);
    json_object_set_new(visit, "sums", sums);
    return rc;
}

static enum rc add_name(struct server *server, const char *type, const char *id, json_t *object, const char *member)
{
    char name[NAME_MAX_BYTES + 1];
    enum rc rc = visits_name(server, type, id, name);
    if (!rc && json_object_set_new(object, member, json_string(name)))
        rc = RC_NOMEM;
    return rc;
}

enum rc visits_describe(struct server *server, const char *doc, json_t **ret_visit)
{
    json_t *visit = json_pack("{s:s}", "doc", doc);
    enum rc rc = visit ? read_share(server, doc, visit) : RC_NOMEM;
    if (!rc)
        rc = add_name(server, "operator", apply_text(visit, "auditor"), visit, "auditor_name");
    if (!rc)
        rc = add_name(server, "region", apply_text(visit, "region"), visit, "region_name");
    if (!rc)
        rc = read_sums(server, doc, visit);
    if (rc)
        json_decref(visit);
    else
        *ret_visit = visit;
    return rc;
}

/* ---- the seller ---- */

static json_t *territory(const json_t *body)
{
    static const char *const MEMBERS[] = {"product", "regions", "exclusive", "from", "to"};
    json_t *one = json_object();
    for (size_t i = 0; i < sizeof MEMBERS / sizeof MEMBERS[0]; i++) {
        json_t *value = json_object_get(body, MEMBERS[i]);
        json_object_set(one, MEMBERS[i], value ? value : json_null());
    }
    return one;
}

static enum rc read_territories(struct server *server, const char *party, json_t *list)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_OF_TYPE);
    bool row = list != NULL;
    enum rc rc = list ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, "territory");
    while (!rc && row) {
        rc = db_step(stmt, &row);
        json_t *body = !rc && row ? json_loads(db_text(stmt, 0), 0, NULL) : NULL;
        if (body && strcmp(apply_text(body, "party"), party) == 0)
            json_array_append_new(list, territory(body));
        json_decref(body);
    }
    db_reset(stmt);
    return rc;
}

enum rc visits_seller(struct server *server, const char *party, json_t **ret_seller)
{
    json_t *body = NULL, *list = json_array();
    enum rc rc = entities_get(server, "party", party, &body);
    if (rc == RC_NOT_FOUND)
        rc = RC_OK;
    if (!rc)
        rc = read_territories(server, party, list);
    json_t *seller = json_pack("{s:s, s:s, s:s, s:O?}", "party", party, "name", apply_text(body, "name"), "region",
                               apply_text(body, "region"), "territories", list);
    json_decref(body);
    json_decref(list);
    if (!rc && !seller)
        rc = RC_NOMEM;
    if (rc)
        json_decref(seller);
    else
        *ret_seller = seller;
    return rc;
}
