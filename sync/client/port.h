/* What the sync client needs from the device: a store and a transport, as contracts. app/store implements the store,
 * sync/client/transport_http.c the transport over libcurl, tests a scripted one. All calls come from the sync thread
 * (or the one thread of `tallyman sync`). Memory handed out lives until the next call on the same port. */
#ifndef TALLYMAN_SYNC_CLIENT_PORT_H
#define TALLYMAN_SYNC_CLIENT_PORT_H

#include "app/domain/chain.h"
#include "app/domain/date.h"
#include "app/domain/epoch.h"
#include "app/domain/limits.h"
#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HISTORY_MAX = 40, SYNC_KEY_BYTES = 32, SYNC_SECRET_BYTES = 64, SYNC_URL_MAX = 255 };

/* Who this device is to its server; kept in the 0600 file `identity`. */
struct sync_identity {
    bool enrolled;
    int64_t device;
    char url[SYNC_URL_MAX + 1];
    char site[ID_MAX + 1];
    char pins[2][64 + 1];               /* SPKI SHA-256 hex of the TLS key and the next one; "" over plain HTTP */
    uint8_t public_key[SYNC_KEY_BYTES]; /* Ed25519 */
    uint8_t secret_key[SYNC_SECRET_BYTES];
    bool cloned; /* another device goes on with what this one was copied from: it has to be enrolled anew */
    int64_t was; /* enrolled anew: its number before, until the server knows from where on it is another; 0 none */
    int span_count;
    struct epoch_span spans[EPOCH_SPANS_MAX]; /* of its journal; none: all of it is in epoch 1 */
};

struct sync_state {
    int64_t epoch; /* the last span's */
    int span_count;
    struct epoch_span spans[EPOCH_SPANS_MAX]; /* one at least */
    int64_t first_seq;                        /* first record that is kept */
    int64_t last_seq;                         /* last record in the journal, first_seq - 1 when there is none */
    int64_t acked_seq;                        /* last that the server is known to have */
    int64_t applied_seq;
    char cursor[64];               /* "" from the beginning */
    char history[HISTORY_MAX + 1]; /* "" not yet heard */
};

struct sync_batch {
    int64_t first_seq;
    int count;
    const char *lines; /* count bodies, each ended by '\n' */
    size_t len;
    uint8_t head[CHAIN_HASH_BYTES]; /* hash of the last of them */
};

enum sync_verdict { SYNC_ACCEPTED, SYNC_REFUSED, SYNC_HELD }; /* per record */

struct sync_receipt {
    int64_t seq;
    enum sync_verdict verdict;
    char reason[48]; /* the server's word: "lost-claim", "false-holder", "key-mismatch" … */
    /* what else it said: 0 and "" where it did not */
    int64_t number;                            /* of the conflict */
    char at[TIME_TEXT_MAX + 1];                /* of what stands in the way, or when it was found */
    int64_t device;                            /* whose record that is */
    char operator[ID_MAX + 1], no[ID_MAX + 1]; /* whose, for which document */
    char holder[HOLDER_MAX + 1];               /* where the books have the goods */
};

struct sync_page {
    const char *lines; /* feed lines, each ended by '\n' */
    size_t len;
    char cursor[64];
    int64_t epoch, applied_seq;
    bool more;
};

/* A catalog of this device's scope as one file, as the server offers it. */
struct sync_snapshot {
    uint8_t hash[CHAIN_HASH_BYTES]; /* BLAKE2b-256 of its bytes */
    int64_t size, schema;
    char cursor[64]; /* where pulling goes on from */
    int64_t epoch, applied_seq;
    char history[HISTORY_MAX + 1];
};

enum {
    SYNC_SNAPSHOT_PIECE = 4 << 20
}; /* bytes; a request asks for one or, over a quick link, for several, up to a multiple of it */

