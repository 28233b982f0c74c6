#include "sync/server/entities.h"
#include "app/domain/holder.h"
#include "sync/server/apply.h"
#include "sync/server/changes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char EVERYONE[] = "*";
static const char OWN_SITES[] = "*"; /* an entry of a list: all sites without a party */
static const char PARTY_MARK[] =
    "\t"; /* a list's entry that is a party's begins with it; ids have no control characters */

/* How much of a dealer the entities concern that one of its devices is told of. */
enum reach { REACH_ALL, REACH_SITE, REACH_PARTY, REACH_FAMILY };

enum { MEMBERS_MAX = 4 };

/* The types that not everyone sees: which members name the entity; whether a clerk's device is told of its own site's only;
 * a dealer's device's reach. */
static const struct narrow {
    const char *type;
    const char *members[MEMBERS_MAX];
    bool clerk;
    enum reach dealer;
} NARROW[] = {
    {"document", {"source", "doc"}, true, REACH_PARTY},
    {"operator", {"id"}, true, REACH_SITE},
    {"share", {"doc", "device"}, true, REACH_PARTY},
    {"site", {"id"}, false, REACH_FAMILY},
    {"party", {"id"}, false, REACH_FAMILY},
    {"territory", {"party", "product", "from"}, false, REACH_PARTY},
    {"permit", {"from", "to", "product", "until"}, false, REACH_PARTY},
    {"stock", {"holder", "product", "lot"}, false, REACH_FAMILY},
    {"codes", {"first", "last"}, false, REACH_FAMILY},
    {"policy", {"site"}, false, REACH_SITE},
};

static const struct narrow *narrow_of(const char *type)
{
    for (size_t i = 0; i < sizeof NARROW / sizeof NARROW[0]; i++)
        if (strcmp(NARROW[i].type, type) == 0)
            return &NARROW[i];
    return NULL;
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

static void add_party(char *list, const char *party)
{
    char entry[ID_MAX + sizeof PARTY_MARK];
    if (party[0] && strlen(party) <= ID_MAX) {
        snprintf(entry, sizeof entry, "%s%s", PARTY_MARK, party);
        add_to_list(list, entry);
    }
}

static void add_holder(char *list, const char *text)
{
    struct holder holder;
    if (holder_parse(text, &holder))
        return;
    if (holder.kind == HOLDER_SITE || holder.kind == HOLDER_TRANSIT_SITE)
        add_to_list(list, holder.id);
    if (holder.kind == HOLDER_PARTY || holder.kind == HOLDER_TRANSIT_PARTY)
        add_party(list, holder.id);
}

static void add_ends(char *list, const json_t *body)
{
    add_holder(list, apply_text(body, "from"));
    add_holder(list, apply_text(body, "to"));
}

static void add_site(char *list, const json_t *body)
{
    const char *site = apply_text(body, "site");
    add_to_list(list, site[0] ? site : OWN_SITES);
}

static void add_partys_site(char *list, const json_t *body)
{
    const char *party = apply_text(body, "party");
    if (party[0])
        add_party(list, party);
    else
        add_to_list(list, OWN_SITES);
}

static void add_itself(char *list, const json_t *body)
{
    add_party(list, apply_text(body, "id"));
}

static void add_seller(char *list, const json_t *body)
{
    add_party(list, apply_text(body, "party"));
}

static void add_both(char *list, const json_t *body)
{
    add_party(list, apply_text(body, "from"));
    add_party(list, apply_text(body, "to"));
}

static void add_place(char *list, const json_t *body)
{
    add_holder(list, apply_text(body, "holder"));
}

/* The sites and parties that the entity concerns: "|CDB|X|", or everyone. */
static void concerned(const char *type, const json_t *body, char *ret_list)
{
    static const struct {
        const char *type;
        void (*add)(char *list, const json_t *body);
    } HOW[] = {
        {"document", add_ends},    {"operator", add_site}, {"policy", add_site},
        {"site", add_partys_site}, {"party", add_itself},  {"permit", add_both},
        {"stock", add_place},      {"codes", add_place},   {"territory", add_seller},
    };
    ret_list[0] = '\0';
    for (size_t i = 0; i < sizeof HOW / sizeof HOW[0]; i++)
        if (strcmp(HOW[i].type, type) == 0) {
            HOW[i].add(ret_list, body);
            return;
        }
    strcpy(ret_list, EVERYONE);
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

/* It concerns whom this body concerns, too. NULL: nobody. */
static void concern(const char *type, const json_t *body, char *list)
{
    char now[ENTITIES_SEEN_MAX + 1];
    if (!body)
        return;
    concerned(type, body, now);
    merge_list(list, now);
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

/* Who sees a share depends on its document, which may have come into a scope or left it. */
static enum rc tell_shares(struct server *server, const char *doc)
{
    char first[FEED_ID_MAX + 2], end[FEED_ID_MAX + 2], id[FEED_ID_MAX + 1];
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_SHARES);
    bool row = true;
    snprintf(first, sizeof first, "%s|", doc);
    snprintf(end, sizeof end, "%s}", doc);
    db_bind_text(stmt, 1, first);
    db_bind_text(stmt, 2, end);
    enum rc rc = RC_OK;
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        snprintf(id, sizeof id, "%s", db_text(stmt, 0));
        rc = changes_note(server, "share", id);
    }
    db_reset(stmt);
    return rc;
}

enum rc entities_put(struct server *server, const char *type, const char *id, json_t *body, bool gone)
{
    char seen[ENTITIES_SEEN_MAX + 1] = "";
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
        json_t *old = db_int(stmt, 1) ? NULL : json_loads(db_text(stmt, 0), 0, NULL);
        db_reset(stmt);
        concern(type, old, seen);
        json_decref(old);
    }
    /* what was never told need not be taken back */
    if (!rc && !row && gone)
        same = true;
    if (!gone)
        concern(type, body, seen);
    if (!rc && !same)
        rc = store(server, type, id, text, gone, seen);
    if (!rc && !same && strcmp(type, "document") == 0)
        rc = tell_shares(server, id);
    free(text);
    return rc;
}

