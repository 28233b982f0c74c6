#include "app/catalog/page_sum.h"
#include "app/catalog/over_file.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_LEAST = 512, PAGE_MOST = 65536, LANES = 8 };

/* What SQLite holds of a database; the real VFS's file follows in the same allocation. Other files are the real VFS's. */
struct handle {
    struct over_file over;
    uint8_t *page; /* a copy to sum: SQLite's own is not ours to write */
    long refused;
    volatile uint32_t *log_index; /* its first region, NULL before it is asked for */
};

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    sqlite3_io_methods methods;
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

static int file_close(sqlite3_file *file)
{
    struct handle *handle = (struct handle *)file;
    int code = handle->over.real->pMethods->xClose(handle->over.real);
    free(handle->page);
    handle->page = NULL;
    return code;
}

static int file_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 offset)
{
    struct handle *handle = (struct handle *)file;
    int code = handle->over.real->pMethods->xRead(handle->over.real, bytes, len, offset);
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
        return handle->over.real->pMethods->xWrite(handle->over.real, bytes, len, offset);
    size_t covered = (size_t)len - PAGE_SUM_BYTES;
    if (!handle->page && !(handle->page = malloc(PAGE_MOST)))
        return SQLITE_NOMEM;
    memcpy(handle->page, bytes, covered);
    put_word(handle->page + covered, page_sum(handle->page, covered, (uint64_t)offset));
    return handle->over.real->pMethods->xWrite(handle->over.real, handle->page, len, offset);
}

static int file_control(sqlite3_file *file, int what, void *argument)
{
    if (what == PAGE_SUM_REFUSED) {
        *(const long **)argument = &((struct handle *)file)->refused;
        return SQLITE_OK;
    }
    struct handle *handle = (struct handle *)file;
    sqlite3_file *real = handle->over.real;
    if (what == PAGE_SUM_LOG_STATE) {
        uint32_t *state = argument;
        for (int i = 0; handle->log_index && i < PAGE_SUM_LOG_STATE_BYTES / 4; i++)
            state[i] = handle->log_index[i];
        return handle->log_index ? SQLITE_OK : SQLITE_NOTFOUND;
    }
    return real->pMethods->xFileControl(real, what, argument);
}

static int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret_bytes)
{
    struct handle *handle = (struct handle *)file;
    sqlite3_file *real = handle->over.real;
    int code = real->pMethods->xShmMap(real, region, size, extend, ret_bytes);
    if (code == SQLITE_OK && region == 0)
        handle->log_index = *ret_bytes;
    return code;
}

static int shm_unmap(sqlite3_file *file, int remove)
{
    struct handle *handle = (struct handle *)file;
    handle->log_index = NULL;
    return handle->over.real->pMethods->xShmUnmap(handle->over.real, remove);
}

/* ---- the VFS ---- */

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    struct handle *handle = (struct handle *)file;
    (void)vfs;
    if (!(flags & SQLITE_OPEN_MAIN_DB))
        return sums.real->xOpen(sums.real, name, file, flags, ret_flags);
    memset(handle, 0, sizeof *handle);
    handle->over.real = (sqlite3_file *)(handle + 1);
    int code = sums.real->xOpen(sums.real, name, handle->over.real, flags, ret_flags);
    if (code == SQLITE_OK)
        handle->over.base.pMethods = &sums.methods;
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
    sums.methods = over_file_methods();
    sums.methods.xClose = file_close;
    sums.methods.xRead = file_read;
    sums.methods.xWrite = file_write;
    sums.methods.xFileControl = file_control;
    sums.methods.xShmMap = shm_map;
    sums.methods.xShmUnmap = shm_unmap;
    sums.registered = sqlite3_vfs_register(&sums.vfs, 0) == SQLITE_OK;
}

const char *page_sum_vfs(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_once);
    return sums.registered ? sums.vfs.zName : NULL;
}
