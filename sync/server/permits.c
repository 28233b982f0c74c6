#include "sync/server/permits.h"
#include "app/catalog/feed.h"
#include "app/domain/territory.h"
#include "sync/server/apply.h"
#include "sync/server/changes.h"
#include "sync/server/entities.h"
#include "sync/server/scope.h"
#include "sync/server/units.h"
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

enum rc permits_tell(struct server *server, json_t *line)
{
    char id[FEED_ID_MAX + 1], text[QTY_TEXT_MAX + 1];
    qty_t gone = 0;
    snprintf(id, sizeof id, "%s|%s|%s|%s", apply_text(line, "from"), apply_text(line, "to"),
             apply_text(line, "product"), apply_text(line, "until"));
    enum rc rc = used(server, id, &gone);
    if (rc || gone == 0)
        return rc;
    return json_object_set_new(line, "used", json_string(qty_print(gone, text))) ? RC_NOMEM : RC_OK;
}

/* More or less of it is used. */
static enum rc change_use(struct server *server, const char *id, qty_t qty)
{
    struct db_stmt *stmt = core_query(server, QUERY_PERMIT_USE);
    db_bind_text(stmt, 1, id);
    db_bind_int(stmt, 2, qty);
    enum rc rc = db_run(stmt);
    return rc ? rc : changes_note(server, "permit", id);
}

/* ---- the permits for one product, renewed ones beside each other ---- */

enum { RENEWALS_MAX = 16 };

struct account {
    struct permit permits[RENEWALS_MAX];
    char ids[RENEWALS_MAX][FEED_ID_MAX + 1];
    size_t count;
};

static enum rc take_permit(struct server *server, const char *id, const char *text, struct account *account)
{
    struct permit *permit = &account->permits[account->count];
    json_t *body = json_loads(text, 0, NULL);
    if (!body)
        return RC_CORRUPT;
    *permit = (struct permit){.qty = -1, .until = DAY_NONE};
    snprintf(permit->from, sizeof permit->from, "%s", apply_text(body, "from"));
    snprintf(permit->to, sizeof permit->to, "%s", apply_text(body, "to"));
    snprintf(permit->product, sizeof permit->product, "%s", apply_text(body, "product"));
    (void)qty_parse(apply_text(body, "qty"), &permit->qty);
    (void)day_parse(apply_text(body, "until"), &permit->until);
    json_decref(body);
    snprintf(account->ids[account->count++], FEED_ID_MAX + 1, "%s", id);
    return used(server, id, &permit->used);
}

static enum rc read_account(struct server *server, const char *from, const char *to, const char *product,
                            struct account *ret_account)
{
    struct db_stmt *stmt = core_query(server, QUERY_PERMIT_LIST);
    char first[FEED_ID_MAX + 1], end[FEED_ID_MAX + 1];
    bool row = true;
    ret_account->count = 0;
    snprintf(first, sizeof first, "%s|%s|%s|", from, to, product);
    snprintf(end, sizeof end, "%s|%s|%s}", from, to, product); /* what comes next after '|' */
    db_bind_text(stmt, 1, first);
    db_bind_text(stmt, 2, end);
    db_bind_int(stmt, 3, RENEWALS_MAX);
    enum rc rc = RC_OK;
    while (!rc && row && !(rc = db_step(stmt, &row)) && row)
        rc = take_permit(server, db_text(stmt, 0), db_text(stmt, 1), ret_account);
    db_reset(stmt);
    return rc;
}

static enum rc add_piece(struct server *server, const char *key, const char *id, qty_t qty)
{
    struct db_stmt *stmt = core_query(server, QUERY_PIECE_ADD);
    db_bind_text(stmt, 1, key);
    db_bind_text(stmt, 2, id);
    db_bind_int(stmt, 3, qty);
    return db_run(stmt);
}

