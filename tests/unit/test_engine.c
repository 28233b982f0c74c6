/* Engine and store together on a real data folder: documents from open to complete, and what may go wrong between. */
#include "app/engine/engine.h"
#include "platform/clock.h"
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* clang-format off */
static const char *const FEED =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"中心库\",\"kind\":\"warehouse\",\"region\":null,\"party\":null}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"蓉城商贸\",\"kind\":\"dealer\",\"region\":null,\"parent\":null,\"min_life_days\":30}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Pump seal kit\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\",\"decimals\":0,\"control\":\"item\","
    "\"pack\":[{\"level\":1,\"name\":\"箱\",\"gtin\":\"15901234123454\",\"contains\":4}]}\n"
    "{\"type\":\"product\",\"id\":\"D\",\"name\":\"螺栓\",\"gtin\":[\"04006381333931\"],\"unit\":\"u\",\"decimals\":0,\"control\":\"none\",\"pack\":[]}\n"
    "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"L1\",\"made\":\"2026-01-10\",\"expires\":\"2028-01-10\",\"quality\":\"released\"}\n"
    "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"L2\",\"made\":\"2026-01-10\",\"expires\":\"2026-12-01\",\"quality\":\"released\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)A1\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0,\"in\":\"(00)069012340000000016\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)A2\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0,\"in\":\"(00)069012340000000016\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)A3\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0,\"in\":\"(00)069012340000000016\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)A4\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0,\"in\":\"(00)069012340000000016\"}\n"
    "{\"type\":\"code\",\"code\":\"(00)069012340000000016\",\"level\":1,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)S1\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)S2\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)S3\",\"product\":\"B\",\"lot\":\"L1\",\"level\":0,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)X2\",\"product\":\"B\",\"lot\":\"L2\",\"level\":0,\"holder\":\"site:RDB\"}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,1\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D-1\","
    "\"group\":null,\"due\":\"2026-11-23\",\"note\":\"\",\"lines\":[{\"line\":\"m,1\",\"product\":\"B\",\"qty\":\"5\",\"tolerance\":\"0\",\"lot\":null,\"picks\":[]},"
    "{\"line\":\"m,2\",\"product\":\"D\",\"qty\":\"400\",\"tolerance\":\"0\",\"lot\":null,\"picks\":[]}]}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,2\",\"no\":\"SO-2\",\"flow\":\"outbound\",\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D-1\","
    "\"group\":null,\"due\":\"2026-11-23\",\"note\":\"\",\"lines\":[{\"line\":\"m,3\",\"product\":\"B\",\"qty\":\"2\",\"tolerance\":\"0\",\"lot\":null,\"picks\":[]}]}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"王芳\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,\"pin\":\"2468\"}\n"
    "{\"type\":\"operator\",\"id\":\"li\",\"name\":\"李强\",\"role\":\"supervisor\",\"site\":\"CDB\",\"region\":null,\"pin\":\"13572468\"}\n"
    "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\",\"enforce\":[],\"start\":null}\n";
/* clang-format on */

static const char CASE[] = "(00)069012340000000016";

struct world {
    char dir[64];
    struct engine *engine;
};

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    (void)type;
    (void)at;
    return remove(path);
}

static void open_engine(struct world *world)
{
    struct engine_options options = {.dir = world->dir,
                                     .what = "test",
                                     .site = "CDB",
                                     .clock = clock_pinned(1795305600000, 480)}; /* 2026-11-22 00:00 UTC */
    assert_int_equal(engine_open(&options, &world->engine, NULL), RC_OK);
}

