/* Flows of the feed: laid over built-in ones, round the catalog, and refused where they would make no flow. */
#include "tests/unit/catalog_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COLD                                                                                                         \
    "{\"type\":\"flow\",\"id\":\"cold-receipt\",\"name\":\"冷链入库\",\"base\":\"receipt\","                     \
    "\"roles\":[\"clerk\",\"supervisor\"],\"near_expiry_days\":30,\"blind_count\":false,"                            \
    "\"fields\":[{\"name\":\"temperature\",\"label\":\"温度 °C\",\"kind\":\"number\",\"at\":\"complete\","        \
    "\"required\":true,\"default\":\"4\",\"min\":\"2\",\"max\":\"8\"},"                                              \
    "{\"name\":\"door\",\"kind\":\"choice\",\"at\":\"start\",\"choices\":[\"1\",\"2\"]}],"                           \
    "\"severities\":[{\"reason\":\"expired\",\"as\":\"reject\",\"override\":\"supervisor\"},"                        \
    "{\"reason\":\"short-life\",\"as\":\"confirm\"}],\"to_quarantine\":[\"recalled\"]}\n"

static void a_sites_own_flow(void **state)
{
    struct catalog_world *world = *state;
    struct flow flow;
    catalog_world_told(world, COLD);
    assert_string_equal(world->notes, "");
    assert_int_equal(catalog_flow(world->catalog, "cold-receipt", &flow), RC_OK);
    assert_string_equal(flow.name, "cold-receipt");
    assert_string_equal(flow.label, "冷链入库");
    assert_string_equal(flow.base, "receipt");
    assert_int_equal(flow.roles, ROLE_CLERK | ROLE_SUPERVISOR);
    assert_int_equal(flow.near_expiry_days, 30);
    assert_false(flow.blind_count);
    assert_int_equal(flow.after, GO_HERE);
    assert_true(flow.reserves);
    assert_int_equal(flow.field_count, 2);
    const struct flow_field *field = flow_field(&flow, "temperature");
    assert_string_equal(field->label, "温度 °C");
    assert_int_equal(field->kind, FLOW_NUMBER);
    assert_true(field->required);
    assert_false(field->at_start);
    assert_string_equal(field->preset, "4");
    assert_int_equal(flow_check_field(field, "8"), RC_OK);
    assert_int_equal(flow_check_field(field, "8.5"), RC_FIELD_LIMIT);
    assert_int_equal(flow_check_field(field, "1.9"), RC_FIELD_LIMIT);
    assert_int_equal(flow_check_field(field, "warm"), RC_BAD_INPUT);
    assert_int_equal(flow_check_field(field, ""), RC_FIELD_MISSING);
    field = flow_field(&flow, "door");
    assert_true(field->at_start);
    assert_int_equal(flow_check_field(field, "2"), RC_OK);
    assert_int_equal(flow_check_field(field, "3"), RC_BAD_INPUT);
    assert_int_equal(flow.rules[REASON_EXPIRED].severity, SEVERITY_REJECT);
    assert_int_equal(flow.rules[REASON_EXPIRED].override, OVERRIDE_SUPERVISOR);
    assert_int_equal(flow.rules[REASON_SHORT_LIFE].severity, SEVERITY_CONFIRM);
    assert_int_equal(flow.rules[REASON_RECALLED].severity, SEVERITY_ACCEPT);
    assert_true(flow.to_quarantine == REASON_BIT(REASON_RECALLED));
}

static bool add_name(void *context, const char *name)
{
    char *text = context;
    size_t len = strlen(text);
    snprintf(text + len, 200 - len, "%s ", name);
    return true;
}

