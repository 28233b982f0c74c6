/* Access and push: who may speak, and that each record is taken exactly once. */
#include "sync/wire/challenge.h"
#include "sync/wire/enrol.h"
#include "sync/wire/session.h"
#include "tests/unit/server_stage.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char DOC[] = "tryton:wh:out,1";

static int setup(void **state)
{
    return stage_open(state, NULL);
}

/* Enrols with a token and key; HTTP's status, and the device. */
static int enrol(struct server_world *world, const char *token, const uint8_t *key, int64_t *ret_device)
{
    struct enrol_request request;
    struct enrol_reply reply;
    struct api_reply answer;
    char *text;
    size_t len;
    snprintf(request.token, sizeof request.token, "%s", token);
    memcpy(request.public_key, key, sizeof request.public_key);
    assert_int_equal(enrol_request_encode(&request, &text, &len), RC_OK);
    int status = server_world_send(world, "POST", "/v1/enrol", NULL, text, len, &answer);
    if (status == 200) {
        assert_int_equal(enrol_reply_decode(answer.body, answer.body_len, &reply), RC_OK);
        *ret_device = reply.device;
    }
    free(text);
    api_reply_free(&answer);
    return status;
}

static void invite(struct server_world *world, struct enrol_string *ret_string)
{
    char *out;
    const char *words[] = {"enrol", "--site", "CDB", "--url", "http://127.0.0.1:1", NULL};
    assert_int_equal(server_world_run(world, NULL, &out, NULL, words), 0);
    assert_int_equal(enrol_string_decode(strstr(out, "tallyman:1:"), ret_string), RC_OK);
    free(out);
}

static void enrolling_is_idempotent_for_token_and_key(void **state)
{
    struct stage *stage = *state;
    struct enrol_string string;
    uint8_t key[PUBLIC_KEY_BYTES] = {1}, other[PUBLIC_KEY_BYTES] = {2};
    int64_t first = 0, again = 0;
    invite(&stage->world, &string);
    assert_int_equal(enrol(&stage->world, string.token, key, &first), 200);
    server_world_reopen(&stage->world);
    assert_int_equal(enrol(&stage->world, string.token, key, &again), 200);
    assert_int_equal(first, again);
    assert_int_equal(enrol(&stage->world, string.token, other, &again), 403);
    assert_int_equal(enrol(&stage->world, "made-up", key, &again), 403);
    invite(&stage->world, &string);
    stage->world.now_ms += (ENROLMENT_S + 1) * 1000;
    assert_int_equal(enrol(&stage->world, string.token, key, &again), 403);
}

/* What a session request that `change` has spoilt is answered. */
static int session_status(struct handheld *handheld, int64_t as_device, int64_t wait_ms, int times)
{
    struct challenge_request ask = {.device = handheld->device};
    struct challenge_reply nonce;
    struct session_request request = {.device = as_device};
    struct api_reply answer;
    char *text;
    size_t len;
    int status = 0;
    assert_int_equal(challenge_request_encode(&ask, &text, &len), RC_OK);
    server_world_send(handheld->world, "POST", "/v1/challenge", NULL, text, len, &answer);
    assert_int_equal(challenge_reply_decode(answer.body, answer.body_len, &nonce), RC_OK);
    free(text);
    api_reply_free(&answer);
    memcpy(request.nonce, nonce.nonce, sizeof request.nonce);
    session_sign(handheld->secret_key, request.nonce, "", request.signature);
    assert_int_equal(session_request_encode(&request, &text, &len), RC_OK);
    handheld->world->now_ms += wait_ms;
    for (int i = 0; i < times; i++) {
        status = server_world_send(handheld->world, "POST", "/v1/session", NULL, text, len, &answer);
        api_reply_free(&answer);
    }
    free(text);
    return status;
}

static void a_session_needs_a_fresh_nonce_signed_by_its_device(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(session_status(&stage->a, stage->a.device, 0, 1), 200);
    assert_int_equal(session_status(&stage->a, stage->b.device, 0, 1), 401);
    assert_int_equal(session_status(&stage->a, stage->a.device, 0, 2), 401); /* a nonce twice */
    assert_int_equal(session_status(&stage->a, stage->a.device, (NONCE_S + 1) * 1000, 1), 401);
    assert_int_equal(session_status(&stage->a, 99, 0, 1), 403);
}

static void a_session_ends(void **state)
{
    struct stage *stage = *state;
    handheld_note(&stage->a, "sign-in", "");
    stage->world.now_ms += SESSION_S * 1000;
    assert_int_equal(handheld_push(&stage->a), 401);
    assert_string_equal(stage->a.error, "no-session");
    handheld_session(&stage->a);
    server_world_reopen(&stage->world);
    assert_int_equal(handheld_push(&stage->a), 200);
}

