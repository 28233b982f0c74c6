/* The loop over libevent. libevent itself is used by the loop's thread alone; loop_post goes through a list of our own
 * and an eventfd. */
#include "platform/loop.h"
#include <assert.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MS_PER_S = 1000, US_PER_MS = 1000 };

struct loop_source {
    struct loop *loop;
    struct loop_source *next;
    struct event *event;
    loop_call *call;
    void *context;
};

struct post {
    struct post *next;
    loop_call *call;
    void *context;
};

struct loop {
    struct event_base *base;
    struct loop_source *sources;
    bool stopped;
    int post_fd;
    pthread_mutex_t mutex; /* guards the list below */
    struct post *first, **end;
};

static struct post *take_posts(struct loop *loop)
{
    pthread_mutex_lock(&loop->mutex);
    struct post *first = loop->first;
    loop->first = NULL;
    loop->end = &loop->first;
    pthread_mutex_unlock(&loop->mutex);
    return first;
}

static void run_posts(void *context)
{
    struct loop *loop = context;
    uint64_t count;
    if (read(loop->post_fd, &count, sizeof count) != (ssize_t)sizeof count)
        return;
    struct post *post = take_posts(loop);
    while (post) {
        struct post *next = post->next;
        post->call(post->context);
        free(post);
        post = next;
    }
}

enum rc loop_new(struct loop **ret_loop)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return RC_NOMEM;
    pthread_mutex_init(&loop->mutex, NULL);
    loop->end = &loop->first;
    loop->base = event_base_new();
    loop->post_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct loop_source *source;
    if (!loop->base || loop->post_fd < 0 || loop_add_fd(loop, loop->post_fd, run_posts, loop, &source) != RC_OK) {
        loop_free(loop);
        return RC_NOMEM;
    }
    *ret_loop = loop;
    return RC_OK;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    while (loop->sources)
        loop_remove(loop->sources);
    struct post *post = take_posts(loop);
    while (post) {
        struct post *next = post->next;
        free(post);
        post = next;
    }
    if (loop->base)
        event_base_free(loop->base);
    if (loop->post_fd >= 0)
        close(loop->post_fd);
    pthread_mutex_destroy(&loop->mutex);
    free(loop);
}

static void fire(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct loop_source *source = context;
    source->call(source->context); /* may free the source */
}

static enum rc add(struct loop *loop, int fd, short what, loop_call *call, void *context,
                   struct loop_source **ret_source)
{
    struct loop_source *source = calloc(1, sizeof *source);
    if (!source)
        return RC_NOMEM;
    *source = (struct loop_source){.loop = loop, .next = loop->sources, .call = call, .context = context};
    source->event = event_new(loop->base, fd, what, fire, source);
    if (!source->event || (what != 0 && event_add(source->event, NULL))) {
        if (source->event)
            event_free(source->event);
        free(source);
        return RC_IO;
    }
    loop->sources = source;
    *ret_source = source;
    return RC_OK;
}

enum rc loop_add_fd(struct loop *loop, int fd, loop_call *call, void *context, struct loop_source **ret_source)
{
    assert(fd >= 0);
    return add(loop, fd, EV_READ | EV_PERSIST, call, context, ret_source);
}

enum rc loop_add_timer(struct loop *loop, loop_call *call, void *context, struct loop_source **ret_source)
{
    return add(loop, -1, 0, call, context, ret_source);
}

enum rc loop_add_signal(struct loop *loop, int signal, loop_call *call, void *context,
                        struct loop_source **ret_source)
{
    return add(loop, signal, EV_SIGNAL | EV_PERSIST, call, context, ret_source);
}

void loop_arm(struct loop_source *source, long ms)
{
    assert(ms >= 0);
    struct timeval span = {.tv_sec = ms / MS_PER_S, .tv_usec = ms % MS_PER_S * US_PER_MS};
    int failed = event_add(source->event, &span);
    assert(!failed); /* a timer needs no memory beyond event_new's, apart from the heap that grows by doubling */
    (void)failed;
}

void loop_disarm(struct loop_source *source)
{
    event_del(source->event);
}

void loop_remove(struct loop_source *source)
{
    if (!source)
        return;
    struct loop_source **at = &source->loop->sources;
    while (*at != source)
        at = &(*at)->next;
    *at = source->next;
    event_free(source->event);
    free(source);
}

enum rc loop_post(struct loop *loop, loop_call *call, void *context)
{
    static const uint64_t one = 1;
    struct post *post = malloc(sizeof *post);
    if (!post)
        return RC_NOMEM;
    *post = (struct post){.call = call, .context = context};
    pthread_mutex_lock(&loop->mutex);
    *loop->end = post;
    loop->end = &post->next;
    pthread_mutex_unlock(&loop->mutex);
    /* can fail only when the counter is full, and then it is readable anyway */
    ssize_t ignored = write(loop->post_fd, &one, sizeof one);
    (void)ignored;
    return RC_OK;
}

enum rc loop_run(struct loop *loop)
{
    int failed = 0;
    if (!loop->stopped)
        failed = event_base_dispatch(loop->base);
    loop->stopped = false;
    return failed < 0 ? RC_IO : RC_OK;
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true; /* also before loop_run */
    event_base_loopbreak(loop->base);
}
