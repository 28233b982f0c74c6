/* The handheld's button on a GPIO line: edges and a timer behind one epoll descriptor. */
#include "platform/linux/debounce.h"
#include "platform/linux/gpio.h"
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { EDGES_A_TURN = 64, MS_PER_S = 1000, NS_PER_MS = 1000000 };

struct trigger_line {
    struct gpio_line *button, *out;
    int epoll_fd, timer_fd;
    struct debounce debounce;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static void arm(const struct trigger_line *self)
{
    int due_ms = debounce_due_ms(&self->debounce, now_ms());
    struct itimerspec when = {0};
    if (due_ms >= 0) {
        when.it_value.tv_sec = due_ms / MS_PER_S;
        when.it_value.tv_nsec = (long)(due_ms % MS_PER_S) * NS_PER_MS + 1; /* 0 would disarm it */
    }
    timerfd_settime(self->timer_fd, 0, &when, NULL);
}

static enum trigger_event next(void *context)
{
    struct trigger_line *self = context;
    enum trigger_event event = TRIGGER_NONE;
    uint64_t times;
    bool active;
    ssize_t ignored = read(self->timer_fd, &times, sizeof times);
    (void)ignored;
    for (int i = 0; i < EDGES_A_TURN && event == TRIGGER_NONE && gpio_edge(self->button, &active); i++)
        event = debounce_edge(&self->debounce, active, now_ms());
    if (event == TRIGGER_NONE) /* edges that came too fast are not in the kernel's queue: the line itself is asked */
        event = debounce_edge(&self->debounce, gpio_is_active(self->button), now_ms());
    if (event != TRIGGER_NONE) /* held down for long: the engine's light is not left on in a pocket */
        gpio_set(self->out, event == TRIGGER_DOWN);
    arm(self);
    return event;
}

static int trigger_fd(void *context)
{
    const struct trigger_line *self = context;
    return self->epoll_fd;
}

static void trigger_close(void *context)
{
    struct trigger_line *self = context;
    gpio_set(self->out, false);
    gpio_close(self->button);
    gpio_close(self->out);
    if (self->timer_fd >= 0)
        close(self->timer_fd);
    if (self->epoll_fd >= 0)
        close(self->epoll_fd);
    free(self);
}

static enum rc watch(struct trigger_line *self)
{
    struct epoll_event edges = {.events = EPOLLIN}, time = {.events = EPOLLIN};
    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    self->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (self->epoll_fd < 0 || self->timer_fd < 0 ||
        epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, gpio_fd(self->button), &edges) ||
        epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->timer_fd, &time))
        return RC_IO;
    return RC_OK;
}

enum rc trigger_gpio(const struct trigger_options *options, struct trigger *ret_trigger)
{
    struct trigger_line *self = calloc(1, sizeof *self);
    if (!self)
        return RC_NOMEM;
    self->epoll_fd = self->timer_fd = -1;
    self->debounce = (struct debounce){.debounce_ms = options->debounce_ms, .long_ms = options->long_ms};
    enum rc rc = gpio_input(options->line, options->active_low, &self->button);
    if (rc == RC_OK && options->out[0])
        rc = gpio_output(options->out, options->out_active_low, &self->out);
    if (rc == RC_OK)
        rc = watch(self);
    if (rc != RC_OK) {
        trigger_close(self);
        return rc;
    }
    *ret_trigger = (struct trigger){.context = self, .fd = trigger_fd, .next = next, .close = trigger_close};
    return RC_OK;
}
