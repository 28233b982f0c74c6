#include "sync/server/import.h"
#include "app/catalog/feed_check.h"
#include "app/domain/date.h"
#include "app/domain/holder.h"
#include "sync/server/changes.h"
#include "sync/server/entities.h"
#include "sync/server/movements.h"
#include "sync/server/nesting.h"
#include "sync/server/patterns.h"
#include "sync/server/provisional.h"
#include "sync/server/scope.h"
#include "sync/server/told.h"
#include <inttypes.h>
#include <string.h>

struct import {
    struct server *server;
    const struct import_notes *notes;
    long noted, changed;
    json_t *references; /* "type id" → what names it, for telling what is not told in the end */
    struct nesting_memo memo;
    json_t *unfit; /* code → the line that put it where it does not fit, unless a line that follows makes room */
};

enum { REFERENCES_MAX = 10000, CODE_TOLD_MAX = 120 /* of a code, beside a sentence */ };

static void tell(struct import *import, const char *text)
{
    if (import->noted++ < IMPORT_NOTES_MAX)
        import->notes->note(import->notes->context, text);
}

static void on_note(void *context, long line, const char *text)
{
    char told[FEED_ERROR_MAX + 40];
    snprintf(told, sizeof told, "line %ld: %s", line, text);
    tell(context, told);
}

static bool on_pin_hash(void *context, const char *operator, char * ret_hash)
{
    struct import *import = context;
    json_t *body = NULL;
    if (entities_get(import->server, "operator", operator, & body))
        return false;
    const char *hash = json_string_value(json_object_get(body, "pin_hash"));
    bool found = hash && strlen(hash) <= FEED_HASH_MAX;
    if (found)
        strcpy(ret_hash, hash);
    json_decref(body);
    return found;
}

static void refer(struct import *import, const char *type, const json_t *id, const char *from)
{
    char name[FEED_ID_MAX + 20];
    if (!json_is_string(id) || json_object_size(import->references) >= REFERENCES_MAX)
        return;
    snprintf(name, sizeof name, "%s %s", type, json_string_value(id));
    if (!json_object_get(import->references, name))
        json_object_set_new(import->references, name, json_string(from));
}

static void tell_missing(struct import *import)
{
    const char *name;
    json_t *from, *body;
    char type[16], told[FEED_ID_MAX * 2];
    json_object_foreach(import->references, name, from)
    {
        const char *id = strchr(name, ' ') + 1;
        snprintf(type, sizeof type, "%.*s", (int)(id - 1 - name), name);
        if (entities_get(import->server, type, id, &body) == RC_OK) {
            json_decref(body);
            continue;
        }
        snprintf(told, sizeof told, "%s is named by %.200s but not told yet", name, json_string_value(from));
        tell(import, told);
    }
}

/* "party:ID" and "site:ID" name something too. */
static void refer_holder(struct import *import, const json_t *text, const char *from)
{
    struct holder holder;
    if (!json_is_string(text) || holder_parse(json_string_value(text), &holder) || !holder.id[0])
        return;
    bool party = holder.kind == HOLDER_PARTY || holder.kind == HOLDER_TRANSIT_PARTY;
    json_t *id = json_string(holder.id);
    refer(import, party ? "party" : "site", id, from);
    json_decref(id);
}

static void refer_document(struct import *import, const char *id, const json_t *body)
{
    size_t i;
    json_t *line;
    refer_holder(import, json_object_get(body, "from"), id);
    refer_holder(import, json_object_get(body, "to"), id);
    json_array_foreach(json_object_get(body, "lines"), i, line)
        refer(import, "product", json_object_get(line, "product"), id);
}

/* The member laid over a text of the unit: missing leaves it, null clears. */
static void lay_text(const json_t *body, const char *name, char *text, size_t size)
{
    const json_t *value = json_object_get(body, name);
    if (value)
        snprintf(text, size, "%s", json_is_string(value) ? json_string_value(value) : "");
}

static void lay_int(const json_t *body, const char *name, int64_t none, int64_t *number)
{
    const json_t *value = json_object_get(body, name);
    if (value)
        *number = json_is_integer(value) ? json_integer_value(value) : none;
}

