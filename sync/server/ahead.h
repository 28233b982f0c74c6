/* The records of a push, read by a thread of its own some way ahead of the one who applies them: parsing takes half of a record's time
 * and needs nothing of the books. A short push is read by who applies it. */
#ifndef TALLYMAN_SYNC_SERVER_AHEAD_H
#define TALLYMAN_SYNC_SERVER_AHEAD_H

#include "sync/server/apply.h"

enum {
    AHEAD_FROM = 64,           /* records: with fewer, a thread is not worth its start */
    AHEAD_SLOTS = 128,         /* records that are read and not yet done with, at most */
    AHEAD_STEP = 16,           /* so many are handed over at once */
    AHEAD_BYTES_MAX = 1 << 20, /* of their bodies, unless it is a single step */
};

struct ahead;

/* Begins to read. The request stays as it is until ahead_end. RC_NOMEM. */
enum rc ahead_begin(const struct push_request *request, struct ahead **ret_ahead);

/* The next record, from the first on; NULL after the last. Good until it is asked for another one. ret_body: its text. */
struct apply_record *ahead_next(struct ahead *ahead, const char **ret_body, size_t *ret_len);

void ahead_end(struct ahead *ahead); /* NULL is fine */

#endif
