/* What an undo leaves of codes that nobody had told of, and of what was taken from another document. */
#include "tests/unit/flow_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NEW                 ITEM("N1")
#define LEARN               "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"learn\"}\n"
#define A1_OUT              "{\"type\":\"code\",\"code\":\"" ITEM("A1") "\",\"in\":null,\"holder\":\"site:CDB\"}\n"
#define X1_IN_CASE          "{\"type\":\"code\",\"code\":\"X1\",\"in\":\"(00)069012340000000016\"}\n"
#define IN_LABEL(serial)    "{\"type\":\"code\",\"code\":\"" ITEM(serial) "\",\"in\":\"(00)069012340000000047\"}\n"
#define NO_CONTAINER        "{\"type\":\"code\",\"code\":\"(00)069012340000000047\",\"holder\":\"site:CDB\"}\n"
#define TOLD(code, members) "{\"type\":\"code\",\"code\":\"" code "\",\"product\":\"B\",\"lot\":\"L1\"" members "}\n"

static bool is_known(struct engine_world *world, const char *key)
{
    struct facts facts;
    flow_facts(world, key, &facts);
    return facts.code_known;
}

static const char *reserved_by(struct engine_world *world, const char *key)
{
    static char doc[DOC_MAX + 1];
    struct facts facts;
    flow_facts(world, key, &facts);
    memcpy(doc, facts.other_document, sizeof doc);
    return doc;
}

static void what_a_scan_taught_goes_with_it(void **state)
{
    struct engine_world *world = *state;
    const char *receipt = flow_start(world, "receipt", NULL), *count = flow_start(world, "count", NULL);
    int64_t first = engine_world_expect(world, receipt, NEW, "unregistered", "warn");
    int64_t second = engine_world_expect(world, count, NEW, "ok", "accept");
    assert_true(is_known(world, NEW));
    assert_int_equal(flow_undo(world, receipt, first), RC_OK);
    assert_false(is_known(world, NEW)); /* the second found it known, and says nothing of its own */
    assert_int_equal(flow_undo(world, count, second), RC_OK);
    assert_false(is_known(world, NEW));
    engine_world_expect(world, receipt, NEW, "unregistered", "warn");
    assert_true(is_known(world, NEW));
    engine_world_verify(world);
}

static void what_the_server_took_over_is_hidden(void **state)
{
    struct engine_world *world = *state;
    const char *receipt = flow_start(world, "receipt", NULL);
    int64_t seq = engine_world_expect(world, receipt, NEW, "unregistered", "warn");
    engine_world_page(world, engine_world_last(world), TOLD(NEW, ""));
    assert_int_equal(flow_undo(world, receipt, seq), RC_OK);
    assert_false(is_known(world, NEW));
}

/* It comes again, an item this time, and is nothing but what is read of it now. */
static void what_was_hidden_is_learned_anew(void **state)
{
    struct engine_world *world = *state;
    struct facts facts;
    const char *receipt = flow_start(world, "receipt", NULL);
    int64_t seq = engine_world_expect(world, receipt, NEW, "unregistered", "warn");
    engine_world_page(world, engine_world_last(world), TOLD(NEW, ",\"level\":1"));
    flow_facts(world, NEW, &facts);
    assert_string_equal(facts.lot.id, "L1");
    assert_true(facts.container);
    assert_int_equal(flow_undo(world, receipt, seq), RC_OK);
    engine_world_expect(world, receipt, NEW, "unregistered", "warn");
    flow_facts(world, NEW, &facts);
    assert_true(facts.code_known);
    assert_string_equal(facts.lot.id, "");
    assert_false(facts.container);
    assert_int_equal(facts.level, 0);
    assert_int_equal(facts.holder.kind, HOLDER_UNKNOWN);
    assert_string_equal(facts.parent, "");
    engine_world_verify(world);
}

