/* The queue between sockets and database: all that was let in is answered, in order; too much is turned away at once. */
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
#include <stdlib.h>
#include <string.h>

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

/* Reading a request's head never waits for the database, once its session was seen. */
static void who_is_known_is_let_in_without_the_lock(void **state)
{
    struct server_world world;
    struct handheld a;
    struct api_reply reply;
    (void)state;
    server_world_open(&world);
    handheld_new(&world, "CDB", &a);
    handheld_note(&a, "sign-in", "");
    assert_int_equal(handheld_push(&a), 200);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
