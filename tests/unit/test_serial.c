/* The serial scanner on real ptys: framings, split and merged writes, limits, unplug and replug. */
#include "platform/linux/framing.h"
#include "platform/scanner.h"
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 5000, QUIET_MS = 60, SILENCE_MS = 40 };

struct port {
    int master;
    char link[64]; /* a name that stays while the pty behind it changes, like /dev/serial/by-id */
    struct scanner *scanner;
    uint8_t bytes[SCAN_MAX];
};

/* A new pty, raw as seen from the master too, behind the port's link. */
static void plug(struct port *port)
{
    int slave;
    char name[64];
    struct termios raw;
    assert_int_equal(openpty(&port->master, &slave, name, NULL, NULL), 0);
    assert_int_equal(tcgetattr(slave, &raw), 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
    close(slave);
    unlink(port->link);
    assert_int_equal(symlink(name, port->link), 0);
}

static void unplug(struct port *port)
{
    close(port->master);
    unlink(port->link);
    port->master = -1;
}

static struct scanner_options options_for(const struct port *port, enum framing framing)
{
    struct scanner_options options = {
        .kind = SCANNER_SERIAL, .name = "test", .speed = 9600, .framing = framing, .silence_ms = SILENCE_MS};
    snprintf(options.device, sizeof options.device, "%s", port->link);
    return options;
}

static void open_port(struct port *port, enum framing framing)
{
    static int number;
    memset(port, 0, sizeof *port);
    snprintf(port->link, sizeof port->link, "/tmp/tallyman-serial-%ld-%d", (long)getpid(), number++);
    plug(port);
    struct scanner_options options = options_for(port, framing);
    assert_int_equal(scanner_serial.open(&options, &port->scanner), RC_OK);
    assert_int_equal(scanner_serial.state(port->scanner), SCANNER_READY);
}

static void close_port(struct port *port)
{
    scanner_serial.close(port->scanner);
    if (port->master >= 0)
        unplug(port);
}

static void send_bytes(const struct port *port, const void *bytes, size_t len)
{
    assert_int_equal(write(port->master, bytes, len), (ssize_t)len);
}

static void send_text(const struct port *port, const char *text)
{
    send_bytes(port, text, strlen(text));
}

/* The next answer of read that is not "nothing yet", or RC_TIMEOUT after so long; waits as the reader thread does. */
static enum rc next_within(struct port *port, int within_ms, struct frame *ret_frame)
{
    ret_frame->bytes = port->bytes;
    for (int waited = 0; waited <= within_ms;) {
        enum rc rc = scanner_serial.read(port->scanner, ret_frame);
        if (rc != RC_TIMEOUT)
            return rc;
        struct pollfd fd = {.fd = scanner_serial.fd(port->scanner), .events = POLLIN};
        int timeout = scanner_serial.timeout_ms(port->scanner);
        int step = timeout >= 0 && timeout < 20 ? timeout : 20;
        if (poll(&fd, 1, step) == 0)
            waited += step > 0 ? step : 1;
    }
    return RC_TIMEOUT;
}

static void expect_bytes(struct port *port, const void *bytes, size_t len)
{
    struct frame frame;
    assert_int_equal(next_within(port, WAIT_MS, &frame), RC_OK);
    assert_int_equal(frame.len, len);
    assert_memory_equal(frame.bytes, bytes, len);
    assert_false(frame.truncated);
}

static void expect_text(struct port *port, const char *text)
{
    expect_bytes(port, text, strlen(text));
}

static void expect_none(struct port *port)
{
    struct frame frame;
    assert_int_equal(next_within(port, QUIET_MS, &frame), RC_TIMEOUT);
}

static void expect_state(struct port *port, enum scanner_state state)
{
    struct frame frame;
    for (int waited = 0; waited < WAIT_MS && scanner_serial.state(port->scanner) != state; waited += 20)
        next_within(port, 20, &frame);
    assert_int_equal(scanner_serial.state(port->scanner), state);
}

/* ---- framing ---- */

struct wire {
    enum framing framing;
    const char *sent;
    const char *frames[4]; /* expected, up to NULL */
};

static const struct wire WIRES[] = {
    {FRAMING_CR, "one\rtwo\r\rthree\r", {"one", "two", "three"}},
    {FRAMING_CR, "one\r\ntwo\r\n", {"one", "two"}}, /* the scanner sends CR LF though the port is set to CR */
    {FRAMING_CR, "a\nb\r", {"a\nb"}},
    {FRAMING_LF, "one\ntwo\n\nthree\n", {"one", "two", "three"}},
    {FRAMING_LF, "one\r\ntw\ro\n", {"one", "tw\ro"}},
    {FRAMING_CRLF, "one\r\ntwo\r\n\r\nthree\r\n", {"one", "two", "three"}},
    {FRAMING_CRLF, "a\rb\nc\r\n", {"a\rb\nc"}},
    {FRAMING_CRLF, "a\r\r\nb\r\n", {"a\r", "b"}},
    {FRAMING_STX_ETX, "noise\002one\003noise\002two\003\002\003\002three\003", {"one", "two", "three"}},
    {FRAMING_STX_ETX, "\002lost\002one\003", {"one"}},
    {FRAMING_CR, "]C10105901234123457\035\x1d\\\xff\r", {"]C10105901234123457\035\x1d\\\xff"}},
};

static void check_wire(const struct wire *wire, bool split)
{
    struct port port;
    open_port(&port, wire->framing);
    for (size_t i = 0; split && wire->sent[i]; i++) {
        struct frame frame = {.bytes = port.bytes};
        send_bytes(&port, &wire->sent[i], 1);
        if (!strchr("\r\n\003", wire->sent[i])) /* a byte at a time, each read before the next is there */
            assert_int_equal(scanner_serial.read(port.scanner, &frame), RC_TIMEOUT);
    }
    if (!split)
        send_text(&port, wire->sent);
    for (int i = 0; i < 4 && wire->frames[i]; i++)
        expect_text(&port, wire->frames[i]);
    expect_none(&port);
    close_port(&port);
}

static void each_framing_in_one_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WIRES / sizeof WIRES[0]; i++)
        check_wire(&WIRES[i], false);
}

