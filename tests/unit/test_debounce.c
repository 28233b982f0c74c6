/* The trigger's button: bounces, short taps, long presses, at every moment. */
#include "platform/linux/debounce.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { DEBOUNCE_MS = 20, LONG_MS = 500 };

static struct debounce fresh(void)
{
    return (struct debounce){.debounce_ms = DEBOUNCE_MS, .long_ms = LONG_MS};
}

static void bounces_are_one_press(void **state)
{
    (void)state;
    struct debounce button = fresh();
    assert_int_equal(debounce_due_ms(&button, 1000), -1);
    assert_int_equal(debounce_edge(&button, true, 1000), TRIGGER_DOWN); /* at once */
    for (int ms = 1; ms < DEBOUNCE_MS; ms++)
        assert_int_equal(debounce_edge(&button, ms % 2, 1000 + ms), TRIGGER_NONE);
    assert_int_equal(debounce_edge(&button, true, 1019), TRIGGER_NONE);
    assert_int_equal(debounce_due_ms(&button, 1019), 1);
    assert_int_equal(debounce_tick(&button, 1020), TRIGGER_NONE);
    assert_int_equal(debounce_edge(&button, false, 1100), TRIGGER_UP);
    assert_int_equal(debounce_edge(&button, true, 1101), TRIGGER_NONE);
    assert_int_equal(debounce_edge(&button, false, 1102), TRIGGER_NONE);
    assert_int_equal(debounce_tick(&button, 1120), TRIGGER_NONE);
    assert_int_equal(debounce_due_ms(&button, 1120), -1);
}

static void a_tap_shorter_than_the_bounces(void **state)
{
    (void)state;
    struct debounce button = fresh();
    assert_int_equal(debounce_edge(&button, true, 1000), TRIGGER_DOWN);
    assert_int_equal(debounce_edge(&button, false, 1005), TRIGGER_NONE);
    assert_int_equal(debounce_due_ms(&button, 1005), 15);
    assert_int_equal(debounce_tick(&button, 1019), TRIGGER_NONE);
    assert_int_equal(debounce_tick(&button, 1020), TRIGGER_UP);
}

static void long_presses(void **state)
{
    (void)state;
    struct debounce button = fresh();
    assert_int_equal(debounce_edge(&button, true, 1000), TRIGGER_DOWN);
    assert_int_equal(debounce_tick(&button, 1020), TRIGGER_NONE);
    assert_int_equal(debounce_due_ms(&button, 1020), LONG_MS - DEBOUNCE_MS);
    assert_int_equal(debounce_tick(&button, 1499), TRIGGER_NONE);
    assert_int_equal(debounce_tick(&button, 1500), TRIGGER_LONG);
    assert_int_equal(debounce_tick(&button, 9000), TRIGGER_NONE); /* told once */
    assert_int_equal(debounce_due_ms(&button, 9000), -1);
    assert_int_equal(debounce_edge(&button, false, 9001), TRIGGER_UP);
    button = (struct debounce){0}; /* neither is wanted */
    assert_int_equal(debounce_edge(&button, true, 1000), TRIGGER_DOWN);
    assert_int_equal(debounce_due_ms(&button, 1000), -1);
    assert_int_equal(debounce_edge(&button, false, 1000), TRIGGER_UP);
}

/* Whatever the line does, downs and ups take turns, and at rest it is told as it is. */
static void any_noise(void **state)
{
    (void)state;
    struct debounce button = fresh();
    uint32_t noise = 1;
    bool down = false;
    int64_t now_ms = 1000;
    for (int i = 0; i < 100000; i++) {
        noise = noise * 1664525u + 1013904223u;
        now_ms += noise >> 16 & 31;
        enum trigger_event event =
            noise >> 30 ? debounce_edge(&button, noise >> 24 & 1, now_ms) : debounce_tick(&button, now_ms);
        if (event == TRIGGER_DOWN || event == TRIGGER_UP) {
            assert_int_equal(event == TRIGGER_DOWN, !down);
            down = !down;
        }
        assert_true(event != TRIGGER_LONG || down);
    }
    bool level = button.level;
    for (int due; (due = debounce_due_ms(&button, now_ms)) >= 0;) {
        now_ms += due;
        debounce_tick(&button, now_ms);
    }
    assert_int_equal(button.down, level);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounces_are_one_press),
        cmocka_unit_test(a_tap_shorter_than_the_bounces),
        cmocka_unit_test(long_presses),
        cmocka_unit_test(any_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
