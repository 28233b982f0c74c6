#include "app/cli/cli.h"
#include "app/cli/sources.h"
#include "app/text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const STATES[] = {
    [SCANNER_ABSENT] = "absent", [SCANNER_READY] = "ready", [SCANNER_DENIED] = "denied",
    [SCANNER_FAILED] = "failed", [SCANNER_BUSY] = "busy",
};

static int print_scanner(const struct cli *cli, const struct scanner_options *options)
{
    const struct scanner_class *class = cli->backends->scanners[options->kind];
    struct scanner *scanner;
    enum rc rc = class->open(options, &scanner);
    if (rc != RC_OK)
        return cli_fail(rc, options->name);
    const char *state = STATES[class->state(scanner)];
    class->close(scanner);
    if (cli->json)
        return cli_print(json_pack("{s:s, s:s, s:s, s:s, s:i, s:s}", "name", options->name, "kind", class->name,
                                   "device", options->device, "state", state, "speed", options->speed, "framing",
                                   framing_word(options->framing)));
    printf("%s\t%s\t%s\t%s\n", options->name, class->name, options->device, state);
    return cli_printed();
}

static int list(const struct cli *cli, const struct sources_request *request)
{
    const struct scanner_options *options = request->count ? request->scanners : cli->config.scanners;
    int count = request->count ? request->count : cli->config.scanner_count, code = EXIT_DONE;
    for (int i = 0; i < count; i++)
        if (print_scanner(cli, &options[i]) != EXIT_DONE)
            code = EXIT_REFUSED;
    return code;
}

static int print_scan(const struct cli *cli, const struct sources *sources, const struct scan *scan)
{
    static char text[4 * SCAN_MAX + 1];
    char name[SCANNER_NAME_MAX + 1];
    sources_name(sources, scan->source, name);
    code_escape(scan->bytes, scan->len, text);
    bool truncated = scan->flags & SCAN_TRUNCATED;
    if (cli->json)
        return cli_print(json_pack("{s:s, s:s, s:b}", "name", name, "scan", text, "truncated", truncated));
    printf("%s\t%s\n", name, text);
    if (truncated)
        cli_error("%s: %s", name, text_rc(RC_TOO_BIG));
    return cli_printed();
}

static int test(struct cli *cli, const struct sources_request *request)
{
    struct sources *sources;
    int code = sources_open(cli, request, &sources);
    if (code != EXIT_DONE)
        return code;
    while (code == EXIT_DONE) {
        struct scan *scan;
        enum rc rc = sources_next(sources, &scan);
        if (rc == RC_DISCONNECTED)
            break;
        if (rc == RC_TIMEOUT)
            continue;
        code = print_scan(cli, sources, scan);
        free(scan);
    }
    sources_close(sources);
    return code;
}

int cli_devices(struct cli *cli, int argc, char **argv)
{
    struct sources_request request = {0};
    bool testing = false;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--test") == 0)
            testing = true;
        else if (!sources_option(argc, argv, &i, &request))
            return cli_usage(cli);
    return testing ? test(cli, &request) : list(cli, &request);
}
