/* The sync thread: runs at once and when woken, is quiet while paused, answers who asks, backs off, ends. */
#include "sync/client/worker.h"
#include "tests/unit/client_world.h"
#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 10 * 1000, QUIET_MS = 100, HOUR_MS = 3600 * 1000 };

/* What the worker's notifications came to; the world itself belongs to the worker's thread while it lives. */
struct seen {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int steps, idles, failures;
    struct sync_progress last;
    int answers;
    char key[64], lines[256];
    enum rc answer;
};

static void notify(void *context, const struct sync_progress *progress)
{
    struct seen *seen = context;
    pthread_mutex_lock(&seen->mutex);
    seen->steps++;
    seen->idles += progress->phase == SYNC_IDLE && progress->rc == RC_OK;
    seen->failures += progress->rc != RC_OK;
    seen->last = *progress;
    pthread_cond_broadcast(&seen->changed);
    pthread_mutex_unlock(&seen->mutex);
}

/* Waits until *count reaches `least`; false when it takes longer than `wait_ms`. */
static bool wait_for(struct seen *seen, const int *count, int least, long wait_ms)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += wait_ms / 1000;
    end.tv_nsec += wait_ms % 1000 * 1000000;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    pthread_mutex_lock(&seen->mutex);
    int rc = 0;
    while (*count < least && rc == 0)
        rc = pthread_cond_timedwait(&seen->changed, &seen->mutex, &end);
    bool reached = *count >= least;
    pthread_mutex_unlock(&seen->mutex);
    return reached;
}

static struct sync_worker *start(struct world *world, struct seen *seen, long interval_ms, const char *path)
{
    struct sync_store store = world_store(world);
    struct sync_transport transport = world_transport(world);
    struct sync_worker *worker = NULL;
    pthread_mutex_init(&seen->mutex, NULL);
    pthread_cond_init(&seen->changed, NULL);
    assert_int_equal(sync_worker_start(&store, &transport, interval_ms, path, notify, seen, &worker), RC_OK);
    return worker;
}

static void test_runs(void **state)
{
    (void)state;
    struct world *world = world_new(700, 20);
    struct seen seen = {0};
    struct sync_worker *worker = start(world, &seen, HOUR_MS, NULL);
    assert_true(wait_for(&seen, &seen.idles, 1, WAIT_MS));
    sync_worker_wake(worker);
    assert_true(wait_for(&seen, &seen.idles, 2, WAIT_MS));
    assert_false(wait_for(&seen, &seen.idles, 3, QUIET_MS));
    sync_worker_stop(worker);
    world_check_equal(world);
    world_free(world);

    world = world_new(1, 1);
    seen = (struct seen){0};
    worker = start(world, &seen, 20, NULL);
    assert_true(wait_for(&seen, &seen.idles, 4, WAIT_MS)); /* by the interval alone */
    sync_worker_stop(worker);
    world_free(world);
    sync_worker_stop(NULL);
}

static void test_pause(void **state)
{
    (void)state;
    struct world *world = world_new(5, 5);
    struct seen seen = {0};
    struct sync_worker *worker = start(world, &seen, 20, NULL);
    assert_true(wait_for(&seen, &seen.idles, 1, WAIT_MS));
    sync_worker_pause(worker, true);
    nanosleep(&(struct timespec){.tv_nsec = QUIET_MS * 1000000L}, NULL); /* the run in hand may end */
    pthread_mutex_lock(&seen.mutex);
    int before = seen.steps;
    pthread_mutex_unlock(&seen.mutex);
    sync_worker_wake(worker);
    assert_false(wait_for(&seen, &seen.steps, before + 1, 2 * QUIET_MS));
    sync_worker_pause(worker, false);
    assert_true(wait_for(&seen, &seen.steps, before + 1, WAIT_MS));
    sync_worker_stop(worker);
    world_free(world);
}

/* A low battery: by itself it goes seldom, what is asked for is done at once. */
static void test_quiet(void **state)
{
    (void)state;
    struct world *world = world_new(5, 5);
    struct seen seen = {0};
    struct sync_worker *worker = start(world, &seen, QUIET_MS, NULL);
    sync_worker_quiet(worker, true);
    assert_true(wait_for(&seen, &seen.idles, 1, WAIT_MS)); /* perhaps begun before it was told */
    sync_worker_wake(worker);
    assert_true(wait_for(&seen, &seen.idles, 2, WAIT_MS));
    assert_false(wait_for(&seen, &seen.idles, 3, 4 * QUIET_MS));
    sync_worker_wake(worker);
    assert_true(wait_for(&seen, &seen.idles, 3, WAIT_MS));
    sync_worker_quiet(worker, false);
    sync_worker_wake(worker);
    assert_true(wait_for(&seen, &seen.idles, 6, WAIT_MS));
    sync_worker_stop(worker);
    world_free(world);
}

