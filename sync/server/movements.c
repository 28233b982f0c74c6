#include "sync/server/movements.h"

enum rc movements_add(struct server *server, const struct movement *movement, const char *key, const char *from)
{
    struct db_stmt *stmt = core_query(server, QUERY_MOVEMENT_ADD);
    db_bind_text(stmt, 1, key);
    db_bind_text(stmt, 2, movement->at);
    db_bind_text(stmt, 3, movement->kind);
    db_bind_text(stmt, 4, movement->doc);
    db_bind_int(stmt, 5, movement->device);
    db_bind_int(stmt, 6, movement->epoch);
    db_bind_int(stmt, 7, movement->seq);
    db_bind_text(stmt, 8, movement->site);
    db_bind_text(stmt, 9, from);
    db_bind_text(stmt, 10, movement->to);
    db_bind_text(stmt, 11, movement->flow);
    db_bind_text(stmt, 12, movement->no);
    return db_run(stmt);
}

enum rc movements_bring(struct server *server, const struct movement *movement, const struct unit *unit,
                        const char *state)
{
    char from[HOLDER_MAX + 1];
    json_t *moved, *key;
    size_t i;
    enum rc rc = units_move(server, unit, movement->to, state, &moved, from);
    if (rc)
        return rc;
    json_array_foreach(moved, i, key)
    {
        if (!rc)
            rc = movements_add(server, movement, json_string_value(key), from);
    }
    json_decref(moved);
    return rc;
}
