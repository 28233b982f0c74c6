#include "sync/server/units.h"
#include "app/domain/product.h"
#include "sync/server/changes.h"
#include "sync/server/provisional.h"
#include "sync/server/runs.h"
#include "sync/server/told.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { RUN_INSIDE_MAX = 64 }; /* things inside that are asked for their runs */

/* Cut to what fits, as all that is kept was. */
static void copy(char *to, size_t size, const char *from)
{
    size_t len = strnlen(from, size - 1);
    memcpy(to, from, len);
    to[len] = '\0';
}

static enum rc get_run(struct server *server, const char *key, struct unit *unit)
{
    const struct run *run;
    enum rc rc = runs_find(server, key, &run);
    if (rc)
        return rc;
    copy(unit->product, sizeof unit->product, run->product);
    copy(unit->lot, sizeof unit->lot, run->lot);
    copy(unit->holder, sizeof unit->holder, run->holder);
    return RC_OK;
}

enum rc units_get(struct server *server, const char *key, struct unit *ret_unit)
{
    struct unit unit = {.level = -1};
    struct db_stmt *stmt = core_query(server, QUERY_CODE_GET);
    bool row;
    db_bind_text(stmt, 1, key);
    enum rc rc = db_step(stmt, &row);
    copy(unit.key, sizeof unit.key, key);
    if (rc)
        return rc;
    if (row) {
        copy(unit.product, sizeof unit.product, db_text(stmt, 1));
        copy(unit.lot, sizeof unit.lot, db_text(stmt, 2));
        unit.level = db_int(stmt, 3);
        unit.covers = db_int(stmt, 4);
        copy(unit.parent, sizeof unit.parent, db_text(stmt, 5));
        copy(unit.holder, sizeof unit.holder, db_text(stmt, 6));
        copy(unit.state, sizeof unit.state, db_text(stmt, 7));
        unit.container = db_int(stmt, 8) != 0;
        unit.touched = db_int(stmt, 9) != 0;
        unit.stored = true;
        db_reset(stmt);
    } else {
        rc = get_run(server, key, &unit);
    }
    if (!rc)
        *ret_unit = unit;
    return rc;
}

enum rc units_find(struct server *server, const char *key, struct unit *ret_unit)
{
    enum rc rc = units_get(server, key, ret_unit);
    if (rc != RC_NOT_FOUND)
        return rc;
    *ret_unit = (struct unit){.level = -1};
    copy(ret_unit->key, sizeof ret_unit->key, key);
    return RC_OK;
}

