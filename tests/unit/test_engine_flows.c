/* Each flow from its start to its end, with a real store: what is tallied, what complete moves, and to where. */
#include "tests/unit/flow_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void undone_it_is_as_before(struct engine_world *world, const char *no, const char *key)
{
    static struct facts before, after;
    flow_facts(world, key, &before);
    int64_t seq = engine_world_scan(world, no, key, 0)->seq;
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    flow_facts(world, key, &after);
    assert_int_equal(before.holder.kind, after.holder.kind);
    assert_string_equal(before.holder.id, after.holder.id);
    assert_int_equal(before.state, after.state);
    assert_string_equal(before.parent, after.parent);
    assert_int_equal(before.code_known, after.code_known);
    assert_int_equal(flow_undo(world, no, seq), RC_REFUSED);
}

static void outbound_moves_to_the_party(void **state)
{
    struct engine_world *world = *state;
    undone_it_is_as_before(world, "SO-1", ITEM("S1"));
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    engine_world_expect(world, "SO-1", ITEM("S2"), "ok", "accept");
    engine_world_expect(world, "SO-1", ITEM("A1"), "ok", "accept");
    flow_expect_at(world, ITEM("S1"), "site:CDB"); /* a tally reserves, complete moves */
    flow_complete(world, "SO-1");
    flow_expect_at(world, ITEM("S1"), "transit:party:D-1");
    flow_expect_at(world, ITEM("A1"), "transit:party:D-1");
    flow_expect_in(world, ITEM("A1"), ""); /* scanned alone it left its case */
    flow_expect_at(world, ITEM("A2"), "site:CDB");
    engine_world_verify(world);
}

static void a_receipt_takes_in(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "receipt", "from=D-1", NULL);
    undone_it_is_as_before(world, no, ITEM("P1"));
    engine_world_expect(world, no, ITEM("P1"), "ok", "accept");
    engine_world_expect(world, no, ITEM("T1"), "ok", "accept");
    engine_world_expect(world, no, ITEM("P1"), "duplicate", "reject");
    engine_world_expect(world, no, ITEM("S1"), "wrong-holder", "accept"); /* it is here already */
    struct outcome *outcome = engine_world_scan(world, no, ITEM("R3"), 0);
    assert_string_equal(reason_word(outcome->verdict.reason), "recalled");
    assert_int_equal(outcome->verdict.severity, SEVERITY_ACCEPT);
    assert_true(outcome->to_quarantine);
    flow_complete(world, no);
    flow_expect_at(world, ITEM("P1"), "site:CDB");
    flow_expect_at(world, ITEM("T1"), "site:CDB");
    flow_expect_at(world, ITEM("R3"), "site:CDQ");
    engine_world_expect(world, "SO-1", ITEM("P1"), "ok", "accept");
    engine_world_verify(world);
}

static void a_receipt_against_paper_has_extras(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "PO-1", ITEM("P1"), "ok", "accept");
    engine_world_expect(world, "PO-1", ITEM("P2"), "ok", "accept");
    engine_world_expect(world, "PO-1", ITEM("T1"), "over-quantity", "warn");
    engine_world_expect(world, "PO-1", D_CLASS, "not-on-order", "warn");
    flow_complete(world, "PO-1");
    flow_expect_at(world, ITEM("T1"), "site:CDB");
    engine_world_verify(world);
}

static void a_receipt_is_short_with_a_reason(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "PO-1", ITEM("P1"), "ok", "accept");
    assert_int_equal(flow_try_complete(world, "PO-1", &(struct completion){.field_count = 0}), RC_SHORT);
    assert_int_equal(flow_try_complete(world, "PO-1", &(struct completion){.short_reason = ""}), RC_SHORT);
    assert_int_equal(flow_try_complete(world, "PO-1", &(struct completion){.short_reason = "damaged"}), RC_OK);
}

