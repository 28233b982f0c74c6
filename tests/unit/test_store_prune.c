/* Records leave the journal: only those that the server has for good and told back, that are old, and that no open document needs;
 * with every combination of watermarks. What is kept can be proved and told. */
#include "app/store/store.h"
#include "tests/unit/store_world.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static const char FEED[] =
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"Wang\",\"role\":\"supervisor\",\"site\":\"CDB\","
    "\"pin_hash\":\"$argon2id$v=19$m=8,t=1,p=1$BGwbqeoXA0UZc+eG0kcJ9Q$rARs/MqWPYJBUnjl1cnQ6Q4AoBnLKjfArfBULwy/"
    "4lM\"}\n"
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"CDB\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"B\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\","
    "\"decimals\":0,\"control\":\"item\"}\n";

enum { RECORDS = 6, COMBINED = 4 };
#define DAY_MS  ((int64_t)24 * 3600 * 1000)
#define THEN_MS ((int64_t)1795305600000)
#define NOW_MS  (THEN_MS + 40 * DAY_MS)
#define KEEP_MS (30 * DAY_MS)

static void note(struct store_world *world, int64_t at_ms)
{
    struct record record = {.kind = RECORD_SIGN_IN, .at_ms = at_ms, .offset_min = 480, .operator= "wang" };
    assert_int_equal(store_append(world->store, &record, NULL), RC_OK);
}

/* What is in the journal already, so that all that follows is the test's own. */
static int64_t begin(struct store_world *world)
{
    store_world_open(world, FEED);
    return store_last_seq(world->store);
}

static void told(struct store_world *world, int64_t acked, int64_t applied)
{
    const struct sync_store *sync = &world->engine.sync;
    assert_int_equal(sync->heard(sync->context, "h", NOW_MS), RC_OK);
    assert_int_equal(sync->acked(sync->context, acked, NULL, 0), RC_OK);
    engine_world_page(&world->engine, applied, "");
}

static int64_t drop_all(struct store_world *world, int64_t now_ms)
{
    int64_t dropped = 1, all = 0;
    while (dropped > 0) {
        assert_int_equal(store_prune(world->store, now_ms, KEEP_MS, &dropped), RC_OK);
        assert_true(dropped <= STORE_PRUNE_STEP);
        all += dropped;
    }
    return all;
}

static int64_t first_of(struct store_world *world)
{
    struct store_counts counts;
    assert_int_equal(store_counts(world->store, &counts), RC_OK);
    return counts.first_seq;
}

