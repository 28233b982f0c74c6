/* The context line by hand: a product is chosen, then one of its lots. Bare codes that nobody knows are bound to it. */
#ifndef TALLYMAN_UI_BINDING_H
#define TALLYMAN_UI_BINDING_H

#include "app/ui/scene.h"

struct binding {
    enum { BINDING_NONE, BINDING_PRODUCT, BINDING_LOT } step;
    char product[ID_MAX + 1];
};

void binding_begin(struct binding *binding, struct ui *ui);
/* The list has gone: on to the next step, or it is bound. */
void binding_resume(struct binding *binding, struct ui *ui);

#endif
