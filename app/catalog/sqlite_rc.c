#include "app/catalog/sqlite_rc.h"
#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stddef.h>

static const struct {
    int code;
    enum rc rc;
} MAP[] = {
    {SQLITE_OK, RC_OK},
    {SQLITE_ROW, RC_OK},
    {SQLITE_DONE, RC_OK},
    {SQLITE_FULL, RC_DISK_FULL},
    {SQLITE_READONLY, RC_READ_ONLY},
    {SQLITE_CANTOPEN, RC_READ_ONLY},
    {SQLITE_PERM, RC_READ_ONLY},
    {SQLITE_AUTH, RC_READ_ONLY},
    {SQLITE_CORRUPT, RC_CORRUPT},
    {SQLITE_NOTADB, RC_CORRUPT},
    {SQLITE_FORMAT, RC_CORRUPT},
    {SQLITE_BUSY, RC_BUSY},
    {SQLITE_LOCKED, RC_BUSY},
    {SQLITE_NOMEM, RC_NOMEM},
    {SQLITE_TOOBIG, RC_TOO_BIG},
    {SQLITE_IOERR, RC_IO},
};

enum rc sqlite_rc(int code)
{
    int primary = code & 0xff;
    assert(primary != SQLITE_MISUSE && primary != SQLITE_RANGE && primary != SQLITE_MISMATCH);
    if (code == SQLITE_IOERR_NOMEM)
        return RC_NOMEM;
    for (size_t i = 0; i < sizeof MAP / sizeof MAP[0]; i++)
        if (MAP[i].code == primary)
            return MAP[i].rc;
    return RC_IO;
}

enum rc sqlite_rc_of(struct sqlite3 *db)
{
    enum rc rc = sqlite_rc(sqlite3_extended_errcode(db));
    int system = sqlite3_system_errno(db);
    if (rc != RC_IO && rc != RC_READ_ONLY)
        return rc;
    if (system == ENOSPC || system == EDQUOT)
        return RC_DISK_FULL;
    if (system == EROFS || system == EACCES || system == EPERM)
        return RC_READ_ONLY;
    return rc;
}
