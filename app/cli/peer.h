/* The server as enrol and sync meet it: the store port of this data folder, and the transport. */
#ifndef TALLYMAN_CLI_PEER_H
#define TALLYMAN_CLI_PEER_H

#include "app/store/syncport.h"
#include "sync/client/client.h"
#include "sync/client/transport_http.h"

enum { PEER_TIMEOUT_MS = 30000 };

struct peer {
    struct syncport *port;
    struct transport_http *http;
    struct sync_store store;
    struct sync_transport transport;
};

/* The folder's lock is held. timeout_ms bounds each exchange. */
enum rc peer_open(const char *dir, long timeout_ms, struct peer *ret_peer);
void peer_close(struct peer *peer);

/* The result's sentence, and the server's own when it gave one; the exit code. */
int peer_fail(enum rc rc, const struct sync_progress *progress);

#endif