static json_t *tombstone(const char *type, const json_t *body)
{
    json_t *line = json_pack("{s:s, s:b}", "type", type, "gone", 1);
    const struct narrow *narrow = narrow_of(type);
    if (!narrow) {
        json_object_update_missing(line, (json_t *)(uintptr_t)body);
        return line;
    }
    for (size_t m = 0; m < MEMBERS_MAX && narrow->members[m]; m++)
        json_object_set(line, narrow->members[m], json_object_get(body, narrow->members[m]));
    return line;
}

/* ---- who is told ---- */

static bool reaches_party(const struct scope *scope, enum reach reach, const char *party)
{
    return reach == REACH_FAMILY ? scope_has_party(scope, party)
                                 : reach == REACH_PARTY && strcmp(party, scope->party) == 0;
}

static bool reaches(const struct scope *scope, enum reach reach, const char *entry)
{
    if (entry[0] == PARTY_MARK[0])
        return reaches_party(scope, reach, entry + 1);
    if (strcmp(entry, scope->site) == 0)
        return true;
    const char *party = apply_text(json_object_get(scope->sites, entry), "party");
    return party[0] && reaches_party(scope, reach, party);
}

static bool dealer_sees(const struct scope *scope, const struct narrow *narrow, const char *list)
{
    char copy[ENTITIES_SEEN_MAX + 1];
    char *rest = copy;
    /* the owner's sites, and the rules of all sites, are told to everyone; its people aren't */
    bool owners = strcmp(narrow->type, "site") == 0 || strcmp(narrow->type, "policy") == 0;
    snprintf(copy, sizeof copy, "%s", list);
    for (char *entry = strsep(&rest, "|"); entry; entry = strsep(&rest, "|")) {
        if (entry[0] && strcmp(list, EVERYONE) != 0 &&
            (strcmp(entry, OWN_SITES) == 0 ? owners : reaches(scope, narrow->dealer, entry)))
            return true;
    }
    return false;
}

