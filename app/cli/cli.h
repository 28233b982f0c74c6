/* The command line: one command a file, all in one table (cli.c). What the screens do, a script can do, through the
 * same engine. One thread. Exit 0 done, 1 refused or failed, 2 usage. */
#ifndef TALLYMAN_CLI_CLI_H
#define TALLYMAN_CLI_CLI_H

#include "app/engine/config.h"
#include "app/engine/engine.h"
#include "platform/clock.h"
#include "platform/devices.h"
#include "platform/indicator.h"
#include "platform/place.h"
#include "platform/scanner.h"
#include <jansson.h>
#include <stdbool.h>

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

struct cli;

/* What app/main.c wires. */
struct cli_backends {
    const struct clock *clock;
    const struct indicator *indicator;
    const struct scanner_class *scanners[SCANNER_KINDS]; /* by enum scanner_kind */
    const struct place_class *places[PLACE_SIM + 1];     /* by enum place_kind; NULL: none */
    enum rc (*finder)(struct finder *ret_finder);
    int (*screens)(struct cli *cli); /* until the user leaves; the exit code */
};

struct cli {
    const struct cli_backends *backends;
    char dir[STORE_PATH_MAX + 1];
    struct config config;
    const char *as; /* --as, NULL without */
    bool json, practice;
    const struct command *command;
    struct engine *engine; /* NULL for commands without a data folder */
};

struct command {
    const char *name;
    const char *usage; /* what follows the name */
    const char *help;  /* one line, a gettext key */
    bool needs_operator, needs_data;
    bool only_reads;                                    /* works beside the process that holds the data folder */
    bool in_earnest;                                    /* not with --practice */
    int (*run)(struct cli *cli, int argc, char **argv); /* argv[0] is the command's name; the exit code */
};

int cli_main(const struct cli_backends *backends, int argc, char **argv);

/* ---- commands ---- */

int cli_run(struct cli *cli, int argc, char **argv);
int cli_decode(struct cli *cli, int argc, char **argv);
int cli_documents(struct cli *cli, int argc, char **argv);
int cli_flows(struct cli *cli, int argc, char **argv);
int cli_show(struct cli *cli, int argc, char **argv);
int cli_start(struct cli *cli, int argc, char **argv);
int cli_scan(struct cli *cli, int argc, char **argv);
int cli_context(struct cli *cli, int argc, char **argv);
int cli_inbox(struct cli *cli, int argc, char **argv);
int cli_undo(struct cli *cli, int argc, char **argv);
int cli_confirm(struct cli *cli, int argc, char **argv);
int cli_complete(struct cli *cli, int argc, char **argv);
int cli_abandon(struct cli *cli, int argc, char **argv);
int cli_trace(struct cli *cli, int argc, char **argv);
int cli_defaced(struct cli *cli, int argc, char **argv);
int cli_evidence(struct cli *cli, int argc, char **argv);
int cli_report(struct cli *cli, int argc, char **argv);
int cli_stock(struct cli *cli, int argc, char **argv);
int cli_search(struct cli *cli, int argc, char **argv);
int cli_holders(struct cli *cli, int argc, char **argv);
int cli_recall(struct cli *cli, int argc, char **argv);
int cli_import(struct cli *cli, int argc, char **argv);
int cli_enrol(struct cli *cli, int argc, char **argv);
int cli_export(struct cli *cli, int argc, char **argv);
int cli_sync(struct cli *cli, int argc, char **argv);
int cli_status(struct cli *cli, int argc, char **argv);
int cli_journal(struct cli *cli, int argc, char **argv);
int cli_devices(struct cli *cli, int argc, char **argv);

/* ---- shared by commands: say.c ---- */

/* `tallyman: sentence` on standard error; a format in the user's language. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The sentence of a result, about something ("" nothing); EXIT_REFUSED. */
int cli_fail(enum rc rc, const char *about);
/* The same about a document that was named so. */
int cli_fail_document(const struct cli *cli, enum rc rc, const char *name);
/* How the command is used, on standard error; EXIT_USAGE. */
int cli_usage(const struct cli *cli);
/* One object on one line, flushed; takes the reference (NULL: no memory). EXIT_DONE, or EXIT_REFUSED and a sentence. */
int cli_print(json_t *object);
/* Flushes what was printed; EXIT_DONE, or EXIT_REFUSED and a sentence when it did not get out. */
int cli_printed(void);
/* Local time as on records; ret_text holds TIME_TEXT_MAX + 1; "-" for 0. Returns ret_text. */
char *cli_time(const struct cli *cli, int64_t time_ms, char *ret_text);
/* By the latest time known. */
day_t cli_today(const struct cli *cli);
/* A whole number above 0, or false. */
bool cli_number(const char *text, int64_t *ret_number);

/* ---- sources.c ---- */

/* Opens the scanners of the configuration and starts their reader. RC_NOT_FOUND: there is none, and none is to be found;
 * *ret_name then, and when one fails to open: its name ("" without). `events` as in reader_start. */
enum rc cli_start_reader(const struct cli *cli, const struct config *config, struct queue *queue,
                         void (*events)(void *context, int scanner, enum scanner_state state), void *context,
                         struct reader **ret_reader, const char **ret_name);

/* ---- session.c ---- */

/* Opens the engine in the data folder; RC_BUSY is the only result that it does not tell the user. */
enum rc cli_open(struct cli *cli, struct store_owner *ret_owner);
/* The same, and tells that too; the exit code. */
int cli_open_data(struct cli *cli);
/* Signs --as in; the exit code. */
int cli_sign_in(struct cli *cli);
void cli_close(struct cli *cli);

#endif
