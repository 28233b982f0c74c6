/* Auditors at the server: who sold it, sightings, cases and rulings, traces, the radius of a lot, permits. */
#include "tests/unit/linked_world.h"
#include "tests/unit/server_dealers.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#define AUDITOR(site)                                                                                                \
    "{\"type\":\"operator\",\"id\":\"zhao\",\"name\":\"Zhao\",\"role\":\"auditor\"," site                            \
    "\"pin_hash\":\"$argon2id$v=19$m=8192,t=3,p=1$AAAA$AAAA\"}\n"
#define VISIT         ",\"from\":\"unknown\",\"to\":\"unknown\",\"lines\":[],\"own\":true,\"header\":{\"region\":\"520100\"}"
#define OUT_OF_REGION ",\"reason\":\"out-of-region\",\"severity\":\"accept\""

static int setup(void **state)
{
    struct dealers *dealers = calloc(1, sizeof *dealers);
    dealers_open(dealers, AUDITOR("\"site\":\"CDB\","));
    *state = dealers;
    return 0;
}

static int teardown(void **state)
{
    dealers_close(*state);
    free(*state);
    return 0;
}

static const char *text(const json_t *object, const char *name)
{
    const char *found = json_string_value(json_object_get(object, name));
    return found ? found : "";
}

static bool says(const json_t *lines, const char *word)
{
    char *all = json_dumps(lines, 0);
    bool found = strstr(all, word) != NULL;
    free(all);
    return found;
}

static json_t *code(struct handheld *handheld, const char *key, json_t **ret_page)
{
    *ret_page = dealers_pull(handheld, NULL);
    size_t i;
    json_t *line, *last = NULL;
    json_array_foreach(*ret_page, i, line)
    {
        if (strcmp(text(line, "code"), key) == 0)
            last = line;
    }
    assert_non_null(last);
    return last;
}

static void an_auditor_is_told_who_sold_it(void **state)
{
    struct dealers *dealers = *state;
    json_t *page, *line = code(&dealers->clerk, ITEM("FOREIGN1"), &page);
    assert_string_equal(text(json_object_get(line, "sold"), "to"), "D-2");
    json_decref(page);
    /* a dealer's site counts as its party */
    dealers->clerk.cursor[0] = '\0';
    line = code(&dealers->clerk, ITEM("FOREIGN2"), &page);
    assert_string_equal(text(json_object_get(line, "sold"), "to"), "D-2");
    json_decref(page);
    dealers_ship(dealers, "own:1", SSCC_1, "party:D-1");
    line = code(&dealers->clerk, ITEM("CASED1"), &page);
    assert_string_equal(text(json_object_get(line, "sold"), "to"), "D-1");
    assert_string_equal(text(json_object_get(line, "sold"), "at"), "2026-11-22");
    assert_string_equal(text(json_object_get(line, "sold"), "doc"), "own:1");
    assert_int_equal(json_array_size(json_object_get(line, "earlier")), 0);
    json_decref(page);
}

static void come_back(struct dealers *dealers, const char *flow, const char *doc, const char *key)
{
    flows_open(&dealers->clerk, doc, flow, ",\"from\":\"unknown\",\"to\":\"party:D-1\",\"lines\":[]");
    flows_scan(&dealers->clerk, doc, flow, key, "");
    flows_complete(&dealers->clerk, doc, flow, "");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
}

/* Returned and shipped again: the last one, and the one before. What was voided was no sale. */
static void earlier_sales_are_told_and_voided_ones_not(void **state)
{
    struct dealers *dealers = *state;
    json_t *page, *line;
    dealers_ship(dealers, "own:1", ITEM("OWN-FOREIGN"), "party:D-1");
    come_back(dealers, "return", "own:2", ITEM("OWN-FOREIGN"));
    dealers_ship(dealers, "own:3", ITEM("OWN-FOREIGN"), "party:D-2");
    line = code(&dealers->clerk, ITEM("OWN-FOREIGN"), &page);
    assert_string_equal(text(json_object_get(line, "sold"), "to"), "D-2");
    assert_string_equal(text(json_array_get(json_object_get(line, "earlier"), 0), "to"), "D-1");
    json_decref(page);
    dealers_ship(dealers, "own:4", SSCC_1, "party:D-1");
    come_back(dealers, "void", "own:5", SSCC_1);
    line = code(&dealers->clerk, ITEM("CASED1"), &page);
    assert_true(json_is_null(json_object_get(line, "sold")));
    json_decref(page);
}

