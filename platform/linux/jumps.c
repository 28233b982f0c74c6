#include "platform/jumps.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MS_PER_S = 1000, NS_PER_MS = 1000000, FAR_S = 100 * 365 * 24 * 3600LL };

struct jumps {
    int fd;
    struct jumps_look last;
};

static int64_t read_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

/* A timer of the wall clock that is never due: reading it fails with ECANCELED when the clock is set. */
static void arm(const struct jumps *jumps)
{
    struct itimerspec when = {.it_value.tv_sec = (time_t)(read_ms(CLOCK_REALTIME) / MS_PER_S + FAR_S)};
    timerfd_settime(jumps->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL);
}

static struct jumps_look look(void)
{
    return (struct jumps_look){
        .wall_ms = read_ms(CLOCK_REALTIME), .up_ms = read_ms(CLOCK_BOOTTIME), .run_ms = read_ms(CLOCK_MONOTONIC)};
}

enum rc jumps_open(struct jumps **ret_jumps)
{
    struct jumps *jumps = calloc(1, sizeof *jumps);
    if (!jumps)
        return RC_NOMEM;
    jumps->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (jumps->fd < 0) {
        free(jumps);
        return RC_IO;
    }
    arm(jumps);
    jumps->last = look();
    *ret_jumps = jumps;
    return RC_OK;
}

void jumps_close(struct jumps *jumps)
{
    if (!jumps)
        return;
    close(jumps->fd);
    free(jumps);
}

int jumps_fd(const struct jumps *jumps)
{
    return jumps->fd;
}

void jumps_between(const struct jumps_look *before, const struct jumps_look *after, bool set, int64_t *ret_moved_ms,
                   int64_t *ret_slept_ms)
{
    int64_t passed_ms = after->up_ms - before->up_ms;
    *ret_moved_ms = set ? after->wall_ms - before->wall_ms - passed_ms : 0;
    *ret_slept_ms = passed_ms - (after->run_ms - before->run_ms);
}

void jumps_take(struct jumps *jumps, int64_t *ret_moved_ms, int64_t *ret_slept_ms)
{
    uint64_t times;
    bool set = read(jumps->fd, &times, sizeof times) < 0 && errno == ECANCELED;
    struct jumps_look now = look();
    jumps_between(&jumps->last, &now, set, ret_moved_ms, ret_slept_ms);
    jumps->last = now;
    if (set)
        arm(jumps);
}
