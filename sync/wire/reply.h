/* What every reply says first: which history the server has, and its time. */
#ifndef TALLYMAN_SYNC_WIRE_REPLY_H
#define TALLYMAN_SYNC_WIRE_REPLY_H

#include "sync/wire/limits.h"
#include <jansson.h>
#include <stdbool.h>

struct reply_head {
    char history[WIRE_HISTORY_MAX + 1]; /* never empty; letters, digits, '-' */
    int64_t time_ms;                    /* since 1970 UTC */
};

/* Both members and those of `members`, whose reference is taken; NULL without memory or when `members` is NULL. */
json_t *reply_object(const struct reply_head *head, json_t *members);
bool reply_read(const json_t *object, struct reply_head *ret_head);

/* True for text that may stand in a path or header as it is: letters, digits, '-', '.', '_', '~'; not empty. */
bool reply_is_token(const char *text);

#endif
