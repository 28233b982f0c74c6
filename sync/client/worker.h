/* The sync thread: runs sync_run when woken or when the interval is over, backs off when the server is away. The
 * owner's thread makes and ends it; `notify` is called on the sync thread after each step and must only post. */
#ifndef TALLYMAN_SYNC_CLIENT_WORKER_H
#define TALLYMAN_SYNC_CLIENT_WORKER_H

#include "sync/client/trace.h"

struct sync_worker;

typedef void sync_notify(void *context, const struct sync_progress *progress);

/* socket_path: a local socket that `tallyman sync` beside a running screen connects to, to wake this thread (one byte in, a
 * line with the rc word out when that sync is done); NULL without. Ports' contexts belong to the worker's thread. */
enum rc sync_worker_start(const struct sync_store *store, const struct sync_transport *transport, long interval_ms,
                          const char *socket_path, sync_notify *notify, void *context,
                          struct sync_worker **ret_worker);
void sync_worker_wake(struct sync_worker *worker);               /* any thread */
void sync_worker_pause(struct sync_worker *worker, bool paused); /* any thread: out of reach on purpose */
/* Any thread: the battery is low. What is asked for is done as ever; by itself it goes WORKER_QUIET_FACTOR times less often. */
void sync_worker_quiet(struct sync_worker *worker, bool quiet);
void sync_worker_stop(struct sync_worker *worker); /* waits for the step in hand; NULL is fine */

/* Called on the sync thread with what sync_trace answered; `trace` lives until it returns, and it must only post. */
typedef void sync_told(void *context, const char *key, enum rc rc, const struct sync_trace *trace);

/* Asks the server where this code has been, between two steps of a sync or at once. Only the newest question is answered.
 * Paused: RC_NET. Any thread; returns at once. */
void sync_worker_trace(struct sync_worker *worker, const char *key, sync_told *told, void *context);

enum { WORKER_QUIET_FACTOR = 10 };
enum { WORKER_BACKOFF_FIRST_MS = 1000, WORKER_BACKOFF_MAX_MS = 5 * 60 * 1000 };

/* How long to wait after this many failures in a row (1 …): doubles up to the maximum; `random` picks a time between
 * half of it and all of it, so that a hundred handhelds don't come back in the same second. Pure. */
long sync_worker_backoff_ms(int failures, uint32_t random);

/* The other end of socket_path: wakes a running worker and waits for its word. RC_NOT_FOUND when nobody listens. */
enum rc sync_worker_ask(const char *socket_path, long timeout_ms, enum rc *ret_result);

#endif
