/* Administration beside a serving process: PATH.sock, a local socket for this user alone. One exchange a connection: a
 * line with the command's words as a JSON array, then its input to the end; back come its lines, and last
 * {"exit":N,"messages":[…]}. */
#ifndef TALLYMAN_SYNC_SERVER_ADMINSOCKET_H
#define TALLYMAN_SYNC_SERVER_ADMINSOCKET_H

#include "sync/server/server.h"
#include <stdio.h>

enum { ADMINSOCKET_LINE_MAX = 8192, ADMINSOCKET_TIMEOUT_S = 30, ADMINSOCKET_WORDS_MAX = 16 };

/* RC_TOO_BIG when the path is too long for a socket. The caller holds the database's lock file: what is there is stale. */
enum rc adminsocket_listen(const char *path, int *ret_fd);

/* Serves one connection that waits on the listening socket. */
void adminsocket_serve(struct server *server, int listen_fd);

/* The other end. RC_NOT_FOUND when nobody serves. `in` NULL: no input. Prints to stdout and stderr. */
enum rc adminsocket_ask(const char *path, int count, const char *const *args, FILE *in, int *ret_status);

#endif