static void each_framing_byte_by_byte(void **state)
{
    (void)state;
    static const struct wire single[] = {
        {FRAMING_CR, "one\r", {"one"}},
        {FRAMING_LF, "one\n", {"one"}},
        {FRAMING_STX_ETX, "x\002one\003", {"one"}},
    };
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
        check_wire(&single[i], true);
}

/* The framer itself, with every way of cutting the stream in two. */
static void framer_splits_anywhere(void **state)
{
    (void)state;
    static struct framer framer;
    for (size_t w = 0; w < sizeof WIRES / sizeof WIRES[0]; w++) {
        const uint8_t *sent = (const uint8_t *)WIRES[w].sent;
        size_t len = strlen(WIRES[w].sent);
        for (size_t cut = 0; cut <= len; cut++) {
            int frames = 0;
            framer_init(&framer, WIRES[w].framing);
            for (size_t at = 0, end = cut; at < len; end = at < cut ? cut : len) {
                size_t taken;
                if (end == at)
                    end = len;
                if (framer_take(&framer, sent + at, end - at, &taken)) {
                    const char *expected = WIRES[w].frames[frames++];
                    assert_non_null(expected);
                    assert_int_equal(framer.len, strlen(expected));
                    assert_memory_equal(framer.bytes, expected, framer.len);
                    framer_next(&framer);
                }
                at += taken;
            }
            assert_true(frames == 4 || !WIRES[w].frames[frames]);
        }
    }
}

