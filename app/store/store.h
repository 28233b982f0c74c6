/* The device's store: journal.db (what this device did: append-only, chained) and the catalog that CURRENT names. One
 * process at a time (a lock file says who). The thread that opened the store is the journal's only writer and only
 * checkpointer: the screen thread, or a command's one thread.
 *
 * Folder: lock, identity, journal.db, CURRENT, DAMAGED, catalog-<n>.db, sync.sock */
#ifndef TALLYMAN_STORE_STORE_H
#define TALLYMAN_STORE_STORE_H

#include "app/catalog/catalog.h"
#include "app/domain/document.h"
#include "app/domain/facts.h"
#include "app/domain/judge.h"
#include <jansson.h>

struct store;

enum {
    STORE_CHECKPOINT_BYTES = 8 << 20,
    STORE_SETTLE_BYTES = 2 << 20,
    STORE_IDLE_MS = 200,
    STORE_PATH_MAX = 1023,
    STORE_PRUNE_STEP = 200
};

#define STORE_KEEP_MS ((int64_t)30 * 24 * 3600 * 1000) /* DESIGN: acknowledged records stay so long */

struct store_owner {
    long pid; /* who holds the lock, when RC_BUSY */
    char what[64];
};

/* Once in a process, before anything else of SQLite: it need not count its memory, which takes a lock for each piece.
 * Later it has no effect. */
void store_begin_process(void);

/* Makes the folder when it is missing. RC_BUSY with *ret_owner filled, RC_READ_ONLY, RC_DISK_FULL, RC_CORRUPT, RC_NEWER … */
enum rc store_open(const char *dir, const char *what, struct store **ret_store, struct store_owner *ret_owner);
/* Only to read, also beside the process that works in the folder; takes no lock and changes nothing. */
enum rc store_open_read(const char *dir, struct store **ret_store);
void store_close(struct store *store); /* NULL is fine */
const char *store_dir(const struct store *store);
/* Once more after this device was enrolled: records name it from now on. */
void store_load_identity(struct store *store);
/* Acknowledged records older than this are dropped in pauses, a few each time; 0, as it is at first: none. */
void store_keep(struct store *store, int64_t keep_ms);
const char *store_site(const struct store *store); /* of the enrolment; "" when not enrolled */

/* ---- records ---- */

enum record_kind {
    RECORD_OPEN,      /* a document was opened: carries its lines and revision */
    RECORD_SCAN,      /* one judged scan, rejects too */
    RECORD_CONFIRM,   /* makes the scan `ref` count: a confirm, or a reject that a supervisor overrules */
    RECORD_UNDO,      /* negates the record `ref` */
    RECORD_SET_ASIDE, /* the rejected goods of scan `ref` were put aside: its latch is cleared */
    RECORD_RECHECK,   /* facts changed: the tally `ref` no longer holds; released and latched */
    RECORD_COMPLETE,
    RECORD_ABANDON,
    RECORD_SIGN_IN,
    RECORD_SIGN_FAILED,
    RECORD_SIGN_OUT,
    RECORD_EVIDENCE, /* a picture or paper of a visit, by its file's hash */
    RECORD_ANSWER,   /* what is done about the record `ref`, which the server did not accept */
    RECORD_CONTEXT,  /* a product was picked by hand: what bare codes that nobody knows are bound to */
    RECORD_KIND_COUNT
};

const char *record_kind_word(enum record_kind kind);
bool record_kind_from_word(const char *word, enum record_kind *ret_kind);

/* What can be done about a record that the server did not accept. */
enum answer {
    ANSWER_TAKE_OUT, /* the goods are out again: the scan counts no more */
    ANSWER_KEEP,     /* a supervisor has them go along: the scan counts by this record */
    ANSWER_NOT_MINE, /* a manager decides */
    ANSWER_SETTLED, /* somebody else has settled it: the goods wait for nobody's hand any more. Said by the device itself */
    ANSWER_COUNT
};
const char *answer_word(enum answer answer);
bool answer_from_word(const char *word, enum answer *ret_answer);

