/* The simulated place: a file with `LAT LON [ACCURACY]`. While it holds anything else nothing is known yet; a file that goes away
 * is a receiver that did. */
#include "platform/place.h"
#include <assert.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { TEXT_BYTES = 128 };

struct sim {
    struct place_source base;
    int event_fd; /* always readable: the file may be asked at any time */
    char path[PLACE_ADDRESS_MAX + 1];
};

static struct sim *self(struct place_source *place)
{
    assert(place->class == &place_sim);
    return (struct sim *)place;
}

static void sim_close(struct place_source *place)
{
    if (!place)
        return;
    close(self(place)->event_fd);
    free(place);
}

static enum rc sim_open(const char *address, struct place_source **ret_place)
{
    if (strlen(address) > PLACE_ADDRESS_MAX)
        return RC_TOO_BIG;
    if (access(address, R_OK) != 0)
        return RC_NOT_FOUND;
    struct sim *sim = calloc(1, sizeof *sim);
    if (!sim)
        return RC_NOMEM;
    sim->base.class = &place_sim;
    sim->event_fd = eventfd(1, EFD_CLOEXEC);
    if (sim->event_fd < 0) {
        free(sim);
        return RC_IO;
    }
    memcpy(sim->path, address, strlen(address) + 1);
    *ret_place = &sim->base;
    return RC_OK;
}

static int sim_fd(const struct place_source *place)
{
    return ((const struct sim *)place)->event_fd;
}

static bool number(char **at, double most, double *ret_number)
{
    char *end;
    double value = strtod(*at, &end);
    if (end == *at || !(fabs(value) <= most))
        return false;
    *at = end;
    *ret_number = value;
    return true;
}

static enum rc sim_read(struct place_source *place, struct place_fix *ret_fix)
{
    char text[TEXT_BYTES] = "", *at = text;
    struct place_fix fix = {0};
    FILE *file = fopen(self(place)->path, "re");
    if (!file)
        return RC_DISCONNECTED;
    bool read = fgets(text, sizeof text, file) != NULL;
    fclose(file);
    if (!read || !number(&at, 90, &fix.lat) || !number(&at, 180, &fix.lon))
        return RC_TIMEOUT;
    (void)number(&at, 1e6, &fix.accuracy_m);
    *ret_fix = fix;
    return RC_OK;
}

const struct place_class place_sim = {"sim", sim_open, sim_close, sim_fd, sim_read};
