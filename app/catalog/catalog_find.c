#include "app/catalog/catalog_kept.h"
#include "app/catalog/catalog_private.h"
#include <stdio.h>
#include <string.h>

enum statement {
    PRODUCT,
    PACKS,
    GTIN,
    LOT,
    OLDER_LOTS,
    STOCK,
    ANY_RECALL,
    RECALL_GOODS,
    RECALL_CODE,
    PARTY,
    SITE,
    OPERATOR,
    OPERATORS,
    POLICY,
    ENFORCE,
    ENTITIES,
    ENTITY,
    FLOWS,
    QUARANTINE,
    MIN_LIFE_PARTY,
    MIN_LIFE_SITE,
    STATEMENT_COUNT
};

/* the order in which read_operator and catalog_policy read */
#define OPERATOR_COLUMNS "id, name, role, site, pin_hash"
#define POLICY_COLUMNS   "site, registry, start, quarantine, lock_idle_s"

static const char *const TEXTS[STATEMENT_COUNT] = {
    [PRODUCT] = "SELECT id, name, unit, decimals, control FROM product WHERE id=?1",
    [PACKS] = "SELECT level, name, gtin, contains FROM pack WHERE product=?1 ORDER BY level",
    [GTIN] = "SELECT product, level FROM gtin WHERE gtin=?1 ORDER BY product LIMIT 1",
    [LOT] = "SELECT lot, made, expires, hold FROM lot WHERE product=?1 AND lot=?2",
    [OLDER_LOTS] = "SELECT lot, made, expires, hold FROM lot WHERE product=?1 AND expires>=?2 AND expires<?3"
                   " AND NOT hold AND NOT EXISTS (SELECT 1 FROM recall_lot r WHERE r.product=?1 AND r.lot=lot.lot)"
                   " AND NOT EXISTS (SELECT 1 FROM recall r WHERE r.product=?1 AND r.whole) ORDER BY expires, lot",
    [STOCK] = "SELECT qty FROM stock WHERE holder=?1 AND product=?2 AND lot=?3",
    [ANY_RECALL] = "SELECT EXISTS (SELECT 1 FROM recall) + 2 * EXISTS (SELECT 1 FROM recall_code)",
    [RECALL_GOODS] = "SELECT r.id, r.reason FROM recall_lot l JOIN recall r ON r.id=l.recall"
                     " WHERE l.product=?1 AND l.lot=?2"
                     " UNION ALL SELECT id, reason FROM recall WHERE product=?1 AND whole LIMIT 1",
    [RECALL_CODE] = "SELECT r.id, r.reason FROM recall_code c JOIN recall r ON r.id=c.recall WHERE c.key=?1"
                    " UNION ALL SELECT r.id, r.reason FROM alias a JOIN recall_code c ON c.key=a.alias"
                    " JOIN recall r ON r.id=c.recall WHERE a.key=?1 LIMIT 1",
    [PARTY] = "SELECT id, name, min_life_days, parent, region, kind FROM party WHERE id=?1",
    [SITE] = "SELECT name, kind FROM site WHERE id=?1",
    [OPERATOR] = "SELECT " OPERATOR_COLUMNS " FROM operator WHERE id=?1",
    [OPERATORS] = "SELECT " OPERATOR_COLUMNS " FROM operator ORDER BY id",
    [POLICY] = "SELECT " POLICY_COLUMNS " FROM policy WHERE site=?1 OR site='' ORDER BY site='' LIMIT 1",
    [ENTITIES] = "SELECT id, body FROM entity WHERE type=?1 ORDER BY id",
    [ENTITY] = "SELECT body FROM entity WHERE type=?1 AND id=?2",
    [FLOWS] = "SELECT id FROM entity WHERE type='flow' ORDER BY id",
    [QUARANTINE] =
        "SELECT id FROM site WHERE kind='quarantine' AND ifnull(party,'') IN ('',?1) ORDER BY party>'' DESC,id",
    [MIN_LIFE_PARTY] = "SELECT min_life_days FROM party WHERE id=?1",
    [MIN_LIFE_SITE] = "SELECT p.min_life_days FROM site s JOIN party p ON p.id=s.party WHERE s.id=?1",
    [ENFORCE] = "SELECT reason, act, until FROM enforce WHERE site=?1",
};

