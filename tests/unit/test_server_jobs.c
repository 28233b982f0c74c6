/* The queue between sockets and database: all that was let in is answered, in order; too much is turned away at once. */
#include "sync/server/answer.h"
#include "sync/server/core.h"
#include "sync/server/jobs.h"
#include "sync/server/metrics.h"
#include "sync/wire/refusal.h"
#include "tests/unit/server_world.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct job *order[JOBS_MAX + 8];
static atomic_int answered_count;

static void on_answered(struct job *job)
{
    order[atomic_fetch_add(&answered_count, 1)] = job;
}

static struct api_request health(size_t body_len)
{
    return (struct api_request){.method = "GET", .path = "/v1/health", .body = "", .body_len = body_len};
}

static void too_much_is_turned_away(void **state)
{
    static struct job waiting[JOBS_MAX + 1];
    struct server_world world;
    struct jobs *jobs;
    struct refusal refusal;
    (void)state;
    server_world_open(&world);
    atomic_store(&answered_count, 0);
    assert_int_equal(jobs_start(world.server, on_answered, &jobs), RC_OK);
    pthread_mutex_lock(&world.server->lock); /* the database takes its time */
    for (int i = 0; i < JOBS_MAX; i++) {
        waiting[i] = (struct job){.request = health(0)};
        assert_true(jobs_add(jobs, &waiting[i]));
    }
    struct job *last = &waiting[JOBS_MAX];
    *last = (struct job){.request = health(0)};
    assert_false(jobs_add(jobs, last));
    assert_int_equal(last->reply.status, 429);
    assert_true(last->reply.retry_s >= 1);
    assert_int_equal(refusal_decode(last->reply.body, last->reply.body_len, &refusal), RC_OK);
    assert_int_equal(refusal.kind, REFUSAL_BUSY);
    assert_int_equal(refusal.retry_s, last->reply.retry_s);
    assert_int_equal(jobs_state(jobs).turned_away, 1);
    api_reply_free(&last->reply);
    pthread_mutex_unlock(&world.server->lock);
    jobs_stop(jobs); /* answers all of them first */
    assert_int_equal(atomic_load(&answered_count), JOBS_MAX);
    for (int i = 0; i < JOBS_MAX; i++) {
        assert_ptr_equal(order[i], &waiting[i]);
        assert_int_equal(waiting[i].reply.status, 200);
        api_reply_free(&waiting[i].reply);
    }
    server_world_close(&world);
}

static void bodies_are_bounded(void **state)
{
    struct server_world world;
    struct jobs *jobs;
    struct job big = {.request = health(JOBS_BYTES_MAX)}, more = {.request = health(1)};
    (void)state;
    server_world_open(&world);
    assert_int_equal(jobs_start(world.server, on_answered, &jobs), RC_OK);
    pthread_mutex_lock(&world.server->lock);
    assert_true(jobs_add(jobs, &big));
    assert_false(jobs_add(jobs, &more));
    pthread_mutex_unlock(&world.server->lock);
    jobs_stop(jobs);
    api_reply_free(&big.reply);
    api_reply_free(&more.reply);
    server_world_close(&world);
}

/* One that brings much is not taken for one that asks something, though nothing but questions came before. */
static void what_waits_is_weighed(void **state)
{
    static struct job waiting[JOBS_WAIT_MAX_MS / 10 + 2];
    struct server_world world;
    struct jobs *jobs;
    int taken = 0;
    (void)state;
    server_world_open(&world);
    assert_int_equal(jobs_start(world.server, on_answered, &jobs), RC_OK);
    atomic_store(&answered_count, 0);
    pthread_mutex_lock(&world.server->lock);
    for (int i = 0; i < JOBS_WAIT_MAX_MS / 10 + 2; i++) {
        waiting[i] = (struct job){.request = health(10 * 1024)};
        taken += jobs_add(jobs, &waiting[i]);
    }
    pthread_mutex_unlock(&world.server->lock);
    jobs_stop(jobs);
    assert_int_equal(taken, JOBS_WAIT_MAX_MS / 10 + 1); /* by the first guess, a millisecond a KiB */
    for (int i = 0; i < JOBS_WAIT_MAX_MS / 10 + 2; i++)
        api_reply_free(&waiting[i].reply);
    server_world_close(&world);
}

