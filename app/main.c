/* tallyman: the wiring. The only file that names concrete back ends. */
#include "app/cli/cli.h"
#include "app/cli/peer.h"
#include "app/domain/date.h"
#include "app/text/text.h"
#include "app/ui/ui.h"
#include <stdio.h>
#include <stdlib.h>

static const char SYSFS[] = "/sys";

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

enum { ENROL_TIMEOUT_MS = 10000 };

/* What the screens start and end themselves, but can't make: it takes back ends. */
struct making {
    struct cli *cli;
    struct queue *queue;
    bool peer_open, practice_next;
    bool has_trigger, has_indicator, ran_empty;
    struct trigger trigger;
    struct indicator indicator;
    struct power_source power;
    struct net_source net;
    struct jumps *jumps;
    struct peer peer;
    char socket[STORE_PATH_MAX + 16];
};

static enum rc start_reader(void *context,
                            void (*events)(void *events_context, int scanner, enum scanner_state state),
                            void *events_context, struct reader **ret_reader)
{
    const struct making *making = context;
    const char *name;
    return cli_start_reader(making->cli, &making->cli->config, making->queue, events, events_context, ret_reader,
                            &name);
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

static enum rc enrol(void *context, const char *string, char ret_detail[UI_DETAIL_MAX + 1])
{
    struct making *making = context;
    struct sync_progress progress = {0};
    ret_detail[0] = '\0';
    if (engine_is_practice(making->cli->engine))
        return RC_NOT_ENROLLED;
    close_peer(making);
    enum rc rc = peer_open(making->cli->dir, ENROL_TIMEOUT_MS, &making->peer);
    if (rc != RC_OK)
        return rc;
    making->peer_open = true;
    rc = sync_enrol(&making->peer.store, &making->peer.transport, string, &progress);
    snprintf(ret_detail, UI_DETAIL_MAX + 1, "%s", progress.detail);
    close_peer(making);
    if (rc == RC_OK)
        store_load_identity(engine_store(making->cli->engine));
    return rc;
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
        .trigger = making->has_trigger ? &making->trigger : NULL,
        .power = &making->power,
        .net = &making->net,
        .jumps = making->jumps,
        .ran_empty = &making->ran_empty,
        .engine = cli->engine,
        .queue = making->queue,
        .config = &cli->config,
        .clock = cli->backends->clock,
        .indicator = making->has_indicator ? &making->indicator : cli->backends->indicator,
        .place = cli->backends->places[cli->config.place],
        .context = making,
        .start_reader = start_reader,
        .start_sync = start_sync,
        .enrol = enrol,
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

/* What the configuration names and this machine has; a line that is not there is said, and done without. */
static void open_lines(struct making *making)
{
    const struct config *config = &making->cli->config;
    const struct indicator_options *wanted = &config->indicator;
    if (config->trigger.line[0]) {
        enum rc rc = trigger_gpio(&config->trigger, &making->trigger);
        making->has_trigger = rc == RC_OK;
        if (rc != RC_OK)
            cli_fail(rc, config->trigger.line);
    }
    if (wanted->beeper[0] || wanted->green[0] || wanted->red[0] || wanted->vibration[0])
        making->has_indicator = indicator_gpio(wanted, &making->indicator) == RC_OK;
}

/* TALLYMAN_TEST_POWER, TALLYMAN_TEST_NET (tests, demo): files that say what the battery and the network are to be. */
static enum rc open_hardware(struct making *making)
{
    const char *power = getenv("TALLYMAN_TEST_POWER"), *net = getenv("TALLYMAN_TEST_NET");
    enum rc rc = power ? power_sim(power, &making->power) : power_linux(SYSFS, &making->power);
    if (rc == RC_OK)
        rc = net ? net_sim(net, &making->net) : net_linux(SYSFS, &making->net);
    if (rc == RC_OK)
        rc = jumps_open(&making->jumps);
    if (rc == RC_OK)
        open_lines(making);
    return rc;
}

static void close_hardware(struct making *making)
{
    if (making->has_trigger)
        making->trigger.close(making->trigger.context);
    if (making->has_indicator)
        making->indicator.close(making->indicator.context);
    if (making->power.close)
        making->power.close(making->power.context);
    if (making->net.close)
        making->net.close(making->net.context);
    jumps_close(making->jumps);
}

static int end_screens(const struct making *making, enum rc rc)
{
    if (rc == RC_USAGE) {
        cli_error(_("the screens need a terminal."));
        return EXIT_USAGE;
    }
    if (rc != RC_OK)
        return cli_fail(rc, "");
    if (making->ran_empty) {
        cli_error(_("the battery is empty: ended in good order, everything is saved."));
        return EXIT_REFUSED;
    }
    return EXIT_DONE;
}

static int run_screens(struct cli *cli)
{
    static struct making making; /* large */
    making.cli = cli;
    enum rc rc = open_hardware(&making);
    if (rc == RC_OK)
        rc = run_once(&making);
    while (rc == RC_OK && making.practice_next && !making.ran_empty) {
        rc = turn_practice(cli);
        if (rc != RC_OK) {
            close_hardware(&making);
            return rc == RC_BUSY ? cli_fail(rc, "") : EXIT_REFUSED; /* the rest has been told */
        }
        rc = run_once(&making);
    }
    close_hardware(&making);
    return end_screens(&making, rc);
}

int main(int argc, char **argv)
{
    const struct cli_backends backends = {
        .clock = wall_clock(),
        .indicator = &indicator_bell,
        .screens = run_screens,
        .scanners = {[SCANNER_SERIAL] = &scanner_serial,
                     [SCANNER_SIM] = &scanner_sim,
                     [SCANNER_EVDEV] = &scanner_evdev,
                     [SCANNER_HIDPOS] = &scanner_hidpos},
        .finder = finder_linux,
        .places = {[PLACE_GPSD] = &place_gpsd, [PLACE_SIM] = &place_sim},
    };
    store_begin_process();
    return cli_main(&backends, argc, argv);
}
