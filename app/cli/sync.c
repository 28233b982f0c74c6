#include "app/cli/cli.h"
#include "app/cli/peer.h"
#include "app/cli/stop.h"
#include "app/text/text.h"
#include "app/text/transfer.h"
#include "sync/client/worker.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ASK_TIMEOUT_MS = 120000, PRUNE_STEPS = 50, MS_PER_DAY = 24 * 3600 * 1000 };

static int print_progress(const struct cli *cli, const struct sync_progress *progress)
{
    if (cli->json)
        return cli_print(json_pack("{s:I, s:I, s:I, s:I}", "pushed", (json_int_t)progress->pushed, "pulled",
                                   (json_int_t)progress->pulled, "refused", (json_int_t)progress->refused, "waiting",
                                   (json_int_t)progress->waiting));
    printf("pushed\t%lld\tpulled\t%lld\trefused\t%lld\twaiting\t%lld\n", (long long)progress->pushed,
           (long long)progress->pulled, (long long)progress->refused, (long long)progress->waiting);
    return cli_printed();
}

/* What people should know of, though nothing is to be done. */
static void say_led(const struct sync_progress *progress)
{
    if (progress->led)
        cli_error(
            _("this device was restored from a copy of its data: its records go on in another epoch, none is lost."));
    if (progress->missing)
        cli_error(_("the server was restored from a copy: %lld records that it had are nowhere any more."),
                  (long long)progress->missing);
}

/* In so many steps at most: the rest another time. */
static void drop_old(const struct cli *cli)
{
    struct store *store = engine_store(cli->engine);
    int64_t keep_ms = (int64_t)cli->config.keep_days * MS_PER_DAY, dropped = keep_ms ? 1 : 0;
    for (int step = 0; step < PRUNE_STEPS && dropped > 0; step++)
        if (store_prune(store, engine_now_ms(cli->engine, NULL), keep_ms, &dropped) != RC_OK)
            return;
}

/* The screens hold the folder: their sync is woken, and its word waited for. */
static int ask_running(const struct cli *cli, const struct store_owner *owner)
{
    char path[STORE_PATH_MAX + 16];
    enum rc result = RC_OK;
    snprintf(path, sizeof path, "%s/sync.sock", cli->dir);
    enum rc rc = sync_worker_ask(path, ASK_TIMEOUT_MS, &result);
    if (rc == RC_NOT_FOUND) {
        cli_error(_("%s: in use by another Tallyman: process %ld (%s)."), cli->dir, owner->pid, owner->what);
        return EXIT_REFUSED;
    }
    if (rc == RC_OK)
        rc = result;
    if (rc != RC_OK)
        return cli_fail(rc, cli->dir);
    if (cli->json)
        return cli_print(json_pack("{s:I}", "asked", (json_int_t)owner->pid));
    printf("asked\t%ld\n", owner->pid);
    return cli_printed();
}

/* ---- how far it is, for who looks on ---- */

/* One line that is written over; wiped when it is over. */
static void show(const struct sync_progress *progress, bool over)
{
    char fetched[TRANSFER_TEXT_MAX + 1], sent[TRANSFER_TEXT_MAX + 1];
    const struct transfer transfer = {progress->snapshot_have, progress->snapshot_size, progress->pulled,
                                      progress->pushed, progress->waiting};
    transfer_fetched(&transfer, fetched);
    transfer_sent(&transfer, sent);
    fprintf(stderr, "\r\033[K%s%s%s", over ? "" : fetched, !over && fetched[0] && sent[0] ? " · " : "",
            over ? "" : sent);
    fflush(stderr);
}

/* sync_run, seen by somebody. */
static enum rc sync_shown(struct sync_client *client, struct sync_progress *progress)
{
    enum rc rc;
    do {
        rc = sync_step(client, progress);
        show(progress, rc != RC_OK || progress->phase == SYNC_IDLE);
    } while (rc == RC_OK && progress->phase != SYNC_IDLE);
    return rc;
}

static enum rc sync_all(const struct cli *cli, struct sync_client *client, struct sync_progress *progress)
{
    bool seen = !cli->json && isatty(STDERR_FILENO);
    return seen ? sync_shown(client, progress) : sync_run(client, progress);
}

static int sync_once(const struct cli *cli, struct sync_client *client)
{
    struct sync_progress progress = {0};
    enum rc rc = sync_all(cli, client, &progress);
    say_led(&progress);
    return rc == RC_OK ? print_progress(cli, &progress) : peer_fail(rc, &progress);
}

/* What another try won't mend. */
static bool is_final(enum rc rc)
{
    return rc == RC_REVOKED || rc == RC_NOT_ENROLLED || rc == RC_FORK || rc == RC_CLONED;
}

static bool moved(const struct sync_progress *before, const struct sync_progress *now)
{
    return now->pushed != before->pushed || now->pulled != before->pulled || now->refused != before->refused ||
           now->waiting != before->waiting;
}

/* A line after the first sync and each that moved something, a sentence when what is wrong changes. */
static int watch(struct cli *cli, struct sync_client *client)
{
    struct sync_progress progress = {0}, before = {0};
    enum rc last = RC_TIMEOUT; /* none yet */
    int code = EXIT_DONE, stop_fd = stop_open();
    if (stop_fd < 0)
        return cli_fail(RC_IO, "");
    do {
        enum rc rc = sync_all(cli, client, &progress);
        if (rc != RC_OK && rc != last)
            peer_fail(rc, &progress);
        if (rc == RC_OK && (last != RC_OK || moved(&before, &progress)))
            code = print_progress(cli, &progress);
        before = progress;
        last = rc;
        if (is_final(rc))
            code = EXIT_REFUSED;
    } while (code == EXIT_DONE && !stop_wait(stop_fd, cli->config.sync_interval_ms));
    stop_close(stop_fd);
    return code;
}

static int run_sync(struct cli *cli, bool watching)
{
    struct peer peer;
    struct sync_client *client;
    struct sync_identity identity;
    enum rc rc = identity_load(cli->dir, &identity);
    if (rc == RC_NOT_ENROLLED || (rc == RC_OK && !identity.enrolled))
        return cli_fail(RC_NOT_ENROLLED, "");
    if (rc == RC_OK)
        rc = peer_open(cli->dir, PEER_TIMEOUT_MS, &peer);
    if (rc != RC_OK)
        return cli_fail(rc, cli->dir);
    rc = sync_client_new(&peer.store, &peer.transport, &client);
    int code = rc != RC_OK ? cli_fail(rc, "") : watching ? watch(cli, client) : sync_once(cli, client);
    if (rc == RC_OK)
        sync_client_free(client);
    peer_close(&peer);
    if (code == EXIT_DONE) /* it reads the catalog, and sync's connection must be the last: that empties its log */
        drop_old(cli);
    return code;
}

int cli_sync(struct cli *cli, int argc, char **argv)
{
    struct store_owner owner = {0};
    bool watching = argc == 2 && strcmp(argv[1], "--watch") == 0;
    if (argc > 1 && !watching)
        return cli_usage(cli);
    enum rc rc = cli_open(cli, &owner);
    if (rc == RC_BUSY)
        return ask_running(cli, &owner);
    return rc == RC_OK ? run_sync(cli, watching) : EXIT_REFUSED;
}
