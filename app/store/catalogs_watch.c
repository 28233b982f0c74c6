#include "app/store/catalogs_watch.h"
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TICK_MS = 50 /* more than any file system's clock goes at once */ };

void catalogs_watch_open(const char *dir, struct catalogs_watch *ret_watch)
{
    *ret_watch = (struct catalogs_watch){.folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC)};
}

void catalogs_watch_close(struct catalogs_watch *watch)
{
    if (watch->folder >= 0)
        close(watch->folder);
    watch->folder = -1;
}

static int64_t since_ms(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ((int64_t)now.tv_sec - then->tv_sec) * 1000 + (now.tv_nsec - then->tv_nsec) / 1000000;
}

bool catalogs_watch_still(struct catalogs_watch *watch)
{
    struct stat status;
    if (watch->folder < 0 || fstat(watch->folder, &status) != 0)
        return false;
    if (watch->sure && status.st_ctim.tv_sec == watch->changed.tv_sec &&
        status.st_ctim.tv_nsec == watch->changed.tv_nsec)
        return true;
    watch->changed = status.st_ctim;
    watch->sure = since_ms(&status.st_ctim) >= TICK_MS;
    return false;
}
