/* Fields to fill in: a model that a scene keeps, drawn as a form. */
#ifndef TALLYMAN_UI_FIELDS_H
#define TALLYMAN_UI_FIELDS_H

#include "app/ui/canvas.h"
#include <stdbool.h>

enum { FIELD_TEXT_MAX = 63, FIELDS_MAX = 8 };

enum field_kind { FIELD_DIGITS, FIELD_DECIMAL, FIELD_TEXT, FIELD_PIN };

struct field {
    const char *label; /* translated */
    enum field_kind kind;
    bool required;
    char text[FIELD_TEXT_MAX + 1];
};

struct fields {
    int count, current;
    struct field field[FIELDS_MAX];
};

void fields_add(struct fields *fields, const char *label, enum field_kind kind, bool required);
/* Characters, backspace and arrows; true when the key was the fields'. */
bool fields_key(struct fields *fields, int key);
/* Puts a scanned text into the current field and goes on to the next. */
void fields_put(struct fields *fields, const char *text);
/* Enter: on to the next field; false on the last one. */
bool fields_next(struct fields *fields);
/* Two rows a field where there is room, else one. Returns the rows used. */
int fields_draw(const struct fields *fields, struct canvas *canvas, int row, int rows);

#endif
