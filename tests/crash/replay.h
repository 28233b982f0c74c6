/* What a journal's bodies come to, worked out from the records alone: the yardstick for the progress that the store
 * keeps beside them. Written from the record format, not from the store. */
#ifndef TALLYMAN_TESTS_CRASH_REPLAY_H
#define TALLYMAN_TESTS_CRASH_REPLAY_H

#include "app/store/store.h"

enum { REPLAY_RECORDS_MAX = 256 };

struct replay;

/* All records of a journal. RC_CORRUPT for a body that is no JSON, RC_TOO_BIG for more than REPLAY_RECORDS_MAX. */
enum rc replay_load(struct store *store, struct replay **ret_replay);
void replay_free(struct replay *replay); /* NULL is fine */

int replay_count(const struct replay *replay);
/* The exact text; borrowed. */
const char *replay_body(const struct replay *replay, int index);
int replay_scans(const struct replay *replay);

bool replay_opened(const struct replay *replay, const char *doc);

/* Compares with what the store says about a document that was opened: tallied quantity of each line, latches, state. True when all agree;
 * else ret_why (200 bytes) says what differs. */
bool replay_agrees(const struct replay *replay, struct store *store, const char *doc, char *ret_why);

#endif