enum rc units_of_run(struct server *server, const char *key, struct unit *unit)
{
    struct unit run = {.level = -1};
    enum rc rc = get_run(server, key, &run);
    if (!rc) {
        copy(unit->product, sizeof unit->product, run.product);
        copy(unit->lot, sizeof unit->lot, run.lot);
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Of which nothing was said is active. */
static const char *state_of(const struct unit *unit)
{
    return unit->state[0] ? unit->state : code_state_word(STATE_ACTIVE);
}

bool units_same_place(const struct unit *a, const struct unit *b)
{
    return strcmp(a->parent, b->parent) == 0 && strcmp(a->holder, b->holder) == 0 &&
           strcmp(state_of(a), state_of(b)) == 0;
}

static enum rc write_row(struct server *server, const struct unit *unit)
{
    struct db_stmt *stmt = core_query(server, QUERY_CODE_PUT);
    db_bind_text(stmt, 1, unit->key);
    db_bind_text_or_null(stmt, 2, unit->product);
    db_bind_text_or_null(stmt, 3, unit->lot);
    db_bind_int(stmt, 4, unit->level);
    db_bind_int(stmt, 5, unit->covers);
    db_bind_text_or_null(stmt, 6, unit->parent);
    db_bind_text_or_null(stmt, 7, unit->holder);
    db_bind_text_or_null(stmt, 8, unit->state);
    db_bind_int(stmt, 9, unit->container);
    db_bind_int(stmt, 10, unit->touched);
    enum rc rc = db_run(stmt);
    return rc ? rc : changes_note(server, "code", unit->key);
}

/* Before it is written. */
static enum rc note_leaving(struct server *server, const struct unit *unit)
{
    struct unit was;
    bool any = false;
    enum rc rc = provisional_exist(server, &any);
    if (rc || !any)
        return rc;
    rc = units_get(server, unit->key, &was);
    if (rc || !was.parent[0] || strcmp(was.parent, unit->parent) == 0)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    return provisional_left(server, unit->key);
}

enum rc units_put(struct server *server, const struct unit *unit)
{
    struct unit parent;
    enum rc rc = note_leaving(server, unit);
    if (!rc)
        rc = write_row(server, unit);
    if (rc || !unit->parent[0])
        return rc;
    rc = units_find(server, unit->parent, &parent);
    if (rc || parent.container)
        return rc;
    parent.container = true;
    return write_row(server, &parent);
}

enum rc units_delete(struct server *server, const char *key)
{
    bool row, changed;
    enum rc rc = provisional_left(server, key);
    if (rc)
        return rc;
    struct db_stmt *stmt = core_query(server, QUERY_CODE_GONE);
    db_bind_text(stmt, 1, key);
    rc = db_step(stmt, &row);
    db_reset(stmt);
    if (rc || !row)
        return rc;
    rc = units_set_aliases(server, key, NULL, &changed);
    return rc ? rc : changes_note(server, "code", key);
}

enum rc units_alias(struct server *server, const char *alias, char *ret_key)
{
    struct db_stmt *stmt = core_query(server, QUERY_ALIAS_GET);
    bool row;
    db_bind_text(stmt, 1, alias);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc ? rc : RC_NOT_FOUND;
    copy(ret_key, CODE_KEY_MAX + 1, db_text(stmt, 0));
    db_reset(stmt);
    return RC_OK;
}

/* A query's first column as an array. */
static enum rc list(struct db_stmt *stmt, json_t **ret_list)
{
    bool row = true;
    enum rc rc = RC_OK;
    json_t *array = json_array();
    if (!array)
        return RC_NOMEM;
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row && json_array_append_new(array, json_string(db_text(stmt, 0))))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    if (rc)
        json_decref(array);
    else
        *ret_list = array;
    return rc;
}

enum rc units_aliases(struct server *server, const char *key, json_t **ret_list)
{
    struct db_stmt *stmt = core_query(server, QUERY_ALIAS_OF);
    db_bind_text(stmt, 1, key);
    return list(stmt, ret_list);
}

static bool same_set(const json_t *a, const json_t *b)
{
    size_t i, j;
    const json_t *x;
    if (json_array_size(a) != json_array_size(b))
        return false;
    json_array_foreach(a, i, x)
    {
        for (j = 0; j < json_array_size(b); j++)
            if (json_equal(x, json_array_get(b, j)))
                break;
        if (j == json_array_size(b))
            return false;
    }
    return true;
}

enum rc units_put_aliases(struct server *server, const char *key, const json_t *aliases)
{
    const json_t *alias;
    size_t i;
    enum rc rc = RC_OK;
    json_array_foreach(aliases, i, alias)
    {
        struct db_stmt *stmt = core_query(server, QUERY_ALIAS_PUT);
        db_bind_text(stmt, 1, json_string_value(alias));
        db_bind_text(stmt, 2, key);
        if (!rc)
            rc = db_run(stmt);
    }
    return rc;
}

enum rc units_set_aliases(struct server *server, const char *key, const json_t *aliases, bool *ret_changed)
{
    json_t *old;
    enum rc rc = units_aliases(server, key, &old);
    if (rc)
        return rc;
    *ret_changed = !same_set(old, aliases);
    json_decref(old);
    if (!*ret_changed)
        return RC_OK;
    struct db_stmt *stmt = core_query(server, QUERY_ALIAS_CLEAR);
    db_bind_text(stmt, 1, key);
    rc = db_run(stmt);
    return rc ? rc : units_put_aliases(server, key, aliases);
}

static enum rc first_text(struct db_stmt *stmt, const char *key, char *text, size_t size)
{
    bool row;
    db_bind_text(stmt, 1, key);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row)
        copy(text, size, db_text(stmt, 0));
    db_reset(stmt);
    return rc;
}