static void silence_ends_a_frame(void **state)
{
    (void)state;
    struct port port;
    open_port(&port, FRAMING_SILENCE);
    struct frame frame = {.bytes = port.bytes};
    send_text(&port, "on");
    assert_int_equal(scanner_serial.read(port.scanner, &frame), RC_TIMEOUT);
    send_text(&port, "e\r");
    expect_text(&port, "one\r");
    send_text(&port, "two");
    expect_text(&port, "two");
    expect_none(&port);
    close_port(&port);
}

/* ---- limits ---- */

static void frame_of_exactly_the_limit(void **state)
{
    (void)state;
    static char text[SCAN_MAX + 2];
    struct port port;
    memset(text, 'x', SCAN_MAX);
    memcpy(text + SCAN_MAX, "\r\n", 2);
    static struct framer framer;
    size_t taken;
    framer_init(&framer, FRAMING_CRLF);
    assert_true(framer_take(&framer, (uint8_t *)text, sizeof text, &taken));
    assert_int_equal(framer.len, SCAN_MAX);
    assert_false(framer.truncated);
    open_port(&port, FRAMING_CR);
    struct frame frame = {.bytes = port.bytes};
    for (size_t sent = 0; sent < SCAN_MAX; sent += 512) { /* a pty's buffer holds 4 kB */
        send_bytes(&port, text, 512);
        assert_int_equal(scanner_serial.read(port.scanner, &frame), RC_TIMEOUT);
    }
    send_text(&port, "\r");
    expect_bytes(&port, text, SCAN_MAX);
    close_port(&port);
}

static void frame_over_the_limit_is_cut_and_flagged(void **state)
{
    (void)state;
    struct port port;
    char text[100];
    memset(text, 'y', sizeof text);
    open_port(&port, FRAMING_CR);
    struct frame frame = {.bytes = port.bytes};
    for (int i = 0; i < 100; i++) { /* 10 kB */
        send_bytes(&port, text, sizeof text);
        assert_int_equal(scanner_serial.read(port.scanner, &frame), RC_TIMEOUT);
    }
    send_text(&port, "\rnext\r");
    assert_int_equal(next_within(&port, WAIT_MS, &frame), RC_OK);
    assert_int_equal(frame.len, SCAN_MAX);
    assert_true(frame.truncated);
    expect_text(&port, "next");
    close_port(&port);
}

/* ---- coming and going ---- */

/* Half a scan that is old is none, nor is its rest; and the next is not taken for its rest for ever. */
static void half_a_frame_grows_old(void **state)
{
    (void)state;
    enum { GAP_MS = 2000, LEEWAY_MS = 200 };
    struct port port;
    struct frame frame;
    open_port(&port, FRAMING_CR);
    send_text(&port, "half");
    assert_int_equal(next_within(&port, GAP_MS + LEEWAY_MS, &frame), RC_TIMEOUT);
    send_text(&port, "rest\r");
    expect_none(&port);
    assert_int_equal(scanner_serial.lost(port.scanner), 1);
    send_text(&port, "whole\r");
    expect_text(&port, "whole");
    send_text(&port, "half");
    assert_int_equal(next_within(&port, SCANNER_STALE_MS + LEEWAY_MS, &frame), RC_TIMEOUT);
    assert_int_equal(scanner_serial.lost(port.scanner), 2);
    send_text(&port, "whole\r");
    expect_text(&port, "whole");
    assert_int_equal(scanner_serial.lost(port.scanner), 2);
    close_port(&port);
}

static void unplugged_it_throws_half_a_frame_away(void **state)
{
    (void)state;
    struct port port;
    struct frame frame = {.bytes = port.bytes};
    open_port(&port, FRAMING_CR);
    send_text(&port, "half");
    expect_none(&port);
    unplug(&port);
    assert_int_equal(next_within(&port, WAIT_MS, &frame), RC_DISCONNECTED);
    assert_int_equal(scanner_serial.state(port.scanner), SCANNER_ABSENT);
    assert_in_range(scanner_serial.timeout_ms(port.scanner), 0, 1000);
    plug(&port);
    expect_state(&port, SCANNER_READY);
    send_text(&port, "whole\r");
    expect_text(&port, "whole");
    close_port(&port);
}

