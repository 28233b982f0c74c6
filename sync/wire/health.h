/* GET /v1/health: whether this is a Tallyman server, and awake. No session. */
#ifndef TALLYMAN_SYNC_WIRE_HEALTH_H
#define TALLYMAN_SYNC_WIRE_HEALTH_H

#include "app/domain/rc.h"
#include "sync/wire/reply.h"
#include <stddef.h>

struct health_reply {
    struct reply_head head;
    bool ok;
    char version[16]; /* of the server's program */
};

enum rc health_reply_encode(const struct health_reply *reply, char **ret_text, size_t *ret_len);
enum rc health_reply_decode(const void *data, size_t len, struct health_reply *ret_reply);

#endif
