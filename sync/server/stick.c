#include "sync/server/stick.h"
#include "sync/server/access.h"
#include "sync/server/inbox.h"
#include "sync/wire/field.h"
#include "sync/wire/push.h"
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1 };

/* A body as it is gathered. */
struct body {
    char *text;
    size_t len;
};

/* One line more, with its end. RC_NOT_FOUND: there is none. */
static enum rc add_line(FILE *stream, struct body *body)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len = getline(&line, &size, stream);
    enum rc rc = len < 1                                                            ? RC_NOT_FOUND
                 : line[len - 1] != '\n' || body->len + (size_t)len > PUSH_BODY_MAX ? RC_BAD_INPUT
                                                                                    : RC_OK;
    char *text = rc ? NULL : realloc(body->text, body->len + (size_t)len + 1);
    if (text) {
        memcpy(text + body->len, line, (size_t)len + 1);
        body->text = text;
        body->len += (size_t)len;
    } else if (!rc) {
        rc = RC_NOMEM;
    }
    free(line);
    return rc;
}

static enum rc read_head(FILE *stream, int64_t *ret_device)
{
    struct body head = {NULL, 0};
    json_t *object = NULL;
    char what[WORD_MAX + 1];
    int64_t version, device;
    enum rc rc = add_line(stream, &head);
    if (!rc)
        rc = field_load(head.text, head.len, MESSAGE_BODY_MAX, &object);
    if (!rc && !(field_text(object, "tallyman", WORD_MAX, what) && strcmp(what, "journal") == 0 &&
                 field_int(object, "version", 1, WIRE_INT_MAX, &version) && version == VERSION &&
                 field_int(object, "device", 1, WIRE_INT_MAX, &device)))
        rc = RC_BAD_INPUT;
    if (!rc)
        *ret_device = device;
    json_decref(object);
    free(head.text);
    return rc == RC_NOT_FOUND ? RC_BAD_INPUT : rc;
}

/* The next push, whole. RC_NOT_FOUND: that was all. */
static enum rc read_batch(FILE *stream, struct body *body)
{
    json_t *object = NULL;
    int64_t count = 0;
    body->len = 0;
    enum rc rc = add_line(stream, body);
    if (rc)
        return rc;
    rc = field_load(body->text, body->len, MESSAGE_BODY_MAX, &object);
    if (!rc && !field_int(object, "count", 1, BATCH_MAX, &count))
        rc = RC_BAD_INPUT;
    json_decref(object);
    for (int64_t i = 0; !rc && i < count; i++)
        if ((rc = add_line(stream, body)) == RC_NOT_FOUND)
            rc = RC_BAD_INPUT; /* cut off */
    return rc;
}

static enum rc take_batch(struct server *server, const struct answer_peer *peer, const struct body *body,
                          struct stick_result *result)
{
    struct api_request request = {.method = "POST", .path = "/v1/push", .body = body->text, .body_len = body->len};
    struct api_reply reply = {.status = 500};
    struct push_reply *push = malloc(sizeof *push);
    struct refusal refusal;
    enum rc rc = push ? RC_OK : RC_NOMEM;
    if (!rc)
        inbox_push(server, peer, &request, &reply);
    if (!rc && reply.status == 200) {
        rc = push_reply_decode(reply.body, reply.body_len, push);
        if (!rc)
            result->acked = push->acked;
    } else if (!rc) {
        rc = RC_REFUSED;
        if (refusal_decode(reply.body, reply.body_len, &refusal) == RC_OK)
            snprintf(result->text, sizeof result->text, "%s", refusal.text);
    }
    api_reply_free(&reply);
    free(push);
    return rc;
}

enum rc stick_take(struct server *server, FILE *stream, struct stick_result *ret_result)
{
    struct stick_result result = {.device = 0};
    struct answer_peer peer = {0};
    struct body body = {NULL, 0};
    enum rc rc = read_head(stream, &result.device);
    if (!rc)
        rc = access_peer(server, result.device, &peer);
    if (rc == RC_REVOKED) {
        snprintf(result.text, sizeof result.text, "this device is not known, or revoked");
        rc = RC_REFUSED;
    }
    while (!rc && !(rc = read_batch(stream, &body)))
        rc = take_batch(server, &peer, &body, &result);
    free(body.text);
    *ret_result = result;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}
