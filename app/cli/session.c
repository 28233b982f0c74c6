/* The data folder and the operator that a command works with. */
#include "app/cli/cli.h"
#include "app/text/text.h"
#include <stdlib.h>

enum { MS_PER_S = 1000, MS_PER_DAY = 24 * 3600 * MS_PER_S };

enum rc cli_open(struct cli *cli, struct store_owner *ret_owner)
{
    struct engine_options options = {
        .dir = cli->dir,
        .what = cli->command->name,
        .site = cli->config.site[0] ? cli->config.site : NULL,
        .clock = cli->backends->clock,
        .expects = cli->config.expects,
        .keep_ms = (int64_t)cli->config.keep_days * MS_PER_DAY,
        .practice = cli->practice,
    };
    enum rc rc = engine_open(&options, &cli->engine, ret_owner);
    if (rc == RC_BUSY && cli->command->only_reads) {
        options.read_only = true;
        rc = engine_open(&options, &cli->engine, ret_owner);
    }
    if (rc != RC_OK && rc != RC_BUSY)
        cli_fail(rc, cli->dir);
    if (rc == RC_OK && cli->practice)
        cli_error(_("practice: nothing of this counts, nothing is sent."));
    return rc;
}

int cli_open_data(struct cli *cli)
{
    struct store_owner owner = {0};
    enum rc rc = cli_open(cli, &owner);
    if (rc == RC_BUSY)
        cli_error(_("%s: in use by another Tallyman: process %ld (%s)."), cli->dir, owner.pid, owner.what);
    return rc == RC_OK ? EXIT_DONE : EXIT_REFUSED;
}

int cli_sign_in(struct cli *cli)
{
    struct catalog *catalog;
    const char *pin = getenv("TALLYMAN_PIN");
    if (!cli->as || !pin) {
        cli_error(_("%s needs an operator: --as OPERATOR, with the PIN in TALLYMAN_PIN."), cli->command->name);
        return EXIT_USAGE;
    }
    if (store_catalog(engine_store(cli->engine), &catalog) == RC_NOT_FOUND) {
        cli_error(_("%s: there is no catalog yet: enrol and sync, or import a file."), cli->dir);
        return EXIT_REFUSED;
    }
    int64_t wait_ms = 0;
    enum rc rc = engine_sign_in(cli->engine, cli->as, pin, &wait_ms);
    if (rc == RC_LOCKED_OUT) {
        cli_error(_("%s: too many wrong PINs: wait %lld seconds."), cli->as,
                  (long long)(wait_ms + MS_PER_S - 1) / MS_PER_S);
        return EXIT_REFUSED;
    }
    return rc == RC_OK ? EXIT_DONE : cli_fail(rc, cli->as);
}

void cli_close(struct cli *cli)
{
    if (!cli->engine)
        return;
    if (engine_operator(cli->engine))
        (void)engine_sign_out(cli->engine); /* what was done is saved; this may fail on a full disk */
    engine_close(cli->engine);
    cli->engine = NULL;
}
