/* The sync client against a scripted network: nothing lost, nothing twice, whatever happens on the way. */
#include "sync/wire/enrol.h"
#include "tests/unit/client_world.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEEDS = 400, TRIES_MAX = 200 };

static struct sync_client *client_of(struct world *world)
{
    struct sync_store store = world_store(world);
    struct sync_transport transport = world_transport(world);
    struct sync_client *client = NULL;
    assert_int_equal(sync_client_new(&store, &transport, &client), RC_OK);
    return client;
}

static enum rc run_once(struct world *world, struct sync_progress *ret_progress)
{
    struct sync_client *client = client_of(world);
    enum rc rc = sync_run(client, ret_progress);
    sync_client_free(client);
    return rc;
}

static void test_plain(void **state)
{
    (void)state;
    struct world *world = world_new(1234, 20);
    struct sync_progress progress;
    assert_int_equal(run_once(world, &progress), RC_OK);
    world_check_equal(world);
    assert_int_equal(progress.phase, SYNC_IDLE);
    assert_true(progress.pushed == 1234 && progress.pulled == 20 && progress.waiting == 0);
    assert_true(progress.refused == 123);
    assert_int_equal(world->biggest_batch, BATCH_MAX);
    assert_int_equal(world->restarts, 0);
    assert_true(world->heard_ms > 1795323153000);
    assert_string_equal(world->receipts[10].reason, "lost-claim");
    world_free(world);
}

static void test_each_fault_at_each_exchange(void **state)
{
    (void)state;
    for (int fault = WORLD_LOSE_REQUEST; fault < WORLD_FAULT_COUNT; fault++)
        for (int at = 0; at < 10; at++) {
            struct world *world = world_new(700, 20);
            struct sync_progress progress;
            struct sync_client *client = client_of(world);
            world->faults[at] = (enum world_fault)fault;
            world->fault_count = at + 1;
            enum rc rc = sync_run(client, &progress);
            bool reached = world->exchanges > at;
            if (reached && fault != WORLD_TWICE)
                assert_int_equal(rc, fault == WORLD_GARBAGE ? RC_PEER : RC_NET);
            world->fault_count = 0;
            assert_int_equal(sync_run(client, &progress), RC_OK);
            world_check_equal(world);
            sync_client_free(client);
            world_free(world);
        }
}

/* Random faults, the device scanning all the while, the client killed (its memory lost) now and then. */
static void test_random(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        uint8_t bytes[WORLD_FAULTS_MAX], key[randombytes_SEEDBYTES] = {0};
        memcpy(key, &seed, sizeof(seed));
        randombytes_buf_deterministic(bytes, sizeof(bytes), key);
        struct world *world = world_new(bytes[0] * 3, bytes[1] % WORLD_FEED_MAX);
        for (int i = 0; i < WORLD_FAULTS_MAX; i++)
            world->faults[i] = (enum world_fault)(bytes[i] % (WORLD_FAULT_COUNT + 3) < WORLD_FAULT_COUNT
                                                      ? bytes[i] % (WORLD_FAULT_COUNT + 3)
                                                      : WORLD_FINE);
        world->fault_count = WORLD_FAULTS_MAX;
        world->session_pushes = bytes[2] % 4;
        struct sync_client *client = client_of(world);
        struct sync_progress progress = {.rc = RC_NET};
        for (int tries = 0; tries < TRIES_MAX && !(progress.rc == RC_OK && tries > 8); tries++) {
            sync_run(client, &progress);
            world_append(world, tries < 8 ? bytes[3 + tries] % 5 : 0);
            if (bytes[20 + tries % 40] % 4 == 0) {
                sync_client_free(client);
                client = client_of(world);
            }
        }
        world->fault_count = 0;
        assert_int_equal(sync_run(client, &progress), RC_OK);
        world_check_equal(world);
        assert_int_equal(world->restarts, 0);
        sync_client_free(client);
        world_free(world);
    }
}

static void test_store_fails(void **state)
{
    (void)state;
    struct world *world = world_new(30, 20);
    struct sync_progress progress;
    world->fail_acked = RC_DISK_FULL;
    assert_int_equal(run_once(world, &progress), RC_DISK_FULL);
    assert_true(world->server_acked == 30 && world->state.acked_seq == 0 && progress.pushed == 0);
    world->fail_page = RC_IO;
    assert_int_equal(run_once(world, &progress), RC_IO);
    assert_string_equal(world->state.cursor, "");
    assert_int_equal(run_once(world, &progress), RC_OK);
    world_check_equal(world);
    world_free(world);
}

