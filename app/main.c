/* tallyman: the wiring. The only file that names concrete back ends. */
#include "app/cli/cli.h"
#include "app/cli/peer.h"
#include "app/domain/date.h"
#include "app/text/text.h"
#include "app/ui/ui.h"
#include <stdio.h>
#include <stdlib.h>

/* TALLYMAN_TEST_CLOCK (tests, training): the wall clock begins at this ISO 8601 time instead of now. */
static const struct clock *wall_clock(void)
{
    static struct clock real;
    const char *text = getenv("TALLYMAN_TEST_CLOCK");
    int64_t begin_ms;
    real = *clock_system();
    return text && time_parse(text, &begin_ms) == RC_OK ? clock_from(begin_ms, &real) : &real;
}

/* ---- the screens ---- */

/* What the screens start and end themselves, but can't make: it takes back ends. */
struct making {
    struct cli *cli;
    struct queue *queue;
    bool peer_open, practice_next;
    struct peer peer;
    char socket[STORE_PATH_MAX + 16];
};

static enum rc start_reader(void *context,
                            void (*events)(void *events_context, int scanner, enum scanner_state state),
                            void *events_context, struct reader **ret_reader)
{
    const struct making *making = context;
    const struct config *config = &making->cli->config;
    struct scanner *scanners[READER_SCANNERS_MAX];
    enum rc rc = config->scanner_count > 0 ? RC_OK : RC_NOT_FOUND;
    int opened = 0;
    for (int i = 0; i < config->scanner_count && rc == RC_OK; i++) {
        const struct scanner_options *options = &config->scanners[i];
        rc = making->cli->backends->scanners[options->kind]->open(options, &scanners[i]);
        opened += rc == RC_OK;
    }
    if (rc == RC_OK)
        rc = reader_start(scanners, opened, making->queue, making->cli->backends->clock, events, events_context,
                          ret_reader);
    for (int i = 0; i < opened && rc != RC_OK; i++)
        scanners[i]->class->close(scanners[i]);
    return rc;
}

static void close_peer(struct making *making)
{
    if (making->peer_open)
        peer_close(&making->peer);
    making->peer_open = false;
}

static enum rc start_sync(void *context, sync_notify *notify, void *notify_context, struct sync_worker **ret_worker)
{
    struct making *making = context;
    struct sync_identity identity;
    if (engine_is_practice(making->cli->engine))
        return RC_NOT_ENROLLED; /* nothing of it is sent */
    enum rc rc = identity_load(making->cli->dir, &identity);
    if (rc == RC_NOT_ENROLLED || (rc == RC_OK && !identity.enrolled))
        return RC_NOT_ENROLLED;
    close_peer(making); /* of a worker that has been stopped since */
    if (rc == RC_OK)
        rc = peer_open(making->cli->dir, PEER_TIMEOUT_MS, &making->peer);
    if (rc != RC_OK)
        return rc;
    making->peer_open = true;
    return sync_worker_start(&making->peer.store, &making->peer.transport, making->cli->config.sync_interval_ms,
                             making->socket, notify, notify_context, ret_worker);
}

static void hang_up(void *context)
{
    const struct making *making = context;
    if (making->peer_open)
        transport_http_stop(making->peer.http);
}

static enum rc run_once(struct making *making)
{
    struct cli *cli = making->cli;
    snprintf(making->socket, sizeof making->socket, "%s/sync.sock", cli->dir);
    enum rc rc = queue_new(&making->queue);
    if (rc != RC_OK)
        return rc;
    const struct ui_options options = {
        .engine = cli->engine,
        .queue = making->queue,
        .config = &cli->config,
        .clock = cli->backends->clock,
        .indicator = cli->backends->indicator,
        .place = cli->backends->places[cli->config.place],
        .context = making,
        .start_reader = start_reader,
        .start_sync = start_sync,
        .hang_up = hang_up,
        .practice_next = &making->practice_next,
    };
    rc = ui_run(&options);
    close_peer(making);
    queue_free(making->queue);
    return rc;
}

/* Over to practice, or back: other data, the same folder. */
static enum rc turn_practice(struct cli *cli)
{
    struct store_owner owner;
    cli_close(cli);
    cli->practice = !cli->practice;
    return cli_open(cli, &owner);
}

static int run_screens(struct cli *cli)
{
    static struct making making; /* large */
    making.cli = cli;
    enum rc rc = run_once(&making);
    while (rc == RC_OK && making.practice_next) {
        rc = turn_practice(cli);
        if (rc != RC_OK)
            return rc == RC_BUSY ? cli_fail(rc, "") : EXIT_REFUSED; /* the rest has been told */
        rc = run_once(&making);
    }
    if (rc == RC_USAGE) {
        cli_error(_("the screens need a terminal."));
        return EXIT_USAGE;
    }
    return rc == RC_OK ? EXIT_DONE : cli_fail(rc, "");
}

int main(int argc, char **argv)
{
    const struct cli_backends backends = {
        .clock = wall_clock(),
        .indicator = &indicator_bell,
        .screens = run_screens,
        .scanners = {[SCANNER_SERIAL] = &scanner_serial, [SCANNER_SIM] = &scanner_sim},
        .places = {[PLACE_GPSD] = &place_gpsd, [PLACE_SIM] = &place_sim},
    };
    store_begin_process();
    return cli_main(&backends, argc, argv);
}
