/* A disk in memory for a world of several machines, and all that can befall it: an SQLite VFS that is the default one, and
 * the few calls by which the program writes files without SQLite (disk_files.c; the linker puts them in between). Each
 * machine, a node, has a folder; what SQLite keeps there is in memory, with an empty file of the same name that other
 * calls find, rename over and remove. Other files are real ones.
 *
 * A node can end at any write, truncation, sync, deletion or rename: from then on all that it asks for fails, and nothing
 * that it does leaves a trace. Its process was killed, then all that it wrote is there; or its power failed, then what was
 * not synced is lost, torn at a sector, or there in another order. What counts as durable: a file's content from its sync on, a
 * deletion from the next sync on (journalling file systems keep order), a rename from its folder's sync on.
 *
 * One thread. Tests only. */
#ifndef TALLYMAN_TESTS_SIM_DISK_H
#define TALLYMAN_TESTS_SIM_DISK_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stdint.h>

enum disk_end {
    DISK_KILL,    /* the process: nothing that was written is lost */
    DISK_FORGET,  /* the power: nothing unsynced is there */
    DISK_TEAR,    /* of each file a random number of first writes, the last torn at a sector */
    DISK_REORDER, /* of each file a random choice of writes, and of some of those some sectors */
    DISK_ENDS
};

enum { DISK_NODES = 8, DISK_FILES_MAX = 512, DISK_PATH_MAX = 511, DISK_SECTOR_BYTES = 512, DISK_COPIES = 12 };

/* From now on SQLite's default; before anything else asks for it. RC_IO: SQLite refuses. */
enum rc disk_register(void);

/* Forgets all files and nodes. No database is open. The seed is for what SQLite itself draws. */
void disk_clear(uint64_t seed);
void disk_node(int node, const char *dir);

/* It ends before the point-th step from now (1: the next) happens; 0 not. */
void disk_end_at(int node, long point, enum disk_end how);
/* The same, counted in syncs: all is written, and nobody knows how much of it is there. */
void disk_end_at_sync(int node, long sync, enum disk_end how);
void disk_end_now(int node, enum disk_end how);
bool disk_ended(int node);
enum disk_end disk_how(int node); /* it ended, or is to end */
/* The next life finds what is left. Everything of it was closed. */
void disk_start(int node, uint64_t seed);

/* From the point-th step on nothing more can be written, until there is room again. */
void disk_full_at(int node, long point);
void disk_room(int node);
bool disk_was_full(int node); /* a write was refused since the last disk_room */

long disk_points(int node); /* steps so far, in all its lives */

/* What SQLite has in the node's folder, put aside in one of DISK_COPIES places; and put back into a node's folder of which
 * nothing is open. False: there is no copy. */
void disk_copy(int node, int copy);
bool disk_put_back(int node, int copy);
void disk_drop_copy(int copy);

/* SplitMix64: the next number, and a number's own. */
uint64_t disk_random(uint64_t *random);
uint64_t disk_mix(uint64_t number);

const char *disk_end_word(enum disk_end how);

#endif