/* Whether work has been done on the unit or on what it is in: its place is no longer the feed's to say. */
static enum rc worked_on(struct server *server, const struct unit *unit, bool *ret_worked)
{
    json_t *above, *key;
    struct unit container;
    struct db_stmt *stmt = core_query(server, QUERY_CLAIM_GET);
    bool worked = unit->touched, row;
    size_t i;
    db_bind_text(stmt, 1, unit->key);
    enum rc rc = db_step(stmt, &row);
    worked |= !rc && row;
    db_reset(stmt);
    if (!rc)
        rc = units_above(server, unit->key, &above);
    if (rc)
        return rc;
    json_array_foreach(above, i, key)
    {
        if (!worked && units_get(server, json_string_value(key), &container) == RC_OK)
            worked = container.touched;
    }
    json_decref(above);
    *ret_worked = worked;
    return RC_OK;
}

/* Holder and container as the feed says them, unless work has gone over it. */
static enum rc lay_place(struct import *import, const json_t *body, const struct unit *old, struct unit *unit)
{
    char told[CODE_KEY_MAX + 120];
    bool worked = false;
    lay_text(body, "in", unit->parent, sizeof unit->parent);
    lay_text(body, "holder", unit->holder, sizeof unit->holder);
    if (strcmp(unit->parent, old->parent) == 0 && strcmp(unit->holder, old->holder) == 0)
        return RC_OK;
    enum rc rc = worked_on(import->server, old, &worked);
    if (rc || !worked)
        return rc;
    snprintf(told, sizeof told, "code %s: its place is what the records say, the feed's is not taken", unit->key);
    tell(import, told);
    memcpy(unit->parent, old->parent, sizeof unit->parent);
    memcpy(unit->holder, old->holder, sizeof unit->holder);
    return RC_OK;
}

/* The feed itself moves what no record has: a dealer's device that knew the code has to hear that. */
static enum rc log_move(struct server *server, const char *key, const char *from, const char *to)
{
    char at[TIME_TEXT_MAX + 1];
    struct movement movement = {.at = time_print(core_now_ms(server), 0, at),
                                .kind = "feed",
                                .doc = "",
                                .no = "",
                                .flow = "",
                                .site = "",
                                .to = to};
    enum rc rc = movements_add(server, &movement, key, from);
    return rc ? rc : changes_note(server, TOLD_UNIT, key);
}

/* The same for all that is in it; what names a place of its own has it. `to` NULL: nothing moved, but what is inside is to be
 * told again. */
static enum rc log_moves(struct server *server, const struct unit *unit, const char *from, const char *to)
{
    struct unit child;
    json_t *keys, *key;
    size_t i;
    enum rc rc = to ? log_move(server, unit->key, from, to) : RC_OK;
    if (!rc)
        rc = units_inside(server, unit->key, &keys);
    if (rc)
        return rc;
    json_array_foreach(keys, i, key)
    {
        if (!rc)
            rc = units_get(server, json_string_value(key), &child);
        if (!rc && !child.holder[0])
            rc = to ? log_move(server, child.key, from, to) : changes_note(server, TOLD_UNIT, child.key);
    }
    json_decref(keys);
    return rc;
}

/* Only where a dealer is concerned, before or after. */
static enum rc tell_dealers(struct server *server, const struct unit *old, const struct unit *unit)
{
    char from[HOLDER_MAX + 1], was[ID_MAX + 1], is[ID_MAX + 1];
    if (strcmp(old->holder, unit->holder) == 0 && strcmp(old->parent, unit->parent) == 0)
        return RC_OK;
    enum rc rc = units_holder(server, old, from);
    if (!rc)
        rc = scope_party_of(server, from, was);
    if (!rc)
        rc = scope_party_of(server, unit->holder, is);
    if (rc || strcmp(was, is) == 0)
        return rc;
    if (was[0])
        return log_moves(server, unit, from, unit->holder[0] ? unit->holder : "unknown");
    return unit->container ? log_moves(server, unit, from, NULL) : RC_OK;
}

static enum rc delete_code(struct server *server, const char *key)
{
    struct unit unit;
    char from[HOLDER_MAX + 1], was[ID_MAX + 1];
    enum rc rc = units_get(server, key, &unit);
    if (!rc)
        rc = units_holder(server, &unit, from);
    if (!rc)
        rc = scope_party_of(server, from, was);
    if (!rc && was[0])
        rc = log_move(server, key, from, "unknown");
    return rc == RC_NOT_FOUND || !rc ? units_delete(server, key) : rc;
}

