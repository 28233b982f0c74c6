/* A catalog's tables, made once: making them is ten milliseconds, and a history makes ten catalogs. The linker has this come
 * before the program's schema_migrate (`--wrap`, see the Makefile). A new file gets the pages of one that was made in memory, in
 * one transaction, which may end at any write as well; in the histories that say so, the program makes them itself. */
#include "app/catalog/page_sum.h"
#include "app/catalog/schema.h"
#include "tests/sim/sim_start.h"
#include <sqlite3.h>

enum rc __real_schema_migrate(struct sqlite3 *db);
enum rc __wrap_schema_migrate(struct sqlite3 *db);

static bool copies;
static sqlite3 *blank;

void sim_schema_copies(bool whether)
{
    copies = whether;
}

static bool make_blank(void)
{
    int reserved = PAGE_SUM_BYTES;
    if (blank)
        return true;
    return sqlite3_open(":memory:", &blank) == SQLITE_OK &&
           sqlite3_file_control(blank, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved) == SQLITE_OK &&
           __real_schema_migrate(blank) == RC_OK;
}

enum rc __wrap_schema_migrate(struct sqlite3 *db)
{
    if (!copies || sim_number(db, "PRAGMA user_version", 0, -1) != 0 || !make_blank())
        return __real_schema_migrate(db);
    sqlite3_backup *copy = sqlite3_backup_init(db, "main", blank, "main");
    if (copy) {
        (void)sqlite3_backup_step(copy, -1);
        (void)sqlite3_backup_finish(copy);
    }
    return __real_schema_migrate(db); /* nothing is left to be done, or it says what is wrong */
}
