/* A visit of an auditor, for who was not there. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_VISITS_H
#define TALLYMAN_SYNC_SERVER_VISITS_H

#include "sync/server/core.h"
#include <jansson.h>

/* {"doc","no","opened","closed","abandoned","auditor","auditor_name","device","site","region","region_name","fields":{…},"sums":{REASON:N}}: fields are
 * those of its start and its end; closed is null while it goes on, abandoned says that its
 * auditor gave it up; sums counts what leads, all goods of the visit. The caller decrefs. */
enum rc visits_describe(struct server *server, const char *doc, json_t **ret_visit);

/* {"party","name","region","territories":[{"product","regions","exclusive","from","to"}]}: where it may sell. */
enum rc visits_seller(struct server *server, const char *party, json_t **ret_seller);

/* The name of an entity, "" without; ret_name holds NAME_MAX_BYTES + 1. */
enum rc visits_name(struct server *server, const char *type, const char *id, char *ret_name);

#endif
