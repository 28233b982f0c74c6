/* What an audit asks of a unit: who sells it, whether here, and where it was seen before; and what a dealer may let go to
 * another dealer. */
#include "app/store/books.h"
#include "app/store/facts_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- who sells it ---- */

/* By where it is: a dealer's site counts as its party, the way there as well. *ret_owner: it is at the owner's own. */
static enum rc seller_of(struct catalog *catalog, const struct holder *holder, char *ret_party, bool *ret_owner)
{
    enum rc rc = RC_OK;
    ret_party[0] = '\0';
    *ret_owner = false;
    switch (holder->kind) {
    case HOLDER_PARTY:
    case HOLDER_TRANSIT_PARTY: snprintf(ret_party, ID_MAX + 1, "%s", holder->id); break;
    case HOLDER_SITE:
    case HOLDER_TRANSIT_SITE:
        rc = catalog_site_party(catalog, holder->id, ret_party);
        *ret_owner = rc == RC_OK && !ret_party[0];
        break;
    case HOLDER_UNKNOWN:
    case HOLDER_SOLD:
    case HOLDER_DESTROYED: break;
    }
    return rc;
}

struct first {
    int sale;
};

static bool take_first(void *context, const struct books_entry *child)
{
    struct first *first = context;
    first->sale = child->unit.sale;
    return false;
}

/* Of a container of which nothing was told by itself: as what is in it. */
static enum rc sale_inside(struct store *store, struct catalog *catalog, const char *key, int *ret_sale)
{
    struct first first = {0};
    enum rc rc = books_children(store, catalog, key, take_first, &first);
    if (rc == RC_OK)
        *ret_sale = first.sale;
    return rc;
}

/* As the data centre told it, else by where the unit is; goods at the owner's own are nobody's, whatever was before. */
static enum rc find_sale(struct store *store, struct catalog *catalog, int sale_id, const struct facts *facts,
                         struct sale *ret_sale)
{
    struct sale sale = {.at = DAY_NONE};
    char party[ID_MAX + 1];
    bool owner = false;
    enum rc rc = seller_of(catalog, &facts->holder, party, &owner);
    if (rc == RC_OK && !sale_id && facts->container)
        rc = sale_inside(store, catalog, facts->key, &sale_id);
    if (rc == RC_OK && sale_id && !owner)
        rc = catalog_sale(catalog, sale_id, &sale);
    /* sent on since, as this device knows */
    if (rc == RC_OK && party[0] && strcmp(sale.party, party) != 0) {
        sale = (struct sale){.at = DAY_NONE};
        memcpy(sale.party, party, sizeof party);
    }
    if (rc == RC_OK)
        *ret_sale = sale;
    return rc;
}

/* ---- where it was seen ---- */

struct sighting {
    struct catalog *catalog;
    const char *here;
    day_t today;
    struct market *market;
    enum rc rc;
};

static bool look_at(void *context, const char *region, day_t at)
{
    struct sighting *sighting = context;
    bool apart = false;
    if (!region[0] || strlen(region) > ID_MAX)
        return true;
    sighting->rc = catalog_apart(sighting->catalog, sighting->here, region, sighting->today, &apart);
    if (sighting->rc != RC_OK || !apart)
        return sighting->rc == RC_OK;
    memcpy(sighting->market->seen_region, region, strlen(region) + 1);
    sighting->market->seen_at = at;
    return false;
}

static void region_of(const char *fields, char *ret_region)
{
    json_t *object = fields[0] ? json_loads(fields, 0, NULL) : NULL;
    const char *region = json_string_value(json_object_get(object, "region"));
    snprintf(ret_region, ID_MAX + 1, "%s", region ? region : "");
    json_decref(object);
}