/* ---- audits ---- */

static int64_t see(struct dealers *dealers, const char *doc, const char *key, const char *more)
{
    char members[1000];
    snprintf(members, sizeof members, ",\"product\":\"B\",\"lot\":\"L1\",\"qty\":\"1\",\"alloc\":[]%s", more);
    return flows_scan(&dealers->clerk, doc, "audit", key, members);
}

static json_t *only_case(struct dealers *dealers)
{
    json_t *cases = server_world_list(&dealers->world, "cases");
    assert_int_equal(json_array_size(cases), 1);
    json_t *one = json_incref(json_array_get(cases, 0));
    json_decref(cases);
    return one;
}

static void visit(struct dealers *dealers, const char *doc)
{
    flows_open(&dealers->clerk, doc, "audit", VISIT);
    see(dealers, doc, ITEM("FOREIGN1"), OUT_OF_REGION);
    see(dealers, doc, ITEM("FOREIGN2"), OUT_OF_REGION);
    flows_refer(&dealers->clerk, "evidence", doc, 0, ",\"what\":\"shelf\",\"hash\":\"00ff\",\"folder\":\"phone\"");
    see(dealers, doc, ITEM("MINE1"), ",\"reason\":\"in-region\",\"severity\":\"accept\"");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
}

static void a_visit_opens_a_case_against_each_seller(void **state)
{
    struct dealers *dealers = *state;
    visit(dealers, "own:v");
    json_t *one = only_case(dealers);
    assert_string_equal(text(one, "party"), "D-2");
    assert_string_equal(text(one, "name"), "FOREIGN-Leshan");
    assert_string_equal(text(one, "state"), "open");
    assert_string_equal(text(one, "region"), "520100");
    assert_int_equal(json_integer_value(json_object_get(one, "units")), 2);
    const json_t *goods = json_array_get(json_object_get(one, "goods"), 0);
    assert_string_equal(text(goods, "key"), ITEM("FOREIGN1"));
    assert_string_equal(text(goods, "reason"), "out-of-region");
    const json_t *picture = json_array_get(json_object_get(one, "evidence"), 0);
    assert_string_equal(text(picture, "hash"), "00ff");
    assert_string_equal(text(picture, "folder"), "phone");
    json_decref(one);
    /* and the unit was seen there */
    json_t *page, *line = code(&dealers->clerk, ITEM("MINE1"), &page);
    assert_string_equal(text(json_array_get(json_object_get(line, "seen"), 0), "region"), "520100");
    json_decref(page);
}

/* A dealer's device that calls its work an audit opens nothing against another. */
static void a_dealer_sees_nothing(void **state)
{
    struct dealers *dealers = *state;
    struct handheld clerk = dealers->clerk;
    dealers->clerk = dealers->one;
    flows_open(&dealers->clerk, "own:v", "audit", VISIT);
    see(dealers, "own:v", ITEM("FOREIGN1"), OUT_OF_REGION);
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    dealers->one = dealers->clerk;
    dealers->clerk = clerk;
    json_t *cases = server_world_list(&dealers->world, "cases"), *page;
    assert_int_equal(json_array_size(cases), 0);
    json_decref(cases);
    assert_int_equal(json_array_size(json_object_get(code(&dealers->clerk, ITEM("FOREIGN1"), &page), "seen")), 0);
    json_decref(page);
}

static void the_proof_is_how_it_was_shipped(void **state)
{
    struct dealers *dealers = *state;
    dealers_ship(dealers, "own:1", SSCC_1, "party:D-1");
    flows_open(&dealers->clerk, "own:v", "audit", VISIT);
    see(dealers, "own:v", ITEM("CASED1"), OUT_OF_REGION);
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    json_t *one = only_case(dealers);
    assert_string_equal(text(one, "party"), "D-1");
    const json_t *goods = json_array_get(json_object_get(one, "goods"), 0);
    const json_t *shipment = json_array_get(json_object_get(goods, "shipments"), 0);
    assert_string_equal(text(shipment, "to"), "transit:party:D-1");
    assert_string_equal(text(shipment, "doc"), "own:1");
    json_decref(one);
}

