/* Beeper, lights and vibration on GPIO lines: each feedback is a row of steps, played by a timer. A new one takes the
 * place of what is still playing. */
#include "platform/indicator.h"
#include "platform/linux/gpio.h"
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { STEPS_MAX = 12, LINES = 4, MS_PER_S = 1000, NS_PER_MS = 1000000 };
enum { BEEP = 1, GREEN = 2, RED = 4, SHAKE = 8 };

struct step {
    unsigned lines; /* that are on */
    int ms;         /* 0: the sequence is over */
};

static const struct step SEQUENCES[FEEDBACK_COUNT][STEPS_MAX] = {
    [FEEDBACK_OK] = {{BEEP | GREEN, 80}, {GREEN, 120}},
    [FEEDBACK_CONTAINER] = {{BEEP | GREEN, 60}, {GREEN, 40}, {BEEP | GREEN, 140}, {GREEN, 120}},
    [FEEDBACK_REPEAT] = {{BEEP, 15}},
    [FEEDBACK_WARN] = {{BEEP | GREEN | RED, 100}, {RED, 80}, {BEEP | GREEN | RED, 100}, {RED, 200}},
    [FEEDBACK_CONFIRM] = {{BEEP | RED, 100}, {RED, 80}, {BEEP | RED, 250}, {RED, 200}},
    [FEEDBACK_REJECT] = {{BEEP | RED | SHAKE, 250},
                         {RED, 120},
                         {BEEP | RED | SHAKE, 250},
                         {RED, 120},
                         {BEEP | RED | SHAKE, 250},
                         {RED, 500}},
    [FEEDBACK_LINE_DONE] = {{BEEP | GREEN, 80}, {GREEN, 60}, {BEEP | GREEN, 200}, {GREEN, 200}},
    [FEEDBACK_ORDER_DONE] =
        {{BEEP | GREEN, 80}, {GREEN, 60}, {BEEP | GREEN, 80}, {GREEN, 60}, {BEEP | GREEN | SHAKE, 300}, {GREEN, 300}},
    [FEEDBACK_ALARM] = {{BEEP | RED | SHAKE, 400},
                        {0, 100},
                        {BEEP | RED | SHAKE, 400},
                        {0, 100},
                        {BEEP | RED | SHAKE, 400},
                        {0, 100},
                        {BEEP | RED | SHAKE, 400},
                        {RED, 1000}},
};

struct indicator_lines {
    struct gpio_line *lines[LINES]; /* beeper, green, red, vibration; NULL not there */
    int timer_fd;
    bool bell;
    const struct step *step; /* that plays, NULL none */
};

static void show(const struct indicator_lines *self, unsigned on)
{
    for (int i = 0; i < LINES; i++)
        gpio_set(self->lines[i], on >> i & 1);
}

static void play(struct indicator_lines *self)
{
    struct itimerspec when = {0};
    if (self->step->ms == 0) {
        self->step = NULL;
        show(self, 0);
    } else {
        show(self, self->step->lines);
        when.it_value.tv_sec = self->step->ms / MS_PER_S;
        when.it_value.tv_nsec = (long)(self->step->ms % MS_PER_S) * NS_PER_MS;
    }
    timerfd_settime(self->timer_fd, 0, &when, NULL);
}

static void give(void *context, enum feedback feedback)
{
    struct indicator_lines *self = context;
    assert((int)feedback >= 0 && feedback < FEEDBACK_COUNT);
    self->step = SEQUENCES[feedback];
    play(self);
    if (self->bell)
        indicator_bell.give(indicator_bell.context, feedback);
}

static int timer_fd(void *context)
{
    const struct indicator_lines *self = context;
    return self->timer_fd;
}

static void turn(void *context)
{
    struct indicator_lines *self = context;
    uint64_t times;
    if (read(self->timer_fd, &times, sizeof times) != (ssize_t)sizeof times || !self->step)
        return;
    self->step++;
    play(self);
}

static void indicator_close(void *context)
{
    struct indicator_lines *self = context;
    show(self, 0);
    for (int i = 0; i < LINES; i++)
        gpio_close(self->lines[i]);
    if (self->timer_fd >= 0)
        close(self->timer_fd);
    free(self);
}

enum rc indicator_gpio(const struct indicator_options *options, struct indicator *ret_indicator)
{
    const char *const names[LINES] = {options->beeper, options->green, options->red, options->vibration};
    struct indicator_lines *self = calloc(1, sizeof *self);
    bool any = false;
    if (!self)
        return RC_NOMEM;
    self->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    for (int i = 0; i < LINES && self->timer_fd >= 0; i++)
        any = (names[i][0] && gpio_output(names[i], options->active_low, &self->lines[i]) == RC_OK) || any;
    if (!any) {
        indicator_close(self);
        return RC_NOT_FOUND;
    }
    self->bell = options->bell || !self->lines[0];
    *ret_indicator =
        (struct indicator){.context = self, .give = give, .fd = timer_fd, .turn = turn, .close = indicator_close};
    return RC_OK;
}
