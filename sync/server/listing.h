/* What an administrator is shown, one JSON object a line. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_LISTING_H
#define TALLYMAN_SYNC_SERVER_LISTING_H

#include "sync/server/core.h"
#include <stdio.h>

enum rc listing_records(struct server *server, FILE *out);
enum rc listing_conflicts(struct server *server, FILE *out);
enum rc listing_results(struct server *server, FILE *out);
enum rc listing_devices(struct server *server, FILE *out);
/* at, kind, doc, device, site, from, to: every record that names the code, and every move that took it along, in order of
 * time. RC_NOT_FOUND when neither a record nor the books know it. */
enum rc listing_trace(struct server *server, const char *code, FILE *out);

#endif
