/* The transport over HTTP(S): libcurl and zstd behind this one file. */
#ifndef TALLYMAN_SYNC_CLIENT_TRANSPORT_HTTP_H
#define TALLYMAN_SYNC_CLIENT_TRANSPORT_HTTP_H

#include "sync/client/port.h"

struct transport_http;

/* timeout_ms bounds one whole exchange. Plain HTTP is refused (RC_REFUSED) except to loopback. */
enum rc transport_http_new(long timeout_ms, struct transport_http **ret_http);
void transport_http_free(struct transport_http *http);
struct sync_transport transport_http_port(struct transport_http *http);

#endif
