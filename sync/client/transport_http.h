/* The transport over HTTP(S): libcurl and zstd behind this one file. */
#ifndef TALLYMAN_SYNC_CLIENT_TRANSPORT_HTTP_H
#define TALLYMAN_SYNC_CLIENT_TRANSPORT_HTTP_H

#include "sync/client/port.h"

struct transport_http;

/* timeout_ms bounds one whole exchange. Plain HTTP is refused (RC_REFUSED) except to loopback;
 * HTTPS without pins too: keys are checked by pin, not by date, since a handheld's clock may be wrong. */
enum rc transport_http_new(long timeout_ms, struct transport_http **ret_http);
void transport_http_free(struct transport_http *http);
/* Ends the exchange in hand (RC_NET) and refuses further ones; any thread. Before sync_worker_stop, so that leaving the
 * program does not wait for a silent server. */
void transport_http_stop(struct transport_http *http);
struct sync_transport transport_http_port(struct transport_http *http);

#endif
