/* What a scan that counts does besides: packs, gives a code to goods, sets the context line, begins and ends a pair; and
 * what was learned by it. */
#include "app/store/books.h"
#include "app/store/keys.h"
#include <stdlib.h>
#include <string.h>

/* ---- learning ---- */

static bool is_one_thing(const struct record *record)
{
    enum code_kind kind = record->code->kind;
    return record->facts->code_known || kind == CODE_ITEM || kind == CODE_UNIT || kind == CODE_PLAIN;
}

/* Could this device be the only one to know? */
static bool may_be_new(const struct store *store, const struct record *record)
{
    const struct facts *facts = record->facts;
    bool goods = !facts->is_label && !facts->sets_context && !record->relabel;
    /* what an auditor reads in a shop registers nothing */
    if (!goods || !facts->product_known || !is_one_thing(record) || record_flow(record)->judges)
        return false;
    return !facts->code_known || store->learned_seq > store->applied_seq;
}

static enum rc learn(const struct books_write *write, const struct record *record)
{
    const struct facts *facts = record->facts;
    struct books_entry entry;
    if (!may_be_new(write->store, record))
        return RC_OK;
    enum rc rc = books_find(write->store, write->catalog, facts->key, &entry);
    if (rc != RC_NOT_FOUND && (rc != RC_OK || entry.told))
        return rc;
    if (rc == RC_OK) { /* as it was learned; what was packed here is what is in it */
        const struct codebook_entry *unit = &entry.unit;
        struct books_learned again = {.product = unit->product,
                                      .lot = unit->lot,
                                      .level = unit->level,
                                      .covers = unit->covers,
                                      .made = entry.made,
                                      .expires = entry.expires,
                                      .again = true};
        bool own = facts->contents_known && unit->covers == 0;
        return own ? RC_OK : books_learn(write, facts->key, &again);
    }
    int level = record->code->kind == CODE_UNIT && facts->level == 0 ? 1 : facts->level;
    qty_t qty = record->verdict->qty;
    struct books_learned learned = {.product = facts->product.id,
                                    .lot = facts->lot.id,
                                    .level = level,
                                    .covers = level > 0 || qty > QTY_ONE ? (long)(qty / QTY_ONE) : 0,
                                    .made = record->code->made,
                                    .expires = record->code->expires};
    return books_learn(write, facts->key, &learned);
}

/* ---- packing ---- */

struct common {
    bool products_differ, lots_differ;
    char product[ID_MAX + 1], lot[LOT_MAX + 1];
};

/* What has no word says nothing. */
static bool differs(const char *common, const char *own)
{
    return common[0] && own[0] && strcmp(common, own) != 0;
}

static bool add_common(void *context, const struct books_entry *child)
{
    struct common *common = context;
    const struct codebook_entry *unit = &child->unit;
    common->products_differ |= differs(common->product, unit->product);
    common->lots_differ |= differs(common->lot, unit->lot);
    if (!common->product[0])
        memcpy(common->product, unit->product, sizeof common->product);
    if (!common->lot[0])
        memcpy(common->lot, unit->lot, sizeof common->lot);
    return !common->products_differ;
}

/* A container is what is in it, where that is all alike: as the catalog will have it. */
static enum rc learn_container(const struct books_write *write, const struct record_pack *pack)
{
    struct common common = {.product = ""};
    enum rc rc = books_children(write->store, write->catalog, pack->parent, add_common, &common);
    bool mixed = common.products_differ;
    struct books_learned learned = {.product = mixed ? "" : common.product,
                                    .lot = mixed || common.lots_differ ? "" : common.lot,
                                    .level = pack->level,
                                    .made = DAY_NONE,
                                    .expires = DAY_NONE,
                                    .whole = true};
    return rc == RC_OK ? books_learn(write, pack->parent, &learned) : rc;
}