/* So much goes; what has a code of its own is remembered. key: NULL it has none. */
static enum rc use(struct server *server, struct account *account, const char *key, qty_t qty, day_t day)
{
    qty_t before[RENEWALS_MAX];
    enum rc rc = RC_OK;
    for (size_t i = 0; i < account->count; i++)
        before[i] = account->permits[i].used;
    territory_use(account->permits, account->count, qty, day);
    for (size_t i = 0; i < account->count && !rc; i++) {
        qty_t more = account->permits[i].used - before[i];
        if (more == 0)
            continue;
        rc = change_use(server, account->ids[i], more);
        if (!rc && key)
            rc = add_piece(server, key, account->ids[i], more);
    }
    return rc;
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

/* One allocation of one tally. */
struct shipment {
    struct server *server;
    struct account *account;
    const char *product;
    qty_t qty;
    day_t day;
};

/* What is in a container goes by itself, as far as the books know it: it may come back by itself. */
static enum rc use_inside(struct shipment *shipment, const char *key)
{
    json_t *keys = NULL, *inside;
    struct unit unit;
    size_t i;
    enum rc rc = units_inside(shipment->server, key, &keys);
    if (rc)
        return rc;
    json_array_foreach(keys, i, inside)
    {
        if (rc || (rc = units_find(shipment->server, json_string_value(inside), &unit)))
            break;
        qty_t qty = (unit.covers ? unit.covers : 1) * QTY_ONE;
        if (unit.container || strcmp(unit.product, shipment->product) != 0 || qty > shipment->qty)
            continue;
        shipment->qty -= qty;
        rc = use(shipment->server, shipment->account, unit.key, qty, shipment->day);
    }
    json_decref(keys);
    return rc;
}

static enum rc ship(struct apply_batch *batch, const char *to, const json_t *tally, const char *product, qty_t qty,
                    day_t day, bool *covered)
{
    struct account account;
    struct territory_book book = {.permits = account.permits};
    const char *key = json_is_true(json_object_get(tally, "unit")) ? apply_text(tally, "key") : NULL;
    struct shipment shipment = {batch->server, &account, product, qty, day};
    enum rc rc = read_account(batch->server, batch->party, to, product, &account);
    if (rc)
        return rc;
    book.permit_count = account.count;
    *covered &= territory_permitted(&book, batch->party, to, product, qty, day);
    if (account.count && key)
        rc = use_inside(&shipment, key);
    return rc ? rc : use(batch->server, &account, key, shipment.qty, day);
}

/* What goes elsewhere by its own word is left out. */
static enum rc ship_all(struct apply_batch *batch, const char *to, const json_t *opened, const json_t *tallies,
                        day_t day, bool *covered)
{
    const json_t *tally, *alloc;
    size_t i, a;
    qty_t qty;
    enum rc rc = RC_OK;
    json_array_foreach(tallies, i, tally)
    {
        json_t *allocs = apply_text(tally, "dest")[0] ? NULL : json_loads(apply_text(tally, "alloc"), 0, NULL);
        json_array_foreach(allocs, a, alloc)
        {
            if (!rc && qty_parse(apply_text(alloc, "qty"), &qty) == RC_OK)
                rc = ship(batch, to, tally, product_of(opened, alloc), qty, day, covered);
        }
        json_decref(allocs);
    }
    return rc;
}

enum rc permits_ship(struct apply_batch *batch, const json_t *opened, const json_t *tallies, const char *holder,
                     const char *at, bool *ret_covered)
{
    char to[ID_MAX + 1];
    bool nothing_asked = true;
    day_t day = DAY_NONE; /* a device that does not know: none has ended */
    *ret_covered = true;
    enum rc rc = scope_party_of(batch->server, holder, to);
    if (!rc && batch->party[0] && to[0])
        rc = is_free(batch->server, to, batch->party, &nothing_asked);
    if (rc || nothing_asked)
        return rc;
    (void)day_parse(at, &day);
    return ship_all(batch, to, opened, tallies, day, ret_covered);
}

/* ---- coming back ---- */

static enum rc drop_piece(struct server *server, const char *key, const char *id)
{
    struct db_stmt *stmt = core_query(server, QUERY_PIECE_DROP);
    db_bind_text(stmt, 1, key);
    db_bind_text(stmt, 2, id);
    return db_run(stmt);
}

/* By permits of this dealer, not of those who had it before. */
static enum rc read_pieces(struct apply_batch *batch, const char *key, json_t *pieces)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_PIECES_OF);
    size_t len = strlen(batch->party);
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, key);
    while (!rc && row && !(rc = db_step(stmt, &row)) && row) {
        const char *id = db_text(stmt, 0);
        if (strncmp(id, batch->party, len) == 0 && id[len] == '|' &&
            json_object_set_new(pieces, id, json_integer(db_int(stmt, 1))))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    return rc;
}

static enum rc give_back(struct apply_batch *batch, const char *key)
{
    json_t *pieces = json_object(), *qty;
    const char *id;
    enum rc rc = pieces ? read_pieces(batch, key, pieces) : RC_NOMEM;
    json_object_foreach(pieces, id, qty)
    {
        if (!rc)
            rc = change_use(batch->server, id, -json_integer_value(qty));
        if (!rc)
            rc = drop_piece(batch->server, key, id);
    }
    json_decref(pieces);
    return rc;
}

static enum rc give_back_all(struct apply_batch *batch, const char *key)
{
    json_t *keys = NULL, *inside;
    size_t i;
    enum rc rc = give_back(batch, key);
    if (!rc)
        rc = units_inside(batch->server, key, &keys);
    json_array_foreach(keys, i, inside)
    {
        if (!rc)
            rc = give_back(batch, json_string_value(inside));
    }
    json_decref(keys);
    return rc;
}

enum rc permits_return(struct apply_batch *batch, const json_t *tallies)
{
    const json_t *tally;
    size_t i;
    enum rc rc = RC_OK;
    json_array_foreach(tallies, i, tally)
    {
        if (!rc && batch->party[0] && json_is_true(json_object_get(tally, "unit")))
            rc = give_back_all(batch, apply_text(tally, "key"));
    }
    return rc;
}
