/* Measures engine_scan against overwriting and syncing 4 KiB on the same disk, in turns. Run by tests/bench/bench.
 *
 *   scan DIR DOC <SCANS      the folder has been provisioned (tallyman import)
 *   scan DIR <DOC TAB SCAN   only scans, and tells nothing: to fill a journal
 *
 * Prints a line a measurement: `scan NS COMMITS REASON`, `base NS`, `bare NS` (one row of a record's length into a
 * database of SQLite's own making, WAL and synchronous=FULL: the least that a scan could take), and after each block of them `block
 * CHECKPOINTS PAGES`: how many the product made while scanning (asking more often would disturb what is measured), and
 * how many pages went to the journal's log. */
#include "app/domain/code.h"
#include "app/engine/engine.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 25, PAGE = 4096, BODY_BYTES = 560, LINE_MAX_BYTES = 4 * SCAN_MAX + DOC_MAX, IDLE_EVERY = 4096 };

static long commits;
static sqlite3 *journal;

static int count_commit(void *context)
{
    (void)context;
    commits++;
    return 0;
}

/* SQLite calls this for each connection that the product opens. */
static int watch_commits(sqlite3 *db, char **ret_error, const struct sqlite3_api_routines *api)
{
    (void)ret_error;
    (void)api;
    const char *name = sqlite3_db_filename(db, "main"), *file = name ? strrchr(name, '/') : NULL;
    if (file && strcmp(file, "/journal.db") == 0)
        journal = db;
    sqlite3_commit_hook(db, count_commit, NULL);
    return SQLITE_OK;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void give_up(const char *what)
{
    fprintf(stderr, "scan: %s\n", what);
    exit(1);
}

static int64_t checkpoints(struct engine *engine)
{
    struct store_counts counts;
    return store_counts(engine_store(engine), &counts) ? 0 : counts.checkpoints;
}

static int pages_written(void)
{
    int pages = 0, none;
    sqlite3_db_status(journal, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &none, 0);
    return pages;
}

static struct scan *read_scan(const char *line)
{
    uint8_t bytes[SCAN_MAX];
    size_t len;
    if (code_unescape(line, sizeof bytes, bytes, &len))
        return NULL;
    struct scan *scan = scan_new(bytes, len);
    scan->mono_ns = now_ns();
    scan->wall_ms = (int64_t)time(NULL) * 1000;
    return scan;
}

static bool measure_scan(struct engine *engine, const char *doc, const char *line)
{
    struct outcome outcome;
    struct scan *scan = read_scan(line);
    if (!scan)
        return false;
    commits = 0;
    int64_t start = now_ns();
    enum rc rc = engine_scan(engine, doc, scan, 0, &outcome);
    int64_t took = now_ns() - start;
    free(scan);
    if (rc)
        give_up(rc_word(rc));
    printf("scan %lld %ld %s\n", (long long)took, commits, reason_word(outcome.verdict.reason));
    return true;
}

static void measure_base(int fd)
{
    static char page[PAGE];
    int64_t start = now_ns();
    memcpy(page, &start, sizeof start);
    if (pwrite(fd, page, PAGE, 0) != PAGE || fdatasync(fd))
        give_up("can't write the page");
    printf("base %lld\n", (long long)(now_ns() - start));
}

static int open_page(const char *dir)
{
    char path[STORE_PATH_MAX + 16], page[PAGE] = {0};
    snprintf(path, sizeof path, "%s.page", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || pwrite(fd, page, PAGE, 0) != PAGE || fsync(fd))
        give_up("can't make the page");
    return fd;
}

/* ---- a bare insert ---- */

struct bare {
    sqlite3 *db;
    sqlite3_stmt *insert;
};

static void open_bare(const char *dir, struct bare *bare)
{
    char path[STORE_PATH_MAX + 16];
    static const char *const make =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
        "CREATE TABLE IF NOT EXISTS record(seq INTEGER PRIMARY KEY, body TEXT)";
    snprintf(path, sizeof path, "%s.bare", dir);
    if (sqlite3_open_v2(path, &bare->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) ||
        sqlite3_exec(bare->db, make, NULL, NULL, NULL) ||
        sqlite3_prepare_v3(bare->db, "INSERT INTO record(body) VALUES(?1)", -1, SQLITE_PREPARE_PERSISTENT,
                           &bare->insert, NULL))
        give_up("can't make the bare database");
}

static void measure_bare(struct bare *bare)
{
    static char body[BODY_BYTES];
    memset(body, 'x', sizeof body);
    int64_t start = now_ns();
    sqlite3_bind_text(bare->insert, 1, body, sizeof body, SQLITE_STATIC);
    if (sqlite3_step(bare->insert) != SQLITE_DONE || sqlite3_reset(bare->insert) != SQLITE_OK)
        give_up("can't insert the bare row");
    printf("bare %lld\n", (long long)(now_ns() - start));
}

static void close_bare(struct bare *bare)
{
    sqlite3_finalize(bare->insert);
    sqlite3_close(bare->db);
}

static struct engine *open_engine(const char *dir)
{
    struct engine *engine;
    struct store_owner owner;
    int64_t wait_ms;
    const char *pin = getenv("TALLYMAN_PIN");
    struct engine_options options = {.dir = dir, .what = "bench", .site = "CDB", .clock = clock_system()};
    store_begin_process();
    sqlite3_auto_extension((void (*)(void))watch_commits);
    enum rc rc = engine_open(&options, &engine, &owner);
    if (!rc)
        rc = engine_sign_in(engine, "bench", pin ? pin : "", &wait_ms);
    if (rc)
        give_up(rc_word(rc));
    return engine;
}

/* Each has to count: a journal of rejects would be another one. */
static void fill(struct engine *engine)
{
    static char line[LINE_MAX_BYTES];
    static struct outcome outcome;
    while (fgets(line, sizeof line, stdin)) {
        char *text = strchr(line, '\t'), doc[DOC_MAX + 1];
        line[strcspn(line, "\n")] = '\0';
        if (!text)
            give_up("no document in front of the scan");
        *text++ = '\0';
        struct scan *scan = read_scan(text);
        enum rc rc = scan ? store_document_name(engine_store(engine), line, doc) : RC_BAD_INPUT;
        if (rc == RC_OK)
            rc = engine_scan(engine, doc, scan, 0, &outcome);
        free(scan);
        if (rc || outcome.verdict.severity > SEVERITY_WARN)
            give_up(rc ? rc_word(rc) : reason_word(outcome.verdict.reason));
        if (outcome.seq % IDLE_EVERY == 0)
            store_idle(engine_store(engine));
    }
}

int main(int argc, char **argv)
{
    static char line[LINE_MAX_BYTES];
    char doc[DOC_MAX + 1];
    if (argc != 2 && argc != 3)
        give_up("usage: scan DIR DOC <SCANS; scan DIR <DOC TAB SCAN");
    struct engine *engine = open_engine(argv[1]);
    if (argc == 2) {
        fill(engine);
        engine_close(engine);
        return 0;
    }
    int page = open_page(argv[1]);
    struct bare bare;
    open_bare(argv[1], &bare);
    if (engine_open_document(engine, argv[2], doc))
        give_up("no such document");
    bool more = true;
    while (more) {
        int64_t before = checkpoints(engine);
        int pages = pages_written();
        for (int n = 0; n < BLOCK && more; n++) {
            more = fgets(line, sizeof line, stdin) != NULL;
            line[strcspn(line, "\n")] = '\0';
            more = more && measure_scan(engine, doc, line);
        }
        printf("block %lld %d\n", (long long)(checkpoints(engine) - before), pages_written() - pages);
        for (int n = 0; n < BLOCK; n++)
            measure_base(page);
        for (int n = 0; n < BLOCK; n++)
            measure_bare(&bare);
        sqlite3_wal_checkpoint_v2(bare.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        store_idle(engine_store(engine)); /* the pause that a hand makes, outside the measurement */
    }
    engine_close(engine);
    close_bare(&bare);
    close(page);
    return 0;
}
