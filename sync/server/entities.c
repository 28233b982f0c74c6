#include "sync/server/entities.h"
#include "app/domain/holder.h"
#include "sync/server/changes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char EVERYONE[] = "*";
static const char OWN_SITES[] = "*"; /* an entry of a list: all sites without a party */

/* Which members name the entity, for the types whose scope is narrower than everyone. */
static const struct {
    const char *type;
    const char *members[2];
} NARROW[] = {{"document", {"source", "doc"}}, {"operator", {"id", NULL}}, {"share", {"doc", "device"}}};

enum rc entities_scope(struct server *server, int64_t device, const char *site, struct entities_scope *ret_scope)
{
    json_t *body = NULL;
    enum rc rc = entities_get(server, "site", site, &body);
    if (rc && rc != RC_NOT_FOUND)
        return rc;
    ret_scope->device = device;
    snprintf(ret_scope->site, sizeof ret_scope->site, "%s", site);
    ret_scope->dealer = json_is_string(json_object_get(body, "party"));
    json_decref(body);
    return RC_OK;
}

enum rc entities_get(struct server *server, const char *type, const char *id, json_t **ret_body)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_GET);
    bool row;
    db_bind_text(stmt, 1, type);
    db_bind_text(stmt, 2, id);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc ? rc : RC_NOT_FOUND;
    json_t *body = db_int(stmt, 1) ? NULL : json_loads(db_text(stmt, 0), 0, NULL);
    rc = db_int(stmt, 1) ? RC_NOT_FOUND : body ? RC_OK : RC_CORRUPT;
    db_reset(stmt);
    if (!rc)
        *ret_body = body;
    return rc;
}

static bool in_list(const char *list, const char *site)
{
    char entry[ID_MAX + 3];
    snprintf(entry, sizeof entry, "|%s|", site);
    return strcmp(list, EVERYONE) == 0 || strstr(list, entry);
}

static void add_to_list(char *list, const char *site)
{
    size_t len = strlen(list);
    if (in_list(list, site))
        return;
    if (len + strlen(site) + 2 > ENTITIES_SEEN_MAX)
        strcpy(list, EVERYONE);
    else
        snprintf(list + len, ENTITIES_SEEN_MAX + 1 - len, "%s%s|", len ? "" : "|", site);
}

static void add_holder(char *list, const json_t *text)
{
    struct holder holder;
    if (!json_is_string(text) || holder_parse(json_string_value(text), &holder))
        return;
    if (holder.kind == HOLDER_SITE || holder.kind == HOLDER_TRANSIT_SITE)
        add_to_list(list, holder.id);
}

/* The sites that the entity concerns: "|CDB|X|", or everyone. */
static void concerned(const char *type, const json_t *body, char *ret_list)
{
    const char *site = json_string_value(json_object_get(body, "site"));
    ret_list[0] = '\0';
    if (strcmp(type, "document") == 0) {
        add_holder(ret_list, json_object_get(body, "from"));
        add_holder(ret_list, json_object_get(body, "to"));
    } else if (strcmp(type, "operator") == 0) {
        add_to_list(ret_list, site ? site : OWN_SITES);
    } else {
        strcpy(ret_list, EVERYONE);
    }
}

/* A list holds both. */
static void merge_list(char *list, const char *more)
{
    char copy[ENTITIES_SEEN_MAX + 1];
    char *rest = copy;
    if (strcmp(more, EVERYONE) == 0 || strcmp(list, EVERYONE) == 0) {
        strcpy(list, EVERYONE);
        return;
    }
    snprintf(copy, sizeof copy, "%s", more);
    for (char *site = strsep(&rest, "|"); site; site = strsep(&rest, "|"))
        if (site[0])
            add_to_list(list, site);
}

static enum rc store(struct server *server, const char *type, const char *id, const char *body, bool gone,
                     const char *seen)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_PUT);
    db_bind_text(stmt, 1, type);
    db_bind_text(stmt, 2, id);
    db_bind_text(stmt, 3, body);
    db_bind_int(stmt, 4, gone);
    db_bind_text(stmt, 5, seen);
    enum rc rc = db_run(stmt);
    return rc ? rc : changes_note(server, type, id);
}

