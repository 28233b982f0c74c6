/* Scans of the document in hand, newest first, as a list: all that can be undone, or the rejects alone. */
#ifndef TALLYMAN_UI_TALLY_LIST_H
#define TALLYMAN_UI_TALLY_LIST_H

#include "app/ui/list.h"
#include "app/ui/scene.h"

enum { TALLY_LIST_MAX = 500 };

struct tally_list {
    struct list list;
    const struct work *work;
    bool latched_only;
    bool outdated_only; /* of those, the ones that had counted */
    size_t count;
    struct store_tally *rows; /* owned */
};

void tally_list_read(struct tally_list *tallies, struct ui *ui);
void tally_list_free(struct tally_list *tallies);
/* Is this the code that was scanned then? */
bool tally_is_of(const struct store_tally *tally, const struct code *code);
/* The marked one, or NULL. */
const struct store_tally *tally_list_current(const struct tally_list *tallies);
void tally_list_draw(const struct tally_list *tallies, const struct ui *ui, struct canvas *canvas, int row,
                     const char *empty);

#endif
