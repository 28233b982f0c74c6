/* One frame of the screen: text drawn by columns, and the one menu, form or box that the frame shows. Scenes draw on it
 * from their models; what a frame posted lives until the next one begins. */
#ifndef TALLYMAN_UI_CANVAS_H
#define TALLYMAN_UI_CANVAS_H

#include "app/domain/rc.h"
#include "app/ui/theme.h"
#include <form.h>
#include <menu.h>
#include <panel.h>
#include <stdbool.h>

enum { CANVAS_ITEMS_MAX = 2000, CANVAS_FIELDS_MAX = 16 /* labels too */, CANVAS_WIDE = 60 };

struct canvas {
    WINDOW *window; /* where text goes: the screen, or the box above it */
    int rows, cols;
    PANEL *panel; /* the box */
    WINDOW *box, *body, *part;
    MENU *menu;
    ITEM **items;
    char **texts;
    size_t item_count;
    FORM *form;
    FIELD *fields[CANVAS_FIELDS_MAX + 1];
    int field_count;
};

enum rc canvas_open(struct canvas *ret_canvas); /* RC_USAGE when there is no terminal */
void canvas_close(struct canvas *canvas);

void canvas_begin(struct canvas *canvas); /* an empty frame */
void canvas_end(struct canvas *canvas);   /* shows it */

/* What follows goes into a box in the middle of the screen, of this many rows of text. */
void canvas_box(struct canvas *canvas, int rows);
/* Columns of text that a box will have. */
int canvas_box_width(const struct canvas *canvas);

enum align { ALIGN_LEFT, ALIGN_CENTRE };

void canvas_text(struct canvas *canvas, int row, int col, int width, enum style style, const char *text);
/* A whole row, filled with the style. */
void canvas_row(struct canvas *canvas, int row, enum style style, enum align align, const char *text);
void canvas_both(struct canvas *canvas, int row, int col, int width, enum style style, const char *left,
                 const char *right);
/* Wraps into at most max_rows; returns the rows used. */
int canvas_wrap(struct canvas *canvas, int row, int col, int width, int max_rows, enum style style, const char *text);

/* Posts a menu of these rows; takes over `texts` (an array and its strings, on the heap). */
void canvas_menu(struct canvas *canvas, int row, int rows, char **texts, size_t count, size_t current);
/* Rows that the menu of the last frame shows at once; 1 without a menu. */
int canvas_menu_rows(const struct canvas *canvas);

/* Posts a form of one-row fields, labels among them, in the rows from `row` on, which are the form's alone. */
struct canvas_field {
    int row, col, width; /* within the form */
    enum style style;
    bool label; /* nothing can be typed here */
    const char *text;
};
void canvas_form(struct canvas *canvas, int row, int rows, const struct canvas_field *fields, int count);

#endif