static enum rc run_holder(struct server *server, const char *key, char *ret_holder)
{
    struct unit unit = {.level = -1};
    enum rc rc = get_run(server, key, &unit);
    if (rc == RC_OK)
        copy(ret_holder, HOLDER_MAX + 1, unit.holder);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* What the runs say of the first things inside. */
static enum rc run_holder_inside(struct server *server, const char *key, char *ret_holder)
{
    json_t *keys, *inside;
    size_t i;
    struct db_stmt *stmt = core_query(server, QUERY_CODE_INSIDE);
    db_bind_text(stmt, 1, key);
    db_bind_int(stmt, 2, RUN_INSIDE_MAX);
    enum rc rc = list(stmt, &keys);
    if (rc)
        return rc;
    json_array_foreach(keys, i, inside)
    {
        if (!rc && !ret_holder[0])
            rc = run_holder(server, json_string_value(inside), ret_holder);
    }
    json_decref(keys);
    return rc;
}

/* Its own word, else its containers', else its contents', else a run's: its own, or its contents'. */
enum rc units_holder(struct server *server, const struct unit *unit, char *ret_holder)
{
    char holder[HOLDER_MAX + 1] = "";
    enum rc rc = RC_OK;
    copy(holder, sizeof holder, unit->holder);
    if (!holder[0] && unit->parent[0])
        rc = first_text(core_query(server, QUERY_CODE_ABOVE_HOLDER), unit->key, holder, sizeof holder);
    if (!rc && !holder[0] && unit->container)
        rc = first_text(core_query(server, QUERY_CODE_INSIDE_HOLDER), unit->key, holder, sizeof holder);
    if (!rc && !holder[0])
        rc = run_holder(server, unit->key, holder);
    if (!rc && !holder[0] && unit->container)
        rc = run_holder_inside(server, unit->key, holder);
    if (!rc)
        copy(ret_holder, HOLDER_MAX + 1, holder);
    return rc;
}

enum rc units_count_inside(struct server *server, const char *key, int64_t *ret_count)
{
    struct db_stmt *stmt = core_query(server, QUERY_CODE_INSIDE_COUNT);
    bool row;
    db_bind_text(stmt, 1, key);
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        *ret_count = db_int(stmt, 0);
    db_reset(stmt);
    return rc;
}

enum rc units_above(struct server *server, const char *key, json_t **ret_keys)
{
    struct db_stmt *stmt = core_query(server, QUERY_CODE_ABOVE);
    db_bind_text(stmt, 1, key);
    return list(stmt, ret_keys);
}

enum rc units_children(struct server *server, const char *key, json_t **ret_keys)
{
    struct db_stmt *stmt = core_query(server, QUERY_CODE_CHILDREN);
    db_bind_text(stmt, 1, key);
    db_bind_int(stmt, 2, CONTENTS_MAX);
    return list(stmt, ret_keys);
}

enum rc units_inside(struct server *server, const char *key, json_t **ret_keys)
{
    struct db_stmt *stmt = core_query(server, QUERY_CODE_INSIDE);
    db_bind_text(stmt, 1, key);
    db_bind_int(stmt, 2, CONTENTS_MAX);
    return list(stmt, ret_keys);
}

static enum rc write_state(struct server *server, const struct unit *unit, const char *state)
{
    struct unit next = *unit;
    next.touched = true;
    copy(next.state, sizeof next.state, state);
    return write_row(server, &next);
}

enum rc units_set_state(struct server *server, const struct unit *unit, const char *state)
{
    char holder[HOLDER_MAX + 1];
    struct unit child;
    json_t *keys, *key;
    size_t i;
    /* of a code that nobody told, "active" says nothing */
    bool news = unit->stored || unit->product[0] || strcmp(state, code_state_word(STATE_ACTIVE)) != 0;
    enum rc rc = news ? write_state(server, unit, state) : RC_OK;
    if (rc || !unit->container)
        return rc;
    rc = units_holder(server, unit, holder);
    if (!rc)
        rc = units_inside(server, unit->key, &keys);
    if (rc)
        return rc;
    json_array_foreach(keys, i, key)
    {
        if (!rc)
            rc = units_get(server, json_string_value(key), &child);
        if (!rc && (!child.holder[0] || strcmp(child.holder, holder) == 0))
            rc = write_state(server, &child, state);
    }
    json_decref(keys);
    return rc;
}

/* A unit that somebody has tallied by itself was taken out of what it was in: it stays where it was. */
static enum rc leave_behind(struct server *server, struct unit *child, const char *from, bool *ret_left)
{
    struct db_stmt *stmt = core_query(server, QUERY_CLAIM_GET);
    db_bind_text(stmt, 1, child->key);
    enum rc rc = db_step(stmt, ret_left);
    db_reset(stmt);
    if (rc || !*ret_left)
        return rc;
    rc = provisional_left(server, child->key);
    if (rc)
        return rc;
    child->parent[0] = '\0';
    child->touched = true;
    if (!child->holder[0])
        copy(child->holder, sizeof child->holder, from);
    return write_row(server, child);
}

/* Whether the child goes along; `left` has the keys that don't, and what is in those does not either. */
static enum rc goes_along(struct server *server, struct unit *child, const char *from, json_t *left, bool *ret_along)
{
    bool tallied = false;
    bool inside = json_object_get(left, child->parent) != NULL;
    /* a child that names another place is not in here, whatever the books say */
    bool elsewhere = child->holder[0] && strcmp(child->holder, from) != 0;
    enum rc rc = inside || elsewhere ? RC_OK : leave_behind(server, child, from, &tallied);
    *ret_along = !inside && !elsewhere && !tallied;
    return !rc && !*ret_along && json_object_set_new(left, child->key, json_true()) ? RC_NOMEM : rc;
}

/* What is inside and named the old holder names the new one. */
static enum rc move_inside(struct server *server, const struct unit *unit, const char *from, const char *holder,
                           const char *state, json_t *moved)
{
    json_t *keys, *key, *left;
    struct unit child;
    size_t i;
    bool along;
    enum rc rc = units_inside(server, unit->key, &keys);
    if (rc)
        return rc;
    left = json_object();
    json_array_foreach(keys, i, key)
    {
        rc = units_get(server, json_string_value(key), &child);
        if (!rc)
            rc = goes_along(server, &child, from, left, &along);
        if (rc)
            break;
        if (!along)
            continue;
        child.touched = true;
        if (child.holder[0])
            copy(child.holder, sizeof child.holder, holder);
        if (state)
            copy(child.state, sizeof child.state, state);
        if (child.holder[0] || state)
            rc = write_row(server, &child);
        else
            rc = changes_note(server, TOLD_UNIT, child.key);
        if (rc || json_array_append(moved, key))
            break;
    }
    json_decref(left);
    json_decref(keys);
    return rc;
}

enum rc units_move(struct server *server, const struct unit *unit, const char *holder, const char *state,
                   json_t **ret_moved, char *ret_from)
{
    struct unit next = *unit;
    enum rc rc = units_holder(server, unit, ret_from);
    json_t *moved = json_pack("[s]", unit->key);
    if (!moved)
        return RC_NOMEM;
    next.parent[0] = '\0';
    next.touched = true;
    copy(next.holder, sizeof next.holder, holder);
    if (state)
        copy(next.state, sizeof next.state, state);
    if (!rc && unit->parent[0])
        rc = provisional_left(server, unit->key);
    if (!rc)
        rc = write_row(server, &next);
    if (!rc && unit->container)
        rc = move_inside(server, unit, ret_from, holder, state, moved);
    if (rc)
        json_decref(moved);
    else
        *ret_moved = moved;
    return rc;
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

/* A label that holds nothing and never was a container by what counts: a device that was told otherwise forgets it. */
static json_t *level_told(const struct unit *unit)
{
    bool no_container = !unit->container && strncmp(unit->key, "(00)", 4) == 0;
    return unit->level >= 0 || no_container ? json_integer(unit->level >= 0 ? unit->level : 0) : json_null();
}

enum rc units_line(struct server *server, const char *key, json_t **ret_line)
{
    struct unit unit;
    json_t *aliases;
    enum rc rc = units_get(server, key, &unit);
    if (rc == RC_NOT_FOUND) {
        *ret_line = json_pack("{s:s, s:s, s:b}", "type", "code", "code", key, "gone", 1);
        return *ret_line ? RC_OK : RC_NOMEM;
    }
    if (!rc)
        rc = units_aliases(server, key, &aliases);
    if (rc)
        return rc;
    json_t *line =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "type", "code", "code", key, "product",
                  text_or_null(unit.product), "lot", text_or_null(unit.lot), "in", text_or_null(unit.parent),
                  "holder", text_or_null(unit.holder), "state", text_or_null(unit.state), "level", level_told(&unit));
    if (line)
        json_object_set_new(line, "covers", unit.covers ? json_integer(unit.covers) : json_null());
    if (line)
        json_object_set_new(line, "aliases", json_array_size(aliases) ? json_incref(aliases) : json_null());
    json_decref(aliases);
    if (!line)
        return RC_NOMEM;
    *ret_line = line;
    return RC_OK;
}
