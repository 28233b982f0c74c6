/* Days and times: the calendar against the C library's, GS1's two-digit years, and what is no date. */
#include "app/domain/date.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { FIRST_DAY = -400000, LAST_DAY = 900000, STEP = 7 };

static void days_are_the_librarys(void **state)
{
    (void)state;
    for (day_t day = FIRST_DAY; day < LAST_DAY; day += STEP) {
        int year, month, of_month;
        time_t seconds = (time_t)day * 86400;
        struct tm tm;
        gmtime_r(&seconds, &tm);
        day_to_ymd(day, &year, &month, &of_month);
        assert_int_equal(year, tm.tm_year + 1900);
        assert_int_equal(month, tm.tm_mon + 1);
        assert_int_equal(of_month, tm.tm_mday);
        assert_int_equal(day_from_ymd(year, month, of_month), day);
    }
}

static void days_read_back(void **state)
{
    (void)state;
    for (day_t day = day_from_ymd(0, 1, 1); day <= day_from_ymd(9999, 12, 31); day += STEP) {
        char text[DAY_TEXT_MAX + 1];
        day_t back;
        assert_int_equal(day_parse(day_print(day, text), &back), RC_OK);
        assert_int_equal(back, day);
    }
    char text[DAY_TEXT_MAX + 1] = "x";
    assert_string_equal(day_print(DAY_NONE, text), "");
}

static void what_is_no_day(void **state)
{
    (void)state;
    static const char *const BAD[] = {"",           "2027",        "2027-13-01", "2027-00-01", "2027-02-29",
                                      "2027-04-31", "2027-04-00",  "27-01-10",   "2027-1-10",  "2027-01-10x",
                                      "2027/01/10", " 2027-01-10", "2100-02-29", "２027-01-10"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        day_t day = 77;
        assert_int_equal(day_parse(BAD[i], &day), RC_BAD_INPUT);
        assert_int_equal(day, 77);
    }
    day_t day;
    assert_int_equal(day_parse("2028-02-29", &day), RC_OK);
    assert_int_equal(day_parse("2027-01-10T00:00:00Z", &day), RC_OK);
    assert_int_equal(day, day_from_ymd(2027, 1, 10));
}

/* General Specifications 7.12 */
static void two_digit_years(void **state)
{
    (void)state;
    static const struct {
        const char *six;
        int year, y, m, d;
    } CASES[] = {
        {"270110", 2026, 2027, 1, 10},  {"760101", 2026, 2076, 1, 1},  {"770101", 2026, 1977, 1, 1},
        {"990101", 2026, 1999, 1, 1},   {"010101", 2099, 2101, 1, 1},  {"490101", 2099, 2149, 1, 1},
        {"500101", 2099, 2050, 1, 1},   {"270200", 2026, 2027, 2, 28}, {"280200", 2026, 2028, 2, 29},
        {"261200", 2026, 2026, 12, 31},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        day_t day;
        assert_int_equal(day_from_yymmdd(CASES[i].six, CASES[i].year, &day), RC_OK);
        assert_int_equal(day, day_from_ymd(CASES[i].y, CASES[i].m, CASES[i].d));
    }
    static const char *const BAD[] = {"270001", "271301", "270132", "270230", "27013", "27a130", ""};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        day_t day = 77;
        assert_int_equal(day_from_yymmdd(BAD[i], 2026, &day), RC_BAD_INPUT);
        assert_int_equal(day, 77);
    }
}

static void times_read_back(void **state)
{
    (void)state;
    static const int OFFSETS[] = {0, 480, -210, 840, -720};
    char text[TIME_TEXT_MAX + 1];
    assert_string_equal(time_print(1795295553123, 480, text), "2026-11-22T05:12:33.123+08:00");
    for (size_t o = 0; o < sizeof OFFSETS / sizeof OFFSETS[0]; o++)
        for (int64_t time_ms = -99999999999; time_ms < 9999999999999; time_ms += 98765432123) {
            int64_t back;
            assert_int_equal(time_parse(time_print(time_ms, OFFSETS[o], text), &back), RC_OK);
            assert_int_equal(back, time_ms);
        }
}

static void times_in_other_hands(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_ms;
    } GOOD[] = {
        {"1970-01-01T00:00:00", 0},           {"1970-01-01T00:00:01Z", 1000}, {"1970-01-01 08:00:00+08:00", 0},
        {"1970-01-01T08:00:00+0800", 0},      {"1970-01-01T08:00:00+08", 0},  {"1970-01-01T00:00:00.5Z", 500},
        {"1970-01-01T00:00:00.123456Z", 123}, {"1969-12-31T23:59:60Z", 0},
    };
    static const char *const BAD[] = {"",
                                      "1970-01-01",
                                      "1970-01-01T24:00:00Z",
                                      "1970-01-01T00:60:00Z",
                                      "1970-01-01T00:00:61Z",
                                      "1970-01-01T00:00:00.Z",
                                      "1970-01-01T00:00:00+24:00",
                                      "1970-01-01T00:00:00+8",
                                      "1970-01-01T00:00:00+08:",
                                      "1970-01-01T00:00:00Zx",
                                      "1970-02-30T00:00:00Z"};
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        int64_t time_ms;
        assert_int_equal(time_parse(GOOD[i].text, &time_ms), RC_OK);
        assert_int_equal(time_ms, GOOD[i].time_ms);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        int64_t time_ms = 77;
        assert_int_equal(time_parse(BAD[i], &time_ms), RC_BAD_INPUT);
        assert_int_equal(time_ms, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_the_librarys), cmocka_unit_test(days_read_back),
        cmocka_unit_test(what_is_no_day),        cmocka_unit_test(two_digit_years),
        cmocka_unit_test(times_read_back),       cmocka_unit_test(times_in_other_hands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
