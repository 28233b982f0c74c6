/* Connections that say their request byte by byte: who owes for too long is shown out, nobody else is. */
#include "sync/server/guests.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLOW, ANSWERED, AGAIN, LATER, GUESTS };

static bool is_ended(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void who_owes_for_too_long_is_shown_out(void **state)
{
    struct guests *guests = guests_new(2 * GUESTS);
    struct guest *guest[GUESTS];
    int fds[GUESTS][2];
    (void)state;
    assert_non_null(guests);
    for (int i = 0; i < GUESTS; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]), 0);
        guest[i] = guests_come(guests, fds[i][0], 1000);
        assert_non_null(guest[i]);
    }
    guests_said(guests, guest[ANSWERED]);
    guests_said(guests, guest[AGAIN]);
    guests_owe(guests, guest[AGAIN], 2000);
    guests_owe(guests, guest[LATER], 1000 + GUESTS_REQUEST_MAX_MS);
    assert_int_equal(guests_look(guests, 1000 + GUESTS_REQUEST_MAX_MS), 0);
    assert_int_equal(guests_look(guests, 1001 + GUESTS_REQUEST_MAX_MS), 0); /* it has looked just now */
    assert_int_equal(guests_look(guests, 2000 + GUESTS_REQUEST_MAX_MS), 1);
    assert_true(is_ended(fds[SLOW][1]));
    assert_int_equal(guests_look(guests, 3000 + GUESTS_REQUEST_MAX_MS), 1);
    assert_true(is_ended(fds[AGAIN][1]));
    assert_false(is_ended(fds[ANSWERED][1]));
    assert_false(is_ended(fds[LATER][1]));
    guests_go(guests, guest[SLOW]);
    guests_go(guests, guest[LATER]);
    assert_int_equal(guests_look(guests, 10 * GUESTS_REQUEST_MAX_MS), 0);
    guests_free(guests);
    for (int i = 0; i < GUESTS; i++) {
        close(fds[i][0]);
        close(fds[i][1]);
    }
}

static void in_a_crowd_nobody_is_waited_for_long(void **state)
{
    struct guests *guests = guests_new(GUESTS);
    struct guest *guest[GUESTS];
    int fds[GUESTS][2];
    (void)state;
    for (int i = 0; i < GUESTS; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]), 0);
        guest[i] = guests_come(guests, fds[i][0], 1000 * (i + 1));
    }
    assert_int_equal(guests_look(guests, 1500 + GUESTS_CROWDED_MS), 1);
    assert_true(is_ended(fds[SLOW][1]));
    guests_go(guests, guest[SLOW]);
    assert_int_equal(guests_look(guests, 9000 + GUESTS_CROWDED_MS), 0); /* there is room again */
    guests_free(guests);
    for (int i = 0; i < GUESTS; i++) {
        close(fds[i][0]);
        close(fds[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_owes_for_too_long_is_shown_out),
                                       cmocka_unit_test(in_a_crowd_nobody_is_waited_for_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
