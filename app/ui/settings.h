/* What the settings screen can change, as a table over the configuration: label, value, next value. */
#ifndef TALLYMAN_UI_SETTINGS_H
#define TALLYMAN_UI_SETTINGS_H

#include "app/engine/config.h"

size_t settings_count(const struct config *config, bool auditor);  /* an auditor has one more: the last */
const char *settings_label(const struct config *config, size_t i); /* translated */
/* ret_text holds COLUMNS_TEXT. Returns ret_text. */
const char *settings_value(const struct config *config, size_t i, char *ret_text);
/* Goes on to the next value; true when the scanner is to be opened anew. */
bool settings_next(struct config *config, size_t i);

#endif
