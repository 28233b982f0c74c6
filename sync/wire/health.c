#include "sync/wire/health.h"
#include "sync/wire/field.h"

enum rc health_reply_encode(const struct health_reply *reply, char **ret_text, size_t *ret_len)
{
    json_t *members =
        json_pack("{s:b, s:i, s:s}", "ok", reply->ok, "protocol", WIRE_VERSION, "version", reply->version);
    return field_dump(reply_object(&reply->head, members), ret_text, ret_len);
}

enum rc health_reply_decode(const void *data, size_t len, struct health_reply *ret_reply)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct health_reply reply = {0};
    if (!reply_read(object, &reply.head) || !field_bool(object, "ok", &reply.ok) ||
        !field_text(object, "version", sizeof(reply.version) - 1, reply.version))
        rc = RC_BAD_INPUT;
    else
        *ret_reply = reply;
    json_decref(object);
    return rc;
}
