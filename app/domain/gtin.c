#include "app/domain/gtin.h"
#include <string.h>

bool gtin_check(const char *digits, size_t len)
{
    unsigned sum = 0;
    for (size_t i = 0; i < len; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        /* weights 3, 1, 3 … leftwards from the digit before the check digit, which itself weighs 1 */
        sum += (unsigned)(digits[i] - '0') * ((len - i) % 2 ? 1 : 3);
    }
    return len >= 2 && sum % 10 == 0;
}

bool gtin_pad(const char *digits, size_t len, char *ret_gtin)
{
    if (len != 8 && len != 12 && len != 13 && len != GTIN_LEN)
        return false;
    if (!gtin_check(digits, len) || memcmp(digits, "00000000000000", len) == 0)
        return false;
    memset(ret_gtin, '0', GTIN_LEN - len);
    memcpy(ret_gtin + GTIN_LEN - len, digits, len);
    ret_gtin[GTIN_LEN] = '\0';
    return true;
}
