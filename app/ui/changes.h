/* What a pull has changed about documents in work: goods that no longer fit, lines that are others now, rejected goods that
 * are free again. */
#ifndef TALLYMAN_UI_CHANGES_H
#define TALLYMAN_UI_CHANGES_H

#include "app/ui/scene.h"

/* Judges every open document again, and tells. */
void changes_look(struct ui *ui);

#endif
