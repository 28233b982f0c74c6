/* Facts: catalog and journal brought together about one code at one moment. */
#include "app/catalog/reading.h"
#include "app/domain/text_copy.h"
#include "app/store/books.h"
#include "app/store/facts_private.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- which unit, product and lot ---- */

/* An exact match in the catalog goes before any reading by shape. */
static bool find_entry(struct store *store, struct catalog *catalog, const char *key, struct facts *facts,
                       struct books_entry *ret_entry)
{
    char unit[CODE_KEY_MAX + 1];
    if (!key[0])
        return false;
    const char *wanted = codebook_alias(catalog_codebook(catalog), key, unit) == RC_OK ? unit : key;
    if (books_find_placed(store, catalog, wanted, ret_entry) != RC_OK)
        return false;
    text_copy(facts->key, sizeof facts->key, wanted);
    return true;
}

static void copy_product(struct facts *facts, const struct product *product)
{
    facts->product = *product;
    facts->product_known = true;
}

static int gather_product(struct catalog *catalog, const struct code *code, const struct books_entry *entry,
                          struct facts *facts)
{
    struct product product;
    int level = 0;
    if (entry && entry->unit.product[0] && catalog_product(catalog, entry->unit.product, &product) == RC_OK)
        copy_product(facts, &product);
    else if (code->product[0] && catalog_product(catalog, code->product, &product) == RC_OK)
        copy_product(facts, &product);
    else if (code->gtin[0] && catalog_product_by_gtin(catalog, code->gtin, &product, &level) == RC_OK)
        copy_product(facts, &product);
    return level;
}

/* As told, else as the label says, else as this device learned it, else as the context line is. */
static void gather_lot(struct catalog *catalog, const struct facts_request *request, const struct books_entry *entry,
                       struct facts *facts)
{
    const struct code *code = request->code;
    const char *id = entry && entry->unit.lot[0] ? entry->unit.lot : code->lot;
    struct lot lot = {.made = code->made, .expires = code->expires};
    if (!id[0] && facts->bound)
        id = request->document->context_lot;
    if (entry && lot.made == DAY_NONE)
        lot.made = entry->made;
    if (entry && lot.expires == DAY_NONE)
        lot.expires = entry->expires;
    text_copy(lot.id, sizeof lot.id, id);
    if (id[0] && facts->product_known)
        catalog_lot(catalog, facts->product.id, id, &lot);
    facts->lot = lot;
}

static void gather_recall(struct catalog *catalog, struct facts *facts)
{
    char id[ID_MAX + 1], reason[NAME_MAX_BYTES + 1];
    const char *product = facts->product_known ? facts->product.id : "";
    if (catalog_recall(catalog, product, facts->lot.id, facts->key, id, reason) != RC_OK)
        return;
    memcpy(facts->recall, id, sizeof id);
    memcpy(facts->recall_reason, reason, sizeof reason);
}

/* ---- how much ---- */

qty_t facts_pack_units(const struct product *product, int level)
{
    for (int i = 0; i < product->pack_count; i++)
        if (product->packs[i].level == level && product->packs[i].units > 0)
            return product->packs[i].units;
    return QTY_ONE;
}

/* A code of its own is one unit or one pack; a class or lot code is as many as was typed, weighed or printed. */
static qty_t single_qty(const struct facts_request *request, const struct facts *facts, int level, long covers)
{
    const struct code *code = request->code;
    qty_t per = facts_pack_units(&facts->product, level);
    if (covers > 0)
        return covers * QTY_ONE;
    if (facts->code_known || facts->bound || code->kind == CODE_ITEM || code->kind == CODE_PLAIN)
        return per;
    if (request->typed_qty > 0)
        return request->typed_qty;
    if (code->weight > 0 && strcmp(facts->product.unit, "kg") == 0)
        return code->count > 0 ? code->weight * (code->count / QTY_ONE) : code->weight;
    return code->count > 0 ? code->count / QTY_ONE * per : per;
}

