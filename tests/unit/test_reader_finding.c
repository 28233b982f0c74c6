/* The reader takes in scanners that come, leaves alone what is spoken for, and holds back what a scanner sends twice. */
#include "app/domain/limits.h"
#include "app/engine/reader.h"
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
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 10000, QUIET_MS = 100 };

struct port {
    int master;
    char name[64];
};

/* The finder of this test: ptys that it is told of. */
static struct {
    pthread_mutex_t mutex;
    int fd, count;
    struct device devices[DEVICES_MAX];
    atomic_int closed;
} found = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static const struct scanner_class *const CLASSES[SCANNER_KINDS] = {[SCANNER_SERIAL] = &scanner_serial};

static enum rc found_list(void *context, struct device *ret_devices, int *ret_count)
{
    (void)context;
    pthread_mutex_lock(&found.mutex);
    memcpy(ret_devices, found.devices, sizeof found.devices);
    *ret_count = found.count;
    pthread_mutex_unlock(&found.mutex);
    return RC_OK;
}

static int found_fd(void *context)
{
    (void)context;
    return found.fd;
}

static bool found_take(void *context)
{
    uint64_t times;
    (void)context;
    return read(found.fd, &times, sizeof times) == (ssize_t)sizeof times;
}

static void found_close(void *context)
{
    (void)context;
    atomic_store(&found.closed, 1);
}

