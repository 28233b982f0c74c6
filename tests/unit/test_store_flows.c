/* What the store makes of the records of every kind of work, and that undo gives back exactly what was. */
#include "tests/unit/store_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define GTIN        "05901234123457"
#define ITEM(n)     "(01)" GTIN "(21)" n
#define SSCC_A      "(00)069012340000000016"
#define SSCC_B      "(00)069012340000000023"
#define PALLET      "(00)069012340000000030"
#define CODE(n, in) "{\"type\":\"code\",\"code\":\"" ITEM(n) "\",\"product\":\"B\",\"lot\":\"L1\"" in "}\n"
#define HERE        ",\"holder\":\"site:CDB\""
#define IN(parent)  ",\"in\":\"" parent "\""
#define AT(parent)  "{\"type\":\"code\",\"code\":\"" parent "\",\"holder\":\"site:CDB\"}\n"

static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"Store\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"site\",\"id\":\"CDQ\",\"name\":\"Apart\",\"kind\":\"quarantine\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"Dealer\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"Wang\",\"role\":\"supervisor\",\"site\":\"CDB\",\"pin\":"
    "\"2468\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Seal kit\",\"gtin\":[\"" GTIN "\"],\"unit\":\"u\",\"decimals\":0,"
    "\"control\":\"item\",\"pack\":[{\"level\":1,\"name\":\"case\",\"contains\":3},{\"level\":2,\"name\":\"pallet\","
    "\"contains\":2}]}\n"
    "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"L1\",\"expires\":\"2028-01-10\",\"quality\":\"released\"}\n"
    "{\"type\":\"document\",\"source\":\"erp\",\"doc\":\"1\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"state\":"
    "\"open\","
    "\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"lines\":[{\"line\":\"1\",\"product\":\"B\",\"qty\":\"20\","
    "\"tolerance\":\"0\",\"lot\":null}]}\n" CODE("L1", HERE) CODE("L2", HERE) CODE("L3", HERE) CODE("L4", HERE) CODE(
        "L5", HERE) CODE("L6", HERE) CODE("L7", HERE) CODE("R1", HERE) AT(PALLET) AT(SSCC_A) CODE("A1", IN(SSCC_A))
        CODE("A2", IN(SSCC_A)) CODE(
            "A3", IN(SSCC_A)) "{\"type\":\"code\",\"code\":\"" SSCC_A "\",\"in\":\"" PALLET "\",\"level\":1}\n"
                              "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":\"B\",\"lots\":[],\"codes\":[\"" ITEM(
                                  "R1") "\"],\"reason\":\"leak\"}\n";

static const char SO[] = "erp:1";

static int setup(void **state)
{
    static struct store_world world;
    store_world_open(&world, FEED);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    store_world_close(*state);
    return 0;
}

/* ---- packing ---- */

static void test_a_label_closes_what_is_loose(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "PK-1", "pack", "", NULL);
    for (int i = 0; i < 3; i++) {
        static const char *const items[] = {ITEM("L1"), ITEM("L2"), ITEM("L3")};
        store_world_expect(world, "own:PK-1", items[i], "ok");
        assert_int_equal(world->facts.filled, i);
        assert_int_equal(world->facts.rule, 3);
    }
    assert_string_equal(store_world_loose(world, "own:PK-1"), ITEM("L1") " " ITEM("L2") " " ITEM("L3") " ");
    int64_t label = store_world_expect(world, "own:PK-1", SSCC_B, "ok");
    assert_true(world->facts.is_label);
    assert_int_equal(world->facts.filled, 3);
    assert_int_equal(world->facts.fill_level, 1);
    assert_string_equal(store_world_loose(world, "own:PK-1"), "");
    assert_string_equal(store_world_inside(world, SSCC_B), ITEM("L1") " " ITEM("L2") " " ITEM("L3") " ");
    store_world_expect(world, "own:PK-1", ITEM("L1"), "duplicate");
    /* the case is goods now, for any document, at once */
    store_world_look(world, SO, SSCC_B);
    assert_string_equal(reason_word(world->verdict.reason), "ok");
    assert_int_equal(world->verdict.qty, 3 * QTY_ONE);
    store_world_undo(world, label, STATE_ACTIVE);
    assert_string_equal(store_world_loose(world, "own:PK-1"), ITEM("L1") " " ITEM("L2") " " ITEM("L3") " ");
    assert_string_equal(store_world_inside(world, SSCC_B), "");
    assert_string_equal(store_world_parent(world, ITEM("L1")), "");
    store_world_look(world, SO, SSCC_B);
    assert_string_equal(reason_word(world->verdict.reason), "unknown-code");
    store_world_look(world, SO, ITEM("L1"));
    assert_string_equal(reason_word(world->verdict.reason), "in-other-document");
}

