/* The engine: what screens and commands both call. Facts → judge → append, documents from open to complete. One
 * thread (the screen's, or a command's). A beep may be given when a function here has returned RC_OK, never before. */
#ifndef TALLYMAN_ENGINE_ENGINE_H
#define TALLYMAN_ENGINE_ENGINE_H

#include "app/store/store.h"
#include "platform/clock.h"

struct engine;

struct engine_options {
    const char *dir;           /* data folder */
    const char *what;          /* for the lock file: "screens", "scan" … */
    const char *site;          /* when the device is not enrolled; NULL: the operator's */
    const struct clock *clock; /* wall, monotonic and zone */
    unsigned expects;          /* code.h's GUESS_*: what scans without an AIM id may be taken for; 0 is all */
    int64_t keep_ms;           /* acknowledged records older than this are dropped in pauses; 0 never */
    bool
        practice; /* works on data of its own, in the folder `practice` in `dir`, with a copy of the catalog; never synced */
    bool read_only; /* beside the process that works in the folder: nothing is written */
};

enum rc engine_open(const struct engine_options *options, struct engine **ret_engine, struct store_owner *ret_owner);
void engine_close(struct engine *engine);
struct store *engine_store(struct engine *engine);
const char *engine_site(const struct engine *engine);
const char *engine_dealer(struct engine *engine); /* the party whose site this is, "" the owner's own */

/* ---- operators ---- */

enum { PIN_TRIES = 5, PIN_LOCK_MS = 5 * 60 * 1000 };

/* RC_AUTH (and the failure is journaled), RC_LOCKED_OUT with *ret_wait_ms, RC_NOT_FOUND has no meaning here: an
 * unknown operator is RC_AUTH too. */
enum rc engine_sign_in(struct engine *engine, const char *operator, const char * pin, int64_t *ret_wait_ms);
enum rc engine_sign_out(struct engine *engine);
const struct catalog_operator *engine_operator(const struct engine *engine); /* NULL: nobody */
/* Somebody's name, where this device knows it, else the id. ret_name holds NAME_MAX_BYTES + 1. Returns ret_name. */
const char *engine_operator_name(struct engine *engine, const char *operator, char * ret_name);
/* Checks a second person's PIN for one act; journals failures like sign_in. */
enum rc engine_check_supervisor(struct engine *engine, const char *operator, const char * pin);

/* ---- flows ---- */

/* The flow as this site has it: the feed's row over the built-in one. NULL: there is none. The engine's, until the catalog
 * changes. */
const struct flow *engine_flow(struct engine *engine, const char *name);
/* Those that the one signed in may run, built-in ones first, then the site's own. */
enum rc engine_flows(struct engine *engine, bool (*visit)(void *context, const struct flow *flow), void *context);
/* May a document of this flow be started here? (All but those whose documents come from the data centre.) */
bool engine_can_start(const struct flow *flow);

struct start_field {
    const char *name, *value;
};

struct start {
    const char *flow;
    int field_count;
    struct start_field fields[FLOW_FIELDS_MAX];
    const char *supervisor; /* who lets a value outside its limits pass; NULL none */
};

/* A document of one's own: journals its opening with its fields and the lines that its flow gives it (LINES_BOOKS with a
 * product, LINES_NOTICE, LINES_COMPLETED). ret_doc and ret_no (DOC_MAX + 1, ID_MAX + 1) may be NULL. RC_REFUSED: not by
 * this role, or the flow's documents come from the data centre. RC_FIELD_MISSING, RC_BAD_INPUT, RC_FIELD_LIMIT: *ret_field is the
 * field's name (static or the start's own); RC_NOT_FOUND: what it names is not known. ret_field may be NULL. */
enum rc engine_start(struct engine *engine, const struct start *start, char *ret_doc, char *ret_no,
                     const char **ret_field);

/* The context line of a document: what bare codes that nobody knows are bound to from now on. */
enum rc engine_set_context(struct engine *engine, const char *doc, const char *product, const char *lot);

/* What was counted against what was expected, by product and lot; only rows that differ. Counted blind: against the books of
 * what was met; at one place: nothing, the books don't know places. */
struct difference {
    char product[ID_MAX + 1], lot[LOT_MAX + 1];
    qty_t expected, counted;
};
enum rc engine_differences(struct engine *engine, const char *doc,
                           bool (*visit)(void *context, const struct difference *difference), void *context);

/* Stock on hand at this site, by product and lot. */
enum rc engine_stock(struct engine *engine, bool (*visit)(void *context, const struct store_stock_row *row),
                     void *context);

/* ---- documents ---- */

/* Name or full name to a document with progress; the caller frees. */
enum rc engine_document(struct engine *engine, const char *name, struct document **ret_document);
/* Journals the opening (lines, revision) unless it is open already. RC_REFUSED for a role that may not run the flow,
 * RC_CLOSED. ret_doc (DOC_MAX + 1 bytes) is the full name; may be NULL. */
