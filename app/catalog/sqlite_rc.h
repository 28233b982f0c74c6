/* SQLite's result codes as ours: one mapping for catalog, journal and server. Pure; any thread. */
#ifndef TALLYMAN_CATALOG_SQLITE_RC_H
#define TALLYMAN_CATALOG_SQLITE_RC_H

#include "app/domain/rc.h"

struct sqlite3;

/* Primary or extended code. OK, ROW and DONE are RC_OK; what has no name of its own is RC_IO. Codes that only a
 * programmer's error brings (misuse, range, mismatch) are asserted away. */
enum rc sqlite_rc(int code);

/* The same from a connection's last error, where its errno says more: a failed write with ENOSPC or EDQUOT is
 * RC_DISK_FULL, with EROFS, EACCES or EPERM RC_READ_ONLY. */
enum rc sqlite_rc_of(struct sqlite3 *db);

#endif
