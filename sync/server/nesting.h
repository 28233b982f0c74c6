/* What can be in what: nothing is around itself, and nothing in more than DEPTH_MAX containers, for no device takes a page that
 * says so. Several devices out of reach of each other can each do their part of that. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_NESTING_H
#define TALLYMAN_SYNC_SERVER_NESTING_H

#include "sync/server/core.h"
#include "sync/server/units.h"

/* Whether `key`, with all that is in it, can be in `parent` by the books as they are now. */
enum rc nesting_fits(struct server *server, const char *key, const char *parent, bool *ret_fits);

/* How many containers are around the one that the line before named: the lines of a case follow one another. */
struct nesting_memo {
    bool known; /* false at first, and whenever a container's own line was told or a code deleted */
    int64_t above;
    char parent[CODE_KEY_MAX + 1];
};

/* The same for the unit and its parent; what is around a parent is asked once for lines that follow one another. */
enum rc nesting_fits_next(struct server *server, struct nesting_memo *memo, const struct unit *unit, bool *ret_fits);

#endif
