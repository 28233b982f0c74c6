/* A recall as this device knows it: where its goods are, and how many still have to be found. */
#include "app/cli/cli.h"
#include "app/text/text.h"
#include <stdio.h>
#include <string.h>

struct finding {
    struct cli *cli;
    struct catalog *catalog;
    char quarantine[ID_MAX + 1]; /* of this site */
    json_t *rows;
    long secured, missing;
};

/* Out of the way for good, or where a recall brings its goods. */
static bool is_secured(const struct finding *finding, const struct holder *holder)
{
    char name[NAME_MAX_BYTES + 1];
    bool quarantine = false;
    if (holder->kind == HOLDER_DESTROYED)
        return true;
    if (holder->kind != HOLDER_SITE)
        return false;
    (void)catalog_site(finding->catalog, holder->id, name, &quarantine);
    return quarantine || strcmp(holder->id, finding->quarantine) == 0;
}

/* Kept, and looked at afterwards: a visitor has no catalog of its own. */
static bool on_row(void *context, const struct store_recall_row *row)
{
    struct finding *finding = context;
    char holder[HOLDER_MAX + 1];
    json_array_append_new(finding->rows,
                          json_pack("{s:s, s:s, s:s, s:I}", "holder", holder_print(&row->holder, holder), "product",
                                    row->product, "lot", row->lot, "units", (json_int_t)row->units));
    return true;
}

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text ? text : "";
}

static int print_row(struct finding *finding, json_t *row)
{
    struct holder holder = {.kind = HOLDER_UNKNOWN};
    long units = (long)json_integer_value(json_object_get(row, "units"));
    (void)holder_parse(text_of(row, "holder"), &holder);
    bool secured = is_secured(finding, &holder);
    *(secured ? &finding->secured : &finding->missing) += units;
    json_object_set_new(row, "row", json_string(secured ? "secured" : "missing"));
    if (finding->cli->json)
        return cli_print(json_incref(row));
    printf("%s\t%s\t%s\t%s\t%ld\n", text_of(row, "row"), text_of(row, "holder"), text_of(row, "product"),
           text_of(row, "lot"), units);
    return EXIT_DONE;
}

static int print_rows(struct finding *finding)
{
    int code = EXIT_DONE;
    size_t i;
    json_t *row;
    json_array_foreach(finding->rows, i, row)
    {
        if (code == EXIT_DONE)
            code = print_row(finding, row);
    }
    if (code != EXIT_DONE)
        return code;
    if (finding->cli->json)
        return cli_print(json_pack("{s:s, s:I, s:I}", "row", "total", "secured", (json_int_t)finding->secured,
                                   "missing", (json_int_t)finding->missing));
    printf("total\t%ld\t%ld\n", finding->secured, finding->missing);
    return cli_printed();
}

int cli_recall(struct cli *cli, int argc, char **argv)
{
    struct finding finding = {.cli = cli};
    struct store *store = engine_store(cli->engine);
    if (argc != 2)
        return cli_usage(cli);
    finding.rows = json_array();
    enum rc rc = store_recall_rows(store, argv[1], on_row, &finding);
    int code = EXIT_REFUSED;
    if (rc == RC_OK)
        rc = store_catalog(store, &finding.catalog);
    if (rc == RC_OK)
        rc = catalog_quarantine(finding.catalog, engine_site(cli->engine), finding.quarantine);
    if (rc == RC_OK)
        code = print_rows(&finding);
    else if (rc == RC_NOT_FOUND)
        cli_error(_("%s: there is no such recall."), argv[1]);
    else
        code = cli_fail(rc, argv[1]);
    json_decref(finding.rows);
    return code;
}
