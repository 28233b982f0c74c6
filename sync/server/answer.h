/* Making replies: what the handlers of this folder share. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_ANSWER_H
#define TALLYMAN_SYNC_SERVER_ANSWER_H

#include "sync/server/api.h"
#include "sync/server/core.h"

enum { ANSWER_RETRY_S = 2 }; /* after a 503 */

/* A device that speaks with a valid session; device 0 where none is needed. */
struct answer_peer {
    int64_t device;
    char site[ID_MAX + 1];
};

/* Every handler's shape. The body is expanded already, closed by a NUL that is not counted. */
typedef void answer_handler(struct server *server, const struct answer_peer *peer, const struct api_request *request,
                            struct api_reply *ret_reply);

struct reply_head answer_head(const struct server *server);

/* 200 with what an encoder made; takes the text. With an encoder's error: 500. */
void answer_ok(struct server *server, enum rc rc, char *text, size_t len, struct api_reply *ret_reply);

/* Counts and logs it. */
void answer_no(struct server *server, int status, enum refusal_kind kind, const char *text,
               struct api_reply *ret_reply);
/* The same with numbers: kind, text, expected, seq, acked are the caller's. */
void answer_refusal(struct server *server, int status, struct refusal *refusal, struct api_reply *ret_reply);

/* An error of the world while answering: 503 when the disk is full or busy, else 500. */
void answer_failed(struct server *server, enum rc rc, const char *doing, struct api_reply *ret_reply);

#endif