enum rc engine_open_document(struct engine *engine, const char *name, char *ret_doc);

/* A ticket stands for a document in scans (scan.ticket): stable while the process runs. */
uint32_t engine_ticket(struct engine *engine, const char *doc);
const char *engine_ticket_doc(const struct engine *engine, uint32_t ticket); /* NULL: no such ticket */

/* ---- scanning ---- */

struct outcome {
    const struct document *document; /* as judged, with this scan counted; the engine's, until the next call */
    int64_t seq;                     /* of its record */
    char doc[DOC_MAX + 1];
    struct code code;
    struct facts facts;
    struct verdict verdict;
    char line[ID_MAX + 1];            /* first line it went to, "" none */
    qty_t line_qty, line_tallied;     /* of that line, after this scan */
    qty_t expected_units;             /* of the pack that the line counts in, 0 without: cases = tallied / it */
    bool order_done, line_done;       /* by this scan */
    bool waiting;                     /* a confirm stands out: engine_confirm(seq) */
    bool context_set;                 /* it was no goods: unknown codes are bound to facts.product from now on */
    bool container_closed;            /* packing: what was filled is `container`, and it holds `filled` */
    char container[CODE_KEY_MAX + 1]; /* packing: what is being filled, or was closed by this scan; "" none */
    int filled,
        rule; /* packing: so many are in it, or loose and waiting for their label; it takes `rule` (0 not known) */
    bool pair_waits;      /* replacing, relabelling: this was A, B is awaited */
    bool to_quarantine;   /* it is to be kept apart: `complete` brings it to quarantine */
    bool tick;            /* the same code within 400 ms: tick, don't buzz */
    int64_t committed_ns; /* monotonic time when the record was on disk */
};

/* Judges and journals one scan against a document (opened on first use). RC_OK whatever the verdict: the outcome is on
 * disk. Anything else: nothing was saved, and nothing may beep. typed_qty 0: as the code says; RC_FRACTION: the product is
 * not counted in such small parts. */
enum rc engine_scan(struct engine *engine, const char *doc, const struct scan *scan, qty_t typed_qty,
                    struct outcome *ret_outcome);

/* `supervisor`: operator id that overrules ("" none): needed for a reject with OVERRIDE_SUPERVISOR. */
enum rc engine_confirm(struct engine *engine, const char *doc, int64_t seq, const char *supervisor);
enum rc engine_undo(struct engine *engine, const char *doc, int64_t seq);
/* Undoes a tally because the goods are damaged: they are void from now on, and another unit may take their place. */
enum rc engine_exchange(struct engine *engine, const char *doc, int64_t seq);
enum rc engine_set_aside(struct engine *engine, const char *doc, int64_t seq);

/* ---- what the server did not accept ---- */

/* Can this be done about it? Goods alone are taken out or kept; kept only where the flow's tallies wait for `complete`. */
bool engine_can_answer(struct engine *engine, const struct store_inbox_row *row, enum answer answer);

/* Journals what is done about the record `seq` that the server refused or holds (store_inbox). ANSWER_TAKE_OUT: the goods are
 * out again. ANSWER_KEEP: they go along, on a supervisor's word ("" none): where the document is still worked on they count
 * again, judged as of now. ANSWER_NOT_MINE: somebody else decides. RC_NOT_FOUND: nothing waits under this number. RC_SUPERVISOR.
 * RC_REFUSED: not about that record, or not even a supervisor may. */
enum rc engine_answer(struct engine *engine, int64_t seq, enum answer answer, const char *supervisor);

/* ---- audits ---- */

/* A place that was named: a region's id, `region:ID`, or `party:ID` of a party that is known with its region (the label in its
 * shop). RC_NOT_FOUND. */
struct named_place {
    char region[ID_MAX + 1];
    char path[NAME_MAX_BYTES +
              1]; /* "锦江区, 成都市, 四川省": its name, what it is in; its id where nobody has told */
    char shop[NAME_MAX_BYTES + 1]; /* the party's name, "" it was no party */
};
enum rc engine_place(struct engine *engine, const char *text, struct named_place *ret_place);

/* What would be told of this code in this visit; nothing is counted or journaled. */
enum rc engine_look(struct engine *engine, const char *doc, const struct code *code, struct facts *ret_facts,
                    struct verdict *ret_verdict);

/* Who may hold goods of a product's lot (lot "" any), as this device knows it, most first: a dealer's site counts as its
 * party. */
enum { HOLDER_ROWS_MAX = 200 };
struct holder_row {
    struct holder holder;
    char name[NAME_MAX_BYTES + 1], region[NAME_MAX_BYTES + 1]; /* of a party or site; "" not told */
    long units;
};
enum rc engine_holders(struct engine *engine, const char *product, const char *lot,
                       bool (*visit)(void *context, const struct holder_row *row), void *context);

