#include "platform/linux/hotplug.h"
#include <libudev.h>
#include <stdlib.h>
#include <string.h>

struct hotplug {
    struct udev *udev;
    struct udev_monitor *monitor;
};

enum { NEWS_A_TURN = 256 };

struct hotplug *hotplug_open(const struct hotplug_kind *kinds)
{
    struct hotplug *hotplug = calloc(1, sizeof *hotplug);
    if (!hotplug)
        return NULL;
    hotplug->udev = udev_new();
    if (hotplug->udev) /* what udev tells comes after it has set permissions */
        hotplug->monitor = udev_monitor_new_from_netlink(hotplug->udev, "udev");
    bool good = hotplug->monitor;
    for (; good && kinds->subsystem; kinds++)
        good =
            udev_monitor_filter_add_match_subsystem_devtype(hotplug->monitor, kinds->subsystem, kinds->devtype) >= 0;
    if (good && udev_monitor_enable_receiving(hotplug->monitor) >= 0)
        return hotplug;
    hotplug_close(hotplug);
    return NULL;
}

void hotplug_close(struct hotplug *hotplug)
{
    if (!hotplug)
        return;
    udev_monitor_unref(hotplug->monitor);
    udev_unref(hotplug->udev);
    free(hotplug);
}

int hotplug_fd(const struct hotplug *hotplug)
{
    return hotplug ? udev_monitor_get_fd(hotplug->monitor) : -1;
}

struct udev_device *hotplug_next(struct hotplug *hotplug)
{
    for (int i = 0; hotplug && i < NEWS_A_TURN; i++) {
        struct udev_device *device = udev_monitor_receive_device(hotplug->monitor);
        const char *action = device ? udev_device_get_action(device) : NULL;
        if (!device || !action || (strcmp(action, "remove") != 0 && strcmp(action, "unbind") != 0))
            return device;
        udev_device_unref(device);
    }
    return NULL;
}

void hotplug_take(struct hotplug *hotplug)
{
    for (int i = 0; hotplug && i < NEWS_A_TURN; i++) {
        struct udev_device *device = udev_monitor_receive_device(hotplug->monitor);
        if (!device)
            break;
        udev_device_unref(device);
    }
}