static void port_open(struct port *port)
{
    int slave;
    struct termios raw;
    assert_int_equal(openpty(&port->master, &slave, port->name, NULL, NULL), 0);
    assert_int_equal(tcgetattr(slave, &raw), 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
    close(slave);
}

static void tell(const struct port *port, enum device_use use, bool taken)
{
    static const uint64_t one = 1;
    struct device device = {.kind = SCANNER_SERIAL, .use = use, .taken = taken};
    snprintf(device.node, sizeof device.node, "%s", port->name);
    snprintf(device.name, sizeof device.name, "port %s", port->name);
    pthread_mutex_lock(&found.mutex);
    found.devices[found.count++] = device;
    pthread_mutex_unlock(&found.mutex);
    assert_int_equal(write(found.fd, &one, sizeof one), (ssize_t)sizeof one);
}

static struct reader_finding finding(void)
{
    found.count = 0;
    found.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_store(&found.closed, 0);
    return (struct reader_finding){
        .finder = {.list = found_list, .fd = found_fd, .take = found_take, .close = found_close},
        .as = {.speed = 9600, .framing = FRAMING_CR},
        .classes = CLASSES};
}

static void end(struct reader *reader, struct queue *queue)
{
    reader_stop(reader);
    queue_free(queue);
    assert_int_equal(atomic_load(&found.closed), 1);
    close(found.fd);
}

static void wait_ready(struct reader *reader, int scanner)
{
    struct reader_status status[READER_SCANNERS_MAX] = {0};
    for (int ms = 0; ms < WAIT_MS && !(status[scanner].used && status[scanner].state == SCANNER_READY); ms++) {
        poll(NULL, 0, 1);
        reader_status(reader, status);
    }
    assert_true(status[scanner].used);
    assert_int_equal(status[scanner].state, SCANNER_READY);
}

static void expect(struct queue *queue, int source, const char *text)
{
    struct pollfd fd = {.fd = queue_fd(queue), .events = POLLIN};
    struct scan *scan = queue_pop(queue);
    if (!scan && poll(&fd, 1, WAIT_MS) == 1)
        scan = queue_pop(queue);
    assert_non_null(scan);
    assert_int_equal(scan->len, strlen(text));
    assert_memory_equal(scan->bytes, text, scan->len);
    assert_int_equal(scan->source, source);
    free(scan);
}

static void send_text(const struct port *port, const char *text)
{
    assert_int_equal(write(port->master, text, strlen(text)), (ssize_t)strlen(text));
}

static void takes_in_what_comes(void **state)
{
    (void)state;
    struct queue *queue;
    struct reader *reader;
    struct port one, two, other;
    struct reader_finding wish = finding();
    port_open(&one);
    port_open(&two);
    port_open(&other);
    tell(&one, DEVICE_SCANNER, false);
    assert_int_equal(queue_new(&queue), RC_OK);
    assert_int_equal(reader_start(NULL, 0, &wish, queue, clock_system(), NULL, NULL, &reader), RC_OK);
    wait_ready(reader, 0);
    send_text(&one, "first\r");
    expect(queue, 1, "first");
    tell(&other, DEVICE_UNKNOWN, false);
    tell(&other, DEVICE_OTHER, false);
    tell(&other, DEVICE_BROKEN, false);
    tell(&other, DEVICE_SCANNER, true); /* another scanner of this process has it */
    tell(&two, DEVICE_SCANNER, false);
    wait_ready(reader, 1);
    send_text(&two, "second\r");
    expect(queue, 2, "second");
    struct reader_status status[READER_SCANNERS_MAX];
    reader_status(reader, status);
    for (int ms = 0; ms < WAIT_MS && status[1].scans == 0; ms++) { /* it is counted once it is in the queue */
        poll(NULL, 0, 1);
        reader_status(reader, status);
    }
    assert_false(status[2].used);
    assert_true(status[1].found);
    assert_int_equal(status[1].scans, 1);
    assert_true(strncmp(status[1].name, "port ", 5) == 0);
    end(reader, queue);
    close(one.master);
    close(two.master);
    close(other.master);
}

static void leaves_what_is_configured(void **state)
{
    (void)state;
    struct queue *queue;
    struct reader *reader;
    struct scanner *scanner;
    struct port one;
    struct reader_finding wish = finding();
    port_open(&one);
    struct scanner_options options = {.kind = SCANNER_SERIAL, .speed = 9600, .framing = FRAMING_CR, .name = "mine"};
    snprintf(options.device, sizeof options.device, "%s", one.name);
    assert_int_equal(scanner_serial.open(&options, &scanner), RC_OK);
    assert_int_equal(queue_new(&queue), RC_OK);
    tell(&one, DEVICE_SCANNER, false);
    assert_int_equal(reader_start(&scanner, 1, &wish, queue, clock_system(), NULL, NULL, &reader), RC_OK);
    wait_ready(reader, 0);
    send_text(&one, "first\r");
    expect(queue, 1, "first");
    struct reader_status status[READER_SCANNERS_MAX];
    reader_status(reader, status);
    assert_string_equal(status[0].name, "mine");
    assert_false(status[0].found || status[1].used);
    end(reader, queue);
    close(one.master);
}

/* More than there is room for: those that are there stay, one that has gone makes room. */
static void no_more_than_there_is_room(void **state)
{
    (void)state;
    struct queue *queue;
    struct reader *reader;
    struct port ports[READER_SCANNERS_MAX + 1];
    struct reader_finding wish = finding();
    for (int i = 0; i <= READER_SCANNERS_MAX; i++) {
        port_open(&ports[i]);
        tell(&ports[i], DEVICE_SCANNER, false);
    }
    assert_int_equal(queue_new(&queue), RC_OK);
    assert_int_equal(reader_start(NULL, 0, &wish, queue, clock_system(), NULL, NULL, &reader), RC_OK);
    for (int i = 0; i < READER_SCANNERS_MAX; i++)
        wait_ready(reader, i);
    send_text(&ports[READER_SCANNERS_MAX - 1], "last\r");
    expect(queue, READER_SCANNERS_MAX, "last");
    struct reader_status status[READER_SCANNERS_MAX];
    close(ports[0].master);
    pthread_mutex_lock(&found.mutex);
    found.devices[0] = found.devices[READER_SCANNERS_MAX];
    found.count = READER_SCANNERS_MAX;
    pthread_mutex_unlock(&found.mutex);
    for (int ms = 0; ms < WAIT_MS; ms++) {
        reader_status(reader, status);
        if (status[0].state == SCANNER_ABSENT)
            break;
        poll(NULL, 0, 1);
    }
    assert_int_equal(status[0].state, SCANNER_ABSENT);
    static const uint64_t one = 1;
    assert_int_equal(write(found.fd, &one, sizeof one), (ssize_t)sizeof one);
    wait_ready(reader, 0);
    send_text(&ports[READER_SCANNERS_MAX], "new\r");
    expect(queue, 1, "new");
    end(reader, queue);
    for (int i = 1; i <= READER_SCANNERS_MAX; i++)
        close(ports[i].master);
}

static void the_same_code_within_the_window(void **state)
{
    (void)state;
    enum { WINDOW_MS = 60000 };
    struct queue *queue;
    struct reader *reader;
    struct scanner *scanners[2];
    struct port one, two;
    port_open(&one);
    port_open(&two);
    struct scanner_options options = {.kind = SCANNER_SERIAL, .speed = 9600, .framing = FRAMING_CR};
    snprintf(options.device, sizeof options.device, "%s", two.name);
    assert_int_equal(scanner_serial.open(&options, &scanners[1]), RC_OK);
    snprintf(options.device, sizeof options.device, "%s", one.name);
    options.window_ms = WINDOW_MS;
    assert_int_equal(scanner_serial.open(&options, &scanners[0]), RC_OK);
    assert_int_equal(queue_new(&queue), RC_OK);
    const struct clock *clock = clock_pinned(0, 0);
    clock_pinned_advance(1);
    assert_int_equal(reader_start(scanners, 2, NULL, queue, clock, NULL, NULL, &reader), RC_OK);
    send_text(&one, "a\ra\ra\rb\ra\r");
    expect(queue, 1, "a");
    expect(queue, 1, "b");
    expect(queue, 1, "a"); /* another was between: it was scanned again */
    clock_pinned_advance(WINDOW_MS);
    send_text(&one, "a\rc\r"); /* at the window's end still the same */
    expect(queue, 1, "c");
    send_text(&one, "d\r");
    expect(queue, 1, "d");
    clock_pinned_advance(WINDOW_MS + 1);
    send_text(&one, "d\r");
    expect(queue, 1, "d");
    send_text(&two, "e\re\r"); /* no window: each counts */
    expect(queue, 2, "e");
    expect(queue, 2, "e");
    struct reader_status status[READER_SCANNERS_MAX];
    reader_status(reader, status);
    assert_int_equal(status[0].repeats, 3);
    assert_int_equal(status[0].scans, 6);
    assert_int_equal(status[1].repeats, 0);
    assert_null(queue_pop(queue));
    reader_stop(reader);
    queue_free(queue);
    close(one.master);
    close(two.master);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_in_what_comes),
        cmocka_unit_test(leaves_what_is_configured),
        cmocka_unit_test(no_more_than_there_is_room),
        cmocka_unit_test(the_same_code_within_the_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
