/* A journal on a stick: what this device would push, in one file, signed like a push. For a device that gets no network
 * any more; the server takes the file as if the device had spoken (sync/PROTOCOL.md section 19). */
#ifndef TALLYMAN_SYNC_CLIENT_STICK_H
#define TALLYMAN_SYNC_CLIENT_STICK_H

#include "sync/client/port.h"
#include <stdio.h>

/* Writes all records that the journal has, of its epoch. *ret_count: how many. RC_NOT_ENROLLED: nobody would know whose
 * they are. RC_IO, RC_DISK_FULL: the file can't be written. */
enum rc stick_write(const struct sync_store *store, FILE *out, int64_t *ret_count);

#endif