static void test_session_ends_in_mid_push(void **state)
{
    (void)state;
    struct world *world = world_new(1700, 3);
    struct sync_progress progress;
    world->session_pushes = 2;
    assert_int_equal(run_once(world, &progress), RC_OK);
    world_check_equal(world);
    assert_int_equal(world->sessions, 2);
    world_free(world);
}

static void test_server_restored(void **state)
{
    (void)state;
    /* from a backup: another history, fewer records, once with some waiting on the device and once without */
    for (int waiting = 0; waiting <= 5; waiting += 5) {
        struct world *world = world_new(900, 20);
        struct sync_progress progress;
        struct sync_client *client = client_of(world);
        assert_int_equal(sync_run(client, &progress), RC_OK);
        snprintf(world->server_history, sizeof(world->server_history), "h2");
        world->server_acked = 333;
        world->session[0] = '\0';
        world_append(world, waiting);
        assert_int_equal(sync_run(client, &progress), RC_OK);
        assert_true(world->restarts >= 1);
        assert_string_equal(world->state.history, "h2");
        world_check_equal(world);
        sync_client_free(client);
        world_free(world);
    }
}

static void test_server_promoted(void **state)
{
    (void)state;
    /* a standby that missed nothing; sessions live on */
    struct world *world = world_new(9, 20);
    struct sync_progress progress;
    struct sync_client *client = client_of(world);
    assert_int_equal(sync_run(client, &progress), RC_OK);
    snprintf(world->server_history, sizeof(world->server_history), "h2");
    world_append(world, 3);
    assert_int_equal(sync_run(client, &progress), RC_OK);
    assert_true(world->restarts >= 1);
    world_check_equal(world);
    sync_client_free(client);
    world_free(world);
}

static void test_cursor_too_old(void **state)
{
    (void)state;
    struct world *world = world_new(9, 20);
    struct sync_progress progress;
    assert_int_equal(run_once(world, &progress), RC_OK);
    world->cursor_too_old = true;
    assert_int_equal(run_once(world, &progress), RC_OK);
    assert_int_equal(world->restarts, 1);
    assert_true(world->state.acked_seq == 9);
    world_check_equal(world);
    world_free(world);
}

static void test_catalog_lost(void **state)
{
    (void)state;
    /* the watermark goes with the catalog: the server's stored verdicts bring it back */
    struct world *world = world_new(600, 20);
    struct sync_progress progress;
    assert_int_equal(run_once(world, &progress), RC_OK);
    for (int more = 0; more <= 1; more++) {
        world_append(world, more);
        memset(world->receipts, 0, sizeof(world->receipts));
        world->state.acked_seq = world->state.applied_seq = 0;
        world->state.cursor[0] = world->state.history[0] = '\0';
        memset(world->feed_rows, 0, sizeof(world->feed_rows));
        assert_int_equal(run_once(world, &progress), RC_OK);
        world_check_equal(world);
    }
    world_free(world);
}

static void test_fork(void **state)
{
    (void)state;
    struct world *world = world_new(20, 3);
    struct sync_progress progress;
    assert_int_equal(run_once(world, &progress), RC_OK);
    /* the device restored from a copy of record 10, and work gone on */
    world->state.last_seq = world->state.acked_seq = 10;
    assert_int_equal(run_once(world, &progress), RC_FORK);
    assert_true(strlen(progress.detail) > 0);
    world_append(world, 2);
    world->server_records[11].hash[0] ^= 1;
    assert_int_equal(run_once(world, &progress), RC_FORK);
    assert_true(world->state.acked_seq == 10 && world->server_acked == 20);
    /* the journal lost, the catalog kept */
    world->state.last_seq = 5;
    world->server_acked = world->state.acked_seq; /* it would agree with the watermark */
    assert_int_equal(run_once(world, &progress), RC_FORK);
    world_free(world);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int status;
        enum rc rc;
    } rows[] = {{"bad-chain", 422, RC_REFUSED},  {"bad-signature", 422, RC_REFUSED}, {"internal", 500, RC_REFUSED},
                {"busy", 503, RC_NET},           {"revoked", 403, RC_REVOKED},       {"gap", 409, RC_PEER},
                {"never-heard", 418, RC_REFUSED}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world *world = world_new(3, 3);
        struct sync_client *client = client_of(world);
        struct sync_progress progress;
        char body[256];
        for (int step = 0; step < 2; step++)
            assert_int_equal(sync_step(client, &progress), RC_OK);
        snprintf(body, sizeof(body),
                 "{\"history\":\"h1\",\"time\":\"2026-11-22T00:00:00.000+00:00\",\"error\":\"%s\","
                 "\"text\":\"Sorry\\u001b[31m.\",\"expected\":7}",
                 rows[i].word);
        world->override_body = body;
        world->override_status = rows[i].status;
        assert_int_equal(sync_step(client, &progress), rows[i].rc);
        assert_string_equal(progress.detail, "Sorry?[31m.");
        assert_int_equal(world->restarts, 0);
        assert_int_equal(sync_run(client, &progress), RC_OK);
        world_check_equal(world);
        sync_client_free(client);
        world_free(world);
    }
}

