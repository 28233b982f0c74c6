/* What the files of the catalog share: one connection and each file's own statements. */
#ifndef TALLYMAN_CATALOG_CATALOG_PRIVATE_H
#define TALLYMAN_CATALOG_CATALOG_PRIVATE_H

#include "app/catalog/catalog.h"
#include "app/catalog/page_sum.h"
#include "app/catalog/sql.h"

struct kept;

struct catalog {
    struct sqlite3 *db;
    bool reader;         /* it never writes */
    const long *refused; /* damaged pages met so far; NULL: it isn't open */
    struct kept *kept;   /* catalog_kept.h; NULL before the first */
    bool viewing;        /* between catalog_begin_read and catalog_end_read … */
    bool state_known;    /* … of which it is known … */
    unsigned version;    /* … and what others had committed then */
    uint32_t state[PAGE_SUM_LOG_STATE_BYTES / 4];
    struct codebook *codebook;
    struct sql *own;               /* catalog.c */
    struct sql *put;               /* catalog_put.c */
    struct sql *find;              /* catalog_find.c */
    struct sql *documents;         /* catalog_documents.c */
    struct sql *books;             /* catalog_books.c */
    struct sql *market;            /* catalog_market.c */
    struct sql *territory;         /* catalog_territory.c */
    struct catalog_market *around; /* the same: what the last question was about, owned; NULL before the first */
    json_t *missing; /* products that codes named before anybody told them, during an import; else NULL */
    char told_product[ID_MAX + 1]; /* the last one that was found */
    struct readings *readings;     /* patterns of the feed, read when they are first needed */
    bool patterns_changed;         /* by this connection itself, since they were read */
};

enum rc catalog_put_open(struct catalog *catalog);
enum rc catalog_find_open(struct catalog *catalog);
enum rc catalog_documents_open(struct catalog *catalog);
enum rc catalog_books_open(struct catalog *catalog);
enum rc catalog_market_open(struct catalog *catalog);
enum rc catalog_territory_open(struct catalog *catalog);

/* catalog_market.c: one type each, `body` all that is known of it now, NULL when it is gone */
enum rc catalog_put_region(struct catalog *catalog, const struct feed_item *item, const json_t *body);
enum rc catalog_put_territory(struct catalog *catalog, const struct feed_item *item, const json_t *body);
enum rc catalog_put_permit(struct catalog *catalog, const struct feed_item *item, const json_t *body);
/* What a code's line says of its sales and sightings; *ret_sale as codebook_change has it. */
enum rc catalog_put_sales(struct catalog *catalog, const struct feed_item *item, int *ret_sale);
enum rc catalog_drop_sales(struct catalog *catalog, const char *key);

/* catalog_market.c: which of the tables of catalog_kept.h have something in them. */
enum rc catalog_any_market(struct catalog *catalog, int64_t *ret_any);

struct sqlite3_stmt;
/* Rows of id and body, by id; to be stepped to the end. */
enum rc catalog_entities_of(struct catalog *catalog, const char *type, struct sqlite3_stmt **ret_statement);

/* Names of the feed's flows; a statement of its own, the caller's until sql_done. */
enum rc catalog_find_flows(struct catalog *catalog, struct sqlite3_stmt **ret_statement);
/* What the feed told of one thing that is no code; the caller owns it. RC_NOT_FOUND. */
enum rc catalog_entity(struct catalog *catalog, const char *type, const char *id, json_t **ret_body);

/* feed_sink.put: context is the catalog. */
enum rc catalog_put_item(void *context, const struct feed_item *item, char *error);
/* The same for a page's line, which says how things are now while others of the page are still to come: what would be
 * inside itself by what was told earlier takes that one out, whose own line follows. */
enum rc catalog_put_told(void *context, const struct feed_item *item, char *error);

/* catalog_settled.c: what `from` knows, up to that record. */
enum rc catalog_take_settled(struct catalog *catalog, struct catalog *from, int64_t last_seq);

/* Notes what has been named and not yet told. */
enum rc catalog_note_missing(struct catalog *catalog, const struct feed_sink *notes);

#endif
