/* What the files of this folder share about the server. Everything here runs under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_CORE_H
#define TALLYMAN_SYNC_SERVER_CORE_H

#include "sync/server/db.h"
#include "sync/server/query.h"
#include "sync/server/runs.h"
#include "sync/server/server.h"
#include "sync/wire/refusal.h"
#include <pthread.h>
#include <stdatomic.h>

enum { CORE_KEY_BYTES = 32, CORE_SEEN_MAX = 4096, CORE_ROUTES_MAX = 16, CORE_CLASSES = 6 };

struct server {
    struct server_options options;
    char *url; /* of the database */
    struct db *db;
    struct db_stmt *stmts[QUERY_COUNT];
    pthread_mutex_t lock;
    char histories[2][WIRE_HISTORY_MAX + 1];     /* the one before, and */
    const char *_Atomic history;                 /* this server's: one of them */
    int64_t connected;                           /* how often, when it was read */
    char pins[WIRE_PINS_MAX][WIRE_PIN_TEXT + 1]; /* of the key in use and of the next one; "" over plain HTTP */
    uint8_t nonce_key[CORE_KEY_BYTES];           /* nonces carry a mark made with it, so that none needs to be kept */
    _Atomic int64_t refused[REFUSAL_OTHER];
    _Atomic int64_t answered[CORE_ROUTES_MAX][CORE_CLASSES]; /* by route and by the first digit of HTTP's status */
    _Atomic uint64_t seen[CORE_SEEN_MAX]; /* sessions that were good of late, by their tokens' hash */
    _Atomic int64_t slow;                 /* connections that were ended for saying their request byte by byte */
    int64_t opened_ms;
    struct runs runs;
    struct snapshots *snapshots; /* NULL: of a server beside another */
};

/* Another connection to the same database, to read by and to number changes (changes.h), for a thread of its own: it has a lock of its own and nothing in
 * common with the first one but what that was opened with, and must be closed before it (server_close). */
enum rc server_beside(const struct server *server, struct server **ret_server);

/* The statement, ready for binding. */
struct db_stmt *core_query(struct server *server, enum query_id id);

int64_t core_now_ms(const struct server *server);

/* Before a request is answered: whether the database is there, and still the one that this server's history is of. */
enum rc core_ready(struct server *server);

/* A session's token that was good, and whether it was of late: a hint, without the lock. */
void core_see(struct server *server, const char *token);
bool core_seen(struct server *server, const char *token);

/* One line of JSON on standard error: at, event, text. Any thread. Never a token, PIN, key or record's content. */
__attribute__((format(printf, 3, 4))) void core_log(const struct server *server, const char *event,
                                                    const char *format, ...);

/* value holds size bytes; RC_NOT_FOUND. */
enum rc core_meta_get(struct server *server, const char *name, char *ret_value, size_t size);
enum rc core_meta_set(struct server *server, const char *name, const char *value);

#endif
