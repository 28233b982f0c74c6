#include "app/domain/gs1_lint.h"
#include "app/domain/gs1_lists.h"
#include "app/domain/gtin.h"
#include "app/domain/why.h"
#include <string.h>

enum { GCP_LEAST = 4, IBAN_LEAST = 15, CHECK_PAIR = 2, PAD_MOST = 2 };

/* General Specifications 7.11, figure 1: a character's place in it is its value for the check character pair (7.9.5) */
static const char CSET82[] = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
static const char CSET39[] = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char CSET64[] = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_of(const char *set, char c)
{
    return c && strchr(set, c);
}

static bool all_of(const char *set, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_of(set, text[i]))
            return false;
    return true;
}

static bool all_digits(const char *text, size_t len)
{
    return all_of("0123456789", text, len);
}

static long number(const char *text, size_t len)
{
    long value = 0;
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

/* ---- check digits and characters ---- */

static bool lint_csum(const char *text, size_t len)
{
    return gtin_check(text, len);
}

/* 7.9.5: prime weights from the right, modulo 1021, as two of 32 characters */
static bool lint_csumalpha(const char *text, size_t len)
{
    static const unsigned PRIMES[] = {2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31, 37,
                                      41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83};
    static const char PAIR[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    unsigned sum = 0;
    if (len <= CHECK_PAIR || len - CHECK_PAIR > sizeof PRIMES / sizeof PRIMES[0])
        return false;
    for (size_t i = 0; i < len - CHECK_PAIR; i++)
        sum += (unsigned)(strchr(CSET82, text[i]) - CSET82) * PRIMES[len - CHECK_PAIR - 1 - i];
    sum %= 1021;
    return text[len - 2] == PAIR[sum >> 5] && text[len - 1] == PAIR[sum & 31];
}

/* A company prefix has at least four digits. */
static bool lint_gcppos1(const char *text, size_t len)
{
    return len >= GCP_LEAST && all_digits(text, GCP_LEAST);
}

static bool lint_gcppos2(const char *text, size_t len)
{
    return len > GCP_LEAST && all_digits(text + 1, GCP_LEAST);
}

/* ISO 13616: country, check digits, account; the digits of letters from A = 10, modulo 97 */
static bool lint_iban(const char *text, size_t len)
{
    unsigned rest = 0;
    if (len < IBAN_LEAST || !gs1_listed(GS1_COUNTRY_LETTERS, text, 2) || !all_digits(text + 2, 2))
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[(i + 4) % len];
        if (!is_digit(c) && (c < 'A' || c > 'Z'))
            return false;
        rest = is_digit(c) ? rest * 10 + (unsigned)(c - '0') : rest * 100 + (unsigned)(c - 'A') + 10;
        rest %= 97;
    }
    return rest == 1;
}

/* ---- dates and times ---- */

static bool is_day(long year, long month, long day, bool any_day)
{
    static const long DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= DAYS[month - 1] + (month == 2 && leap) && (any_day || day > 0);
}

bool gs1_lint_date(const char *text, bool any_day)
{
    /* 7.12: two digits of a year stand for one from 1976 to 2075, of which every fourth is a leap year */
    return is_day(2000 + number(text, 2), number(text + 2, 2), number(text + 4, 2), any_day);
}

static bool lint_yymmdd(const char *text, size_t len)
{
    return len == 6 && gs1_lint_date(text, false);
}

static bool lint_yymmd0(const char *text, size_t len)
{
    return len == 6 && gs1_lint_date(text, true);
}

static bool lint_yyyymmdd(const char *text, size_t len)
{
    return len == 8 && is_day(number(text, 4), number(text + 4, 2), number(text + 6, 2), false);
}

static bool lint_hh(const char *text, size_t len)
{
    return len == 2 && number(text, 2) < 24;
}

static bool lint_mi(const char *text, size_t len)
{
    return len == 2 && number(text, 2) < 60;
}

static bool lint_ss(const char *text, size_t len)
{
    return lint_mi(text, len);
}

static bool lint_hhmi(const char *text, size_t len)
{
    return len == 4 && lint_hh(text, 2) && lint_mi(text + 2, 2);
}

/* ---- code lists ---- */

static bool lint_iso3166(const char *text, size_t len)
{
    return gs1_listed(GS1_COUNTRIES, text, len);
}

static bool lint_iso3166999(const char *text, size_t len)
{
    return strncmp(text, "999", len) == 0 || lint_iso3166(text, len);
}

static bool lint_iso3166alpha2(const char *text, size_t len)
{
    return gs1_listed(GS1_COUNTRY_LETTERS, text, len);
}

static bool lint_iso4217(const char *text, size_t len)
{
    return gs1_listed(GS1_CURRENCIES, text, len);
}

static bool lint_iso5218(const char *text, size_t len)
{
    return len == 1 && is_of("0129", text[0]);
}

static bool lint_packagetype(const char *text, size_t len)
{
    return gs1_listed(GS1_PACKAGE_TYPES, text, len);
}

/* 01 to 10 are given out, 80 to 99 are for agreement between users */
static bool lint_mediatype(const char *text, size_t len)
{
    long type = number(text, len);
    return (type >= 1 && type <= 10) || (type >= 80 && type <= 99);
}

/* ---- small shapes ---- */

static bool lint_zero(const char *text, size_t len)
{
    return all_of("0", text, len);
}

static bool lint_nonzero(const char *text, size_t len)
{
    return !lint_zero(text, len);
}

static bool lint_nozeroprefix(const char *text, size_t len)
{
    return len > 0 && text[0] != '0';
}

static bool lint_hasnondigit(const char *text, size_t len)
{
    return !all_digits(text, len);
}

static bool lint_winding(const char *text, size_t len)
{
    return len == 1 && is_of("019", text[0]);
}

static bool lint_yesno(const char *text, size_t len)
{
    return len == 1 && is_of("01", text[0]);
}

static bool lint_hyphen(const char *text, size_t len)
{
    return all_of("-", text, len);
}

static bool lint_importeridx(const char *text, size_t len)
{
    return all_of(CSET64, text, len);
}

static bool lint_latitude(const char *text, size_t len)
{
    return number(text, len) <= 1800000000L;
}

static bool lint_longitude(const char *text, size_t len)
{
    return number(text, len) <= 3600000000L;
}

static bool lint_pieceoftotal(const char *text, size_t len)
{
    size_t half = len / 2;
    long piece = number(text, half), total = number(text + half, len - half);
    return piece > 0 && piece <= total;
}

/* "1/3" */
static bool lint_posinseqslash(const char *text, size_t len)
{
    const char *slash = memchr(text, '/', len);
    if (!slash)
        return false;
    size_t left = (size_t)(slash - text), right = len - left - 1;
    if (!left || !right || !all_digits(text, left) || !all_digits(slash + 1, right))
        return false;
    return text[0] != '0' && slash[1] != '0' && number(text, left) <= number(slash + 1, right);
}

/* RFC 3986: a percent sign begins two hexadecimal digits */
static bool lint_pcenc(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '%' && (len - i < 3 || !all_of("0123456789ABCDEFabcdef", text + i + 1, 2)))
            return false;
    return true;
}