/* What takes a snapshot: all five, or none of them. One download at a time, which outlives the process. */
struct sync_snapshots {
    /* The one that was begun, and how many of its bytes are here. RC_NOT_FOUND. */
    enum rc (*kept)(void *context, struct sync_snapshot *ret_snapshot, int64_t *ret_have);
    /* Another one, from its first byte. RC_NEWER: a catalog that this program can't read. RC_DISK_FULL: there is no room
     * for it and for the work meanwhile. */
    enum rc (*begin)(void *context, const struct sync_snapshot *snapshot);
    /* The next bytes. RC_DISK_FULL: it was given up, for the room. */
    enum rc (*put)(void *context, const void *bytes, size_t len);
    /* All bytes are here: checked, then the catalog from now on, with what the one before knew of this device's records;
     * that one stays readable until whoever reads it has turned to the new one. RC_CORRUPT, RC_NEWER: it was no such file,
     * and is gone. */
    enum rc (*end)(void *context);
    void (*drop)(void *context);
};

/* RC_GONE from acked, page and heard: what the device knew was damaged or is being begun anew meanwhile; nothing of this
 * step was kept, and the next state() is another's. From state: try again. */
struct sync_store {
    void *context;
    enum rc (*state)(void *context, struct sync_state *ret_state);
    enum rc (*batch)(void *context, int64_t first_seq, int max, struct sync_batch *ret_batch);
    /* Hashes of records from first_seq - 1 to last_seq, as journaled; of record 0, zeros. NULL: this device is not led back when
     * its numbers have parted from the server's. */
    enum rc (*hash)(void *context, int64_t seq, uint8_t ret_hash[CHAIN_HASH_BYTES]);
    /* After a push: the watermark and what was refused or held, in one transaction. */
    enum rc (*acked)(void *context, int64_t acked_seq, const struct sync_receipt *receipts, int count);
    /* A page, its cursor and applied_seq: one transaction. */
    enum rc (*page)(void *context, const struct sync_page *page);
    /* Every reply: history id and the server's time. */
    enum rc (*heard)(void *context, const char *history, int64_t server_ms);
    /* The server's history changed, it lost records, or the cursor is too old: begin a new catalog file from an empty
     * cursor and push again from acked_seq + 1 (0 with another history: from the first record kept). What was refused up
     * to acked_seq stays refused. The old catalog stays readable until the new one has caught up (page with !more). */
    enum rc (*restart)(void *context, const char *history, int64_t acked_seq);
    enum rc (*identity)(void *context, struct sync_identity *ret_identity);
    enum rc (*set_identity)(void *context, const struct sync_identity *identity);
    struct sync_snapshots snapshot; /* context is the store's */
};

/* Where the bytes of an answer go that is not held in memory. What it returns but RC_OK ends the exchange with that. */
struct sync_sink {
    void *context;
    enum rc (*put)(void *context, const void *bytes, size_t len);
};

struct sync_request {
    const char *method;  /* "GET" or "POST" */
    const char *path;    /* "/v1/push" */
    const char *bearer;  /* session token, or NULL */
    const char *pins[2]; /* SPKI SHA-256 hex that the server's TLS key must have; NULL or "" none */
    const void *body;    /* already compressed */
    size_t body_len;
    bool zstd; /* body is zstd */
    /* Bytes `from` … `to` of what the path names are wanted (GET): those of an answer 200 or 206 go to the sink in order,
     * also when no more of it came (RC_NET); any other answer is a body as always. NULL without. */
    const struct sync_sink *sink;
    int64_t from, to;
    /* Work for the time until the answer comes: called once at most, when all of the request is on its way. NULL without. */
    void (*meanwhile)(void *context);
    void *meanwhile_context;
};

struct sync_reply {
    int status;       /* HTTP's */
    const void *body; /* decompressed; owned by the transport until the next exchange */
    size_t body_len;
    const char *pin; /* which of the request's pins the server's key had; "" or NULL over plain HTTP */
};

struct sync_transport {
    void *context;
    /* RC_NET when no answer came, RC_PEER when what came is not HTTP or not ours. One request at a time. */
    /* `url` is the server's address without a closing slash; request->path follows it. */
    enum rc (*exchange)(void *context, const char *url, const struct sync_request *request,
                        struct sync_reply *ret_reply);
    bool ranges; /* it takes requests with a sink */
};

#endif
