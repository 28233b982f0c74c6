/* The feed's grammar as data: types, their members, kinds and limits. For feed.c and its tests. */
#ifndef TALLYMAN_CATALOG_FEED_TABLE_H
#define TALLYMAN_CATALOG_FEED_TABLE_H

#include "app/catalog/feed.h"

enum feed_kind {
    FEED_KIND_ID,     /* text without control characters or '|' */
    FEED_KIND_TEXT,   /* text as people read it; control characters become spaces */
    FEED_KIND_WORD,   /* one of `words` */
    FEED_KIND_QTY,    /* decimal text, not negative */
    FEED_KIND_SIGNED, /* decimal text: an ERP's stock may be below nothing */
    FEED_KIND_DAY,    /* "2026-11-23" */
    FEED_KIND_INT,    /* 0 to max */
    FEED_KIND_BOOL,   /* true or false */
    FEED_KIND_HOLDER, /* "site:CDB" … */
    FEED_KIND_CODE,   /* a code's text; replaced by its key */
    FEED_KIND_GTIN,   /* 8, 12, 13 or 14 digits; replaced by its 14 */
    FEED_KIND_PIN,    /* replaced by `pin_hash` */
    FEED_KIND_HASH,   /* an argon2id string */
    FEED_KIND_OBJECT, /* any members, kept as told */
    FEED_KIND_ONE,    /* an object with `members` */
    FEED_KIND_ANY,    /* kept as told */
    FEED_KIND_IDS,    /* lists of the above: at most max, each as above */
    FEED_KIND_CODES,
    FEED_KIND_GTINS,
    FEED_KIND_OBJECTS /* a list of objects with `members` */
};

struct feed_member {
    const char *name; /* NULL ends a list of members */
    enum feed_kind kind;
    bool required; /* names the thing, or a row of a list makes no sense without it */
    int max;       /* bytes of a text, largest number, or elements of a list */
    const char *words;
    const struct feed_member *members;
};

enum { FEED_PARTS_MAX = 4 };

struct feed_row {
    const char *word;
    const struct feed_member *members;
    const char *parts[FEED_PARTS_MAX]; /* members that make the identity; a missing one counts as "" */
    char joiner;
};

const struct feed_row *feed_row(enum feed_type type);

#endif
