#include "tests/sim/disk_private.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What SQLite holds. */
struct handle {
    sqlite3_file base;
    struct disk_file *file;
    struct disk_file *own; /* a file without a name: `file` too */
    int lock;              /* SQLITE_LOCK_* */
    unsigned shm_shared, shm_exclusive;
    bool shm;
};

enum { SHM_BYTES = 32768 };

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    uint64_t random;
} disk;

void disk_seed(uint64_t seed)
{
    disk.random = seed;
}

static struct handle *handle_of(sqlite3_file *base)
{
    return (struct handle *)base;
}

/* ---- bytes ---- */

static int io_read(sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset)
{
    const struct disk_file *file = handle_of(base)->file;
    if (file->node >= 0 && disk_ended(file->node))
        return SQLITE_IOERR_READ;
    size_t len = disk_image_read(&file->now, (size_t)offset, buffer, (size_t)amount);
    if (len == (size_t)amount)
        return SQLITE_OK;
    memset((char *)buffer + len, 0, (size_t)amount - len);
    return SQLITE_IOERR_SHORT_READ;
}

static int io_write(sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset)
{
    struct disk_file *file = handle_of(base)->file;
    enum disk_answer answer = disk_step(file->node, DISK_WRITES);
    if (answer != DISK_GOES)
        return answer == DISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    disk_image_write(&file->now, (size_t)offset, buffer, (size_t)amount);
    if (file->node >= 0)
        disk_op(file, DISK_OP_WRITE, (size_t)offset, buffer, (size_t)amount);
    return SQLITE_OK;
}

static int io_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct disk_file *file = handle_of(base)->file;
    if (disk_step(file->node, DISK_OTHER) != DISK_GOES)
        return SQLITE_IOERR_TRUNCATE;
    disk_image_resize(&file->now, (size_t)size);
    if (file->node >= 0)
        disk_op(file, DISK_OP_TRUNCATE, (size_t)size, NULL, 0);
    return SQLITE_OK;
}

static int io_sync(sqlite3_file *base, int flags)
{
    struct disk_file *file = handle_of(base)->file;
    (void)flags;
    if (disk_step(file->node, DISK_SYNCS) != DISK_GOES)
        return SQLITE_IOERR_FSYNC;
    if (file->node >= 0)
        disk_sync(file);
    return SQLITE_OK;
}

static int io_file_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
    const struct disk_file *file = handle_of(base)->file;
    if (file->node >= 0 && disk_ended(file->node))
        return SQLITE_IOERR_FSTAT;
    *ret_size = (sqlite3_int64)file->now.len;
    return SQLITE_OK;
}

/* ---- locks: https://sqlite.org/lockingv3.html ---- */

static int io_lock(sqlite3_file *base, int lock)
{
    struct handle *handle = handle_of(base);
    struct disk_file *file = handle->file;
    if (handle->lock >= lock)
        return SQLITE_OK;
    bool others_pending = file->pending && file->pending != handle;
    if (others_pending || (lock > SQLITE_LOCK_SHARED && file->reserved && file->reserved != handle))
        return SQLITE_BUSY;
    if (lock == SQLITE_LOCK_SHARED)
        file->shared++;
    if (lock >= SQLITE_LOCK_RESERVED)
        file->reserved = handle;
    if (lock == SQLITE_LOCK_EXCLUSIVE) {
        file->pending = handle;
        if (file->shared > 1)
            return SQLITE_BUSY;
    }
    handle->lock = lock;
    return SQLITE_OK;
}

static int io_unlock(sqlite3_file *base, int lock)
{
    struct handle *handle = handle_of(base);
    struct disk_file *file = handle->file;
    if (file->pending == handle)
        file->pending = NULL;
    if (file->reserved == handle)
        file->reserved = NULL;
    if (lock == SQLITE_LOCK_NONE && handle->lock > SQLITE_LOCK_NONE)
        file->shared--;
    if (handle->lock > lock)
        handle->lock = lock;
    return SQLITE_OK;
}

