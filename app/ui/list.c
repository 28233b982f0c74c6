#include "app/ui/list.h"
#include "app/ui/columns.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 1 };

void list_reset(struct list *list, size_t count)
{
    list->count = count < CANVAS_ITEMS_MAX ? count : CANVAS_ITEMS_MAX;
    if (list->current >= list->count)
        list->current = list->count ? list->count - 1 : 0;
}

/* Where a key goes; the page is as high as the menu was when it was last seen. */
static bool moved(const struct list *list, struct canvas *canvas, int key, size_t *ret_current)
{
    size_t page = (size_t)canvas_menu_rows(canvas), last = list->count ? list->count - 1 : 0, at = list->current;
    switch (key) {
    case KEY_DOWN: *ret_current = at < last ? at + 1 : last; return true;
    case KEY_UP: *ret_current = at > 0 ? at - 1 : 0; return true;
    case KEY_NPAGE: *ret_current = last - at > page ? at + page : last; return true;
    case KEY_PPAGE: *ret_current = at > page ? at - page : 0; return true;
    case KEY_HOME: *ret_current = 0; return true;
    case KEY_END: *ret_current = last; return true;
    }
    return false;
}

bool list_key(struct list *list, struct canvas *canvas, int key, bool *ret_chosen)
{
    *ret_chosen = false;
    if (moved(list, canvas, key, &list->current))
        return true;
    if (key < '1' || key > '9' || (size_t)(key - '1') >= list->count)
        return false;
    list->current = (size_t)(key - '1');
    *ret_chosen = true;
    return true;
}

/* Every row as the menu wants it: its own string, exactly as wide as the screen. */
static char **rows_of(const struct list *list, int width, list_row *write, const void *context)
{
    char **texts = calloc(list->count, sizeof(char *));
    for (size_t i = 0; texts && i < list->count; i++) {
        char row[COLUMNS_TEXT], moved[COLUMNS_TEXT + MARGIN], filled[COLUMNS_TEXT];
        write(context, i, width - 2 * MARGIN, row);
        snprintf(moved, sizeof moved, "%*s%s", MARGIN, "", row);
        texts[i] = strdup(columns_fill(moved, width, filled));
        if (texts[i])
            continue;
        while (i > 0)
            free(texts[--i]);
        free(texts);
        return NULL;
    }
    return texts;
}

void list_draw(const struct list *list, struct canvas *canvas, int row, int rows, list_row *write,
               const void *context, const char *empty)
{
    if (row + rows > canvas->rows)
        rows = canvas->rows - row;
    if (rows <= 0)
        return;
    if (list->count == 0) {
        canvas_wrap(canvas, row + 1, 1, canvas->cols - 2, rows - 1, STYLE_DIM, empty);
        return;
    }
    char **texts = rows_of(list, canvas->cols, write, context);
    if (texts)
        canvas_menu(canvas, row, rows, texts, list->count, list->current);
}
