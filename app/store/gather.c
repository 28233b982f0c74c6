#include "app/store/gather.h"
#include "app/catalog/over_file.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What SQLite holds of a database and of its log; the real VFS's file follows in the same allocation. */
struct handle {
    struct over_file over;
    struct handle *other; /* a database's log, a log's database; NULL none */
    uint8_t *bytes;       /* of a log: what goes to `at` … */
    sqlite3_int64 at;
    int len;            /* … so many of GATHER_BYTES */
    int told;           /* of these, that others were told of before they could be written */
    sqlite3_int64 size; /* of a log: it is as long */
    bool
        straight; /* of a log: it was synced in this transaction, what comes now is not synced again: it goes at once */
    bool writes;     /* of a database: it was opened for writing … */
    bool write_lock; /* … and holds the lock for it, whatever SQLite was told */
    unsigned mends;  /* … and these of MENDING, for a checkpoint or a recovery */
    unsigned reads;  /* … and was told that it holds these read locks */
    int refused;     /* … and was refused as many in a row */
};

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    sqlite3_io_methods database, log;
    bool registered;
} gather;

static int write_real(struct handle *log, const void *bytes, int len, sqlite3_int64 offset)
{
    return log->over.real->pMethods->xWrite(log->over.real, bytes, len, offset);
}

/* What can't be written is forgotten: it is of a transaction that fails by it. But not what others were told of. */
static int write_gathered(struct handle *log)
{
    int code = log->len > 0 ? write_real(log, log->bytes, log->len, log->at) : SQLITE_OK;
    if (code == SQLITE_OK)
        log->told = 0;
    log->len = log->told;
    return code;
}

static int get_room(struct handle *log)
{
    if (!log->bytes)
        log->bytes = malloc(GATHER_BYTES);
    return log->bytes ? SQLITE_OK : SQLITE_NOMEM;
}

/* So that writes up to `end` find their blocks. Where there is no room, the log grows as it would without. */
static int make_long(struct handle *log, sqlite3_int64 end)
{
    int code = get_room(log);
    if (code == SQLITE_OK)
        code = write_gathered(log);
    sqlite3_int64 size = 0, wanted = (end / GATHER_LOG_BYTES + 1) * GATHER_LOG_BYTES;
    log->size = wanted;
    if (code != SQLITE_OK || log->over.real->pMethods->xFileSize(log->over.real, &size) != SQLITE_OK)
        return code;
    memset(log->bytes, 0, GATHER_BYTES);
    while (size < wanted) {
        int len = wanted - size < GATHER_BYTES ? (int)(wanted - size) : GATHER_BYTES;
        if (write_real(log, log->bytes, len, size) != SQLITE_OK)
            break;
        size += len;
    }
    return SQLITE_OK;
}

static int log_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    struct handle *log = (struct handle *)file;
    int code = get_room(log);
    if (code == SQLITE_OK && offset + len > log->size)
        code = make_long(log, offset + len);
    if (code == SQLITE_OK && (offset != log->at + log->len || len > GATHER_BYTES - log->len))
        code = write_gathered(log);
    if (log->straight && code == SQLITE_OK)
        code = write_gathered(log);
    if (code != SQLITE_OK || len > GATHER_BYTES || log->straight)
        return code != SQLITE_OK ? code : write_real(log, bytes, len, offset);
    if (log->len == 0)
        log->at = offset;
    memcpy(log->bytes + log->len, bytes, (size_t)len);
    log->len += len;
    return SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 offset)
{
    struct handle *log = (struct handle *)file;
    int code = write_gathered(log);
    return code == SQLITE_OK ? log->over.real->pMethods->xRead(log->over.real, bytes, len, offset) : code;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct handle *log = (struct handle *)file;
    int code = write_gathered(log);
    log->size = 0;
    return code == SQLITE_OK ? log->over.real->pMethods->xTruncate(log->over.real, size) : code;
}

static int log_sync(sqlite3_file *file, int flags)
{
    struct handle *log = (struct handle *)file;
    int code = write_gathered(log);
    log->straight = true;
    return code == SQLITE_OK ? log->over.real->pMethods->xSync(log->over.real, flags) : code;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    struct handle *log = (struct handle *)file;
    int code = write_gathered(log);
    return code == SQLITE_OK ? log->over.real->pMethods->xFileSize(log->over.real, ret_size) : code;
}

static int log_close(sqlite3_file *file)
{
    struct handle *log = (struct handle *)file;
    int code = write_gathered(log), closed = log->over.real->pMethods->xClose(log->over.real);
    free(log->bytes);
    log->bytes = NULL;
    if (log->other)
        log->other->other = NULL;
    return code == SQLITE_OK ? closed : code;
}

static int database_close(sqlite3_file *file)
{
    struct handle *database = (struct handle *)file;
    if (database->other)
        database->other->other = NULL;
    return database->over.real->pMethods->xClose(database->over.real);
}

static void database_barrier(sqlite3_file *file)
{
    struct handle *database = (struct handle *)file, *log = database->other;
    if (log && log->len > 0) {
        log->told = log->len;
        (void)write_gathered(log); /* nobody can be told; it is tried again by the next call */
    }
    database->over.real->pMethods->xShmBarrier(database->over.real);
}

/* In a pause: what the next scans will write finds its blocks on disk, so that none of them has to wait for that. */
static int look_ahead(struct handle *log)
{
    sqlite3_int64 end = log->at + log->len + GATHER_AHEAD_BYTES, before = log->size;
    int code = end > log->size ? make_long(log, end) : SQLITE_OK;
    return code == SQLITE_OK && log->size > before
               ? log->over.real->pMethods->xSync(log->over.real, SQLITE_SYNC_NORMAL)
               : code;
}

