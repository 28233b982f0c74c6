#include "app/cli/fields.h"
#include "app/text/text.h"
#include <stdio.h>
#include <string.h>

enum { CHOICES_BYTES = FLOW_CHOICES_MAX * (FLOW_CHOICE_MAX + 3) };

bool fields_split(char *argument, const char **ret_name, const char **ret_value)
{
    char *equals = strchr(argument, '=');
    if (!equals || equals == argument || argument[0] == '-')
        return false;
    *equals = '\0';
    *ret_name = argument;
    *ret_value = equals + 1;
    return true;
}

static void tell_choices(const struct flow_field *field, const char *value)
{
    char choices[CHOICES_BYTES] = "";
    size_t len = 0;
    for (int i = 0; i < field->choice_count && len < sizeof choices; i++)
        len += (size_t)snprintf(choices + len, sizeof choices - len, "%s%s", i ? ", " : "", field->choices[i]);
    cli_error(_("%s (%s): %s is none of: %s."), field->name, text_field_label(field), value, choices);
}

static void tell_bad(const struct flow_field *field, const char *value)
{
    const char *label = text_field_label(field);
    switch (field->kind) {
    case FLOW_CHOICE: tell_choices(field, value); break;
    case FLOW_NUMBER: cli_error(_("%s (%s): %s is no number."), field->name, label, value); break;
    case FLOW_DATE: cli_error(_("%s (%s): %s is no date like 2026-11-23."), field->name, label, value); break;
    case FLOW_TEXT:
    case FLOW_SCAN: cli_error("%s (%s): %s", field->name, label, text_rc(RC_BAD_INPUT)); break;
    }
}

int fields_fail(const struct flow *flow, enum rc rc, const char *name, const char *value)
{
    const struct flow_field *field = flow ? flow_field(flow, name) : NULL;
    char limits[TEXT_MAX + 1];
    if (!field)
        cli_error(_("%s: this flow has no such field."), name);
    else if (rc == RC_FIELD_MISSING)
        cli_error(_("needed: %s (%s)"), name, text_field_label(field));
    else if (rc == RC_FIELD_LIMIT)
        cli_error(_("%s (%s): %s is outside its limits, %s: a supervisor may let it pass."), name,
                  text_field_label(field), value, text_field_limits(field, limits));
    else if (rc == RC_BAD_INPUT)
        tell_bad(field, value);
    else
        cli_error("%s=%s: %s", name, value, text_rc(rc));
    return EXIT_REFUSED;
}
