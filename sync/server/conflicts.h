/* Conflicts: the server's findings that two records, or a record and the books, cannot both be true. One a record and
 * kind. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_CONFLICTS_H
#define TALLYMAN_SYNC_SERVER_CONFLICTS_H

#include "sync/server/core.h"

/* Another record, as a claim names it. */
struct conflict_record {
    int64_t device, epoch, seq;
    char doc[DOC_MAX + 1];
};

struct conflict {
    const char *kind; /* "lost-claim", "false-holder", "key-mismatch", "contents-differ", "fork" */
    const char *key, *doc;
    int64_t device, epoch, seq;
    const struct conflict_record *other; /* NULL: the books */
    const char *detail;                  /* what the books say, for people */
};

enum rc conflicts_add(struct server *server, const struct conflict *conflict);

#endif
