/* The big verdict: a block of colour with a shape, a word, and up to two lines below. */
#ifndef TALLYMAN_UI_BANNER_H
#define TALLYMAN_UI_BANNER_H

#include "app/ui/canvas.h"

struct banner {
    enum style style;
    const char *shape; /* "" none */
    const char *word;
    const char *lines[2]; /* "" none */
};

/* Fills `rows` rows (3 or more) from `row` and as wide as `width`. */
void banner_draw(const struct banner *banner, struct canvas *canvas, int row, int rows, int width);

#endif
