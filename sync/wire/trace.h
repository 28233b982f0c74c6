/* POST /v1/trace: what the server knows of one code, as far as the asker may see it. */
#ifndef TALLYMAN_SYNC_WIRE_TRACE_H
#define TALLYMAN_SYNC_WIRE_TRACE_H

#include "app/domain/rc.h"
#include "sync/wire/reply.h"
#include <stddef.h>

struct trace_request {
    char key[CODE_KEY_MAX + 1]; /* or an alias, or what somebody typed */
};

struct trace_reply {
    struct reply_head head;
    char key[CODE_KEY_MAX + 1]; /* as the server has it */
    int count;                  /* 0 … PAGE_LINES_MAX */
    const char *lines;          /* borrowed; `count` JSON objects, each ended by '\n'; every one has `row` */
    size_t lines_len;
};

/* The caller frees *ret_text. Decoding a reply checks the count against the lines, and points into data. */
enum rc trace_request_encode(const struct trace_request *request, char **ret_text, size_t *ret_len);
enum rc trace_request_decode(const void *data, size_t len, struct trace_request *ret_request);
enum rc trace_reply_encode(const struct trace_reply *reply, char **ret_text, size_t *ret_len);
enum rc trace_reply_decode(const void *data, size_t len, struct trace_reply *ret_reply);

#endif
