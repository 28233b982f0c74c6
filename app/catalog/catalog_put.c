#include "app/catalog/catalog_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MISSING_MAX = 20 }; /* notes of one kind; who has more, has another problem */

enum statement {
    ENTITY,
    ENTITY_PUT,
    ENTITY_DROP,
    PRODUCT_PUT,
    PRODUCT_DROP,
    PACK_PUT,
    PACK_DROP,
    GTIN_PUT,
    GTIN_DROP,
    LOT_PUT,
    LOT_DROP,
    PARTY_PUT,
    PARTY_DROP,
    SITE_PUT,
    SITE_DROP,
    OPERATOR_PUT,
    OPERATOR_DROP,
    POLICY_PUT,
    POLICY_DROP,
    ENFORCE_PUT,
    ENFORCE_DROP,
    STOCK_PUT,
    STOCK_DROP,
    RECALL_PUT,
    RECALL_DROP,
    RECALL_LOT_PUT,
    RECALL_LOT_DROP,
    RECALL_CODE_PUT,
    RECALL_CODE_DROP,
    DOCUMENT_PUT,
    DOCUMENT_DROP,
    LINE_PUT,
    LINE_DROP,
    SHARE_PUT,
    SHARE_DROP,
    PROGRESS_PUT,
    PROGRESS_DROP,
    PRODUCT_TOLD,
    MISSING_LINE_PRODUCTS,
    MISSING_LOT_PRODUCTS,
    MISSING_RECALL_PRODUCTS,
    MISSING_PARTIES,
    MISSING_SITES,
    STATEMENT_COUNT
};

static const char *const TEXTS[STATEMENT_COUNT] = {
    [ENTITY] = "SELECT body FROM entity WHERE type=?1 AND id=?2",
    [ENTITY_PUT] = "INSERT OR REPLACE INTO entity (type, id, body) VALUES (?1, ?2, ?3)",
    [ENTITY_DROP] = "DELETE FROM entity WHERE type=?1 AND id=?2",
    [PRODUCT_PUT] = "INSERT INTO product (id, name, unit, decimals, control) VALUES (?1, ?2, ?3, ?4, ?5)",
    [PRODUCT_DROP] = "DELETE FROM product WHERE id=?1",
    [PACK_PUT] = "INSERT OR REPLACE INTO pack (product, level, name, gtin, contains) VALUES (?1, ?2, ?3, ?4, ?5)",
    [PACK_DROP] = "DELETE FROM pack WHERE product=?1",
    [GTIN_PUT] = "INSERT OR REPLACE INTO gtin (gtin, product, level) VALUES (?1, ?2, ?3)",
    [GTIN_DROP] = "DELETE FROM gtin WHERE product=?1",
    [LOT_PUT] = "INSERT INTO lot (product, lot, made, expires, hold) VALUES (?1, ?2, ?3, ?4, ?5)",
    [LOT_DROP] = "DELETE FROM lot WHERE product=?1 AND lot=?2",
    [PARTY_PUT] = "INSERT INTO party (id, name, min_life_days, parent, region, kind) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [PARTY_DROP] = "DELETE FROM party WHERE id=?1",
    [SITE_PUT] = "INSERT INTO site (id, name, kind, party) VALUES (?1, ?2, ?3, ?4)",
    [SITE_DROP] = "DELETE FROM site WHERE id=?1",
    [OPERATOR_PUT] = "INSERT INTO operator (id, name, role, site, pin_hash) VALUES (?1, ?2, ?3, ?4, ?5)",
    [OPERATOR_DROP] = "DELETE FROM operator WHERE id=?1",
    [POLICY_PUT] = "INSERT INTO policy (site, registry, start, quarantine, lock_idle_s)"
                   " VALUES (?1, ?2, ?3, ?4, ?5)",
    [POLICY_DROP] = "DELETE FROM policy WHERE site=?1",
    [ENFORCE_PUT] = "INSERT OR REPLACE INTO enforce (site, reason, act, until) VALUES (?1, ?2, ?3, ?4)",
    [ENFORCE_DROP] = "DELETE FROM enforce WHERE site=?1",
    [STOCK_PUT] = "INSERT INTO stock (holder, product, lot, qty) VALUES (?1, ?2, ?3, ?4)",
    [STOCK_DROP] = "DELETE FROM stock WHERE holder=?1 AND product=?2 AND lot=?3",
    [RECALL_PUT] = "INSERT INTO recall (id, product, reason, whole) VALUES (?1, ?2, ?3, ?4)",
    [RECALL_DROP] = "DELETE FROM recall WHERE id=?1",
    [RECALL_LOT_PUT] = "INSERT OR REPLACE INTO recall_lot (recall, product, lot) VALUES (?1, ?2, ?3)",
    [RECALL_LOT_DROP] = "DELETE FROM recall_lot WHERE recall=?1",
    [RECALL_CODE_PUT] = "INSERT OR REPLACE INTO recall_code (recall, key) VALUES (?1, ?2)",
    [RECALL_CODE_DROP] = "DELETE FROM recall_code WHERE recall=?1",
    [DOCUMENT_PUT] = "INSERT INTO document (doc, no, flow, state, source_holder, target_holder, dock, note, due, rev,"
                     " line_count, group_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [DOCUMENT_DROP] = "DELETE FROM document WHERE doc=?1",
    [LINE_PUT] = "INSERT INTO line (doc, at, line, product, lot, qty, tolerance) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [LINE_DROP] = "DELETE FROM line WHERE doc=?1",
    [SHARE_PUT] = "INSERT OR REPLACE INTO share (doc, device, line) VALUES (?1, ?2, ?3)",
    [SHARE_DROP] = "DELETE FROM share WHERE doc=?1 AND device=?2",
    [PROGRESS_PUT] = "INSERT OR REPLACE INTO share_progress (doc, device, line, qty) VALUES (?1, ?2, ?3, ?4)",
    [PROGRESS_DROP] = "DELETE FROM share_progress WHERE doc=?1 AND device=?2",
    [PRODUCT_TOLD] = "SELECT 1 FROM product WHERE id=?1",
    [MISSING_LINE_PRODUCTS] =
        "SELECT DISTINCT product FROM line WHERE product NOT IN (SELECT id FROM product) LIMIT ?1",
    [MISSING_LOT_PRODUCTS] =
        "SELECT DISTINCT product FROM lot WHERE product NOT IN (SELECT id FROM product) LIMIT ?1",
    [MISSING_RECALL_PRODUCTS] = "SELECT DISTINCT product FROM recall WHERE product NOT IN (SELECT id FROM product)"
                                " LIMIT ?1",
    [MISSING_PARTIES] = "SELECT DISTINCT substr(target_holder, 7) AS party FROM document"
                        " WHERE target_holder LIKE 'party:%' AND party NOT IN (SELECT id FROM party) LIMIT ?1",
    [MISSING_SITES] = "SELECT DISTINCT substr(source_holder, 6) AS site FROM document"
                      " WHERE source_holder LIKE 'site:%' AND site NOT IN (SELECT id FROM site)"
                      " UNION SELECT quarantine FROM policy WHERE quarantine NOT IN (SELECT id FROM site) LIMIT ?1",
};