static void gather_single(const struct facts_request *request, struct facts *facts, int level, long covers)
{
    if (!facts->product_known)
        return;
    struct facts_group *group = &facts->groups[0];
    memset(group, 0, sizeof *group);
    memcpy(group->product, facts->product.id, sizeof group->product);
    memcpy(group->lot, facts->lot.id, sizeof group->lot);
    group->qty = single_qty(request, facts, level, covers);
    facts->group_count = 1;
}

/* What it is by what is in it changes with that; an empty case may be filled with anything. */
static void follow_contents(struct catalog *catalog, const struct facts_request *request,
                            const struct books_entry *entry, const char *product, struct facts *facts)
{
    struct books_entry now = *entry;
    if (now.unit.product_inside && strcmp(now.unit.product, product) != 0) {
        snprintf(now.unit.product, sizeof now.unit.product, "%s", product);
        facts->product = (struct product){.id = ""};
        facts->product_known = false;
        gather_product(catalog, request->code, &now, facts);
    }
    if (!now.unit.lot_inside || facts->units_total > 0)
        return;
    now.unit.lot[0] = '\0';
    facts->lot.id[0] = '\0';
    if (facts->contents_known) /* empty cases */
        return;
    facts->recall[0] = facts->recall_reason[0] = '\0';
    gather_lot(catalog, request, &now, facts);
    gather_recall(catalog, facts);
}

/* What is in it says which lot it is and whether it is recalled; its own word counts where nobody knows that. */
static enum rc gather_container(struct store *store, struct catalog *catalog, const struct facts_request *request,
                                const struct books_entry *entry, struct facts *facts)
{
    struct lot own = facts->lot;
    char recall[ID_MAX + 1], reason[NAME_MAX_BYTES + 1], inside[ID_MAX + 1] = "";
    memcpy(recall, facts->recall, sizeof recall);
    memcpy(reason, facts->recall_reason, sizeof reason);
    facts->lot = (struct lot){.made = DAY_NONE, .expires = DAY_NONE};
    facts->recall[0] = facts->recall_reason[0] = '\0';
    enum rc rc = contents_gather(store, catalog, request, &entry->unit, facts, inside);
    /* nothing goes along: people are shown what it was packed as; what is wrong with that is said one by one */
    if (facts->contents_known && facts->units_free == 0 && !facts->lot.id[0])
        memcpy(facts->lot.id, own.id, sizeof facts->lot.id);
    if (!facts->contents_known) {
        facts->lot = own;
        memcpy(facts->recall, recall, sizeof recall);
        memcpy(facts->recall_reason, reason, sizeof reason);
    } else if (!facts->recall[0] && catalog_recall(catalog, "", "", facts->key, recall, reason) == RC_OK) {
        memcpy(facts->recall, recall, sizeof recall);
        memcpy(facts->recall_reason, reason, sizeof reason);
    }
    if (rc == RC_OK)
        follow_contents(catalog, request, entry, inside, facts);
    struct product product;
    if (!facts->product_known && facts->group_count > 0 &&
        catalog_product(catalog, facts->groups[0].product, &product) == RC_OK)
        copy_product(facts, &product);
    return rc;
}

/* ---- all of it ---- */

static void gather_repeat(const struct store *store, const struct facts_request *request, struct facts *facts)
{
    bool same = facts->key[0] && strcmp(store->last_key, facts->key) == 0;
    bool soon = request->mono_ns - store->last_mono_ns <= (int64_t)REPEAT_MS * 1000000;
    enum code_kind kind = request->code->kind;
    bool unit = facts->code_known || kind == CODE_ITEM || kind == CODE_UNIT || kind == CODE_PLAIN;
    if (!same || !soon || !request->mono_ns)
        return;
    /* two drums of one lot have one key, but their labels say other weights */
    facts->repeat = !unit && memcmp(store->last_label, request->code->values, sizeof store->last_label) == 0;
    facts->fresh_duplicate = facts->in_this_document;
}

static void start_facts(const struct code *code, struct facts *facts)
{
    size_t after = offsetof(struct facts, groups) + sizeof facts->groups;
    memset(facts, 0, offsetof(struct facts, groups));
    memset((char *)facts + after, 0, sizeof *facts - after); /* of the groups there are none */
    memcpy(facts->key, code->key, sizeof facts->key);
    facts->lot.made = code->made;
    facts->lot.expires = code->expires;
    facts->older_expires = DAY_NONE;
    facts->blocked_by = facts->elsewhere_by = REASON_OK;
    facts->market.place = REASON_OK;
    facts->market.sale.at = facts->market.seen_at = DAY_NONE;
    text_copy(facts->lot.id, sizeof facts->lot.id, code->lot);
}

