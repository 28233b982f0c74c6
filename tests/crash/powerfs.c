#include "tests/crash/powerfs.h"

#include <assert.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum op_kind { OP_WRITE, OP_TRUNCATE, OP_REPLACE, OP_DELETE };

struct op {
    enum op_kind kind;
    sqlite3_int64 offset; /* OP_TRUNCATE: the new length */
    size_t len;
    uint8_t *bytes;
};

struct image {
    bool exists;
    size_t len, room;
    uint8_t *bytes;
};

/* One path, whatever handles are open on it. */
struct pfile {
    char path[POWERFS_PATH_MAX + 1];
    struct image durable;
    struct op *ops; /* since the last sync */
    size_t op_count, op_room;
};

/* What SQLite holds; the real VFS's file follows in the same allocation. */
struct handle {
    sqlite3_file base;
    struct pfile *file; /* NULL: a temporary file, not modelled */
    sqlite3_file *real;
};

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    struct pfile files[POWERFS_FILES_MAX];
    int file_count;
    long points, syncs, cut_at;
    bool cut;
    long fail_at, fail_count;
    bool disk_full;
} fs;

/* ---- memory: a test that runs out of it has nothing to say ---- */

static void *need(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

static void image_resize(struct image *image, size_t len)
{
    if (len > image->room) {
        image->room = len + len / 2;
        image->bytes = need(realloc(image->bytes, image->room));
    }
    if (len > image->len)
        memset(image->bytes + image->len, 0, len - image->len);
    image->len = len;
}

static void image_write(struct image *image, size_t offset, const uint8_t *bytes, size_t len)
{
    if (offset + len > image->len)
        image_resize(image, offset + len);
    if (len > 0)
        memcpy(image->bytes + offset, bytes, len);
}

static void image_clear(struct image *image)
{
    free(image->bytes);
    *image = (struct image){0};
}

static void image_load(struct image *image, const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (!stream)
        return;
    uint8_t chunk[16384];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, stream)) > 0)
        image_write(image, image->len, chunk, got);
    image->exists = true;
    fclose(stream);
}

static void ops_clear(struct pfile *file)
{
    for (size_t i = 0; i < file->op_count; i++)
        free(file->ops[i].bytes);
    file->op_count = 0;
}

static void ops_add(struct pfile *file, enum op_kind kind, sqlite3_int64 offset, const void *bytes, size_t len)
{
    if (file->op_count == file->op_room) {
        file->op_room = file->op_room ? file->op_room * 2 : 16;
        assert(file->op_room <= POWERFS_OPS_MAX);
        file->ops = need(realloc(file->ops, file->op_room * sizeof *file->ops));
    }
    struct op *op = &file->ops[file->op_count++];
    *op = (struct op){.kind = kind, .offset = offset, .len = len};
    if (len > 0) {
        op->bytes = need(malloc(len));
        memcpy(op->bytes, bytes, len);
    }
}

static struct pfile *file_known(const char *path)
{
    for (int i = 0; i < fs.file_count; i++)
        if (strcmp(fs.files[i].path, path) == 0)
            return &fs.files[i];
    return NULL;
}

/* Before the real open: what is there now was there at the start. */
static struct pfile *file_of(const char *path)
{
    struct pfile *file = file_known(path);
    if (file)
        return file;
    assert(fs.file_count < POWERFS_FILES_MAX);
    file = &fs.files[fs.file_count++];
    *file = (struct pfile){0};
    int len = snprintf(file->path, sizeof file->path, "%s", path);
    assert(len > 0 && (size_t)len < sizeof file->path);
    (void)len;
    image_load(&file->durable, path);
    return file;
}

/* ---- the power ---- */

/* Counts one point; false when there is no power (any more), or a fault. */
static bool powered(void)
{
    if (fs.cut)
        return false;
    fs.points++;
    if (fs.points == fs.cut_at)
        fs.cut = true;
    return !fs.cut && (fs.fail_at == 0 || fs.points < fs.fail_at || fs.points >= fs.fail_at + fs.fail_count);
}

/* A disk that is full can still sync, cut and delete what it has. */
static bool possible(void)
{
    return powered() || (!fs.cut && fs.disk_full);
}

