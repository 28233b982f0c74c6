/* How much of each line of a document is tallied, by all devices and by each: counted in memory while a batch works on the
 * document, written when it is through. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_TOTALS_H
#define TALLYMAN_SYNC_SERVER_TOTALS_H

#include "sync/server/apply.h"

/* Adds an allocation {"line","qty"} of this device, or takes it away (sign -1). In a group it names its `doc`, else it is
 * the document's. *ret_over: the line has more than the paper asks for, tolerance included. */
enum rc totals_add(struct apply_batch *batch, const char *doc, const json_t *alloc, int sign, bool *ret_over);

/* Writes them; marks the share as changed when this device's are. */
enum rc totals_flush(struct apply_batch *batch, struct apply_document *document);

#endif
