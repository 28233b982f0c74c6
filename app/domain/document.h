/* A document as the judge sees it: what it asks for and what has been tallied. Plain data. */
#ifndef TALLYMAN_DOMAIN_DOCUMENT_H
#define TALLYMAN_DOMAIN_DOCUMENT_H

#include "app/domain/date.h"
#include "app/domain/holder.h"
#include "app/domain/limits.h"
#include "app/domain/qty.h"
#include <stdbool.h>
#include <stddef.h>

enum document_state {
    DOCUMENT_READY,     /* in the catalog, nobody has opened it on this device */
    DOCUMENT_OPEN,      /* being worked on here */
    DOCUMENT_COMPLETE,  /* completed here */
    DOCUMENT_ABANDONED, /* given up here: everything released */
    DOCUMENT_CANCELLED, /* the server says that it is cancelled */
    DOCUMENT_CLOSED     /* the server says that it is closed */
};

struct line {
    char line[ID_MAX + 1];
    char product[ID_MAX + 1];
    char lot[LOT_MAX + 1]; /* "" any */
    qty_t qty;
    qty_t tolerance; /* over and under, in the product's unit */
    qty_t tallied;   /* live on this device */
    bool shared;     /* another device holds a lease or share of it */
};

struct document {
    char doc[DOC_MAX + 1]; /* "source:doc", unique */
    char no[ID_MAX + 1];   /* what people call it */
    char flow[32];
    char rev[33]; /* revision it was opened with, or the catalog's when not open */
    enum document_state state;
    struct holder from, to;
    char to_name[NAME_MAX_BYTES + 1];
    char dock[32], note[NAME_MAX_BYTES + 1];
    day_t due;
    bool to_quarantine; /* `to` is a quarantine site */
    int min_life_days;  /* what the receiving party demands; 0 nothing */
    int close_no;       /* times completed here */
    int64_t opened_seq; /* 0 not opened here */
    int latched;        /* rejects that nobody has dealt with */
    size_t line_count;
    struct line *lines; /* owned */
};

void document_free(struct document *document); /* the lines and the struct; NULL is fine */

const char *document_state_word(enum document_state state);

#endif
