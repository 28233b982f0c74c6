/* Documents of one's own: who may start them, what their fields say, which lines they get; and practice. */
#include "platform/clock.h"
#include "tests/unit/flow_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct document *document_of(struct engine_world *world, const char *no)
{
    struct document *document;
    assert_int_equal(engine_document(world->engine, no, &document), RC_OK);
    return document;
}

/* ---- flows ---- */

struct names {
    char text[512];
};

static bool add_name(void *context, const struct flow *flow)
{
    struct names *names = context;
    size_t len = strlen(names->text);
    snprintf(names->text + len, sizeof names->text - len, "%s ", flow->name);
    return true;
}

static void flows_are_those_of_the_role(void **state)
{
    struct engine_world *world = *state;
    struct names names = {""};
    assert_int_equal(engine_flows(world->engine, add_name, &names), RC_OK);
    assert_string_equal(names.text, "outbound receipt pack unpack replace transfer return count recall scrap sample "
                                    "relabel cold-receipt ");
    flow_sign_in(world, "li", "13572468");
    names.text[0] = '\0';
    assert_int_equal(engine_flows(world->engine, add_name, &names), RC_OK);
    assert_string_equal(names.text, "outbound receipt pack unpack replace transfer return void count recall baseline "
                                    "late-entry scrap sample relabel inspect cold-receipt ");
    assert_int_equal(engine_sign_out(world->engine), RC_OK);
    names.text[0] = '\0';
    assert_int_equal(engine_flows(world->engine, add_name, &names), RC_OK);
    assert_string_equal(names.text, "");
}

static void a_flow_is_the_feeds_word(void **state)
{
    struct engine_world *world = *state;
    const struct flow *flow = engine_flow(world->engine, "cold-receipt");
    assert_non_null(flow);
    assert_string_equal(flow->base, "receipt");
    assert_int_equal(flow->field_count, 1);
    engine_world_tell(world,
                      "{\"type\":\"flow\",\"id\":\"cold-receipt\",\"base\":\"receipt\",\"near_expiry_days\":9}\n");
    const struct flow *again = engine_flow(world->engine, "cold-receipt");
    assert_ptr_equal(again, flow); /* who holds it sees the new one */
    assert_int_equal(again->near_expiry_days, 9);
    engine_world_tell(world, "{\"type\":\"flow\",\"id\":\"cold-receipt\",\"gone\":true}\n");
    assert_null(engine_flow(world->engine, "cold-receipt"));
    assert_null(engine_flow(world->engine, "nonsense"));
    assert_non_null(engine_flow(world->engine, "outbound"));
}

static void a_flow_is_started_by_its_role(void **state)
{
    struct engine_world *world = *state;
    const char *field = NULL;
    assert_int_equal(flow_try_start(world, "outbound", NULL, NULL, &field), RC_REFUSED);
    assert_int_equal(flow_try_start(world, "baseline", NULL, NULL, &field), RC_REFUSED);
    assert_int_equal(flow_try_start(world, "nonsense", NULL, NULL, &field), RC_NOT_FOUND);
    int64_t before = engine_world_last(world);
    assert_int_equal(engine_sign_out(world->engine), RC_OK);
    assert_int_equal(flow_try_start(world, "receipt", NULL, NULL, &field), RC_REFUSED);
    assert_int_equal(engine_world_last(world), before + 1);
}

/* ---- fields ---- */

static void fields_are_what_the_flow_asks_for(void **state)
{
    struct engine_world *world = *state;
    const char *field = "";
    int64_t before = engine_world_last(world);
    assert_int_equal(flow_try_start(world, "transfer", NULL, NULL, &field), RC_FIELD_MISSING);
    assert_string_equal(field, "to");
    assert_int_equal(flow_try_start(world, "transfer", "to=NOWHERE", NULL, &field), RC_NOT_FOUND);
    assert_string_equal(field, "to");
    assert_int_equal(flow_try_start(world, "transfer", "to=CDB", NULL, &field), RC_BAD_INPUT);
    assert_int_equal(flow_try_start(world, "transfer", "to=transit:site:RDB", NULL, &field), RC_BAD_INPUT);
    assert_int_equal(flow_try_start(world, "transfer", "colour=red", NULL, &field), RC_BAD_INPUT);
    assert_string_equal(field, "colour");
    assert_int_equal(flow_try_start(world, "scrap", "reason=bored", NULL, &field), RC_BAD_INPUT);
    assert_string_equal(field, "reason");
    assert_int_equal(engine_world_last(world), before); /* nothing of it is journaled */
}

