#include "sync/wire/session.h"
#include "sync/wire/field.h"
#include <assert.h>
#include <sodium.h>
#include <string.h>

static const char purpose[] = "tallyman-session";

enum { PURPOSE_LEN = sizeof(purpose) - 1, SIGNED_MAX = PURPOSE_LEN + NONCE_BYTES + WIRE_PIN_TEXT };

static size_t signed_text(const uint8_t *nonce, const char *pin, uint8_t ret_text[SIGNED_MAX])
{
    size_t pin_len = strlen(pin);
    assert(pin_len <= WIRE_PIN_TEXT);
    memcpy(ret_text, purpose, PURPOSE_LEN);
    memcpy(ret_text + PURPOSE_LEN, nonce, NONCE_BYTES);
    memcpy(ret_text + PURPOSE_LEN + NONCE_BYTES, pin, pin_len);
    return PURPOSE_LEN + NONCE_BYTES + pin_len;
}

void session_sign(const uint8_t secret_key[SECRET_KEY_BYTES], const uint8_t nonce[NONCE_BYTES], const char *pin,
                  uint8_t ret_signature[SIGNATURE_BYTES])
{
    uint8_t text[SIGNED_MAX];
    size_t len = signed_text(nonce, pin, text);
    crypto_sign_detached(ret_signature, NULL, text, len, secret_key);
}

bool session_verify(const uint8_t public_key[PUBLIC_KEY_BYTES], const struct session_request *request,
                    const char *pin)
{
    uint8_t text[SIGNED_MAX];
    size_t len = signed_text(request->nonce, pin, text);
    return crypto_sign_verify_detached(request->signature, text, len, public_key) == 0;
}

enum rc session_request_encode(const struct session_request *request, char **ret_text, size_t *ret_len)
{
    json_t *object = json_pack("{s:I}", "device", (json_int_t)request->device);
    if (!object || !field_set_hex(object, "nonce", request->nonce, NONCE_BYTES) ||
        !field_set_hex(object, "signature", request->signature, SIGNATURE_BYTES)) {
        json_decref(object);
        return RC_NOMEM;
    }
    return field_dump(object, ret_text, ret_len);
}

enum rc session_request_decode(const void *data, size_t len, struct session_request *ret_request)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct session_request request = {0};
    if (!field_int(object, "device", 1, WIRE_INT_MAX, &request.device) ||
        !field_hex(object, "nonce", NONCE_BYTES, request.nonce) ||
        !field_hex(object, "signature", SIGNATURE_BYTES, request.signature))
        rc = RC_BAD_INPUT;
    else
        *ret_request = request;
    json_decref(object);
    return rc;
}

enum rc session_reply_encode(const struct session_reply *reply, char **ret_text, size_t *ret_len)
{
    json_t *members = json_pack("{s:s, s:I}", "token", reply->token, "expires_s", (json_int_t)reply->expires_s);
    if (members && reply->pins[0][0] && !field_set_pins(members, reply->pins)) {
        json_decref(members);
        return RC_NOMEM;
    }
    if (members && reply->batch && json_object_set_new(members, "batch", json_integer(reply->batch))) {
        json_decref(members);
        return RC_NOMEM;
    }
    return field_dump(reply_object(&reply->head, members), ret_text, ret_len);
}

enum rc session_reply_decode(const void *data, size_t len, struct session_reply *ret_reply)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct session_reply reply = {0};
    if (!reply_read(object, &reply.head) || !field_text(object, "token", TOKEN_MAX, reply.token) ||
        !reply_is_token(reply.token) || !field_int(object, "expires_s", 1, SESSION_S_MAX, &reply.expires_s) ||
        (json_object_get(object, "pins") && !field_pins(object, reply.pins)) ||
        (json_object_get(object, "batch") && !field_int(object, "batch", BATCH_MAX, WIRE_INT_MAX, &reply.batch)))
        rc = RC_BAD_INPUT;
    else
        *ret_reply = reply;
    json_decref(object);
    return rc;
}
