/* What of regions, territories and permits may matter for goods found in one place: a few rows, whatever the size of the
 * country and of the contracts. */
#include "app/catalog/catalog_kept.h"
#include "app/catalog/catalog_private.h"
#include <stdlib.h>
#include <string.h>

enum { AREAS_MAX = 64, ROWS_MAX = 256, PERMITS_MAX = 16, OWNERS_EACH = 4, CONTRACT_ROWS = 32, OWNERS_KEPT = 32 };

enum statement {
    REGION,
    REGIONS_IN,
    MERGED,
    ALL_ROWS,
    AREA_ROWS,
    ANY_ROW,
    ANY_OWNER,
    OWNERS,
    ALL_OWNERS,
    PERMITS,
    STATEMENT_COUNT
};

#define TERRITORY_COLUMNS "party, product, region, exclusive, first, last"
#define IN_FORCE(day)     "first<=" day " AND (last=-2147483648 OR last>=" day ")" /* DAY_NONE is below any day */
/* for all products first, then for this one; of the two in one list SQLite would make a table each time */
#define CONTRACT(rest)                                                                                               \
    "SELECT " TERRITORY_COLUMNS " FROM territory WHERE party=?1 AND product=''" rest                                 \
    " UNION ALL SELECT " TERRITORY_COLUMNS " FROM territory WHERE party=?1 AND product=?2 AND ?2<>''" rest
#define RUNS_ON(day) "(until=-2147483648 OR until>=" day ")"

static const char *const TEXTS[STATEMENT_COUNT] = {
    [REGION] = "SELECT id, name, parent, into_id, first, last FROM region WHERE id=?1",
    /* what is in a region that nobody has told is topmost as well */
    [REGIONS_IN] = "SELECT id, name, EXISTS (SELECT 1 FROM region c WHERE c.parent=r.id AND c.id<>r.id"
                   " AND " IN_FORCE("?2") ") FROM region r"
                                          " WHERE (parent=?1 OR (?1='' AND (parent IS NULL OR parent=id OR"
                                          " NOT EXISTS (SELECT 1 FROM region p WHERE p.id=r.parent))))"
                                          " AND (?1='' OR id<>?1) AND " IN_FORCE("?2") " ORDER BY id",
    [MERGED] = "SELECT id FROM region WHERE into_id=?1 LIMIT ?2",
    [ALL_ROWS] = CONTRACT("") " LIMIT ?3",
    [AREA_ROWS] = CONTRACT(" AND region=?3"),
    [ANY_ROW] = CONTRACT(" AND " IN_FORCE("?3")) " LIMIT 1",
    [ANY_OWNER] = "SELECT 1 FROM territory WHERE region=?1 AND exclusive LIMIT 1",
    [OWNERS] = "SELECT " TERRITORY_COLUMNS " FROM territory WHERE region=?1 AND product IN ('', ?2) AND exclusive"
               " AND party<>?3 AND " IN_FORCE("?4") " ORDER BY party LIMIT ?5",
    [ALL_OWNERS] = "SELECT " TERRITORY_COLUMNS " FROM territory WHERE region=?1 AND product IN ('', ?2) AND exclusive"
                   " ORDER BY party LIMIT ?3",
    [PERMITS] = "SELECT target, product, qty, used, until FROM permit WHERE source=?1 AND product=?2"
                " AND " RUNS_ON("?4") " ORDER BY until LIMIT ?3",
};

enum rc catalog_territory_open(struct catalog *catalog)
{
    return sql_new(catalog->db, TEXTS, STATEMENT_COUNT, &catalog->territory);
}