enum rc catalog_put_open(struct catalog *catalog)
{
    return sql_new(catalog->db, TEXTS, STATEMENT_COUNT, &catalog->put);
}

/* ---- members of a checked body ---- */

static const char *text_of(const json_t *body, const char *name)
{
    return json_string_value(json_object_get(body, name));
}

static const char *text_or(const json_t *body, const char *name, const char *otherwise)
{
    const char *text = text_of(body, name);
    return text ? text : otherwise;
}

static int64_t number_or(const json_t *body, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(body, name);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static int64_t day_of(const json_t *body, const char *name)
{
    day_t day = DAY_NONE;
    const char *text = text_of(body, name);
    if (text)
        (void)day_parse(text, &day); /* the feed has checked it */
    return day;
}

static int64_t qty_of(const json_t *body, const char *name)
{
    qty_t qty = 0;
    (void)qty_parse(text_or(body, name, "0"), &qty); /* the feed has checked it */
    return qty;
}

/* Runs the statements, each with this one text, until one fails. */
static enum rc drop(struct catalog *catalog, const char *id, const int *statements, size_t count)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        rc = sql_run(catalog->put, statements[i], "s", id);
    return rc;
}

#define DROP(catalog, id, ...)                                                                                       \
    drop(catalog, id, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

/* ---- one type each: the old rows go; `body` is all that is known now, NULL when it is gone ---- */

static enum rc put_gtins(struct catalog *catalog, const char *product, const json_t *list)
{
    const json_t *value = NULL;
    enum rc rc = RC_OK;
    for (size_t at = 0; rc == RC_OK && (value = json_array_get(list, at)); at++)
        rc = sql_run(catalog->put, GTIN_PUT, "ssi", json_string_value(value), product, (int64_t)0);
    return rc;
}

static enum rc put_packs(struct catalog *catalog, const char *product, const json_t *list)
{
    const json_t *pack = NULL;
    enum rc rc = RC_OK;
    for (size_t at = 0; rc == RC_OK && (pack = json_array_get(list, at)); at++) {
        int64_t level = number_or(pack, "level", 0);
        const char *gtin = text_of(pack, "gtin");
        rc = sql_run(catalog->put, PACK_PUT, "sissi", product, level, text_of(pack, "name"), gtin,
                     number_or(pack, "contains", 0));
        if (rc == RC_OK && gtin)
            rc = sql_run(catalog->put, GTIN_PUT, "ssi", gtin, product, level);
    }
    return rc;
}

static enum rc put_product(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    enum rc rc = DROP(catalog, item->id, PRODUCT_DROP, PACK_DROP, GTIN_DROP);
    catalog->told_product[0] = '\0';
    if (rc == RC_OK && body)
        rc = sql_run(catalog->put, PRODUCT_PUT, "sssis", item->id, text_of(body, "name"), text_of(body, "unit"),
                     number_or(body, "decimals", 0), text_or(body, "control", "none"));
    if (rc == RC_OK && body)
        rc = put_gtins(catalog, item->id, json_object_get(body, "gtin"));
    if (rc == RC_OK && body)
        rc = put_packs(catalog, item->id, json_object_get(body, "pack"));
    return rc;
}

static enum rc put_lot(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    const char *product = text_of(item->body, "product"), *lot = text_of(item->body, "lot");
    enum rc rc = sql_run(catalog->put, LOT_DROP, "ss", product, lot);
    if (rc != RC_OK || !body)
        return rc;
    return sql_run(catalog->put, LOT_PUT, "ssiii", product, lot, day_of(body, "made"), day_of(body, "expires"),
                   (int64_t)(strcmp(text_or(body, "quality", "released"), "released") != 0));
}

static enum rc put_party(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    enum rc rc = DROP(catalog, item->id, PARTY_DROP);
    if (rc != RC_OK || !body)
        return rc;
    return sql_run(catalog->put, PARTY_PUT, "ssisss", item->id, text_of(body, "name"),
                   number_or(body, "min_life_days", 0), text_of(body, "parent"), text_of(body, "region"),
                   text_of(body, "kind"));
}

static enum rc put_site(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    enum rc rc = DROP(catalog, item->id, SITE_DROP);
    if (rc != RC_OK || !body)
        return rc;
    const char *kind = text_or(body, "kind", text_of(body, "party") ? "dealer" : "warehouse");
    return sql_run(catalog->put, SITE_PUT, "ssss", item->id, text_of(body, "name"), kind, text_of(body, "party"));
}

static enum rc put_operator(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    enum rc rc = DROP(catalog, item->id, OPERATOR_DROP);
    if (rc != RC_OK || !body)
        return rc;
    return sql_run(catalog->put, OPERATOR_PUT, "sssss", item->id, text_of(body, "name"), text_of(body, "role"),
                   text_of(body, "site"), text_of(body, "pin_hash"));
}

static enum rc put_policy(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    const json_t *row = NULL, *list = json_object_get(body, "enforce");
    enum rc rc = DROP(catalog, item->id, POLICY_DROP, ENFORCE_DROP);
    if (rc == RC_OK && body)
        rc = sql_run(catalog->put, POLICY_PUT, "ssisi", item->id, text_or(body, "registry", "strict"),
                     day_of(body, "start"), text_of(body, "quarantine"), number_or(body, "lock_idle_s", 0));
    for (size_t at = 0; rc == RC_OK && (row = json_array_get(list, at)); at++)
        rc = sql_run(catalog->put, ENFORCE_PUT, "sssi", item->id, text_of(row, "reason"), text_of(row, "as"),
                     day_of(row, "until"));
    return rc;
}

static enum rc put_stock(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    const char *holder = text_of(item->body, "holder"), *product = text_of(item->body, "product");
    const char *lot = text_or(item->body, "lot", "");
    enum rc rc = sql_run(catalog->put, STOCK_DROP, "sss", holder, product, lot);
    if (rc != RC_OK || !body)
        return rc;
    return sql_run(catalog->put, STOCK_PUT, "sssi", holder, product, lot, qty_of(body, "qty"));
}

static enum rc put_recall(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    const json_t *lots = json_object_get(body, "lots"), *codes = json_object_get(body, "codes"), *value = NULL;
    const char *product = text_of(body, "product");
    enum rc rc = DROP(catalog, item->id, RECALL_DROP, RECALL_LOT_DROP, RECALL_CODE_DROP);
    if (rc != RC_OK || !body)
        return rc;
    /* neither lots nor codes: all that there is of the product */
    bool whole = product && !json_array_size(lots) && !json_array_size(codes);
    rc = sql_run(catalog->put, RECALL_PUT, "sssi", item->id, product, text_of(body, "reason"), (int64_t)whole);
    for (size_t at = 0; rc == RC_OK && product && (value = json_array_get(lots, at)); at++)
        rc = sql_run(catalog->put, RECALL_LOT_PUT, "sss", item->id, product, json_string_value(value));
    for (size_t at = 0; rc == RC_OK && (value = json_array_get(codes, at)); at++)
        rc = sql_run(catalog->put, RECALL_CODE_PUT, "ss", item->id, json_string_value(value));
    return rc;
}

static enum rc put_lines(struct catalog *catalog, const char *doc, const json_t *lines)
{
    const json_t *line = NULL;
    enum rc rc = RC_OK;
    for (size_t at = 0; rc == RC_OK && (line = json_array_get(lines, at)); at++)
        rc = sql_run(catalog->put, LINE_PUT, "sisssii", doc, (int64_t)at, text_of(line, "line"),
                     text_of(line, "product"), text_of(line, "lot"), qty_of(line, "qty"), qty_of(line, "tolerance"));
    return rc;
}

static enum rc put_document(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    char rev[17];
    const json_t *lines = json_object_get(body, "lines");
    enum rc rc = DROP(catalog, item->id, DOCUMENT_DROP, LINE_DROP);
    if (rc != RC_OK || !body)
        return rc;
    rc = sql_run(catalog->put, DOCUMENT_PUT, "ssssssssisis", item->id, text_or(body, "no", text_of(body, "doc")),
                 text_or(body, "flow", ""), text_or(body, "state", "open"), text_of(body, "from"),
                 text_of(body, "to"), text_of(body, "dock"), text_of(body, "note"), day_of(body, "due"),
                 feed_revision(body, rev), (int64_t)json_array_size(lines), text_of(body, "group"));
    return rc == RC_OK ? put_lines(catalog, item->id, lines) : rc;
}

static enum rc put_progress(struct catalog *catalog, const char *doc, int64_t device, const json_t *list)
{
    const json_t *row = NULL;
    enum rc rc = sql_run(catalog->put, PROGRESS_DROP, "si", doc, device);
    for (size_t at = 0; rc == RC_OK && (row = json_array_get(list, at)); at++)
        rc = sql_run(catalog->put, PROGRESS_PUT, "sisi", doc, device, text_of(row, "line"), qty_of(row, "qty"));
    return rc;
}

static enum rc put_share(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    const char *doc = text_of(item->body, "doc");
    int64_t device = number_or(item->body, "device", 0);
    const json_t *lines = json_object_get(body, "lines"), *line = NULL;
    enum rc rc = sql_run(catalog->put, SHARE_DROP, "si", doc, device);
    if (rc == RC_OK && body && !json_is_array(lines))
        rc = sql_run(catalog->put, SHARE_PUT, "sis", doc, device, "");
    for (size_t at = 0; rc == RC_OK && (line = json_array_get(lines, at)); at++)
        rc = sql_run(catalog->put, SHARE_PUT, "sis", doc, device, json_string_value(line));
    return rc == RC_OK ? put_progress(catalog, doc, device, json_object_get(body, "progress")) : rc;
}

/* Types without a row here are kept as they were told. */
static enum rc (*const PUTS[FEED_TYPE_COUNT])(struct catalog *, const struct feed_item *, const json_t *) = {
    [FEED_PARTY] = put_party,           [FEED_SITE] = put_site,
    [FEED_PRODUCT] = put_product,       [FEED_LOT] = put_lot,
    [FEED_STOCK] = put_stock,           [FEED_DOCUMENT] = put_document,
    [FEED_RECALL] = put_recall,         [FEED_OPERATOR] = put_operator,
    [FEED_POLICY] = put_policy,         [FEED_SHARE] = put_share,
    [FEED_REGION] = catalog_put_region, [FEED_TERRITORY] = catalog_put_territory,
    [FEED_PERMIT] = catalog_put_permit,
};

static enum rc get_entity(struct catalog *catalog, const struct feed_item *item, json_t **ret_body)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    enum rc rc = sql_query(catalog->put, ENTITY, "ss", &statement, feed_type_word(item->type), item->id);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK || !found)
        return rc;
    *ret_body = json_loads(sql_bytes(statement, 0), 0, NULL);
    sql_done(statement);
    return *ret_body ? RC_OK : RC_CORRUPT;
}

