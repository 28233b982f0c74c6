#include "sync/client/worker.h"
#include "sync/client/worker_socket.h"
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { BACKOFF_DOUBLINGS_MAX = 16, RUN_STEPS_MAX = 1000 * 1000 };

/* What somebody wants to know of one code. */
struct question {
    char key[CODE_KEY_MAX + 1];
    sync_told *told; /* NULL: nothing was asked */
    void *context;
};

struct sync_worker {
    struct sync_client *client;
    struct sync_store store;
    struct sync_transport transport;
    sync_notify *notify;
    void *context;
    long interval_ms;
    int wake_fd, ask_fd;
    int64_t have; /* of a snapshot, after the last step */
    atomic_bool paused, ending, quiet;
    struct worker_socket socket;
    pthread_mutex_t lock; /* of `question` */
    struct question question;
    pthread_t thread;
};

long sync_worker_backoff_ms(int failures, uint32_t random)
{
    assert(failures >= 1);
    int doublings = failures - 1 < BACKOFF_DOUBLINGS_MAX ? failures - 1 : BACKOFF_DOUBLINGS_MAX;
    long most = (long)WORKER_BACKOFF_FIRST_MS << doublings;
    if (most > WORKER_BACKOFF_MAX_MS)
        most = WORKER_BACKOFF_MAX_MS;
    return most / 2 + (long)(random % (uint32_t)(most - most / 2 + 1));
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void answer(struct sync_worker *worker)
{
    struct sync_trace trace = {.lines = NULL};
    pthread_mutex_lock(&worker->lock);
    struct question question = worker->question;
    worker->question.told = NULL;
    pthread_mutex_unlock(&worker->lock);
    if (!question.told)
        return;
    enum rc rc =
        atomic_load(&worker->paused) ? RC_NET : sync_trace(&worker->store, &worker->transport, question.key, &trace);
    question.told(question.context, question.key, rc, &trace);
    sync_trace_free(&trace);
}

/* What a run came to. */
struct run {
    int64_t retry_s; /* how long the server wants to be left alone */
    bool moved;      /* something came over, whatever happened then */
};

/* Steps until idle, an error, a pause or the end. */
static enum rc run(struct sync_worker *worker, struct run *ret_run)
{
    *ret_run = (struct run){.retry_s = 0};
    for (long steps = 0; steps < RUN_STEPS_MAX; steps++) {
        if (atomic_load(&worker->ending) || atomic_load(&worker->paused))
            return RC_NET;
        answer(worker); /* who waits for it waits for no more than a step */
        struct sync_progress progress;
        enum rc rc = sync_step(worker->client, &progress);
        if (worker->notify)
            worker->notify(worker->context, &progress);
        ret_run->retry_s = progress.retry_s;
        ret_run->moved |= rc == RC_OK || progress.snapshot_have > worker->have;
        worker->have = progress.snapshot_have;
        if (rc != RC_OK || progress.phase == SYNC_IDLE)
            return rc;
    }
    return RC_TIMEOUT;
}

/* Until somebody wakes or asks, or the deadline; true when somebody did. */
static bool wait_until(struct sync_worker *worker, int64_t deadline_ms)
{
    int64_t left = deadline_ms - now_ms();
    struct pollfd waits[] = {{.fd = worker->wake_fd, .events = POLLIN},
                             {.fd = worker_socket_fd(&worker->socket), .events = POLLIN},
                             {.fd = worker->ask_fd, .events = POLLIN}};
    int timeout = left < 0 ? 0 : left > WORKER_BACKOFF_MAX_MS ? WORKER_BACKOFF_MAX_MS : (int)left;
    if (poll(waits, sizeof(waits) / sizeof(waits[0]), atomic_load(&worker->paused) ? -1 : timeout) <= 0)
        return false;
    uint64_t count;
    if (waits[0].revents)
        (void)!read(worker->wake_fd, &count, sizeof(count));
    if (waits[1].revents)
        worker_socket_accept(&worker->socket);
    if (waits[2].revents)
        (void)!read(worker->ask_fd, &count, sizeof(count));
    return waits[0].revents || waits[1].revents;
}

/* Until it goes by itself again. */
static int64_t pause_ms(struct sync_worker *worker, int failures, int64_t retry_s)
{
    int64_t pause = failures ? sync_worker_backoff_ms(failures, randombytes_random()) : worker->interval_ms;
    if (atomic_load(&worker->quiet))
        pause *= WORKER_QUIET_FACTOR;
    return pause < retry_s * 1000 ? retry_s * 1000 : pause;
}

static void *work(void *context)
{
    struct sync_worker *worker = context;
    int64_t deadline_ms = now_ms(); /* at once */
    int failures = 0;
    while (!atomic_load(&worker->ending)) {
        bool woken = wait_until(worker, deadline_ms);
        if (!atomic_load(&worker->ending))
            answer(worker);
        if (atomic_load(&worker->ending) || (!woken && now_ms() < deadline_ms))
            continue;
        int askers = worker->socket.asker_count; /* those who come while we run are told after the next run */
        if (atomic_load(&worker->paused)) {
            worker_socket_answer(&worker->socket, askers, RC_NET);
            continue;
        }
        struct run ran;
        enum rc rc = run(worker, &ran);
        worker_socket_answer(&worker->socket, askers, rc);
        failures = rc == RC_OK ? 0
                   : ran.moved ? 1
                               : failures + 1; /* a link that is cut again and again does move on */
        deadline_ms = now_ms() + pause_ms(worker, failures, ran.retry_s);
    }
    return NULL;
}

static void worker_free(struct sync_worker *worker)
{
    worker_socket_close(&worker->socket);
    if (worker->wake_fd >= 0)
        close(worker->wake_fd);
    if (worker->ask_fd >= 0)
        close(worker->ask_fd);
    pthread_mutex_destroy(&worker->lock);
    sync_client_free(worker->client);
    free(worker);
}

enum rc sync_worker_start(const struct sync_store *store, const struct sync_transport *transport, long interval_ms,
                          const char *socket_path, sync_notify *notify, void *context,
                          struct sync_worker **ret_worker)
{
    struct sync_worker *worker = calloc(1, sizeof(*worker));
    if (!worker)
        return RC_NOMEM;
    worker->socket.listener = -1;
    worker->notify = notify;
    worker->context = context;
    worker->interval_ms = interval_ms;
    worker->store = *store;
    worker->transport = *transport;
    pthread_mutex_init(&worker->lock, NULL);
    atomic_init(&worker->paused, false);
    atomic_init(&worker->ending, false);
    atomic_init(&worker->quiet, false);
    worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    worker->ask_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum rc rc =
        worker->wake_fd < 0 || worker->ask_fd < 0 ? RC_IO : sync_client_new(store, transport, &worker->client);
    if (rc != RC_OK)
        goto fail;
    /* A folder that can't hold a socket (a stick) can still be synced: only nobody can ask for it from outside. */
    if (socket_path)
        (void)!worker_socket_open(socket_path, &worker->socket);
    if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
        rc = RC_NOMEM;
        goto fail;
    }
    *ret_worker = worker;
    return RC_OK;
fail:
    worker_free(worker);
    return rc;
}

void sync_worker_wake(struct sync_worker *worker)
{
    uint64_t one = 1;
    (void)!write(worker->wake_fd, &one, sizeof(one));
}

void sync_worker_trace(struct sync_worker *worker, const char *key, sync_told *told, void *context)
{
    uint64_t one = 1;
    pthread_mutex_lock(&worker->lock);
    snprintf(worker->question.key, sizeof(worker->question.key), "%s", key);
    worker->question.told = told;
    worker->question.context = context;
    pthread_mutex_unlock(&worker->lock);
    (void)!write(worker->ask_fd, &one, sizeof(one));
}

void sync_worker_pause(struct sync_worker *worker, bool paused)
{
    atomic_store(&worker->paused, paused);
    sync_worker_wake(worker);
}

void sync_worker_quiet(struct sync_worker *worker, bool quiet)
{
    atomic_store(&worker->quiet, quiet);
}

void sync_worker_stop(struct sync_worker *worker)
{
    if (!worker)
        return;
    atomic_store(&worker->ending, true);
    sync_worker_wake(worker);
    pthread_join(worker->thread, NULL);
    worker_free(worker);
}
