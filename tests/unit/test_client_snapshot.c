/* The sync client and snapshots, against a scripted server: asked for when it pays, fetched piece by piece over cuts, with
 * records in between, begun anew when it has gone, given up for pages when it is never good. */
#include "sync/wire/refusal.h"
#include "sync/wire/snapshot.h"
#include "tests/unit/client_world.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE = 2 * SYNC_SNAPSHOT_PIECE + 12345, FEED = 150, TRIES_MAX = 100, LOG_MAX = 400 };

/* One at a time: both ports have the world as their context. */
static struct {
    struct world *world;
    struct sync_transport net;
    struct sync_client *client;
    uint8_t *bytes;        /* the server's */
    bool offered, changed; /* changed: a byte of each part is another on the way */
    int64_t applied_seq;
    int cuts, gone, asks, parts; /* to come; how often each was asked for */
    int64_t came;
    char log[LOG_MAX]; /* a letter a request: c s p(ush) l(pull) a(sk) b(ytes) */
    /* device */
    struct sync_snapshot what;
    bool begun;
    uint8_t *kept;
    int64_t have;
    int ends, bad;
    enum rc begin_rc, put_rc;
} snap;

/* ---- the device ---- */

static enum rc part_kept(void *context, struct sync_snapshot *ret_snapshot, int64_t *ret_have)
{
    assert_ptr_equal(context, snap.world);
    if (!snap.begun)
        return RC_NOT_FOUND;
    *ret_snapshot = snap.what;
    *ret_have = snap.have;
    return RC_OK;
}

static void part_drop(void *context)
{
    (void)context;
    snap.begun = false;
}

static enum rc part_begin(void *context, const struct sync_snapshot *snapshot)
{
    (void)context;
    if (snap.begin_rc != RC_OK)
        return snap.begin_rc;
    snap.what = *snapshot;
    snap.begun = true;
    snap.have = 0;
    return RC_OK;
}

static enum rc part_put(void *context, const void *bytes, size_t len)
{
    (void)context;
    if (snap.put_rc != RC_OK)
        return snap.put_rc;
    assert_true(snap.begun && snap.have + (int64_t)len <= snap.what.size);
    memcpy(snap.kept + snap.have, bytes, len);
    snap.have += (int64_t)len;
    return RC_OK;
}

static enum rc part_end(void *context)
{
    uint8_t hash[CHAIN_HASH_BYTES];
    struct world *world = context;
    crypto_generichash(hash, sizeof(hash), snap.kept, (size_t)snap.have, NULL, 0);
    if (memcmp(hash, snap.what.hash, sizeof(hash)) != 0) {
        snap.begun = false;
        snap.bad++;
        return RC_CORRUPT;
    }
    snprintf(world->state.cursor, sizeof(world->state.cursor), "%s", snap.what.cursor);
    world->state.applied_seq = snap.what.applied_seq;
    for (int row = 0; row < world->feed_len - 1; row++)
        world->feed_rows[row] = 1; /* the last one came later */
    snap.begun = false;
    snap.ends++;
    return RC_OK;
}

/* ---- the server ---- */

static struct reply_head head(void)
{
    struct reply_head reply = {.time_ms = 1795323153000};
    memcpy(reply.history, snap.world->server_history, sizeof(reply.history));
    return reply;
}

static void hash_bytes(uint8_t *ret_hash)
{
    crypto_generichash(ret_hash, CHAIN_HASH_BYTES, snap.bytes, SIZE, NULL, 0);
}

static enum rc say(int status, char *text, size_t len, struct sync_reply *ret_reply)
{
    free(snap.world->reply);
    snap.world->reply = text;
    *ret_reply = (struct sync_reply){.status = status, .body = text, .body_len = len};
    return RC_OK;
}

static enum rc not_found(struct sync_reply *ret_reply)
{
    struct refusal refusal = {.head = head(), .kind = REFUSAL_NOT_FOUND, .text = "None."};
    char *text;
    size_t len;
    assert_int_equal(refusal_encode(&refusal, &text, &len), RC_OK);
    return say(404, text, len, ret_reply);
}

static enum rc offer(struct sync_reply *ret_reply)
{
    struct snapshot_reply reply = {
        .head = head(), .size = SIZE, .schema = 4, .epoch = 1, .applied_seq = snap.applied_seq};
    char *text;
    size_t len;
    snap.asks++;
    if (!snap.offered)
        return not_found(ret_reply);
    snprintf(reply.cursor, sizeof(reply.cursor), "%s-%d-%d", snap.world->server_history, snap.world->feed_len - 1,
             (int)snap.applied_seq);
    hash_bytes(reply.hash);
    assert_int_equal(snapshot_reply_encode(&reply, &text, &len), RC_OK);
    return say(200, text, len, ret_reply);
}

