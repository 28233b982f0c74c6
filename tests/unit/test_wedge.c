/* The keyboard wedge: layouts, locks, ALT codes, control characters, ends of scans. */
#include "app/domain/limits.h"
#include "platform/linux/wedge.h"
#include <linux/input-event-codes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct wedge *wedge;

static void open_wedge(const char *layout, enum framing framing)
{
    assert_int_equal(wedge_new(layout, framing, &wedge), RC_OK);
}

static bool tap(unsigned key)
{
    bool whole = wedge_key(wedge, key, true);
    assert_false(wedge_key(wedge, key, false));
    return whole;
}

static void with(unsigned modifier, unsigned key)
{
    assert_false(wedge_key(wedge, modifier, true));
    assert_false(tap(key));
    assert_false(wedge_key(wedge, modifier, false));
}

static void expect_bytes(const void *bytes, size_t len)
{
    static uint8_t buffer[SCAN_MAX];
    struct frame frame = {.bytes = buffer};
    wedge_scan(wedge, &frame);
    assert_int_equal(frame.len, len);
    assert_memory_equal(frame.bytes, bytes, len);
    assert_false(frame.truncated);
    wedge_next(wedge);
    assert_false(wedge_pending(wedge));
}

static void expect(const char *text)
{
    assert_true(tap(KEY_ENTER));
    expect_bytes(text, strlen(text));
}

/* Keys of a keyboard of the USA, by what they type. */
static const struct {
    const char *plain, *shifted;
    unsigned first[13];
} ROWS[] = {
    {"`1234567890-=",
     "~!@#$%^&*()_+",
     {KEY_GRAVE, KEY_1, KEY_2, KEY_3, KEY_4, KEY_5, KEY_6, KEY_7, KEY_8, KEY_9, KEY_0, KEY_MINUS, KEY_EQUAL}},
    {"qwertyuiop[]\\",
     "QWERTYUIOP{}|",
     {KEY_Q, KEY_W, KEY_E, KEY_R, KEY_T, KEY_Y, KEY_U, KEY_I, KEY_O, KEY_P, KEY_LEFTBRACE, KEY_RIGHTBRACE,
      KEY_BACKSLASH}},
    {"asdfghjkl;'",
     "ASDFGHJKL:\"",
     {KEY_A, KEY_S, KEY_D, KEY_F, KEY_G, KEY_H, KEY_J, KEY_K, KEY_L, KEY_SEMICOLON, KEY_APOSTROPHE}},
    {"zxcvbnm,./ ",
     "ZXCVBNM<>? ",
     {KEY_Z, KEY_X, KEY_C, KEY_V, KEY_B, KEY_N, KEY_M, KEY_COMMA, KEY_DOT, KEY_SLASH, KEY_SPACE}},
};

static void every_printable_character(void **state)
{
    (void)state;
    open_wedge("", FRAMING_CR);
    for (size_t row = 0; row < sizeof ROWS / sizeof ROWS[0]; row++) {
        for (size_t i = 0; ROWS[row].plain[i]; i++)
            tap(ROWS[row].first[i]);
        expect(ROWS[row].plain);
        for (size_t i = 0; ROWS[row].plain[i]; i++)
            with(i % 2 ? KEY_LEFTSHIFT : KEY_RIGHTSHIFT, ROWS[row].first[i]);
        expect(ROWS[row].shifted);
    }
    wedge_free(wedge);
}

static void number_pad(void **state)
{
    (void)state;
    static const unsigned pad[] = {KEY_KP0, KEY_KP1, KEY_KP2, KEY_KP3, KEY_KP4,
                                   KEY_KP5, KEY_KP6, KEY_KP7, KEY_KP8, KEY_KP9};
    open_wedge("us", FRAMING_CR);
    assert_int_equal(wedge_lights(wedge), WEDGE_NUM_LOCK);
    for (size_t i = 0; i < 10; i++)
        tap(pad[i]);
    assert_true(tap(KEY_KPENTER));
    expect_bytes("0123456789", 10);
    wedge_free(wedge);
}

static void caps_lock(void **state)
{
    (void)state;
    open_wedge("us", FRAMING_CR);
    tap(KEY_CAPSLOCK); /* a scanner that types capitals with the lock */
    assert_int_equal(wedge_lights(wedge), WEDGE_NUM_LOCK | WEDGE_CAPS_LOCK);
    tap(KEY_A);
    tap(KEY_1);
    with(KEY_LEFTSHIFT, KEY_B);
    tap(KEY_CAPSLOCK);
    tap(KEY_C);
    expect("A1bc");
    tap(KEY_CAPSLOCK);
    wedge_reset(wedge); /* unplugged in the middle: the lock is not left on */
    assert_int_equal(wedge_lights(wedge), WEDGE_NUM_LOCK);
    tap(KEY_A);
    expect("a");
    wedge_free(wedge);
}

