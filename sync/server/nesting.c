#include "sync/server/nesting.h"
#include "app/domain/limits.h"
#include <stdio.h>
#include <string.h>

/* *ret_above: what `parent` is in; *ret_below: how many containers deep the contents of `key` are. */
static enum rc look(struct server *server, const char *key, const char *parent, int64_t *ret_above,
                    int64_t *ret_below, bool *ret_fits)
{
    struct db_stmt *stmt = core_query(server, QUERY_CODE_NESTING);
    bool row;
    db_bind_text(stmt, 1, key);
    db_bind_text(stmt, 2, parent);
    enum rc rc = db_step(stmt, &row);
    if (!rc) {
        bool ring = strcmp(key, parent) == 0 || db_int(stmt, 1) != 0;
        *ret_above = db_int(stmt, 0);
        *ret_below = db_int(stmt, 2);
        *ret_fits = !ring && *ret_above + 1 + *ret_below <= DEPTH_MAX;
    }
    db_reset(stmt);
    return rc;
}

enum rc nesting_fits(struct server *server, const char *key, const char *parent, bool *ret_fits)
{
    int64_t above, below;
    return look(server, key, parent, &above, &below, ret_fits);
}

static enum rc has_contents(struct server *server, const char *key, bool *ret_has)
{
    struct db_stmt *stmt = core_query(server, QUERY_CODE_CHILDREN);
    db_bind_text(stmt, 1, key);
    db_bind_int(stmt, 2, 1);
    enum rc rc = db_step(stmt, ret_has);
    db_reset(stmt);
    return rc;
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