static void built_in_ones_and_changes(void **state)
{
    struct catalog_world *world = *state;
    struct flow flow;
    char names[200] = "";
    assert_int_equal(catalog_flow(world->catalog, "outbound", &flow), RC_OK);
    assert_memory_equal(&flow, flow_find("outbound"), sizeof flow);
    assert_int_equal(catalog_flow(world->catalog, "cold-receipt", &flow), RC_NOT_FOUND);
    catalog_world_told(world, COLD "{\"type\":\"flow\",\"id\":\"outbound\",\"near_expiry_days\":14}\n");
    assert_int_equal(catalog_flow(world->catalog, "outbound", &flow), RC_OK);
    assert_int_equal(flow.near_expiry_days, 14);
    assert_int_equal(flow.field_count, 3);
    assert_string_equal(flow.base, "outbound");
    assert_int_equal(catalog_flows(world->catalog, add_name, names), RC_OK);
    assert_string_equal(names, "cold-receipt outbound ");
    /* what is missing is unchanged, null clears */
    catalog_world_told(world, "{\"type\":\"flow\",\"id\":\"cold-receipt\",\"base\":\"receipt\",\"roles\":null,"
                              "\"severities\":null,\"near_expiry_days\":7}\n");
    assert_int_equal(catalog_flow(world->catalog, "cold-receipt", &flow), RC_OK);
    assert_int_equal(flow.near_expiry_days, 7);
    assert_int_equal(flow.roles, flow_find("receipt")->roles);
    assert_int_equal(flow.rules[REASON_EXPIRED].severity, SEVERITY_ACCEPT);
    assert_int_equal(flow.field_count, 2);
    assert_string_equal(flow.label, "冷链入库");
    catalog_world_told(world, "{\"type\":\"flow\",\"id\":\"cold-receipt\",\"gone\":true}\n"
                              "{\"type\":\"flow\",\"id\":\"outbound\",\"gone\":true}\n");
    assert_int_equal(catalog_flow(world->catalog, "cold-receipt", &flow), RC_NOT_FOUND);
    assert_int_equal(catalog_flow(world->catalog, "outbound", &flow), RC_OK);
    assert_int_equal(flow.near_expiry_days, 0);
}

#define FLOW(rest)   "{\"type\":\"flow\",\"id\":\"cold\",\"base\":\"receipt\"," rest "}"
#define FIELDS(rest) FLOW("\"fields\":[" rest "]")
#define THIRTEEN                                                                                                     \
    "{\"name\":\"1\"},{\"name\":\"2\"},{\"name\":\"3\"},{\"name\":\"4\"},{\"name\":\"5\"},{\"name\":\"6\"},"         \
    "{\"name\":\"7\"},{\"name\":\"8\"},{\"name\":\"9\"},"                                                            \
    "{\"name\":\"10\"},{\"name\":\"11\"},{\"name\":\"12\"},{\"name\":\"13\"}"

