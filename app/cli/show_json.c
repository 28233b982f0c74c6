#include "app/cli/show.h"
#include <stdlib.h>
#include <string.h>

enum { SHOW_SCANS_MAX = 10000 };

struct showing {
    const struct document *document;
    json_t *array; /* that is being filled */
    const char *doc;
};

/* ---- lines, fields, and what is at work ---- */

static void add_line(json_t *lines, const struct line *line)
{
    char qty[QTY_TEXT_MAX + 1], tolerance[QTY_TEXT_MAX + 1], tallied[QTY_TEXT_MAX + 1];
    char elsewhere[QTY_TEXT_MAX + 1];
    json_array_append_new(lines,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "line", line->line, "product",
                                    line->product, "lot", line->lot, "qty", qty_print(line->qty, qty), "tolerance",
                                    qty_print(line->tolerance, tolerance), "tallied",
                                    qty_print(line->tallied, tallied), "elsewhere",
                                    qty_print(line->elsewhere, elsewhere), "doc", line->doc, "shared", line->shared));
}

static json_t *lines_json(const struct document *document)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < document->line_count; i++)
        add_line(lines, &document->lines[i]);
    return lines;
}

static json_t *fields_json(const struct document *document)
{
    json_t *fields = json_array();
    for (int i = 0; i < document->field_count; i++)
        json_array_append_new(
            fields, json_pack("{s:s, s:s}", "name", document->fields[i].name, "value", document->fields[i].value));
    return fields;
}

/* The context line, what is being filled, the first of a pair: none of it in most documents. */
static json_t *now_json(const struct document *document)
{
    const struct {
        const char *what, *value, *lot;
    } rows[] = {{"context", document->context_product, document->context_lot},
                {"container", document->container, ""},
                {"waits", document->pending, ""}};
    json_t *now = json_array();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].value[0])
            json_array_append_new(
                now, json_pack("{s:s, s:s, s:s}", "what", rows[i].what, "value", rows[i].value, "lot", rows[i].lot));
    return now;
}

/* ---- picks, by bin ---- */

static const struct line *line_of(const struct showing *showing, const char *id)
{
    for (size_t i = 0; i < showing->document->line_count; i++) {
        const struct line *line = &showing->document->lines[i];
        if (strcmp(line->line, id) == 0 && (!line->doc[0] || strcmp(line->doc, showing->doc) == 0))
            return line;
    }
    return NULL;
}

static bool on_pick(void *context, const struct catalog_pick *pick)
{
    struct showing *showing = context;
    char qty[QTY_TEXT_MAX + 1];
    const struct line *line = line_of(showing, pick->line);
    json_array_append_new(showing->array,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "bin", pick->bin, "product",
                                    line ? line->product : "", "lot", pick->lot, "qty", qty_print(pick->qty, qty),
                                    "line", pick->line, "doc", line ? line->doc : ""));
    return true;
}

static int by_bin(const void *left, const void *right)
{
    json_t *const *a = left, *const *b = right;
    int order = strcmp(json_string_value(json_object_get(*a, "bin")), json_string_value(json_object_get(*b, "bin")));
    return order ? order
                 : strcmp(json_string_value(json_object_get(*a, "product")),
                          json_string_value(json_object_get(*b, "product")));
}

/* A new array in the order of the bins; takes the reference. */
static json_t *in_order(json_t *picks)
{
    size_t count = json_array_size(picks);
    json_t **rows = calloc(count ? count : 1, sizeof(json_t *));
    json_t *sorted = json_array();
    for (size_t i = 0; i < count && rows; i++)
        rows[i] = json_array_get(picks, i);
    if (!rows)
        return picks;
    qsort(rows, count, sizeof rows[0], by_bin);
    for (size_t i = 0; i < count; i++)
        json_array_append(sorted, rows[i]);
    free(rows);
    json_decref(picks);
    return sorted;
}

/* True for the first line of each document of a group. */
static bool first_of_member(const struct document *document, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(document->lines[i].doc, document->lines[at].doc) == 0)
            return false;
    return true;
}

static enum rc add_picks(struct engine *engine, struct showing *showing, const char *doc)
{
    struct catalog *catalog;
    enum rc rc = store_catalog(engine_store(engine), &catalog);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    showing->doc = doc;
    rc = catalog_picks(catalog, doc, on_pick, showing);
    return rc == RC_NOT_FOUND ? RC_OK : rc; /* one's own, or no longer told */
}

