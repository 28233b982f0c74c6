/* POST /v1/challenge: a device asks for a nonce to sign. */
#ifndef TALLYMAN_SYNC_WIRE_CHALLENGE_H
#define TALLYMAN_SYNC_WIRE_CHALLENGE_H

#include "app/domain/rc.h"
#include "sync/wire/reply.h"
#include <stddef.h>

struct challenge_request {
    int64_t device;
};

struct challenge_reply {
    struct reply_head head;
    uint8_t nonce[NONCE_BYTES];
};

/* Encoders: the caller frees *ret_text. Decoders: RC_BAD_INPUT, RC_TOO_BIG. */
enum rc challenge_request_encode(const struct challenge_request *request, char **ret_text, size_t *ret_len);
enum rc challenge_request_decode(const void *data, size_t len, struct challenge_request *ret_request);
enum rc challenge_reply_encode(const struct challenge_reply *reply, char **ret_text, size_t *ret_len);
enum rc challenge_reply_decode(const void *data, size_t len, struct challenge_reply *ret_reply);

#endif
