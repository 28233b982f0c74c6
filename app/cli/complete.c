#include "app/cli/act.h"
#include "app/cli/fields.h"
#include "app/text/text.h"
#include <string.h>

/* FIELD=VALUE; `cases` and `loose` are the blind count. False: no field, or too many. */
static bool read_field(char *argument, struct completion *completion)
{
    const char *name, *value;
    if (!fields_split(argument, &name, &value))
        return false;
    bool cases = strcmp(name, "cases") == 0;
    if (cases || strcmp(name, "loose") == 0) {
        completion->counted = true;
        return qty_parse(value, cases ? &completion->cases : &completion->loose) == RC_OK;
    }
    if (completion->field_count == FLOW_FIELDS_MAX)
        return false;
    completion->fields[completion->field_count].name = name;
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
    if (strcmp(argv[*at], "--recounted") == 0)
        return completion->recounted = true;
    return read_field(argv[*at], completion);
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

static bool tell_difference(void *context, const struct difference *difference)
{
    char expected[QTY_TEXT_MAX + 1], counted[QTY_TEXT_MAX + 1];
    (void)context;
    cli_error(_("differs: %s%s%s: %s counted, the books have %s"), difference->product, difference->lot[0] ? " " : "",
              difference->lot, qty_print(difference->counted, counted), qty_print(difference->expected, expected));
    return true;
}

static const char *value_of(const struct completion *completion, const char *name)
{
    for (int i = 0; i < completion->field_count; i++)
        if (strcmp(completion->fields[i].name, name) == 0)
            return completion->fields[i].value;
    return "";
}

/* What is wrong with the field that the engine names; the sentence about the document comes before. */
static void tell_field(struct cli *cli, const struct completion *completion, const struct document *document,
                       enum rc rc)
{
    const char *name = engine_bad_field(cli->engine);
    if (name[0])
        (void)fields_fail(engine_flow(cli->engine, document->flow), rc, name, value_of(completion, name));
}

static void tell_more(struct cli *cli, const struct completion *completion, const struct document *document,
                      enum rc rc)
{
    if (rc == RC_LATCHED || rc == RC_RECHECK)
        act_tell_latched(cli, document->doc);
    else if (rc == RC_SHORT)
        tell_short(document);
    else if (rc == RC_FIELD_MISSING || rc == RC_FIELD_LIMIT || rc == RC_BAD_INPUT)
        tell_field(cli, completion, document, rc);
    else if (rc == RC_RECOUNT)
        (void)engine_differences(cli->engine, document->doc, tell_difference, NULL);
    else if (rc == RC_UNPAIRED)
        cli_error(_("waits for its pair: %s"), document->pending);
}

/* The sentence, and what it is about. */
static int refuse(struct cli *cli, const struct completion *completion, enum rc rc, const char *name, const char *doc)
{
    struct document *document = NULL;
    cli_fail(rc, name);
    if (engine_document(cli->engine, doc, &document) == RC_OK)
        tell_more(cli, completion, document, rc);
    document_free(document);
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
    return rc == RC_OK ? act_done(cli, "complete", argv[1], doc, seq) : refuse(cli, &completion, rc, argv[1], doc);
}
