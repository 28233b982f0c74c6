/* Whether any name in the data folder may have come to stand for something else: asked for with each scan, it is cheaper than
 * to ask for each file (catalogs_unchanged). The folder's own time says so; one of just now says nothing of a second change
 * in the same tick of the clock, so then it is never still. */
#ifndef TALLYMAN_STORE_CATALOGS_WATCH_H
#define TALLYMAN_STORE_CATALOGS_WATCH_H

#include <stdbool.h>
#include <time.h>

struct catalogs_watch {
    int folder; /* -1 none: nothing is known */
    struct timespec changed;
    bool sure;
};
void catalogs_watch_open(const char *dir, struct catalogs_watch *ret_watch);
void catalogs_watch_close(struct catalogs_watch *watch);
/* True: what was found when it last said false is so still. */
bool catalogs_watch_still(struct catalogs_watch *watch);

#endif
