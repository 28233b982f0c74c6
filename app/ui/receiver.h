/* The field `position` of a form, filled by the receiver for satellites while nobody has typed into it. Where there is none,
 * nothing is said. Never waits. */
#ifndef TALLYMAN_UI_RECEIVER_H
#define TALLYMAN_UI_RECEIVER_H

#include "app/engine/position.h"
#include "app/ui/form.h"
#include "app/ui/scene.h"

struct receiver {
    struct place_source *source;      /* NULL: none, or nobody asked */
    char told[POSITION_TEXT_MAX + 1]; /* what was put into the field last */
};

/* Where the form asks for it. */
void receiver_open(struct receiver *receiver, const struct ui *ui, const struct form *form);
/* Takes what has come; call it once a second. */
void receiver_look(struct receiver *receiver, struct form *form);
void receiver_close(struct receiver *receiver);

#endif