static void what_was_undone_is_no_case_any_more(void **state)
{
    struct dealers *dealers = *state;
    flows_open(&dealers->clerk, "own:v", "audit", VISIT);
    int64_t seq = see(dealers, "own:v", ITEM("FOREIGN1"), OUT_OF_REGION);
    flows_refer(&dealers->clerk, "undo", "own:v", seq, "");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    json_t *one = only_case(dealers);
    assert_string_equal(text(one, "state"), "withdrawn");
    json_decref(one);
}

static void what_a_visit_saw_that_was_given_up_was_not_seen(void **state)
{
    struct dealers *dealers = *state;
    visit(dealers, "own:v");
    flows_open(&dealers->clerk, "own:w", "audit", VISIT); /* another one goes on */
    see(dealers, "own:w", ITEM("FOREIGN2"), OUT_OF_REGION);
    flows_refer(&dealers->clerk, "abandon", "own:v", 0, "");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    json_t *cases = server_world_list(&dealers->world, "cases"), *page;
    const json_t *given_up = json_array_get(cases, 0);
    assert_string_equal(text(given_up, "state"), "withdrawn");
    assert_true(json_is_true(json_object_get(json_object_get(given_up, "visit"), "abandoned")));
    assert_string_equal(text(json_array_get(cases, 1), "state"), "open");
    json_decref(cases);
    assert_int_equal(json_array_size(json_object_get(code(&dealers->clerk, ITEM("MINE1"), &page), "seen")), 0);
    json_decref(page);
}

/* The same code on another bottle: a sighting of its own, once the auditor says so. */
static void another_bottle_is_a_clone(void **state)
{
    struct dealers *dealers = *state;
    char error[WORD_MAX + 1];
    visit(dealers, "own:v");
    int64_t seq = see(dealers, "own:v", ITEM("FOREIGN1"), ",\"reason\":\"duplicate\",\"severity\":\"confirm\"");
    flows_refer(
        &dealers->clerk, "confirm", "own:v", seq,
        ",\"key\":\"" ITEM("FOREIGN1") "\",\"flow\":\"audit\",\"another\":true,\"line\":\"\",\"qty\":\"1\","
                                       "\"reason\":\"out-of-region\",\"severity\":\"accept\",\"findings\":[]");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    json_t *rows = dealers_trace(&dealers->clerk, ITEM("FOREIGN1"), error), *row;
    int clones = 0;
    size_t i;
    json_array_foreach(rows, i, row) clones +=
        strcmp(text(row, "row"), "audit") == 0 && strcmp(text(row, "reason"), "cloned") == 0;
    assert_int_equal(clones, 1);
    json_decref(rows);
    json_t *one = only_case(dealers);
    assert_int_equal(json_integer_value(json_object_get(one, "units")), 3);
    json_decref(one);
}

static void what_was_read_in_a_shop_registers_nothing(void **state)
{
    struct dealers *dealers = *state;
    char error[WORD_MAX + 1];
    flows_open(&dealers->clerk, "own:v", "audit", VISIT);
    see(dealers, "own:v", ITEM("STRANGE"), ",\"reason\":\"unregistered\",\"severity\":\"accept\"");
    handheld_note(&dealers->clerk, "scan",
                  "\"doc\":\"own:v\",\"no\":\"v\",\"flow\":\"audit\",\"key\":\"\",\"reason\":\"defaced\","
                  "\"severity\":\"accept\",\"findings\":[],\"qty\":\"3\",\"alloc\":[{\"line\":\"\",\"product\":\"B\","
                  "\"qty\":\"3\",\"lot\":\"L1\"}],\"defaced\":{\"product\":\"B\",\"lot\":\"L1\","
                  "\"time\":\"\",\"count\":1}");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    json_t *rows = dealers_trace(&dealers->clerk, ITEM("STRANGE"), error);
    assert_string_equal(text(json_array_get(rows, 0), "known"), "no");
    json_decref(rows);
    flows_complete(&dealers->clerk, "own:v", "audit", "");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    json_t *results = server_world_list(&dealers->world, "results");
    assert_true(says(results, "\"qty\": \"3\""));
    json_decref(results);
}

#define YEARS "\xe5\xb9\xb4\xe5\xb9\xb4\xe5\xb9\xb4\xe5\xb9\xb4\xe5\xb9\xb4\xe5\xb9\xb4\xe5\xb9\xb4\xe5\xb9\xb4"
#define REGION(id)                                                                                                   \
    ",\"from\":\"unknown\",\"to\":\"unknown\",\"lines\":[],\"own\":true,\"header\":{\"region\":\"" id "\"}"