/* What a record does to what is in what, at once when it counts. */
struct record_pack {
    const char *parent;
    int level; /* of the parent, by what goes in; where something only goes out it stays as it was */
    bool all;  /* out: whatever is inside, also what this device does not know */
    const char *const *in, *const *out;
    size_t in_count, out_count;
};

/* Goods whose code can't be read, as somebody entered them. */
struct record_defaced {
    const char *product, *lot; /* as printed; lot "" none */
    const char *printed;       /* date or time beside it, "" none */
    qty_t count;
};

/* `fresh` is from now on what `old` was; `old` is void. */
struct record_relabel {
    const char *old, *fresh;
};

struct record {
    enum record_kind kind;
    int64_t at_ms;                   /* wall clock */
    int offset_min;                  /* local time east of UTC then */
    const char *site;                /* this device's, "" none */
    int64_t mono_ns;                 /* of the scan, 0 without */
    const char *operator;            /* "" when nobody is signed in */
    const char *doc;                 /* "" without */
    int64_t ref;                     /* seq that it speaks of, 0 none */
    const struct scan *scan;         /* RECORD_SCAN */
    const struct code *code;         /* RECORD_SCAN */
    const struct facts *facts;       /* RECORD_SCAN */
    int64_t label;                   /* RECORD_SCAN: of the contents label merged into `code`, 0 none */
    const struct verdict *verdict;   /* RECORD_SCAN, RECORD_RECHECK */
    const struct document *document; /* RECORD_OPEN: to copy; RECORD_SCAN, COMPLETE: for line ids; RECORD_CONTEXT: its
                                      * context_product and context_lot are what is set */
    const struct flow *flow;         /* of the document; needed with one */
    const struct holder *
        goes_to; /* RECORD_SCAN, CONFIRM: where `complete` brings the unit when that is not where the flow brings the rest; NULL */
    const struct record_pack *pack;       /* RECORD_SCAN, CONFIRM: NULL nothing */
    const struct record_relabel *relabel; /* RECORD_SCAN, CONFIRM: NULL nothing */
    const struct record_defaced *defaced; /* RECORD_SCAN: NULL not */
    enum answer answer;                   /* RECORD_ANSWER */
    enum code_state condition;            /* RECORD_UNDO: STATE_DAMAGED says that the unit is; else STATE_ACTIVE */
    const json_t
        *extra; /* more members for the body (short reason, counts, header, supervisor …), borrowed, or NULL */
};

/* Appends one record and what it does to the projections, in one IMMEDIATE transaction; when it returns RC_OK the
 * record is on disk. RC_CORRUPT while held when a damaged page of the catalog was met since: what was judged by it may be
 * wrong. */
enum rc store_append(struct store *store, const struct record *record, int64_t *ret_seq);

/* Between hold and release all calls see one state of journal and catalog, and the first append needs no transaction
 * of its own: a scan takes its locks once. Not nested. RC_OK or the world's error, then nothing is held. */
enum rc store_hold(struct store *store);
void store_release(struct store *store);
/* Another number whenever the catalog is another or was changed; held or not. */
uint64_t store_catalog_version(struct store *store);
int64_t store_last_seq(const struct store *store);

/* Call when nothing happened for STORE_IDLE_MS: a checkpoint, where the journal's log has become STORE_SETTLE_BYTES long. Not
 * each time: the commit after a checkpoint begins the log anew, and syncs that before it syncs itself. */
void store_idle(struct store *store);
/* Drops the oldest records, at most STORE_PRUNE_STEP: those that the server has for good and that are in what it told, that are
 * older than `keep_ms` at `now_ms` (and by the server's last word), and that no open document needs. What they came to is kept. The
 * last record always stays. *ret_dropped: how many. The thread that opened the store. */
enum rc store_prune(struct store *store, int64_t now_ms, int64_t keep_ms, int64_t *ret_dropped);
/* A passive checkpoint now. */
void store_settle(struct store *store);

