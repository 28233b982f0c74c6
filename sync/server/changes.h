/* The change feed: what is told to devices, numbered in commit order; an entity stands in it once, where it changed last,
 * so that a page carries its present body. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_CHANGES_H
#define TALLYMAN_SYNC_SERVER_CHANGES_H

#include "app/catalog/feed.h"
#include "sync/server/answer.h"
#include <jansson.h>

enum {
    CHANGES_PAGE_BYTES = 256 << 10, /* a page is closed when it has reached this */
    CHANGES_LOOKED_AT_MAX = 20000,  /* changes looked at for one page, most of them out of scope */
    CHANGES_READ_MAX = 1000,        /* changes read at once */
    CHANGES_NUMBERED_MAX = 10000    /* changes that get their numbers in one transaction */
};

answer_handler changes_pull;

/* This entity changed in the transaction that is open. */
enum rc changes_note(struct server *server, const char *type, const char *id);
/* The number of the last change. */
enum rc changes_last(struct server *server, int64_t *ret_n);

#endif
