#include "app/domain/qty.h"
#include <stdbool.h>
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
    char digits[QTY_TEXT_MAX + 1], *at = digits + QTY_TEXT_MAX;
    uint64_t whole = size / one, part = size % one;
    *at = '\0';
    bool broken = part > 0;
    for (uint64_t left = one; broken && left > 1; left /= 10, part /= 10)
        if (*at || part % 10) /* without the zeros at the end */
            *--at = (char)('0' + part % 10);
    if (broken)
        *--at = '.';
    do
        *--at = (char)('0' + whole % 10);
    while ((whole /= 10) > 0);
    if (qty < 0)
        *--at = '-';
    memcpy(ret_text, at, (size_t)(digits + sizeof digits - at));
    return ret_text;
}