#define HEAD "{\"history\":\"h1\",\"time\":\"2026-11-22T00:00:00.000+00:00\","

/* Replies of a push of three that no server of this protocol gives. */
static void test_untrue_replies(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "null",
        "{}",
        HEAD "\"acked\":3}",
        HEAD "\"acked\":3,\"verdicts\":[\"accepted\",\"accepted\"]}",
        HEAD "\"acked\":2,\"verdicts\":[\"accepted\",\"accepted\",\"accepted\"]}",
        HEAD "\"acked\":-1,\"verdicts\":[\"accepted\",\"accepted\",\"accepted\"]}",
        HEAD "\"acked\":3,\"verdicts\":[\"accepted\",\"accepted\",\"perhaps\"]}",
        HEAD "\"acked\":3,\"verdicts\":[\"accepted\",\"accepted\",{\"refused\":\"two words\"}]}"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct world *world = world_new(3, 3);
        struct sync_client *client = client_of(world);
        struct sync_progress progress;
        for (int step = 0; step < 2; step++)
            assert_int_equal(sync_step(client, &progress), RC_OK);
        world->override_body = bodies[i];
        world->override_status = 200;
        assert_int_equal(sync_step(client, &progress), RC_PEER);
        assert_true(world->state.acked_seq == 0);
        sync_client_free(client);
        world_free(world);
    }
}

static void test_server_knows_more(void **state)
{
    (void)state;
    struct world *world = world_new(3, 3);
    struct sync_client *client = client_of(world);
    struct sync_progress progress;
    for (int step = 0; step < 2; step++)
        assert_int_equal(sync_step(client, &progress), RC_OK);
    world->override_body = HEAD "\"acked\":4,\"verdicts\":[\"accepted\",\"accepted\",\"accepted\"]}";
    world->override_status = 200;
    assert_int_equal(sync_step(client, &progress), RC_FORK);
    assert_true(world->state.acked_seq == 0);
    sync_client_free(client);
    world_free(world);
}

static void test_nonce_once(void **state)
{
    (void)state;
    struct world *world = world_new(3, 3);
    struct sync_client *client = client_of(world);
    struct sync_progress progress;
    world->faults[1] = WORLD_LOSE_REPLY;
    world->fault_count = 2;
    assert_int_equal(sync_run(client, &progress), RC_NET);
    assert_string_equal(world->last_path, "/v1/session");
    assert_int_equal(sync_step(client, &progress), RC_OK);
    assert_string_equal(world->last_path, "/v1/challenge");
    sync_client_free(client);
    world_free(world);
}

static void test_endless_server(void **state)
{
    (void)state;
    /* one that always has another history does not hold us for ever */
    struct world *world = world_new(0, 3);
    struct sync_client *client = client_of(world);
    struct sync_progress progress = {0};
    enum rc rc = RC_OK;
    int steps = 0;
    for (; rc == RC_OK && steps < 100; steps++) {
        snprintf(world->server_history, sizeof(world->server_history), "x%d", steps);
        world->cursor_too_old = false;
        rc = sync_step(client, &progress);
        if (progress.phase == SYNC_IDLE)
            break;
    }
    assert_true(rc == RC_HISTORY || rc == RC_GONE);
    assert_in_range(steps, 1, 50);
    sync_client_free(client);

    /* nor one that sends the same page again and again */
    client = client_of(world);
    for (int step = 0; step < 2; step++)
        assert_int_equal(sync_step(client, &progress), RC_OK);
    snprintf(world->state.history, sizeof(world->state.history), "h1");
    snprintf(world->state.cursor, sizeof(world->state.cursor), "h1-0-0");
    world->override_body = HEAD "\"cursor\":\"h1-0-0\",\"more\":true,\"epoch\":1,\"applied_seq\":0,\"count\":0}\n";
    world->override_status = 200;
    assert_int_equal(sync_step(client, &progress), RC_PEER);
    sync_client_free(client);
    world_free(world);
}

