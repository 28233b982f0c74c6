/* Claims: a live tally reserves its unit for a device, decided in the server's commit order. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_CLAIMS_H
#define TALLYMAN_SYNC_SERVER_CLAIMS_H

#include "sync/server/apply.h"

enum rc claims_scan(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);
enum rc claims_confirm(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);
/* A supervisor keeps what `lost`, a scan or its confirm, could not count: `record` judges it as a confirm does. */
enum rc claims_keep(struct apply_batch *batch, const struct apply_record *record, json_t *lost,
                    struct apply_outcome *outcome);

#endif
