#include "app/catalog/reading.h"
#include "app/catalog/catalog_private.h"
#include "app/domain/why.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct readings {
    unsigned version; /* of the catalog that the patterns were read from */
    int count;
    struct pattern *patterns[PATTERNS_MAX]; /* by id: the first that matches counts */
};

static void forget(struct readings *readings)
{
    for (int i = 0; i < readings->count; i++)
        pattern_free(readings->patterns[i]);
    readings->count = 0;
}

void readings_free(struct readings *readings)
{
    if (!readings)
        return;
    forget(readings);
    free(readings);
}

static const char *text_of(const json_t *body, const char *name)
{
    const char *text = json_string_value(json_object_get(body, name));
    return text ? text : "";
}

enum rc reading_pattern(const json_t *body, const char *id, struct pattern **ret_pattern)
{
    char version[17];
    return pattern_new(id, feed_revision(body, version), text_of(body, "match"), text_of(body, "key"),
                       text_of(body, "product"), ret_pattern);
}

/* A pattern that is not whole yet is left out: the feed may tell its key later. */
static void take_pattern(struct readings *readings, const char *id, const char *text)
{
    json_t *body = json_loads(text, 0, NULL);
    if (body && text_of(body, "match")[0] && text_of(body, "key")[0] && readings->count < PATTERNS_MAX &&
        reading_pattern(body, id, &readings->patterns[readings->count]) == RC_OK)
        readings->count++;
    json_decref(body);
}

static enum rc read_patterns(struct catalog *catalog, struct readings *readings)
{
    struct sqlite3_stmt *statement = NULL;
    bool row = true;
    forget(readings);
    enum rc rc = catalog_entities_of(catalog, "pattern", &statement);
    while (rc == RC_OK && (rc = sql_step(statement, &row)) == RC_OK && row)
        take_pattern(readings, sql_bytes(statement, 0), sql_bytes(statement, 1));
    return rc;
}

static enum rc refresh(struct catalog *catalog)
{
    unsigned version = catalog_version(catalog);
    struct readings *readings = catalog->readings;
    if (readings && readings->version == version && !catalog->patterns_changed)
        return RC_OK;
    if (!readings)
        readings = catalog->readings = calloc(1, sizeof *readings);
    if (!readings)
        return RC_NOMEM;
    enum rc rc = read_patterns(catalog, readings);
    readings->version = version;
    catalog->patterns_changed = rc != RC_OK;
    return rc;
}

static bool is_known(struct catalog *catalog, const char *key)
{
    char unit[CODE_KEY_MAX + 1];
    struct codebook_entry entry;
    struct codebook *codebook = catalog_codebook(catalog);
    return key[0] && (codebook_find(codebook, key, &entry) == RC_OK || codebook_alias(codebook, key, unit) == RC_OK);
}

/* `code` is what code_parse made of the scan. */
static bool apply(const struct pattern *pattern, const struct scan *scan, int year, struct code *code)
{
    size_t aim_len = strlen(code->aim);
    if (scan->flags & SCAN_TRUNCATED || scan->len <= aim_len)
        return false;
    return pattern_apply(pattern, scan->bytes + aim_len, scan->len - aim_len, year, code);
}

bool reading_by_pattern(const struct pattern *pattern, const struct scan *scan, int year, struct code *ret_code)
{
    code_parse(scan, year, ret_code);
    return apply(pattern, scan, year, ret_code);
}

/* Text typed in brackets says itself what it is. */
static bool is_element_text(const struct scan *scan, const struct code *code)
{
    return scan->flags & SCAN_BRACKETS && code->element_count && !code->plain[0];
}

static void by_patterns(const struct readings *readings, const struct scan *scan, int year, struct code *code)
{
    if (is_element_text(scan, code))
        return;
    for (int i = 0; i < readings->count; i++)
        if (apply(readings->patterns[i], scan, year, code))
            return;
}

static bool names_product(struct catalog *catalog, const struct code *code)
{
    struct product product;
    int level;
    return catalog_product_by_gtin(catalog, code->gtin, &product, &level) == RC_OK || is_known(catalog, code->key);
}

/* A symbol that holds nothing is a good symbol, but no goods: to the flows it is a damaged reading. */
static void refuse_empty(struct code *code)
{
    if (strcmp(code->key, "plain:") != 0)
        return;
    code->kind = CODE_NONE;
    code->problem = REASON_MALFORMED;
    code->why = WHY_EMPTY;
    code->key[0] = '\0';
}

enum rc reading_scan(struct catalog *catalog, const struct scan *scan, int year, struct code *ret_code)
{
    code_parse(scan, year, ret_code);
    refuse_empty(ret_code);
    if (!catalog)
        return RC_OK;
    if (is_known(catalog, ret_code->plain)) {
        code_be_plain(ret_code);
        return RC_OK;
    }
    if (ret_code->kind == CODE_PLAIN && is_known(catalog, ret_code->key))
        return RC_OK;
    enum rc rc = refresh(catalog);
    if (rc != RC_OK)
        return rc;
    by_patterns(catalog->readings, scan, year, ret_code);
    if (code_is_bare_number(ret_code) && ret_code->plain[0] && !names_product(catalog, ret_code))
        code_be_plain(ret_code);
    return RC_OK;
}
