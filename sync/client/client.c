#include "sync/client/client_private.h"
#include "sync/wire/challenge.h"
#include "sync/wire/pull.h"
#include "sync/wire/push.h"
#include "sync/wire/session.h"
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SESSIONS_LOST_MAX = 6,      /* in a row, before it is an error */
    RESTARTS_MAX = 6,           /* between two idle moments, before it is an error */
    RUN_STEPS_MAX = 1000 * 1000 /* a server that always has one more page must not hold a thread for ever */
};

enum rc sync_client_new(const struct sync_store *store, const struct sync_transport *transport,
                        struct sync_client **ret_client)
{
    if (sodium_init() < 0)
        return RC_IO;
    struct sync_client *client = calloc(1, sizeof(*client));
    if (!client)
        return RC_NOMEM;
    client->store = *store;
    client->transport = *transport;
    client->batch_max = client->batch_most = BATCH_MAX;
    *ret_client = client;
    return RC_OK;
}

void sync_client_free(struct sync_client *client)
{
    if (!client)
        return;
    parcel_empty(&client->parcel);
    parcel_empty(&client->next);
    sodium_memzero(client, sizeof(*client));
    free(client);
}

static void drop_session(struct sync_client *client)
{
    sodium_memzero(client->token, sizeof(client->token));
    client->have_nonce = false;
}

/* A session that ran out is a step's work; one that is never any good is an error. */
static enum rc session_lost(struct sync_client *client)
{
    drop_session(client);
    return ++client->sessions_lost > SESSIONS_LOST_MAX ? RC_REFUSED : RC_OK;
}

static bool same_history(const struct step *step, const struct reply_head *head)
{
    return !step->state.history[0] || strcmp(step->state.history, head->history) == 0;
}

enum rc client_heard(struct sync_client *client, const struct step *step, const struct reply_head *head)
{
    if (!same_history(step, head))
        return RC_OK; /* whoever has a session decides on that: see start_over */
    return client->store.heard(client->store.context, head->history, head->time_ms);
}

/* Takes everything again from an empty cursor, and pushes from acked_seq + 1: `rc` if that happens again and again. A
 * server of another history has taken nobody knows how many of our records since it was restored, perhaps from a life of
 * ours that died before it could keep the verdicts: it is told all of them, and repeats the verdicts that it has. */
enum rc client_start_over(struct sync_client *client, const struct step *step, const struct reply_head *head,
                          int64_t acked_seq, enum rc rc)
{
    int64_t known = same_history(step, head) ? acked_seq : 0;
    enum rc done = client->store.restart(client->store.context, head->history, known);
    client->pull_next = false;
    client->snapshot = (struct client_snapshot){.asked = false};
    if (done != RC_OK)
        return done;
    return ++client->restarts > RESTARTS_MAX ? rc : RC_OK;
}

enum rc client_new_history(struct sync_client *client, const struct step *step, const struct reply_head *head)
{
    return client_start_over(client, step, head, 0, RC_HISTORY);
}

/* The stop is kept: what this device would say next is another's. */
static enum rc cloned(struct sync_client *client, const struct step *step)
{
    struct sync_identity identity = step->identity;
    identity.cloned = true;
    enum rc rc = client->store.set_identity(client->store.context, &identity);
    sodium_memzero(&identity, sizeof(identity));
    return rc == RC_OK ? RC_CLONED : rc;
}

static enum rc gap_found(struct sync_client *client, const struct step *step, const struct refusal *refusal)
{
    int64_t acked = step->state.acked_seq;
    if (refusal->expected >= 1 && refusal->expected < step->state.first_seq)
        return client_parted(client, step, "The server wants records that are not kept any more.");
    /* the server cannot miss a number before which we stopped */
    if (refusal->expected < 1 || refusal->expected > acked)
        return RC_PEER;
    return client_start_over(client, step, &refusal->head, refusal->expected - 1, RC_GAP);
}

/* Of several processes that serve together, one may be of an earlier version than the one that gave the session. */
static enum rc bad_message(struct sync_client *client)
{
    if (client->batch_max <= BATCH_MAX)
        return RC_REFUSED;
    client->batch_max = client->batch_most = BATCH_MAX;
    return RC_OK;
}

static enum rc too_big(struct sync_client *client)
{
    if (client->batch_max == 1)
        return RC_TOO_BIG;
    client->batch_max /= 2;
    return RC_OK;
}

