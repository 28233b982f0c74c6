#include "sync/wire/push.h"
#include "sync/wire/field.h"
#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { SIGNED_MAX = 160 };

static size_t signed_text(int64_t device, const struct push_request *request, char ret_text[SIGNED_MAX])
{
    char head[CHAIN_TEXT_BYTES + 1];
    int len = snprintf(ret_text, SIGNED_MAX, "tallyman-push:%" PRId64 ":%" PRId64 ":%" PRId64 ":%s", device,
                       request->epoch, request->first + request->count - 1, chain_print(request->head, head));
    assert(len > 0 && len < SIGNED_MAX);
    return (size_t)len;
}

void push_sign(const uint8_t secret_key[SECRET_KEY_BYTES], int64_t device, struct push_request *request)
{
    char text[SIGNED_MAX];
    size_t len = signed_text(device, request, text);
    crypto_sign_detached(request->signature, NULL, (const uint8_t *)text, len, secret_key);
}

bool push_verify(const uint8_t public_key[PUBLIC_KEY_BYTES], int64_t device, const struct push_request *request)
{
    char text[SIGNED_MAX];
    size_t len = signed_text(device, request, text);
    return crypto_sign_verify_detached(request->signature, (const uint8_t *)text, len, public_key) == 0;
}

enum rc push_request_encode(const struct push_request *request, char **ret_text, size_t *ret_len)
{
    json_t *object = json_pack("{s:I, s:I, s:i}", "epoch", (json_int_t)request->epoch, "first",
                               (json_int_t)request->first, "count", request->count);
    if (!object || !field_set_hex(object, "head", request->head, CHAIN_HASH_BYTES) ||
        !field_set_hex(object, "signature", request->signature, SIGNATURE_BYTES)) {
        json_decref(object);
        return RC_NOMEM;
    }
    return field_dump_first(object, request->lines, request->lines_len, ret_text, ret_len);
}

static bool request_read(const json_t *object, struct push_request *request)
{
    int64_t count = 0;
    if (!field_int(object, "epoch", 1, WIRE_INT_MAX, &request->epoch) ||
        !field_int(object, "count", 1, BATCH_MORE_MAX, &count) ||
        !field_int(object, "first", 1, WIRE_INT_MAX - BATCH_MORE_MAX, &request->first) ||
        !field_hex(object, "head", CHAIN_HASH_BYTES, request->head) ||
        !field_hex(object, "signature", SIGNATURE_BYTES, request->signature))
        return false;
    request->count = (int)count;
    return true;
}

enum rc push_request_decode(const void *data, size_t len, struct push_request *ret_request)
{
    if (len > PUSH_BODY_MAX)
        return RC_TOO_BIG;
    struct push_request request = {0};
    json_t *object;
    enum rc rc = field_load_first(data, len, &object, &request.lines, &request.lines_len);
    if (rc != RC_OK)
        return rc;
    int count = 0;
    if (!request_read(object, &request))
        rc = RC_BAD_INPUT;
    else
        rc = field_lines(request.lines, request.lines_len, RECORD_LINE_MAX, BATCH_MORE_MAX, &count);
    json_decref(object);
    if (rc == RC_OK && count != request.count)
        rc = RC_BAD_INPUT;
    if (rc == RC_OK)
        *ret_request = request;
    return rc;
}

bool push_next(const struct push_request *request, size_t *offset, const char **ret_body, size_t *ret_len)
{
    if (*offset >= request->lines_len)
        return false;
    const char *body = request->lines + *offset;
    const char *end = memchr(body, '\n', request->lines_len - *offset);
    assert(end); /* the decoder saw to it */
    *ret_body = body;
    *ret_len = (size_t)(end - body);
    *offset += *ret_len + 1;
    return true;
}

static const char *const outcome_words[] = {
    [PUSH_ACCEPTED] = "accepted", [PUSH_REFUSED] = "refused", [PUSH_HELD] = "held"};

/* Its texts, where they are said. */
static const struct {
    const char *name;
    size_t at, max;
} about_texts[] = {
    {"operator", offsetof(struct push_about, operator), ID_MAX},
    {"no", offsetof(struct push_about, no), ID_MAX},
    {"holder", offsetof(struct push_about, holder), HOLDER_MAX},
};

enum { ABOUT_TEXTS = sizeof about_texts / sizeof about_texts[0] };

