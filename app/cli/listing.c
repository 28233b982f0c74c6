#include "app/cli/listing.h"
#include <stdio.h>

const char *listing_text(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text ? text : "";
}

bool listing_add(struct listing *listing, json_t *row)
{
    return json_array_append_new(listing->rows, row) == 0;
}

static void print_columns(const json_t *row, const char *const *columns)
{
    for (int at = 0; columns[at]; at++) {
        const json_t *value = json_object_get(row, columns[at]);
        if (json_is_integer(value))
            printf("%s%lld", at ? "\t" : "", (long long)json_integer_value(value));
        else
            printf("%s%s", at ? "\t" : "", listing_text(row, columns[at]));
    }
    putchar('\n');
}

int listing_print(struct listing *listing, const char *const *columns,
                  void (*name)(const struct listing *listing, json_t *row))
{
    int code = EXIT_DONE;
    size_t i;
    json_t *row;
    enum rc rc = store_catalog(engine_store(listing->cli->engine), &listing->catalog);
    if (rc != RC_OK)
        return cli_fail(rc, "");
    json_array_foreach(listing->rows, i, row)
    {
        name(listing, row);
        if (!listing->cli->json)
            print_columns(row, columns);
        else if (code == EXIT_DONE)
            code = cli_print(json_incref(row));
    }
    return code == EXIT_DONE ? cli_printed() : code;
}