static void test_too_few_and_too_many_for_the_rule(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "PK-1", "pack", "", NULL);
    store_world_expect(world, "own:PK-1", ITEM("L1"), "ok");
    store_world_look(world, "own:PK-1", SSCC_B);
    assert_string_equal(reason_word(world->verdict.reason), "partial-container");
    store_world_expect(world, "own:PK-1", ITEM("L2"), "ok");
    store_world_expect(world, "own:PK-1", ITEM("L3"), "ok");
    store_world_expect(world, "own:PK-1", ITEM("L4"), "ok");
    store_world_look(world, "own:PK-1", SSCC_B);
    assert_string_equal(reason_word(world->verdict.reason), "over-quantity");
}

static void expect_container(struct store_world *world, const char *doc, const char *container)
{
    struct document *document;
    assert_int_equal(store_document(world->store, doc, &document), RC_OK);
    assert_string_equal(document->container, container);
    document_free(document);
}

static void test_a_label_that_comes_first_is_filled_up(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "PK-1", "pack", "", NULL);
    int64_t label = store_world_expect(world, "own:PK-1", SSCC_B, "ok");
    expect_container(world, "own:PK-1", SSCC_B);
    store_world_expect(world, "own:PK-1", ITEM("L1"), "ok");
    store_world_expect(world, "own:PK-1", ITEM("L2"), "ok");
    expect_container(world, "own:PK-1", SSCC_B);
    int64_t last = store_world_expect(world, "own:PK-1", ITEM("L3"), "ok");
    expect_container(world, "own:PK-1", "");
    assert_string_equal(store_world_counted(world, "own:PK-1"), "B/L1=3+3 ");
    store_world_undo(world, last, STATE_ACTIVE);
    expect_container(world, "own:PK-1", SSCC_B);
    assert_string_equal(store_world_inside(world, SSCC_B), ITEM("L1") " " ITEM("L2") " ");
    assert_string_equal(store_world_counted(world, "own:PK-1"), "B/L1=2+2 ");
    /* its own label again: closed with what it has */
    store_world_look(world, "own:PK-1", SSCC_B);
    assert_true(world->facts.is_label);
    assert_int_equal(world->facts.filled, 2);
    bool undoable = false;
    assert_int_equal(store_undoable(world->store, label, &undoable), RC_OK);
    assert_true(undoable);
}

static void test_a_filled_case_counts_nothing_more_on_its_pallet(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "PK-1", "pack", "", NULL);
    store_world_expect(world, "own:PK-1", ITEM("L1"), "ok");
    store_world_expect(world, "own:PK-1", ITEM("L2"), "ok");
    store_world_expect(world, "own:PK-1", ITEM("L3"), "ok");
    int64_t label = store_world_expect(world, "own:PK-1", SSCC_B, "ok");
    int64_t as_goods = store_world_expect(world, "own:PK-1", SSCC_B, "ok");
    assert_true(world->facts.counted_here);
    assert_int_equal(world->verdict.qty, 0);
    bool undoable = true;
    assert_int_equal(store_undoable(world->store, label, &undoable), RC_OK);
    assert_false(undoable);                              /* the case has been counted with what is in it since */
    store_world_expect(world, "own:PK-1", PALLET, "ok"); /* has a case inside, of another document: goods */
    assert_false(world->facts.is_label);
    assert_string_equal(store_world_counted(world, "own:PK-1"), "B/L1=6+6 ");
    store_world_undo(world, as_goods, STATE_ACTIVE);
    assert_string_equal(store_world_counted(world, "own:PK-1"), "B/L1=6+6 ");
}

