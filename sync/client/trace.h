/* One question to the server outside of syncing: where has this code been? A session of its own, three requests; nothing is
 * kept. Whichever thread has the ports. */
#ifndef TALLYMAN_SYNC_CLIENT_TRACE_H
#define TALLYMAN_SYNC_CLIENT_TRACE_H

#include "sync/client/client.h"

struct sync_trace {
    char key[CODE_KEY_MAX + 1]; /* as the server has it */
    int count;
    char *lines; /* JSON objects, each ended by '\n'; sync_trace_free() frees */
    size_t len;
    char detail[160]; /* the server's sentence for a refusal, "" without */
};

/* RC_NOT_ENROLLED; RC_NET: no answer; RC_NOT_FOUND: the server does not know it; RC_REFUSED: it is another's; RC_REVOKED. Only
 * `detail` is filled then. */
enum rc sync_trace(const struct sync_store *store, const struct sync_transport *transport, const char *key,
                   struct sync_trace *ret_trace);
void sync_trace_free(struct sync_trace *trace);

#endif
