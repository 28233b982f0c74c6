/* What can be in what: nothing is around itself, and nothing in more than DEPTH_MAX containers, for no device takes a page that
 * says so. Several devices out of reach of each other can each do their part of that. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_NESTING_H
#define TALLYMAN_SYNC_SERVER_NESTING_H

#include "sync/server/core.h"

/* Whether `key`, with all that is in it, can be in `parent` by the books as they are now. */
enum rc nesting_fits(struct server *server, const char *key, const char *parent, bool *ret_fits);

#endif
