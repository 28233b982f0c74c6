/* Styles: colours where the terminal has them, attributes where not. Never the only sign: each comes with a shape and a
 * word. */
#ifndef TALLYMAN_UI_THEME_H
#define TALLYMAN_UI_THEME_H

#include "app/domain/reason.h"
#include <curses.h>

enum style {
    STYLE_PLAIN,
    STYLE_DIM,
    STYLE_BOLD,
    STYLE_TITLE,  /* the top line */
    STYLE_CURSOR, /* the chosen row */
    STYLE_FIELD,  /* where something can be typed */
    STYLE_KEY,    /* "F1" */
    STYLE_NOTICE, /* what is not as it should be */
    STYLE_FRAME,  /* a box above the screen */
    /* banners: filled blocks */
    STYLE_READY,
    STYLE_ACCEPT,
    STYLE_WARN,
    STYLE_CONFIRM,
    STYLE_REJECT,
    STYLE_ALARM,
    /* the same as text on the plain ground */
    STYLE_ACCEPT_TEXT,
    STYLE_WARN_TEXT,
    STYLE_CONFIRM_TEXT,
    STYLE_REJECT_TEXT,
    STYLE_COUNT
};

void theme_init(void); /* after initscr */
attr_t theme_attr(enum style style);

enum style theme_banner(enum severity severity);
enum style theme_text(enum severity severity);
/* "✔", "!", "?", "✘": one column each. */
const char *theme_shape(enum severity severity);

#endif
