/* Scans while a snapshot is fetched and swapped in, for tests/bench/bench.
 *
 *   swap DIR DOC <SCANS      the folder is provisioned and enrolled
 *
 * Prints a line a scan: PHASE NS BASE_NS; the phase is `alone`, `fetch` or `after`, the base overwriting and syncing 4 KiB
 * on the same disk, in turns. Then `fetched MS`: from the start of the sync to the swap. */
#include "app/domain/code.h"
#include "app/engine/engine.h"
#include "app/store/syncport.h"
#include "sync/client/transport_http.h"
#include "sync/client/worker.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    ALONE = 1000,
    AFTER = 300,
    BLOCK = 25,
    PAGE = 4096,
    LINE_BYTES = 4 * SCAN_MAX,
    TIMEOUT_MS = 30000,
    DAY_MS = 86400000
};

static atomic_bool swapped;

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void demand(enum rc rc, const char *what)
{
    if (rc == RC_OK)
        return;
    fprintf(stderr, "swap: %s: %s\n", what, rc_word(rc));
    exit(1);
}

static struct scan *read_scan(char *line)
{
    uint8_t bytes[SCAN_MAX];
    size_t len;
    line[strcspn(line, "\n")] = '\0';
    demand(code_unescape(line, sizeof bytes, bytes, &len), line);
    struct scan *scan = scan_new(bytes, len);
    scan->mono_ns = now_ns();
    scan->wall_ms = (int64_t)time(NULL) * 1000;
    return scan;
}

static int64_t measure_base(int fd)
{
    static char page[PAGE];
    int64_t start = now_ns();
    memcpy(page, &start, sizeof start);
    demand(pwrite(fd, page, PAGE, 0) == PAGE && fdatasync(fd) == 0 ? RC_OK : RC_IO, "the page");
    return now_ns() - start;
}

/* False: no more scans. */
static bool scan_one(struct engine *engine, const char *doc, int page, const char *phase)
{
    static char line[LINE_BYTES];
    static struct outcome outcome;
    static long count;
    if (!fgets(line, sizeof line, stdin))
        return false;
    struct scan *scan = read_scan(line);
    int64_t start = now_ns();
    demand(engine_scan(engine, doc, scan, 0, &outcome), "a scan");
    int64_t took = now_ns() - start;
    free(scan);
    demand(outcome.verdict.severity == SEVERITY_ACCEPT ? RC_OK : RC_REFUSED, reason_word(outcome.verdict.reason));
    printf("%s %lld %lld\n", phase, (long long)took, (long long)measure_base(page));
    if (++count % BLOCK == 0)
        store_idle(engine_store(engine)); /* the pause that a hand makes */
    return true;
}

static void heard(void *context, const struct sync_progress *progress)
{
    (void)context;
    if (progress->snapshots > 0)
        atomic_store(&swapped, true);
    if (progress->rc != RC_OK)
        fprintf(stderr, "swap: sync: %s %s\n", rc_word(progress->rc), progress->detail);
}

static struct engine *open_engine(const char *dir)
{
    struct engine *engine;
    struct store_owner owner;
    int64_t wait_ms;
    const char *pin = getenv("TALLYMAN_PIN");
    struct engine_options options = {.dir = dir, .what = "bench", .site = "CDB", .clock = clock_system()};
    demand(engine_open(&options, &engine, &owner), dir);
    demand(engine_sign_in(engine, "bench", pin ? pin : "", &wait_ms), "signing in");
    return engine;
}

static int64_t scan_while_syncing(struct engine *engine, const char *dir, const char *doc, int page)
{
    struct transport_http *http;
    struct syncport *port;
    struct sync_worker *worker;
    demand(transport_http_new(TIMEOUT_MS, &http), "a transport");
    demand(syncport_open(dir, &port), dir);
    struct sync_store store = syncport_store(port);
    struct sync_transport transport = transport_http_port(http);
    int64_t start = now_ns(), end = 0;
    demand(sync_worker_start(&store, &transport, DAY_MS, NULL, heard, NULL, &worker), "the worker");
    while (!atomic_load(&swapped) && scan_one(engine, doc, page, "fetch"))
        ;
    end = now_ns();
    for (int n = 0; n < AFTER && scan_one(engine, doc, page, "after"); n++)
        ;
    transport_http_stop(http);
    sync_worker_stop(worker);
    syncport_close(port);
    transport_http_free(http);
    demand(atomic_load(&swapped) ? RC_OK : RC_TIMEOUT, "it was never swapped");
    return end - start;
}

static int scan_all(const char *dir, const char *no)
{
    char doc[DOC_MAX + 1], path[STORE_PATH_MAX + 16], page[PAGE] = {0};
    struct engine *engine = open_engine(dir);
    snprintf(path, sizeof path, "%s.page", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    demand(fd >= 0 && pwrite(fd, page, PAGE, 0) == PAGE && fsync(fd) == 0 ? RC_OK : RC_IO, path);
    demand(engine_open_document(engine, no, doc), no);
    for (int n = 0; n < ALONE && scan_one(engine, doc, fd, "alone"); n++)
        ;
    int64_t took = scan_while_syncing(engine, dir, doc, fd);
    printf("fetched %lld 0\n", (long long)(took / 1000000));
    engine_close(engine);
    close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return scan_all(argv[1], argv[2]);
    fprintf(stderr, "usage: swap DIR DOC <SCANS\n");
    return 2;
}
