/* A flow's line from the feed, laid over the built-in flow that it names. A line that would make a flow nobody can work
 * with is refused as a whole: better at the import than on the dock. */
#include "app/catalog/catalog_flow.h"
#include "app/catalog/catalog_private.h"
#include <stdarg.h>
#include <string.h>

enum { PART_MAX = 64, MUST_BYTES = 160, NEAR_DAYS_MAX = 36500 };

struct reader {
    const json_t *line;
    const struct flow *base;
    struct flow flow;
    const char *member;  /* that is read now */
    char part[PART_MAX]; /* of it, "" all of it */
    char *text;
};

/* Says what is wrong with the member or its part. */
__attribute__((format(printf, 2, 3))) static enum rc bad(struct reader *reader, const char *format, ...)
{
    char must[MUST_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(must, sizeof must, format, arguments);
    va_end(arguments);
    snprintf(reader->text, FEED_ERROR_MAX + 1, "member \"%s%s\" %s", reader->member, reader->part, must);
    return RC_BAD_INPUT;
}

__attribute__((format(printf, 2, 3))) static void at_part(struct reader *reader, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->part, sizeof reader->part, format, arguments);
    va_end(arguments);
}

/* NULL when it is missing or null. */
static const json_t *member_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_null(value) ? NULL : value;
}

/* "" when it is missing; ret_text holds size. */
static enum rc read_text(struct reader *reader, const json_t *value, char *ret_text, size_t size)
{
    if (value && !json_is_string(value))
        return bad(reader, "must be text");
    const char *text = value ? json_string_value(value) : "";
    if (strlen(text) >= size)
        return bad(reader, "is longer than %zu bytes", size - 1);
    snprintf(ret_text, size, "%s", text);
    return RC_OK;
}

/* Left alone when it is missing. */
static enum rc read_bool(struct reader *reader, const json_t *value, bool *ret_value)
{
    if (value && !json_is_boolean(value))
        return bad(reader, "must be true or false");
    if (value)
        *ret_value = json_is_true(value);
    return RC_OK;
}

static enum rc read_word(struct reader *reader, const json_t *value, const char *const *words, int count, int *ret_at)
{
    const char *text = json_string_value(value);
    for (int i = 0; text && i < count; i++) {
        if (strcmp(words[i], text) != 0)
            continue;
        *ret_at = i;
        return RC_OK;
    }
    return bad(reader, "is none of the words that are known here");
}

static enum rc read_reason(struct reader *reader, const json_t *value, enum reason *ret_reason)
{
    enum reason reason;
    const char *word = json_string_value(value);
    if (!word || !reason_from_word(word, &reason) || reason == REASON_OK)
        return bad(reader, "is no reason that is known here");
    *ret_reason = reason;
    return RC_OK;
}

static enum rc check_list(struct reader *reader, const json_t *list, size_t most)
{
    if (!json_is_array(list))
        return bad(reader, "must be a list");
    return json_array_size(list) > most ? bad(reader, "has more than %zu elements", most) : RC_OK;
}

/* ---- what it is and what it lies over ---- */

static enum rc read_name(struct reader *reader)
{
    char name[FLOW_NAME_MAX + 1], base[FLOW_NAME_MAX + 1], label[FLOW_LABEL_MAX + 1];
    enum rc rc = read_text(reader, member_of(reader->line, "id"), name, sizeof name);
    if (rc == RC_OK && !name[0])
        rc = bad(reader, "is missing");
    if (rc == RC_OK && strcspn(name, " =") != strlen(name))
        rc = bad(reader, "must not hold blanks or \"=\": it is typed on the command line");
    if (rc != RC_OK)
        return rc;
    const struct flow *built_in = flow_find(name);
    reader->member = "base";
    rc = read_text(reader, member_of(reader->line, "base"), base, sizeof base);
    if (rc != RC_OK)
        return rc;
    if (!base[0] && !built_in)
        return bad(reader, "is missing: only a built-in flow needs none");
    reader->base = base[0] ? flow_find(base) : built_in;
    if (!reader->base)
        return bad(reader, "names no built-in flow");
    if (built_in && reader->base != built_in)
        return bad(reader, "must be \"%s\" itself, a built-in flow", name);
    reader->flow = *reader->base;
    memcpy(reader->flow.name, name, sizeof name);
    reader->member = "name";
    rc = read_text(reader, member_of(reader->line, "name"), label, sizeof label);
    if (rc == RC_OK)
        memcpy(reader->flow.label, label, sizeof label);
    return rc;
}

