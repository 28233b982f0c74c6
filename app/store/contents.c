/* What is in a container: how much of it is free to take, and what it adds up to. */
#include "app/store/books.h"
#include <stdlib.h>
#include <string.h>

/* STATUS_PACKED: counted for the document judged before it went in here. */
enum status { STATUS_FREE, STATUS_ELSEWHERE, STATUS_TAKEN, STATUS_TAKEN_HERE, STATUS_PACKED, STATUS_BLOCKED };

struct node {
    char *key;
    int depth;
    enum status inherited; /* of all that is inside: a case that was tallied by itself takes its items along */
};

struct walk {
    struct store *store;
    struct catalog *catalog;
    const struct facts_request *request;
    const struct holder *holder; /* the container's own */
    struct facts *facts;
    struct node *nodes; /* containers to look into; the list of all keys is made of them and the leaves */
    size_t node_count, node_room;
    char **keys;
    size_t key_count, key_room;
    int depth;
    enum status inherited;
    qty_t packed;            /* units counted before they went in */
    reason_set let_go;       /* what was wrong and did not matter: still to be found */
    struct facts_group seen; /* the (product, lot) that was looked up last … */
    struct lot lot;          /* … and what the catalog says of it */
    char *product;           /* ID_MAX + 1: what all of it is; "" nothing so far, or mixed */
    bool mixed;
    enum rc rc;
};

static bool grow(void **array, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return true;
    size_t wanted = *room ? *room * 2 : 64;
    void *bigger = realloc(*array, wanted * size);
    if (!bigger)
        return false;
    *array = bigger;
    *room = wanted;
    return true;
}

static bool remember(struct walk *walk, const char *key)
{
    char *copy = strdup(key);
    void *keys = walk->keys;
    bool done = copy && grow(&keys, &walk->key_room, walk->key_count, sizeof *walk->keys);
    walk->keys = keys;
    if (!done) {
        free(copy);
        walk->rc = RC_NOMEM;
        return false;
    }
    walk->keys[walk->key_count++] = copy;
    return true;
}

static bool look_into_later(struct walk *walk, const char *key, enum status inherited)
{
    void *nodes = walk->nodes;
    bool done = grow(&nodes, &walk->node_room, walk->node_count, sizeof *walk->nodes);
    walk->nodes = nodes;
    char *copy = done ? strdup(key) : NULL;
    if (!copy) {
        walk->rc = RC_NOMEM;
        return false;
    }
    walk->nodes[walk->node_count++] = (struct node){copy, walk->depth + 1, inherited};
    return true;
}

static void look_up_lot(struct walk *walk, const struct codebook_entry *entry)
{
    if (walk->seen.product[0] && strcmp(walk->seen.product, entry->product) == 0 &&
        strcmp(walk->seen.lot, entry->lot) == 0)
        return;
    memcpy(walk->seen.product, entry->product, sizeof walk->seen.product);
    memcpy(walk->seen.lot, entry->lot, sizeof walk->seen.lot);
    if (!entry->lot[0] || catalog_lot(walk->catalog, entry->product, entry->lot, &walk->lot) != RC_OK) {
        walk->lot = (struct lot){.made = DAY_NONE, .expires = DAY_NONE};
        memcpy(walk->lot.id, entry->lot, sizeof walk->lot.id);
    }
}

static bool is_recalled(struct walk *walk, const struct codebook_entry *entry)
{
    char id[ID_MAX + 1], reason[NAME_MAX_BYTES + 1];
    if (catalog_recall(walk->catalog, entry->product, entry->lot, entry->key, id, reason) != RC_OK)
        return false;
    if (!walk->facts->recall[0]) {
        memcpy(walk->facts->recall, id, sizeof id);
        memcpy(walk->facts->recall_reason, reason, sizeof reason);
    }
    return true;
}

static reason_set wrong_with(struct walk *walk, const struct codebook_entry *entry)
{
    reason_set set = 0;
    look_up_lot(walk, entry);
    if (is_recalled(walk, entry))
        set |= REASON_BIT(REASON_RECALLED);
    bool returned = entry->state == STATE_RETURNED; /* not inspected yet */
    if ((entry->state != STATE_ACTIVE && !returned) || entry->holder.kind == HOLDER_DESTROYED)
        set |= REASON_BIT(REASON_VOID_CODE);
    if (walk->lot.on_hold || returned)
        set |= REASON_BIT(REASON_ON_HOLD);
    if (walk->lot.expires != DAY_NONE && walk->lot.expires < walk->request->today)
        set |= REASON_BIT(REASON_EXPIRED);
    return set;
}

/* The first that does not let it go. */
static enum reason blocked_by(struct walk *walk, const struct codebook_entry *entry)
{
    static const enum reason order[] = {REASON_RECALLED, REASON_VOID_CODE, REASON_ON_HOLD, REASON_EXPIRED};
    reason_set wrong = wrong_with(walk, entry);
    walk->let_go |= wrong & walk->request->let_go;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (wrong & ~walk->request->let_go & REASON_BIT(order[i]))
            return order[i];
    return REASON_OK;
}

