#include "app/cli/cli.h"
#include <stdio.h>

enum { SHOW_SCANS_MAX = 10000 };

struct showing {
    json_t *scans; /* NULL: print as they come */
};

static const char *scan_state(const struct store_tally *tally)
{
    return tally->live ? "live" : tally->waiting ? "waiting" : tally->latched ? "latched" : "-";
}

static bool on_scan(void *context, const struct store_tally *tally)
{
    struct showing *showing = context;
    char qty[QTY_TEXT_MAX + 1];
    qty_print(tally->qty, qty);
    if (showing->scans)
        json_array_append_new(showing->scans,
                              json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "seq",
                                        (json_int_t)tally->seq, "reason", reason_word(tally->reason), "severity",
                                        severity_word(tally->severity), "state", scan_state(tally), "key", tally->key,
                                        "product", tally->product, "lot", tally->lot, "line", tally->line, "qty", qty,
                                        "level", tally->level));
    else
        printf("scan\t%lld\t%s\t%s\t%s\t%s\t%s\n", (long long)tally->seq, reason_word(tally->reason),
               severity_word(tally->severity), scan_state(tally), qty, tally->key);
    return true;
}

static json_t *line_json(const struct line *line)
{
    char qty[QTY_TEXT_MAX + 1], tolerance[QTY_TEXT_MAX + 1], tallied[QTY_TEXT_MAX + 1];
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "line", line->line, "product", line->product, "lot",
                     line->lot, "qty", qty_print(line->qty, qty), "tolerance", qty_print(line->tolerance, tolerance),
                     "tallied", qty_print(line->tallied, tallied), "shared", line->shared);
}

static json_t *document_json(const struct document *document, json_t *scans)
{
    char from[HOLDER_MAX + 1], to[HOLDER_MAX + 1], due[DAY_TEXT_MAX + 1];
    json_t *lines = json_array();
    for (size_t i = 0; i < document->line_count; i++)
        json_array_append_new(lines, line_json(&document->lines[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:o, s:o}", "no", document->no, "doc",
                     document->doc, "flow", document->flow, "state", document_state_word(document->state), "rev",
                     document->rev, "from", holder_print(&document->from, from), "to",
                     holder_print(&document->to, to), "to_name", document->to_name, "due",
                     day_print(document->due, due), "latched", document->latched, "close_no", document->close_no,
                     "lines", lines, "scans", scans);
}

static void print_document(const struct document *document)
{
    char from[HOLDER_MAX + 1], to[HOLDER_MAX + 1], due[DAY_TEXT_MAX + 1];
    char qty[QTY_TEXT_MAX + 1], tallied[QTY_TEXT_MAX + 1];
    printf("document\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", document->no, document_state_word(document->state),
           document->flow, holder_print(&document->from, from), holder_print(&document->to, to),
           day_print(document->due, due), document->to_name, document->doc);
    for (size_t i = 0; i < document->line_count; i++) {
        const struct line *line = &document->lines[i];
        printf("line\t%s\t%s\t%s\t%s/%s\n", line->line, line->product, line->lot, qty_print(line->tallied, tallied),
               qty_print(line->qty, qty));
    }
}

int cli_show(struct cli *cli, int argc, char **argv)
{
    struct document *document;
    if (argc != 2)
        return cli_usage(cli);
    enum rc rc = engine_document(cli->engine, argv[1], &document);
    if (rc != RC_OK)
        return cli_fail_document(cli, rc, argv[1]);
    struct showing showing = {.scans = cli->json ? json_array() : NULL};
    if (!cli->json)
        print_document(document);
    rc = store_tallies(engine_store(cli->engine), document->doc, SHOW_SCANS_MAX, on_scan, &showing);
    int code = EXIT_DONE;
    if (rc != RC_OK) {
        json_decref(showing.scans);
        code = cli_fail(rc, document->no);
    } else {
        code = cli->json ? cli_print(document_json(document, showing.scans)) : cli_printed();
    }
    document_free(document);
    return code;
}