static void a_transfer_goes_to_a_site(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "transfer", "to=RDB", NULL);
    undone_it_is_as_before(world, no, CASE);
    engine_world_expect(world, no, CASE, "ok", "accept");
    engine_world_expect(world, no, ITEM("Q1"), "on-hold", "reject");
    assert_int_equal(flow_try_complete(world, no, &(struct completion){.field_count = 0}), RC_LATCHED);
    assert_int_equal(flow_try_complete(world, no, &(struct completion){.set_aside = true}), RC_OK);
    flow_expect_at(world, CASE, "transit:site:RDB");
    flow_expect_at(world, ITEM("A1"), "transit:site:RDB");
    flow_expect_in(world, ITEM("A1"), CASE);
    no = flow_start(world, "transfer", "to=CDQ", NULL);
    engine_world_expect(world, no, ITEM("Q1"), "on-hold", "accept"); /* what a quarantine site is there for */
    flow_complete(world, no);
    flow_expect_at(world, ITEM("Q1"), "transit:site:CDQ");
    engine_world_verify(world);
}

static void a_return_is_held_until_inspected(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "return", "from=D-1", NULL);
    engine_world_expect(world, no, ITEM("P1"), "ok", "accept");
    struct completion completion = {.field_count = 2, .fields = {{"reason", "unsold"}, {"condition", "sealed"}}};
    assert_int_equal(flow_try_complete(world, no, &completion), RC_BAD_INPUT);
    assert_string_equal(engine_bad_field(world->engine), "condition");
    completion.fields[1].value = "good";
    assert_int_equal(flow_try_complete(world, no, &completion), RC_OK);
    flow_expect_at(world, ITEM("P1"), "site:CDB");
    flow_expect_state(world, ITEM("P1"), STATE_RETURNED);
    engine_world_expect(world, "SO-1", ITEM("P1"), "on-hold", "reject");
    flow_sign_in(world, "li", "13572468");
    no = flow_start(world, "inspect", NULL);
    engine_world_expect(world, no, ITEM("P1"), "on-hold", "accept");
    flow_complete(world, no);
    flow_expect_state(world, ITEM("P1"), STATE_ACTIVE);
    engine_world_expect(world, "SO-1", ITEM("P1"), "ok", "accept");
    engine_world_verify(world);
}

static void a_void_takes_back(void **state)
{
    struct engine_world *world = *state;
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    engine_world_expect(world, "SO-1", ITEM("S2"), "ok", "accept");
    assert_int_equal(flow_try_complete(world, "SO-1", &(struct completion){.short_reason = "stock"}), RC_OK);
    flow_sign_in(world, "li", "13572468");
    const char *no = flow_start(world, "void", "of=SO-1", NULL);
    engine_world_expect(world, no, ITEM("S3"), "wrong-holder", "reject"); /* it never left */
    assert_int_equal(flow_undo(world, no, engine_world_last(world)), RC_OK);
    undone_it_is_as_before(world, no, ITEM("S1"));
    engine_world_expect(world, no, ITEM("S1"), "ok", "accept");
    flow_complete(world, no); /* part of it will do */
    flow_expect_at(world, ITEM("S1"), "site:CDB");
    flow_expect_at(world, ITEM("S2"), "transit:party:D-1");
    engine_world_verify(world);
}

/* One at a time, and the second asks for what the first left. */
static void what_is_left_is_taken_back(void **state)
{
    struct engine_world *world = *state;
    const char *field, *no;
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    engine_world_expect(world, "SO-1", ITEM("S2"), "ok", "accept");
    assert_int_equal(flow_try_complete(world, "SO-1", &(struct completion){.short_reason = "stock"}), RC_OK);
    flow_sign_in(world, "li", "13572468");
    for (int i = 0; i <= 1; i++) {
        no = flow_start(world, "void", i ? "of=t:out,1" : "of=SO-1", NULL);
        assert_int_equal(flow_try_start(world, "void", "of=SO-1", NULL, &field), RC_REFUSED);
        assert_string_equal(field, "of");
        engine_world_expect(world, no, i ? ITEM("S2") : ITEM("S1"), "ok", "accept");
        flow_complete(world, no);
    }
    assert_int_equal(flow_try_start(world, "void", "of=SO-1", NULL, &field), RC_REFUSED);
    flow_expect_at(world, ITEM("S2"), "site:CDB");
    engine_world_verify(world);
}

/* ---- counting ---- */

struct seen {
    int count;
    struct difference rows[8];
};