static void import_text(struct world *world, const char *feed)
{
    FILE *stream = fmemopen((void *)(uintptr_t)feed, strlen(feed), "r");
    struct feed_error error = {.text = ""};
    long count = 0;
    enum rc rc = store_import(engine_store(world->engine), stream, NULL, &count, &error);
    fclose(stream);
    if (rc != RC_OK)
        fail_msg("import: %s: line %ld: %s", rc_word(rc), error.line, error.text);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    strcpy(world->dir, "/tmp/tallyman-engine-XXXXXX");
    if (!mkdtemp(world->dir))
        return -1;
    open_engine(world);
    import_text(world, FEED);
    assert_int_equal(engine_sign_in(world->engine, "wang", "2468", NULL), RC_OK);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    engine_close(world->engine);
    nftw(world->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(world);
    return 0;
}

static struct outcome *scan_qty(struct world *world, const char *no, const char *text, qty_t qty)
{
    static struct outcome outcome;
    struct scan *scan = scan_new(text, strlen(text));
    char doc[DOC_MAX + 1];
    static int64_t mono_ns = 1000000000;
    mono_ns += 1000000000;
    scan->mono_ns = mono_ns;
    assert_int_equal(store_document_name(engine_store(world->engine), no, doc), RC_OK);
    assert_int_equal(engine_scan(world->engine, doc, scan, qty, &outcome), RC_OK);
    free(scan);
    return &outcome;
}

static struct outcome *scan(struct world *world, const char *no, const char *text)
{
    return scan_qty(world, no, text, 0);
}

static void expect(struct world *world, const char *no, const char *text, const char *reason, const char *severity)
{
    struct outcome *outcome = scan(world, no, text);
    assert_string_equal(reason_word(outcome->verdict.reason), reason);
    assert_string_equal(severity_word(outcome->verdict.severity), severity);
}

static qty_t tallied(struct world *world, const char *no, size_t line)
{
    struct document *document;
    assert_int_equal(engine_document(world->engine, no, &document), RC_OK);
    qty_t qty = document->lines[line].tallied;
    document_free(document);
    return qty;
}

static int64_t last_seq(struct world *world)
{
    struct store_counts counts;
    assert_int_equal(store_counts(engine_store(world->engine), &counts), RC_OK);
    return counts.last_seq;
}

static void verify(struct world *world)
{
    int64_t count = 0, bad = 0;
    assert_int_equal(store_verify(engine_store(world->engine), &count, &bad), RC_OK);
    assert_int_equal(count, last_seq(world));
}

static void test_whole_order(void **state)
{
    struct world *world = *state;
    expect(world, "SO-1", CASE, "ok", "accept");
    assert_int_equal(tallied(world, "SO-1", 0), 4 * QTY_ONE);
    expect(world, "SO-1", CASE, "duplicate", "reject");
    expect(world, "SO-1", "(01)05901234123457(21)A2", "duplicate", "reject");
    expect(world, "SO-1", "(01)05901234123457(21)S1", "ok", "accept");
    expect(world, "SO-1", "(01)05901234123457(21)S2", "over-quantity", "reject");
    expect(world, "SO-1", "(01)05901234123457(21)NOBODY", "unregistered", "reject");
    expect(world, "SO-1", "hello", "unknown-code", "reject");
    expect(world, "SO-1", "(01)05901234123457", "need-serial", "reject");
    struct outcome *bolts = scan_qty(world, "SO-1", "(01)04006381333931", 400 * QTY_ONE);
    assert_int_equal(bolts->verdict.reason, REASON_OK);
    assert_true(bolts->order_done);
    struct completion completion = {.set_aside = false};
    assert_int_equal(engine_complete(world->engine, "t:out,1", &completion, NULL), RC_LATCHED);
    completion.set_aside = true;
    assert_int_equal(engine_complete(world->engine, "t:out,1", &completion, NULL), RC_OK);
    expect(world, "SO-1", "(01)05901234123457(21)S3", "document-closed", "reject");
    expect(world, "SO-2", "(01)05901234123457(21)A1", "already-shipped", "reject");
    verify(world);
}

static void test_item_out_of_case_then_case(void **state)
{
    struct world *world = *state;
    expect(world, "SO-1", "(01)05901234123457(21)A1", "ok", "accept");
    struct outcome *outcome = scan(world, "SO-1", CASE);
    assert_int_equal(outcome->verdict.reason, REASON_PARTIAL_CONTAINER);
    assert_true(outcome->waiting);
    assert_int_equal(outcome->verdict.qty, 3 * QTY_ONE);
    assert_int_equal(tallied(world, "SO-1", 0), QTY_ONE);
    int64_t seq = outcome->seq;
    assert_int_equal(engine_confirm(world->engine, "t:out,1", seq, ""), RC_OK);
    assert_int_equal(tallied(world, "SO-1", 0), 4 * QTY_ONE);
    assert_int_equal(engine_confirm(world->engine, "t:out,1", seq, ""), RC_REFUSED);
    assert_int_equal(engine_undo(world->engine, "t:out,1", seq + 1), RC_OK); /* by its confirm record */
    assert_int_equal(tallied(world, "SO-1", 0), QTY_ONE);
    assert_int_equal(engine_undo(world->engine, "t:out,1", seq), RC_REFUSED);
    verify(world);
}

static void test_undo_frees_the_unit(void **state)
{
    struct world *world = *state;
    struct outcome *outcome = scan(world, "SO-1", CASE);
    assert_int_equal(engine_undo(world->engine, "t:out,1", outcome->seq), RC_OK);
    assert_int_equal(tallied(world, "SO-1", 0), 0);
    expect(world, "SO-1", "(01)05901234123457(21)A2", "ok", "accept");
}

static void test_moves_here(void **state)
{
    struct world *world = *state;
    expect(world, "SO-1", "(01)05901234123457(21)S1", "ok", "accept");
    struct outcome *outcome = scan(world, "SO-2", "(01)05901234123457(21)S1");
    assert_int_equal(outcome->verdict.reason, REASON_IN_OTHER_DOCUMENT);
    assert_string_equal(outcome->facts.other_no, "SO-1");
    assert_int_equal(engine_confirm(world->engine, "t:out,2", outcome->seq, ""), RC_OK);
    assert_int_equal(tallied(world, "SO-1", 0), 0);
    assert_int_equal(tallied(world, "SO-2", 0), QTY_ONE);
    expect(world, "SO-2", "(01)05901234123457(21)S1", "duplicate", "reject");
}

static void test_moves_part_of_a_case_here(void **state)
{
    struct world *world = *state;
    expect(world, "SO-1", CASE, "ok", "accept");
    struct outcome *outcome = scan(world, "SO-2", "(01)05901234123457(21)A3");
    assert_int_equal(outcome->verdict.reason, REASON_IN_OTHER_DOCUMENT);
    assert_int_equal(engine_confirm(world->engine, "t:out,2", outcome->seq, ""), RC_OK);
    assert_int_equal(tallied(world, "SO-1", 0), 3 * QTY_ONE);
    assert_int_equal(tallied(world, "SO-2", 0), QTY_ONE);
}

static void test_supervisor_overrules(void **state)
{
    struct world *world = *state;
    struct outcome *outcome = scan(world, "SO-2", CASE);
    assert_int_equal(outcome->verdict.reason, REASON_OVER_QUANTITY);
    int64_t seq = outcome->seq;
    assert_int_equal(engine_confirm(world->engine, "t:out,2", seq, ""), RC_SUPERVISOR);
    assert_int_equal(engine_check_supervisor(world->engine, "li", "13572468"), RC_OK);
    assert_int_equal(engine_check_supervisor(world->engine, "wang", "2468"), RC_SUPERVISOR);
    assert_int_equal(engine_confirm(world->engine, "t:out,2", seq, "li"), RC_OK);
    assert_int_equal(tallied(world, "SO-2", 0), 4 * QTY_ONE);
    outcome = scan(world, "SO-1", "hello");
    assert_int_equal(engine_confirm(world->engine, "t:out,1", outcome->seq, "li"), RC_REFUSED);
}

static void test_elsewhere(void **state)
{
    struct world *world = *state;
    struct outcome *outcome = scan(world, "SO-1", "(01)05901234123457(21)X2");
    assert_int_equal(outcome->verdict.reason, REASON_SHORT_LIFE); /* 9 days left of the 30 that the dealer demands */
    assert_true(outcome->verdict.findings & REASON_BIT(REASON_WRONG_HOLDER));
}

static void test_recall_after_the_beep(void **state)
{
    struct world *world = *state;
    expect(world, "SO-2", "(01)05901234123457(21)S1", "ok", "accept");
    expect(world, "SO-2", "(01)05901234123457(21)S2", "ok", "accept");
    import_text(world, "{\"type\":\"recall\",\"id\":\"R-7\",\"product\":\"B\",\"lots\":[],\"codes\":"
                       "[\"(01)05901234123457(21)S1\"],\"reason\":\"x\",\"action\":\"quarantine\"}\n");
    struct completion completion = {.set_aside = true};
    assert_int_equal(engine_complete(world->engine, "t:out,2", &completion, NULL), RC_RECHECK);
    assert_int_equal(tallied(world, "SO-2", 0), QTY_ONE);
    assert_int_equal(engine_complete(world->engine, "t:out,2", &completion, NULL), RC_SHORT);
    completion.short_reason = "recalled";
    assert_int_equal(engine_complete(world->engine, "t:out,2", &completion, NULL), RC_OK);
}

static void test_blind_count(void **state)
{
    struct world *world = *state;
    expect(world, "SO-1", CASE, "ok", "accept");
    expect(world, "SO-1", "(01)05901234123457(21)S1", "ok", "accept");
    struct completion completion = {
        .short_reason = "no stock", .counted = true, .cases = QTY_ONE, .loose = 2 * QTY_ONE};
    assert_int_equal(engine_complete(world->engine, "t:out,1", &completion, NULL), RC_COUNT_MISMATCH);
    completion.loose = QTY_ONE;
    assert_int_equal(engine_complete(world->engine, "t:out,1", &completion, NULL), RC_OK);
}

static void test_a_box_of_covers_is_a_case(void **state)
{
    struct world *world = *state;
    qty_t cases = 0, loose = 0;
    import_text(world, "{\"type\":\"code\",\"code\":\"(00)069012340000000023\",\"product\":\"D\",\"covers\":50,"
                       "\"holder\":\"site:CDB\"}\n");
    expect(world, "SO-1", "(00)069012340000000023", "ok", "accept");
    assert_int_equal(tallied(world, "SO-1", 1), 50 * QTY_ONE);
    assert_int_equal(store_counted(engine_store(world->engine), "t:out,1", &cases, &loose), RC_OK);
    assert_int_equal(cases, QTY_ONE);
    assert_int_equal(loose, 0);
}

static void test_lost_catalog_loses_no_work(void **state)
{
    struct world *world = *state;
    char path[128];
    expect(world, "SO-1", CASE, "ok", "accept");
    snprintf(path, sizeof path, "%s/catalog-1.db", world->dir);
    assert_int_equal(remove(path), 0);
    assert_int_equal(tallied(world, "SO-1", 0), 4 * QTY_ONE);
    expect(world, "SO-1", CASE, "duplicate", "reject");
    expect(world, "SO-1", "(01)05901234123457(21)S1", "unknown-code", "reject");
    verify(world);
}

static void test_survives_reopening(void **state)
{
    struct world *world = *state;
    expect(world, "SO-1", CASE, "ok", "accept");
    engine_close(world->engine);
    open_engine(world);
    assert_int_equal(engine_sign_in(world->engine, "wang", "2468", NULL), RC_OK);
    expect(world, "SO-1", CASE, "duplicate", "reject");
    assert_int_equal(tallied(world, "SO-1", 0), 4 * QTY_ONE);
    verify(world);
}

static void test_locks_out(void **state)
{
    struct world *world = *state;
    int64_t wait_ms = 0;
    for (int i = 0; i < PIN_TRIES; i++)
        assert_int_equal(engine_sign_in(world->engine, "li", "0000", NULL), RC_AUTH);
    assert_int_equal(engine_sign_in(world->engine, "li", "13572468", &wait_ms), RC_LOCKED_OUT);
    assert_int_equal(wait_ms, PIN_LOCK_MS);
    engine_close(world->engine);
    open_engine(world);
    assert_int_equal(engine_sign_in(world->engine, "li", "13572468", NULL), RC_LOCKED_OUT);
    clock_pinned_advance(PIN_LOCK_MS);
    assert_int_equal(engine_sign_in(world->engine, "li", "13572468", NULL), RC_OK);
    assert_int_equal(engine_sign_in(world->engine, "nobody", "1", NULL), RC_AUTH);
}

static void test_one_process_a_folder(void **state)
{
    struct world *world = *state;
    struct store *second;
    struct store_owner owner;
    assert_int_equal(store_open(world->dir, "second", &second, &owner), RC_BUSY);
    assert_int_equal(owner.pid, getpid());
    assert_string_equal(owner.what, "test");
    struct store_counts counts;
    assert_int_equal(store_open_read(world->dir, &second), RC_OK); /* looking is free */
    assert_int_equal(store_counts(second, &counts), RC_OK);
    assert_int_equal(counts.last_seq, last_seq(world));
    store_close(second);
    expect(world, "SO-1", CASE, "ok", "accept");
}

static const struct verdict *scan_at(struct world *world, const char *text, int64_t mono_ns)
{
    static struct outcome outcome;
    struct scan *one = scan_new(text, strlen(text));
    one->mono_ns = mono_ns;
    assert_int_equal(engine_scan(world->engine, "t:out,1", one, 0, &outcome), RC_OK);
    free(one);
    return &outcome.verdict;
}

static void test_repeat_is_the_same_label_soon(void **state)
{
    struct world *world = *state;
    const int64_t ms = 1000000, start = (int64_t)100000 * ms;
    assert_int_equal(scan_at(world, "(01)04006381333931(30)5", start)->reason, REASON_OK);
    assert_int_equal(scan_at(world, "(01)04006381333931(30)5", start + REPEAT_MS * ms)->reason, REASON_REPEAT);
    assert_int_equal(scan_at(world, "(01)04006381333931(30)5", start + 3 * REPEAT_MS * ms)->reason, REASON_OK);
    assert_int_equal(scan_at(world, "(01)04006381333931(30)7", start + 3 * REPEAT_MS * ms + ms)->reason, REASON_OK);
    assert_int_equal(tallied(world, "SO-1", 1), (5 + 5 + 5 + 7) * QTY_ONE);
}

static void test_a_typed_quantity_goes_by_the_decimals(void **state)
{
    static const char bolt[] = "(01)04006381333931";
    struct world *world = *state;
    static struct outcome outcome;
    struct scan *scan = scan_new(bolt, strlen(bolt));
    expect(world, "SO-1", bolt, "ok", "accept");
    int64_t before = last_seq(world);
    assert_int_equal(engine_scan(world->engine, "t:out,1", scan, QTY_ONE * 3 / 2, &outcome), RC_FRACTION);
    assert_int_equal(last_seq(world), before);
    assert_int_equal(engine_scan(world->engine, "t:out,1", scan, 2 * QTY_ONE, &outcome), RC_OK);
    assert_int_equal(tallied(world, "SO-1", 1), 3 * QTY_ONE);
    free(scan);
}

static void test_abandon_releases(void **state)
{
    struct world *world = *state;
    expect(world, "SO-1", CASE, "ok", "accept");
    assert_int_equal(engine_abandon(world->engine, "t:out,1", NULL), RC_OK);
    assert_int_equal(engine_abandon(world->engine, "t:out,1", NULL), RC_CLOSED);
    expect(world, "SO-2", "(01)05901234123457(21)A1", "ok", "accept");
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(test_whole_order),
        ONE(test_item_out_of_case_then_case),
        ONE(test_undo_frees_the_unit),
        ONE(test_moves_here),
        ONE(test_moves_part_of_a_case_here),
        ONE(test_supervisor_overrules),
        ONE(test_elsewhere),
        ONE(test_recall_after_the_beep),
        ONE(test_blind_count),
        ONE(test_lost_catalog_loses_no_work),
        ONE(test_survives_reopening),
        ONE(test_locks_out),
        ONE(test_one_process_a_folder),
        ONE(test_abandon_releases),
        ONE(test_a_typed_quantity_goes_by_the_decimals),
        ONE(test_repeat_is_the_same_label_soon),
        ONE(test_a_box_of_covers_is_a_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
