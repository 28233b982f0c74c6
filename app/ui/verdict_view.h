/* The scanning screen as it looks: head, banner, goods, advice, last scans, what is open. Drawn from ui->work. */
#ifndef TALLYMAN_UI_VERDICT_VIEW_H
#define TALLYMAN_UI_VERDICT_VIEW_H

#include "app/ui/scene.h"

enum { FIELD_TYPED_MAX = 200 };

/* `typed`: what is being typed by hand. */
void verdict_view_draw(const struct ui *ui, const char *typed, struct canvas *canvas);

#endif
