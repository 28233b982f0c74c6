#include "sync/wire/snapshot.h"
#include "sync/wire/field.h"
#include "sync/wire/pull.h"
#include <assert.h>
#include <sodium.h>
#include <stdio.h>

char *snapshot_path(const char *cursor, char *ret_path)
{
    assert(!*cursor || pull_cursor_ok(cursor));
    snprintf(ret_path, SNAPSHOT_PATH_MAX + 1, "/v1/snapshot%s%s", *cursor ? "?cursor=" : "", cursor);
    return ret_path;
}

char *snapshot_bytes_path(const uint8_t hash[SNAPSHOT_HASH_BYTES], char *ret_path)
{
    char hex[SNAPSHOT_HASH_TEXT + 1];
    sodium_bin2hex(hex, sizeof(hex), hash, SNAPSHOT_HASH_BYTES);
    snprintf(ret_path, SNAPSHOT_PATH_MAX + 1, "/v1/snapshot/%s", hex);
    return ret_path;
}

enum rc snapshot_reply_encode(const struct snapshot_reply *reply, char **ret_text, size_t *ret_len)
{
    json_t *members = json_pack("{s:I, s:I, s:s, s:I, s:I}", "size", (json_int_t)reply->size, "schema",
                                (json_int_t)reply->schema, "cursor", reply->cursor, "epoch", (json_int_t)reply->epoch,
                                "applied_seq", (json_int_t)reply->applied_seq);
    if (members && !field_set_hex(members, "hash", reply->hash, SNAPSHOT_HASH_BYTES)) {
        json_decref(members);
        return RC_NOMEM;
    }
    return field_dump(reply_object(&reply->head, members), ret_text, ret_len);
}

enum rc snapshot_reply_decode(const void *data, size_t len, struct snapshot_reply *ret_reply)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct snapshot_reply reply = {0};
    if (!reply_read(object, &reply.head) || !field_hex(object, "hash", SNAPSHOT_HASH_BYTES, reply.hash) ||
        !field_int(object, "size", 1, SNAPSHOT_BYTES_MAX, &reply.size) ||
        !field_int(object, "schema", 1, INT32_MAX, &reply.schema) ||
        !field_text(object, "cursor", CURSOR_TEXT_MAX, reply.cursor) || !pull_cursor_ok(reply.cursor) ||
        !field_int(object, "epoch", 0, WIRE_INT_MAX, &reply.epoch) ||
        !field_int(object, "applied_seq", 0, WIRE_INT_MAX, &reply.applied_seq))
        rc = RC_BAD_INPUT;
    else
        *ret_reply = reply;
    json_decref(object);
    return rc;
}
