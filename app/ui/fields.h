/* Fields to fill in: a model that a scene keeps, drawn as a form. */
#ifndef TALLYMAN_UI_FIELDS_H
#define TALLYMAN_UI_FIELDS_H

#include "app/domain/flow.h"
#include "app/ui/canvas.h"
#include <stdbool.h>

enum { FIELD_TEXT_MAX = FIELD_VALUE_MAX, FIELDS_MAX = 8 };

enum field_kind {
    FIELD_DIGITS,
    FIELD_DECIMAL,
    FIELD_SIGNED, /* decimal, below zero too: cold stores */
    FIELD_DATE,   /* digits; the hyphens come by themselves */
    FIELD_CHOICE, /* one of choices: a digit or the side arrows pick it */
    FIELD_TEXT,
    FIELD_PIN
};

struct field {
    const char *label; /* translated */
    enum field_kind kind;
    bool required;
    const struct flow_field *choices; /* FIELD_CHOICE: its choices, NULL else; must live as long */
    bool words;                       /* FIELD_TEXT: it may hold one of our own words, "sold" */
    char text[FIELD_TEXT_MAX + 1];
};

struct fields {
    int count, current;
    struct field field[FIELDS_MAX];
};

void fields_add(struct fields *fields, const char *label, enum field_kind kind, bool required);
/* Characters, backspace and arrows; true when the key was the fields'. */
bool fields_key(struct fields *fields, int key);
/* The current field below zero, or above again. */
void fields_turn_sign(struct fields *fields);
/* Puts a scanned text into the current field and goes on to the next. */
void fields_put(struct fields *fields, const char *text);
/* Enter: on to the next field; false on the last one. */
bool fields_next(struct fields *fields);
/* Two rows a field where there is room, else one. Returns the rows used. */
int fields_draw(const struct fields *fields, struct canvas *canvas, int row, int rows);

#endif
