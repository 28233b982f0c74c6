/* POST /v1/epoch: a device whose numbers have parted from the server's asks where both are alike, and is given an epoch to go on
 * in. It shows hashes of its chain, some at first and then nearer ones, until the last record that both have alike is found. */
#ifndef TALLYMAN_SYNC_WIRE_EPOCH_H
#define TALLYMAN_SYNC_WIRE_EPOCH_H

#include "app/domain/chain.h"
#include "app/domain/epoch.h"
#include "app/domain/rc.h"
#include "sync/wire/reply.h"
#include <stddef.h>

enum { EPOCH_MARKS_MAX = 256 };

/* The hash of one record of the device's chain. */
struct epoch_mark {
    int64_t seq;
    uint8_t hash[CHAIN_HASH_BYTES];
};

struct epoch_request {
    int64_t epoch;  /* the device's last one */
    int64_t first;  /* record that it keeps */
    int64_t last;   /* record of its journal, first - 1: none */
    int64_t device; /* whose numbers it spoke under before it was enrolled anew; 0: the same as now */
    int count;      /* ascending; the first one is of record first - 1, the last one of record `last` */
    struct epoch_mark marks[EPOCH_MARKS_MAX];
};

struct epoch_reply {
    struct reply_head head;
    int64_t seq;     /* of the last mark that both have alike */
    int64_t epoch;   /* to go on in after it; 0: marks nearer to it are wanted */
    int64_t missing; /* records before the first that is kept, and that the server does not have */
    int count;
    struct epoch_span spans[EPOCH_SPANS_MAX]; /* of the device's journal from now on, the last one is `epoch` */
};

enum rc epoch_request_encode(const struct epoch_request *request, char **ret_text, size_t *ret_len);
enum rc epoch_request_decode(const void *data, size_t len, struct epoch_request *ret_request);
enum rc epoch_reply_encode(const struct epoch_reply *reply, char **ret_text, size_t *ret_len);
enum rc epoch_reply_decode(const void *data, size_t len, struct epoch_reply *ret_reply);

#endif
