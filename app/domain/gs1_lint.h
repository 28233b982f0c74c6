/* What the components of a GS1 element string must be: character sets, check digits, dates, code lists. Pure. */
#ifndef TALLYMAN_DOMAIN_GS1_LINT_H
#define TALLYMAN_DOMAIN_GS1_LINT_H

#include "app/domain/gs1_table.h"

/* NULL, or the sentence (why.h) that says what is wrong with the value. */
const char *gs1_lint_value(const struct gs1_ai *ai, const uint8_t *value, size_t len);

/* North American coupons, (8110) and (8112): digits only, every field as long as its length indicator says. */
bool gs1_coupon_code(const char *text, size_t len);
bool gs1_coupon_offer(const char *text, size_t len);

/* Two digits each of year, month and day; the day may be 00 when `any_day`. */
bool gs1_lint_date(const char *text, bool any_day);

#endif
