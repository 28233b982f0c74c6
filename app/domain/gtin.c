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

void gtin_close(const char *digits, size_t len, char *ret_digits)
{
    memcpy(ret_digits, digits, len);
    ret_digits[len + 1] = '\0';
    for (ret_digits[len] = '0'; !gtin_check(ret_digits, len + 1); ret_digits[len]++)
        ;
}

enum { UPCE_LEN = 8, UPCA_LEN = 12 };

bool gtin_from_upce(const char *digits, size_t len, char *ret_gtin)
{
    /* By the sixth digit: the twelve of UPC-A, each the place of its digit in the eight, or '-' for a zero (General
     * Specifications 5.2.2.4.2). */
    static const char *const PLACES[] = {"0126----3457", "0126----3457", "0126----3457", "0123-----457",
                                         "01234-----57", "012345----67", "012345----67", "012345----67",
                                         "012345----67", "012345----67"};
    char long_form[UPCA_LEN];
    if (len != UPCE_LEN || (digits[0] != '0' && digits[0] != '1') || digits[6] < '0' || digits[6] > '9')
        return false;
    const char *places = PLACES[digits[6] - '0'];
    for (size_t i = 0; i < UPCA_LEN; i++)
        long_form[i] = places[i] == '-' ? '0' : digits[places[i] - '0'];
    return gtin_pad(long_form, UPCA_LEN, ret_gtin);
}