static int database_control(sqlite3_file *file, int what, void *argument)
{
    struct handle *database = (struct handle *)file;
    if (what == GATHER_LOOK_AHEAD)
        return database->other ? look_ahead(database->other) : SQLITE_OK;
    return database->over.real->pMethods->xFileControl(database->over.real, what, argument);
}

/* The locks of shared memory, as SQLite numbers them. Reads: of each slot that says how far somebody reads. */
enum { WRITE_LOCK, CHECKPOINT_LOCK, RECOVER_LOCK, READ_LOCKS, LOCKS_END = SQLITE_SHM_NLOCK };
enum { MENDING = 1 << CHECKPOINT_LOCK | 1 << RECOVER_LOCK, EXCLUSIVE = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE };

/* A read lock keeps others from what would take the read pages away: a checkpoint beyond what is read, or a log begun anew.
 * Who holds the lock for writing reads what was committed last, and is alone in committing and in beginning the log anew:
 * nothing that others may do takes anything from it, and what is locked for a moment only for saying how far it reads
 * (an exclusive one) is refused, so that SQLite goes on with what was said before. That saves four calls of the system a
 * scan. Its own checkpoints, which mind others, lock in earnest. */
static bool in_earnest(const struct handle *database, int offset, int count, int flags)
{
    enum { REFUSALS_MAX = 2 * (LOCKS_END - READ_LOCKS) }; /* then there is no slot at all */
    if (!database->write_lock || database->mends || offset < READ_LOCKS || count != 1)
        return true;
    if (flags & SQLITE_SHM_UNLOCK)
        return !(database->reads & 1U << offset);
    return flags & SQLITE_SHM_EXCLUSIVE && database->refused >= REFUSALS_MAX;
}

static int lock_in_word(struct handle *database, int offset, int flags)
{
    if (flags & SQLITE_SHM_UNLOCK) {
        database->reads &= ~(1U << offset);
        return SQLITE_OK;
    }
    if (flags & SQLITE_SHM_EXCLUSIVE) {
        database->refused++;
        return SQLITE_BUSY;
    }
    database->reads |= 1U << offset;
    database->refused = 0;
    return SQLITE_OK;
}

static void note_mending(struct handle *database, int offset, int count, int flags)
{
    unsigned some = ((1U << count) - 1) << offset & MENDING;
    database->mends = flags & SQLITE_SHM_LOCK ? database->mends | some : database->mends & ~some;
}

/* Nobody else writes, so the lock for writing is kept until the database is closed. A reader that finds it taken waits as
 * for a transaction that is being written: only for one whose index it finds half written. */
static int database_lock(sqlite3_file *file, int offset, int count, int flags)
{
    struct handle *database = (struct handle *)file;
    bool about_it = database->writes && offset == WRITE_LOCK && count == 1 && flags & SQLITE_SHM_EXCLUSIVE;
    if (about_it && flags & SQLITE_SHM_LOCK && database->other)
        database->other->straight = false;
    if (about_it && database->write_lock)
        return SQLITE_OK;
    if (!in_earnest(database, offset, count, flags))
        return lock_in_word(database, offset, flags);
    int code = database->over.real->pMethods->xShmLock(database->over.real, offset, count, flags);
    if (code == SQLITE_OK)
        note_mending(database, offset, count, flags);
    if (about_it && flags == EXCLUSIVE && code == SQLITE_OK)
        database->write_lock = true;
    return code;
}

static int database_unmap(sqlite3_file *file, int remove)
{
    struct handle *database = (struct handle *)file;
    database->write_lock = false; /* goes with the rest of what is held of it */
    database->mends = database->reads = 0;
    return database->over.real->pMethods->xShmUnmap(database->over.real, remove);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    struct handle *handle = (struct handle *)file;
    (void)vfs;
    if (!(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return gather.real->xOpen(gather.real, name, file, flags, ret_flags);
    memset(handle, 0, sizeof *handle);
    handle->over.real = (sqlite3_file *)(handle + 1);
    int code = gather.real->xOpen(gather.real, name, handle->over.real, flags, ret_flags);
    if (code != SQLITE_OK)
        return code;
    handle->over.base.pMethods = &gather.database;
    handle->writes = flags & SQLITE_OPEN_READWRITE;
    if (flags & SQLITE_OPEN_WAL) {
        handle->over.base.pMethods = &gather.log;
        handle->other = (struct handle *)sqlite3_database_file_object(name);
        handle->other->other = handle;
    }
    return SQLITE_OK;
}

static void register_once(void)
{
    gather.real = sqlite3_vfs_find(NULL);
    if (!gather.real)
        return;
    gather.vfs =
        *gather.real; /* what is not about files goes to the real one's functions, which need their own data */
    gather.vfs.pNext = NULL;
    gather.vfs.zName = "tallyman-gather";
    gather.vfs.szOsFile = (int)sizeof(struct handle) + gather.real->szOsFile;
    gather.vfs.xOpen = open_file;
    gather.database = gather.log = over_file_methods();
    gather.database.xClose = database_close;
    gather.database.xFileControl = database_control;
    gather.database.xShmBarrier = database_barrier;
    gather.database.xShmLock = database_lock;
    gather.database.xShmUnmap = database_unmap;
    gather.log.xClose = log_close;
    gather.log.xRead = log_read;
    gather.log.xWrite = log_write;
    gather.log.xTruncate = log_truncate;
    gather.log.xSync = log_sync;
    gather.log.xFileSize = log_size;
    gather.registered = sqlite3_vfs_register(&gather.vfs, 0) == SQLITE_OK;
}

const char *gather_vfs(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_once);
    return gather.registered ? gather.vfs.zName : NULL;
}
