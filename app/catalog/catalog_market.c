/* Regions, territories, permits as they were told; to whom codes were sold, and where they were seen. */
#include "app/catalog/catalog_kept.h"
#include "app/catalog/catalog_private.h"
#include <sqlite3.h>
#include <string.h>

enum statement {
    REGION_PUT,
    REGION_DROP,
    TERRITORY_PUT,
    TERRITORY_DROP,
    PERMIT_PUT,
    PERMIT_DROP,
    PERMITS,
    PERMIT_ANY,
    SALE_FIND,
    SALE_PUT,
    SALE,
    EARLIER_PUT,
    EARLIER_DROP,
    EARLIER,
    EARLIER_ANY,
    SEEN_PUT,
    SEEN_DROP,
    SEEN,
    SEEN_ANY,
    SITE_PARTY,
    PARTY_SITE,
    PARTY_PARENT,
    ANY_MARKET,
    STATEMENT_COUNT
};

#define LONGEST_FIRST "ORDER BY until=-2147483648 DESC, until DESC" /* DAY_NONE is below any day */

static const char *const TEXTS[STATEMENT_COUNT] = {
    [REGION_PUT] = "INSERT INTO region (id, name, parent, into_id, first, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [REGION_DROP] = "DELETE FROM region WHERE id=?1",
    [TERRITORY_PUT] = "INSERT OR REPLACE INTO territory VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [TERRITORY_DROP] = "DELETE FROM territory WHERE party=?1 AND product=?2 AND first=?3",
    [PERMIT_PUT] = "INSERT INTO permit (source, target, product, qty, used, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [PERMIT_DROP] = "DELETE FROM permit WHERE source=?1 AND target=?2 AND product=?3 AND until=?4",
    /* those that have ended serve for what went while they ran */
    [PERMITS] = "SELECT qty, used, until FROM permit WHERE source=?1 AND target=?2 AND product=?3"
                " " LONGEST_FIRST " LIMIT ?4",
    [PERMIT_ANY] = "SELECT 1 FROM permit WHERE source=?1 AND target=?2 LIMIT 1",
    [SALE_FIND] = "SELECT id FROM sale WHERE party=?1 AND at=?2 AND no=?3",
    [SALE_PUT] = "INSERT INTO sale (party, at, no) VALUES (?1, ?2, ?3)",
    [SALE] = "SELECT party, at, no FROM sale WHERE id=?1",
    [EARLIER_PUT] = "INSERT INTO code_earlier (key, n, party, at, no) VALUES (?1, ?2, ?3, ?4, ?5)",
    [EARLIER_DROP] = "DELETE FROM code_earlier WHERE key=?1",
    [EARLIER] = "SELECT party, at, no FROM code_earlier WHERE key=?1 ORDER BY at DESC, n LIMIT ?2",
    [EARLIER_ANY] = "SELECT 1 FROM code_earlier WHERE key=?1 LIMIT 1",
    [SEEN_PUT] = "INSERT INTO code_seen (key, n, region, at) VALUES (?1, ?2, ?3, ?4)",
    [SEEN_DROP] = "DELETE FROM code_seen WHERE key=?1",
    [SEEN] = "SELECT region, at FROM code_seen WHERE key=?1 ORDER BY at DESC, n",
    [SEEN_ANY] = "SELECT 1 FROM code_seen WHERE key=?1 LIMIT 1",
    [SITE_PARTY] = "SELECT party FROM site WHERE id=?1",
    [PARTY_SITE] = "SELECT id FROM site WHERE party=?1 AND kind<>'quarantine' ORDER BY id LIMIT 1",
    [PARTY_PARENT] = "SELECT parent FROM party WHERE id=?1",
    [ANY_MARKET] = ("SELECT EXISTS (SELECT 1 FROM permit) + 2 * EXISTS (SELECT 1 FROM code_seen)"
                    " + 4 * EXISTS (SELECT 1 FROM code_earlier)"),
};

enum rc catalog_market_open(struct catalog *catalog)
{
    return sql_new(catalog->db, TEXTS, STATEMENT_COUNT, &catalog->market);
}

enum rc catalog_any_market(struct catalog *catalog, int64_t *ret_any)
{
    return sql_number(catalog->market, ANY_MARKET, "", ret_any);
}

/* ---- members of a checked body ---- */

static const char *text_of(const json_t *body, const char *name)
{
    const char *text = json_string_value(json_object_get(body, name));
    return text ? text : "";
}

static int64_t day_of(const json_t *body, const char *name)
{
    day_t day = DAY_NONE;
    (void)day_parse(text_of(body, name), &day); /* the feed has checked it; "" is none */
    return day;
}

static int64_t qty_of(const json_t *body, const char *name, qty_t otherwise)
{
    qty_t qty = otherwise;
    (void)qty_parse(text_of(body, name), &qty);
    return qty;
}

/* ---- one type each ---- */

