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

struct confirming {
    int64_t seq;
    const char *supervisor; /* NULL none */
    bool another;
};

static bool read_arguments(int argc, char **argv, struct confirming *ret_confirming)
{
    if (argc < 3 || !cli_number(argv[2], &ret_confirming->seq))
        return false;
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--another") == 0)
            ret_confirming->another = true;
        else if (strcmp(argv[i], "--supervisor") == 0 && i + 1 < argc)
            ret_confirming->supervisor = argv[++i];
        else
            return false;
    }
    return !(ret_confirming->another && ret_confirming->supervisor);
}

int cli_confirm(struct cli *cli, int argc, char **argv)
{
    char doc[DOC_MAX + 1];
    struct confirming confirming = {.seq = 0};
    if (!read_arguments(argc, argv, &confirming))
        return cli_usage(cli);
    int code = act_document(cli, argv[1], doc);
    if (code == EXIT_DONE && confirming.supervisor)
        code = act_supervisor(cli, confirming.supervisor);
    if (code != EXIT_DONE)
        return code;
    enum rc rc = confirming.another
                     ? engine_confirm_another(cli->engine, doc, confirming.seq)
                     : confirm(cli, doc, confirming.seq, confirming.supervisor ? confirming.supervisor : "");
    return rc == RC_OK ? act_done(cli, "confirm", argv[1], doc, confirming.seq) : cli_fail(rc, argv[2]);
}
