/* Is an older lot of these goods free to go? */
#include "app/store/books.h"
#include "app/store/facts_private.h"
#include <stdio.h>
#include <string.h>

enum { OLDER_CANDIDATES_MAX = 4096 };

struct older {
    struct store *store;
    struct catalog *catalog;
    const struct facts_request *request;
    struct facts *facts;
    char holder[HOLDER_MAX + 1];
    int looked;
};

static bool candidate_is_free(void *context, const struct codebook_entry *entry)
{
    struct older *older = context;
    struct claim claim;
    struct codebook_entry now = *entry;
    if (++older->looked > OLDER_CANDIDATES_MAX)
        return false;
    bool here = books_lay_over(older->store, older->catalog, &now) == RC_OK && now.holder.kind == HOLDER_SITE &&
                strcmp(now.holder.id, older->request->site) == 0;
    bool taken = claim_around(older->store, older->catalog, older->request, entry->key, &claim) == RC_OK;
    if (now.state != STATE_ACTIVE || !here || taken)
        return true;
    older->facts->older_free = true;
    return false;
}

static bool lot_has_free(void *context, const struct lot *lot)
{
    struct older *older = context;
    struct codebook *codebook = catalog_codebook(older->catalog);
    snprintf(older->holder, sizeof older->holder, "site:%s", older->request->site);
    codebook_at(codebook, older->facts->product.id, lot->id, older->holder, candidate_is_free, older);
    if (!older->facts->older_free)
        return older->looked <= OLDER_CANDIDATES_MAX;
    memcpy(older->facts->older_lot, lot->id, sizeof older->facts->older_lot);
    older->facts->older_expires = lot->expires;
    return false;
}

void facts_older(struct store *store, struct catalog *catalog, const struct facts_request *request,
                 struct facts *facts)
{
    if (!facts->product_known || facts->lot.expires == DAY_NONE)
        return;
    struct older older = {.store = store, .catalog = catalog, .request = request, .facts = facts};
    catalog_older_lots(catalog, facts->product.id, request->today, facts->lot.expires, lot_has_free, &older);
}
