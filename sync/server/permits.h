/* Permits: goods of one dealer that may go to another's, up to a quantity; what was shipped under one is used up, whichever device
 * did it. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_PERMITS_H
#define TALLYMAN_SYNC_SERVER_PERMITS_H

#include "app/domain/qty.h"
#include "sync/server/core.h"
#include <jansson.h>

/* The line's quantity becomes what is left of it. */
enum rc permits_left(struct server *server, json_t *line);

/* So much of the product went from one party to another on this day ("2026-11-22…"); no change where there is no permit. *ret_covered:
 * there is one, and it covers all of it. */
enum rc permits_use(struct server *server, const char *from, const char *to, const char *product, qty_t qty,
                    const char *day, bool *ret_covered);

#endif
