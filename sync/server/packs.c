#include "sync/server/packs.h"
#include "app/domain/product.h"
#include "sync/server/flows.h"
#include "sync/server/labels.h"
#include "sync/server/nesting.h"
#include "sync/server/shares.h"
#include "sync/server/units.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `rows`: key → {"was":{…},"now":{…}}, in the order touched; `tallies`: [epoch, seq, key] of what was loose until now;
 * `aliases`: what a new label took over, NULL nothing. */
struct packing {
    struct apply_batch *batch;
    const struct packs_work *work;
    json_t *rows, *tallies, *aliases;
    bool differs;
};

/* ---- reading ---- */

static bool is_key(const char *text)
{
    return text[0] && strlen(text) <= CODE_KEY_MAX;
}

static bool are_keys(const json_t *list)
{
    size_t i;
    const json_t *key;
    if (list && (!json_is_array(list) || json_array_size(list) > CONTENTS_MAX))
        return false;
    json_array_foreach(list, i, key)
    {
        if (!json_is_string(key) || !is_key(json_string_value(key)))
            return false;
    }
    return true;
}

bool packs_read(const json_t *counts, const json_t *scan, struct packs_work *ret_work)
{
    const json_t *pack = json_object_get(counts, "pack"), *relabel = json_object_get(counts, "relabel");
    if (!pack)
        pack = json_object_get(scan, "pack");
    if (!relabel)
        relabel = json_object_get(scan, "relabel");
    *ret_work = (struct packs_work){pack, relabel, apply_text(scan, "doc"), apply_text(scan, "key"), scan};
    if (pack && (!is_key(apply_text(pack, "parent")) || !are_keys(json_object_get(pack, "in")) ||
                 !are_keys(json_object_get(pack, "out"))))
        return false;
    return !relabel || (is_key(apply_text(relabel, "old")) && is_key(apply_text(relabel, "new")) &&
                        strcmp(apply_text(relabel, "old"), apply_text(relabel, "new")) != 0);
}

static bool has_key(const json_t *list, const char *key)
{
    size_t i;
    const json_t *value;
    json_array_foreach(list, i, value)
    {
        if (strcmp(json_string_value(value), key) == 0)
            return true;
    }
    return false;
}

bool packs_finishes(const struct packs_work *work)
{
    bool label = strcmp(apply_text(work->pack, "parent"), work->key) == 0;
    return work->pack && (label || has_key(json_object_get(work->pack, "in"), work->key));
}

static enum rc find_claim(struct apply_batch *batch, enum query_id query, const char *key, bool *ret_found,
                          struct conflict_record *ret_claim)
{
    struct db_stmt *stmt = core_query(batch->server, query);
    db_bind_text(stmt, 1, key);
    if (query != QUERY_CLAIM_GET)
        db_bind_int(stmt, 2, batch->peer->device);
    enum rc rc = db_step(stmt, ret_found);
    if (!rc && *ret_found) {
        ret_claim->device = db_int(stmt, 0);
        ret_claim->epoch = db_int(stmt, 1);
        ret_claim->seq = db_int(stmt, 2);
        snprintf(ret_claim->doc, sizeof ret_claim->doc, "%s", db_text(stmt, 3));
    }
    db_reset(stmt);
    return rc;
}

enum rc packs_rival(struct apply_batch *batch, const struct packs_work *work, bool *ret_found,
                    struct conflict_record *ret_rival)
{
    const char *key = apply_text(work->pack, "parent");
    *ret_found = false;
    if (!key[0])
        return RC_OK;
    enum rc rc = find_claim(batch, QUERY_CLAIM_GET, key, ret_found, ret_rival);
    if (!rc && *ret_found && ret_rival->device != batch->peer->device)
        return RC_OK;
    return rc ? rc : find_claim(batch, QUERY_CLAIM_ABOVE, key, ret_found, ret_rival);
}

/* ---- a unit as it was ---- */

static json_t *print_unit(const struct unit *unit)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:b, s:b, s:b}", "product", unit->product, "lot", unit->lot,
                     "in", unit->parent, "holder", unit->holder, "state", unit->state, "level",
                     (json_int_t)unit->level, "covers", (json_int_t)unit->covers, "container", (int)unit->container,
                     "touched", (int)unit->touched, "stored", (int)unit->stored);
}

static void lay(const json_t *was, const char *name, char *text, size_t size)
{
    snprintf(text, size, "%s", apply_text(was, name));
}