struct catalog_market {
    struct territory_book book;
    struct region regions[AREAS_MAX];
    struct territory territories[ROWS_MAX];
    struct permit permits[PERMITS_MAX];
    struct home homes[PERMITS_MAX + 1];
    size_t areas; /* the first of the regions: the place, what it is in, and their other names */
    /* The place asked for last, while the reader's view is the same: a visit stays where it is. */
    bool place_kept;
    unsigned version;
    char place[ID_MAX + 1];
    size_t place_areas;
    bool owned[AREAS_MAX]; /* somebody sells something there exclusively … */
    /* … and who sells the product there that was asked for last; count -1 where that is more than is kept */
    bool owners_kept;
    char owners_product[ID_MAX + 1];
    int owner_count;
    struct owner {
        size_t area;
        struct territory row;
    } owners[OWNERS_KEPT];
};

/* ---- regions ---- */

static const char *kept_name(const struct kept *kept, const char *id)
{
    unsigned count = kept && kept->region_count < KEPT_REGIONS ? kept->region_count : KEPT_REGIONS;
    for (unsigned i = 0; kept && i < count; i++)
        if (strcmp(kept->regions[i].id, id) == 0)
            return kept->regions[i].name;
    return NULL;
}

static void keep_name(struct kept *kept, const char *id, const char *name)
{
    struct kept_region *region = kept ? &kept->regions[kept->region_count++ % KEPT_REGIONS] : NULL;
    if (!region)
        return;
    snprintf(region->id, sizeof region->id, "%s", id);
    snprintf(region->name, sizeof region->name, "%s", name);
}

static enum rc find_region(struct catalog *catalog, const char *id, struct region *ret_region, char *ret_name)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    enum rc rc = sql_query(catalog->territory, REGION, "s", &statement, id);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK || !found)
        return rc == RC_OK ? RC_NOT_FOUND : rc;
    if (ret_region) {
        sql_text(statement, 0, ret_region->id, sizeof ret_region->id);
        sql_text(statement, 2, ret_region->parent, sizeof ret_region->parent);
        sql_text(statement, 3, ret_region->into, sizeof ret_region->into);
        ret_region->from = (day_t)sql_int(statement, 4);
        ret_region->to = (day_t)sql_int(statement, 5);
    }
    if (ret_name)
        sql_text(statement, 1, ret_name, NAME_MAX_BYTES + 1);
    sql_done(statement);
    return RC_OK;
}

enum rc catalog_region(struct catalog *catalog, const char *id, struct region *ret_region, char *ret_name)
{
    struct kept *kept = ret_region || strlen(id) > ID_MAX ? NULL : catalog_kept(catalog);
    const char *name = kept_name(kept, id);
    if (!name) {
        enum rc rc = find_region(catalog, id, ret_region, ret_name);
        if (rc == RC_OK && ret_name)
            keep_name(kept, id, ret_name);
        return rc;
    }
    if (ret_name)
        snprintf(ret_name, NAME_MAX_BYTES + 1, "%s", name);
    return RC_OK;
}

/* A region that nobody told stands for itself. */
static enum rc add_region(struct catalog *catalog, struct catalog_market *market, const char *id)
{
    struct territory_book *book = &market->book;
    for (size_t i = 0; i < book->region_count; i++)
        if (strcmp(market->regions[i].id, id) == 0)
            return RC_OK;
    if (!id[0] || book->region_count == AREAS_MAX)
        return RC_OK;
    struct region region = {.from = DAY_NONE, .to = DAY_NONE};
    enum rc rc = catalog_region(catalog, id, &region, NULL);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    snprintf(region.id, sizeof region.id, "%s", id);
    market->regions[book->region_count++] = region;
    return RC_OK;
}

/* What was merged into it. */
static enum rc add_merged(struct catalog *catalog, struct catalog_market *market, const char *id)
{
    struct sqlite3_stmt *statement = NULL;
    char ids[AREAS_MAX][ID_MAX + 1];
    int count = 0;
    bool more = true;
    enum rc rc = sql_query(catalog->territory, MERGED, "si", &statement, id, (int64_t)AREAS_MAX);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more)
        sql_text(statement, 0, ids[count++], sizeof ids[0]);
    for (int i = 0; i < count && rc == RC_OK; i++)
        rc = add_region(catalog, market, ids[i]);
    return rc;
}

