/* What the files of this folder share of a store. Nobody else includes this. */
#ifndef TALLYMAN_STORE_STORE_PRIVATE_H
#define TALLYMAN_STORE_STORE_PRIVATE_H

#include "app/domain/chain.h"
#include "app/domain/epoch.h"
#include "app/store/catalogs.h"
#include "app/store/catalogs_watch.h"
#include "app/store/fill.h"
#include "app/store/journal_sql.h"
#include "app/store/lost.h"
#include "app/store/store.h"
#include <sqlite3.h>

/* tally.state */
enum tally_state {
    TALLY_NOTED,   /* a reject that does not latch, or one that a later scan of the unit replaced */
    TALLY_LIVE,    /* counts, reserves the unit */
    TALLY_WAITING, /* a confirm that nobody has given yet */
    TALLY_LATCHED, /* a reject that nobody has dealt with */
    TALLY_UNDONE,
    TALLY_ASIDE,    /* the goods were put aside */
    TALLY_MOVED,    /* its document was completed */
    TALLY_RELEASED, /* its document was abandoned, or the unit moved to another one */
    TALLY_PACKED,   /* counts, and is in a container that this document filled: reserves nothing any more */
    TALLY_MARK,     /* no goods: a label, a context line; it can be undone */
    TALLY_ASKED     /* it had counted and was latched; the reject or open confirm of a later scan stands for it */
};

/* Live tallies that are not on their lines' rows yet, and what they come to as long as they are of few lines of one
 * document: count.c. */
enum { WAITING_LINES = 8 };
struct waiting {
    bool known; /* how many */
    int tallies;
    bool summed; /* below is all of them */
    char doc[DOC_MAX + 1];
    int line_count;
    int64_t lines[WAITING_LINES];
    qty_t qty[WAITING_LINES];
};

/* Codes that no tally holds, found so last: of a case that is scanned item by item it is asked each time. */
enum { FREE_KEYS = 4 };
struct free_keys {
    unsigned count;
    char keys[FREE_KEYS][CODE_KEY_MAX + 1];
};

struct store {
    char dir[STORE_PATH_MAX + 1];
    int lock_fd;
    sqlite3 *db;
    sqlite3_stmt *statements[JSQL_COUNT];
    int span_count; /* of the journal: the server's epochs */
    struct epoch_span spans[EPOCH_SPANS_MAX];
    int64_t identity_mark; /* of the identity file as it was read */
    int64_t keep_ms;       /* records that old are dropped in a pause; 0 never */
    int64_t first_seq, last_seq, last_record_ms, checkpoints;
    uint8_t anchor[CHAIN_HASH_BYTES]; /* what the first record that is kept is chained to */
    uint8_t head[CHAIN_HASH_BYTES];
    int64_t device;
    bool enrolled, cloned;
    char site[ID_MAX + 1];
    int wal_pages, page_bytes;
    enum {
        LATCHES_UNKNOWN,
        LATCHES_NONE,
        LATCHES_SOME
    } latches; /* tallies that wait or are latched, of any document */
    struct waiting waiting;
    struct free_keys free_keys;
    bool held;           /* between store_hold and store_release */
    bool in_transaction; /* the journal's, begun by store_hold */
    enum rc held_rc;     /* what store_catalog answers meanwhile */
    struct catalog *catalog;
    bool viewing; /* of the catalog one state is being read: by store_hold, and on after it while nothing else asks */
    struct catalogs_mark mark;   /* of the files that `catalog` was opened from … */
    struct catalogs_watch watch; /* … and of the folder that they are in */
    uint32_t catalog_opens;
    long damage_seen;                            /* catalog_damage() when the catalog was asked for last */
    int64_t applied_seq;                         /* of that catalog; refreshed by books_refresh */
    int64_t learned_seq, packed_seq, placed_seq; /* the last records that wrote what is laid over the catalog */
    char last_key[CODE_KEY_MAX + 1];             /* the scan judged last, for ticks … */
    char last_label[CODE_VALUES_MAX];            /* … and its element strings, for `repeat` */
    int64_t last_mono_ns;
    unsigned unexpected;    /* guesses that are none here */
    int64_t inbox;          /* how many wait there, -1 not counted yet … */
    int64_t settled;        /* … how many somebody else settled … */
    uint64_t inbox_version; /* … with this catalog */
    struct lost lost;
    struct fill_kept fill_kept;
};