static void a_document_of_ones_own(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "transfer", "to=RDB", NULL);
    char expected[ID_MAX + 1];
    snprintf(expected, sizeof expected, "TR-0-%d", (int)engine_world_last(world));
    assert_string_equal(no, expected);
    snprintf(expected, sizeof expected, "own:0-1-%d", (int)engine_world_last(world));
    struct document *document = document_of(world, no);
    assert_string_equal(document->doc, expected);
    assert_true(document->own);
    assert_int_equal(document->state, DOCUMENT_OPEN);
    assert_int_equal(document->line_count, 0);
    assert_int_equal(document->to.kind, HOLDER_SITE);
    assert_string_equal(document->to.id, "RDB");
    assert_string_equal(document->to_name, "区域库");
    assert_string_equal(document->from.id, "CDB");
    assert_string_equal(document->site, "CDB");
    assert_string_equal(document_field(document, "to"), "RDB");
    document_free(document);
    engine_world_verify(world);
}

static void presets_and_holders(void **state)
{
    struct engine_world *world = *state;
    struct document *document = document_of(world, flow_start(world, "unpack", NULL));
    assert_string_equal(document_field(document, "mode"), "out");
    document_free(document);
    document = document_of(world, flow_start(world, "receipt", "from=party:D-1", NULL));
    assert_int_equal(document->from.kind, HOLDER_PARTY);
    assert_int_equal(document->to.kind, HOLDER_SITE);
    document_free(document);
    document = document_of(world, flow_start(world, "return", "from=D-1", NULL));
    assert_int_equal(document->from.kind, HOLDER_PARTY);
    assert_string_equal(document->from.id, "D-1");
    document_free(document);
}

static void a_value_outside_its_limits_needs_a_supervisor(void **state)
{
    struct engine_world *world = *state;
    const char *field = "";
    engine_world_tell(
        world,
        "{\"type\":\"flow\",\"id\":\"cold-receipt\",\"base\":\"receipt\",\"fields\":[{\"name\":\"temperature\","
        "\"kind\":\"number\",\"at\":\"start\",\"required\":true,\"min\":\"2\",\"max\":\"8\"}]}\n");
    assert_int_equal(flow_try_start(world, "cold-receipt", NULL, NULL, &field), RC_FIELD_MISSING);
    assert_int_equal(flow_try_start(world, "cold-receipt", "temperature=warm", NULL, &field), RC_BAD_INPUT);
    assert_int_equal(flow_try_start(world, "cold-receipt", "temperature=9", NULL, &field), RC_FIELD_LIMIT);
    assert_string_equal(field, "temperature");
    assert_int_equal(flow_try_start(world, "cold-receipt", "temperature=9", "li", &field), RC_OK);
    assert_int_equal(flow_try_start(world, "cold-receipt", "temperature=8", NULL, &field), RC_OK);
    /* where it comes from stays what a receipt means by it */
    assert_int_equal(flow_try_start(world, "cold-receipt", "from=D-1", NULL, &field), RC_FIELD_MISSING);
    assert_string_equal(field, "temperature");
}

/* ---- lines ---- */

static void a_count_has_what_the_books_have(void **state)
{
    struct engine_world *world = *state;
    const char *field = "";
    struct document *document = document_of(world, flow_start(world, "count", NULL));
    assert_int_equal(document->line_count, 0);
    document_free(document);
    document = document_of(world, flow_start(world, "count", "product=D", NULL));
    assert_int_equal(document->line_count, 1);
    assert_int_equal(document->lines[0].qty, 40 * QTY_ONE);
    document_free(document);
    document = document_of(world, flow_start(world, "count", "product=" B_CLASS, NULL));
    assert_int_equal(document->line_count, 3); /* L1, LQ, LR */
    assert_string_equal(document->lines[0].lot, "L1");
    assert_int_equal(document->lines[0].qty, 14 * QTY_ONE);
    assert_string_equal(document_field(document, "product"), "B");
    document_free(document);
    document = document_of(world, flow_start(world, "count", "product=B", "lot=LR", NULL));
    assert_int_equal(document->line_count, 1);
    assert_int_equal(document->lines[0].qty, 2 * QTY_ONE);
    document_free(document);
    document = document_of(world, flow_start(world, "count", "product=B", "lot=NONE", NULL));
    assert_int_equal(document->line_count, 1);
    assert_int_equal(document->lines[0].qty, 0);
    document_free(document);
    assert_int_equal(flow_try_start(world, "count", "product=X", NULL, &field), RC_NOT_FOUND);
    assert_int_equal(flow_try_start(world, "count", "lot=L1", NULL, &field), RC_BAD_INPUT);
}

static void a_recall_has_what_its_notice_covers(void **state)
{
    struct engine_world *world = *state;
    const char *field = "";
    struct document *document = document_of(world, flow_start(world, "recall", "notice=R-7", NULL));
    assert_int_equal(document->line_count, 1);
    assert_string_equal(document->lines[0].product, "B");
    assert_string_equal(document->lines[0].lot, "LR");
    assert_int_equal(document->lines[0].qty, 2 * QTY_ONE);
    document_free(document);
    assert_int_equal(flow_try_start(world, "recall", "notice=R-8", NULL, &field), RC_NOT_FOUND);
    assert_string_equal(field, "notice");
    assert_int_equal(flow_try_start(world, "recall", NULL, NULL, &field), RC_FIELD_MISSING);
}

