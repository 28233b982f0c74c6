#include "app/cli/cli.h"
#include "app/cli/decode.h"
#include "app/cli/fields.h"
#include "app/text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOUND_MAX = 200 };

struct finding {
    struct cli *cli;
    int count, code;
};

static bool on_key(void *context, const char *key)
{
    struct finding *finding = context;
    if (++finding->count > FOUND_MAX)
        return false;
    if (finding->cli->json)
        finding->code = cli_print(json_pack("{s:s}", "key", key));
    else
        puts(key);
    return finding->code == EXIT_DONE;
}

static int end(const struct finding *finding, const char *what)
{
    if (finding->count > FOUND_MAX)
        cli_error(_("%s: only the first %d: more characters find fewer."), what, FOUND_MAX);
    if (finding->count == 0) {
        cli_error(_("%s: nothing found."), what);
        return EXIT_REFUSED;
    }
    return finding->code == EXIT_DONE ? cli_printed() : finding->code;
}

static int by_part(struct cli *cli, const char *product, const char *lot, const char *part)
{
    struct finding finding = {.cli = cli};
    struct catalog *catalog;
    struct product known;
    struct store *store = engine_store(cli->engine);
    enum rc rc = store_catalog(store, &catalog);
    if (rc == RC_OK)
        rc = catalog_product(catalog, product, &known);
    if (rc != RC_OK)
        return cli_fail(rc, product);
    rc = store_search(store, product, lot, part, FOUND_MAX + 1, on_key, &finding);
    return rc == RC_OK ? end(&finding, part) : cli_fail(rc, part);
}

/* As it may be typed; a whole alias names its unit, as any scan of it would. */
static int by_alias(struct cli *cli, const char *text)
{
    static struct code code; /* large */
    struct finding finding = {.cli = cli};
    const char *why = NULL;
    int year, month, day;
    struct store *store = engine_store(cli->engine);
    struct scan *scan = decode_scan(text, strlen(text), &why);
    if (!scan)
        return why ? (cli_error("%s", _(why)), EXIT_REFUSED) : cli_fail(RC_NOMEM, "");
    day_to_ymd(cli_today(cli), &year, &month, &day);
    enum rc rc = store_read_code(store, scan, year, &code);
    free(scan);
    if (rc == RC_OK)
        rc = store_search(store, "", "", code.key[0] ? code.key : text, FOUND_MAX + 1, on_key, &finding);
    return rc == RC_OK ? end(&finding, text) : cli_fail(rc, text);
}

int cli_search(struct cli *cli, int argc, char **argv)
{
    const char *name = "", *lot = "";
    if (argc == 4 && (!fields_split(argv[2], &name, &lot) || strcmp(name, "lot") != 0))
        return cli_usage(cli);
    if (argc == 2)
        return by_alias(cli, argv[1]);
    return argc == 3 || argc == 4 ? by_part(cli, argv[1], lot, argv[argc - 1]) : cli_usage(cli);
}