static void read_unit(const char *key, const json_t *was, struct unit *ret_unit)
{
    *ret_unit = (struct unit){.level = json_integer_value(json_object_get(was, "level")),
                              .covers = json_integer_value(json_object_get(was, "covers")),
                              .container = json_is_true(json_object_get(was, "container")),
                              .touched = json_is_true(json_object_get(was, "touched")),
                              .stored = json_is_true(json_object_get(was, "stored"))};
    snprintf(ret_unit->key, sizeof ret_unit->key, "%s", key);
    lay(was, "product", ret_unit->product, sizeof ret_unit->product);
    lay(was, "lot", ret_unit->lot, sizeof ret_unit->lot);
    lay(was, "in", ret_unit->parent, sizeof ret_unit->parent);
    lay(was, "holder", ret_unit->holder, sizeof ret_unit->holder);
    lay(was, "state", ret_unit->state, sizeof ret_unit->state);
}

/* The unit as it is now; the first time, what it is is kept. */
static enum rc take_up(struct packing *packing, const char *key, struct unit *ret_unit)
{
    enum rc rc = units_find(packing->batch->server, key, ret_unit);
    if (rc || json_object_get(packing->rows, key))
        return rc;
    json_t *row = json_pack("{s:o}", "was", print_unit(ret_unit));
    return row && json_object_set_new(packing->rows, key, row) == 0 ? RC_OK : RC_NOMEM;
}

static enum rc put_down(struct packing *packing, struct unit *unit)
{
    unit->touched = true;
    json_t *row = json_object_get(packing->rows, unit->key), *now = print_unit(unit);
    if (!row || !now || json_object_set_new(row, "now", now))
        return RC_NOMEM;
    return units_put(packing->batch->server, unit);
}

/* What it inherits from what is around or in it becomes its own word: it is about to leave. */
static enum rc say_holder(struct packing *packing, struct unit *unit)
{
    return unit->holder[0] ? RC_OK : units_holder(packing->batch->server, unit, unit->holder);
}

/* ---- out and in ---- */

static enum rc take_out(struct packing *packing, const char *key, const char *parent)
{
    struct unit unit;
    enum rc rc = units_find(packing->batch->server, key, &unit);
    if (rc)
        return rc;
    if (strcmp(unit.parent, parent) != 0) {
        packing->differs = true;
        return RC_OK;
    }
    rc = take_up(packing, key, &unit);
    if (!rc)
        rc = say_holder(packing, &unit);
    unit.parent[0] = '\0';
    return rc ? rc : put_down(packing, &unit);
}

static enum rc take_all_out(struct packing *packing, const json_t *keys, const char *parent)
{
    size_t i;
    const json_t *key;
    enum rc rc = RC_OK;
    json_array_foreach(keys, i, key)
    {
        if (!rc)
            rc = take_out(packing, json_string_value(key), parent);
    }
    return rc;
}

/* `told` are those that the device knew; with `all`, whatever is in there goes. */
static enum rc empty_out(struct packing *packing, const struct unit *parent, const json_t *told, bool all)
{
    json_t *children = NULL;
    enum rc rc = all ? units_children(packing->batch->server, parent->key, &children) : RC_OK;
    if (!rc)
        rc = take_all_out(packing, all ? children : told, parent->key);
    json_decref(children);
    return rc;
}

/* Only what this device has in hand for the document can go in: its own loose tally, which is settled by this. */
static enum rc settle_loose(struct packing *packing, const char *key, bool *ret_mine)
{
    struct apply_batch *batch = packing->batch;
    struct conflict_record claim;
    bool found;
    enum rc rc = find_claim(batch, QUERY_CLAIM_GET, key, &found, &claim);
    *ret_mine = strcmp(key, packing->work->key) == 0 ||
                (!rc && found && claim.device == batch->peer->device && strcmp(claim.doc, packing->work->doc) == 0);
    if (rc || !found || !*ret_mine)
        return rc;
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_SET);
    db_bind_text(stmt, 1, claim.doc);
    db_bind_int(stmt, 2, claim.device);
    db_bind_int(stmt, 3, claim.epoch);
    db_bind_int(stmt, 4, claim.seq);
    db_bind_int(stmt, 5, TALLY_PACKED);
    rc = db_run(stmt);
    stmt = core_query(batch->server, QUERY_CLAIM_DROP);
    db_bind_text(stmt, 1, key);
    db_bind_int(stmt, 2, claim.device);
    db_bind_int(stmt, 3, claim.epoch);
    db_bind_int(stmt, 4, claim.seq);
    if (!rc)
        rc = db_run(stmt);
    if (!rc && json_array_append_new(packing->tallies,
                                     json_pack("[I, I, s]", (json_int_t)claim.epoch, (json_int_t)claim.seq, key)))
        rc = RC_NOMEM;
    return rc;
}