/* While the server works on a push, the next one is made ready; and sent, if it still is the next one. */
static void test_made_ready(void **state)
{
    (void)state;
    struct sync_progress progress;
    struct sync_client *client;
    struct world *world = world_new(3 * BATCH_MAX + 7, 5);
    struct sync_store store = world_store(world);
    struct sync_transport transport = world_transport(world);
    assert_int_equal(sync_client_new(&store, &transport, &client), RC_OK);
    while (world->state.acked_seq < 2 * BATCH_MAX)
        assert_int_equal(sync_step(client, &progress), RC_OK);
    assert_int_equal(world->batches, 1);
    assert_int_equal(world->batches_ahead, 2);
    world_append(world, 9); /* behind what is ready: it goes as it is */
    assert_int_equal(sync_step(client, &progress), RC_OK);
    assert_int_equal(world->batches, 1);
    assert_int_equal(sync_step(client, &progress), RC_OK);
    assert_int_equal(world->batches, 1);
    assert_int_equal(world->state.acked_seq, 3 * BATCH_MAX + 16);
    /* what is ready is thrown away with a push that failed */
    assert_int_equal(sync_run(client, &progress), RC_OK);
    world_append(world, 2 * BATCH_MAX);
    world->fault_count = world->exchanges + 1;
    world->faults[world->exchanges] = WORLD_LOSE_REPLY;
    world->batches = world->batches_ahead = 0;
    while (sync_step(client, &progress) == RC_OK)
        ;
    assert_int_equal(sync_run(client, &progress), RC_OK);
    assert_int_equal(world->batches, 2);
    assert_int_equal(world->batches_ahead, 2);
    world_check_equal(world);
    sync_client_free(client);
    world_free(world);
}

/* A long backlog goes in larger and larger batches, as large as this server takes them; over a bad link in small ones. */
static void test_large_batches(void **state)
{
    (void)state;
    static const struct {
        int64_t said;
        int exchanges, biggest; /* for 6,000 records; two of the exchanges are the session's, two pull */
    } servers[] = {{0, 15, 500},     {500, 15, 500},  {700, 12, 700},
                   {1000, 10, 1000}, {2000, 8, 2000}, {1 << 20, 8, 2000}};
    struct sync_progress progress;
    struct sync_client *client;
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        struct world *world = world_new(6000, 1);
        struct sync_store store = world_store(world);
        struct sync_transport transport = world_transport(world);
        world->batch_said = servers[i].said;
        assert_int_equal(sync_client_new(&store, &transport, &client), RC_OK);
        assert_int_equal(sync_run(client, &progress), RC_OK);
        assert_int_equal(world->exchanges, servers[i].exchanges);
        assert_int_equal(world->biggest_batch, servers[i].biggest);
        world_append(world, 2500);
        world->fault_count = world->exchanges + 1;
        world->faults[world->exchanges] = WORLD_LOSE_REQUEST;
        assert_int_equal(sync_step(client, &progress), RC_NET);
        world->biggest_batch = 0;
        assert_int_equal(sync_step(client, &progress), RC_OK);
        assert_int_equal(world->state.acked_seq, 6500);
        /* one that takes less than it said; then another, by the same address, says less in its session */
        world_append(world, 3000);
        world->batch_taken = BATCH_MAX;
        assert_int_equal(sync_run(client, &progress), RC_OK);
        world_append(world, 3000);
        world->batch_said = 0;
        world->session[0] = '\0';
        assert_int_equal(sync_run(client, &progress), RC_OK);
        world_check_equal(world);
        sync_client_free(client);
        world_free(world);
    }
}

static void test_too_big(void **state)
{
    (void)state;
    struct world *world = world_new(500, 3);
    struct sync_progress progress;
    world->body_max = 2000;
    assert_int_equal(run_once(world, &progress), RC_OK);
    world_check_equal(world);
    world->body_max = 10;
    world_append(world, 2);
    assert_int_equal(run_once(world, &progress), RC_TOO_BIG);
    world_free(world);
}

static void test_revoked(void **state)
{
    (void)state;
    struct world *world = world_new(3, 3);
    struct sync_progress progress;
    world->revoked = true;
    assert_int_equal(run_once(world, &progress), RC_REVOKED);
    assert_string_equal(progress.detail, "No.");
    world->revoked = false;
    world->identity.secret_key[3] ^= 1; /* signs what the server doesn't take */
    assert_int_equal(run_once(world, &progress), RC_REFUSED);
    assert_in_range(world->exchanges, 3, 20);
    world->identity.enrolled = false;
    assert_int_equal(run_once(world, &progress), RC_NOT_ENROLLED);
    world_free(world);
}

