/* The position of a visit: what the receiver says, as text for its field. */
#ifndef TALLYMAN_ENGINE_POSITION_H
#define TALLYMAN_ENGINE_POSITION_H

#include "platform/place.h"

enum { POSITION_TEXT_MAX = 63, POSITION_WAIT_MS = 2000, POSITION_AGE_MAX_MS = 30000 };

/* "30.65712,104.06543 ±8m"; the accuracy is rounded up, and left out where nobody told it. ret_text holds
 * POSITION_TEXT_MAX + 1. Returns ret_text. */
char *position_print(const struct place_fix *fix, char *ret_text);

/* What the receiver says now, without waiting; RC_TIMEOUT: nothing, or nothing fresh. */
enum rc position_read(struct place_source *place, char *ret_text);

/* Asks a receiver for at most wait_ms. RC_NOT_FOUND, RC_TIMEOUT or RC_DISCONNECTED: it does not know. `class` may be NULL. */
enum rc position_find(const struct place_class *class, const char *address, int wait_ms, char *ret_text);

#endif
