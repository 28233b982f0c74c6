#include "sync/server/labels.h"
#include "app/domain/product.h"
#include "sync/server/spoken.h"
#include <stdio.h>
#include <string.h>

static bool is_state(const struct unit *unit, enum code_state state)
{
    return strcmp(unit->state, code_state_word(state)) == 0;
}

/* Whatever it was, it held others, and has none any more. */
static bool is_emptied(const struct unit *unit)
{
    return unit->container && unit->touched && !unit->product[0] && !unit->covers;
}

/* Somebody has read it on goods: they count, or were the first that anybody knew of it. */
static enum rc is_met(struct server *server, const char *key, bool *ret_met)
{
    struct db_stmt *stmt = core_query(server, QUERY_TALLY_MET);
    db_bind_text(stmt, 1, key);
    enum rc rc = db_step(stmt, ret_met);
    db_reset(stmt);
    return rc;
}

/* Registered at most: nobody has said of it what would be lost. A run's serial, and one that was registered for what these
 * goods are, is a printed label until somebody has it. */
static enum rc is_blank(struct server *server, const struct unit *unit, const char *product, bool *ret_blank)
{
    bool said = unit->holder[0] || unit->covers || (unit->state[0] && !is_state(unit, STATE_ACTIVE));
    bool met = false;
    *ret_blank = !said && (!unit->stored || !unit->product[0]);
    if (said || *ret_blank || unit->touched || strcmp(unit->product, product) != 0)
        return RC_OK;
    enum rc rc = is_met(server, unit->key, &met);
    *ret_blank = !rc && !met;
    return rc;
}

enum rc labels_is_taken(struct server *server, const char *key, const struct unit *old, bool *ret_taken)
{
    struct unit unit;
    int64_t inside = 0;
    bool blank = false;
    enum rc rc = units_find(server, key, &unit);
    if (!rc)
        rc = units_count_inside(server, key, &inside);
    if (!rc)
        rc = is_blank(server, &unit, old->product, &blank);
    if (rc)
        return rc;
    bool alone = inside == 0 && !unit.parent[0];
    *ret_taken = !alone || !(is_state(&unit, STATE_VOID) || is_emptied(&unit) || blank);
    return RC_OK;
}

static enum rc is_at(struct server *server, const struct unit *unit, const char *site, bool *ret_at)
{
    char holder[HOLDER_MAX + 1], here[HOLDER_MAX + 1];
    enum rc rc = units_holder(server, unit, holder);
    snprintf(here, sizeof here, "site:%s", site);
    if (!rc)
        *ret_at = strcmp(holder, here) == 0;
    return rc;
}

enum rc labels_is_goods(struct server *server, const char *key, const char *site, bool *ret_goods)
{
    struct unit unit;
    int64_t inside = 0;
    enum rc rc = units_find(server, key, &unit);
    if (!rc)
        rc = units_count_inside(server, key, &inside);
    if (rc)
        return rc;
    bool known = inside == 0 && unit.product[0] && !is_state(&unit, STATE_VOID);
    if (known && unit.container && unit.covers > 0)
        return is_at(server, &unit, site, ret_goods);
    *ret_goods = known && unit.touched && !unit.container && unit.level <= 0;
    return RC_OK;
}

/* Where nothing is reserved. */
static enum rc is_counted_free(struct apply_batch *batch, const struct packs_work *work, const char *key,
                               bool *ret_counted)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_FREE);
    db_bind_text(stmt, 1, work->doc);
    db_bind_text(stmt, 2, key);
    enum rc rc = db_step(stmt, ret_counted);
    db_reset(stmt);
    return rc;
}

enum rc labels_in_hand(struct apply_batch *batch, const struct packs_work *work, const struct unit *old,
                       bool *ret_in_hand)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_CLAIM_GET);
    struct conflict_record claim;
    bool found;
    db_bind_text(stmt, 1, old->key);
    enum rc rc = spoken_claim(stmt, &found, &claim);
    if (rc)
        return rc;
    if (!found)
        rc = is_counted_free(batch, work, old->key, ret_in_hand);
    else
        *ret_in_hand = claim.device == batch->peer->device && strcmp(claim.doc, work->doc) == 0;
    *ret_in_hand &= !rc && !is_state(old, STATE_VOID);
    return rc;
}
