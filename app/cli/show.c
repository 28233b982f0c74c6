/* A document with all that belongs to it: one object, or its parts a row each. */
#include "app/cli/show.h"
#include "app/cli/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 8 };

/* What is printed without --json, in this order: a row for each element of the array, or one for the object itself.
 * "a/b" is both members in one column. */
static const struct {
    const char *array, *row, *columns[COLUMNS_MAX];
} ROWS[] = {
    {NULL, "document", {"no", "state", "flow", "from", "to", "due", "to_name", "doc"}},
    {"fields", "field", {"name", "value"}},
    {"lines", "line", {"line", "product", "lot", "tallied/qty", "elsewhere", "doc"}},
    {"picks", "pick", {"bin", "product", "lot", "qty", "line", "doc"}},
    {"counted", "counted", {"product", "lot", "qty", "extra"}},
    {"differences", "difference", {"product", "lot", "expected", "counted"}},
    {"now", "now", {"what", "value", "lot"}},
    {"loose", "loose", {"key"}},
    {"scans", "scan", {"seq", "reason", "severity", "state", "qty", "key"}},
};

static void print_value(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_integer(value))
        printf("%lld", (long long)json_integer_value(value));
    else if (json_is_string(value))
        fputs(json_string_value(value), stdout);
}

static void print_column(const json_t *object, const char *column)
{
    char first[32];
    const char *slash = strchr(column, '/');
    putchar('\t');
    if (slash) {
        snprintf(first, sizeof first, "%.*s", (int)(slash - column), column);
        print_value(object, first);
        putchar('/');
        column = slash + 1;
    }
    print_value(object, column);
}

static void print_row(size_t at, const json_t *object)
{
    fputs(ROWS[at].row, stdout);
    for (int i = 0; i < COLUMNS_MAX && ROWS[at].columns[i]; i++)
        print_column(object, ROWS[at].columns[i]);
    putchar('\n');
}

static int print_document(json_t *document)
{
    for (size_t at = 0; at < sizeof ROWS / sizeof ROWS[0]; at++) {
        size_t i;
        json_t *element;
        if (!ROWS[at].array)
            print_row(at, document);
        json_array_foreach(ROWS[at].array ? json_object_get(document, ROWS[at].array) : NULL, i, element)
            print_row(at, element);
    }
    json_decref(document);
    return cli_printed();
}

int cli_show(struct cli *cli, int argc, char **argv)
{
    struct document *document;
    json_t *object = NULL;
    if (argc != 2)
        return cli_usage(cli);
    enum rc rc = engine_document(cli->engine, argv[1], &document);
    if (rc != RC_OK)
        return cli_fail_document(cli, rc, argv[1]);
    rc = show_json(cli->engine, document, &object);
    document_free(document);
    if (rc != RC_OK)
        return cli_fail(rc, argv[1]);
    return cli->json ? cli_print(object) : print_document(object);
}
