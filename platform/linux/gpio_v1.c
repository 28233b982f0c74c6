#include "platform/linux/gpio.h"
#include "platform/pins.h"
#include <errno.h>
#include <gpiod.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static const char CONSUMER[] = "tallyman";

struct gpio_line {
    struct gpiod_line *line;
};

static enum rc rc_of_errno(int error)
{
    switch (error) {
    case ENOENT:
    case ENODEV: return RC_NOT_FOUND;
    case EACCES:
    case EPERM: return RC_REFUSED;
    case EBUSY: return RC_BUSY;
    case ENOMEM: return RC_NOMEM;
    default: return RC_IO;
    }
}

static enum rc request(const char *name, bool output, bool active_low, struct gpio_line **ret_line)
{
    int flags = active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    struct gpio_line *line = calloc(1, sizeof *line);
    if (!line)
        return RC_NOMEM;
    errno = 0;
    line->line = gpiod_line_find(name); /* opens its chip, which is ours to close */
    if (!line->line) {
        enum rc rc = errno == 0 ? RC_NOT_FOUND : rc_of_errno(errno);
        free(line);
        return rc;
    }
    int failed = output ? gpiod_line_request_output_flags(line->line, CONSUMER, flags, 0)
                        : gpiod_line_request_both_edges_events_flags(line->line, CONSUMER, flags);
    if (failed) {
        enum rc rc = rc_of_errno(errno);
        gpio_close(line);
        return rc;
    }
    *ret_line = line;
    return RC_OK;
}

enum rc gpio_output(const char *name, bool active_low, struct gpio_line **ret_line)
{
    return request(name, true, active_low, ret_line);
}

enum rc gpio_input(const char *name, bool active_low, struct gpio_line **ret_line)
{
    return request(name, false, active_low, ret_line);
}

void gpio_close(struct gpio_line *line)
{
    if (!line)
        return;
    gpiod_line_close_chip(line->line);
    free(line);
}

void gpio_set(struct gpio_line *line, bool active)
{
    if (line)
        gpiod_line_set_value(line->line, active);
}

bool gpio_is_active(const struct gpio_line *line)
{
    return gpiod_line_get_value(line->line) == 1;
}

int gpio_fd(const struct gpio_line *line)
{
    return gpiod_line_event_get_fd(line->line);
}

bool gpio_edge(struct gpio_line *line, bool *ret_active)
{
    struct gpiod_line_event event;
    struct pollfd fd = {.fd = gpio_fd(line), .events = POLLIN};
    if (poll(&fd, 1, 0) != 1 || !(fd.revents & POLLIN) || gpiod_line_event_read(line->line, &event))
        return false;
    *ret_active = event.event_type == GPIOD_LINE_EVENT_RISING_EDGE; /* "rising" is "becoming active" */
    return true;
}

/* ---- all of them ---- */

static void list_chip(struct gpiod_chip *chip, struct pin *ret_pins, int *count)
{
    struct gpiod_line_iter *lines = gpiod_line_iter_new(chip);
    struct gpiod_line *line = lines ? gpiod_line_iter_next(lines) : NULL;
    for (; line && *count < PINS_MAX; line = gpiod_line_iter_next(lines)) {
        const char *name = gpiod_line_name(line), *user = gpiod_line_consumer(line);
        if (!name)
            continue;
        struct pin *one = &ret_pins[(*count)++];
        *one = (struct pin){.offset = gpiod_line_offset(line),
                            .output = gpiod_line_direction(line) == GPIOD_LINE_DIRECTION_OUTPUT,
                            .active_low = gpiod_line_active_state(line) == GPIOD_LINE_ACTIVE_STATE_LOW};
        snprintf(one->name, sizeof one->name, "%s", name);
        snprintf(one->chip, sizeof one->chip, "%s", gpiod_chip_name(chip));
        snprintf(one->user, sizeof one->user, "%s", gpiod_line_is_used(line) ? user ? user : "kernel" : "");
    }
    gpiod_line_iter_free(lines);
}

enum rc pins_list(struct pin *ret_pins, int *ret_count)
{
    errno = 0;
    struct gpiod_chip_iter *chips = gpiod_chip_iter_new();
    if (!chips)
        return rc_of_errno(errno) == RC_REFUSED ? RC_REFUSED : RC_NOT_FOUND;
    int count = 0;
    for (struct gpiod_chip *chip = gpiod_chip_iter_next(chips); chip; chip = gpiod_chip_iter_next(chips))
        list_chip(chip, ret_pins, &count);
    gpiod_chip_iter_free(chips);
    *ret_count = count;
    return RC_OK;
}
