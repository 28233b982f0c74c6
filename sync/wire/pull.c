#include "sync/wire/pull.h"
#include "sync/wire/field.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

char *pull_path(const char *cursor, char *ret_path)
{
    assert(!*cursor || pull_cursor_ok(cursor));
    snprintf(ret_path, PULL_PATH_MAX + 1, "/v1/pull%s%s", *cursor ? "?cursor=" : "", cursor);
    return ret_path;
}

bool pull_cursor_ok(const char *cursor)
{
    return strlen(cursor) <= CURSOR_TEXT_MAX && reply_is_token(cursor);
}

enum rc pull_reply_encode(const struct pull_reply *reply, char **ret_text, size_t *ret_len)
{
    json_t *members =
        json_pack("{s:s, s:b, s:I, s:I, s:i}", "cursor", reply->cursor, "more", reply->more, "epoch",
                  (json_int_t)reply->epoch, "applied_seq", (json_int_t)reply->applied_seq, "count", reply->count);
    return field_dump_first(reply_object(&reply->head, members), reply->lines, reply->lines_len, ret_text, ret_len);
}

static bool reply_parts(const json_t *object, struct pull_reply *reply)
{
    int64_t count = 0;
    if (!reply_read(object, &reply->head) || !field_text(object, "cursor", CURSOR_TEXT_MAX, reply->cursor) ||
        !pull_cursor_ok(reply->cursor) || !field_bool(object, "more", &reply->more) ||
        !field_int(object, "epoch", 0, WIRE_INT_MAX, &reply->epoch) ||
        !field_int(object, "applied_seq", 0, WIRE_INT_MAX, &reply->applied_seq) ||
        !field_int(object, "count", 0, PAGE_LINES_MAX, &count))
        return false;
    reply->count = (int)count;
    return true;
}

enum rc pull_reply_decode(const void *data, size_t len, struct pull_reply *ret_reply)
{
    if (len > PAGE_BODY_MAX)
        return RC_TOO_BIG;
    struct pull_reply reply = {0};
    json_t *object;
    enum rc rc = field_load_first(data, len, &object, &reply.lines, &reply.lines_len);
    if (rc != RC_OK)
        return rc;
    int count = 0;
    if (!reply_parts(object, &reply))
        rc = RC_BAD_INPUT;
    else
        rc = field_lines(reply.lines, reply.lines_len, FEED_LINE_MAX, PAGE_LINES_MAX, &count);
    json_decref(object);
    if (rc == RC_OK && count != reply.count)
        rc = RC_BAD_INPUT;
    if (rc == RC_OK)
        *ret_reply = reply;
    return rc;
}