enum rc entities_put(struct server *server, const char *type, const char *id, json_t *body, bool gone)
{
    char seen[ENTITIES_SEEN_MAX + 1] = "", now[ENTITIES_SEEN_MAX + 1];
    bool row = false, same = false;
    char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text)
        return RC_NOMEM;
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_GET);
    db_bind_text(stmt, 1, type);
    db_bind_text(stmt, 2, id);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row) {
        same = db_int(stmt, 1) == gone && (gone || strcmp(db_text(stmt, 0), text) == 0);
        snprintf(seen, sizeof seen, "%s", db_text(stmt, 2));
        db_reset(stmt);
    }
    /* what was never told need not be taken back */
    if (!rc && !row && gone)
        same = true;
    if (!gone) {
        concerned(type, body, now);
        merge_list(seen, now);
    }
    if (!rc && !same)
        rc = store(server, type, id, text, gone, seen);
    free(text);
    return rc;
}

static json_t *tombstone(const char *type, const json_t *body)
{
    json_t *line = json_pack("{s:s, s:b}", "type", type, "gone", 1);
    size_t i = 0;
    while (i < sizeof NARROW / sizeof NARROW[0] && strcmp(NARROW[i].type, type) != 0)
        i++;
    if (i == sizeof NARROW / sizeof NARROW[0]) {
        json_object_update_missing(line, (json_t *)(uintptr_t)body);
        return line;
    }
    for (size_t m = 0; m < 2 && NARROW[i].members[m]; m++)
        json_object_set(line, NARROW[i].members[m], json_object_get(body, NARROW[i].members[m]));
    return line;
}

static bool in_scope(const struct entities_scope *scope, const char *list)
{
    return in_list(list, scope->site) || (!scope->dealer && in_list(list, OWN_SITES));
}

static bool admits(const struct entities_scope *scope, const char *type, const json_t *body)
{
    char list[ENTITIES_SEEN_MAX + 1];
    concerned(type, body, list);
    return in_scope(scope, list);
}

/* A share concerns the other devices of the sites that its document concerns. */
static enum rc share_admits(struct server *server, const struct entities_scope *scope, const json_t *body,
                            bool *ret_admits)
{
    json_t *document = NULL;
    const char *doc = json_string_value(json_object_get(body, "doc"));
    *ret_admits = false;
    if (!doc || json_integer_value(json_object_get(body, "device")) == scope->device)
        return RC_OK;
    enum rc rc = entities_get(server, "document", doc, &document);
    if (rc)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    *ret_admits = admits(scope, "document", document);
    json_decref(document);
    return RC_OK;
}

static enum rc line_of(struct server *server, const struct entities_scope *scope, const char *type, json_t *body,
                       bool gone, const char *seen, json_t **ret_line)
{
    bool admitted = admits(scope, type, body);
    enum rc rc = RC_OK;
    if (strcmp(type, "share") == 0)
        rc = share_admits(server, scope, body, &admitted);
    if (rc)
        return rc;
    if (admitted && !gone) {
        *ret_line = json_copy(body);
        json_object_set_new(*ret_line, "type", json_string(type));
    } else if (strcmp(type, "share") == 0 ? admitted : in_scope(scope, seen)) {
        *ret_line = tombstone(type, body);
    }
    return RC_OK;
}

enum rc entities_line(struct server *server, const struct entities_scope *scope, const char *type, const char *id,
                      json_t **ret_line)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_GET);
    char seen[ENTITIES_SEEN_MAX + 1];
    bool row;
    *ret_line = NULL;
    db_bind_text(stmt, 1, type);
    db_bind_text(stmt, 2, id);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc;
    json_t *body = json_loads(db_text(stmt, 0), 0, NULL);
    bool gone = db_int(stmt, 1) != 0;
    snprintf(seen, sizeof seen, "%s", db_text(stmt, 2));
    db_reset(stmt);
    if (!body)
        return RC_CORRUPT;
    rc = line_of(server, scope, type, body, gone, seen, ret_line);
    json_decref(body);
    return rc;
}
