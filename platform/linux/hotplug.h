/* News of devices that come and go, from udev. One thread each. */
#ifndef TALLYMAN_PLATFORM_LINUX_HOTPLUG_H
#define TALLYMAN_PLATFORM_LINUX_HOTPLUG_H

#include <stdbool.h>

struct hotplug;

/* Of these subsystems, up to NULL. NULL: there is no udev to ask; whoever wants to know looks once in a while. */
struct hotplug *hotplug_open(const char *const *subsystems);
void hotplug_close(struct hotplug *hotplug);
int hotplug_fd(const struct hotplug *hotplug); /* -1 for NULL */
/* Empties it; true: there was something. */
bool hotplug_take(struct hotplug *hotplug);

#endif
