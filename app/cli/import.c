#include "app/cli/cli.h"
#include "app/text/text.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void note(void *context, long line, const char *text)
{
    cli_error(_("%s: line %ld: %s"), (const char *)context, line, text);
}

static int import(struct cli *cli, FILE *file, char *name)
{
    struct feed_error error = {0};
    long count = 0;
    const struct feed_sink notes = {.context = name, .note = note};
    enum rc rc = store_import(engine_store(cli->engine), file, &notes, &count, &error);
    if (rc != RC_OK && error.line > 0)
        cli_error(_("%s: line %ld: %s"), name, error.line, _(error.text));
    if (rc != RC_OK) {
        cli_error(_("%s: nothing was taken: %s"), name, error.line > 0 ? text_rc(RC_BAD_INPUT) : text_rc(rc));
        return EXIT_REFUSED;
    }
    if (cli->json)
        return cli_print(json_pack("{s:I}", "imported", (json_int_t)count));
    printf("imported\t%ld\n", count);
    return cli_printed();
}

int cli_import(struct cli *cli, int argc, char **argv)
{
    if (argc != 2)
        return cli_usage(cli);
    if (strcmp(argv[1], "-") == 0)
        return import(cli, stdin, argv[1]);
    FILE *file = fopen(argv[1], "re");
    if (!file) {
        cli_error("%s: %s", argv[1], strerror(errno));
        return EXIT_REFUSED;
    }
    int code = import(cli, file, argv[1]);
    fclose(file);
    return code;
}