/* The place, what it lies in or was merged into, and what those were called before. */
static enum rc add_areas(struct catalog *catalog, struct catalog_market *market, const char *place)
{
    size_t first = market->book.region_count;
    enum rc rc = add_region(catalog, market, place);
    for (size_t i = first; i < market->book.region_count && rc == RC_OK; i++) {
        const struct region region = market->regions[i];
        rc = add_region(catalog, market, region.parent);
        if (rc == RC_OK)
            rc = add_region(catalog, market, region.into);
        if (rc == RC_OK)
            rc = add_merged(catalog, market, region.id);
    }
    market->areas = market->book.region_count;
    return rc;
}

static enum rc keep_place(struct catalog *catalog, struct catalog_market *market, const char *place)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < market->areas && (rc == RC_OK || rc == RC_NOT_FOUND); i++) {
        int64_t one = 0;
        rc = sql_number(catalog->territory, ANY_OWNER, "s", &one, market->regions[i].id);
        market->owned[i] = rc == RC_OK;
    }
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    snprintf(market->place, sizeof market->place, "%s", place);
    market->place_areas = market->areas;
    market->version = catalog_version(catalog);
    market->place_kept = true;
    market->owners_kept = false;
    return RC_OK;
}

/* Into an empty book. */
static enum rc add_place(struct catalog *catalog, struct catalog_market *market, const char *place)
{
    bool may_keep = catalog_kept(catalog) && strlen(place) <= ID_MAX;
    bool same = may_keep && market->place_kept && market->version == catalog_version(catalog);
    if (same && strcmp(market->place, place) == 0) {
        market->book.region_count = market->areas = market->place_areas;
        return RC_OK;
    }
    market->place_kept = false;
    enum rc rc = add_areas(catalog, market, place);
    return rc == RC_OK && may_keep ? keep_place(catalog, market, place) : rc;
}

/* ---- territories ---- */

static void read_row(struct sqlite3_stmt *statement, struct territory *ret_row)
{
    sql_text(statement, 0, ret_row->party, sizeof ret_row->party);
    sql_text(statement, 1, ret_row->product, sizeof ret_row->product);
    sql_text(statement, 2, ret_row->region, sizeof ret_row->region);
    ret_row->exclusive = sql_int(statement, 3) != 0;
    ret_row->from = (day_t)sql_int(statement, 4);
    ret_row->to = (day_t)sql_int(statement, 5);
}

static enum rc take_rows(struct catalog_market *market, struct sqlite3_stmt *statement)
{
    struct territory_book *book = &market->book;
    bool more = true;
    enum rc rc = RC_OK;
    while (book->territory_count < ROWS_MAX && (rc = sql_step(statement, &more)) == RC_OK && more)
        read_row(statement, &market->territories[book->territory_count++]);
    sql_done(statement);
    return rc;
}

static enum rc add_home(struct catalog *catalog, struct catalog_market *market, const char *party)
{
    struct catalog_party told;
    enum rc rc = catalog_party(catalog, party, &told);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    struct home *home = &market->homes[market->book.home_count++];
    memcpy(home->party, told.id, sizeof home->party);
    memcpy(home->region, told.region, sizeof home->region);
    return RC_OK;
}

/* Most contracts are short: all of it is as good as what matters of it. *ret_all: that was all. */
static enum rc add_contract(struct catalog *catalog, struct catalog_market *market, const struct found *found,
                            const char *party, bool *ret_all)
{
    struct sqlite3_stmt *statement = NULL;
    size_t before = market->book.territory_count;
    *ret_all = false;
    if (before + CONTRACT_ROWS >= ROWS_MAX)
        return RC_OK;
    enum rc rc =
        sql_query(catalog->territory, ALL_ROWS, "ssi", &statement, party, found->product, (int64_t)CONTRACT_ROWS + 1);
    if (rc == RC_OK)
        rc = take_rows(market, statement);
    *ret_all = market->book.territory_count - before <= CONTRACT_ROWS;
    if (!*ret_all)
        market->book.territory_count = before;
    return rc;
}