static bool in_scope(const struct scope *scope, const char *type, const char *list)
{
    const struct narrow *narrow = narrow_of(type);
    if (!narrow)
        return true;
    if (scope->dealer)
        return dealer_sees(scope, narrow, list);
    return !narrow->clerk || in_list(list, scope->site) || in_list(list, OWN_SITES);
}

static bool admits(const struct scope *scope, const char *type, const json_t *body)
{
    char list[ENTITIES_SEEN_MAX + 1];
    concerned(type, body, list);
    return in_scope(scope, type, list);
}

/* The party of the site that a device is of; "" the owner's. */
static enum rc party_of_device(struct server *server, int64_t device, char *ret_party)
{
    struct db_stmt *stmt = core_query(server, QUERY_DEVICE_GET);
    char holder[HOLDER_MAX + 1] = "";
    bool row;
    db_bind_int(stmt, 1, device);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row)
        snprintf(holder, sizeof holder, "site:%s", db_text(stmt, 0));
    db_reset(stmt);
    return rc ? rc : scope_party_of(server, holder, ret_party);
}

/* Whether a document is told to this scope, or was once. */
static enum rc document_reaches(struct server *server, const struct scope *scope, const char *doc, bool *ret_now,
                                bool *ret_once)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_GET);
    bool row;
    db_bind_text(stmt, 1, "document");
    db_bind_text(stmt, 2, doc);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc;
    json_t *body = db_int(stmt, 1) ? NULL : json_loads(db_text(stmt, 0), 0, NULL);
    *ret_now = body && admits(scope, "document", body);
    *ret_once = in_scope(scope, "document", db_text(stmt, 2));
    db_reset(stmt);
    json_decref(body);
    return RC_OK;
}

/* A share concerns the other devices of the same owner at the sites that its document concerns: what the dealer receives is
 * another work than what the warehouse shipped. */
static enum rc share_reaches(struct server *server, const struct scope *scope, const json_t *body, bool *ret_now,
                             bool *ret_once)
{
    char party[ID_MAX + 1];
    int64_t device = json_integer_value(json_object_get(body, "device"));
    const char *doc = json_string_value(json_object_get(body, "doc"));
    *ret_now = *ret_once = false;
    if (!doc || device == scope->device)
        return RC_OK;
    enum rc rc = party_of_device(server, device, party);
    if (rc || strcmp(party, scope->party) != 0)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    return document_reaches(server, scope, doc, ret_now, ret_once);
}

static enum rc line_of(struct server *server, const struct scope *scope, const char *type, json_t *body, bool gone,
                       const char *seen, json_t **ret_line)
{
    bool now = admits(scope, type, body), once = in_scope(scope, type, seen);
    enum rc rc = RC_OK;
    if (strcmp(type, "share") == 0)
        rc = share_reaches(server, scope, body, &now, &once);
    if (rc)
        return rc;
    if (now && !gone) {
        *ret_line = json_copy(body);
        json_object_set_new(*ret_line, "type", json_string(type));
    } else if (once) {
        *ret_line = tombstone(type, body);
    }
    return RC_OK;
}

enum rc entities_line(struct server *server, const struct scope *scope, const char *type, const char *id,
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

enum rc entities_reach(struct server *server, const struct scope *scope, const char *type, const char *id,
                       bool *ret_reach)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_GET);
    bool row;
    db_bind_text(stmt, 1, type);
    db_bind_text(stmt, 2, id);
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        *ret_reach = !row || in_scope(scope, type, db_text(stmt, 2));
    db_reset(stmt);
    return rc;
}