/* One device's nonsense keeps no auditor from being told of the goods. */
static void a_time_that_is_none_moves_nothing(void **state)
{
    struct dealers *dealers = *state;
    json_t *page, *line;
    flows_open(&dealers->one, "own:1", "dealer-out", ",\"from\":\"site:DS1\",\"to\":\"party:S-1\",\"lines\":[]");
    flows_scan(&dealers->one, "own:1", "dealer-out", ITEM("MINE1"), "");
    flows_complete(&dealers->one, "own:1", "dealer-out",
                   ",\"at\":\"2026\xe5\xb9\xb4"
                   "11\xe6\x9c\x88\"");
    assert_string_equal(flows_told(&dealers->one), "bad-record");
    line = code(&dealers->clerk, ITEM("MINE1"), &page);
    assert_string_equal(text(json_object_get(line, "sold"), "to"), "D-1");
    json_decref(page);
}

static void a_region_that_is_no_id_is_none(void **state)
{
    struct dealers *dealers = *state;
    json_t *page, *line;
    flows_open(&dealers->clerk, "own:v", "audit", REGION("a" YEARS YEARS YEARS));
    see(dealers, "own:v", ITEM("FOREIGN1"), OUT_OF_REGION);
    flows_open(&dealers->clerk, "own:w", "audit", REGION("a|b"));
    see(dealers, "own:w", ITEM("FOREIGN1"), OUT_OF_REGION);
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    line = code(&dealers->clerk, ITEM("FOREIGN1"), &page);
    assert_int_equal(json_array_size(json_object_get(line, "seen")), 0);
    json_decref(page);
}

static int rule(struct dealers *dealers, const char *number, const char *word)
{
    const char *words[] = {"rule", number, word, "--reason", "invoice shown", "--by", "manager", NULL};
    return server_world_run(&dealers->world, NULL, NULL, NULL, words);
}

static void a_manager_rules_and_offenders_are_listed(void **state)
{
    struct dealers *dealers = *state;
    char *out;
    visit(dealers, "own:v");
    visit(dealers, "own:w");
    assert_int_equal(rule(dealers, "1", "diverted"), 0);
    assert_int_equal(rule(dealers, "2", "dismissed"), 0);
    assert_int_equal(rule(dealers, "3", "diverted"), 1);
    assert_int_equal(rule(dealers, "1", "fake"), 2);
    json_t *cases = server_world_list(&dealers->world, "cases"), *one = json_array_get(cases, 0);
    assert_string_equal(text(one, "state"), "diverted");
    assert_string_equal(text(one, "by"), "manager");
    assert_string_equal(text(one, "reason"), "invoice shown");
    json_decref(cases);
    const char *words[] = {"cases", "--offenders", NULL};
    assert_int_equal(server_world_run(&dealers->world, NULL, &out, NULL, words), 0);
    one = json_loads(out, 0, NULL);
    assert_string_equal(text(one, "party"), "D-2");
    assert_int_equal(json_integer_value(json_object_get(one, "cases")), 1);
    assert_int_equal(json_integer_value(json_object_get(one, "diverted")), 1);
    assert_int_equal(json_integer_value(json_object_get(one, "dismissed")), 1);
    assert_int_equal(json_integer_value(json_object_get(one, "units")), 2);
    assert_true(json_is_false(json_object_get(one, "repeated")));
    json_decref(one);
    free(out);
    /* all dismissed: nobody's offence; ruled on again: a repeated one. Each ruling is kept */
    assert_int_equal(rule(dealers, "1", "dismissed"), 0);
    assert_int_equal(server_world_run(&dealers->world, NULL, &out, NULL, words), 0);
    assert_string_equal(out, "");
    free(out);
    assert_int_equal(rule(dealers, "1", "diverted"), 0);
    assert_int_equal(rule(dealers, "2", "diverted"), 0);
    assert_int_equal(server_world_run(&dealers->world, NULL, &out, NULL, words), 0);
    assert_non_null(strstr(out, "\"repeated\":true,\"numbers\":[1,2]"));
    free(out);
    cases = server_world_list(&dealers->world, "cases");
    assert_int_equal(json_array_size(json_object_get(json_array_get(cases, 0), "rulings")), 3);
    json_decref(cases);
}

