/* Stock on hand, product by product and lot by lot, with what is on its way here; narrowed to what is looked for. A model
 * that a scene keeps. Screen thread. */
#ifndef TALLYMAN_UI_STOCK_LIST_H
#define TALLYMAN_UI_STOCK_LIST_H

#include "app/engine/engine.h"

enum { STOCK_ROWS_MAX = 2000, STOCK_SOUGHT_MAX = 32 };

struct stock_row {
    size_t product; /* in products */
    char lot[LOT_MAX + 1];
    qty_t qty, coming;
    day_t expires;
};

struct stock_list {
    size_t count, product_count, shown_count;
    struct stock_row *rows;   /* owned; STOCK_ROWS_MAX */
    struct product *products; /* owned */
    size_t *shown;            /* owned; those that fit what is sought */
    char sought[STOCK_SOUGHT_MAX + 1];
    char product[ID_MAX + 1]; /* scanned: this one alone, "" all */
    bool more;                /* than STOCK_ROWS_MAX */
};

/* What the books have here now; what is sought stays. RC_NOMEM, or the world's errors. */
enum rc stock_list_read(struct stock_list *list, struct engine *engine);
void stock_list_free(struct stock_list *list);
/* Only rows of this product ("" any) whose lot, id, name or number has these characters. */
void stock_list_seek(struct stock_list *list, const char *product, const char *sought);
const struct stock_row *stock_list_at(const struct stock_list *list, size_t i);
const struct product *stock_list_product(const struct stock_list *list, const struct stock_row *row);

/* "陈酿 500ml W1     3箱+4"; ret_text holds COLUMNS_TEXT. A list_row over a stock_list. */
void stock_list_write(const void *list, size_t i, int width, char *ret_text);

#endif
