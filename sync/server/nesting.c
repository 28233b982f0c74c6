#include "sync/server/nesting.h"
#include "app/domain/limits.h"
#include <stdio.h>
#include <string.h>

static enum rc has_contents(struct server *server, const char *key, bool *ret_has)
{
    struct db_stmt *stmt = core_query(server, QUERY_CODE_CHILDREN);
    db_bind_text(stmt, 1, key);
    db_bind_int(stmt, 2, 1);
    enum rc rc = db_step(stmt, ret_has);
    db_reset(stmt);
    return rc;
}

/* What is in there and has something in itself; the caller decrefs. */
static enum rc filled_in(struct server *server, const char *key, json_t **ret_keys)
{
    struct db_stmt *stmt = core_query(server, QUERY_CODE_FILLED);
    json_t *keys = json_array();
    bool row = keys != NULL;
    enum rc rc = keys ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, key);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row && json_array_append_new(keys, json_string(db_text(stmt, 0))))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    if (rc)
        json_decref(keys);
    else
        *ret_keys = keys;
    return rc;
}

/* How many containers deep the contents are, looked at no further than `room`. Level by level: a recursive query that is planned
 * while the table is nearly empty reads all of it for each level once it is full. */
static enum rc height(struct server *server, const char *key, int room, int64_t *ret_height)
{
    json_t *keys = NULL;
    size_t i;
    const json_t *inner;
    bool has = false;
    *ret_height = 0;
    enum rc rc = has_contents(server, key, &has);
    if (rc || !has)
        return rc;
    *ret_height = 1;
    rc = room > 0 ? filled_in(server, key, &keys) : RC_OK;
    json_array_foreach(keys, i, inner)
    {
        int64_t below = 0;
        if (!rc && *ret_height <= room)
            rc = height(server, json_string_value(inner), room - 1, &below);
        if (below >= *ret_height)
            *ret_height = below + 1;
    }
    json_decref(keys);
    return rc;
}

/* *ret_around: how many containers `parent` is in; a ring when `key` is one of them. */
static enum rc look_around(struct server *server, const char *key, const char *parent, int64_t *ret_around,
                           bool *ret_ring)
{
    struct db_stmt *stmt = core_query(server, QUERY_CODE_AROUND);
    bool row;
    db_bind_text(stmt, 1, parent);
    db_bind_text(stmt, 2, key);
    enum rc rc = db_step(stmt, &row);
    if (!rc) {
        *ret_around = db_int(stmt, 0);
        *ret_ring = strcmp(key, parent) == 0 || db_int(stmt, 1) != 0;
    }
    db_reset(stmt);
    return rc;
}

/* *ret_above: what `parent` is in; *ret_below: how many containers deep the contents of `key` are. */
static enum rc look(struct server *server, const char *key, const char *parent, int64_t *ret_above,
                    int64_t *ret_below, bool *ret_fits)
{
    bool ring = false;
    enum rc rc = look_around(server, key, parent, ret_above, &ring);
    if (!rc)
        rc = height(server, key, DEPTH_MAX, ret_below);
    if (!rc)
        *ret_fits = !ring && *ret_above + 1 + *ret_below <= DEPTH_MAX;
    return rc;
}

enum rc nesting_fits(struct server *server, const char *key, const char *parent, bool *ret_fits)
{
    int64_t above, below;
    return look(server, key, parent, &above, &below, ret_fits);
}

enum rc nesting_fits_next(struct server *server, struct nesting_memo *memo, const struct unit *unit, bool *ret_fits)
{
    int64_t above, below;
    bool same = memo->known && strcmp(memo->parent, unit->parent) == 0 && strcmp(unit->key, unit->parent) != 0;
    bool contents = true;
    /* one that was deleted and is told again may have some, though it is no container yet */
    enum rc rc = same && !unit->container ? has_contents(server, unit->key, &contents) : RC_OK;
    if (!rc && !contents) {
        *ret_fits = memo->above + 1 <= DEPTH_MAX;
        return RC_OK;
    }
    if (!rc)
        rc = look(server, unit->key, unit->parent, &above, &below, ret_fits);
    if (rc)
        return rc;
    memo->known = below == 0 && !unit->container;
    memo->above = above;
    snprintf(memo->parent, sizeof memo->parent, "%s", unit->parent);
    return RC_OK;
}
