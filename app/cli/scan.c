#include "app/cli/cli.h"
#include "app/cli/decode.h"
#include "app/cli/input.h"
#include "app/cli/outcome.h"
#include "app/cli/sources.h"
#include "app/text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scanning {
    struct cli *cli;
    char doc[DOC_MAX + 1], no[ID_MAX + 1];
    qty_t qty; /* of each scan of goods without serials, 0: as the code says */
    struct outcome outcome;
};

static int judge_one(struct scanning *scanning, const struct scan *scan)
{
    enum rc rc = engine_scan(scanning->cli->engine, scanning->doc, scan, scanning->qty, &scanning->outcome);
    if (rc != RC_OK)
        return cli_fail(rc, scanning->no);
    return outcome_print(scanning->cli, &scanning->outcome);
}

/* ---- from standard input ---- */

/* What is no scan at all is judged as one that can't be read: a line out for each line in. */
static struct scan *scan_of_line(const struct input *input, size_t len, long number)
{
    const char *why;
    struct scan *scan = decode_scan(input->line, len, &why);
    if (scan || !why)
        return scan;
    cli_error(_("line %ld: %s"), number, _(why));
    bool too_long = len > SCAN_MAX;
    scan = scan_new(input->line, too_long ? SCAN_MAX : 0);
    if (scan && too_long)
        scan->flags |= SCAN_TRUNCATED;
    return scan;
}

static int judge_line(struct scanning *scanning, const struct input *input, size_t len, long number)
{
    const struct clock *clock = scanning->cli->backends->clock;
    int64_t mono_ns = clock->mono_ns(clock->context), wall_ms = clock->wall_ms(clock->context);
    struct scan *scan = scan_of_line(input, len, number);
    if (!scan)
        return cli_fail(RC_NOMEM, "");
    scan->mono_ns = mono_ns;
    scan->wall_ms = wall_ms;
    scan->ticket = engine_ticket(scanning->cli->engine, scanning->doc);
    int code = judge_one(scanning, scan);
    free(scan);
    return code;
}

static int scan_input(struct scanning *scanning)
{
    static struct input input; /* large */
    int code = EXIT_DONE;
    size_t len;
    long number = 0;
    bool busy = false; /* something was saved since the last checkpoint */
    input_init(&input, STDIN_FILENO);
    while (code == EXIT_DONE) {
        enum rc rc = input_line(&input, busy ? STORE_IDLE_MS : -1, &len);
        if (rc == RC_DISCONNECTED)
            break;
        busy = rc == RC_OK;
        if (rc == RC_OK)
            code = judge_line(scanning, &input, len, ++number);
        else if (rc == RC_TIMEOUT)
            store_idle(engine_store(scanning->cli->engine));
        else
            code = cli_fail(rc, "");
    }
    return code;
}

/* ---- from scanners ---- */

static int scan_sources(struct scanning *scanning, const struct sources_request *request)
{
    struct sources *sources;
    int code = sources_open(scanning->cli, request, &sources);
    if (code != EXIT_DONE)
        return code;
    queue_set_ticket(sources_queue(sources), engine_ticket(scanning->cli->engine, scanning->doc));
    while (code == EXIT_DONE) {
        struct scan *scan;
        enum rc rc = sources_next(sources, &scan);
        if (rc == RC_DISCONNECTED)
            break;
        if (rc == RC_TIMEOUT) {
            store_idle(engine_store(scanning->cli->engine));
            continue;
        }
        code = judge_one(scanning, scan);
        free(scan);
    }
    sources_close(sources);
    return code;
}

/* A document that is closed can still be scanned against: each scan is told so. */
static enum rc open_document(struct scanning *scanning, const char *name)
{
    struct engine *engine = scanning->cli->engine;
    struct document *document;
    enum rc rc = engine_open_document(engine, name, NULL);
    if (rc == RC_OK || rc == RC_CLOSED)
        rc = engine_document(engine, name, &document);
    if (rc != RC_OK)
        return rc;
    memcpy(scanning->doc, document->doc, sizeof scanning->doc);
    memcpy(scanning->no, document->no, sizeof scanning->no);
    document_free(document);
    return RC_OK;
}

static bool qty_option(int argc, char **argv, int *at, qty_t *ret_qty)
{
    qty_t qty;
    if (strcmp(argv[*at], "--qty") != 0 || *at + 1 >= argc || qty_parse(argv[*at + 1], &qty) != RC_OK || qty <= 0)
        return false;
    *ret_qty = qty;
    ++*at;
    return true;
}

int cli_scan(struct cli *cli, int argc, char **argv)
{
    static struct scanning scanning; /* large */
    struct sources_request request = {0};
    const char *name = NULL;
    for (int i = 1; i < argc; i++)
        if (!name && argv[i][0] != '-')
            name = argv[i];
        else if (!qty_option(argc, argv, &i, &scanning.qty) && !sources_option(argc, argv, &i, &request))
            return cli_usage(cli);
    if (!name || (request.count == 0 && (request.max || request.idle_ms)))
        return cli_usage(cli);
    scanning.cli = cli;
    enum rc rc = open_document(&scanning, name);
    if (rc != RC_OK)
        return cli_fail_document(cli, rc, name);
    return request.count ? scan_sources(&scanning, &request) : scan_input(&scanning);
}
