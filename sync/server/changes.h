/* The change feed: what is told to devices, numbered in commit order; an entity stands in it once, where it changed last,
 * so that a page carries its present body. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_CHANGES_H
#define TALLYMAN_SYNC_SERVER_CHANGES_H

#include "app/catalog/feed.h"
#include "sync/server/answer.h"
#include "sync/server/scope.h"
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
/* Changes that were committed without a number get one. Outside of a transaction; before one that reads pages. */
enum rc changes_number(struct server *server);
/* The lines that a pull has next for this scope after change *n, which moves on: as many as a page has. Within the
 * caller's transaction. The caller frees *ret_lines, which may be NULL. */
enum rc changes_page(struct server *server, struct scope *scope, int64_t *n, char **ret_lines, size_t *ret_len,
                     bool *ret_more);

/* The number of the change that a cursor of this scope stands for; 0: the beginning, and any other text. NULL is fine. */
int64_t changes_cursor_n(const struct server *server, const char *text, int64_t mark);
/* And that of the last one of its own that its device was told. */
int64_t changes_cursor_told(const struct server *server, const char *text, int64_t mark);
/* One as a pull goes on from it: after change n, and how far this device's own records are in what came before. `told`: what concerns
 * this device alone was told up to that change only (a snapshot has nothing of it); n when all of it was. */
void changes_cursor(const struct server *server, int64_t n, int64_t told, int64_t epoch, int64_t applied_seq,
                    int64_t mark, char *ret_text, size_t size);

/* The number of the last change. */
enum rc changes_last(struct server *server, int64_t *ret_n);

#endif
