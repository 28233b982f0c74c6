#include "app/domain/qty.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { DECIMALS = 6, WHOLE_DIGITS = 12 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "12", "12.50": digits, at most one point with digits on both sides. */
enum rc qty_parse(const char *text, qty_t *ret_qty)
{
    const char *at = text;
    bool negative = *at == '-';
    at += negative;
    if (!is_digit(*at))
        return RC_BAD_INPUT;
    while (at[0] == '0' && is_digit(at[1]))
        at++;
    qty_t qty = 0;
    int digits = 0;
    for (; is_digit(*at); at++) {
        if (++digits > WHOLE_DIGITS)
            return RC_BAD_INPUT;
        qty = qty * 10 + (*at - '0');
    }
    bool point = *at == '.';
    at += point;
    int decimals = 0;
    for (; decimals < DECIMALS; decimals++)
        qty = qty * 10 + (point && is_digit(*at) ? *at++ - '0' : 0);
    if (*at || (point && !is_digit(at[-1])))
        return RC_BAD_INPUT;
    *ret_qty = negative ? -qty : qty;
    return RC_OK;
}

char *qty_print(qty_t qty, char *ret_text)
{
    uint64_t size = qty < 0 ? (uint64_t)0 - (uint64_t)qty : (uint64_t)qty;
    const uint64_t one = QTY_ONE;
    int len = snprintf(ret_text, QTY_TEXT_MAX + 1, "%s%llu.%06llu", qty < 0 ? "-" : "",
                       (unsigned long long)(size / one), (unsigned long long)(size % one));
    while (ret_text[len - 1] == '0')
        len--;
    if (ret_text[len - 1] == '.')
        len--;
    ret_text[len] = '\0';
    return ret_text;
}