static enum rc bytes(const struct sync_request *request, struct sync_reply *ret_reply)
{
    char path[SNAPSHOT_PATH_MAX + 1];
    uint8_t hash[CHAIN_HASH_BYTES];
    enum rc rc = RC_OK;
    hash_bytes(hash);
    snap.parts++;
    if (snap.gone > 0 && snap.parts == 2) { /* another one has taken its place */
        snap.gone--;
        snap.bytes[5] ^= 1;
        snap.parts = 0;
        return not_found(ret_reply);
    }
    assert_string_equal(request->path, snapshot_bytes_path(hash, path));
    assert_non_null(request->sink);
    assert_true(request->from == snap.have && request->to < SIZE && request->from <= request->to);
    assert_true((request->to + 1) % SYNC_SNAPSHOT_PIECE == 0 || request->to == SIZE - 1);
    int64_t len = request->to + 1 - request->from;
    bool cut = snap.cuts > 0 && snap.cuts--;
    for (int64_t at = 0; at < (cut ? len / 3 : len) && rc == RC_OK; at += 65536) {
        size_t some = len - at < 65536 ? (size_t)(len - at) : 65536;
        rc = request->sink->put(request->sink->context, snap.bytes + request->from + at, some);
        snap.came += (int64_t)some;
    }
    if (snap.changed && snap.have > 0)
        snap.kept[snap.have - 1] ^= 1;
    free(snap.world->reply);
    snap.world->reply = NULL;
    *ret_reply = (struct sync_reply){.status = 206, .body = ""};
    return rc != RC_OK ? rc : cut ? RC_NET : RC_OK;
}

static enum rc exchange(void *context, const char *url, const struct sync_request *request,
                        struct sync_reply *ret_reply)
{
    static const char *const paths[] = {"/v1/challenge", "/v1/session",   "/v1/push",
                                        "/v1/pull",      "/v1/snapshot/", "/v1/snapshot"};
    size_t i = 0, len = strlen(snap.log);
    while (strncmp(request->path, paths[i], strlen(paths[i])) != 0)
        i++;
    if (len < LOG_MAX - 1)
        snap.log[len] = "csplba"[i];
    if (i < 4)
        return snap.net.exchange(context, url, request, ret_reply);
    assert_string_equal(request->bearer, snap.world->session);
    return i == 4 ? bytes(request, ret_reply) : offer(ret_reply);
}

/* ---- the world ---- */

static void client_again(void)
{
    struct sync_store store = world_store(snap.world);
    struct sync_transport transport = {.context = snap.world, .exchange = exchange, .ranges = true};
    sync_client_free(snap.client);
    store.snapshot = (struct sync_snapshots){part_kept, part_begin, part_put, part_end, part_drop};
    assert_int_equal(sync_client_new(&store, &transport, &snap.client), RC_OK);
}

static int setup(void **state)
{
    (void)state;
    memset(&snap, 0, sizeof(snap));
    snap.world = world_new(0, FEED);
    snap.world->page_len = 1;
    snprintf(snap.world->state.history, sizeof(snap.world->state.history), "h1");
    snap.net = world_transport(snap.world);
    snap.bytes = malloc(SIZE);
    snap.kept = malloc(SIZE);
    randombytes_buf(snap.bytes, SIZE);
    snap.offered = true;
    client_again();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sync_client_free(snap.client);
    world_free(snap.world);
    free(snap.bytes);
    free(snap.kept);
    return 0;
}

/* Until idle; each error is tried again. Answers how many there were. */
static int run(void)
{
    struct sync_progress progress;
    for (int tries = 0; tries < TRIES_MAX; tries++)
        if (sync_run(snap.client, &progress) == RC_OK)
            return tries;
    fail_msg("never idle: %s", rc_word(progress.rc));
    return 0;
}

static void has_all(int ends)
{
    assert_int_equal(snap.ends, ends);
    assert_false(snap.begun);
    world_check_equal(snap.world);
}

static void test_plain(void **state)
{
    (void)state;
    assert_int_equal(run(), 0);
    has_all(1);
    assert_string_equal(snap.log, "csabbl"); /* one piece, then two: the last makes it the catalog */
    assert_int_equal(run(), 0);
    assert_string_equal(snap.log, "csabbll");
}

static void test_cuts(void **state)
{
    (void)state;
    snap.cuts = 20;
    assert_int_equal(run(), 20);
    has_all(1);
    assert_true(snap.came < SIZE + 20 * 65536);
    assert_int_equal(snap.asks, 1);
}

static void test_a_process_ends(void **state)
{
    (void)state;
    struct sync_progress progress;
    snap.cuts = 1;
    assert_int_equal(sync_run(snap.client, &progress), RC_NET);
    assert_true(progress.snapshot_have > 0 && progress.snapshot_size == SIZE);
    client_again();
    assert_int_equal(run(), 0);
    has_all(1);
    assert_int_equal(snap.asks, 1);
}