static void test_what_stays_loose_is_released_by_complete(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "PK-1", "pack", "", NULL);
    store_world_expect(world, "own:PK-1", SSCC_B, "ok");
    store_world_expect(world, "own:PK-1", ITEM("L1"), "ok");
    store_world_expect(world, "own:PK-1", ITEM("L2"), "ok");
    store_world_expect(world, "own:PK-1", SSCC_B, "partial-container"); /* waits: still open */
    store_world_complete(world, "own:PK-1");
    store_world_start(world, "PK-2", "pack", "", NULL);
    store_world_expect(world, "own:PK-2", ITEM("L4"), "ok");
    store_world_complete(world, "own:PK-2");
    assert_string_equal(store_world_counted(world, "own:PK-2"), "");
    store_world_look(world, SO, ITEM("L4"));
    assert_string_equal(reason_word(world->verdict.reason), "ok");
    assert_string_equal(store_world_inside(world, SSCC_B), ITEM("L1") " " ITEM("L2") " ");
}

static void test_packed_goods_go_with_their_case(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "PK-1", "pack", "", NULL);
    store_world_expect(world, "own:PK-1", ITEM("L1"), "ok");
    store_world_expect(world, "own:PK-1", ITEM("L2"), "ok");
    store_world_expect(world, "own:PK-1", ITEM("L3"), "ok");
    store_world_expect(world, "own:PK-1", SSCC_B, "ok");
    store_world_expect(world, SO, SSCC_B, "ok");
    store_world_complete(world, SO);
    assert_string_equal(store_world_holder(world, SSCC_B), "transit:party:D-1");
    assert_string_equal(store_world_holder(world, ITEM("L2")), "transit:party:D-1");
    assert_string_equal(store_world_holder(world, ITEM("L4")), "site:CDB");
    store_world_reopen(world);
    assert_string_equal(store_world_holder(world, ITEM("L2")), "transit:party:D-1");
}

/* ---- taking out, replacing, another label ---- */

static void test_out_of_the_case_and_back(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "UP-1", "unpack", "", "mode=out");
    int64_t seq = store_world_expect(world, "own:UP-1", ITEM("A2"), "ok");
    assert_string_equal(store_world_inside(world, SSCC_A), ITEM("A1") " " ITEM("A3") " ");
    assert_string_equal(store_world_parent(world, ITEM("A2")), "");
    store_world_undo(world, seq, STATE_ACTIVE);
    assert_string_equal(store_world_inside(world, SSCC_A), ITEM("A1") " " ITEM("A2") " " ITEM("A3") " ");
    store_world_start(world, "UP-2", "unpack", "", "mode=empty");
    store_world_expect(world, "own:UP-2", SSCC_A, "ok");
    assert_string_equal(store_world_inside(world, SSCC_A), "");
    store_world_look(world, "own:UP-2", ITEM("L1"));
}

static void test_b_takes_the_place_of_a(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "RP-1", "replace", "", NULL);
    store_world_expect(world, "own:RP-1", ITEM("A2"), "ok");
    int64_t seq = store_world_expect(world, "own:RP-1", ITEM("L1"), "ok");
    assert_string_equal(store_world_inside(world, SSCC_A), ITEM("A1") " " ITEM("A3") " " ITEM("L1") " ");
    struct document *document;
    assert_int_equal(store_document(world->store, "own:RP-1", &document), RC_OK);
    assert_string_equal(document->pending, "");
    document_free(document);
    store_world_undo(world, seq, STATE_ACTIVE);
    assert_string_equal(store_world_inside(world, SSCC_A), ITEM("A1") " " ITEM("A2") " " ITEM("A3") " ");
    assert_int_equal(store_document(world->store, "own:RP-1", &document), RC_OK);
    assert_string_equal(document->pending, ITEM("A2"));
    document_free(document);
}