static void test_busy_scanner(void **state)
{
    (void)state;
    /* records come in as fast as they are pushed: pages are pulled all the same */
    struct world *world = world_new(1, 50);
    struct sync_client *client = client_of(world);
    struct sync_progress progress;
    for (int step = 0; step < 40; step++) {
        assert_int_equal(sync_step(client, &progress), RC_OK);
        world_append(world, 1);
    }
    assert_int_equal(progress.pulled, 50);
    assert_int_equal(sync_run(client, &progress), RC_OK);
    world_check_equal(world);
    sync_client_free(client);
    world_free(world);
}

/* ---- enrolment ---- */

static enum rc enrol(struct world *world, const char *token, struct sync_progress *ret_progress)
{
    struct enrol_string string = {.url = "http://127.0.0.1:1"};
    char text[ENROL_STRING_MAX + 1];
    snprintf(string.token, sizeof(string.token), "%s", token);
    assert_int_equal(enrol_string_encode(&string, text), RC_OK);
    struct sync_store store = world_store(world);
    struct sync_transport transport = world_transport(world);
    return sync_enrol(&store, &transport, text, ret_progress);
}

static void test_enrol(void **state)
{
    (void)state;
    struct world *world = world_new(3, 3);
    struct sync_progress progress;
    memset(&world->identity, 0, sizeof(world->identity));
    memset(world->public_key, 0, sizeof(world->public_key));
    assert_int_equal(enrol(world, "wrong", &progress), RC_REFUSED);
    assert_string_equal(progress.detail, "No.");
    assert_false(world->identity.enrolled);
    /* the reply is lost: the same key asks again */
    world->faults[1] = WORLD_LOSE_REPLY;
    world->fault_count = 2;
    assert_int_equal(enrol(world, "once", &progress), RC_NET);
    assert_false(world->identity.enrolled);
    assert_int_equal(enrol(world, "once", &progress), RC_OK);
    assert_true(world->identity.enrolled && world->identity.device == 3);
    assert_string_equal(world->identity.site, "CDB");
    assert_string_equal(world->identity.url, "http://127.0.0.1:1");
    assert_int_equal(enrol(world, "once", &progress), RC_OK); /* and again, by a clerk who scans it twice */
    assert_int_equal(run_once(world, &progress), RC_OK);
    world_check_equal(world);
    /* a string of another server: this journal speaks as device 3 */
    world->override_status = 200;
    world->override_body = HEAD "\"device\":4,\"site\":\"X\",\"url\":\"\"}";
    assert_int_equal(enrol(world, "other", &progress), RC_REFUSED);
    assert_true(world->identity.device == 3);
    world_free(world);
}

static void test_enrol_bad(void **state)
{
    (void)state;
    struct world *world = world_new(0, 0);
    struct sync_store store = world_store(world);
    struct sync_transport transport = world_transport(world);
    struct sync_progress progress;
    assert_int_equal(sync_enrol(&store, &transport, "tallyman:1:xx", &progress), RC_BAD_INPUT);
    assert_int_equal(sync_enrol(&store, &transport, "tallyman:2:xx", &progress), RC_NEWER);
    assert_int_equal(world->exchanges, 0);
    world->override_status = 200;
    world->override_body = "<html>";
    assert_int_equal(enrol(world, "once", &progress), RC_PEER);
    world->override_body = HEAD "\"device\":3,\"site\":\"X\",\"url\":\"gopher://x\"}";
    assert_int_equal(enrol(world, "once", &progress), RC_PEER);
    world_free(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_each_fault_at_each_exchange),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_store_fails),
        cmocka_unit_test(test_session_ends_in_mid_push),
        cmocka_unit_test(test_server_restored),
        cmocka_unit_test(test_server_promoted),
        cmocka_unit_test(test_cursor_too_old),
        cmocka_unit_test(test_catalog_lost),
        cmocka_unit_test(test_fork),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_untrue_replies),
        cmocka_unit_test(test_server_knows_more),
        cmocka_unit_test(test_nonce_once),
        cmocka_unit_test(test_endless_server),
        cmocka_unit_test(test_made_ready),
        cmocka_unit_test(test_large_batches),
        cmocka_unit_test(test_too_big),
        cmocka_unit_test(test_revoked),
        cmocka_unit_test(test_busy_scanner),
        cmocka_unit_test(test_enrol),
        cmocka_unit_test(test_enrol_bad),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
