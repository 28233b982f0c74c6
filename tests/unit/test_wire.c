/* Wire messages: what is encoded decodes to the same; whatever is cut, changed or too large is refused. */
#include "sync/wire/body.h"
#include "sync/wire/challenge.h"
#include "sync/wire/enrol.h"
#include "sync/wire/epoch.h"
#include "sync/wire/field.h"
#include "sync/wire/health.h"
#include "sync/wire/pull.h"
#include "sync/wire/push.h"
#include "sync/wire/refusal.h"
#include "sync/wire/session.h"
#include "sync/wire/snapshot.h"
#include "sync/wire/trace.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct reply_head head = {.history = "h-1", .time_ms = 1795323153123};

/* Room for the largest decoded message. */
static union {
    struct enrol_request enrol_request;
    struct enrol_reply enrol_reply;
    struct challenge_request challenge_request;
    struct challenge_reply challenge_reply;
    struct session_request session_request;
    struct session_reply session_reply;
    struct push_request push_request;
    struct push_reply push_reply;
    struct pull_reply pull_reply;
    struct refusal refusal;
    struct health_reply health_reply;
    struct trace_request trace_request;
    struct trace_reply trace_reply;
    struct snapshot_reply snapshot_reply;
    struct epoch_request epoch_request;
    struct epoch_reply epoch_reply;
} decoded;

typedef enum rc decode_any(const void *data, size_t len);

#define DECODER(message)                                                                                             \
    static enum rc decode_##message(const void *data, size_t len)                                                    \
    {                                                                                                                \
        return message##_decode(data, len, &decoded.message);                                                        \
    }
DECODER(enrol_request)
DECODER(enrol_reply)
DECODER(challenge_request)
DECODER(challenge_reply)
DECODER(session_request)
DECODER(session_reply)
DECODER(push_request)
DECODER(push_reply)
DECODER(pull_reply)
DECODER(trace_request)
DECODER(trace_reply)
DECODER(snapshot_reply)
DECODER(epoch_request)
DECODER(epoch_reply)
DECODER(refusal)
DECODER(health_reply)

/* Decoding from memory that ends where the message ends, so that ASan sees a byte read too many. */
static enum rc decode_exact(decode_any *decode, const char *text, size_t len)
{
    char *copy = malloc(len ? len : 1);
    memcpy(copy, text, len);
    enum rc rc = decode(copy, len);
    free(copy);
    return rc;
}

/* No prefix of a message is a message; no message becomes a crash by one byte changed. Frees the text. */
static void check_robust(decode_any *decode, char *text, size_t len)
{
    for (size_t cut = 0; cut < len; cut++)
        assert_int_not_equal(decode_exact(decode, text, cut), RC_OK);
    for (size_t at = 0; at < len; at++) {
        char kept = text[at];
        static const char others[] = {'\0', '"', '{', '\xff', '9', '\n'};
        for (size_t i = 0; i < sizeof(others); i++) {
            text[at] = others[i];
            decode_exact(decode, text, len);
        }
        text[at] = kept;
    }
    assert_int_equal(decode(text, len), RC_OK);
    free(text);
}

static void check_head(const struct reply_head *read)
{
    assert_string_equal(read->history, head.history);
    assert_true(read->time_ms == head.time_ms);
}

static void test_enrol(void **state)
{
    (void)state;
    char *text;
    size_t len;
    struct enrol_request request = {.token = "T0ken-_.~"};
    memset(request.public_key, 0xa5, sizeof(request.public_key));
    assert_int_equal(enrol_request_encode(&request, &text, &len), RC_OK);
    assert_int_equal(decode_enrol_request(text, len), RC_OK);
    assert_string_equal(decoded.enrol_request.token, request.token);
    assert_memory_equal(decoded.enrol_request.public_key, request.public_key, PUBLIC_KEY_BYTES);
    check_robust(decode_enrol_request, text, len);

    struct enrol_reply reply = {.head = head, .device = 3, .site = "中心库", .url = "https://tally.example:8443/w"};
    assert_int_equal(enrol_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_enrol_reply(text, len), RC_OK);
    check_head(&decoded.enrol_reply.head);
    assert_true(decoded.enrol_reply.device == 3);
    assert_string_equal(decoded.enrol_reply.site, "中心库");
    assert_string_equal(decoded.enrol_reply.url, reply.url);
    check_robust(decode_enrol_reply, text, len);
}

