#include "app/catalog/over_file.h"

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct over_file *)file)->real;
}

static int over_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int over_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), bytes, len, offset);
}

static int over_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xWrite(real_of(file), bytes, len, offset);
}

static int over_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int over_sync(sqlite3_file *file, int flags)
{
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int over_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), ret_size);
}

static int over_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int over_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int over_check_lock(sqlite3_file *file, int *ret_locked)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret_locked);
}

static int over_control(sqlite3_file *file, int what, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}

static int over_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int over_traits(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int over_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret_bytes)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, ret_bytes);
}

static int over_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void over_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int over_shm_unmap(sqlite3_file *file, int remove)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

sqlite3_io_methods over_file_methods(void)
{
    return (sqlite3_io_methods){
        .iVersion = 2,
        .xClose = over_close,
        .xRead = over_read,
        .xWrite = over_write,
        .xTruncate = over_truncate,
        .xSync = over_sync,
        .xFileSize = over_size,
        .xLock = over_lock,
        .xUnlock = over_unlock,
        .xCheckReservedLock = over_check_lock,
        .xFileControl = over_control,
        .xSectorSize = over_sector,
        .xDeviceCharacteristics = over_traits,
        .xShmMap = over_shm_map,
        .xShmLock = over_shm_lock,
        .xShmBarrier = over_shm_barrier,
        .xShmUnmap = over_shm_unmap,
    };
}
