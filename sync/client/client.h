/* The sync client: one step is one request and one transaction on each end. Sync thread. */
#ifndef TALLYMAN_SYNC_CLIENT_CLIENT_H
#define TALLYMAN_SYNC_CLIENT_CLIENT_H

#include "sync/client/port.h"

struct sync_client;

enum sync_phase { SYNC_IDLE, SYNC_SESSION, SYNC_PUSHING, SYNC_PULLING };

/* What happened so far; plain data that a screen shows. */
struct sync_progress {
    enum sync_phase phase;                /* of the step just taken; SYNC_IDLE: nothing left to say or hear */
    enum rc rc;                           /* of the last step */
    char detail[160];                     /* the server's sentence for a refusal, English, "" without */
    int64_t pushed, pulled;               /* records and rows since the client was made */
    int64_t waiting;                      /* records not yet acknowledged */
    int64_t refused;                      /* records that the server refused, since the client was made */
    int64_t snapshot_have, snapshot_size; /* bytes of the snapshot that is being fetched; 0 none */
    int64_t snapshots, snapshots_bad;     /* taken, and thrown away, since the client was made */
    int64_t led;                          /* times that it was led into a new epoch, since the client was made */
    int64_t anew;                         /* of these, the ones after which it has another number */
    int64_t missing;                      /* records that the server wanted and that are kept nowhere any more */
    int64_t retry_s; /* after RC_NET: the server asks not to be asked again before, 0 it does not say */
};

/* The ports are copied, their contexts stay the caller's. */
enum rc sync_client_new(const struct sync_store *store, const struct sync_transport *transport,
                        struct sync_client **ret_client);
void sync_client_free(struct sync_client *client);

/* One request: session if none, else push if records wait (a pull follows each push that caught up, so that a busy
 * scanner does not keep the catalog old), else pull. RC_OK with phase SYNC_IDLE when a pull brought the last page and
 * nothing waits. Errors leave everything as it was: the next step tries again. *ret_progress is filled whatever comes. */
enum rc sync_step(struct sync_client *client, struct sync_progress *ret_progress);

/* Steps until idle or an error. */
enum rc sync_run(struct sync_client *client, struct sync_progress *ret_progress);

/* Enrols with the one-time string that the server printed ("tallyman:1:…", see sync/PROTOCOL.md): makes the key pair
 * unless the identity has one, asks, keeps the answer. Idempotent for the same string. RC_BAD_INPUT and RC_NEWER for the
 * string, RC_REFUSED for a token that the server doesn't take or a device that is enrolled as another already. */
enum rc sync_enrol(const struct sync_store *store, const struct sync_transport *transport, const char *string,
                   struct sync_progress *ret_progress);

/* What such a string says of its server, before anything is asked: ret_url is its address. RC_BAD_INPUT, RC_NEWER. */
enum { SYNC_STRING_MAX = 1400 };
bool sync_is_enrolment(const void *text, size_t len); /* by its first bytes */
enum rc sync_enrol_url(const char *string, char ret_url[SYNC_URL_MAX + 1]);

#endif
