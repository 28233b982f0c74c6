/* How much of each line of a document is tallied, all devices together: counted in memory while a batch works on one
 * document, written when it goes on to the next. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_TOTALS_H
#define TALLYMAN_SYNC_SERVER_TOTALS_H

#include "sync/server/apply.h"

/* Adds an allocation {"line","qty"}, or takes it away (sign -1). *ret_over: the line has more than the paper asks for,
 * tolerance included. */
enum rc totals_add(struct apply_batch *batch, const char *doc, const json_t *alloc, int sign, bool *ret_over);

enum rc totals_flush(struct apply_batch *batch);

#endif
