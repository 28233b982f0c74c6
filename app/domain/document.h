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
    char doc[DOC_MAX + 1]; /* in a group of documents: whose line it is; "" the document's own */
    char product[ID_MAX + 1];
    char lot[LOT_MAX + 1]; /* "" any */
    qty_t qty;
    qty_t tolerance; /* over and under, in the product's unit */
    qty_t tallied;   /* live on this device */
    qty_t elsewhere; /* tallied by other devices, as the server last told */
    bool shared;     /* another device holds a lease or share of it */
};

enum { FIELD_NAME_MAX = 31, FIELD_VALUE_MAX = 127, DOCUMENT_FIELDS_MAX = 12 };

/* What was said about the whole document: plate, seal, reason, place … */
struct field_value {
    char name[FIELD_NAME_MAX + 1], value[FIELD_VALUE_MAX + 1];
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
    bool to_quarantine;         /* `to` is a quarantine site */
    int min_life_days;          /* what the receiving party demands; 0 nothing */
    int close_no;               /* times completed here */
    int64_t opened_seq;         /* 0 not opened here */
    int latched;                /* rejects that nobody has dealt with */
    bool own;                   /* started on this device: no paper of the data centre */
    char group[ID_MAX + 1];     /* documents that are worked on together, "" none */
    char site[ID_MAX + 1];      /* where it was opened, "" not yet */
    char from_site[ID_MAX + 1]; /* `from` is a party: its site, "" none; told by who asks */
    char dealer[ID_MAX + 1];    /* the party whose site works on it, "" the owner's own; told by who asks */
    int field_count;
    struct field_value fields[DOCUMENT_FIELDS_MAX]; /* given at its start */
    /* the context line: what bare codes that nobody knows are bound to; "" none */
    char context_product[ID_MAX + 1], context_lot[LOT_MAX + 1];
    char container[CODE_KEY_MAX + 1]; /* packing, label first: what is being filled; "" none */
    char pending[CODE_KEY_MAX + 1];   /* replacing, relabelling: A of the pair that waits for its B; "" none */
    size_t line_count;
    struct line *lines; /* owned */
};

/* The value that the document was started with, "" none. */
const char *document_field(const struct document *document, const char *name);

void document_free(struct document *document); /* the lines and the struct; NULL is fine */

const char *document_state_word(enum document_state state);

#endif
