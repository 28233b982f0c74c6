#include "app/ui/columns.h"
#include "app/text/wrap.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int columns_width(const char *text)
{
    int width = 0;
    while (*text) {
        int columns;
        bool printable;
        text += wrap_step(text, &columns, &printable);
        width += columns;
    }
    return width;
}

/* Copies as much as fits in `width`; returns the columns used. */
static int copy(const char *text, int width, char *ret_text, size_t size)
{
    size_t used = 0;
    int at = 0;
    while (*text) {
        int columns;
        bool printable;
        size_t len = wrap_step(text, &columns, &printable);
        if (at + columns > width || used + len + 4 > size)
            break;
        if (printable)
            memcpy(ret_text + used, text, len);
        else
            ret_text[used] = '?';
        used += printable ? len : 1;
        at += columns;
        text += len;
    }
    ret_text[used] = '\0';
    return at;
}

static int cut(const char *text, int width, char *ret_text)
{
    if (columns_width(text) <= width)
        return copy(text, width, ret_text, COLUMNS_TEXT);
    int used = copy(text, width > 0 ? width - 1 : 0, ret_text, COLUMNS_TEXT);
    size_t len = strlen(ret_text);
    if (width > 0)
        snprintf(ret_text + len, COLUMNS_TEXT - len, "…");
    return used + (width > 0);
}

char *columns_cut(const char *text, int width, char *ret_text)
{
    cut(text, width, ret_text);
    return ret_text;
}

char *columns_end(const char *text, int width, char *ret_text)
{
    while (*text && columns_width(text) > width) {
        int columns;
        bool printable;
        text += wrap_step(text, &columns, &printable);
    }
    return columns_cut(text, width, ret_text);
}

static void spaces(char *text, int count)
{
    size_t len = strlen(text);
    for (; count > 0 && len + 1 < COLUMNS_TEXT; count--)
        text[len++] = ' ';
    text[len] = '\0';
}

char *columns_fill(const char *text, int width, char *ret_text)
{
    spaces(ret_text, width - cut(text, width, ret_text));
    return ret_text;
}

char *columns_both(const char *left, const char *right, int width, char *ret_text)
{
    char end[COLUMNS_TEXT];
    int right_width = cut(right, width, end);
    int room = width - right_width - (right_width > 0);
    columns_fill(left, room > 0 ? room : 0, ret_text);
    spaces(ret_text, width - columns_width(ret_text) - right_width);
    size_t len = strlen(ret_text);
    snprintf(ret_text + len, COLUMNS_TEXT - len, "%s", end);
    return ret_text;
}

size_t columns_break(const char *text, int width, size_t *ret_next)
{
    return wrap_break(text, width, ret_next);
}

int columns_rows(const char *text, int width)
{
    int rows = 0;
    size_t next;
    for (; *text && width >= 2; text += next, rows++)
        columns_break(text, width, &next);
    return rows;
}
