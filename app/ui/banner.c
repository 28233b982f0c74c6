#include "app/ui/banner.h"
#include "app/ui/columns.h"
#include <stdio.h>

enum { TEXTS = 3 };

static void centred(struct canvas *canvas, int row, int width, enum style style, const char *text)
{
    char line[COLUMNS_TEXT], moved[COLUMNS_TEXT];
    int left = (width - columns_width(text)) / 2;
    snprintf(moved, sizeof moved, "%*s%s", left > 0 ? left : 0, "", text);
    canvas_text(canvas, row, 0, width, style, columns_fill(moved, width, line));
}

void banner_draw(const struct banner *banner, struct canvas *canvas, int row, int rows, int width)
{
    char head[COLUMNS_TEXT];
    const char *texts[TEXTS] = {head};
    int count = 1;
    snprintf(head, sizeof head, "%s%s%s", banner->shape, banner->shape[0] ? " " : "", banner->word);
    for (int i = 0; i < 2; i++)
        if (banner->lines[i][0] && count < rows)
            texts[count++] = banner->lines[i];
    int top = (rows - count) / 2;
    for (int i = 0; i < rows; i++)
        centred(canvas, row + i, width, banner->style, i >= top && i - top < count ? texts[i - top] : "");
}
