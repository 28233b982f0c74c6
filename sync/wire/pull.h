/* GET /v1/pull: one page of the change feed. */
#ifndef TALLYMAN_SYNC_WIRE_PULL_H
#define TALLYMAN_SYNC_WIRE_PULL_H

#include "app/domain/rc.h"
#include "sync/wire/reply.h"
#include <stddef.h>

enum { PULL_PATH_MAX = 15 + CURSOR_TEXT_MAX };

/* "/v1/pull", or "/v1/pull?cursor=TEXT". ret_path holds PULL_PATH_MAX + 1. The cursor must be pull_cursor_ok or "". */
char *pull_path(const char *cursor, char *ret_path);

/* A cursor is the server's own text of letters, digits, '-', '.', '_', '~': at most CURSOR_TEXT_MAX, not empty. */
bool pull_cursor_ok(const char *cursor);

struct pull_reply {
    struct reply_head head;
    char cursor[CURSOR_TEXT_MAX + 1];
    bool more;
    int64_t epoch; /* of this device's records; 0 when the server has none */
    int64_t applied_seq;
    int count;         /* 0 … PAGE_LINES_MAX */
    const char *lines; /* borrowed; `count` feed lines, each ended by '\n' */
    size_t lines_len;
};

/* The caller frees *ret_text. Decoding checks the count against the lines, and points into data. */
enum rc pull_reply_encode(const struct pull_reply *reply, char **ret_text, size_t *ret_len);
enum rc pull_reply_decode(const void *data, size_t len, struct pull_reply *ret_reply);

#endif