static void test_a_new_code_is_what_the_old_one_was(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "RB-1", "relabel", "", NULL);
    store_world_expect(world, "own:RB-1", SSCC_A, "ok");
    int64_t seq = store_world_expect(world, "own:RB-1", SSCC_B, "ok");
    assert_string_equal(store_world_inside(world, SSCC_A), "");
    assert_string_equal(store_world_inside(world, SSCC_B), ITEM("A1") " " ITEM("A2") " " ITEM("A3") " ");
    assert_string_equal(store_world_parent(world, SSCC_B), PALLET);
    assert_string_equal(store_world_holder(world, SSCC_B), "site:CDB");
    store_world_look(world, SO, SSCC_A);
    assert_int_equal(world->facts.state, STATE_VOID);
    store_world_undo(world, seq, STATE_ACTIVE);
    assert_string_equal(store_world_inside(world, SSCC_A), ITEM("A1") " " ITEM("A2") " " ITEM("A3") " ");
    assert_string_equal(store_world_parent(world, SSCC_A), PALLET);
    assert_string_equal(store_world_inside(world, PALLET), SSCC_A " ");
    store_world_look(world, SO, SSCC_A);
    assert_int_equal(world->facts.state, STATE_ACTIVE);
    store_world_look(world, SO, SSCC_B);
    assert_string_equal(reason_word(world->verdict.reason), "unknown-code");
}

static void test_damaged_goods_are_void_from_then_on(void **state)
{
    struct store_world *world = *state;
    int64_t seq = store_world_expect(world, SO, ITEM("L1"), "ok");
    store_world_undo(world, seq, STATE_DAMAGED);
    store_world_expect(world, SO, ITEM("L1"), "void-code");
    assert_int_equal(world->facts.state, STATE_DAMAGED);
}

/* ---- completing, by flow ---- */

static void test_each_flow_brings_its_goods_where_it_says(void **state)
{
    static const struct {
        const char *flow, *to, *holder;
        int state;
    } flows[] = {{"receipt", "", "site:CDB", STATE_ACTIVE},
                 {"return", "", "site:CDB", STATE_RETURNED},
                 {"transfer", "site:CDQ", "transit:site:CDQ", STATE_ACTIVE},
                 {"baseline", "", "site:CDB", STATE_ACTIVE},
                 {"late-entry", "party:D-1", "party:D-1", STATE_ACTIVE},
                 {"scrap", "", "destroyed", STATE_DESTROYED},
                 {"sample", "", "sold", STATE_ACTIVE},
                 {"inspect", "", "site:CDB", STATE_ACTIVE},
                 {"count", "", "site:CDB", STATE_ACTIVE}};
    struct store_world *world = *state;
    for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++) {
        char doc[DOC_MAX + 1];
        const char *key = strcmp(flows[i].flow, "recall") == 0 ? ITEM("R1") : ITEM("L1"); /* what it names */
        snprintf(doc, sizeof doc, "own:X-%zu", i);
        store_world_start(world, doc + 4, flows[i].flow, flows[i].to, NULL);
        store_world_scan(world, doc, key);
        assert_true(world->verdict.severity <= SEVERITY_WARN);
        store_world_complete(world, doc);
        assert_string_equal(store_world_holder(world, key), flows[i].holder);
        store_world_look(world, SO, key);
        assert_int_equal(world->facts.state, flows[i].state);
        assert_false(world->facts.other_document[0]);
        store_world_close(world);
        store_world_open(world, FEED);
    }
}

static void test_findings_go_where_their_record_says(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "RC-1", "receipt", "", NULL);
    assert_int_equal(holder_parse("site:CDQ", &world->goes_to), RC_OK);
    store_world_expect(world, "own:RC-1", ITEM("L1"), "wrong-holder");
    world->goes_to.kind = HOLDER_UNKNOWN;
    store_world_expect(world, "own:RC-1", ITEM("L2"), "wrong-holder");
    store_world_complete(world, "own:RC-1");
    assert_string_equal(store_world_holder(world, ITEM("L1")), "site:CDQ");
    assert_string_equal(store_world_holder(world, ITEM("L2")), "site:CDB");
}

