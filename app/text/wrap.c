#include "app/text/wrap.h"
#include <assert.h>
#include <string.h>
#include <wchar.h>

size_t wrap_step(const char *text, int *ret_columns, bool *ret_printable)
{
    wchar_t wide;
    mbstate_t state = {0};
    size_t len = mbrtowc(&wide, text, strlen(text), &state);
    int columns = len > 0 && len < (size_t)-2 ? wcwidth(wide) : -1;
    *ret_printable = columns >= 0;
    *ret_columns = columns >= 0 ? columns : 1;
    return len > 0 && len < (size_t)-2 ? len : 1;
}

size_t wrap_break(const char *text, int width, size_t *ret_next)
{
    assert(width >= 2); /* the widest character has to fit, or nothing would ever move on */
    size_t at = 0, space = 0;
    int used = 0;
    while (text[at] && text[at] != '\n') {
        int columns;
        bool printable;
        size_t len = wrap_step(text + at, &columns, &printable);
        if (text[at] == ' ')
            space = at;
        if (used + columns > width) {
            bool in_word = (unsigned char)text[at] < 0x80 && text[at] != ' ';
            size_t end = in_word && space > 0 ? space : at;
            *ret_next = end + (text[end] == ' ');
            return end;
        }
        used += columns;
        at += len;
    }
    *ret_next = at + (text[at] == '\n');
    return at;
}