static void what_became_of_a_code_stays_known(void **state)
{
    static const char *const fates[] = {TOLD(NEW, ",\"state\":\"void\""), TOLD(NEW, ",\"holder\":\"party:D-1\""),
                                        TOLD(NEW, ",\"in\":\"(00)069012340000000016\""),
                                        TOLD(ITEM("N2"), ",\"in\":\"" NEW "\"") TOLD(NEW, "")};
    struct engine_world *world = *state;
    const char *receipt = flow_start(world, "receipt", NULL);
    for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++) {
        int64_t seq = engine_world_expect(world, receipt, NEW, "unregistered", "warn");
        engine_world_page(world, engine_world_last(world), fates[i]);
        assert_int_equal(flow_undo(world, receipt, seq), RC_OK);
        assert_true(is_known(world, NEW));
        engine_world_page(world, engine_world_last(world),
                          "{\"type\":\"code\",\"code\":\"" NEW "\",\"gone\":true}\n");
    }
}

/* A1's place in the case is X1's; answers the record. */
static int64_t replace_by_nameless(struct engine_world *world, const char *no)
{
    engine_world_expect(world, no, ITEM("A1"), "ok", "accept");
    int64_t seq = engine_world_expect(world, no, "X1", "unknown-code", "warn");
    flow_expect_in(world, "X1", CASE);
    return seq;
}

static void a_nameless_code_is_known_by_its_container(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, LEARN);
    const char *no = flow_start(world, "replace", NULL);
    int64_t seq = replace_by_nameless(world, no);
    engine_world_page(world, engine_world_last(world), X1_IN_CASE A1_OUT);
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    assert_false(is_known(world, "X1"));
    engine_world_verify(world);
}

static void taken_out_it_is_known_still(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, LEARN);
    const char *no = flow_start(world, "replace", NULL);
    replace_by_nameless(world, no);
    flow_complete(world, no);
    no = flow_start(world, "unpack", "mode=out", NULL);
    engine_world_expect(world, no, "X1", "ok", "accept");
    flow_expect_in(world, "X1", "");
    assert_true(is_known(world, "X1"));
    engine_world_verify(world);
}

/* It went along with its case, and then something happened to it alone. */
static void taken_out_it_is_where_the_case_brought_it(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, "{\"type\":\"code\",\"code\":\"(00)069012340000000016\",\"level\":1,"
                             "\"holder\":\"transit:site:CDB\"}\n");
    const char *no = flow_start(world, "receipt", NULL);
    engine_world_expect(world, no, CASE, "ok", "accept");
    flow_complete(world, no);
    flow_expect_at(world, ITEM("A1"), "site:CDB");
    no = flow_start(world, "transfer", "to=RDB", NULL);
    int64_t seq = engine_world_expect(world, no, ITEM("A1"), "ok", "accept");
    assert_int_equal(engine_exchange(world->engine, flow_doc(world, no), seq), RC_OK);
    flow_expect_in(world, ITEM("A1"), CASE);
    no = flow_start(world, "unpack", "mode=out", NULL);
    engine_world_expect(world, no, ITEM("A1"), "void-code", "accept");
    flow_expect_in(world, ITEM("A1"), "");
    flow_expect_at(world, ITEM("A1"), "site:CDB");
    flow_expect_state(world, ITEM("A1"), STATE_DAMAGED);
    engine_world_verify(world);
}

/* It is on the receipt still, whatever a count took it for. */
static void what_is_in_hand_stays_known(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, LEARN);
    const char *receipt = flow_start(world, "receipt", NULL), *count = flow_start(world, "count", NULL);
    engine_world_expect(world, receipt, "X1", "unknown-code", "warn");
    assert_int_equal(engine_set_context(world->engine, flow_doc(world, count), "B", "L1"), RC_OK);
    int64_t seq = engine_world_expect(world, count, "X1", "unregistered", "warn");
    assert_int_equal(flow_undo(world, count, seq), RC_OK);
    assert_true(is_known(world, "X1"));
    assert_string_equal(reserved_by(world, "X1"), flow_doc(world, receipt));
    engine_world_verify(world);
}