static enum rc picks_json(struct engine *engine, struct showing *showing)
{
    const struct document *document = showing->document;
    if (document->own)
        return RC_OK;
    if (!document->line_count || !document->lines[0].doc[0])
        return add_picks(engine, showing, document->doc);
    enum rc rc = RC_OK;
    for (size_t i = 0; i < document->line_count && rc == RC_OK; i++)
        if (first_of_member(document, i))
            rc = add_picks(engine, showing, document->lines[i].doc);
    return rc;
}

/* ---- what was counted ---- */

static bool on_counted(void *context, const struct store_counted_row *row)
{
    struct showing *showing = context;
    char qty[QTY_TEXT_MAX + 1], extra[QTY_TEXT_MAX + 1];
    json_array_append_new(showing->array,
                          json_pack("{s:s, s:s, s:s, s:s}", "product", row->product, "lot", row->lot, "qty",
                                    qty_print(row->qty, qty), "extra", qty_print(row->extra, extra)));
    return true;
}

static bool on_difference(void *context, const struct difference *row)
{
    struct showing *showing = context;
    char expected[QTY_TEXT_MAX + 1], counted[QTY_TEXT_MAX + 1];
    json_array_append_new(showing->array,
                          json_pack("{s:s, s:s, s:s, s:s}", "product", row->product, "lot", row->lot, "expected",
                                    qty_print(row->expected, expected), "counted", qty_print(row->counted, counted)));
    return true;
}

static bool on_loose(void *context, const char *key)
{
    struct showing *showing = context;
    json_array_append_new(showing->array, json_pack("{s:s}", "key", key));
    return true;
}

static const char *scan_state(const struct store_tally *tally)
{
    return tally->live ? "live" : tally->waiting ? "waiting" : tally->latched ? "latched" : "-";
}

static bool on_scan(void *context, const struct store_tally *tally)
{
    struct showing *showing = context;
    char qty[QTY_TEXT_MAX + 1];
    json_array_append_new(showing->array,
                          json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "seq",
                                    (json_int_t)tally->seq, "reason", reason_word(tally->reason), "severity",
                                    severity_word(tally->severity), "state", scan_state(tally), "key", tally->key,
                                    "product", tally->product, "lot", tally->lot, "line", tally->line, "qty",
                                    qty_print(tally->qty, qty), "level", tally->level));
    return true;
}

/* ---- the whole ---- */

static json_t *begin(const struct document *document)
{
    char from[HOLDER_MAX + 1], to[HOLDER_MAX + 1], due[DAY_TEXT_MAX + 1];
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:b, s:s, s:o, s:o, s:o}", "no",
                     document->no, "doc", document->doc, "flow", document->flow, "state",
                     document_state_word(document->state), "rev", document->rev, "from",
                     holder_print(&document->from, from), "to", holder_print(&document->to, to), "to_name",
                     document->to_name, "due", day_print(document->due, due), "latched", document->latched,
                     "close_no", document->close_no, "own", document->own, "group", document->group, "fields",
                     fields_json(document), "lines", lines_json(document), "now", now_json(document));
}

/* The array that the next visitor fills is the object's from now on. */
static void *next(struct showing *showing, json_t *object, const char *name)
{
    showing->array = json_array();
    json_object_set_new(object, name, showing->array);
    return showing;
}

static enum rc add_work(struct engine *engine, struct showing *showing, json_t *object)
{
    struct store *store = engine_store(engine);
    const char *doc = showing->document->doc;
    const struct flow *flow = engine_flow(engine, showing->document->flow);
    enum rc rc = store_counted_rows(store, doc, on_counted, next(showing, object, "counted"));
    if (rc == RC_OK && flow && flow->differences && showing->document->opened_seq)
        rc = engine_differences(engine, doc, on_difference, next(showing, object, "differences"));
    if (rc == RC_OK && flow && flow->work == WORK_PACK)
        rc = store_loose(store, doc, on_loose, next(showing, object, "loose"));
    if (rc == RC_OK)
        rc = store_tallies(store, doc, SHOW_SCANS_MAX, on_scan, next(showing, object, "scans"));
    return rc;
}

enum rc show_json(struct engine *engine, const struct document *document, json_t **ret_object)
{
    struct showing showing = {.document = document};
    json_t *object = begin(document);
    if (!object)
        return RC_NOMEM;
    next(&showing, object, "picks");
    enum rc rc = picks_json(engine, &showing);
    if (rc == RC_OK)
        json_object_set_new(object, "picks", in_order(json_incref(json_object_get(object, "picks"))));
    if (rc == RC_OK)
        rc = add_work(engine, &showing, object);
    if (rc == RC_OK)
        *ret_object = object;
    else
        json_decref(object);
    return rc;
}
