/* North American coupons (GS1 US, North American coupon application guideline): fields whose length a digit tells. They
 * name no goods; a damaged reading is told from a coupon all the same. */
#include "app/domain/gs1_lint.h"
#include <string.h>

enum { GCP_BASE = 6, GLN_BASE = 6, SERIAL_BASE = 6, OFFER_LEN = 6, FAMILY_LEN = 3, DATE_LEN = 6, GCP_ABSENT = 9 };

/* What is left of the text; NULL once something was wrong. */
struct rest {
    const char *at, *end;
};

static void take(struct rest *rest, size_t len)
{
    if (rest->at && (size_t)(rest->end - rest->at) < len)
        rest->at = NULL;
    else if (rest->at)
        rest->at += len;
}

/* One digit that is among these. Answers its value. */
static unsigned take_digit(struct rest *rest, const char *among)
{
    if (!rest->at || rest->at == rest->end || !strchr(among, *rest->at)) {
        rest->at = NULL;
        return 0;
    }
    return (unsigned)(*rest->at++ - '0');
}

/* A digit among these, and as many characters as it says beyond the base. */
static void take_counted(struct rest *rest, const char *among, unsigned base)
{
    unsigned count = take_digit(rest, among);
    take(rest, base + count);
}

static bool take_indicator(struct rest *rest, char indicator)
{
    bool is_there = rest->at && rest->at < rest->end && *rest->at == indicator;
    rest->at += is_there;
    return is_there;
}

static void take_purchase(struct rest *rest)
{
    take_counted(rest, "12345", 0);
    take_digit(rest, "012349");
    take(rest, FAMILY_LEN);
}

static void take_further_purchase(struct rest *rest)
{
    take_purchase(rest);
    unsigned count = take_digit(rest, "01234569");
    if (rest->at && count != GCP_ABSENT)
        take(rest, GCP_BASE + count);
}

/* Answers the date, or NULL. */
static const char *take_date(struct rest *rest)
{
    const char *date = rest->at;
    take(rest, DATE_LEN);
    if (rest->at && !gs1_lint_date(date, false))
        rest->at = NULL;
    return rest->at ? date : NULL;
}

/* Dates a century apart don't occur: two digits of the year are enough to compare. */
static void take_dates(struct rest *rest)
{
    const char *expires = take_indicator(rest, '3') ? take_date(rest) : NULL;
    const char *starts = rest->at && take_indicator(rest, '4') ? take_date(rest) : NULL;
    if (expires && starts && memcmp(expires, starts, DATE_LEN) < 0)
        rest->at = NULL;
}

static bool is_number(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

static void take_optional(struct rest *rest)
{
    if (rest->at && take_indicator(rest, '1')) {
        take_digit(rest, "0123");
        take_further_purchase(rest);
    }
    if (rest->at && take_indicator(rest, '2'))
        take_further_purchase(rest);
    if (rest->at)
        take_dates(rest);
    if (rest->at && take_indicator(rest, '5'))
        take_counted(rest, "0123456789", SERIAL_BASE);
    if (rest->at && take_indicator(rest, '6'))
        take_counted(rest, "1234567", GLN_BASE);
    if (rest->at && take_indicator(rest, '9')) {
        take_digit(rest, "01256"); /* what is saved */
        take_digit(rest, "012");   /* on which item */
        take(rest, 1);             /* store coupon */
        take_digit(rest, "01");    /* not to be multiplied */
    }
}

bool gs1_coupon_code(const char *text, size_t len)
{
    struct rest rest = {text, text + len};
    if (!is_number(text, len))
        return false;
    take_counted(&rest, "0123456", GCP_BASE);
    take(&rest, OFFER_LEN);
    take_counted(&rest, "12345", 0); /* what is saved */
    take_purchase(&rest);
    take_optional(&rest);
    return rest.at == rest.end;
}

bool gs1_coupon_offer(const char *text, size_t len)
{
    struct rest rest = {text, text + len};
    if (!is_number(text, len))
        return false;
    take_digit(&rest, "01");
    take_counted(&rest, "0123456", GCP_BASE);
    take(&rest, OFFER_LEN);
    take_counted(&rest, "0123456789", SERIAL_BASE);
    return rest.at == rest.end;
}
