#include "tests/unit/client_world.h"
#include "sync/wire/body.h"
#include "sync/wire/challenge.h"
#include "sync/wire/enrol.h"
#include "sync/wire/refusal.h"
#include "sync/wire/session.h"
#include "sync/wire/trace.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the device ---- */

static enum rc get_state(void *context, struct sync_state *ret_state)
{
    *ret_state = ((struct world *)context)->state;
    return RC_OK;
}

static enum rc get_batch(void *context, int64_t first_seq, int max, struct sync_batch *ret_batch)
{
    struct world *world = context;
    size_t len = 0;
    struct sync_batch batch = {.first_seq = first_seq};
    free(world->batch);
    world->batch = malloc((size_t)max * WORLD_BODY_MAX);
    for (int64_t seq = first_seq; seq <= world->state.last_seq && batch.count < max; seq++, batch.count++) {
        const struct world_record *record = &world->records[seq];
        size_t body_len = strlen(record->body);
        memcpy(world->batch + len, record->body, body_len);
        world->batch[len + body_len] = '\n';
        len += body_len + 1;
        memcpy(batch.head, record->hash, sizeof(batch.head));
    }
    if (world->awaiting)
        world->batches_ahead++;
    else
        world->batches++;
    if (batch.count > world->biggest_batch)
        world->biggest_batch = batch.count;
    batch.lines = world->batch;
    batch.len = len;
    *ret_batch = batch;
    return RC_OK;
}

static enum rc set_acked(void *context, int64_t acked_seq, const struct sync_receipt *receipts, int count)
{
    struct world *world = context;
    if (world->fail_acked) {
        enum rc rc = world->fail_acked;
        world->fail_acked = RC_OK;
        return rc;
    }
    assert_true(acked_seq <= world->state.last_seq);
    for (int i = 0; i < count; i++) {
        assert_in_range(receipts[i].seq, 1, acked_seq);
        world->receipts[receipts[i].seq] = receipts[i];
    }
    world->state.acked_seq = acked_seq;
    return RC_OK;
}

static enum rc set_page(void *context, const struct sync_page *page)
{
    struct world *world = context;
    if (world->fail_page) {
        enum rc rc = world->fail_page;
        world->fail_page = RC_OK;
        return rc;
    }
    int row;
    for (const char *line = page->lines; line < page->lines + page->len; line = strchr(line, '\n') + 1) {
        assert_int_equal(sscanf(line, "{\"row\":%d}", &row), 1);
        world->feed_rows[row]++;
    }
    memcpy(world->state.cursor, page->cursor, sizeof(world->state.cursor));
    world->state.applied_seq = page->applied_seq;
    assert_true(page->epoch == world->state.epoch);
    world->pages++;
    return RC_OK;
}

static enum rc hear(void *context, const char *history, int64_t server_ms)
{
    struct world *world = context;
    snprintf(world->state.history, sizeof(world->state.history), "%s", history);
    world->heard_ms = server_ms;
    return RC_OK;
}

static enum rc restart(void *context, const char *history, int64_t acked_seq)
{
    struct world *world = context;
    snprintf(world->state.history, sizeof(world->state.history), "%s", history);
    world->state.cursor[0] = '\0';
    world->state.acked_seq = acked_seq;
    world->state.applied_seq = 0;
    memset(world->feed_rows, 0, sizeof(world->feed_rows));
    world->restarts++;
    return RC_OK;
}

static enum rc get_identity(void *context, struct sync_identity *ret_identity)
{
    *ret_identity = ((struct world *)context)->identity;
    return RC_OK;
}

static enum rc set_identity(void *context, const struct sync_identity *identity)
{
    ((struct world *)context)->identity = *identity;
    return RC_OK;
}

struct sync_store world_store(struct world *world)
{
    return (struct sync_store){.context = world,
                               .state = get_state,
                               .batch = get_batch,
                               .acked = set_acked,
                               .page = set_page,
                               .heard = hear,
                               .restart = restart,
                               .identity = get_identity,
                               .set_identity = set_identity};
}

void world_append(struct world *world, int count)
{
    static const uint8_t zero[CHAIN_HASH_BYTES];
    for (int i = 0; i < count; i++) {
        int64_t seq = ++world->state.last_seq;
        struct world_record *record = &world->records[seq];
        assert_in_range(seq, 1, WORLD_RECORDS_MAX);
        snprintf(record->body, sizeof(record->body), "{\"epoch\":%d,\"seq\":%d}", (int)world->state.epoch, (int)seq);
        chain_next(seq > 1 ? record[-1].hash : zero, record->body, strlen(record->body), record->hash);
    }
}