static void returns_again_and_again(void **state)
{
    (void)state;
    struct port port;
    open_port(&port, FRAMING_CR);
    for (int i = 0; i < 3; i++) {
        unplug(&port);
        expect_state(&port, SCANNER_ABSENT);
        plug(&port);
        expect_state(&port, SCANNER_READY);
        send_text(&port, "again\r");
        expect_text(&port, "again");
    }
    close_port(&port);
}

static void absent_from_the_start(void **state)
{
    (void)state;
    struct port port = {.master = -1, .link = "/tmp/tallyman-serial-none"};
    struct scanner_options options = options_for(&port, FRAMING_CR);
    unlink(port.link);
    assert_int_equal(scanner_serial.open(&options, &port.scanner), RC_OK);
    assert_int_equal(scanner_serial.state(port.scanner), SCANNER_ABSENT);
    plug(&port);
    expect_state(&port, SCANNER_READY);
    send_text(&port, "here\r");
    expect_text(&port, "here");
    close_port(&port);
}

static void a_device_of_somebody_else_is_denied(void **state)
{
    (void)state;
    struct port port;
    struct scanner *second;
    open_port(&port, FRAMING_CR);
    struct scanner_options options = options_for(&port, FRAMING_CR);
    assert_int_equal(scanner_serial.open(&options, &second), RC_OK);
    assert_int_equal(scanner_serial.state(second), SCANNER_BUSY);
    scanner_serial.close(second);
    send_text(&port, "mine\r");
    expect_text(&port, "mine");
    close_port(&port);
}

static void what_is_no_terminal_fails(void **state)
{
    (void)state;
    struct scanner *scanner;
    struct scanner_options options = {.device = "/dev/null", .speed = 9600};
    assert_int_equal(scanner_serial.open(&options, &scanner), RC_OK);
    assert_int_equal(scanner_serial.state(scanner), SCANNER_FAILED);
    scanner_serial.close(scanner);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct scanner *scanner;
    struct scanner_options options = {.device = "/dev/null", .speed = 9601};
    assert_int_equal(scanner_serial.open(&options, &scanner), RC_BAD_INPUT);
    options = (struct scanner_options){.device = "", .speed = 9600};
    assert_int_equal(scanner_serial.open(&options, &scanner), RC_BAD_INPUT);
    options = (struct scanner_options){.device = "/dev/null", .speed = 9600, .framing = FRAMING_SILENCE};
    assert_int_equal(scanner_serial.open(&options, &scanner), RC_BAD_INPUT);
}

static void every_speed_is_taken(void **state)
{
    (void)state;
    static const int speeds[] = {300, 1200, 9600, 115200, 921600};
    struct port port;
    open_port(&port, FRAMING_CR);
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
        struct scanner_options options = options_for(&port, FRAMING_CR);
        scanner_serial.close(port.scanner);
        options.speed = speeds[i];
        assert_int_equal(scanner_serial.open(&options, &port.scanner), RC_OK);
        assert_int_equal(scanner_serial.state(port.scanner), SCANNER_READY);
    }
    close_port(&port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_framing_in_one_write),
        cmocka_unit_test(each_framing_byte_by_byte),
        cmocka_unit_test(framer_splits_anywhere),
        cmocka_unit_test(silence_ends_a_frame),
        cmocka_unit_test(frame_of_exactly_the_limit),
        cmocka_unit_test(frame_over_the_limit_is_cut_and_flagged),
        cmocka_unit_test(half_a_frame_grows_old),
        cmocka_unit_test(unplugged_it_throws_half_a_frame_away),
        cmocka_unit_test(returns_again_and_again),
        cmocka_unit_test(absent_from_the_start),
        cmocka_unit_test(a_device_of_somebody_else_is_denied),
        cmocka_unit_test(what_is_no_terminal_fails),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(every_speed_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
