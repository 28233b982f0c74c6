/* Writes gathered: an SQLite VFS over the default one, for the journal. SQLite writes a transaction into its -wal as a frame's
 * head, a page, the next head, the next page …; here they go to the file in one piece, when the log is synced. And the log
 * is made long at once, so that those writes find their blocks: a file that grows costs a sync of the file system's own
 * journal with each of ours.
 *
 * Why nobody misses what is not written yet: the log has one writer, and frames are read only once the index in shared
 * memory tells of them. Its writer tells after the sync (synchronous = FULL), and before each half of that telling SQLite
 * has a barrier, where what is still gathered (another setting of `synchronous`) is written as well. The writer's own
 * reads, and whatever asks how long the log is or cuts it, write it first. A write that fails is told by the call that made it
 * necessary; what it held belongs to a transaction that then is rolled back (what fails at a barrier is kept, and tried again
 * by the next call). Zeros after the last frame are no frame.
 *
 * Who writes keeps the lock for it, and takes no read locks: gather.c says why nothing is taken away from it. */
#ifndef TALLYMAN_STORE_GATHER_H
#define TALLYMAN_STORE_GATHER_H

/* SQLite's own VFS takes at most 128 KiB less one byte at once, and takes a multiple of 128 KiB for a full disk. */
enum { GATHER_BYTES = 64 << 10, GATHER_LOG_BYTES = 512 << 10 /* at a time */, GATHER_AHEAD_BYTES = 1 << 20 };

/* sqlite3_file_control on the database, between transactions: the log is made longer by GATHER_AHEAD_BYTES than what is in use
 * of it, and that is synced. Numbers above 100 are not SQLite's own. */
enum { GATHER_LOOK_AHEAD = 0x54414c59 };

/* The VFS's name for sqlite3_open_v2, registered with the first call over what is the default then. NULL: SQLite refuses.
 * Any thread. */
const char *gather_vfs(void);

#endif
