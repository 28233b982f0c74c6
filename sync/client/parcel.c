#include "sync/client/parcel.h"
#include "sync/client/exchange.h"
#include "sync/wire/push.h"
#include <stdlib.h>
#include <string.h>

int64_t parcel_first(const struct sync_state *state)
{
    int64_t first = state->acked_seq + 1;
    if (first <= state->spans[0].base)
        first = state->spans[0].base + 1;
    return first < state->first_seq ? state->first_seq : first;
}

/* A batch of one epoch that fits into a body. */
static enum rc read_batch(const struct sync_store *store, const struct sync_state *state, int64_t first,
                          int *batch_max, struct sync_batch *ret_batch)
{
    int span = epoch_at(state->spans, state->span_count, first);
    int64_t end = span + 1 < state->span_count ? state->spans[span + 1].base : state->last_seq;
    for (;;) {
        struct sync_batch batch = {0};
        int max = end - first + 1 < *batch_max ? (int)(end - first + 1) : *batch_max;
        enum rc rc = store->batch(store->context, first, max, &batch);
        if (rc != RC_OK)
            return rc;
        if (batch.first_seq != first || batch.count < 1 || batch.count > *batch_max)
            return RC_CORRUPT; /* the journal has a hole */
        if (batch.len + MESSAGE_BODY_MAX <= PUSH_BODY_MAX) {
            *ret_batch = batch;
            return RC_OK;
        }
        if (batch.count == 1)
            return RC_TOO_BIG;
        *batch_max = batch.count / 2;
    }
}

/* The text itself where packing does not pay. */
static enum rc pack(char *text, size_t len, struct parcel *parcel)
{
    void *packed;
    size_t packed_len = 0;
    enum rc rc = exchange_pack(text, len, &packed, &packed_len);
    parcel->packed = packed != NULL;
    parcel->body = packed ? packed : text;
    parcel->len = packed ? packed_len : len;
    if (packed || rc != RC_OK)
        free(text);
    return rc;
}

enum rc parcel_make(const struct sync_store *store, const struct sync_state *state,
                    const struct sync_identity *identity, int64_t first, int *batch_max, struct parcel *ret_parcel)
{
    struct sync_batch batch;
    enum rc rc = read_batch(store, state, first, batch_max, &batch);
    if (rc != RC_OK)
        return rc;
    int64_t epoch = state->spans[epoch_at(state->spans, state->span_count, first)].epoch;
    struct push_request request = {
        .epoch = epoch, .first = first, .count = batch.count, .lines = batch.lines, .lines_len = batch.len};
    memcpy(request.head, batch.head, sizeof(request.head));
    push_sign(identity->secret_key, identity->device, &request);
    char *text;
    size_t len;
    rc = push_request_encode(&request, &text, &len);
    if (rc != RC_OK)
        return rc;
    struct parcel parcel = {.first = first, .count = batch.count, .epoch = epoch, .device = identity->device};
    memcpy(parcel.public_key, identity->public_key, sizeof(parcel.public_key));
    rc = pack(text, len, &parcel);
    if (rc == RC_OK)
        *ret_parcel = parcel;
    return rc;
}

bool parcel_fits(const struct parcel *parcel, const struct sync_state *state, const struct sync_identity *identity,
                 int batch_max)
{
    int64_t first = parcel_first(state);
    return parcel->body && parcel->first == first && parcel->count <= batch_max &&
           first + parcel->count - 1 <= state->last_seq &&
           parcel->epoch == state->spans[epoch_at(state->spans, state->span_count, first)].epoch &&
           parcel->device == identity->device &&
           memcmp(parcel->public_key, identity->public_key, sizeof(parcel->public_key)) == 0;
}

void parcel_empty(struct parcel *parcel)
{
    free(parcel->body);
    *parcel = (struct parcel){0};
}
