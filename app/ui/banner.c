#include "app/ui/banner.h"
#include "app/ui/columns.h"
#include <stdio.h>

enum { BANNER_ROWS_MAX = 5 };

static void centred(struct canvas *canvas, int row, int width, enum style style, const char *text)
{
    char line[COLUMNS_TEXT], moved[COLUMNS_TEXT];
    int left = (width - columns_width(text)) / 2;
    snprintf(moved, sizeof moved, "%*s%s", left > 0 ? left : 0, "", text);
    canvas_text(canvas, row, 0, width, style, columns_fill(moved, width, line));
}

/* One text on as many rows as it needs and there are. */
static int add(char (*rows)[COLUMNS_TEXT], int count, int max, int width, const char *text)
{
    while (*text && count < max && width >= 2) {
        size_t next, len = columns_break(text, width, &next);
        bool last = count == max - 1;
        snprintf(rows[count++], COLUMNS_TEXT, "%.*s", last ? COLUMNS_TEXT - 1 : (int)len, text);
        text += next;
    }
    return count;
}

void banner_draw(const struct banner *banner, struct canvas *canvas, int row, int rows, int width)
{
    char head[COLUMNS_TEXT], texts[BANNER_ROWS_MAX][COLUMNS_TEXT];
    int max = rows < BANNER_ROWS_MAX ? rows : BANNER_ROWS_MAX;
    snprintf(head, sizeof head, "%s%s%s", banner->shape, banner->shape[0] ? " " : "", banner->word);
    int count = add(texts, 0, 1, width, head);
    int said = (banner->lines[0][0] != '\0') + (banner->lines[1][0] != '\0');
    if (said == 1 && max >= BANNER_ROWS_MAX)
        texts[count++][0] = '\0'; /* room to breathe */
    for (int i = 0; i < 2; i++)
        count = add(texts, count, max, width, banner->lines[i]);
    int top = (rows - count) / 2;
    for (int i = 0; i < rows; i++)
        centred(canvas, row + i, width, banner->style, i >= top && i - top < count ? texts[i - top] : "");
}
