/* The reply that says no: any HTTP status of 400 and above. The words are stable. */
#ifndef TALLYMAN_SYNC_WIRE_REFUSAL_H
#define TALLYMAN_SYNC_WIRE_REFUSAL_H

#include "app/domain/rc.h"
#include "sync/wire/reply.h"
#include <stddef.h>

#define REFUSAL_LIST(X)                                                                                              \
    X(BAD_TOKEN, "bad-token")           /* 403: the enrolment token is unknown, used or too old */                   \
    X(BAD_SIGNATURE, "bad-signature")   /* 401 for a session, 422 for a push */                                      \
    X(REVOKED, "revoked")               /* 403: unknown or revoked device */                                         \
    X(NO_SESSION, "no-session")         /* 401: no bearer token, or one that has run out */                          \
    X(GAP, "gap")                       /* 409: records are missing; `expected` */                                   \
    X(FORK, "fork")                     /* 409: other records under these numbers; `seq`, `acked` */                 \
    X(CLONED, "cloned")                 /* 403: another device goes on with what this one was copied from */         \
    X(BAD_CHAIN, "bad-chain")           /* 422: the records do not come to the head named */                         \
    X(BAD_RECORD, "bad-record")         /* 422: a record that is not JSON or not this device's */                    \
    X(BAD_MESSAGE, "bad-message")       /* 400: not a message of this protocol */                                    \
    X(TOO_BIG, "too-big")               /* 413 */                                                                    \
    X(NOT_FOUND, "not-found")           /* 404: no such path; a code that nobody knows */                            \
    X(WRONG_HOLDER, "wrong-holder")     /* 403: another's goods; no more is said of them */                          \
    X(BAD_METHOD, "bad-method")         /* 405 */                                                                    \
    X(CURSOR_TOO_OLD, "cursor-too-old") /* 410: take everything again */                                             \
    X(BUSY, "busy")                     /* 429, 503: come again later; `retry_s` */                                  \
    X(INTERNAL, "internal")             /* 500 */

enum { REFUSAL_RETRY_MAX_S = 3600 };

enum refusal_kind {
#define REFUSAL_ENUM(id, word) REFUSAL_##id,
    REFUSAL_LIST(REFUSAL_ENUM)
#undef REFUSAL_ENUM
        REFUSAL_OTHER /* a word that this version does not know; never sent */
};

const char *refusal_word(enum refusal_kind kind);

struct refusal {
    struct reply_head head;
    enum refusal_kind kind;
    char text[SENTENCE_MAX + 1];  /* English, a sentence, for people */
    int64_t expected, seq, acked; /* 0 when not said */
    int64_t retry_s;              /* no sooner than this; 0 when not said */
};

/* The caller frees *ret_text. */
enum rc refusal_encode(const struct refusal *refusal, char **ret_text, size_t *ret_len);
enum rc refusal_decode(const void *data, size_t len, struct refusal *ret_refusal);

#endif
