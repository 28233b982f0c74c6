/* What a device has around it: battery and network as a sysfs of our own tells them, and clocks that jump. */
#include "platform/jumps.h"
#include "platform/net.h"
#include "platform/power.h"
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_BYTES = 256, LEVELS = 102 };

struct world {
    char sysfs[PATH_BYTES / 2];
    struct power_source power;
    struct net_source net;
};

/* A file below sysfs, with the folders on its way. */
static void put(const struct world *world, const char *name, const char *text)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/class/%s", world->sysfs, name);
    for (char *slash = strchr(path + strlen(world->sysfs) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700); /* may be there */
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", text);
    fclose(file);
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    const char *home = getenv("TMPDIR");
    assert_non_null(world);
    snprintf(world->sysfs, sizeof world->sysfs, "%.60s/tallyman-sysfs-XXXXXX", home ? home : "/tmp");
    assert_non_null(mkdtemp(world->sysfs));
    assert_int_equal(power_linux(world->sysfs, &world->power), RC_OK);
    assert_int_equal(net_linux(world->sysfs, &world->net), RC_OK);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const files[] = {"BAT0/type", "BAT0/capacity", "BAT0/status", "BAT0/present", "BAT0/scope",
                                        "BAT1/type", "BAT1/capacity", "BAT1/status", "AC/type",      "AC/online"};
    static const char *const folders[] = {"power_supply/BAT0",
                                          "power_supply/BAT1",
                                          "power_supply/AC",
                                          "power_supply",
                                          "net/lo",
                                          "net/wlan0",
                                          "net/wwan0",
                                          "net",
                                          ""};
    struct world *world = *state;
    char path[PATH_BYTES];
    world->power.close(world->power.context);
    world->net.close(world->net.context);
    for (unsigned i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/class/power_supply/%s", world->sysfs, files[i]);
        unlink(path);
    }
    for (unsigned i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/class/%s/operstate", world->sysfs, folders[i]);
        unlink(path);
        snprintf(path, sizeof path, "%s/class/%s", world->sysfs, folders[i]);
        rmdir(path);
    }
    assert_int_equal(rmdir(world->sysfs), 0);
    free(world);
    return 0;
}

/* ---- battery ---- */

static void battery(const struct world *world, int percent, bool charging)
{
    struct power power = {.percent = -2};
    world->power.look(world->power.context, &power);
    assert_int_equal(power.percent, percent);
    assert_int_equal(power.charging, charging);
}

static void one_battery(void **state)
{
    const struct world *world = *state;
    battery(world, -1, false); /* a machine on the mains has no such folder */
    put(world, "power_supply/BAT0/type", "Battery");
    battery(world, -1, false); /* it does not say */
    put(world, "power_supply/BAT0/capacity", "73");
    put(world, "power_supply/BAT0/status", "Discharging");
    battery(world, 73, false);
    put(world, "power_supply/BAT0/status", "Charging");
    battery(world, 73, true);
    put(world, "power_supply/BAT0/status", "Full");
    put(world, "power_supply/BAT0/capacity", "100");
    battery(world, 100, true);
    static const char *const nonsense[] = {"", "101", "-1", "lots"};
    for (unsigned i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        put(world, "power_supply/BAT0/capacity", nonsense[i]);
        battery(world, -1, false);
    }
    put(world, "power_supply/BAT0/capacity", "40");
    put(world, "power_supply/BAT0/present", "0"); /* it was taken out */
    battery(world, -1, false);
}

static void several_supplies(void **state)
{
    const struct world *world = *state;
    put(world, "power_supply/BAT0/type", "Battery");
    put(world, "power_supply/BAT0/capacity", "10");
    put(world, "power_supply/BAT0/status", "Unknown");
    put(world, "power_supply/AC/type", "Mains");
    put(world, "power_supply/AC/online", "0");
    battery(world, 10, false);
    put(world, "power_supply/AC/online", "1");
    battery(world, 10, true);
    put(world, "power_supply/BAT1/type", "Battery");
    put(world, "power_supply/BAT1/capacity", "30");
    put(world, "power_supply/BAT1/status", "Discharging"); /* on a charger that is too weak */
    battery(world, 20, false);
    put(world, "power_supply/BAT0/scope", "Device"); /* a scanner's own */
    battery(world, 30, false);
}

