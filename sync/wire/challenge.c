#include "sync/wire/challenge.h"
#include "sync/wire/field.h"

enum rc challenge_request_encode(const struct challenge_request *request, char **ret_text, size_t *ret_len)
{
    return field_dump(json_pack("{s:I}", "device", (json_int_t)request->device), ret_text, ret_len);
}

enum rc challenge_request_decode(const void *data, size_t len, struct challenge_request *ret_request)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    if (!field_int(object, "device", 1, WIRE_INT_MAX, &ret_request->device))
        rc = RC_BAD_INPUT;
    json_decref(object);
    return rc;
}

enum rc challenge_reply_encode(const struct challenge_reply *reply, char **ret_text, size_t *ret_len)
{
    json_t *object = reply_object(&reply->head, json_object());
    if (!object || !field_set_hex(object, "nonce", reply->nonce, NONCE_BYTES)) {
        json_decref(object);
        return RC_NOMEM;
    }
    return field_dump(object, ret_text, ret_len);
}

enum rc challenge_reply_decode(const void *data, size_t len, struct challenge_reply *ret_reply)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct challenge_reply reply = {0};
    if (!reply_read(object, &reply.head) || !field_hex(object, "nonce", NONCE_BYTES, reply.nonce))
        rc = RC_BAD_INPUT;
    else
        *ret_reply = reply;
    json_decref(object);
    return rc;
}
