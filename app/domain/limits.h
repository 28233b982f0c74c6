/* Named limits that several parts share. Bytes, without the closing NUL unless a name says otherwise. */
#ifndef TALLYMAN_DOMAIN_LIMITS_H
#define TALLYMAN_DOMAIN_LIMITS_H

enum {
    ID_MAX = 63,            /* ids of parties, sites, products, operators, lines, recalls */
    NAME_MAX_BYTES = 191,   /* names as people read them, UTF-8 */
    LOT_MAX = 40,           /* GS1 allows 20; makers' own lots are longer */
    HOLDER_MAX = 79,        /* "transit:party:" and an id */
    DOC_MAX = 159,          /* source ":" doc, the document's full name */
    SCAN_MAX = 4096,        /* bytes of one scan; a longer frame is malformed */
    CODE_KEY_MAX = 511,     /* a canonical key (ncurses has a KEY_MAX) */
    QUEUE_MAX = 4096,       /* scans waiting to be judged */
    LINES_MAX = 2000,       /* lines of one document */
    CONTENTS_MAX = 20000,   /* units in one container, all levels */
    ALLOC_MAX = 32,         /* lines that one unit's quantity is spread over */
    GROUP_MAX = 32,         /* (product, lot) pairs in one container */
    DEPTH_MAX = 8,          /* item in case in pallet in … */
    BATCH_MAX = 500,        /* records in one push, */
    BATCH_MORE_MAX = 2000,  /* and in one to a server that says that it takes more */
    FEED_LINE_MAX = 1 << 20 /* bytes of one feed line */
};

#endif
