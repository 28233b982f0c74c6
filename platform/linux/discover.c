#include "platform/linux/discover.h"
#include "platform/linux/hidpos_report.h"
#include "platform/linux/hotplug.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <libudev.h>
#include <linux/usbdevice_fs.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    CLAIMS_MAX = 16,
    ASK_MS = 500,
    NAMES_MAX = 5,
    NEWS_A_TURN = 256,
    UNTOLD_MS = 500, /* between looks, where nobody tells of what comes */
    AGAIN_MS = 250,  /* and where somebody does, doubled for each in vain */
    DOUBLINGS_MAX = 4,
    TRIES_A_SECOND = 2
};

static const char PROPERTY[] = "ID_TALLYMAN_SCANNER"; /* set by the udev rules, ours or the site's */
static const char HID_CLASS[] = "03", NO_PROTOCOL[] = "00";

/* Whose keyboards and serial ports are scanners. */
static const unsigned MAKERS[] = {
    0x0536, /* Hand Held Products */
    0x05e0, /* Symbol, now Zebra */
    0x05f9, /* PSC, now Datalogic */
    0x065a, /* Opticon */
    0x0745, /* CipherLab */
    0x080c, /* Datalogic */
    0x0c2e, /* Metrologic, now Honeywell */
    0x1eab, /* Newland */
    0x23d0, /* Youjie */
};

/* ---- what this process has ---- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards the list below */
static struct {
    char node[DEVICE_NODE_MAX + 1];
    int interface;
} claims[CLAIMS_MAX];

/* Locked. The place of this device, or -1. */
static int claim_of(const char *node, int interface)
{
    for (int i = 0; i < CLAIMS_MAX; i++)
        if (strcmp(claims[i].node, node) == 0 && (node[0] == '\0' || claims[i].interface == interface))
            return i;
    return -1;
}

static bool is_claimed(const struct device *device)
{
    pthread_mutex_lock(&mutex);
    bool claimed = claim_of(device->node, device->interface) >= 0;
    pthread_mutex_unlock(&mutex);
    return claimed;
}

bool discover_claim(const struct device *device)
{
    pthread_mutex_lock(&mutex);
    int at = claim_of(device->node, device->interface) < 0 ? claim_of("", 0) : -1;
    if (at >= 0) {
        snprintf(claims[at].node, sizeof claims[at].node, "%s", device->node);
        claims[at].interface = device->interface;
    }
    pthread_mutex_unlock(&mutex);
    return at >= 0;
}

void discover_release(const struct device *device)
{
    pthread_mutex_lock(&mutex);
    int at = claim_of(device->node, device->interface);
    if (at >= 0)
        claims[at].node[0] = '\0';
    pthread_mutex_unlock(&mutex);
}

/* ---- one device ---- */

static bool by_maker(unsigned vid)
{
    for (size_t i = 0; i < sizeof MAKERS / sizeof MAKERS[0]; i++)
        if (MAKERS[i] == vid)
            return true;
    return false;
}

static void copy(char *ret_text, size_t size, const char *text)
{
    snprintf(ret_text, size, "%s", text ? text : "");
}

static unsigned hex(const char *text)
{
    return text ? (unsigned)strtoul(text, NULL, 16) : 0;
}

static void fill_usb(struct udev_device *usb, struct device *device)
{
    device->vid = hex(udev_device_get_sysattr_value(usb, "idVendor"));
    device->pid = hex(udev_device_get_sysattr_value(usb, "idProduct"));
    copy(device->serial, sizeof device->serial, udev_device_get_sysattr_value(usb, "serial"));
    copy(device->path, sizeof device->path, udev_device_get_sysname(usb));
    copy(device->name, sizeof device->name, udev_device_get_sysattr_value(usb, "product"));
}

static enum device_use allowed(const char *node, enum device_use use)
{
    if (use != DEVICE_SCANNER || access(node, R_OK | W_OK) == 0)
        return use;
    return errno == EACCES || errno == EPERM ? DEVICE_DENIED : use;
}

