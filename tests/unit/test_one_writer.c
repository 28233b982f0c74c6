/* Each database file has one connection that writes it and one that checkpoints it: the journal's is the screen thread's, a catalog
 * file's the sync thread's, the server's its own. Counted below SQLite, while the real engine scans and the real worker syncs with the
 * real server: with two, SQLite before 3.51.3 can lose what was committed. */
#include "app/catalog/over_file.h"
#include "app/store/catalogs.h"
#include "sync/client/worker.h"
#include "tests/unit/linked_world.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum {
    SEEN_MAX = 64,
    NAME_BYTES = 64,
    SCANS = 60,
    WAKE_EVERY = 5,
    SETTLE_EVERY = 20,
    WAIT_S = 60,
    HOUR_MS = 3600 * 1000
};

static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"D\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Kit\",\"gtin\":[\"05901234123457\"],\"control\":\"item\"}\n"
    "{\"type\":\"codes\",\"product\":\"B\",\"lot\":null,\"first\":\"(01)05901234123457(21)S000001\","
    "\"last\":\"(01)05901234123457(21)S000999\",\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,1\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"state\":"
    "\"open\","
    "\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"lines\":[{\"line\":\"1\",\"product\":\"B\",\"qty\":\"900\"}]}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,"
    "\"pin\":\"2468\"}\n";

/* ---- a VFS that counts ---- */

struct file {
    struct over_file over;
    int handle;
    char name[NAME_BYTES];
};

/* Who wrote which file. */
struct seen {
    int handle;
    pthread_t thread;
    char name[NAME_BYTES];
};

static struct {
    pthread_mutex_t mutex;
    sqlite3_vfs vfs, *real;
    sqlite3_io_methods methods;
    int handles, count;
    struct seen seen[SEEN_MAX];
} counter = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void note(const struct file *file)
{
    int i = 0;
    pthread_mutex_lock(&counter.mutex);
    while (i < counter.count &&
           (counter.seen[i].handle != file->handle || !pthread_equal(counter.seen[i].thread, pthread_self())))
        i++;
    if (i == counter.count && i < SEEN_MAX) {
        counter.seen[counter.count++] = (struct seen){.handle = file->handle, .thread = pthread_self()};
        memcpy(counter.seen[i].name, file->name, sizeof file->name);
    }
    pthread_mutex_unlock(&counter.mutex);
}

static int count_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    struct file *counted = (struct file *)file;
    note(counted);
    return counted->over.real->pMethods->xWrite(counted->over.real, bytes, len, offset);
}

