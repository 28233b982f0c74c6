/* The catalog files of a data folder: CURRENT names one of catalog-<n>.db. Sync alone makes and names them; nobody
 * renames over a database. */
#ifndef TALLYMAN_STORE_CATALOGS_H
#define TALLYMAN_STORE_CATALOGS_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum { CATALOGS_NAME_MAX = 39 };

/* What tells one state of the files from another. */
struct catalogs_mark {
    char name[CATALOGS_NAME_MAX + 1];
    dev_t device;
    ino_t inode;
    /* of CURRENT itself, each time another file: */
    ino_t current_inode;
    struct timespec current_changed;
};

/* RC_NOT_FOUND when CURRENT or the file it names is missing; RC_CORRUPT when CURRENT names no catalog. */
enum rc catalogs_current(const char *dir, struct catalogs_mark *ret_mark);
bool catalogs_same(const struct catalogs_mark *a, const struct catalogs_mark *b);
/* The files are as they were when *mark was made: nothing needs to be read. */
bool catalogs_unchanged(const char *dir, const struct catalogs_mark *mark);

/* A name that no file of the folder has yet. ret_name holds CATALOGS_NAME_MAX + 1. */
enum rc catalogs_new_name(const char *dir, char *ret_name);

/* Writes CURRENT aside, syncs, renames, syncs the folder. What DAMAGED said of another file is over then. */
enum rc catalogs_activate(const char *dir, const char *name);

/* DAMAGED names a catalog file in which somebody met a damaged page. It stays in use, since what can be read of it is
 * right, until sync has fetched everything anew into another file, or an import has begun one. The thread that reads and
 * the one that syncs may both mark. */
enum rc catalogs_mark_damaged(const char *dir, const char *name);
bool catalogs_is_damaged(const char *dir, const char *name);

/* Removes catalog files that CURRENT does not name. Only while nobody in this or another process has one open. */
void catalogs_sweep(const char *dir);
/* Those that were made before the one that CURRENT names: whoever reopens, reopens that one. */
void catalogs_sweep_older(const char *dir);
/* One file that CURRENT does not name and nobody has open. */
void catalogs_remove(const char *dir, const char *name);

/* A file of the folder replaced by these bytes: aside, fsync, rename, fsync of the folder. */
enum rc file_replace(const char *dir, const char *name, const void *bytes, size_t len, mode_t mode);

/* errno as ours. */
enum rc rc_of_errno(int error);

#endif
