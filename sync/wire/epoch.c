#include "sync/wire/epoch.h"
#include "sync/wire/field.h"
#include <sodium.h>
#include <string.h>

/* [[number, VALUE] …]: the number of the i-th, and its second. */
static const json_t *pair(const json_t *list, int i, int64_t *ret_number)
{
    const json_t *one = json_array_get(list, (size_t)i), *number = json_array_get(one, 0);
    if (json_array_size(one) != 2 || !json_is_integer(number) || json_integer_value(number) < 0 ||
        json_integer_value(number) > WIRE_INT_MAX)
        return NULL;
    *ret_number = json_integer_value(number);
    return json_array_get(one, 1);
}

static bool set_marks(json_t *object, const struct epoch_request *request)
{
    json_t *list = json_array();
    char hex[2 * CHAIN_HASH_BYTES + 1];
    bool good = list != NULL;
    for (int i = 0; i < request->count && good; i++) {
        sodium_bin2hex(hex, sizeof(hex), request->marks[i].hash, CHAIN_HASH_BYTES);
        good = json_array_append_new(list, json_pack("[I, s]", (json_int_t)request->marks[i].seq, hex)) == 0;
    }
    return json_object_set_new(object, "marks", list) == 0 && good;
}

static bool read_mark(const json_t *list, int i, struct epoch_mark *ret_mark)
{
    const char *hex = json_string_value(pair(list, i, &ret_mark->seq));
    size_t len = 0;
    return hex && strlen(hex) == 2 * CHAIN_HASH_BYTES &&
           sodium_hex2bin(ret_mark->hash, CHAIN_HASH_BYTES, hex, strlen(hex), NULL, &len, NULL) == 0 &&
           len == CHAIN_HASH_BYTES;
}

/* Ascending, and at both ends of what is kept. */
static bool get_marks(const json_t *object, struct epoch_request *request)
{
    const json_t *list = json_object_get(object, "marks");
    size_t count = json_array_size(list);
    if (count < 1 || count > EPOCH_MARKS_MAX)
        return false;
    request->count = (int)count;
    for (int i = 0; i < request->count; i++)
        if (!read_mark(list, i, &request->marks[i]) || (i > 0 && request->marks[i].seq <= request->marks[i - 1].seq))
            return false;
    return request->marks[0].seq == request->first - 1 && request->marks[count - 1].seq == request->last;
}

enum rc epoch_request_encode(const struct epoch_request *request, char **ret_text, size_t *ret_len)
{
    json_t *object = json_pack("{s:I, s:I, s:I}", "epoch", (json_int_t)request->epoch, "first",
                               (json_int_t)request->first, "last", (json_int_t)request->last);
    bool good = object && set_marks(object, request);
    if (good && request->device)
        good = json_object_set_new(object, "device", json_integer(request->device)) == 0;
    if (!good) {
        json_decref(object);
        return RC_NOMEM;
    }
    return field_dump(object, ret_text, ret_len);
}

enum rc epoch_request_decode(const void *data, size_t len, struct epoch_request *ret_request)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct epoch_request request = {0};
    if (!field_int(object, "epoch", 1, WIRE_INT_MAX - 1, &request.epoch) ||
        !field_int(object, "first", 1, WIRE_INT_MAX, &request.first) ||
        !field_int(object, "last", 0, WIRE_INT_MAX, &request.last) ||
        (json_object_get(object, "device") && !field_int(object, "device", 1, WIRE_INT_MAX, &request.device)) ||
        !get_marks(object, &request))
        rc = RC_BAD_INPUT;
    else
        *ret_request = request;
    json_decref(object);
    return rc;
}

enum rc epoch_reply_encode(const struct epoch_reply *reply, char **ret_text, size_t *ret_len)
{
    json_t *list = json_array();
    bool good = list != NULL;
    for (int i = 0; i < reply->count && good; i++)
        good = json_array_append_new(list, json_pack("[I, I]", (json_int_t)reply->spans[i].epoch,
                                                     (json_int_t)reply->spans[i].base)) == 0;
    if (!good) {
        json_decref(list);
        return RC_NOMEM;
    }
    return field_dump(reply_object(&reply->head, json_pack("{s:I, s:I, s:I, s:o}", "seq", (json_int_t)reply->seq,
                                                           "epoch", (json_int_t)reply->epoch, "missing",
                                                           (json_int_t)reply->missing, "spans", list)),
                      ret_text, ret_len);
}

/* Both numbers grow from one to the next, and the last one is the epoch named. */
static bool get_spans(const json_t *object, struct epoch_reply *reply)
{
    const json_t *list = json_object_get(object, "spans");
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > EPOCH_SPANS_MAX)
        return false;
    reply->count = (int)count;
    for (int i = 0; i < reply->count; i++) {
        struct epoch_span *span = &reply->spans[i];
        const json_t *base = pair(list, i, &span->epoch);
        span->base = json_integer_value(base);
        if (!json_is_integer(base) || span->epoch < 1 || span->base < 0 || span->base > WIRE_INT_MAX ||
            (i > 0 && (span->epoch <= span[-1].epoch || span->base < span[-1].base)))
            return false;
    }
    return reply->epoch ? count > 0 && reply->spans[count - 1].epoch == reply->epoch : count == 0;
}

enum rc epoch_reply_decode(const void *data, size_t len, struct epoch_reply *ret_reply)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct epoch_reply reply = {0};
    if (!reply_read(object, &reply.head) || !field_int(object, "seq", 0, WIRE_INT_MAX, &reply.seq) ||
        !field_int(object, "epoch", 0, WIRE_INT_MAX, &reply.epoch) ||
        !field_int(object, "missing", 0, WIRE_INT_MAX, &reply.missing) || !get_spans(object, &reply))
        rc = RC_BAD_INPUT;
    else
        *ret_reply = reply;
    json_decref(object);
    return rc;
}