struct store_journal_line {
    int64_t epoch, seq;
    const char *body; /* exact JSON text */
    size_t len;
    const uint8_t *hash;
};
/* Walks the records from `first` on, in order, until visit returns false. */
enum rc store_journal(struct store *store, int64_t first,
                      bool (*visit)(void *context, const struct store_journal_line *line), void *context);

/* From the first record kept. RC_CORRUPT with the first bad seq (0: the database itself is damaged). *ret_count: records checked. */
enum rc store_verify(struct store *store, int64_t *ret_count, int64_t *ret_bad_seq);

struct store_counts {
    int64_t device, epoch, first_seq, last_seq, acked_seq, applied_seq;
    int64_t waiting; /* records the server does not have */
    int64_t open_documents, latched, refused;
    int64_t inbox;          /* what the server did not accept and nobody has answered */
    int64_t settled;        /* of that, what somebody else settled */
    int64_t catalog_ms;     /* when the catalog was last brought up to date; 0 never */
    int64_t server_ms;      /* last server time heard */
    int64_t last_record_ms; /* wall time of the last record */
    int64_t checkpoints;    /* since the store was opened */
    char site[ID_MAX + 1];
    bool enrolled;
    bool led;             /* its numbers had parted from the server's: it was led back … */
    int64_t led_after;    /* … and what comes after this record is in an epoch of its own */
    bool cloned;          /* another device goes on with what this one was copied from */
    bool catalog_missing; /* CURRENT names nothing: sync or import */
    bool catalog_damaged; /* some of it can't be read: it is to be fetched or imported again */
};
enum rc store_counts(struct store *store, struct store_counts *ret_counts);

/* The latest time on record: of the last record or last heard from the server; 0 none. */
int64_t store_latest_ms(struct store *store);

/* True when the server refused this record of the present epoch. */
bool store_refused(struct store *store, int64_t seq);

/* ---- what the server did not accept ---- */

enum { INBOX_MAX = 500 }; /* so many are told of; the others once these are answered */

/* A record of the present epoch that the server refused or holds for people, and that nobody has answered: neither by a
 * RECORD_ANSWER nor by undo, setting aside or giving the document up. */
struct store_inbox_row {
    struct catalog_refusal told;    /* what the server said */
    struct catalog_settled settled; /* by somebody else: by whom; `what` "": it is open */
    enum record_kind kind;
    int64_t scan_seq; /* of the scan that it is, or confirms; 0: it is about no goods */
    char doc[DOC_MAX + 1], no[ID_MAX + 1], flow[FLOW_NAME_MAX + 1], operator[ID_MAX + 1];
    char at[TIME_TEXT_MAX + 1];
    char key[CODE_KEY_MAX + 1], product[ID_MAX + 1], lot[LOT_MAX + 1];
    qty_t qty;
};
/* Newest first. */
enum rc store_inbox(struct store *store, bool (*visit)(void *context, const struct store_inbox_row *row),
                    void *context);
/* Those that somebody else has settled, and that were not answered here, or handed on. */
enum rc store_inbox_settled(struct store *store, bool (*visit)(void *context, const struct store_inbox_row *row),
                            void *context);
/* The server did not accept this record, and somebody else has settled that. */
bool store_settled(struct store *store, int64_t seq);
/* The open one about this record; RC_NOT_FOUND. */
enum rc store_inbox_row(struct store *store, int64_t seq, struct store_inbox_row *ret_row);
/* The record's exact body, as an object; the caller decrefs. RC_NOT_FOUND. */
enum rc store_body(struct store *store, int64_t seq, json_t **ret_body);

/* ---- the catalog in use ---- */

/* The catalog that CURRENT names, reopened when CURRENT or the file changed since the last call. Valid until the next
 * call. RC_NOT_FOUND when there is none. RC_CORRUPT when it can't be opened at all: then, and when a damaged page of it
 * is met, it is marked for sync to fetch it again. */
enum rc store_catalog(struct store *store, struct catalog **ret_catalog);

/* A damaged page was met since store_catalog or store_hold: what was answered is not all there is. */
bool store_damaged(struct store *store);

