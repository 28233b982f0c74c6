/* A device whose numbers have parted from the server's, since it was restored from a copy of itself, say. Both look for the last
 * record that they have alike; what the journal has after it goes on in another epoch. Nothing of the journal is written again:
 * the server alone knows the new records under another name. */
#include "sync/client/client_private.h"
#include "sync/wire/epoch.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEADS_MAX = 4 }; /* between two idle moments, before it is an error */

enum rc client_parted(struct sync_client *client, const struct step *step, const char *text)
{
    struct client_lead *lead = &client->lead;
    if (!client->store.hash || lead->count >= LEADS_MAX) {
        exchange_detail(&client->progress, text[0]
                                               ? text
                                               : "The server has other records under this device's numbers: it was "
                                                 "restored or copied. Nothing was merged, nothing is lost.");
        return RC_FORK;
    }
    lead->on = true;
    lead->count++;
    lead->low = step->state.first_seq - 1;
    lead->high = step->state.last_seq;
    client->progress.detail[0] = '\0';
    client->pull_next = false;
    return RC_OK;
}

/* Ascending, each once: both ends of the journal, and what lies evenly between low and high. */
static int choose(const struct client_lead *lead, int64_t first, int64_t last, struct epoch_mark *ret_marks)
{
    enum { BETWEEN = EPOCH_MARKS_MAX - 4 };
    int64_t gap = lead->high - lead->low, steps = gap < BETWEEN ? gap : BETWEEN;
    int count = 0;
    ret_marks[count++].seq = first;
    for (int64_t i = 0; i <= steps; i++) {
        int64_t seq = lead->low + (steps ? gap / steps * i + gap % steps * i / steps : 0);
        if (seq > ret_marks[count - 1].seq)
            ret_marks[count++].seq = seq;
    }
    if (last > ret_marks[count - 1].seq)
        ret_marks[count++].seq = last;
    return count;
}

static enum rc make_request(struct sync_client *client, const struct step *step, struct epoch_request *ret_request)
{
    const struct sync_state *state = &step->state;
    enum rc rc = RC_OK;
    *ret_request = (struct epoch_request){
        .epoch = state->epoch, .first = state->first_seq, .last = state->last_seq, .device = step->identity.was};
    ret_request->count = choose(&client->lead, state->first_seq - 1, state->last_seq, ret_request->marks);
    for (int i = 0; i < ret_request->count && rc == RC_OK; i++)
        rc = client->store.hash(client->store.context, ret_request->marks[i].seq, ret_request->marks[i].hash);
    return rc;
}

/* The marks on both sides of the last one that is alike are the ends of what is looked at next. */
static enum rc narrow(struct client_lead *lead, const struct epoch_request *request, const struct epoch_reply *reply)
{
    int i = 0;
    while (i < request->count && request->marks[i].seq != reply->seq)
        i++;
    if (i + 1 >= request->count || request->marks[i + 1].seq - reply->seq >= lead->high - lead->low)
        return RC_PEER; /* it would look for ever */
    lead->low = reply->seq;
    lead->high = request->marks[i + 1].seq;
    return RC_OK;
}

static bool same_spans(const struct sync_state *state, const struct epoch_reply *reply)
{
    bool same = state->span_count == reply->count;
    for (int i = 0; same && i < reply->count; i++)
        same = state->spans[i].epoch == reply->spans[i].epoch && state->spans[i].base == reply->spans[i].base;
    return same;
}

/* The catalog first: it is of what the server said of records that may be another's. */
static enum rc keep(struct sync_client *client, const struct step *step, const struct epoch_reply *reply)
{
    const struct sync_state *state = &step->state;
    struct sync_identity identity = step->identity;
    bool anew = identity.was != 0;
    enum rc rc = RC_OK;
    if (state->acked_seq > reply->seq || identity.was)
        rc = client->store.restart(client->store.context, reply->head.history, reply->seq);
    identity.was = 0;
    identity.span_count = reply->count;
    memcpy(identity.spans, reply->spans, sizeof(identity.spans));
    if (rc == RC_OK)
        rc = client->store.set_identity(client->store.context, &identity);
    sodium_memzero(&identity, sizeof(identity));
    if (rc == RC_OK && !reply->missing) { /* else the server was put back, not this device */
        client->progress.led++;
        client->progress.anew += anew;
    }
    client->snapshot = (struct client_snapshot){.asked = false};
    return rc;
}

static enum rc led(struct sync_client *client, const struct step *step, const struct epoch_reply *reply)
{
    const struct sync_state *state = &step->state;
    const struct epoch_span *last = &reply->spans[reply->count - 1];
    bool chain = client->lead.chain;
    if (reply->seq > state->last_seq || last->base > reply->seq || reply->epoch < state->epoch)
        return RC_PEER;
    client->lead.on = client->lead.chain = false;
    client->progress.missing += reply->missing;
    if (!same_spans(state, reply) || step->identity.was)
        return keep(client, step, reply);
    if (chain && state->acked_seq <= reply->seq)
        return RC_REFUSED; /* nothing parted: the journal itself is damaged */
    return state->acked_seq > reply->seq ? client_start_over(client, step, &reply->head, reply->seq, RC_HISTORY)
                                         : RC_OK;
}

static enum rc answered(struct sync_client *client, const struct step *step, const struct epoch_request *request,
                        const struct exchange_answer *answer)
{
    struct epoch_reply reply;
    if (epoch_reply_decode(answer->body, answer->len, &reply) != RC_OK)
        return RC_PEER;
    if (step->state.history[0] && strcmp(step->state.history, reply.head.history) != 0)
        return client_new_history(client, step, &reply.head);
    enum rc rc = client_heard(client, step, &reply.head);
    if (rc != RC_OK)
        return rc;
    return reply.epoch ? led(client, step, &reply) : narrow(&client->lead, request, &reply);
}

static enum rc ask(struct sync_client *client, const struct step *step, const struct epoch_request *request)
{
    char *text;
    size_t len;
    enum rc rc = epoch_request_encode(request, &text, &len);
    if (rc != RC_OK)
        return rc;
    struct exchange_question question = {.method = "POST", .path = "/v1/epoch", .text = text, .len = len};
    struct exchange_answer answer = {.refused = false};
    rc = client_ask(client, step, &question, &answer);
    free(text);
    if (rc == RC_REFUSED && answer.refused && answer.refusal.kind == REFUSAL_NOT_FOUND)
        return RC_FORK; /* a server that leads nobody back */
    return rc != RC_OK || answer.refused ? rc : answered(client, step, request, &answer);
}

enum rc client_lead_step(struct sync_client *client, struct step *step)
{
    struct client_lead *lead = &client->lead;
    if (!lead->on) {
        enum rc rc = client_parted(client, step, "");
        if (rc != RC_OK)
            return rc;
    }
    /* records were appended meanwhile: they are after what both have */
    struct epoch_request *request = malloc(sizeof(*request));
    if (!request)
        return RC_NOMEM;
    enum rc rc = make_request(client, step, request);
    if (rc == RC_OK)
        rc = ask(client, step, request);
    free(request);
    return rc;
}
