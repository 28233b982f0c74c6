/* JSON as this program writes it itself: compact, short numbers, hardly an escape. Read and written in a fraction of jansson's time;
 * whatever is unusual is left to jansson, so that what is taken, and as what, is jansson's word alone. Pure; any thread. */
#ifndef TALLYMAN_SYNC_WIRE_QUICK_H
#define TALLYMAN_SYNC_WIRE_QUICK_H

#include <jansson.h>
#include <stddef.h>

enum { QUICK_DEPTH_MAX = 16 };

/* As json_loadb() does with these flags; the caller decrefs. NULL: it is no JSON, or there is no memory. */
json_t *quick_load(const char *text, size_t len, size_t flags);

/* The first half of it: NULL when the text is unusual, good or not. */
json_t *quick_try(const char *text, size_t len);

/* As json_dumps(value, JSON_COMPACT) does; the caller frees. */
char *quick_dump(const json_t *value);

#endif
