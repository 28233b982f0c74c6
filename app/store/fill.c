#include "app/store/fill.h"
#include "app/store/books.h"
#include "app/store/keys.h"
#include <stdio.h>
#include <string.h>

void fill_add(struct fill *fill, const char *product, int level)
{
    fill->mixed |= fill->product[0] && strcmp(fill->product, product) != 0;
    fill->mixed |= !product[0];
    snprintf(fill->product, sizeof fill->product, "%s", product);
    fill->level = level > fill->level ? level : fill->level;
}

/* ---- all that is in it ---- */

struct filling {
    struct fill *fill;
    struct keys inside; /* containers in it */
    enum rc rc;
};

static bool add_child(void *context, const struct books_entry *child)
{
    struct filling *filling = context;
    filling->fill->count++;
    if (child->unit.container)
        filling->rc = keys_add(&filling->inside, child->unit.key);
    else
        fill_add(filling->fill, child->unit.product, child->unit.level);
    return filling->rc == RC_OK;
}

/* Containers are what is in them by now. */
static enum rc add_entry(struct store *store, struct catalog *catalog, const struct codebook_entry *unit,
                         struct fill *fill)
{
    char product[ID_MAX + 1];
    snprintf(product, sizeof product, "%s", unit->product);
    enum rc rc = unit->container && !fill->mixed ? books_product(store, catalog, unit, product) : RC_OK;
    if (rc == RC_OK)
        fill_add(fill, product, unit->level);
    return rc;
}

static enum rc add_children(struct store *store, struct catalog *catalog, const char *container, struct fill *fill)
{
    struct filling filling = {.fill = fill};
    struct books_entry entry;
    enum rc rc = books_children(store, catalog, container, add_child, &filling);
    rc = rc == RC_OK ? filling.rc : rc;
    for (size_t i = 0; i < filling.inside.count && rc == RC_OK; i++) {
        rc = books_find(store, catalog, filling.inside.all[i], &entry);
        if (rc == RC_OK)
            rc = add_entry(store, catalog, &entry.unit, fill);
    }
    keys_free(&filling.inside);
    return rc;
}

/* ---- what is kept ---- */

void fill_forget(struct fill_kept *kept)
{
    kept->container[0] = kept->fresh[0] = '\0';
}

static uint64_t version_of(const struct store *store, struct catalog *catalog)
{
    return catalog ? ((uint64_t)store->catalog_opens << 32 | catalog_version(catalog)) + 1 : 0;
}

/* Another process that writes tells nobody. */
static bool holds(const struct store *store, struct catalog *catalog, const char *container)
{
    const struct fill_kept *kept = &store->fill_kept;
    return store->lock_fd >= 0 && strcmp(kept->container, container) == 0 &&
           kept->version == version_of(store, catalog) && kept->applied_seq == store->applied_seq;
}

/* What went into it since. */
static enum rc add_fresh(struct store *store, struct catalog *catalog, struct fill_kept *kept, bool *ret_added)
{
    struct books_entry entry;
    enum rc rc = books_find(store, catalog, kept->fresh, &entry);
    *ret_added = rc == RC_OK && strcmp(entry.unit.parent, kept->container) == 0;
    if (!*ret_added)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    kept->fill.count++;
    kept->fresh[0] = '\0';
    return add_entry(store, catalog, &entry.unit, &kept->fill);
}

enum rc fill_gather(struct store *store, struct catalog *catalog, const char *container, struct fill *ret_fill)
{
    struct fill_kept *kept = &store->fill_kept;
    bool kept_holds = holds(store, catalog, container);
    enum rc rc = RC_OK;
    if (kept_holds && kept->fresh[0])
        rc = add_fresh(store, catalog, kept, &kept_holds);
    if (rc == RC_OK && !kept_holds) {
        kept->fill = (struct fill){.count = 0};
        rc = add_children(store, catalog, container, &kept->fill);
        snprintf(kept->container, sizeof kept->container, "%s", container);
        kept->fresh[0] = '\0';
        kept->version = version_of(store, catalog);
        kept->applied_seq = store->applied_seq;
    }
    if (rc == RC_OK)
        *ret_fill = kept->fill;
    else
        fill_forget(kept);
    return rc;
}

/* One thing that was in nothing before; so nothing else is other than it was. */
static bool only_fills(struct store *store, const struct record *record)
{
    const struct record_pack *pack = record->pack;
    struct catalog *catalog = NULL;
    char parent[CODE_KEY_MAX + 1];
    if (!pack || pack->all || pack->out_count > 0 || pack->in_count != 1 || record->relabel || !record->facts)
        return false;
    if (strcmp(pack->parent, store->fill_kept.container) != 0 || strcmp(pack->in[0], record->facts->key) != 0)
        return false;
    store_catalog(store, &catalog); /* NULL without one */
    return books_parent(store, catalog, pack->in[0], parent) == RC_OK && !parent[0];
}

void fill_note(struct store *store, const struct record *record)
{
    struct fill_kept *kept = &store->fill_kept;
    bool scan = record->kind == RECORD_SCAN;
    if (!kept->container[0] || (scan && record->verdict->severity > SEVERITY_WARN))
        return; /* it does nothing yet */
    bool fills = (scan || record->kind == RECORD_CONFIRM) && !kept->fresh[0] && only_fills(store, record);
    if (fills)
        snprintf(kept->fresh, sizeof kept->fresh, "%s", record->pack->in[0]);
    else
        fill_forget(kept);
}
