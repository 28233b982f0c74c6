#include "app/domain/date.h"
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { YEAR_MAX = 9999, DAY_MS = 86400000, MINUTE_MS = 60000 };

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return DAYS[month - 1] + (month == 2 && is_leap(year));
}

/* Years are counted from March, so that the leap day is the last one; a cycle of the calendar is 400 years. */
day_t day_from_ymd(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = (y >= 0 ? y : y - 399) / 400;
    int of_era = y - era * 400;
    int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return era * 146097 + day_of_era - 719468;
}

void day_to_ymd(day_t day, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t from_march = (int64_t)day + 719468;
    int64_t era = (from_march >= 0 ? from_march : from_march - 146096) / 146097;
    int day_of_era = (int)(from_march - era * 146097);
    int of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
    int march_month = (5 * of_year + 2) / 153;
    *ret_day = of_year - (153 * march_month + 2) / 5 + 1;
    *ret_month = march_month < 10 ? march_month + 3 : march_month - 9;
    *ret_year = (int)(of_era + era * 400) + (*ret_month <= 2);
}

/* Exactly `count` digits; moves *at behind them. */
static bool take_number(const char **at, int count, int *ret_number)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9')
            return false;
        number = number * 10 + (c - '0');
    }
    *at += count;
    *ret_number = number;
    return true;
}

static bool take_char(const char **at, char c)
{
    if (**at != c)
        return false;
    ++*at;
    return true;
}

static bool take_day(const char **at, day_t *ret_day)
{
    int year, month, day;
    if (!take_number(at, 4, &year) || !take_char(at, '-') || !take_number(at, 2, &month) || !take_char(at, '-') ||
        !take_number(at, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return false;
    *ret_day = day_from_ymd(year, month, day);
    return true;
}

enum rc day_parse(const char *text, day_t *ret_day)
{
    const char *at = text;
    day_t day;
    if (!take_day(&at, &day) || (*at && *at != 'T' && *at != ' '))
        return RC_BAD_INPUT;
    *ret_day = day;
    return RC_OK;
}

enum rc day_from_yymmdd(const char *six, int year, day_t *ret_day)
{
    const char *at = six;
    int yy, month, day;
    if (!take_number(&at, 2, &yy) || !take_number(&at, 2, &month) || !take_number(&at, 2, &day))
        return RC_BAD_INPUT;
    int ahead = yy - year % 100;
    int century = year / 100 + (ahead >= 51 ? -1 : ahead <= -50 ? 1 : 0);
    int full = century * 100 + yy;
    if (month < 1 || month > 12 || day > month_days(full, month))
        return RC_BAD_INPUT;
    *ret_day = day_from_ymd(full, month, day ? day : month_days(full, month));
    return RC_OK;
}

static char *put_digits(char *at, unsigned value, int width)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + width;
}

char *day_print(day_t day, char *ret_text)
{
    char *at = ret_text;
    int year = 0, month = 0, of_month = 0;
    ret_text[0] = '\0';
    if (day == DAY_NONE)
        return ret_text;
    day_to_ymd(day, &year, &month, &of_month);
    if (year < 0 || year > YEAR_MAX)
        return ret_text;
    at = put_digits(at, (unsigned)year, 4);
    *at++ = '-';
    at = put_digits(at, (unsigned)month, 2);
    *at++ = '-';
    *put_digits(at, (unsigned)of_month, 2) = '\0';
    return ret_text;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

char *time_print(int64_t time_ms, int offset_min, char *ret_text)
{
    int64_t local = time_ms + (int64_t)offset_min * MINUTE_MS;
    day_t day = (day_t)floor_div(local, DAY_MS);
    unsigned ms = (unsigned)(local - (int64_t)day * DAY_MS);
    unsigned off = (unsigned)(offset_min < 0 ? -offset_min : offset_min);
    const struct {
        unsigned value;
        int width;
        char before;
    } parts[] = {{ms / 3600000, 2, 'T'},
                 {ms / MINUTE_MS % 60, 2, ':'},
                 {ms / 1000 % 60, 2, ':'},
                 {ms % 1000, 3, '.'},
                 {off / 60, 2, offset_min < 0 ? '-' : '+'},
                 {off % 60, 2, ':'}};
    char *at = day_print(day, ret_text) + strlen(ret_text);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        *at++ = parts[i].before;
        at = put_digits(at, parts[i].value, parts[i].width);
    }
    *at = '\0';
    return ret_text;
}

/* ".5", ".123", ".123456": milliseconds, what is finer is cut. */
static bool take_fraction(const char **at, int *ret_ms)
{
    int ms = 0, digits = 0;
    for (; **at >= '0' && **at <= '9'; ++*at, digits++)
        if (digits < 3)
            ms = ms * 10 + (**at - '0');
    for (int i = digits; i < 3; i++)
        ms *= 10;
    *ret_ms = ms;
    return digits > 0;
}

/* "", "Z", "+08:00", "+0800", "+08" */
static bool take_offset(const char **at, int *ret_offset_min)
{
    int sign = **at == '-' ? -1 : 1, hours = 0, minutes = 0;
    *ret_offset_min = 0;
    if (!**at || take_char(at, 'Z'))
        return true;
    if (!take_char(at, '+') && !take_char(at, '-'))
        return false;
    if (!take_number(at, 2, &hours))
        return false;
    if (take_char(at, ':') || **at) {
        if (!take_number(at, 2, &minutes))
            return false;
    }
    *ret_offset_min = sign * (hours * 60 + minutes);
    return hours <= 23 && minutes <= 59;
}

enum rc time_parse(const char *text, int64_t *ret_time_ms)
{
    const char *at = text;
    day_t day;
    int hour, minute, second, ms = 0, offset_min;
    if (!take_day(&at, &day) || (!take_char(&at, 'T') && !take_char(&at, ' ')) || !take_number(&at, 2, &hour) ||
        !take_char(&at, ':') || !take_number(&at, 2, &minute) || !take_char(&at, ':') ||
        !take_number(&at, 2, &second))
        return RC_BAD_INPUT;
    if (take_char(&at, '.') && !take_fraction(&at, &ms))
        return RC_BAD_INPUT;
    /* 60 is a leap second: the next minute's first */
    if (!take_offset(&at, &offset_min) || *at || hour > 23 || minute > 59 || second > 60)
        return RC_BAD_INPUT;
    int64_t minutes = (int64_t)hour * 60 + minute - offset_min;
    *ret_time_ms = (int64_t)day * DAY_MS + minutes * MINUTE_MS + second * 1000 + ms;
    return RC_OK;
}