static json_t *verdict_object(const struct push_verdict *verdict)
{
    const char *word = outcome_words[verdict->outcome];
    const struct push_about *about = &verdict->about;
    if (verdict->outcome == PUSH_ACCEPTED)
        return json_string(word);
    if (!about->number)
        return json_pack("{s:s}", word, verdict->word);
    json_t *object =
        json_pack("{s:s, s:I, s:s}", word, verdict->word, "case", (json_int_t)about->number, "at", about->at);
    if (about->device)
        json_object_set_new(object, "device", json_integer(about->device));
    for (size_t i = 0; i < ABOUT_TEXTS; i++) {
        const char *text = (const char *)about + about_texts[i].at;
        if (text[0])
            json_object_set_new(object, about_texts[i].name, json_string(text));
    }
    return object;
}

/* What is said besides the word; a part that can't be read is not said. */
static void about_read(const json_t *value, struct push_about *about)
{
    if (!field_int(value, "case", 1, WIRE_INT_MAX, &about->number) ||
        !field_text(value, "at", TIME_TEXT_MAX, about->at)) {
        about->number = 0;
        return;
    }
    field_int(value, "device", 1, WIRE_INT_MAX, &about->device);
    for (size_t i = 0; i < ABOUT_TEXTS; i++)
        field_text(value, about_texts[i].name, about_texts[i].max, (char *)about + about_texts[i].at);
}

static bool verdict_read(const json_t *value, struct push_verdict *verdict)
{
    const char *word = json_string_value(value);
    if (word) {
        verdict->outcome = PUSH_ACCEPTED;
        return strcmp(word, outcome_words[PUSH_ACCEPTED]) == 0;
    }
    bool refused = field_text(value, outcome_words[PUSH_REFUSED], WORD_MAX, verdict->word);
    verdict->outcome = refused ? PUSH_REFUSED : PUSH_HELD;
    about_read(value, &verdict->about);
    return (refused || field_text(value, outcome_words[PUSH_HELD], WORD_MAX, verdict->word)) &&
           reply_is_token(verdict->word);
}

enum rc push_reply_encode(const struct push_reply *reply, char **ret_text, size_t *ret_len)
{
    assert(reply->count >= 0 && reply->count <= BATCH_MORE_MAX);
    json_t *verdicts = json_array();
    for (int i = 0; i < reply->count; i++)
        if (json_array_append_new(verdicts, verdict_object(&reply->verdicts[i])) != 0) {
            json_decref(verdicts);
            return RC_NOMEM;
        }
    json_t *members = json_pack("{s:I, s:o}", "acked", (json_int_t)reply->acked, "verdicts", verdicts);
    return field_dump(reply_object(&reply->head, members), ret_text, ret_len);
}

/* How many verdicts there are; the verdicts themselves are read by read_verdicts. */
static bool reply_parts(const json_t *object, struct reply_head *head, int64_t *ret_acked,
                        const json_t **ret_verdicts)
{
    *ret_verdicts = json_object_get(object, "verdicts");
    return reply_read(object, head) && field_int(object, "acked", 0, WIRE_INT_MAX, ret_acked) &&
           json_is_array(*ret_verdicts) && json_array_size(*ret_verdicts) <= BATCH_MORE_MAX;
}

/* All of them are good before one is written. */
static bool read_verdicts(const json_t *array, struct push_reply *reply)
{
    const json_t *verdict;
    size_t i;
    json_array_foreach(array, i, verdict)
    {
        struct push_verdict read = {.outcome = PUSH_ACCEPTED};
        if (!verdict_read(verdict, &read))
            return false;
    }
    json_array_foreach(array, i, verdict)
    {
        reply->verdicts[i] = (struct push_verdict){.outcome = PUSH_ACCEPTED};
        (void)verdict_read(verdict, &reply->verdicts[i]);
    }
    reply->count = (int)json_array_size(array);
    return true;
}

enum rc push_reply_decode(const void *data, size_t len, struct push_reply *ret_reply)
{
    json_t *object;
    const json_t *verdicts;
    enum rc rc = field_load(data, len, PUSH_REPLY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct reply_head head = {.history = ""};
    int64_t acked = 0;
    if (reply_parts(object, &head, &acked, &verdicts) && read_verdicts(verdicts, ret_reply)) {
        ret_reply->head = head;
        ret_reply->acked = acked;
    } else {
        rc = RC_BAD_INPUT;
    }
    json_decref(object);
    return rc;
}
