/* Claims: a live tally reserves its unit for a device, decided in the server's commit order. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_CLAIMS_H
#define TALLYMAN_SYNC_SERVER_CLAIMS_H

#include "sync/server/apply.h"

enum rc claims_scan(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);
enum rc claims_confirm(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);
/* undo, set-aside, recheck: the record that `ref` names counts no more */
enum rc claims_release(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);

/* Releases one tally of this device, its claim and what it counted for; *ret_was_live. */
enum rc claims_drop(struct apply_batch *batch, const char *doc, int64_t epoch, int64_t seq, bool *ret_was_live);
/* The same; and what it had taken from another document's tally goes back there. */
enum rc claims_undo(struct apply_batch *batch, const char *doc, int64_t epoch, int64_t seq, bool *ret_was_live);

#endif