/* All that a manager needs who was not there. */
static void a_case_is_complete(void **state)
{
    struct dealers *dealers = *state;
    dealers_ship(dealers, "own:1", SSCC_1, "party:D-1");
    flows_open(&dealers->clerk, "own:v", "audit",
               ",\"operator\":\"zhao\",\"from\":\"unknown\",\"to\":\"unknown\",\"lines\":[],\"own\":true,"
               "\"header\":{\"region\":\"510000\",\"shop\":\"Corner\",\"address\":\"Road "
               "1\",\"position\":\"30.6,104.0 ±8m\"}");
    see(dealers, "own:v", ITEM("CASED1"),
        OUT_OF_REGION ",\"market\":{\"sold\":{\"to\":\"D-1\"},\"allowed\":\"510100\"}");
    see(dealers, "own:v", ITEM("MINE1"), ",\"reason\":\"in-region\",\"severity\":\"accept\"");
    flows_refer(&dealers->clerk, "evidence", "own:v", 3,
                ",\"what\":\"code\",\"file\":\"IMG1.jpg\",\"hash\":\"00ff\"");
    flows_complete(&dealers->clerk, "own:v", "audit", ",\"header\":{\"witness\":\"Ms Li\",\"ack\":\"refused\"}");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    json_t *one = only_case(dealers);
    const json_t *visit = json_object_get(one, "visit"), *fields = json_object_get(visit, "fields"),
                 *goods = json_array_get(json_object_get(one, "goods"), 0), *seller = json_object_get(one, "seller");
    assert_string_equal(text(visit, "auditor"), "zhao");
    assert_string_equal(text(visit, "auditor_name"), "Zhao");
    assert_string_equal(text(visit, "region_name"), "Sichuan");
    assert_true(text(visit, "opened")[0] && text(visit, "closed")[0]);
    assert_string_equal(text(fields, "shop"), "Corner");
    assert_string_equal(text(fields, "position"), "30.6,104.0 ±8m");
    assert_string_equal(text(fields, "witness"), "Ms Li");
    assert_string_equal(text(fields, "ack"), "refused");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(visit, "sums"), "in-region")), 1);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(visit, "sums"), "out-of-region")), 1);
    assert_string_equal(text(seller, "name"), "Rongcheng");
    assert_int_equal(json_array_size(json_object_get(seller, "territories")), 1);
    assert_string_equal(text(goods, "product_name"), "Kit");
    assert_string_equal(text(json_object_get(goods, "shown"), "allowed"), "510100");
    assert_string_equal(text(json_array_get(json_object_get(goods, "shipments"), 0), "doc"), "own:1");
    const json_t *picture = json_array_get(json_object_get(one, "evidence"), 0);
    assert_string_equal(text(picture, "file"), "IMG1.jpg");
    assert_int_equal(json_integer_value(json_object_get(picture, "ref")), 3);
    json_decref(one);
}

/* ---- traces ---- */

static const json_t *row_of(const json_t *rows, const char *kind)
{
    json_t *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        if (strcmp(text(row, "row"), kind) == 0)
            return row;
    }
    return NULL;
}

static void a_trace_tells_the_chain_within_the_scope(void **state)
{
    struct dealers *dealers = *state;
    char error[WORD_MAX + 1];
    dealers_ship(dealers, "own:1", SSCC_1, "party:D-1");
    visit(dealers, "own:v");
    see(dealers, "own:v", ITEM("CASED1"), OUT_OF_REGION);
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    json_t *rows = dealers_trace(&dealers->one, ITEM("CASED1"), error);
    assert_string_equal(text(row_of(rows, "lot"), "factory"), "Works 4");
    assert_string_equal(text(row_of(rows, "parent"), "key"), SSCC_1);
    assert_string_equal(text(row_of(rows, "move"), "from"), "site:CDB");
    assert_string_equal(text(row_of(rows, "move"), "to"), "transit:party:D-1");
    assert_null(row_of(rows, "audit"));
    assert_null(row_of(rows, "record"));
    json_decref(rows);
    rows = dealers_trace(&dealers->clerk, ITEM("CASED1"), error);
    assert_string_equal(text(row_of(rows, "audit"), "party"), "D-1");
    assert_string_equal(text(row_of(rows, "sale"), "name"), "Rongcheng");
    assert_non_null(row_of(rows, "record"));
    json_decref(rows);
}

