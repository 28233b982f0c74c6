/* Lines for `tallyman scan`: split, long, binary, slow. */
#include "app/cli/input.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 5000, SOON_MS = 20 };

struct world {
    int write_fd;
    struct input input;
};

static struct world world;

static int set_up(void **state)
{
    int fds[2];
    (void)state;
    if (pipe(fds))
        return -1;
    world.write_fd = fds[1];
    input_init(&world.input, fds[0]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (world.write_fd >= 0)
        close(world.write_fd);
    return close(world.input.fd);
}

static void feed(const void *bytes, size_t len)
{
    assert_int_equal(write(world.write_fd, bytes, len), (ssize_t)len);
}

static void end(void)
{
    close(world.write_fd);
    world.write_fd = -1;
}

static void expect(const char *bytes, size_t expected)
{
    size_t len = 0;
    assert_int_equal(input_line(&world.input, WAIT_MS, &len), RC_OK);
    assert_int_equal(len, expected);
    assert_memory_equal(world.input.line, bytes, len);
    assert_int_equal(world.input.line[len], '\0');
}

static void expect_end(enum rc expected)
{
    size_t len = 77;
    assert_int_equal(input_line(&world.input, SOON_MS, &len), expected);
    assert_int_equal(len, 77);
}

static void several_lines_in_one_write(void **state)
{
    (void)state;
    feed("one\ntwo\r\n\nlast", 14);
    end();
    expect("one", 3);
    expect("two", 3);
    expect("", 0); /* a blank line is a scan, too: malformed */
    expect("last", 4);
    expect_end(RC_DISCONNECTED);
}

static void half_a_line_waits(void **state)
{
    (void)state;
    feed("ha", 2);
    expect_end(RC_TIMEOUT);
    feed("lf\n", 3);
    expect("half", 4);
    end();
    expect_end(RC_DISCONNECTED);
}

static void bytes_of_every_kind(void **state)
{
    (void)state;
    feed("a\0b\xff\x1d\n", 6);
    expect("a\0b\xff\x1d", 5);
}

static void at_the_limit_and_over_it(void **state)
{
    (void)state;
    static char text[DECODE_LINE_MAX + 100];
    memset(text, 'x', sizeof text);
    feed(text, DECODE_LINE_MAX);
    feed("\n", 1);
    expect(text, DECODE_LINE_MAX);
    feed(text, sizeof text);
    feed("\nnext\n", 6);
    expect(text, INPUT_LINE_MAX); /* one more than any scan can have: known to be too long */
    expect("next", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(several_lines_in_one_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(half_a_line_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_of_every_kind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(at_the_limit_and_over_it, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
