/* A progress bar: "▓▓▓▓▓▓░░░░ 62%". */
#ifndef TALLYMAN_UI_BAR_H
#define TALLYMAN_UI_BAR_H

#include "app/domain/qty.h"

/* `part` of `whole`, in exactly `width` columns; 100% is shown only when nothing is missing. ret_text holds
 * COLUMNS_TEXT. Returns ret_text. */
char *bar_print(qty_t part, qty_t whole, int width, char *ret_text);
int bar_percent(qty_t part, qty_t whole);

#endif