/* Where it may sell that the place lies in, and one of its regions wherever that is: it has some. */
static enum rc add_party(struct catalog *catalog, struct catalog_market *market, const struct found *found,
                         const char *party, day_t day)
{
    struct sqlite3_stmt *statement = NULL;
    bool all = false;
    enum rc rc = add_contract(catalog, market, found, party, &all);
    for (size_t i = 0; i < market->areas && rc == RC_OK && !all; i++) {
        rc =
            sql_query(catalog->territory, AREA_ROWS, "sss", &statement, party, found->product, market->regions[i].id);
        if (rc == RC_OK)
            rc = take_rows(market, statement);
    }
    if (rc == RC_OK && !all)
        rc = sql_query(catalog->territory, ANY_ROW, "ssi", &statement, party, found->product, (int64_t)day);
    if (rc == RC_OK && !all)
        rc = take_rows(market, statement);
    return rc == RC_OK ? add_home(catalog, market, party) : rc;
}

static enum rc read_owners(struct catalog *catalog, struct catalog_market *market, const char *product, size_t area)
{
    struct sqlite3_stmt *statement = NULL;
    bool more = true;
    enum rc rc = sql_query(catalog->territory, ALL_OWNERS, "ssi", &statement, market->regions[area].id, product,
                           (int64_t)OWNERS_KEPT + 1);
    while (rc == RC_OK && market->owner_count >= 0 && (rc = sql_step(statement, &more)) == RC_OK && more) {
        if (market->owner_count == OWNERS_KEPT) {
            market->owner_count = -1;
            break;
        }
        struct owner *owner = &market->owners[market->owner_count++];
        owner->area = area;
        read_row(statement, &owner->row);
    }
    sql_done(statement);
    return rc;
}

static enum rc keep_owners(struct catalog *catalog, struct catalog_market *market, const char *product)
{
    enum rc rc = RC_OK;
    if (market->owners_kept && strcmp(market->owners_product, product) == 0)
        return RC_OK;
    market->owner_count = 0;
    for (size_t i = 0; i < market->areas && rc == RC_OK; i++)
        if (market->owned[i])
            rc = read_owners(catalog, market, product, i);
    market->owners_kept = rc == RC_OK;
    snprintf(market->owners_product, sizeof market->owners_product, "%s", product);
    return rc;
}

static bool in_force(const struct territory *row, day_t day)
{
    return row->from <= day && (row->to == DAY_NONE || row->to >= day);
}

/* As OWNERS says it. */
static void take_kept_owners(struct catalog_market *market, const char *seller, day_t day)
{
    int taken[AREAS_MAX] = {0};
    struct territory_book *book = &market->book;
    for (int i = 0; i < market->owner_count && book->territory_count < ROWS_MAX; i++) {
        const struct owner *owner = &market->owners[i];
        if (taken[owner->area] == OWNERS_EACH || strcmp(owner->row.party, seller) == 0 || !in_force(&owner->row, day))
            continue;
        taken[owner->area]++;
        market->territories[book->territory_count++] = owner->row;
    }
}

static enum rc add_owners(struct catalog *catalog, struct catalog_market *market, const struct found *found,
                          day_t day)
{
    struct sqlite3_stmt *statement = NULL;
    enum rc rc = market->place_kept ? keep_owners(catalog, market, found->product) : RC_OK;
    if (rc == RC_OK && market->place_kept && market->owner_count >= 0) {
        take_kept_owners(market, found->sale.party, day);
        return RC_OK;
    }
    for (size_t i = 0; i < market->areas && rc == RC_OK; i++) {
        if (market->place_kept && !market->owned[i])
            continue;
        rc = sql_query(catalog->territory, OWNERS, "sssii", &statement, market->regions[i].id, found->product,
                       found->sale.party, (int64_t)day, (int64_t)OWNERS_EACH);
        if (rc == RC_OK)
            rc = take_rows(market, statement);
    }
    return rc;
}

