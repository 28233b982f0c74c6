/* Columns of text on a terminal: a Chinese character takes two, a combining mark none. Pure, but for the locale's
 * character set (UTF-8). What can't be printed counts and shows as '?'. */
#ifndef TALLYMAN_UI_COLUMNS_H
#define TALLYMAN_UI_COLUMNS_H

#include <stddef.h>

enum { COLUMNS_TEXT = 1024 }; /* bytes of one drawn line, NUL included */

int columns_width(const char *text);

/* The text within `width` columns, with "…" at its end where it was cut. ret_text holds COLUMNS_TEXT. */
char *columns_cut(const char *text, int width, char *ret_text);

/* The end of the text instead of its beginning, for what is being typed. */
char *columns_end(const char *text, int width, char *ret_text);

/* Like columns_cut, filled with spaces to exactly `width`. */
char *columns_fill(const char *text, int width, char *ret_text);

/* Left text and right text in one line of exactly `width`; the left one is cut first. */
char *columns_both(const char *left, const char *right, int width, char *ret_text);

/* Bytes of `text` that go on the first line of `width` columns, broken at a space where there is one, else between
 * any two characters; *ret_next is where the next line begins. */
size_t columns_break(const char *text, int width, size_t *ret_next);

/* Rows that the text takes when it is broken so. */
int columns_rows(const char *text, int width);

#endif