/* ---- what a disk makes of one operation ---- */

static void apply_sectors(struct image *image, const struct op *op, uint64_t *random);

static void apply_op(struct image *image, const struct op *op)
{
    switch (op->kind) {
    case OP_WRITE:
        image->exists = true;
        image_write(image, (size_t)op->offset, op->bytes, op->len);
        break;
    case OP_TRUNCATE: image_resize(image, (size_t)op->offset); break;
    case OP_REPLACE: image_resize(image, 0); break;
    case OP_DELETE:
        image_resize(image, 0);
        image->exists = false;
        break;
    }
}

static void file_settle(struct pfile *file)
{
    file->durable.exists = true;
    for (size_t i = 0; i < file->op_count; i++)
        apply_op(&file->durable, &file->ops[i]);
    ops_clear(file);
}

/* A journalling file system writes its folders' changes in order: a sync makes all earlier deletions last. */
static void deletions_settle(void)
{
    for (int i = 0; i < fs.file_count; i++) {
        struct pfile *file = &fs.files[i];
        size_t past = file->op_count;
        while (past > 0 && file->ops[past - 1].kind != OP_DELETE)
            past--;
        if (past == 0)
            continue;
        image_clear(&file->durable);
        for (size_t op = 0; op < past; op++)
            free(file->ops[op].bytes);
        memmove(file->ops, file->ops + past, (file->op_count - past) * sizeof *file->ops);
        file->op_count -= past;
    }
}

/* ---- sqlite3_io_methods ---- */

static struct handle *handle_of(sqlite3_file *base)
{
    return (struct handle *)base;
}

static int io_close(sqlite3_file *base)
{
    struct handle *handle = handle_of(base);
    return handle->real->pMethods ? handle->real->pMethods->xClose(handle->real) : SQLITE_OK;
}

static int io_read(sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset)
{
    struct handle *handle = handle_of(base);
    if (fs.cut)
        return SQLITE_IOERR_READ;
    return handle->real->pMethods->xRead(handle->real, buffer, amount, offset);
}

static int io_write(sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset)
{
    struct handle *handle = handle_of(base);
    if (handle->file && !powered())
        return fs.disk_full && !fs.cut ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    int rc = handle->real->pMethods->xWrite(handle->real, buffer, amount, offset);
    if (handle->file && rc == SQLITE_OK)
        ops_add(handle->file, OP_WRITE, offset, buffer, (size_t)amount);
    return rc;
}

static int io_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct handle *handle = handle_of(base);
    if (handle->file && !possible())
        return SQLITE_IOERR_TRUNCATE;
    int rc = handle->real->pMethods->xTruncate(handle->real, size);
    if (handle->file && rc == SQLITE_OK)
        ops_add(handle->file, OP_TRUNCATE, size, NULL, 0);
    return rc;
}

/* The real sync is left out: the image beside it is what counts, and thousands of runs stay quick. */
static int io_sync(sqlite3_file *base, int flags)
{
    struct handle *handle = handle_of(base);
    (void)flags;
    if (!handle->file)
        return SQLITE_OK;
    if (!possible())
        return SQLITE_IOERR_FSYNC;
    fs.syncs++;
    file_settle(handle->file);
    deletions_settle();
    return SQLITE_OK;
}

static int io_file_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
    struct handle *handle = handle_of(base);
    if (fs.cut)
        return SQLITE_IOERR_FSTAT;
    return handle->real->pMethods->xFileSize(handle->real, ret_size);
}

static int io_lock(sqlite3_file *base, int lock)
{
    struct handle *handle = handle_of(base);
    return handle->real->pMethods->xLock(handle->real, lock);
}

static int io_unlock(sqlite3_file *base, int lock)
{
    struct handle *handle = handle_of(base);
    return handle->real->pMethods->xUnlock(handle->real, lock);
}

static int io_check_reserved(sqlite3_file *base, int *ret_reserved)
{
    struct handle *handle = handle_of(base);
    return handle->real->pMethods->xCheckReservedLock(handle->real, ret_reserved);
}

static int io_control(sqlite3_file *base, int op, void *argument)
{
    struct handle *handle = handle_of(base);
    return handle->real->pMethods->xFileControl(handle->real, op, argument);
}

