/* The schema, one text a version and database; append-only: a released text is never edited. */
#ifndef TALLYMAN_SYNC_SERVER_MIGRATIONS_H
#define TALLYMAN_SYNC_SERVER_MIGRATIONS_H

extern const char *const MIGRATIONS_SQLITE[]; /* closed by NULL */

#endif