static bool see(void *context, const struct difference *difference)
{
    struct seen *seen = context;
    seen->rows[seen->count++] = *difference;
    return seen->count < 8;
}

static void a_count_moves_nothing_and_tells_differences(void **state)
{
    struct engine_world *world = *state;
    struct seen seen = {.count = 0};
    const char *no = flow_start(world, "count", "product=B", "lot=LR", NULL);
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    engine_world_expect(world, no, ITEM("R1"), "recalled", "accept");
    engine_world_expect(world, no, ITEM("R1"), "duplicate", "reject");
    engine_world_expect(world, no, ITEM("S1"), "wrong-lot", "warn"); /* reserved elsewhere: of no weight here */
    assert_int_equal(engine_differences(world->engine, flow_doc(world, no), see, &seen), RC_OK);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.rows[0].lot, "LR");
    assert_int_equal(seen.rows[0].expected, 2 * QTY_ONE);
    assert_int_equal(seen.rows[0].counted, QTY_ONE);
    assert_string_equal(seen.rows[1].lot, "L1");
    assert_int_equal(seen.rows[1].expected, 0);
    assert_int_equal(seen.rows[1].counted, QTY_ONE);
    assert_int_equal(flow_try_complete(world, no, &(struct completion){.field_count = 0}), RC_RECOUNT);
    assert_int_equal(flow_try_complete(world, no, &(struct completion){.recounted = true}), RC_OK);
    flow_expect_at(world, ITEM("R1"), "site:CDB");
    engine_world_expect(world, "SO-1", ITEM("S1"), "duplicate", "reject");
    engine_world_verify(world);
}

static void a_count_that_agrees_asks_nothing(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "count", "product=B", "lot=LR", NULL);
    engine_world_expect(world, no, ITEM("R1"), "recalled", "accept");
    int64_t seq = engine_world_expect(world, no, ITEM("R2"), "recalled", "accept");
    assert_int_equal(flow_undo(world, no, seq), RC_OK);
    engine_world_expect(world, no, ITEM("R2"), "recalled", "accept");
    flow_complete(world, no);
    no = flow_start(world, "count", "product=D", NULL);
    assert_int_equal(engine_world_scan(world, no, D_CLASS, 40 * QTY_ONE)->verdict.reason, REASON_OK);
    flow_complete(world, no);
    engine_world_verify(world);
}

static bool says_expected(void *context, const struct store_journal_line *line)
{
    *(bool *)context = strstr(line->body, "\"differences\":[{") && strstr(line->body, "\"expected\":\"14\"");
    return false;
}

static void a_blind_count_meets_the_books_at_its_end(void **state)
{
    struct engine_world *world = *state;
    struct seen seen = {.count = 0};
    const char *no = flow_start(world, "count", NULL);
    engine_world_expect(world, no, CASE, "ok", "accept");
    engine_world_expect(world, no, ITEM("R1"), "recalled", "accept");
    engine_world_expect(world, no, ITEM("R2"), "recalled", "accept");
    assert_int_equal(engine_differences(world->engine, flow_doc(world, no), see, &seen), RC_OK);
    assert_int_equal(seen.count, 2); /* of LR nothing is missing, of D nobody asked */
    assert_string_equal(seen.rows[0].lot, "L1");
    assert_int_equal(seen.rows[0].expected, 14 * QTY_ONE);
    assert_int_equal(seen.rows[0].counted, 4 * QTY_ONE);
    assert_string_equal(seen.rows[1].lot, "LQ");
    bool said = false;
    assert_int_equal(flow_try_complete(world, no, &(struct completion){.recounted = true}), RC_OK);
    assert_int_equal(store_journal(engine_store(world->engine), engine_world_last(world), says_expected, &said),
                     RC_OK);
    assert_true(said);
    no = flow_start(world, "count", "place=A-02", NULL);
    engine_world_expect(world, no, CASE, "ok", "accept");
    flow_complete(world, no);
}

/* ---- the rest ---- */

