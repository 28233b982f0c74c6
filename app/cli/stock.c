#include "app/cli/listing.h"

static void add_product(const struct listing *listing, json_t *row)
{
    struct product product;
    bool known = catalog_product(listing->catalog, listing_text(row, "product"), &product) == RC_OK;
    json_object_set_new(row, "name", json_string(known ? product.name : ""));
}

static bool on_stock(void *context, const struct store_stock_row *row)
{
    char qty[QTY_TEXT_MAX + 1];
    return listing_add(context, json_pack("{s:s, s:s, s:s}", "product", row->product, "lot", row->lot, "qty",
                                          qty_print(row->qty, qty)));
}

int cli_stock(struct cli *cli, int argc, char **argv)
{
    static const char *const columns[] = {"product", "name", "lot", "qty", NULL};
    struct listing listing = {.cli = cli};
    (void)argv;
    if (argc != 1)
        return cli_usage(cli);
    listing.rows = json_array();
    enum rc rc = engine_stock(cli->engine, on_stock, &listing);
    int code = rc == RC_OK ? listing_print(&listing, columns, add_product) : cli_fail(rc, "");
    json_decref(listing.rows);
    return code;
}
