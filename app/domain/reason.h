/* The reasons of a verdict, in the order in which they lead (gravest severity first, among equals the first
 * here), and sets of them. The words are stable: journal, wire, tests and manual use them. Pure. */
#ifndef TALLYMAN_DOMAIN_REASON_H
#define TALLYMAN_DOMAIN_REASON_H

#include <stdbool.h>
#include <stdint.h>

#define REASON_LIST(X)                                                                                               \
    X(MALFORMED, "malformed")                                                                                        \
    X(NOT_GOODS, "not-goods")                                                                                        \
    X(DOCUMENT_CLOSED, "document-closed")                                                                            \
    X(RECALLED, "recalled")                                                                                          \
    X(VOID_CODE, "void-code")                                                                                        \
    X(ON_HOLD, "on-hold")                                                                                            \
    X(EXPIRED, "expired")                                                                                            \
    X(SHORT_LIFE, "short-life")                                                                                      \
    X(DUPLICATE, "duplicate")                                                                                        \
    X(IN_OTHER_DOCUMENT, "in-other-document")                                                                        \
    X(UNKNOWN_CODE, "unknown-code")                                                                                  \
    X(UNREGISTERED, "unregistered")                                                                                  \
    X(NOT_ON_ORDER, "not-on-order")                                                                                  \
    X(NEED_SERIAL, "need-serial")                                                                                    \
    X(NEED_LOT, "need-lot")                                                                                          \
    X(NEED_SSCC, "need-sscc")                                                                                        \
    X(WRONG_LOT, "wrong-lot")                                                                                        \
    X(NOT_RECEIVED, "not-received")                                                                                  \
    X(WRONG_HOLDER, "wrong-holder")                                                                                  \
    X(ALREADY_SHIPPED, "already-shipped")                                                                            \
    X(PARTIAL_CONTAINER, "partial-container")                                                                        \
    X(NO_CONTENTS, "no-contents")                                                                                    \
    X(OVER_QUANTITY, "over-quantity")                                                                                \
    X(OLDER_FIRST, "older-first")                                                                                    \
    X(NEAR_EXPIRY, "near-expiry")                                                                                    \
    X(SHARED_ORDER, "shared-order")                                                                                  \
    X(REPEAT, "repeat")                                                                                              \
    X(PAIRING, "pairing")                                                                                            \
    X(BEFORE_START, "before-start")                                                                                  \
    X(CLONED, "cloned")                                                                                              \
    X(OUT_OF_REGION, "out-of-region")                                                                                \
    X(SEEN_ELSEWHERE, "seen-elsewhere")                                                                              \
    X(NO_TERRITORY, "no-territory")                                                                                  \
    X(NO_RECORD, "no-record")                                                                                        \
    X(DEFACED, "defaced")                                                                                            \
    X(IN_REGION, "in-region")                                                                                        \
    X(OK, "ok")

enum reason {
#define REASON_ENUM(id, word) REASON_##id,
    REASON_LIST(REASON_ENUM)
#undef REASON_ENUM
        REASON_COUNT
};

typedef uint64_t reason_set;

#define REASON_BIT(reason) ((reason_set)1 << (reason))

enum severity { SEVERITY_ACCEPT, SEVERITY_WARN, SEVERITY_CONFIRM, SEVERITY_REJECT };

/* Static words; from_word answers false for a word it does not know and leaves the output alone. */
const char *reason_word(enum reason reason);
bool reason_from_word(const char *word, enum reason *ret_reason);
const char *severity_word(enum severity severity);
bool severity_from_word(const char *word, enum severity *ret_severity);

/* True for the rejects that stay in the corner until somebody deals with them: all but malformed, not-goods,
 * duplicate, document-closed and need-*. */
bool reason_latches(enum reason reason);

#endif
