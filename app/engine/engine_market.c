/* Around an audit: which place is meant, what would be told of a code, and who may hold goods of a lot. */
#include "app/engine/engine_private.h"
#include <stdlib.h>
#include <string.h>

/* ---- a place ---- */

/* "锦江区, 成都市": a name after those of the smaller ones, as far as whole names go in. */
static void add_name(char *path, const char *name)
{
    size_t len = strlen(path), more = strlen(name);
    if (len + more + 2 <= NAME_MAX_BYTES)
        snprintf(path + len, NAME_MAX_BYTES + 1 - len, "%s%s", len ? ", " : "", name);
}

static enum rc read_region(struct catalog *catalog, const char *id, struct named_place *place)
{
    struct region region;
    char name[NAME_MAX_BYTES + 1];
    enum rc rc = catalog_region(catalog, id, &region, name);
    if (rc != RC_OK)
        return rc;
    memcpy(place->region, region.id, sizeof place->region);
    add_name(place->path, name[0] ? name : region.id);
    for (int i = 0; i < REGION_DEPTH_MAX && region.parent[0]; i++) {
        char parent[ID_MAX + 1];
        memcpy(parent, region.parent, sizeof parent);
        if (catalog_region(catalog, parent, &region, name) != RC_OK)
            break;
        add_name(place->path, name[0] ? name : region.id);
    }
    return RC_OK;
}

static enum rc read_party(struct catalog *catalog, const char *id, struct named_place *place)
{
    struct catalog_party party;
    enum rc rc = catalog_party(catalog, id, &party);
    if (rc != RC_OK)
        return rc;
    rc = party.region[0] ? read_region(catalog, party.region, place) : RC_NOT_FOUND;
    memcpy(place->shop, party.name, sizeof place->shop);
    return rc;
}

static const char *after(const char *text, const char *scheme)
{
    size_t len = strlen(scheme);
    return strncmp(text, scheme, len) == 0 ? text + len : NULL;
}

enum rc engine_place(struct engine *engine, const char *text, struct named_place *ret_place)
{
    struct named_place place = {.region = ""};
    struct catalog *catalog;
    const char *party = after(text, "party:"), *region = after(text, "region:");
    enum rc rc = store_catalog(engine->store, &catalog);
    if (rc != RC_OK)
        return rc;
    rc = party ? read_party(catalog, party, &place) : read_region(catalog, region ? region : text, &place);
    if (rc == RC_OK)
        *ret_place = place;
    return rc;
}

/* ---- a look ---- */

static enum rc look(struct engine *engine, const char *doc, const struct code *code, struct judged *judged)
{
    enum rc rc = engine_load_visit(engine, doc);
    if (rc != RC_OK)
        return rc;
    judged->code = *code;
    engine_context(engine, &judged->context);
    rc = engine_judge(engine, 0, 0, 0, judged);
    if (rc == RC_OK && judged->facts.in_this_document) /* what it is, not that it was seen already */
        rc = engine_judge(engine, 0, 0, judged->facts.tally_seq, judged);
    return rc;
}

enum rc engine_look(struct engine *engine, const char *doc, const struct code *code, struct facts *ret_facts,
                    struct verdict *ret_verdict)
{
    struct judged *judged = calloc(1, sizeof *judged);
    if (!judged)
        return RC_NOMEM;
    enum rc rc = look(engine, doc, code, judged);
    if (rc == RC_OK) {
        *ret_facts = judged->facts;
        *ret_verdict = judged->verdict;
    }
    free(judged);
    return rc;
}

/* ---- who may hold a lot ---- */

struct holders {
    struct catalog *catalog;
    size_t count;
    struct holder_row *row;
};

/* A dealer's site is its party, and what is on the way there is as good as there. */
static void whose(struct catalog *catalog, const struct holder *told, struct holder *ret_holder)
{
    char party[ID_MAX + 1] = "";
    *ret_holder = *told;
    if (told->kind == HOLDER_TRANSIT_PARTY)
        ret_holder->kind = HOLDER_PARTY;
    if (told->kind != HOLDER_SITE && told->kind != HOLDER_TRANSIT_SITE)
        return;
    if (catalog_site_party(catalog, told->id, party) != RC_OK || !party[0])
        return;
    ret_holder->kind = HOLDER_PARTY;
    memcpy(ret_holder->id, party, sizeof ret_holder->id);
}

static bool add_row(void *context, const struct store_recall_row *told)
{
    struct holders *holders = context;
    struct holder holder;
    whose(holders->catalog, &told->holder, &holder);
    for (size_t i = 0; i < holders->count; i++)
        if (holders->row[i].holder.kind == holder.kind && strcmp(holders->row[i].holder.id, holder.id) == 0) {
            holders->row[i].units += told->units;
            return true;
        }
    if (holders->count == HOLDER_ROWS_MAX)
        return true;
    holders->row[holders->count++] = (struct holder_row){.holder = holder, .units = told->units};
    return true;
}

static int by_units(const void *a, const void *b)
{
    long x = ((const struct holder_row *)a)->units, y = ((const struct holder_row *)b)->units;
    return (x < y) - (x > y);
}

static void name_row(struct catalog *catalog, struct holder_row *row)
{
    struct catalog_party party;
    bool quarantine;
    if (row->holder.kind == HOLDER_PARTY && catalog_party(catalog, row->holder.id, &party) == RC_OK) {
        memcpy(row->name, party.name, sizeof row->name);
        (void)catalog_region(catalog, party.region, NULL, row->region);
    } else if (row->holder.kind == HOLDER_SITE || row->holder.kind == HOLDER_TRANSIT_SITE) {
        (void)catalog_site(catalog, row->holder.id, row->name, &quarantine);
    }
}

enum rc engine_holders(struct engine *engine, const char *product, const char *lot,
                       bool (*visit)(void *context, const struct holder_row *row), void *context)
{
    struct holders holders = {.count = 0};
    bool more = true;
    enum rc rc = store_catalog(engine->store, &holders.catalog);
    if (rc != RC_OK)
        return rc;
    holders.row = calloc(HOLDER_ROWS_MAX, sizeof holders.row[0]);
    if (!holders.row)
        return RC_NOMEM;
    rc = store_lot_rows(engine->store, product, lot, add_row, &holders);
    if (rc == RC_OK) /* the rows may have taken long: the catalog may be another one */
        rc = store_catalog(engine->store, &holders.catalog);
    qsort(holders.row, holders.count, sizeof holders.row[0], by_units);
    for (size_t i = 0; rc == RC_OK && more && i < holders.count; i++) {
        name_row(holders.catalog, &holders.row[i]);
        more = visit(context, &holders.row[i]);
    }
    free(holders.row);
    return rc;
}
