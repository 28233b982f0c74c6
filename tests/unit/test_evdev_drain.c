/* The thread that empties a keyboard's buffer: nothing is lost or out of order, however late it is taken. */
#include "platform/linux/evdev_drain.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 10000, MANY = 5 * EVDEV_DRAIN_MAX, A_WRITE = 7, TAKE = 33 };

static struct input_event numbered(int number)
{
    return (struct input_event){.type = EV_KEY, .code = (uint16_t)(number % KEY_CNT), .value = number};
}

static void write_some(int fd, int from, int to)
{
    for (int n = from; n < to;) {
        struct input_event events[A_WRITE];
        size_t count = 0;
        while (count < A_WRITE && n < to)
            events[count++] = numbered(n++);
        assert_int_equal(write(fd, events, count * sizeof events[0]), (ssize_t)(count * sizeof events[0]));
    }
}

static void *write_many(void *context)
{
    const int *fd = context;
    write_some(*fd, 0, MANY);
    return NULL;
}

static bool readable(const struct evdev_drain *drain, int wait_ms)
{
    struct pollfd fd = {.fd = evdev_drain_fd(drain), .events = POLLIN};
    return poll(&fd, 1, wait_ms) == 1;
}

/* Events from..to, in their order, as they come. */
static void expect(struct evdev_drain *drain, int from, int to)
{
    struct input_event events[TAKE];
    for (int n = from; n < to;) {
        size_t count = 0, max = to - n < TAKE ? (size_t)(to - n) : TAKE;
        enum rc rc = evdev_drain_take(drain, events, max, &count);
        if (rc == RC_TIMEOUT) {
            assert_true(readable(drain, WAIT_MS));
            continue;
        }
        assert_int_equal(rc, RC_OK);
        assert_true(count > 0 && count <= max);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(events[i].value, n++);
    }
}

static void expect_nothing(struct evdev_drain *drain)
{
    struct input_event event;
    size_t count = 77;
    assert_int_equal(evdev_drain_take(drain, &event, 1, &count), RC_TIMEOUT);
    assert_int_equal(count, 77);
    assert_false(readable(drain, 0));
}

static struct evdev_drain *start(int *fds)
{
    struct evdev_drain *drain;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(evdev_drain_start(fds[0], &drain), RC_OK);
    return drain;
}

static void stop(struct evdev_drain *drain, const int *fds)
{
    evdev_drain_stop(drain);
    close(fds[0]);
    if (fds[1] >= 0)
        close(fds[1]);
}

static void all_in_order(void **state)
{
    (void)state;
    int fds[2];
    pthread_t writer;
    struct evdev_drain *drain = start(fds);
    assert_int_equal(pthread_create(&writer, NULL, write_many, &fds[1]), 0);
    expect(drain, 0, MANY);
    pthread_join(writer, NULL);
    expect_nothing(drain);
    write_some(fds[1], 0, 3); /* told anew */
    expect(drain, 0, 3);
    expect_nothing(drain);
    stop(drain, fds);
}

/* The buffer is full: what comes waits where it is. */
static void full(void **state)
{
    (void)state;
    int fds[2];
    struct evdev_drain *drain = start(fds);
    write_some(fds[1], 0, EVDEV_DRAIN_MAX);
    write_some(fds[1], EVDEV_DRAIN_MAX, EVDEV_DRAIN_MAX + 500);
    expect(drain, 0, EVDEV_DRAIN_MAX + 500);
    expect_nothing(drain);
    stop(drain, fds);
}

static void gone_after_the_last(void **state)
{
    (void)state;
    int fds[2];
    struct input_event event;
    size_t count;
    struct evdev_drain *drain = start(fds);
    write_some(fds[1], 0, 100);
    close(fds[1]);
    fds[1] = -1;
    expect(drain, 0, 100);
    enum rc rc = RC_TIMEOUT;
    while (rc == RC_TIMEOUT) {
        assert_true(readable(drain, WAIT_MS));
        rc = evdev_drain_take(drain, &event, 1, &count);
    }
    assert_int_equal(rc, RC_DISCONNECTED);
    assert_true(readable(drain, 0)); /* stays so */
    stop(drain, fds);
}

static void stopped_when_full(void **state)
{
    (void)state;
    int fds[2];
    struct evdev_drain *drain = start(fds);
    write_some(fds[1], 0, EVDEV_DRAIN_MAX + 100);
    stop(drain, fds);
    drain = start(fds); /* and when nothing has come */
    stop(drain, fds);
    evdev_drain_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_in_order),
        cmocka_unit_test(full),
        cmocka_unit_test(gone_after_the_last),
        cmocka_unit_test(stopped_when_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