static void test_a_count_reserves_nothing(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "CT-1", "count", "", NULL);
    store_world_start(world, "CT-2", "count", "", NULL);
    int64_t seq = store_world_expect(world, "own:CT-1", ITEM("L1"), "ok");
    store_world_expect(world, "own:CT-1", ITEM("L1"), "duplicate");
    store_world_expect(world, "own:CT-2", ITEM("L1"), "ok");
    store_world_expect(world, SO, ITEM("L1"), "ok");
    store_world_expect(world, "own:CT-2", SSCC_A, "ok");
    store_world_expect(world, "own:CT-2", ITEM("A1"), "duplicate");
    store_world_undo(world, seq, STATE_ACTIVE);
    store_world_expect(world, "own:CT-1", ITEM("L1"), "ok");
    store_world_complete(world, "own:CT-1");
    store_world_look(world, SO, ITEM("L1"));
    assert_string_equal(reason_word(world->verdict.reason), "duplicate"); /* of the order, as before */
}

static void test_who_moves_alone_leaves_its_container(void **state)
{
    struct store_world *world = *state;
    store_world_expect(world, SO, ITEM("A1"), "ok");
    store_world_complete(world, SO);
    assert_string_equal(store_world_parent(world, ITEM("A1")), "");
    assert_string_equal(store_world_inside(world, SSCC_A), ITEM("A2") " " ITEM("A3") " ");
    assert_string_equal(store_world_holder(world, SSCC_A), "site:CDB");
}

static void test_what_left_a_moved_container_has_moved_too(void **state)
{
    struct store_world *world = *state;
    store_world_expect(world, SO, PALLET, "ok");
    store_world_complete(world, SO);
    store_world_start(world, "RT-1", "return", "", NULL);
    store_world_expect(world, "own:RT-1", SSCC_A, "ok");
    store_world_complete(world, "own:RT-1");
    assert_string_equal(store_world_holder(world, SSCC_A), "site:CDB");
    assert_string_equal(store_world_holder(world, ITEM("A1")), "site:CDB");
    assert_string_equal(store_world_holder(world, PALLET), "transit:party:D-1");
    store_world_start(world, "PK-1", "pack", "", NULL);
    store_world_expect(world, "own:PK-1", ITEM("A1"), "on-hold");
    assert_int_equal(world->facts.state, STATE_RETURNED);
}

static void test_what_is_taken_out_elsewhere_stays_there(void **state)
{
    struct store_world *world = *state;
    store_world_expect(world, SO, SSCC_A, "ok");
    store_world_complete(world, SO);
    store_world_start(world, "UP-1", "unpack", "", "mode=out");
    int64_t seq = store_world_expect(world, "own:UP-1", ITEM("A1"), "already-shipped");
    assert_int_equal(engine_confirm(world->engine.engine, "own:UP-1", seq, ""), RC_OK);
    assert_string_equal(store_world_parent(world, ITEM("A1")), "");
    assert_string_equal(store_world_holder(world, ITEM("A1")), "transit:party:D-1");
    assert_string_equal(store_world_inside(world, SSCC_A), ITEM("A2") " " ITEM("A3") " ");
}

static void test_a_container_is_used_again(void **state)
{
    struct store_world *world = *state;
    store_world_expect(world, SO, SSCC_A, "ok");
    store_world_complete(world, SO);
    store_world_start(world, "PK-1", "pack", "", NULL);
    int64_t label = store_world_expect(world, "own:PK-1", SSCC_A, "ok");
    assert_true(world->facts.is_label);
    assert_string_equal(store_world_inside(world, SSCC_A), "");
    assert_string_equal(store_world_holder(world, ITEM("A2")), "transit:party:D-1");
    store_world_expect(world, "own:PK-1", ITEM("L1"), "ok");
    assert_string_equal(store_world_inside(world, SSCC_A), ITEM("L1") " ");
    assert_string_equal(store_world_holder(world, ITEM("L1")), "site:CDB"); /* it did not go with the old contents */
    store_world_look(world, "own:PK-1", SSCC_A);
    assert_int_equal(world->facts.filled, 1);
    store_world_complete(world, "own:PK-1");
    (void)label;
}

