#include "app/catalog/catalog_private.h"
#include "app/catalog/page_sum.h"
#include "app/catalog/sqlite_rc.h"
#include <sqlite3.h>
#include <unistd.h>

/* What only means something beside the journal of the device that pulled it. */
static const char OWN_TO_A_DEVICE[] =
    "DELETE FROM refused;"
    "DELETE FROM entity WHERE type='settled';"
    "DELETE FROM meta WHERE name IN ('cursor', 'history', 'acked_seq', 'applied_seq', 'epoch');";

/* What a snapshot says of the device itself: it knows that better. Views and triggers are no part of a catalog. */
static const char FOREIGN[] = "SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')";
static const char *const OWN_SHARES[] = {
    "DELETE FROM share WHERE device=?1", "DELETE FROM share_progress WHERE device=?1",
    "DELETE FROM entity WHERE type='share' AND json_extract(body, '$.device')=?1"};

static enum rc run_with(sqlite3 *db, const char *text, int64_t value, int64_t *ret_number)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK)
        return sqlite_rc_of(db);
    if (sqlite3_bind_parameter_count(statement) > 0)
        sqlite3_bind_int64(statement, 1, value);
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(statement, 0);
    enum rc rc = step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : sqlite_rc_of(db);
    sqlite3_finalize(statement);
    return rc;
}

enum rc catalog_adopt(struct catalog *catalog, int64_t device)
{
    int64_t number = 0;
    enum rc rc = run_with(catalog->db, FOREIGN, 0, &number);
    if (rc == RC_OK && number > 0)
        rc = RC_CORRUPT;
    for (size_t i = 0; rc == RC_OK && i < sizeof OWN_SHARES / sizeof OWN_SHARES[0]; i++)
        rc = run_with(catalog->db, OWN_SHARES[i], device, &number);
    if (rc == RC_OK && sqlite3_exec(catalog->db, OWN_TO_A_DEVICE, NULL, NULL, NULL) != SQLITE_OK)
        rc = sqlite_rc_of(catalog->db);
    return rc;
}

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