/* ---- who, and margins ---- */

static enum rc read_roles(struct reader *reader, const json_t *list)
{
    const json_t *value = NULL;
    enum role role;
    unsigned roles = 0;
    enum rc rc = check_list(reader, list, 8);
    for (size_t at = 0; rc == RC_OK && (value = json_array_get(list, at)); at++) {
        const char *word = json_string_value(value);
        at_part(reader, "[%zu]", at);
        if (word && role_from_word(word, &role))
            roles |= (unsigned)role;
        else
            rc = bad(reader, "must be one of clerk|dealer|auditor|supervisor");
    }
    if (rc == RC_OK && !roles)
        rc = bad(reader, "names nobody");
    if (rc == RC_OK)
        reader->flow.roles = roles;
    return rc;
}

static enum rc read_margin(struct reader *reader, const json_t *value)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > NEAR_DAYS_MAX)
        return bad(reader, "must be a whole number from 0 to %d", NEAR_DAYS_MAX);
    reader->flow.near_expiry_days = (int)json_integer_value(value);
    return RC_OK;
}

static enum rc read_blind_count(struct reader *reader, const json_t *value)
{
    return read_bool(reader, value, &reader->flow.blind_count);
}

/* ---- reasons ---- */

static enum rc read_to_quarantine(struct reader *reader, const json_t *list)
{
    const json_t *value = NULL;
    enum reason reason = REASON_OK;
    reason_set set = 0;
    enum rc rc = check_list(reader, list, REASON_COUNT);
    for (size_t at = 0; rc == RC_OK && (value = json_array_get(list, at)); at++) {
        at_part(reader, "[%zu]", at);
        rc = read_reason(reader, value, &reason);
        set |= rc == RC_OK ? REASON_BIT(reason) : 0;
    }
    if (rc == RC_OK)
        reader->flow.to_quarantine = set;
    return rc;
}

static enum rc read_severity(struct reader *reader, const json_t *row, size_t at, reason_set *seen)
{
    static const char *const OVERRIDES[] = {[OVERRIDE_NONE] = "none", [OVERRIDE_SUPERVISOR] = "supervisor"};
    enum reason reason = REASON_OK;
    enum severity severity;
    const json_t *override = member_of(row, "override");
    int who = 0;
    at_part(reader, "[%zu].reason", at);
    enum rc rc = read_reason(reader, member_of(row, "reason"), &reason);
    if (rc != RC_OK)
        return rc;
    const struct flow_rule *rule = &reader->base->rules[reason];
    if (*seen & REASON_BIT(reason))
        return bad(reader, "has been weighed above");
    if (!rule->applies)
        return bad(reader, "can't arise here: %s", rule->why_not);
    at_part(reader, "[%zu].as", at);
    const char *word = json_string_value(member_of(row, "as"));
    if (!word || !severity_from_word(word, &severity))
        return bad(reader, "must be one of accept|warn|confirm|reject");
    if (flow_fixed(reason) && severity < rule->severity)
        return bad(reader, "must not be lighter than %s", severity_word(rule->severity));
    at_part(reader, "[%zu].override", at);
    rc = override ? read_word(reader, override, OVERRIDES, 2, &who) : RC_OK;
    if (rc != RC_OK)
        return rc;
    *seen |= REASON_BIT(reason);
    reader->flow.rules[reason].severity = severity;
    if (override)
        reader->flow.rules[reason].override = (enum override)who;
    return RC_OK;
}

static enum rc read_severities(struct reader *reader, const json_t *list)
{
    const json_t *row = NULL;
    reason_set seen = 0;
    enum rc rc = check_list(reader, list, REASON_COUNT);
    for (size_t at = 0; rc == RC_OK && (row = json_array_get(list, at)); at++)
        rc = read_severity(reader, row, at, &seen);
    return rc;
}

/* ---- fields ---- */