/* Nobody knew where it was before; out of the case it is where the case was. */
static void taken_out_it_is_where_the_case_was(void **state)
{
    struct engine_world *world = *state;
    engine_world_tell(world, LEARN TOLD(NEW, "") TOLD(ITEM("N2"), "") TOLD(ITEM("N3"), ""));
    const char *no = flow_start(world, "pack", NULL);
    engine_world_expect(world, no, LABEL, "ok", "accept");
    engine_world_expect(world, no, ITEM("S1"), "ok", "accept");
    engine_world_expect(world, no, NEW, "ok", "accept");
    engine_world_expect(world, no, ITEM("N2"), "ok", "accept");
    engine_world_expect(world, no, ITEM("N3"), "ok", "accept");
    flow_complete(world, no);
    flow_expect_at(world, NEW, "site:CDB");
    no = flow_start(world, "unpack", "mode=empty", NULL);
    int64_t seq = engine_world_expect(world, no, LABEL, "ok", "accept");
    flow_expect_in(world, NEW, "");
    flow_expect_at(world, NEW, "site:CDB");
    flow_expect_at(world, ITEM("N3"), "site:CDB");
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    flow_expect_in(world, NEW, LABEL);
    flow_expect_at(world, NEW, "site:CDB"); /* that is the case's, it has none of its own again */
    flow_expect_at(world, ITEM("N3"), "site:CDB");
    flow_complete(world, no);
    no = flow_start(world, "transfer", "to=RDB", NULL);
    engine_world_expect(world, no, LABEL, "ok", "accept");
    flow_complete(world, no);
    flow_expect_at(world, NEW, "transit:site:RDB");
    flow_expect_at(world, ITEM("N3"), "transit:site:RDB");
    engine_world_verify(world);
}

/* Nobody knew where it was before; the catalog has it where the case is by now. */
static void undone_it_is_nowhere_again(void **state)
{
    struct engine_world *world = *state;
    struct facts facts;
    engine_world_tell(world, LEARN TOLD(NEW, ""));
    const char *no = flow_start(world, "replace", NULL);
    engine_world_expect(world, no, ITEM("A1"), "ok", "accept");
    int64_t seq = engine_world_expect(world, no, NEW, "ok", "accept");
    engine_world_page(world, engine_world_last(world), TOLD(NEW, ",\"in\":\"(00)069012340000000016\"") A1_OUT);
    flow_expect_at(world, NEW, "site:CDB");
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    flow_facts(world, NEW, &facts);
    assert_true(facts.code_known);
    assert_int_equal(facts.holder.kind, HOLDER_UNKNOWN);
    flow_expect_at(world, ITEM("A1"), "site:CDB");
}

static void damaged_goods_of_no_name_stay_nameless(void **state)
{
    struct engine_world *world = *state;
    struct facts facts;
    const char *relabel = flow_start(world, "relabel", NULL);
    engine_world_expect(world, relabel, ITEM("S1"), "ok", "accept");
    int64_t seq = engine_world_expect(world, relabel, NEW, "ok", "accept");
    engine_world_page(world, engine_world_last(world), TOLD(NEW, ",\"holder\":\"site:CDB\""));
    assert_int_equal(engine_exchange(world->engine, flow_doc(world, relabel), seq), RC_OK);
    flow_expect_state(world, NEW, STATE_DAMAGED);
    flow_facts(world, NEW, &facts);
    assert_string_equal(facts.lot.id, ""); /* that was S1's, which it is not any more */
    engine_world_verify(world);
}

