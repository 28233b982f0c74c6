#include "app/engine/position.h"
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>

enum { MS_PER_S = 1000, NS_PER_MS = 1000000, LOOK_AGAIN_MS = 50 };

char *position_print(const struct place_fix *fix, char *ret_text)
{
    int len = snprintf(ret_text, POSITION_TEXT_MAX + 1, "%.5f,%.5f", fix->lat, fix->lon);
    if (fix->accuracy_m > 0 && len > 0 && len < POSITION_TEXT_MAX)
        snprintf(ret_text + len, (size_t)(POSITION_TEXT_MAX + 1 - len), " ±%.0fm", ceil(fix->accuracy_m));
    return ret_text;
}

enum rc position_read(struct place_source *place, char *ret_text)
{
    struct place_fix fix;
    enum rc rc = place->class->read(place, &fix);
    if (rc == RC_OK && fix.age_ms > POSITION_AGE_MAX_MS)
        rc = RC_TIMEOUT;
    if (rc == RC_OK)
        position_print(&fix, ret_text);
    return rc;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

enum rc position_find(const struct place_class *class, const char *address, int wait_ms, char *ret_text)
{
    struct place_source *place;
    enum rc rc = class ? class->open(address, &place) : RC_NOT_FOUND;
    if (rc != RC_OK)
        return rc;
    int64_t end = now_ms() + wait_ms;
    while ((rc = position_read(place, ret_text)) == RC_TIMEOUT && now_ms() < end) {
        struct pollfd fd = {.fd = class->fd(place), .events = POLLIN};
        poll(&fd, 1, (int)(end - now_ms() > 0 ? end - now_ms() : 0));
        if (fd.revents & ~POLLIN) /* what is left to read is told by `read` */
            poll(NULL, 0, LOOK_AGAIN_MS);
    }
    class->close(place);
    return rc;
}
