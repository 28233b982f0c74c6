/* Where gpsd says that this device is: JSON, an object a line (gpsd_json(5)). Read here and not by libgps, whose reader goes on for ever
 * with some lines that are no JSON: whoever has that port must not hold the screens. */
#include "platform/place.h"
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    LINE_BYTES = 16 << 10, /* gpsd's own limit is lower; what is longer is passed over */
    READS_MAX = 64,
    PORT_MAX = 65535,
    MODE_2D = 2, /* of a TPV: two dimensions are known, or three */
    MS_PER_S = 1000,
    NS_PER_MS = 1000000
};

static const char WATCH[] = "?WATCH={\"enable\":true,\"json\":true};\n";

struct gpsd {
    struct place_source base;
    int fd;
    bool gone;
    bool told;
    struct place_fix fix;
    int64_t told_ms;
    size_t len;
    bool over; /* the line is too long */
    char line[LINE_BYTES];
};

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

/* ---- the connection ---- */

static void gpsd_close(struct place_source *place)
{
    if (!place)
        return;
    close(self(place)->fd);
    free(self(place));
}

static bool read_port(const char *text, in_port_t *ret_port)
{
    char *end;
    long port = strtol(text, &end, 10);
    bool good = text[0] >= '1' && text[0] <= '9' && !*end && port <= PORT_MAX;
    if (good)
        *ret_port = htons((in_port_t)port);
    return good;
}

static enum rc gpsd_open(const char *address, struct place_source **ret_place)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    if (!read_port(address, &here.sin_port))
        return RC_NOT_FOUND;
    struct gpsd *gpsd = calloc(1, sizeof *gpsd);
    if (!gpsd)
        return RC_NOMEM;
    gpsd->base.class = &place_gpsd;
    gpsd->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (gpsd->fd < 0 || connect(gpsd->fd, (const struct sockaddr *)&here, sizeof here) != 0 ||
        send(gpsd->fd, WATCH, sizeof WATCH - 1, MSG_NOSIGNAL) != (ssize_t)sizeof WATCH - 1) {
        if (gpsd->fd >= 0)
            close(gpsd->fd);
        free(gpsd);
        return RC_NOT_FOUND;
    }
    *ret_place = &gpsd->base;
    return RC_OK;
}

static int gpsd_fd(const struct place_source *place)
{
    return ((const struct gpsd *)place)->fd;
}

/* ---- what it says ---- */

static double number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static double accuracy(const json_t *tpv)
{
    double eph = number(tpv, "eph"), both = hypot(number(tpv, "epx"), number(tpv, "epy"));
    if (isfinite(eph) && eph > 0)
        return eph;
    return isfinite(both) ? both : 0;
}

static void take_line(struct gpsd *gpsd)
{
    json_t *object = json_loadb(gpsd->line, gpsd->len, 0, NULL);
    const char *class = json_string_value(json_object_get(object, "class"));
    if (class && strcmp(class, "TPV") == 0) {
        double lat = number(object, "lat"), lon = number(object, "lon");
        bool sane = fabs(lat) <= 90 && fabs(lon) <= 180; /* NaN is not */
        gpsd->told = number(object, "mode") >= MODE_2D && sane;
        gpsd->fix = (struct place_fix){lat, lon, accuracy(object), 0};
        gpsd->told_ms = now_ms();
    }
    json_decref(object);
}

static void take(struct gpsd *gpsd, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] == '\n') {
            if (!gpsd->over)
                take_line(gpsd);
            gpsd->len = 0;
            gpsd->over = false;
        } else if (gpsd->len < sizeof gpsd->line) {
            gpsd->line[gpsd->len++] = bytes[i];
        } else {
            gpsd->over = true;
        }
}

static enum rc gpsd_read(struct place_source *place, struct place_fix *ret_fix)
{
    struct gpsd *gpsd = self(place);
    char bytes[4096];
    for (int i = 0; i < READS_MAX && !gpsd->gone; i++) {
        ssize_t len = recv(gpsd->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (len < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        gpsd->gone = len <= 0;
        if (len > 0)
            take(gpsd, bytes, (size_t)len);
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
