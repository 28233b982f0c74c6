#include "app/cli/act.h"
#include "app/text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATCHED_SCANS_MAX = 10000 };

int act_document(struct cli *cli, const char *name, char *ret_doc)
{
    enum rc rc = store_document_name(engine_store(cli->engine), name, ret_doc);
    return rc == RC_OK ? EXIT_DONE : cli_fail_document(cli, rc, name);
}

int act_done(const struct cli *cli, const char *what, const char *name, const char *doc, int64_t seq)
{
    if (cli->json)
        return cli_print(json_pack("{s:s, s:s, s:I}", "done", what, "doc", doc, "seq", (json_int_t)seq));
    printf("%s\t%s\t%lld\n", what, name, (long long)seq);
    return cli_printed();
}

int act_supervisor(struct cli *cli, const char *operator)
{
    const char *pin = getenv("TALLYMAN_SUPERVISOR_PIN");
    if (!pin) {
        cli_error(_("--supervisor needs the PIN in TALLYMAN_SUPERVISOR_PIN."));
        return EXIT_USAGE;
    }
    enum rc rc = engine_check_supervisor(cli->engine, operator, pin);
    return rc == RC_OK ? EXIT_DONE : cli_fail(rc, operator);
}

static bool tell_open(void *context, const struct store_tally *tally)
{
    (void)context;
    if (tally->latched)
        cli_error(_("still to be set aside: %lld %s %s"), (long long)tally->seq, reason_word(tally->reason),
                  tally->key);
    else if (tally->waiting)
        cli_error(_("still to be confirmed or undone: %lld %s %s"), (long long)tally->seq, reason_word(tally->reason),
                  tally->key);
    return true;
}

void act_tell_latched(struct cli *cli, const char *doc)
{
    (void)store_tallies(engine_store(cli->engine), doc, LATCHED_SCANS_MAX, tell_open, NULL);
}
