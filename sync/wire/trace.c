#include "sync/wire/trace.h"
#include "sync/wire/field.h"

enum rc trace_request_encode(const struct trace_request *request, char **ret_text, size_t *ret_len)
{
    return field_dump(json_pack("{s:s}", "key", request->key), ret_text, ret_len);
}

enum rc trace_request_decode(const void *data, size_t len, struct trace_request *ret_request)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct trace_request request = {0};
    if (!field_text(object, "key", CODE_KEY_MAX, request.key) || !request.key[0])
        rc = RC_BAD_INPUT;
    else
        *ret_request = request;
    json_decref(object);
    return rc;
}

enum rc trace_reply_encode(const struct trace_reply *reply, char **ret_text, size_t *ret_len)
{
    json_t *members = json_pack("{s:s, s:i}", "key", reply->key, "count", reply->count);
    return field_dump_first(reply_object(&reply->head, members), reply->lines, reply->lines_len, ret_text, ret_len);
}

enum rc trace_reply_decode(const void *data, size_t len, struct trace_reply *ret_reply)
{
    if (len > PAGE_BODY_MAX)
        return RC_TOO_BIG;
    struct trace_reply reply = {0};
    json_t *object;
    enum rc rc = field_load_first(data, len, &object, &reply.lines, &reply.lines_len);
    if (rc != RC_OK)
        return rc;
    int64_t told = 0;
    if (!reply_read(object, &reply.head) || !field_text(object, "key", CODE_KEY_MAX, reply.key) ||
        !field_int(object, "count", 0, PAGE_LINES_MAX, &told))
        rc = RC_BAD_INPUT;
    else
        rc = field_lines(reply.lines, reply.lines_len, FEED_LINE_MAX, PAGE_LINES_MAX, &reply.count);
    json_decref(object);
    if (rc == RC_OK && told != reply.count)
        rc = RC_BAD_INPUT;
    if (rc == RC_OK)
        *ret_reply = reply;
    return rc;
}
