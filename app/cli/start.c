#include "app/cli/act.h"
#include "app/cli/fields.h"
#include "app/engine/position.h"
#include "app/text/text.h"
#include <stdio.h>
#include <string.h>

/* FLOW [--supervisor OPERATOR] [FIELD=VALUE]... */
static bool read_arguments(int argc, char **argv, struct start *start)
{
    for (int i = 1; i < argc; i++) {
        struct start_field *field = &start->fields[start->field_count];
        if (strcmp(argv[i], "--supervisor") == 0) {
            start->supervisor = ++i < argc ? argv[i] : NULL;
            if (!start->supervisor)
                return false;
        } else if (!start->flow && argv[i][0] != '-') {
            start->flow = argv[i];
        } else if (start->field_count == FLOW_FIELDS_MAX || !fields_split(argv[i], &field->name, &field->value)) {
            return false;
        } else {
            start->field_count++;
        }
    }
    return start->flow != NULL;
}

static const char *value_of(const struct start *start, const char *name)
{
    for (int i = 0; i < start->field_count; i++)
        if (strcmp(start->fields[i].name, name) == 0)
            return start->fields[i].value;
    return "";
}

static int refuse(struct cli *cli, const struct start *start, enum rc rc, const char *field)
{
    const struct flow *flow = engine_flow(cli->engine, start->flow);
    const struct catalog_operator *operator= engine_operator(cli->engine);
    if (!flow)
        cli_error(_("%s: there is no such flow."), start->flow);
    else if (field && field[0])
        return fields_fail(flow, rc, field, value_of(start, field));
    else if (rc == RC_REFUSED && !engine_can_start(flow))
        cli_error(_("%s (%s): its documents come from the ERP; none can be started here."), flow->name,
                  text_flow_label(flow));
    else if (rc == RC_REFUSED && operator&& !(flow->roles &operator->role))
        cli_error(_("%s (%s) is not for this role: %s."), flow->name, text_flow_label(flow),
                  text_role(operator->role));
    else
        return cli_fail(rc, start->flow);
    return EXIT_REFUSED;
}

/* Where a visit is, by the receiver, unless somebody says so; `position=` says that nobody is to be asked. */
static void find_position(struct cli *cli, struct start *start, char *text)
{
    const struct config *config = &cli->config;
    const struct flow *flow = engine_flow(cli->engine, start->flow);
    const struct flow_field *field = flow ? flow_field(flow, "position") : NULL;
    if (!field || !field->at_start || start->field_count == FLOW_FIELDS_MAX)
        return;
    for (int i = 0; i < start->field_count; i++)
        if (strcmp(start->fields[i].name, field->name) == 0)
            return;
    if (position_find(cli->backends->places[config->place], config->place_address, POSITION_WAIT_MS, text) == RC_OK)
        start->fields[start->field_count++] = (struct start_field){field->name, text};
}

int cli_start(struct cli *cli, int argc, char **argv)
{
    char doc[DOC_MAX + 1], no[ID_MAX + 1], position[POSITION_TEXT_MAX + 1];
    struct start start = {.flow = NULL};
    const char *field = NULL;
    if (!read_arguments(argc, argv, &start))
        return cli_usage(cli);
    int code = start.supervisor ? act_supervisor(cli, start.supervisor) : EXIT_DONE;
    if (code != EXIT_DONE)
        return code;
    find_position(cli, &start, position);
    enum rc rc = engine_start(cli->engine, &start, doc, no, &field);
    if (rc != RC_OK)
        return refuse(cli, &start, rc, field);
    if (cli->json)
        return cli_print(json_pack("{s:s, s:s}", "no", no, "doc", doc));
    puts(no);
    return cli_printed();
}
