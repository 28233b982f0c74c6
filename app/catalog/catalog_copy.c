#include "app/catalog/catalog_private.h"
#include "app/catalog/page_sum.h"
#include "app/catalog/sqlite_rc.h"
#include <sqlite3.h>
#include <unistd.h>

/* What only means something beside the journal of the device that pulled it. */
static const char OWN_TO_A_DEVICE[] =
    "DELETE FROM refused;"
    "DELETE FROM meta WHERE name IN ('cursor', 'history', 'acked_seq', 'applied_seq', 'epoch');";

static enum rc copy_pages(sqlite3 *to, sqlite3 *from)
{
    int reserved = PAGE_SUM_BYTES;
    sqlite3_file_control(to, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return sqlite_rc_of(to);
    sqlite3_backup_step(backup, -1);
    return sqlite3_backup_finish(backup) == SQLITE_OK ? RC_OK : sqlite_rc_of(to);
}

enum rc catalog_copy(struct catalog *catalog, const char *path)
{
    sqlite3 *db = NULL;
    enum rc rc = RC_OK;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &db, flags, page_sum_vfs()) != SQLITE_OK)
        rc = db ? sqlite_rc_of(db) : RC_NOMEM;
    if (rc == RC_OK)
        rc = copy_pages(db, catalog->db);
    if (rc == RC_OK && sqlite3_exec(db, OWN_TO_A_DEVICE, NULL, NULL, NULL) != SQLITE_OK)
        rc = sqlite_rc_of(db);
    if (sqlite3_close(db) != SQLITE_OK && rc == RC_OK)
        rc = RC_IO;
    if (rc != RC_OK)
        unlink(path);
    return rc;
}
