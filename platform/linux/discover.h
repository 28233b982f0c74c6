/* What udev and the kernel say is there, for the scanners of this folder. Any thread. */
#ifndef TALLYMAN_PLATFORM_LINUX_DISCOVER_H
#define TALLYMAN_PLATFORM_LINUX_DISCOVER_H

#include "platform/devices.h"
#include "platform/linux/hotplug.h"
#include <stdint.h>

/* Everything that is or could be a scanner; ret_devices holds DEVICES_MAX. */
enum rc discover_list(struct device *ret_devices, int *ret_count);

/* The device that these options speak of: the one they name, or the first scanner of their kind that no scanner of this
 * process has. RC_NOT_FOUND; RC_REFUSED it may not be opened; RC_BUSY another program has it. */
enum rc discover_find(const struct scanner_options *options, struct device *ret_device);

/* A scanner's wait for its device. */
struct discover_wait {
    struct hotplug *news; /* NULL: nobody tells */
    int64_t tried_ms;
    int tries; /* since it was last there */
};

/* As discover_find: among what has come since, or of everything when it is time to look without having been told.
 * RC_TIMEOUT: neither. */
enum rc discover_again(struct discover_wait *wait, const struct scanner_options *options, int64_t now_ms,
                       struct device *ret_device);
/* What became of it; SCANNER_READY also when one goes that was there. */
void discover_tried(struct discover_wait *wait, enum scanner_state state, int64_t now_ms);
/* Until discover_again wants to be called even without news. */
int discover_due_ms(const struct discover_wait *wait, int64_t now_ms);

/* What a scanner is while discover_find answers so. */
enum scanner_state discover_state(enum rc rc);

/* Whether a scanner of this process has it; has it, or no more. */
bool discover_claim(const struct device *device);
void discover_release(const struct device *device);

/* The report descriptor of a USB interface: as the kernel has read it, or by asking the device where no driver has the
 * interface. Bytes, 0 when it can't be known. ret_bytes holds HID_DESCRIPTOR_MAX. */
size_t discover_descriptor(const struct device *device, uint8_t *ret_bytes);

#endif