/* `member` is what catalog_flow_read says of the same line as it stands. */
static const struct {
    const char *line, *text, *member;
} BAD[] = {
    {"{\"type\":\"flow\",\"base\":\"receipt\"}", "member \"id\" is missing", "id"},
    {"{\"type\":\"flow\",\"id\":\"a b\",\"base\":\"receipt\"}", "member \"id\" must not hold blanks", "id"},
    {"{\"type\":\"flow\",\"id\":\"cold\"}", "member \"base\" is missing", "base"},
    {"{\"type\":\"flow\",\"id\":\"cold\",\"base\":null}", "member \"base\" is missing", "base"},
    {"{\"type\":\"flow\",\"id\":\"cold\",\"base\":\"cold\"}", "member \"base\" names no built-in flow", "base"},
    {"{\"type\":\"flow\",\"id\":\"count\",\"base\":\"receipt\"}", "member \"base\" must be \"count\" itself", "base"},
    {FLOW("\"roles\":[\"clerk\",\"boss\"]"), "member \"roles[1]\" must be one of clerk|dealer|", "roles"},
    {FLOW("\"roles\":[]"), "member \"roles\" names nobody", "roles"},
    {FLOW("\"roles\":\"clerk\""), "member \"roles\" must be a list", "roles"},
    {FLOW("\"near_expiry_days\":-1"), "member \"near_expiry_days\" must be a whole number", "near_expiry_days"},
    {FLOW("\"blind_count\":1"), "member \"blind_count\" must be true or false", "blind_count"},
    {FLOW("\"to_quarantine\":[\"recalled\",\"rotten\"]"), "member \"to_quarantine[1]\" is no reason",
     "to_quarantine"},
    {FLOW("\"severities\":[{\"reason\":\"rotten\",\"as\":\"warn\"}]"), "member \"severities[0].reason\" is no reason",
     "severities"},
    {FLOW("\"severities\":[{\"reason\":\"ok\",\"as\":\"warn\"}]"), "member \"severities[0].reason\" is no reason",
     "severities"},
    {FLOW("\"severities\":[{\"reason\":\"expired\",\"as\":\"loud\"}]"), "member \"severities[0].as\" must be one of",
     "severities"},
    {FLOW("\"severities\":[{\"reason\":\"expired\"}]"), "member \"severities[0].as\" ", "severities"},
    {FLOW("\"severities\":[{\"reason\":\"expired\",\"as\":\"warn\",\"override\":\"me\"}]"),
     "member \"severities[0].override\" ", "severities"},
    {FLOW("\"severities\":[{\"reason\":\"expired\",\"as\":\"warn\"},{\"reason\":\"expired\",\"as\":\"reject\"}]"),
     "member \"severities[1].reason\" has been weighed above", "severities"},
    {FLOW("\"severities\":[{\"reason\":\"older-first\",\"as\":\"warn\"}]"),
     "member \"severities[0].reason\" can't arise here: nothing is shipped", "severities"},
    {FLOW("\"severities\":[{\"reason\":\"duplicate\",\"as\":\"accept\"}]"),
     "member \"severities[0].as\" must not be lighter than reject", "severities"},
    {FIELDS("{\"label\":\"x\"}"), "member \"fields[0].name\" is missing", "fields"},
    {FIELDS("{\"name\":\"a=b\"}"), "member \"fields[0].name\" must not hold blanks", "fields"},
    {FIELDS("{\"name\":\"a\"},{\"name\":\"a\"}"), "member \"fields[1].name\" is there twice", "fields"},
    {FIELDS("{\"name\":\"a\",\"kind\":\"colour\"}"), "member \"fields[0].kind\" ", "fields"},
    {FIELDS("{\"name\":\"a\",\"at\":\"noon\"}"), "member \"fields[0].at\" ", "fields"},
    {FIELDS("{\"name\":\"a\",\"required\":\"yes\"}"), "member \"fields[0].required\" must be true or false",
     "fields"},
    {FIELDS("{\"name\":\"a\",\"kind\":\"number\",\"default\":\"4\",\"min\":\"5\"}"),
     "member \"fields[0].default\" is no value that this field takes", "fields"},
    {FIELDS("{\"name\":\"a\",\"kind\":\"date\",\"default\":\"soon\"}"), "member \"fields[0].default\" is no value",
     "fields"},
    {FIELDS("{\"name\":\"a\",\"kind\":\"choice\",\"choices\":[\"x\"],\"default\":\"y\"}"),
     "member \"fields[0].default\" is no value", "fields"},
    {FIELDS("{\"name\":\"a\",\"kind\":\"choice\"}"), "member \"fields[0].choices\" is missing", "fields"},
    {FIELDS("{\"name\":\"a\",\"choices\":[\"x\"]}"), "member \"fields[0].choices\" is for fields of kind choice",
     "fields"},
    {FIELDS("{\"name\":\"a\",\"kind\":\"choice\",\"choices\":[\"x\",\"x\"]}"),
     "member \"fields[0].choices[1]\" is there twice", "fields"},
    {FIELDS("{\"name\":\"a\",\"kind\":\"choice\",\"choices\":[\"01234567890123456789012345678901\"]}"),
     "member \"fields[0].choices[0]\" is longer than 31 bytes", "fields"},
    {FIELDS("{\"name\":\"a\",\"min\":\"1\"}"), "member \"fields[0].min\" is for fields of kind number", "fields"},
    {FIELDS("{\"name\":\"a\",\"kind\":\"number\",\"min\":2}"), "member \"fields[0].min\" must be decimal text",
     "fields"},
    {FIELDS("{\"name\":\"a\",\"kind\":\"number\",\"min\":\"2\",\"max\":\"1\"}"),
     "member \"fields[0].max\" is less than \"min\"", "fields"},
    {FIELDS(THIRTEEN), "member \"fields\" has ", "fields"},
    {"{\"type\":\"flow\",\"id\":\"away\",\"base\":\"transfer\",\"fields\":[{\"name\":\"to\",\"at\":\"start\"}]}",
     "member \"fields\" must have \"to\", required at the start, as in \"transfer\"", "fields"},
};

