/* What is in the container that a packing job fills. A pallet of cases that were packed here is asked for what is in each of
 * them; so what was found is kept, and a scan that only puts one thing more into it adds that. */
#ifndef TALLYMAN_STORE_FILL_H
#define TALLYMAN_STORE_FILL_H

#include "app/domain/limits.h"
#include "app/domain/rc.h"
#include <stdbool.h>
#include <stdint.h>

struct catalog;
struct record;
struct store;

struct fill {
    int count, level; /* of what is in it: the highest */
    bool mixed;
    char product[ID_MAX + 1]; /* of all, unless they are mixed */
};

struct fill_kept {
    char container[CODE_KEY_MAX + 1]; /* "" nothing is kept */
    char fresh[CODE_KEY_MAX + 1];     /* went into it since, "" nothing */
    uint64_t version;                 /* of the catalog … */
    int64_t applied_seq;              /* … and what it has of this device's records */
    struct fill fill;
};

/* One thing more; product "" not known. Does not count it. */
void fill_add(struct fill *fill, const char *product, int level);
/* Of all that is in it now. */
enum rc fill_gather(struct store *store, struct catalog *catalog, const char *container, struct fill *ret_fill);
/* Before the record is projected: what is kept is so still, with what it puts into the container, or is forgotten. */
void fill_note(struct store *store, const struct record *record);
void fill_forget(struct fill_kept *kept);

#endif