static int count_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct file *counted = (struct file *)file;
    note(counted);
    return counted->over.real->pMethods->xTruncate(counted->over.real, size);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    struct file *counted = (struct file *)file;
    (void)vfs;
    if (!(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return counter.real->xOpen(counter.real, name, file, flags, ret_flags);
    memset(counted, 0, sizeof *counted);
    counted->over.real = (sqlite3_file *)(counted + 1);
    int code = counter.real->xOpen(counter.real, name, counted->over.real, flags, ret_flags);
    if (code != SQLITE_OK)
        return code;
    const char *base = strrchr(name, '/');
    snprintf(counted->name, sizeof counted->name, "%s", base ? base + 1 : name);
    pthread_mutex_lock(&counter.mutex);
    counted->handle = ++counter.handles;
    pthread_mutex_unlock(&counter.mutex);
    counted->over.base.pMethods = &counter.methods;
    return SQLITE_OK;
}

/* Before anybody opens a database: the programs' own VFSs stand over it. */
static int begin_counting(void **state)
{
    (void)state;
    counter.real = sqlite3_vfs_find(NULL);
    counter.vfs = *counter.real;
    counter.vfs.pNext = NULL;
    counter.vfs.zName = "count";
    counter.vfs.szOsFile = (int)sizeof(struct file) + counter.real->szOsFile;
    counter.vfs.xOpen = open_file;
    counter.methods = over_file_methods();
    counter.methods.xWrite = count_write;
    counter.methods.xTruncate = count_truncate;
    return sqlite3_vfs_register(&counter.vfs, 1) == SQLITE_OK ? 0 : -1;
}

static void forget(void)
{
    pthread_mutex_lock(&counter.mutex);
    counter.count = 0;
    pthread_mutex_unlock(&counter.mutex);
}

/* Connections that wrote this very file; *ret_threads: on how many threads, *ret_thread: one of them. */
static int writers(const char *name, int *ret_threads, pthread_t *ret_thread)
{
    int handles = 0, threads = 0;
    for (int i = 0; i < counter.count; i++) {
        bool other_handle = true, other_thread = true;
        if (strcmp(counter.seen[i].name, name) != 0)
            continue;
        for (int before = 0; before < i; before++) {
            if (strcmp(counter.seen[before].name, name) != 0)
                continue;
            other_handle &= counter.seen[before].handle != counter.seen[i].handle;
            other_thread &= !pthread_equal(counter.seen[before].thread, counter.seen[i].thread);
        }
        handles += other_handle;
        threads += other_thread;
        *ret_thread = counter.seen[i].thread;
    }
    *ret_threads = threads;
    return handles;
}

/* One connection writes the log, one copies it into the database, both on this thread. */
static void has_one_writer(const char *database, bool mine)
{
    char log[NAME_BYTES + 8];
    pthread_t thread;
    int threads;
    snprintf(log, sizeof log, "%s-wal", database);
    const char *const names[] = {log, database};
    for (int i = 0; i < 2; i++) {
        int handles = writers(names[i], &threads, &thread);
        if (handles != 1 || threads != 1)
            fail_msg("FAILED: %s: written by %d connections on %d threads", names[i], handles, threads);
        assert_int_equal(pthread_equal(thread, pthread_self()) != 0, mine);
    }
}

/* ---- a burst of scans, and a sync meanwhile ---- */

struct told {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int64_t pushed;
    int idles;
};

static void notify(void *context, const struct sync_progress *progress)
{
    struct told *told = context;
    pthread_mutex_lock(&told->mutex);
    told->pushed = progress->pushed;
    told->idles += progress->phase == SYNC_IDLE && progress->rc == RC_OK;
    pthread_cond_broadcast(&told->changed);
    pthread_mutex_unlock(&told->mutex);
}

static void wait_for_idle(struct told *told, int idles)
{
    struct timespec end;
    int rc = 0;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += WAIT_S;
    pthread_mutex_lock(&told->mutex);
    while (told->idles < idles && rc == 0)
        rc = pthread_cond_timedwait(&told->changed, &told->mutex, &end);
    bool reached = told->idles >= idles;
    pthread_mutex_unlock(&told->mutex);
    assert_true(reached);
}

static int idles_of(struct told *told)
{
    pthread_mutex_lock(&told->mutex);
    int idles = told->idles;
    pthread_mutex_unlock(&told->mutex);
    return idles;
}

/* Somebody looks at the folder beside it, as `tallyman status` does. */
static void look_in(const struct linked_world *world)
{
    struct store_counts counts;
    struct store *beside;
    assert_int_equal(store_open_read(world->device.dir, &beside), RC_OK);
    assert_int_equal(store_counts(beside, &counts), RC_OK);
    store_close(beside);
}

static void burst(struct linked_world *world, struct told *told)
{
    struct sync_transport transport = linked_world_transport(world);
    struct sync_worker *worker = NULL;
    char text[64];
    assert_int_equal(sync_worker_start(&world->device.sync, &transport, HOUR_MS, NULL, notify, told, &worker), RC_OK);
    for (int i = 1; i <= SCANS; i++) {
        snprintf(text, sizeof text, "]C1010590123412345721S%06d", i);
        engine_world_expect(&world->device, "SO-1", text, "ok", "accept");
        if (i % WAKE_EVERY == 0)
            sync_worker_wake(worker);
        if (i % SETTLE_EVERY == 0) {
            store_settle(engine_store(world->device.engine));
            look_in(world);
        }
    }
    int before = idles_of(told);
    sync_worker_wake(worker);
    wait_for_idle(told, before + 1);
    sync_worker_stop(worker);
    assert_true(told->pushed >= SCANS);
}

static void one_writer_and_one_checkpointer(void **state)
{
    static struct linked_world world;
    static struct told told = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct sync_state about;
    (void)state;
    linked_world_open(&world, FEED);
    forget();
    burst(&world, &told);
    has_one_writer("journal.db", true);
    struct catalogs_mark mark;
    pthread_t thread;
    int threads;
    char log[NAME_BYTES + 8];
    assert_int_equal(catalogs_current(world.device.dir, &mark), RC_OK);
    snprintf(log, sizeof log, "%s-wal", mark.name);
    assert_int_equal(writers(log, &threads, &thread), 1);
    assert_true(threads == 1 && !pthread_equal(thread, pthread_self()));
    assert_int_equal(writers("server.db-wal", &threads, &thread), 1);

    /* the reader is the last one to go: it leaves all as it is */
    assert_int_equal(world.device.sync.state(world.device.sync.context, &about), RC_OK);
    engine_world_scan(&world.device, "SO-1", "]C1010590123412345721S000900", 0);
    engine_close(world.device.engine);
    forget();
    syncport_close(world.device.port);
    int handles = writers("journal.db", &threads, &thread) + writers("journal.db-wal", &threads, &thread);
    if (handles != 0)
        fail_msg("FAILED: journal.db: a reader that closed it wrote it");

    /* all of it from the start, each checkpoint at the end included */
    engine_world_start(&world.device);
    assert_int_equal(writers("journal.db-wal", &threads, &thread) > 1, false);
    linked_world_close(&world);
    assert_true(writers("server.db", &threads, &thread) <= 1);
    assert_true(writers("journal.db", &threads, &thread) <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_writer_and_one_checkpointer)};
    return cmocka_run_group_tests(tests, begin_counting, NULL);
}
