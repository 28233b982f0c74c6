/* A document of one's own: what its flow asks for first, then it is opened and scanned for. */
#ifndef TALLYMAN_UI_STARTING_H
#define TALLYMAN_UI_STARTING_H

#include "app/ui/form.h"
#include "app/ui/scene.h"

/* Asks what the flow wants to know, or starts at once. */
void starting_begin(struct ui *ui, const struct flow *flow);
/* With the form's values; a notice when that fails, and the form's current field is the one to blame. `supervisor`: who
 * lets a value outside its limits pass, "" nobody. */
void starting_go(struct ui *ui, struct form *form, const char *supervisor);

#endif