enum rc catalog_find_open(struct catalog *catalog)
{
    return sql_new(catalog->db, TEXTS, STATEMENT_COUNT, &catalog->find);
}

/* The one row of a query by one or two texts, to be read and closed with sql_done. */
static enum rc one(struct catalog *catalog, int which, const char *kinds, const char *a, const char *b,
                   struct sqlite3_stmt **ret_statement)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    enum rc rc = sql_query(catalog->find, which, kinds, &statement, a, b);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc == RC_OK && found)
        *ret_statement = statement;
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

/* ---- products ---- */

static enum rc read_packs(struct catalog *catalog, struct product *product)
{
    struct sqlite3_stmt *statement = NULL;
    bool more = true;
    qty_t units = QTY_ONE;
    enum rc rc = sql_query(catalog->find, PACKS, "s", &statement, product->id);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more) {
        struct pack_level *pack = &product->packs[product->pack_count];
        pack->level = (int)sql_int(statement, 0);
        sql_text(statement, 1, pack->name, sizeof pack->name);
        sql_text(statement, 2, pack->gtin, sizeof pack->gtin);
        int64_t contains = sql_int(statement, 3);
        pack->contains = contains * QTY_ONE;
        /* levels that multiply beyond any quantity are no levels */
        if (++product->pack_count == PACK_LEVELS_MAX || __builtin_mul_overflow(units, contains, &units))
            break;
        pack->units = units;
    }
    if (statement)
        sql_done(statement);
    return rc;
}

static enum rc find_product(struct catalog *catalog, const char *id, struct product *ret_product)
{
    struct product product = {0};
    struct sqlite3_stmt *statement = NULL;
    char control[16];
    enum rc rc = one(catalog, PRODUCT, "s", id, NULL, &statement);
    if (rc != RC_OK)
        return rc;
    sql_text(statement, 0, product.id, sizeof product.id);
    sql_text(statement, 1, product.name, sizeof product.name);
    sql_text(statement, 2, product.unit, sizeof product.unit);
    product.decimals = (int)sql_int(statement, 3);
    sql_text(statement, 4, control, sizeof control);
    sql_done(statement);
    if (!control_from_word(control, &product.control))
        return RC_CORRUPT;
    rc = read_packs(catalog, &product);
    if (rc == RC_OK)
        *ret_product = product;
    return rc;
}

enum rc catalog_product(struct catalog *catalog, const char *id, struct product *ret_product)
{
    struct kept *kept = catalog_kept(catalog);
    if (kept && id[0] && strcmp(kept->product.id, id) == 0) {
        *ret_product = kept->product;
        return RC_OK;
    }
    enum rc rc = find_product(catalog, id, ret_product);
    if (kept && rc == RC_OK)
        kept->product = *ret_product;
    return rc;
}

enum rc catalog_product_by_gtin(struct catalog *catalog, const char *gtin14, struct product *ret_product,
                                int *ret_level)
{
    struct sqlite3_stmt *statement = NULL;
    char id[ID_MAX + 1];
    enum rc rc = one(catalog, GTIN, "s", gtin14, NULL, &statement);
    if (rc != RC_OK)
        return rc;
    sql_text(statement, 0, id, sizeof id);
    int level = (int)sql_int(statement, 1);
    sql_done(statement);
    rc = catalog_product(catalog, id, ret_product);
    if (rc == RC_OK)
        *ret_level = level;
    return rc;
}

/* ---- lots and recalls ---- */

static void read_lot(struct sqlite3_stmt *statement, struct lot *ret_lot)
{
    sql_text(statement, 0, ret_lot->id, sizeof ret_lot->id);
    ret_lot->made = (day_t)sql_int(statement, 1);
    ret_lot->expires = (day_t)sql_int(statement, 2);
    ret_lot->on_hold = sql_int(statement, 3) != 0;
    ret_lot->known = true;
}

static void keep_lot(struct kept *kept, const char *product, const char *lot, const struct lot *found)
{
    snprintf(kept->lot.product, sizeof kept->lot.product, "%s", product);
    snprintf(kept->lot.id, sizeof kept->lot.id, "%s", lot);
    kept->lot.lot = found ? *found : (struct lot){.known = false};
}

