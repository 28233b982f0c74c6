/* The result of a document: one for each (document, close number), made when every share of it is closed. Under the
 * server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_RESULTS_H
#define TALLYMAN_SYNC_SERVER_RESULTS_H

#include "sync/server/apply.h"

enum { RESULTS_ID_BYTES = 16, RESULTS_ID_TEXT = 2 * RESULTS_ID_BYTES };

/* Makes it if nobody works on the document any more and somebody has completed it; else nothing. */
enum rc results_make(struct apply_batch *batch, const char *doc);

/* A supervisor's word: makes it of what was completed until now, while shares are open; what comes later makes a supplementary
 * one. RC_NOT_FOUND: nobody works on the document, and nothing waits for a result. */
enum rc results_close(struct apply_batch *batch, const char *doc);

/* Findings on the record that completed a dealer's receipt, by the result that was made of it: `missing`, `extra`, `damaged`. */
enum rc results_note(struct apply_batch *batch, const char *doc, struct apply_outcome *outcome);

/* BLAKE2b-128 of "DOC", a newline and the close number as decimal text. ret_id holds RESULTS_ID_TEXT + 1. */
char *results_id(const char *doc, int64_t close_no, char *ret_id);

#endif