static int io_sector_size(sqlite3_file *base)
{
    (void)base;
    return POWERFS_SECTOR_BYTES;
}

/* None: the shim promises less than the real disk (no safe append, no power-safe overwrite). */
static int io_characteristics(sqlite3_file *base)
{
    (void)base;
    return 0;
}

static int io_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **ret_map)
{
    struct handle *handle = handle_of(base);
    return handle->real->pMethods->xShmMap(handle->real, page, size, extend, ret_map);
}

static int io_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
    struct handle *handle = handle_of(base);
    return handle->real->pMethods->xShmLock(handle->real, offset, n, flags);
}

static void io_shm_barrier(sqlite3_file *base)
{
    struct handle *handle = handle_of(base);
    handle->real->pMethods->xShmBarrier(handle->real);
}

static int io_shm_unmap(sqlite3_file *base, int remove)
{
    struct handle *handle = handle_of(base);
    return handle->real->pMethods->xShmUnmap(handle->real, remove);
}

/* Version 2: with shared memory, without mapped reads, so that every access passes here. */
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
    (void)vfs;
    *handle = (struct handle){.real = (sqlite3_file *)(handle + 1)};
    handle->real->pMethods = NULL;
    if (fs.cut)
        return SQLITE_CANTOPEN;
    bool modelled = name && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL));
    bool fresh = modelled && access(name, F_OK) != 0;
    struct pfile *file = modelled ? file_of(name) : NULL;
    int rc = fs.real->xOpen(fs.real, name, handle->real, flags, ret_flags);
    if (handle->real->pMethods)
        base->pMethods = &io_methods;
    if (rc != SQLITE_OK)
        return rc;
    /* made again after a deletion that may yet come undone: either all of the new file's writes, or the old file */
    if (fresh && (file->op_count > 0 || file->durable.exists))
        ops_add(file, OP_REPLACE, 0, NULL, 0);
    handle->file = file;
    return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    (void)vfs;
    if (!possible())
        return SQLITE_IOERR_DELETE;
    struct pfile *file = file_known(name);
    int rc = fs.real->xDelete(fs.real, name, sync_dir);
    if (!file || rc != SQLITE_OK)
        return rc;
    if (sync_dir) {
        ops_clear(file);
        image_clear(&file->durable);
    } else {
        ops_add(file, OP_DELETE, 0, NULL, 0);
    }
    return rc;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_answer)
{
    (void)vfs;
    if (fs.cut)
        return SQLITE_IOERR_ACCESS;
    return fs.real->xAccess(fs.real, name, flags, ret_answer);
}

static int vfs_full_pathname(sqlite3_vfs *vfs, const char *name, int room, char *ret_path)
{
    (void)vfs;
    return fs.real->xFullPathname(fs.real, name, room, ret_path);
}

enum rc powerfs_register(void)
{
    if (fs.real)
        return RC_OK;
    fs.real = sqlite3_vfs_find(NULL);
    if (!fs.real)
        return RC_IO;
    fs.vfs = *fs.real;
    fs.vfs.pNext = NULL;
    fs.vfs.zName = "powerfs";
    fs.vfs.szOsFile = (int)sizeof(struct handle) + fs.real->szOsFile;
    fs.vfs.xOpen = vfs_open;
    fs.vfs.xDelete = vfs_delete;
    fs.vfs.xAccess = vfs_access;
    fs.vfs.xFullPathname = vfs_full_pathname;
    return sqlite3_vfs_register(&fs.vfs, 1) == SQLITE_OK ? RC_OK : RC_IO;
}

void powerfs_reset(void)
{
    for (int i = 0; i < fs.file_count; i++) {
        ops_clear(&fs.files[i]);
        free(fs.files[i].ops);
        image_clear(&fs.files[i].durable);
    }
    fs.file_count = 0;
    fs.points = fs.syncs = fs.cut_at = fs.fail_at = fs.fail_count = 0;
    fs.cut = fs.disk_full = false;
}

void powerfs_cut_at(long point)
{
    fs.cut_at = point;
}