enum rc catalog_lot(struct catalog *catalog, const char *product, const char *lot, struct lot *ret_lot)
{
    struct sqlite3_stmt *statement = NULL;
    struct kept *kept = strlen(product) <= ID_MAX && strlen(lot) <= LOT_MAX ? catalog_kept(catalog) : NULL;
    if (kept && product[0] && strcmp(kept->lot.product, product) == 0 && strcmp(kept->lot.id, lot) == 0) {
        if (kept->lot.lot.known)
            *ret_lot = kept->lot.lot;
        return kept->lot.lot.known ? RC_OK : RC_NOT_FOUND;
    }
    enum rc rc = one(catalog, LOT, "ss", product, lot, &statement);
    if (rc == RC_OK) {
        read_lot(statement, ret_lot);
        sql_done(statement);
    }
    if (kept && (rc == RC_OK || rc == RC_NOT_FOUND))
        keep_lot(kept, product, lot, rc == RC_OK ? ret_lot : NULL);
    return rc;
}

enum rc catalog_older_lots(struct catalog *catalog, const char *product, day_t today, day_t expires,
                           bool (*visit)(void *context, const struct lot *lot), void *context)
{
    struct sqlite3_stmt *statement = NULL;
    struct lot lot;
    bool more = true, go_on = true, any = false;
    struct kept *kept = catalog_kept(catalog);
    struct kept_older *none = kept && product[0] && strlen(product) <= ID_MAX ? &kept->no_older : NULL;
    if (none && strcmp(none->product, product) == 0 && none->today == today && none->expires == expires)
        return RC_OK;
    enum rc rc = sql_query(catalog->find, OLDER_LOTS, "sii", &statement, product, (int64_t)today, (int64_t)expires);
    while (rc == RC_OK && go_on && (rc = sql_step(statement, &more)) == RC_OK && more) {
        read_lot(statement, &lot);
        any = true;
        go_on = visit(context, &lot);
    }
    if (statement)
        sql_done(statement);
    if (none && rc == RC_OK && !any) {
        snprintf(none->product, sizeof none->product, "%s", product);
        none->today = today;
        none->expires = expires;
    }
    return rc;
}

enum rc catalog_stock(struct catalog *catalog, const char *holder, const char *product, const char *lot,
                      qty_t *ret_qty)
{
    return sql_number(catalog->find, STOCK, "sss", ret_qty, holder, product, lot);
}

static enum rc take_recall(struct sqlite3_stmt *statement, char *ret_id, char *ret_reason)
{
    sql_text(statement, 0, ret_id, ID_MAX + 1);
    sql_text(statement, 1, ret_reason, NAME_MAX_BYTES + 1);
    sql_done(statement);
    return RC_OK;
}

/* This code, one of its aliases, or anything that it is in. */
static enum rc recall_of_code(struct catalog *catalog, const char *key, char *ret_id, char *ret_reason)
{
    struct codebook_entry entry = {0};
    struct sqlite3_stmt *statement = NULL;
    enum rc rc = RC_NOT_FOUND;
    snprintf(entry.parent, sizeof entry.parent, "%s", key);
    for (int depth = 0; entry.parent[0] && depth <= DEPTH_MAX; depth++) {
        char at[CODE_KEY_MAX + 1];
        memcpy(at, entry.parent, sizeof at);
        rc = one(catalog, RECALL_CODE, "s", at, NULL, &statement);
        if (rc == RC_OK)
            return take_recall(statement, ret_id, ret_reason);
        if (rc == RC_NOT_FOUND)
            rc = codebook_find(catalog->codebook, at, &entry);
        if (rc != RC_OK)
            return rc;
    }
    return RC_NOT_FOUND;
}

static enum rc any_recall(struct catalog *catalog, int64_t *ret_any)
{
    struct kept *kept = catalog_kept(catalog);
    if (kept && kept->any_recall >= 0) {
        *ret_any = kept->any_recall;
        return RC_OK;
    }
    enum rc rc = sql_number(catalog->find, ANY_RECALL, "", ret_any);
    if (kept && rc == RC_OK)
        kept->any_recall = *ret_any;
    return rc;
}

enum rc catalog_recall(struct catalog *catalog, const char *product, const char *lot, const char *key, char *ret_id,
                       char *ret_reason)
{
    enum { RECALLS = 1, CODES = 2 };
    struct sqlite3_stmt *statement = NULL;
    int64_t any = 0;
    enum rc rc = any_recall(catalog, &any);
    if (rc != RC_OK)
        return rc;
    rc = any & RECALLS ? one(catalog, RECALL_GOODS, "ss", product, lot, &statement) : RC_NOT_FOUND;
    if (rc == RC_OK)
        return take_recall(statement, ret_id, ret_reason);
    if (rc == RC_NOT_FOUND && (any & CODES) && key && key[0])
        rc = recall_of_code(catalog, key, ret_id, ret_reason);
    return rc;
}