static bool lint_couponcode(const char *text, size_t len)
{
    return gs1_coupon_code(text, len);
}

static bool lint_couponposoffer(const char *text, size_t len)
{
    return gs1_coupon_offer(text, len);
}

/* ---- values ---- */

static bool (*const LINTERS[LINT_COUNT])(const char *text, size_t len) = {
    [LINT_CSUM] = lint_csum,
    [LINT_CSUMALPHA] = lint_csumalpha,
    [LINT_GCPPOS1] = lint_gcppos1,
    [LINT_GCPPOS2] = lint_gcppos2,
    [LINT_YYMMDD] = lint_yymmdd,
    [LINT_YYMMD0] = lint_yymmd0,
    [LINT_YYYYMMDD] = lint_yyyymmdd,
    [LINT_HH] = lint_hh,
    [LINT_MI] = lint_mi,
    [LINT_SS] = lint_ss,
    [LINT_HHMI] = lint_hhmi,
    [LINT_ISO3166] = lint_iso3166,
    [LINT_ISO3166999] = lint_iso3166999,
    [LINT_ISO3166ALPHA2] = lint_iso3166alpha2,
    [LINT_ISO4217] = lint_iso4217,
    [LINT_ISO5218] = lint_iso5218,
    [LINT_IBAN] = lint_iban,
    [LINT_ZERO] = lint_zero,
    [LINT_NONZERO] = lint_nonzero,
    [LINT_NOZEROPREFIX] = lint_nozeroprefix,
    [LINT_HASNONDIGIT] = lint_hasnondigit,
    [LINT_WINDING] = lint_winding,
    [LINT_PIECEOFTOTAL] = lint_pieceoftotal,
    [LINT_POSINSEQSLASH] = lint_posinseqslash,
    [LINT_PCENC] = lint_pcenc,
    [LINT_HYPHEN] = lint_hyphen,
    [LINT_IMPORTERIDX] = lint_importeridx,
    [LINT_LATITUDE] = lint_latitude,
    [LINT_LONGITUDE] = lint_longitude,
    [LINT_MEDIATYPE] = lint_mediatype,
    [LINT_PACKAGETYPE] = lint_packagetype,
    [LINT_YESNO] = lint_yesno,
    [LINT_COUPONCODE] = lint_couponcode,
    [LINT_COUPONPOSOFFER] = lint_couponposoffer,
};