static enum reason elsewhere_by(const struct walk *walk, const struct holder *holder)
{
    const struct facts_request *request = walk->request;
    bool here = strcmp(holder->id, request->site) == 0;
    bool along = holder->kind == walk->holder->kind && strcmp(holder->id, walk->holder->id) == 0;
    /* what was packed and has gone with its case says that the case is used again */
    along &= !request->flow || request->flow->work != WORK_PACK;
    bool taken_from = request->flow && request->document &&
                      flow_takes_from(request->flow, request->document, request->site, holder);
    if (along || taken_from)
        return REASON_OK;
    switch (holder->kind) {
    case HOLDER_UNKNOWN: return REASON_OK;
    case HOLDER_DESTROYED: return REASON_WRONG_HOLDER;
    case HOLDER_SITE: return here ? REASON_OK : REASON_WRONG_HOLDER;
    case HOLDER_TRANSIT_SITE: return here ? REASON_NOT_RECEIVED : REASON_WRONG_HOLDER;
    case HOLDER_PARTY:
    case HOLDER_TRANSIT_PARTY:
    case HOLDER_SOLD: return REASON_ALREADY_SHIPPED;
    }
    return REASON_OK;
}

/* What this device did with the unit by itself, else what became of the container around it. */
static enum status own_status(struct walk *walk, const char *key)
{
    const struct facts_request *request = walk->request;
    struct claim claim;
    bool packed = false, left = false;
    if (claim_find(walk->store, walk->catalog, request, key, &claim) == RC_OK)
        return !claim.lost && strcmp(claim.doc, request->doc) == 0 ? STATUS_TAKEN_HERE : STATUS_TAKEN;
    if (walk->inherited == STATUS_FREE && request->flow && request->flow->work == WORK_PACK)
        walk->rc = claim_packed(walk->store, walk->catalog, request, key, &packed, &left);
    return packed ? STATUS_PACKED : walk->inherited;
}

static void first_of_table(enum reason *reason, enum reason other)
{
    if (other < *reason)
        *reason = other;
}

static bool add_to_group(struct facts *facts, const struct codebook_entry *entry, qty_t qty)
{
    for (int i = 0; i < facts->group_count; i++) {
        struct facts_group *group = &facts->groups[i];
        if (strcmp(group->product, entry->product) == 0 && strcmp(group->lot, entry->lot) == 0) {
            group->qty += qty;
            return false;
        }
    }
    if (facts->group_count == GROUP_MAX) {
        facts->groups_overflow = true;
        return false;
    }
    struct facts_group *group = &facts->groups[facts->group_count++];
    memcpy(group->product, entry->product, sizeof group->product);
    memcpy(group->lot, entry->lot, sizeof group->lot);
    group->qty = qty;
    return true;
}

/* The lot shown and judged for a container is the one that expires first among what goes along. */
static void earliest_lot(struct walk *walk)
{
    struct lot *lot = &walk->facts->lot;
    bool first = !lot->id[0] || lot->expires == DAY_NONE;
    if (!first && (walk->lot.expires == DAY_NONE || walk->lot.expires >= lot->expires))
        return;
    *lot = walk->lot;
    lot->on_hold = false; /* what is held is blocked one by one */
}

static void count_free(struct walk *walk, const struct codebook_entry *entry, qty_t qty)
{
    walk->facts->units_free += qty;
    if (add_to_group(walk->facts, entry, qty))
        earliest_lot(walk);
}

/* Where it should not be; a flow that takes it all the same counts it. */
static enum reason away(const struct walk *walk, const struct codebook_entry *entry)
{
    enum reason why = elsewhere_by(walk, &entry->holder);
    return walk->request->let_go & REASON_BIT(why) ? REASON_OK : why;
}

static void add_product(struct walk *walk, const char *product)
{
    walk->mixed |= product[0] && walk->product[0] && strcmp(walk->product, product) != 0;
    if (product[0] || walk->mixed)
        snprintf(walk->product, ID_MAX + 1, "%s", walk->mixed ? "" : product);
}

static void count_leaf(struct walk *walk, const struct codebook_entry *entry, enum status status)
{
    struct facts *facts = walk->facts;
    enum reason why = REASON_OK;
    qty_t qty = entry->covers > 0 ? entry->covers * QTY_ONE : QTY_ONE;
    if (status == STATUS_FREE && (why = blocked_by(walk, entry)) != REASON_OK)
        status = STATUS_BLOCKED;
    if (status == STATUS_FREE && (why = away(walk, entry)) != REASON_OK)
        status = STATUS_ELSEWHERE;
    facts->units_total += qty;
    add_product(walk, entry->product);
    switch (status) {
    case STATUS_FREE: count_free(walk, entry, qty); break;
    case STATUS_ELSEWHERE:
        facts->units_elsewhere += qty;
        first_of_table(&facts->elsewhere_by, why);
        break;
    case STATUS_TAKEN_HERE:
        facts->units_taken_here += qty;
        facts->units_taken += qty;
        break;
    case STATUS_TAKEN: facts->units_taken += qty; break;
    case STATUS_PACKED:
        facts->units_free += qty;
        walk->packed += qty;
        break;
    case STATUS_BLOCKED:
        facts->units_blocked += qty;
        first_of_table(&facts->blocked_by, why);
        break;
    }
}