static enum rc read_choices(struct reader *reader, const json_t *list, size_t at, struct flow_field *field)
{
    const json_t *value = NULL;
    at_part(reader, "[%zu].choices", at);
    enum rc rc = list ? check_list(reader, list, FLOW_CHOICES_MAX) : RC_OK;
    if (rc == RC_OK && (json_array_size(list) > 0) != (field->kind == FLOW_CHOICE))
        return bad(reader, field->kind == FLOW_CHOICE ? "is missing" : "is for fields of kind choice");
    for (size_t i = 0; rc == RC_OK && (value = json_array_get(list, i)); i++) {
        char *choice = field->choices[field->choice_count];
        at_part(reader, "[%zu].choices[%zu]", at, i);
        rc = read_text(reader, value, choice, sizeof field->choices[0]);
        if (rc == RC_OK && !choice[0])
            rc = bad(reader, "must not be empty");
        for (int before = 0; rc == RC_OK && before < field->choice_count; before++)
            if (strcmp(field->choices[before], choice) == 0)
                rc = bad(reader, "is there twice");
        field->choice_count++;
    }
    return rc;
}

static enum rc read_limit(struct reader *reader, const json_t *value, bool *ret_has, qty_t *ret_qty)
{
    if (!value)
        return RC_OK;
    if (!json_is_string(value) || qty_parse(json_string_value(value), ret_qty) != RC_OK)
        return bad(reader, "must be decimal text");
    *ret_has = true;
    return RC_OK;
}

static enum rc read_limits(struct reader *reader, const json_t *row, size_t at, struct flow_field *field)
{
    at_part(reader, "[%zu].min", at);
    enum rc rc = read_limit(reader, member_of(row, "min"), &field->has_least, &field->least);
    if (rc == RC_OK && field->has_least && field->kind != FLOW_NUMBER)
        return bad(reader, "is for fields of kind number");
    at_part(reader, "[%zu].max", at);
    if (rc == RC_OK)
        rc = read_limit(reader, member_of(row, "max"), &field->has_most, &field->most);
    if (rc == RC_OK && field->has_most && field->kind != FLOW_NUMBER)
        return bad(reader, "is for fields of kind number");
    if (rc == RC_OK && field->has_least && field->has_most && field->most < field->least)
        return bad(reader, "is less than \"min\"");
    return rc;
}

/* Names are typed on the command line, FIELD=VALUE. */
static enum rc read_field_name(struct reader *reader, const json_t *row, size_t at, struct flow_field *field)
{
    at_part(reader, "[%zu].name", at);
    enum rc rc = read_text(reader, member_of(row, "name"), field->name, sizeof field->name);
    if (rc == RC_OK && !field->name[0])
        rc = bad(reader, "is missing");
    if (rc == RC_OK && strcspn(field->name, " =") != strlen(field->name))
        rc = bad(reader, "must not hold blanks or \"=\": it is typed on the command line");
    if (rc == RC_OK && flow_field(&reader->flow, field->name))
        rc = bad(reader, "is there twice");
    at_part(reader, "[%zu].label", at);
    return rc == RC_OK ? read_text(reader, member_of(row, "label"), field->label, sizeof field->label) : rc;
}

static enum rc read_kind(struct reader *reader, const json_t *row, size_t at, struct flow_field *field)
{
    static const char *const KINDS[] = {[FLOW_TEXT] = "text",
                                        [FLOW_NUMBER] = "number",
                                        [FLOW_DATE] = "date",
                                        [FLOW_CHOICE] = "choice",
                                        [FLOW_SCAN] = "scan"};
    static const char *const TIMES[] = {"complete", "start"};
    const json_t *kind = member_of(row, "kind"), *when = member_of(row, "at");
    int of_kind = FLOW_TEXT, at_start = 0;
    at_part(reader, "[%zu].kind", at);
    enum rc rc = kind ? read_word(reader, kind, KINDS, 5, &of_kind) : RC_OK;
    at_part(reader, "[%zu].at", at);
    if (rc == RC_OK && when)
        rc = read_word(reader, when, TIMES, 2, &at_start);
    field->kind = (enum flow_field_kind)of_kind;
    field->at_start = at_start != 0;
    at_part(reader, "[%zu].required", at);
    return rc == RC_OK ? read_bool(reader, member_of(row, "required"), &field->required) : rc;
}

static enum rc read_field(struct reader *reader, const json_t *row, size_t at)
{
    struct flow_field field = {0};
    enum rc rc = read_field_name(reader, row, at, &field);
    if (rc == RC_OK)
        rc = read_kind(reader, row, at, &field);
    if (rc == RC_OK)
        rc = read_choices(reader, member_of(row, "choices"), at, &field);
    if (rc == RC_OK)
        rc = read_limits(reader, row, at, &field);
    at_part(reader, "[%zu].default", at);
    if (rc == RC_OK)
        rc = read_text(reader, member_of(row, "default"), field.preset, sizeof field.preset);
    if (rc == RC_OK && field.preset[0] && flow_check_field(&field, field.preset) != RC_OK)
        rc = bad(reader, "is no value that this field takes");
    if (rc == RC_OK)
        reader->flow.fields[reader->flow.field_count++] = field;
    return rc;
}

