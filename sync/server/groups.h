/* Groups: documents that are worked on as one. The group's own name is "group:ID"; its opening has the lines of all, each with
 * its `doc`. Every document of it has its own share, close numbers and results. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_GROUPS_H
#define TALLYMAN_SYNC_SERVER_GROUPS_H

#include "sync/server/apply.h"

/* The documents of the group that was opened so, in the order of its lines; empty when it is no group. NULL without memory; the
 * caller decrefs, here and below. */
json_t *groups_members(const json_t *opened);

/* The opening and the closing as one document of the group has them. */
enum rc groups_opening(struct apply_batch *batch, const json_t *opened, const char *member, json_t **ret_opened);
json_t *groups_closing(const json_t *closed);

/* What of the allocations goes to this document; what goes to none is the first one's. Empty when nothing does. */
json_t *groups_allocations(const json_t *allocs, const char *member, bool first);

#endif
