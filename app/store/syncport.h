/* The sync client's store port over this data folder: a read-only journal connection of its own and the catalog
 * files, which the sync thread alone writes. Made and used on the sync thread (or by `tallyman sync`'s one thread). */
#ifndef TALLYMAN_STORE_SYNCPORT_H
#define TALLYMAN_STORE_SYNCPORT_H

#include "app/domain/rc.h"
#include "sync/client/port.h"

struct syncport;

/* `dir` is the data folder; its lock must be held by this process. */
enum rc syncport_open(const char *dir, struct syncport **ret_port);
void syncport_close(struct syncport *port);
struct sync_store syncport_store(struct syncport *port);

/* Refusals are kept by number alone: whatever epochs a journal went through, its numbers are one row. */
enum { SYNCPORT_REFUSED = 1 };

/* The identity file alone, readable without a port (status, sign-in). */
enum rc identity_load(const char *dir, struct sync_identity *ret_identity);
enum rc identity_save(const char *dir, const struct sync_identity *identity);
/* Another one whenever the file was replaced; 0 none. */
int64_t identity_mark(const char *dir);

#endif
