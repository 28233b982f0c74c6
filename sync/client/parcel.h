/* A push as it is sent: read from the journal, signed and packed. The next one is made ready while the server works on the one
 * before. Sync thread. */
#ifndef TALLYMAN_SYNC_CLIENT_PARCEL_H
#define TALLYMAN_SYNC_CLIENT_PARCEL_H

#include "sync/client/port.h"

struct parcel {
    void *body; /* NULL: there is none */
    size_t len;
    bool packed;
    int64_t first, epoch, device;
    int count;
    uint8_t public_key[SYNC_KEY_BYTES]; /* whose signature it has */
};

/* What is told next: the first record that is kept and this device's own to tell. */
int64_t parcel_first(const struct sync_state *state);

/* Records from `first` on, of one epoch, *batch_max at most: which becomes less where so many don't fit into a body. The parcel is empty
 * before. RC_TOO_BIG: not even one fits. */
enum rc parcel_make(const struct sync_store *store, const struct sync_state *state,
                    const struct sync_identity *identity, int64_t first, int *batch_max, struct parcel *ret_parcel);

/* Whether it is what this device is to send next. */
bool parcel_fits(const struct parcel *parcel, const struct sync_state *state, const struct sync_identity *identity,
                 int batch_max);

void parcel_empty(struct parcel *parcel);

#endif