static void bad_lines_are_refused(void **state)
{
    struct catalog_world *world = *state;
    struct flow flow;
    char text[2048];
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        const char *member = NULL;
        json_t *line = json_loads(BAD[i].line, 0, NULL);
        assert_non_null(line);
        assert_int_equal(catalog_flow_read(line, &flow, &member), RC_BAD_INPUT);
        assert_string_equal(member, BAD[i].member);
        json_decref(line);
        snprintf(text, sizeof text, COLD "%s\n", BAD[i].line);
        assert_int_equal(catalog_world_import(world, text), RC_BAD_INPUT);
        assert_int_equal(world->error.line, 2);
        if (strncmp(world->error.text, BAD[i].text, strlen(BAD[i].text)) != 0)
            fail_msg("%s\n  gives   %s\n  not     %s", BAD[i].line, world->error.text, BAD[i].text);
        assert_int_equal(catalog_flow(world->catalog, "cold-receipt", &flow), RC_NOT_FOUND);
    }
}

/* Every built-in flow may be changed, and keeps what it is. */
static void every_built_in_flow_takes_a_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < flow_count(); i++) {
        struct flow flow;
        const char *member = NULL;
        json_t *line = json_pack("{s:s, s:s, s:i}", "id", flow_at(i)->name, "name", "X", "near_expiry_days", 3);
        assert_int_equal(catalog_flow_read(line, &flow, &member), RC_OK);
        assert_string_equal(flow.name, flow_at(i)->name);
        assert_string_equal(flow.label, "X");
        assert_int_equal(flow.near_expiry_days, 3);
        assert_memory_equal(flow.rules, flow_at(i)->rules, sizeof flow.rules);
        assert_memory_equal(flow.fields, flow_at(i)->fields, sizeof flow.fields);
        json_decref(line);
    }
}

static void policies(void **state)
{
    struct catalog_world *world = *state;
    struct policy policy;
    char site[ID_MAX + 1];
    assert_int_equal(catalog_quarantine(world->catalog, "CDB", site), RC_OK);
    assert_string_equal(site, "");
    catalog_world_told(world, "{\"type\":\"site\",\"id\":\"Q2\",\"kind\":\"quarantine\"}\n"
                              "{\"type\":\"site\",\"id\":\"Q1\",\"kind\":\"quarantine\"}\n"
                              "{\"type\":\"site\",\"id\":\"A\"}\n"
                              "{\"type\":\"policy\",\"site\":\"CDB\",\"quarantine\":\"Q2\",\"lock_idle_s\":300}\n"
                              "{\"type\":\"policy\",\"quarantine\":\"Q9\"}\n");
    assert_string_equal(world->notes, "0 site \"Q9\" is named and has not been told yet\n");
    assert_int_equal(catalog_policy(world->catalog, "CDB", &policy), RC_OK);
    assert_string_equal(policy.quarantine, "Q2");
    assert_int_equal(policy.lock_idle_s, 300);
    assert_int_equal(catalog_quarantine(world->catalog, "CDB", site), RC_OK);
    assert_string_equal(site, "Q2");
    assert_int_equal(catalog_quarantine(world->catalog, "SHA", site), RC_OK);
    assert_string_equal(site, "Q9");
    catalog_world_told(world, "{\"type\":\"policy\",\"site\":\"CDB\",\"quarantine\":null,\"lock_idle_s\":null}\n");
    assert_int_equal(catalog_policy(world->catalog, "CDB", &policy), RC_OK);
    assert_string_equal(policy.quarantine, "");
    assert_int_equal(policy.lock_idle_s, 0);
    assert_int_equal(catalog_quarantine(world->catalog, "CDB", site), RC_OK);
    assert_string_equal(site, "Q1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_world_open, catalog_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sites_own_flow),
        TEST(built_in_ones_and_changes),
        TEST(bad_lines_are_refused),
        TEST(every_built_in_flow_takes_a_line),
        TEST(policies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
