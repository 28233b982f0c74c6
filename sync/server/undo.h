/* Taking back: what a tally reserved, counted and did goes back to what it was. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_UNDO_H
#define TALLYMAN_SYNC_SERVER_UNDO_H

#include "sync/server/apply.h"

/* undo, set-aside, recheck: the record that `ref` names counts no more. */
enum rc undo_record(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);

/* Releases one tally of this device, its claim and what it counted for; *ret_was_live. */
enum rc undo_drop(struct apply_batch *batch, const char *doc, int64_t epoch, int64_t seq, bool *ret_was_live);
/* The same; and what it had taken from another document's tally goes back there. */
enum rc undo_tally(struct apply_batch *batch, const char *doc, int64_t epoch, int64_t seq, bool *ret_was_live);

#endif