/* What a refusal means, in any phase. */
static enum rc refused(struct sync_client *client, const struct step *step, const struct refusal *refusal)
{
    exchange_detail(&client->progress, refusal->text);
    switch (refusal->kind) {
    case REFUSAL_NO_SESSION: return session_lost(client);
    case REFUSAL_BAD_SIGNATURE:
        /* of a session: the nonce may have grown old; of a push it will not get better */
        return client->token[0] ? RC_REFUSED : session_lost(client);
    case REFUSAL_REVOKED: drop_session(client); return RC_REVOKED;
    case REFUSAL_GAP: return gap_found(client, step, refusal);
    case REFUSAL_FORK: return client_parted(client, step, refusal->text);
    case REFUSAL_CLONED: return cloned(client, step);
    case REFUSAL_BAD_CHAIN:
        /* the record before these may be another's */
        if (client->lead.chain || !client->store.hash)
            return RC_REFUSED;
        client->lead.chain = true;
        return client_parted(client, step, refusal->text);
    case REFUSAL_CURSOR_TOO_OLD:
        return client_start_over(client, step, &refusal->head, step->state.acked_seq, RC_GONE);
    case REFUSAL_TOO_BIG: return too_big(client);
    case REFUSAL_BAD_MESSAGE: return bad_message(client);
    case REFUSAL_BUSY: client->progress.retry_s = refusal->retry_s; return RC_NET;
    case REFUSAL_BAD_TOKEN:
    case REFUSAL_BAD_RECORD:
    case REFUSAL_NOT_FOUND:
    case REFUSAL_WRONG_HOLDER:
    case REFUSAL_BAD_METHOD:
    case REFUSAL_INTERNAL:
    case REFUSAL_OTHER: break;
    }
    return RC_REFUSED;
}

enum rc client_ask(struct sync_client *client, const struct step *step, struct exchange_question *question,
                   struct exchange_answer *ret_answer)
{
    question->url = step->identity.url;
    question->pins = step->identity.pins;
    question->bearer = client->token[0] ? client->token : NULL;
    enum rc rc = exchange_ask(&client->transport, question, ret_answer);
    if (rc != RC_OK || !ret_answer->refused)
        return rc;
    rc = client_heard(client, step, &ret_answer->refusal.head);
    return rc == RC_OK ? refused(client, step, &ret_answer->refusal) : rc;
}

static enum rc ask(struct sync_client *client, const struct step *step, const char *method, const char *path,
                   const char *text, size_t len, struct exchange_answer *ret_answer)
{
    struct exchange_question question = {.method = method, .path = path, .text = text, .len = len};
    return client_ask(client, step, &question, ret_answer);
}

static enum rc step_challenge(struct sync_client *client, const struct step *step)
{
    struct challenge_request request = {.device = step->identity.device};
    char *text;
    size_t len;
    enum rc rc = challenge_request_encode(&request, &text, &len);
    if (rc != RC_OK)
        return rc;
    struct exchange_answer answer;
    rc = ask(client, step, "POST", "/v1/challenge", text, len, &answer);
    free(text);
    if (rc != RC_OK || answer.refused)
        return rc;
    struct challenge_reply reply;
    if (challenge_reply_decode(answer.body, answer.len, &reply) != RC_OK)
        return RC_PEER;
    memcpy(client->nonce, reply.nonce, sizeof(client->nonce));
    memcpy(client->pin, answer.pin, sizeof(client->pin));
    client->have_nonce = true;
    return client_heard(client, step, &reply.head);
}

/* The server's keys from now on, the next one among them. Those that leave out the key which is being spoken to would
 * lock this device out: they are not taken. */
static enum rc keep_pins(struct sync_client *client, const struct step *step, const struct session_reply *reply,
                         const char *spoken_to)
{
    struct sync_identity identity = step->identity;
    bool names_it = strcmp(reply->pins[0], spoken_to) == 0 || strcmp(reply->pins[1], spoken_to) == 0;
    if (!spoken_to[0] || !names_it || memcmp(identity.pins, reply->pins, sizeof(identity.pins)) == 0)
        return RC_OK;
    memcpy(identity.pins, reply->pins, sizeof(identity.pins));
    enum rc rc = client->store.set_identity(client->store.context, &identity);
    sodium_memzero(&identity, sizeof(identity));
    return rc;
}

