/* Columns of text, and the progress bar made of them. */
#include "app/ui/bar.h"
#include "app/ui/columns.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int begin(void **state)
{
    (void)state;
    return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

static void chinese_is_two_columns(void **state)
{
    (void)state;
    assert_int_equal(columns_width("abc"), 3);
    assert_int_equal(columns_width("正确"), 4);
    assert_int_equal(columns_width("✔ 正确"), 6);
    assert_int_equal(columns_width("e\xCC\x81"), 1); /* a combining accent */
    assert_int_equal(columns_width("a\xFF\x01z"), 4);
}

static void cutting_keeps_the_width(void **state)
{
    (void)state;
    char text[COLUMNS_TEXT];
    assert_string_equal(columns_cut("成都蓉城商贸", 12, text), "成都蓉城商贸");
    assert_string_equal(columns_cut("成都蓉城商贸", 11, text), "成都蓉城商…");
    assert_string_equal(columns_cut("成都蓉城商贸", 10, text), "成都蓉城…"); /* half a character fits nowhere */
    assert_string_equal(columns_cut("abc", 0, text), "");
    assert_string_equal(columns_cut("a\x1B[31m\xFF", 20, text), "a?[31m?"); /* a label must not steer the screen */
    for (int width = 0; width < 14; width++)
        assert_int_equal(columns_width(columns_fill("成都蓉城商贸", width, text)), width);
}

static void the_left_text_gives_way(void **state)
{
    (void)state;
    char text[COLUMNS_TEXT];
    assert_string_equal(columns_both("成都蓉城商贸", "3号门", 20, text), "成都蓉城商贸   3号门");
    assert_string_equal(columns_both("成都蓉城商贸", "3号门", 14, text), "成都蓉…  3号门");
    for (int width = 6; width < 30; width++)
        assert_int_equal(columns_width(columns_both("成都蓉城商贸", "3号门", width, text)), width);
}

static void the_end_of_what_is_typed_shows(void **state)
{
    (void)state;
    char text[COLUMNS_TEXT];
    assert_string_equal(columns_end("SEAL-20417", 5, text), "20417");
    assert_string_equal(columns_end("川A12345", 7, text), "A12345");
}

/* A terminal may be made smaller than anything fits in. */
static void no_room_is_no_text(void **state)
{
    (void)state;
    char text[COLUMNS_TEXT];
    for (int width = -3; width <= 0; width++) {
        assert_string_equal(columns_cut("成都 abc", width, text), "");
        assert_string_equal(columns_end("成都 abc", width, text), "");
        assert_string_equal(columns_fill("成都 abc", width, text), "");
        assert_string_equal(columns_both("成都", "abc", width, text), "");
        assert_int_equal(columns_rows("成都 abc", width), 0);
    }
}

static void lines_break_at_spaces_or_between_characters(void **state)
{
    (void)state;
    size_t next;
    assert_int_equal(columns_break("set it aside", 8, &next), 6);
    assert_int_equal(next, 7);
    assert_int_equal(columns_break("放到一边勿装车", 8, &next), 12);
    assert_int_equal(next, 12);
    assert_int_equal(columns_break("ABCDEFGHIJ", 4, &next), 4);
    assert_int_equal(columns_break("ab\ncd", 8, &next), 2);
    assert_int_equal(next, 3);
    assert_int_equal(columns_rows("set it aside", 8), 2);
    assert_int_equal(columns_rows("", 8), 0);
}

static void breaking_loses_nothing_and_never_stands_still(void **state)
{
    (void)state;
    const char *text = "批 LB-2501 更早到期：2028-01-10, take that lot 下次先取该批";
    for (int width = 2; width < 40; width++) {
        size_t kept = 0;
        for (size_t at = 0, next; text[at]; at += next) {
            size_t len = columns_break(text + at, width, &next);
            char line[COLUMNS_TEXT];
            snprintf(line, sizeof line, "%.*s", (int)len, text + at);
            assert_true(columns_width(line) <= width);
            assert_true(next > 0 && next - len <= 1);
            kept += next;
        }
        assert_int_equal(kept, strlen(text));
    }
}

static void a_bar_is_full_only_when_nothing_is_missing(void **state)
{
    (void)state;
    char text[COLUMNS_TEXT];
    assert_string_equal(bar_print(62, 100, 15, text), "▓▓▓▓▓▓░░░░  62%");
    assert_int_equal(bar_percent(0, 5), 0);
    assert_int_equal(bar_percent(99999, 100000), 99);
    assert_int_equal(bar_percent(5, 5), 100);
    assert_int_equal(bar_percent(7, 5), 100);
    assert_int_equal(bar_percent(0, 0), 100);
    assert_int_equal(bar_percent(INT64_MAX / 2, INT64_MAX), 50);
    for (int width = 5; width < 40; width++)
        assert_int_equal(columns_width(bar_print(1, 3, width, text)), width);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chinese_is_two_columns),
        cmocka_unit_test(cutting_keeps_the_width),
        cmocka_unit_test(the_left_text_gives_way),
        cmocka_unit_test(the_end_of_what_is_typed_shows),
        cmocka_unit_test(no_room_is_no_text),
        cmocka_unit_test(lines_break_at_spaces_or_between_characters),
        cmocka_unit_test(breaking_loses_nothing_and_never_stands_still),
        cmocka_unit_test(a_bar_is_full_only_when_nothing_is_missing),
    };
    return cmocka_run_group_tests_name("columns", tests, begin, NULL);
}
