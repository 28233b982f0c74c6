#include "sync/server/told.h"
#include "app/domain/territory.h"
#include "sync/server/apply.h"
#include "sync/server/entities.h"
#include "sync/server/permits.h"
#include "sync/server/provisional.h"
#include "sync/server/sales.h"
#include "sync/server/settled.h"
#include <string.h>

static enum rc append(json_t *lines, json_t *line)
{
    return line && json_array_append_new(lines, line) == 0 ? RC_OK : RC_NOMEM;
}

/* ---- a dealer's codes ---- */

/* By what the moves say. */
struct history {
    bool sent; /* ever to the dealer; what was taken back on the way was only that */
    bool had;  /* by the dealer */
    bool lost; /* another dealer got it after that: whoever has it now has it from there */
};

static bool is_lost(bool before, enum scope_place was, enum scope_place is)
{
    if (is == SCOPE_MINE || is == SCOPE_OWNER)
        return false;
    return is == SCOPE_THEIRS || was == SCOPE_THEIRS || (before && was != SCOPE_MINE);
}

static enum rc read_history(struct server *server, const struct scope *scope, const char *key,
                            struct history *ret_history)
{
    struct db_stmt *stmt = core_query(server, QUERY_MOVEMENT_OF);
    bool row = true;
    enum rc rc = RC_OK;
    *ret_history = (struct history){.sent = false};
    db_bind_text(stmt, 1, key);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        const char *from = db_text(stmt, 7), *to = db_text(stmt, 8);
        enum scope_place was = scope_place(scope, from), is = scope_place(scope, to);
        bool on_way = strncmp(is == SCOPE_MINE ? to : from, "transit:", 8) == 0;
        ret_history->sent |= was == SCOPE_MINE || is == SCOPE_MINE;
        ret_history->had |= is == SCOPE_MINE ? !on_way : was == SCOPE_MINE && (!on_way || is != SCOPE_OWNER);
        ret_history->lost = is_lost(ret_history->lost, was, is);
    }
    db_reset(stmt);
    return rc;
}

/* What the dealer has before the books know: it is where its own records brought it, unless it is another's by now. */
static enum rc read_provisional(struct server *server, const struct scope *scope, const char *key, char *holder,
                                enum scope_place *place, bool *sent)
{
    char waiting[HOLDER_MAX + 1] = "";
    enum rc rc = provisional_touched(server, scope, key, sent);
    if (!rc && *sent && *place != SCOPE_THEIRS)
        rc = provisional_place(server, key, waiting);
    if (!rc && scope_place(scope, waiting) == SCOPE_MINE) {
        snprintf(holder, HOLDER_MAX + 1, "%s", waiting);
        *place = SCOPE_MINE;
    }
    return rc;
}