/* The statement, reset, with its parameters bound by `format`: t const char *, i int64_t, b const void * and size_t.
 * NULL when it can't be prepared: store_rc says why. */
sqlite3_stmt *store_sql(struct store *store, enum journal_sql id, const char *format, ...);
/* Binds and steps a statement that returns no rows. */
enum rc store_do(struct store *store, enum journal_sql id, const char *format, ...);
enum rc store_rc(struct store *store);
/* catalog_use.c: marks the catalog when a damaged page of it was met, so that it is fetched again. */
void store_note_damage(struct store *store);
/* Column text, "" for NULL. */
const char *store_text(sqlite3_stmt *statement, int column);
/* catalog_use.c: one state of the catalog in use, the newest, from here to store_end_view. From scan to scan it is mostly the
 * same one; whoever asks the catalog without holding the store, or waits, ends it. */
enum rc store_view_catalog(struct store *store);
void store_end_view(struct store *store);

void store_copy(char *ret_text, size_t size, sqlite3_stmt *statement, int column);

/* The epoch of new records. */
int64_t store_epoch(const struct store *store);
/* store.c: the first record that is kept, and what it is chained to. */
enum rc store_load_first(struct store *store);
/* A number that the catalog keeps, 0 none; a watermark, as far as it still holds. */
int64_t store_meta_number(struct catalog *catalog, const char *name);
int64_t store_watermark(const struct store *store, struct catalog *catalog, const char *name);

/* record.c: the body of a record as it is journaled; free() it. NULL without memory. */
char *record_body(const struct store *store, const struct record *record, int64_t seq);

/* project.c: what a record does to the projections, within the transaction that appends it. */
enum rc project(struct store *store, const struct record *record, int64_t seq);
/* inbox.c */
int64_t inbox_count(struct store *store, int64_t *ret_settled);
/* Adds all goods that are lost. */
enum rc inbox_lost(struct store *store, struct catalog *catalog, struct lost *lost);
/* project_document.c */
enum rc project_open(struct store *store, const struct record *record, int64_t seq);
enum rc project_complete(struct store *store, const struct record *record, int64_t seq);
enum rc project_abandon(struct store *store, const struct record *record, int64_t seq);

/* The record's flow: its own word, else the built-in one of its document. */
const struct flow *record_flow(const struct record *record);
/* documents.c: as the journal has it. RC_NOT_FOUND when this device has never opened it. */
enum rc document_journaled(struct store *store, const char *doc, struct document **ret_document);
void document_read_head(sqlite3_stmt *row, struct document *document); /* a row of JSQL_DOCUMENT, JSQL_DOCUMENTS */
int document_latched(struct store *store, const char *doc);
/* When it was opened. RC_NOT_FOUND: never here. */
enum rc document_opened(struct store *store, const char *doc, int64_t *ret_seq);

/* count.c: before what a record does. Nothing may wait of what it changes. */
enum rc count_settle(struct store *store, const struct record *record, int64_t seq);
/* What this record counts on its one line goes to the line's row later; false: at once. */
bool count_later(struct store *store, const struct record *record);

/* project_work.c: what counts does its work: packs, relabels, sets the context line, begins and ends a pair; and what was
 * learned by it. `seq` is of the record that counts, `state` what its tally is from now on. */
enum rc work_done(struct store *store, const struct record *record, int64_t tally_seq, int64_t seq);
enum rc work_context(struct store *store, const struct record *record, int64_t seq);

