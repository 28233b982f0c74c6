/* What udev and the kernel say, in a test bed of umockdev: which devices are scanners, which one a configuration means, and
 * news of one that is plugged in. The program runs itself again with umockdev's library before all others. */
#include "platform/linux/discover.h"
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <umockdev.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 10000, LATER_MS = 100000 };

static const char PRELOAD[] = "libumockdev-preload.so.0";

/* ---- the test bed ---- */

static const char POS_DESCRIPTOR[] = "058C0902A1010912A1028502150026FF00750895010501093B8102058C950109FB810209FC81020"
                                     "9FD8102953809FE82020195020666FF0904"
                                     "8102058C25017501950109FF8102750795018103C0C0";
static const char NO_DATA[] = "058C0902A1010912A1028502150026FF00750895380930820201C0C0";
static const char MOUSE[] = "05010902A1010901A100C0C0";

static UMockdevTestbed *bed;

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
    char text[2048];
    GError *error = NULL;
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert_in_range(len, 1, sizeof text - 1);
    if (!umockdev_testbed_add_from_string(bed, text, &error))
        fail_msg("%s", error->message);
}

static void add_usb(const char *port, int number, unsigned vid, const char *serial)
{
    add("P: /devices/usb1/%s\nN: bus/usb/001/%03d\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: "
        "DEVNAME=/dev/bus/usb/001/%03d\n"
        "A: idVendor=%04x\\n\nA: idProduct=0907\\n\nA: serial=%s\\n\nA: product=Product of %s\\n\n",
        port, number, number, vid, serial, serial);
}

static void add_interface(const char *port, const char *class, const char *protocol)
{
    add("P: /devices/usb1/%s/%s:1.0\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nA: bInterfaceClass=%s\\n\n"
        "A: bInterfaceProtocol=%s\\n\nA: bInterfaceNumber=00\\n\nL: driver=../../../../bus/usb/drivers/usbhid\n",
        port, port, class, protocol);
}

static void add_hid(const char *port, int number, unsigned vid, const char *serial, const char *descriptor)
{
    add_usb(port, number, vid, serial);
    add("P: /devices/usb1/%s/%s:1.0/0003:0000:0000.%04d\nE: SUBSYSTEM=hid\nH: report_descriptor=%s\n", port, port,
        number, descriptor);
    add_interface(port, "03", "00");
}

static void add_keyboard(const char *port, int number, const char *more)
{
    add("P: /devices/usb1/%s/%s:1.0/input/input%d/event%d\nN: input/event%d\nE: SUBSYSTEM=input\n"
        "E: DEVNAME=/dev/input/event%d\nE: ID_INPUT_KEYBOARD=1\n%s",
        port, port, number, number, number, number, more);
}

static void add_port(const char *port, const char *name, const char *more)
{
    add("P: /devices/usb1/%s/%s:1.0/tty/%s\nN: %s\nE: SUBSYSTEM=tty\nE: DEVNAME=/dev/%s\n%s", port, port, name, name,
        name, more);
}

static int set_up(void **state)
{
    (void)state;
    bed = umockdev_testbed_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    g_object_unref(bed);
    return 0;
}

static const struct device *of(const struct device *devices, int count, const char *serial)
{
    for (int i = 0; i < count; i++)
        if (strcmp(devices[i].serial, serial) == 0)
            return &devices[i];
    return NULL;
}

static void expect(const struct device *device, enum scanner_kind kind, enum device_use use, const char *node)
{
    assert_non_null(device);
    assert_int_equal(device->kind, kind);
    assert_int_equal(device->use, use);
    assert_string_equal(device->node, node);
}

/* ---- tests ---- */

