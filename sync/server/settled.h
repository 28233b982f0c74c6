/* Conflicts that are closed: by a manager's word, or by what somebody did about them. The device whose record it was is told. Under
 * the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_SETTLED_H
#define TALLYMAN_SYNC_SERVER_SETTLED_H

#include "sync/server/scope.h"

/* A change of this type says that a record's conflicts were closed, or are open again; its id is DEVICE|EPOCH|SEQ. */
#define SETTLED_TYPE "settled"

enum { SETTLED_LINES_MAX = 500 }; /* told at once of what was passed over */

/* What had closed it before. */
struct settled_before {
    char what[WORD_MAX + 1]; /* "" it was open; "closed" by a manager; "take-out", "keep" */
    char by[NAME_MAX_BYTES + 1];
};

/* A manager closes a conflict, and why: both sides' records stay as they are. One that is closed already stays as it is, and
 * *ret_before says by what. RC_NOT_FOUND. A transaction of its own. */
enum rc settled_close(struct server *server, int64_t number, const char *reason, const char *by,
                      struct settled_before *ret_before);

/* What is told of this record's conflicts may be other than before. Within the transaction that is open. */
enum rc settled_note(struct server *server, int64_t device, int64_t epoch, int64_t seq);

/* Appends what the scope's device is told of its record `id`; nothing of another's. */
enum rc settled_lines(struct server *server, const struct scope *scope, const char *id, json_t *lines);

/* Appends what it was not told between two changes: a snapshot has nothing of one device. At most SETTLED_LINES_MAX; *from moves to
 * the last one told, or to `to`. */
enum rc settled_between(struct server *server, const struct scope *scope, int64_t *from, int64_t to, json_t *lines);

#endif