/* Feed from a file straight into this device's catalog (provisioning by stick). */
enum rc store_import(struct store *store, FILE *stream, const struct feed_sink *notes, long *ret_count,
                     struct feed_error *ret_error);

/* ---- documents ---- */

/* Name as people give it: a `no` where that is unique, else "source:doc". ret_doc holds DOC_MAX + 1. */
enum rc store_document_name(struct store *store, const char *name, char *ret_doc);

/* With lines and progress: the journal's copy once opened (the catalog's cancelled and closed states laid over), else
 * the catalog's. The caller frees. */
enum rc store_document(struct store *store, const char *doc, struct document **ret_document);

/* The same as the catalog tells it now, as if nobody had opened it here (a group: of the members that were opened in it, or
 * all). RC_NOT_FOUND for documents of one's own. An open document takes a new revision over by another RECORD_OPEN: its tallies
 * stay, each with the line of the same id as long as that takes its product and lot, else with any that do, else with none. */
enum rc store_document_told(struct store *store, const char *doc, struct document **ret_document);

/* All that catalog or journal know, open ones first, then by due date and number. Lines carry no progress; counts of
 * lines done are in *ret_done. RC_CORRUPT when the catalog is damaged: what can be read was visited. */
struct store_document_row {
    char doc[DOC_MAX + 1], no[ID_MAX + 1], flow[32], to_name[NAME_MAX_BYTES + 1];
    enum document_state state;
    day_t due;
    int lines, lines_done, latched;
    bool own;
    char group[ID_MAX + 1]; /* with a group, `doc` is "group:ID" and it stands for all of its documents */
};
enum rc store_documents(struct store *store, bool (*visit)(void *context, const struct store_document_row *row),
                        void *context);

/* ---- tallies and latches of a document ---- */

struct store_tally {
    int64_t seq;
    int64_t counted_seq; /* the record that made it count: its own or its confirm; 0 none did */
    char key[CODE_KEY_MAX + 1];
    char product[ID_MAX + 1], lot[LOT_MAX + 1], line[ID_MAX + 1];
    enum reason reason;
    enum severity severity;
    qty_t qty;
    int level;
    int64_t packed_seq; /* the record that put it into a container, 0 none */
    bool live;          /* counts now */
    bool packed;        /* counts, and is in the container that this document filled */
    bool mark;          /* no goods: a label, a context line; it may be undone */
    bool waiting;       /* a confirm that nobody has given yet */
    bool latched;       /* a reject that nobody has dealt with */
    bool over; /* undone, put aside, moved, released, or packed by a later label: nothing more can be done with it */
};
/* Newest first, at most `max`. Every judged scan of the document is one row. */
enum rc store_tallies(struct store *store, const char *doc, int max,
                      bool (*visit)(void *context, const struct store_tally *tally), void *context);
enum rc store_tally(struct store *store, int64_t seq, struct store_tally *ret_tally, char *ret_doc);

/* The lines of `document` that a tally counts for, at most ALLOC_MAX. */
enum rc store_tally_lines(struct store *store, int64_t seq, const struct document *document,
                          struct allocation *ret_allocations, int *ret_count);

/* *ret_undoable: nothing happened since to what this tally's record packed or relabelled: it can be as it was before. */
enum rc store_undoable(struct store *store, int64_t seq, bool *ret_undoable);

/* What a record speaks of: its `ref`, 0 without. RC_NOT_FOUND when there is no such record. */
enum rc store_record_ref(struct store *store, int64_t seq, int64_t *ret_ref);

/* The code as it was scanned for this record; used when tallies are judged again. */
enum rc store_tally_code(struct store *store, int64_t seq, struct code *ret_code);

/* What live tallies of a document have counted, by product and lot, lines or not; in that order. */
struct store_counted_row {
    char product[ID_MAX + 1], lot[LOT_MAX + 1];
    qty_t qty;   /* of this product and lot */
    qty_t extra; /* of which on no line */
};
enum rc store_counted_rows(struct store *store, const char *doc,
                           bool (*visit)(void *context, const struct store_counted_row *row), void *context);

