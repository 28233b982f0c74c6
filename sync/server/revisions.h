/* A new revision of what a device works on: what it has tallied goes to the lines of the new paper. The device counts the same way
 * (app/store/project_document.c). Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_REVISIONS_H
#define TALLYMAN_SYNC_SERVER_REVISIONS_H

#include "sync/server/apply.h"

/* Both are openings of the same document by this device. */
enum rc revisions_apply(struct apply_batch *batch, const char *doc, const json_t *old, const json_t *fresh);

#endif