enum rc catalog_put_region(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    enum rc rc = sql_run(catalog->market, REGION_DROP, "s", item->id);
    if (rc != RC_OK || !body)
        return rc;
    return sql_run(catalog->market, REGION_PUT, "sseeii", item->id, text_of(body, "name"), text_of(body, "parent"),
                   text_of(body, "into"), day_of(body, "from"), day_of(body, "to"));
}

enum rc catalog_put_territory(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    const char *party = text_of(item->body, "party"), *product = text_of(item->body, "product");
    const json_t *regions = json_object_get(body, "regions"), *region = NULL;
    int64_t exclusive = json_is_true(json_object_get(body, "exclusive"));
    enum rc rc = sql_run(catalog->market, TERRITORY_DROP, "ssi", party, product, day_of(item->body, "from"));
    for (size_t at = 0; rc == RC_OK && (region = json_array_get(regions, at)); at++)
        rc = sql_run(catalog->market, TERRITORY_PUT, "sssiii", party, product, json_string_value(region), exclusive,
                     day_of(body, "from"), day_of(body, "to"));
    return rc;
}

enum rc catalog_put_permit(struct catalog *catalog, const struct feed_item *item, const json_t *body)
{
    const char *from = text_of(item->body, "from"), *to = text_of(item->body, "to");
    const char *product = text_of(item->body, "product");
    enum rc rc = sql_run(catalog->market, PERMIT_DROP, "sssi", from, to, product, day_of(item->body, "until"));
    if (rc != RC_OK || !body)
        return rc;
    return sql_run(catalog->market, PERMIT_PUT, "sssiii", from, to, product, qty_of(body, "qty", -1),
                   qty_of(body, "used", 0), day_of(body, "until"));
}

static void read_permit(struct sqlite3_stmt *statement, const char *from, const char *to, const char *product,
                        struct permit *ret_permit)
{
    snprintf(ret_permit->from, sizeof ret_permit->from, "%s", from);
    snprintf(ret_permit->to, sizeof ret_permit->to, "%s", to);
    snprintf(ret_permit->product, sizeof ret_permit->product, "%s", product);
    ret_permit->qty = sql_int(statement, 0);
    ret_permit->used = sql_int(statement, 1);
    ret_permit->until = (day_t)sql_int(statement, 2);
}

enum rc catalog_permits(struct catalog *catalog, const char *from, const char *to, const char *product, int max,
                        struct permit *ret_permits, int *ret_count)
{
    struct sqlite3_stmt *statement = NULL;
    bool more = true;
    int count = 0;
    enum rc rc = sql_query(catalog->market, PERMITS, "sssi", &statement, from, to, product, (int64_t)max);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more)
        read_permit(statement, from, to, product, &ret_permits[count++]);
    if (rc == RC_OK)
        *ret_count = count;
    return rc;
}

bool catalog_any_permit(struct catalog *catalog, const char *from, const char *to)
{
    int64_t one = 0;
    return sql_number(catalog->market, PERMIT_ANY, "ss", &one, from, to) == RC_OK;
}

/* ---- sales and sightings of codes: most have the same as all that went with them, told once ---- */

static enum rc sale_id(struct catalog *catalog, const json_t *sale, int *ret_id)
{
    int64_t id = 0, at = day_of(sale, "at");
    const char *party = text_of(sale, "to"), *no = text_of(sale, "doc");
    enum rc rc = sql_number(catalog->market, SALE_FIND, "sis", &id, party, at, no);
    if (rc == RC_NOT_FOUND) {
        rc = sql_run(catalog->market, SALE_PUT, "sis", party, at, no);
        id = sqlite3_last_insert_rowid(catalog->db);
    }
    if (rc == RC_OK)
        *ret_id = (int)id;
    return rc;
}

static enum rc put_earlier(struct catalog *catalog, const char *key, const json_t *list)
{
    const json_t *row = NULL;
    enum rc rc = list ? sql_run(catalog->market, EARLIER_DROP, "s", key) : RC_OK;
    for (size_t at = 0; rc == RC_OK && (row = json_array_get(list, at)); at++)
        rc = sql_run(catalog->market, EARLIER_PUT, "sisis", key, (int64_t)at, text_of(row, "to"), day_of(row, "at"),
                     text_of(row, "doc"));
    return rc;
}

static enum rc put_seen(struct catalog *catalog, const char *key, const json_t *list)
{
    const json_t *row = NULL;
    enum rc rc = list ? sql_run(catalog->market, SEEN_DROP, "s", key) : RC_OK;
    for (size_t at = 0; rc == RC_OK && (row = json_array_get(list, at)); at++)
        rc = sql_run(catalog->market, SEEN_PUT, "sisi", key, (int64_t)at, text_of(row, "region"), day_of(row, "at"));
    return rc;
}

