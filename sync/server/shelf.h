/* The folder of snapshots: HASH.db are their bytes, scope-….json says which one a scope has. Files are made aside, synced
 * and renamed; what is here can be made again, and may be deleted at any time. Any thread, one at a time. */
#ifndef TALLYMAN_SYNC_SERVER_SHELF_H
#define TALLYMAN_SYNC_SERVER_SHELF_H

#include "app/domain/limits.h"
#include "app/domain/rc.h"
#include "sync/wire/snapshot.h"
#include <jansson.h>
#include <stdbool.h>

enum {
    SHELF_FOLDER_MAX = 1023,
    SHELF_PATH_MAX = SHELF_FOLDER_MAX + 100,
    SHELF_SCOPES_MAX = 256,    /* those that were made longest ago go first */
    SHELF_LEFTOVER_S = 86400,  /* what a process that died was making */
    SHELF_INDEX_MAX = 16 << 20 /* bytes; it names every device of a site */
};

struct shelf_entry {
    char site[ID_MAX + 1]; /* with mark: the scope */
    int64_t mark;
    char history[WIRE_HISTORY_MAX + 1];
    char hash[SNAPSHOT_HASH_TEXT + 1];
    char before[SNAPSHOT_HASH_TEXT + 1]; /* the one that this one took the place of, still there; "" none */
    int64_t size, schema;
    int64_t n;       /* the last change in it */
    json_t *devices; /* [[device, epoch, seq] …]: whose records, up to where, it has; owned, NULL none */
};

/* Makes the folder when it is missing, and removes what is left of unfinished work. */
enum rc shelf_open(const char *folder);

/* RC_NOT_FOUND: none, or its file is not there as it should be. The caller frees with shelf_entry_free. */
enum rc shelf_find(const char *folder, const char *site, int64_t mark, struct shelf_entry *ret_entry);
void shelf_entry_free(struct shelf_entry *entry);

/* Where a new one is made: a name that is this process's own. ret_path holds SHELF_PATH_MAX + 1. */
void shelf_making_path(const char *folder, char *ret_path);

/* Takes the file that was made there: hashes it, syncs it, names it, and names it the scope's. Fills hash, before and size. */
enum rc shelf_put(const char *folder, const char *made, struct shelf_entry *entry);

/* Opens a file of this name to read. RC_NOT_FOUND. */
enum rc shelf_bytes(const char *folder, const char *hash, int *ret_fd, int64_t *ret_size);

#endif