static enum rc put_entity(struct catalog *catalog, const struct feed_item *item)
{
    json_t *old = NULL, *body = NULL;
    char *text = NULL;
    const char *type = feed_type_word(item->type);
    enum rc rc = get_entity(catalog, item, &old);
    if (rc == RC_OK && item->gone) {
        rc = sql_run(catalog->put, ENTITY_DROP, "ss", type, item->id);
    } else if (rc == RC_OK) {
        body = feed_merge(old, item->body);
        text = body ? json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
        rc = text ? RC_OK : RC_NOMEM;
    }
    if (rc == RC_OK && body && old && json_equal(old, body))
        goto out; /* the same content is no change */
    if (rc == RC_OK && body)
        rc = sql_run(catalog->put, ENTITY_PUT, "sss", type, item->id, text);
    if (rc == RC_OK && PUTS[item->type])
        rc = PUTS[item->type](catalog, item, body);
out:
    free(text);
    json_decref(old);
    json_decref(body);
    return rc;
}

/* ---- codes go to the code book ---- */

/* NULL unchanged, "" cleared, as the code book wants it. */
static const char *change_of(const json_t *body, const char *name)
{
    const json_t *value = json_object_get(body, name);
    return json_is_null(value) ? "" : json_string_value(value);
}

static int change_number(const json_t *body, const char *name)
{
    const json_t *value = json_object_get(body, name);
    if (!value)
        return CODEBOOK_KEEP;
    return json_is_integer(value) ? (int)json_integer_value(value) : CODEBOOK_CLEAR;
}

