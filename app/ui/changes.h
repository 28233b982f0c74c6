/* What a pull has changed about documents in work: goods that no longer fit, lines that are others now, rejected goods that
 * are free again. */
#ifndef TALLYMAN_UI_CHANGES_H
#define TALLYMAN_UI_CHANGES_H

#include "app/ui/scene.h"

/* Begins to judge every open document again, and to tell. */
void changes_look(struct ui *ui);
/* Goes on with it; when that is due, ui->look calls. */
void changes_go_on(struct ui *ui);

#endif