static void test_a_case_on_a_pallet_that_has_gone_before_stays_here(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "PK-1", "pack", "", NULL);
    store_world_expect(world, "own:PK-1", ITEM("L1"), "ok");
    store_world_expect(world, "own:PK-1", ITEM("L2"), "ok");
    store_world_expect(world, "own:PK-1", ITEM("L3"), "ok");
    store_world_expect(world, "own:PK-1", SSCC_B, "ok");
    store_world_expect(world, SO, PALLET, "ok");
    store_world_complete(world, SO);
    store_world_expect(world, "own:PK-1", PALLET, "ok");
    assert_true(world->facts.is_label);
    store_world_expect(world, "own:PK-1", SSCC_B, "ok");
    assert_string_equal(store_world_inside(world, PALLET), SSCC_B " ");
    assert_string_equal(store_world_holder(world, ITEM("L1")), "site:CDB");
    assert_string_equal(store_world_holder(world, ITEM("A1")), "transit:party:D-1");
}

static void test_what_is_elsewhere_does_not_go_along(void **state)
{
    struct store_world *world = *state;
    engine_world_tell(&world->engine, "{\"type\":\"code\",\"code\":\"" ITEM("A3") "\",\"holder\":\"site:CDQ\"}\n");
    int64_t seq = store_world_expect(world, SO, SSCC_A, "partial-container");
    assert_int_equal(engine_confirm(world->engine.engine, SO, seq, ""), RC_OK);
    store_world_complete(world, SO);
    assert_string_equal(store_world_holder(world, ITEM("A2")), "transit:party:D-1");
    assert_string_equal(store_world_holder(world, ITEM("A3")), "site:CDQ");
}

static void test_reserved_goods_stay_behind_when_their_case_goes(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "SC-1", "scrap", "", NULL);
    store_world_expect(world, "own:SC-1", ITEM("A1"), "ok");
    store_world_expect(world, SO, SSCC_A, "partial-container");
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    int64_t seq = store_last_seq(world->store);
    assert_int_equal(store_tally(world->store, seq, &tally, doc), RC_OK);
    assert_int_equal(engine_confirm(world->engine.engine, SO, seq, ""), RC_OK);
    store_world_complete(world, SO);
    assert_string_equal(store_world_holder(world, ITEM("A2")), "transit:party:D-1");
    assert_string_equal(store_world_holder(world, ITEM("A1")), "site:CDB");
    assert_string_equal(store_world_parent(world, ITEM("A1")), "");
}

/* ---- which rows count ---- */

static void test_what_the_catalog_has_by_now_is_no_news(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "UP-1", "unpack", "", "mode=out");
    int64_t seq = store_world_expect(world, "own:UP-1", ITEM("A2"), "ok");
    engine_world_page(&world->engine, seq - 1, "");
    assert_string_equal(store_world_parent(world, ITEM("A2")), "");
    engine_world_page(&world->engine, seq, ""); /* the server has it, and does not have it out of there */
    assert_string_equal(store_world_parent(world, ITEM("A2")), SSCC_A);
    engine_world_page(&world->engine, seq, "{\"type\":\"code\",\"code\":\"" ITEM("A2") "\",\"in\":null}\n");
    assert_string_equal(store_world_parent(world, ITEM("A2")), "");
    store_world_undo(world, seq, STATE_ACTIVE);
    assert_string_equal(store_world_parent(world, ITEM("A2")), SSCC_A); /* of the undo the server does not know yet */
}

static void test_what_the_server_refused_never_happened(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "PK-1", "pack", "", NULL);
    store_world_expect(world, "own:PK-1", SSCC_B, "ok");
    int64_t packed = store_world_expect(world, "own:PK-1", ITEM("L1"), "ok");
    int64_t shipped = store_world_expect(world, SO, ITEM("L2"), "ok");
    store_world_complete(world, SO);
    assert_string_equal(store_world_holder(world, ITEM("L2")), "transit:party:D-1");
    int64_t refused[] = {packed, shipped, 0};
    engine_world_refuse(&world->engine, refused);
    assert_string_equal(store_world_parent(world, ITEM("L1")), "");
    assert_string_equal(store_world_inside(world, SSCC_B), "");
    assert_string_equal(store_world_holder(world, ITEM("L2")), "site:CDB");
}

/* ---- codes that nobody knew ---- */