/* *ret_holder: where the first of them is of which that is known. */
static enum rc put_in(struct packing *packing, const char *key, const char *parent, char *ret_holder)
{
    struct unit unit;
    bool fits, mine = false;
    enum rc rc = nesting_fits(packing->batch->server, key, parent, &fits);
    if (!rc && fits)
        rc = settle_loose(packing, key, &mine);
    if (!rc && !mine)
        packing->differs = true;
    if (rc || !mine)
        return rc;
    rc = take_up(packing, key, &unit);
    if (!rc)
        rc = say_holder(packing, &unit);
    if (rc)
        return rc;
    snprintf(unit.parent, sizeof unit.parent, "%s", parent);
    if (!ret_holder[0])
        snprintf(ret_holder, HOLDER_MAX + 1, "%s", unit.holder);
    return put_down(packing, &unit);
}

static enum rc put_all_in(struct packing *packing, const json_t *keys, const char *parent, char *ret_holder)
{
    size_t i;
    const json_t *key;
    enum rc rc = RC_OK;
    json_array_foreach(keys, i, key)
    {
        if (!rc)
            rc = put_in(packing, json_string_value(key), parent, ret_holder);
    }
    return rc;
}

/* An empty container is where what goes into it is, whatever became of what it held before: by its contents' word, or by its
 * own if it had one. */
static void begin_generation(struct unit *parent, const json_t *pack, bool empty, const char *holder)
{
    const json_t *level = json_object_get(pack, "level");
    parent->container = true;
    if (json_is_integer(level) && json_integer_value(level) > parent->level)
        parent->level = json_integer_value(level);
    if (!parent->holder[0] && holder[0])
        snprintf(parent->holder, sizeof parent->holder, "%s", holder);
    if (!empty)
        return;
    /* what it is follows from what is in it */
    parent->product[0] = parent->lot[0] = '\0';
    parent->covers = 0;
    if (json_is_true(json_object_get(pack, "all")))
        parent->parent[0] = '\0';
    if (holder[0])
        snprintf(parent->holder, sizeof parent->holder, "%s", holder);
}

static enum rc apply_pack(struct packing *packing)
{
    const json_t *pack = packing->work->pack, *in = json_object_get(pack, "in"), *out = json_object_get(pack, "out");
    bool all = json_is_true(json_object_get(pack, "all"));
    char holder[HOLDER_MAX + 1] = "";
    struct unit parent;
    int64_t left = 0;
    bool goods = false;
    enum rc rc = json_array_size(in) ? labels_is_goods(packing->batch->server, apply_text(pack, "parent"),
                                                       flows_site(packing->batch, packing->work->scan), &goods)
                                     : RC_OK;
    if (goods) {
        packing->differs = true;
        return RC_OK;
    }
    if (!rc)
        rc = take_up(packing, apply_text(pack, "parent"), &parent);
    if (!rc && (all || json_array_size(out)))
        rc = say_holder(packing, &parent);
    if (!rc)
        rc = empty_out(packing, &parent, out, all);
    if (!rc)
        rc = units_count_inside(packing->batch->server, parent.key, &left);
    /* a label is of something empty, as far as the device knew */
    packing->differs |= left > 0 && strcmp(parent.key, packing->work->key) == 0 && json_array_size(in) > 0;
    if (!rc)
        rc = put_all_in(packing, in, parent.key, holder);
    if (rc)
        return rc;
    if (json_array_size(in))
        begin_generation(&parent, pack, left == 0, holder);
    else if (!parent.stored) /* nothing goes in, nothing was there: it is as unknown as before */
        return RC_OK;
    return put_down(packing, &parent);
}

/* ---- another label ---- */

static enum rc hand_over_contents(struct packing *packing, const char *old, const char *fresh)
{
    json_t *children, *key;
    struct unit child;
    size_t i;
    enum rc rc = units_children(packing->batch->server, old, &children);
    if (rc)
        return rc;
    json_array_foreach(children, i, key)
    {
        if (!rc)
            rc = take_up(packing, json_string_value(key), &child);
        snprintf(child.parent, sizeof child.parent, "%s", fresh);
        if (!rc)
            rc = put_down(packing, &child);
    }
    json_decref(children);
    return rc;
}