/* A database that was away for a while does not keep everyone away for longer. */
static void one_that_waited_says_little(void **state)
{
    struct server_world world;
    struct jobs *jobs;
    struct job waits = {.request = health(0)};
    (void)state;
    server_world_open(&world);
    assert_int_equal(jobs_start(world.server, on_answered, &jobs), RC_OK);
    atomic_store(&answered_count, 0);
    pthread_mutex_lock(&world.server->lock);
    assert_true(jobs_add(jobs, &waits));
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    pthread_mutex_unlock(&world.server->lock);
    while (jobs_state(jobs).answered == 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_in_range(jobs_state(jobs).answer_us, 0, 1000);
    jobs_stop(jobs);
    api_reply_free(&waits.reply);
    server_world_close(&world);
}

/* ---- several in one transaction ---- */

enum { HANDS = 4, BAD = 1, RECORDS = 3 };

struct together {
    struct server_world world;
    struct handheld hands[HANDS];
    struct job jobs[HANDS];
    char *text[HANDS];
};

/* Beside the server, as an administrator could. */
static void run_sql(const struct together *together, const char *sql)
{
    sqlite3 *beside;
    assert_int_equal(sqlite3_open(together->world.url + strlen("sqlite:"), &beside), SQLITE_OK);
    sqlite3_busy_timeout(beside, 5000);
    assert_int_equal(sqlite3_exec(beside, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(beside);
}

/* What goes wrong with the last record of one of them, played by the database itself. */
static void plant(const struct together *together, int hand, const char *what)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "CREATE TRIGGER planted BEFORE INSERT ON record WHEN NEW.device = %lld AND NEW.seq = %d BEGIN %s; END",
             (long long)together->hands[hand].device, RECORDS, what);
    run_sql(together, sql);
}

/* False: a database that does not take several at once. */
static bool open_together(struct together *together)
{
    char serial[16];
    *together = (struct together){0};
    server_world_open(&together->world);
    if (!server_world_on_file(&together->world)) {
        server_world_close(&together->world);
        return false;
    }
    for (int i = 0; i < HANDS; i++) {
        struct handheld *hand = &together->hands[i];
        handheld_new(&together->world, "CDB", hand);
        handheld_open(hand, "erp:SO-1");
        for (int n = 1; n < RECORDS; n++) {
            snprintf(serial, sizeof serial, "S%d-%d", i, n);
            handheld_scan(hand, "erp:SO-1", serial, "warn", "unregistered");
        }
    }
    return true;
}

static void close_together(struct together *together)
{
    for (int i = 0; i < HANDS; i++) {
        api_reply_free(&together->jobs[i].reply);
        free(together->text[i]);
        handheld_free(&together->hands[i]);
    }
    server_world_close(&together->world);
}

static struct api_request push_of(struct together *together, int i)
{
    struct handheld *hand = &together->hands[i];
    size_t len;
    free(together->text[i]);
    api_reply_free(&together->jobs[i].reply);
    handheld_pack(hand, 1, &together->text[i], &len);
    return (struct api_request){
        .method = "POST", .path = "/v1/push", .bearer = hand->token, .body = together->text[i], .body_len = len};
}

/* All push in one transaction. */
static void push_together(struct together *together)
{
    for (int i = 0; i < HANDS; i++)
        together->jobs[i] = (struct job){.request = push_of(together, i)};
    assert_true(api_group_begin(together->world.server));
    for (int i = 0; i < HANDS; i++)
        api_group_handle(together->world.server, &together->jobs[i].request, &together->jobs[i].reply);
    enum rc rc = api_group_end(together->world.server);
    for (int i = 0; i < HANDS; i++)
        api_group_settle(together->world.server, rc, &together->jobs[i].request, &together->jobs[i].reply);
}

/* All come while another one waits for the database. */
static void push_at_once(struct together *together, struct jobs_state *ret_state)
{
    struct job first = {.request = health(0)};
    struct jobs *jobs;
    atomic_store(&answered_count, 0);
    assert_int_equal(jobs_start(together->world.server, on_answered, &jobs), RC_OK);
    pthread_mutex_lock(&together->world.server->lock);
    assert_true(jobs_add(jobs, &first));
    for (int i = 0; i < HANDS; i++) {
        together->jobs[i] = (struct job){.request = push_of(together, i)};
        assert_true(jobs_add(jobs, &together->jobs[i]));
    }
    pthread_mutex_unlock(&together->world.server->lock);
    while (jobs_state(jobs).answered <= HANDS)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    *ret_state = jobs_state(jobs);
    jobs_stop(jobs);
    api_reply_free(&first.reply);
}

static int records_of(struct together *together, int64_t device)
{
    json_t *rows = server_world_list(&together->world, "records"), *row;
    int count = 0;
    size_t i;
    json_array_foreach(rows, i, row) count += json_integer_value(json_object_get(row, "device")) == device;
    json_decref(rows);
    return count;
}

static void expect(struct together *together, int status_of_bad, int status)
{
    for (int i = 0; i < HANDS; i++) {
        int wanted = i == BAD ? status_of_bad : status;
        assert_int_equal(together->jobs[i].reply.status, wanted);
        assert_int_equal(records_of(together, together->hands[i].device), wanted == 200 ? RECORDS : 0);
    }
}

static const char WITHOUT[] = "DROP TRIGGER planted";

static void those_that_wait_are_committed_together(void **state)
{
    struct together together;
    struct jobs_state jobs;
    (void)state;
    if (!open_together(&together))
        return;
    push_at_once(&together, &jobs);
    assert_true(jobs.groups >= 1);
    assert_true(jobs.grouped >= jobs.groups); /* where each takes longer than a group may, it is alone */
    expect(&together, 200, 200);
    close_together(&together);
}

/* What is the matter with one is undone alone. */
static void one_that_fails_fails_alone(void **state)
{
    struct together together;
    (void)state;
    if (!open_together(&together))
        return;
    plant(&together, BAD, "SELECT RAISE(ABORT, 'planted')");
    push_together(&together);
    expect(&together, 500, 200);
    run_sql(&together, WITHOUT);
    push_together(&together);
    expect(&together, 200, 200);
    close_together(&together);
}

/* SQLite gives up a whole transaction when a disk is full: what had been kept of it by then is gone too. */
static void all_that_is_gone_has_failed(void **state)
{
    struct together together;
    (void)state;
    if (!open_together(&together))
        return;
    plant(&together, BAD, "SELECT RAISE(ROLLBACK, 'planted')");
    push_together(&together);
    expect(&together, 503, 503);
    assert_int_equal(together.jobs[0].reply.retry_s, ANSWER_RETRY_S);
    run_sql(&together, WITHOUT);
    push_together(&together);
    expect(&together, 200, 200);
    close_together(&together);
}

static void nothing_is_answered_before_the_commit(void **state)
{
    struct together together;
    (void)state;
    if (!open_together(&together))
        return;
    run_sql(&together, "CREATE TABLE one (a INTEGER PRIMARY KEY);"
                       "CREATE TABLE other (a INTEGER REFERENCES one (a) DEFERRABLE INITIALLY DEFERRED)");
    plant(&together, HANDS - 1, "INSERT INTO other VALUES (1)");
    push_together(&together);
    expect(&together, 500, 500);
    run_sql(&together, WITHOUT);
    push_together(&together);
    expect(&together, 200, 200);
    close_together(&together);
}

static void a_group_is_bounded(void **state)
{
    static struct job waiting[2 * JOBS_GROUP_MAX + 1];
    struct server_world world;
    struct jobs *jobs;
    const int count = sizeof waiting / sizeof waiting[0];
    (void)state;
    server_world_open(&world);
    assert_int_equal(jobs_start(world.server, on_answered, &jobs), RC_OK);
    atomic_store(&answered_count, 0);
    pthread_mutex_lock(&world.server->lock);
    for (int i = 0; i < count; i++) {
        waiting[i] = (struct job){.request = health(0)};
        assert_true(jobs_add(jobs, &waiting[i]));
    }
    pthread_mutex_unlock(&world.server->lock);
    while (jobs_state(jobs).answered < count)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    struct jobs_state after = jobs_state(jobs);
    assert_true(after.grouped <= after.groups * JOBS_GROUP_MAX);
    assert_true(after.groups >= 2 || !server_world_on_file(&world));
    /* and one that comes alone is in none */
    struct job alone = {.request = health(0)};
    assert_true(jobs_add(jobs, &alone));
    while (jobs_state(jobs).answered <= count)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_int_equal(jobs_state(jobs).groups, after.groups);
    jobs_stop(jobs);
    api_reply_free(&alone.reply);
    for (int i = 0; i < count; i++)
        api_reply_free(&waiting[i].reply);
    server_world_close(&world);
}

/* Reading a request's head never waits for the database, once its session was seen. */
static void who_is_known_is_let_in_without_the_lock(void **state)
{
    struct server_world world;
    struct handheld a;
    struct api_reply reply;
    (void)state;
    server_world_open(&world);
    handheld_new(&world, "CDB", &a);
    struct api_request push = {.method = "POST", .path = "/v1/push", .bearer = a.token};
    pthread_mutex_lock(&world.server->lock);
    assert_true(api_let_in(world.server, &push, 10, &reply));
    assert_false(api_let_in(world.server, &push, PUSH_BODY_MAX + 1, &reply));
    assert_int_equal(reply.status, 413);
    api_reply_free(&reply);
    pthread_mutex_unlock(&world.server->lock);
    push.bearer = "another";
    assert_false(api_let_in(world.server, &push, 10, &reply));
    assert_int_equal(reply.status, 401);
    api_reply_free(&reply);
    handheld_free(&a);
    server_world_close(&world);
}

static void figures(void **state)
{
    struct server_world world;
    struct jobs_state jobs = {.waiting = 3, .turned_away = 7, .answer_us = 1500};
    struct api_reply reply;
    (void)state;
    server_world_open(&world);
    struct api_request request = health(0);
    api_handle(world.server, &request, &reply);
    api_reply_free(&reply);
    request.path = "/v1/nothing";
    api_handle(world.server, &request, &reply);
    api_reply_free(&reply);
    metrics_reply(world.server, &jobs, &reply);
    assert_int_equal(reply.status, 200);
    static const char *const lines[] = {"tallyman_requests_total{path=\"/v1/health\",status=\"2xx\"} 1\n",
                                        "tallyman_refused_total{error=\"not-found\"} 1\n",
                                        "\ntallyman_turned_away_total 7\n", "\ntallyman_waiting 3\n",
                                        "\ntallyman_answer_seconds 0.0015\n"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_non_null(strstr(reply.body, lines[i]));
    api_reply_free(&reply);
    server_world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_much_is_turned_away),
        cmocka_unit_test(bodies_are_bounded),
        cmocka_unit_test(who_is_known_is_let_in_without_the_lock),
        cmocka_unit_test(figures),
        cmocka_unit_test(what_waits_is_weighed),
        cmocka_unit_test(one_that_waited_says_little),
        cmocka_unit_test(those_that_wait_are_committed_together),
        cmocka_unit_test(one_that_fails_fails_alone),
        cmocka_unit_test(all_that_is_gone_has_failed),
        cmocka_unit_test(nothing_is_answered_before_the_commit),
        cmocka_unit_test(a_group_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
