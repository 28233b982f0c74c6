/* The people of this device, as lists to choose from. */
#ifndef TALLYMAN_UI_OPERATORS_H
#define TALLYMAN_UI_OPERATORS_H

#include "app/ui/scene.h"

enum { OPERATORS_MAX = 200 };

struct operators {
    size_t count;
    struct {
        char id[ID_MAX + 1], name[NAME_MAX_BYTES + 1];
        enum role role;
    } row[OPERATORS_MAX];
};

/* Those of these roles (a mask); none when there is no catalog. */
void operators_read(struct operators *operators, struct ui *ui, unsigned roles);

#endif
