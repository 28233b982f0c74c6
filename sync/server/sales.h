/* To whom a unit was sold, as the moves tell it; and where auditors have seen it. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_SALES_H
#define TALLYMAN_SYNC_SERVER_SALES_H

#include "sync/server/core.h"
#include <jansson.h>

enum { SALES_TOLD_MAX = 8 }; /* earlier sales, and sightings, that a line tells of one unit */

/* [{"to":PARTY,"at":DATE,"doc":NO}], the first first: each party that it was shipped to, on the way there too, a dealer's site for
 * its party; what `void` took back is none. Without any move, whom `holder` (where it is now) stands for. The caller decrefs. */
enum rc sales_of(struct server *server, const char *key, const char *holder, json_t **ret_sales);

/* The last one's party, "" never sold; ret_party holds ID_MAX + 1. */
enum rc sales_seller(struct server *server, const char *key, char *ret_party);

/* Members of a code's line: "sold", "earlier" (the latest first), "seen"; null or empty ones clear. */
enum rc sales_add(struct server *server, const char *key, const char *holder, json_t *line);

#endif