static void test_fails_then_woken(void **state)
{
    (void)state;
    struct world *world = world_new(5, 5);
    struct seen seen = {0};
    world->faults[0] = WORLD_LOSE_REQUEST;
    world->fault_count = 1;
    struct sync_worker *worker = start(world, &seen, HOUR_MS, NULL);
    assert_true(wait_for(&seen, &seen.failures, 1, WAIT_MS));
    assert_false(wait_for(&seen, &seen.steps, 2, QUIET_MS)); /* backs off */
    sync_worker_wake(worker);                                /* but somebody asked */
    assert_true(wait_for(&seen, &seen.idles, 1, WAIT_MS));
    sync_worker_stop(worker);
    world_check_equal(world);
    world_free(world);
}

static void test_asked(void **state)
{
    (void)state;
    char dir[] = "/tmp/tallyman-worker-XXXXXX", path[400], deep[300];
    assert_non_null(mkdtemp(dir));
    /* both a short path and one that no socket's address holds */
    for (int longer = 0; longer <= 1; longer++) {
        snprintf(deep, sizeof(deep), "%s/%0*d", dir, longer ? 180 : 1, longer);
        assert_int_equal(mkdir(deep, 0700), 0);
        snprintf(path, sizeof(path), "%s/sync.sock", deep);
        enum rc word = RC_OK;
        assert_int_equal(sync_worker_ask(path, WAIT_MS, &word), RC_NOT_FOUND);
        struct world *world = world_new(5, 5);
        struct seen seen = {0};
        struct sync_worker *worker = start(world, &seen, HOUR_MS, path);
        assert_true(wait_for(&seen, &seen.idles, 1, WAIT_MS));
        int idles = seen.idles;
        assert_int_equal(sync_worker_ask(path, WAIT_MS, &word), RC_OK);
        assert_int_equal(word, RC_OK);
        assert_true(wait_for(&seen, &seen.idles, idles + 1, WAIT_MS));
        sync_worker_pause(worker, true);
        assert_int_equal(sync_worker_ask(path, WAIT_MS, &word), RC_OK);
        assert_int_equal(word, RC_NET);
        sync_worker_stop(worker);
        assert_int_equal(access(path, F_OK), -1);
        assert_int_equal(sync_worker_ask(path, WAIT_MS, &word), RC_NOT_FOUND);
        world_free(world);
        rmdir(deep);
    }
    rmdir(dir);
}

static void told(void *context, const char *key, enum rc rc, const struct sync_trace *trace)
{
    struct seen *seen = context;
    pthread_mutex_lock(&seen->mutex);
    seen->answers++;
    snprintf(seen->key, sizeof(seen->key), "%s", key);
    seen->answer = rc;
    snprintf(seen->lines, sizeof(seen->lines), "%.*s", (int)trace->len, trace->lines ? trace->lines : "");
    pthread_cond_broadcast(&seen->changed);
    pthread_mutex_unlock(&seen->mutex);
}

/* Asked for a trace, the thread answers at once and does nothing else: no sync is due. */
static void test_traces(void **state)
{
    (void)state;
    struct world *world = world_new(5, 5);
    struct seen seen = {0};
    struct sync_worker *worker = start(world, &seen, HOUR_MS, NULL);
    assert_true(wait_for(&seen, &seen.idles, 1, WAIT_MS));
    int steps = seen.steps;
    sync_worker_trace(worker, "plain:MINE", told, &seen);
    assert_true(wait_for(&seen, &seen.answers, 1, WAIT_MS));
    assert_string_equal(seen.key, "plain:MINE");
    assert_int_equal(seen.answer, RC_OK);
    assert_string_equal(seen.lines, "{\"row\":\"move\",\"to\":\"site:CDB\"}\n");
    sync_worker_trace(worker, "plain:ANOTHERS", told, &seen);
    assert_true(wait_for(&seen, &seen.answers, 2, WAIT_MS));
    assert_int_equal(seen.answer, RC_REFUSED);
    assert_string_equal(seen.lines, "");
    assert_false(wait_for(&seen, &seen.steps, steps + 1, QUIET_MS));
    sync_worker_pause(worker, true);
    sync_worker_trace(worker, "plain:MINE", told, &seen);
    assert_true(wait_for(&seen, &seen.answers, 3, WAIT_MS));
    assert_int_equal(seen.answer, RC_NET);
    sync_worker_stop(worker);
    world_free(world);
}

static void test_backoff(void **state)
{
    (void)state;
    long most = WORKER_BACKOFF_FIRST_MS;
    for (int failures = 1; failures < 100; failures++) {
        for (uint32_t random = 0; random < 5000; random += 7) {
            long wait = sync_worker_backoff_ms(failures, random * 0x9e3779b9u);
            assert_in_range(wait, most / 2, most);
        }
        most = 2 * most > WORKER_BACKOFF_MAX_MS ? WORKER_BACKOFF_MAX_MS : 2 * most;
    }
    assert_true(sync_worker_backoff_ms(1, 0) != sync_worker_backoff_ms(1, 77));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),  cmocka_unit_test(test_pause),  cmocka_unit_test(test_fails_then_woken),
        cmocka_unit_test(test_asked), cmocka_unit_test(test_traces), cmocka_unit_test(test_backoff),
        cmocka_unit_test(test_quiet),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
