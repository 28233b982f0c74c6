#include "app/ui/strip.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include <stdio.h>

enum { ENTRY_COLS = 13 }; /* a shape and the tail of a serial, at least */

static void one(const struct recent *recent, struct canvas *canvas, int row, int col, int width)
{
    char text[COLUMNS_TEXT], qty[QTY_TEXT_MAX + 1];
    if (!recent->tail[0])
        snprintf(text, sizeof text, "%s", text_reason(recent->reason));
    else if (recent->level > 0 && recent->qty > 0)
        snprintf(text, sizeof text, "…%s×%s", recent->tail, qty_print(recent->qty, qty));
    else
        snprintf(text, sizeof text, "…%s", recent->tail);
    canvas_text(canvas, row, col, 1, theme_text(recent->severity), theme_shape(recent->severity));
    canvas_text(canvas, row, col + 2, width - 2, STYLE_DIM, text);
}

void strip_draw(const struct work *work, struct canvas *canvas, int row, int rows, int width)
{
    int columns = width >= 2 * ENTRY_COLS ? 2 : 1, column = (width - 1) / columns;
    for (int i = 0; i < work->recent_count && i < rows * columns; i++)
        one(&work->recent[i], canvas, row + i / columns, 1 + i % columns * column, column - 1);
}