/* An auditor who carries a dealer's device: who sold it, and no more. */
static void a_dealers_auditor_is_told_the_seller_alone(void **state)
{
    struct dealers *dealers = *state;
    char error[WORD_MAX + 1];
    int again;
    json_decref(dealers_pull(&dealers->one, NULL));
    server_world_tell(&dealers->world, AUDITOR("\"site\":\"DS1\","));
    json_t *page = dealers_pull(&dealers->one, &again);
    assert_int_equal(again, 1);
    const json_t *line = page_find(page, "code", "code", ITEM("FOREIGN2"));
    assert_string_equal(text(json_object_get(line, "sold"), "to"), "D-2");
    assert_true(json_is_null(json_object_get(line, "holder")));
    assert_non_null(page_find(page, "territory", "party", "D-2"));
    assert_string_equal(text(page_find(page, "party", "id", "D-2"), "region"), "510100");
    assert_null(page_find(page, "document", "doc", "3-FOREIGN"));
    assert_null(page_find(page, "stock", "holder", "party:D-2"));
    assert_null(page_find(page, "operator", "id", "FOREIGN-wu"));
    json_decref(page);
    json_t *rows = dealers_trace(&dealers->one, ITEM("FOREIGN2"), error);
    assert_string_equal(text(row_of(rows, "sale"), "to"), "D-2");
    assert_string_equal(text(row_of(rows, "code"), "holder"), "");
    assert_null(row_of(rows, "move"));
    json_decref(rows);
}

/* ---- radius and permits ---- */

static void the_radius_of_a_lot_is_every_holder(void **state)
{
    struct dealers *dealers = *state;
    char *out;
    dealers_ship(dealers, "own:1", ITEM("CASED1"), "party:D-1");
    const char *words[] = {"radius", "B", "L1", NULL};
    assert_int_equal(server_world_run(&dealers->world, NULL, &out, NULL, words), 0);
    assert_non_null(strstr(out,
                           "\"holder\":\"transit:party:D-1\",\"name\":\"Rongcheng\",\"product\":\"B\",\"lot\":\"L1\","
                           "\"units\":1"));
    assert_non_null(strstr(out, "\"holder\":\"site:CDB\""));
    assert_null(strstr(out, "D-2"));
    free(out);
}

static const char *used(struct dealers *dealers)
{
    static char qty[32];
    dealers->two.cursor[0] = '\0';
    json_t *page = dealers_pull(&dealers->two, NULL);
    snprintf(qty, sizeof qty, "%s", text(page_find(page, "permit", "to", "D-2"), "used"));
    json_decref(page);
    return qty;
}

