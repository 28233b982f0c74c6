#include "app/cli/sources.h"
#include "app/cli/stop.h"
#include "app/text/text.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000 };

/* From the reader thread, through a pipe: it must not wait for standard error. */
struct event {
    int scanner;
    enum scanner_state state;
};

struct sources {
    const struct clock *clock;
    struct sources_request request;
    struct queue *queue;
    struct reader *reader;
    int stop_fd, event_fds[2];
    int64_t taken, last_ms;
    bool idle_told;
    struct reader_status told[READER_SCANNERS_MAX];
};

static const char *const STATES[] = {
    [SCANNER_ABSENT] = N_("not there; scanning goes on when it comes"),
    [SCANNER_READY] = N_("ready"),
    [SCANNER_DENIED] = N_("not permitted"),
    [SCANNER_FAILED] = N_("this device can't be used"),
    [SCANNER_BUSY] = N_("in use by another program"),
};

bool sources_option(int argc, char **argv, int *at, struct sources_request *request)
{
    if (*at + 1 >= argc)
        return false;
    const char *name = argv[*at], *value = argv[*at + 1];
    bool good = false;
    if (strcmp(name, "--count") == 0)
        good = cli_number(value, &request->max);
    else if (strcmp(name, "--idle") == 0)
        good = cli_number(value, &request->idle_ms);
    else if (strcmp(name, "--scanner") == 0 && request->count < READER_SCANNERS_MAX &&
             config_scanner(value, &request->scanners[request->count]) == RC_OK)
        good = ++request->count > 0;
    *at += good;
    return good;
}

static int64_t now_ms(const struct sources *sources)
{
    return sources->clock->mono_ns(sources->clock->context) / NS_PER_MS;
}

static void on_event(void *context, int scanner, enum scanner_state state)
{
    struct sources *sources = context;
    const struct event event = {scanner, state};
    ssize_t ignored = write(sources->event_fds[1], &event, sizeof event); /* full: a word less on standard error */
    (void)ignored;
}

static void tell_events(struct sources *sources)
{
    struct event event;
    struct reader_status status[READER_SCANNERS_MAX];
    reader_status(sources->reader, status);
    while (read(sources->event_fds[0], &event, sizeof event) == (ssize_t)sizeof event) {
        struct reader_status *told = &sources->told[event.scanner], *now = &status[event.scanner];
        if (now->lost > told->lost)
            cli_error(_("scanner %s: only a part of a scan came; scan again."), now->name);
        if (now->repeats > told->repeats)
            cli_error(_("scanner %s: the same code again, not counted (%lld so far)."), now->name,
                      (long long)now->repeats);
        if (!told->used || told->state != event.state)
            cli_error(_("scanner %s: %s."), now->name, _(STATES[event.state]));
        *told = *now;
        told->state = event.state;
    }
}

enum rc cli_start_reader(const struct cli *cli, const struct config *config, struct queue *queue,
                         void (*events)(void *context, int scanner, enum scanner_state state), void *context,
                         struct reader **ret_reader, const char **ret_name)
{
    struct scanner *scanners[READER_SCANNERS_MAX];
    struct reader_finding finding = {.classes = cli->backends->scanners};
    bool finds = config_finds(config, &finding.as);
    int opened = 0;
    *ret_name = "";
    enum rc rc = finds ? cli->backends->finder(&finding.finder) : RC_OK;
    if (rc != RC_OK)
        return rc;
    for (int i = 0; i < config->scanner_count && rc == RC_OK; i++) {
        const struct scanner_options *options = &config->scanners[i];
        if (options->kind == SCANNER_AUTO)
            continue;
        rc = cli->backends->scanners[options->kind]->open(options, &scanners[opened]);
        *ret_name = rc == RC_OK ? "" : options->name;
        opened += rc == RC_OK;
    }
    if (rc == RC_OK)
        rc = reader_start(scanners, opened, finds ? &finding : NULL, queue, cli->backends->clock, events, context,
                          ret_reader);
    if (rc == RC_OK)
        return RC_OK;
    for (int i = 0; i < opened; i++)
        scanners[i]->class->close(scanners[i]);
    if (finds)
        finding.finder.close(finding.finder.context);
    return rc;
}

