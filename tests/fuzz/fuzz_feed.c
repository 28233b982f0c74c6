/* Fuzzes the feed: any bytes as one line, and as a file into a catalog. What is taken must be canonical: told again it
 * is the same thing; what is refused must be a sentence that a terminal can show. */
#include "app/catalog/catalog.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds, const char *wrong)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_feed: %s\n", wrong);
    abort();
}

static void check_sentence(const struct feed_error *error)
{
    json_t *utf8 = json_string(error->text);
    demand(error->text[0], "refused without a word");
    demand(utf8 != NULL, "a sentence that is no UTF-8");
    for (const char *at = error->text; *at; at++)
        demand((unsigned char)*at >= 0x20 && *at != 0x7f && !(*at == '\xc2' && (unsigned char)at[1] < 0xa0),
               "a sentence that acts on a terminal");
    json_decref(utf8);
}

static void check_again(const struct feed_item *item)
{
    struct feed_item again;
    struct feed_error error = {0};
    json_t *line = json_copy(item->body);
    demand(!json_object_get(line, "pin"), "a PIN that was not hashed");
    json_object_set_new(line, "type", json_string(feed_type_word(item->type)));
    json_object_set_new(line, "gone", json_boolean(item->gone));
    char *text = json_dumps(line, JSON_COMPACT);
    enum rc rc = feed_parse(text, strlen(text), &again, &error, NULL);
    demand(rc == RC_OK, "what was taken is refused when told again");
    demand(strcmp(again.id, item->id) == 0 && again.type == item->type && again.gone == item->gone, "another name");
    demand(json_equal(again.body, item->body), "another content");
    feed_item_free(&again);
    free(text);
    json_decref(line);
}

static void check_line(const char *text, size_t size)
{
    struct feed_item item;
    struct feed_error error = {0};
    enum rc rc = feed_parse(text, size, &item, &error, NULL);
    demand(rc == RC_OK || rc == RC_BAD_INPUT, "neither taken nor refused");
    if (rc == RC_BAD_INPUT) {
        check_sentence(&error);
        return;
    }
    check_again(&item);
    feed_item_free(&item);
}

/* One catalog in memory for all inputs; what an input told is rolled back. */
static struct catalog *catalog_of_all(void)
{
    static struct catalog *catalog;
    if (!catalog)
        demand(catalog_open(":memory:", CATALOG_WRITE, &catalog) == RC_OK, "no catalog");
    return catalog;
}

static void check_file(char *text, size_t size)
{
    struct catalog *catalog = catalog_of_all();
    struct feed_sink sink = catalog_sink(catalog);
    struct feed_error error = {0};
    long count = 0;
    FILE *stream = size ? fmemopen(text, size, "r") : NULL;
    if (!stream)
        return;
    demand(catalog_begin(catalog) == RC_OK, "no transaction");
    enum rc rc = feed_read(stream, &sink, &count, &error);
    demand(rc == RC_OK || rc == RC_BAD_INPUT, "neither taken nor refused");
    if (rc == RC_BAD_INPUT) {
        demand(error.line > 0, "no line is to blame");
        check_sentence(&error);
    }
    catalog_rollback(catalog);
    fclose(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    demand(text != NULL, "no memory");
    memcpy(text, data, size);
    text[size] = '\0';
    check_line(text, size);
    check_file(text, size);
    free(text);
    return 0;
}
