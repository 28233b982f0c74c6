/* Snapshots: which one a device is offered, when one is made, and its bytes. Under the server's lock; they are made on a
 * thread of their own, without it. */
#ifndef TALLYMAN_SYNC_SERVER_SNAPSHOT_H
#define TALLYMAN_SYNC_SERVER_SNAPSHOT_H

#include "sync/server/answer.h"

enum {
    SNAPSHOT_OFFER_CHANGES = 1000,   /* less than a page or two is pulled as quickly */
    SNAPSHOT_MAKE_CHANGES = 20000,   /* a device that lacks so many has one made for its scope … */
    SNAPSHOT_STALE_CHANGES = 200000, /* … and one that so many changes came after is made anew */
    SNAPSHOT_FAILED_PAUSE_S = 600    /* after one that could not be made */
};

struct snapshots;

/* `folder` is copied; NULL: this server has none. It is made when it is first needed. */
enum rc snapshots_new(struct server *server, const char *folder, struct snapshots **ret_snapshots);
/* Ends what is being made. Without the server's lock. NULL is fine. */
void snapshots_free(struct snapshots *snapshots);

answer_handler snapshot_offer, snapshot_bytes;

/* Makes one for a site's devices and waits for it, while the lock is free; or until the process is told to stop (RC_BUSY).
 * RC_NOT_FOUND: no such site; RC_USAGE: this server keeps none. Prints what it made. */
enum rc snapshot_make_now(struct server *server, const char *site, FILE *out);

#endif
