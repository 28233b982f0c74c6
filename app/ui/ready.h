/* What to scan first, before there is a verdict to show. */
#ifndef TALLYMAN_UI_READY_H
#define TALLYMAN_UI_READY_H

#include "app/ui/work.h"

/* Translated, static. */
const char *ready_word(const struct work *work);
/* One line below it, "" nothing more to say. ret_text holds COLUMNS_TEXT. */
void ready_hint(const struct work *work, char *ret_text);

#endif
