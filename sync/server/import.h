/* Taking the feed in: a file whole or not at all. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_IMPORT_H
#define TALLYMAN_SYNC_SERVER_IMPORT_H

#include "app/catalog/feed.h"
#include "sync/server/core.h"

enum {
    IMPORT_NOTES_MAX = 100, /* told one by one; the rest as a number */
    IMPORT_UNFIT_MAX =
        1000, /* codes that don't fit where a line puts them, and may when the lines that follow are told */
};

/* note: called for what is worth telling, unknown members, references not told, what work has overtaken. */
struct import_notes {
    void *context;
    void (*note)(void *context, const char *text);
};

/* RC_BAD_INPUT with *ret_error filled; everything rolled back. *ret_count: lines. *ret_changed: those that changed
 * something. */
enum rc import_feed(struct server *server, FILE *stream, const struct import_notes *notes, long *ret_count,
                    long *ret_changed, struct feed_error *ret_error);

#endif