/* What else is on the goods, a hidden code under the cap, is now the new label's. */
static enum rc hand_over_aliases(struct packing *packing, const char *old, const char *fresh)
{
    enum rc rc = units_aliases(packing->batch->server, old, &packing->aliases);
    return rc ? rc : units_put_aliases(packing->batch->server, fresh, packing->aliases);
}

static enum rc apply_relabel(struct packing *packing)
{
    const json_t *relabel = packing->work->relabel;
    struct unit old, fresh;
    enum rc rc = units_get(packing->batch->server, apply_text(relabel, "old"), &old);
    if (rc == RC_NOT_FOUND) /* nothing is known that could be handed over */
        return RC_OK;
    bool taken = false, in_hand = false;
    if (!rc)
        rc = labels_in_hand(packing->batch, packing->work, &old, &in_hand);
    if (!rc && !in_hand) {
        packing->differs = true;
        return RC_OK;
    }
    /* in somebody else's hands it has become the label of others, even of what is around these goods or in them */
    if (!rc)
        rc = labels_is_taken(packing->batch->server, apply_text(relabel, "new"), &old, &taken);
    if (taken) {
        packing->differs = true;
        return RC_OK;
    }
    if (!rc)
        rc = take_up(packing, old.key, &old);
    if (!rc)
        rc = take_up(packing, apply_text(relabel, "new"), &fresh);
    if (!rc)
        rc = say_holder(packing, &old);
    if (rc)
        return rc;
    struct unit next = old;
    memcpy(next.key, fresh.key, sizeof next.key);
    next.stored = fresh.stored;
    rc = put_down(packing, &next);
    if (!rc && old.container)
        rc = hand_over_contents(packing, old.key, next.key);
    if (!rc)
        rc = hand_over_aliases(packing, old.key, next.key);
    old.parent[0] = '\0';
    snprintf(old.state, sizeof old.state, "%s", code_state_word(STATE_VOID));
    return rc ? rc : put_down(packing, &old);
}

enum rc packs_apply(struct apply_batch *batch, const struct packs_work *work, json_t **ret_did, bool *ret_differs)
{
    struct packing packing = {batch, work, json_object(), json_array(), NULL, false};
    enum rc rc = packing.rows && packing.tallies ? RC_OK : RC_NOMEM;
    if (!rc && work->pack)
        rc = apply_pack(&packing);
    if (!rc && work->relabel)
        rc = apply_relabel(&packing);
    json_t *did = rc ? NULL : json_pack("{s:O, s:O}", "rows", packing.rows, "tallies", packing.tallies);
    json_decref(packing.rows);
    json_decref(packing.tallies);
    if (did && json_array_size(packing.aliases) &&
        json_object_set_new(did, "aliases",
                            json_pack("{s:O, s:s}", "list", packing.aliases, "of", apply_text(work->relabel, "old"))))
        rc = RC_NOMEM;
    json_decref(packing.aliases);
    if (rc)
        json_decref(did);
    if (rc || !did)
        return rc ? rc : RC_NOMEM;
    *ret_did = did;
    *ret_differs = packing.differs;
    return RC_OK;
}

/* ---- undo ---- */

static bool is_not_later(const struct apply_batch *batch, const struct conflict_record *claim, int64_t seq)
{
    return claim->device == batch->peer->device && claim->epoch == apply_epoch_of(batch, claim->seq) &&
           claim->seq <= seq;
}

/* Somebody's later tally counts on it; the tally's own claim and those that it settled do not speak against it. */
static enum rc counted_on(struct apply_batch *batch, const char *key, int64_t seq, bool *ret_counted)
{
    struct conflict_record claim;
    bool found;
    enum rc rc = find_claim(batch, QUERY_CLAIM_GET, key, &found, &claim);
    if (rc)
        return rc;
    bool own = found && is_not_later(batch, &claim, seq);
    if (found && !own) {
        *ret_counted = true;
        return RC_OK;
    }
    rc = find_claim(batch, QUERY_CLAIM_ABOVE, key, &found, &claim);
    if (!rc && !found)
        rc = find_claim(batch, QUERY_CLAIM_AROUND, key, &found, &claim);
    *ret_counted |= found && !is_not_later(batch, &claim, seq);
    return rc;
}

/* What it was in may have gone into it meanwhile. */
static enum rc fits_back(struct server *server, const struct unit *now, const json_t *was, bool *ret_fits)
{
    const char *parent = apply_text(was, "in");
    *ret_fits = true;
    return parent[0] && strcmp(parent, now->parent) != 0 ? nesting_fits(server, now->key, parent, ret_fits) : RC_OK;
}