static void sell(struct dealers *dealers, const char *doc, const char *key, const char *to)
{
    char more[200];
    snprintf(more, sizeof more, ",\"from\":\"site:DS1\",\"to\":\"%s\",\"lines\":[]", to);
    flows_open(&dealers->one, doc, "dealer-out", more);
    flows_scan(&dealers->one, doc, "dealer-out", key, "");
    flows_complete(&dealers->one, doc, "dealer-out", "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
}

static void a_permit_is_used_up_across_devices(void **state)
{
    struct dealers *dealers = *state;
    server_world_tell(&dealers->world,
                      "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\",\"qty\":\"2\"}\n" CODE(
                          ITEM("MINE3"), "\"product\":\"B\",\"holder\":\"site:DS1\"")
                          CODE(ITEM("MINE5"), "\"product\":\"B\",\"holder\":\"site:DS1\"")
                              CODE(ITEM("MINE4"), "\"product\":\"B\",\"holder\":\"site:DS1\""));
    assert_string_equal(used(dealers), "");
    sell(dealers, "own:1", ITEM("MINE3"), "party:D-2");
    assert_string_equal(used(dealers), "1");
    /* to its own sub-dealer it needs none */
    sell(dealers, "own:2", ITEM("MINE4"), "party:S-1");
    assert_string_equal(used(dealers), "1");
    json_t *findings = server_world_list(&dealers->world, "findings");
    assert_int_equal(json_array_size(findings), 0);
    json_decref(findings);
    server_world_tell(&dealers->world, "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\","
                                       "\"qty\":\"1\"}\n");
    /* another device of the same dealer */
    struct handheld first = dealers->one;
    handheld_new(&dealers->world, "DS1", &dealers->one);
    sell(dealers, "own:3", ITEM("MINE5"), "party:D-2");
    handheld_free(&dealers->one);
    dealers->one = first;
    assert_string_equal(used(dealers), "2");
    findings = server_world_list(&dealers->world, "findings");
    assert_int_equal(json_array_size(findings), 1);
    json_decref(findings);
}

/* What is on the way counts as received: it may be sold at once, or taken in first. */
static void a_dealer_sells_what_is_on_the_way(void **state)
{
    struct dealers *dealers = *state;
    json_t *page, *line;
    sell(dealers, "own:1", ITEM("COMING1"), "sold");
    dealers_ship(dealers, "own:2", ITEM("CASED1"), "party:D-1");
    flows_open(&dealers->one, "own:3", "dealer-in", ",\"from\":\"site:CDB\",\"to\":\"unknown\",\"lines\":[]");
    flows_scan(&dealers->one, "own:3", "dealer-in", ITEM("CASED1"), "");
    flows_complete(&dealers->one, "own:3", "dealer-in", "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    line = code(&dealers->one, ITEM("COMING1"), &page);
    assert_string_equal(text(line, "holder"), "sold");
    json_decref(page);
    dealers->one.cursor[0] = '\0';
    line = code(&dealers->one, ITEM("CASED1"), &page);
    assert_string_equal(text(line, "holder"), "site:DS1");
    json_decref(page);
    /* a bottle that is sold was last shipped to the dealer */
    line = code(&dealers->clerk, ITEM("COMING1"), &page);
    assert_string_equal(text(json_object_get(line, "sold"), "to"), "D-1");
    json_decref(page);
}

/* The real device of an auditor: what it is told is what it judges by, and its visit is a case. */
static void a_visit_from_the_shop_to_the_case(void **state)
{
    static struct linked_world world;
    char *feed = NULL, no[ID_MAX + 1];
    struct start start = {.flow = "audit", .field_count = 1, .fields = {{"region", "510100"}}};
    (void)state;
    assert_true(asprintf(&feed,
                         "%s{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"auditor\","
                         "\"site\":\"CDB\",\"pin\":\"2468\"}\n",
                         DEALERS_FEED) > 0);
    linked_world_open(&world, feed);
    assert_int_equal(engine_start(world.device.engine, &start, NULL, no, NULL), RC_OK);
    engine_world_expect(&world.device, no, ITEM("FOREIGN3"), "out-of-region", "accept");
    engine_world_expect(&world.device, no, ITEM("COMING1"), "in-region", "accept");
    engine_world_expect(&world.device, no, ITEM("OWN-FOREIGN"), "no-record", "accept");
    engine_world_expect(&world.device, no, ITEM("FOREIGN1"), "recalled", "accept");
    assert_int_equal(linked_world_sync(&world), RC_OK);
    json_t *cases = server_world_list(&world.server, "cases"), *one = json_array_get(cases, 0);
    assert_int_equal(json_array_size(cases), 1);
    assert_string_equal(text(one, "party"), "D-2");
    assert_string_equal(text(one, "no"), no);
    assert_string_equal(text(one, "region"), "510100");
    assert_int_equal(json_integer_value(json_object_get(one, "units")), 2);
    json_decref(cases);
    linked_world_close(&world);
    free(feed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_auditor_is_told_who_sold_it),
        TEST(earlier_sales_are_told_and_voided_ones_not),
        TEST(a_visit_opens_a_case_against_each_seller),
        TEST(a_dealer_sees_nothing),
        TEST(the_proof_is_how_it_was_shipped),
        TEST(what_was_undone_is_no_case_any_more),
        TEST(what_a_visit_saw_that_was_given_up_was_not_seen),
        TEST(another_bottle_is_a_clone),
        TEST(what_was_read_in_a_shop_registers_nothing),
        TEST(a_manager_rules_and_offenders_are_listed),
        TEST(a_time_that_is_none_moves_nothing),
        TEST(a_region_that_is_no_id_is_none),
        TEST(a_case_is_complete),
        TEST(a_trace_tells_the_chain_within_the_scope),
        TEST(a_dealers_auditor_is_told_the_seller_alone),
        TEST(the_radius_of_a_lot_is_every_holder),
        TEST(a_permit_is_used_up_across_devices),
        TEST(a_dealer_sells_what_is_on_the_way),
        cmocka_unit_test(a_visit_from_the_shop_to_the_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
