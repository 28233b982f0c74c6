/* Scanners for a command: reader thread and queue, what happens to the scanners told on standard error, and a clean end
 * on SIGINT and SIGTERM. */
#ifndef TALLYMAN_CLI_SOURCES_H
#define TALLYMAN_CLI_SOURCES_H

#include "app/cli/cli.h"
#include "app/engine/queue.h"

struct sources_request {
    int count; /* of scanners; 0: those of the configuration */
    struct scanner_options scanners[READER_SCANNERS_MAX];
    int64_t max;     /* --count: scans, then the end; 0 no limit */
    int64_t idle_ms; /* --idle: the end after so long without a scan; 0 never */
};

/* Takes --scanner SPEC, --count N and --idle MS from argv[*at] on; false: it is none of these, or its value is wrong. */
bool sources_option(int argc, char **argv, int *at, struct sources_request *request);

struct sources;

/* The exit code; tells what fails. */
int sources_open(struct cli *cli, const struct sources_request *request, struct sources **ret_sources);
void sources_close(struct sources *sources);
struct queue *sources_queue(struct sources *sources);
/* Name of scan.source; ret_name holds SCANNER_NAME_MAX + 1. */
void sources_name(const struct sources *sources, int source, char *ret_name);

/* The next scan, the caller frees it. RC_TIMEOUT: nothing for STORE_IDLE_MS (once after each scan); RC_DISCONNECTED: the
 * end, by count, idle time or signal. */
enum rc sources_next(struct sources *sources, struct scan **ret_scan);

#endif