/* What was packed for this document and is in no container yet (label last), oldest first. */
enum rc store_loose(struct store *store, const char *doc, bool (*visit)(void *context, const char *key),
                    void *context);
/* What is directly in a container, as this device knows it now; catalog and journal together. */
enum rc store_children(struct store *store, const char *parent, bool (*visit)(void *context, const char *key),
                       void *context);

/* What a completed document moved: its tallies' products and lots with quantities, for taking it back. */
enum rc store_moved_rows(struct store *store, const char *doc,
                         bool (*visit)(void *context, const struct store_counted_row *row), void *context);

/* Documents of one's own that are about this one (their field `of`), open or completed, since it was opened last. */
struct store_about {
    char doc[DOC_MAX + 1], flow[ID_MAX + 1];
    bool open;
};
enum rc store_about(struct store *store, const char *doc,
                    bool (*visit)(void *context, const struct store_about *about), void *context);

/* What a recall covers and where it is, as this device knows it: one row for each holder, product and lot. */
struct store_recall_row {
    struct holder holder;
    char product[ID_MAX + 1], lot[LOT_MAX + 1];
    long units;
};
enum rc store_recall_rows(struct store *store, const char *recall,
                          bool (*visit)(void *context, const struct store_recall_row *row), void *context);

/* What is at any of these holders (at most 8), by product and lot in order: the books and what this device did since.
 * Products that nobody told are left out. */
struct store_stock_row {
    char product[ID_MAX + 1], lot[LOT_MAX + 1];
    qty_t qty;
};
enum rc store_stock_rows(struct store *store, const struct holder *holders, size_t count,
                         bool (*visit)(void *context, const struct store_stock_row *row), void *context);

/* Where a product's lot (lot "" any) is, as this device knows it: one row for each holder and lot. */
enum rc store_lot_rows(struct store *store, const char *product, const char *lot,
                       bool (*visit)(void *context, const struct store_recall_row *row), void *context);

/* The unit with this whole alias, and codes of a product (and lot, "" any) with these characters somewhere in their key, at most
 * `max`. Its time goes with how many codes there are of them. */
enum rc store_search(struct store *store, const char *product, const char *lot, const char *part, int max,
                     bool (*visit)(void *context, const char *key), void *context);

/* Cases (level >= 1 scanned) and loose units that the live tallies of a document come to. */
enum rc store_counted(struct store *store, const char *doc, qty_t *ret_cases, qty_t *ret_loose);

/* ---- facts ---- */

/* What is expected without an AIM id (code.h's GUESS_*; all, unless told otherwise). */
void store_expect(struct store *store, unsigned guesses);

/* A scan as this device understands it now: by the catalog in use (app/catalog/reading.h). Without one, by itself. */
enum rc store_read_code(struct store *store, const struct scan *scan, int year, struct code *ret_code);

struct facts_request {
    const char *doc;                 /* the document judged, "" none */
    const struct document *document; /* the same with its lines, NULL none */
    const struct flow *flow;         /* its flow, NULL none: only what is known of the code */
    const struct policy *policy;     /* may bind unknown codes; NULL not */
    const char *site;                /* this device's */
    day_t today;
    const struct code *code;
    qty_t typed_qty;    /* quantity typed by hand, 0 none */
    int64_t mono_ns;    /* of this scan */
    int64_t ignore_seq; /* judge a tally again: its own reservation is no fact; 0 none */
    bool another;       /* an audit: the auditor says that it is another unit with the same code */
    reason_set let_go;  /* what may be wrong with goods inside a container and lets them count all the same */
};
enum rc store_facts(struct store *store, const struct facts_request *request, struct facts *ret_facts);

/* ---- operators ---- */

/* Wrong PINs since the last good sign-in, and the time of the last one; both survive a restart. */
enum rc store_sign_failures(struct store *store, const char *operator, int * ret_count, int64_t *ret_last_ms);

#endif