/* Without these no document of the flow under it can be started: where goods go, what is taken back, which recall. */
static enum rc keeps_what_is_needed(struct reader *reader)
{
    reader->part[0] = '\0';
    for (int i = 0; i < reader->base->field_count; i++) {
        const struct flow_field *needed = &reader->base->fields[i];
        const struct flow_field *field = flow_field(&reader->flow, needed->name);
        if (needed->required && (!field || !field->required || field->at_start != needed->at_start))
            return bad(reader, "must have \"%s\", required at the %s, as in \"%s\"", needed->name,
                       needed->at_start ? "start" : "end", reader->base->name);
    }
    return RC_OK;
}

static enum rc read_fields(struct reader *reader, const json_t *list)
{
    const json_t *row = NULL;
    reader->flow.field_count = 0;
    memset(reader->flow.fields, 0, sizeof reader->flow.fields);
    enum rc rc = check_list(reader, list, FLOW_FIELDS_MAX);
    for (size_t at = 0; rc == RC_OK && (row = json_array_get(list, at)); at++)
        rc = read_field(reader, row, at);
    return rc == RC_OK ? keeps_what_is_needed(reader) : rc;
}

/* ---- all of it ---- */

static const struct {
    const char *name;
    enum rc (*read)(struct reader *reader, const json_t *value);
} MEMBERS[] = {
    {"roles", read_roles},   {"near_expiry_days", read_margin},     {"blind_count", read_blind_count},
    {"fields", read_fields}, {"to_quarantine", read_to_quarantine}, {"severities", read_severities},
};

enum rc catalog_flow_explain(const json_t *line, struct flow *ret_flow, const char **ret_member, char *ret_text)
{
    struct reader reader = {.line = line, .member = "id", .text = ret_text};
    enum rc rc = read_name(&reader);
    for (size_t i = 0; rc == RC_OK && i < sizeof MEMBERS / sizeof MEMBERS[0]; i++) {
        const json_t *value = member_of(line, MEMBERS[i].name);
        reader.member = MEMBERS[i].name;
        reader.part[0] = '\0';
        if (value)
            rc = MEMBERS[i].read(&reader, value);
    }
    if (rc == RC_OK)
        *ret_flow = reader.flow;
    else
        *ret_member = reader.member;
    return rc;
}

enum rc catalog_flow_read(const json_t *line, struct flow *ret_flow, const char **ret_member)
{
    char text[FEED_ERROR_MAX + 1];
    return catalog_flow_explain(line, ret_flow, ret_member, text);
}

/* ---- the catalog's ---- */

/* A row that can't be read here (of another version's server) is as if it had not been told. */
enum rc catalog_flow(struct catalog *catalog, const char *name, struct flow *ret_flow)
{
    const struct flow *built_in = flow_find(name);
    const char *member = NULL;
    json_t *body = NULL;
    enum rc rc = catalog_entity(catalog, "flow", name, &body);
    if (rc == RC_OK && catalog_flow_read(body, ret_flow, &member) != RC_OK)
        rc = RC_NOT_FOUND;
    json_decref(body);
    if (rc == RC_NOT_FOUND && built_in) {
        *ret_flow = *built_in;
        rc = RC_OK;
    }
    return rc;
}

enum rc catalog_flows(struct catalog *catalog, bool (*visit)(void *context, const char *name), void *context)
{
    struct sqlite3_stmt *statement = NULL;
    struct flow flow;
    char name[FEED_ID_MAX + 1];
    bool more = true, go_on = true;
    enum rc rc = catalog_find_flows(catalog, &statement);
    while (rc == RC_OK && go_on && (rc = sql_step(statement, &more)) == RC_OK && more) {
        rc = catalog_flow(catalog, sql_text(statement, 0, name, sizeof name), &flow);
        go_on = rc == RC_NOT_FOUND || (rc == RC_OK && visit(context, name));
        rc = rc == RC_NOT_FOUND ? RC_OK : rc;
    }
    if (statement)
        sql_done(statement);
    return rc;
}
