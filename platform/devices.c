#include "platform/devices.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_node(const char *node, const char *path)
{
    if (strcmp(node, path) == 0)
        return true;
    char *real = realpath(path, NULL);
    bool same = real && strcmp(node, real) == 0;
    free(real);
    return same;
}

static bool has_ids(const struct scanner_options *options)
{
    return options->vid || options->pid || options->serial[0] || options->path[0];
}

static bool ids_agree(const struct device *device, const struct scanner_options *options)
{
    return (!options->vid || options->vid == device->vid) && (!options->pid || options->pid == device->pid) &&
           (!options->serial[0] || strcmp(options->serial, device->serial) == 0) &&
           (!options->path[0] || strcmp(options->path, device->path) == 0);
}

bool device_is_named(const struct device *device, const struct scanner_options *options)
{
    if (options->kind != device->kind)
        return false;
    if (strcmp(options->device, SCANNER_DEVICE_AUTO) == 0)
        return has_ids(options) && ids_agree(device, options);
    return same_node(device->node, options->device);
}

void device_name(const struct device *device, struct scanner_options *options)
{
    options->kind = device->kind;
    options->vid = device->vid;
    options->pid = device->pid;
    options->serial[0] = options->path[0] = '\0';
    bool on_usb = device->path[0] != '\0';
    snprintf(options->device, sizeof options->device, "%s", on_usb ? SCANNER_DEVICE_AUTO : device->node);
    if (device->serial[0])
        snprintf(options->serial, sizeof options->serial, "%s", device->serial);
    else
        snprintf(options->path, sizeof options->path, "%s", device->path);
    const char *tail = device->serial[0] ? device->serial : device->path;
    const char *name = device->name[0] ? device->name : scanner_kind_word(device->kind);
    size_t tail_len = strlen(tail);
    if (tail_len == 0 || tail_len + 2 > SCANNER_NAME_MAX)
        snprintf(options->name, sizeof options->name, "%.*s", SCANNER_NAME_MAX, name);
    else
        snprintf(options->name, sizeof options->name, "%.*s %s", (int)(SCANNER_NAME_MAX - 1 - tail_len), name, tail);
}
