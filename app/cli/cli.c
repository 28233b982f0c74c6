#include "app/cli/cli.h"
#include "app/text/text.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* In the order of --help. */
static const struct command COMMANDS[] = {
    {"run", "[--scanner SPEC]...", N_("the screens (without a command, too)"), false, true, .run = cli_run},
    {"decode", "", N_("reads scans on standard input, says what they are"), false, false, .run = cli_decode},
    {"documents", "", N_("lists the documents"), true, true, .run = cli_documents},
    {"show", "DOC", N_("a document's lines, progress and scans"), true, true, .run = cli_show},
    {"flows", "", N_("the flows that the operator may run, and their fields"), true, true, .run = cli_flows},
    {"start", "FLOW [--supervisor OPERATOR] [FIELD=VALUE]...",
     N_("begins a document of one's own, prints its number"), true, true, .run = cli_start},
    {"scan", "DOC [--qty N] [--scanner SPEC]... [--count N] [--idle MS]",
     N_("judges and saves each scan: REASON, SEVERITY, KEY, TEXT"), true, true, .run = cli_scan},
    {"context", "DOC PRODUCT [LOT]", N_("what codes that nobody knows are taken for from now on"), true, true,
     .run = cli_context},
    {"undo", "DOC N [--damaged]", N_("takes the scan with number N back"), true, true, .run = cli_undo},
    {"confirm", "DOC N [--supervisor OPERATOR] [--another]", N_("lets a scan that asks for it count"), true, true,
     .run = cli_confirm},
    {"inbox", "[--settled | N take-out|keep|not-mine [--supervisor OPERATOR]]",
     N_("what the server did not accept, and what is done about it"), true, true, .run = cli_inbox},
    {"defaced", "DOC product=P [lot=L] [printed=TEXT] [count=N]",
     N_("enters goods whose code was made unreadable, in an audit"), true, true, .run = cli_defaced},
    {"evidence", "DOC shop|licence|shelf|code|receipt|ack FILE [--scan N]",
     N_("takes down a picture or paper of an audit, by its hash"), true, true, .run = cli_evidence},
    {"complete", "DOC [--short REASON] [--set-aside] [--recounted] [--supervisor OPERATOR] [FIELD=VALUE]...",
     N_("closes the document: the goods move"), true, true, .run = cli_complete},
    {"abandon", "DOC", N_("gives the document up: everything is released"), true, true, .run = cli_abandon},
    {"trace", "CODE", N_("what this device knows of a code"), true, true, .run = cli_trace},
    {"report", "DOC [--sign FILE] | --verify FILE [--folder DIR]",
     N_("an audit's report, as text or signed; or whether a signed one is still as it was"), false, false,
     .run = cli_report},
    {"stock", "", N_("what is on hand here, by product and lot"), true, true, .run = cli_stock},
    {"search", "PRODUCT [lot=L] PART | ALIAS", N_("codes with these characters, or the unit with this alias"), true,
     true, .run = cli_search},
    {"holders", "PRODUCT [LOT]", N_("who may have goods of a lot"), true, true, .run = cli_holders},
    {"recall", "ID", N_("where the goods of a recall are, and how many are still missing"), true, true,
     .run = cli_recall},
    {"import", "FILE", N_("takes a feed from a file (- for standard input)"), false, true, .in_earnest = true,
     .run = cli_import},
    {"enrol", "STRING", N_("joins a server by the string that it printed"), false, true, .in_earnest = true,
     .run = cli_enrol},
    {"export", "[FILE]", N_("writes the signed journal for a stick, for a server that can't be reached"), false, true,
     .in_earnest = true, .only_reads = true, .run = cli_export},
    {"sync", "[--watch]", N_("one full sync with the server, or go on"), false, false, .in_earnest = true,
     .run = cli_sync},
    {"status", "", N_("counts and watermarks of this device"), false, true, .only_reads = true, .run = cli_status},
    {"journal", "[verify]", N_("prints the records, or checks their chain"), false, true, .only_reads = true,
     .run = cli_journal},
    {"devices", "[--test] [--scanner SPEC]... [--count N] [--idle MS]",
     N_("the scanners; with --test each scan as it comes"), false, false, .run = cli_devices},
};

enum { RUN = 0 };

