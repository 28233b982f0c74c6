/* What auditors found, and what became of it: a sighting for each scan of an audit, a case for each visit and selling party whose
 * goods were out of their region there, and a manager's ruling on it. The finding is the device's, *diverted* is the manager's
 * word. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_CASES_H
#define TALLYMAN_SYNC_SERVER_CASES_H

#include "sync/server/apply.h"
#include <stdio.h>

/* A scan of an audit that counts (`confirm` NULL or what made it count) is a sighting, and perhaps a case. */
enum rc cases_see(struct apply_batch *batch, const json_t *scan, const json_t *confirm, int64_t seq);
/* That scan was undone. */
enum rc cases_forget(struct apply_batch *batch, int64_t seq);

/* The visit was given up by its auditor: what it saw was not seen; the records stay. */
enum rc cases_drop(struct apply_batch *batch, const char *doc);

/* A picture or paper of the visit, by its file's hash. */
enum rc cases_evidence(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);

/* One object a line: {"case","at","state","doc","no","region","party","name","units","visit" and "seller" (visits.h),"goods":[{"key",
 * "product","product_name","lot","qty","at","reason","findings","operator","device","seq","shown": what the auditor was shown,"shipments":
 * [{"at","from","to","doc"}]}],"evidence":[…],"reason","by","ruled","rulings":[{"state","reason","by","at"}]}. `withdrawn`: an open case
 * whose scans were all undone, or whose visit was given up. */
enum rc cases_list(struct server *server, FILE *out);
/* Parties with cases that were not dismissed, those with most rulings against them first: {"party","name","cases","open","diverted",
 * "dismissed","units","repeated": more than one ruling,"numbers": of the cases}. */
enum rc cases_offenders(struct server *server, FILE *out);
/* state: "diverted" or "dismissed". RC_NOT_FOUND: no such case. A later ruling replaces an earlier one. */
enum rc cases_rule(struct server *server, int64_t number, const char *state, const char *reason, const char *by);

#endif