/* Goods that were counted loose for this document are in their case now: whoever ships it may have them. */
static enum rc settle_loose(const struct books_write *write, const char *doc, const char *key, int64_t own_seq)
{
    struct store *store = write->store;
    sqlite3_stmt *row = store_sql(store, JSQL_UNIT, "t", key);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    int64_t seq = step == SQLITE_ROW && strcmp(store_text(row, 2), doc) == 0 ? sqlite3_column_int64(row, 1) : 0;
    sqlite3_reset(row);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        return store_rc(store);
    if (!seq || seq == own_seq)
        return RC_OK;
    enum rc rc = store_do(store, JSQL_TALLY_PACK, "iiii", seq, (int64_t)TALLY_PACKED, write->seq, (int64_t)0);
    return rc == RC_OK ? store_do(store, JSQL_UNIT_DELETE, "ti", key, seq) : rc;
}

static bool any_child(void *context, const struct books_entry *child)
{
    bool *any = context;
    *any = child->unit.key[0] != '\0';
    return false;
}

/* The first of what goes in whose place is known. */
static enum rc first_place(const struct books_write *write, const struct record_pack *pack, struct holder *ret_holder)
{
    struct books_entry entry;
    enum rc rc = RC_OK;
    for (size_t i = 0; i < pack->in_count && rc == RC_OK && ret_holder->kind == HOLDER_UNKNOWN; i++) {
        rc = books_find_placed(write->store, write->catalog, pack->in[i], &entry);
        if (rc == RC_OK)
            *ret_holder = entry.unit.holder;
        rc = rc == RC_NOT_FOUND ? RC_OK : rc;
    }
    return rc;
}

static bool same_place(const struct holder *a, const struct holder *b)
{
    return a->kind == b->kind && strcmp(a->id, b->id) == 0;
}

/* An empty container is where what goes into it is, whatever became of what it held before. */
static enum rc begin_generation(const struct books_write *write, const struct record_pack *pack)
{
    struct holder place = {.kind = HOLDER_UNKNOWN};
    struct books_entry entry = {.unit = {.key = ""}};
    bool left = false;
    enum rc rc = pack->all ? books_put_parent(write, pack->parent, "") : RC_OK;
    if (rc == RC_OK)
        rc = books_children(write->store, write->catalog, pack->parent, any_child, &left);
    if (rc == RC_OK)
        rc = books_find(write->store, write->catalog, pack->parent, &entry);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    if (left && entry.unit.holder.kind != HOLDER_UNKNOWN)
        return RC_OK;
    rc = first_place(write, pack, &place);
    if (rc != RC_OK || place.kind == HOLDER_UNKNOWN || same_place(&place, &entry.unit.holder))
        return rc;
    return books_put_place(write, pack->parent, &place, PLACE_KEEPS);
}

/* What nobody knows is known by what it goes into: until that is undone, whatever the catalog says by then. */
static enum rc meet(const struct books_write *write, const char *key)
{
    static const struct books_learned nothing = {.product = "", .lot = "", .made = DAY_NONE, .expires = DAY_NONE};
    struct books_entry entry;
    enum rc rc = books_find(write->store, write->catalog, key, &entry);
    return rc == RC_NOT_FOUND ? books_learn(write, key, &nothing) : rc;
}

static enum rc apply_pack(const struct books_write *write, const struct record *record, int64_t tally_seq)
{
    const struct record_pack *pack = record->pack;
    enum rc rc = RC_OK;
    for (size_t i = 0; i < pack->out_count && rc == RC_OK; i++)
        rc = books_take_out(write, pack->out[i]);
    if (rc == RC_OK && pack->in_count > 0)
        rc = begin_generation(write, pack);
    for (size_t i = 0; i < pack->in_count && rc == RC_OK; i++) {
        rc = meet(write, pack->in[i]);
        if (rc == RC_OK)
            rc = books_put_parent(write, pack->in[i], pack->parent);
        if (rc == RC_OK && record_flow(record)->work == WORK_PACK)
            rc = settle_loose(write, record->doc, pack->in[i], tally_seq);
    }
    return rc == RC_OK && pack->in_count > 0 ? learn_container(write, pack) : rc;
}

/* ---- another code for the same goods ---- */

static bool collect(void *context, const struct books_entry *child)
{
    return keys_add(context, child->unit.key) == RC_OK;
}