/* ---- options ---- */

struct options {
    const char *data, *config, *lang, *as;
    bool json, help, version, practice;
    int first; /* argv of the command, argc without one */
};

/* An option with a value, as `--data DIR` or `--data=DIR`; NULL in *ret_value: the value is missing. */
static bool option_is(char **argv, int argc, int *at, const char *name, const char **ret_value)
{
    size_t len = strlen(name);
    if (strncmp(argv[*at], name, len) != 0)
        return false;
    if (argv[*at][len] == '=') {
        *ret_value = argv[*at] + len + 1;
        return true;
    }
    if (argv[*at][len] != '\0')
        return false;
    *ret_value = *at + 1 < argc ? argv[++*at] : NULL;
    return true;
}

static bool read_flag(const char *argument, struct options *options)
{
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {{"--json", &options->json},
                 {"--help", &options->help},
                 {"--version", &options->version},
                 {"--practice", &options->practice}};
    for (size_t i = 0; i < COUNT(flags); i++)
        if (strcmp(argument, flags[i].name) == 0)
            return *flags[i].flag = true;
    return false;
}

/* False: an argument that is no option, or one without its value. */
static bool read_value(char **argv, int argc, int *at, struct options *options)
{
    const struct {
        const char *name, **value;
    } values[] = {{"--data", &options->data},
                  {"--config", &options->config},
                  {"--lang", &options->lang},
                  {"--as", &options->as}};
    for (size_t i = 0; i < COUNT(values); i++)
        if (option_is(argv, argc, at, values[i].name, values[i].value))
            return *values[i].value != NULL;
    return false;
}

static int read_options(int argc, char **argv, struct options *options)
{
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        const char *argument = argv[at];
        if (read_flag(argument, options) || read_value(argv, argc, &at, options))
            continue;
        cli_error(_("%s: no such option, or its value is missing: see --help."), argument);
        return EXIT_USAGE;
    }
    options->first = at;
    if (!options->lang || strcmp(options->lang, "zh_CN") == 0 || strcmp(options->lang, "en") == 0)
        return EXIT_DONE;
    cli_error(_("--lang is zh_CN or en."));
    return EXIT_USAGE;
}

/* --json and --help are understood behind the command too; they are taken out of its arguments. */
static int take_flags(int argc, char **argv, struct options *options)
{
    int kept = 0;
    for (int i = 0; i < argc; i++)
        if (i == 0 || (strcmp(argv[i], "--json") != 0 && strcmp(argv[i], "--help") != 0))
            argv[kept++] = argv[i];
        else
            read_flag(argv[i], options);
    argv[kept] = NULL;
    return kept;
}

static int print_help(void)
{
    printf(_("usage: tallyman [--data DIR] [--config FILE] [--lang zh_CN|en] [--as OPERATOR] [--practice] [--json] "
             "COMMAND\n\n"));
    for (size_t i = 0; i < COUNT(COMMANDS); i++)
        printf("  %s%s%s\n      %s\n", COMMANDS[i].name, COMMANDS[i].usage[0] ? " " : "", COMMANDS[i].usage,
               _(COMMANDS[i].help));
    printf("\n%s\n%s\n", _("The PIN of the operator is read from TALLYMAN_PIN."),
           _("Exit: 0 done, 1 refused or failed, 2 usage. See tallyman(1)."));
    return cli_printed();
}

static int print_command_help(const struct command *command)
{
    printf(_("usage: tallyman %s%s%s"), command->name, command->usage[0] ? " " : "", command->usage);
    printf("\n  %s\n", _(command->help));
    return cli_printed();
}

/* ---- folders and configuration ---- */

/* $XDG_…/tallyman or ~/…/tallyman (XDG Base Directory Specification: only absolute paths count); false: too long or no
 * home. */
static bool xdg_path(const char *variable, const char *below_home, const char *rest, char *ret_path, size_t size)
{
    const char *base = getenv(variable), *home = getenv("HOME");
    int len;
    if (base && base[0] == '/')
        len = snprintf(ret_path, size, "%s/tallyman%s", base, rest);
    else if (home && home[0] == '/')
        len = snprintf(ret_path, size, "%s/%s/tallyman%s", home, below_home, rest);
    else
        return false;
    return len >= 0 && (size_t)len < size;
}

