/* The keyboard: what is a key, what is a scan, and which Enter belongs to a scan. */
#include "app/ui/keyboard.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SAID_BYTES = 512, MS = 1000000 };

/* What came out, in order: "k5 " a key, "s[ABC] " a scan, "s! " one that was too long. */
static char said[SAID_BYTES];

static void on_key(void *context, int key)
{
    (void)context;
    size_t len = strlen(said);
    if (key == KEYBOARD_KEY_ENTER)
        snprintf(said + len, sizeof said - len, "enter ");
    else
        snprintf(said + len, sizeof said - len, key < 0x80 ? "k%c " : "k%d ", key);
}

static void on_scan(void *context, const char *bytes, size_t len, bool too_long)
{
    (void)context;
    size_t used = strlen(said);
    if (too_long)
        snprintf(said + used, sizeof said - used, "s!%zu ", len);
    else
        snprintf(said + used, sizeof said - used, "s[%.*s] ", (int)len, bytes);
}

static const struct keyboard_sink SINK = {NULL, on_key, on_scan};
static struct keyboard keyboard;

static int begin(void **state)
{
    (void)state;
    setlocale(LC_ALL, "C.UTF-8");
    keyboard_init(&keyboard);
    said[0] = '\0';
    return 0;
}

static void type(const char *text)
{
    for (; *text; text++)
        keyboard_char(&keyboard, (wchar_t)*text);
}

static void a_digit_acts_after_silence(void **state)
{
    (void)state;
    type("5");
    assert_string_equal(said, "");
    keyboard_silence(&keyboard, 50 * (int64_t)MS, &SINK);
    assert_string_equal(said, "k5 ");
    keyboard_enter(&keyboard, 51 * (int64_t)MS, &SINK);
    assert_string_equal(said, "k5 enter ");
}

static void a_burst_with_enter_is_a_scan(void **state)
{
    (void)state;
    type("(01)0590");
    keyboard_enter(&keyboard, 0, &SINK);
    assert_string_equal(said, "s[(01)0590] ");
}

static void a_burst_without_enter_is_a_scan_too(void **state)
{
    (void)state;
    type("123456");
    keyboard_silence(&keyboard, 0, &SINK);
    assert_string_equal(said, "s[123456] ");
}

static void the_enter_after_a_scan_belongs_to_it(void **state)
{
    (void)state;
    type("123456");
    keyboard_silence(&keyboard, 0, &SINK);
    keyboard_enter(&keyboard, (KEYBOARD_ENTER_MS - 1) * (int64_t)MS, &SINK);
    assert_string_equal(said, "s[123456] ");
    keyboard_enter(&keyboard, KEYBOARD_ENTER_MS * (int64_t)MS, &SINK); /* this one is a hand's */
    assert_string_equal(said, "s[123456] enter ");
}

static void cr_lf_is_one_end(void **state)
{
    (void)state;
    type("ABCDEF");
    keyboard_enter(&keyboard, 0, &SINK);
    keyboard_enter(&keyboard, 0, &SINK);
    type("GHIJKL");
    keyboard_enter(&keyboard, MS, &SINK);
    assert_string_equal(said, "s[ABCDEF] s[GHIJKL] ");
}

static void a_key_between_frees_the_enter(void **state)
{
    (void)state;
    type("ABCDEF");
    keyboard_enter(&keyboard, 0, &SINK);
    type("7");
    keyboard_silence(&keyboard, 60 * (int64_t)MS, &SINK);
    keyboard_enter(&keyboard, 120 * (int64_t)MS, &SINK);
    assert_string_equal(said, "s[ABCDEF] k7 enter ");
}

static void two_keys_at_once_are_two_keys(void **state)
{
    (void)state;
    type("12");
    keyboard_silence(&keyboard, 0, &SINK);
    assert_string_equal(said, "k1 k2 ");
}

static void what_was_typed_comes_before_a_special_key(void **state)
{
    (void)state;
    type("1");
    keyboard_special(&keyboard, 999, 0, &SINK);
    type("ABCD");
    keyboard_special(&keyboard, 998, 0, &SINK);
    assert_string_equal(said, "k1 k999 s[ABCD] k998 ");
}

static void wide_characters_come_as_utf8(void **state)
{
    (void)state;
    keyboard_char(&keyboard, L'川');
    keyboard_char(&keyboard, L'A');
    keyboard_char(&keyboard, L'1');
    keyboard_enter(&keyboard, 0, &SINK);
    assert_string_equal(said, "s[川A1] ");
}

static void the_limit_is_flagged_not_passed(void **state)
{
    (void)state;
    for (int i = 0; i < SCAN_MAX; i++)
        keyboard_char(&keyboard, L'x');
    assert_false(keyboard.too_long);
    keyboard_char(&keyboard, L'x');
    keyboard_enter(&keyboard, 0, &SINK);
    char wanted[32];
    snprintf(wanted, sizeof wanted, "s!%d ", SCAN_MAX);
    assert_string_equal(said, wanted);
    said[0] = '\0';
    type("ABC");
    keyboard_enter(&keyboard, 0, &SINK);
    assert_string_equal(said, "s[ABC] ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_digit_acts_after_silence, begin),
        cmocka_unit_test_setup(a_burst_with_enter_is_a_scan, begin),
        cmocka_unit_test_setup(a_burst_without_enter_is_a_scan_too, begin),
        cmocka_unit_test_setup(the_enter_after_a_scan_belongs_to_it, begin),
        cmocka_unit_test_setup(cr_lf_is_one_end, begin),
        cmocka_unit_test_setup(a_key_between_frees_the_enter, begin),
        cmocka_unit_test_setup(two_keys_at_once_are_two_keys, begin),
        cmocka_unit_test_setup(what_was_typed_comes_before_a_special_key, begin),
        cmocka_unit_test_setup(wide_characters_come_as_utf8, begin),
        cmocka_unit_test_setup(the_limit_is_flagged_not_passed, begin),
    };
    return cmocka_run_group_tests_name("keyboard", tests, NULL, NULL);
}