static enum rc step_session(struct sync_client *client, const struct step *step)
{
    struct session_request request = {.device = step->identity.device};
    memcpy(request.nonce, client->nonce, sizeof(request.nonce));
    session_sign(step->identity.secret_key, request.nonce, client->pin, request.signature);
    client->have_nonce = false; /* good for one try */
    char *text;
    size_t len;
    enum rc rc = session_request_encode(&request, &text, &len);
    if (rc != RC_OK)
        return rc;
    struct exchange_answer answer;
    rc = ask(client, step, "POST", "/v1/session", text, len, &answer);
    free(text);
    if (rc != RC_OK || answer.refused)
        return rc;
    struct session_reply reply;
    if (session_reply_decode(answer.body, answer.len, &reply) != RC_OK)
        return RC_PEER;
    client->batch_most = reply.batch < BATCH_MAX        ? BATCH_MAX
                         : reply.batch < BATCH_MORE_MAX ? (int)reply.batch
                                                        : BATCH_MORE_MAX;
    if (client->batch_max > client->batch_most)
        client->batch_max = client->batch_most;
    /* Its time to live is not kept: a handheld that slept has no clock to trust. A session that ran out is a 401. */
    memcpy(client->token, reply.token, sizeof(client->token));
    rc = keep_pins(client, step, &reply, answer.pin);
    return rc ? rc : client_heard(client, step, &reply.head);
}

static struct sync_receipt receipt_of(const struct push_verdict *verdict)
{
    const struct push_about *about = &verdict->about;
    struct sync_receipt receipt = {.verdict = verdict->outcome == PUSH_REFUSED ? SYNC_REFUSED : SYNC_HELD,
                                   .number = about->number,
                                   .device = about->device};
    memcpy(receipt.reason, verdict->word, sizeof(receipt.reason));
    memcpy(receipt.at, about->at, sizeof(receipt.at));
    memcpy(receipt.operator, about->operator, sizeof(receipt.operator));
    memcpy(receipt.no, about->no, sizeof(receipt.no));
    memcpy(receipt.holder, about->holder, sizeof(receipt.holder));
    return receipt;
}

/* Keeps the verdicts of records first … first + count - 1. */
static enum rc keep_verdicts(struct sync_client *client, int64_t first, const struct push_reply *reply)
{
    int count = 0, refused_count = 0;
    for (int i = 0; i < reply->count; i++)
        count += reply->verdicts[i].outcome != PUSH_ACCEPTED;
    struct sync_receipt *receipts = calloc((size_t)count + 1, sizeof(struct sync_receipt));
    if (!receipts)
        return RC_NOMEM;
    count = 0;
    for (int i = 0; i < reply->count; i++) {
        const struct push_verdict *verdict = &reply->verdicts[i];
        if (verdict->outcome == PUSH_ACCEPTED)
            continue;
        refused_count += verdict->outcome == PUSH_REFUSED;
        receipts[count] = receipt_of(verdict);
        receipts[count++].seq = first + i;
    }
    enum rc rc = client->store.acked(client->store.context, first + reply->count - 1, receipts, count);
    free(receipts);
    if (rc != RC_OK)
        return rc;
    client->progress.pushed += reply->count;
    client->progress.refused += refused_count;
    return RC_OK;
}

/* After a push that went well. A long backlog goes in few large batches: each costs both ends a sync of the disk and a round. */
static int grown(const struct sync_client *client)
{
    return client->batch_max > client->batch_most / 2 ? client->batch_most : client->batch_max * 2;
}

static enum rc take_reply(struct sync_client *client, struct step *step, int64_t first, int count,
                          const struct push_reply *reply)
{
    int64_t last = first + count - 1;
    if (reply->count != count || reply->acked < last)
        return RC_PEER;
    if (!same_history(step, &reply->head))
        return client_new_history(client, step, &reply->head);
    if (reply->acked > step->state.last_seq && first > step->state.spans[step->state.span_count - 1].base)
        return client_parted(client, step, "The server has more records of this device than its journal.");
    enum rc rc = client_heard(client, step, &reply->head);
    if (rc == RC_OK)
        rc = keep_verdicts(client, first, reply);
    if (rc != RC_OK)
        return rc;
    step->state.acked_seq = last;
    client->pull_next = last >= step->state.last_seq;
    client->batch_max = grown(client);
    return RC_OK;
}