static enum rc add_permits(struct catalog *catalog, struct catalog_market *market, const struct found *found,
                           day_t day)
{
    struct sqlite3_stmt *statement = NULL;
    bool more = true;
    struct territory_book *book = &market->book;
    if (catalog_kept_none(catalog, KEPT_PERMITS))
        return RC_OK;
    enum rc rc = sql_query(catalog->territory, PERMITS, "ssii", &statement, found->sale.party, found->product,
                           (int64_t)PERMITS_MAX, (int64_t)day);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more) {
        struct permit *permit = &market->permits[book->permit_count++];
        memcpy(permit->from, found->sale.party, sizeof permit->from);
        sql_text(statement, 0, permit->to, sizeof permit->to);
        sql_text(statement, 1, permit->product, sizeof permit->product);
        permit->qty = sql_int(statement, 2);
        permit->used = sql_int(statement, 3);
        permit->until = (day_t)sql_int(statement, 4);
    }
    for (size_t i = 0; i < book->permit_count && rc == RC_OK; i++)
        rc = add_party(catalog, market, found, market->permits[i].to, day);
    return rc;
}

/* ---- the tree ---- */

enum rc catalog_regions_in(struct catalog *catalog, const char *parent, day_t today,
                           bool (*visit)(void *context, const char *id, const char *name, bool divided),
                           void *context)
{
    struct sqlite3_stmt *statement = NULL;
    bool more = true, go_on = true;
    enum rc rc = sql_query(catalog->territory, REGIONS_IN, "si", &statement, parent, (int64_t)today);
    while (rc == RC_OK && go_on && (rc = sql_step(statement, &more)) == RC_OK && more)
        go_on = visit(context, sql_bytes(statement, 0), sql_bytes(statement, 1), sql_int(statement, 2) != 0);
    if (!go_on)
        sql_done(statement);
    return rc;
}

/* ---- all of it ---- */

/* One for all questions: taken and given back for each, so large a piece goes to the system and back every time. */
static struct catalog_market *begin(struct catalog *catalog)
{
    struct catalog_market *market = catalog->around;
    if (!market) {
        market = catalog->around = malloc(sizeof *market);
        if (!market)
            return NULL;
        market->place_kept = false;
    }
    market->book = (struct territory_book){.regions = market->regions,
                                           .territories = market->territories,
                                           .permits = market->permits,
                                           .homes = market->homes};
    market->areas = 0;
    return market;
}

enum rc catalog_market(struct catalog *catalog, const struct found *found, const struct territory_book **ret_book)
{
    struct catalog_market *market = begin(catalog);
    if (!market)
        return RC_NOMEM;
    day_t day = found->sale.at != DAY_NONE ? found->sale.at : found->today;
    enum rc rc = add_place(catalog, market, found->region);
    if (rc == RC_OK && found->sale.party[0])
        rc = add_party(catalog, market, found, found->sale.party, day);
    if (rc == RC_OK && found->sale.party[0])
        rc = add_permits(catalog, market, found, day);
    if (rc == RC_OK)
        rc = add_owners(catalog, market, found, day);
    if (rc == RC_OK)
        *ret_book = &market->book;
    return rc;
}

enum rc catalog_apart(struct catalog *catalog, const char *a, const char *b, day_t today, bool *ret_apart)
{
    struct catalog_market *market = begin(catalog);
    if (!market)
        return RC_NOMEM;
    enum rc rc = add_place(catalog, market, a);
    if (rc == RC_OK)
        rc = add_areas(catalog, market, b);
    if (rc == RC_OK)
        *ret_apart = territory_apart(&market->book, a, b, today);
    return rc;
}
