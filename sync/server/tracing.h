/* A device asks where a code has been: the chain, within what the asker may see. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_TRACING_H
#define TALLYMAN_SYNC_SERVER_TRACING_H

#include "sync/server/answer.h"

answer_handler tracing_trace;

#endif
