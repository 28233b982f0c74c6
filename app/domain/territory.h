/* Who may sell what where: regions as a tree, territories, permits, all dated. Pure: the same arrays give the same answer
 * on a device and on the server. A territory is judged as of the day of the shipment; so is a region that was merged. */
#ifndef TALLYMAN_DOMAIN_TERRITORY_H
#define TALLYMAN_DOMAIN_TERRITORY_H

#include "app/domain/facts.h"

enum { PERMITS_HERE_MAX = 64 }; /* of one seller, for one product, that reach one place: looked at together */
enum { REGION_DEPTH_MAX = 16 }; /* province, city, county, township …, and mergers on the way */

/* An administrative division: from its first to its last day (DAY_NONE: always was, still is). */
struct region {
    char id[ID_MAX + 1], parent[ID_MAX + 1]; /* "" the top */
    char into[ID_MAX + 1];                   /* what it was merged into after its last day, "" nothing */
    day_t from, to;
};

/* One region of a contract. */
struct territory {
    char party[ID_MAX + 1];
    char product[ID_MAX + 1]; /* "" any */
    char region[ID_MAX + 1];
    bool exclusive; /* informs only: nobody else is to sell there */
    day_t from, to; /* first and last day, DAY_NONE without */
};

/* Goods of `from` may go to where `to` sells. */
struct permit {
    char from[ID_MAX + 1], to[ID_MAX + 1];
    char product[ID_MAX + 1];
    qty_t qty;   /* negative: as many as they like */
    qty_t used;  /* so many have gone already */
    day_t until; /* last day of a shipment, DAY_NONE without */
};

/* Where a party is at home: there it sells while it has no territory. */
struct home {
    char party[ID_MAX + 1], region[ID_MAX + 1];
};

/* All that may matter; more than that does no harm. */
struct territory_book {
    const struct region *regions;
    const struct territory *territories;
    const struct permit *permits;
    const struct home *homes;
    size_t region_count, territory_count, permit_count, home_count;
};

/* So much went by permits, shipped on this day. */
struct permit_use {
    day_t day;
    qty_t qty;
};

/* Goods that were found. */
struct found {
    const char *product;
    const char *region; /* where */
    qty_t qty;          /* uses up permits */
    day_t today;        /* when; where nobody told when they were shipped that is their day too */
    struct sale sale;   /* to whom they went last; party "" to nobody */
    const struct permit_use
        *before; /* of the same goods and seller, found here before, by permits of this book; NULL none */
    size_t before_count;
};

/* Sets place, by_permit, allowed and owner of *ret_market and leaves the rest of it alone. */
void territory_judge(const struct territory_book *book, const struct found *found, struct market *ret_market);

/* Is `region` in `area`, itself or below it, on this day? An area that has been merged by `today` is what it was merged
 * into. */
bool territory_within(const struct territory_book *book, const char *region, const char *area, day_t day,
                      day_t today);

/* Neither is in the other. */
bool territory_apart(const struct territory_book *book, const char *a, const char *b, day_t day);

/* Do goods of a dealer go to a party that is not below it by a permit alone? To other dealers, and to whoever is below one;
 * not to a shop, supplier or carrier that is nobody's ("": kind or parent was not told). */
bool territory_needs_permit(const char *kind, const char *parent);

/* May goods go from one dealer to another by what is left of the permits, all of them together? */
bool territory_permitted(const struct territory_book *book, const char *from, const char *to, const char *product,
                         qty_t qty, day_t day);

/* Goods have gone on this day: takes them from what is left of the permits, from those that end first first. What none has
 * is on the account of the one that runs longest. The permits are all from one dealer, for one product. */
void territory_use(struct permit *permits, size_t count, qty_t qty, day_t day);

#endif