static void layouts(void **state)
{
    (void)state;
    open_wedge("de", FRAMING_CR);
    tap(KEY_Y);
    tap(KEY_Z);
    with(KEY_LEFTSHIFT, KEY_7);
    with(KEY_RIGHTALT, KEY_9);
    tap(KEY_GRAVE); /* dead circumflex */
    tap(KEY_SPACE);
    tap(KEY_SEMICOLON);
    expect("zy/]^ö");
    wedge_free(wedge);
    open_wedge("fr", FRAMING_CR);
    with(KEY_LEFTSHIFT, KEY_1);
    tap(KEY_Q);
    tap(KEY_LEFTBRACE); /* dead, before a letter */
    tap(KEY_Q);
    tap(KEY_6);
    expect("1a^a-");
    wedge_free(wedge);
    open_wedge("us(intl)", FRAMING_CR);
    tap(KEY_APOSTROPHE);
    tap(KEY_APOSTROPHE);
    tap(KEY_1);
    expect("''1");
    wedge_free(wedge);
    assert_int_equal(wedge_new("nowhere", FRAMING_CR, &wedge), RC_BAD_INPUT);
    assert_int_equal(wedge_new("us(nothing)", FRAMING_CR, &wedge), RC_BAD_INPUT);
    assert_int_equal(wedge_new("us(", FRAMING_CR, &wedge), RC_BAD_INPUT);
    assert_int_equal(wedge_new("us", FRAMING_STX_ETX, &wedge), RC_BAD_INPUT);
}

static void control_characters(void **state)
{
    (void)state;
    open_wedge("us", FRAMING_CR);
    with(KEY_LEFTCTRL, KEY_RIGHTBRACE); /* GS */
    tap(KEY_1);
    with(KEY_RIGHTCTRL, KEY_BACKSLASH); /* FS */
    assert_false(wedge_key(wedge, KEY_LEFTCTRL, true));
    with(KEY_LEFTSHIFT, KEY_6);     /* RS */
    with(KEY_LEFTSHIFT, KEY_MINUS); /* US */
    with(KEY_LEFTSHIFT, KEY_2);     /* NUL */
    tap(KEY_D);                     /* EOT */
    tap(KEY_M);                     /* CR as data: no Enter */
    tap(KEY_J);
    assert_false(wedge_key(wedge, KEY_LEFTCTRL, false));
    tap(KEY_TAB);
    assert_true(tap(KEY_ENTER));
    expect_bytes("\x1d"
                 "1\x1c\x1e\x1f\0\x04\r\n\t",
                 10);
    wedge_free(wedge);
}

static void alt(const char *digits)
{
    static const unsigned pad[] = {KEY_KP0, KEY_KP1, KEY_KP2, KEY_KP3, KEY_KP4,
                                   KEY_KP5, KEY_KP6, KEY_KP7, KEY_KP8, KEY_KP9};
    wedge_key(wedge, KEY_LEFTALT, true);
    for (; *digits; digits++)
        tap(*digits == '+' ? KEY_KPPLUS : *digits == 'd' ? KEY_D : pad[*digits - '0']);
    wedge_key(wedge, KEY_LEFTALT, false);
}

static void alt_codes(void **state)
{
    (void)state;
    open_wedge("us", FRAMING_CR);
    alt("029");
    alt("0065");
    alt("66");
    alt("0228"); /* the first byte of 中 in UTF-8 */
    alt("0184");
    alt("0173");
    alt("22269"); /* a character */
    alt("+d7");   /* in hexadecimal */
    alt("013");   /* CR as data */
    alt("");
    expect("\x1d"
           "AB中国\xd7\r");
    wedge_free(wedge);
}

static void others_with_alt_type_nothing(void **state)
{
    (void)state;
    open_wedge("us", FRAMING_CR);
    with(KEY_LEFTALT, KEY_A);
    with(KEY_LEFTALT, KEY_ENTER);
    assert_false(wedge_pending(wedge));
    alt("9999999");
    alt("12345678901");
    assert_false(wedge_pending(wedge));
    tap(KEY_F1);
    tap(KEY_LEFT);
    assert_false(tap(KEY_ENTER));
    assert_false(wedge_pending(wedge));
    wedge_free(wedge);
}

static void ends(void **state)
{
    (void)state;
    open_wedge("us", FRAMING_TAB);
    tap(KEY_1);
    assert_true(tap(KEY_TAB));
    expect_bytes("1", 1);
    assert_false(tap(KEY_ENTER));
    assert_false(wedge_pending(wedge));
    wedge_free(wedge);
    open_wedge("us", FRAMING_SILENCE);
    tap(KEY_1);
    assert_false(tap(KEY_ENTER));
    tap(KEY_2);
    assert_true(wedge_end(wedge));
    expect_bytes("12", 2);
    assert_false(wedge_end(wedge));
    wedge_free(wedge);
}

static void the_limit(void **state)
{
    (void)state;
    static uint8_t buffer[SCAN_MAX];
    struct frame frame = {.bytes = buffer};
    open_wedge("us", FRAMING_CR);
    for (int i = 0; i < SCAN_MAX; i++)
        tap(KEY_X);
    assert_true(tap(KEY_ENTER));
    wedge_scan(wedge, &frame);
    assert_int_equal(frame.len, SCAN_MAX);
    assert_false(frame.truncated);
    wedge_next(wedge);
    for (int i = 0; i <= SCAN_MAX; i++)
        tap(KEY_X);
    assert_true(tap(KEY_ENTER));
    wedge_scan(wedge, &frame);
    assert_true(frame.truncated);
    wedge_free(wedge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_printable_character),
        cmocka_unit_test(number_pad),
        cmocka_unit_test(caps_lock),
        cmocka_unit_test(layouts),
        cmocka_unit_test(control_characters),
        cmocka_unit_test(alt_codes),
        cmocka_unit_test(others_with_alt_type_nothing),
        cmocka_unit_test(ends),
        cmocka_unit_test(the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