/* The case has its own label again, and the damaged one is on nothing. */
static void a_damaged_label_of_nothing_is_no_container(void **state)
{
    struct engine_world *world = *state;
    struct facts facts;
    const char *relabel = flow_start(world, "relabel", NULL);
    engine_world_expect(world, relabel, CASE, "ok", "accept");
    int64_t seq = engine_world_expect(world, relabel, LABEL, "ok", "accept");
    engine_world_page(
        world, engine_world_last(world),
        "{\"type\":\"code\",\"code\":\"(00)069012340000000047\",\"level\":1,\"holder\":\"site:CDB\"}\n");
    assert_int_equal(engine_exchange(world->engine, flow_doc(world, relabel), seq), RC_OK);
    flow_expect_state(world, LABEL, STATE_DAMAGED);
    flow_facts(world, LABEL, &facts);
    assert_false(facts.container);
    engine_world_verify(world);
}

/* A label that was known, though not as a container, and of which the packing is taken back. */
static void what_was_no_container_is_none_again(void **state)
{
    static const char *const items[] = {ITEM("S1"), ITEM("S2"), ITEM("S3"), ITEM("S4")};
    struct engine_world *world = *state;
    struct facts facts;
    for (int synced = 0; synced <= 1; synced++) {
        engine_world_tell(world, NO_CONTAINER);
        const char *pack = flow_start(world, "pack", NULL);
        for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
            engine_world_expect(world, pack, items[i], "ok", "accept");
        int64_t seq = engine_world_expect(world, pack, LABEL, "ok", "accept");
        flow_expect_in(world, ITEM("S1"), LABEL);
        flow_facts(world, LABEL, &facts);
        assert_true(facts.container);
        if (synced)
            engine_world_page(world, engine_world_last(world),
                              NO_CONTAINER IN_LABEL("S1") IN_LABEL("S2") IN_LABEL("S3") IN_LABEL("S4"));
        assert_int_equal(flow_undo(world, pack, seq), RC_OK);
        flow_facts(world, LABEL, &facts);
        assert_true(facts.code_known);
        assert_false(facts.container);
        flow_expect_at(world, LABEL, "site:CDB");
        assert_int_equal(engine_abandon(world->engine, flow_doc(world, pack), &seq), RC_OK);
    }
    engine_world_verify(world);
}

/* Found damaged on its way in, it is there all the same, and what was read of it is true. */
static void damaged_goods_are_what_they_are(void **state)
{
    struct engine_world *world = *state;
    struct facts facts;
    const char *receipt = flow_start(world, "receipt", NULL), *count;
    int64_t seq = engine_world_expect(world, receipt, B_CLASS "(10)L1(21)N1", "unregistered", "warn");
    assert_int_equal(engine_exchange(world->engine, flow_doc(world, receipt), seq), RC_OK);
    flow_facts(world, NEW, &facts);
    assert_true(facts.code_known);
    assert_string_equal(facts.lot.id, "L1");
    flow_expect_state(world, NEW, STATE_DAMAGED);
    const char *pack = flow_start(world, "pack", NULL); /* a mixed pallet of one case and one item */
    engine_world_expect(world, pack, CASE, "ok", "accept");
    engine_world_tell(world, "{\"type\":\"code\",\"code\":\"WINE-000001\",\"product\":\"W\",\"lot\":\"W1\","
                             "\"holder\":\"site:CDB\"}\n");
    engine_world_expect(world, pack, "WINE-000001", "ok", "accept");
    engine_world_expect(world, pack, LABEL, "ok", "accept");
    count = flow_start(world, "count", NULL);
    seq = engine_world_expect(world, count, LABEL, "ok", "accept");
    assert_int_equal(engine_exchange(world->engine, flow_doc(world, count), seq), RC_OK);
    flow_facts(world, LABEL, &facts);
    assert_true(facts.container);
    engine_world_verify(world);
}

static void damaged_goods_are_known_still(void **state)
{
    struct engine_world *world = *state;
    struct facts facts;
    const char *count = flow_start(world, "count", NULL);
    int64_t seq = engine_world_expect(world, count, NEW, "unregistered", "warn");
    engine_world_page(world, engine_world_last(world), TOLD(NEW, ""));
    assert_int_equal(engine_exchange(world->engine, flow_doc(world, count), seq), RC_OK);
    flow_expect_state(world, NEW, STATE_DAMAGED);
    flow_facts(world, NEW, &facts);
    assert_string_equal(facts.lot.id, "L1");
    engine_world_verify(world);
}