static void verify(struct store_world *world)
{
    int64_t count = 0, bad = 0;
    assert_int_equal(store_verify(world->store, &count, &bad), RC_OK);
    assert_int_equal(count, store_last_seq(world->store) - first_of(world) + 1);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void every_combination_of_watermarks(void **state)
{
    (void)state;
    for (int64_t acked = 0; acked <= COMBINED; acked++)
        for (int64_t applied = 0; applied <= COMBINED; applied++)
            for (int64_t open = 0; open <= 3; open += 3) { /* the record that opens a document, 0 none */
                struct store_world world = {0};
                int64_t before = begin(&world);
                for (int64_t i = 1; i <= COMBINED; i++)
                    if (i == open)
                        store_world_start(&world, "RC-1", "receipt", "site:CDB", NULL);
                    else
                        note(&world, THEN_MS);
                told(&world, before + acked, before + applied);
                int64_t limit = least(least(acked, applied), COMBINED - 1); /* the last one stays */
                if (open)
                    limit = least(limit, open - 1);
                /* those before the test's own are of the pinned clock, and as old */
                if (drop_all(&world, NOW_MS) != before + limit)
                    fail_msg("FAILED: acknowledged %d, applied %d, open from %d: not what was to go", (int)acked,
                             (int)applied, (int)open);
                assert_int_equal(first_of(&world), before + limit + 1);
                verify(&world);
                store_world_close(&world);
            }
}

static void only_what_is_old(void **state)
{
    (void)state;
    struct store_world world = {0};
    int64_t before = begin(&world);
    note(&world, THEN_MS);
    note(&world, NOW_MS - KEEP_MS); /* to the moment: not yet */
    note(&world, THEN_MS);          /* its clock was wrong: it stands behind one that stays */
    note(&world, NOW_MS);
    told(&world, before + 4, before + 4);
    assert_int_equal(drop_all(&world, THEN_MS + DAY_MS), 0);
    /* a clock that is years ahead drops nothing: the server's word counts */
    const struct sync_store *sync = &world.engine.sync;
    assert_int_equal(sync->heard(sync->context, "h", THEN_MS + DAY_MS), RC_OK);
    assert_int_equal(drop_all(&world, NOW_MS + 3650 * DAY_MS), 0);
    assert_int_equal(sync->heard(sync->context, "h", NOW_MS), RC_OK);
    assert_int_equal(drop_all(&world, NOW_MS), before + 1);
    store_world_close(&world);
}

static void a_few_at_a_time_and_in_pauses(void **state)
{
    (void)state;
    struct store_world world = {0};
    int64_t before = begin(&world), dropped;
    for (int i = 0; i < STORE_PRUNE_STEP + 50; i++)
        note(&world, THEN_MS);
    int64_t last = store_last_seq(world.store);
    told(&world, last, last);
    assert_int_equal(store_prune(world.store, NOW_MS, KEEP_MS, &dropped), RC_OK);
    assert_int_equal(dropped, STORE_PRUNE_STEP);
    store_idle(world.store); /* nobody said how long */
    assert_int_equal(first_of(&world), STORE_PRUNE_STEP + 1);
    store_keep(world.store, KEEP_MS);
    store_idle(world.store);
    assert_int_equal(first_of(&world), last);
    assert_int_equal(before + STORE_PRUNE_STEP + 50, last);
    verify(&world);
    store_world_close(&world);
}

/* While nobody works in the folder. */
static void tamper(struct store_world *world, const char *sql)
{
    char path[128];
    sqlite3 *db;
    engine_world_stop(&world->engine);
    snprintf(path, sizeof path, "%s/journal.db", world->engine.dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    engine_world_start(&world->engine);
    world->store = engine_store(world->engine.engine);
}

/* What is kept goes on: after a restart, with more records, and each byte of it still counts. */
static void what_is_kept_can_be_proved(void **state)
{
    (void)state;
    struct store_world world = {0};
    int64_t before = begin(&world), count, bad;
    for (int i = 0; i < RECORDS; i++)
        note(&world, THEN_MS);
    told(&world, before + 4, before + 4);
    assert_int_equal(drop_all(&world, NOW_MS), before + 4);
    store_world_reopen(&world);
    assert_int_equal(first_of(&world), before + 5);
    note(&world, NOW_MS);
    verify(&world);
    tamper(&world,
           "UPDATE record SET body = replace(body, 'wang', 'weng') WHERE seq = (SELECT min(seq) FROM record)");
    assert_int_equal(store_verify(world.store, &count, &bad), RC_CORRUPT);
    assert_int_equal(bad, before + 5);
    /* one that was taken away is no record that was dropped */
    tamper(&world, "DELETE FROM record WHERE seq = (SELECT min(seq) FROM record)");
    assert_int_equal(store_verify(world.store, &count, &bad), RC_CORRUPT);
    store_world_close(&world);
}

static void sync_tells_what_is_kept(void **state)
{
    (void)state;
    struct store_world world = {0};
    int64_t before = begin(&world);
    for (int i = 0; i < RECORDS; i++)
        note(&world, THEN_MS);
    told(&world, before + 4, before + 4);
    const struct sync_store *sync = &world.engine.sync;
    uint8_t last[CHAIN_HASH_BYTES], anchor[CHAIN_HASH_BYTES];
    struct sync_state about;
    struct sync_batch batch;
    assert_int_equal(sync->hash(sync->context, before + 4, last), RC_OK);
    drop_all(&world, NOW_MS);
    assert_int_equal(sync->state(sync->context, &about), RC_OK);
    assert_true(about.first_seq == before + 5 && about.last_seq == before + RECORDS);
    assert_int_equal(sync->hash(sync->context, before + 4, anchor), RC_OK);
    assert_memory_equal(last, anchor, sizeof last);
    assert_int_equal(sync->batch(sync->context, about.first_seq, 10, &batch), RC_OK);
    assert_int_equal(batch.count, 2);
    assert_int_equal(sync->batch(sync->context, before + 4, 10, &batch), RC_GONE);
    store_world_close(&world);
}

/* A server of another history has to be told everything again: from that moment on nothing more is dropped. */
static void nothing_goes_that_has_to_be_told_again(void **state)
{
    (void)state;
    struct store_world world = {0};
    int64_t before = begin(&world);
    for (int i = 0; i < RECORDS; i++)
        note(&world, THEN_MS);
    told(&world, before + RECORDS, before + RECORDS);
    const struct sync_store *sync = &world.engine.sync;
    assert_int_equal(sync->restart(sync->context, "h2", 0), RC_OK);
    assert_int_equal(drop_all(&world, NOW_MS), 0);
    assert_int_equal(sync->restart(sync->context, "h2", before + 2), RC_OK);
    assert_int_equal(drop_all(&world, NOW_MS), 0);
    store_world_close(&world);
}

/* Led into another epoch, and the battery pulled before the catalog that was begun for it was there: what the old one says of numbers
 * that are another's by now does not hold. */
static void a_watermark_holds_up_to_where_it_was_left(void **state)
{
    (void)state;
    struct store_world world = {0};
    struct sync_identity identity = {.span_count = 2, .spans = {{1, 0}, {2, 0}}};
    struct store_counts counts;
    struct sync_state about;
    int64_t before = begin(&world);
    for (int i = 0; i < RECORDS; i++)
        note(&world, THEN_MS);
    told(&world, before + 5, before + 5);
    const struct sync_store *sync = &world.engine.sync;
    identity.spans[1].base = before + 2;
    assert_int_equal(sync->set_identity(sync->context, &identity), RC_OK);
    assert_int_equal(sync->state(sync->context, &about), RC_OK);
    assert_true(about.epoch == 2 && about.acked_seq == before + 2 && about.applied_seq == before + 2);
    store_idle(world.store); /* who sees that the identity is another */
    assert_int_equal(store_counts(world.store, &counts), RC_OK);
    assert_true(counts.epoch == 2 && counts.acked_seq == before + 2 && counts.waiting == RECORDS - 2);
    assert_int_equal(drop_all(&world, NOW_MS), before + 2);
    /* what is said in the new epoch holds */
    assert_int_equal(sync->acked(sync->context, before + 4, NULL, 0), RC_OK);
    assert_int_equal(sync->state(sync->context, &about), RC_OK);
    assert_true(about.acked_seq == before + 4 && about.applied_seq == before + 2);
    note(&world, NOW_MS);
    verify(&world);
    store_world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_of_watermarks),
        cmocka_unit_test(only_what_is_old),
        cmocka_unit_test(a_few_at_a_time_and_in_pauses),
        cmocka_unit_test(what_is_kept_can_be_proved),
        cmocka_unit_test(sync_tells_what_is_kept),
        cmocka_unit_test(a_watermark_holds_up_to_where_it_was_left),
        cmocka_unit_test(nothing_goes_that_has_to_be_told_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