static enum rc move_contents(const struct books_write *write, const char *from, const char *to)
{
    struct keys keys = {NULL, 0, 0};
    enum rc rc = books_children(write->store, write->catalog, from, collect, &keys);
    for (size_t i = 0; i < keys.count && rc == RC_OK; i++)
        rc = books_put_parent(write, keys.all[i], to);
    keys_free(&keys);
    return rc;
}

static enum rc apply_relabel(const struct books_write *write, const struct record_relabel *relabel)
{
    struct books_entry old;
    enum rc rc = books_find_placed(write->store, write->catalog, relabel->old, &old);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    struct books_learned learned = {.product = old.unit.product,
                                    .lot = old.unit.lot,
                                    .level = old.unit.level,
                                    .covers = old.unit.covers,
                                    .made = old.made,
                                    .expires = old.expires};
    rc = books_learn(write, relabel->fresh, &learned);
    if (rc == RC_OK) /* before it is in anything: what it takes back is nothing */
        rc = books_put_place(write, relabel->fresh, &old.unit.holder, (int)old.unit.state);
    if (rc == RC_OK)
        rc = books_put_parent(write, relabel->fresh, old.unit.parent);
    if (rc == RC_OK)
        rc = books_put_parent(write, relabel->old, "");
    if (rc == RC_OK && old.unit.container)
        rc = move_contents(write, relabel->old, relabel->fresh);
    return rc == RC_OK ? books_put_place(write, relabel->old, NULL, STATE_VOID) : rc;
}

/* ---- what the document is at ---- */

struct at_work {
    const char *product, *lot, *container, *pending;
};

static const char *container_after(const struct record *record, const char *container)
{
    const struct facts *facts = record->facts;
    if (facts->is_label) {
        bool closes = strcmp(facts->key, container) == 0 || (record->pack && record->pack->in_count > 0);
        return closes ? "" : facts->key;
    }
    bool goes_in = record->pack && container[0] && strcmp(record->pack->parent, container) == 0;
    return goes_in && facts->rule > 0 && facts->filled + 1 >= facts->rule ? "" : container;
}

static bool is_pair(const struct flow *flow)
{
    return flow->work == WORK_REPLACE || flow->work == WORK_RELABEL;
}

static enum rc put_work(struct store *store, const char *doc, int64_t seq, const struct at_work *now)
{
    enum rc rc = store_do(store, JSQL_WORK_PUT, "ti", doc, seq);
    return rc == RC_OK ? store_do(store, JSQL_DOCUMENT_WORK, "ttttt", doc, now->product, now->lot, now->container,
                                  now->pending)
                       : rc;
}

static enum rc go_on(struct store *store, const struct record *record, int64_t seq)
{
    const struct document *document = record->document;
    const struct facts *facts = record->facts;
    const struct flow *flow = record_flow(record);
    struct at_work was = {document->context_product, document->context_lot, document->container, document->pending},
                   now = was;
    if (facts->sets_context) {
        now.product = facts->product.id;
        now.lot = facts->lot.id;
    } else if (flow->work == WORK_PACK) {
        now.container = container_after(record, was.container);
    } else if (is_pair(flow)) {
        now.pending = was.pending[0] ? "" : facts->key;
    }
    bool same = strcmp(now.product, was.product) == 0 && strcmp(now.lot, was.lot) == 0 &&
                strcmp(now.container, was.container) == 0 && strcmp(now.pending, was.pending) == 0;
    return same ? RC_OK : put_work(store, record->doc, seq, &now);
}

enum rc work_context(struct store *store, const struct record *record, int64_t seq)
{
    const struct document *document = record->document;
    struct at_work now = {document->context_product, document->context_lot, document->container, document->pending};
    return put_work(store, record->doc, seq, &now);
}

enum rc work_done(struct store *store, const struct record *record, int64_t tally_seq, int64_t seq)
{
    struct books_write write = {.store = store, .seq = seq, .of = seq};
    store_catalog(store, &write.catalog); /* NULL without one */
    enum rc rc = learn(&write, record);
    if (rc == RC_OK && record->pack)
        rc = apply_pack(&write, record, tally_seq);
    if (rc == RC_OK && record->relabel)
        rc = apply_relabel(&write, record->relabel);
    return rc == RC_OK && record->document ? go_on(store, record, seq) : rc;
}
