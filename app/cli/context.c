#include "app/cli/act.h"
#include <stdio.h>

int cli_context(struct cli *cli, int argc, char **argv)
{
    char doc[DOC_MAX + 1];
    if (argc != 3 && argc != 4)
        return cli_usage(cli);
    const char *lot = argc == 4 ? argv[3] : "";
    enum rc rc = engine_open_document(cli->engine, argv[1], doc);
    if (rc != RC_OK)
        return cli_fail_document(cli, rc, argv[1]);
    rc = engine_set_context(cli->engine, doc, argv[2], lot);
    if (rc != RC_OK)
        return cli_fail(rc, argv[2]);
    if (cli->json)
        return cli_print(
            json_pack("{s:s, s:s, s:s, s:s}", "done", "context", "doc", doc, "product", argv[2], "lot", lot));
    printf("context\t%s\t%s\t%s\n", argv[1], argv[2], lot);
    return cli_printed();
}
