/* What an audit is told of a piece, line by line: who sells it, for where, since when, everything that was found, and to whom it
 * was sold before. Screen thread. */
#ifndef TALLYMAN_UI_AUDIT_LINES_H
#define TALLYMAN_UI_AUDIT_LINES_H

#include "app/text/text.h"
#include "app/ui/canvas.h"

enum { AUDIT_LINES_MAX = 16 + SALES_MAX, AUDIT_LINE_BYTES = 2 * NAME_MAX_BYTES };

struct audit_lines {
    int count;
    struct audit_line {
        enum style style;
        const char *label;               /* NULL: the text has the whole line, and more than one */
        char text[AUDIT_LINE_BYTES + 1]; /* with a label it stands at the right */
    } line[AUDIT_LINES_MAX];
};

/* `asked`: a question stands in the banner, and the reason is told first. */
void audit_lines_make(const struct text_scan *scan, bool asked, struct audit_lines *ret_lines);
/* From line `first` on; returns how many were drawn. More than fit: `more` is the last row. */
int audit_lines_draw(const struct audit_lines *lines, int first, struct canvas *canvas, int row, int rows, int width,
                     const char *more);

#endif