/* During an import: a product that codes name and nobody has told is remembered, to be looked for at its end. */
static void note_product(struct catalog *catalog, const char *product)
{
    int64_t one = 0;
    if (!catalog->missing || !product || !product[0] || strcmp(product, catalog->told_product) == 0)
        return;
    if (sql_number(catalog->put, PRODUCT_TOLD, "s", &one, product) == RC_OK)
        snprintf(catalog->told_product, sizeof catalog->told_product, "%s", product);
    else if (json_object_size(catalog->missing) < MISSING_MAX)
        json_object_set_new(catalog->missing, product, json_true());
}

static enum rc put_aliases(struct catalog *catalog, const char *key, const json_t *list)
{
    const json_t *alias = NULL;
    enum rc rc = codebook_drop_aliases(catalog->codebook, key);
    for (size_t at = 0; rc == RC_OK && (alias = json_array_get(list, at)); at++)
        rc = codebook_put_alias(catalog->codebook, json_string_value(alias), key);
    return rc;
}

static enum rc delete_code(struct catalog *catalog, const char *key)
{
    enum rc rc = catalog_drop_sales(catalog, key);
    return rc == RC_OK ? codebook_delete(catalog->codebook, key) : rc;
}

static enum rc put_code(struct catalog *catalog, const struct feed_item *item, bool told, char *error)
{
    struct codebook_change change = {.product = change_of(item->body, "product"),
                                     .lot = change_of(item->body, "lot"),
                                     .parent = change_of(item->body, "in"),
                                     .holder = change_of(item->body, "holder"),
                                     .state = change_of(item->body, "state"),
                                     .level = change_number(item->body, "level"),
                                     .covers = change_number(item->body, "covers"),
                                     .any_depth = told};
    const json_t *aliases = json_object_get(item->body, "aliases");
    if (item->gone)
        return delete_code(catalog, item->id);
    note_product(catalog, change.product);
    enum rc rc = catalog_put_sales(catalog, item, &change.sale);
    if (rc == RC_OK)
        rc = codebook_put(catalog->codebook, item->id, &change);
    if (rc == RC_BAD_INPUT)
        snprintf(error, FEED_ERROR_MAX + 1,
                 "member \"in\" would put a code inside itself, or deeper than %d containers", DEPTH_MAX);
    if (rc == RC_OK && aliases)
        rc = put_aliases(catalog, item->id, aliases);
    return rc;
}

