/* What the data centre told, one row an entity: its merged JSON, and which sites it was ever told to. Codes and runs have
 * tables of their own (units.h). Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_ENTITIES_H
#define TALLYMAN_SYNC_SERVER_ENTITIES_H

#include "sync/server/core.h"
#include <jansson.h>

enum { ENTITIES_SEEN_MAX = 1023 };

/* The scope of a device: its site, and whether that site is a dealer's. */
struct entities_scope {
    int64_t device;
    char site[ID_MAX + 1];
    bool dealer;
};

enum rc entities_scope(struct server *server, int64_t device, const char *site, struct entities_scope *ret_scope);

/* A new reference; RC_NOT_FOUND for one not told or gone. */
enum rc entities_get(struct server *server, const char *type, const char *id, json_t **ret_body);

/* The whole body; notes the change when it is one. */
enum rc entities_put(struct server *server, const char *type, const char *id, json_t *body, bool gone);

/* The feed line that this scope is told about the entity, NULL when it is none of its business. A new reference. */
enum rc entities_line(struct server *server, const struct entities_scope *scope, const char *type, const char *id,
                      json_t **ret_line);

#endif
