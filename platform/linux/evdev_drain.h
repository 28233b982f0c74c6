/* Empties a keyboard's event buffer as fast as it fills: the kernel's holds 64 events, eight characters, and throws all of
 * them away when it is full. A thread of its own, which does nothing else. */
#ifndef TALLYMAN_PLATFORM_LINUX_EVDEV_DRAIN_H
#define TALLYMAN_PLATFORM_LINUX_EVDEV_DRAIN_H

#include "app/domain/rc.h"
#include <linux/input.h>
#include <stddef.h>

struct evdev_drain;

enum { EVDEV_DRAIN_MAX = 8192 }; /* events; then the kernel's buffer fills after all */

/* The descriptor stays the caller's, who closes it after evdev_drain_stop. */
enum rc evdev_drain_start(int fd, struct evdev_drain **ret_drain);
void evdev_drain_stop(struct evdev_drain *drain);

/* Readable while events wait, or the device has gone. */
int evdev_drain_fd(const struct evdev_drain *drain);
/* RC_OK: *ret_count events of those that `max` allows; RC_TIMEOUT none wait; RC_DISCONNECTED nor will any come. */
enum rc evdev_drain_take(struct evdev_drain *drain, struct input_event *ret_events, size_t max, size_t *ret_count);

#endif
