/* Shares: who works on which document, and what becomes of it when the work is done. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_SHARES_H
#define TALLYMAN_SYNC_SERVER_SHARES_H

#include "app/catalog/feed.h"
#include "sync/server/apply.h"

enum share_state { SHARE_OPEN = 1, SHARE_CLOSED, SHARE_ABANDONED }; /* as in the database */
enum tally_state { TALLY_LIVE = 1, TALLY_RELEASED, TALLY_MOVED, TALLY_PACKED };

enum rc shares_open(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);
enum rc shares_complete(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);
enum rc shares_abandon(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);

/* A record that counts on a document that this device has not opened, or closed already, opens a share by itself. */
enum rc shares_ensure(struct apply_batch *batch, const json_t *record);

/* The record with which this work on the document began: revisions since are the same work. */
int64_t shares_began(const json_t *opened);

/* Other devices are told that this one works on the document, how far it is, or that it no longer does. */
enum rc shares_tell(struct apply_batch *batch, const struct apply_document *document);

#endif