/* ---- parties, sites, operators ---- */

static const struct catalog_party *kept_party(const struct kept *kept, const char *id)
{
    unsigned count = kept && kept->party_count < KEPT_PARTIES ? kept->party_count : KEPT_PARTIES;
    for (unsigned i = 0; kept && i < count; i++)
        if (strcmp(kept->parties[i].id, id) == 0)
            return &kept->parties[i];
    return NULL;
}

enum rc catalog_party(struct catalog *catalog, const char *id, struct catalog_party *ret_party)
{
    struct sqlite3_stmt *statement = NULL;
    struct kept *kept = catalog_kept(catalog);
    const struct catalog_party *party = kept_party(kept, id);
    if (party) {
        *ret_party = *party;
        return RC_OK;
    }
    enum rc rc = one(catalog, PARTY, "s", id, NULL, &statement);
    if (rc != RC_OK)
        return rc;
    sql_text(statement, 0, ret_party->id, sizeof ret_party->id);
    sql_text(statement, 1, ret_party->name, sizeof ret_party->name);
    ret_party->min_life_days = (int)sql_int(statement, 2);
    sql_text(statement, 3, ret_party->parent, sizeof ret_party->parent);
    sql_text(statement, 4, ret_party->region, sizeof ret_party->region);
    sql_text(statement, 5, ret_party->kind, sizeof ret_party->kind);
    sql_done(statement);
    if (kept)
        kept->parties[kept->party_count++ % KEPT_PARTIES] = *ret_party;
    return RC_OK;
}

enum rc catalog_site(struct catalog *catalog, const char *id, char *ret_name, bool *ret_quarantine)
{
    struct sqlite3_stmt *statement = NULL;
    enum rc rc = one(catalog, SITE, "s", id, NULL, &statement);
    if (rc != RC_OK)
        return rc;
    sql_text(statement, 0, ret_name, NAME_MAX_BYTES + 1);
    *ret_quarantine = strcmp(sql_bytes(statement, 1), "quarantine") == 0;
    sql_done(statement);
    return RC_OK;
}

static bool read_operator(struct sqlite3_stmt *statement, struct catalog_operator *ret_operator)
{
    sql_text(statement, 0, ret_operator->id, sizeof ret_operator->id);
    sql_text(statement, 1, ret_operator->name, sizeof ret_operator->name);
    sql_text(statement, 3, ret_operator->site, sizeof ret_operator->site);
    sql_text(statement, 4, ret_operator->pin_hash, sizeof ret_operator->pin_hash);
    return role_from_word(sql_bytes(statement, 2), &ret_operator->role);
}

/* Nobody without a role may sign in: such a one is not found. */
enum rc catalog_operator(struct catalog *catalog, const char *id, struct catalog_operator *ret_operator)
{
    struct sqlite3_stmt *statement = NULL;
    struct catalog_operator operator;
    enum rc rc = one(catalog, OPERATOR, "s", id, NULL, &statement);
    if (rc != RC_OK)
        return rc;
    rc = read_operator(statement, &operator) ? RC_OK : RC_NOT_FOUND;
    sql_done(statement);
    if (rc == RC_OK)
        *ret_operator = operator;
    return rc;
}

enum rc catalog_operators(struct catalog *catalog,
                          bool (*visit)(void *context, const struct catalog_operator *operator), void *context)
{
    struct sqlite3_stmt *statement = NULL;
    struct catalog_operator operator;
    bool more = true, go_on = true;
    enum rc rc = sql_query(catalog->find, OPERATORS, "", &statement);
    while (rc == RC_OK && go_on && (rc = sql_step(statement, &more)) == RC_OK && more)
        go_on = !read_operator(statement, &operator) || visit(context, &operator);
    if (statement)
        sql_done(statement);
    return rc;
}

/* ---- policy ---- */

static const char *const ENFORCE_WORDS[] = {
    [ENFORCE_REJECT] = "reject",
    [ENFORCE_WARN] = "warn",
    [ENFORCE_OBSERVE] = "observe",
};

