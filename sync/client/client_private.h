/* What client.c and snapshot.c share. Sync thread. */
#ifndef TALLYMAN_SYNC_CLIENT_CLIENT_PRIVATE_H
#define TALLYMAN_SYNC_CLIENT_CLIENT_PRIVATE_H

#include "sync/client/client.h"
#include "sync/client/exchange.h"
#include "sync/client/parcel.h"

/* How it stands with a snapshot. */
struct client_snapshot {
    bool asked;    /* since the catalog was begun */
    bool given_up; /* pulled instead */
    int bad;       /* thrown away since the catalog was begun */
    int pieces;    /* the next request asks for; 0 the first */
    int lost;      /* gone at the server while they were fetched */
    long pages;    /* pulled in a row since it was asked for, with more to come */
};

/* On the way to a new epoch: between `low` and `high` is the last record that device and server have alike. */
struct client_lead {
    bool on;
    bool chain; /* what was pushed did not come to its head */
    int64_t low, high;
    int count; /* how often, between two idle moments */
};

struct sync_client {
    struct sync_store store;
    struct sync_transport transport;
    struct sync_progress progress;
    char token[TOKEN_MAX + 1]; /* "" no session */
    bool have_nonce;
    uint8_t nonce[NONCE_BYTES];
    char pin[WIRE_PIN_TEXT + 1]; /* of the key that the nonce came from */
    bool pull_next;              /* the last push caught up */
    struct parcel parcel, next;  /* the push that is under way, and the one after it */
    int batch_most;              /* that this server takes */
    int batch_max;               /* halved when a batch was too big */
    int sessions_lost, restarts;
    struct client_snapshot snapshot;
    struct client_lead lead;
};

/* What one step works on. */
struct step {
    struct sync_state state;
    struct sync_identity identity;
};

/* Asks, as this step's device; a refusal is dealt with here and leaves ret_answer->refused set. Fills url, pins and bearer
 * of the question. */
enum rc client_ask(struct sync_client *client, const struct step *step, struct exchange_question *question,
                   struct exchange_answer *ret_answer);
enum rc client_heard(struct sync_client *client, const struct step *step, const struct reply_head *head);
/* Everything again from a server of another history. */
enum rc client_new_history(struct sync_client *client, const struct step *step, const struct reply_head *head);
/* How far this device's records are in what a page or a snapshot holds, by its words: *ret_parted when they are of another life. */
int64_t client_applied(const struct step *step, int64_t epoch, int64_t applied_seq, bool *ret_parted);
/* As often as the server says that it can't be so. */
enum rc client_start_over(struct sync_client *client, const struct step *step, const struct reply_head *head,
                          int64_t acked_seq, enum rc rc);

/* ---- leadback.c ---- */

/* Device and server have other records under the same numbers: RC_OK, and the next steps lead back; RC_FORK with the text where
 * that can't be. */
enum rc client_parted(struct sync_client *client, const struct step *step, const char *text);
enum rc client_lead_step(struct sync_client *client, struct step *step);

/* ---- snapshot.c ---- */

/* Instead of the next page: one was begun, or it is worth asking for one. */
bool client_snapshot_due(struct sync_client *client, const struct step *step);
/* One request: for an offer, or for a piece; with the last piece it becomes the catalog. */
enum rc client_snapshot_step(struct sync_client *client, const struct step *step);
void client_snapshot_pulled(struct sync_client *client, bool more);

#endif
