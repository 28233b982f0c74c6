/* The calls by which the program writes files without SQLite: the linker has them come here first (`--wrap`, see the
 * Makefile). Files of no node are let through. */
#include "tests/sim/disk_private.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLAIN_MAX = 64, PLAIN_BYTES_MAX = 4096 };

/* What is not on disk of one file. */
struct plain {
    char path[DISK_PATH_MAX + 1];
    int node;
    bool content; /* its bytes */
    bool renamed; /* its name: before, there was `old` */
    bool had;
    size_t synced; /* so many bytes of a long file */
    size_t old_len;
    char old[PLAIN_BYTES_MAX];
};

static struct plain plains[PLAIN_MAX];
static int plain_count;

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __real_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __real_rename(const char *from, const char *to);
int __real_unlink(const char *path);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);

static bool path_of(int fd, char *ret_path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, ret_path, DISK_PATH_MAX);
    ret_path[len > 0 ? len : 0] = '\0';
    return len > 0;
}

static int node_of_fd(int fd, char *ret_path)
{
    return path_of(fd, ret_path) ? disk_node_of(ret_path) : -1;
}

static struct plain *plain_find(const char *path)
{
    for (int i = 0; i < plain_count; i++)
        if (strcmp(plains[i].path, path) == 0)
            return &plains[i];
    return NULL;
}

static struct plain *plain_of(const char *path, int node)
{
    struct plain *plain = plain_find(path);
    if (plain)
        return plain;
    assert(plain_count < PLAIN_MAX);
    plain = &plains[plain_count++];
    *plain = (struct plain){.node = node};
    snprintf(plain->path, sizeof plain->path, "%s", path);
    return plain;
}

static void plain_drop(struct plain *plain)
{
    if (plain)
        *plain = plains[--plain_count];
}

/* 0, or -1 with errno. */
static int step(int node, enum disk_what what)
{
    enum disk_answer answer = disk_step(node, what);
    if (answer != DISK_GOES)
        errno = answer == DISK_FULL ? ENOSPC : EIO;
    return answer == DISK_GOES ? 0 : -1;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    char path[DISK_PATH_MAX + 1];
    int node = node_of_fd(fd, path);
    if (node < 0)
        return __real_write(fd, bytes, len);
    if (step(node, DISK_WRITES) != 0)
        return -1;
    plain_of(path, node)->content = true;
    disk_looks_end();
    return __real_write(fd, bytes, len);
}

/* A part of something that comes in pieces: what was synced of it stays. */
static bool is_long(const char *path)
{
    size_t len = strlen(path);
    return len > 5 && strcmp(path + len - 5, ".part") == 0;
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    char path[DISK_PATH_MAX + 1];
    int node = node_of_fd(fd, path);
    if (node >= 0 && step(node, DISK_WRITES) != 0)
        return -1;
    if (node >= 0 && is_long(path))
        plain_of(path, node)->content = true;
    disk_looks_end();
    return __real_pwrite(fd, bytes, len, offset);
}

static bool is_in(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return strncmp(path, dir, len) == 0 && path[len] == '/';
}

/* Of a folder: the names in it; of a file: what is in it. */
int __wrap_fsync(int fd)
{
    char path[DISK_PATH_MAX + 2];
    struct stat info;
    if (!path_of(fd, path) || fstat(fd, &info) != 0)
        return -1;
    bool folder = S_ISDIR(info.st_mode);
    size_t len = strlen(path);
    if (folder)
        snprintf(path + len, sizeof path - len, "/");
    int node = disk_node_of(path);
    path[len] = '\0';
    if (node >= 0 && step(node, DISK_SYNCS) != 0)
        return -1;
    for (int i = 0; i < plain_count; i++)
        if (folder && is_in(plains[i].path, path))
            plains[i].renamed = false;
    if (folder)
        disk_names_synced(path);
    else if (disk_file_synced(path))
        return 0;
    struct plain *plain = folder ? NULL : plain_find(path);
    if (plain) {
        plain->content = false;
        plain->synced = is_long(path) ? (size_t)info.st_size : 0;
    }
    return 0;
}

int __wrap_fdatasync(int fd)
{
    return __wrap_fsync(fd);
}

static void keep_old(struct plain *plain)
{
    int fd = open(plain->path, O_RDONLY | O_CLOEXEC);
    plain->renamed = true;
    plain->had = fd >= 0;
    plain->old_len = 0;
    if (fd < 0)
        return;
    ssize_t len = read(fd, plain->old, sizeof plain->old);
    plain->old_len = len > 0 ? (size_t)len : 0;
    close(fd);
}

int __wrap_rename(const char *from, const char *to)
{
    int node = disk_node_of(from);
    if (node < 0)
        return __real_rename(from, to);
    if (step(node, DISK_OTHER) != 0)
        return -1;
    disk_looks_end();
    if (disk_renamed(from, to)) {
        plain_drop(plain_find(from));
        return __real_rename(from, to);
    }
    struct plain *plain = plain_of(to, node);
    if (!plain->renamed) /* else what was there before that one is what may come back */
        keep_old(plain);
    const struct plain *source = plain_find(from);
    plain->content = source && source->content;
    plain_drop(plain_find(from));
    int renamed = __real_rename(from, to);
    disk_changed(from);
    disk_changed(to);
    return renamed;
}

int __wrap_unlink(const char *path)
{
    int node = disk_node_of(path);
    if (node >= 0 && step(node, DISK_OTHER) != 0)
        return -1;
    plain_drop(plain_find(path));
    disk_looks_end();
    int removed = __real_unlink(path);
    disk_changed(path);
    return removed;
}

static void rewrite(const struct plain *plain)
{
    int fd = open(plain->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || __real_write(fd, plain->old, plain->old_len) != (ssize_t)plain->old_len)
        abort();
    close(fd);
}

/* Not synced: its bytes are not there, or some of the first; a rename may come undone. */
static void lose(const struct plain *plain, enum disk_end how, uint64_t *random)
{
    struct stat info;
    disk_looks_end();
    if (plain->renamed && (how == DISK_FORGET || disk_random(random) & 1)) {
        if (plain->had)
            rewrite(plain);
        else
            (void)__real_unlink(plain->path);
    } else if (plain->content && stat(plain->path, &info) == 0) {
        uint64_t more = (uint64_t)info.st_size > plain->synced ? (uint64_t)info.st_size - plain->synced : 0;
        off_t len = (off_t)(plain->synced + (how == DISK_FORGET ? 0 : disk_random(random) % (more + 1)));
        if (truncate(plain->path, len) != 0)
            abort();
        disk_looks_end();
    }
}

int disk_unlink(const char *path)
{
    disk_looks_end();
    return __real_unlink(path);
}

int disk_rename(const char *from, const char *to)
{
    disk_looks_end();
    return __real_rename(from, to);
}

bool disk_plain_leave(const char *path)
{
    struct plain *plain = plain_find(path);
    bool synced = !plain || !plain->content;
    plain_drop(plain);
    return synced;
}

void disk_plain_fails(int node, enum disk_end how, uint64_t *random)
{
    for (int i = 0; i < plain_count;) {
        if (plains[i].node == node) {
            lose(&plains[i], how, random);
            plain_drop(&plains[i]);
        } else {
            i++;
        }
    }
}

void disk_plain_clear(void)
{
    plain_count = 0;
}