static enum rc put_codes(struct catalog *catalog, const struct feed_item *item)
{
    const char *first = text_of(item->body, "first"), *last = text_of(item->body, "last");
    if (item->gone)
        return codebook_delete_run(catalog->codebook, first, last);
    note_product(catalog, text_of(item->body, "product"));
    return codebook_put_run(catalog->codebook, first, last, change_of(item->body, "product"),
                            change_of(item->body, "lot"), change_of(item->body, "holder"));
}

static enum rc put_item(struct catalog *catalog, const struct feed_item *item, bool told, char *error)
{
    if (item->type == FEED_CODE)
        return put_code(catalog, item, told, error);
    if (item->type == FEED_CODES)
        return put_codes(catalog, item);
    catalog->patterns_changed |= item->type == FEED_PATTERN;
    return put_entity(catalog, item);
}

enum rc catalog_put_item(void *context, const struct feed_item *item, char *error)
{
    return put_item(context, item, false, error);
}

/* ---- as the server tells it ---- */

/* Of what is around `at`, the unit that was told to be in `key`; "" none. */
static enum rc find_ring(struct catalog *catalog, const char *key, const char *at, char *ret_key)
{
    struct codebook_entry entry;
    snprintf(entry.parent, sizeof entry.parent, "%s", at);
    ret_key[0] = '\0';
    for (int depth = 0; entry.parent[0] && depth <= CODEBOOK_RING_MAX; depth++) {
        char above[CODE_KEY_MAX + 1];
        memcpy(above, entry.parent, sizeof above);
        enum rc rc = codebook_find(catalog->codebook, above, &entry);
        if (rc != RC_OK)
            return rc == RC_NOT_FOUND ? RC_OK : rc;
        if (strcmp(entry.parent, key) == 0) {
            memcpy(ret_key, above, sizeof above);
            return RC_OK;
        }
    }
    return RC_OK;
}

