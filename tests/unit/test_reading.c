/* The order of understanding, on a device: what the catalog knows by its text, patterns, AIM id, shape; and labels whose
 * symbols are scanned one after the other. */
#include "app/catalog/reading.h"
#include "tests/unit/engine_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* clang-format off */
static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"中心库\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"蓉城商贸\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Pump seal kit\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\",\"control\":\"none\",\"pack\":[]}\n"
    "{\"type\":\"product\",\"id\":\"W\",\"name\":\"陈酿\",\"gtin\":[],\"unit\":\"u\",\"control\":\"item\",\"pack\":[]}\n"
    "{\"type\":\"code\",\"code\":\"6901234567892\",\"product\":\"W\",\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"plain:wine:X-1\",\"product\":\"W\",\"holder\":\"site:CDB\",\"aliases\":[\"https://id.example.cn/01/123\",\"SF1234567890123\"]}\n"
    "{\"type\":\"code\",\"code\":\"plain:cap:0123456789012345\",\"product\":\"W\",\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"pattern\",\"id\":\"cap-code\",\"match\":\"^https?://t\\\\.example\\\\.cn/c/([0-9]{16})$\",\"key\":\"plain:cap:{1}\",\"product\":\"W\"}\n"
    "{\"type\":\"pattern\",\"id\":\"parcel\",\"match\":\"^DPK[0-9]{8}$\",\"key\":\"not-goods\",\"product\":null}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,1\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D-1\","
    "\"lines\":[{\"line\":\"1\",\"product\":\"W\",\"qty\":\"9\",\"tolerance\":\"0\"},{\"line\":\"2\",\"product\":\"B\",\"qty\":\"100\",\"tolerance\":\"0\"}]}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,2\",\"no\":\"SO-2\",\"flow\":\"outbound\",\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D-1\","
    "\"lines\":[{\"line\":\"1\",\"product\":\"B\",\"qty\":\"100\",\"tolerance\":\"0\"}]}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"王芳\",\"role\":\"clerk\",\"site\":\"CDB\",\"pin\":\"2468\"}\n"
    "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\",\"enforce\":[],\"start\":null}\n";
/* clang-format on */

static int set_up(void **state)
{
    struct engine_world *world = calloc(1, sizeof *world);
    engine_world_open(world, FEED);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    engine_world_close(*state);
    free(*state);
    return 0;
}

static const char *key_of(struct engine_world *world, const char *text)
{
    return engine_world_scan(world, "SO-1", text, 0)->facts.key;
}

static void an_exact_match_goes_first(void **state)
{
    struct engine_world *world = *state;
    assert_string_equal(key_of(world, "6901234567892"), "plain:6901234567892");
    /* even when the carrier says what else it is, or the text is malformed or no goods */
    assert_string_equal(key_of(world, "]E06901234567892"), "plain:6901234567892");
    assert_string_equal(key_of(world, "https://id.example.cn/01/123"), "plain:wine:X-1");
    assert_string_equal(key_of(world, "SF1234567890123"), "plain:wine:X-1");
    engine_world_expect(world, "SO-1", "https://id.example.cn/01/124", "malformed", "reject");
    engine_world_expect(world, "SO-1", "SF1234567890124", "not-goods", "reject");
    engine_world_expect(world, "SO-1", "]Q1", "malformed", "reject");
}

static void a_private_number_is_no_gtin(void **state)
{
    struct engine_world *world = *state;
    assert_string_equal(key_of(world, "5901234123457"), "(01)05901234123457"); /* the catalog has that product */
    assert_string_equal(key_of(world, "4006381333931"), "plain:4006381333931");
    assert_string_equal(key_of(world, "]C04006381333931"), "plain:4006381333931");
    assert_string_equal(key_of(world, "]E04006381333931"), "(01)04006381333931"); /* EAN-13 says so itself */
    engine_world_expect(world, "SO-1", "4006381333932", "unknown-code", "reject");
}

static void a_pattern_says_what_a_link_is(void **state)
{
    struct engine_world *world = *state;
    struct outcome *outcome = engine_world_scan(world, "SO-1", "]Q1https://t.example.cn/c/0123456789012345", 0);
    assert_string_equal(outcome->facts.key, "plain:cap:0123456789012345");
    assert_int_equal(outcome->verdict.reason, REASON_OK);
    assert_string_equal(outcome->code.pattern, "cap-code");
    assert_int_equal(strlen(outcome->code.pattern_version), 16);
    char version[17];
    memcpy(version, outcome->code.pattern_version, sizeof version);
    /* another code of the pattern: its product is known, its registration is not */
    outcome = engine_world_scan(world, "SO-1", "http://t.example.cn/c/9999999999999999", 0);
    assert_string_equal(outcome->facts.key, "plain:cap:9999999999999999");
    assert_string_equal(outcome->facts.product.id, "W");
    assert_int_equal(outcome->verdict.reason, REASON_UNREGISTERED);
    engine_world_expect(world, "SO-1", "DPK12345678", "not-goods", "reject");
    /* told anew: another version, read at once */
    engine_world_tell(world, "{\"type\":\"pattern\",\"id\":\"cap-code\",\"match\":\"^https?://t\\\\.example\\\\.cn/"
                             "c/([0-9]{16})$\",\"key\":\"plain:lid:{1}\"}\n");
    outcome = engine_world_scan(world, "SO-1", "http://t.example.cn/c/9999999999999999", 0);
    assert_string_equal(outcome->facts.key, "plain:lid:9999999999999999");
    assert_string_not_equal(outcome->code.pattern_version, version);
    engine_world_tell(world, "{\"type\":\"pattern\",\"id\":\"cap-code\",\"gone\":true}\n");
    assert_string_equal(key_of(world, "http://t.example.cn/c/9999999999999999"),
                        "plain:http://t.example.cn/c/9999999999999999");
}