enum rc told_code(struct server *server, const struct scope *scope, const struct unit *unit, bool known,
                  enum told *ret_told, char *ret_holder)
{
    char holder[HOLDER_MAX + 1] = "";
    struct history history;
    bool touched = false;
    enum rc rc = known ? units_holder(server, unit, holder) : RC_OK;
    enum scope_place place = scope_place(scope, holder);
    *ret_told = TOLD_ROW;
    if (!rc && known && place != SCOPE_MINE && scope->provisional)
        rc = read_provisional(server, scope, unit->key, holder, &place, &touched);
    else if (!rc && !known && scope->provisional)
        rc = provisional_touched(server, scope, unit->key, &touched);
    if (!rc && (!known || place != SCOPE_MINE)) {
        rc = read_history(server, scope, unit->key, &history);
        bool row = known && history.had && place != SCOPE_THEIRS && !history.lost;
        *ret_told = row ? TOLD_ROW : history.sent || touched ? TOLD_GONE : TOLD_NOTHING;
    }
    snprintf(ret_holder, HOLDER_MAX + 1, "%s", holder);
    return rc;
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

/* A container that the dealer does not know is not named. */
static enum rc hide_parent(struct server *server, const struct scope *scope, const struct unit *unit, json_t *line)
{
    char holder[HOLDER_MAX + 1];
    enum told told = TOLD_ROW;
    struct unit parent;
    enum rc rc = unit->parent[0] ? units_get(server, unit->parent, &parent) : RC_NOT_FOUND;
    if (!rc)
        rc = told_code(server, scope, &parent, true, &told, holder);
    if (!rc && told != TOLD_ROW)
        json_object_set_new(line, "in", json_null());
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* The line says by itself what a clerk's device has from runs and from containers. */
static enum rc dealer_line(struct server *server, const struct scope *scope, const struct unit *unit,
                           const char *holder, json_t **ret_line)
{
    struct unit full = *unit;
    json_t *line = NULL;
    enum rc rc = unit->product[0] ? RC_OK : units_of_run(server, unit->key, &full);
    if (!rc)
        rc = units_line(server, unit->key, &line);
    if (!rc)
        rc = hide_parent(server, scope, unit, line);
    if (rc) {
        json_decref(line);
        return rc;
    }
    json_object_set_new(line, "product", text_or_null(full.product));
    json_object_set_new(line, "lot", text_or_null(full.lot));
    json_object_set_new(line, "holder", text_or_null(holder));
    *ret_line = line;
    return RC_OK;
}

/* ---- recalls that name codes ---- */

/* Only those that this dealer knows: another's codes are nobody's to read. */
static enum rc known_codes(struct server *server, const struct scope *scope, const json_t *codes, json_t **ret_known)
{
    char holder[HOLDER_MAX + 1];
    json_t *known = json_array(), *code;
    struct unit unit;
    enum told told;
    size_t i;
    enum rc rc = known ? RC_OK : RC_NOMEM;
    json_array_foreach(codes, i, code)
    {
        enum rc found = rc ? rc : units_get(server, json_string_value(code), &unit);
        if (rc || found == RC_NOT_FOUND)
            continue;
        rc = found ? found : told_code(server, scope, &unit, true, &told, holder);
        if (!rc && told == TOLD_ROW)
            json_array_append(known, code);
    }
    if (rc)
        json_decref(known);
    else
        *ret_known = known;
    return rc;
}

/* A recall of codes alone that names none any more would be one of the whole product: it is gone for this dealer. */
static enum rc cut_recall(struct server *server, const struct scope *scope, json_t **line)
{
    const json_t *codes = json_object_get(*line, "codes");
    json_t *known;
    if (json_array_size(codes) == 0)
        return RC_OK;
    enum rc rc = known_codes(server, scope, codes, &known);
    if (rc)
        return rc;
    if (json_array_size(known) == 0 && json_array_size(json_object_get(*line, "lots")) == 0) {
        json_t *gone = json_pack("{s:s, s:s, s:b}", "type", "recall", "id", apply_text(*line, "id"), "gone", 1);
        json_decref(*line);
        *line = gone;
        json_decref(known);
        return gone ? RC_OK : RC_NOMEM;
    }
    return json_object_set_new(*line, "codes", known) ? RC_NOMEM : RC_OK;
}

/* {id: {code: true}} of those that name codes. */
static enum rc read_recalls(struct server *server, struct scope *scope)
{
    struct db_stmt *stmt;
    bool row = true;
    enum rc rc = RC_OK;
    if (scope->recalls)
        return RC_OK;
    scope->recalls = json_object();
    stmt = core_query(server, QUERY_ENTITY_OF_TYPE);
    db_bind_text(stmt, 1, "recall");
    while (!rc && row) {
        rc = db_step(stmt, &row);
        json_t *recall = !rc && row ? json_loads(db_text(stmt, 0), 0, NULL) : NULL;
        const json_t *codes = json_object_get(recall, "codes"), *code;
        json_t *set = json_array_size(codes) ? json_object() : NULL;
        size_t i;
        json_array_foreach(codes, i, code) json_object_set_new(set, json_string_value(code), json_true());
        if (set)
            json_object_set_new(scope->recalls, apply_text(recall, "id"), set);
        json_decref(recall);
    }
    db_reset(stmt);
    return rc;
}

/* A code came or went: the recalls that name it are told again, once a page: they are told as they are now. */
static enum rc recalls_of(struct server *server, struct scope *scope, const char *key, json_t *lines)
{
    const char *id;
    json_t *codes;
    enum rc rc = read_recalls(server, scope);
    json_object_foreach(scope->recalls, id, codes)
    {
        if (rc || !json_object_get(codes, key))
            continue;
        json_object_clear(codes);
        rc = told_lines(server, scope, "recall", id, lines);
    }
    return rc;
}

/* ---- codes ---- */

/* An auditor sees all codes, and who sold them; where they are is another's business. */
static enum rc auditor_line(struct server *server, const char *key, const char *holder, bool hide, json_t *lines)
{
    json_t *line = NULL;
    enum rc rc = units_line(server, key, &line);
    bool gone = !rc && json_is_true(json_object_get(line, "gone"));
    if (!rc && !gone)
        rc = sales_add(server, key, holder, line);
    if (!rc && !gone && hide) {
        json_object_set_new(line, "holder", json_null());
        json_object_set_new(line, "in", json_null());
    }
    if (!rc)
        return append(lines, line);
    json_decref(line);
    return rc;
}

static enum rc dealer_code(struct server *server, struct scope *scope, const char *key, json_t *lines)
{
    char holder[HOLDER_MAX + 1];
    json_t *line = NULL;
    struct unit unit;
    enum told told;
    enum rc rc = units_get(server, key, &unit);
    bool known = rc == RC_OK;
    if (rc == RC_NOT_FOUND)
        rc = units_find(server, key, &unit);
    if (!rc)
        rc = told_code(server, scope, &unit, known, &told, holder);
    if (rc)
        return rc;
    if (scope->auditor && known && told != TOLD_ROW)
        return auditor_line(server, key, holder, true, lines);
    if (told == TOLD_NOTHING)
        return RC_OK;
    if (told == TOLD_ROW)
        rc = dealer_line(server, scope, &unit, holder, &line);
    else
        line = json_pack("{s:s, s:s, s:b}", "type", "code", "code", key, "gone", 1);
    if (!rc && scope->auditor && told == TOLD_ROW)
        rc = sales_add(server, key, holder, line);
    if (rc) {
        json_decref(line);
        return rc;
    }
    rc = append(lines, line);
    return rc ? rc : recalls_of(server, scope, key, lines);
}

static enum rc code_lines(struct server *server, struct scope *scope, bool own_row, const char *key, json_t *lines)
{
    char holder[HOLDER_MAX + 1] = "";
    struct unit unit;
    json_t *line = NULL;
    enum rc rc = RC_OK;
    if (scope->dealer)
        return dealer_code(server, scope, key, lines);
    if (scope->auditor) {
        rc = units_find(server, key, &unit);
        if (!rc)
            rc = units_holder(server, &unit, holder);
        return rc ? rc : auditor_line(server, key, holder, false, lines);
    }
    if (own_row)
        rc = units_line(server, key, &line);
    return rc || !line ? rc : append(lines, line);
}

/* ---- the rest ---- */

/* Goods may go to or come from a party that a permit names: its id, no more. A shop below another dealer is that dealer's to this
 * one, or the device would take it for nobody's: it is not told of its parent. */
static enum rc permit_parties(const struct scope *scope, const json_t *permit, json_t *lines)
{
    static const char *const ENDS[] = {"from", "to"};
    enum rc rc = RC_OK;
    for (int i = 0; !rc && i < 2; i++) {
        const char *party = apply_text(permit, ENDS[i]);
        const json_t *body = json_object_get(scope->parties, party);
        const char *kind = apply_text(body, "kind");
        if (kind[0] && !territory_needs_permit(kind, "") && territory_needs_permit(kind, apply_text(body, "parent")))
            kind = "sub-dealer";
        if (!scope_has_party(scope, party) && kind[0])
            rc = append(lines, json_pack("{s:s, s:s, s:s}", "type", "party", "id", party, "kind", kind));
    }
    return rc;
}

/* An auditor needs to know where a party may sell; no more of it. */
static enum rc auditor_entity(struct server *server, const char *type, const char *id, json_t **ret_line)
{
    json_t *body = NULL;
    bool party = strcmp(type, "party") == 0;
    if (!party && strcmp(type, "territory") != 0)
        return RC_OK;
    enum rc rc = entities_get(server, type, id, &body);
    if (rc)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    json_t *line =
        party ? json_pack("{s:s, s:O?, s:O?, s:O?}", "id", id, "name", json_object_get(body, "name"), "region",
                          json_object_get(body, "region"), "parent", json_object_get(body, "parent"))
              : json_incref(body);
    json_decref(body);
    if (!line || json_object_set_new(line, "type", json_string(type)))
        return RC_NOMEM;
    *ret_line = line;
    return RC_OK;
}

static enum rc cut_for_dealer(struct server *server, const struct scope *scope, const char *type, json_t **line)
{
    const char *parent = apply_text(*line, "parent");
    if (strcmp(type, "party") == 0 && parent[0] && !scope_has_party(scope, parent))
        json_object_set_new(*line, "parent", json_null());
    return strcmp(type, "recall") == 0 ? cut_recall(server, scope, line) : RC_OK;
}

/* Of a party its name, region and parent; of its site, whose it is. */
static enum rc cut_for_auditor(const char *type, json_t **line)
{
    static const struct {
        const char *type, *members[8];
    } KEPT[] = {{"party", {"type", "id", "name", "kind", "region", "parent"}},
                {"site", {"type", "id", "kind", "party"}}};
    for (size_t i = 0; i < sizeof KEPT / sizeof KEPT[0]; i++) {
        bool owners = strcmp(type, "site") == 0 && !apply_text(*line, "party")[0];
        if (strcmp(type, KEPT[i].type) != 0 || owners)
            continue;
        json_t *cut = json_object();
        for (size_t m = 0; KEPT[i].members[m]; m++)
            json_object_set(cut, KEPT[i].members[m], json_object_get(*line, KEPT[i].members[m]));
        json_decref(*line);
        *line = cut;
        return cut ? RC_OK : RC_NOMEM;
    }
    return RC_OK;
}

static enum rc entity_lines(struct server *server, struct scope *scope, const char *type, const char *id,
                            json_t *lines)
{
    json_t *line = NULL;
    bool permit = strcmp(type, "permit") == 0;
    if (scope->auditors_alone && (strcmp(type, "stock") == 0 || strcmp(type, "share") == 0))
        return RC_OK;
    enum rc rc = entities_line(server, scope, type, id, &line);
    if (!rc && !line && scope->dealer && scope->auditor)
        rc = auditor_entity(server, type, id, &line);
    if (rc || !line)
        return rc;
    bool gone = json_is_true(json_object_get(line, "gone"));
    if (permit && !gone)
        rc = permits_tell(server, line);
    if (!rc && permit && !gone && scope->dealer)
        rc = permit_parties(scope, line, lines);
    if (!rc && scope->dealer && !gone)
        rc = cut_for_dealer(server, scope, type, &line);
    if (!rc && scope->auditors_alone && !gone)
        rc = cut_for_auditor(type, &line);
    if (!rc)
        return append(lines, line);
    json_decref(line);
    return rc;
}

enum rc told_lines(struct server *server, struct scope *scope, const char *type, const char *id, json_t *lines)
{
    bool own_row = strcmp(type, "code") == 0;
    if (strcmp(type, SETTLED_TYPE) == 0)
        return settled_lines(server, scope, id, lines);
    if (own_row || strcmp(type, TOLD_UNIT) == 0)
        return code_lines(server, scope, own_row, id, lines);
    return entity_lines(server, scope, type, id, lines);
}