struct world *world_new(int records, int feed)
{
    struct world *world = calloc(1, sizeof(*world));
    world->state.epoch = world->server_epoch = 1;
    crypto_sign_keypair(world->identity.public_key, world->identity.secret_key);
    memcpy(world->public_key, world->identity.public_key, sizeof(world->public_key));
    world->identity.enrolled = true;
    world->identity.device = 3;
    snprintf(world->identity.url, sizeof(world->identity.url), "http://127.0.0.1:1");
    snprintf(world->server_history, sizeof(world->server_history), "h1");
    snprintf(world->enrol_token, sizeof(world->enrol_token), "once");
    world->feed_len = feed;
    world->page_len = 7;
    world_append(world, records);
    return world;
}

void world_free(struct world *world)
{
    free(world->batch);
    free(world->late);
    free(world->reply);
    free(world);
}

void world_check_equal(const struct world *world)
{
    assert_true(world->server_acked == world->state.last_seq);
    assert_true(world->state.acked_seq == world->state.last_seq);
    assert_true(world->state.applied_seq == world->state.last_seq);
    for (int64_t seq = 1; seq <= world->state.last_seq; seq++) {
        assert_string_equal(world->server_records[seq].body, world->records[seq].body);
        /* the server refuses every tenth */
        assert_int_equal(world->receipts[seq].verdict, seq % 10 == 0 ? SYNC_REFUSED : SYNC_ACCEPTED);
    }
    for (int row = 0; row < world->feed_len; row++)
        assert_int_equal(world->feed_rows[row], 1);
}

/* ---- the server ---- */

static struct reply_head head_of(const struct world *world)
{
    struct reply_head head = {.time_ms = 1795323153000 + world->exchanges};
    memcpy(head.history, world->server_history, sizeof(head.history));
    return head;
}

static int refuse(const struct world *world, int status, enum refusal_kind kind, int64_t expected, char **ret_text,
                  size_t *ret_len)
{
    struct refusal refusal = {.head = head_of(world), .kind = kind, .text = "No.", .expected = expected};
    assert_int_equal(refusal_encode(&refusal, ret_text, ret_len), RC_OK);
    return status;
}

static int serve_enrol(struct world *world, const char *body, size_t len, char **ret_text, size_t *ret_len)
{
    struct enrol_request request;
    struct enrol_reply reply = {.head = head_of(world), .device = 3, .site = "CDB"};
    assert_int_equal(enrol_request_decode(body, len, &request), RC_OK);
    bool known = memcmp(world->public_key, request.public_key, sizeof(world->public_key)) == 0;
    bool fresh = sodium_is_zero(world->public_key, sizeof(world->public_key));
    if (strcmp(request.token, world->enrol_token) != 0 || !(known || fresh))
        return refuse(world, 403, REFUSAL_BAD_TOKEN, 0, ret_text, ret_len);
    memcpy(world->public_key, request.public_key, sizeof(world->public_key));
    assert_int_equal(enrol_reply_encode(&reply, ret_text, ret_len), RC_OK);
    return 200;
}

static int serve_challenge(struct world *world, char **ret_text, size_t *ret_len)
{
    if (world->revoked)
        return refuse(world, 403, REFUSAL_REVOKED, 0, ret_text, ret_len);
    struct challenge_reply reply = {.head = head_of(world)};
    randombytes_buf(world->nonce, sizeof(world->nonce));
    world->nonce_given = true;
    memcpy(reply.nonce, world->nonce, sizeof(reply.nonce));
    assert_int_equal(challenge_reply_encode(&reply, ret_text, ret_len), RC_OK);
    return 200;
}

static int serve_session(struct world *world, const char *body, size_t len, char **ret_text, size_t *ret_len)
{
    struct session_request request;
    assert_int_equal(session_request_decode(body, len, &request), RC_OK);
    if (!world->nonce_given || memcmp(request.nonce, world->nonce, sizeof(request.nonce)) != 0 ||
        !session_verify(world->public_key, &request, ""))
        return refuse(world, 401, REFUSAL_BAD_SIGNATURE, 0, ret_text, ret_len);
    world->nonce_given = false;
    struct session_reply reply = {.head = head_of(world), .expires_s = 900, .batch = world->batch_said};
    snprintf(world->session, sizeof(world->session), "session-%d", ++world->sessions);
    memcpy(reply.token, world->session, sizeof(reply.token));
    assert_int_equal(session_reply_encode(&reply, ret_text, ret_len), RC_OK);
    return 200;
}

