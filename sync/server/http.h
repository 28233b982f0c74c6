/* HTTP: libmicrohttpd behind this one file. One thread of its own answers; api.h does the work. */
#ifndef TALLYMAN_SYNC_SERVER_HTTP_H
#define TALLYMAN_SYNC_SERVER_HTTP_H

#include "sync/server/server.h"

struct http;

enum { HTTP_CONNECTIONS_MAX = 256, HTTP_TIMEOUT_S = 30, HTTP_URL_MAX = 79 };

/* address: "127.0.0.1:8080", "[::1]:0"; port 0 takes a free one. RC_USAGE: no such address; RC_REFUSED: not loopback
 * (plain HTTP goes no further); RC_BUSY: the port is taken. */
enum rc http_start(struct server *server, const char *address, struct http **ret_http);
void http_stop(struct http *http); /* waits for answers in hand; NULL is fine */

/* "http://127.0.0.1:8080" */
const char *http_url(const struct http *http);

#endif
