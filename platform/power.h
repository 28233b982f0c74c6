/* Power contract: the battery. Screen thread; never waits. */
#ifndef TALLYMAN_PLATFORM_POWER_H
#define TALLYMAN_PLATFORM_POWER_H

#include "app/domain/rc.h"
#include <stdbool.h>

struct power {
    int percent;   /* -1: no battery, or it does not say */
    bool charging; /* or full, on the mains */
};

struct power_source {
    void *context;
    /* As it is now. */
    void (*look)(void *context, struct power *ret_power);
    /* Readable when something about it has changed; `take` empties it. -1: look once in a while. */
    int (*fd)(void *context);
    void (*take)(void *context);
    void (*close)(void *context);
};

/* platform/linux/power.c. sysfs: where that is, "/sys". */
enum rc power_linux(const char *sysfs, struct power_source *ret_source);
enum rc power_sim(const char *path,
                  struct power_source *ret_source); /* platform/sim: "percent charging|discharging" */

/* Which warning a battery at this many percent deserves: 20, 10, 5, or 0 none. Pure. */
int power_warning(const struct power *power);

#endif
