/* HTTP: libmicrohttpd behind this one file. One thread of its own answers; api.h does the work. */
#ifndef TALLYMAN_SYNC_SERVER_HTTP_H
#define TALLYMAN_SYNC_SERVER_HTTP_H

#include "sync/server/server.h"
#include "sync/server/tls.h"

struct http;

enum { HTTP_CONNECTIONS_MAX = 2000, HTTP_TIMEOUT_S = 30, HTTP_URL_MAX = 79 };

/* address: "127.0.0.1:8080", "[::1]:0"; port 0 takes a free one. keys: TLS 1.2 and later with the one in use (copied);
 * NULL: plain HTTP. RC_USAGE: no such address; RC_REFUSED: plain HTTP goes no further than loopback; RC_BUSY: the port is
 * taken. */
enum rc http_start(struct server *server, const char *address, const struct tls_keys *keys, struct http **ret_http);
/* False for what is no address, too. */
bool http_is_loopback(const char *address);
/* Ends connections that don't say a whole request in time; now and then: new ones may not come while those have all places. */
void http_look(struct http *http);
void http_stop(struct http *http); /* waits for answers in hand; NULL is fine */

/* "http://127.0.0.1:8080", "https://…" */
const char *http_url(const struct http *http);

#endif
