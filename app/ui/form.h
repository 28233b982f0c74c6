/* What a flow wants to know, as fields to fill in: when a document is started, or when it is completed. */
#ifndef TALLYMAN_UI_FORM_H
#define TALLYMAN_UI_FORM_H

#include "app/engine/engine.h"
#include "app/ui/fields.h"

struct form {
    struct flow flow; /* a copy: a pull may change the flow meanwhile */
    struct fields fields;
    const struct flow_field *of[FIELDS_MAX]; /* in `flow` */
};

/* How many fields the flow asks for when `document` is completed; NULL: when one is started. */
int form_count(const struct flow *flow, const struct document *document);
/* The form must not move afterwards: its fields point into it. */
void form_make(struct form *ret_form, const struct flow *flow, const struct document *document);
/* The field of this name is the one to fill in. */
void form_go(struct form *form, const char *field);
/* The field at hand; NULL without any. */
const struct flow_field *form_current(const struct form *form);
/* What a label says, as text, without the scanner's word on its symbology; ret_text holds FIELD_TEXT_MAX + 1. */
const char *form_scanned(const struct scan *scan, char *ret_text);
/* A text for the current field, and on to the next; a place's may be a shop's label and fills that field too. False: nobody
 * knows a place of this name. */
bool form_put(struct form *form, struct engine *engine, const char *text);
/* The place that the form names as it is known here, "锦江区, 成都市"; ret_text holds COLUMNS_TEXT. Returns ret_text. */
const char *form_place(const struct form *form, struct engine *engine, char *ret_text);
/* A label was scanned: it fills the current field, as the product that it is where the field wants one. False as above. */
bool form_scan(struct form *form, struct engine *engine, const struct scan *scan, const struct code *code);
/* RC_OK, or what is wrong with the first field that is not as its flow wants it, and that field is the current one. A
 * value outside its limits comes last: a supervisor may let it pass. */
enum rc form_check(struct form *form);

/* What can be done in the current field, in a sentence; choices, a line each; ret_text holds COLUMNS_TEXT. Returns ret_text. */
char *form_hint(const struct form *form, char *ret_text);
void form_draw_hint(const struct form *form, struct canvas *canvas, int row);

#endif
