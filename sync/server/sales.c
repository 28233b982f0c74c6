#include "sync/server/sales.h"
#include "app/catalog/feed.h"
#include "app/domain/date.h"
#include "sync/server/apply.h"
#include "sync/server/scope.h"
#include "sync/server/units.h"
#include <string.h>

static json_t *last_of(const json_t *sales)
{
    size_t count = json_array_size(sales);
    return count ? json_array_get(sales, count - 1) : NULL;
}

/* What void takes back was no sale. */
static void take_back(json_t *sales, const char *party)
{
    if (strcmp(apply_text(last_of(sales), "to"), party) == 0)
        json_array_remove(sales, json_array_size(sales) - 1);
}

/* One move, read while its row is at hand: entities are another statement's. */
static enum rc read_moves(struct server *server, const char *key, json_t **ret_moves)
{
    struct db_stmt *stmt = core_query(server, QUERY_MOVEMENT_OF);
    json_t *moves = json_array();
    bool row = moves != NULL;
    enum rc rc = moves ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, key);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row &&
            json_array_append_new(moves, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "at", db_text(stmt, 0), "doc",
                                                   db_text(stmt, 2), "from", db_text(stmt, 7), "to", db_text(stmt, 8),
                                                   "flow", db_text(stmt, 9), "no", db_text(stmt, 10))))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    if (rc)
        json_decref(moves);
    else
        *ret_moves = moves;
    return rc;
}

/* A document without a number is called by its full name, where that is short enough for one. */
static json_t *sale(const char *party, const json_t *move)
{
    char day[DAY_TEXT_MAX + 1];
    const char *no = apply_text(move, "no"), *doc = no[0] ? no : apply_text(move, "doc");
    snprintf(day, sizeof day, "%.10s", apply_text(move, "at"));
    json_t *one = json_pack("{s:s, s:s}", "to", party, "at", day);
    if (one && feed_is_id(doc))
        json_object_set_new(one, "doc", json_string(doc));
    return one;
}

/* `back`: it came back since the last sale, so that the same party is another sale. */
static enum rc add_move(struct server *server, const json_t *move, json_t *sales, bool *back)
{
    char from[ID_MAX + 1], to[ID_MAX + 1];
    enum rc rc = scope_party_of(server, apply_text(move, "from"), from);
    if (!rc)
        rc = scope_party_of(server, apply_text(move, "to"), to);
    /* whom the feed had it with before anything moved */
    if (!rc && from[0] && json_array_size(sales) == 0)
        rc = json_array_append_new(sales, json_pack("{s:s}", "to", from)) ? RC_NOMEM : RC_OK;
    if (rc)
        return rc;
    if (strcmp(apply_text(move, "flow"), "void") == 0)
        take_back(sales, from);
    else if (to[0] && (*back || strcmp(apply_text(last_of(sales), "to"), to) != 0))
        rc = json_array_append_new(sales, sale(to, move)) ? RC_NOMEM : RC_OK;
    *back = !to[0] && strncmp(apply_text(move, "to"), "site:", 5) == 0;
    return rc;
}

enum rc sales_of(struct server *server, const char *key, const char *holder, json_t **ret_sales)
{
    json_t *moves, *sales = json_array();
    const json_t *move;
    char party[ID_MAX + 1] = "";
    size_t i;
    bool back = false;
    enum rc rc = sales ? read_moves(server, key, &moves) : RC_NOMEM;
    if (rc) {
        json_decref(sales);
        return rc;
    }
    json_array_foreach(moves, i, move)
    {
        if (!rc)
            rc = add_move(server, move, sales, &back);
    }
    if (!rc && json_array_size(moves) == 0)
        rc = scope_party_of(server, holder, party);
    if (!rc && party[0] && json_array_append_new(sales, json_pack("{s:s}", "to", party)))
        rc = RC_NOMEM;
    json_decref(moves);
    if (rc)
        json_decref(sales);
    else
        *ret_sales = sales;
    return rc;
}

enum rc sales_seller(struct server *server, const char *key, char *ret_party)
{
    char holder[HOLDER_MAX + 1];
    struct unit unit;
    json_t *sales = NULL;
    enum rc rc = units_find(server, key, &unit);
    if (!rc)
        rc = units_holder(server, &unit, holder);
    if (!rc)
        rc = sales_of(server, key, holder, &sales);
    if (!rc)
        snprintf(ret_party, ID_MAX + 1, "%s", apply_text(last_of(sales), "to"));
    json_decref(sales);
    return rc;
}

static enum rc add_seen(struct server *server, const char *key, json_t *line)
{
    struct db_stmt *stmt = core_query(server, QUERY_SIGHTING_OF);
    json_t *seen = json_array();
    char day[DAY_TEXT_MAX + 1];
    bool row = seen != NULL;
    enum rc rc = seen ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, key);
    while (!rc && row && json_array_size(seen) < SALES_TOLD_MAX) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        snprintf(day, sizeof day, "%.10s", db_text(stmt, 1));
        if (db_text(stmt, 0)[0] &&
            json_array_append_new(seen, json_pack("{s:s, s:s}", "region", db_text(stmt, 0), "at", day)))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    json_object_set_new(line, "seen", seen);
    return rc;
}

enum rc sales_add(struct server *server, const char *key, const char *holder, json_t *line)
{
    json_t *sales, *earlier = json_array();
    enum rc rc = earlier ? sales_of(server, key, holder, &sales) : RC_NOMEM;
    if (rc) {
        json_decref(earlier);
        return rc;
    }
    size_t count = json_array_size(sales);
    json_object_set_new(line, "sold", count ? json_incref(last_of(sales)) : json_null());
    for (size_t i = count; i-- > 1 && json_array_size(earlier) < SALES_TOLD_MAX;)
        json_array_append(earlier, json_array_get(sales, i - 1));
    json_object_set_new(line, "earlier", earlier);
    json_decref(sales);
    return add_seen(server, key, line);
}
