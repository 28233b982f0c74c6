#include "app/cli/act.h"
#include "app/cli/fields.h"
#include "app/cli/outcome.h"
#include <string.h>

/* FIELD=VALUE, each once. */
static bool read_arguments(int argc, char **argv, struct defaced *ret_defaced)
{
    const char *count = NULL;
    const struct {
        const char *name, **value;
    } fields[] = {{"product", &ret_defaced->product},
                  {"lot", &ret_defaced->lot},
                  {"printed", &ret_defaced->printed},
                  {"count", &count}};
    for (int i = 2; i < argc; i++) {
        const char *name, *value;
        size_t at = 0;
        if (!fields_split(argv[i], &name, &value))
            return false;
        while (at < sizeof fields / sizeof fields[0] && strcmp(fields[at].name, name) != 0)
            at++;
        if (at == sizeof fields / sizeof fields[0] || *fields[at].value)
            return false;
        *fields[at].value = value;
    }
    ret_defaced->count = QTY_ONE;
    return argc > 2 && ret_defaced->product && (!count || qty_parse(count, &ret_defaced->count) == RC_OK);
}

int cli_defaced(struct cli *cli, int argc, char **argv)
{
    static struct outcome outcome; /* large */
    char doc[DOC_MAX + 1];
    struct defaced defaced = {.product = NULL};
    if (!read_arguments(argc, argv, &defaced))
        return cli_usage(cli);
    if (!defaced.lot)
        defaced.lot = "";
    if (!defaced.printed)
        defaced.printed = "";
    int code = act_document(cli, argv[1], doc);
    if (code != EXIT_DONE)
        return code;
    enum rc rc = engine_defaced(cli->engine, doc, &defaced, &outcome);
    if (rc != RC_OK)
        return cli_fail(rc, rc == RC_NOT_FOUND ? defaced.product : argv[1]);
    return outcome_print(cli, &outcome);
}
