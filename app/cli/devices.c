#include "app/cli/cli.h"
#include "app/cli/decode.h"
#include "app/cli/sources.h"
#include "app/text/text.h"
#include "platform/pins.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 86400000, SETTLE_STEP_MS = 20, SETTLE_STEPS = 2 * SCANNER_SETTLE_MS / SETTLE_STEP_MS };

static const char *const STATES[] = {
    [SCANNER_ABSENT] = "absent", [SCANNER_READY] = "ready", [SCANNER_DENIED] = "denied",
    [SCANNER_FAILED] = "failed", [SCANNER_BUSY] = "busy",
};

static const char *const WHYS[] = {
    [SCANNER_ABSENT] = N_("not there; it is used as soon as it comes"),
    [SCANNER_READY] = N_("used"),
    [SCANNER_DENIED] = N_("no permission: this user must be in the group that the udev rules name"),
    [SCANNER_FAILED] = N_("there, but no scanner that can be used"),
    [SCANNER_BUSY] = N_("another program has it"),
};

static const char *const UNUSED[] = {
    [DEVICE_SCANNER] = N_("a scanner, but the configuration names others only"),
    [DEVICE_DENIED] = N_("no permission: this user must be in the group that the udev rules name"),
    [DEVICE_BUSY] = N_("another program has it"),
    [DEVICE_BROKEN] = N_("a scanner that does not say how its data is laid out"),
    [DEVICE_UNKNOWN] = N_("nothing says that it is a scanner: name it in the configuration if it is"),
    [DEVICE_OTHER] = N_("no scanner"),
};

struct row {
    const char *name, *kind, *device, *state, *why;
    const struct scanner_options *options; /* of a scanner that is used, else NULL */
    const struct device *seen;             /* what it is, else NULL */
};

static int print_row(const struct cli *cli, const struct row *row)
{
    if (!cli->json) {
        printf("%s\t%s\t%s\t%s\t%s\n", row->name, row->kind, row->device, row->state, row->why);
        return cli_printed();
    }
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", row->name, "kind", row->kind, "device",
                               row->device, "state", row->state, "why", row->why);
    if (row->options) {
        json_object_set_new(object, "speed", json_integer(row->options->speed));
        json_object_set_new(object, "framing", json_string(framing_word(row->options->framing)));
    }
    if (row->seen && row->seen->path[0]) {
        char ids[16];
        snprintf(ids, sizeof ids, "%04x:%04x", row->seen->vid, row->seen->pid);
        json_object_set_new(object, "usb", json_string(ids));
        json_object_set_new(object, "serial", json_string(row->seen->serial));
        json_object_set_new(object, "path", json_string(row->seen->path));
    }
    return cli_print(object);
}

/* What it is once it has settled; opened for as long as that takes. */
static enum rc try(const struct cli *cli, const struct scanner_options *options, enum scanner_state *ret_state)
{
    static uint8_t bytes[SCAN_MAX];
    const struct scanner_class *class = cli->backends->scanners[options->kind];
    struct scanner *scanner;
    enum rc rc = class->open(options, &scanner);
    if (rc != RC_OK)
        return rc;
    for (int i = 0; i < SETTLE_STEPS && class->fd(scanner) >= 0 && class->state(scanner) == SCANNER_ABSENT; i++) {
        struct frame frame = {.bytes = bytes};
        poll(NULL, 0, SETTLE_STEP_MS);
        class->read(scanner, &frame);
    }
    *ret_state = class->state(scanner);
    class->close(scanner);
    return RC_OK;
}

static int print_scanner(const struct cli *cli, const struct scanner_options *options, const struct device *seen)
{
    enum scanner_state state;
    enum rc rc = try(cli, options, &state);
    if (rc != RC_OK)
        return cli_fail(rc, options->name);
    const struct row row = {.name = options->name,
                            .kind = scanner_kind_word(options->kind),
                            .device = seen ? seen->node : options->device,
                            .state = STATES[state],
                            .why = _(WHYS[state]),
                            .options = options,
                            .seen = seen};
    return print_row(cli, &row);
}

static bool is_named(const struct config *config, const struct device *device)
{
    for (int i = 0; i < config->scanner_count; i++)
        if (device_is_named(device, &config->scanners[i]))
            return true;
    return false;
}

