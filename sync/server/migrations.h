/* The schema, one text a version; append-only: a released text is never edited. */
#ifndef TALLYMAN_SYNC_SERVER_MIGRATIONS_H
#define TALLYMAN_SYNC_SERVER_MIGRATIONS_H

#include "sync/server/db.h"

extern const struct db_migration MIGRATIONS[]; /* closed by one without text */

#endif
