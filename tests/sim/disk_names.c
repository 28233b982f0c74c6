#include "tests/sim/disk_private.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BYTES_AT_A_TIME = 64 << 10 };

static void set_path(char *path, const char *to)
{
    snprintf(path, DISK_PATH_MAX + 1, "%s", to);
}

void disk_take_over(struct disk_file *file)
{
    static uint8_t bytes[BYTES_AT_A_TIME];
    ssize_t len;
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        abort();
    while ((len = read(fd, bytes, sizeof bytes)) > 0) {
        disk_op(file, DISK_OP_WRITE, file->now.len, bytes, (size_t)len);
        disk_image_write(&file->now, file->now.len, bytes, (size_t)len);
        file->taken = true;
    }
    close(fd);
    if (file->taken && disk_plain_leave(file->path))
        disk_sync(file);
}

bool disk_file_synced(const char *path)
{
    struct disk_file *file = disk_known(path);
    bool mine = file && file->now.exists && !file->changed;
    if (mine)
        disk_sync(file);
    return mine;
}

/* Its name, and that of another one that is not there. */
static void swap_names(struct disk_file *file, const char *to)
{
    char from[DISK_PATH_MAX + 1];
    struct disk_file *other = disk_known(to);
    set_path(from, file->path);
    if (other)
        set_path(other->path, from);
    set_path(file->path, to);
}

bool disk_renamed(const char *from, const char *to)
{
    struct disk_file *file = disk_known(from);
    if (!file || !file->now.exists || file->changed)
        return false;
    set_path(file->was, from);
    swap_names(file, to);
    file->taken = false;
    return true;
}

void disk_names_synced(const char *folder)
{
    struct disk_file *file;
    size_t len = strlen(folder);
    for (int node = 0; node < DISK_NODES; node++)
        for (int n = 0; (file = disk_nth(node, n)); n++)
            if (strncmp(file->path, folder, len) == 0 && file->path[len] == '/')
                file->was[0] = '\0';
}

void disk_names_fail(int node, enum disk_end how, uint64_t *random)
{
    struct disk_file *file;
    for (int n = 0; (file = disk_nth(node, n)); n++) {
        bool undone = file->was[0] && (how == DISK_FORGET || disk_random(random) & 1);
        if (undone && disk_rename(file->path, file->was) == 0) {
            swap_names(file, file->was);
            file->taken = true;
        }
        file->was[0] = '\0';
    }
}

static void write_out(const struct disk_file *file)
{
    static uint8_t bytes[BYTES_AT_A_TIME];
    size_t len, at = 0;
    FILE *to = fopen(file->path, "we");
    while (to && (len = disk_image_read(&file->now, at, bytes, sizeof bytes)) > 0) {
        if (fwrite(bytes, 1, len, to) != len)
            abort();
        at += len;
    }
    if (!to || fclose(to) != 0)
        abort();
    disk_looks_end();
}

/* The next process may read it without SQLite. */
void disk_give_back(int node)
{
    struct disk_file *file;
    for (int n = 0; (file = disk_nth(node, n)); n++) {
        if (file->taken && file->now.exists) {
            write_out(file);
            disk_image_clear(&file->now);
            disk_image_clear(&file->durable);
            file->changed = true;
            file->stands = false;
        }
        file->taken = false;
    }
}