static void what_is_a_scanner(void **state)
{
    (void)state;
    static struct device devices[DEVICES_MAX];
    int count;
    add_hid("1-1", 1, 0x1209, "POS", POS_DESCRIPTOR);
    add_hid("1-2", 2, 0x1209, "NODATA", NO_DATA);
    add_hid("1-3", 3, 0x1209, "MOUSE", MOUSE);
    add_usb("1-4", 4, 0x05e0, "WEDGE"); /* a boot keyboard of a maker of scanners */
    add_interface("1-4", "03", "01");
    add_keyboard("1-4", 4, "");
    add_usb("1-5", 5, 0x1209, "TYPED");
    add_keyboard("1-5", 5, "");
    add_usb("1-6", 6, 0x1209, "RULED");
    add_keyboard("1-6", 6, "E: ID_TALLYMAN_SCANNER=1\n");
    add_usb("1-7", 7, 0x0c2e, "KEPTOUT");
    add_port("1-7", "ttyACM0", "E: ID_TALLYMAN_SCANNER=0\n");
    add_usb("1-8", 8, 0x0c2e, "CDC");
    add_port("1-8", "ttyACM1", "");
    assert_int_equal(discover_list(devices, &count), RC_OK);
    expect(of(devices, count, "POS"), SCANNER_HIDPOS, DEVICE_SCANNER, "/dev/bus/usb/001/001");
    expect(of(devices, count, "NODATA"), SCANNER_HIDPOS, DEVICE_BROKEN, "/dev/bus/usb/001/002");
    assert_null(of(devices, count, "MOUSE"));
    expect(of(devices, count, "WEDGE"), SCANNER_EVDEV, DEVICE_SCANNER, "/dev/input/event4");
    expect(of(devices, count, "TYPED"), SCANNER_EVDEV, DEVICE_UNKNOWN, "/dev/input/event5");
    expect(of(devices, count, "RULED"), SCANNER_EVDEV, DEVICE_SCANNER, "/dev/input/event6");
    expect(of(devices, count, "KEPTOUT"), SCANNER_SERIAL, DEVICE_OTHER, "/dev/ttyACM0");
    expect(of(devices, count, "CDC"), SCANNER_SERIAL, DEVICE_SCANNER, "/dev/ttyACM1");
    assert_int_equal(count, 7);
}

static const struct scanner_options ANY = {.kind = SCANNER_HIDPOS, .device = SCANNER_DEVICE_AUTO};

static void which_is_meant(void **state)
{
    (void)state;
    struct device one, two;
    struct scanner_options options = ANY;
    assert_int_equal(discover_find(&options, &one), RC_NOT_FOUND);
    add_hid("1-1", 1, 0x1209, "A", POS_DESCRIPTOR);
    add_hid("1-2", 2, 0x1210, "B", POS_DESCRIPTOR);
    assert_int_equal(discover_find(&options, &one), RC_OK);
    assert_true(discover_claim(&one));
    assert_false(discover_claim(&one));
    assert_int_equal(discover_find(&options, &two), RC_OK); /* not the one that a scanner has */
    assert_string_not_equal(one.serial, two.serial);
    snprintf(options.serial, sizeof options.serial, "%s", one.serial);
    assert_int_equal(discover_find(&options, &two), RC_NOT_FOUND);
    discover_release(&one);
    assert_int_equal(discover_find(&options, &two), RC_OK);
    assert_string_equal(one.serial, two.serial);
    options = ANY;
    snprintf(options.path, sizeof options.path, "1-2");
    assert_int_equal(discover_find(&options, &two), RC_OK);
    assert_string_equal(two.serial, "B");
    options.vid = 0x1209;
    assert_int_equal(discover_find(&options, &two), RC_NOT_FOUND);
}

static enum rc wait_news(struct discover_wait *wait, struct device *ret_device)
{
    struct pollfd fd = {.fd = hotplug_fd(wait->news), .events = POLLIN};
    enum rc rc = RC_TIMEOUT;
    while (rc == RC_TIMEOUT && poll(&fd, 1, WAIT_MS) == 1)
        rc = discover_again(wait, &ANY, 0, ret_device);
    return rc;
}

