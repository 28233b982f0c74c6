/* Place contract: where this device is, as a receiver for satellites says. Opening takes as long as a connection on this machine;
 * nothing else waits. One thread. */
#ifndef TALLYMAN_PLATFORM_PLACE_H
#define TALLYMAN_PLATFORM_PLACE_H

#include "app/domain/rc.h"
#include <stdint.h>

enum place_kind { PLACE_NONE, PLACE_GPSD, PLACE_SIM };

enum { PLACE_ADDRESS_MAX = 255 };

struct place_fix {
    double lat, lon;   /* degrees, WGS 84 */
    double accuracy_m; /* 0 not told */
    int64_t age_ms;    /* since it came */
};

struct place_source;

struct place_class {
    const char *name;
    /* gpsd: a port of this machine. Simulated: a file with `LAT LON [ACCURACY]`, read again each time. RC_NOT_FOUND: nobody
     * answers there. */
    enum rc (*open)(const char *address, struct place_source **ret_place);
    void (*close)(struct place_source *place);
    int (*fd)(const struct place_source *place); /* what to poll for reading */
    /* Takes what has come; the last place told. RC_TIMEOUT: none yet. RC_DISCONNECTED: whoever told has gone. */
    enum rc (*read)(struct place_source *place, struct place_fix *ret_fix);
};

/* Every implementation's struct begins with this. */
struct place_source {
    const struct place_class *class;
};

extern const struct place_class place_gpsd; /* platform/linux/place_gpsd.c */
extern const struct place_class place_sim;  /* platform/sim/place_sim.c */

#endif
