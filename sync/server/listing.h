/* What an administrator is shown, one JSON object a line. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_LISTING_H
#define TALLYMAN_SYNC_SERVER_LISTING_H

#include "sync/server/core.h"
#include <jansson.h>
#include <stdio.h>

enum rc listing_records(struct server *server, FILE *out);
/* Accepted records in which the server found something of its own. */
enum rc listing_findings(struct server *server, FILE *out);
enum rc listing_conflicts(struct server *server, FILE *out);
enum rc listing_results(struct server *server, FILE *out);
enum rc listing_devices(struct server *server, FILE *out);
/* at, kind, doc, device, site, from, to: every record that names the code, and every move that took it along, in order of
 * time. RC_NOT_FOUND when neither a record nor the books know it. */
enum rc listing_trace(struct server *server, const char *code, FILE *out);

/* The key that the books or the records have for what somebody typed; else what it reads as. ret_key holds CODE_KEY_MAX + 1.
 * RC_NOT_FOUND: it reads as nothing. */
enum rc listing_find_key(struct server *server, const char *text, char *ret_key);

/* One object, one line; takes the row. RC_NOMEM for NULL. */
enum rc listing_print(json_t *row, FILE *out);

#endif
