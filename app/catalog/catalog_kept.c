#include "app/catalog/catalog_kept.h"
#include "app/catalog/catalog_private.h"
#include <stdlib.h>

struct kept *catalog_kept(struct catalog *catalog)
{
    if (!catalog->reader || !catalog->viewing)
        return NULL;
    struct kept *kept = catalog->kept;
    if (!kept)
        kept = catalog->kept = calloc(1, sizeof *kept);
    else if (kept->version == catalog->version)
        return kept;
    if (!kept)
        return NULL;
    *kept = (struct kept){.version = catalog->version, .any_recall = -1, .any_market = -1};
    return kept;
}

bool catalog_kept_none(struct catalog *catalog, int table)
{
    struct kept *kept = catalog_kept(catalog);
    int64_t any = 0;
    if (kept && kept->any_market < 0 && catalog_any_market(catalog, &any) == RC_OK)
        kept->any_market = any;
    return kept && kept->any_market >= 0 && !(kept->any_market & table);
}
