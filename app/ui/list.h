/* A list to choose from: a model that a scene keeps, drawn as a menu. Arrows move, digits choose among the first nine. */
#ifndef TALLYMAN_UI_LIST_H
#define TALLYMAN_UI_LIST_H

#include "app/ui/canvas.h"
#include <stdbool.h>
#include <stddef.h>

struct list {
    size_t count, current;
};

/* Writes row i for `width` columns into ret_text (COLUMNS_TEXT bytes). */
typedef void list_row(const void *context, size_t i, int width, char *ret_text);

void list_reset(struct list *list, size_t count); /* keeps the place where it can */
/* True when the key was the list's. *ret_chosen: a digit picked this row. */
bool list_key(struct list *list, struct canvas *canvas, int key, bool *ret_chosen);
/* Draws from `row`, `rows` high; `empty` says so when there is nothing. */
void list_draw(const struct list *list, struct canvas *canvas, int row, int rows, list_row *write,
               const void *context, const char *empty);

#endif