static void take_entry(const struct books_entry *entry, const struct code *code, int level, struct facts *facts)
{
    const struct codebook_entry *unit = &entry->unit;
    facts->state = unit->state;
    facts->level = unit->level > level ? unit->level : level;
    if (code->kind == CODE_UNIT && facts->level == 0)
        facts->level = 1; /* a logistic unit is a case at least, whatever nobody told */
    facts->container = unit->container;
    facts->holder = unit->holder;
    memcpy(facts->parent, unit->parent, sizeof facts->parent);
}

static enum rc from_catalog(struct store *store, struct catalog *catalog, const struct facts_request *request,
                            struct facts *facts)
{
    const struct code *code = request->code;
    struct books_entry found;
    bool known = (code->guessed && find_entry(store, catalog, code->plain, facts, &found)) ||
                 find_entry(store, catalog, code->key, facts, &found);
    const struct books_entry *entry = known ? &found : NULL;
    int level = gather_product(catalog, code, entry, facts);
    facts->code_known = known;
    facts->level = level;
    if (entry)
        take_entry(entry, code, level, facts);
    facts_bind(catalog, request, facts);
    gather_lot(catalog, request, entry, facts);
    gather_recall(catalog, facts);
    enum rc rc = facts_claim(store, catalog, request, facts);
    if (rc == RC_OK && facts->container)
        rc = gather_container(store, catalog, request, entry, facts);
    else if (rc == RC_OK)
        gather_single(request, facts, facts->bound ? facts->level : level, entry ? entry->unit.covers : 0);
    if (rc == RC_OK)
        rc = facts_work(store, catalog, request, facts);
    if (rc == RC_OK && request->flow && request->document && request->flow->judges)
        rc = facts_market(store, catalog, request, entry ? entry->unit.sale : 0, facts);
    if (rc == RC_OK && request->flow && request->document && request->flow->permits)
        rc = facts_permit(store, catalog, request, facts);
    if (rc == RC_OK)
        facts_older(store, catalog, request, facts);
    return rc;
}

static enum rc from_catalog_at_once(struct store *store, struct catalog *catalog, const struct facts_request *request,
                                    struct facts *facts)
{
    enum rc rc = store->held ? RC_OK : catalog_begin_read(catalog);
    if (rc != RC_OK)
        return rc;
    if (!store->held)
        books_refresh(store, catalog);
    rc = claim_refresh(store, catalog);
    if (rc == RC_OK)
        rc = from_catalog(store, catalog, request, facts);
    if (!store->held)
        catalog_end_read(catalog);
    return rc;
}

enum rc store_read_code(struct store *store, const struct scan *scan, int year, struct code *ret_code)
{
    struct catalog *catalog = NULL;
    enum rc rc = store_catalog(store, &catalog);
    if (rc == RC_OK || rc == RC_NOT_FOUND)
        rc = reading_scan(catalog, scan, year, ret_code);
    if (rc == RC_OK)
        code_expect(ret_code, GUESS_ALL & ~store->unexpected);
    return store_damaged(store) ? RC_CORRUPT : rc;
}

void store_expect(struct store *store, unsigned guesses)
{
    store->unexpected = GUESS_ALL & ~guesses;
}

enum rc store_facts(struct store *store, const struct facts_request *request, struct facts *ret_facts)
{
    struct catalog *catalog = NULL;
    start_facts(request->code, ret_facts);
    enum rc rc = store_catalog(store, &catalog);
    if (rc == RC_NOT_FOUND) /* no catalog: what this device did itself still counts */
        rc = facts_claim(store, NULL, request, ret_facts);
    else if (rc == RC_OK)
        rc = from_catalog_at_once(store, catalog, request, ret_facts);
    if (rc == RC_OK)
        gather_repeat(store, request, ret_facts);
    return store_damaged(store) ? RC_CORRUPT : rc;
}
