/* The journal beside its one writer: a read-only connection, one batch a transaction, no checkpoint on close. Sync thread. */
#ifndef TALLYMAN_STORE_JOURNAL_READER_H
#define TALLYMAN_STORE_JOURNAL_READER_H

#include "sync/client/port.h"

struct journal_reader;

/* Opens nothing yet: there may be no journal. */
enum rc journal_reader_new(const char *dir, struct journal_reader **ret_reader);
void journal_reader_free(struct journal_reader *reader); /* NULL is fine */

/* The first record that is kept (1 when there is none) and the last one (0). */
enum rc journal_reader_ends(struct journal_reader *reader, int64_t *ret_first, int64_t *ret_last);
/* As sync_store has them. RC_GONE from batch: the first of them was dropped meanwhile. */
enum rc journal_reader_hash(struct journal_reader *reader, int64_t seq, uint8_t ret_hash[CHAIN_HASH_BYTES]);
enum rc journal_reader_batch(struct journal_reader *reader, int64_t first_seq, int max, struct sync_batch *ret_batch);

#endif
