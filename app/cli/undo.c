#include "app/cli/act.h"

int cli_undo(struct cli *cli, int argc, char **argv)
{
    char doc[DOC_MAX + 1];
    int64_t seq;
    if (argc != 3 || !cli_number(argv[2], &seq))
        return cli_usage(cli);
    int code = act_document(cli, argv[1], doc);
    if (code != EXIT_DONE)
        return code;
    enum rc rc = engine_undo(cli->engine, doc, seq);
    return rc == RC_OK ? act_done(cli, "undo", argv[1], doc, seq) : cli_fail(rc, argv[2]);
}
