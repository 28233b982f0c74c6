/* The server's figures, as Prometheus reads them (text exposition format 0.0.4). Any thread. */
#ifndef TALLYMAN_SYNC_SERVER_METRICS_H
#define TALLYMAN_SYNC_SERVER_METRICS_H

#include "sync/server/jobs.h"

/* Fills status, body and type; api_reply_free. */
void metrics_reply(struct server *server, const struct jobs_state *jobs, struct api_reply *ret_reply);

#endif