static int io_check_reserved(sqlite3_file *base, int *ret_reserved)
{
    *ret_reserved = handle_of(base)->file->reserved != NULL;
    return SQLITE_OK;
}

/* ---- shared memory: https://sqlite.org/walformat.html#the_wal_index_file_format ---- */

static int io_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **ret_map)
{
    struct handle *handle = handle_of(base);
    struct disk_file *file = handle->file;
    *ret_map = NULL;
    if (region >= DISK_SHM_REGIONS || size > SHM_BYTES)
        return SQLITE_IOERR_SHMMAP;
    file->shm_users += !handle->shm;
    handle->shm = true;
    if (!file->shm[region] && extend)
        file->shm[region] = disk_need(calloc(1, SHM_BYTES));
    *ret_map = file->shm[region];
    return SQLITE_OK;
}

static void shm_release(struct handle *handle, int offset, int count)
{
    for (int i = offset; i < offset + count; i++) {
        struct disk_file *file = handle->file;
        if (file->shm_exclusive[i] == handle)
            file->shm_exclusive[i] = NULL;
        if (handle->shm_shared >> i & 1)
            file->shm_shared[i]--;
        handle->shm_shared &= ~(1u << i);
    }
}

static bool shm_taken(const struct handle *handle, int i, int flags)
{
    const struct disk_file *file = handle->file;
    int own = (int)(handle->shm_shared >> i & 1);
    bool exclusive = file->shm_exclusive[i] && file->shm_exclusive[i] != handle;
    return exclusive || (flags & SQLITE_SHM_EXCLUSIVE && file->shm_shared[i] > own);
}

static int io_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    struct handle *handle = handle_of(base);
    struct disk_file *file = handle->file;
    if (flags & SQLITE_SHM_UNLOCK) {
        shm_release(handle, offset, count);
        return SQLITE_OK;
    }
    for (int i = offset; i < offset + count; i++)
        if (shm_taken(handle, i, flags))
            return SQLITE_BUSY;
    for (int i = offset; i < offset + count; i++) {
        if (flags & SQLITE_SHM_EXCLUSIVE) {
            file->shm_exclusive[i] = handle;
        } else if (!(handle->shm_shared >> i & 1)) {
            file->shm_shared[i]++;
            handle->shm_shared |= 1u << i;
        }
    }
    return SQLITE_OK;
}

static void io_shm_barrier(sqlite3_file *base)
{
    (void)base;
}

static int io_shm_unmap(sqlite3_file *base, int remove)
{
    struct handle *handle = handle_of(base);
    struct disk_file *file = handle->file;
    (void)remove;
    if (!handle->shm)
        return SQLITE_OK;
    shm_release(handle, 0, DISK_SHM_LOCKS);
    handle->shm = false;
    if (--file->shm_users > 0)
        return SQLITE_OK;
    for (int i = 0; i < DISK_SHM_REGIONS; i++) {
        free(file->shm[i]);
        file->shm[i] = NULL;
    }
    return SQLITE_OK;
}

/* ---- the rest of a file ---- */

static int io_close(sqlite3_file *base)
{
    struct handle *handle = handle_of(base);
    if (!handle->file)
        return SQLITE_OK;
    io_shm_unmap(base, 0);
    io_unlock(base, SQLITE_LOCK_NONE);
    handle->file->handles--;
    if (handle->own) {
        disk_image_clear(&handle->own->now);
        free(handle->own);
    }
    handle->file = NULL;
    return SQLITE_OK;
}

static int io_control(sqlite3_file *base, int op, void *argument)
{
    (void)base, (void)op, (void)argument;
    return SQLITE_NOTFOUND;
}

static int io_sector_size(sqlite3_file *base)
{
    (void)base;
    return DISK_SECTOR_BYTES;
}

/* None: no safe append, no power-safe overwrite. */
static int io_characteristics(sqlite3_file *base)
{
    (void)base;
    return 0;
}