static void test_bare_codes_are_bound_to_the_context_line(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "BL-1", "baseline", "", NULL);
    store_world_expect(world, "own:BL-1", "CAP-1", "unknown-code");
    int64_t context = store_world_expect(world, "own:BL-1", "(01)" GTIN, "ok");
    assert_true(world->facts.sets_context);
    assert_int_equal(world->verdict.qty, 0);
    int64_t bound = store_world_expect(world, "own:BL-1", "CAP-2", "unregistered");
    assert_true(world->facts.bound);
    store_world_expect(world, "own:BL-1", SSCC_B, "unregistered");
    assert_int_equal(world->verdict.qty, 3 * QTY_ONE);
    store_world_complete(world, "own:BL-1");
    /* known from now on, before any sync */
    store_world_look(world, SO, "CAP-2");
    assert_string_equal(reason_word(world->verdict.reason), "ok");
    assert_string_equal(world->facts.product.id, "B");
    assert_true(world->facts.code_known);
    store_world_look(world, SO, SSCC_B);
    assert_int_equal(world->verdict.qty, 3 * QTY_ONE);
    assert_string_equal(store_world_holder(world, SSCC_B), "site:CDB");
    store_world_reopen(world);
    store_world_look(world, SO, "CAP-2");
    assert_true(world->facts.code_known);
    (void)context;
    (void)bound;
}

static void test_undone_is_unknown_again(void **state)
{
    struct store_world *world = *state;
    store_world_start(world, "BL-1", "baseline", "", NULL);
    int64_t context = store_world_expect(world, "own:BL-1", "(01)" GTIN, "ok");
    int64_t bound = store_world_expect(world, "own:BL-1", "CAP-2", "unregistered");
    int64_t read = store_world_expect(world, "own:BL-1", ITEM("NEW"), "unregistered");
    store_world_look(world, SO, ITEM("NEW"));
    assert_true(world->facts.code_known);
    store_world_undo(world, read, STATE_ACTIVE);
    store_world_undo(world, bound, STATE_ACTIVE);
    store_world_undo(world, context, STATE_ACTIVE);
    store_world_look(world, SO, ITEM("NEW"));
    assert_false(world->facts.code_known);
    store_world_expect(world, "own:BL-1", "CAP-2", "unknown-code");
    /* the server heard of the scan, not yet of its undo */
    engine_world_page(&world->engine, read, CODE("NEW", HERE));
    store_world_look(world, SO, ITEM("NEW"));
    assert_false(world->facts.code_known);
    engine_world_page(&world->engine, store_last_seq(world->store), "");
    store_world_look(world, SO, ITEM("NEW"));
    assert_true(world->facts.code_known); /* somebody else's word by now */
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(test_a_label_closes_what_is_loose),
        ONE(test_too_few_and_too_many_for_the_rule),
        ONE(test_a_label_that_comes_first_is_filled_up),
        ONE(test_a_filled_case_counts_nothing_more_on_its_pallet),
        ONE(test_what_stays_loose_is_released_by_complete),
        ONE(test_packed_goods_go_with_their_case),
        ONE(test_out_of_the_case_and_back),
        ONE(test_b_takes_the_place_of_a),
        ONE(test_a_new_code_is_what_the_old_one_was),
        ONE(test_damaged_goods_are_void_from_then_on),
        ONE(test_each_flow_brings_its_goods_where_it_says),
        ONE(test_findings_go_where_their_record_says),
        ONE(test_a_count_reserves_nothing),
        ONE(test_who_moves_alone_leaves_its_container),
        ONE(test_what_left_a_moved_container_has_moved_too),
        ONE(test_what_is_taken_out_elsewhere_stays_there),
        ONE(test_a_container_is_used_again),
        ONE(test_a_case_on_a_pallet_that_has_gone_before_stays_here),
        ONE(test_what_is_elsewhere_does_not_go_along),
        ONE(test_reserved_goods_stay_behind_when_their_case_goes),
        ONE(test_what_the_catalog_has_by_now_is_no_news),
        ONE(test_what_the_server_refused_never_happened),
        ONE(test_bare_codes_are_bound_to_the_context_line),
        ONE(test_undone_is_unknown_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
