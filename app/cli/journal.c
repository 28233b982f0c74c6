#include "app/cli/cli.h"
#include "app/text/text.h"
#include <stdio.h>
#include <string.h>

/* Bodies are JSON already: a record is printed exactly as it was journaled. */
static bool print_record(void *context, const struct store_journal_line *line)
{
    (void)context;
    return fwrite(line->body, 1, line->len, stdout) == line->len && putchar('\n') != EOF;
}

static int print_journal(struct cli *cli)
{
    enum rc rc = store_journal(engine_store(cli->engine), 1, print_record, NULL);
    return rc == RC_OK ? cli_printed() : cli_fail(rc, "");
}

static int bad(const struct cli *cli, int64_t count, int64_t seq)
{
    if (seq > 0)
        cli_error(_("the journal is damaged: record %lld is the first bad one."), (long long)seq);
    else
        cli_error(_("the journal's database is damaged."));
    if (cli->json)
        cli_print(json_pack("{s:b, s:I, s:I}", "ok", 0, "checked", (json_int_t)count, "bad", (json_int_t)seq));
    else
        printf("bad\t%lld\n", (long long)seq);
    return EXIT_REFUSED;
}

static int verify(struct cli *cli)
{
    int64_t count = 0, bad_seq = 0;
    enum rc rc = store_verify(engine_store(cli->engine), &count, &bad_seq);
    if (rc == RC_CORRUPT)
        return bad(cli, count, bad_seq);
    if (rc != RC_OK)
        return cli_fail(rc, "");
    if (cli->json)
        return cli_print(json_pack("{s:b, s:I}", "ok", 1, "checked", (json_int_t)count));
    printf("ok\t%lld\n", (long long)count);
    return cli_printed();
}

int cli_journal(struct cli *cli, int argc, char **argv)
{
    if (argc == 1)
        return print_journal(cli);
    if (argc == 2 && strcmp(argv[1], "verify") == 0)
        return verify(cli);
    return cli_usage(cli);
}
