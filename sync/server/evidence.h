/* What speaks for and against a record before it counts: the key read again, the books' holder, the document and recalls
 * as they are now. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_EVIDENCE_H
#define TALLYMAN_SYNC_SERVER_EVIDENCE_H

#include "app/domain/flow.h"
#include "sync/server/apply.h"
#include "sync/server/units.h"

/* Whether record says a reason, as its reason or among its findings. */
bool evidence_says(const json_t *record, const char *reason);

/* The server reads raw again: the key is what that reading gives by itself. Needs nothing but the record; any thread. */
bool evidence_names_key(const struct apply_record *record);

/* The same with all that is known here. *ret_same: the record's key is what that reading, or an alias of it, gives. */
enum rc evidence_key(struct server *server, const json_t *scan, bool *ret_same);

/* *ret_false: the books know that the unit is not where the scan's flow takes goods from, and neither record (scan, confirm) admits it.
 * ret_holder (HOLDER_MAX + 1): what the books say. */
enum rc evidence_holder(struct apply_batch *batch, const struct unit *unit, const json_t *scan, const json_t *confirm,
                        bool *ret_false, char *ret_holder);

/* Goods that a dealer's device may know nothing of, where its flow (NULL none) takes what is elsewhere as a finding: it could not
 * have found more than that it does not know them. */
bool evidence_unseen(const struct apply_batch *batch, const struct flow *flow, const json_t *scan);

/* Notes what came meanwhile: cancelled or closed document, other revision, recall. */
enum rc evidence_meanwhile(struct apply_batch *batch, const struct unit *unit, const json_t *scan,
                           struct apply_outcome *outcome);

/* Notes that the paper now has another revision than the record was opened with. */
void evidence_revision(const struct apply_document *document, const char *rev, struct apply_outcome *outcome);

/* The code was void before this record came, which does not say so, and the flow would have refused it. */
bool evidence_void(const struct unit *unit, const struct flow *flow, const json_t *scan, const json_t *confirm);

#endif