static enum device_use said_to_be(struct udev_device *udev, unsigned vid)
{
    const char *said = udev_device_get_property_value(udev, PROPERTY);
    if (said)
        return strcmp(said, "0") == 0 ? DEVICE_OTHER : DEVICE_SCANNER;
    return by_maker(vid) ? DEVICE_SCANNER : DEVICE_UNKNOWN;
}

/* A port of the machine itself is only told when the rules say that a scanner hangs on it. */
static bool fill_serial(struct udev_device *udev, struct device *device)
{
    struct udev_device *usb = udev_device_get_parent_with_subsystem_devtype(udev, "usb", "usb_device");
    const char *node = udev_device_get_devnode(udev);
    if (!node || (!usb && !udev_device_get_property_value(udev, PROPERTY)))
        return false;
    *device = (struct device){.kind = SCANNER_SERIAL};
    if (usb)
        fill_usb(usb, device);
    copy(device->node, sizeof device->node, node);
    device->use = allowed(node, said_to_be(udev, device->vid));
    return true;
}

static bool fill_keyboard(struct udev_device *udev, struct device *device)
{
    struct udev_device *usb = udev_device_get_parent_with_subsystem_devtype(udev, "usb", "usb_device");
    const char *node = udev_device_get_devnode(udev),
               *keys = udev_device_get_property_value(udev, "ID_INPUT_KEYBOARD");
    const char *said = udev_device_get_property_value(udev, PROPERTY);
    if (!node || strncmp(udev_device_get_sysname(udev), "event", 5) != 0 || !((keys && *keys == '1') || said))
        return false;
    *device = (struct device){.kind = SCANNER_EVDEV};
    if (usb)
        fill_usb(usb, device);
    struct udev_device *input = udev_device_get_parent_with_subsystem_devtype(udev, "input", NULL);
    if (!device->name[0] && input)
        copy(device->name, sizeof device->name, udev_device_get_sysattr_value(input, "name"));
    copy(device->node, sizeof device->node, node);
    /* the keys of the machine itself are no scanner, whoever made it */
    enum device_use use = said_to_be(udev, device->vid);
    device->use = allowed(node, usb || said ? use : DEVICE_OTHER);
    return true;
}

/* ---- HID POS: the interface's report descriptor ---- */

static size_t read_file(const char *path, uint8_t *ret_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, ret_bytes, HID_DESCRIPTOR_MAX) : -1;
    if (fd >= 0)
        close(fd);
    return len > 0 ? (size_t)len : 0;
}

/* Below the interface there is a folder "0003:0C2E:0907.0001" while a driver has read the descriptor. */
static size_t read_descriptor(const char *interface_path, uint8_t *ret_bytes)
{
    size_t len = 0;
    DIR *dir = opendir(interface_path);
    for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry && len == 0; entry = readdir(dir))
        if (strncmp(entry->d_name, "0003:", 5) == 0) {
            char path[1024];
            snprintf(path, sizeof path, "%s/%s/report_descriptor", interface_path, entry->d_name);
            len = read_file(path, ret_bytes);
        }
    if (dir)
        closedir(dir);
    return len;
}

