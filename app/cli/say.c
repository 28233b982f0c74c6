#include "app/cli/cli.h"
#include "app/domain/date.h"
#include "app/text/text.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MS_PER_MIN = 60000, MS_PER_DAY = 86400000 };

void cli_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    flockfile(stderr);
    fputs("tallyman: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    funlockfile(stderr);
    va_end(arguments);
}

int cli_fail(enum rc rc, const char *about)
{
    if (about[0])
        cli_error("%s: %s", about, text_rc(rc));
    else
        cli_error("%s", text_rc(rc));
    return EXIT_REFUSED;
}

int cli_fail_document(const struct cli *cli, enum rc rc, const char *name)
{
    struct catalog *catalog;
    if (rc != RC_NOT_FOUND)
        return cli_fail(rc, name);
    if (store_catalog(engine_store(cli->engine), &catalog) == RC_NOT_FOUND)
        cli_error(_("%s: there is no catalog yet: enrol and sync, or import a file."), name);
    else
        cli_error(_("%s: there is no such document."), name);
    return EXIT_REFUSED;
}

int cli_usage(const struct cli *cli)
{
    cli_error(_("usage: tallyman %s%s%s"), cli->command->name, cli->command->usage[0] ? " " : "",
              cli->command->usage);
    return EXIT_USAGE;
}

int cli_printed(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_DONE;
    cli_error(_("standard output: %s"), strerror(errno));
    return EXIT_REFUSED;
}

int cli_print(json_t *object)
{
    if (!object)
        return cli_fail(RC_NOMEM, "");
    int failed = json_dumpf(object, stdout, JSON_COMPACT);
    json_decref(object);
    putchar('\n');
    return failed ? cli_fail(RC_IO, "") : cli_printed();
}

char *cli_time(const struct cli *cli, int64_t time_ms, char *ret_text)
{
    const struct clock *clock = cli->backends->clock;
    if (time_ms == 0)
        return strcpy(ret_text, "-");
    return time_print(time_ms, clock->offset_min(clock->context, time_ms), ret_text);
}

day_t cli_today(const struct cli *cli)
{
    const struct clock *clock = cli->backends->clock;
    int64_t behind_ms, now_ms = engine_now_ms(cli->engine, &behind_ms);
    return (day_t)((now_ms + clock->offset_min(clock->context, now_ms) * (int64_t)MS_PER_MIN) / MS_PER_DAY);
}

bool cli_number(const char *text, int64_t *ret_number)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end != '\0' || number <= 0)
        return false;
    *ret_number = number;
    return true;
}
