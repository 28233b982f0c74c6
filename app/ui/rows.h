/* What a document is about, row by row: its picks in the order of their bins, else its lines; then what came and is on no
 * line. A model of its own, so that drawing asks nobody. Screen thread. */
#ifndef TALLYMAN_UI_ROWS_H
#define TALLYMAN_UI_ROWS_H

#include "app/engine/engine.h"

enum { ROWS_MAX = LINES_MAX, ROWS_EXTRA_MAX = 500, ROWS_PROGRESS = 160 };

struct row {
    size_t line; /* in the document, LINE_NONE: it came without being asked for */
    char bin[ID_MAX + 1], lot[LOT_MAX + 1];
    char of[ID_MAX + 1];        /* in a group: whose line it is */
    bool one_of_lots;           /* other lines ask for other lots of it */
    qty_t qty, tolerance, done; /* qty 0 on no line */
    struct product product;
};

struct rows {
    size_t count, extra_count; /* those on no line come last */
    bool picked;               /* lines are split by bins */
    struct row *row;           /* owned */
};

enum rc rows_read(struct engine *engine, const struct document *document, struct rows *ret_rows);
void rows_free(struct rows *rows);

/* Shares out what the lines have tallied, bin by bin. */
void rows_progress(struct rows *rows, const struct document *document);
/* More of this came on no line; `product` is as the facts have it. */
void rows_extra(struct rows *rows, const struct product *product, const char *lot, qty_t qty);

/* "▶ A-02 泵密封套件    3箱+4/6箱"; ret_text holds COLUMNS_TEXT. A list_row over rows. */
void rows_write(const void *rows, size_t i, int width, char *ret_text);
/* "3箱+4/6箱"; ret_text holds ROWS_PROGRESS. Returns ret_text. */
char *rows_progress_print(const struct row *row, char *ret_text);

#endif
