#include "app/ui/lines.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include <stdio.h>

enum { PACKS_BYTES = 64, PROGRESS_BYTES = 160 };

char *lines_progress(const struct work *work, size_t i, char *ret_text)
{
    const struct line *line = &work->document->lines[i];
    char done[PACKS_BYTES], wanted[PACKS_BYTES];
    snprintf(ret_text, PROGRESS_BYTES, "%s/%s", text_packs(line->tallied, &work->products[i], done),
             text_packs(line->qty, &work->products[i], wanted));
    return ret_text;
}

void lines_row(const void *context, size_t i, int width, char *ret_text)
{
    const struct work *work = context;
    const struct line *line = &work->document->lines[i];
    char left[COLUMNS_TEXT], right[PROGRESS_BYTES];
    const char *mark = line->tallied > line->qty + line->tolerance    ? "!"
                       : line->tallied >= line->qty - line->tolerance ? "✔"
                       : line->tallied > 0                            ? "▶"
                                                                      : "·";
    snprintf(left, sizeof left, "%s %s", mark, work->products[i].name);
    columns_both(left, lines_progress(work, i, right), width, ret_text);
}