/* Most goods are met once; to look in the order of the days costs a sorter, also where there is nothing. */
static enum rc seen_elsewhere(struct store *store, const struct facts_request *request, const char *key,
                              bool *ret_seen)
{
    sqlite3_stmt *row = store_sql(store, JSQL_SEEN_ELSEWHERE, "tt", key, request->doc);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    sqlite3_reset(row);
    *ret_seen = step == SQLITE_ROW;
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

/* By audits of this device, the newest first. */
static enum rc seen_here(struct store *store, const struct facts_request *request, const char *key,
                         struct sighting *sighting)
{
    bool more = false;
    int step = SQLITE_DONE;
    enum rc rc = seen_elsewhere(store, request, key, &more);
    if (rc != RC_OK || !more)
        return rc;
    sqlite3_stmt *row = store_sql(store, JSQL_SEEN_AT, "tt", key, request->doc);
    if (!row)
        return store_rc(store);
    while (more && (step = sqlite3_step(row)) == SQLITE_ROW) {
        char region[ID_MAX + 1];
        day_t at = DAY_NONE;
        region_of(store_text(row, 0), region);
        (void)day_parse(store_text(row, 1), &at);
        more = look_at(sighting, region, at);
    }
    sqlite3_reset(row);
    if (sighting->rc != RC_OK)
        return sighting->rc;
    return !more || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

static enum rc find_sightings(struct store *store, struct catalog *catalog, const struct facts_request *request,
                              struct facts *facts)
{
    struct sighting sighting = {.catalog = catalog,
                                .here = document_field(request->document, "region"),
                                .today = request->today,
                                .market = &facts->market};
    enum rc rc = seen_here(store, request, facts->key, &sighting);
    if (rc == RC_OK && !facts->market.seen_region[0])
        rc = catalog_seen(catalog, facts->key, look_at, &sighting);
    return rc == RC_OK ? sighting.rc : rc;
}

/* ---- names ---- */

static void name_region(struct catalog *catalog, const char *id, char *ret_name)
{
    if (!id[0] || catalog_region(catalog, id, NULL, ret_name) != RC_OK || !ret_name[0])
        snprintf(ret_name, NAME_MAX_BYTES + 1, "%s", id);
}

static void name_party(struct catalog *catalog, const char *id, char *ret_name)
{
    struct catalog_party party;
    bool known = id[0] && catalog_party(catalog, id, &party) == RC_OK && party.name[0];
    snprintf(ret_name, NAME_MAX_BYTES + 1, "%s", known ? party.name : id);
}

static void name_all(struct catalog *catalog, struct market *market)
{
    name_party(catalog, market->sale.party, market->party_name);
    name_party(catalog, market->owner, market->owner_name);
    name_region(catalog, market->allowed, market->allowed_name);
    name_region(catalog, market->seen_region, market->seen_name);
    for (int i = 0; i < market->earlier_count; i++)
        name_party(catalog, market->earlier[i].party, market->earlier_name[i]);
}

/* ---- all of it ---- */

/* What is in a container counts; one of what nobody knows. */
static qty_t qty_of(const struct facts *facts, const char *product)
{
    qty_t qty = 0;
    for (int i = 0; i < facts->group_count; i++)
        if (strcmp(facts->groups[i].product, product) == 0)
            qty += facts->groups[i].qty;
    return qty;
}

static enum rc judge_place(struct store *store, struct catalog *catalog, const struct facts_request *request,
                           struct facts *facts)
{
    const struct territory_book *around = NULL;
    struct found found = {.product = facts->product_known ? facts->product.id : "",
                          .region = document_field(request->document, "region"),
                          .qty = qty_of(facts, facts->product.id),
                          .today = request->today,
                          .sale = facts->market.sale};
    if (found.qty <= 0)
        found.qty = QTY_ONE;
    enum rc rc = catalog_market(catalog, &found, &around);
    if (rc != RC_OK)
        return rc;
    territory_judge(around, &found, &facts->market);
    return facts->market.by_permit ? facts_visit(store, catalog, request, around, &found, facts) : RC_OK;
}

enum rc facts_market(struct store *store, struct catalog *catalog, const struct facts_request *request, int sale_id,
                     struct facts *facts)
{
    struct market *market = &facts->market;
    market->another = request->another && facts->in_this_document;
    if (!facts->code_known || !document_field(request->document, "region")[0])
        return RC_OK;
    enum rc rc = find_sale(store, catalog, sale_id, facts, &market->sale);
    if (rc == RC_OK)
        rc = catalog_earlier(catalog, facts->key, SALES_MAX, market->earlier, &market->earlier_count);
    if (rc == RC_OK)
        rc = judge_place(store, catalog, request, facts);
    if (rc == RC_OK)
        rc = find_sightings(store, catalog, request, facts);
    if (rc == RC_OK)
        name_all(catalog, market);
    return rc;
}

/* ---- permits ---- */

/* As the server judges it: sync/server/permits.c. */
static bool needs_permit(struct catalog *catalog, const struct facts_request *request)
{
    const struct holder *to = &request->document->to;
    const char *dealer = request->document->dealer;
    struct catalog_party party;
    bool is_party = to->kind == HOLDER_PARTY || to->kind == HOLDER_TRANSIT_PARTY;
    if (!is_party || !dealer[0] || catalog_party_below(catalog, to->id, dealer))
        return false;
    return catalog_party(catalog, to->id, &party) != RC_OK || territory_needs_permit(party.kind, party.parent);
}

/* Of this product, gone there or going there by this device's documents, as far as the data centre does not know yet. */
static enum rc use_here(struct store *store, const struct facts_request *request, const char *product,
                        struct permit *permits, int count)
{
    char there[HOLDER_MAX + 1], on_the_way[HOLDER_MAX + 1];
    int step = SQLITE_DONE;
    snprintf(there, sizeof there, "party:%s", request->document->to.id);
    snprintf(on_the_way, sizeof on_the_way, "transit:party:%s", request->document->to.id);
    sqlite3_stmt *row = store_sql(store, JSQL_PERMIT_USED, "ttiti", there, on_the_way, store->applied_seq, product,
                                  request->ignore_seq);
    if (!row)
        return store_rc(store);
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        day_t day = request->today; /* what is not completed yet goes today */
        (void)day_parse(store_text(row, 0), &day);
        territory_use(permits, (size_t)count, sqlite3_column_int64(row, 1), day);
    }
    sqlite3_reset(row);
    return step == SQLITE_DONE ? RC_OK : store_rc(store);
}

static enum rc is_permitted(struct store *store, struct catalog *catalog, const struct facts_request *request,
                            const char *product, qty_t qty, bool *ret_permitted)
{
    enum { RENEWALS_MAX = 16 };
    struct permit permits[RENEWALS_MAX];
    int count = 0;
    const char *from = request->document->dealer, *to = request->document->to.id;
    enum rc rc = catalog_permits(catalog, from, to, product, RENEWALS_MAX, permits, &count);
    if (rc == RC_OK && count > 0)
        rc = use_here(store, request, product, permits, count);
    struct territory_book book = {.permits = permits, .permit_count = (size_t)count};
    if (rc == RC_OK)
        *ret_permitted = territory_permitted(&book, from, to, product, qty, request->today);
    return rc;
}

enum rc facts_permit(struct store *store, struct catalog *catalog, const struct facts_request *request,
                     struct facts *facts)
{
    enum rc rc = RC_OK;
    if (!needs_permit(catalog, request))
        return RC_OK;
    for (int i = 0; i < facts->group_count && rc == RC_OK && !facts->no_permit; i++) {
        bool permitted = false;
        const char *product = facts->groups[i].product;
        rc = is_permitted(store, catalog, request, product, qty_of(facts, product), &permitted);
        facts->no_permit = rc == RC_OK && !permitted;
    }
    return rc;
}
