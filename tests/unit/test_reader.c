/* The reader thread with real ptys and the simulated scanner: order, stamps, bursts, a full queue, coming and going. */
#include "app/domain/limits.h"
#include "app/engine/reader.h"
#include "platform/trigger.h"
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 10000, BURST = 1000, FLOOD = 2 * QUEUE_MAX };

struct pty {
    int master;
    char name[64];
};

static void pty_open(struct pty *pty)
{
    int slave;
    struct termios raw;
    assert_int_equal(openpty(&pty->master, &slave, pty->name, NULL, NULL), 0);
    assert_int_equal(tcgetattr(slave, &raw), 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
    close(slave);
}

static struct scanner *serial(const char *device)
{
    struct scanner *scanner;
    struct scanner_options options = {.kind = SCANNER_SERIAL, .speed = 115200, .framing = FRAMING_CR};
    snprintf(options.device, sizeof options.device, "%s", device);
    assert_int_equal(scanner_serial.open(&options, &scanner), RC_OK);
    return scanner;
}

static struct scan *next(struct queue *queue)
{
    struct pollfd fd = {.fd = queue_fd(queue), .events = POLLIN};
    struct scan *scan = queue_pop(queue);
    if (!scan && poll(&fd, 1, WAIT_MS) == 1)
        scan = queue_pop(queue);
    assert_non_null(scan);
    return scan;
}

static void expect(struct queue *queue, int source, const char *text)
{
    struct scan *scan = next(queue);
    assert_int_equal(scan->len, strlen(text));
    assert_memory_equal(scan->bytes, text, scan->len);
    assert_int_equal(scan->source, source);
    free(scan);
}

static void stamps_and_sources(void **state)
{
    (void)state;
    struct queue *queue;
    struct reader *reader;
    struct pty one, two;
    pty_open(&one);
    pty_open(&two);
    struct scanner *scanners[] = {serial(one.name), serial(two.name)};
    assert_int_equal(queue_new(&queue), RC_OK);
    const struct clock *clock = clock_pinned(1000, 0);
    clock_pinned_advance(5);
    queue_set_ticket(queue, 3);
    assert_int_equal(reader_start(scanners, 2, NULL, queue, clock, NULL, NULL, &reader), RC_OK);
    assert_int_equal(write(two.master, "b\r", 2), 2);
    struct scan *scan = next(queue);
    assert_int_equal(scan->source, 2);
    assert_int_equal(scan->wall_ms, 1005);
    assert_int_equal(scan->mono_ns, 5000000);
    assert_int_equal(scan->ticket, 3);
    free(scan);
    assert_int_equal(write(one.master, "a\r", 2), 2);
    expect(queue, 1, "a");
    reader_stop(reader);
    queue_free(queue);
    close(one.master);
    close(two.master);
}

struct writer {
    int fd, count;
};

static void *write_scans(void *context)
{
    struct writer *writer = context;
    char text[32];
    for (int i = 0; i < writer->count; i++) {
        int len = snprintf(text, sizeof text, "SCAN-%06d\r", i);
        for (int done = 0; done < len;) {
            ssize_t put = write(writer->fd, text + done, (size_t)(len - done));
            if (put < 0)
                return NULL;
            done += (int)put;
        }
    }
    return NULL;
}

static void burst(int count, bool wait_for_full)
{
    struct queue *queue;
    struct reader *reader;
    struct pty pty;
    pthread_t thread;
    struct queue_counts counts = {0};
    pty_open(&pty);
    struct scanner *scanner = serial(pty.name);
    assert_int_equal(queue_new(&queue), RC_OK);
    assert_int_equal(reader_start(&scanner, 1, NULL, queue, clock_system(), NULL, NULL, &reader), RC_OK);
    struct writer writer = {.fd = pty.master, .count = count};
    pthread_create(&thread, NULL, write_scans, &writer);
    for (int i = 0; wait_for_full && i < WAIT_MS && counts.full_waits == 0; i++) {
        poll(NULL, 0, 1);
        queue_counts(queue, &counts);
    }
    int64_t before = 0;
    for (int i = 0; i < count; i++) {
        char text[32];
        int len = snprintf(text, sizeof text, "SCAN-%06d", i);
        struct scan *scan = next(queue);
        assert_int_equal(scan->len, len);
        assert_memory_equal(scan->bytes, text, scan->len);
        assert_true(scan->mono_ns >= before);
        before = scan->mono_ns;
        free(scan);
    }
    pthread_join(thread, NULL);
    assert_null(queue_pop(queue));
    queue_counts(queue, &counts);
    assert_true(!wait_for_full || counts.full_waits > 0);
    reader_stop(reader);
    queue_free(queue);
    close(pty.master);
}

static void a_thousand_as_fast_as_it_goes(void **state)
{
    (void)state;
    burst(BURST, false);
}

static void a_full_queue_makes_the_reader_wait(void **state)
{
    (void)state;
    burst(FLOOD, true);
}

static void stops_while_the_queue_is_full(void **state)
{
    (void)state;
    struct queue *queue;
    struct reader *reader;
    struct pty pty;
    pthread_t thread;
    struct queue_counts counts = {0};
    pty_open(&pty);
    struct scanner *scanner = serial(pty.name);
    assert_int_equal(queue_new(&queue), RC_OK);
    assert_int_equal(reader_start(&scanner, 1, NULL, queue, clock_system(), NULL, NULL, &reader), RC_OK);
    struct writer writer = {.fd = pty.master, .count = QUEUE_MAX + 1};
    pthread_create(&thread, NULL, write_scans, &writer);
    for (int i = 0; i < WAIT_MS && counts.full_waits == 0; i++) {
        poll(NULL, 0, 1);
        queue_counts(queue, &counts);
    }
    assert_int_equal(counts.full_waits, 1);
    pthread_join(thread, NULL);
    reader_stop(reader);
    queue_free(queue);
    close(pty.master);
}

static _Atomic int last_state = -1;

static void on_event(void *context, int scanner, enum scanner_state scanner_state)
{
    (void)context;
    assert_int_equal(scanner, 0);
    atomic_store(&last_state, (int)scanner_state);
}

static void expect_event(enum scanner_state scanner_state)
{
    for (int i = 0; i < WAIT_MS && atomic_load(&last_state) != (int)scanner_state; i++)
        poll(NULL, 0, 1);
    assert_int_equal(atomic_load(&last_state), scanner_state);
}

static void says_when_a_scanner_goes_and_comes(void **state)
{
    (void)state;
    struct queue *queue;
    struct reader *reader;
    struct pty pty;
    char link[64];
    snprintf(link, sizeof link, "/tmp/tallyman-reader-%ld", (long)getpid());
    pty_open(&pty);
    assert_int_equal(symlink(pty.name, link), 0);
    struct scanner *scanner = serial(link);
    assert_int_equal(queue_new(&queue), RC_OK);
    assert_int_equal(reader_start(&scanner, 1, NULL, queue, clock_system(), on_event, NULL, &reader), RC_OK);
    expect_event(SCANNER_READY);
    assert_int_equal(write(pty.master, "before\rhalf", 11), 11);
    expect(queue, 1, "before");
    close(pty.master);
    unlink(link);
    expect_event(SCANNER_ABSENT);
    pty_open(&pty);
    assert_int_equal(symlink(pty.name, link), 0);
    expect_event(SCANNER_READY);
    assert_int_equal(write(pty.master, "after\r", 6), 6);
    expect(queue, 1, "after");
    reader_stop(reader);
    queue_free(queue);
    close(pty.master);
    unlink(link);
}

static void the_trigger_delivers_scan_after_scan(void **state)
{
    (void)state;
    struct queue *queue;
    struct reader *reader;
    struct scanner *scanner;
    struct scanner_options options = {.kind = SCANNER_SIM};
    snprintf(options.device, sizeof options.device, "/tmp/tallyman-sim-%ld", (long)getpid());
    FILE *file = fopen(options.device, "we");
    assert_non_null(file);
    fputs("]C1\\x1done\n\ntwo\\\\\n", file);
    fclose(file);
    assert_int_equal(trigger_pull(), RC_NOT_FOUND);
    assert_int_equal(scanner_sim.open(&options, &scanner), RC_OK);
    assert_int_equal(queue_new(&queue), RC_OK);
    assert_int_equal(reader_start(&scanner, 1, NULL, queue, clock_system(), NULL, NULL, &reader), RC_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(trigger_pull(), RC_OK);
    expect(queue, 1, "]C1\x1done");
    expect(queue, 1, "two\\");
    expect(queue, 1, "]C1\x1done"); /* from the beginning again */
    assert_null(queue_pop(queue));
    reader_stop(reader);
    assert_int_equal(trigger_pull(), RC_NOT_FOUND);
    queue_free(queue);
    unlink(options.device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps_and_sources),
        cmocka_unit_test(a_thousand_as_fast_as_it_goes),
        cmocka_unit_test(a_full_queue_makes_the_reader_wait),
        cmocka_unit_test(stops_while_the_queue_is_full),
        cmocka_unit_test(says_when_a_scanner_goes_and_comes),
        cmocka_unit_test(the_trigger_delivers_scan_after_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
