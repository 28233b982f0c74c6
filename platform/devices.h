/* Devices contract: what this machine has that could be a scanner, whether it is used, and why not. */
#ifndef TALLYMAN_PLATFORM_DEVICES_H
#define TALLYMAN_PLATFORM_DEVICES_H

#include "platform/scanner.h"

enum device_use {
    DEVICE_SCANNER, /* one that can be used */
    DEVICE_DENIED,  /* one, but there is no permission to open it */
    DEVICE_BUSY,    /* one, but another program has it */
    DEVICE_BROKEN,  /* says that it is one, but not how it talks */
    DEVICE_UNKNOWN, /* may be one: nothing says so */
    DEVICE_OTHER    /* something else */
};

enum { DEVICES_MAX = 64, DEVICE_NODE_MAX = 127, DEVICE_NAME_MAX = 127 };

struct device {
    enum scanner_kind kind;
    enum device_use use;
    char name[DEVICE_NAME_MAX + 1];  /* as it calls itself */
    char node[DEVICE_NODE_MAX + 1];  /* below /dev */
    unsigned vid, pid;               /* 0: not on USB */
    char serial[SCANNER_ID_MAX + 1]; /* "" none */
    char path[SCANNER_ID_MAX + 1];   /* USB port; "" not on USB */
    int interface;                   /* of the USB device */
    bool taken;                      /* by a scanner of this process */
};

/* Whether the configuration of a scanner names this device: by its node or a link to it, or by ids. */
bool device_is_named(const struct device *device, const struct scanner_options *options);

/* Sets what names this device wherever it is plugged in again: its serial number, else the port. */
void device_name(const struct device *device, struct scanner_options *options);

/* Tells what is seen, and when something comes. One thread: the reader's, or the command's that lists. */
struct finder {
    void *context;
    /* Everything seen now; ret_devices holds DEVICES_MAX. */
    enum rc (*list)(void *context, struct device *ret_devices, int *ret_count);
    /* Readable when something has come, gone or changed; -1: look once in a while. */
    int (*fd)(void *context);
    /* Empties it; true: something has come that may be a scanner. */
    bool (*take)(void *context);
    void (*close)(void *context);
};

enum rc finder_linux(struct finder *ret_finder); /* platform/linux/discover.c */

#endif
