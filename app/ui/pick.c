#include "app/ui/pick.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPES_MAX = 2 };

/* Fields that name something, and what of the feed they can name; without types: documents completed here. */
static const struct {
    const char *field;
    const char *types[TYPES_MAX];
} LISTS[] = {
    {"to", {"party", "site"}}, {"from", {"party", "site"}},  {"product", {"product", NULL}},
    {"lot", {"lot", NULL}},    {"notice", {"recall", NULL}}, {"of", {NULL, NULL}},
};

enum { LISTS_COUNT = sizeof LISTS / sizeof LISTS[0] };

static int find(const char *field)
{
    int i = 0;
    while (i < LISTS_COUNT && strcmp(LISTS[i].field, field) != 0)
        i++;
    return i;
}

bool pick_knows(const char *field)
{
    return find(field) < LISTS_COUNT;
}

static bool see_name(void *context, const char *id, const char *name)
{
    struct picks *picks = context;
    if (picks->count == PICK_MAX)
        return false;
    struct pick *row = &picks->row[picks->count++];
    snprintf(row->value, sizeof row->value, "%s", id);
    snprintf(row->name, sizeof row->name, "%s", name);
    return true;
}

static bool see_document(void *context, const struct store_document_row *row)
{
    return row->state != DOCUMENT_COMPLETE || see_name(context, row->no, row->to_name);
}

enum rc pick_read(struct picks *picks, struct engine *engine, const char *field, const char *of)
{
    struct catalog *catalog;
    int list = find(field);
    picks->count = 0;
    if (!picks->row)
        picks->row = calloc(PICK_MAX, sizeof picks->row[0]);
    if (!picks->row)
        return RC_NOMEM;
    if (list == LISTS_COUNT)
        return RC_NOT_FOUND;
    if (!LISTS[list].types[0])
        return store_documents(engine_store(engine), see_document, picks);
    enum rc rc = store_catalog(engine_store(engine), &catalog);
    for (int i = 0; rc == RC_OK && i < TYPES_MAX && LISTS[list].types[i]; i++)
        rc = catalog_named(catalog, LISTS[list].types[i], of, see_name, picks);
    return rc;
}

void pick_free(struct picks *picks)
{
    free(picks->row);
    memset(picks, 0, sizeof *picks);
}