static const char *const REGISTRY_WORDS[] = {
    [REGISTRY_STRICT] = "strict",
    [REGISTRY_LEARN] = "learn",
    [REGISTRY_OFF] = "off",
};

/* Index of the word, or 0: the strictest is the first in both tables. */
static int word_at(const char *const *words, int count, const char *word)
{
    for (int i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return 0;
}

static enum rc read_enforce(struct catalog *catalog, const char *site, struct policy *policy)
{
    struct sqlite3_stmt *statement = NULL;
    enum reason reason;
    bool more = true;
    enum rc rc = sql_query(catalog->find, ENFORCE, "s", &statement, site);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more) {
        /* reasons of a newer server may have names that are not known here */
        if (!reason_from_word(sql_bytes(statement, 0), &reason))
            continue;
        policy->enforce[reason] = (enum enforce)word_at(ENFORCE_WORDS, 3, sql_bytes(statement, 1));
        policy->enforce_until[reason] = (day_t)sql_int(statement, 2);
    }
    return rc;
}

enum rc catalog_policy(struct catalog *catalog, const char *site, struct policy *ret_policy)
{
    struct policy policy = {.registry = REGISTRY_STRICT, .start = DAY_NONE};
    struct sqlite3_stmt *statement = NULL;
    char whose[ID_MAX + 1];
    for (int i = 0; i < REASON_COUNT; i++)
        policy.enforce_until[i] = DAY_NONE;
    enum rc rc = one(catalog, POLICY, "s", site, NULL, &statement);
    if (rc == RC_OK) {
        sql_text(statement, 0, whose, sizeof whose);
        policy.registry = (enum registry)word_at(REGISTRY_WORDS, 3, sql_bytes(statement, 1));
        policy.start = (day_t)sql_int(statement, 2);
        sql_text(statement, 3, policy.quarantine, sizeof policy.quarantine);
        policy.lock_idle_s = (int)sql_int(statement, 4);
        sql_done(statement);
        rc = read_enforce(catalog, whose, &policy);
    }
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    *ret_policy = policy;
    return RC_OK;
}

enum rc catalog_quarantine(struct catalog *catalog, const char *site, char *ret_site)
{
    struct sqlite3_stmt *statement = NULL;
    struct policy policy;
    enum rc rc = catalog_policy(catalog, site, &policy);
    if (rc == RC_OK && !policy.quarantine[0]) {
        char party[ID_MAX + 1] = "";
        (void)catalog_site_party(catalog, site, party);
        rc = one(catalog, QUARANTINE, "s", party, NULL, &statement);
        if (rc == RC_OK)
            sql_text(statement, 0, policy.quarantine, sizeof policy.quarantine);
        sql_done(statement);
        rc = rc == RC_NOT_FOUND ? RC_OK : rc;
    }
    if (rc == RC_OK)
        memcpy(ret_site, policy.quarantine, sizeof policy.quarantine);
    return rc;
}

enum rc catalog_min_life(struct catalog *catalog, const struct holder *to, int *ret_days)
{
    int64_t days = 0;
    bool party = to->kind == HOLDER_PARTY || to->kind == HOLDER_TRANSIT_PARTY;
    enum rc rc = sql_number(catalog->find, party ? MIN_LIFE_PARTY : MIN_LIFE_SITE, "s", &days, to->id);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    *ret_days = (int)days;
    return RC_OK;
}

/* ---- as it was told ---- */

enum rc catalog_entity(struct catalog *catalog, const char *type, const char *id, json_t **ret_body)
{
    struct sqlite3_stmt *statement = NULL;
    enum rc rc = one(catalog, ENTITY, "ss", type, id, &statement);
    if (rc != RC_OK)
        return rc;
    json_t *body = json_loads(sql_bytes(statement, 0), 0, NULL);
    sql_done(statement);
    if (!body)
        return RC_CORRUPT;
    *ret_body = body;
    return RC_OK;
}

enum rc catalog_find_flows(struct catalog *catalog, struct sqlite3_stmt **ret_statement)
{
    return sql_query(catalog->find, FLOWS, "", ret_statement);
}

enum rc catalog_entities_of(struct catalog *catalog, const char *type, struct sqlite3_stmt **ret_statement)
{
    return sql_query(catalog->find, ENTITIES, "s", ret_statement, type);
}
