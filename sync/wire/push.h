/* POST /v1/push: a batch of records as they were journaled, and a verdict on each. */
#ifndef TALLYMAN_SYNC_WIRE_PUSH_H
#define TALLYMAN_SYNC_WIRE_PUSH_H

#include "app/domain/chain.h"
#include "app/domain/date.h"
#include "app/domain/limits.h"
#include "app/domain/rc.h"
#include "sync/wire/reply.h"
#include <stddef.h>

struct push_request {
    int64_t epoch;
    int64_t first;                  /* seq of the first record */
    int count;                      /* 1 … BATCH_MORE_MAX */
    uint8_t head[CHAIN_HASH_BYTES]; /* hash of the last record */
    uint8_t signature[SIGNATURE_BYTES];
    const char *lines; /* borrowed; `count` bodies, each ended by '\n' */
    size_t lines_len;
};

/* Ed25519 over the text "tallyman-push:DEVICE:EPOCH:LAST:HEAD", numbers decimal, HEAD hex. */
void push_sign(const uint8_t secret_key[SECRET_KEY_BYTES], int64_t device, struct push_request *request);
bool push_verify(const uint8_t public_key[PUBLIC_KEY_BYTES], int64_t device, const struct push_request *request);

/* Decoding checks the count against the lines; what is in them is the server's business. `lines` points into data. */
enum rc push_request_encode(const struct push_request *request, char **ret_text, size_t *ret_len);
enum rc push_request_decode(const void *data, size_t len, struct push_request *ret_request);

/* The record at *offset (0 at first), which goes on to the next; false after the last. The body has no '\n'. */
bool push_next(const struct push_request *request, size_t *offset, const char **ret_body, size_t *ret_len);

enum push_outcome { PUSH_ACCEPTED, PUSH_REFUSED, PUSH_HELD };

/* What the server can say of a refused or held record, as far as this device may know it: a dealer's gets number and time. */
struct push_about {
    int64_t number;              /* of the conflict, 0: nothing is said */
    char at[TIME_TEXT_MAX + 1];  /* when the other one was made, or when it was found */
    int64_t device;              /* whose record stands in the way, 0 the books or not said */
    char operator[ID_MAX + 1];   /* who made it, "" not said */
    char no[ID_MAX + 1];         /* for which document, "" not said */
    char holder[HOLDER_MAX + 1]; /* where the books have the goods, "" not said */
};

struct push_verdict {
    enum push_outcome outcome;
    char word[WORD_MAX + 1]; /* "" for PUSH_ACCEPTED */
    struct push_about about;
};

/* So many verdicts of one reply say more, at most: that of BATCH_MAX records has to fit into MESSAGE_BODY_MAX. */
enum { PUSH_ABOUT_MAX = 80, PUSH_REPLY_MAX = 256 << 10 };

struct push_reply {
    struct reply_head head;
    int64_t acked; /* the server's watermark: it has every record of this epoch up to here */
    int count;     /* as many as the request had, in its order; beyond these nothing is said */
    struct push_verdict verdicts[BATCH_MORE_MAX];
};

enum rc push_reply_encode(const struct push_reply *reply, char **ret_text, size_t *ret_len);
/* Verdicts beyond `count` are not touched. */
enum rc push_reply_decode(const void *data, size_t len, struct push_reply *ret_reply);

#endif
