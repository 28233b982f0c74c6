/* Patterns of the feed, each version that was ever told: a record is read again by the version that it names, however long
 * it waited on its device. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_PATTERNS_H
#define TALLYMAN_SYNC_SERVER_PATTERNS_H

#include "app/domain/pattern.h"
#include "app/domain/scan.h"
#include "sync/server/core.h"
#include <jansson.h>

/* Keeps the version that this body is (NULL is none). Nothing is ever taken out again. */
enum rc patterns_keep(struct server *server, const char *id, const json_t *body);

/* As it was in this version; a version that was never told here ("" too) is the present one. RC_NOT_FOUND when there is
 * none of that name. The caller frees with pattern_free. */
enum rc patterns_get(struct server *server, const char *id, const char *version, struct pattern **ret_pattern);

/* Calls visit with what each pattern makes of the scan, the present ones by id and then earlier versions, until it
 * returns false. `code` is room to read in. */
enum rc patterns_read(struct server *server, const struct scan *scan, int year, struct code *code,
                      bool (*visit)(void *context, const struct code *code), void *context);

#endif
