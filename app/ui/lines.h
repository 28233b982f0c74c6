/* The lines of a document and how far each is, as rows of a list. */
#ifndef TALLYMAN_UI_LINES_H
#define TALLYMAN_UI_LINES_H

#include "app/ui/work.h"

/* "✔ 泵密封套件    3箱+4/6箱"; ret_text holds COLUMNS_TEXT. A list_row over a work. */
void lines_row(const void *work, size_t i, int width, char *ret_text);
/* "3箱+4/6箱": ret_text holds 160. Returns ret_text. */
char *lines_progress(const struct work *work, size_t i, char *ret_text);

#endif
