/* The flows that the operator may run: name, label, who, whether one can be started here, fields at start and at completion. */
#include "app/cli/cli.h"
#include "app/text/text.h"
#include <stdio.h>

enum { ROLES_BYTES = 128 };

struct listing {
    struct cli *cli;
    int code;
};

static const char *const KINDS[] = {
    [FLOW_TEXT] = "text",     [FLOW_NUMBER] = "number", [FLOW_DATE] = "date",
    [FLOW_CHOICE] = "choice", [FLOW_SCAN] = "scan",
};

static char *roles_of(const struct flow *flow, char *ret_text)
{
    size_t len = 0;
    ret_text[0] = '\0';
    for (int role = ROLE_CLERK; role <= ROLE_SUPERVISOR; role <<= 1)
        if ((flow->roles & (unsigned)role) && len < ROLES_BYTES)
            len += (size_t)snprintf(ret_text + len, ROLES_BYTES - len, "%s%s", len ? "," : "",
                                    role_word((enum role)role));
    return ret_text;
}

/* `reason*=damaged|expired` */
static void print_field(const struct flow_field *field, bool first)
{
    printf("%s%s%s", first ? "" : " ", field->name, field->required ? "*" : "");
    for (int i = 0; i < field->choice_count; i++)
        printf("%s%s", i ? "|" : "=", field->choices[i]);
}

static void print_fields(const struct flow *flow, bool at_start)
{
    bool first = true;
    putchar('\t');
    for (int i = 0; i < flow->field_count; i++)
        if (flow->fields[i].at_start == at_start) {
            print_field(&flow->fields[i], first);
            first = false;
        }
}

static json_t *field_json(const struct flow_field *field)
{
    char text[QTY_TEXT_MAX + 1];
    json_t *choices = json_array();
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:o}", "name", field->name, "label", text_field_label(field),
                  "kind", KINDS[field->kind], "at", field->at_start ? "start" : "complete", "required",
                  field->required, "default", field->preset, "choices", choices);
    for (int i = 0; i < field->choice_count; i++)
        json_array_append_new(choices, json_string(field->choices[i]));
    if (field->has_least)
        json_object_set_new(object, "min", json_string(qty_print(field->least, text)));
    if (field->has_most)
        json_object_set_new(object, "max", json_string(qty_print(field->most, text)));
    return object;
}

static json_t *flow_json(const struct flow *flow)
{
    char roles[ROLES_BYTES];
    json_t *fields = json_array();
    for (int i = 0; i < flow->field_count; i++)
        json_array_append_new(fields, field_json(&flow->fields[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:o}", "name", flow->name, "label", text_flow_label(flow), "base",
                     flow->base, "roles", roles_of(flow, roles), "start", engine_can_start(flow), "fields", fields);
}

static bool print_flow(void *context, const struct flow *flow)
{
    struct listing *listing = context;
    char roles[ROLES_BYTES];
    if (listing->cli->json) {
        listing->code = cli_print(flow_json(flow));
        return listing->code == EXIT_DONE;
    }
    printf("%s\t%s\t%s\t%s", flow->name, text_flow_label(flow), roles_of(flow, roles),
           engine_can_start(flow) ? "start" : "-");
    print_fields(flow, true);
    print_fields(flow, false);
    putchar('\n');
    return true;
}

int cli_flows(struct cli *cli, int argc, char **argv)
{
    struct listing listing = {.cli = cli, .code = EXIT_DONE};
    (void)argv;
    if (argc > 1)
        return cli_usage(cli);
    enum rc rc = engine_flows(cli->engine, print_flow, &listing);
    if (rc != RC_OK)
        return cli_fail(rc, "");
    return listing.code == EXIT_DONE ? cli_printed() : listing.code;
}
