/* GPIO lines by name, whatever the library behind. Everything of libgpiod is in gpio_v1.c (its version 1). */
#ifndef TALLYMAN_PLATFORM_LINUX_GPIO_H
#define TALLYMAN_PLATFORM_LINUX_GPIO_H

#include "app/domain/rc.h"
#include <stdbool.h>

struct gpio_line;

/* RC_NOT_FOUND no line of this name; RC_BUSY another program has it; RC_REFUSED no permission. */
enum rc gpio_output(const char *name, bool active_low, struct gpio_line **ret_line);
enum rc gpio_input(const char *name, bool active_low, struct gpio_line **ret_line);
void gpio_close(struct gpio_line *line);

void gpio_set(struct gpio_line *line, bool active); /* NULL: no line, nothing to do */
bool gpio_is_active(const struct gpio_line *line);

/* Of an input: readable when edges wait. */
int gpio_fd(const struct gpio_line *line);
/* The next edge; false: none waits. */
bool gpio_edge(struct gpio_line *line, bool *ret_active);

#endif