/* Takes the batch's records; the kind of refusal, or REFUSAL_OTHER when all went well. */
static enum refusal_kind take_batch(struct world *world, const struct push_request *request)
{
    uint8_t hash[CHAIN_HASH_BYTES] = {0};
    size_t offset = 0, body_len;
    const char *body;
    int64_t seq = request->first;
    if (request->epoch != world->server_epoch)
        return REFUSAL_GAP;
    if (request->first > world->server_acked + 1)
        return REFUSAL_GAP;
    if (seq > 1)
        memcpy(hash, world->server_records[seq - 1].hash, sizeof(hash));
    struct world_record *fresh = calloc((size_t)request->count, sizeof(*fresh));
    for (; push_next(request, &offset, &body, &body_len); seq++) {
        struct world_record *record = &fresh[seq - request->first];
        chain_next(hash, body, body_len, hash);
        memcpy(record->hash, hash, sizeof(hash));
        snprintf(record->body, sizeof(record->body), "%.*s", (int)body_len, body);
        if (seq <= world->server_acked && memcmp(world->server_records[seq].hash, hash, sizeof(hash)) != 0) {
            free(fresh);
            return REFUSAL_FORK;
        }
    }
    enum refusal_kind kind = memcmp(hash, request->head, sizeof(hash)) == 0 ? REFUSAL_OTHER : REFUSAL_BAD_CHAIN;
    for (int i = 0; kind == REFUSAL_OTHER && i < request->count; i++)
        world->server_records[request->first + i] = fresh[i];
    if (kind == REFUSAL_OTHER && seq - 1 > world->server_acked)
        world->server_acked = seq - 1;
    free(fresh);
    return kind;
}

static int serve_push(struct world *world, const char *body, size_t len, char **ret_text, size_t *ret_len)
{
    struct push_request request;
    if (world->body_max && len > world->body_max)
        return refuse(world, 413, REFUSAL_TOO_BIG, 0, ret_text, ret_len);
    assert_int_equal(push_request_decode(body, len, &request), RC_OK);
    if (world->batch_taken && request.count > world->batch_taken)
        return refuse(world, 400, REFUSAL_BAD_MESSAGE, 0, ret_text, ret_len);
    assert_true(request.count <= (world->batch_said ? world->batch_said : BATCH_MAX));
    if (!push_verify(world->public_key, 3, &request))
        return refuse(world, 422, REFUSAL_BAD_SIGNATURE, 0, ret_text, ret_len);
    enum refusal_kind kind = take_batch(world, &request);
    if (kind != REFUSAL_OTHER)
        return refuse(world, kind == REFUSAL_BAD_CHAIN ? 422 : 409, kind, world->server_acked + 1, ret_text, ret_len);
    static struct push_reply reply;
    reply = (struct push_reply){.head = head_of(world), .acked = world->server_acked, .count = request.count};
    for (int i = 0; i < request.count; i++)
        if ((request.first + i) % 10 == 0)
            reply.verdicts[i] = (struct push_verdict){.outcome = PUSH_REFUSED, .word = "lost-claim"};
    assert_int_equal(push_reply_encode(&reply, ret_text, ret_len), RC_OK);
    if (world->session_pushes && --world->session_pushes == 0)
        world->session[0] = '\0';
    return 200;
}

static int serve_pull(struct world *world, const char *path, char **ret_text, size_t *ret_len)
{
    int at = 0, applied = 0;
    char history[HISTORY_MAX + 1] = "", lines[WORLD_FEED_MAX * 16];
    size_t len = 0;
    const char *cursor = strchr(path, '=');
    if (cursor)
        assert_int_equal(sscanf(cursor, "=%40[a-z0-9]-%d-%d", history, &at, &applied), 3);
    if (world->cursor_too_old || (cursor && strcmp(history, world->server_history) != 0)) {
        world->cursor_too_old = false;
        return refuse(world, 410, REFUSAL_CURSOR_TOO_OLD, 0, ret_text, ret_len);
    }
    struct pull_reply reply = {
        .head = head_of(world), .epoch = world->server_epoch, .applied_seq = world->server_acked, .lines = lines};
    for (; at < world->feed_len && reply.count < world->page_len; at++, reply.count++)
        len += (size_t)snprintf(lines + len, sizeof(lines) - len, "{\"row\":%d}\n", at);
    reply.lines_len = len;
    reply.more = at < world->feed_len;
    if (reply.more) /* what the records did may be in a later page */
        reply.applied_seq = cursor ? applied : 0;
    snprintf(reply.cursor, sizeof(reply.cursor), "%s-%d-%d", world->server_history, at, (int)reply.applied_seq);
    assert_int_equal(pull_reply_encode(&reply, ret_text, ret_len), RC_OK);
    return 200;
}