static enum rc pushed(struct sync_client *client, struct step *step, int64_t first, int count,
                      const struct exchange_answer *answer)
{
    struct push_reply *reply = malloc(sizeof(*reply));
    if (!reply)
        return RC_NOMEM;
    enum rc rc = push_reply_decode(answer->body, answer->len, reply) == RC_OK
                     ? take_reply(client, step, first, count, reply)
                     : RC_PEER;
    free(reply);
    return rc;
}

/* What goes on while the server works on a push. */
struct waiting {
    struct sync_client *client;
    const struct step *step;
};

/* The next push is made ready, as if all goes well; what can't be now is tried again when it is its turn. */
static void prepare_next(void *context)
{
    const struct waiting *waiting = context;
    struct sync_client *client = waiting->client;
    int64_t first = client->parcel.first + client->parcel.count;
    int batch_max = grown(client);
    parcel_empty(&client->next);
    if (first <= waiting->step->state.last_seq)
        (void)parcel_make(&client->store, &waiting->step->state, &waiting->step->identity, first, &batch_max,
                          &client->next);
}

static enum rc send_parcel(struct sync_client *client, struct step *step)
{
    const struct parcel *parcel = &client->parcel;
    struct waiting waiting = {client, step};
    struct exchange_question question = {.method = "POST",
                                         .path = "/v1/push",
                                         .text = parcel->body,
                                         .len = parcel->len,
                                         .packed = parcel->packed,
                                         .meanwhile = prepare_next,
                                         .meanwhile_context = &waiting};
    struct exchange_answer answer;
    enum rc rc = client_ask(client, step, &question, &answer);
    if (rc != RC_OK || answer.refused)
        return rc;
    client->sessions_lost = 0;
    return pushed(client, step, parcel->first, parcel->count, &answer);
}

static enum rc step_push(struct sync_client *client, struct step *step)
{
    enum rc rc = RC_OK;
    client->parcel = client->next;
    client->next = (struct parcel){0};
    if (!parcel_fits(&client->parcel, &step->state, &step->identity, client->batch_max)) {
        parcel_empty(&client->parcel);
        rc = parcel_make(&client->store, &step->state, &step->identity, parcel_first(&step->state),
                         &client->batch_max, &client->parcel);
    }
    if (rc == RC_OK)
        rc = send_parcel(client, step);
    parcel_empty(&client->parcel);
    if (rc != RC_OK)
        parcel_empty(&client->next);
    if (rc == RC_NET && client->batch_max > BATCH_MAX)
        client->batch_max = BATCH_MAX; /* a bad link: less of it is in vain */
    return rc;
}

int64_t client_applied(const struct step *step, int64_t epoch, int64_t applied_seq, bool *ret_parted)
{
    const struct sync_state *state = &step->state;
    int last = state->span_count - 1, at = last;
    while (at >= 0 && state->spans[at].epoch != epoch)
        at--;
    *ret_parted = epoch > state->epoch || (at == last && applied_seq > state->acked_seq);
    if (at < 0)
        return 0;
    /* what came after this journal left that epoch is not its own */
    int64_t upper =
        at < last && state->spans[at + 1].base < state->acked_seq ? state->spans[at + 1].base : state->acked_seq;
    return applied_seq < upper ? applied_seq : upper;
}

/* A page states how far this device's records are in what was pulled so far; the last one, how many the server has.
 * Pulling follows pushing, so both ends must agree then: a server that has less was restored, one that has more heard
 * another device under this name. *ret_over: this page is not to be kept. */
static enum rc compare_watermark(struct sync_client *client, const struct step *step, const struct pull_reply *reply,
                                 bool *ret_over)
{
    bool parted;
    int64_t has = client_applied(step, reply->epoch, reply->applied_seq, &parted);
    *ret_over = true;
    if (parted)
        return client_parted(client, step, "The server has more records of this device than its journal.");
    if (!reply->more && has < step->state.acked_seq)
        return client_start_over(client, step, &reply->head, has, RC_HISTORY);
    *ret_over = false;
    return RC_OK;
}

static enum rc keep_page(struct sync_client *client, const struct step *step, const struct pull_reply *reply)
{
    bool parted;
    struct sync_page page = {.lines = reply->lines,
                             .len = reply->lines_len,
                             .epoch = step->state.epoch,
                             .applied_seq = client_applied(step, reply->epoch, reply->applied_seq, &parted),
                             .more = reply->more};
    _Static_assert(sizeof(page.cursor) > CURSOR_TEXT_MAX, "a cursor fits");
    snprintf(page.cursor, sizeof(page.cursor), "%s", reply->cursor);
    enum rc rc = client->store.page(client->store.context, &page);
    if (rc != RC_OK)
        return rc;
    client->progress.pulled += reply->count;
    client->pull_next = false;
    client_snapshot_pulled(client, reply->more);
    if (!reply->more && step->state.acked_seq >= step->state.last_seq) {
        client->progress.phase = SYNC_IDLE;
        client->restarts = 0;
        client->lead = (struct client_lead){.on = false};
    }
    return RC_OK;
}

