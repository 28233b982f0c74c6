/* What several devices put into each other's containers: never around itself, never deeper than a device takes. */
#include "app/domain/limits.h"
#include "tests/unit/server_flows.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

static const char DOC[] = "own:1-1-1", OTHER[] = "own:2-1-1";

#define BOX(name)      "plain:" name
#define INSIDE(parent) "\"level\":1,\"in\":\"" BOX(parent) "\""

/* H1 in H2 in … H4, at the site; S1 in L5 in L4 in … L1; P with X in it, X with A1; an empty E. */
static const char FEED[] = CODE(BOX("H4"), "\"level\":1,\"holder\":\"site:CDB\"") CODE(BOX("H3"), INSIDE("H4"))
    CODE(BOX("H2"), INSIDE("H3")) CODE(BOX("H1"), INSIDE("H2")) CODE(BOX("L1"), "\"level\":1,\"holder\":\"site:CDB\"")
        CODE(BOX("L2"), INSIDE("L1")) CODE(BOX("L3"), INSIDE("L2")) CODE(BOX("L4"), INSIDE("L3"))
            CODE(BOX("L5"), INSIDE("L4")) CODE(ITEM("S1"), "\"product\":\"B\",\"in\":\"" BOX("L5") "\"")
                CODE(BOX("P"), "\"level\":2,\"holder\":\"site:CDB\"") CODE(BOX("X"), INSIDE("P"))
                    CODE(ITEM("A1"), "\"product\":\"B\",\"in\":\"" BOX("X") "\"")
                        CODE(BOX("E"), "\"level\":1,\"holder\":\"site:CDB\"");

static int setup(void **state)
{
    return flows_stage_open(state, FEED);
}

#define INTO(parent, key)                                                                                            \
    ",\"pack\":{\"parent\":\"" BOX(parent) "\",\"level\":1,\"in\":[\"" BOX(key) "\"],\"out\":[]}"

static int64_t pack(struct handheld *handheld, const char *doc, const char *key, const char *more)
{
    flows_open(handheld, doc, "pack", "");
    int64_t seq = flows_scan(handheld, doc, "pack", key, more);
    assert_string_equal(flows_told(handheld), "accepted");
    return seq;
}

static size_t conflicts(struct flows_stage *stage)
{
    json_t *list = server_world_list(&stage->world, "conflicts");
    size_t count = json_array_size(list);
    json_decref(list);
    return count;
}

static int containers_around(struct flows_stage *stage, const char *key)
{
    char at[CODE_KEY_MAX + 1];
    int count = 0;
    snprintf(at, sizeof at, "%s", flows_code(stage, key, "in"));
    for (; at[0] && count < 100; count++) {
        char in[CODE_KEY_MAX + 1];
        snprintf(in, sizeof in, "%s", flows_code(stage, at, "in"));
        memcpy(at, in, sizeof at);
    }
    return count;
}

static void the_deepest_goes_in(void **state)
{
    struct flows_stage *stage = *state;
    pack(&stage->a, DOC, BOX("L1"), INTO("H2", "L1"));
    assert_int_equal(conflicts(stage), 0);
    assert_int_equal(containers_around(stage, ITEM("S1")), DEPTH_MAX);
}

/* One puts the boxes into one another, the other what is around all of them into something. */
static void no_deeper(void **state)
{
    struct flows_stage *stage = *state;
    char *before = flows_books(stage);
    pack(&stage->a, DOC, BOX("L1"), INTO("H1", "L1"));
    assert_int_equal(conflicts(stage), 1);
    char *after = flows_books(stage);
    assert_string_equal(after, before);
    free(before);
    free(after);
    pack(&stage->a, "own:1-1-2", BOX("L1"), INTO("H2", "L1"));
    pack(&stage->b, OTHER, BOX("H4"), INTO("E", "H4"));
    assert_int_equal(conflicts(stage), 2);
    assert_string_equal(flows_code(stage, BOX("H4"), "in"), "");
    assert_int_equal(containers_around(stage, ITEM("S1")), DEPTH_MAX);
}

/* X went out of P into E; meanwhile P went into X. */
static void an_undo_makes_no_ring(void **state)
{
    struct flows_stage *stage = *state;
    int64_t packed = pack(&stage->a, DOC, BOX("X"), INTO("E", "X"));
    pack(&stage->b, OTHER, BOX("P"), INTO("X", "P"));
    flows_refer(&stage->a, "undo", DOC, packed, "");
    assert_string_equal(flows_told(&stage->a), "undo-too-late");
    assert_string_equal(flows_code(stage, BOX("X"), "in"), BOX("E"));
    assert_string_equal(flows_code(stage, BOX("P"), "in"), BOX("X"));
    /* it does go back once that is out again */
    flows_refer(&stage->b, "undo", OTHER, stage->b.seq, "");
    assert_string_equal(flows_told(&stage->b), "accepted");
    flows_refer(&stage->a, "undo", DOC, packed, "");
    assert_string_equal(flows_told(&stage->a), "accepted");
    assert_string_equal(flows_code(stage, BOX("X"), "in"), BOX("P"));
    assert_int_equal(containers_around(stage, ITEM("A1")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, flows_stage_close)
        TEST(the_deepest_goes_in),
        TEST(no_deeper),
        TEST(an_undo_makes_no_ring),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
