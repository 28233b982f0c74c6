/* A list of keys: read before anything is written, so that no statement walks over what changes under it. */
#ifndef TALLYMAN_STORE_KEYS_H
#define TALLYMAN_STORE_KEYS_H

#include "app/store/store_private.h"

struct keys {
    char **all;
    size_t count, room;
};

enum rc keys_add(struct keys *keys, const char *key);
/* The first column of each row; `row` may be NULL: store_rc says why. */
enum rc keys_read(struct store *store, sqlite3_stmt *row, struct keys *ret_keys);
void keys_free(struct keys *keys); /* what is in it */

#endif
