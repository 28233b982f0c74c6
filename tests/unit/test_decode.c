/* The decode command: one line out for each line in, in the form that scripts read. */
#include "app/cli/decode.h"
#include "app/cli/input.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { THIS_YEAR = 2026 };

static const char *decode(const char *line, char *ret_text)
{
    static struct code code;
    const char *why;
    struct scan *scan = decode_scan(line, strlen(line), &why);
    assert_non_null(scan);
    code_parse(scan, THIS_YEAR, &code);
    free(scan);
    return decode_print(&code, ret_text);
}

static const struct {
    const char *in, *out;
} LINES[] = {
    {"]C1010590123412345710LB-2501\\x1d21A1B2C3",
     "ok\t(01)05901234123457(21)A1B2C3\t01=05901234123457|10=LB-2501|21=A1B2C3"},
    {"(01)05901234123457(21)A\\(B", "ok\t(01)05901234123457(21)A\\(B\t01=05901234123457|21=A(B"},
    {"(01)05901234123457(21)A\\\\(B", "ok\t(01)05901234123457(21)A\\(B\t01=05901234123457|21=A(B"},
    {"(00)069012340000000016(37)48", "warn\t(00)069012340000000016\t00=069012340000000016|37=48"},
    {"5901234123457", "ok\t(01)05901234123457\t01=05901234123457"},
    {"WINE 7\\x09", "ok\tplain:WINE 7\\x09\t"},
    {"plain:5901234123457", "ok\tplain:5901234123457\t"},
    {"a\\\\b", "ok\tplain:a\\\\b\t"},
    {"plain:a\\\\b", "ok\tplain:a\\\\b\t"},
    {"(414)6901234000009", "ok\t\t414=6901234000009"},
    {"(10)LB-2501", "warn\t\t10=LB-2501"},
    {"", "error\tmalformed\tThe scan is empty."},
    {"]E05901234123458", "error\tmalformed\tThe check digit is wrong."},
    {"]E112", "error\tnot-goods\tThis is the add-on beside a code: scan the code itself."},
};

static void each_line_has_its_answer(void **state)
{
    (void)state;
    char text[DECODE_TEXT_MAX + 1];
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++)
        assert_string_equal(decode(LINES[i].in, text), LINES[i].out);
}

static void objects_say_the_same(void **state)
{
    (void)state;
    static struct code code;
    code_parse_text("(00)069012340000000016(37)48", THIS_YEAR, &code);
    json_t *object = decode_json(&code);
    char *text = json_dumps(object, JSON_COMPACT);
    assert_string_equal(text, "{\"status\":\"warn\",\"key\":\"(00)069012340000000016\",\"elements\":"
                              "[[\"00\",\"069012340000000016\"],[\"37\",\"48\"]]}");
    free(text);
    json_decref(object);
    code_parse_text("", THIS_YEAR, &code);
    object = decode_json(&code);
    assert_string_equal(json_string_value(json_object_get(object, "reason")), "malformed");
    json_decref(object);
}

static void what_is_no_scan_says_why(void **state)
{
    (void)state;
    static char line[DECODE_LINE_MAX + 2];
    const char *why = NULL;
    assert_null(decode_scan("a\\q", 3, &why));
    assert_non_null(why);
    memset(line, 'A', sizeof line - 1);
    struct scan *scan = decode_scan(line, SCAN_MAX, &why);
    assert_non_null(scan);
    assert_int_equal(scan->len, SCAN_MAX);
    free(scan);
    assert_null(decode_scan(line, SCAN_MAX + 1, &why));
    assert_null(decode_scan(line, DECODE_LINE_MAX + 1, &why));
    assert_non_null(why);
    scan = decode_scan("a\\\0b", 4, &why);
    assert_non_null(scan);
    assert_memory_equal(scan->bytes, "a\\\0b", 4);
    free(scan);
}

static void lines_end_in_many_ways(void **state)
{
    (void)state;
    static struct input input;
    static const char TEXT[] = "one\r\n\ntwo\rx\n\0n\nlast";
    static const struct {
        const char *line;
        size_t len;
    } WANT[] = {{"one", 3}, {"", 0}, {"two\rx", 5}, {"\0n", 2}, {"last", 4}};
    int ends[2];
    size_t len;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], TEXT, sizeof TEXT - 1), sizeof TEXT - 1);
    close(ends[1]);
    input_init(&input, ends[0]);
    for (size_t i = 0; i < sizeof WANT / sizeof WANT[0]; i++) {
        assert_int_equal(input_line(&input, -1, &len), RC_OK);
        assert_int_equal(len, WANT[i].len);
        assert_memory_equal(input.line, WANT[i].line, len);
    }
    assert_int_equal(input_line(&input, -1, &len), RC_DISCONNECTED);
    close(ends[0]);
}

static void a_line_without_end_is_bounded(void **state)
{
    (void)state;
    static struct input input;
    size_t len;
    FILE *stream = tmpfile();
    assert_non_null(stream);
    for (int i = 0; i < 5 * DECODE_LINE_MAX; i++)
        fputc('A', stream);
    fputs("\nnext\n", stream);
    rewind(stream);
    input_init(&input, fileno(stream));
    assert_int_equal(input_line(&input, -1, &len), RC_OK);
    assert_int_equal(len, DECODE_LINE_MAX + 1);
    assert_int_equal(input_line(&input, -1, &len), RC_OK);
    assert_string_equal(input.line, "next");
    fclose(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_has_its_answer),      cmocka_unit_test(objects_say_the_same),
        cmocka_unit_test(what_is_no_scan_says_why),      cmocka_unit_test(lines_end_in_many_ways),
        cmocka_unit_test(a_line_without_end_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