static bool same_unit(const struct unit *a, const struct unit *b)
{
    return a->stored == b->stored && strcmp(a->product, b->product) == 0 && strcmp(a->lot, b->lot) == 0 &&
           strcmp(a->parent, b->parent) == 0 && strcmp(a->holder, b->holder) == 0 &&
           strcmp(a->state, b->state) == 0 && a->level == b->level && a->covers == b->covers &&
           a->container == b->container;
}

/* Refuses the whole file. */
static enum rc refuse_nesting(const char *key, char *error)
{
    snprintf(error, FEED_ERROR_MAX + 1,
             "code %.*s: member \"in\" would put something inside itself, or deeper than %d containers",
             CODE_TOLD_MAX, key, DEPTH_MAX);
    return RC_BAD_INPUT;
}

/* The lines come in any order: what does not fit now may when all is told. What one line puts into its container is looked at
 * with all that was told before, so that the last line of a ring, or of what is too deep, finds it. */
static enum rc look_at_nesting(struct import *import, const struct feed_item *item, const struct unit *old,
                               const struct unit *unit, char *error)
{
    bool fits = true;
    enum rc rc = RC_OK;
    if (unit->container)
        import->memo.known = false;
    if (unit->parent[0] && strcmp(unit->parent, old->parent) != 0)
        rc = nesting_fits_next(import->server, &import->memo, unit, &fits);
    if (rc || fits)
        return rc;
    if (json_object_size(import->unfit) >= IMPORT_UNFIT_MAX && !json_object_get(import->unfit, unit->key))
        return refuse_nesting(unit->key, error);
    return json_object_set_new(import->unfit, unit->key, json_integer(item->line)) ? RC_NOMEM : RC_OK;
}

/* After the last line. */
static enum rc refuse_unfit(struct import *import, struct feed_error *ret_error)
{
    const char *key;
    json_t *line;
    enum rc rc = RC_OK;
    json_object_foreach(import->unfit, key, line)
    {
        struct unit unit;
        bool fits = true;
        rc = units_find(import->server, key, &unit);
        if (!rc && unit.parent[0])
            rc = nesting_fits(import->server, key, unit.parent, &fits);
        if (!rc && !fits) {
            ret_error->line = (long)json_integer_value(line);
            rc = refuse_nesting(key, ret_error->text);
            feed_printable(ret_error->text);
        }
        if (rc)
            break;
    }
    return rc;
}

static enum rc put_code(struct import *import, const struct feed_item *item, char *error)
{
    struct unit old = {.level = -1}, unit;
    bool aliases_changed = false;
    enum rc rc = units_get(import->server, item->id, &old);
    if (rc && rc != RC_NOT_FOUND)
        return rc;
    snprintf(old.key, sizeof old.key, "%.*s", CODE_KEY_MAX, item->id);
    unit = old;
    lay_text(item->body, "product", unit.product, sizeof unit.product);
    lay_text(item->body, "lot", unit.lot, sizeof unit.lot);
    lay_text(item->body, "state", unit.state, sizeof unit.state);
    lay_int(item->body, "level", -1, &unit.level);
    lay_int(item->body, "covers", 0, &unit.covers);
    unit.container |= unit.level > 0;
    unit.stored = true;
    rc = lay_place(import, item->body, &old, &unit);
    if (rc)
        return rc;
    /* a run's word is not the unit's own: what it is in goes before it */
    if (!old.stored && !json_object_get(item->body, "holder"))
        unit.holder[0] = '\0';
    rc = look_at_nesting(import, item, &old, &unit, error);
    if (rc)
        return rc;
    if (unit.product[0])
        refer(import, "product", json_object_get(item->body, "product"), item->id);
    refer_holder(import, json_object_get(item->body, "holder"), item->id);
    const json_t *aliases = json_object_get(item->body, "aliases");
    if (aliases)
        rc = units_set_aliases(import->server, item->id, aliases, &aliases_changed);
    if (rc || (!aliases_changed && same_unit(&old, &unit)))
        return rc;
    import->changed++;
    rc = tell_dealers(import->server, &old, &unit);
    return rc ? rc : units_put(import->server, &unit);
}

