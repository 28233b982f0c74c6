/* The connections of the HTTP server, and since when each of them owes a whole request: whoever says it byte by byte, to
 * keep a place that others need, is shown out. Any thread. */
#ifndef TALLYMAN_SYNC_SERVER_GUESTS_H
#define TALLYMAN_SYNC_SERVER_GUESTS_H

#include <stdint.h>

enum {
    GUESTS_REQUEST_MAX_MS = 120 * 1000,
    GUESTS_CROWDED_MS = 10 * 1000, /* while more than three quarters of the places are taken */
    GUESTS_LOOK_MS = 1000
};

struct guests;
struct guest;

struct guests *guests_new(int places); /* NULL: no memory */
void guests_free(struct guests *guests);

/* A connection's socket; NULL without memory: it is not watched then. */
struct guest *guests_come(struct guests *guests, int fd, int64_t now_ms);
void guests_go(struct guests *guests, struct guest *guest);

/* From now on the next part of a request is owed: its head, or its body. */
void guests_owe(struct guests *guests, struct guest *guest, int64_t now_ms);
/* All was said: now it is we who owe the answer. */
void guests_said(struct guests *guests, struct guest *guest);

/* Ends the connections that owe for too long; looks at most once in GUESTS_LOOK_MS. How many it ended. */
int guests_look(struct guests *guests, int64_t now_ms);

#endif
