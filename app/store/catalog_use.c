/* The catalog in use: reopened between scans when CURRENT or the file it names has changed. */
#include "app/store/store_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_BYTES = STORE_PATH_MAX + 64 };

void store_end_view(struct store *store)
{
    if (store->viewing)
        catalog_end_read(store->catalog);
    store->viewing = false;
}

static void drop_catalog(struct store *store)
{
    store_end_view(store);
    catalog_close(store->catalog);
    store->catalog = NULL;
}

static void mark_damaged(const struct store *store, const char *name)
{
    if (store->lock_fd >= 0)                           /* who only reads changes nothing */
        (void)catalogs_mark_damaged(store->dir, name); /* what fails here is tried again when it is met again */
}

void store_note_damage(struct store *store)
{
    if (store->catalog && catalog_damage(store->catalog) > 0)
        mark_damaged(store, store->mark.name);
}

bool store_damaged(struct store *store)
{
    return store->catalog && catalog_damage(store->catalog) != store->damage_seen;
}

static enum rc reopen(struct store *store, const struct catalogs_mark *mark)
{
    char path[PATH_BYTES];
    drop_catalog(store);
    snprintf(path, sizeof path, "%s/%s", store->dir, mark->name);
    enum rc rc = catalog_open(path, CATALOG_READ, &store->catalog);
    if (rc == RC_CORRUPT)
        mark_damaged(store, mark->name);
    if (rc != RC_OK) {
        store->catalog = NULL;
        return rc;
    }
    store->mark = *mark;
    store->catalog_opens++;
    if (store->lock_fd >= 0)
        catalogs_sweep_older(store->dir);
    return RC_OK;
}

static enum rc use_current(struct store *store)
{
    struct catalogs_mark mark;
    store_note_damage(store);
    enum rc rc = RC_OK;
    bool still = catalogs_watch_still(&store->watch) && store->catalog;
    if (!still && (!store->catalog || !catalogs_unchanged(store->dir, &store->mark))) {
        rc = catalogs_current(store->dir, &mark);
        if (rc == RC_OK && (!store->catalog || !catalogs_same(&mark, &store->mark)))
            rc = reopen(store, &mark);
        else if (rc == RC_OK)
            store->mark = mark;
    }
    if (rc != RC_OK) {
        drop_catalog(store);
        return rc;
    }
    store->damage_seen = catalog_damage(store->catalog);
    return RC_OK;
}

enum rc store_catalog(struct store *store, struct catalog **ret_catalog)
{
    enum rc rc = store->held_rc;
    if (!store->held) {
        store_end_view(store);
        rc = use_current(store);
    }
    if (store->held || rc == RC_OK)
        *ret_catalog = store->catalog;
    return rc;
}

enum rc store_view_catalog(struct store *store)
{
    enum rc rc = use_current(store);
    if (rc == RC_OK && store->viewing && catalog_is_newest(store->catalog))
        return RC_OK;
    store_end_view(store);
    if (rc == RC_OK)
        rc = catalog_begin_read(store->catalog);
    store->viewing = rc == RC_OK;
    return rc;
}

uint64_t store_catalog_version(struct store *store)
{
    struct catalog *catalog;
    enum rc rc = store_catalog(store, &catalog);
    uint64_t opens = (uint64_t)store->catalog_opens << 32;
    return rc == RC_OK ? opens | catalog_version(catalog) : UINT64_MAX - 1;
}

/* A catalog to write: the current one, or the first. */
static enum rc open_to_write(struct store *store, char *ret_name, bool *ret_new, struct catalog **ret_catalog)
{
    char path[PATH_BYTES];
    struct catalogs_mark mark;
    enum rc rc = catalogs_current(store->dir, &mark);
    *ret_new = rc == RC_NOT_FOUND;
    if (*ret_new)
        rc = catalogs_new_name(store->dir, mark.name);
    else if (rc == RC_OK && catalogs_is_damaged(store->dir, mark.name))
        rc = RC_CORRUPT;
    if (rc != RC_OK)
        return rc;
    snprintf(path, sizeof path, "%s/%s", store->dir, mark.name);
    snprintf(ret_name, CATALOGS_NAME_MAX + 1, "%s", mark.name);
    drop_catalog(store);
    return catalog_open(path, CATALOG_WRITE, ret_catalog);
}

/* A file of its own, begun anew beside a damaged one. */
static enum rc import_anew(struct store *store, FILE *stream, const struct feed_sink *notes, long *ret_count,
                           struct feed_error *ret_error)
{
    char name[CATALOGS_NAME_MAX + 1], path[PATH_BYTES];
    struct catalog *catalog = NULL;
    if (notes && notes->note)
        notes->note(notes->context, 0, "the catalog was damaged: it holds what this file tells and nothing else");
    enum rc rc = catalogs_new_name(store->dir, name);
    if (rc != RC_OK)
        return rc;
    snprintf(path, sizeof path, "%s/%s", store->dir, name);
    rc = catalog_open(path, CATALOG_WRITE, &catalog);
    if (rc == RC_OK)
        rc = catalog_import(catalog, stream, notes, ret_count, ret_error);
    catalog_close(catalog);
    return rc == RC_OK ? catalogs_activate(store->dir, name) : rc;
}

enum rc store_import(struct store *store, FILE *stream, const struct feed_sink *notes, long *ret_count,
                     struct feed_error *ret_error)
{
    char name[CATALOGS_NAME_MAX + 1];
    bool is_new = false;
    struct catalog *catalog = NULL;
    enum rc rc = open_to_write(store, name, &is_new, &catalog);
    if (rc == RC_OK)
        rc = catalog_import(catalog, stream, notes, ret_count, ret_error);
    catalog_close(catalog);
    if (rc == RC_CORRUPT && (!catalog || fseek(stream, 0, SEEK_SET) == 0))
        return import_anew(store, stream, notes, ret_count, ret_error);
    if (rc == RC_OK && is_new)
        rc = catalogs_activate(store->dir, name);
    return rc;
}
