#include "app/cli/cli.h"
#include "app/cli/peer.h"
#include "app/text/text.h"
#include <stdio.h>

static int print_identity(const struct cli *cli)
{
    struct sync_identity identity;
    enum rc rc = identity_load(cli->dir, &identity);
    if (rc != RC_OK)
        return cli_fail(rc, cli->dir);
    if (cli->json)
        return cli_print(json_pack("{s:I, s:s, s:s}", "device", (json_int_t)identity.device, "site", identity.site,
                                   "url", identity.url));
    printf("enrolled\t%lld\t%s\t%s\n", (long long)identity.device, identity.site, identity.url);
    return cli_printed();
}

int cli_enrol(struct cli *cli, int argc, char **argv)
{
    struct peer peer;
    struct sync_progress progress = {0};
    if (argc != 2)
        return cli_usage(cli);
    enum rc rc = peer_open(cli->dir, PEER_TIMEOUT_MS, &peer);
    if (rc != RC_OK)
        return cli_fail(rc, cli->dir);
    rc = sync_enrol(&peer.store, &peer.transport, argv[1], &progress);
    peer_close(&peer);
    if (rc == RC_BAD_INPUT) {
        cli_error(_("this is no enrolment string of a Tallyman server (tallyman:1:...)."));
        return EXIT_REFUSED;
    }
    return rc == RC_OK ? print_identity(cli) : peer_fail(rc, &progress);
}
