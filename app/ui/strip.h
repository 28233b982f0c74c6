/* The last scans in a strip: "✔ …A1B2C2   ✔ 托 …0016 ×48". */
#ifndef TALLYMAN_UI_STRIP_H
#define TALLYMAN_UI_STRIP_H

#include "app/ui/canvas.h"
#include "app/ui/work.h"

/* Two a row where they fit, newest first, `rows` rows. */
void strip_draw(const struct work *work, struct canvas *canvas, int row, int rows, int width);

#endif
