/* Days and times. A day is a count of days since 1970-01-01 (proleptic Gregorian); DAY_NONE is no day. Pure. */
#ifndef TALLYMAN_DOMAIN_DATE_H
#define TALLYMAN_DOMAIN_DATE_H

#include "app/domain/rc.h"
#include <stdint.h>

typedef int32_t day_t;

#define DAY_NONE INT32_MIN

enum { DAY_TEXT_MAX = 10, TIME_TEXT_MAX = 29 };

day_t day_from_ymd(int year, int month, int day);
void day_to_ymd(day_t day, int *ret_year, int *ret_month, int *ret_day);

/* "2027-01-10", or the leading date of an ISO 8601 time. */
enum rc day_parse(const char *text, day_t *ret_day);

/* GS1 General Specifications 7.12: YYMMDD with the century that lies nearest to `year`; day 00 is the last
 * of the month. RC_BAD_INPUT for a month or day that is none. */
enum rc day_from_yymmdd(const char *six, int year, day_t *ret_day);

/* "2027-01-10", or "" for DAY_NONE. ret_text holds DAY_TEXT_MAX + 1. Returns ret_text. */
char *day_print(day_t day, char *ret_text);

/* "2026-11-22T05:12:33.123+08:00" from milliseconds since 1970 UTC and the offset east in minutes.
 * ret_text holds TIME_TEXT_MAX + 1. Returns ret_text. */
char *time_print(int64_t time_ms, int offset_min, char *ret_text);

/* Reads what time_print writes (fraction and offset optional: Z when missing). */
enum rc time_parse(const char *text, int64_t *ret_time_ms);

#endif
