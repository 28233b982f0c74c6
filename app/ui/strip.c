#include "app/ui/strip.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include <stdio.h>

enum { ROW_ENTRIES = 2 };

static void one(const struct recent *recent, struct canvas *canvas, int row, int col, int width)
{
    char text[COLUMNS_TEXT], qty[QTY_TEXT_MAX + 1];
    if (!recent->tail[0])
        snprintf(text, sizeof text, "%s", text_reason(recent->reason));
    else if (recent->level > 0 && recent->qty > 0)
        snprintf(text, sizeof text, "…%s ×%s", recent->tail, qty_print(recent->qty, qty));
    else
        snprintf(text, sizeof text, "…%s", recent->tail);
    canvas_text(canvas, row, col, 1, theme_text(recent->severity), theme_shape(recent->severity));
    canvas_text(canvas, row, col + 2, width - 2, STYLE_DIM, text);
}

void strip_draw(const struct work *work, struct canvas *canvas, int row, int rows, int width)
{
    int column = (width - 1) / ROW_ENTRIES;
    for (int i = 0; i < work->recent_count && i < rows * ROW_ENTRIES; i++)
        one(&work->recent[i], canvas, row + i / ROW_ENTRIES, 1 + i % ROW_ENTRIES * column, column - 1);
}