/* move.c: one tally's allocations; what it takes from another document's tally and gives back. All within the transaction
 * that appends. */
struct tally_row {
    int64_t seq, counted_seq;
    char doc[DOC_MAX + 1], key[CODE_KEY_MAX + 1];
    enum tally_state state;
};
enum rc tally_find(struct store *store, int64_t seq, struct tally_row *ret_row);
enum rc tally_set_state(struct store *store, int64_t seq, enum tally_state state);

/* Nearly every tally goes to one line: that one is kept in the tally's own row (n is TALLY_OWN_ALLOC). */
enum { TALLY_OWN_ALLOC = -1 };
/* line_n: in rows of `alloc`, or nowhere; on no line. */
enum { TALLY_SPREAD = -1, TALLY_NO_LINE = -2 };
struct tally_alloc {
    int64_t n, line, qty;
    char lot[LOT_MAX + 1], product[ID_MAX + 1];
};
/* At most ALLOC_MAX. */
enum rc tally_allocations(struct store *store, const struct tally_row *tally, struct tally_alloc *ret_rows,
                          int *ret_count);
/* Where all of it goes: a line, TALLY_NO_LINE, or TALLY_SPREAD. */
int64_t tally_own_line(const struct record *record);
enum rc tally_allocate(struct store *store, const struct record *record, int64_t seq);
/* Before the scan record->ref counts by its confirm record `counted_seq`: forgets what an earlier life of it had. */
enum rc tally_begin_anew(struct store *store, const struct record *record, int64_t counted_seq);
/* Takes a live tally out of its document's count and frees its unit. */
enum rc tally_release(struct store *store, const struct tally_row *tally, enum tally_state state);
/* The goods that the record is about leave the document that had them, and `seq` remembers what it took. */
enum rc tally_take(struct store *store, const struct record *record, int64_t seq);
/* An undone tally gives back what it took, where that document is still worked on. */
enum rc tally_give_back(struct store *store, const struct tally_row *tally);

/* claim.c: the tally that holds one unit, for this document or another. */
struct claim {
    char key[CODE_KEY_MAX + 1]; /* the unit itself or the container that was scanned */
    int64_t seq, counted_seq;
    char doc[DOC_MAX + 1];
    /* The server gave the goods to somebody else, and that is not put right yet: by the record lost_seq, the first of them. A
     * container around them may hold them here still; else the rest is 0 and "". */
    bool lost;
    int64_t lost_seq;
    char no[ID_MAX + 1]; /* the document that has them, "" not said */
};
/* Before the first that is asked for, within the same read of the catalog. */
enum rc claim_refresh(struct store *store, struct catalog *catalog);
/* Of this very key. Where the request's flow reserves nothing only its own document's tallies count. RC_NOT_FOUND also when the
 * server refused the record and somebody has answered that. */
enum rc claim_find(struct store *store, struct catalog *catalog, const struct facts_request *request, const char *key,
                   struct claim *ret_claim);
/* The journal's word on it, within the transaction that appends. */
enum rc claim_put(struct store *store, const char *key, int64_t tally_seq, const char *doc);
/* The unit's own, else that of the nearest container around it. */
enum rc claim_around(struct store *store, struct catalog *catalog, const struct facts_request *request,
                     const char *key, struct claim *ret_claim);
/* This document packed it (or a container around it) and it is in there still. *ret_left: it was, and is in nothing now. */
enum rc claim_packed(struct store *store, struct catalog *catalog, const struct facts_request *request,
                     const char *key, bool *ret_packed, bool *ret_left);

/* contents.c: walks what is in a container and fills facts' contents and groups. ret_product holds ID_MAX + 1: what all of it is,
 * "" mixed or nothing. */
enum rc contents_gather(struct store *store, struct catalog *catalog, const struct facts_request *request,
                        const struct codebook_entry *entry, struct facts *facts, char *ret_product);

#endif
