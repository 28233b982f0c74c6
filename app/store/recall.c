/* A recall as this device knows it: what it covers and where that is. */
#include "app/store/books.h"
#include "app/store/keys.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct report {
    struct store *store;
    struct catalog *catalog;
    struct store_recall_row *rows;
    size_t count, room;
    struct catalog_recalled *covers; /* what the recall names */
    size_t cover_count, cover_room;
    enum rc rc;
};

static bool grow(void **array, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return true;
    size_t wanted = *room ? *room * 2 : 16;
    void *bigger = realloc(*array, wanted * size);
    if (!bigger)
        return false;
    *array = bigger;
    *room = wanted;
    return true;
}

static bool add_cover(void *context, const struct catalog_recalled *recalled)
{
    struct report *report = context;
    void *covers = report->covers;
    bool done = grow(&covers, &report->cover_room, report->cover_count, sizeof *report->covers);
    report->covers = covers;
    if (done)
        report->covers[report->cover_count++] = *recalled;
    else
        report->rc = RC_NOMEM;
    return done;
}

static struct store_recall_row *find_row(struct report *report, const struct codebook_entry *unit)
{
    for (size_t i = 0; i < report->count; i++) {
        struct store_recall_row *row = &report->rows[i];
        if (row->holder.kind == unit->holder.kind && strcmp(row->holder.id, unit->holder.id) == 0 &&
            strcmp(row->product, unit->product) == 0 && strcmp(row->lot, unit->lot) == 0)
            return row;
    }
    void *rows = report->rows;
    bool done = grow(&rows, &report->room, report->count, sizeof *report->rows);
    report->rows = rows;
    if (!done)
        return NULL;
    struct store_recall_row *row = &report->rows[report->count++];
    *row = (struct store_recall_row){.holder = unit->holder};
    memcpy(row->product, unit->product, sizeof row->product);
    memcpy(row->lot, unit->lot, sizeof row->lot);
    return row;
}

/* A container is what is in it, and that has its own codes; unless nobody reported them. */
static bool count_unit(struct report *report, const struct codebook_entry *unit)
{
    if (unit->container && unit->covers <= 0)
        return true;
    struct store_recall_row *row = find_row(report, unit);
    if (row)
        row->units += unit->covers > 0 ? unit->covers : 1;
    else
        report->rc = RC_NOMEM;
    return row != NULL;
}

static bool visit_told(void *context, const struct codebook_entry *entry)
{
    struct report *report = context;
    struct codebook_entry now = *entry;
    report->rc = books_lay_over(report->store, report->catalog, &now);
    return report->rc == RC_OK && count_unit(report, &now);
}

struct lot_visit {
    struct report *report;
    const char *lot; /* "" any */
};

static bool visit_learned(void *context, const struct books_entry *entry)
{
    const struct lot_visit *visit = context;
    bool wanted = !visit->lot[0] || strcmp(visit->lot, entry->unit.lot) == 0;
    return !wanted || count_unit(visit->report, &entry->unit);
}

static enum rc report_lot(struct report *report, const struct catalog_recalled *cover)
{
    struct lot_visit visit = {report, cover->lot};
    enum rc rc = catalog_codes_of(report->catalog, cover->product, cover->lot, visit_told, report);
    if (rc == RC_OK && report->rc == RC_OK)
        rc = books_learned(report->store, report->catalog, cover->product, visit_learned, &visit);
    return rc == RC_OK ? report->rc : rc;
}

/* By product and lot already? */
static bool is_covered(const struct report *report, const struct codebook_entry *unit)
{
    for (size_t i = 0; i < report->cover_count; i++) {
        const struct catalog_recalled *cover = &report->covers[i];
        if (cover->product[0] && strcmp(cover->product, unit->product) == 0 &&
            (!cover->lot[0] || strcmp(cover->lot, unit->lot) == 0))
            return true;
    }
    return false;
}

static bool collect(void *context, const struct books_entry *child)
{
    return keys_add(context, child->unit.key) == RC_OK;
}

