/* GTINs and the other numbers that share their check digit. Pure. */
#ifndef TALLYMAN_DOMAIN_GTIN_H
#define TALLYMAN_DOMAIN_GTIN_H

#include <stdbool.h>
#include <stddef.h>

enum { GTIN_LEN = 14, SSCC_LEN = 18 };

/* Digits only, and the last one is the check digit of those before it (GS1 General Specifications 7.9). */
bool gtin_check(const char *digits, size_t len);

/* A GTIN of 8, 12, 13 or 14 digits with a right check digit, padded to 14 (ret_gtin holds GTIN_LEN + 1); false for
 * anything else, and for zeros alone. */
bool gtin_pad(const char *digits, size_t len, char *ret_gtin);

/* Appends the check digit: ret_digits holds len + 2. */
void gtin_close(const char *digits, size_t len, char *ret_digits);

/* UPC-E as eight digits (number system 0 or 1, six, check digit) to the GTIN it stands for; false when it is none. */
bool gtin_from_upce(const char *digits, size_t len, char *ret_gtin);

#endif