/* One row about whatever is asked, but for what another has. */
static int serve_trace(struct world *world, const char *body, size_t len, char **ret_text, size_t *ret_len)
{
    static const char row[] = "{\"row\":\"move\",\"to\":\"site:CDB\"}\n";
    struct trace_request request;
    assert_int_equal(trace_request_decode(body, len, &request), RC_OK);
    if (strcmp(request.key, "plain:ANOTHERS") == 0)
        return refuse(world, 403, REFUSAL_WRONG_HOLDER, 0, ret_text, ret_len);
    struct trace_reply reply = {.head = head_of(world), .count = 1, .lines = row, .lines_len = sizeof(row) - 1};
    snprintf(reply.key, sizeof(reply.key), "%s", request.key);
    assert_int_equal(trace_reply_encode(&reply, ret_text, ret_len), RC_OK);
    return 200;
}

static int serve(struct world *world, const char *path, const char *bearer, const char *body, size_t len,
                 char **ret_text, size_t *ret_len)
{
    if (strcmp(path, "/v1/enrol") == 0)
        return serve_enrol(world, body, len, ret_text, ret_len);
    if (strcmp(path, "/v1/challenge") == 0)
        return serve_challenge(world, ret_text, ret_len);
    if (strcmp(path, "/v1/session") == 0)
        return serve_session(world, body, len, ret_text, ret_len);
    if (!world->session[0] || strcmp(bearer, world->session) != 0)
        return refuse(world, 401, REFUSAL_NO_SESSION, 0, ret_text, ret_len);
    if (strcmp(path, "/v1/push") == 0)
        return serve_push(world, body, len, ret_text, ret_len);
    if (strcmp(path, "/v1/trace") == 0)
        return serve_trace(world, body, len, ret_text, ret_len);
    return serve_pull(world, path, ret_text, ret_len);
}

/* ---- the network ---- */

static void deliver_late(struct world *world)
{
    char *text;
    size_t len;
    if (!world->late)
        return;
    serve(world, world->late_path, world->late_bearer, world->late, world->late_len, &text, &len);
    free(text);
    free(world->late);
    world->late = NULL;
}

static enum rc answer(struct world *world, int status, char *text, size_t len, struct sync_reply *ret_reply)
{
    free(world->reply);
    world->reply = text;
    *ret_reply = (struct sync_reply){.status = status, .body = text, .body_len = len};
    return RC_OK;
}

static enum rc exchange(void *context, const char *url, const struct sync_request *request,
                        struct sync_reply *ret_reply)
{
    struct world *world = context;
    enum world_fault fault = world->exchanges < world->fault_count ? world->faults[world->exchanges] : WORLD_FINE;
    const char *bearer = request->bearer ? request->bearer : "";
    void *body = NULL;
    size_t len = request->body_len;
    char *text;
    assert_string_equal(url, "http://127.0.0.1:1");
    world->exchanges++;
    snprintf(world->last_path, sizeof(world->last_path), "%s", request->path);
    if (request->meanwhile) {
        world->awaiting = true;
        request->meanwhile(request->meanwhile_context);
        world->awaiting = false;
    }
    deliver_late(world);
    if (world->override_body) {
        text = strdup(world->override_body);
        world->override_body = NULL;
        return answer(world, world->override_status, text, strlen(text), ret_reply);
    }
    if (fault == WORLD_LOSE_REQUEST)
        return RC_NET;
    if (fault == WORLD_GARBAGE)
        return answer(world, 200, strdup("<html>Free WiFi!</html>"), 23, ret_reply);
    if (request->zstd) {
        assert_int_equal(body_expand(request->body, request->body_len, PUSH_BODY_MAX, &body, &len), RC_OK);
    } else {
        body = malloc(len + 1);
        if (len)
            memcpy(body, request->body, len);
    }
    if (fault == WORLD_LATE) {
        world->late = body;
        world->late_len = len;
        snprintf(world->late_path, sizeof(world->late_path), "%s", request->path);
        snprintf(world->late_bearer, sizeof(world->late_bearer), "%s", bearer);
        return RC_NET;
    }
    size_t text_len;
    int status = serve(world, request->path, bearer, body, len, &text, &text_len);
    if (fault == WORLD_TWICE) {
        free(text);
        status = serve(world, request->path, bearer, body, len, &text, &text_len);
    }
    free(body);
    if (fault != WORLD_LOSE_REPLY)
        return answer(world, status, text, text_len, ret_reply);
    free(text);
    return RC_NET;
}

struct sync_transport world_transport(struct world *world)
{
    return (struct sync_transport){.context = world, .exchange = exchange};
}
