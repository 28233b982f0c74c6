#include "app/cli/cli.h"
#include <stdio.h>

struct listing {
    struct cli *cli;
    int code;
};

static json_t *row_json(const struct store_document_row *row, const char *due)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:b, s:s}", "no", row->no, "doc", row->doc,
                     "flow", row->flow, "state", document_state_word(row->state), "due", due, "to", row->to_name,
                     "lines", row->lines, "lines_done", row->lines_done, "latched", row->latched, "own", row->own,
                     "group", row->group);
}

static const char *kind_of(const struct store_document_row *row)
{
    return row->own ? "own" : row->group[0] ? "group" : "-";
}

static bool print_row(void *context, const struct store_document_row *row)
{
    struct listing *listing = context;
    char due[DAY_TEXT_MAX + 1];
    day_print(row->due, due);
    if (listing->cli->json)
        listing->code = cli_print(row_json(row, due));
    else
        printf("%s\t%s\t%s\t%d/%d\t%d\t%s\t%s\t%s\t%s\n", row->no, document_state_word(row->state), due,
               row->lines_done, row->lines, row->latched, row->to_name, row->doc, row->flow, kind_of(row));
    return listing->code == EXIT_DONE;
}

int cli_documents(struct cli *cli, int argc, char **argv)
{
    struct listing listing = {.cli = cli, .code = EXIT_DONE};
    (void)argv;
    if (argc > 1)
        return cli_usage(cli);
    enum rc rc = store_documents(engine_store(cli->engine), print_row, &listing);
    if (rc != RC_OK)
        return cli_fail(rc, "");
    return listing.code == EXIT_DONE ? cli_printed() : listing.code;
}
