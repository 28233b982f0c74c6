#include "app/engine/queue.h"
#include "app/domain/limits.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct queue {
    pthread_mutex_t mutex; /* guards all below but fd */
    pthread_cond_t room;
    int fd; /* readable while scans wait */
    bool closed, interrupted;
    uint32_t ticket;
    struct queue_counts counts;
    int first; /* of the scans in the ring */
    struct scan *ring[QUEUE_MAX];
};

enum rc queue_new(struct queue **ret_queue)
{
    struct queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return RC_NOMEM;
    queue->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (queue->fd < 0) {
        free(queue);
        return RC_IO;
    }
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->room, NULL);
    *ret_queue = queue;
    return RC_OK;
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    for (struct scan *scan = queue_pop(queue); scan; scan = queue_pop(queue))
        free(scan);
    close(queue->fd);
    pthread_cond_destroy(&queue->room);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

/* Locked. */
static void put(struct queue *queue, struct scan *scan)
{
    static const uint64_t one = 1;
    queue->ring[(queue->first + queue->counts.waiting) % QUEUE_MAX] = scan;
    queue->counts.pushed++;
    if (queue->counts.waiting++ == 0) {
        ssize_t ignored = write(queue->fd, &one, sizeof one); /* its count is 0: it can't be full */
        (void)ignored;
    }
}

static enum rc push(struct queue *queue, struct scan *scan, bool wait)
{
    enum rc rc = RC_OK;
    pthread_mutex_lock(&queue->mutex);
    scan->ticket = queue->ticket; /* of its arrival, not of the moment when there is room */
    if (queue->counts.waiting == QUEUE_MAX && wait)
        queue->counts.full_waits++;
    while (queue->counts.waiting == QUEUE_MAX && wait && !queue->closed && !queue->interrupted)
        pthread_cond_wait(&queue->room, &queue->mutex);
    if (queue->closed)
        rc = RC_DISCONNECTED;
    else if (queue->counts.waiting == QUEUE_MAX)
        rc = RC_TIMEOUT;
    else
        put(queue, scan);
    pthread_mutex_unlock(&queue->mutex);
    return rc;
}

enum rc queue_push(struct queue *queue, struct scan *scan)
{
    return push(queue, scan, true);
}

enum rc queue_offer(struct queue *queue, struct scan *scan)
{
    return push(queue, scan, false);
}

struct scan *queue_pop(struct queue *queue)
{
    struct scan *scan = NULL;
    pthread_mutex_lock(&queue->mutex);
    if (queue->counts.waiting > 0) {
        scan = queue->ring[queue->first];
        queue->first = (queue->first + 1) % QUEUE_MAX;
        queue->counts.popped++;
        if (--queue->counts.waiting == 0) {
            uint64_t count;
            ssize_t ignored = read(queue->fd, &count, sizeof count);
            (void)ignored;
        }
        pthread_cond_signal(&queue->room);
    }
    pthread_mutex_unlock(&queue->mutex);
    return scan;
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_broadcast(&queue->room);
    pthread_mutex_unlock(&queue->mutex);
}

void queue_interrupt(struct queue *queue, bool on)
{
    pthread_mutex_lock(&queue->mutex);
    queue->interrupted = on;
    pthread_cond_broadcast(&queue->room);
    pthread_mutex_unlock(&queue->mutex);
}

void queue_set_ticket(struct queue *queue, uint32_t ticket)
{
    pthread_mutex_lock(&queue->mutex);
    queue->ticket = ticket;
    pthread_mutex_unlock(&queue->mutex);
}

int queue_fd(const struct queue *queue)
{
    return queue->fd;
}

void queue_counts(struct queue *queue, struct queue_counts *ret_counts)
{
    pthread_mutex_lock(&queue->mutex);
    *ret_counts = queue->counts;
    pthread_mutex_unlock(&queue->mutex);
}
