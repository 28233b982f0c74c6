/* A disk whose power can fail: an SQLite VFS over the real one. It lets every call through to the real files, and
 * remembers beside them what a disk would surely still hold: each file's content at its last sync, and the ordered
 * writes, truncations and deletions since. At a chosen point the power fails; powerfs_apply then rewrites the real files
 * to what could be found at the next start.
 *
 * What counts as durable: a file's content, length and directory entry from its sync on (as ext4 and xfs do); a
 * deletion from the next sync of any file on (their journals keep order), or when SQLite asks for the folder to be
 * synced with it, else it may come undone. Only what goes through SQLite is modelled; a folder's other files are taken as
 * durable at once.
 *
 * One process, one thread, state of its own: tests only. */
#ifndef TALLYMAN_TESTS_CRASH_POWERFS_H
#define TALLYMAN_TESTS_CRASH_POWERFS_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stdint.h>

enum powerfs_mode {
    POWERFS_FORGET,  /* nothing unsynced is there */
    POWERFS_TEAR,    /* of each file a random number of first writes, the last torn at a 512-byte sector */
    POWERFS_REORDER, /* of each file a random choice of writes, and of each of those perhaps only some sectors */
    POWERFS_MODE_COUNT
};

enum { POWERFS_FILES_MAX = 32, POWERFS_OPS_MAX = 65536, POWERFS_SECTOR_BYTES = 512, POWERFS_PATH_MAX = 1023 };

/* Makes the shim SQLite's default VFS. RC_IO when SQLite refuses. */
enum rc powerfs_register(void);

/* Power on, nothing remembered, counter at 0. No database may be open. */
void powerfs_reset(void);

/* The power fails when the counter reaches `point` (the first write, truncation, sync or deletion is 1), before that
 * one happens; 0 never. From then on every read, write, sync, open and deletion is an I/O error. */
void powerfs_cut_at(long point);
bool powerfs_is_cut(void);

/* No power failure but a fault that passes: `count` writes and syncs from that point on (1 is the first) fail, a full
 * disk's writes with SQLITE_FULL, else everything with an I/O error; then all is well again. 0 never. */
void powerfs_fail_at(long point, long count, bool disk_full);

long powerfs_points(void); /* so far */
long powerfs_syncs(void);  /* of these, syncs */

/* Rewrites the real files as the disk would hold them, and removes -shm files. All databases must be closed. The same
 * seed gives the same disk. RC_IO when a file can't be written. */
enum rc powerfs_apply(enum powerfs_mode mode, uint64_t seed);

const char *powerfs_mode_word(enum powerfs_mode mode);

#endif
