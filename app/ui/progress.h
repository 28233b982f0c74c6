/* How far the document in hand is, in one row: its lines, or what is being packed, or what came; and what it waits for. */
#ifndef TALLYMAN_UI_PROGRESS_H
#define TALLYMAN_UI_PROGRESS_H

#include "app/ui/canvas.h"
#include "app/ui/work.h"

/* For whom it is; what it is, where nobody else is spoken of. ret_text holds COLUMNS_TEXT. Returns ret_text. */
char *progress_title(const struct work *work, char *ret_text);
/* "SO-1 2/4行 ▓▓▓░░ 62%"; `no` is "" where the number stands elsewhere. */
void progress_lines(const struct work *work, struct canvas *canvas, int row, int width, const char *no);
/* The same, or for packing "▣ …0016  7/12 ▓▓▓▓░░░". */
void progress_draw(const struct work *work, struct canvas *canvas, int row, int width);
/* Of a visit: how much was scanned and found wrong. ret_text holds COLUMNS_TEXT. Returns ret_text. */
char *progress_visit(const struct work *work, char *ret_text);
/* "绑定 陈酿 500ml 批 W2"; false where bare codes are bound to nothing. */
bool progress_context(const struct work *work, struct canvas *canvas, int row, int width);
/* The next bin to go to, "" without picks. ret_text holds COLUMNS_TEXT. Returns ret_text. */
char *progress_next(const struct work *work, char *ret_text);

#endif
