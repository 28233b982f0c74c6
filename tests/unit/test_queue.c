/* The scan queue: order, tickets, the limit, and several threads at once. */
#include "app/domain/limits.h"
#include "app/engine/queue.h"
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 3 * QUEUE_MAX, WAIT_MS = 5000 };

static bool readable(const struct queue *queue, int within_ms)
{
    struct pollfd fd = {.fd = queue_fd(queue), .events = POLLIN};
    return poll(&fd, 1, within_ms) == 1;
}

static struct scan *numbered(int number)
{
    struct scan *scan = scan_new(&number, sizeof number);
    assert_non_null(scan);
    return scan;
}

static int number_of(struct scan *scan)
{
    int number;
    assert_int_equal(scan->len, sizeof number);
    memcpy(&number, scan->bytes, sizeof number);
    free(scan);
    return number;
}

static void order_and_tickets(void **state)
{
    (void)state;
    struct queue *queue;
    assert_int_equal(queue_new(&queue), RC_OK);
    assert_null(queue_pop(queue));
    assert_false(readable(queue, 0));
    queue_set_ticket(queue, 7);
    assert_int_equal(queue_push(queue, numbered(1)), RC_OK);
    queue_set_ticket(queue, 8);
    assert_int_equal(queue_push(queue, numbered(2)), RC_OK);
    assert_true(readable(queue, 0));
    struct scan *scan = queue_pop(queue);
    assert_int_equal(scan->ticket, 7);
    assert_int_equal(number_of(scan), 1);
    assert_true(readable(queue, 0));
    scan = queue_pop(queue);
    assert_int_equal(scan->ticket, 8);
    assert_int_equal(number_of(scan), 2);
    assert_false(readable(queue, 0));
    queue_free(queue);
}

static void *push_many(void *context)
{
    for (int i = 0; i < MANY; i++) {
        struct scan *scan = scan_new(&i, sizeof i);
        if (!scan || queue_push(context, scan) != RC_OK) {
            free(scan);
            break;
        }
    }
    return NULL;
}

static void wait_until_full(struct queue *queue)
{
    struct queue_counts counts = {0};
    for (int i = 0; i < WAIT_MS && counts.full_waits == 0; i++) {
        poll(NULL, 0, 1);
        queue_counts(queue, &counts);
    }
    assert_int_equal(counts.full_waits, 1);
    assert_int_equal(counts.waiting, QUEUE_MAX);
}

static void full_it_waits_and_loses_nothing(void **state)
{
    (void)state;
    struct queue *queue;
    pthread_t thread;
    assert_int_equal(queue_new(&queue), RC_OK);
    pthread_create(&thread, NULL, push_many, queue);
    wait_until_full(queue);
    for (int i = 0; i < MANY; i++) {
        assert_true(readable(queue, WAIT_MS));
        assert_int_equal(number_of(queue_pop(queue)), i);
    }
    pthread_join(thread, NULL);
    assert_null(queue_pop(queue));
    assert_false(readable(queue, 0));
    struct queue_counts counts;
    queue_counts(queue, &counts);
    assert_int_equal(counts.pushed, MANY);
    assert_int_equal(counts.popped, MANY);
    assert_int_equal(counts.waiting, 0);
    assert_true(counts.full_waits >= 1);
    queue_free(queue);
}

static void closing_frees_who_waits(void **state)
{
    (void)state;
    struct queue *queue;
    pthread_t thread;
    assert_int_equal(queue_new(&queue), RC_OK);
    pthread_create(&thread, NULL, push_many, queue);
    wait_until_full(queue);
    queue_close(queue);
    pthread_join(thread, NULL);
    struct scan *scan = numbered(1);
    assert_int_equal(queue_push(queue, scan), RC_DISCONNECTED);
    free(scan);
    assert_int_equal(number_of(queue_pop(queue)), 0); /* what is queued stays to be judged */
    queue_free(queue);
}

static void full_an_offer_does_not_wait(void **state)
{
    (void)state;
    struct queue *queue;
    assert_int_equal(queue_new(&queue), RC_OK);
    for (int i = 0; i < QUEUE_MAX; i++)
        assert_int_equal(queue_offer(queue, numbered(i)), RC_OK);
    struct scan *scan = numbered(QUEUE_MAX);
    assert_int_equal(queue_offer(queue, scan), RC_TIMEOUT);
    queue_interrupt(queue, true);
    assert_int_equal(queue_push(queue, scan), RC_TIMEOUT);
    queue_interrupt(queue, false);
    assert_int_equal(number_of(queue_pop(queue)), 0);
    assert_int_equal(queue_push(queue, scan), RC_OK);
    queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_and_tickets),
        cmocka_unit_test(full_it_waits_and_loses_nothing),
        cmocka_unit_test(closing_frees_who_waits),
        cmocka_unit_test(full_an_offer_does_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