/* What is there and not configured: what is found by itself, and why the rest is not used. */
static int list_seen(const struct cli *cli, const struct config *config)
{
    struct finder finder;
    struct scanner_options as;
    static struct device devices[DEVICES_MAX];
    int count = 0, code = EXIT_DONE;
    bool finds = config_finds(config, &as);
    enum rc rc = cli->backends->finder(&finder);
    if (rc != RC_OK)
        return cli_fail(rc, "");
    rc = finder.list(finder.context, devices, &count);
    finder.close(finder.context);
    for (int i = 0; i < count && rc == RC_OK && code == EXIT_DONE; i++) {
        const struct device *device = &devices[i];
        struct scanner_options options = as;
        device_name(device, &options);
        const struct row row = {.name = options.name,
                                .kind = scanner_kind_word(device->kind),
                                .device = device->node,
                                .state = "unused",
                                .why = _(UNUSED[device->use]),
                                .seen = device};
        if (!is_named(config, device))
            code =
                finds && device->use == DEVICE_SCANNER ? print_scanner(cli, &options, device) : print_row(cli, &row);
    }
    return rc == RC_OK ? code : cli_fail(rc, "");
}

static bool is_configured(const struct config *config, const char *name)
{
    const char *const names[] = {config->trigger.line,    config->trigger.out,   config->indicator.beeper,
                                 config->indicator.green, config->indicator.red, config->indicator.vibration};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static int list_lines(const struct cli *cli, const struct config *config)
{
    static struct pin lines[PINS_MAX];
    int count = 0, code = EXIT_DONE;
    if (pins_list(lines, &count) == RC_REFUSED)
        cli_error(_("the lines of this machine can't be looked at: no permission."));
    for (int i = 0; i < count && code == EXIT_DONE; i++) {
        char device[2 * PIN_NAME_MAX];
        const struct pin *line = &lines[i];
        bool ours = is_configured(config, line->name);
        snprintf(device, sizeof device, "%s:%u", line->chip, line->offset);
        const struct row row = {.name = line->name,
                                .kind = "line",
                                .device = device,
                                .state = line->user[0] ? "busy"
                                         : ours        ? "ready"
                                                       : "unused",
                                .why = line->user[0] ? line->user
                                       : ours        ? _("used")
                                                     : _("not in the configuration")};
        code = print_row(cli, &row);
    }
    return code;
}

static int list(const struct cli *cli, const struct sources_request *request)
{
    struct config config = cli->config;
    int code = EXIT_DONE;
    if (request->count) {
        config.scanner_count = request->count;
        memcpy(config.scanners, request->scanners, sizeof config.scanners);
    }
    for (int i = 0; i < config.scanner_count; i++)
        if (config.scanners[i].kind != SCANNER_AUTO && print_scanner(cli, &config.scanners[i], NULL) != EXIT_DONE)
            code = EXIT_REFUSED;
    if (request->count && !config_finds(&config, &(struct scanner_options){0}))
        return code; /* asked about these alone */
    if (list_seen(cli, &config) != EXIT_DONE || list_lines(cli, &config) != EXIT_DONE)
        code = EXIT_REFUSED;
    return code;
}

/* As it came, and what `tallyman decode` says of it. */
static int print_scan(const struct cli *cli, const struct sources *sources, const struct scan *scan)
{
    static char text[4 * SCAN_MAX + 1], understood[DECODE_TEXT_MAX + 1];
    static struct code code;
    char name[SCANNER_NAME_MAX + 1];
    sources_name(sources, scan->source, name);
    code_escape(scan->bytes, scan->len, text);
    bool truncated = scan->flags & SCAN_TRUNCATED;
    int year, month, day;
    day_to_ymd((day_t)(scan->wall_ms / DAY_MS), &year, &month, &day);
    code_parse(scan, year, &code);
    if (cli->json)
        return cli_print(json_pack("{s:s, s:s, s:b, s:o}", "name", name, "scan", text, "truncated", truncated, "code",
                                   decode_json(&code)));
    printf("%s\t%s\t%s\n", name, text, decode_print(&code, understood));
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
