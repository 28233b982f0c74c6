/* Quantities: decimal text outside, millionths inside, so that sums are exact. Pure. */
#ifndef TALLYMAN_DOMAIN_QTY_H
#define TALLYMAN_DOMAIN_QTY_H

#include "app/domain/rc.h"
#include <stdint.h>

typedef int64_t qty_t; /* millionths of the product's unit */

#define QTY_ONE ((qty_t)1000000)

enum { QTY_TEXT_MAX = 24 };

/* Reads "12", "12.5", "-0.25". RC_BAD_INPUT when it is anything else, has more than six decimals or is
 * 10^12 or more. */
enum rc qty_parse(const char *text, qty_t *ret_qty);

/* Writes the shortest text ("12", "12.5"). ret_text holds QTY_TEXT_MAX + 1 bytes. Returns ret_text. */
char *qty_print(qty_t qty, char *ret_text);

#endif