static void told_when_it_comes(void **state)
{
    (void)state;
    static const struct hotplug_kind kinds[] = {{"usb", "usb_interface"}, {NULL, NULL}};
    struct discover_wait wait = {.news = hotplug_open(kinds)};
    struct device device;
    assert_non_null(wait.news);
    discover_tried(&wait, SCANNER_ABSENT, 0);
    assert_int_equal(discover_again(&wait, &ANY, 0, &device), RC_TIMEOUT);
    add_hid("1-3", 3, 0x1209, "MOUSE", MOUSE); /* no scanner: nothing to try */
    add_hid("1-1", 1, 0x1209, "POS", POS_DESCRIPTOR);
    umockdev_testbed_uevent(bed, "/sys/devices/usb1/1-3/1-3:1.0", "add");
    umockdev_testbed_uevent(bed, "/sys/devices/usb1/1-1/1-1:1.0", "add");
    assert_int_equal(wait_news(&wait, &device), RC_OK);
    assert_string_equal(device.serial, "POS");
    umockdev_testbed_uevent(bed, "/sys/devices/usb1/1-1/1-1:1.0", "remove"); /* no news of one that comes */
    umockdev_testbed_uevent(bed, "/sys/devices/usb1/1-1/1-1:1.0", "bind");
    assert_int_equal(wait_news(&wait, &device), RC_OK);
    assert_true(discover_claim(&device)); /* another scanner has it */
    umockdev_testbed_uevent(bed, "/sys/devices/usb1/1-1/1-1:1.0", "change");
    umockdev_testbed_uevent(bed, "/sys/devices/usb1/1-3/1-3:1.0", "change");
    struct pollfd fd = {.fd = hotplug_fd(wait.news), .events = POLLIN};
    assert_int_equal(poll(&fd, 1, WAIT_MS), 1);
    assert_int_equal(discover_again(&wait, &ANY, 0, &device), RC_TIMEOUT);
    discover_release(&device);
    hotplug_close(wait.news);
}

/* Without news: soon at first, then ever more seldom; at once where it was there and is in use. */
static void patience(void **state)
{
    (void)state;
    struct discover_wait wait = {0};
    struct device device;
    discover_tried(&wait, SCANNER_ABSENT, 0);
    assert_int_equal(discover_due_ms(&wait, 0), 500); /* nobody tells */
    assert_int_equal(discover_due_ms(&wait, 499), 1);
    assert_int_equal(discover_due_ms(&wait, LATER_MS), 0);
    assert_int_equal(discover_again(&wait, &ANY, 499, &device), RC_TIMEOUT);
    assert_int_equal(discover_again(&wait, &ANY, 500, &device), RC_NOT_FOUND);
    static const struct hotplug_kind kinds[] = {{"usb", "usb_interface"}, {NULL, NULL}};
    wait.news = hotplug_open(kinds);
    assert_non_null(wait.news);
    static const int spans[] = {250, 500, 1000, 2000, 4000, 4000, 4000};
    discover_tried(&wait, SCANNER_READY, 0);
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        assert_int_equal(discover_due_ms(&wait, 0), spans[i]);
        discover_tried(&wait, SCANNER_ABSENT, 0);
    }
    discover_tried(&wait, SCANNER_BUSY, 0);
    assert_int_equal(discover_due_ms(&wait, 0), 1000);
    hotplug_close(wait.news);
}

/* The sanitizers want to be first of all libraries unless they are told. */
static void run_in_test_bed(char **argv)
{
    char options[512];
    const char *before = getenv("ASAN_OPTIONS");
    snprintf(options, sizeof options, "%s:verify_asan_link_order=0", before ? before : "");
    setenv("ASAN_OPTIONS", options, 1);
    setenv("LD_PRELOAD", PRELOAD, 1);
    execv("/proc/self/exe", argv);
    perror(argv[0]);
    exit(1);
}

int main(int argc, char **argv)
{
    (void)argc;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_a_scanner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(which_is_meant, set_up, tear_down),
        cmocka_unit_test_setup_teardown(told_when_it_comes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(patience, set_up, tear_down),
    };
    if (!umockdev_in_mock_environment() && !getenv("LD_PRELOAD"))
        run_in_test_bed(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