/* A code that the recall names, with what is in it. */
static enum rc report_code(struct report *report, const char *key)
{
    struct keys keys = {NULL, 0, 0};
    enum rc rc = keys_add(&keys, key);
    for (size_t i = 0; i < keys.count && i < CONTENTS_MAX && rc == RC_OK; i++) {
        struct books_entry entry;
        rc = books_find(report->store, report->catalog, keys.all[i], &entry);
        if (rc == RC_OK && !is_covered(report, &entry.unit) && !count_unit(report, &entry.unit))
            rc = report->rc;
        if (rc == RC_OK && entry.unit.container)
            rc = books_children(report->store, report->catalog, keys.all[i], collect, &keys);
        if (rc == RC_NOT_FOUND)
            rc = RC_OK;
    }
    keys_free(&keys);
    return rc;
}

static int by_place(const void *a, const void *b)
{
    const struct store_recall_row *left = a, *right = b;
    char at[HOLDER_MAX + 1], other[HOLDER_MAX + 1];
    int order = strcmp(holder_print(&left->holder, at), holder_print(&right->holder, other));
    order = order ? order : strcmp(left->product, right->product);
    return order ? order : strcmp(left->lot, right->lot);
}

static enum rc report_all(struct report *report)
{
    enum rc rc = report->rc;
    for (size_t i = 0; i < report->cover_count && rc == RC_OK; i++) {
        const struct catalog_recalled *cover = &report->covers[i];
        rc = cover->product[0] ? report_lot(report, cover) : report_code(report, cover->key);
    }
    if (rc == RC_OK && report->count > 0)
        qsort(report->rows, report->count, sizeof *report->rows, by_place);
    return rc;
}

enum rc store_recall_rows(struct store *store, const char *recall,
                          bool (*visit)(void *context, const struct store_recall_row *row), void *context)
{
    struct report report = {.store = store};
    enum rc rc = store_catalog(store, &report.catalog);
    if (rc != RC_OK)
        return rc;
    books_refresh(store, report.catalog);
    rc = catalog_recall_covers(report.catalog, recall, add_cover, &report);
    if (rc == RC_OK)
        rc = report_all(&report);
    for (size_t i = 0; rc == RC_OK && i < report.count && visit(context, &report.rows[i]); i++)
        continue;
    free(report.rows);
    free(report.covers);
    return rc;
}

enum rc store_lot_rows(struct store *store, const char *product, const char *lot,
                       bool (*visit)(void *context, const struct store_recall_row *row), void *context)
{
    struct report report = {.store = store};
    struct catalog_recalled cover = {.key = ""};
    if (strlen(product) > ID_MAX || strlen(lot) > LOT_MAX)
        return RC_BAD_INPUT;
    enum rc rc = store_catalog(store, &report.catalog);
    if (rc != RC_OK)
        return rc;
    books_refresh(store, report.catalog);
    memcpy(cover.product, product, strlen(product) + 1);
    memcpy(cover.lot, lot, strlen(lot) + 1);
    rc = add_cover(&report, &cover) ? report_all(&report) : RC_NOMEM;
    for (size_t i = 0; rc == RC_OK && i < report.count && visit(context, &report.rows[i]); i++)
        continue;
    free(report.rows);
    free(report.covers);
    return rc;
}

/* ---- by some of its characters ---- */

struct search {
    const char *part;
    int left;
    bool (*visit)(void *context, const char *key);
    void *context;
};

static bool try_key(void *context, const struct codebook_entry *entry)
{
    struct search *search = context;
    if (!strstr(entry->key, search->part))
        return true;
    return search->visit(search->context, entry->key) && --search->left > 0;
}

enum rc store_search(struct store *store, const char *product, const char *lot, const char *part, int max,
                     bool (*visit)(void *context, const char *key), void *context)
{
    struct search search = {part, max, visit, context};
    struct catalog *catalog;
    char key[CODE_KEY_MAX + 1];
    if (!part[0] || max < 1)
        return RC_BAD_INPUT;
    enum rc rc = store_catalog(store, &catalog);
    if (rc != RC_OK)
        return rc;
    /* the whole of an alias names its unit */
    if (strlen(part) <= CODE_KEY_MAX && codebook_alias(catalog_codebook(catalog), part, key) == RC_OK &&
        (!visit(context, key) || --search.left == 0))
        return RC_OK;
    return product[0] ? catalog_codes_of(catalog, product, lot, try_key, &search) : RC_OK;
}
