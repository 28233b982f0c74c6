/* The server itself, without sockets: one database, opened once. api.h answers devices, admin.h commands; both lock. */
#ifndef TALLYMAN_SYNC_SERVER_SERVER_H
#define TALLYMAN_SYNC_SERVER_SERVER_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stdint.h>

struct server;

enum {
    SESSION_S = 900,   /* a bearer token's life */
    ENROLMENT_S = 900, /* a one-time string's life */
    NONCE_S = 120      /* from challenge to session */
};

struct server_options {
    const char *url;       /* of the database, as --db takes it */
    const char *snapshots; /* their folder; NULL: beside the database, where that is a file */
    int64_t
        snapshot_changes; /* a device that lacks so many is offered one; 0: as many as make it worth while (tests) */
    bool quiet;           /* no event lines on standard error */
    void *clock_context;  /* tests pin the clock; */
    int64_t (*now_ms)(void *context); /* NULL: the system's */
};

/* Creates what is missing. The strings are copied. */
enum rc server_open(const struct server_options *options, struct server **ret_server);
void server_close(struct server *server); /* NULL is fine */

/* Where devices reach it, and the pins of its TLS key and of the next one ("" over plain HTTP): what enrolment strings
 * carry and sessions are signed for. Kept in the database until it is said anew. */
enum rc server_set_address(struct server *server, const char *url, const char *const pins[2]);

/* The server's history: a new database has a new one. */
const char *server_history(const struct server *server);

/* Requests refused since the server was opened. */
int64_t server_refused(struct server *server);

#endif
