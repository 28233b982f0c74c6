#include "app/cli/decode.h"
#include "app/cli/cli.h"
#include "app/cli/input.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DAY_MS = 86400000 };

static bool print_line(const struct code *code, bool as_json)
{
    char text[DECODE_TEXT_MAX + 1];
    if (!as_json)
        return puts(decode_print(code, text)) >= 0 && fflush(stdout) == 0;
    json_t *object = decode_json(code);
    bool done = object && json_dumpf(object, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;
    json_decref(object);
    return done && fflush(stdout) == 0;
}

static enum rc decode_line(const char *line, size_t len, int year, struct code *ret_code)
{
    const char *why;
    struct scan *scan = decode_scan(line, len, &why);
    if (!scan && !why)
        return RC_NOMEM;
    if (scan) {
        code_parse(scan, year, ret_code);
    } else {
        code_parse_text("", year, ret_code); /* malformed, with a reason of its own */
        ret_code->why = why;
    }
    free(scan);
    return RC_OK;
}

static int year_now(const struct clock *clock)
{
    int year, month, day;
    day_to_ymd((day_t)(clock->wall_ms(clock->context) / DAY_MS), &year, &month, &day);
    return year;
}

int cli_decode(struct cli *cli, int argc, char **argv)
{
    static struct input input; /* too big for a stack */
    (void)argv;
    if (argc > 1)
        return cli_usage(cli);
    input_init(&input, STDIN_FILENO);
    for (;;) {
        struct code code;
        size_t len;
        enum rc rc = input_line(&input, -1, &len);
        if (rc == RC_DISCONNECTED)
            return EXIT_DONE;
        if (rc == RC_OK)
            rc = decode_line(input.line, len, year_now(cli->backends->clock), &code);
        if (rc == RC_OK && !print_line(&code, cli->json))
            rc = RC_IO;
        if (rc != RC_OK)
            return cli_fail(rc, "");
    }
}
