/* Limits of the wire, version 1: both ends refuse what is larger. Bytes, without a closing NUL. */
#ifndef TALLYMAN_SYNC_WIRE_LIMITS_H
#define TALLYMAN_SYNC_WIRE_LIMITS_H

#include "app/domain/limits.h"
#include <stdint.h>

enum {
    WIRE_VERSION = 1,
    MESSAGE_BODY_MAX = 64 << 10, /* any body that is one JSON object, and the first line of NDJSON */
    RECORD_LINE_MAX = 1 << 20,   /* one record: an opening carries LINES_MAX lines */
    PUSH_BODY_MAX = 8 << 20,     /* a push, expanded; a sender makes smaller batches rather than larger bodies */
    PAGE_LINES_MAX = 1000,       /* feed lines in one pull page */
    PAGE_BODY_MAX = 4 << 20,     /* a page, expanded */
    WIRE_HISTORY_MAX = 40,
    WIRE_URL_MAX = 255,
    WIRE_PIN_TEXT = 64, /* hex of SHA-256 over a TLS key's SubjectPublicKeyInfo */
    WIRE_PINS_MAX = 2,  /* the key in use and the next one */
    CURSOR_TEXT_MAX = 63,
    TOKEN_MAX = 128,       /* one-time enrolment and session tokens */
    WORD_MAX = 47,         /* error and verdict words */
    SENTENCE_MAX = 255,    /* an error's text */
    PUBLIC_KEY_BYTES = 32, /* Ed25519 */
    SECRET_KEY_BYTES = 64,
    SIGNATURE_BYTES = 64,
    NONCE_BYTES = 32,
    SESSION_S_MAX = 86400
};

/* Every number on the wire is a whole one that any JSON reader keeps exactly. */
#define WIRE_INT_MAX ((int64_t)9007199254740991)

#endif