static void each_record_is_taken_once(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    handheld_note(a, "sign-in", "");
    handheld_open(a, DOC);
    handheld_scan(a, DOC, "A1", "accept", "ok");
    assert_int_equal(handheld_push(a), 200);
    assert_int_equal(a->reply.acked, 3);
    handheld_scan(a, DOC, "A2", "accept", "ok");
    /* the answer was lost, the server restarted: all again, and one more */
    server_world_reopen(&stage->world);
    assert_int_equal(handheld_push_from(a, 1), 200);
    assert_int_equal(a->reply.acked, 4);
    assert_int_equal(handheld_push_from(a, 2), 200);
    assert_int_equal(a->reply.acked, 4);
    json_t *records = server_world_list(&stage->world, "records");
    assert_int_equal(json_array_size(records), 4);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(records, 3), "seq")), 4);
    assert_string_equal(json_string_value(json_object_get(json_array_get(records, 3), "reason")), "ok");
    json_decref(records);
}

static void a_repeat_is_answered_with_the_stored_verdict(void **state)
{
    struct stage *stage = *state;
    handheld_scan(&stage->a, DOC, "A1", "accept", "ok");
    assert_int_equal(handheld_push(&stage->a), 200);
    int64_t lost = handheld_scan(&stage->b, DOC, "A1", "accept", "ok");
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(handheld_verdict(&stage->b, lost), "lost-claim");
    /* by now the claim would be free: the verdict stays */
    handheld_refer(&stage->a, "undo", DOC, 1);
    assert_int_equal(handheld_push(&stage->a), 200);
    assert_int_equal(handheld_push_from(&stage->b, 1), 200);
    assert_string_equal(handheld_verdict(&stage->b, lost), "lost-claim");
}

static void a_gap_names_the_number_expected(void **state)
{
    struct stage *stage = *state;
    handheld_note(&stage->a, "sign-in", "");
    handheld_note(&stage->a, "sign-out", "");
    assert_int_equal(handheld_push_from(&stage->a, 2), 409);
    assert_string_equal(stage->a.error, "gap");
    assert_int_equal(stage->a.expected, 1);
    /* an epoch that nobody was given */
    stage->a.epoch = 2;
    assert_int_equal(handheld_push_from(&stage->a, 2), 409);
    assert_string_equal(stage->a.error, "fork");
}

static void a_fork_is_stopped_and_told(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    handheld_note(a, "sign-in", "");
    struct handheld clone = *a;
    clone.lines = malloc(WORLD_LINES_MAX);
    memcpy(clone.lines, a->lines, a->len);
    handheld_note(a, "sign-out", "");
    assert_int_equal(handheld_push(a), 200);
    handheld_note(&clone, "sign-failed", "");
    handheld_note(&clone, "sign-in", "");
    assert_int_equal(handheld_push(&clone), 409);
    assert_string_equal(clone.error, "fork");
    assert_int_equal(clone.expected, 2);
    assert_int_equal(handheld_push(&clone), 409);
    json_t *records = server_world_list(&stage->world, "records");
    json_t *conflicts = server_world_list(&stage->world, "conflicts");
    assert_int_equal(json_array_size(records), 2);
    assert_int_equal(json_array_size(conflicts), 1);
    json_decref(records);
    json_decref(conflicts);
    handheld_free(&clone);
}

static void a_changed_byte_breaks_the_chain(void **state)
{
    struct stage *stage = *state;
    handheld_note(&stage->a, "sign-in", "");
    handheld_note(&stage->a, "sign-out", "");
    char *wang = strstr(stage->a.lines, "wang");
    memcpy(wang, "weng", 4);
    assert_int_equal(handheld_push(&stage->a), 422);
    assert_string_equal(stage->a.error, "bad-chain");
    memcpy(wang, "wang", 4);
    assert_int_equal(handheld_push(&stage->a), 200);
}

static void another_device_cannot_sign(void **state)
{
    struct stage *stage = *state;
    uint8_t own[SECRET_KEY_BYTES];
    memcpy(own, stage->a.secret_key, sizeof own);
    memcpy(stage->a.secret_key, stage->b.secret_key, sizeof own);
    handheld_note(&stage->a, "sign-in", "");
    assert_int_equal(handheld_push(&stage->a), 422);
    assert_string_equal(stage->a.error, "bad-signature");
    memcpy(stage->a.secret_key, own, sizeof own);
    assert_int_equal(handheld_push(&stage->a), 200);
}