enum rc catalog_put_told(void *context, const struct feed_item *item, char *error)
{
    static const struct codebook_change LOOSE = {.parent = "", .level = CODEBOOK_KEEP, .covers = CODEBOOK_KEEP};
    struct catalog *catalog = context;
    char stale[CODE_KEY_MAX + 1];
    enum rc rc = put_item(catalog, item, true, error);
    const char *in = item->type == FEED_CODE && !item->gone ? text_of(item->body, "in") : NULL;
    if (rc != RC_BAD_INPUT || !in)
        return rc;
    rc = find_ring(catalog, item->id, in, stale);
    if (rc == RC_OK && !stale[0])
        return RC_BAD_INPUT;
    if (rc == RC_OK)
        rc = codebook_put(catalog->codebook, stale, &LOOSE);
    return rc == RC_OK ? put_item(catalog, item, true, error) : rc;
}

/* ---- named and not yet told ---- */

static void note_one(const struct feed_sink *notes, const char *what, const char *id)
{
    char text[FEED_ERROR_MAX + 1];
    snprintf(text, sizeof text, "%s \"%s\" is named and has not been told yet", what, id);
    notes->note(notes->context, 0, text);
}

enum rc catalog_note_missing(struct catalog *catalog, const struct feed_sink *notes)
{
    static const struct {
        int statement;
        const char *what;
    } LOOKS[] = {{MISSING_LINE_PRODUCTS, "product"},
                 {MISSING_LOT_PRODUCTS, "product"},
                 {MISSING_RECALL_PRODUCTS, "product"},
                 {MISSING_PARTIES, "party"},
                 {MISSING_SITES, "site"}};
    struct sqlite3_stmt *statement = NULL;
    char id[HOLDER_MAX + 1];
    bool more = true;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < sizeof LOOKS / sizeof LOOKS[0]; i++) {
        rc = sql_query(catalog->put, LOOKS[i].statement, "i", &statement, (int64_t)MISSING_MAX);
        while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more)
            note_one(notes, LOOKS[i].what, sql_text(statement, 0, id, sizeof id));
    }
    const char *product = NULL;
    json_t *unused = NULL;
    int64_t one = 0;
    json_object_foreach(catalog->missing, product, unused)
    {
        if (rc == RC_OK && sql_number(catalog->put, PRODUCT_TOLD, "s", &one, product) != RC_OK)
            note_one(notes, "product", product);
    }
    return rc;
}
