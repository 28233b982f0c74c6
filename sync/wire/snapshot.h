/* GET /v1/snapshot: a catalog of this device's scope as one file, if there is one. GET /v1/snapshot/HASH: its bytes. */
#ifndef TALLYMAN_SYNC_WIRE_SNAPSHOT_H
#define TALLYMAN_SYNC_WIRE_SNAPSHOT_H

#include "app/domain/rc.h"
#include "sync/wire/reply.h"
#include <stddef.h>

enum {
    SNAPSHOT_HASH_BYTES = 32, /* BLAKE2b-256 of the file's bytes */
    SNAPSHOT_HASH_TEXT = 2 * SNAPSHOT_HASH_BYTES,
    SNAPSHOT_PATH_MAX = 19 + CURSOR_TEXT_MAX + SNAPSHOT_HASH_TEXT
};

#define SNAPSHOT_BYTES_MAX ((int64_t)16 << 30) /* a device's disk is not larger */

struct snapshot_reply {
    struct reply_head head;
    uint8_t hash[SNAPSHOT_HASH_BYTES];
    int64_t size;   /* bytes, 1 … SNAPSHOT_BYTES_MAX */
    int64_t schema; /* the catalog's, 1 and up: a device does not fetch one that it can't read */
    char cursor[CURSOR_TEXT_MAX + 1];
    int64_t epoch, applied_seq; /* as in a pull's page */
};

/* "/v1/snapshot", or "/v1/snapshot?cursor=TEXT"; and "/v1/snapshot/HASH". ret_path holds SNAPSHOT_PATH_MAX + 1. */
char *snapshot_path(const char *cursor, char *ret_path);
char *snapshot_bytes_path(const uint8_t hash[SNAPSHOT_HASH_BYTES], char *ret_path);

/* The caller frees *ret_text. */
enum rc snapshot_reply_encode(const struct snapshot_reply *reply, char **ret_text, size_t *ret_len);
enum rc snapshot_reply_decode(const void *data, size_t len, struct snapshot_reply *ret_reply);

#endif
