/* One question to the server and its answer, as client.c and enrol.c both need it. Sync thread. */
#ifndef TALLYMAN_SYNC_CLIENT_EXCHANGE_H
#define TALLYMAN_SYNC_CLIENT_EXCHANGE_H

#include "sync/client/client.h"
#include "sync/wire/refusal.h"

struct exchange_question {
    const char *url;
    const char (*pins)[WIRE_PIN_TEXT + 1]; /* WIRE_PINS_MAX of them */
    const char *method, *path, *bearer;    /* bearer NULL: none */
    const void *text;                      /* body, NULL none; packed here when that pays */
    size_t len;
    bool packed;                      /* it is already: exchange_pack() */
    void (*meanwhile)(void *context); /* as in a request */
    void *meanwhile_context;
    const struct sync_sink *sink; /* as in a request */
    int64_t from, to;
};

struct exchange_answer {
    bool refused; /* then `refusal` is filled, else body */
    struct refusal refusal;
    const void *body; /* the transport's, until the next question */
    size_t len;
    char pin[WIRE_PIN_TEXT + 1]; /* of the server's key, "" over plain HTTP */
};

/* RC_PEER for an answer that is neither 200 nor a refusal of this protocol; the transport's errors. */
enum rc exchange_ask(const struct sync_transport *transport, const struct exchange_question *question,
                     struct exchange_answer *ret_answer);

/* A body as it is sent: *ret_packed NULL when it is not worth it, else the caller frees. */
enum rc exchange_pack(const void *text, size_t len, void **ret_packed, size_t *ret_len);

/* Copies a sentence for a screen: what a server says may hold anything, so only printable ASCII is kept. */
void exchange_detail(struct sync_progress *progress, const char *text);

#endif
