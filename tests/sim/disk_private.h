/* What the disk's files share. */
#ifndef TALLYMAN_TESTS_SIM_DISK_PRIVATE_H
#define TALLYMAN_TESTS_SIM_DISK_PRIVATE_H

#include "tests/sim/disk.h"
#include <stddef.h>
#include <sys/types.h>

enum { DISK_SHM_REGIONS = 8, DISK_SHM_LOCKS = 8 };

enum { DISK_PAGE_BYTES = 4096 };

/* A file's bytes in pages, which copies of it share until one of them is written to; NULL: zeros. */
struct disk_page;
struct disk_image {
    bool exists;
    size_t len;
    size_t page_count, room; /* as many as len needs; places in `pages` */
    struct disk_page **pages;
};

enum disk_op_kind { DISK_OP_WRITE, DISK_OP_TRUNCATE, DISK_OP_REPLACE, DISK_OP_DELETE };

struct disk_op {
    enum disk_op_kind kind;
    size_t offset, len; /* DISK_OP_TRUNCATE: offset is the new length */
    uint8_t *bytes;
};

struct disk_file {
    char path[DISK_PATH_MAX + 1];
    int node;                    /* -1: of no node */
    ino_t inode;                 /* of the empty file that stands for it */
    bool stands;                 /* it is there */
    bool taken;                  /* over from other calls, who had written it before SQLite opened it */
    char was[DISK_PATH_MAX + 1]; /* its name before it was renamed, until its folder is synced; "" none */
    bool changed; /* other calls did something to a file of this name: what is there has to be looked at */
    struct disk_image now, durable;
    struct disk_op *ops; /* since the last sync */
    size_t op_count, op_room;
    /* what its handles hold of it */
    int handles, shared, shm_users;
    const void *reserved, *pending;
    void *shm[DISK_SHM_REGIONS];
    int shm_shared[DISK_SHM_LOCKS];
    const void *shm_exclusive[DISK_SHM_LOCKS];
};

/* ---- disk.c ---- */

enum disk_answer { DISK_GOES, DISK_FULL, DISK_GONE };

enum disk_what { DISK_WRITES, DISK_SYNCS, DISK_OTHER };

/* One step of this node, which counts. To write needs room. */
enum disk_answer disk_step(int node, enum disk_what what);
int disk_node_of(const char *path); /* -1 */

void *disk_need(void *memory);

/* ---- disk_image.c ---- */

/* As many of these bytes as there are: how many. */
size_t disk_image_read(const struct disk_image *image, size_t offset, void *ret_bytes, size_t len);
void disk_image_write(struct disk_image *image, size_t offset, const void *bytes, size_t len);
void disk_image_resize(struct disk_image *image, size_t len);
void disk_image_clear(struct disk_image *image);
/* A copy of `from`, in place of what it was. */
void disk_image_set(struct disk_image *image, const struct disk_image *from);

/* ---- disk.c ---- */

/* As it is on the disk now, or a fresh one; NULL: there is none and `create` is not wanted. */
struct disk_file *disk_open(const char *path, bool create);
void disk_op(struct disk_file *file, enum disk_op_kind kind, size_t offset, const void *bytes, size_t len);
void disk_sync(struct disk_file *file);
void disk_delete(struct disk_file *file);
/* The empty file that stands for it is removed. */
void disk_withdraw(struct disk_file *file);
/* Something was renamed to this name, or removed. */
void disk_changed(const char *path);

/* ---- disk_names.c: files of SQLite's that other calls write, sync or rename ---- */

struct disk_file *disk_known(const char *path); /* NULL */
/* Those of a node, one after the other; NULL past the last. */
struct disk_file *disk_nth(int node, int n);
/* What other calls wrote under this name becomes what is in it. */
void disk_take_over(struct disk_file *file);
/* False: it is none of SQLite's. */
bool disk_file_synced(const char *path);
bool disk_renamed(const char *from, const char *to);
void disk_names_synced(const char *folder);
/* The node begins again: a rename that was not synced may come undone; what was taken over is other calls' again. */
void disk_names_fail(int node, enum disk_end how, uint64_t *random);
void disk_give_back(int node);

/* ---- disk_power.c ---- */

/* What a node's files are after its power failed. */
void disk_power_fails(struct disk_file *file, enum disk_end how, uint64_t *random);
void disk_apply(struct disk_image *image, const struct disk_op *op);

/* ---- disk_vfs.c ---- */

void disk_seed(uint64_t seed);

/* ---- disk_files.c ---- */

/* Not a step of anybody's. */
int disk_unlink(const char *path);
int disk_rename(const char *from, const char *to);
/* What other calls wrote there is theirs no more; whether all of it was synced. */
bool disk_plain_leave(const char *path);
void disk_plain_fails(int node, enum disk_end how, uint64_t *random);
void disk_plain_clear(void);

/* ---- disk_looks.c ---- */

/* Something may be there that was not, or be another file. */
void disk_looks_end(void);

#endif
