#include "app/cli/act.h"
#include <string.h>

/* A supervisor who is signed in overrules without naming himself again. */
static enum rc confirm(struct cli *cli, const char *doc, int64_t seq, const char *supervisor)
{
    const struct catalog_operator *operator= engine_operator(cli->engine);
    enum rc rc = engine_confirm(cli->engine, doc, seq, supervisor);
    if (rc == RC_SUPERVISOR && supervisor[0] == '\0' && operator&& operator->role == ROLE_SUPERVISOR)
        rc = engine_confirm(cli->engine, doc, seq, operator->id);
    return rc;
}

int cli_confirm(struct cli *cli, int argc, char **argv)
{
    char doc[DOC_MAX + 1];
    int64_t seq;
    bool supervised = argc == 5 && strcmp(argv[3], "--supervisor") == 0;
    if ((argc != 3 && !supervised) || !cli_number(argv[2], &seq))
        return cli_usage(cli);
    int code = act_document(cli, argv[1], doc);
    if (code == EXIT_DONE && supervised)
        code = act_supervisor(cli, argv[4]);
    if (code != EXIT_DONE)
        return code;
    enum rc rc = confirm(cli, doc, seq, supervised ? argv[4] : "");
    return rc == RC_OK ? act_done(cli, "confirm", argv[1], doc, seq) : cli_fail(rc, argv[2]);
}
