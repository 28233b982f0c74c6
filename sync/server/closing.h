/* A supervisor's close of a document, at the server: its result is made while devices work on it still; what they complete
 * later makes a supplementary one. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_CLOSING_H
#define TALLYMAN_SYNC_SERVER_CLOSING_H

#include "sync/server/core.h"
#include <stdio.h>

/* `name`: "source:doc", or a document's number where that is unique. Prints the result. RC_NOT_FOUND: there is none, or nobody has
 * worked on it since its last result; RC_AMBIGUOUS; RC_REFUSED: a group. */
enum rc closing_close(struct server *server, const char *name, FILE *out);

/* What a device that is revoked had begun and not completed is given up, its goods are free again: the documents, one object a line.
 * RC_REFUSED: it may still speak. */
enum rc closing_release(struct server *server, int64_t device, FILE *out);

#endif
