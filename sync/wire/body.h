/* Bodies on the wire are one zstd frame each. A frame is refused before it is read when its header says that it is too
 * large, and while it is read when the header lied or said nothing. Any thread. */
#ifndef TALLYMAN_SYNC_WIRE_BODY_H
#define TALLYMAN_SYNC_WIRE_BODY_H

#include "app/domain/rc.h"
#include <stddef.h>

/* The caller frees. RC_NOMEM. */
enum rc body_compress(const void *data, size_t len, void **ret_data, size_t *ret_len);

/* Expands exactly one frame of at most `max` bytes, with nothing after it. A NUL is put behind the data, not counted.
 * RC_TOO_BIG, RC_BAD_INPUT, RC_NOMEM. The caller frees. */
enum rc body_expand(const void *data, size_t len, size_t max, void **ret_data, size_t *ret_len);

#endif
