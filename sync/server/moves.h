/* What `complete` and `abandon` do to a device's tallies: goods move, or are released. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_MOVES_H
#define TALLYMAN_SYNC_SERVER_MOVES_H

#include "sync/server/apply.h"

/* All live tallies of this device's share move as its flow says (a packing job releases what is still loose), and wait for
 * their result. */
enum rc moves_complete(struct apply_batch *batch, const struct apply_record *record, const json_t *opened,
                       struct apply_outcome *outcome);

/* All live tallies are undone; what was packed stays packed. */
enum rc moves_abandon(struct apply_batch *batch, const char *doc);

/* This device's tallies that count and have not moved: objects with epoch, seq, key, unit, dest, state, operator, alloc (as text).
 * The caller decrefs. */
enum rc moves_tallies(struct apply_batch *batch, const char *doc, json_t **ret_list);

#endif
