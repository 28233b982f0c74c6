#include "app/ui/pick.h"
#include "app/text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPES_MAX = 2 };

/* Fields that name something, and what of the feed they can name, the few before the many; without types: what was sent
 * away from here. */
static const struct {
    const char *field;
    const char *types[TYPES_MAX];
} LISTS[] = {
    {"to", {"site", "party"}},    {"from", {"site", "party"}}, {"product", {"product", NULL}}, {"lot", {"lot", NULL}},
    {"notice", {"recall", NULL}}, {"of", {NULL, NULL}},        {"region", {NULL, NULL}}, /* a tree: scene_region */
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

struct sending {
    struct picks *picks;
    struct engine *engine;
    const char *dealer; /* who sells, "" the owner */
};

/* Only what was sent away can be taken back. */
static bool see_document(void *context, const struct store_document_row *row)
{
    const struct sending *sending = context;
    const struct flow *flow = row->state == DOCUMENT_COMPLETE ? engine_flow(sending->engine, row->flow) : NULL;
    if (!flow || (flow->after != GO_TRANSIT && flow->after != GO_TO))
        return true;
    return see_name(sending->picks, row->no, row->to_name);
}

/* Who is here is seldom meant: this site comes last. */
static void put_last(struct picks *picks, const char *id)
{
    for (size_t i = 0; i + 1 < picks->count; i++) {
        struct pick row = picks->row[i];
        if (strcmp(row.value, id) != 0)
            continue;
        memmove(picks->row + i, picks->row + i + 1, (picks->count - 1 - i) * sizeof row);
        picks->row[picks->count - 1] = row;
        return;
    }
}

/* A dealer sells to people and to those below it: sites are the owner's, it is itself, and another dealer has no name here. */
static bool see_buyer(void *context, const char *id, const char *name)
{
    const struct sending *sending = context;
    return strcmp(id, sending->dealer) == 0 || !name[0] || see_name(sending->picks, id, name);
}

/* And to who it has a permit for, whatever the goods. */
static bool see_permitted(void *context, const char *id, const char *product)
{
    struct sending *sending = context;
    (void)product;
    for (size_t i = 0; i < sending->picks->count; i++)
        if (strcmp(sending->picks->row[i].value, id) == 0)
            return true;
    return see_name(sending->picks, id, _("a dealer by permit"));
}

static enum rc read_buyers(struct picks *picks, struct engine *engine, const char *field)
{
    struct catalog *catalog;
    struct sending sending = {.picks = picks, .dealer = engine_dealer(engine)};
    if (strcmp(field, "to") == 0) /* whoever brings something back is not told by name */
        see_name(picks, "sold", text_choice("sold"));
    enum rc rc = store_catalog(engine_store(engine), &catalog);
    if (rc == RC_OK)
        rc = catalog_named(catalog, "party", "", see_buyer, &sending);
    return rc == RC_OK ? catalog_named(catalog, "permit", sending.dealer, see_permitted, &sending) : rc;
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
        return store_documents(engine_store(engine), see_document, &(struct sending){picks, engine, ""});
    if (strcmp(LISTS[list].types[0], "site") == 0 && engine_dealer(engine)[0])
        return read_buyers(picks, engine, field);
    enum rc rc = store_catalog(engine_store(engine), &catalog);
    for (int i = 0; rc == RC_OK && i < TYPES_MAX && LISTS[list].types[i]; i++)
        rc = catalog_named(catalog, LISTS[list].types[i], of, see_name, picks);
    if (engine_site(engine))
        put_last(picks, engine_site(engine));
    return rc;
}

void pick_free(struct picks *picks)
{
    free(picks->row);
    memset(picks, 0, sizeof *picks);
}
