#include "app/cli/act.h"
#include "app/text/text.h"
#include <string.h>

/* FIELD=VALUE; `cases` and `loose` are the blind count. False: no field, or too many. */
static bool read_field(char *argument, struct completion *completion)
{
    char *value = strchr(argument, '=');
    if (!value || value == argument)
        return false;
    *value++ = '\0';
    bool cases = strcmp(argument, "cases") == 0;
    if (cases || strcmp(argument, "loose") == 0) {
        completion->counted = true;
        return qty_parse(value, cases ? &completion->cases : &completion->loose) == RC_OK;
    }
    if (completion->field_count == FLOW_FIELDS_MAX)
        return false;
    completion->fields[completion->field_count].name = argument;
    completion->fields[completion->field_count++].value = value;
    return true;
}

static bool read_argument(int argc, char **argv, int *at, struct completion *completion)
{
    const struct {
        const char *name, **value;
    } values[] = {{"--short", &completion->short_reason}, {"--supervisor", &completion->supervisor}};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (strcmp(argv[*at], values[i].name) == 0) {
            *values[i].value = *at + 1 < argc ? argv[++*at] : NULL;
            return *values[i].value != NULL;
        }
    if (strcmp(argv[*at], "--set-aside") == 0)
        return completion->set_aside = true;
    return argv[*at][0] != '-' && read_field(argv[*at], completion);
}

static void tell_short(const struct document *document)
{
    char qty[QTY_TEXT_MAX + 1], tallied[QTY_TEXT_MAX + 1];
    for (size_t i = 0; i < document->line_count; i++) {
        const struct line *line = &document->lines[i];
        if (line->tallied < line->qty - line->tolerance)
            cli_error(_("line %s: %s: %s of %s"), line->line, line->product, qty_print(line->tallied, tallied),
                      qty_print(line->qty, qty));
    }
}

static void tell_fields(const struct document *document)
{
    const struct flow *flow = flow_find(document->flow);
    for (int i = 0; flow && i < flow->field_count; i++)
        if (flow->fields[i].required)
            cli_error(_("needed: %s (%s)"), flow->fields[i].name, text_field(flow->fields[i].name));
}

/* The sentence, and what it is about. */
static int refuse(struct cli *cli, enum rc rc, const char *name, const char *doc)
{
    struct document *document = NULL;
    cli_fail(rc, name);
    if (rc == RC_LATCHED || rc == RC_RECHECK)
        act_tell_latched(cli, doc);
    if ((rc == RC_SHORT || rc == RC_FIELD_MISSING) && engine_document(cli->engine, doc, &document) == RC_OK) {
        if (rc == RC_SHORT)
            tell_short(document);
        else
            tell_fields(document);
        document_free(document);
    }
    return EXIT_REFUSED;
}

int cli_complete(struct cli *cli, int argc, char **argv)
{
    char doc[DOC_MAX + 1];
    struct completion completion = {0};
    int64_t seq;
    if (argc < 2 || argv[1][0] == '-')
        return cli_usage(cli);
    for (int i = 2; i < argc; i++)
        if (!read_argument(argc, argv, &i, &completion))
            return cli_usage(cli);
    int code = act_document(cli, argv[1], doc);
    if (code == EXIT_DONE && completion.supervisor)
        code = act_supervisor(cli, completion.supervisor);
    if (code != EXIT_DONE)
        return code;
    enum rc rc = engine_complete(cli->engine, doc, &completion, &seq);
    return rc == RC_OK ? act_done(cli, "complete", argv[1], doc, seq) : refuse(cli, rc, argv[1], doc);
}