static void test_records_go_in_between(void **state)
{
    (void)state;
    struct sync_progress progress;
    for (int i = 0; i < 4; i++) /* challenge, session, offer, a piece */
        assert_int_equal(sync_step(snap.client, &progress), RC_OK);
    world_append(snap.world, 3);
    assert_int_equal(run(), 0);
    has_all(1);
    assert_string_equal(snap.log, "csabpbl");
}

static void test_none_is_there(void **state)
{
    (void)state;
    snap.offered = false;
    struct sync_progress progress;
    assert_int_equal(sync_run(snap.client, &progress), RC_OK);
    assert_string_equal(progress.detail, "");
    has_all(0);
    assert_int_equal(snap.asks, 1 + (FEED - 1) / 64); /* asked for again in a long pull */
}

static void test_made_meanwhile(void **state)
{
    (void)state;
    struct sync_progress progress;
    snap.offered = false;
    for (int i = 0; i < 20; i++)
        assert_int_equal(sync_step(snap.client, &progress), RC_OK);
    snap.offered = true;
    assert_int_equal(run(), 0);
    assert_int_equal(snap.ends, 1);
    assert_int_equal(snap.asks, 2);
    assert_int_equal(strspn(snap.log + 3, "l"), 64);
}

static void test_gone_at_the_server(void **state)
{
    (void)state;
    snap.gone = 3;
    assert_int_equal(run(), 0);
    has_all(1);
    assert_int_equal(snap.asks, 4);
    teardown(state);
    setup(state);
    snap.gone = 1000;
    assert_int_equal(run(), 0);
    has_all(0); /* pulled in the end */
    assert_int_equal(snap.asks, 9);
}

static void test_never_good(void **state)
{
    (void)state;
    struct sync_progress progress;
    snap.changed = true;
    assert_int_equal(sync_run(snap.client, &progress), RC_OK);
    has_all(0);
    assert_int_equal(snap.bad, 2);
    assert_true(progress.snapshots_bad == 2 && progress.snapshots == 0);
    assert_int_equal(snap.asks, 2);
}

static void test_a_newer_one(void **state)
{
    (void)state;
    snap.begin_rc = RC_NEWER;
    assert_int_equal(run(), 0);
    has_all(0);
    assert_int_equal(snap.asks, 1);
}

static void test_no_room(void **state)
{
    (void)state;
    struct sync_progress progress;
    snap.begin_rc = RC_DISK_FULL;
    assert_int_equal(sync_run(snap.client, &progress), RC_DISK_FULL);
    snap.begin_rc = RC_OK;
    snap.put_rc = RC_DISK_FULL;
    assert_int_equal(sync_run(snap.client, &progress), RC_DISK_FULL);
    snap.put_rc = RC_OK;
    assert_int_equal(run(), 0);
    has_all(1);
}

static void test_another_history(void **state)
{
    (void)state;
    struct sync_progress progress;
    snap.cuts = 1;
    assert_int_equal(sync_run(snap.client, &progress), RC_NET);
    snprintf(snap.world->server_history, sizeof(snap.world->server_history), "h2");
    snap.bytes[7] ^= 1;
    snap.parts = 0;
    snap.gone = 0;
    /* the piece that was begun is of a file that this server does not have */
    snprintf(snap.world->state.history, sizeof(snap.world->state.history), "h2");
    assert_int_equal(run(), 0);
    has_all(1);
    assert_int_equal(snap.asks, 2);
}

static void test_more_than_the_journal(void **state)
{
    (void)state;
    struct sync_progress progress;
    snap.applied_seq = 5;
    assert_int_equal(sync_run(snap.client, &progress), RC_FORK);
    assert_false(snap.begun);
}

static void test_a_transport_without_ranges(void **state)
{
    (void)state;
    struct sync_store store = world_store(snap.world);
    struct sync_transport transport = {.context = snap.world, .exchange = exchange};
    sync_client_free(snap.client);
    store.snapshot = (struct sync_snapshots){part_kept, part_begin, part_put, part_end, part_drop};
    assert_int_equal(sync_client_new(&store, &transport, &snap.client), RC_OK);
    assert_int_equal(run(), 0);
    has_all(0);
    assert_int_equal(snap.asks, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_plain),
        TEST(test_cuts),
        TEST(test_a_process_ends),
        TEST(test_records_go_in_between),
        TEST(test_none_is_there),
        TEST(test_made_meanwhile),
        TEST(test_gone_at_the_server),
        TEST(test_never_good),
        TEST(test_a_newer_one),
        TEST(test_no_room),
        TEST(test_another_history),
        TEST(test_more_than_the_journal),
        TEST(test_a_transport_without_ranges),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
