/* Where gpsd says that this device is, through libgps; which is loaded when somebody asks first, since it brings libraries along that
 * the program needs for nothing else. */
#include "platform/place.h"
#include <assert.h>
#include <dlfcn.h>
#include <gps.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Its structs are what the header says in this version alone. */
static const char LIBRARY[] = "libgps.so.28";
_Static_assert(GPSD_API_MAJOR_VERSION == 11, "name the library that belongs to this gps.h");

static const char HOST[] = "127.0.0.1";

enum { READS_MAX = 64, MS_PER_S = 1000, NS_PER_MS = 1000000 };

struct gpsd {
    struct place_source base;
    struct gps_data_t data;
    bool gone;
    bool told;
    struct place_fix fix;
    int64_t told_ms;
};

static struct {
    __typeof__(gps_open) *open;
    __typeof__(gps_close) *close;
    __typeof__(gps_stream) *stream;
    __typeof__(gps_waiting) *waiting;
    __typeof__(gps_read) *read;
} gps;

static bool find(void *library, const char *name, void *ret_function)
{
    void *found = dlsym(library, name);
    memcpy(ret_function, &found, sizeof found); /* POSIX: an object pointer holds a function's */
    return found != NULL;
}

static bool load(void)
{
    static void *library;
    if (!library)
        library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    return library && find(library, "gps_open", &gps.open) && find(library, "gps_close", &gps.close) &&
           find(library, "gps_stream", &gps.stream) && find(library, "gps_waiting", &gps.waiting) &&
           find(library, "gps_read", &gps.read);
}

static struct gpsd *self(struct place_source *place)
{
    assert(place->class == &place_gpsd);
    return (struct gpsd *)place;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static void gpsd_close(struct place_source *place)
{
    if (!place)
        return;
    struct gpsd *gpsd = self(place);
    gps.stream(&gpsd->data, WATCH_DISABLE, NULL);
    gps.close(&gpsd->data);
    free(gpsd);
}

static enum rc gpsd_open(const char *address, struct place_source **ret_place)
{
    if (!load())
        return RC_NOT_FOUND;
    struct gpsd *gpsd = calloc(1, sizeof *gpsd);
    if (!gpsd)
        return RC_NOMEM;
    gpsd->base.class = &place_gpsd;
    if (gps.open(HOST, address, &gpsd->data) != 0) {
        free(gpsd);
        return RC_NOT_FOUND;
    }
    if (gps.stream(&gpsd->data, WATCH_ENABLE | WATCH_JSON, NULL) < 0) {
        gpsd_close(&gpsd->base);
        return RC_NOT_FOUND;
    }
    *ret_place = &gpsd->base;
    return RC_OK;
}

static int gpsd_fd(const struct place_source *place)
{
    return (int)((const struct gpsd *)place)->data.gps_fd;
}

static double accuracy(const struct gps_fix_t *fix)
{
    if (isfinite(fix->eph) && fix->eph > 0)
        return fix->eph;
    double both = hypot(fix->epx, fix->epy);
    return isfinite(both) ? both : 0;
}

static void take(struct gpsd *gpsd)
{
    const struct gps_fix_t *fix = &gpsd->data.fix;
    if (!(gpsd->data.set & MODE_SET))
        return;
    bool sane = fabs(fix->latitude) <= 90 && fabs(fix->longitude) <= 180; /* NaN is not */
    gpsd->told = fix->mode >= MODE_2D && sane;
    gpsd->fix = (struct place_fix){fix->latitude, fix->longitude, accuracy(fix), 0};
    gpsd->told_ms = now_ms();
}

static enum rc gpsd_read(struct place_source *place, struct place_fix *ret_fix)
{
    struct gpsd *gpsd = self(place);
    for (int i = 0; i < READS_MAX && !gpsd->gone && gps.waiting(&gpsd->data, 0); i++) {
        gpsd->data.set = 0;
        gpsd->gone = gps.read(&gpsd->data, NULL, 0) < 0;
        if (!gpsd->gone)
            take(gpsd);
    }
    if (gpsd->gone)
        return RC_DISCONNECTED;
    if (!gpsd->told)
        return RC_TIMEOUT;
    *ret_fix = gpsd->fix;
    ret_fix->age_ms = now_ms() - gpsd->told_ms;
    return RC_OK;
}

const struct place_class place_gpsd = {"gpsd", gpsd_open, gpsd_close, gpsd_fd, gpsd_read};