static void a_bad_pattern_is_refused(void **state)
{
    (void)state;
    static const char LINE[] = "{\"type\":\"pattern\",\"id\":\"x\",\"match\":\"^(a\",\"key\":\"plain:{1}\"}";
    struct feed_item item;
    struct feed_error error = {0};
    assert_int_equal(feed_parse(LINE, strlen(LINE), &item, &error, NULL), RC_BAD_INPUT);
    assert_non_null(strstr(error.text, "match"));
}

static void a_contents_label_goes_to_the_next_unit(void **state)
{
    struct engine_world *world = *state;
    int64_t label = engine_world_expect(world, "SO-1",
                                        "]C1020590123412345710LB-7\x1d"
                                        "3712",
                                        "need-sscc", "reject");
    struct outcome *outcome = engine_world_scan(world, "SO-1", "]C100069012340000000030", 0);
    assert_string_equal(outcome->facts.key, "(00)069012340000000030");
    assert_string_equal(outcome->facts.product.id, "B");
    assert_string_equal(outcome->facts.lot.id, "LB-7");
    assert_int_equal(outcome->verdict.qty, 12 * QTY_ONE);
    assert_true(label > 0);
    int64_t seq = outcome->seq;
    struct code *code = malloc(sizeof *code);
    assert_int_equal(store_tally_code(engine_store(world->engine), seq, code), RC_OK);
    assert_string_equal(code->lot, "LB-7"); /* read again from the journal */
    free(code);
    /* used up: the unit after it is a unit of which nothing is known */
    outcome = engine_world_scan(world, "SO-1", "]C100069012340000000047", 0);
    assert_false(outcome->facts.product_known);
}

/* The program ends, or the battery is empty, between a label's symbols. */
static void a_label_survives_a_restart(void **state)
{
    struct engine_world *world = *state;
    int64_t label = engine_world_expect(world, "SO-1",
                                        "]C1020590123412345710LB-7\x1d"
                                        "3712",
                                        "need-sscc", "reject");
    engine_world_reopen(world);
    engine_world_scan(world, "SO-1", "6901234567892", 0); /* something else first */
    engine_world_reopen(world);
    struct outcome *outcome = engine_world_scan(world, "SO-1", "]C100069012340000000030", 0);
    assert_string_equal(outcome->facts.product.id, "B");
    assert_string_equal(outcome->facts.lot.id, "LB-7");
    assert_int_equal(outcome->verdict.qty, 12 * QTY_ONE);
    struct code *code = malloc(sizeof *code);
    assert_int_equal(store_tally_code(engine_store(world->engine), outcome->seq, code), RC_OK);
    assert_string_equal(code->lot, "LB-7");
    free(code);
    assert_true(label > 0);
    /* used up: not the next unit's too */
    engine_world_reopen(world);
    assert_false(engine_world_scan(world, "SO-1", "]C100069012340000000047", 0)->facts.product_known);
    /* nor another document's */
    engine_world_expect(world, "SO-1", "]C102059012341234573712", "need-sscc", "reject");
    engine_world_reopen(world);
    assert_false(engine_world_scan(world, "SO-2", "]C100069012340000000061", 0)->facts.product_known);
}

static void a_label_stays_with_its_document(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", "]C102059012341234573712", "need-sscc", "reject");
    assert_false(engine_world_scan(world, "SO-2", "]C100069012340000000030", 0)->facts.product_known);
    /* a unit that tells its own contents is left as it is */
    engine_world_expect(world, "SO-1", "]C102059012341234573712", "need-sscc", "reject");
    struct outcome *outcome = engine_world_scan(world, "SO-1", "]C10006901234000000004702059012341234573748", 0);
    assert_int_equal(outcome->verdict.qty, 48 * QTY_ONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_exact_match_goes_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_private_number_is_no_gtin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pattern_says_what_a_link_is, set_up, tear_down),
        cmocka_unit_test(a_bad_pattern_is_refused),
        cmocka_unit_test_setup_teardown(a_contents_label_goes_to_the_next_unit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_label_survives_a_restart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_label_stays_with_its_document, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
