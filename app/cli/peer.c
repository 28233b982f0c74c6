#include "app/cli/peer.h"
#include "app/cli/cli.h"
#include "app/text/text.h"

enum rc peer_open(const char *dir, long timeout_ms, struct peer *ret_peer)
{
    struct peer peer = {0};
    enum rc rc = syncport_open(dir, &peer.port);
    if (rc == RC_OK)
        rc = transport_http_new(timeout_ms, &peer.http);
    if (rc != RC_OK) {
        syncport_close(peer.port);
        return rc;
    }
    peer.store = syncport_store(peer.port);
    peer.transport = transport_http_port(peer.http);
    *ret_peer = peer;
    return RC_OK;
}

void peer_close(struct peer *peer)
{
    transport_http_free(peer->http);
    syncport_close(peer->port);
}

int peer_fail(enum rc rc, const struct sync_progress *progress)
{
    if (progress->detail[0])
        cli_error("%s (%s)", text_rc(rc), progress->detail);
    else
        cli_error("%s", text_rc(rc));
    return EXIT_REFUSED;
}