/* In an audit: the double scan `seq` was of another bottle with the same code: `cloned`. RC_REFUSED: it was no double. A double
 * that nobody answers is the same bottle. */
enum rc engine_confirm_another(struct engine *engine, const char *doc, int64_t seq);

/* Goods whose code was made unreadable, entered by hand. RC_NOT_FOUND: no such product. */
struct defaced {
    const char *product, *lot, *printed; /* lot and what is printed beside it (a date, a time): "" none */
    qty_t count;
};
enum rc engine_defaced(struct engine *engine, const char *doc, const struct defaced *defaced,
                       struct outcome *ret_outcome);

/* A picture or paper in a file: what it is (engine_evidence_kind), and of which scan (0: of the visit). Its BLAKE2b-256 is
 * journaled now; the file stays where it is. RC_NOT_FOUND: no such file or scan. RC_TOO_BIG: beyond EVIDENCE_BYTES_MAX. */
enum { EVIDENCE_HASH_BYTES = 32, EVIDENCE_BYTES_MAX = 64 << 20, EVIDENCE_PATH_MAX = 1023 };
struct evidence {
    const char *kind, *path;
    int64_t seq;
};
enum rc engine_evidence(struct engine *engine, const char *doc, const struct evidence *evidence, int64_t *ret_seq);
const char *engine_evidence_kind(size_t i); /* NULL beyond the last */
enum rc engine_hash_file(const char *path, uint8_t *ret_hash, int64_t *ret_bytes);

/* ---- what changed meanwhile ---- */

/* Judges the open tallies again; each that no longer holds (recalled, void, held, expired; on no line of a new revision, or
 * too much for it; all of them once the document is cancelled or closed) is journaled as a recheck: released and latched.
 * *ret_found: how many. Called by complete and after each pull, for each document open here, cancelled and closed ones too. */
enum rc engine_recheck(struct engine *engine, const char *doc, int *ret_found);

/* The same, and what else the clerk has to be told. */
struct review {
    int taken_out; /* rechecks: latched now */
    bool revised;  /* the order changed: lines and revision are the new ones from now on */
    bool closed;   /* the data centre cancelled or closed it */
};
enum rc engine_review(struct engine *engine, const char *doc, struct review *ret_review);

enum { REVIEW_PART = 16 };

/* The same in parts, newest tallies first, so that no scan waits for a long document: *below is INT64_MAX at first, 0 after
 * the last part. What its new lines leave room for is decided in one. */
enum rc engine_review_part(struct engine *engine, const char *doc, int64_t *below, struct review *ret_review);

/* Latched scans that would count now (a hold lifted, a recall withdrawn), newest first: "now free, scan again". */
enum rc engine_freed(struct engine *engine, const char *doc,
                     bool (*visit)(void *context, const struct store_tally *tally), void *context);

struct completion {
    const char *short_reason; /* NULL: lines must be full */
    bool set_aside;           /* the rejected goods were put aside */
    bool recounted;           /* the differences were counted again (flows with `differences`) */
    bool counted;             /* a blind count was made */
    qty_t cases, loose;
    const char *supervisor; /* allows a count mismatch; NULL none */
    int field_count;
    struct {
        const char *name, *value;
    } fields[FLOW_FIELDS_MAX];
};

/* Is this field asked for when the document is completed? Those of the start too, where nobody was asked: the data centre's
 * documents have no start here. Its value is what is given, else what the document was started with, else the preset. */
bool engine_field_due(const struct document *document, const struct flow_field *field);
/* The field that the last RC_FIELD_MISSING, RC_FIELD_LIMIT or RC_BAD_INPUT of engine_complete spoke of, "" none. */
const char *engine_bad_field(const struct engine *engine);

/* RC_RECOUNT (differences), RC_FIELD_LIMIT (a value outside its limits, without a supervisor), RC_BAD_INPUT (a value that its field does not
 * take), RC_UNPAIRED; RC_LATCHED, RC_SHORT, RC_RECHECK, RC_FIELD_MISSING, RC_COUNT_MISMATCH, RC_CLOSED: nothing moved. */
enum rc engine_complete(struct engine *engine, const char *doc, const struct completion *completion,
                        int64_t *ret_seq);
enum rc engine_abandon(struct engine *engine, const char *doc, int64_t *ret_seq);

/* ---- practice and idling ---- */

bool engine_is_practice(const struct engine *engine);
/* Seconds without a key or scan after which screens lock, by the site's policy; 0 never. */
int engine_lock_idle_s(struct engine *engine);

/* ---- time ---- */

/* The latest of wall clock, last server time and last record. *ret_behind_ms: how far the wall clock lags, 0 not. */
int64_t engine_now_ms(struct engine *engine, int64_t *ret_behind_ms);

#endif