static void a_bad_record_uses_up_its_number(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    static const char *const BAD[] = {"not json\n", "[1]\n",
                                      "{\"device\":1,\"epoch\":1,\"seq\":77,\"kind\":\"scan\"}\n"};
    for (size_t i = 0; i < 3; i++) {
        memcpy(a->lines + a->len, BAD[i], strlen(BAD[i]));
        chain_next(a->head, BAD[i], strlen(BAD[i]) - 1, a->head);
        a->len += strlen(BAD[i]);
        a->seq++;
    }
    handheld_note(a, "song", "");
    handheld_note(a, "scan", ""); /* without a document */
    int64_t good = handheld_scan(a, DOC, "A1", "accept", "ok");
    assert_int_equal(handheld_push(a), 200);
    assert_int_equal(a->reply.acked, good);
    for (int64_t seq = 1; seq <= 3; seq++)
        assert_string_equal(handheld_verdict(a, seq), "bad-record");
    assert_string_equal(handheld_verdict(a, 4), "unknown-kind");
    assert_string_equal(handheld_verdict(a, 5), "bad-record");
    assert_string_equal(handheld_verdict(a, good), "accepted");
}

static void a_batch_is_bounded(void **state)
{
    struct stage *stage = *state;
    for (int i = 0; i < BATCH_MORE_MAX; i++)
        handheld_note(&stage->a, "sign-in", "");
    assert_int_equal(handheld_push(&stage->a), 200);
    assert_int_equal(stage->a.reply.acked, BATCH_MORE_MAX);
    assert_true(api_body_max("/v1/push") == PUSH_BODY_MAX && api_body_max("/v1/enrol") == MESSAGE_BODY_MAX);
}

static void what_is_not_the_protocol_is_refused_and_counted(void **state)
{
    static const struct {
        const char *method, *path, *body;
        int status;
    } CASES[] = {
        {"GET", "/", "", 404},           {"GET", "/v1/push", "", 405},       {"POST", "/v1/health", "", 405},
        {"POST", "/v1/enrol", "{", 400}, {"POST", "/v1/session", "[]", 400}, {"POST", "/v1/challenge", "", 400},
        {"POST", "/v1/push", "", 401},   {"GET", "/v1/pull", "", 401}};
    struct stage *stage = *state;
    struct api_reply reply;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        int status = server_world_send(&stage->world, CASES[i].method, CASES[i].path, NULL, CASES[i].body,
                                       strlen(CASES[i].body), &reply);
        assert_int_equal(status, CASES[i].status);
        api_reply_free(&reply);
        assert_int_equal(server_refused(stage->world.server), i + 1);
    }
    assert_int_equal(server_world_send(&stage->world, "POST", "/v1/push", stage->a.token, "{}\n", 3, &reply), 400);
    api_reply_free(&reply);
    assert_int_equal(server_world_send(&stage->world, "GET", "/v1/health", NULL, "", 0, &reply), 200);
    api_reply_free(&reply);
}

/* A frame whose header says that it holds 1 GiB. */
static void a_bomb_is_refused(void **state)
{
    struct stage *stage = *state;
    static const uint8_t FRAME_SAYS_1_GIB[] = {0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0x00,
                                               0x00, 0x00, 0x40, 0x01, 0x00, 0x00};
    struct api_request request = {.method = "POST",
                                  .path = "/v1/push",
                                  .bearer = stage->a.token,
                                  .body = FRAME_SAYS_1_GIB,
                                  .body_len = sizeof FRAME_SAYS_1_GIB,
                                  .zstd = true};
    struct api_reply reply;
    api_handle(stage->world.server, &request, &reply);
    assert_int_equal(reply.status, 413);
    api_reply_free(&reply);
    assert_false(api_admit(stage->world.server, &request, PUSH_BODY_MAX + 1, &reply));
    assert_int_equal(reply.status, 413);
    api_reply_free(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stage_close)
        TEST(enrolling_is_idempotent_for_token_and_key),
        TEST(a_session_needs_a_fresh_nonce_signed_by_its_device),
        TEST(a_session_ends),
        TEST(each_record_is_taken_once),
        TEST(a_repeat_is_answered_with_the_stored_verdict),
        TEST(a_gap_names_the_number_expected),
        TEST(a_fork_is_stopped_and_told),
        TEST(a_changed_byte_breaks_the_chain),
        TEST(another_device_cannot_sign),
        TEST(a_bad_record_uses_up_its_number),
        TEST(a_batch_is_bounded),
        TEST(what_is_not_the_protocol_is_refused_and_counted),
        TEST(a_bomb_is_refused),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