static void a_recall_brings_to_quarantine(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "recall", "notice=R-7", NULL);
    undone_it_is_as_before(world, no, ITEM("R1"));
    struct outcome *outcome = engine_world_scan(world, no, ITEM("R1"), 0);
    assert_string_equal(reason_word(outcome->verdict.reason), "recalled");
    assert_true(outcome->to_quarantine);
    engine_world_expect(world, no, ITEM("R3"), "recalled", "accept"); /* wherever the books have it */
    int64_t seq = engine_world_expect(world, no, ITEM("S1"), "not-on-order", "reject");
    assert_int_equal(engine_set_aside(world->engine, flow_doc(world, no), seq), RC_OK);
    flow_complete(world, no); /* what is missing goes on being missed */
    flow_expect_at(world, ITEM("R1"), "site:CDQ");
    flow_expect_at(world, ITEM("R3"), "site:CDQ");
    flow_expect_at(world, ITEM("R2"), "site:CDB");
    engine_world_verify(world);
}

static void scrap_destroys_and_a_sample_is_gone(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "scrap", "reason=damaged", NULL);
    undone_it_is_as_before(world, no, ITEM("S1"));
    engine_world_expect(world, no, ITEM("S1"), "ok", "accept");
    flow_complete(world, no);
    flow_expect_at(world, ITEM("S1"), "destroyed");
    engine_world_expect(world, "SO-1", ITEM("S1"), "void-code", "reject");
    no = flow_start(world, "scrap", "reason=damaged", NULL); /* it can't be destroyed twice */
    int64_t seq = engine_world_expect(world, no, ITEM("S1"), "wrong-holder", "reject");
    assert_int_equal(engine_set_aside(world->engine, flow_doc(world, no), seq), RC_OK);
    no = flow_start(world, "sample", "reason=gift", "who=zhao", NULL);
    engine_world_expect(world, no, ITEM("S2"), "ok", "accept");
    flow_complete(world, no);
    flow_expect_at(world, ITEM("S2"), "sold");
    engine_world_verify(world);
}

static void late_entries_go_where_they_went(void **state)
{
    struct engine_world *world = *state;
    flow_sign_in(world, "li", "13572468");
    const char *no = flow_start(world, "late-entry", "to=D-1", "at=2026-11-20", NULL);
    undone_it_is_as_before(world, no, ITEM("S1"));
    engine_world_expect(world, no, ITEM("S1"), "ok", "accept");
    flow_complete(world, no);
    flow_expect_at(world, ITEM("S1"), "party:D-1");
}

static void a_baseline_books_what_nobody_knows(void **state)
{
    struct engine_world *world = *state;
    flow_sign_in(world, "li", "13572468");
    const char *no = flow_start(world, "baseline", NULL);
    engine_world_expect(world, no, "box-0001", "unknown-code", "warn"); /* nothing says what it is */
    struct outcome *outcome = engine_world_scan(world, no, B_CLASS, 0);
    assert_true(outcome->context_set);
    assert_int_equal(outcome->verdict.qty, 0);
    outcome = engine_world_scan(world, no, "box-0002", 0);
    assert_string_equal(reason_word(outcome->verdict.reason), "unregistered");
    assert_true(outcome->facts.bound);
    assert_string_equal(outcome->facts.product.id, "B");
    assert_int_equal(engine_set_context(world->engine, flow_doc(world, no), "W", "W1"), RC_OK);
    outcome = engine_world_scan(world, no, "bottle-1", 0);
    assert_string_equal(outcome->facts.product.id, "W");
    assert_string_equal(outcome->facts.lot.id, "W1");
    flow_complete(world, no);
    flow_expect_at(world, "box-0002", "site:CDB");
    engine_world_expect(world, "SO-1", "box-0002", "ok", "accept"); /* known from now on, before any sync */
    engine_world_verify(world);
}

static void a_sites_own_flow_has_its_limits(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "cold-receipt", "from=D-1", NULL);
    engine_world_expect(world, no, ITEM("P1"), "ok", "accept");
    struct completion completion = {.field_count = 0};
    assert_int_equal(flow_try_complete(world, no, &completion), RC_FIELD_MISSING);
    assert_string_equal(engine_bad_field(world->engine), "temperature");
    completion = (struct completion){.field_count = 1, .fields = {{"temperature", "warm"}}};
    assert_int_equal(flow_try_complete(world, no, &completion), RC_BAD_INPUT);
    completion.fields[0].value = "12";
    assert_int_equal(flow_try_complete(world, no, &completion), RC_FIELD_LIMIT);
    completion.fields[0].name = "plate";
    assert_int_equal(flow_try_complete(world, no, &completion), RC_BAD_INPUT);
    assert_string_equal(engine_bad_field(world->engine), "plate");
    completion.fields[0].name = "temperature";
    completion.supervisor = "li";
    assert_int_equal(flow_try_complete(world, no, &completion), RC_OK);
    flow_expect_at(world, ITEM("P1"), "site:CDB");
}

