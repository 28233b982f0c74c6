#include "app/domain/territory.h"
#include <string.h>

/* ---- regions ---- */

static const struct region *find_region(const struct territory_book *book, const char *id)
{
    for (size_t i = 0; i < book->region_count; i++)
        if (strcmp(book->regions[i].id, id) == 0)
            return &book->regions[i];
    return NULL;
}

static bool ended(const struct region *region, day_t day)
{
    return region->to != DAY_NONE && day > region->to;
}

/* What it lies in on this day, what it was merged into if it is no more; "" the top, or nobody told. */
static const char *above(const struct territory_book *book, const char *id, day_t day)
{
    const struct region *region = find_region(book, id);
    if (!region)
        return "";
    return ended(region, day) && region->into[0] ? region->into : region->parent;
}

/* What it is called on this day. */
static const char *present(const struct territory_book *book, const char *id, day_t day)
{
    const struct region *region = find_region(book, id);
    for (int i = 0; i < REGION_DEPTH_MAX && region && ended(region, day) && region->into[0]; i++) {
        id = region->into;
        region = find_region(book, id);
    }
    return id;
}

bool territory_within(const struct territory_book *book, const char *region, const char *area, day_t day, day_t today)
{
    const char *now = present(book, area, today);
    if (!area[0])
        return false;
    for (int i = 0; i < REGION_DEPTH_MAX && region[0]; i++) {
        if (strcmp(region, area) == 0 || strcmp(region, now) == 0)
            return true;
        region = above(book, region, day);
    }
    return false;
}

bool territory_apart(const struct territory_book *book, const char *a, const char *b, day_t day)
{
    return !territory_within(book, a, b, day, day) && !territory_within(book, b, a, day, day);
}

/* ---- territories ---- */

static bool about(const char *product, const char *goods)
{
    return !product[0] || strcmp(product, goods) == 0;
}

static bool in_force(day_t from, day_t to, day_t day)
{
    return (from == DAY_NONE || day >= from) && (to == DAY_NONE || day <= to);
}

static bool holds(const struct territory *territory, const char *product, day_t day)
{
    return about(territory->product, product) && in_force(territory->from, territory->to, day);
}

static const char *home_of(const struct territory_book *book, const char *party)
{
    for (size_t i = 0; i < book->home_count; i++)
        if (strcmp(book->homes[i].party, party) == 0)
            return book->homes[i].region;
    return "";
}

enum answer { ANSWER_NONE, ANSWER_NO, ANSWER_YES };

struct question {
    const struct territory_book *book;
    const struct found *found;
    day_t day; /* of the shipment */
};

static bool covers(const struct question *ask, const char *area)
{
    return territory_within(ask->book, ask->found->region, area, ask->day, ask->found->today);
}

/* May this party sell these goods where they were found? *ret_area: where it may, or the first of those regions. */
static enum answer may_sell(const struct question *ask, const char *party, const char **ret_area)
{
    enum answer answer = ANSWER_NONE;
    for (size_t i = 0; i < ask->book->territory_count && answer != ANSWER_YES; i++) {
        const struct territory *territory = &ask->book->territories[i];
        if (strcmp(territory->party, party) != 0 || !holds(territory, ask->found->product, ask->day))
            continue;
        bool here = covers(ask, territory->region);
        if (here || answer == ANSWER_NONE)
            *ret_area = territory->region;
        answer = here ? ANSWER_YES : ANSWER_NO;
    }
    const char *home = home_of(ask->book, party);
    if (answer != ANSWER_NONE || !home[0])
        return answer;
    *ret_area = home;
    return covers(ask, home) ? ANSWER_YES : ANSWER_NO;
}

/* ---- permits ---- */

static bool runs(const struct permit *permit, day_t day)
{
    return in_force(DAY_NONE, permit->until, day);
}

static qty_t left_of(const struct permit *permit)
{
    return permit->qty > permit->used ? permit->qty - permit->used : 0;
}

bool territory_permitted(const struct territory_book *book, const char *from, const char *to, const char *product,
                         qty_t qty, day_t day)
{
    bool any = false;
    for (size_t i = 0; i < book->permit_count; i++) {
        const struct permit *permit = &book->permits[i];
        if (strcmp(permit->from, from) != 0 || strcmp(permit->to, to) != 0 || !about(permit->product, product) ||
            !runs(permit, day))
            continue;
        any = true;
        if (permit->qty < 0)
            return true;
        qty -= left_of(permit);
    }
    return any && qty <= 0;
}

