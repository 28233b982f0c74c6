/* The feed: what the data centre tells, one JSON object a line, an upsert each; `"gone":true` deletes. This file reads
 * and checks lines; what becomes of them is the sink's business (the device's catalog, the server's store). A member
 * that is missing means unchanged, null clears. Unknown members are reported, unknown types refused. A PIN is hashed
 * (argon2id) as it is read: a sink sees `pin_hash` only. Pure of UI; any thread, one reader at a time. */
#ifndef TALLYMAN_CATALOG_FEED_H
#define TALLYMAN_CATALOG_FEED_H

#include "app/domain/limits.h"
#include "app/domain/rc.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum feed_type {
    FEED_REGION,
    FEED_PARTY,
    FEED_TERRITORY,
    FEED_PERMIT,
    FEED_SITE,
    FEED_PRODUCT,
    FEED_LOT,
    FEED_CODE,
    FEED_CODES,
    FEED_STOCK,
    FEED_PATTERN,
    FEED_DOCUMENT,
    FEED_RECALL,
    FEED_OPERATOR,
    FEED_POLICY,
    FEED_FLOW,
    FEED_SHARE,   /* server to device only: another device works on this document: doc, device, lines */
    FEED_SETTLED, /* server to device only: what it did not accept of this record is settled: epoch, seq, what … */
    FEED_TYPE_COUNT
};

enum { FEED_ID_MAX = 700, FEED_HASH_MAX = 128 };

struct feed_item {
    enum feed_type type;
    bool gone;
    char id[FEED_ID_MAX + 1]; /* the entity's identity within its type, e.g. "source:doc", "product|lot", a key */
    long line;                /* in the stream, 1 for the first; 0 of one line by itself */
    json_t *body;             /* owned by the reader until the next item; checked, without `type` and `gone` */
};

struct feed_sink {
    void *context;
    /* Returns RC_OK, RC_BAD_INPUT with a sentence in error (ERROR_MAX bytes), or the world's error. */
    enum rc (*put)(void *context, const struct feed_item *item, char *error);
    /* Something worth telling that is no error: unknown member, reference not yet told. May be NULL. */
    void (*note)(void *context, long line, const char *text);
    /* The argon2id string kept for an operator now, if any: a PIN that it fits keeps it, so that the same PIN is no
     * change. ret_hash holds FEED_HASH_MAX + 1. May be NULL. */
    bool (*pin_hash)(void *context, const char *operator, char * ret_hash);
};

enum { FEED_ERROR_MAX = 255 };

struct feed_error {
    long line;                     /* 1 for the first; 0 when no line is to blame */
    char text[FEED_ERROR_MAX + 1]; /* English, what is wrong, without the line's number: `member "qty" must be …` */
};

/* Reads all lines of a stream into the sink. Stops at the first bad line with RC_BAD_INPUT and *ret_error filled; the
 * caller rolls back, so that a file is taken whole or not at all. *ret_count: lines taken. */
enum rc feed_read(FILE *stream, const struct feed_sink *sink, long *ret_count, struct feed_error *ret_error);

/* Reads one line (a page of the change feed has many). The item's body is released by feed_item_free. `notes` (may be
 * NULL) serves for its note and pin_hash only; ret_error->line is left 0. */
enum rc feed_parse(const char *line, size_t len, struct feed_item *ret_item, struct feed_error *ret_error,
                   const struct feed_sink *notes);
void feed_item_free(struct feed_item *item);

/* Members of `change` laid over `old` (may be NULL): null clears. A new reference. */
json_t *feed_merge(const json_t *old, const json_t *change);

/* What a device said may stand as an id in a line of the feed. */
bool feed_is_id(const char *text);

const char *feed_type_word(enum feed_type type);
bool feed_type_from_word(const char *word, enum feed_type *ret_type);

/* A document's revision: BLAKE2b-64 of its content in canonical JSON (sorted, compact), less `rev` and members that are
 * null. "" without memory. ret_text holds 17. */
char *feed_revision(const json_t *document, char *ret_text);

#endif
