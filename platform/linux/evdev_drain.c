#include "platform/linux/evdev_drain.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { READ_MAX = 64, FULL_WAIT_MS = 1 };

struct evdev_drain {
    int fd, stop_fd, news_fd;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    bool gone;
    size_t first, count;
    struct input_event ring[EVDEV_DRAIN_MAX];
};

static void tell(const struct evdev_drain *drain)
{
    static const uint64_t one = 1;
    ssize_t ignored = write(drain->news_fd, &one, sizeof one);
    (void)ignored;
}

static size_t room(struct evdev_drain *drain)
{
    pthread_mutex_lock(&drain->mutex);
    size_t room = EVDEV_DRAIN_MAX - drain->count;
    pthread_mutex_unlock(&drain->mutex);
    return room < READ_MAX ? room : READ_MAX;
}

static void put(struct evdev_drain *drain, const struct input_event *events, size_t count)
{
    pthread_mutex_lock(&drain->mutex);
    bool was_empty = drain->count == 0;
    for (size_t i = 0; i < count; i++)
        drain->ring[(drain->first + drain->count++) % EVDEV_DRAIN_MAX] = events[i];
    pthread_mutex_unlock(&drain->mutex);
    if (was_empty)
        tell(drain);
}

static void *run(void *context)
{
    struct evdev_drain *drain = context;
    struct input_event events[READ_MAX];
    struct pollfd fds[] = {{.fd = drain->stop_fd, .events = POLLIN}, {.fd = drain->fd, .events = POLLIN}};
    for (;;) { /* until told to stop, or there is no device any more */
        size_t max = room(drain);
        poll(fds, max ? 2 : 1, max ? -1 : FULL_WAIT_MS);
        if (fds[0].revents)
            return NULL;
        if (max == 0)
            continue;
        ssize_t got = read(drain->fd, events, max * sizeof events[0]);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got < (ssize_t)sizeof events[0])
            break;
        put(drain, events, (size_t)got / sizeof events[0]);
    }
    pthread_mutex_lock(&drain->mutex);
    drain->gone = true;
    pthread_mutex_unlock(&drain->mutex);
    tell(drain);
    return NULL;
}

/* Before everything else that this machine does, where we may: it is hardly ever awake. */
static void hurry(const struct evdev_drain *drain)
{
    const struct sched_param first = {.sched_priority = sched_get_priority_min(SCHED_RR)};
    pthread_setschedparam(drain->thread, SCHED_RR, &first);
}

enum rc evdev_drain_start(int fd, struct evdev_drain **ret_drain)
{
    struct evdev_drain *drain = calloc(1, sizeof *drain);
    if (!drain)
        return RC_NOMEM;
    drain->fd = fd;
    drain->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    drain->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&drain->mutex, NULL);
    if (drain->stop_fd < 0 || drain->news_fd < 0 || pthread_create(&drain->thread, NULL, run, drain)) {
        if (drain->stop_fd >= 0)
            close(drain->stop_fd);
        if (drain->news_fd >= 0)
            close(drain->news_fd);
        pthread_mutex_destroy(&drain->mutex);
        free(drain);
        return RC_NOMEM;
    }
    hurry(drain);
    *ret_drain = drain;
    return RC_OK;
}

void evdev_drain_stop(struct evdev_drain *drain)
{
    static const uint64_t one = 1;
    if (!drain)
        return;
    ssize_t ignored = write(drain->stop_fd, &one, sizeof one);
    (void)ignored;
    pthread_join(drain->thread, NULL);
    close(drain->stop_fd);
    close(drain->news_fd);
    pthread_mutex_destroy(&drain->mutex);
    free(drain);
}

int evdev_drain_fd(const struct evdev_drain *drain)
{
    return drain->news_fd;
}

enum rc evdev_drain_take(struct evdev_drain *drain, struct input_event *ret_events, size_t max, size_t *ret_count)
{
    uint64_t news;
    size_t count = 0;
    pthread_mutex_lock(&drain->mutex);
    for (; count < max && drain->count > 0; count++, drain->count--) {
        ret_events[count] = drain->ring[drain->first];
        drain->first = (drain->first + 1) % EVDEV_DRAIN_MAX;
    }
    bool gone = drain->gone;
    if (drain->count == 0 && !gone) { /* what comes from now on is told anew */
        ssize_t ignored = read(drain->news_fd, &news, sizeof news);
        (void)ignored;
    }
    pthread_mutex_unlock(&drain->mutex);
    if (count > 0)
        *ret_count = count;
    return count > 0 ? RC_OK : gone ? RC_DISCONNECTED : RC_TIMEOUT;
}