/* Version 2: without mapped reads, so that every access passes here. */
static const sqlite3_io_methods io_methods = {
    .iVersion = 2,
    .xClose = io_close,
    .xRead = io_read,
    .xWrite = io_write,
    .xTruncate = io_truncate,
    .xSync = io_sync,
    .xFileSize = io_file_size,
    .xLock = io_lock,
    .xUnlock = io_unlock,
    .xCheckReservedLock = io_check_reserved,
    .xFileControl = io_control,
    .xSectorSize = io_sector_size,
    .xDeviceCharacteristics = io_characteristics,
    .xShmMap = io_shm_map,
    .xShmLock = io_shm_lock,
    .xShmBarrier = io_shm_barrier,
    .xShmUnmap = io_shm_unmap,
};

/* ---- sqlite3_vfs ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *ret_flags)
{
    struct handle *handle = handle_of(base);
    int node = name ? disk_node_of(name) : -1;
    (void)vfs;
    if (name && node < 0)
        return disk.real->xOpen(disk.real, name, base, flags, ret_flags);
    *handle = (struct handle){.lock = SQLITE_LOCK_NONE};
    if (node >= 0 && disk_ended(node))
        return SQLITE_CANTOPEN;
    if (name) {
        handle->file = disk_open(name, flags & SQLITE_OPEN_CREATE);
    } else {
        handle->file = handle->own = disk_need(calloc(1, sizeof *handle->own));
        handle->own->node = -1;
    }
    if (!handle->file)
        return SQLITE_CANTOPEN;
    handle->file->handles++;
    base->pMethods = &io_methods;
    if (ret_flags)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    int node = disk_node_of(name);
    (void)vfs;
    if (node < 0)
        return disk.real->xDelete(disk.real, name, sync_dir);
    if (disk_step(node, DISK_OTHER) != DISK_GOES)
        return SQLITE_IOERR_DELETE;
    struct disk_file *file = disk_open(name, false);
    if (!file)
        return SQLITE_IOERR_DELETE_NOENT;
    disk_delete(file);
    if (sync_dir)
        disk_sync(file);
    disk_withdraw(file);
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_answer)
{
    int node = disk_node_of(name);
    (void)vfs;
    if (node < 0)
        return disk.real->xAccess(disk.real, name, flags, ret_answer);
    if (disk_ended(node))
        return SQLITE_IOERR_ACCESS;
    const struct disk_file *file = disk_open(name, false);
    *ret_answer =
        file && (flags != SQLITE_ACCESS_EXISTS || file->now.len > 0); /* as the real one: an empty log is none */
    return SQLITE_OK;
}

static int vfs_full_pathname(sqlite3_vfs *vfs, const char *name, int room, char *ret_path)
{
    (void)vfs;
    return disk.real->xFullPathname(disk.real, name, room, ret_path);
}

static int vfs_randomness(sqlite3_vfs *vfs, int room, char *ret_bytes)
{
    (void)vfs;
    for (int i = 0; i < room; i++)
        ret_bytes[i] = (char)disk_random(&disk.random);
    return room;
}

/* Who waits waits for nobody: there is one thread. */
static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

enum rc disk_register(void)
{
    if (disk.real)
        return RC_OK;
    disk.real = sqlite3_vfs_find(NULL);
    if (!disk.real)
        return RC_IO;
    disk.vfs = *disk.real;
    disk.vfs.pNext = NULL;
    disk.vfs.zName = "disk";
    if (disk.vfs.szOsFile < (int)sizeof(struct handle))
        disk.vfs.szOsFile = (int)sizeof(struct handle);
    disk.vfs.xOpen = vfs_open;
    disk.vfs.xDelete = vfs_delete;
    disk.vfs.xAccess = vfs_access;
    disk.vfs.xFullPathname = vfs_full_pathname;
    disk.vfs.xRandomness = vfs_randomness;
    disk.vfs.xSleep = vfs_sleep;
    return sqlite3_vfs_register(&disk.vfs, 1) == SQLITE_OK ? RC_OK : RC_IO;
}
