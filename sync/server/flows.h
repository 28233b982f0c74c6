/* The flow that a record speaks of, and where its document's goods come from and go to. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_FLOWS_H
#define TALLYMAN_SYNC_SERVER_FLOWS_H

#include "app/domain/flow.h"
#include "sync/server/apply.h"

/* As the feed has it, else the built-in one; NULL when there is none. The batch's, until the next call. */
enum rc flows_get(struct apply_batch *batch, const char *name, const struct flow **ret_flow);

/* The same into a struct of one's own; RC_NOT_FOUND. */
enum rc flows_read(struct server *server, const char *name, struct flow *ret_flow);

/* `from` and `to` as this device opened the document, else as the data centre told them; the rest is empty. */
enum rc flows_document(struct apply_batch *batch, const char *doc, struct document *ret_document);

/* The site of the record: what it says, else the device's. */
const char *flows_site(const struct apply_batch *batch, const json_t *record);

/* The site of the party that a document's goods come from; "" none, or it is no party. */
enum rc flows_party_site(struct server *server, const char *from, char *ret_site);

/* The site for what must not mix with the rest: the site's policy, else the first quarantine site of its party, else of the owner's own; "" none.
 * ret_site holds ID_MAX + 1. */
enum rc flows_quarantine(struct server *server, const char *site, char *ret_site);

/* Whether goods there are kept apart for good: a quarantine site, or nowhere any more. */
enum rc flows_kept_apart(struct server *server, const char *holder, bool *ret_apart);

#endif