static bool ends_before(const struct permit *a, const struct permit *b)
{
    return a->until != DAY_NONE && (b->until == DAY_NONE || a->until < b->until);
}

/* The one that ends first of those that run on this day and have something left. */
static struct permit *next_to_use(struct permit *permits, size_t count, day_t day)
{
    struct permit *next = NULL;
    for (size_t i = 0; i < count; i++) {
        bool good = runs(&permits[i], day) && (permits[i].qty < 0 || left_of(&permits[i]) > 0);
        if (good && (!next || ends_before(&permits[i], next)))
            next = &permits[i];
    }
    return next;
}

void territory_use(struct permit *permits, size_t count, qty_t qty, day_t day)
{
    struct permit *longest = NULL, *next = NULL;
    while (qty > 0 && (next = next_to_use(permits, count, day))) {
        qty_t part = next->qty < 0 || qty < left_of(next) ? qty : left_of(next);
        next->used += part;
        qty -= part;
    }
    for (size_t i = 0; i < count; i++)
        if (runs(&permits[i], day) && (!longest || ends_before(longest, &permits[i])))
            longest = &permits[i];
    if (longest)
        longest->used += qty;
}

/* Those that reach here, whoever they are for: goods of one seller that are found in one place share what is left of them. */
static size_t permits_here(const struct question *ask, const char *party, struct permit *ret_permits)
{
    const struct territory_book *book = ask->book;
    const char *area = "";
    size_t count = 0;
    for (size_t i = 0; i < book->permit_count && count < PERMITS_HERE_MAX; i++) {
        const struct permit *permit = &book->permits[i];
        if (strcmp(permit->from, party) == 0 && about(permit->product, ask->found->product) &&
            may_sell(ask, permit->to, &area) == ANSWER_YES)
            ret_permits[count++] = *permit;
    }
    return count;
}

static bool by_permit(const struct question *ask, const char *party)
{
    struct permit here[PERMITS_HERE_MAX];
    size_t count = permits_here(ask, party, here);
    qty_t qty = ask->found->qty;
    bool any = false;
    for (size_t i = 0; i < ask->found->before_count; i++)
        territory_use(here, count, ask->found->before[i].qty, ask->found->before[i].day);
    for (size_t i = 0; i < count; i++) {
        if (!runs(&here[i], ask->day))
            continue;
        any = true;
        if (here[i].qty < 0)
            return true;
        qty -= left_of(&here[i]);
    }
    return any && qty <= 0;
}

/* ---- all of it ---- */

/* Whose ground it is. */
static const char *owner_of(const struct question *ask, const char *party)
{
    for (size_t i = 0; i < ask->book->territory_count; i++) {
        const struct territory *territory = &ask->book->territories[i];
        if (territory->exclusive && strcmp(territory->party, party) != 0 &&
            holds(territory, ask->found->product, ask->day) && covers(ask, territory->region))
            return territory->party;
    }
    return "";
}

static void set(char *ret_id, const char *id)
{
    size_t len = strnlen(id, ID_MAX);
    memcpy(ret_id, id, len);
    ret_id[len] = '\0';
}

static enum reason place_of(enum answer answer)
{
    switch (answer) {
    case ANSWER_NONE: return REASON_NO_TERRITORY;
    case ANSWER_NO: return REASON_OUT_OF_REGION;
    case ANSWER_YES: return REASON_IN_REGION;
    }
    return REASON_NO_TERRITORY;
}

void territory_judge(const struct territory_book *book, const struct found *found, struct market *ret_market)
{
    const char *party = found->sale.party, *area = "", *owner = "";
    struct question ask = {book, found, found->sale.at != DAY_NONE ? found->sale.at : found->today};
    enum reason place = party[0] ? place_of(may_sell(&ask, party, &area)) : REASON_NO_RECORD;
    ret_market->by_permit = place == REASON_OUT_OF_REGION && by_permit(&ask, party);
    if (place == REASON_OUT_OF_REGION)
        owner = owner_of(&ask, party);
    ret_market->place = ret_market->by_permit ? REASON_IN_REGION : place;
    set(ret_market->allowed, area);
    set(ret_market->owner, ret_market->by_permit ? "" : owner);
}

bool territory_needs_permit(const char *kind, const char *parent)
{
    static const char *const FREE[] = {"retailer", "supplier", "carrier"};
    bool free = false;
    for (size_t i = 0; i < sizeof FREE / sizeof FREE[0]; i++)
        free |= strcmp(kind, FREE[i]) == 0;
    return !free || parent[0];
}
