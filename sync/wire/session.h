/* POST /v1/session: the signed nonce for a bearer token. */
#ifndef TALLYMAN_SYNC_WIRE_SESSION_H
#define TALLYMAN_SYNC_WIRE_SESSION_H

#include "app/domain/rc.h"
#include "sync/wire/reply.h"
#include <stddef.h>

struct session_request {
    int64_t device;
    uint8_t nonce[NONCE_BYTES];
    uint8_t signature[SIGNATURE_BYTES];
};

struct session_reply {
    struct reply_head head;
    char token[TOKEN_MAX + 1];
    int64_t expires_s;
    char pins[WIRE_PINS_MAX][WIRE_PIN_TEXT + 1]; /* the server's from now on; "" nothing is said of them */
    int64_t batch;                               /* records that a push may have; 0 not said: BATCH_MAX */
};

/* Ed25519 over "tallyman-session" ‖ nonce (its bytes) ‖ pin. `pin` is the TLS pin that the device sees, as hex text;
 * "" over plain HTTP: what was signed for one server's key is of no use to a server with another. */
void session_sign(const uint8_t secret_key[SECRET_KEY_BYTES], const uint8_t nonce[NONCE_BYTES], const char *pin,
                  uint8_t ret_signature[SIGNATURE_BYTES]);
bool session_verify(const uint8_t public_key[PUBLIC_KEY_BYTES], const struct session_request *request,
                    const char *pin);

/* Encoders: the caller frees *ret_text. Decoders: RC_BAD_INPUT, RC_TOO_BIG. */
enum rc session_request_encode(const struct session_request *request, char **ret_text, size_t *ret_len);
enum rc session_request_decode(const void *data, size_t len, struct session_request *ret_request);
enum rc session_reply_encode(const struct session_reply *reply, char **ret_text, size_t *ret_len);
enum rc session_reply_decode(const void *data, size_t len, struct session_reply *ret_reply);

#endif