static int start_reader(struct cli *cli, struct sources *sources)
{
    const char *name = "";
    sources->stop_fd = stop_open();
    if (sources->stop_fd < 0 || pipe2(sources->event_fds, O_CLOEXEC | O_NONBLOCK))
        return cli_fail(RC_IO, "");
    struct config config = cli->config;
    if (sources->request.count > 0) { /* in place of the configuration's */
        config.scanner_count = sources->request.count;
        memcpy(config.scanners, sources->request.scanners, sizeof config.scanners);
    }
    enum rc rc = queue_new(&sources->queue);
    if (rc == RC_OK)
        rc = cli_start_reader(cli, &config, sources->queue, on_event, sources, &sources->reader, &name);
    return rc == RC_OK ? EXIT_DONE : cli_fail(rc, name);
}

int sources_open(struct cli *cli, const struct sources_request *request, struct sources **ret_sources)
{
    struct sources *sources = calloc(1, sizeof *sources);
    if (!sources)
        return cli_fail(RC_NOMEM, "");
    sources->clock = cli->backends->clock;
    sources->request = *request;
    sources->stop_fd = sources->event_fds[0] = sources->event_fds[1] = -1;
    int code = start_reader(cli, sources);
    if (code != EXIT_DONE) {
        sources_close(sources);
        return code;
    }
    sources->last_ms = now_ms(sources);
    *ret_sources = sources;
    return EXIT_DONE;
}

void sources_close(struct sources *sources)
{
    if (!sources)
        return;
    reader_stop(sources->reader);
    queue_free(sources->queue);
    stop_close(sources->stop_fd);
    for (size_t i = 0; i < sizeof sources->event_fds / sizeof sources->event_fds[0]; i++)
        if (sources->event_fds[i] >= 0)
            close(sources->event_fds[i]);
    free(sources);
}

struct queue *sources_queue(struct sources *sources)
{
    return sources->queue;
}

void sources_name(const struct sources *sources, int source, char *ret_name)
{
    struct reader_status status[READER_SCANNERS_MAX];
    reader_status(sources->reader, status);
    bool known = source > 0 && source <= READER_SCANNERS_MAX;
    snprintf(ret_name, SCANNER_NAME_MAX + 1, "%s", known ? status[source - 1].name : "");
}

/* Until housekeeping or the end is due, whichever comes first; -1 for ever. */
static int wait_ms(const struct sources *sources)
{
    int64_t due = INT32_MAX;
    if (!sources->idle_told)
        due = STORE_IDLE_MS;
    if (sources->request.idle_ms && sources->request.idle_ms < due)
        due = sources->request.idle_ms;
    if (due == INT32_MAX)
        return -1;
    int64_t left = due - (now_ms(sources) - sources->last_ms);
    return left < 0 ? 0 : (int)left;
}

/* RC_OK: look again. */
static enum rc wait_for(struct sources *sources)
{
    struct pollfd fds[] = {{.fd = queue_fd(sources->queue), .events = POLLIN},
                           {.fd = sources->event_fds[0], .events = POLLIN},
                           {.fd = sources->stop_fd, .events = POLLIN}};
    int ready = poll(fds, sizeof fds / sizeof fds[0], wait_ms(sources));
    if (ready > 0 && fds[1].revents)
        tell_events(sources);
    if (ready > 0)
        return fds[2].revents && !fds[0].revents ? RC_DISCONNECTED : RC_OK; /* what has come is judged */
    int64_t passed = now_ms(sources) - sources->last_ms;
    if (sources->request.idle_ms && passed >= sources->request.idle_ms)
        return RC_DISCONNECTED;
    if (sources->idle_told || passed < STORE_IDLE_MS)
        return RC_OK;
    sources->idle_told = true;
    return RC_TIMEOUT;
}

enum rc sources_next(struct sources *sources, struct scan **ret_scan)
{
    if (sources->request.max && sources->taken == sources->request.max)
        return RC_DISCONNECTED;
    struct scan *scan = queue_pop(sources->queue);
    while (!scan) {
        enum rc rc = wait_for(sources);
        if (rc != RC_OK)
            return rc;
        scan = queue_pop(sources->queue);
    }
    sources->taken++;
    sources->last_ms = now_ms(sources);
    sources->idle_told = false;
    *ret_scan = scan;
    return RC_OK;
}
