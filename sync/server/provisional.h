/* Goods that a dealer has before the books know: the shipper's records are late. Such a record counts for its document, is held by
 * its verdict, and reserves nothing; where `complete` brings its goods waits until the books have them where the record takes them
 * from, or until somebody rules. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_PROVISIONAL_H
#define TALLYMAN_SYNC_SERVER_PROVISIONAL_H

#include "sync/server/apply.h"
#include "sync/server/movements.h"
#include "sync/server/units.h"
#include <stdio.h>

#define PROVISIONAL_WORD "provisional" /* the verdict's: held */

/* There are, or were, any. */
enum rc provisional_exist(struct server *server, bool *ret_exist);

/* Where records that wait bring the unit, or what it is in: "" none does. ret_holder holds HOLDER_MAX + 1. */
enum rc provisional_place(struct server *server, const char *key, char *ret_holder);
/* The party has, or had, a provisional record of it. */
enum rc provisional_touched(struct server *server, const struct scope *scope, const char *key, bool *ret_touched);

/* The unit is about to leave what it is in: a party that was told of it, and of what is in it, for that alone goes on being one that
 * was. `key` is still in there. */
enum rc provisional_left(struct server *server, const char *key);

/* The tally of this device's scan `seq` waits; `books` is where the unit is by them. */
enum rc provisional_add(struct apply_batch *batch, const json_t *scan, int64_t seq, const char *key,
                        const char *books);
/* It counts no more. */
enum rc provisional_withdraw(struct apply_batch *batch, int64_t epoch, int64_t seq);

/* `complete`: *ret_waits, the tally `seq` is provisional and the books still disagree. Its move is kept. `movement` as of all of the
 * document's, with its `to`. */
enum rc provisional_move(struct apply_batch *batch, const struct movement *movement, int64_t epoch, int64_t seq,
                         const char *state, bool *ret_waits);

/* Whatever the changes after `since` have made true. */
enum rc provisional_settle(struct server *server, int64_t since);

/* Codes of the document's result that the books do not have yet; the caller decrefs. */
enum rc provisional_of(struct server *server, const char *doc, json_t **ret_keys);

/* One object a line: {"number","found","state","key","doc","no","flow","device","epoch","seq","site","books","to","reason","by","settled"};
 * state: open, agreed, accepted, refused, withdrawn. */
enum rc provisional_list(struct server *server, FILE *out);
/* state: "accepted" (it moves, whatever the books say) or "refused". RC_NOT_FOUND: none of this number waits. */
enum rc provisional_rule(struct server *server, int64_t number, const char *state, const char *reason,
                         const char *by);

#endif
