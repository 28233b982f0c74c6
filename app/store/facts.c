/* Facts: catalog and journal brought together about one code at one moment. */
#include "app/catalog/reading.h"
#include "app/store/store_private.h"
#include <stdlib.h>
#include <string.h>

enum { OLDER_CANDIDATES_MAX = 4096 };

/* ---- what this device did itself ---- */

enum rc unit_find(struct store *store, struct catalog *catalog, const char *key, int64_t ignore_seq,
                  struct unit_row *ret_row)
{
    sqlite3_stmt *row = store_sql(store, JSQL_UNIT, "t", key);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW) {
        store_copy(ret_row->key, sizeof ret_row->key, row, 0);
        ret_row->seq = sqlite3_column_int64(row, 1);
        ret_row->moved_seq = sqlite3_column_int64(row, 2);
        ret_row->state = (enum unit_state)sqlite3_column_int(row, 3);
        store_copy(ret_row->doc, sizeof ret_row->doc, row, 4);
        ret_row->counted_seq = sqlite3_column_int64(row, 5);
    }
    sqlite3_reset(row);
    if (step != SQLITE_ROW)
        return step == SQLITE_DONE ? RC_NOT_FOUND : store_rc(store);
    bool applied = ret_row->state == UNIT_MOVED && ret_row->moved_seq <= store->applied_seq;
    bool ignored = ignore_seq && ret_row->seq == ignore_seq;
    bool refused = catalog && catalog_refused(catalog, store->epoch, ret_row->counted_seq);
    return applied || ignored || refused ? RC_NOT_FOUND : RC_OK;
}

/* The record that holds the unit: its own, else that of the nearest container around it. */
static enum rc find_claim(struct store *store, struct catalog *catalog, const struct facts_request *request,
                          const char *key, struct unit_row *ret_row)
{
    char at[CODE_KEY_MAX + 1];
    snprintf(at, sizeof at, "%s", key);
    for (int depth = 0; depth < DEPTH_MAX && at[0]; depth++) {
        enum rc rc = unit_find(store, catalog, at, request->ignore_seq, ret_row);
        if (rc != RC_NOT_FOUND || !catalog)
            return rc;
        struct codebook_entry entry;
        if (codebook_find(catalog_codebook(catalog), at, &entry) != RC_OK)
            break;
        memcpy(at, entry.parent, sizeof at);
    }
    return RC_NOT_FOUND;
}

static void read_document_end(struct store *store, const char *doc, char *ret_no, struct holder *ret_to)
{
    sqlite3_stmt *row = store_sql(store, JSQL_DOCUMENT, "t", doc);
    if (row && sqlite3_step(row) == SQLITE_ROW) {
        store_copy(ret_no, ID_MAX + 1, row, 1);
        holder_parse(store_text(row, 8), ret_to);
    }
    sqlite3_reset(row);
}

static enum holder_kind in_transit(enum holder_kind kind)
{
    return kind == HOLDER_PARTY ? HOLDER_TRANSIT_PARTY : kind == HOLDER_SITE ? HOLDER_TRANSIT_SITE : kind;
}

static enum rc gather_claim(struct store *store, struct catalog *catalog, const struct facts_request *request,
                            struct facts *facts)
{
    struct unit_row row;
    enum rc rc = find_claim(store, catalog, request, facts->key, &row);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    char no[ID_MAX + 1] = "";
    struct holder to = {.kind = HOLDER_UNKNOWN};
    read_document_end(store, row.doc, no, &to);
    facts->tally_seq = row.seq;
    if (row.state == UNIT_MOVED) {
        facts->holder = to;
        facts->holder.kind = in_transit(to.kind);
    } else if (strcmp(row.doc, request->doc) == 0) {
        facts->in_this_document = true;
    } else {
        memcpy(facts->other_document, row.doc, sizeof facts->other_document);
        memcpy(facts->other_no, no, sizeof facts->other_no);
    }
    return RC_OK;
}

/* ---- which unit, product and lot ---- */

/* An exact match in the catalog goes before any reading by shape. */
static bool find_entry(struct codebook *codebook, const char *key, struct facts *facts,
                       struct codebook_entry *ret_entry)
{
    char unit[CODE_KEY_MAX + 1];
    if (!key[0])
        return false;
    const char *wanted = codebook_alias(codebook, key, unit) == RC_OK ? unit : key;
    if (codebook_find(codebook, wanted, ret_entry) != RC_OK)
        return false;
    snprintf(facts->key, sizeof facts->key, "%s", wanted);
    return true;
}

static void copy_product(struct facts *facts, const struct product *product)
{
    facts->product = *product;
    facts->product_known = true;
}

static int gather_product(struct catalog *catalog, const struct code *code, const struct codebook_entry *entry,
                          struct facts *facts)
{
    struct product product;
    int level = 0;
    if (entry && entry->product[0] && catalog_product(catalog, entry->product, &product) == RC_OK)
        copy_product(facts, &product);
    else if (code->product[0] && catalog_product(catalog, code->product, &product) == RC_OK)
        copy_product(facts, &product);
    else if (code->gtin[0] && catalog_product_by_gtin(catalog, code->gtin, &product, &level) == RC_OK)
        copy_product(facts, &product);
    return level;
}

