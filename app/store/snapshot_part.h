/* A snapshot while it is fetched: `snapshot.part` holds its first bytes, `snapshot` beside it says of which one. A number of
 * a catalog file is not taken before it is whole: meanwhile one may be begun. Both outlive the process; what was not yet
 * synced is fetched again, since a disk may not have kept it. Sync thread. */
#ifndef TALLYMAN_STORE_SNAPSHOT_PART_H
#define TALLYMAN_STORE_SNAPSHOT_PART_H

#include "app/domain/rc.h"
#include "sync/client/port.h"

struct snapshot_part;

enum {
    SNAPSHOT_RESERVE_BYTES = 64 << 20,            /* stays free for the journal while one is fetched */
    SNAPSHOT_SYNC_BYTES = 8 * SYNC_SNAPSHOT_PIECE /* a power cut costs no more of it */
};

/* dir is the data folder; the lock on it is this process's. */
enum rc snapshot_part_new(const char *dir, struct snapshot_part **ret_part);
void snapshot_part_free(struct snapshot_part *part); /* what came stays; NULL is fine */

/* As sync_snapshots has them. */
enum rc snapshot_part_kept(struct snapshot_part *part, struct sync_snapshot *ret_snapshot, int64_t *ret_have);
enum rc snapshot_part_begin(struct snapshot_part *part, const struct sync_snapshot *snapshot);
enum rc snapshot_part_put(struct snapshot_part *part, const void *bytes, size_t len);
void snapshot_part_drop(struct snapshot_part *part);

/* All bytes are here, and they are the ones that were promised: on disk, closed. RC_CORRUPT: they are not. ret_name is the
 * file's, 24 bytes. */
enum rc snapshot_part_check(struct snapshot_part *part, char *ret_name);

/* The file goes on under this name; nothing of the download is left. */
enum rc snapshot_part_rename(struct snapshot_part *part, const char *name);

#endif
