/* What a record does to what is in what, at once when it counts: `pack` (goods into a container, or out of it) and `relabel`
 * (one code takes another's place). What was before is kept with the tally, so that its undo gives back exactly that.
 * Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_PACKS_H
#define TALLYMAN_SYNC_SERVER_PACKS_H

#include "sync/server/apply.h"
#include "sync/server/conflicts.h"

/* The members of a record that counts, as far as they are about containers. */
struct packs_work {
    const json_t *pack, *relabel; /* NULL without */
    const char *doc, *key;        /* the document and the unit of its scan */
    const json_t *scan;
};

/* False: a member is not what it should be. Takes what `counts` says, else what `scan` says. */
bool packs_read(const json_t *counts, const json_t *scan, struct packs_work *ret_work);

/* In a packing job: the unit goes into something by its own record, or is the label: it counts for good, and holds no claim. */
bool packs_finishes(const struct packs_work *work);

/* Another device's live claim on the container that is worked on, or on what it is in. */
enum rc packs_rival(struct apply_batch *batch, const struct packs_work *work, bool *ret_found,
                    struct conflict_record *ret_rival);

/* Does it. *ret_did: what an undo needs; the caller decrefs. *ret_differs: the books could not follow in all of it. */
enum rc packs_apply(struct apply_batch *batch, const struct packs_work *work, json_t **ret_did, bool *ret_differs);

/* Whether all is still as packs_apply left it for this tally, and nothing counts on it. */
enum rc packs_untouched(struct apply_batch *batch, const json_t *did, int64_t seq, bool *ret_untouched);
enum rc packs_reverse(struct apply_batch *batch, const char *doc, const json_t *did);

#endif
