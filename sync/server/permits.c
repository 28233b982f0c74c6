#include "sync/server/permits.h"
#include "app/catalog/feed.h"
#include "app/domain/date.h"
#include "app/domain/territory.h"
#include "sync/server/apply.h"
#include "sync/server/changes.h"
#include "sync/server/entities.h"
#include "sync/server/scope.h"
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

enum rc permits_tell(struct server *server, json_t *line)
{
    char id[FEED_ID_MAX + 1], text[QTY_TEXT_MAX + 1];
    qty_t gone = 0;
    name_of(apply_text(line, "from"), apply_text(line, "to"), apply_text(line, "product"), id);
    enum rc rc = used(server, id, &gone);
    if (rc || gone == 0)
        return rc;
    return json_object_set_new(line, "used", json_string(qty_print(gone, text))) ? RC_NOMEM : RC_OK;
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

/* ---- shipping ---- */

enum { PARENTS_MAX = 16 };

/* Whether goods may go there without asking: the party is below the dealer, or nobody's. */
static enum rc is_free(struct server *server, const char *party, const char *dealer, bool *ret_free)
{
    char id[ID_MAX + 1];
    enum rc rc = RC_OK;
    *ret_free = strcmp(party, dealer) == 0;
    snprintf(id, sizeof id, "%s", party);
    for (int i = 0; !rc && !*ret_free && id[0] && i < PARENTS_MAX; i++) {
        json_t *body = NULL;
        rc = entities_get(server, "party", id, &body);
        const char *parent = apply_text(body, "parent");
        bool alone = !rc && i == 0 && !territory_needs_permit(apply_text(body, "kind"), parent);
        *ret_free = alone || strcmp(parent, dealer) == 0;
        snprintf(id, sizeof id, "%s", parent);
        json_decref(body);
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static const char *product_of(const json_t *opened, const json_t *alloc)
{
    const json_t *line;
    size_t i;
    json_array_foreach(json_object_get(opened, "lines"), i, line)
    {
        if (strcmp(apply_text(line, "line"), apply_text(alloc, "line")) == 0 && apply_text(alloc, "line")[0])
            return apply_text(line, "product");
    }
    return apply_text(alloc, "product");
}

/* product → quantity in millionths; what goes elsewhere by its own word is left out. */
static json_t *shipped(const json_t *opened, const json_t *tallies)
{
    json_t *sums = json_object();
    const json_t *tally, *alloc;
    size_t i, a;
    qty_t qty;
    json_array_foreach(tallies, i, tally)
    {
        json_t *allocs = apply_text(tally, "dest")[0] ? NULL : json_loads(apply_text(tally, "alloc"), 0, NULL);
        json_array_foreach(allocs, a, alloc)
        {
            const char *product = product_of(opened, alloc);
            if (qty_parse(apply_text(alloc, "qty"), &qty) == RC_OK)
                json_object_set_new(sums, product,
                                    json_integer(json_integer_value(json_object_get(sums, product)) + qty));
        }
        json_decref(allocs);
    }
    return sums;
}

enum rc permits_ship(struct apply_batch *batch, const json_t *opened, const json_t *tallies, const char *holder,
                     const char *at, bool *ret_covered)
{
    char to[ID_MAX + 1];
    const char *product;
    json_t *qty, *sums;
    bool nothing_asked = true, one;
    *ret_covered = true;
    enum rc rc = scope_party_of(batch->server, holder, to);
    if (!rc && batch->party[0] && to[0])
        rc = is_free(batch->server, to, batch->party, &nothing_asked);
    if (rc || nothing_asked)
        return rc;
    sums = shipped(opened, tallies);
    json_object_foreach(sums, product, qty)
    {
        if (rc)
            break;
        rc = permits_use(batch->server, batch->party, to, product, json_integer_value(qty), at, &one);
        *ret_covered &= one;
    }
    json_decref(sums);
    return rc;
}
