#include "app/cli/cli.h"
#include "app/cli/decode.h"
#include "app/cli/trace_server.h"
#include "app/domain/date.h"
#include "app/text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRACE_CHILDREN_MAX = CONTENTS_MAX };

struct tracing {
    struct cli *cli;
    struct code code;
    struct facts facts;
    json_t *rows; /* objects; every one has `row` */
};

static json_t *add(struct tracing *tracing, const char *row)
{
    json_t *object = json_pack("{s:s}", "row", row);
    json_array_append(tracing->rows, object);
    json_decref(object); /* the array holds it */
    return object;
}

static void put(json_t *row, const char *name, const char *value)
{
    json_object_set_new(row, name, json_string(value));
}

/* ---- what the catalog and the facts say ---- */

static void add_code(struct tracing *tracing)
{
    const struct facts *facts = &tracing->facts;
    char text[HOLDER_MAX + 1];
    json_t *row = add(tracing, "code");
    put(row, "key", facts->key);
    put(row, "known", facts->code_known ? "yes" : "no");
    put(row, "state", code_state_word(facts->state));
    put(row, "holder", holder_print(&facts->holder, text));
    json_object_set_new(row, "level", json_integer(facts->level));
    if (strcmp(facts->key, tracing->code.key) != 0)
        put(add(tracing, "alias"), "key", tracing->code.key);
}

static void add_goods(struct tracing *tracing)
{
    const struct facts *facts = &tracing->facts;
    char day[DAY_TEXT_MAX + 1];
    if (facts->product_known) {
        json_t *row = add(tracing, "product");
        put(row, "product", facts->product.id);
        put(row, "name", facts->product.name);
    }
    if (facts->lot.id[0]) {
        json_t *row = add(tracing, "lot");
        put(row, "lot", facts->lot.id);
        put(row, "quality", !facts->lot.known ? "unknown" : facts->lot.on_hold ? "hold" : "released");
        put(row, "expires", day_print(facts->lot.expires, day));
    }
    if (facts->recall[0]) {
        json_t *row = add(tracing, "recall");
        put(row, "recall", facts->recall);
        put(row, "text", facts->recall_reason);
    }
    if (facts->other_document[0]) {
        json_t *row = add(tracing, "reserved");
        put(row, "doc", facts->other_document);
        put(row, "no", facts->other_no);
    }
}

static bool on_child(void *context, const char *key)
{
    put(add(context, "child"), "key", key);
    return json_array_size(((struct tracing *)context)->rows) < TRACE_CHILDREN_MAX;
}

/* As this device knows it now: what was packed here counts before any sync. */
static enum rc add_aggregation(struct tracing *tracing)
{
    if (tracing->facts.parent[0])
        put(add(tracing, "parent"), "key", tracing->facts.parent);
    enum rc rc = store_children(engine_store(tracing->cli->engine), tracing->facts.key, on_child, tracing);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* ---- what this device did ---- */

static const char *text_of(const json_t *body, const char *name)
{
    const char *text = json_string_value(json_object_get(body, name));
    return text ? text : "";
}

/* A scan of the unit, and what was later said of that scan: both carry the key. */
static bool on_record(void *context, const struct store_journal_line *line)
{
    struct tracing *tracing = context;
    json_t *body = json_loadb(line->body, line->len, JSON_ALLOW_NUL, NULL);
    if (strcmp(text_of(body, "key"), tracing->facts.key) == 0) {
        json_t *row = add(tracing, "record");
        put(row, "at", text_of(body, "at"));
        put(row, "kind", text_of(body, "kind"));
        put(row, "doc", text_of(body, "no"));
        json_object_set(row, "device", json_object_get(body, "device"));
        put(row, "site", text_of(body, "site"));
        put(row, "reason", text_of(body, "reason"));
        put(row, "from", text_of(body, "holder"));
        put(row, "to", text_of(body, "to"));
        json_object_set_new(row, "seq", json_integer(line->seq));
    }
    json_decref(body);
    return true;
}

/* ---- printing ---- */

/* The values of a row, in the order they were put. */
static void print_row(json_t *row)
{
    const char *name;
    json_t *value;
    const char *before = "";
    json_object_foreach(row, name, value)
    {
        if (json_is_integer(value))
            printf("%s%lld", before, (long long)json_integer_value(value));
        else
            printf("%s%s", before, json_is_string(value) ? json_string_value(value) : "");
        before = "\t";
    }
    putchar('\n');
}

static int print_rows(const struct tracing *tracing)
{
    int code = EXIT_DONE;
    size_t i;
    json_t *row;
    json_array_foreach(tracing->rows, i, row)
    {
        if (tracing->cli->json && code == EXIT_DONE)
            code = cli_print(json_incref(row));
        else if (!tracing->cli->json)
            print_row(row);
    }
    return code == EXIT_DONE ? cli_printed() : code;
}

static enum rc gather(struct tracing *tracing, const struct scan *scan)
{
    int year, month, day;
    struct store *store = engine_store(tracing->cli->engine);
    day_to_ymd(cli_today(tracing->cli), &year, &month, &day);
    enum rc rc = store_read_code(store, scan, year, &tracing->code);
    if (rc != RC_OK)
        return rc;
    if (tracing->code.key[0] == '\0')
        return RC_BAD_INPUT;
    const struct facts_request request = {.doc = "",
                                          .site = engine_site(tracing->cli->engine),
                                          .today = cli_today(tracing->cli),
                                          .code = &tracing->code};
    rc = store_facts(store, &request, &tracing->facts);
    if (rc != RC_OK)
        return rc;
    add_code(tracing);
    add_goods(tracing);
    rc = add_aggregation(tracing);
    if (rc == RC_OK)
        rc = store_journal(store, 1, on_record, tracing);
    return rc == RC_OK ? trace_server(tracing->cli, tracing->facts.key, tracing->rows) : rc;
}

int cli_trace(struct cli *cli, int argc, char **argv)
{
    static struct tracing tracing; /* large */
    const char *why = NULL;
    if (argc != 2)
        return cli_usage(cli);
    struct scan *scan = decode_scan(argv[1], strlen(argv[1]), &why);
    if (!scan)
        return why ? (cli_error("%s", _(why)), EXIT_REFUSED) : cli_fail(RC_NOMEM, "");
    tracing.cli = cli;
    tracing.rows = json_array();
    enum rc rc = gather(&tracing, scan);
    int code;
    if (rc == RC_BAD_INPUT && tracing.code.why[0]) {
        cli_error("%s", _(tracing.code.why));
        code = EXIT_REFUSED;
    } else {
        code = rc == RC_OK ? print_rows(&tracing) : cli_fail(rc, argv[1]);
    }
    json_decref(tracing.rows);
    free(scan);
    return code;
}
