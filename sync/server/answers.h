/* The record `answer`: what somebody did about a record that does not count. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_ANSWERS_H
#define TALLYMAN_SYNC_SERVER_ANSWERS_H

#include "sync/server/apply.h"

/* take-out: the goods are out again, the conflict is closed. keep: a supervisor rules that they go along: the books give way,
 * another device's live claim does not (the goods count as a quantity then). not-mine: it stays open, for a manager. */
enum rc answers_record(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);

#endif
