/* Taking records in: POST /v1/push, one transaction a batch, committed before it is answered. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_INBOX_H
#define TALLYMAN_SYNC_SERVER_INBOX_H

#include "sync/server/answer.h"

answer_handler inbox_push;

#endif
