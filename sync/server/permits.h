/* Permits: goods of one dealer that may go to another's, up to a quantity; what was shipped under one is used up, whichever device
 * did it. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_PERMITS_H
#define TALLYMAN_SYNC_SERVER_PERMITS_H

#include "app/domain/qty.h"
#include "sync/server/apply.h"

/* The line gets "used": so much of its quantity has gone already. */
enum rc permits_tell(struct server *server, json_t *line);

/* Goods that a dealer's device ships to another dealer: what each tally counts is used up. `tallies` as moves_tallies() gives them,
 * `opened` has the lines, `holder` is where they go, `at` when. *ret_covered: a permit covers all of it, or none is needed: a
 * sub-dealer's, a retailer's. */
enum rc permits_ship(struct apply_batch *batch, const json_t *opened, const json_t *tallies, const char *holder,
                     const char *at, bool *ret_covered);

/* Goods that this dealer takes back (a void, a return): what of them it had sent by a permit counts as used no longer. */
enum rc permits_return(struct apply_batch *batch, const json_t *tallies);

#endif