static const char *why_of(enum gs1_lint lint)
{
    if (lint == LINT_CSUM || lint == LINT_CSUMALPHA || lint == LINT_IBAN)
        return WHY_CHECK_DIGIT;
    return lint >= LINT_YYMMDD && lint <= LINT_HHMI ? WHY_DATE : WHY_VALUE;
}

/* Padded to a multiple of three characters, which is how GS1's own check counts (RFC 4648 says four), or not at all */
static bool is_base64(const char *text, size_t len)
{
    size_t pads = 0;
    while (pads < len && text[len - 1 - pads] == '=')
        pads++;
    return all_of(CSET64, text, len - pads) && pads <= PAD_MOST && (pads == 0 || len % 3 == 0);
}

static bool is_in_set(enum gs1_set set, const char *text, size_t len)
{
    switch (set) {
    case GS1_SET_NONE: return false;
    case GS1_SET_N: return all_digits(text, len);
    case GS1_SET_X: return all_of(CSET82, text, len);
    case GS1_SET_Y: return all_of(CSET39, text, len);
    case GS1_SET_Z: return is_base64(text, len);
    }
    return false;
}

static const char *check_part(const struct gs1_part *part, const char *text, size_t len)
{
    if (len < part->min)
        return WHY_LENGTH;
    if (!is_in_set(part->set, text, len))
        return WHY_CHARACTER;
    for (int i = 0; i < GS1_LINTS_MAX && part->lints[i]; i++)
        if (!LINTERS[part->lints[i]](text, len))
            return why_of(part->lints[i]);
    return NULL;
}

const char *gs1_lint_value(const struct gs1_ai *ai, const uint8_t *value, size_t len)
{
    const char *text = (const char *)value;
    for (const struct gs1_part *part = ai->parts; part->set; part++) {
        if (!len && part->optional)
            return NULL;
        size_t taken = len < part->max ? len : part->max;
        const char *why = check_part(part, text, taken);
        if (why)
            return why;
        text += taken;
        len -= taken;
    }
    return len ? WHY_LENGTH : NULL;
}
