/* A journal's epochs. A device's records are numbered once and for all; where its numbers parted from what the server has under
 * them (it was restored from a copy, say), those after the last record that both have alike are in a later epoch. Pure. */
#ifndef TALLYMAN_DOMAIN_EPOCH_H
#define TALLYMAN_DOMAIN_EPOCH_H

#include <stdint.h>

enum { EPOCH_SPANS_MAX = 32 }; /* a device that parts more often is stopped */

/* Records base + 1 and on, up to the next span's base, are in this epoch. Ascending; what is not after the first one's base is
 * not this device's to tell. */
struct epoch_span {
    int64_t epoch, base;
};

/* Of the span that a record is in, the first one for those before it. count is 1 at least. */
static inline int epoch_at(const struct epoch_span *spans, int count, int64_t seq)
{
    int at = count - 1;
    while (at > 0 && seq <= spans[at].base)
        at--;
    return at;
}

/* What holds still of a watermark that was reached in epoch `then`: up to where a later one left it. */
static inline int64_t epoch_still(const struct epoch_span *spans, int count, int64_t then, int64_t seq)
{
    for (int i = 0; i < count; i++)
        if (spans[i].epoch > then && spans[i].base < seq)
            seq = spans[i].base;
    return seq;
}

#endif