/* No driver has the interface (a program that had it was killed): asking takes nothing away from anybody. */
static size_t ask_descriptor(const struct device *device, uint8_t *ret_bytes)
{
    enum { FROM_INTERFACE = 0x81, GET_DESCRIPTOR = 6, REPORT_DESCRIPTOR = 0x2200 };
    int fd = open(device->node, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return 0;
    struct usbdevfs_ctrltransfer ask = {.bRequestType = FROM_INTERFACE,
                                        .bRequest = GET_DESCRIPTOR,
                                        .wValue = REPORT_DESCRIPTOR,
                                        .wIndex = (uint16_t)device->interface,
                                        .wLength = HID_DESCRIPTOR_MAX,
                                        .timeout = ASK_MS,
                                        .data = ret_bytes};
    int len = ioctl(fd, USBDEVFS_CONTROL, &ask);
    close(fd);
    return len > 0 ? (size_t)len : 0;
}

size_t discover_descriptor(const struct device *device, uint8_t *ret_bytes)
{
    char pattern[128];
    glob_t found = {0};
    size_t len = 0;
    snprintf(pattern, sizeof pattern, "/sys/bus/usb/devices/%s:*.%d", device->path, device->interface);
    if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
        len = read_descriptor(found.gl_pathv[0], ret_bytes);
    globfree(&found);
    return len ? len : ask_descriptor(device, ret_bytes);
}

/* Boot keyboards and mice are left alone, whoever has them. */
static bool fill_hidpos(struct udev_device *udev, struct device *device)
{
    struct udev_device *usb = udev_device_get_parent_with_subsystem_devtype(udev, "usb", "usb_device");
    const char *class = udev_device_get_sysattr_value(udev, "bInterfaceClass");
    const char *protocol = udev_device_get_sysattr_value(udev, "bInterfaceProtocol");
    const char *node = usb ? udev_device_get_devnode(usb) : NULL, *driver = udev_device_get_driver(udev);
    if (!node || !class || strcmp(class, HID_CLASS) != 0 || (protocol && strcmp(protocol, NO_PROTOCOL) != 0))
        return false;
    *device = (struct device){.kind = SCANNER_HIDPOS, .use = DEVICE_SCANNER};
    fill_usb(usb, device);
    copy(device->node, sizeof device->node, node);
    device->interface = (int)hex(udev_device_get_sysattr_value(udev, "bInterfaceNumber"));
    if (is_claimed(device))
        return true;
    if (driver && strcmp(driver, "usbfs") == 0) {
        device->use = DEVICE_BUSY;
        return by_maker(device->vid);
    }
    uint8_t bytes[HID_DESCRIPTOR_MAX];
    struct hidpos_layout layout;
    size_t len = read_descriptor(udev_device_get_syspath(udev), bytes);
    if (len == 0 && !driver)
        len = ask_descriptor(device, bytes);
    if (!hidpos_is_scanner(bytes, len)) {
        device->use = DEVICE_DENIED; /* it may be one: nobody drives it, and we may not ask */
        return len == 0 && !driver && by_maker(device->vid) && access(node, R_OK | W_OK) != 0;
    }
    device->use =
        allowed(node, hidpos_layout(bytes, len, device->vid, &layout) == RC_OK ? DEVICE_SCANNER : DEVICE_BROKEN);
    return true;
}

/* ---- all of them ---- */

/* The names keep the dozens of consoles out: each device costs a hundred system calls. */
static const struct {
    enum scanner_kind kind;
    const char *subsystem, *attribute, *value, *names[NAMES_MAX];
    bool (*fill)(struct udev_device *udev, struct device *device);
} SUBSYSTEMS[] = {
    {SCANNER_HIDPOS, "usb", "bInterfaceClass", HID_CLASS, {"*:*"}, fill_hidpos},
    {SCANNER_EVDEV, "input", NULL, NULL, {"event*"}, fill_keyboard},
    {SCANNER_SERIAL, "tty", NULL, NULL, {"ttyACM*", "ttyUSB*", "ttyS[0-9]", "ttyAMA*", "ttymxc*"}, fill_serial},
};

enum { SUBSYSTEMS_COUNT = sizeof SUBSYSTEMS / sizeof SUBSYSTEMS[0] };

static bool match(struct udev_enumerate *all, size_t which)
{
    bool good = udev_enumerate_add_match_subsystem(all, SUBSYSTEMS[which].subsystem) >= 0;
    if (good && SUBSYSTEMS[which].attribute)
        good = udev_enumerate_add_match_sysattr(all, SUBSYSTEMS[which].attribute, SUBSYSTEMS[which].value) >= 0;
    for (size_t i = 0; good && i < NAMES_MAX && SUBSYSTEMS[which].names[i]; i++)
        good = udev_enumerate_add_match_sysname(all, SUBSYSTEMS[which].names[i]) >= 0;
    return good && udev_enumerate_scan_devices(all) >= 0;
}

static void list_subsystem(struct udev *udev, size_t which, struct device *ret_devices, int *count)
{
    struct udev_enumerate *all = udev_enumerate_new(udev);
    struct udev_list_entry *entry = all && match(all, which) ? udev_enumerate_get_list_entry(all) : NULL;
    for (; entry && *count < DEVICES_MAX; entry = udev_list_entry_get_next(entry)) {
        struct udev_device *device = udev_device_new_from_syspath(udev, udev_list_entry_get_name(entry));
        if (device && SUBSYSTEMS[which].fill(device, &ret_devices[*count])) {
            ret_devices[*count].taken = is_claimed(&ret_devices[*count]);
            ++*count;
        }
        udev_device_unref(device);
    }
    udev_enumerate_unref(all);
}

/* SCANNER_AUTO: of every kind. */
static enum rc list_kind(enum scanner_kind kind, struct device *ret_devices, int *ret_count)
{
    struct udev *udev = udev_new();
    int count = 0;
    if (!udev)
        return RC_NOMEM;
    for (size_t i = 0; i < SUBSYSTEMS_COUNT; i++)
        if (kind == SCANNER_AUTO || kind == SUBSYSTEMS[i].kind)
            list_subsystem(udev, i, ret_devices, &count);
    udev_unref(udev);
    *ret_count = count;
    return RC_OK;
}

enum rc discover_list(struct device *ret_devices, int *ret_count)
{
    return list_kind(SCANNER_AUTO, ret_devices, ret_count);
}

/* What agrees with the options, whether by name or because it is the first of its kind. */
static bool wanted(const struct device *device, const struct scanner_options *options)
{
    if (device_is_named(device, options))
        return true;
    bool any = strcmp(options->device, SCANNER_DEVICE_AUTO) == 0 && !options->vid && !options->pid &&
               !options->serial[0] && !options->path[0];
    return any && device->kind == options->kind && device->use != DEVICE_UNKNOWN && device->use != DEVICE_OTHER;
}

static enum rc usable(const struct device *device)
{
    switch (device->use) {
    case DEVICE_SCANNER:
    case DEVICE_UNKNOWN:
    case DEVICE_OTHER: return RC_OK; /* the user knows better, who named it */
    case DEVICE_DENIED: return RC_REFUSED;
    case DEVICE_BUSY: return RC_BUSY;
    case DEVICE_BROKEN: return RC_BAD_INPUT;
    }
    return RC_BAD_INPUT;
}

static bool by_node(const struct scanner_options *options)
{
    return options->kind != SCANNER_HIDPOS && strcmp(options->device, SCANNER_DEVICE_AUTO) != 0;
}

/* The node that is named, whatever it is. */
static enum rc find_node(const char *path, struct device *ret_device)
{
    struct device device = {0};
    char *real = realpath(path, NULL);
    int error = errno;
    bool fits = real && strlen(real) < sizeof device.node;
    if (fits) {
        copy(device.node, sizeof device.node, real);
        *ret_device = device;
    }
    free(real);
    return fits ? RC_OK : error == EACCES ? RC_REFUSED : RC_NOT_FOUND;
}

enum rc discover_find(const struct scanner_options *options, struct device *ret_device)
{
    if (by_node(options))
        return find_node(options->device, ret_device);
    struct device *devices = calloc(DEVICES_MAX, sizeof *devices);
    int count = 0;
    enum rc rc = devices ? list_kind(options->kind, devices, &count) : RC_NOMEM;
    if (rc == RC_OK)
        rc = RC_NOT_FOUND;
    for (int i = 0; i < count && rc != RC_OK; i++)
        if (wanted(&devices[i], options) && !devices[i].taken) {
            rc = usable(&devices[i]);
            *ret_device = devices[i];
        }
    free(devices);
    return rc;
}

/* Whether this may be a device of that row of the table. */
static bool is_of(struct udev_device *udev, size_t which)
{
    const char *subsystem = udev_device_get_subsystem(udev), *name = udev_device_get_sysname(udev);
    bool named = false;
    for (size_t i = 0; name && i < NAMES_MAX && SUBSYSTEMS[which].names[i] && !named; i++)
        named = fnmatch(SUBSYSTEMS[which].names[i], name, 0) == 0;
    return named && subsystem && strcmp(subsystem, SUBSYSTEMS[which].subsystem) == 0;
}

/* Of one that came. RC_TIMEOUT: it is something else. */
static enum rc find_in(struct udev_device *udev, const struct scanner_options *options, struct device *ret_device)
{
    struct device device;
    for (size_t i = 0; i < SUBSYSTEMS_COUNT; i++) {
        if (SUBSYSTEMS[i].kind != options->kind || !is_of(udev, i))
            continue;
        if (by_node(options))
            return find_node(options->device, ret_device);
        if (!SUBSYSTEMS[i].fill(udev, &device) || !wanted(&device, options) || is_claimed(&device))
            continue;
        *ret_device = device;
        return usable(&device);
    }
    return RC_TIMEOUT;
}

static enum rc find_news(struct hotplug *news, const struct scanner_options *options, struct device *ret_device)
{
    enum rc rc = RC_TIMEOUT;
    for (int i = 0; i < NEWS_A_TURN && rc != RC_OK; i++) {
        struct udev_device *udev = hotplug_next(news);
        if (!udev)
            break;
        enum rc one = find_in(udev, options, ret_device);
        rc = one == RC_TIMEOUT ? rc : one;
        udev_device_unref(udev);
    }
    return rc;
}

enum rc discover_again(struct discover_wait *wait, const struct scanner_options *options, int64_t now_ms,
                       struct device *ret_device)
{
    enum rc rc = find_news(wait->news, options, ret_device);
    if (rc == RC_TIMEOUT && discover_due_ms(wait, now_ms) == 0)
        rc = discover_find(options, ret_device);
    return rc;
}

void discover_tried(struct discover_wait *wait, enum scanner_state state, int64_t now_ms)
{
    wait->tried_ms = now_ms;
    if (state == SCANNER_READY)
        wait->tries = 0;
    else if (state == SCANNER_ABSENT)
        wait->tries++;
    else
        wait->tries = TRIES_A_SECOND; /* nobody tells when another program has done with it */
}

/* Soon at first: it may be there still. Then only in case that news were lost. */
int discover_due_ms(const struct discover_wait *wait, int64_t now_ms)
{
    int doublings = wait->tries < DOUBLINGS_MAX ? wait->tries : DOUBLINGS_MAX;
    int span_ms = wait->news ? AGAIN_MS << doublings : UNTOLD_MS;
    int64_t left_ms = wait->tried_ms + span_ms - now_ms;
    return left_ms <= 0 ? 0 : left_ms > span_ms ? span_ms : (int)left_ms;
}

enum scanner_state discover_state(enum rc rc)
{
    return rc == RC_NOT_FOUND ? SCANNER_ABSENT
           : rc == RC_REFUSED ? SCANNER_DENIED
           : rc == RC_BUSY    ? SCANNER_BUSY
                              : SCANNER_FAILED;
}

/* ---- the contract ---- */

static const struct hotplug_kind NEWS[] = {{"usb", "usb_interface"}, {"input", NULL}, {"tty", NULL}, {NULL, NULL}};

static enum rc list(void *context, struct device *ret_devices, int *ret_count)
{
    (void)context;
    return discover_list(ret_devices, ret_count);
}

static int finder_fd(void *context)
{
    return hotplug_fd(context);
}

static bool take(void *context)
{
    struct hotplug *news = context;
    bool any = false;
    for (int i = 0; i < NEWS_A_TURN; i++) {
        struct udev_device *udev = hotplug_next(news);
        if (!udev)
            break;
        for (size_t k = 0; k < SUBSYSTEMS_COUNT; k++)
            any = any || is_of(udev, k);
        udev_device_unref(udev);
    }
    return any;
}

static void finder_close(void *context)
{
    hotplug_close(context);
}

enum rc finder_linux(struct finder *ret_finder)
{
    *ret_finder = (struct finder){
        .context = hotplug_open(NEWS), .list = list, .fd = finder_fd, .take = take, .close = finder_close};
    return RC_OK;
}
