#include "app/ui/stock_list.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKS_BYTES = 64 };

void stock_list_free(struct stock_list *list)
{
    free(list->rows);
    free(list->products);
    free(list->shown);
    *list = (struct stock_list){.count = 0};
}

const struct stock_row *stock_list_at(const struct stock_list *list, size_t i)
{
    return i < list->shown_count ? &list->rows[list->shown[i]] : NULL;
}

const struct product *stock_list_product(const struct stock_list *list, const struct stock_row *row)
{
    return &list->products[row->product];
}

/* ---- reading ---- */

struct reading {
    struct stock_list *list;
    struct engine *engine;
    bool coming; /* what is on its way is read now */
};

/* Rows come product by product, lot by lot, twice: here, and on the way here. */
static struct stock_row *find(struct stock_list *list, const char *product, const char *lot)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->rows[i].lot, lot) == 0 && strcmp(list->products[list->rows[i].product].id, product) == 0)
            return &list->rows[i];
    return NULL;
}

static struct stock_row *add(struct stock_list *list, const char *product, const char *lot)
{
    if (list->count == STOCK_ROWS_MAX) {
        list->more = true;
        return NULL;
    }
    size_t at = 0;
    while (at < list->product_count && strcmp(list->products[at].id, product) != 0)
        at++;
    if (at == list->product_count) {
        struct product *products = realloc(list->products, (at + 1) * sizeof *products);
        if (!products)
            return NULL;
        list->products = products;
        products[at] = (struct product){.decimals = 0};
        snprintf(products[at].id, sizeof products[at].id, "%s", product);
        list->product_count++;
    }
    struct stock_row *row = &list->rows[list->count++];
    *row = (struct stock_row){.product = at, .expires = DAY_NONE};
    snprintf(row->lot, sizeof row->lot, "%s", lot);
    return row;
}

static bool see(void *context, const struct store_stock_row *told)
{
    struct reading *reading = context;
    struct stock_row *row = reading->coming ? find(reading->list, told->product, told->lot) : NULL;
    if (!row && (!reading->coming || told->qty > 0))
        row = add(reading->list, told->product, told->lot);
    if (row && reading->coming)
        row->coming = told->qty;
    else if (row)
        row->qty = told->qty;
    return !reading->list->more;
}

/* Names and use-by dates, once all rows are there. */
static void name_rows(struct stock_list *list, struct catalog *catalog)
{
    for (size_t i = 0; i < list->product_count; i++) {
        char id[ID_MAX + 1];
        memcpy(id, list->products[i].id, sizeof id);
        (void)catalog_product(catalog, id, &list->products[i]);
    }
    for (size_t i = 0; i < list->count; i++) {
        struct stock_row *row = &list->rows[i];
        struct lot lot;
        if (row->lot[0] && catalog_lot(catalog, list->products[row->product].id, row->lot, &lot) == RC_OK)
            row->expires = lot.expires;
    }
}

static enum rc read_coming(struct reading *reading)
{
    struct holder from[] = {{.kind = HOLDER_TRANSIT_SITE}, {.kind = HOLDER_TRANSIT_PARTY}, {.kind = HOLDER_PARTY}};
    const char *dealer = engine_dealer(reading->engine);
    snprintf(from[0].id, sizeof from[0].id, "%s", engine_site(reading->engine));
    snprintf(from[1].id, sizeof from[1].id, "%s", dealer);
    snprintf(from[2].id, sizeof from[2].id, "%s", dealer);
    reading->coming = true;
    return store_stock_rows(engine_store(reading->engine), from, dealer[0] ? sizeof from / sizeof from[0] : 1, see,
                            reading);
}

/* What is only on its way stands with what is here. */
static int by_product_and_lot(const void *a_, const void *b_)
{
    const struct stock_row *a = a_, *b = b_;
    int order = (a->product > b->product) - (a->product < b->product);
    return order ? order : strcmp(a->lot, b->lot);
}

enum rc stock_list_read(struct stock_list *list, struct engine *engine)
{
    struct reading reading = {.list = list, .engine = engine};
    struct catalog *catalog;
    if (!list->rows)
        list->rows = calloc(STOCK_ROWS_MAX, sizeof *list->rows);
    if (!list->shown)
        list->shown = calloc(STOCK_ROWS_MAX, sizeof *list->shown);
    list->count = list->product_count = list->shown_count = 0;
    list->more = false;
    if (!list->rows || !list->shown)
        return RC_NOMEM;
    enum rc rc = engine_stock(engine, see, &reading);
    if (rc == RC_OK)
        rc = read_coming(&reading);
    if (rc == RC_OK)
        rc = store_catalog(engine_store(engine), &catalog);
    if (rc == RC_OK)
        name_rows(list, catalog);
    qsort(list->rows, list->count, sizeof *list->rows, by_product_and_lot);
    stock_list_seek(list, list->product, list->sought);
    return rc;
}

/* ---- what is looked for ---- */

static bool fits(const struct stock_list *list, const struct stock_row *row)
{
    const struct product *product = &list->products[row->product];
    if (list->product[0] && strcmp(list->product, product->id) != 0)
        return false;
    return !list->sought[0] || strcasestr(row->lot, list->sought) || strcasestr(product->id, list->sought) ||
           strcasestr(product->name, list->sought);
}

void stock_list_seek(struct stock_list *list, const char *product, const char *sought)
{
    if (product != list->product)
        snprintf(list->product, sizeof list->product, "%s", product);
    if (sought != list->sought)
        snprintf(list->sought, sizeof list->sought, "%s", sought);
    list->shown_count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (fits(list, &list->rows[i]))
            list->shown[list->shown_count++] = i;
}

void stock_list_write(const void *context, size_t i, int width, char *ret_text)
{
    const struct stock_list *list = context;
    const struct stock_row *row = stock_list_at(list, i);
    const struct product *product = stock_list_product(list, row);
    char left[COLUMNS_TEXT], name[COLUMNS_TEXT], packs[PACKS_BYTES], coming[PACKS_BYTES], right[COLUMNS_TEXT];
    snprintf(right, sizeof right, "%s", text_packs(row->qty, product, packs));
    if (row->coming > 0)
        snprintf(right, sizeof right, "%s ←%s", packs, text_packs(row->coming, product, coming));
    /* the lot is what tells two rows apart: a long name gives way */
    int room = width - columns_width(right) - columns_width(row->lot) - 2;
    columns_cut(product->name[0] ? product->name : product->id, room > 1 ? room : 1, name);
    snprintf(left, sizeof left, "%.*s%s%s", COLUMNS_TEXT - LOT_MAX - 2, name, row->lot[0] ? " " : "", row->lot);
    columns_both(left, right, width, ret_text);
}
