/* What moved, when and why: the log behind traces, sales and scopes. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_MOVEMENTS_H
#define TALLYMAN_SYNC_SERVER_MOVEMENTS_H

#include "sync/server/units.h"

/* By which record ("feed" and zeros: the feed said so). */
struct movement {
    const char *at, *kind, *doc, *no, *flow, *site;
    int64_t device, epoch, seq;
    const char *to;
};

/* One code's, from where it was. */
enum rc movements_add(struct server *server, const struct movement *movement, const char *key, const char *from);

/* The unit goes there, with what is in it; state NULL: as it was. */
enum rc movements_bring(struct server *server, const struct movement *movement, const struct unit *unit,
                        const char *state);

#endif
