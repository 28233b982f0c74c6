/* Fuzzes what comes over the wire: the first byte names the decoder. What decodes must encode, and decode to the same. */
#include "sync/wire/body.h"
#include "sync/wire/challenge.h"
#include "sync/wire/enrol.h"
#include "sync/wire/epoch.h"
#include "sync/wire/health.h"
#include "sync/wire/pull.h"
#include "sync/wire/push.h"
#include "sync/wire/quick.h"
#include "sync/wire/refusal.h"
#include "sync/wire/session.h"
#include "sync/wire/snapshot.h"
#include "sync/wire/trace.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds, const char *wrong)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_wire: %s\n", wrong);
    abort();
}

/* Decodes; if that went well, encodes: the caller frees *ret_text. */
typedef enum rc round_trip(const void *data, size_t len, char **ret_text, size_t *ret_len);

#define AROUND(message)                                                                                              \
    static enum rc around_##message(const void *data, size_t len, char **ret_text, size_t *ret_len)                  \
    {                                                                                                                \
        static struct message decoded;                                                                               \
        enum rc rc = message##_decode(data, len, &decoded);                                                          \
        return rc == RC_OK ? message##_encode(&decoded, ret_text, ret_len) : rc;                                     \
    }
AROUND(enrol_request)
AROUND(enrol_reply)
AROUND(challenge_request)
AROUND(challenge_reply)
AROUND(session_request)
AROUND(session_reply)
AROUND(push_request)
AROUND(push_reply)
AROUND(pull_reply)
AROUND(health_reply)
AROUND(trace_request)
AROUND(trace_reply)
AROUND(snapshot_reply)
AROUND(epoch_request)
AROUND(epoch_reply)

/* A word of a later version has no encoding. */
static enum rc around_refusal(const void *data, size_t len, char **ret_text, size_t *ret_len)
{
    struct refusal decoded;
    enum rc rc = refusal_decode(data, len, &decoded);
    if (rc == RC_OK && decoded.kind == REFUSAL_OTHER)
        return RC_NOT_FOUND;
    return rc == RC_OK ? refusal_encode(&decoded, ret_text, ret_len) : rc;
}

static const struct {
    char name;
    round_trip *around;
} decoders[] = {{'E', around_enrol_request},   {'e', around_enrol_reply},     {'C', around_challenge_request},
                {'c', around_challenge_reply}, {'S', around_session_request}, {'s', around_session_reply},
                {'P', around_push_request},    {'p', around_push_reply},      {'l', around_pull_reply},
                {'h', around_health_reply},    {'r', around_refusal},         {'T', around_trace_request},
                {'t', around_trace_reply},     {'o', around_snapshot_reply},  {'K', around_epoch_request},
                {'k', around_epoch_reply}};

static void check_message(round_trip *around, const uint8_t *data, size_t size)
{
    char *once, *twice;
    size_t once_len, twice_len;
    if (around(data, size, &once, &once_len) != RC_OK)
        return;
    demand(around(once, once_len, &twice, &twice_len) == RC_OK, "what was encoded does not decode");
    demand(once_len == twice_len && memcmp(once, twice, once_len) == 0, "a round changed the message");
    free(once);
    free(twice);
}

static void check_string(const uint8_t *data, size_t size)
{
    struct enrol_string string;
    char *text = calloc(1, size + 1), again[ENROL_STRING_MAX + 1];
    memcpy(text, data, size);
    if (enrol_string_decode(text, &string) == RC_OK && enrol_string_encode(&string, again) == RC_OK)
        demand(enrol_string_decode(again, &string) == RC_OK, "an enrolment string does not decode again");
    free(text);
}

static void check_body(const uint8_t *data, size_t size)
{
    void *body;
    size_t len;
    if (body_expand(data, size, MESSAGE_BODY_MAX, &body, &len) != RC_OK)
        return;
    demand(len <= MESSAGE_BODY_MAX, "a body is larger than its limit");
    free(body);
}

/* What is read in a hurry is what jansson reads. */
static void check_quick(const uint8_t *data, size_t size)
{
    json_t *quick = quick_try((const char *)data, size), *full;
    if (!quick)
        return;
    full = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    char *written = quick_dump(quick), *expected = json_dumps(full, JSON_COMPACT);
    demand(full && json_equal(quick, full), "the quick reader read something else");
    demand(written && expected && strcmp(written, expected) == 0, "the quick writer wrote something else");
    free(written);
    free(expected);
    json_decref(quick);
    json_decref(full);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    for (size_t i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++)
        if (decoders[i].name == data[0])
            check_message(decoders[i].around, data + 1, size - 1);
    if (data[0] == 't')
        check_string(data + 1, size - 1);
    if (data[0] == 'j')
        check_quick(data + 1, size - 1);
    if (data[0] == 'z')
        check_body(data + 1, size - 1);
    return 0;
}
