/* Reading what a record speaks of: a key, a claim, a tally, an earlier scan. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_SPOKEN_H
#define TALLYMAN_SYNC_SERVER_SPOKEN_H

#include "sync/server/apply.h"
#include "sync/server/conflicts.h"

/* Is it one thing that can be claimed, not a quantity? `known`: to the books. */
bool spoken_is_one_thing(const char *key, bool known);

/* The claim that this statement finds, if any; resets it. */
enum rc spoken_claim(struct db_stmt *stmt, bool *ret_found, struct conflict_record *ret_claim);

/* enum tally_state of this device's tally, 0: there is none. */
enum rc spoken_tally_state(const struct apply_batch *batch, const char *doc, int64_t seq, int *ret_state);

/* The record of this stream that `ref` names, if it is a scan; NULL in *ret_scan when there is none. The caller decrefs. */
enum rc spoken_scan(struct apply_batch *batch, const struct apply_record *record, bool *ret_accepted,
                    json_t **ret_scan);

#endif
