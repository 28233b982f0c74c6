#include "sync/client/stick.h"
#include "sync/wire/push.h"
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static enum rc write_rc(void)
{
    return errno == ENOSPC ? RC_DISK_FULL : RC_IO;
}

/* One push as it would have been sent, ended by a line end. */
static enum rc write_batch(const struct sync_identity *identity, int64_t epoch, const struct sync_batch *batch,
                           FILE *out)
{
    struct push_request request = {.epoch = epoch,
                                   .first = batch->first_seq,
                                   .count = batch->count,
                                   .lines = batch->lines,
                                   .lines_len = batch->len};
    char *text;
    size_t len;
    memcpy(request.head, batch->head, sizeof(request.head));
    push_sign(identity->secret_key, identity->device, &request);
    enum rc rc = push_request_encode(&request, &text, &len);
    if (rc == RC_OK && fwrite(text, 1, len, out) != len)
        rc = write_rc();
    if (rc == RC_OK)
        free(text);
    return rc;
}

/* The journal may begin after 1: what was pruned, or told under another number, is at the server. */
static int64_t first_kept(const struct sync_state *state)
{
    int64_t base = state->span_count ? state->spans[0].base : 0;
    return state->first_seq > base ? state->first_seq : base + 1;
}

/* One epoch's that fits into a body. */
static enum rc small_batch(const struct sync_store *store, const struct sync_state *state, int span, int64_t seq,
                           struct sync_batch *ret_batch)
{
    int64_t end = span + 1 < state->span_count ? state->spans[span + 1].base : state->last_seq;
    int most = end - seq + 1 < BATCH_MAX ? (int)(end - seq + 1) : BATCH_MAX;
    enum rc rc = store->batch(store->context, seq, most, ret_batch);
    for (int max = most / 2; rc == RC_OK && ret_batch->len + MESSAGE_BODY_MAX > PUSH_BODY_MAX && max > 0; max /= 2)
        rc = store->batch(store->context, seq, max, ret_batch);
    return rc;
}

static enum rc write_all(const struct sync_store *store, const struct sync_identity *identity,
                         const struct sync_state *state, FILE *out)
{
    int64_t seq = first_kept(state);
    enum rc rc = RC_OK;
    if (fprintf(out, "{\"tallyman\":\"journal\",\"version\":1,\"device\":%" PRId64 ",\"epoch\":%" PRId64 "}\n",
                identity->device, state->epoch) < 0)
        rc = write_rc();
    while (rc == RC_OK && seq <= state->last_seq) {
        struct sync_batch batch;
        int span = epoch_at(state->spans, state->span_count, seq);
        rc = small_batch(store, state, span, seq, &batch);
        if (rc == RC_OK && (batch.count < 1 || batch.first_seq != seq))
            rc = RC_CORRUPT;
        if (rc == RC_OK)
            rc = write_batch(identity, state->spans[span].epoch, &batch, out);
        if (rc == RC_OK)
            seq += batch.count;
    }
    return rc;
}

enum rc stick_write(const struct sync_store *store, FILE *out, int64_t *ret_count)
{
    struct sync_identity identity = {0};
    struct sync_state state = {0};
    enum rc rc = sodium_init() < 0 ? RC_IO : store->identity(store->context, &identity);
    if (rc == RC_OK && !identity.enrolled)
        rc = RC_NOT_ENROLLED;
    if (rc == RC_OK && identity.was)
        rc = RC_FORK; /* under which numbers it goes on, the server has to say first */
    if (rc == RC_OK)
        rc = store->state(store->context, &state);
    if (rc == RC_OK && state.span_count == 0)
        state.spans[state.span_count++] = (struct epoch_span){.epoch = state.epoch};
    if (rc == RC_OK)
        rc = write_all(store, &identity, &state, out);
    if (rc == RC_OK && fflush(out) != 0)
        rc = write_rc();
    sodium_memzero(&identity, sizeof(identity));
    if (rc == RC_OK)
        *ret_count = state.last_seq;
    return rc;
}
