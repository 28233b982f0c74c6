#include "app/cli/act.h"
#include <string.h>

int cli_undo(struct cli *cli, int argc, char **argv)
{
    char doc[DOC_MAX + 1];
    int64_t seq;
    bool damaged = argc == 4 && strcmp(argv[3], "--damaged") == 0;
    if ((argc != 3 && !damaged) || !cli_number(argv[2], &seq))
        return cli_usage(cli);
    int code = act_document(cli, argv[1], doc);
    if (code != EXIT_DONE)
        return code;
    enum rc rc = damaged ? engine_exchange(cli->engine, doc, seq) : engine_undo(cli->engine, doc, seq);
    return rc == RC_OK ? act_done(cli, damaged ? "damaged" : "undo", argv[1], doc, seq) : cli_fail(rc, argv[2]);
}