static enum rc step_pull(struct sync_client *client, const struct step *step)
{
    char path[PULL_PATH_MAX + 1];
    const char *cursor = step->state.cursor;
    if (cursor[0] && !pull_cursor_ok(cursor))
        return RC_CORRUPT;
    struct exchange_answer answer;
    enum rc rc = ask(client, step, "GET", pull_path(cursor, path), NULL, 0, &answer);
    if (rc != RC_OK || answer.refused)
        return rc;
    client->sessions_lost = 0;
    struct pull_reply reply;
    if (pull_reply_decode(answer.body, answer.len, &reply) != RC_OK)
        return RC_PEER;
    if (reply.more && strcmp(reply.cursor, cursor) == 0)
        return RC_PEER; /* it would send the same page for ever */
    if (!same_history(step, &reply.head))
        return client_new_history(client, step, &reply.head);
    bool over;
    rc = compare_watermark(client, step, &reply, &over);
    if (rc != RC_OK || over)
        return rc;
    rc = client_heard(client, step, &reply.head);
    return rc == RC_OK ? keep_page(client, step, &reply) : rc;
}

static enum rc take_step(struct sync_client *client, struct step *step)
{
    if (!client->token[0]) {
        client->progress.phase = SYNC_SESSION;
        return client->have_nonce ? step_session(client, step) : step_challenge(client, step);
    }
    if (client->lead.on || step->identity.was) {
        client->progress.phase = SYNC_SESSION;
        return client_lead_step(client, step);
    }
    bool waiting = step->state.last_seq > step->state.acked_seq;
    if (waiting && !client->pull_next) {
        client->progress.phase = SYNC_PUSHING;
        return step_push(client, step);
    }
    client->progress.phase = SYNC_PULLING;
    return client_snapshot_due(client, step) ? client_snapshot_step(client, step) : step_pull(client, step);
}

enum rc sync_step(struct sync_client *client, struct sync_progress *ret_progress)
{
    struct step step = {0};
    client->progress.detail[0] = '\0';
    client->progress.retry_s = 0;
    enum rc rc = client->store.identity(client->store.context, &step.identity);
    if (rc == RC_OK && (step.identity.cloned || !step.identity.enrolled))
        rc = step.identity.cloned ? RC_CLONED : RC_NOT_ENROLLED;
    if (rc == RC_OK)
        rc = client->store.state(client->store.context, &step.state);
    if (rc == RC_OK && step.state.span_count == 0)
        step.state.spans[step.state.span_count++] = (struct epoch_span){.epoch = step.state.epoch};
    if (rc == RC_OK && step.state.acked_seq > step.state.last_seq && !client->lead.on)
        rc = client_parted(client, &step,
                           "The journal has fewer records than the server acknowledged: it was restored or lost.");
    if (rc == RC_OK) {
        rc = take_step(client, &step);
        client->progress.waiting = step.state.last_seq - step.state.acked_seq;
    }
    sodium_memzero(&step.identity, sizeof(step.identity));
    if (rc != RC_OK)
        client->pull_next = false; /* the next state may have records to push again: they go first */
    if (rc == RC_GONE && ++client->restarts <= RESTARTS_MAX) {
        client->progress.phase = SYNC_PULLING; /* there is work left, whatever the step before came to */
        rc = RC_OK;
    }
    if (rc != RC_OK)
        client->restarts = client->sessions_lost = 0;
    if (rc != RC_OK && rc != RC_NET)
        client->lead = (struct client_lead){.on = false};
    client->progress.rc = rc;
    *ret_progress = client->progress;
    return rc;
}

enum rc sync_run(struct sync_client *client, struct sync_progress *ret_progress)
{
    for (long steps = 0; steps < RUN_STEPS_MAX; steps++) {
        enum rc rc = sync_step(client, ret_progress);
        if (rc != RC_OK || ret_progress->phase == SYNC_IDLE)
            return rc;
    }
    return RC_TIMEOUT;
}
