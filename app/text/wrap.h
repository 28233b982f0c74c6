/* Where a text is broken into lines of so many columns: a Chinese character takes two, a combining mark none. Pure, but for
 * the locale's character set (UTF-8). */
#ifndef TALLYMAN_TEXT_WRAP_H
#define TALLYMAN_TEXT_WRAP_H

#include <stdbool.h>
#include <stddef.h>

/* One character: returns its bytes. Broken or unprintable ones are a byte and a column. */
size_t wrap_step(const char *text, int *ret_columns, bool *ret_printable);

/* Bytes of `text` that go on the first line of `width` columns (two at least), broken at a space where there is one, else
 * between any two characters; *ret_next is where the next line begins. */
size_t wrap_break(const char *text, int width, size_t *ret_next);

#endif
