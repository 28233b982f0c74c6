#include "sync/server/scope.h"
#include "app/domain/holder.h"
#include "sync/server/apply.h"
#include "sync/server/entities.h"
#include "sync/server/provisional.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { MARK_BYTES = 4, FAMILY_DEPTH_MAX = 16 };
enum { MARK_AUDITOR = 1, MARK_AUDITORS = 5 }; /* with bit 1 clear: never a dealer's */

/* Every entity of the type, by id. */
static enum rc read_all(struct server *server, const char *type, json_t **ret_all)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_OF_TYPE);
    json_t *all = json_object();
    bool row = all != NULL;
    enum rc rc = all ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, type);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        json_t *body = !rc && row ? json_loads(db_text(stmt, 0), 0, NULL) : NULL;
        if (!rc && row)
            json_object_set(all, apply_text(body, "id"), body);
        json_decref(body);
    }
    db_reset(stmt);
    if (rc)
        json_decref(all);
    else
        *ret_all = all;
    return rc;
}

static bool is_below(const json_t *parties, const char *id, const char *party)
{
    for (int depth = 0; depth < FAMILY_DEPTH_MAX && id[0]; depth++) {
        if (strcmp(id, party) == 0)
            return true;
        id = apply_text(json_object_get(parties, id), "parent");
    }
    return false;
}

static enum rc read_family(struct scope *scope)
{
    const char *id;
    json_t *body;
    scope->family = json_object();
    if (!scope->family || json_object_set_new(scope->family, scope->party, json_true()))
        return RC_NOMEM;
    json_object_foreach(scope->parties, id, body)
    {
        if (is_below(scope->parties, id, scope->party) && json_object_set_new(scope->family, id, json_true()))
            return RC_NOMEM;
    }
    return RC_OK;
}

/* An auditor among the operators that this device gets. */
static enum rc read_auditor(struct server *server, struct scope *scope)
{
    json_t *operators = NULL, *body;
    const char *id;
    bool others = false;
    enum rc rc = read_all(server, "operator", &operators);
    json_object_foreach(operators, id, body)
    {
        const char *site = apply_text(body, "site");
        bool at_site = strcmp(site, scope->site) == 0, here = at_site || (!site[0] && !scope->dealer);
        bool auditor = strcmp(apply_text(body, "role"), "auditor") == 0;
        scope->auditor |= here && auditor;
        others |= at_site && !auditor;
    }
    scope->auditors_alone = scope->auditor && !others && !scope->dealer;
    json_decref(operators);
    return rc;
}

/* What decides what a dealer's device sees of the rest: its family, and that family's sites. */
static enum rc make_mark(struct scope *scope)
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    const char *id;
    json_t *body, *all = json_pack("{s:O, s:{}}", "family", scope->family, "sites");
    json_object_foreach(scope->sites, id, body)
    {
        const char *party = apply_text(body, "party");
        if (party[0] && json_object_get(scope->family, party))
            json_object_set_new(json_object_get(all, "sites"), id, json_string(party));
    }
    char *text = all ? json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(all);
    if (!text)
        return RC_NOMEM;
    crypto_generichash(hash, sizeof hash, (const uint8_t *)text, strlen(text), NULL, 0);
    free(text);
    for (int i = 0; i < MARK_BYTES; i++)
        scope->mark = scope->mark << 8 | hash[i];
    scope->mark |= 2; /* never a clerk's or auditor's */
    return RC_OK;
}

static enum rc read_dealer(struct server *server, struct scope *scope)
{
    enum rc rc = read_all(server, "party", &scope->parties);
    if (!rc)
        rc = read_all(server, "site", &scope->sites);
    if (!rc)
        rc = read_family(scope);
    if (!rc)
        rc = provisional_exist(server, &scope->provisional);
    return rc ? rc : make_mark(scope);
}

enum rc scope_site_gone(struct server *server, const char *site, bool *ret_gone)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENTITY_GET);
    bool row;
    db_bind_text(stmt, 1, "site");
    db_bind_text(stmt, 2, site);
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        *ret_gone = row && db_int(stmt, 1) != 0;
    db_reset(stmt);
    return rc;
}

enum rc scope_read(struct server *server, int64_t device, const char *site, struct scope *ret_scope)
{
    struct scope scope = {.device = device};
    json_t *body = NULL;
    bool gone = false;
    enum rc rc = entities_get(server, "site", site, &body);
    if (rc == RC_NOT_FOUND)
        rc = scope_site_gone(server, site, &gone);
    if (rc)
        return rc;
    snprintf(scope.site, sizeof scope.site, "%s", site);
    snprintf(scope.party, sizeof scope.party, "%s", apply_text(body, "party"));
    scope.dealer =
        scope.party[0] || gone; /* it may have been a dealer's: its devices see what one of no party would */
    json_decref(body);
    rc = scope.dealer ? read_dealer(server, &scope) : RC_OK;
    if (!rc)
        rc = read_auditor(server, &scope);
    if (rc) {
        scope_free(&scope);
        return rc;
    }
    if (scope.auditor)
        scope.mark = scope.dealer ? scope.mark | 1 : scope.auditors_alone ? MARK_AUDITORS : MARK_AUDITOR;
    else
        scope.mark &= ~(int64_t)1;
    *ret_scope = scope;
    return RC_OK;
}

void scope_free(struct scope *scope)
{
    json_decref(scope->parties);
    json_decref(scope->sites);
    json_decref(scope->family);
    json_decref(scope->recalls);
    *scope = (struct scope){0};
}

bool scope_has_party(const struct scope *scope, const char *party)
{
    return json_object_get(scope->family, party) != NULL;
}

static enum scope_place place_of_party(const struct scope *scope, const char *party)
{
    const json_t *body = json_object_get(scope->parties, party);
    const char *kind = apply_text(body, "kind");
    if (scope_has_party(scope, party))
        return SCOPE_MINE;
    bool dealer = !kind[0] || strcmp(kind, "dealer") == 0 || strcmp(kind, "sub-dealer") == 0;
    return dealer || apply_text(body, "parent")[0] ? SCOPE_THEIRS : SCOPE_OTHER;
}

enum scope_place scope_place(const struct scope *scope, const char *text)
{
    struct holder holder;
    if (holder_parse(text, &holder))
        return SCOPE_NOBODY;
    switch (holder.kind) {
    case HOLDER_PARTY:
    case HOLDER_TRANSIT_PARTY: return place_of_party(scope, holder.id);
    case HOLDER_SITE:
    case HOLDER_TRANSIT_SITE: {
        const char *party = apply_text(json_object_get(scope->sites, holder.id), "party");
        return party[0] ? place_of_party(scope, party) : SCOPE_OWNER;
    }
    case HOLDER_UNKNOWN:
    case HOLDER_SOLD:
    case HOLDER_DESTROYED: break;
    }
    return SCOPE_NOBODY;
}

enum rc scope_party_of(struct server *server, const char *text, char *ret_party)
{
    struct holder holder;
    json_t *site = NULL;
    enum rc rc = RC_OK;
    ret_party[0] = '\0';
    if (holder_parse(text, &holder))
        return RC_OK;
    if (holder.kind == HOLDER_PARTY || holder.kind == HOLDER_TRANSIT_PARTY)
        snprintf(ret_party, ID_MAX + 1, "%s", holder.id);
    if (holder.kind != HOLDER_SITE && holder.kind != HOLDER_TRANSIT_SITE)
        return RC_OK;
    rc = entities_get(server, "site", holder.id, &site);
    snprintf(ret_party, ID_MAX + 1, "%s", apply_text(site, "party"));
    json_decref(site);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}
