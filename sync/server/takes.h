/* Takes: goods that a device moves from one of its documents to another, and gives back when that is undone. The device
 * counts the same way (app/store/move.c). Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_TAKES_H
#define TALLYMAN_SYNC_SERVER_TAKES_H

#include "sync/server/apply.h"

/* A live tally of this device's stream. */
struct takes_tally {
    const char *doc;
    int64_t epoch, seq;
};

/* The whole tally went: what is to be remembered of that. The caller decrefs; NULL without memory. */
json_t *takes_whole(const struct takes_tally *from);

/* Part of what is in a tallied container leaves it: that tally counts so much less. `record` says what counts now,
 * `allocs` where. *ret_took is to be remembered; the caller decrefs. */
enum rc takes_part(struct apply_batch *batch, const struct takes_tally *from, const json_t *record,
                   const json_t *allocs, json_t **ret_took);

/* The tally that took is undone: gives back, where that document is still worked on. `key`: the unit that was taken. */
enum rc takes_give_back(struct apply_batch *batch, const char *key, const json_t *took);

#endif