static void warnings_of_each_level(void **state)
{
    (void)state;
    for (int percent = -1; percent < LEVELS - 1; percent++) {
        struct power power = {.percent = percent};
        int expected = percent < 0 ? 0 : percent <= 5 ? 5 : percent <= 10 ? 10 : percent <= 20 ? 20 : 0;
        assert_int_equal(power_warning(&power), expected);
        power.charging = true;
        assert_int_equal(power_warning(&power), 0);
    }
}

/* ---- network ---- */

static void links(void **state)
{
    const struct world *world = *state;
    const struct net_source *net = &world->net;
    assert_int_equal(net->look(net->context), NET_UNKNOWN);
    put(world, "net/lo/operstate", "unknown"); /* does not count, and is not as good as up */
    assert_int_equal(net->look(net->context), NET_UNKNOWN);
    static const struct {
        const char *state;
        enum net_link link;
    } states[] = {{"up", NET_UP},           {"down", NET_DOWN},  {"dormant", NET_DOWN}, {"lowerlayerdown", NET_DOWN},
                  {"notpresent", NET_DOWN}, {"unknown", NET_UP}, {"", NET_DOWN}};
    for (unsigned i = 0; i < sizeof states / sizeof states[0]; i++) {
        put(world, "net/wlan0/operstate", states[i].state);
        assert_int_equal(net->look(net->context), states[i].link);
    }
    put(world, "net/wlan0/operstate", "down");
    put(world, "net/wwan0/operstate", "up"); /* one is enough */
    assert_int_equal(net->look(net->context), NET_UP);
    assert_true(net->fd(net->context) >= 0);
    net->take(net->context); /* without news it does not wait */
}

/* ---- clocks ---- */

static void jumps_of_clocks(void **state)
{
    enum { HOUR_MS = 3600 * 1000 };
    static const struct {
        struct jumps_look after; /* the looks before are 0 */
        bool set;
        int64_t moved_ms, slept_ms;
    } cases[] = {
        {{1000, 1000, 1000}, false, 0, 0},
        {{1000 + HOUR_MS, 1000, 1000}, true, HOUR_MS, 0},
        {{1000 - HOUR_MS, 1000, 1000}, true, -HOUR_MS, 0},
        {{1003, 1000, 1000}, false, 0, 0},                             /* it drifts */
        {{HOUR_MS, HOUR_MS, 1000}, false, 0, HOUR_MS - 1000},          /* slept: nobody set it */
        {{2 * HOUR_MS, HOUR_MS, 1000}, true, HOUR_MS, HOUR_MS - 1000}, /* and was set on waking */
    };
    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t moved_ms, slept_ms;
        jumps_between(&(struct jumps_look){0}, &cases[i].after, cases[i].set, &moved_ms, &slept_ms);
        assert_int_equal(moved_ms, cases[i].moved_ms);
        assert_int_equal(slept_ms, cases[i].slept_ms);
    }
}

static void clocks_that_nobody_touched(void **state)
{
    (void)state;
    struct jumps *jumps;
    int64_t moved_ms = -1, slept_ms = -1;
    assert_int_equal(jumps_open(&jumps), RC_OK);
    struct pollfd fd = {.fd = jumps_fd(jumps), .events = POLLIN};
    assert_int_equal(poll(&fd, 1, 5), 0);
    jumps_take(jumps, &moved_ms, &slept_ms); /* does not wait */
    assert_int_equal(moved_ms, 0);
    assert_in_range(slept_ms + 1000, 0, 2000); /* the looks are not at one moment */
    jumps_close(jumps);
    jumps_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_battery, setup, teardown),
        cmocka_unit_test_setup_teardown(several_supplies, setup, teardown),
        cmocka_unit_test(warnings_of_each_level),
        cmocka_unit_test_setup_teardown(links, setup, teardown),
        cmocka_unit_test(jumps_of_clocks),
        cmocka_unit_test(clocks_that_nobody_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
