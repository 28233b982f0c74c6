/* A dealer at the server: goods in (short, extra, damaged, before the books know), goods out, what comes back. */
#include "tests/unit/server_dealers.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FREE_IN      ",\"from\":\"unknown\",\"to\":\"unknown\",\"own\":true,\"lines\":[]"
#define UNREGISTERED ",\"reason\":\"unregistered\",\"severity\":\"warn\""

static int setup(void **state)
{
    struct dealers *dealers = calloc(1, sizeof *dealers);
    dealers_open(dealers, "");
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

/* Where the books have the code, as the owner's device is told. */
static void expect_at(struct dealers *dealers, const char *key, const char *holder)
{
    dealers->clerk.cursor[0] = '\0';
    json_t *page = dealers_pull(&dealers->clerk, NULL);
    const json_t *line = page_find(page, "code", "code", key);
    assert_non_null(line);
    assert_string_equal(text(line, "holder"), holder);
    json_decref(page);
}

/* What this device is told of the code since its last pull: the place; "gone"; "" nothing. */
static const char *told(struct handheld *handheld, const char *key)
{
    static char place[HOLDER_MAX + 1];
    json_t *page = dealers_pull(handheld, NULL);
    const json_t *line = page_find(page, "code", "code", key);
    bool gone = json_is_true(json_object_get(line, "gone"));
    snprintf(place, sizeof place, "%s", gone ? "gone" : text(line, "holder"));
    json_decref(page);
    return place;
}

static json_t *last_result(struct dealers *dealers, const char *no)
{
    json_t *results = server_world_list(&dealers->world, "results"), *result, *found = NULL;
    size_t i;
    json_array_foreach(results, i, result)
    {
        if (strcmp(text(result, "no"), no) == 0)
            found = result;
    }
    json_incref(found);
    json_decref(results);
    assert_non_null(found);
    return found;
}

static void expect_findings(struct dealers *dealers, size_t count, const char *words)
{
    json_t *findings = server_world_list(&dealers->world, "findings");
    assert_int_equal(json_array_size(findings), count);
    char *all = json_dumps(json_object_get(json_array_get(findings, 0), "server_findings"), JSON_COMPACT);
    if (count)
        assert_string_equal(all, words);
    free(all);
    json_decref(findings);
}

static const char *state_of(struct dealers *dealers, size_t row)
{
    static char state[32];
    json_t *rows = server_world_list(&dealers->world, "provisional");
    snprintf(state, sizeof state, "%s", text(json_array_get(rows, row), "state"));
    json_decref(rows);
    return state;
}

static const char *take_in(struct dealers *dealers, const char *doc, const char *key, const char *more)
{
    flows_open(&dealers->one, doc, "dealer-in", FREE_IN);
    int64_t seq = flows_scan(&dealers->one, doc, "dealer-in", key, more);
    flows_complete(&dealers->one, doc, "dealer-in", "");
    assert_int_equal(handheld_push(&dealers->one), 200);
    assert_string_equal(handheld_verdict(&dealers->one, seq + 1), "accepted");
    return handheld_verdict(&dealers->one, seq);
}

/* ---- in ---- */

static void what_is_on_the_way_comes_in(void **state)
{
    struct dealers *dealers = *state;
    assert_string_equal(take_in(dealers, "own:1", ITEM("COMING1"), ""), "accepted");
    expect_at(dealers, ITEM("COMING1"), "site:DS1");
    json_t *result = last_result(dealers, "own:1");
    assert_int_equal(json_array_size(json_object_get(result, "missing")), 0);
    assert_null(json_object_get(result, "provisional"));
    json_decref(result);
    expect_findings(dealers, 0, "");
}

#define LINES                                                                                                        \
    ",\"from\":\"unknown\",\"to\":\"unknown\",\"own\":true,\"lines\":[{\"line\":\"1\",\"product\":\"B\","            \
    "\"qty\":\"4\",\"tolerance\":\"0\",\"lot\":\"L1\"}]"
#define ON_LINE                                                                                                      \
    ",\"product\":\"B\",\"lot\":\"L1\",\"qty\":\"1\",\"alloc\":[{\"line\":\"1\",\"qty\":\"1\",\"lot\":\"L1\"}]"

/* Two of four come, one of them broken; one too many, one spoilt: in the result, and as findings. The others are on the way still. */
static void short_extra_and_damaged_are_reported(void **state)
{
    struct dealers *dealers = *state;
    dealers_ship(dealers, "own:1", SSCC_1, "party:D-1");
    flows_open(&dealers->one, "own:2", "dealer-in", LINES);
    flows_scan(&dealers->one, "own:2", "dealer-in", ITEM("CASED1"), ON_LINE);
    int64_t broken = flows_scan(&dealers->one, "own:2", "dealer-in", ITEM("CASED2"), ON_LINE);
    flows_scan(&dealers->one, "own:2", "dealer-in", ITEM("COMING1"),
               ",\"reason\":\"not-on-order\",\"severity\":\"warn\"");
    flows_scan(
        &dealers->one, "own:2", "dealer-in", ITEM("MINE1"),
        ",\"reason\":\"recalled\",\"severity\":\"accept\",\"findings\":[\"wrong-holder\"],\"to\":\"site:CDQ\"");
    flows_refer(&dealers->one, "undo", "own:2", broken, ",\"condition\":\"damaged\"");
    flows_complete(&dealers->one, "own:2", "dealer-in", ",\"close\":\"short\",\"short_reason\":\"damaged\"");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    json_t *result = last_result(dealers, "own:2");
    const json_t *missing = json_array_get(json_object_get(result, "missing"), 0);
    assert_string_equal(text(missing, "product"), "B");
    assert_string_equal(text(missing, "lot"), "L1");
    assert_string_equal(text(missing, "qty"), "3");
    assert_string_equal(json_string_value(json_array_get(json_object_get(result, "damaged"), 0)), ITEM("CASED2"));
    const json_t *apart = json_array_get(json_object_get(result, "apart"), 0);
    assert_string_equal(text(apart, "code"), ITEM("MINE1"));
    assert_string_equal(text(apart, "reason"), "recalled");
    assert_int_equal(json_array_size(json_object_get(result, "extra")), 1);
    json_decref(result);
    expect_findings(dealers, 1, "[\"missing\",\"extra\",\"damaged\"]");
    expect_at(dealers, ITEM("CASED1"), "site:DS1");
    expect_at(dealers, SSCC_1, "transit:party:D-1");
}

/* ---- before the books know ---- */

/* The lorry is faster than the warehouse's records: held until they come, and told to the dealer meanwhile. */
static void what_comes_before_the_books_waits_for_them(void **state)
{
    struct dealers *dealers = *state;
    json_decref(dealers_pull(&dealers->one, NULL));
    assert_string_equal(take_in(dealers, "own:1", SSCC_1, UNREGISTERED), "provisional");
    expect_at(dealers, SSCC_1, "site:CDB");
    json_t *result = last_result(dealers, "own:1");
    assert_string_equal(json_string_value(json_array_get(json_object_get(result, "provisional"), 0)), SSCC_1);
    json_decref(result);
    assert_string_equal(state_of(dealers, 0), "open");
    json_t *page = dealers_pull(&dealers->one, NULL);
    assert_string_equal(text(page_find(page, "code", "code", SSCC_1), "holder"), "site:DS1");
    assert_string_equal(text(page_find(page, "code", "code", ITEM("CASED1")), "holder"), "site:DS1");
    json_decref(page);
    /* the shipper's tally is no rival's, and its word is what was missing */
    dealers_ship(dealers, "own:2", SSCC_1, "party:D-1");
    assert_string_equal(state_of(dealers, 0), "agreed");
    expect_at(dealers, SSCC_1, "site:DS1");
    json_t *conflicts = server_world_list(&dealers->world, "conflicts");
    assert_int_equal(json_array_size(conflicts), 0);
    json_decref(conflicts);
    assert_string_equal(told(&dealers->one, SSCC_1), "site:DS1");
}

/* Sold on before the books knew that it had come. */
static void what_waits_may_be_sold_on(void **state)
{
    struct dealers *dealers = *state;
    take_in(dealers, "own:1", SSCC_1, UNREGISTERED);
    flows_open(&dealers->one, "own:2", "dealer-out", ",\"from\":\"site:DS1\",\"to\":\"sold\",\"lines\":[]");
    int64_t seq = flows_scan(&dealers->one, "own:2", "dealer-out", ITEM("CASED1"), "");
    flows_complete(&dealers->one, "own:2", "dealer-out", "");
    assert_int_equal(handheld_push(&dealers->one), 200);
    assert_string_equal(handheld_verdict(&dealers->one, seq), "provisional");
    expect_at(dealers, SSCC_1, "site:CDB");
    dealers_ship(dealers, "own:3", SSCC_1, "party:D-1");
    expect_at(dealers, ITEM("CASED1"), "sold");
    expect_at(dealers, SSCC_1, "site:DS1");
    assert_string_equal(state_of(dealers, 1), "agreed");
}

/* The feed may be the one that is late. */
static void the_feed_may_bring_it(void **state)
{
    struct dealers *dealers = *state;
    take_in(dealers, "own:1", ITEM("OWN-FOREIGN"), UNREGISTERED);
    server_world_tell(&dealers->world, CODE(ITEM("OWN-FOREIGN"), "\"holder\":\"transit:site:DS1\""));
    expect_at(dealers, ITEM("OWN-FOREIGN"), "site:DS1");
    assert_string_equal(state_of(dealers, 0), "agreed");
}

/* By the books it went to another dealer in the end: a conflict; and its line is a tombstone. */
static void what_went_to_another_is_a_conflict(void **state)
{
    struct dealers *dealers = *state;
    take_in(dealers, "own:1", SSCC_1, UNREGISTERED);
    json_decref(dealers_pull(&dealers->one, NULL));
    dealers_ship(dealers, "own:2", SSCC_1, "party:D-2");
    expect_at(dealers, SSCC_1, "transit:party:D-2");
    assert_string_equal(state_of(dealers, 0), "open");
    json_t *conflicts = server_world_list(&dealers->world, "conflicts");
    assert_string_equal(text(json_array_get(conflicts, 0), "kind"), "wrong-holder");
    json_decref(conflicts);
    assert_string_equal(told(&dealers->one, SSCC_1), "gone");
}

static int settle(struct dealers *dealers, const char *number, const char *word)
{
    const char *words[] = {"settle", number, word, "--reason", "seen there", "--by", "manager", NULL};
    return server_world_run(&dealers->world, NULL, NULL, NULL, words);
}

static void somebody_may_rule(void **state)
{
    struct dealers *dealers = *state;
    take_in(dealers, "own:1", ITEM("OWN-FOREIGN"), UNREGISTERED);
    take_in(dealers, "own:2", SSCC_1, UNREGISTERED);
    json_decref(dealers_pull(&dealers->one, NULL));
    assert_int_equal(settle(dealers, "1", "accepted"), 0);
    assert_int_equal(settle(dealers, "2", "refused"), 0);
    assert_int_equal(settle(dealers, "2", "accepted"), 1);
    assert_int_equal(settle(dealers, "1", "maybe"), 2);
    expect_at(dealers, ITEM("OWN-FOREIGN"), "site:DS1");
    expect_at(dealers, SSCC_1, "site:CDB");
    json_t *rows = server_world_list(&dealers->world, "provisional");
    assert_string_equal(text(json_array_get(rows, 1), "by"), "manager");
    assert_string_equal(text(json_array_get(rows, 1), "reason"), "seen there");
    json_decref(rows);
    assert_string_equal(told(&dealers->one, SSCC_1), "gone");
    /* refused for good: the shipment later is taken in by another scan */
    dealers_ship(dealers, "own:3", SSCC_1, "party:D-1");
    expect_at(dealers, SSCC_1, "transit:party:D-1");
}

/* What was told with its case has to be taken back when it leaves that: shipped elsewhere, told otherwise, deleted. Nobody else
 * hears of it, and nobody has anything to rule on. */
static void what_leaves_a_case_that_waits_is_gone(void **state)
{
    struct dealers *dealers = *state;
    json_decref(dealers_pull(&dealers->two, NULL));
    take_in(dealers, "own:1", SSCC_1, UNREGISTERED);
    assert_string_equal(told(&dealers->one, ITEM("CASED1")), "site:DS1");
    dealers_ship(dealers, "own:2", ITEM("CASED1"), "site:CDQ");
    assert_string_equal(told(&dealers->one, ITEM("CASED1")), "gone");
    server_world_tell(&dealers->world, CODE(ITEM("CASED2"), "\"in\":null,\"holder\":\"site:CDB\""));
    assert_string_equal(told(&dealers->one, ITEM("CASED2")), "gone");
    json_t *page = dealers_pull(&dealers->two, NULL);
    assert_null(page_find(page, "code", "code", ITEM("CASED1")));
    assert_null(page_find(page, "code", "code", ITEM("CASED2")));
    json_decref(page);
    json_t *rows = server_world_list(&dealers->world, "provisional");
    assert_int_equal(json_array_size(rows), 1);
    json_decref(rows);
}

static void what_waits_may_be_deleted(void **state)
{
    struct dealers *dealers = *state;
    take_in(dealers, "own:1", SSCC_1, UNREGISTERED);
    assert_string_equal(told(&dealers->one, ITEM("CASED1")), "site:DS1");
    server_world_tell(&dealers->world, CODE(ITEM("CASED1"), "\"gone\":true"));
    assert_string_equal(told(&dealers->one, ITEM("CASED1")), "gone");
}

static void what_was_undone_waits_no_more(void **state)
{
    struct dealers *dealers = *state;
    flows_open(&dealers->one, "own:1", "dealer-in", FREE_IN);
    int64_t seq = flows_scan(&dealers->one, "own:1", "dealer-in", SSCC_1, UNREGISTERED);
    flows_refer(&dealers->one, "undo", "own:1", seq, "");
    flows_complete(&dealers->one, "own:1", "dealer-in", "");
    assert_int_equal(handheld_push(&dealers->one), 200);
    assert_string_equal(state_of(dealers, 0), "withdrawn");
    dealers_ship(dealers, "own:2", SSCC_1, "party:D-1");
    expect_at(dealers, SSCC_1, "transit:party:D-1");
}

/* The books came while the document was open: it moves like any other. */
static void the_books_may_come_before_it_is_completed(void **state)
{
    struct dealers *dealers = *state;
    flows_open(&dealers->one, "own:1", "dealer-in", FREE_IN);
    flows_scan(&dealers->one, "own:1", "dealer-in", SSCC_1, UNREGISTERED);
    assert_int_equal(handheld_push(&dealers->one), 200);
    dealers_ship(dealers, "own:2", SSCC_1, "party:D-1");
    flows_complete(&dealers->one, "own:1", "dealer-in", "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    expect_at(dealers, SSCC_1, "site:DS1");
    assert_string_equal(state_of(dealers, 0), "agreed");
    json_t *result = last_result(dealers, "own:1");
    assert_null(json_object_get(result, "provisional"));
    json_decref(result);
}

/* ---- out, and back ---- */

static void what_the_owner_has_is_not_sold(void **state)
{
    struct dealers *dealers = *state;
    flows_open(&dealers->one, "own:1", "dealer-out", ",\"from\":\"site:DS1\",\"to\":\"sold\",\"lines\":[]");
    flows_scan(&dealers->one, "own:1", "dealer-out", ITEM("OWN-FOREIGN"), "");
    assert_string_equal(flows_told(&dealers->one), "wrong-holder");
}

/* Another dealer's bottle: kept apart, with a flag, whoever's it is. */
static void anothers_goods_are_kept_apart(void **state)
{
    struct dealers *dealers = *state;
    flows_open(&dealers->one, "own:1", "return", ",\"from\":\"unknown\",\"to\":\"unknown\",\"lines\":[]");
    flows_scan(&dealers->one, "own:1", "return", ITEM("FOREIGN3"), UNREGISTERED ",\"to\":\"site:CDQ\"");
    flows_complete(&dealers->one, "own:1", "return", "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    expect_at(dealers, ITEM("FOREIGN3"), "site:CDQ");
    expect_findings(dealers, 1, "[\"wrong-holder\"]");
    json_t *conflicts = server_world_list(&dealers->world, "conflicts"), *one = json_array_get(conflicts, 0);
    assert_string_equal(text(one, "kind"), "wrong-holder");
    assert_string_equal(text(one, "detail"), "transit:party:D-2");
    json_decref(conflicts);
    json_t *result = last_result(dealers, "own:1");
    assert_string_equal(text(json_array_get(json_object_get(result, "apart"), 0), "to"), "site:CDQ");
    json_decref(result);
}

/* What a dealer has at its site is the dealer's to give back. */
static void a_dealer_gives_back_from_its_site(void **state)
{
    struct dealers *dealers = *state;
    flows_open(&dealers->clerk, "own:1", "return", ",\"from\":\"party:D-1\",\"to\":\"unknown\",\"lines\":[]");
    flows_scan(&dealers->clerk, "own:1", "return", ITEM("MINE1"), "");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    flows_scan(&dealers->clerk, "own:1", "return", ITEM("FOREIGN2"), "");
    assert_string_equal(flows_told(&dealers->clerk), "false-holder");
    flows_complete(&dealers->clerk, "own:1", "return", "");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    expect_at(dealers, ITEM("MINE1"), "site:CDB");
    expect_findings(dealers, 1, "[\"recalled\"]"); /* R-1 names it */
}

/* To another dealer: without a permit it went all the same, and is a finding. */
static void without_a_permit_is_a_finding(void **state)
{
    struct dealers *dealers = *state;
    flows_open(&dealers->one, "own:1", "dealer-out", ",\"from\":\"site:DS1\",\"to\":\"party:D-2\",\"lines\":[]");
    flows_scan(&dealers->one, "own:1", "dealer-out", ITEM("COMING1"), "");
    flows_complete(&dealers->one, "own:1", "dealer-out", "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    expect_findings(dealers, 1, "[\"not-on-order\"]");
}

/* As the device asks. */
static void to_anothers_shop_is_a_finding_too(void **state)
{
    struct dealers *dealers = *state;
    static const char *const TO[] = {"party:R-3", "party:K-FOREIGN", "party:R-2"};
    static const char *const WHAT[] = {ITEM("MINE1"), ITEM("SUBS1"), ITEM("COMING1")};
    server_world_tell(&dealers->world,
                      "{\"type\":\"party\",\"id\":\"R-2\",\"kind\":\"retailer\",\"parent\":\"D-2\"}\n"
                      "{\"type\":\"party\",\"id\":\"R-3\",\"kind\":\"retailer\"}\n");
    server_world_tell(
        &dealers->world,
        CODE(ITEM("SUBS1"), "\"holder\":\"site:DS1\"") "{\"type\":\"recall\",\"id\":\"R-1\",\"gone\":true}\n");
    for (size_t i = 0; i < sizeof TO / sizeof TO[0]; i++) {
        char doc[16], more[128];
        snprintf(doc, sizeof doc, "own:%zu", i + 1);
        snprintf(more, sizeof more, ",\"from\":\"site:DS1\",\"to\":\"%s\",\"lines\":[]", TO[i]);
        flows_open(&dealers->one, doc, "dealer-out", more);
        flows_scan(&dealers->one, doc, "dealer-out", WHAT[i], "");
        flows_complete(&dealers->one, doc, "dealer-out", "");
        assert_string_equal(flows_told(&dealers->one), "accepted");
    }
    expect_findings(dealers, 1, "[\"not-on-order\"]");
}

/* A permit's last day is that of the shipment, which may be told later. */
static void what_was_shipped_in_time_may_be_told_late(void **state)
{
    struct dealers *dealers = *state;
    server_world_tell(&dealers->world, "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\","
                                       "\"until\":\"2026-11-22\"}\n");
    flows_open(&dealers->one, "own:1", "dealer-out", ",\"from\":\"site:DS1\",\"to\":\"party:D-2\",\"lines\":[]");
    flows_scan(&dealers->one, "own:1", "dealer-out", ITEM("COMING1"), "");
    flows_complete(&dealers->one, "own:1", "dealer-out", "");
    dealers->world.now_ms += (int64_t)10 * 24 * 3600 * 1000;
    handheld_session(&dealers->one);
    assert_string_equal(flows_told(&dealers->one), "accepted");
    expect_findings(dealers, 0, "");
}

/* ---- recalls of what comes ---- */

enum { RECALLS = 1200, FEW = 40 };

static void tell_recalls(struct dealers *dealers, int first, int count, const char *serial)
{
    char *feed = NULL;
    size_t len;
    FILE *out = open_memstream(&feed, &len);
    for (int i = first; i < first + count; i++)
        fprintf(out, "{\"type\":\"recall\",\"id\":\"M-%d\",\"product\":\"B\",\"codes\":[\"" ITEM("%s") "\"]}\n", i,
                serial);
    fclose(out);
    server_world_tell(&dealers->world, feed);
    free(feed);
}

static int count_recalls(const json_t *page)
{
    size_t i;
    json_t *line;
    int count = 0;
    json_array_foreach(page, i, line) count +=
        strcmp(json_string_value(json_object_get(line, "type")), "recall") == 0 && !json_object_get(line, "gone");
    return count;
}

/* A bottle that many recalls name comes to the dealer: all of them are told, however full the page was before it. */
static void every_recall_is_told_with_its_code(void **state)
{
    struct dealers *dealers = *state;
    tell_recalls(dealers, 0, FEW, "OWN-FOREIGN");
    json_decref(dealers_pull(&dealers->one, NULL));
    dealers_ship(dealers, "own:1", ITEM("OWN-FOREIGN"), "party:D-1");
    json_t *page = dealers_pull(&dealers->one, NULL);
    assert_int_equal(count_recalls(page), FEW);
    json_decref(page);
    /* most of a page, then the bottle */
    tell_recalls(dealers, FEW, 900, "CASED1");
    tell_recalls(dealers, FEW + 900, RECALLS - 900, "CASED2");
    json_decref(dealers_pull(&dealers->one, NULL));
    dealers_ship(dealers, "own:2", SSCC_1, "party:D-1");
    page = dealers_pull(&dealers->one, NULL);
    assert_int_equal(count_recalls(page), RECALLS);
    json_decref(page);
}

static void sell(struct dealers *dealers, const char *doc, const char *key, const char *to, const char *scan)
{
    char more[200];
    snprintf(more, sizeof more, ",\"from\":\"site:DS1\",\"to\":\"%s\",\"lines\":[]", to);
    flows_open(&dealers->one, doc, "dealer-out", more);
    flows_scan(&dealers->one, doc, "dealer-out", key, scan);
    flows_complete(&dealers->one, doc, "dealer-out", "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
}

static void expect_used(struct dealers *dealers, const char *until, const char *qty)
{
    dealers->two.cursor[0] = '\0';
    json_t *page = dealers_pull(&dealers->two, NULL);
    assert_string_equal(text(page_find(page, "permit", "until", until), "used"), qty);
    json_decref(page);
}

#define PERMIT(qty, until)                                                                                           \
    "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\",\"qty\":\"" qty "\",\"until\":\"" until  \
    "\"}\n"

static void a_renewed_permit_has_its_own_use_and_gets_it_back(void **state)
{
    struct dealers *dealers = *state;
    server_world_tell(&dealers->world, PERMIT("1", "2098-12-31") PERMIT("5", "2099-12-31") PERMIT("9", "2020-12-31")
                                           CODE(ITEM("MINE3"), "\"product\":\"B\",\"holder\":\"site:DS1\"")
                                               CODE(ITEM("MINE4"), "\"product\":\"B\",\"holder\":\"site:DS1\""));
    sell(dealers, "own:1", ITEM("MINE3"), "party:D-2", "");
    sell(dealers, "own:2", ITEM("MINE4"), "party:D-2", "");
    expect_used(dealers, "2098-12-31", "1");
    expect_used(dealers, "2099-12-31", "1");
    expect_used(dealers, "2020-12-31", "");
    flows_open(&dealers->one, "own:3", "return", ",\"from\":\"party:D-2\",\"to\":\"unknown\",\"lines\":[]");
    flows_scan(&dealers->one, "own:3", "return", ITEM("MINE3"),
               ",\"reason\":\"wrong-holder\",\"severity\":\"accept\"");
    flows_complete(&dealers->one, "own:3", "return", "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    expect_used(dealers, "2098-12-31", "");
    expect_used(dealers, "2099-12-31", "1");
    flows_open(&dealers->one, "own:4", "void", ",\"from\":\"unknown\",\"to\":\"party:D-2\",\"lines\":[]");
    flows_scan(&dealers->one, "own:4", "void", ITEM("MINE4"), "");
    flows_complete(&dealers->one, "own:4", "void", "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    expect_used(dealers, "2099-12-31", "");
    /* a void of what others have sent is none of its business */
    dealers_ship(dealers, "own:5", ITEM("OWN-FOREIGN"), "party:D-2");
    flows_open(&dealers->one, "own:6", "void", ",\"from\":\"unknown\",\"to\":\"party:D-2\",\"lines\":[]");
    flows_scan(&dealers->one, "own:6", "void", ITEM("OWN-FOREIGN"), "");
    assert_string_equal(flows_told(&dealers->one), "wrong-holder");
    /* a case goes, and one of it comes back */
    server_world_tell(&dealers->world, CODE(SSCC_1, "\"level\":1,\"holder\":\"site:DS1\""));
    sell(dealers, "own:7", SSCC_1, "party:D-2",
         ",\"product\":\"B\",\"qty\":\"2\",\"alloc\":[{\"line\":\"\",\"product\":\"B\",\"qty\":\"2\"}]");
    expect_used(dealers, "2098-12-31", "1");
    expect_used(dealers, "2099-12-31", "1");
    flows_open(&dealers->one, "own:8", "return", ",\"from\":\"party:D-2\",\"to\":\"unknown\",\"lines\":[]");
    flows_scan(&dealers->one, "own:8", "return", ITEM("CASED2"),
               ",\"reason\":\"wrong-holder\",\"severity\":\"accept\"");
    flows_complete(&dealers->one, "own:8", "return", "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    expect_used(dealers, "2098-12-31", "1");
    expect_used(dealers, "2099-12-31", "");
    /* taken away: only the one that was named */
    server_world_tell(&dealers->world, "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\","
                                       "\"until\":\"2098-12-31\",\"gone\":true}\n");
    json_t *page = dealers_pull(&dealers->two, NULL);
    assert_true(json_is_true(json_object_get(page_find(page, "permit", "until", "2098-12-31"), "gone")));
    assert_null(page_find(page, "permit", "until", "2099-12-31"));
    json_decref(page);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_on_the_way_comes_in),
        TEST(short_extra_and_damaged_are_reported),
        TEST(what_comes_before_the_books_waits_for_them),
        TEST(what_waits_may_be_sold_on),
        TEST(the_feed_may_bring_it),
        TEST(what_went_to_another_is_a_conflict),
        TEST(somebody_may_rule),
        TEST(what_leaves_a_case_that_waits_is_gone),
        TEST(what_waits_may_be_deleted),
        TEST(what_was_undone_waits_no_more),
        TEST(the_books_may_come_before_it_is_completed),
        TEST(what_the_owner_has_is_not_sold),
        TEST(anothers_goods_are_kept_apart),
        TEST(a_dealer_gives_back_from_its_site),
        TEST(without_a_permit_is_a_finding),
        TEST(to_anothers_shop_is_a_finding_too),
        TEST(what_was_shipped_in_time_may_be_told_late),
        TEST(every_recall_is_told_with_its_code),
        TEST(a_renewed_permit_has_its_own_use_and_gets_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
