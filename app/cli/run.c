#include "app/cli/cli.h"
#include "app/cli/sources.h"
#include <string.h>

int cli_run(struct cli *cli, int argc, char **argv)
{
    struct sources_request request = {0};
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--scanner") != 0 || !sources_option(argc, argv, &i, &request))
            return cli_usage(cli);
    if (request.count > 0) { /* in place of the configuration's */
        cli->config.scanner_count = request.count;
        memcpy(cli->config.scanners, request.scanners, sizeof request.scanners);
    }
    return cli->backends->screens(cli);
}
