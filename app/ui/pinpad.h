/* A person and a PIN to be typed: a model that scenes keep, with its waiting after too many wrong ones. */
#ifndef TALLYMAN_UI_PINPAD_H
#define TALLYMAN_UI_PINPAD_H

#include "app/ui/fields.h"
#include "app/ui/scene.h"

struct pinpad {
    char who[ID_MAX + 1], name[NAME_MAX_BYTES + 1];
    struct fields fields;
    enum rc rc; /* of the last try */
    int64_t locked_until_ms;
    int64_t now_ms;
};

void pinpad_begin(struct pinpad *pad, const struct ui *ui, const char *who);
/* `sign_in`: as the one who works; else a supervisor's word for one act. True when the PIN is right. */
bool pinpad_try(struct pinpad *pad, struct ui *ui, bool sign_in);
/* Keys and seconds. */
void pinpad_event(struct pinpad *pad, const struct ui *ui, const struct event *event);
/* From row 2 on; the rows from 6 on are for `hint` while nothing is wrong. */
void pinpad_draw(const struct pinpad *pad, struct canvas *canvas, const char *hint);

#endif
