/* The catalog's schema: versions and how to come to them. Append-only: a released version's text never changes. */
#ifndef TALLYMAN_CATALOG_SCHEMA_H
#define TALLYMAN_CATALOG_SCHEMA_H

#include "app/domain/rc.h"
#include <stdbool.h>

struct sqlite3;

enum { SCHEMA_VERSION = 5 };

/* Brings the database to SCHEMA_VERSION, one transaction a version. RC_NEWER when it is beyond. */
enum rc schema_migrate(struct sqlite3 *db);

/* For readers: RC_OK at SCHEMA_VERSION, RC_NEWER beyond it, RC_NOT_FOUND below (its writer has to come first). */
enum rc schema_check(struct sqlite3 *db);

/* A version that was released before this one: it can be brought up. */
bool schema_is_older(struct sqlite3 *db);

#endif
