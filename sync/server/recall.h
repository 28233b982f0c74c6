/* A recall's report: where what it covers is, by the books. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_RECALL_H
#define TALLYMAN_SYNC_SERVER_RECALL_H

#include "sync/server/core.h"
#include <stdio.h>

/* A line for each holder, product and lot: {"recall","holder","name","product","lot","units","qty","done"}: units have codes, qty
 * is stock without. Done: kept apart in quarantine, or destroyed. Last {"recall","done","missing"}, in all. RC_NOT_FOUND: no such
 * recall. */
enum rc recall_report(struct server *server, const char *id, FILE *out);

/* The same for one lot, recalled or not: from a lot to every holder. Its "recall" is null. */
enum rc recall_radius(struct server *server, const char *product, const char *lot, FILE *out);

#endif
