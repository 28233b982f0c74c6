/* The loop: posts from other threads in order, timers, descriptors, signals, and removal from within a call. */
#include "platform/loop.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

enum { POSTS = 1000, GUARD_MS = 10000 };

struct world {
    struct loop *loop;
    struct loop_source *source, *guard;
    int calls, fds[2];
    bool late;
};

static void too_late(void *context)
{
    struct world *world = context;
    world->late = true;
    loop_stop(world->loop);
}

static void world_open(struct world *world)
{
    *world = (struct world){0};
    assert_int_equal(loop_new(&world->loop), RC_OK);
    assert_int_equal(loop_add_timer(world->loop, too_late, world, &world->guard), RC_OK);
    loop_arm(world->guard, GUARD_MS);
}

static void world_run(struct world *world)
{
    assert_int_equal(loop_run(world->loop), RC_OK);
    assert_false(world->late);
    loop_free(world->loop);
}

static void stop(void *context)
{
    struct world *world = context;
    world->calls++;
    loop_stop(world->loop);
}

struct number {
    struct world *world;
    int number;
};

static struct number numbers[POSTS];

static void in_order(void *context)
{
    struct number *number = context;
    assert_int_equal(number->number, number->world->calls);
    if (++number->world->calls == POSTS)
        loop_stop(number->world->loop);
}

static void *post_all(void *context)
{
    for (int i = 0; i < POSTS; i++) {
        numbers[i] = (struct number){.world = context, .number = i};
        loop_post(numbers[i].world->loop, in_order, &numbers[i]);
    }
    return NULL;
}

static void posts_keep_their_order(void **state)
{
    (void)state;
    struct world world;
    pthread_t thread;
    world_open(&world);
    pthread_create(&thread, NULL, post_all, &world);
    assert_int_equal(loop_run(world.loop), RC_OK);
    assert_false(world.late);
    pthread_join(thread, NULL);
    assert_int_equal(world.calls, POSTS);
    loop_free(world.loop);
}

static void timers_fire_once_and_can_be_disarmed(void **state)
{
    (void)state;
    struct world world;
    struct loop_source *never;
    world_open(&world);
    assert_int_equal(loop_add_timer(world.loop, stop, &world, &world.source), RC_OK);
    assert_int_equal(loop_add_timer(world.loop, too_late, &world, &never), RC_OK);
    loop_arm(never, 1);
    loop_disarm(never);
    loop_arm(world.source, 20);
    world_run(&world);
    assert_int_equal(world.calls, 1);
}

static void remove_myself(void *context)
{
    struct world *world = context;
    loop_remove(world->source);
    stop(world);
}

static void a_source_may_remove_itself(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    assert_int_equal(pipe(world.fds), 0);
    assert_int_equal(loop_add_fd(world.loop, world.fds[0], remove_myself, &world, &world.source), RC_OK);
    assert_int_equal(write(world.fds[1], "x", 1), 1);
    world_run(&world);
    assert_int_equal(world.calls, 1);
    close(world.fds[0]);
    close(world.fds[1]);
}

static void signals_come_as_calls(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    assert_int_equal(loop_add_signal(world.loop, SIGUSR1, stop, &world, &world.source), RC_OK);
    raise(SIGUSR1);
    world_run(&world);
    assert_int_equal(world.calls, 1);
}

static void stopped_before_it_runs_it_returns(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    loop_stop(world.loop);
    world_run(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_keep_their_order),
        cmocka_unit_test(timers_fire_once_and_can_be_disarmed),
        cmocka_unit_test(a_source_may_remove_itself),
        cmocka_unit_test(signals_come_as_calls),
        cmocka_unit_test(stopped_before_it_runs_it_returns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
