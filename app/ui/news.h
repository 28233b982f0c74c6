/* What other threads tell the screen thread: they leave it here and post; the screen thread takes it when it comes by.
 * Only the newest of each counts, so nothing can pile up. */
#ifndef TALLYMAN_UI_NEWS_H
#define TALLYMAN_UI_NEWS_H

#include "app/engine/reader.h"
#include "platform/loop.h"
#include "sync/client/worker.h"

struct news;

/* `call` runs on the loop's thread when there is something to take. */
enum rc news_new(struct loop *loop, loop_call *call, void *context, struct news **ret_news);
void news_free(struct news *news);

/* For sync_worker_start and reader_start, with the news as their context. Any thread. */
void news_sync(void *news, const struct sync_progress *progress);
void news_scanner(void *news, int scanner, enum scanner_state state);
/* For sync_worker_trace. */
void news_told(void *news, const char *key, enum rc rc, const struct sync_trace *trace);

/* True when there was something new since the last call. Screen thread. */
bool news_take_sync(struct news *news, struct sync_progress *ret_progress);
bool news_take_scanner(struct news *news, int scanner, enum scanner_state *ret_state);
/* What the server told of this code, and nothing of another. The caller frees ret_trace. */
bool news_take_told(struct news *news, const char *key, enum rc *ret_rc, struct sync_trace *ret_trace);

#endif