static enum rc put_run(struct import *import, const struct feed_item *item, const json_t *body)
{
    const char *first = json_string_value(json_object_get(body, "first"));
    struct db_stmt *stmt = core_query(import->server, item->gone ? QUERY_RUN_DELETE : QUERY_RUN_PUT);
    db_bind_text(stmt, 1, first);
    if (item->gone)
        return db_run(stmt);
    db_bind_text(stmt, 2, json_string_value(json_object_get(body, "last")));
    db_bind_text(stmt, 3, json_string_value(json_object_get(body, "product")));
    db_bind_text(stmt, 4, json_string_value(json_object_get(body, "lot")));
    db_bind_text(stmt, 5, json_string_value(json_object_get(body, "holder")));
    return db_run(stmt);
}

/* The server computes a document's revision: it says when two devices work from different papers. */
static void revise(json_t *body)
{
    char revision[17];
    json_object_del(body, "rev");
    json_object_set_new(body, "rev", json_string(feed_revision(body, revision)));
}

static enum rc put_entity(struct import *import, const struct feed_item *item)
{
    const char *type = feed_type_word(item->type);
    json_t *old = NULL;
    bool look = !item->gone || item->type == FEED_PATTERN;
    enum rc rc = look ? entities_get(import->server, type, item->id, &old) : RC_NOT_FOUND;
    if (rc && rc != RC_NOT_FOUND)
        return rc;
    json_t *body = feed_merge(item->gone ? NULL : old, item->body);
    bool same = old && !item->gone;
    if (item->type == FEED_DOCUMENT && !item->gone) {
        revise(body);
        refer_document(import, item->id, body);
    }
    same = same && json_equal(old, body);
    rc = same ? RC_OK : entities_put(import->server, type, item->id, body, item->gone);
    /* the one before too: a database of an earlier version kept none */
    if (!rc && item->type == FEED_PATTERN)
        rc = patterns_keep(import->server, item->id, old);
    if (!rc && item->type == FEED_PATTERN && !item->gone)
        rc = patterns_keep(import->server, item->id, body);
    if (!rc && !same && item->type == FEED_CODES)
        rc = put_run(import, item, body);
    import->changed += !same;
    json_decref(body);
    json_decref(old);
    return rc;
}

static enum rc on_put(void *context, const struct feed_item *item, char *error)
{
    struct import *import = context;
    if (item->type == FEED_SHARE || item->type == FEED_SETTLED) {
        snprintf(error, FEED_ERROR_MAX + 1, "type \"%s\" is the server's own to tell", feed_type_word(item->type));
        return RC_BAD_INPUT;
    }
    if (item->type != FEED_CODE)
        return put_entity(import, item);
    if (!item->gone)
        return put_code(import, item, error);
    import->changed++;
    import->memo.known = false;
    return delete_code(import->server, item->id);
}

enum rc import_feed(struct server *server, FILE *stream, const struct import_notes *notes, long *ret_count,
                    long *ret_changed, struct feed_error *ret_error)
{
    struct import import = {.server = server, .notes = notes, .references = json_object(), .unfit = json_object()};
    struct feed_sink sink = {&import, on_put, on_note, on_pin_hash};
    int64_t since;
    enum rc rc = import.references && import.unfit ? db_begin(server->db) : RC_NOMEM;
    if (rc) {
        json_decref(import.references);
        json_decref(import.unfit);
        return rc;
    }
    rc = changes_last(server, &since);
    if (!rc)
        rc = feed_read(stream, &sink, ret_count, ret_error);
    if (!rc)
        rc = refuse_unfit(&import, ret_error);
    if (!rc)
        tell_missing(&import);
    if (!rc)
        rc = provisional_settle(server, since);
    if (rc)
        db_rollback(server->db);
    else
        rc = db_commit(server->db);
    if (!rc)
        *ret_changed = import.changed;
    json_decref(import.references);
    json_decref(import.unfit);
    core_log(server, "import", "%s, %ld changed, %ld notes", rc_word(rc), import.changed, import.noted);
    return rc;
}