/* Two papers have begun on one old label; whichever is undone first, it is good again when both are. */
static void an_old_label_of_two_papers_is_good_again(void **state)
{
    struct engine_world *world = *state;
    for (int first = 0; first <= 1; first++) {
        const char *no[2] = {flow_start(world, "relabel", NULL), flow_start(world, "relabel", NULL)};
        int64_t seqs[2];
        engine_world_expect(world, no[0], ITEM("S1"), "ok", "accept");
        int64_t taken = engine_world_expect(world, no[1], ITEM("S1"), "in-other-document", "confirm");
        assert_int_equal(engine_confirm(world->engine, flow_doc(world, no[1]), taken, ""), RC_OK);
        for (int i = 0; i <= 1; i++)
            seqs[i] = engine_world_expect(world, no[i], i ? ITEM("N2") : NEW, "ok", "accept");
        flow_expect_state(world, ITEM("S1"), STATE_VOID);
        assert_int_equal(flow_undo(world, no[first], seqs[first]), RC_OK);
        flow_expect_state(world, ITEM("S1"), first ? STATE_VOID : STATE_ACTIVE);
        assert_int_equal(flow_undo(world, no[!first], seqs[!first]), RC_OK);
        flow_expect_state(world, ITEM("S1"), STATE_ACTIVE);
        flow_expect_at(world, ITEM("S1"), "site:CDB");
        for (int i = 0; i <= 1; i++)
            assert_int_equal(engine_abandon(world->engine, flow_doc(world, no[i]), &seqs[i]), RC_OK);
    }
    engine_world_verify(world);
}

static void a_label_leaves_the_document_that_had_it(void **state)
{
    struct engine_world *world = *state;
    const char *unpack = flow_start(world, "unpack", "mode=empty", NULL);
    engine_world_expect(world, unpack, CASE, "ok", "accept");
    flow_complete(world, unpack);
    const char *transfer = flow_start(world, "transfer", "to=RDB", NULL), *pack = flow_start(world, "pack", NULL);
    int64_t goods = engine_world_expect(world, transfer, CASE, "no-contents", "confirm");
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, transfer), goods, ""), RC_OK);
    assert_string_equal(reserved_by(world, CASE), flow_doc(world, transfer));
    int64_t label = engine_world_expect(world, pack, CASE, "in-other-document", "confirm");
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, pack), label, ""), RC_OK);
    assert_string_equal(reserved_by(world, CASE), "");
    assert_int_equal(flow_undo(world, pack, label), RC_OK);
    assert_string_equal(reserved_by(world, CASE), flow_doc(world, transfer));
    engine_world_verify(world);
}

int main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, flow_world_open, flow_world_close)
    const struct CMUnitTest tests[] = {
        ONE(what_a_scan_taught_goes_with_it),
        ONE(what_the_server_took_over_is_hidden),
        ONE(what_was_hidden_is_learned_anew),
        ONE(what_became_of_a_code_stays_known),
        ONE(a_nameless_code_is_known_by_its_container),
        ONE(taken_out_it_is_known_still),
        ONE(taken_out_it_is_where_the_case_brought_it),
        ONE(what_is_in_hand_stays_known),
        ONE(taken_out_it_is_where_the_case_was),
        ONE(undone_it_is_nowhere_again),
        ONE(damaged_goods_of_no_name_stay_nameless),
        ONE(a_damaged_label_of_nothing_is_no_container),
        ONE(what_was_no_container_is_none_again),
        ONE(damaged_goods_are_what_they_are),
        ONE(damaged_goods_are_known_still),
        ONE(an_old_label_of_two_papers_is_good_again),
        ONE(a_label_leaves_the_document_that_had_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