static void what_was_sent_can_be_taken_back(void **state)
{
    struct engine_world *world = *state;
    const char *field = "";
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    engine_world_expect(world, "SO-1", ITEM("S2"), "ok", "accept");
    flow_sign_in(world, "li", "13572468");
    assert_int_equal(flow_try_start(world, "void", "of=SO-1", NULL, &field), RC_NOT_FOUND); /* not yet completed */
    assert_string_equal(field, "of");
    assert_int_equal(flow_try_complete(world, "SO-1", &(struct completion){.short_reason = "stock"}), RC_OK);
    struct document *document = document_of(world, flow_start(world, "void", "of=SO-1", NULL));
    assert_int_equal(document->line_count, 1);
    assert_string_equal(document->lines[0].product, "B");
    assert_int_equal(document->lines[0].qty, 2 * QTY_ONE);
    assert_string_equal(document->to.id, "D-1");
    document_free(document);
    const char *receipt = flow_start(world, "receipt", NULL);
    flow_complete(world, receipt);
    char of[ID_MAX + 8];
    snprintf(of, sizeof of, "of=%s", receipt);
    assert_int_equal(flow_try_start(world, "void", of, NULL, &field), RC_REFUSED); /* nothing was sent */
}

/* ---- the context line ---- */

static void a_context_line_is_a_known_product(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"learn\",\"enforce\":[]}\n");
    char doc[DOC_MAX + 1];
    snprintf(doc, sizeof doc, "%s", flow_doc(world, "SO-1"));
    assert_int_equal(engine_set_context(world->engine, doc, "X", ""), RC_NOT_FOUND);
    assert_int_equal(engine_set_context(world->engine, doc, "B", "L1"), RC_OK);
    struct document *document = document_of(world, "SO-1");
    assert_string_equal(document->context_product, "B");
    assert_string_equal(document->context_lot, "L1");
    document_free(document);
    engine_world_tell(world, "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\",\"enforce\":[]}\n");
    assert_int_equal(engine_set_context(world->engine, doc, "B", "L1"), RC_REFUSED);
    engine_world_verify(world);
}

/* ---- practice ---- */

static struct engine *open_practice(struct engine_world *world)
{
    struct engine *engine;
    struct engine_options options = {.dir = world->dir,
                                     .what = "practice",
                                     .site = "CDB",
                                     .clock = clock_pinned(1795305600000, 480),
                                     .practice = true};
    assert_int_equal(engine_open(&options, &engine, NULL), RC_OK);
    assert_true(engine_is_practice(engine));
    return engine;
}

static void practice_works_on_data_of_its_own(void **state)
{
    struct engine_world *world = *state;
    int64_t before = engine_world_last(world);
    engine_world_refuse(world, (const int64_t[]){2, 3, 4, 5, 0});
    engine_world_page(world, before, "");
    struct engine *engine = open_practice(world); /* beside the real one */
    struct engine_world practice = {.engine = engine, .mono_ns = 1};
    assert_int_equal(engine_sign_in(engine, "wang", "2468", NULL), RC_OK);
    for (int i = 1; i < 4; i++) {
        char key[40];
        snprintf(key, sizeof key, ITEM("S%d"), i);
        engine_world_expect(&practice, "SO-1", key, "ok", "accept"); /* no refusal of the real journal counts here */
        engine_world_expect(&practice, "SO-1", key, "duplicate", "reject");
    }
    flow_complete(&practice, "SO-1");
    engine_close(engine);
    assert_int_equal(engine_world_last(world), before);
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    assert_false(engine_is_practice(world->engine));
}

static void practice_follows_the_catalog(void **state)
{
    struct engine_world *world = *state;
    struct document *document;
    engine_close(open_practice(world));
    engine_world_tell(world, "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"new\",\"no\":\"SO-9\",\"flow\":"
                             "\"outbound\",\"state\":\"open\","
                             "\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"lines\":[]}\n");
    struct engine *engine = open_practice(world);
    assert_int_equal(engine_document(engine, "SO-9", &document), RC_OK);
    document_free(document);
    assert_int_equal(engine_lock_idle_s(engine), 300);
    engine_close(engine);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, flow_world_open, flow_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(flows_are_those_of_the_role),
        TEST(a_flow_is_the_feeds_word),
        TEST(a_flow_is_started_by_its_role),
        TEST(fields_are_what_the_flow_asks_for),
        TEST(a_document_of_ones_own),
        TEST(presets_and_holders),
        TEST(a_value_outside_its_limits_needs_a_supervisor),
        TEST(a_count_has_what_the_books_have),
        TEST(a_recall_has_what_its_notice_covers),
        TEST(what_was_sent_can_be_taken_back),
        TEST(a_context_line_is_a_known_product),
        TEST(practice_works_on_data_of_its_own),
        TEST(practice_follows_the_catalog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