enum rc packs_untouched(struct apply_batch *batch, const json_t *did, int64_t seq, bool *ret_untouched)
{
    struct unit now, then;
    const char *key;
    json_t *row;
    bool counted = false, fits = true;
    enum rc rc = RC_OK;
    *ret_untouched = true;
    json_object_foreach(json_object_get(did, "rows"), key, row)
    {
        if (rc || !*ret_untouched)
            break;
        rc = units_find(batch->server, key, &now);
        if (!json_object_get(row, "now"))
            continue;
        read_unit(key, json_object_get(row, "now"), &then);
        if (!rc)
            rc = counted_on(batch, key, seq, &counted);
        if (!rc)
            rc = fits_back(batch->server, &now, json_object_get(row, "was"), &fits);
        *ret_untouched = !counted && fits && units_same_place(&now, &then);
    }
    return rc;
}

/* Something went into it that this record says nothing of. */
static enum rc has_others(struct server *server, const char *key, const json_t *rows, bool *ret_others)
{
    json_t *children, *child;
    size_t i;
    enum rc rc = units_children(server, key, &children);
    if (rc)
        return rc;
    json_array_foreach(children, i, child) *ret_others |= !json_object_get(rows, json_string_value(child));
    json_decref(children);
    return RC_OK;
}

/* What nobody had told before is forgotten again; a run's own word stands then. A container that others have gone into
 * since is where those are. */
static enum rc give_back(struct server *server, const char *key, const json_t *rows)
{
    struct unit now, then;
    bool others = false;
    read_unit(key, json_object_get(json_object_get(rows, key), "was"), &then);
    enum rc rc = units_find(server, key, &now);
    if (!rc)
        rc = has_others(server, key, rows, &others);
    if (!rc && !then.stored && !others)
        return units_delete(server, key);
    if (rc)
        return rc;
    if (others && now.holder[0])
        memcpy(then.holder, now.holder, sizeof then.holder);
    if (others && now.level > then.level)
        then.level = now.level;
    then.container |= others;
    if (now.container && !then.container && then.level < 0) /* who was told otherwise is told that it is none */
        then.level = 0;
    /* what the feed has said meanwhile stays */
    if (now.product[0] && !then.product[0])
        memcpy(then.product, now.product, sizeof then.product);
    if (now.lot[0] && !then.lot[0])
        memcpy(then.lot, now.lot, sizeof then.lot);
    return units_put(server, &then);
}

static enum rc loose_again(struct apply_batch *batch, const char *doc, const json_t *tally)
{
    int64_t epoch = json_integer_value(json_array_get(tally, 0)), seq = json_integer_value(json_array_get(tally, 1));
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_SET);
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, epoch);
    db_bind_int(stmt, 4, seq);
    db_bind_int(stmt, 5, TALLY_LIVE);
    enum rc rc = db_run(stmt);
    stmt = core_query(batch->server, QUERY_CLAIM_PUT);
    db_bind_text(stmt, 1, json_string_value(json_array_get(tally, 2)));
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, epoch);
    db_bind_int(stmt, 4, seq);
    db_bind_text(stmt, 5, doc);
    return rc ? rc : db_run(stmt);
}

/* What went in or out first, its container last: then nothing names as its container what is forgotten. */
static enum rc reverse_rows(struct server *server, const json_t *rows)
{
    size_t count = json_object_size(rows), at = count;
    const char **keys = calloc(count + 1, sizeof *keys);
    const char *key;
    json_t *row;
    enum rc rc = keys ? RC_OK : RC_NOMEM;
    json_object_foreach((json_t *)(uintptr_t)rows, key, row)
    {
        if (keys && at > 0)
            keys[--at] = key;
    }
    for (size_t i = at; i < count && !rc; i++)
        rc = give_back(server, keys[i], rows);
    free(keys);
    return rc;
}

enum rc packs_reverse(struct apply_batch *batch, const char *doc, const json_t *did)
{
    json_t *tally;
    size_t i;
    const json_t *aliases = json_object_get(did, "aliases");
    enum rc rc = units_put_aliases(batch->server, apply_text(aliases, "of"), json_object_get(aliases, "list"));
    if (!rc)
        rc = reverse_rows(batch->server, json_object_get(did, "rows"));
    json_array_foreach(json_object_get(did, "tallies"), i, tally)
    {
        if (!rc)
            rc = loose_again(batch, doc, tally);
    }
    return rc;
}
