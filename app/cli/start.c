#include "app/cli/cli.h"
#include "app/domain/flow.h"
#include "app/text/text.h"

/* Documents of one's own come with the flows that have lines of no ERP; `outbound` has none. */
int cli_start(struct cli *cli, int argc, char **argv)
{
    if (argc < 2)
        return cli_usage(cli);
    const struct flow *flow = flow_find(argv[1]);
    if (!flow)
        cli_error(_("%s: there is no such flow."), argv[1]);
    else
        cli_error(_("%s (%s): its documents come from the ERP; none can be started here."), flow->name,
                  text_flow(flow->name));
    return EXIT_REFUSED;
}
