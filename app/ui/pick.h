/* Values to choose from where a field names something that this device knows: parties, sites, products, lots, recalls,
 * completed documents. Nobody has letters to type them. */
#ifndef TALLYMAN_UI_PICK_H
#define TALLYMAN_UI_PICK_H

#include "app/domain/limits.h"
#include "app/engine/engine.h"

enum { PICK_MAX = 1000 };

struct pick {
    char value[DOC_MAX + 1], name[NAME_MAX_BYTES + 1];
};

struct picks {
    size_t count;
    struct pick *row; /* owned; PICK_MAX */
};

/* Is there a list for the field of this name? */
bool pick_knows(const char *field);
/* Fills the list; `of`: the product whose lots are wanted, "" else. RC_NOMEM, or the world's errors. */
enum rc pick_read(struct picks *picks, struct engine *engine, const char *field, const char *of);
void pick_free(struct picks *picks);

#endif
