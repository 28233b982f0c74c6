#include "sync/server/nesting.h"
#include "app/domain/limits.h"
#include "sync/server/units.h"
#include <string.h>

/* How many containers deep its contents are; 0 it has none. */
static enum rc height(struct server *server, const char *key, int64_t *ret_height)
{
    struct db_stmt *stmt = core_query(server, QUERY_CODE_INSIDE_DEPTH);
    bool row;
    db_bind_text(stmt, 1, key);
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        *ret_height = db_int(stmt, 0);
    db_reset(stmt);
    return rc;
}

static bool has(const json_t *keys, const char *key)
{
    size_t i;
    const json_t *value;
    json_array_foreach(keys, i, value)
    {
        if (strcmp(json_string_value(value), key) == 0)
            return true;
    }
    return false;
}

enum rc nesting_fits(struct server *server, const char *key, const char *parent, bool *ret_fits)
{
    json_t *above = NULL;
    int64_t below = 0;
    enum rc rc = units_above(server, parent, &above);
    if (!rc)
        rc = height(server, key, &below);
    if (!rc)
        *ret_fits =
            strcmp(key, parent) != 0 && !has(above, key) && (int64_t)json_array_size(above) + 1 + below <= DEPTH_MAX;
    json_decref(above);
    return rc;
}