static void gather_lot(struct catalog *catalog, const struct code *code, const struct codebook_entry *entry,
                       struct facts *facts)
{
    const char *id = entry && entry->lot[0] ? entry->lot : code->lot;
    struct lot lot = {.made = code->made, .expires = code->expires};
    snprintf(lot.id, sizeof lot.id, "%s", id);
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

static qty_t pack_units(const struct product *product, int level)
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
    qty_t per = pack_units(&facts->product, level);
    if (covers > 0)
        return covers * QTY_ONE;
    if (facts->code_known || code->kind == CODE_ITEM || code->kind == CODE_PLAIN)
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
    memcpy(group->product, facts->product.id, sizeof group->product);
    memcpy(group->lot, facts->lot.id, sizeof group->lot);
    group->qty = single_qty(request, facts, level, covers);
    facts->group_count = 1;
}

static enum rc gather_container(struct store *store, struct catalog *catalog, const struct facts_request *request,
                                const struct codebook_entry *entry, struct facts *facts)
{
    struct lot own = facts->lot;
    facts->lot = (struct lot){.made = DAY_NONE, .expires = DAY_NONE};
    enum rc rc = contents_gather(store, catalog, request, entry, facts);
    if (!facts->lot.id[0])
        facts->lot = own;
    struct product product;
    if (!facts->product_known && facts->group_count > 0 &&
        catalog_product(catalog, facts->groups[0].product, &product) == RC_OK)
        copy_product(facts, &product);
    return rc;
}

/* ---- is an older lot free to go? ---- */

struct older {
    struct store *store;
    struct catalog *catalog;
    const struct facts_request *request;
    struct facts *facts;
    char holder[HOLDER_MAX + 1];
    int looked;
};

static bool candidate_is_free(void *context, const struct codebook_entry *entry)
{
    struct older *older = context;
    struct unit_row row;
    if (++older->looked > OLDER_CANDIDATES_MAX)
        return false;
    bool taken = find_claim(older->store, older->catalog, older->request, entry->key, &row) == RC_OK;
    if (entry->state != STATE_ACTIVE || taken)
        return true;
    older->facts->older_free = true;
    return false;
}

static bool lot_has_free(void *context, const struct lot *lot)
{
    struct older *older = context;
    struct codebook *codebook = catalog_codebook(older->catalog);
    codebook_at(codebook, older->facts->product.id, lot->id, older->holder, candidate_is_free, older);
    if (!older->facts->older_free)
        return older->looked <= OLDER_CANDIDATES_MAX;
    memcpy(older->facts->older_lot, lot->id, sizeof older->facts->older_lot);
    older->facts->older_expires = lot->expires;
    return false;
}

static void gather_older(struct store *store, struct catalog *catalog, const struct facts_request *request,
                         struct facts *facts)
{
    if (!facts->product_known || facts->lot.expires == DAY_NONE)
        return;
    struct older older = {.store = store, .catalog = catalog, .request = request, .facts = facts};
    snprintf(older.holder, sizeof older.holder, "site:%s", request->site);
    catalog_older_lots(catalog, facts->product.id, request->today, facts->lot.expires, lot_has_free, &older);
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
    memset(facts, 0, sizeof *facts);
    memcpy(facts->key, code->key, sizeof facts->key);
    facts->lot.made = code->made;
    facts->lot.expires = code->expires;
    facts->older_expires = DAY_NONE;
    facts->blocked_by = facts->elsewhere_by = REASON_OK;
    snprintf(facts->lot.id, sizeof facts->lot.id, "%s", code->lot);
}

static enum rc from_catalog(struct store *store, struct catalog *catalog, const struct facts_request *request,
                            struct facts *facts)
{
    const struct code *code = request->code;
    struct codebook *codebook = catalog_codebook(catalog);
    struct codebook_entry found;
    bool known = (code->guessed && find_entry(codebook, code->plain, facts, &found)) ||
                 find_entry(codebook, code->key, facts, &found);
    const struct codebook_entry *entry = known ? &found : NULL;
    int level = gather_product(catalog, code, entry, facts);
    gather_lot(catalog, code, entry, facts);
    gather_recall(catalog, facts);
    facts->code_known = known;
    facts->level = level;
    long covers = 0;
    if (entry) {
        facts->state = entry->state;
        facts->level = entry->level > level ? entry->level : level;
        if (code->kind == CODE_UNIT && facts->level == 0)
            facts->level = 1; /* a logistic unit is a case at least, whatever nobody told */
        facts->container = entry->container;
        facts->holder = entry->holder;
        covers = entry->covers;
    }
    enum rc rc = gather_claim(store, catalog, request, facts);
    if (rc == RC_OK && facts->container)
        rc = gather_container(store, catalog, request, entry, facts);
    else if (rc == RC_OK)
        gather_single(request, facts, level, covers);
    if (rc == RC_OK)
        gather_older(store, catalog, request, facts);
    return rc;
}

static int64_t applied_of(struct catalog *catalog)
{
    char value[257];
    return catalog_meta_get(catalog, "applied_seq", value) == RC_OK ? strtoll(value, NULL, 10) : 0;
}

static enum rc from_catalog_at_once(struct store *store, struct catalog *catalog, const struct facts_request *request,
                                    struct facts *facts)
{
    enum rc rc = store->held ? RC_OK : catalog_begin_read(catalog);
    if (rc != RC_OK)
        return rc;
    store->applied_seq = applied_of(catalog);
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
        rc = gather_claim(store, NULL, request, ret_facts);
    else if (rc == RC_OK)
        rc = from_catalog_at_once(store, catalog, request, ret_facts);
    if (rc == RC_OK)
        gather_repeat(store, request, ret_facts);
    return store_damaged(store) ? RC_CORRUPT : rc;
}