static void make_parents(const char *path)
{
    char copy[STORE_PATH_MAX + 1];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0755); /* what fails shows when the data folder is opened */
        *slash = '/';
    }
}

static int find_data(struct cli *cli, const char *option)
{
    bool found;
    if (option) {
        found = strlen(option) < sizeof cli->dir;
        snprintf(cli->dir, sizeof cli->dir, "%s", option);
    } else {
        found = xdg_path("XDG_DATA_HOME", ".local/share", "", cli->dir, sizeof cli->dir);
        if (found)
            make_parents(cli->dir);
    }
    if (found && cli->dir[0])
        return EXIT_DONE;
    cli_error(_("no folder for the data: name one with --data DIR."));
    return EXIT_USAGE;
}

static int load_config(struct cli *cli, const struct options *options)
{
    char path[sizeof cli->config.path];
    int line;
    config_defaults(&cli->config);
    if (options->config)
        snprintf(path, sizeof path, "%s", options->config);
    else if (!xdg_path("XDG_CONFIG_HOME", ".config", "/tallyman.ini", path, sizeof path))
        return EXIT_DONE;
    enum rc rc = config_load(path, &cli->config, &line);
    if (rc == RC_BAD_INPUT)
        cli_error(_("%s: line %d is no setting that is known, or its value is wrong."), path, line);
    else if (rc != RC_OK)
        cli_error("%s: %s", path, strerror(errno));
    if (rc != RC_OK)
        return EXIT_REFUSED;
    if (!options->lang && cli->config.lang[0])
        text_init(cli->config.lang);
    return EXIT_DONE;
}

/* ---- running a command ---- */

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COUNT(COMMANDS); i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

/* What else has to be done where a damaged catalog stood in the way; `status` says so in any case. */
static void tell_damage(const struct cli *cli, int code)
{
    struct store_counts counts;
    bool asked = code == EXIT_REFUSED || cli->command->run == cli_status;
    if (!cli->engine || !asked || store_counts(engine_store(cli->engine), &counts) != RC_OK ||
        !counts.catalog_damaged)
        return;
    if (counts.enrolled)
        cli_error(_("the catalog is damaged: sync fetches it again. What the journal has is not touched."));
    else
        cli_error(_("the catalog is damaged: import it again. What the journal has is not touched."));
}

static int run_command(struct cli *cli, const struct options *options, int argc, char **argv)
{
    int code = load_config(cli, options);
    if (code == EXIT_DONE)
        code = find_data(cli, options->data);
    if (code == EXIT_DONE && cli->command->needs_data)
        code = cli_open_data(cli);
    if (code == EXIT_DONE && cli->command->needs_operator)
        code = cli_sign_in(cli);
    if (code == EXIT_DONE)
        code = cli->command->run(cli, argc, argv);
    tell_damage(cli, code);
    cli_close(cli);
    return code;
}

int cli_main(const struct cli_backends *backends, int argc, char **argv)
{
    static struct cli cli; /* large */
    static char *no_arguments[] = {NULL, NULL};
    struct options options = {0};
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error to tell, not the end in mid-record */
    text_init("");
    int code = read_options(argc, argv, &options);
    if (code != EXIT_DONE)
        return code;
    argc -= options.first;
    argv = argc ? argv + options.first : no_arguments;
    cli.command = argc ? find_command(argv[0]) : &COMMANDS[RUN];
    if (argc && cli.command)
        argc = take_flags(argc, argv, &options);
    if (options.lang)
        text_init(options.lang);
    if (options.version) {
        puts("tallyman " TALLYMAN_VERSION);
        return cli_printed();
    }
    if (options.help)
        return argc && cli.command ? print_command_help(cli.command) : print_help();
    if (!cli.command) {
        cli_error(_("%s: no such command: see --help."), argv[0]);
        return EXIT_USAGE;
    }
    if (options.practice && cli.command->in_earnest) {
        cli_error(_("%s: not in practice: it has data of its own."), cli.command->name);
        return EXIT_USAGE;
    }
    cli.backends = backends;
    cli.as = options.as;
    cli.json = options.json;
    cli.practice = options.practice;
    return run_command(&cli, &options, argc, argv);
}
