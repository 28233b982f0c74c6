#include "app/ui/bar.h"
#include "app/ui/columns.h"
#include <stdio.h>

enum { NUMBER_WIDTH = 5 };

int bar_percent(qty_t part, qty_t whole)
{
    if (whole <= 0 || part >= whole)
        return 100;
    if (part <= 0)
        return 0;
    /* thousands first: a hundred times a whole order would not fit into 64 bits */
    qty_t percent = whole >= 1000000000 ? part / (whole / 100) : part * 100 / whole;
    return percent > 99 ? 99 : (int)percent;
}

char *bar_print(qty_t part, qty_t whole, int width, char *ret_text)
{
    int percent = bar_percent(part, whole), cells = width - NUMBER_WIDTH;
    int full = cells > 0 ? percent * cells / 100 : 0;
    size_t used = 0;
    ret_text[0] = '\0';
    for (int i = 0; i < cells && used + 4 < COLUMNS_TEXT; i++)
        used += (size_t)snprintf(ret_text + used, COLUMNS_TEXT - used, "%s", i < full ? "▓" : "░");
    snprintf(ret_text + used, COLUMNS_TEXT - used, "%4d%%", percent);
    return ret_text;
}