void powerfs_fail_at(long point, long count, bool disk_full)
{
    fs.fail_at = point;
    fs.fail_count = count;
    fs.disk_full = disk_full;
}

bool powerfs_is_cut(void)
{
    return fs.cut;
}

long powerfs_points(void)
{
    return fs.points;
}

long powerfs_syncs(void)
{
    return fs.syncs;
}

/* ---- what is found at the next start ---- */

static uint64_t random_next(uint64_t *random) /* splitmix64: its constants are its definition */
{
    uint64_t z = *random += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* First byte of the sector after the one that holds `offset`. */
static size_t sector_end(size_t offset)
{
    return (offset / POWERFS_SECTOR_BYTES + 1) * POWERFS_SECTOR_BYTES;
}

/* Only the sectors that a coin chooses. */
static void apply_sectors(struct image *image, const struct op *op, uint64_t *random)
{
    size_t from = (size_t)op->offset, end = from + op->len;
    while (from < end) {
        size_t to = sector_end(from) < end ? sector_end(from) : end;
        if (random_next(random) & 1)
            image_write(image, from, op->bytes + (from - (size_t)op->offset), to - from);
        from = to;
    }
}

/* Only the first sectors, as many as chance has it. */
static void apply_torn(struct image *image, const struct op *op, uint64_t *random)
{
    size_t sectors = op->len / POWERFS_SECTOR_BYTES + 1;
    size_t end = sector_end((size_t)op->offset) - POWERFS_SECTOR_BYTES;
    end += (size_t)(random_next(random) % (sectors + 1)) * POWERFS_SECTOR_BYTES;
    if (end > (size_t)op->offset) {
        size_t len = end - (size_t)op->offset;
        image_write(image, (size_t)op->offset, op->bytes, len < op->len ? len : op->len);
    }
}

static void file_tear(struct pfile *file, uint64_t *random)
{
    size_t keep = (size_t)(random_next(random) % (file->op_count + 1));
    for (size_t i = 0; i < keep; i++)
        apply_op(&file->durable, &file->ops[i]);
    if (keep < file->op_count && file->ops[keep].kind == OP_WRITE) {
        file->durable.exists = true;
        apply_torn(&file->durable, &file->ops[keep], random);
    }
}

static void file_reorder(struct pfile *file, uint64_t *random)
{
    for (size_t i = 0; i < file->op_count; i++) {
        const struct op *op = &file->ops[i];
        unsigned choice = (unsigned)(random_next(random) % 4); /* two in four whole, one torn, one lost */
        if (choice >= 2) {
            apply_op(&file->durable, op);
        } else if (choice == 1 && op->kind == OP_WRITE) {
            file->durable.exists = true;
            apply_sectors(&file->durable, op, random);
        } else if (op->kind == OP_REPLACE || op->kind == OP_DELETE) {
            return; /* the new file never came to be, nor what was written to it */
        }
    }
}

static enum rc file_rewrite(const struct pfile *file)
{
    char shm[POWERFS_PATH_MAX + 8];
    snprintf(shm, sizeof shm, "%s-shm", file->path);
    (void)unlink(shm);
    if (!file->durable.exists) {
        (void)unlink(file->path);
        return RC_OK;
    }
    FILE *stream = fopen(file->path, "wb");
    if (!stream)
        return RC_IO;
    bool whole = file->durable.len == 0 || fwrite(file->durable.bytes, file->durable.len, 1, stream) == 1;
    return fclose(stream) == 0 && whole ? RC_OK : RC_IO;
}

enum rc powerfs_apply(enum powerfs_mode mode, uint64_t seed)
{
    uint64_t random = seed;
    enum rc rc = RC_OK;
    for (int i = 0; i < fs.file_count; i++) {
        struct pfile *file = &fs.files[i];
        if (mode == POWERFS_TEAR)
            file_tear(file, &random);
        else if (mode == POWERFS_REORDER)
            file_reorder(file, &random);
        if (file_rewrite(file) != RC_OK)
            rc = RC_IO;
    }
    return rc;
}

const char *powerfs_mode_word(enum powerfs_mode mode)
{
    static const char *const words[POWERFS_MODE_COUNT] = {"forget", "tear", "reorder"};
    return words[mode];
}