static bool visit_child(void *context, const struct books_entry *child)
{
    struct walk *walk = context;
    const struct codebook_entry *unit = &child->unit;
    if (walk->key_count >= CONTENTS_MAX) {
        walk->rc = RC_TOO_BIG;
        return false;
    }
    if (!remember(walk, unit->key))
        return false;
    enum status status = own_status(walk, unit->key);
    if (walk->rc != RC_OK)
        return false;
    if (!unit->container || walk->depth + 1 >= DEPTH_MAX) {
        count_leaf(walk, unit, status);
        return true;
    }
    return look_into_later(walk, unit->key, status);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void digest_keys(struct walk *walk)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < walk->key_count; i++)
        total += strlen(walk->keys[i]) + 1;
    char *all = malloc(total ? total : 1);
    if (!all)
        return;
    qsort(walk->keys, walk->key_count, sizeof *walk->keys, by_text);
    for (size_t i = 0; i < walk->key_count; i++) {
        size_t len = strlen(walk->keys[i]);
        memcpy(all + at, walk->keys[i], len);
        all[at + len] = '\n';
        at += len + 1;
    }
    digest_print(all, at, 16, walk->facts->contents_digest);
    walk->facts->contents_count = (int)walk->key_count;
    free(all);
}

static void free_walk(struct walk *walk)
{
    for (size_t i = 0; i < walk->node_count; i++)
        free(walk->nodes[i].key);
    for (size_t i = 0; i < walk->key_count; i++)
        free(walk->keys[i]);
    free(walk->nodes);
    free(walk->keys);
}

/* Nobody reported what is inside, but the label or the feed says how many it stands for. Who has tallied the unit itself
 * is said of it, not of what is inside. */
static void count_covered(struct walk *walk, const struct codebook_entry *entry)
{
    if (entry->covers <= 0 || !entry->product[0])
        return;
    walk->facts->contents_known = true;
    count_leaf(walk, entry, STATUS_FREE);
}

/* A case in here of which nobody reported the contents stands for as many as its label says. */
static enum rc count_whole(struct walk *walk, const struct node *node)
{
    struct books_entry entry;
    enum rc rc = books_find(walk->store, walk->catalog, node->key, &entry);
    if (rc == RC_OK && entry.unit.covers > 0 && entry.unit.product[0])
        count_leaf(walk, &entry.unit, node->inherited);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc contents_gather(struct store *store, struct catalog *catalog, const struct facts_request *request,
                        const struct codebook_entry *entry, struct facts *facts, char *ret_product)
{
    char product[ID_MAX + 1] = "";
    struct walk walk = {.store = store,
                        .catalog = catalog,
                        .request = request,
                        .holder = &entry->holder,
                        .facts = facts,
                        .product = product,
                        .depth = -1};
    facts->blocked_by = facts->elsewhere_by = REASON_OK;
    look_into_later(&walk, entry->key, STATUS_FREE);
    for (size_t i = 0; i < walk.node_count && walk.rc == RC_OK; i++) {
        const struct node *node = &walk.nodes[i];
        walk.depth = node->depth;
        walk.inherited = node->inherited;
        size_t before = walk.key_count;
        enum rc rc = books_children(store, catalog, node->key, visit_child, &walk);
        if (walk.rc == RC_OK)
            walk.rc = rc;
        if (walk.rc == RC_OK && i > 0 && walk.key_count == before)
            walk.rc = count_whole(&walk, &walk.nodes[i]);
    }
    facts->contents_known = walk.key_count > 0;
    facts->counted_here |= walk.packed > 0 && walk.packed == facts->units_total;
    if (walk.rc == RC_OK && walk.key_count == 0)
        count_covered(&walk, entry);
    if (walk.rc == RC_OK && walk.key_count > 0)
        digest_keys(&walk);
    if (facts->units_free > 0 && !(walk.let_go & REASON_BIT(REASON_RECALLED)))
        facts->recall[0] = facts->recall_reason[0] = '\0'; /* only part of it: partial-container says so */
    facts->lot.on_hold |= (walk.let_go & REASON_BIT(REASON_ON_HOLD)) != 0;
    if (facts->state == STATE_ACTIVE && (walk.let_go & REASON_BIT(REASON_VOID_CODE)))
        facts->state = STATE_VOID;
    free_walk(&walk);
    if (walk.rc == RC_OK)
        memcpy(ret_product, product, sizeof product);
    return walk.rc;
}
