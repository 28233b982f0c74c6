#include "app/store/catalogs.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 1200 };

enum rc rc_of_errno(int error)
{
    switch (error) {
    case ENOENT: return RC_NOT_FOUND;
    case ENOSPC:
    case EDQUOT: return RC_DISK_FULL;
    case EROFS:
    case EACCES:
    case EPERM: return RC_READ_ONLY;
    case ENOMEM: return RC_NOMEM;
    case EAGAIN:
    case EBUSY: return RC_BUSY;
    }
    return RC_IO;
}

static bool is_catalog_name(const char *name, int *ret_number)
{
    int end = 0;
    return sscanf(name, "catalog-%9d.db%n", ret_number, &end) == 1 && end > 0 && !name[end] && *ret_number > 0;
}

/* The catalog that a file of one line names: CURRENT or DAMAGED. *ret_status: of the file that was read. */
static enum rc read_name(const char *dir, const char *file_name, char *ret_name, struct stat *ret_status)
{
    char path[PATH_BYTES], name[CATALOGS_NAME_MAX + 2];
    snprintf(path, sizeof path, "%s/%s", dir, file_name);
    FILE *file = fopen(path, "re");
    if (!file)
        return rc_of_errno(errno);
    bool read = fstat(fileno(file), ret_status) == 0 && fgets(name, sizeof name, file);
    fclose(file);
    int number;
    if (read)
        name[strcspn(name, "\n")] = '\0';
    if (!read || !is_catalog_name(name, &number))
        return RC_CORRUPT;
    snprintf(ret_name, CATALOGS_NAME_MAX + 1, "catalog-%d.db", number);
    return RC_OK;
}

enum rc catalogs_current(const char *dir, struct catalogs_mark *ret_mark)
{
    struct catalogs_mark mark;
    struct stat status;
    enum rc rc = read_name(dir, "CURRENT", mark.name, &status);
    if (rc != RC_OK)
        return rc;
    char path[PATH_BYTES];
    mark.current_inode = status.st_ino;
    mark.current_changed = status.st_ctim;
    snprintf(path, sizeof path, "%s/%s", dir, mark.name);
    if (stat(path, &status) != 0)
        return rc_of_errno(errno);
    mark.device = status.st_dev;
    mark.inode = status.st_ino;
    *ret_mark = mark;
    return RC_OK;
}

bool catalogs_same(const struct catalogs_mark *a, const struct catalogs_mark *b)
{
    return a->device == b->device && a->inode == b->inode && strcmp(a->name, b->name) == 0;
}

static bool stat_in(const char *dir, const char *name, struct stat *ret_status)
{
    char path[PATH_BYTES];
    size_t dir_len = strlen(dir), len = strlen(name);
    if (dir_len + len + 2 > sizeof path)
        return false;
    memcpy(path, dir, dir_len);
    path[dir_len] = '/';
    memcpy(path + dir_len + 1, name, len + 1);
    return stat(path, ret_status) == 0;
}

bool catalogs_unchanged(const char *dir, const struct catalogs_mark *mark)
{
    struct stat current, file;
    return stat_in(dir, "CURRENT", &current) && current.st_ino == mark->current_inode &&
           current.st_ctim.tv_sec == mark->current_changed.tv_sec &&
           current.st_ctim.tv_nsec == mark->current_changed.tv_nsec && stat_in(dir, mark->name, &file) &&
           file.st_dev == mark->device && file.st_ino == mark->inode;
}

enum rc catalogs_new_name(const char *dir, char *ret_name)
{
    DIR *folder = opendir(dir);
    if (!folder)
        return rc_of_errno(errno);
    int highest = 0, number;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (is_catalog_name(entry->d_name, &number) && number > highest)
            highest = number;
    closedir(folder);
    snprintf(ret_name, CATALOGS_NAME_MAX + 1, "catalog-%d.db", highest + 1);
    return RC_OK;
}

static enum rc sync_folder(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return rc_of_errno(errno);
    enum rc rc = fsync(fd) == 0 ? RC_OK : rc_of_errno(errno);
    close(fd);
    return rc;
}

static enum rc write_synced(const char *path, const void *bytes, size_t len, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0)
        return rc_of_errno(errno);
    ssize_t wrote = write(fd, bytes, len);
    enum rc rc = wrote == (ssize_t)len ? RC_OK : wrote < 0 ? rc_of_errno(errno) : RC_DISK_FULL;
    if (rc == RC_OK && fsync(fd) != 0)
        rc = rc_of_errno(errno);
    close(fd);
    return rc;
}

enum rc file_replace(const char *dir, const char *name, const void *bytes, size_t len, mode_t mode)
{
    char path[PATH_BYTES], aside[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    snprintf(aside, sizeof aside, "%s/%s.new", dir, name);
    enum rc rc = write_synced(aside, bytes, len, mode);
    if (rc == RC_OK && rename(aside, path) != 0)
        rc = rc_of_errno(errno);
    if (rc != RC_OK) {
        unlink(aside);
        return rc;
    }
    return sync_folder(dir);
}

static enum rc write_name(const char *dir, const char *file_name, const char *name)
{
    char line[CATALOGS_NAME_MAX + 2];
    int len = snprintf(line, sizeof line, "%s\n", name);
    return file_replace(dir, file_name, line, (size_t)len, 0600);
}

enum rc catalogs_mark_damaged(const char *dir, const char *name)
{
    if (catalogs_is_damaged(dir, name))
        return RC_OK;
    enum rc rc = write_name(dir, "DAMAGED", name);
    return catalogs_is_damaged(dir, name) ? RC_OK
                                          : rc; /* the other thread was quicker, and took the file aside along */
}

bool catalogs_is_damaged(const char *dir, const char *name)
{
    char damaged[CATALOGS_NAME_MAX + 1];
    struct stat status;
    return read_name(dir, "DAMAGED", damaged, &status) == RC_OK && strcmp(damaged, name) == 0;
}

enum rc catalogs_activate(const char *dir, const char *name)
{
    char path[PATH_BYTES];
    enum rc rc = write_name(dir, "CURRENT", name);
    if (rc != RC_OK || catalogs_is_damaged(dir, name))
        return rc;
    snprintf(path, sizeof path, "%s/DAMAGED", dir);
    unlink(path); /* one that stays names a file that is no longer in use: nobody minds */
    return RC_OK;
}

void catalogs_remove(const char *dir, const char *name)
{
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%s/%s%s", dir, name, tails[i]);
        unlink(path);
    }
}

static void sweep(const char *dir, bool older_only)
{
    struct catalogs_mark mark;
    int current, number;
    if (catalogs_current(dir, &mark) != RC_OK || !is_catalog_name(mark.name, &current))
        return;
    DIR *folder = opendir(dir);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char name[CATALOGS_NAME_MAX + 1];
        if (!is_catalog_name(entry->d_name, &number) || number == current || (older_only && number > current))
            continue;
        snprintf(name, sizeof name, "catalog-%d.db", number);
        catalogs_remove(dir, name);
    }
    closedir(folder);
}

void catalogs_sweep(const char *dir)
{
    sweep(dir, false);
}

void catalogs_sweep_older(const char *dir)
{
    sweep(dir, true);
}