/* ---- who may what ---- */

static void one_undoes_ones_own(void **state)
{
    struct engine_world *world = *state;
    int64_t seq = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    int64_t latch = engine_world_expect(world, "SO-1", ITEM("R1"), "recalled", "reject");
    flow_sign_in(world, "zhao", "1357");
    assert_int_equal(flow_undo(world, "SO-1", seq), RC_SUPERVISOR);
    assert_int_equal(flow_undo(world, "SO-1", latch), RC_OK); /* it counted for nothing */
    flow_sign_in(world, "li", "13572468");
    assert_int_equal(flow_undo(world, "SO-1", seq), RC_OK);
    assert_int_equal(engine_sign_out(world->engine), RC_OK);
    seq = engine_world_last(world);
    struct completion completion = {.short_reason = "stock"};
    assert_int_equal(flow_try_complete(world, "SO-1", &completion), RC_REFUSED);
    assert_int_equal(engine_abandon(world->engine, flow_doc(world, "SO-1"), NULL), RC_REFUSED);
    assert_int_equal(engine_world_last(world), seq);
}

static void damaged_goods_are_exchanged(void **state)
{
    struct engine_world *world = *state;
    int64_t seq = engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    assert_int_equal(engine_exchange(world->engine, flow_doc(world, "SO-1"), seq), RC_OK);
    assert_int_equal(engine_world_tallied(world, "SO-1", 0), 0);
    flow_expect_state(world, ITEM("S1"), STATE_DAMAGED);
    engine_world_expect(world, "SO-1", ITEM("S1"), "void-code", "reject");
    engine_world_expect(world, "SO-1", ITEM("S2"), "ok", "accept");
    assert_int_equal(engine_exchange(world->engine, flow_doc(world, "SO-1"), seq), RC_REFUSED);
    engine_world_verify(world);
}

static void abandoned_all_is_as_before(void **state)
{
    struct engine_world *world = *state;
    const char *no = flow_start(world, "scrap", "reason=damaged", NULL);
    char doc[DOC_MAX + 1];
    snprintf(doc, sizeof doc, "%s", flow_doc(world, no));
    engine_world_expect(world, no, ITEM("S1"), "ok", "accept");
    engine_world_expect(world, "SO-1", ITEM("S1"), "in-other-document", "confirm");
    assert_int_equal(engine_abandon(world->engine, doc, NULL), RC_OK);
    flow_expect_at(world, ITEM("S1"), "site:CDB");
    engine_world_expect(world, "SO-1", ITEM("S1"), "ok", "accept");
    assert_int_equal(engine_abandon(world->engine, doc, NULL), RC_CLOSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, flow_world_open, flow_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(outbound_moves_to_the_party),
        TEST(a_receipt_takes_in),
        TEST(a_receipt_against_paper_has_extras),
        TEST(a_receipt_is_short_with_a_reason),
        TEST(a_transfer_goes_to_a_site),
        TEST(a_return_is_held_until_inspected),
        TEST(a_void_takes_back),
        TEST(what_is_left_is_taken_back),
        TEST(a_count_moves_nothing_and_tells_differences),
        TEST(a_count_that_agrees_asks_nothing),
        TEST(a_blind_count_meets_the_books_at_its_end),
        TEST(a_recall_brings_to_quarantine),
        TEST(scrap_destroys_and_a_sample_is_gone),
        TEST(late_entries_go_where_they_went),
        TEST(a_baseline_books_what_nobody_knows),
        TEST(a_sites_own_flow_has_its_limits),
        TEST(one_undoes_ones_own),
        TEST(damaged_goods_are_exchanged),
        TEST(abandoned_all_is_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
