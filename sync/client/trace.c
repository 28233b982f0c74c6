#include "sync/client/trace.h"
#include "sync/client/exchange.h"
#include "sync/wire/challenge.h"
#include "sync/wire/session.h"
#include "sync/wire/trace.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One trace under way. */
struct asking {
    const struct sync_transport *transport;
    struct sync_identity identity;
    struct exchange_answer answer;
    char token[TOKEN_MAX + 1];
    char detail[sizeof(((struct sync_trace *)0)->detail)];
};

static enum rc refused(struct asking *asking, const struct refusal *refusal)
{
    struct sync_progress progress = {0};
    exchange_detail(&progress, refusal->text);
    snprintf(asking->detail, sizeof(asking->detail), "%s", progress.detail);
    if (refusal->kind == REFUSAL_NOT_FOUND)
        return RC_NOT_FOUND;
    if (refusal->kind == REFUSAL_BUSY)
        return RC_NET;
    return refusal->kind == REFUSAL_REVOKED ? RC_REVOKED : RC_REFUSED;
}

/* Takes the text that an encoder made with `rc`. */
static enum rc ask(struct asking *asking, const char *path, enum rc rc, char *text, size_t len)
{
    if (rc != RC_OK)
        return rc;
    struct exchange_question question = {.url = asking->identity.url,
                                         .pins = asking->identity.pins,
                                         .method = "POST",
                                         .path = path,
                                         .bearer = asking->token[0] ? asking->token : NULL,
                                         .text = text,
                                         .len = len};
    rc = exchange_ask(asking->transport, &question, &asking->answer);
    free(text);
    return rc == RC_OK && asking->answer.refused ? refused(asking, &asking->answer.refusal) : rc;
}

static enum rc begin_session(struct asking *asking)
{
    struct challenge_request challenge = {.device = asking->identity.device};
    struct challenge_reply nonce;
    struct session_request request = {.device = asking->identity.device};
    struct session_reply reply;
    char *text = NULL;
    size_t len = 0;
    enum rc rc = challenge_request_encode(&challenge, &text, &len);
    rc = ask(asking, "/v1/challenge", rc, text, len);
    if (rc != RC_OK)
        return rc;
    if (challenge_reply_decode(asking->answer.body, asking->answer.len, &nonce) != RC_OK)
        return RC_PEER;
    memcpy(request.nonce, nonce.nonce, sizeof(request.nonce));
    session_sign(asking->identity.secret_key, request.nonce, asking->answer.pin, request.signature);
    rc = session_request_encode(&request, &text, &len);
    rc = ask(asking, "/v1/session", rc, text, len);
    if (rc != RC_OK)
        return rc;
    if (session_reply_decode(asking->answer.body, asking->answer.len, &reply) != RC_OK)
        return RC_PEER;
    memcpy(asking->token, reply.token, sizeof(asking->token));
    return RC_OK;
}

static enum rc read_answer(const struct exchange_answer *answer, struct sync_trace *trace)
{
    struct trace_reply reply;
    if (trace_reply_decode(answer->body, answer->len, &reply) != RC_OK)
        return RC_PEER;
    trace->lines = malloc(reply.lines_len + 1);
    if (!trace->lines)
        return RC_NOMEM;
    memcpy(trace->lines, reply.lines, reply.lines_len);
    trace->lines[reply.lines_len] = '\0';
    trace->len = reply.lines_len;
    trace->count = reply.count;
    snprintf(trace->key, sizeof(trace->key), "%s", reply.key);
    return RC_OK;
}

static enum rc ask_trace(struct asking *asking, const char *key)
{
    struct trace_request request = {0};
    char *text = NULL;
    size_t len = 0;
    if (strlen(key) >= sizeof(request.key))
        return RC_BAD_INPUT;
    snprintf(request.key, sizeof(request.key), "%s", key);
    enum rc rc = trace_request_encode(&request, &text, &len);
    return ask(asking, "/v1/trace", rc, text, len);
}

enum rc sync_trace(const struct sync_store *store, const struct sync_transport *transport, const char *key,
                   struct sync_trace *ret_trace)
{
    struct asking asking = {.transport = transport};
    struct sync_trace trace = {.lines = NULL};
    enum rc rc = sodium_init() < 0 ? RC_IO : store->identity(store->context, &asking.identity);
    if (rc == RC_OK && !asking.identity.enrolled)
        rc = RC_NOT_ENROLLED;
    if (rc == RC_OK)
        rc = begin_session(&asking);
    if (rc == RC_OK)
        rc = ask_trace(&asking, key);
    if (rc == RC_OK)
        rc = read_answer(&asking.answer, &trace);
    snprintf(trace.detail, sizeof(trace.detail), "%s", asking.detail);
    sodium_memzero(&asking, sizeof(asking));
    *ret_trace = trace;
    return rc;
}

void sync_trace_free(struct sync_trace *trace)
{
    free(trace->lines);
    *trace = (struct sync_trace){.lines = NULL};
}
