#include "app/cli/listing.h"
#include <stdio.h>

static bool on_holder(void *context, const struct store_recall_row *row)
{
    char holder[HOLDER_MAX + 1];
    return listing_add(context, json_pack("{s:s, s:s, s:s, s:I}", "holder", holder_print(&row->holder, holder),
                                          "product", row->product, "lot", row->lot, "units", (json_int_t)row->units));
}

static void add_holder(const struct listing *listing, json_t *row)
{
    struct holder holder = {.kind = HOLDER_UNKNOWN};
    struct catalog_party party = {.name = ""};
    char name[NAME_MAX_BYTES + 1] = "";
    bool quarantine;
    (void)holder_parse(listing_text(row, "holder"), &holder);
    if (holder.kind == HOLDER_SITE || holder.kind == HOLDER_TRANSIT_SITE)
        (void)catalog_site(listing->catalog, holder.id, name, &quarantine);
    else if ((holder.kind == HOLDER_PARTY || holder.kind == HOLDER_TRANSIT_PARTY) &&
             catalog_party(listing->catalog, holder.id, &party) == RC_OK)
        snprintf(name, sizeof name, "%s", party.name);
    json_object_set_new(row, "name", json_string(name));
}

int cli_holders(struct cli *cli, int argc, char **argv)
{
    static const char *const columns[] = {"holder", "name", "product", "lot", "units", NULL};
    struct listing listing = {.cli = cli};
    struct product product;
    if (argc != 2 && argc != 3)
        return cli_usage(cli);
    struct store *store = engine_store(cli->engine);
    enum rc rc = store_catalog(store, &listing.catalog);
    if (rc == RC_OK)
        rc = catalog_product(listing.catalog, argv[1], &product);
    if (rc != RC_OK)
        return cli_fail(rc, argv[1]);
    listing.rows = json_array();
    rc = store_lot_rows(store, argv[1], argc == 3 ? argv[2] : "", on_holder, &listing);
    int code = rc == RC_OK ? listing_print(&listing, columns, add_holder) : cli_fail(rc, argv[1]);
    json_decref(listing.rows);
    return code;
}
