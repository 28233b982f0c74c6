/* News of devices that come, from udev. One thread each. */
#ifndef TALLYMAN_PLATFORM_LINUX_HOTPLUG_H
#define TALLYMAN_PLATFORM_LINUX_HOTPLUG_H

#include <stdbool.h>

struct hotplug;
struct udev_device;

struct hotplug_kind {
    const char *subsystem, *devtype; /* devtype NULL: any */
};

/* Of these kinds, up to one without a subsystem. NULL: there is no udev to ask; whoever wants to know looks once in a
 * while. */
struct hotplug *hotplug_open(const struct hotplug_kind *kinds);
void hotplug_close(struct hotplug *hotplug);
int hotplug_fd(const struct hotplug *hotplug); /* -1 for NULL */
/* The next that has come or changed, NULL none; the caller unrefs it. What has gone is left out: who has it open knows. */
struct udev_device *hotplug_next(struct hotplug *hotplug);
/* Empties it. */
void hotplug_take(struct hotplug *hotplug);

#endif
