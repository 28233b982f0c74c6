/* Making a snapshot: a catalog as a device of that scope would have it after a pull from an empty cursor, written by what
 * writes a device's, from the same lines. Nothing of one device is in it: no cursor, no watermark; shares of all. */
#ifndef TALLYMAN_SYNC_SERVER_SNAPSHOT_MAKE_H
#define TALLYMAN_SYNC_SERVER_SNAPSHOT_MAKE_H

#include "sync/server/core.h"
#include "sync/server/shelf.h"
#include <stdatomic.h>

/* `beside` is this thread's own (server_beside): it reads one state of the database, however long that takes. RC_BUSY when
 * *stop became true. *ret_lines: feed lines in it. */
enum rc snapshot_make(struct server *beside, const char *folder, const char *site, const atomic_bool *stop,
                      struct shelf_entry *ret_entry, long *ret_lines);

#endif
