#include "app/catalog/pack_area.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATH_BYTES = 1200 };

/* With its room on the disk reserved: a full disk is found here and not by a signal. */
static enum rc open_file(const char *path, size_t size, int *ret_fd)
{
    char name[PATH_BYTES];
    if (snprintf(name, sizeof name, "%s-pack", path) >= (int)sizeof name)
        return RC_TOO_BIG;
    unlink(name); /* of a build that was cut short */
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EROFS || errno == EACCES ? RC_READ_ONLY : RC_IO;
    unlink(name);
    int failed = posix_fallocate(fd, 0, (off_t)size);
    if (!failed) {
        *ret_fd = fd;
        return RC_OK;
    }
    close(fd);
    return failed == ENOSPC || failed == EDQUOT ? RC_DISK_FULL : RC_IO;
}

enum rc pack_area_open(const char *path, size_t count, struct pack_area *ret_area)
{
    size_t size = (count + 1) * sizeof(uint32_t);
    int fd = -1;
    enum rc rc = path[0] ? open_file(path, size, &fd) : RC_OK;
    if (rc != RC_OK)
        return rc;
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    if (bytes == MAP_FAILED)
        return RC_NOMEM;
    *ret_area = (struct pack_area){.numbers = bytes, .count = count, .in_file = fd >= 0};
    return RC_OK;
}

void pack_area_rest(const struct pack_area *area)
{
    if (area->in_file)
        (void)madvise(area->numbers, (area->count + 1) * sizeof(uint32_t), MADV_DONTNEED);
}

void pack_area_close(struct pack_area *area)
{
    if (area->numbers)
        munmap(area->numbers, (area->count + 1) * sizeof(uint32_t));
    *area = (struct pack_area){0};
}

uint32_t *pack_area_take(struct pack_area *area, size_t count)
{
    uint32_t *numbers = area->numbers + area->taken;
    area->taken += count;
    assert(area->taken <= area->count);
    return numbers;
}