enum rc catalog_put_sales(struct catalog *catalog, const struct feed_item *item, int *ret_sale)
{
    const json_t *sold = json_object_get(item->body, "sold");
    int sale = sold ? CODEBOOK_CLEAR : 0;
    enum rc rc = sold && !json_is_null(sold) ? sale_id(catalog, sold, &sale) : RC_OK;
    if (rc == RC_OK)
        rc = put_earlier(catalog, item->id, json_object_get(item->body, "earlier"));
    if (rc == RC_OK)
        rc = put_seen(catalog, item->id, json_object_get(item->body, "seen"));
    if (rc == RC_OK)
        *ret_sale = sale;
    return rc;
}

enum rc catalog_drop_sales(struct catalog *catalog, const char *key)
{
    enum rc rc = sql_run(catalog->market, EARLIER_DROP, "s", key);
    return rc == RC_OK ? sql_run(catalog->market, SEEN_DROP, "s", key) : rc;
}

static void read_sale(struct sqlite3_stmt *statement, struct sale *ret_sale)
{
    sql_text(statement, 0, ret_sale->party, sizeof ret_sale->party);
    ret_sale->at = (day_t)sql_int(statement, 1);
    sql_text(statement, 2, ret_sale->no, sizeof ret_sale->no);
}

enum rc catalog_sale(struct catalog *catalog, int id, struct sale *ret_sale)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    enum rc rc = sql_query(catalog->market, SALE, "i", &statement, (int64_t)id);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK || !found)
        return rc == RC_OK ? RC_NOT_FOUND : rc;
    read_sale(statement, ret_sale);
    sql_done(statement);
    return RC_OK;
}

/* Of most codes nothing: rows in an order of their own cost a sorter, also where there are none. */
static enum rc has_rows(struct catalog *catalog, int table, int which, const char *key, bool *ret_some)
{
    int64_t one = 0;
    *ret_some = false;
    if (catalog_kept_none(catalog, table))
        return RC_OK;
    enum rc rc = sql_number(catalog->market, which, "s", &one, key);
    *ret_some = rc == RC_OK;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc catalog_earlier(struct catalog *catalog, const char *key, int max, struct sale *ret_sales, int *ret_count)
{
    struct sqlite3_stmt *statement = NULL;
    bool more = false;
    int count = 0;
    enum rc rc = has_rows(catalog, KEPT_EARLIER, EARLIER_ANY, key, &more);
    if (rc == RC_OK && more)
        rc = sql_query(catalog->market, EARLIER, "si", &statement, key, (int64_t)max);
    while (rc == RC_OK && more && (rc = sql_step(statement, &more)) == RC_OK && more)
        read_sale(statement, &ret_sales[count++]);
    if (rc == RC_OK)
        *ret_count = count;
    return rc;
}

enum rc catalog_seen(struct catalog *catalog, const char *key,
                     bool (*visit)(void *context, const char *region, day_t at), void *context)
{
    struct sqlite3_stmt *statement = NULL;
    bool more = false, go_on = true;
    enum rc rc = has_rows(catalog, KEPT_SEEN, SEEN_ANY, key, &more);
    if (rc == RC_OK && more)
        rc = sql_query(catalog->market, SEEN, "s", &statement, key);
    while (rc == RC_OK && more && go_on && (rc = sql_step(statement, &more)) == RC_OK && more)
        go_on = visit(context, sql_bytes(statement, 0), (day_t)sql_int(statement, 1));
    if (statement)
        sql_done(statement);
    return rc;
}

/* ---- whose site, whose dealer ---- */

static enum rc one_text(struct catalog *catalog, int which, const char *id, char *ret_text)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    enum rc rc = sql_query(catalog->market, which, "s", &statement, id);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK || !found)
        return rc == RC_OK ? RC_NOT_FOUND : rc;
    sql_text(statement, 0, ret_text, ID_MAX + 1);
    sql_done(statement);
    return RC_OK;
}

enum rc catalog_site_party(struct catalog *catalog, const char *site, char *ret_party)
{
    char party[ID_MAX + 1] = "";
    enum rc rc = one_text(catalog, SITE_PARTY, site, party);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    memcpy(ret_party, party, sizeof party);
    return RC_OK;
}

bool catalog_party_site(struct catalog *catalog, const char *party, char *ret_site)
{
    return one_text(catalog, PARTY_SITE, party, ret_site) == RC_OK;
}

bool catalog_party_below(struct catalog *catalog, const char *party, const char *dealer)
{
    enum { PARTY_DEPTH_MAX = 16 };
    char at[ID_MAX + 1], above[ID_MAX + 1];
    snprintf(at, sizeof at, "%s", party);
    for (int depth = 0; depth < PARTY_DEPTH_MAX && at[0]; depth++) {
        if (strcmp(at, dealer) == 0)
            return true;
        if (one_text(catalog, PARTY_PARENT, at, above) != RC_OK)
            return false;
        memcpy(at, above, sizeof at);
    }
    return false;
}
