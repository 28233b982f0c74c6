/* Devices whose numbers parted from the server's: POST /v1/epoch. A device's streams are a tree: each but the first goes on after
 * some record of another one. The newest stream's way back to the root is the device as it lives; whoever shows records of a
 * stream that was left before them is a copy that lives on: it is stopped. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_EPOCHS_H
#define TALLYMAN_SYNC_SERVER_EPOCHS_H

#include "sync/server/answer.h"
#include "sync/wire/epoch.h"

enum { EPOCHS_LINE_MAX = 2 * EPOCH_SPANS_MAX };

/* A journal as the server has it, from its end on: records after ends[i].base, up to ends[i - 1].base, are of that stream. */
struct epochs_line {
    int count; /* 1 at least, once read */
    struct epochs_end {
        int64_t device, epoch, base;
    } ends[EPOCHS_LINE_MAX];
};

/* From this stream's end; one that there isn't yet begins with record 1. */
enum rc epochs_line(struct server *server, int64_t device, int64_t epoch, struct epochs_line *ret_line);
/* Whose the record is. */
const struct epochs_end *epochs_end(const struct epochs_line *line, int64_t seq);

/* The stream as a push finds it. */
struct epochs_stream {
    bool known, newest;
    int64_t acked, base;
    uint8_t anchor[CHAIN_HASH_BYTES]; /* hash of record `base` */
};
enum rc epochs_stream(struct server *server, int64_t device, int64_t epoch, struct epochs_stream *ret_stream);

answer_handler epochs_ask;

#endif
