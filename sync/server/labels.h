/* Labels that several devices out of reach of each other put on: whether one is free for what a record puts under it, by the
 * books as they are when it arrives. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_LABELS_H
#define TALLYMAN_SYNC_SERVER_LABELS_H

#include "sync/server/packs.h"
#include "sync/server/units.h"

/* Something that can be found is under it: it can't be the new label of the goods under `old`. Free is what nobody has, were it
 * registered for the same product, what is void, what an emptied container had. */
enum rc labels_is_taken(struct server *server, const char *key, const struct unit *old, bool *ret_taken);

/* It is goods itself, as far as somebody at `site` can know: nothing can be packed under it. A container is none, whatever is
 * in it; a case that is known by its number of units is, while it is here: elsewhere it was emptied. */
enum rc labels_is_goods(struct server *server, const char *key, const char *site, bool *ret_goods);

/* This device has counted the old code for the document, and it was neither refused nor taken out again: the goods under it are
 * its own to get another label. Under a void one there are none: they have another label already. */
enum rc labels_in_hand(struct apply_batch *batch, const struct packs_work *work, const struct unit *old,
                       bool *ret_in_hand);

#endif
