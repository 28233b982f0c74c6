/* What the data centre told, one row an entity: its merged JSON, and which sites and parties it ever concerned. Codes and runs have
 * tables of their own (units.h). Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_ENTITIES_H
#define TALLYMAN_SYNC_SERVER_ENTITIES_H

#include "sync/server/scope.h"

enum { ENTITIES_SEEN_MAX = 1023 };

/* A new reference; RC_NOT_FOUND for one not told or gone. */
enum rc entities_get(struct server *server, const char *type, const char *id, json_t **ret_body);

/* The whole body; notes the change when it is one. */
enum rc entities_put(struct server *server, const char *type, const char *id, json_t *body, bool gone);

/* The feed line that this scope is told about the entity, NULL when it is none of its business. A new reference. */
enum rc entities_line(struct server *server, const struct scope *scope, const char *type, const char *id,
                      json_t **ret_line);

/* Whether this scope is told of the entity, or was once; of one that the data centre never told, too. */
enum rc entities_reach(struct server *server, const struct scope *scope, const char *type, const char *id,
                       bool *ret_reach);

#endif
