#include "sync/server/permits.h"
#include "app/catalog/feed.h"
#include "app/domain/date.h"
#include "sync/server/apply.h"
#include "sync/server/changes.h"
#include "sync/server/entities.h"
#include <string.h>

static enum rc used(struct server *server, const char *id, qty_t *ret_used)
{
    struct db_stmt *stmt = core_query(server, QUERY_PERMIT_USED);
    bool row;
    db_bind_text(stmt, 1, id);
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        *ret_used = row ? db_int(stmt, 0) : 0;
    db_reset(stmt);
    return rc;
}

static void name_of(const char *from, const char *to, const char *product, char *ret_id)
{
    snprintf(ret_id, FEED_ID_MAX + 1, "%s|%s|%s", from, to, product);
}

enum rc permits_left(struct server *server, json_t *line)
{
    char id[FEED_ID_MAX + 1], text[QTY_TEXT_MAX + 1];
    qty_t qty, gone = 0;
    name_of(apply_text(line, "from"), apply_text(line, "to"), apply_text(line, "product"), id);
    enum rc rc = used(server, id, &gone);
    if (rc || gone == 0 || qty_parse(apply_text(line, "qty"), &qty))
        return rc;
    qty = qty > gone ? qty - gone : 0;
    return json_object_set_new(line, "qty", json_string(qty_print(qty, text))) ? RC_NOMEM : RC_OK;
}

static bool runs_on(const json_t *permit, const char *day)
{
    day_t until, today;
    return day_parse(apply_text(permit, "until"), &until) || day_parse(day, &today) || today <= until;
}

enum rc permits_use(struct server *server, const char *from, const char *to, const char *product, qty_t qty,
                    const char *day, bool *ret_covered)
{
    char id[FEED_ID_MAX + 1];
    json_t *permit = NULL;
    qty_t limit, gone = 0;
    *ret_covered = false;
    name_of(from, to, product, id);
    enum rc rc = entities_get(server, "permit", id, &permit);
    if (rc)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    bool limited = qty_parse(apply_text(permit, "qty"), &limit) == RC_OK;
    bool good = runs_on(permit, day);
    json_decref(permit);
    rc = used(server, id, &gone);
    if (rc || !good)
        return rc;
    *ret_covered = !limited || gone + qty <= limit;
    struct db_stmt *stmt = core_query(server, QUERY_PERMIT_USE);
    db_bind_text(stmt, 1, id);
    db_bind_int(stmt, 2, qty);
    rc = db_run(stmt);
    return rc ? rc : changes_note(server, "permit", id);
}
