/* Conflicts: the server's findings that two records, or a record and the books, cannot both be true. One a record and
 * kind. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_CONFLICTS_H
#define TALLYMAN_SYNC_SERVER_CONFLICTS_H

#include "sync/server/core.h"
#include "sync/wire/push.h"

/* Another record, as a claim names it. */
struct conflict_record {
    int64_t device, epoch, seq;
    char doc[DOC_MAX + 1];
};

struct conflict {
    const char *kind; /* "lost-claim", "false-holder", "key-mismatch", "contents-differ", "void-code", "fork" */
    const char *key, *doc;
    int64_t device, epoch, seq;
    const struct conflict_record *other; /* NULL: the books */
    const char *detail;                  /* what the books say, for people */
    int64_t scan_seq;                    /* of the scan that the record confirmed, or its own; 0 none */
};

enum rc conflicts_add(struct server *server, const struct conflict *conflict);

/* What can be said of a record's conflict to its device, which is at `site`: who and for which document only of its own site.
 * `dealer`: number and time alone. Untouched when there is none. */
enum rc conflicts_about(struct server *server, const struct conflict_record *record, const char *site, bool dealer,
                        struct push_about *ret_about);

/* What was done about a conflict, by whom, in which record. */
struct conflict_answer {
    const char *what; /* "take-out", "keep", "not-mine" */
    const char *operator, * supervisor, *at;
    int64_t device, epoch; /* of the record that it is about */
    int64_t seq;           /* of the record that says so */
};

/* About the record `of` of that stream; RC_NOT_FOUND: it has no conflict. */
enum rc conflicts_answer(struct server *server, int64_t of, const struct conflict_answer *answer);
/* The goods of scan `of` were taken out again; nothing where that scan has no conflict that is open. */
enum rc conflicts_taken(struct server *server, int64_t of, const struct conflict_answer *answer);

#endif
