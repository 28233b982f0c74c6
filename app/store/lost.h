/* Goods that the server gave to somebody else, and that nobody has put right here since: neither taken out nor kept, nor settled
 * elsewhere, nor brought somewhere by a later tally. Kept by key, as each scan asks. */
#ifndef TALLYMAN_STORE_LOST_H
#define TALLYMAN_STORE_LOST_H

#include "app/domain/limits.h"
#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tally_row;

struct lost_unit {
    char *key;
    int64_t seq, counted_seq; /* its tally, and the record by which that was to count */
    char no[ID_MAX + 1];      /* the document that has the goods, "" not said */
    bool known, over;         /* claim.c: a later tally of this unit has been completed */
};

struct lost {
    uint64_t version; /* of the catalog that told; 0 nothing is known yet */
    struct lost_unit *units;
    size_t count, room;
};

/* This tally counts for nothing. */
enum rc lost_add(struct lost *lost, const struct tally_row *tally, const char *no);
/* Once all are added. */
void lost_sort(struct lost *lost);
/* The one that was to count first, NULL none; and the one after it. They hold until the next change. */
struct lost_unit *lost_first(const struct lost *lost, const char *key);
struct lost_unit *lost_next(const struct lost *lost, const struct lost_unit *unit);
/* Nothing is known any more. */
void lost_clear(struct lost *lost);

#endif
