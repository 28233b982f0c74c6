/* A device and a server in memory for the sync client's tests: the store port, a small server that speaks the protocol
 * through sync/wire, and between them a network that does what a script says. */
#ifndef TALLYMAN_TESTS_UNIT_CLIENT_WORLD_H
#define TALLYMAN_TESTS_UNIT_CLIENT_WORLD_H

#include "sync/client/client.h"
#include "sync/wire/pull.h"
#include "sync/wire/push.h"

enum { WORLD_RECORDS_MAX = 15000, WORLD_FEED_MAX = 200, WORLD_FAULTS_MAX = 64, WORLD_BODY_MAX = 64 };

enum world_fault {
    WORLD_FINE,
    WORLD_LOSE_REQUEST, /* the server never hears it */
    WORLD_LOSE_REPLY,   /* the server did it, the client doesn't know */
    WORLD_TWICE,        /* the server hears it twice, the client the second reply */
    WORLD_LATE,         /* the client gives up; the server hears it before the next request */
    WORLD_GARBAGE,      /* something else answers, 200 */
    WORLD_FAULT_COUNT
};

struct world_record {
    char body[WORLD_BODY_MAX];
    uint8_t hash[CHAIN_HASH_BYTES];
};

struct world {
    /* device */
    struct world_record records[WORLD_RECORDS_MAX + 1]; /* by seq */
    struct sync_state state;
    struct sync_identity identity;
    struct sync_receipt receipts[WORLD_RECORDS_MAX + 1];
    int feed_rows[WORLD_FEED_MAX]; /* how often each row of the feed is in the catalog */
    int restarts, pages, biggest_batch;
    int64_t heard_ms;
    enum rc fail_acked, fail_page; /* the next such call fails so, once */
    char *batch;
    int batches, batches_ahead; /* asked for while no answer was waited for, and while one was */
    bool awaiting;

    /* server */
    char server_history[HISTORY_MAX + 1];
    struct world_record server_records[WORLD_RECORDS_MAX + 1];
    int64_t server_acked, server_epoch;
    int feed_len, page_len;
    uint8_t public_key[PUBLIC_KEY_BYTES], nonce[NONCE_BYTES];
    bool nonce_given, revoked, cursor_too_old;
    char enrol_token[TOKEN_MAX + 1], session[TOKEN_MAX + 1];
    int session_pushes; /* the session ends after so many pushes; 0 never */
    int sessions;       /* given so far */
    int batch_taken;    /* records that it takes after all; 0 as it says */
    int64_t batch_said; /* records that a push may have, as sessions say; 0 they don't */
    size_t body_max;    /* larger pushes are too big; 0 the protocol's limit */

    /* network */
    enum world_fault faults[WORLD_FAULTS_MAX]; /* one an exchange */
    int fault_count, exchanges;
    const char *override_body; /* the next reply, whatever was asked */
    int override_status;
    char last_path[128];
    void *late;
    size_t late_len;
    char late_path[128], late_bearer[TOKEN_MAX + 1];
    void *reply;
};

/* Enrolled, with `records` in the journal and `feed` rows on the server. */
struct world *world_new(int records, int feed);
void world_free(struct world *world);
void world_append(struct world *world, int count);
struct sync_store world_store(struct world *world);
struct sync_transport world_transport(struct world *world);

/* The server has exactly the journal, and the catalog each row of the feed once. */
void world_check_equal(const struct world *world);

#endif
