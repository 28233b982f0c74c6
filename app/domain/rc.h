/* Results. Every function that can fail on account of the world returns one of these; a programmer's
 * error is an assert instead. The second column is the stable word (logs, tests); what the user reads is
 * app/text's business. Any thread. */
#ifndef TALLYMAN_DOMAIN_RC_H
#define TALLYMAN_DOMAIN_RC_H

#define RC_LIST(X)                                                                                                   \
    X(RC_OK, "ok")                       /* done */                                                                  \
    X(RC_USAGE, "usage")                 /* the command line is wrong: see --help */                                 \
    X(RC_BAD_INPUT, "bad-input")         /* this text, file or message is not what it should be */                   \
    X(RC_TOO_BIG, "too-big")             /* longer or more than a named limit allows */                              \
    X(RC_NOT_FOUND, "not-found")         /* no such document, record, operator … */                                \
    X(RC_AMBIGUOUS, "ambiguous")         /* several documents have this number: name it source:doc */                \
    X(RC_REFUSED, "refused")             /* a rule says no (wrong role, wrong state) */                              \
    X(RC_CLOSED, "closed")               /* the document is completed, abandoned or cancelled */                     \
    X(RC_LATCHED, "latched")             /* rejected goods are not yet set aside */                                  \
    X(RC_SHORT, "short")                 /* lines are open: complete short, with a reason */                         \
    X(RC_RECHECK, "recheck")             /* facts changed: some scanned goods must be taken out */                   \
    X(RC_FIELD_MISSING, "field-missing") /* a header field that the flow demands is missing */                       \
    X(RC_FRACTION, "fraction")       /* this product is not counted in such small parts: type another quantity */    \
    X(RC_FIELD_LIMIT, "field-limit") /* a header field's value is outside its limits: a supervisor may */            \
    X(RC_RECOUNT, "recount")         /* what was counted differs from the books: count those lines again */          \
    X(RC_UNPAIRED, "unpaired")       /* one scan of a pair still waits for the other */                              \
    X(RC_COUNT_MISMATCH, "count-mismatch") /* the blind count differs: count again or ask a supervisor */            \
    X(RC_SUPERVISOR, "supervisor")         /* only a supervisor may do this */                                       \
    X(RC_AUTH, "auth")                     /* unknown operator or wrong PIN */                                       \
    X(RC_LOCKED_OUT, "locked-out")         /* too many wrong PINs: wait */                                           \
    X(RC_NOT_ENROLLED, "not-enrolled")     /* this device has not been enrolled with a server */                     \
    X(RC_BUSY, "busy")                     /* another Tallyman works in this data folder */                          \
    X(RC_NOMEM, "no-memory")               /* out of memory */                                                       \
    X(RC_IO, "io")                         /* the disk or a device failed */                                         \
    X(RC_DISK_FULL, "disk-full")           /* no room left: nothing was saved, free some space */                    \
    X(RC_READ_ONLY, "read-only")           /* the data folder can't be written */                                    \
    X(RC_CORRUPT, "corrupt")               /* a file is damaged */                                                   \
    X(RC_NEWER, "newer")                   /* the data was written by a newer Tallyman */                            \
    X(RC_NET, "net")                       /* the server can't be reached */                                         \
    X(RC_PEER, "peer")                     /* what answered is not a Tallyman server */                              \
    X(RC_REVOKED, "revoked")               /* the server no longer knows this device */                              \
    X(RC_GAP, "gap")                       /* the server expects another record number */                            \
    X(RC_FORK, "fork")                     /* the server has other records under these numbers */                    \
    X(RC_CLONED, "cloned")                 /* another device speaks with this one's identity */                      \
    X(RC_GONE, "gone")                     /* the cursor is too old: take everything again */                        \
    X(RC_HISTORY, "history")               /* the server has another history: push and pull again */                 \
    X(RC_TIMEOUT, "timeout")               /* nothing came in time */                                                \
    X(RC_DISCONNECTED, "disconnected")     /* the device has gone */

enum rc {
#define RC_ENUM(id, word) id,
    RC_LIST(RC_ENUM)
#undef RC_ENUM
};

/* The stable word of a result; static memory. */
const char *rc_word(enum rc rc);

#endif
