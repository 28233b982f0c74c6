#include "app/catalog/page_sum.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_LEAST = 512, PAGE_MOST = 65536, LANES = 8 };

/* What SQLite holds of a database; the real VFS's file follows in the same allocation. Other files are the real VFS's. */
struct handle {
    sqlite3_file base;
    sqlite3_file *real;
    uint8_t *page; /* a copy to sum: SQLite's own is not ours to write */
    long refused;
};

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    bool registered;
} sums;

/* ---- sums ---- */

static uint64_t word_at(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Eight lanes, so that a processor works at all of them at once. Each step is one-to-one in the lane as well as in the
 * word: what differs in one word differs at the end. */
uint64_t page_sum(const uint8_t *bytes, size_t len, uint64_t offset)
{
    static const uint64_t FACTOR = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t lane[LANES], sum = 0;
    size_t at = 0;
    for (int i = 0; i < LANES; i++)
        lane[i] = offset + (uint64_t)i + 1;
    for (; at + LANES * 8 <= len; at += LANES * 8)
        for (int i = 0; i < LANES; i++) {
            lane[i] = (lane[i] ^ word_at(bytes + at + (size_t)i * 8)) * FACTOR;
            lane[i] ^= lane[i] >> 29;
        }
    for (int i = 0; at < len; at += 8, i++)
        lane[i] = (lane[i] ^ word_at(bytes + at)) * FACTOR;
    for (int i = 0; i < LANES; i++)
        sum = (sum ^ lane[i]) * FACTOR + (sum >> 31);
    return sum ^ sum >> 32;
}

static void put_word(uint8_t *bytes, uint64_t word)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(word >> 8 * i);
}

/* Pages alone are written and read whole; the head of the first is read before its page's size is known. */
static bool is_page(int len, sqlite3_int64 offset)
{
    return len >= PAGE_LEAST && len <= PAGE_MOST && (len & (len - 1)) == 0 && offset % len == 0;
}

/* ---- files ---- */

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct handle *)file)->real;
}

static int file_close(sqlite3_file *file)
{
    struct handle *handle = (struct handle *)file;
    int code = handle->real->pMethods->xClose(handle->real);
    free(handle->page);
    handle->page = NULL;
    return code;
}

static int file_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 offset)
{
    struct handle *handle = (struct handle *)file;
    int code = handle->real->pMethods->xRead(handle->real, bytes, len, offset);
    if (code != SQLITE_OK || !is_page(len, offset))
        return code;
    size_t covered = (size_t)len - PAGE_SUM_BYTES;
    const uint8_t *page = bytes;
    if (word_at(page + covered) == page_sum(page, covered, (uint64_t)offset))
        return SQLITE_OK;
    handle->refused++;
    return SQLITE_CORRUPT;
}

static int file_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    struct handle *handle = (struct handle *)file;
    if (!is_page(len, offset))
        return handle->real->pMethods->xWrite(handle->real, bytes, len, offset);
    size_t covered = (size_t)len - PAGE_SUM_BYTES;
    if (!handle->page && !(handle->page = malloc(PAGE_MOST)))
        return SQLITE_NOMEM;
    memcpy(handle->page, bytes, covered);
    put_word(handle->page + covered, page_sum(handle->page, covered, (uint64_t)offset));
    return handle->real->pMethods->xWrite(handle->real, handle->page, len, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), ret_size);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_check_lock(sqlite3_file *file, int *ret_locked)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret_locked);
}

static int file_control(sqlite3_file *file, int what, void *argument)
{
    if (what == PAGE_SUM_REFUSED) {
        *(long *)argument = ((struct handle *)file)->refused;
        return SQLITE_OK;
    }
    return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}

static int file_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_traits(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret_bytes)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, ret_bytes);
}

static int shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int shm_unmap(sqlite3_file *file, int remove)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

/* Version 2: without the third's mapped reads, which would pass by the sums. */
static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* ---- the VFS ---- */

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    struct handle *handle = (struct handle *)file;
    (void)vfs;
    if (!(flags & SQLITE_OPEN_MAIN_DB))
        return sums.real->xOpen(sums.real, name, file, flags, ret_flags);
    memset(handle, 0, sizeof *handle);
    handle->real = (sqlite3_file *)(handle + 1);
    int code = sums.real->xOpen(sums.real, name, handle->real, flags, ret_flags);
    if (code == SQLITE_OK)
        handle->base.pMethods = &METHODS;
    return code;
}

static void register_once(void)
{
    sums.real = sqlite3_vfs_find(NULL);
    if (!sums.real)
        return;
    sums.vfs = *sums.real; /* what is not about files goes to the real one's functions, which need their own data */
    sums.vfs.pNext = NULL;
    sums.vfs.zName = "tallyman-sums";
    sums.vfs.szOsFile = (int)sizeof(struct handle) + sums.real->szOsFile;
    sums.vfs.xOpen = open_file;
    sums.registered = sqlite3_vfs_register(&sums.vfs, 0) == SQLITE_OK;
}

const char *page_sum_vfs(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_once);
    return sums.registered ? sums.vfs.zName : NULL;
}
