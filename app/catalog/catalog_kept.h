/* Answers of the catalog that are kept while a reader's view is the same: those that each scan asks for again. */
#ifndef TALLYMAN_CATALOG_CATALOG_KEPT_H
#define TALLYMAN_CATALOG_CATALOG_KEPT_H

#include "app/catalog/catalog.h"

struct kept_lot {
    char product[ID_MAX + 1], id[LOT_MAX + 1]; /* product "" nothing kept */
    struct lot lot;                            /* `known` or not */
};

struct kept_older {
    char product[ID_MAX + 1]; /* "" nothing kept */
    day_t today, expires;     /* between them no lot of it is free to go */
};

enum { KEPT_METAS_MAX = 4, KEPT_NAME_MAX = 23, KEPT_VALUE_MAX = 47, KEPT_PARTIES = 8, KEPT_REGIONS = 8 };

struct kept_meta {
    char name[KEPT_NAME_MAX + 1], value[KEPT_VALUE_MAX + 1];
    bool told;
};

struct kept_region {
    char id[ID_MAX + 1], name[NAME_MAX_BYTES + 1];
};

/* Tables that most catalogs have nothing in. */
enum { KEPT_PERMITS = 1, KEPT_SEEN = 2, KEPT_EARLIER = 4 };

struct kept {
    unsigned version;
    int meta_count;
    struct kept_meta metas[KEPT_METAS_MAX]; /* the first that were asked for */
    struct product product;                 /* id "" none */
    struct kept_lot lot;
    struct kept_older no_older;
    int64_t any_recall; /* -1 not asked */
    int64_t any_market; /* the tables above with something in them; -1 not asked */
    /* those that were found last: */
    struct catalog_party parties[KEPT_PARTIES];
    struct kept_region regions[KEPT_REGIONS];
    unsigned party_count, region_count;
};

/* What is kept of the view that the catalog reads in, to be read and filled. NULL: there is no view fixed, or it is a writer's, whose
 * own changes are no new version, or no memory; then nothing may be kept. */
struct kept *catalog_kept(struct catalog *catalog);

/* Nothing is in this table, KEPT_PERMITS and so on; false where that is not known. */
bool catalog_kept_none(struct catalog *catalog, int table);

#endif
