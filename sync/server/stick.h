/* A device's journal from a stick, as the client's stick.h writes it. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_STICK_H
#define TALLYMAN_SYNC_SERVER_STICK_H

#include "sync/server/core.h"
#include <stdio.h>

struct stick_result {
    int64_t device, acked;       /* the server has its records up to here */
    char text[SENTENCE_MAX + 1]; /* why it was not taken, or not to its end */
};

/* Each batch is checked and kept like a push of the device. RC_BAD_INPUT: no such file; RC_REFUSED: what it says is not
 * true, or of a device that is not heard; batches before it were taken. *ret_result is filled in any case. */
enum rc stick_take(struct server *server, FILE *stream, struct stick_result *ret_result);

#endif