static void test_enrol_string(void **state)
{
    (void)state;
    struct enrol_string string = {.url = "http://127.0.0.1:8080", .token = "abc-123"}, read;
    memset(string.pins[0], 'a', WIRE_PIN_TEXT);
    char text[ENROL_STRING_MAX + 1], blanks[ENROL_STRING_MAX + 16];
    assert_int_equal(enrol_string_encode(&string, text), RC_OK);
    assert_int_equal(strncmp(text, "tallyman:1:", 11), 0);
    snprintf(blanks, sizeof(blanks), "  %s\r\n", text);
    assert_int_equal(enrol_string_decode(blanks, &read), RC_OK);
    assert_string_equal(read.url, string.url);
    assert_string_equal(read.token, string.token);
    assert_string_equal(read.pins[0], string.pins[0]);
    assert_string_equal(read.pins[1], "");
    text[9] = '2';
    assert_int_equal(enrol_string_decode(text, &read), RC_NEWER);
    text[9] = '1';
    for (size_t cut = strlen(text) - 1; cut > 0; cut--) {
        text[cut] = '\0';
        assert_int_not_equal(enrol_string_decode(text, &read), RC_OK);
    }
    static const char *const bad[] = {"",        " ", "tally", "tallyman:1:!!", "tallyman:1:e30", "tallyman:1: x",
                                      "http://x"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(enrol_string_decode(bad[i], &read), RC_BAD_INPUT);
}

static void test_urls(void **state)
{
    (void)state;
    static const char *const good[] = {"http://127.0.0.1:1", "https://a", "https://a.b/c", "http://[::1]:80"};
    static const char *const bad[] = {
        "",           "http://",     "ftp://a",        "http://a/", "http:///a", "https://a b", "https://u:p@host",
        "http://a?b", "http://a\nb", "http://\xc3\xa9"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(enrol_url_ok(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(enrol_url_ok(bad[i]));
}

static void test_challenge(void **state)
{
    (void)state;
    char *text;
    size_t len;
    assert_int_equal(challenge_request_encode(&(struct challenge_request){.device = 7}, &text, &len), RC_OK);
    assert_int_equal(decode_challenge_request(text, len), RC_OK);
    assert_true(decoded.challenge_request.device == 7);
    check_robust(decode_challenge_request, text, len);
    struct challenge_reply reply = {.head = head};
    memset(reply.nonce, 0x5a, sizeof(reply.nonce));
    assert_int_equal(challenge_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_challenge_reply(text, len), RC_OK);
    check_head(&decoded.challenge_reply.head);
    assert_memory_equal(decoded.challenge_reply.nonce, reply.nonce, NONCE_BYTES);
    check_robust(decode_challenge_reply, text, len);
}

static void test_session(void **state)
{
    (void)state;
    uint8_t public_key[PUBLIC_KEY_BYTES], secret_key[SECRET_KEY_BYTES];
    crypto_sign_keypair(public_key, secret_key);
    struct session_request request = {.device = 3};
    randombytes_buf(request.nonce, sizeof(request.nonce));
    session_sign(secret_key, request.nonce, "", request.signature);
    char *text;
    size_t len;
    assert_int_equal(session_request_encode(&request, &text, &len), RC_OK);
    assert_int_equal(decode_session_request(text, len), RC_OK);
    assert_true(session_verify(public_key, &decoded.session_request, ""));
    assert_false(session_verify(public_key, &decoded.session_request, "aa"));
    decoded.session_request.nonce[31] ^= 1;
    assert_false(session_verify(public_key, &decoded.session_request, ""));
    check_robust(decode_session_request, text, len);

    struct session_reply reply = {.head = head, .token = "bearer", .expires_s = 900, .batch = 2000};
    assert_int_equal(session_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_session_reply(text, len), RC_OK);
    check_head(&decoded.session_reply.head);
    assert_string_equal(decoded.session_reply.token, "bearer");
    assert_true(decoded.session_reply.expires_s == 900 && decoded.session_reply.batch == 2000);
    check_robust(decode_session_reply, text, len);
    static const char evil[] =
        "{\"history\":\"h\",\"time\":\"2026-01-01T00:00:00Z\",\"token\":\"a\\r\\nX: y\",\"expires_s\":9}";
    assert_int_equal(decode_session_reply(evil, strlen(evil)), RC_BAD_INPUT);
    for (int batch = BATCH_MAX - 1; batch <= BATCH_MAX; batch++) { /* fewer than always may be */
        reply.batch = batch;
        assert_int_equal(session_reply_encode(&reply, &text, &len), RC_OK);
        assert_int_equal(decode_session_reply(text, len), batch < BATCH_MAX ? RC_BAD_INPUT : RC_OK);
        free(text);
    }
}

static struct push_request three_records(void)
{
    static const char lines[] = "{\"seq\":12}\n{\"seq\":13}\n{\"seq\":14}\n";
    struct push_request request = {.epoch = 1, .first = 12, .count = 3, .lines = lines, .lines_len = strlen(lines)};
    memset(request.head, 0x11, sizeof(request.head));
    return request;
}

static void test_push_request(void **state)
{
    (void)state;
    uint8_t public_key[PUBLIC_KEY_BYTES], secret_key[SECRET_KEY_BYTES];
    crypto_sign_keypair(public_key, secret_key);
    struct push_request request = three_records(), *read = &decoded.push_request;
    push_sign(secret_key, 3, &request);
    char *text;
    size_t len, offset = 0, body_len;
    const char *body;
    assert_int_equal(push_request_encode(&request, &text, &len), RC_OK);
    assert_int_equal(decode_push_request(text, len), RC_OK);
    assert_true(read->epoch == 1 && read->first == 12 && read->count == 3);
    assert_true(push_verify(public_key, 3, read));
    assert_false(push_verify(public_key, 4, read));
    for (int i = 0; i < 3; i++) {
        char expected[16];
        assert_true(push_next(read, &offset, &body, &body_len));
        assert_int_equal(snprintf(expected, sizeof(expected), "{\"seq\":%d}", 12 + i), (int)body_len);
        assert_memory_equal(body, expected, body_len);
    }
    assert_false(push_next(read, &offset, &body, &body_len));
    read->first++;
    assert_false(push_verify(public_key, 3, read));
    check_robust(decode_push_request, text, len);
}

static void test_push_limits(void **state)
{
    (void)state;
    char *lines = calloc(1, 2 * (BATCH_MORE_MAX + 1) + 1), *text;
    size_t len;
    for (int i = 0; i <= BATCH_MORE_MAX; i++)
        memcpy(lines + 2 * i, "x\n", 2);
    struct push_request request = {.epoch = 1, .first = 1, .count = BATCH_MORE_MAX, .lines = lines};
    request.lines_len = 2 * BATCH_MORE_MAX;
    assert_int_equal(push_request_encode(&request, &text, &len), RC_OK);
    assert_int_equal(decode_push_request(text, len), RC_OK);
    free(text);
    request.lines_len = 2 * (BATCH_MORE_MAX + 1);
    assert_int_equal(push_request_encode(&request, &text, &len), RC_OK);
    assert_int_equal(decode_push_request(text, len), RC_TOO_BIG);
    free(text);
    free(lines);

    lines = malloc(RECORD_LINE_MAX + 2);
    memset(lines, 'x', RECORD_LINE_MAX + 2);
    request.count = 1;
    for (int over = 0; over <= 1; over++) {
        request.lines = lines;
        request.lines_len = (size_t)RECORD_LINE_MAX + (size_t)over + 1;
        lines[request.lines_len - 1] = '\n';
        assert_int_equal(push_request_encode(&request, &text, &len), RC_OK);
        assert_int_equal(decode_push_request(text, len), over ? RC_TOO_BIG : RC_OK);
        free(text);
        lines[request.lines_len - 1] = 'x';
    }
    free(lines);
    text = calloc(1, PUSH_BODY_MAX + 1);
    assert_int_equal(decode_push_request(text, PUSH_BODY_MAX + 1), RC_TOO_BIG);
    free(text);
}

static void test_push_reply(void **state)
{
    (void)state;
    static struct push_reply reply = {.acked = 14, .count = BATCH_MAX};
    reply.head = head;
    reply.verdicts[1] = (struct push_verdict){.outcome = PUSH_REFUSED, .word = "lost-claim"};
    reply.verdicts[2] = (struct push_verdict){.outcome = PUSH_HELD, .word = "key-mismatch"};
    reply.verdicts[1].about = (struct push_about){.number = 12,
                                                  .at = "2026-11-22T13:12:33.123+08:00",
                                                  .device = 5,
                                                  .operator= "li",
                                                  .no = "SO-2",
                                                  .holder = "transit:party:D-1"};
    reply.verdicts[2].about = (struct push_about){.number = 13, .at = "2026-11-22T13:12:33.123+08:00"};
    char *text;
    size_t len;
    assert_int_equal(push_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_push_reply(text, len), RC_OK);
    free(text);
    const struct push_reply *read = &decoded.push_reply;
    assert_int_equal(read->count, BATCH_MAX);
    for (int i = 0; i < BATCH_MAX; i++) {
        assert_int_equal(read->verdicts[i].outcome, reply.verdicts[i].outcome);
        assert_string_equal(read->verdicts[i].word, reply.verdicts[i].word);
        assert_memory_equal(&read->verdicts[i].about, &reply.verdicts[i].about, sizeof(struct push_about));
    }
    reply.count = 3;
    assert_int_equal(push_reply_encode(&reply, &text, &len), RC_OK);
    check_robust(decode_push_reply, text, len);
    /* all refused, with the longest words: still within one message */
    for (int i = 0; i < BATCH_MORE_MAX; i++) {
        reply.verdicts[i].outcome = PUSH_REFUSED;
        memset(reply.verdicts[i].word, 'w', WORD_MAX);
        struct push_about *about = &reply.verdicts[i].about;
        if (i >= PUSH_ABOUT_MAX)
            continue;
        about->number = about->device = WIRE_INT_MAX;
        memset(about->at, '9', TIME_TEXT_MAX);
        memset(about->operator, 'o', ID_MAX);
        memset(about->no, 'n', ID_MAX);
        memset(about->holder, 'h', HOLDER_MAX);
    }
    static const struct {
        int count;
        size_t max;
    } sizes[] = {{BATCH_MAX, MESSAGE_BODY_MAX}, {BATCH_MORE_MAX, PUSH_REPLY_MAX}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        reply.count = sizes[i].count;
        assert_int_equal(push_reply_encode(&reply, &text, &len), RC_OK);
        assert_in_range(len, 1, sizes[i].max);
        assert_int_equal(decode_push_reply(text, len), RC_OK);
        assert_int_equal(read->count, sizes[i].count);
        free(text);
    }
}

static void test_pull(void **state)
{
    (void)state;
    static const char lines[] = "{\"type\":\"site\",\"id\":\"CDB\"}\n{\"type\":\"lot\",\"gone\":true}\n";
    struct pull_reply reply = {.head = head,
                               .cursor = "c-2.1_~",
                               .more = true,
                               .epoch = 1,
                               .applied_seq = 12,
                               .count = 2,
                               .lines = lines,
                               .lines_len = strlen(lines)};
    char *text, path[PULL_PATH_MAX + 1];
    size_t len;
    assert_int_equal(pull_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_pull_reply(text, len), RC_OK);
    const struct pull_reply *read = &decoded.pull_reply;
    check_head(&read->head);
    assert_string_equal(read->cursor, reply.cursor);
    assert_true(read->more && read->epoch == 1 && read->applied_seq == 12 && read->count == 2);
    assert_int_equal(read->lines_len, strlen(lines));
    assert_memory_equal(read->lines, lines, strlen(lines));
    check_robust(decode_pull_reply, text, len);
    reply.count = 0, reply.lines = NULL, reply.lines_len = 0;
    assert_int_equal(pull_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_pull_reply(text, len), RC_OK);
    free(text);
    assert_string_equal(pull_path("", path), "/v1/pull");
    assert_string_equal(pull_path("a-1", path), "/v1/pull?cursor=a-1");
    assert_false(pull_cursor_ok(""));
    assert_false(pull_cursor_ok("a&b"));
    assert_false(pull_cursor_ok("0123456789012345678901234567890123456789012345678901234567890123"));
}

static void test_trace(void **state)
{
    (void)state;
    static const char lines[] = "{\"row\":\"code\"}\n{\"row\":\"move\"}\n";
    struct trace_request request = {.key = "(00)069012340000000016"};
    struct trace_reply reply = {
        .head = head, .key = "plain:1", .count = 2, .lines = lines, .lines_len = strlen(lines)};
    char *text;
    size_t len;
    assert_int_equal(trace_request_encode(&request, &text, &len), RC_OK);
    assert_int_equal(decode_trace_request(text, len), RC_OK);
    assert_string_equal(decoded.trace_request.key, request.key);
    check_robust(decode_trace_request, text, len);
    assert_int_equal(decode_trace_request("{\"key\":\"\"}", 10), RC_BAD_INPUT);
    assert_int_equal(trace_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_trace_reply(text, len), RC_OK);
    const struct trace_reply *read = &decoded.trace_reply;
    check_head(&read->head);
    assert_string_equal(read->key, reply.key);
    assert_int_equal(read->count, 2);
    assert_memory_equal(read->lines, lines, strlen(lines));
    check_robust(decode_trace_reply, text, len);
    reply.count = 1;
    assert_int_equal(trace_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_trace_reply(text, len), RC_BAD_INPUT);
    free(text);
}

static void test_epoch(void **state)
{
    (void)state;
    struct epoch_request request = {.epoch = 2, .first = 4, .last = 9, .device = 3, .count = 3};
    struct epoch_reply reply = {
        .head = head, .seq = 5, .epoch = 3, .missing = 1, .count = 2, .spans = {{1, 0}, {3, 5}}};
    static const char *const bad[] = {"{\"epoch\":1,\"first\":1,\"last\":1,\"marks\":[]}",
                                      "{\"epoch\":1,\"first\":1,\"last\":0,\"marks\":[[0,\"00\"]]}",
                                      "{\"epoch\":1,\"first\":1,\"last\":0,\"marks\":[0]}",
                                      "{\"epoch\":0,\"first\":1,\"last\":0,\"marks\":[[0]]}"};
    char *text;
    size_t len;
    for (int i = 0; i < 3; i++) {
        request.marks[i].seq = i < 2 ? 3 + i : 9;
        memset(request.marks[i].hash, i + 1, CHAIN_HASH_BYTES);
    }
    assert_int_equal(epoch_request_encode(&request, &text, &len), RC_OK);
    assert_int_equal(decode_epoch_request(text, len), RC_OK);
    assert_memory_equal(&decoded.epoch_request, &request, sizeof(request));
    check_robust(decode_epoch_request, text, len);
    request.marks[2].seq = 4; /* neither ascending, nor the last one that there is */
    assert_int_equal(epoch_request_encode(&request, &text, &len), RC_OK);
    assert_int_equal(decode_epoch_request(text, len), RC_BAD_INPUT);
    free(text);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(decode_epoch_request(bad[i], strlen(bad[i])), RC_BAD_INPUT);
    assert_int_equal(epoch_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_epoch_reply(text, len), RC_OK);
    check_head(&decoded.epoch_reply.head);
    assert_true(decoded.epoch_reply.epoch == 3 && decoded.epoch_reply.spans[1].base == 5);
    check_robust(decode_epoch_reply, text, len);
    reply.epoch = 2; /* not the last one's */
    assert_int_equal(epoch_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_epoch_reply(text, len), RC_BAD_INPUT);
    free(text);
}

static void test_snapshot(void **state)
{
    (void)state;
    struct snapshot_reply reply = {
        .head = head, .size = 5, .schema = 4, .cursor = "h-1-17-1-2", .epoch = 1, .applied_seq = 2};
    char *text, path[SNAPSHOT_PATH_MAX + 1];
    size_t len;
    memset(reply.hash, 0xab, sizeof(reply.hash));
    assert_int_equal(snapshot_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_snapshot_reply(text, len), RC_OK);
    const struct snapshot_reply *read = &decoded.snapshot_reply;
    check_head(&read->head);
    assert_memory_equal(read->hash, reply.hash, sizeof(reply.hash));
    assert_string_equal(read->cursor, reply.cursor);
    assert_true(read->size == 5 && read->schema == 4 && read->epoch == 1 && read->applied_seq == 2);
    check_robust(decode_snapshot_reply, text, len);
    const int64_t bad[] = {0, -1, SNAPSHOT_BYTES_MAX + 1};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        reply.size = bad[i];
        assert_int_equal(snapshot_reply_encode(&reply, &text, &len), RC_OK);
        assert_int_equal(decode_snapshot_reply(text, len), RC_BAD_INPUT);
        free(text);
    }
    assert_string_equal(snapshot_path("", path), "/v1/snapshot");
    assert_string_equal(snapshot_path("a-1", path), "/v1/snapshot?cursor=a-1");
    assert_memory_equal(snapshot_bytes_path(reply.hash, path), "/v1/snapshot/abababab", 21);
    assert_int_equal(strlen(path), 13 + SNAPSHOT_HASH_TEXT);
}

static void test_refusal(void **state)
{
    (void)state;
    char *text;
    size_t len;
    for (int kind = 0; kind < REFUSAL_OTHER; kind++) {
        struct refusal refusal = {.head = head, .kind = (enum refusal_kind)kind, .text = "No.", .expected = kind};
        assert_int_equal(refusal_encode(&refusal, &text, &len), RC_OK);
        assert_int_equal(decode_refusal(text, len), RC_OK);
        assert_int_equal(decoded.refusal.kind, kind);
        assert_string_equal(decoded.refusal.text, "No.");
        assert_true(decoded.refusal.expected == kind && decoded.refusal.seq == 0 && decoded.refusal.acked == 0);
        check_robust(decode_refusal, text, len);
    }
    static const char later[] =
        "{\"history\":\"h\",\"time\":\"2026-01-01T00:00:00.000+00:00\",\"error\":\"of-a-later-version\"}";
    assert_int_equal(decode_refusal(later, strlen(later)), RC_OK);
    assert_int_equal(decoded.refusal.kind, REFUSAL_OTHER);
}

static void test_health(void **state)
{
    (void)state;
    char *text;
    size_t len;
    struct health_reply reply = {.head = head, .ok = true, .version = "0.1.0"};
    assert_int_equal(health_reply_encode(&reply, &text, &len), RC_OK);
    assert_int_equal(decode_health_reply(text, len), RC_OK);
    assert_true(decoded.health_reply.ok);
    check_robust(decode_health_reply, text, len);
}

static void test_fields(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "[]", "1", "{", "{\"a\":1,\"a\":2}", "{}x", "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}"};
    json_t *object;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(field_load(bad[i], strlen(bad[i]), MESSAGE_BODY_MAX, &object), RC_BAD_INPUT);
    assert_int_equal(field_load("{}", 2, 1, &object), RC_TOO_BIG);
    char *deep = malloc(MESSAGE_BODY_MAX);
    memset(deep, '[', MESSAGE_BODY_MAX);
    assert_int_equal(field_load(deep, MESSAGE_BODY_MAX, MESSAGE_BODY_MAX, &object), RC_BAD_INPUT);
    free(deep);
    int count = -1;
    assert_int_equal(field_lines("a\nb\n", 4, 1, 2, &count), RC_OK);
    assert_int_equal(count, 2);
    assert_int_equal(field_lines("a\nb", 3, 1, 2, &count), RC_BAD_INPUT);
    assert_int_equal(field_lines("a\n\n", 3, 1, 2, &count), RC_BAD_INPUT);
    assert_int_equal(field_lines("a\nb\n", 4, 1, 1, &count), RC_TOO_BIG);
    assert_int_equal(field_lines("aa\n", 3, 1, 1, &count), RC_TOO_BIG);
    static const char odd[] = "{\"n\":9007199254740992,\"h\":\"AB\",\"r\":1.0}";
    assert_int_equal(field_load(odd, strlen(odd), MESSAGE_BODY_MAX, &object), RC_OK);
    int64_t number = -1;
    uint8_t byte;
    assert_false(field_int(object, "n", 0, WIRE_INT_MAX, &number));
    assert_false(field_int(object, "r", 0, WIRE_INT_MAX, &number));
    assert_true(number == -1);
    assert_false(field_hex(object, "h", 1, &byte)); /* upper case: two texts would mean the same bytes */
    json_decref(object);
}

/* The vectors of sync/PROTOCOL.md, section 17. */
static void test_vectors(void **state)
{
    (void)state;
    static const char lines[] =
        "{\"device\":3,\"epoch\":1,\"seq\":1,\"at\":\"2026-11-22T05:12:33.123+08:00\",\"kind\":"
        "\"sign-in\",\"operator\":\"wang\",\"site\":\"CDB\"}\n"
        "{\"device\":3,\"epoch\":1,\"seq\":2,\"at\":\"2026-11-22T05:13:01.500+08:00\",\"kind\":"
        "\"sign-out\",\"operator\":\"wang\",\"site\":\"CDB\"}\n";
    uint8_t seed[crypto_sign_SEEDBYTES], public_key[PUBLIC_KEY_BYTES], secret_key[SECRET_KEY_BYTES];
    uint8_t nonce[NONCE_BYTES], signature[SIGNATURE_BYTES];
    struct push_request request = {.epoch = 1, .first = 1, .count = 2, .lines = lines, .lines_len = strlen(lines)};
    char text[2 * SIGNATURE_BYTES + 1];
    const char *body;
    size_t offset = 0, len;
    for (uint8_t i = 0; i < 32; i++) {
        seed[i] = i;
        nonce[i] = (uint8_t)(0x80 + i);
    }
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    while (push_next(&request, &offset, &body, &len))
        chain_next(request.head, body, len, request.head);
    assert_string_equal(chain_print(request.head, text),
                        "846969ee6be9d73c9caa3769d5fa55c3e581b5f8abb6eb6b4c43fb4e77d487d9");
    push_sign(secret_key, 3, &request);
    assert_string_equal(sodium_bin2hex(text, sizeof(text), request.signature, SIGNATURE_BYTES),
                        "28b465ebc96a45dae4b1592510438fa5825912b3f952e329ca36ae456f8cb796"
                        "f43844cbd9c9767c83cd235fb164f022ce206aed417bf4b448f284a6cf52800a");
    session_sign(secret_key, nonce, "", signature);
    assert_string_equal(sodium_bin2hex(text, sizeof(text), signature, SIGNATURE_BYTES),
                        "d959ac84ab9e414823f1feaddd3cfb0783b877fed1b1a0854944c4c1e34a5818"
                        "1756b6e40dcf54c8a8ceef0f9366d2d395e074fee50ffc5f1291486714ca8101");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enrol),       cmocka_unit_test(test_enrol_string), cmocka_unit_test(test_urls),
        cmocka_unit_test(test_challenge),   cmocka_unit_test(test_session),      cmocka_unit_test(test_push_request),
        cmocka_unit_test(test_push_limits), cmocka_unit_test(test_push_reply),   cmocka_unit_test(test_pull),
        cmocka_unit_test(test_refusal),     cmocka_unit_test(test_health),       cmocka_unit_test(test_fields),
        cmocka_unit_test(test_vectors),     cmocka_unit_test(test_trace),        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_epoch),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
