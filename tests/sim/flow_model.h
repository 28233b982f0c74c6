/* A small plain model of the warehouse: where each unit is, what it is in, which document holds it, what each line has.
 * Arrays and loops, nothing stored, nothing shared with the program but the judge, which is pure and has tests of its own:
 * the facts that it judges are the model's. Devices and server of sim_world.h do the same work; all is compared.
 *
 *   flow_model_world.c    codes, papers and what the data centre tells
 *   flow_model_book.c     one set of books: units and what is in what
 *   flow_model_document.c a document as the judge sees it
 *   flow_model_judge.c    facts from a device's books, and the verdict that follows
 *   flow_model_device.c   what a record does on the device that made it;
 *   flow_model_pack.c     … and to what is in what
 *   flow_model_market.c   who sells what where, and where it was seen: what an audit asks
 *   flow_model_server.c   the same on the server, in the order in which records arrive, less what it refuses
 *   flow_model_check.c    program and model compared; conservation
 *   flow_model_ops.c      random operations: documents and scans;
 *   flow_model_after.c    … and what comes after them
 *   flow_model.c          seeds, counts, the command */
#ifndef TALLYMAN_TESTS_SIM_FLOW_MODEL_H
#define TALLYMAN_TESTS_SIM_FLOW_MODEL_H

#include "app/domain/judge.h"
#include "tests/sim/sim_world.h"

enum {
    MODEL_UNITS = 80,
    MODEL_KEY_BYTES = 64,
    MODEL_TEXT = 32, /* ids, lots, holders */
    MODEL_LINES = 12,
    MODEL_PAPERS = 48,
    MODEL_JOBS = 256,   /* documents that one device works on in one seed */
    MODEL_TALLIES = 64, /* of one document */
    MODEL_ALLOCS = 12,
    MODEL_OPS = 2048, /* of one device between two syncs */
    MODEL_SERVER_TALLIES = 4096,
    MODEL_YEAR = 2024,
    MODEL_TODAY = 20000,    /* days since 1970, as sim_world.c has it */
    MODEL_SALES = 8,        /* of one unit */
    MODEL_SIGHTINGS = 1024, /* by audits, in one seed */
    MODEL_NOTHING = -1
};

/* ---- books ---- */

struct model_unit {
    bool known;
    char product[MODEL_TEXT], lot[MODEL_TEXT];
    int level, covers;
    bool container;
    int parent;              /* MODEL_NOTHING */
    char holder[MODEL_TEXT]; /* its own word, "" nobody told */
    enum code_state state;
};

/* The parties that it was sent to, the last one last. */
struct model_sales {
    int count;
    bool back; /* at a site of the owner's since */
    char parties[MODEL_SALES][MODEL_TEXT];
};

struct model_book {
    struct model_unit units[MODEL_UNITS];
    bool keeps_sales; /* the server's; a device has them as they were told */
    bool voids;       /* what moves now is taken back: it was no sale */
    struct model_sales sales[MODEL_UNITS];
    bool had[MODEL_UNITS];  /* the dealer had it once, or those below it */
    bool lost[MODEL_UNITS]; /* another dealer got it after that: whoever has it now has it from there */
};

/* What a record did to the books, for its undo. */
struct model_change {
    int unit;
    struct model_unit before, after;
    bool says_state; /* the record did, though it may be what it was */
};

struct model_changes {
    int count;
    struct model_change changes[MODEL_UNITS];
};

/* What a record says about containers. */
struct model_pack {
    bool packs, all;
    int parent, level, in_count, out_count;
    int in[MODEL_UNITS], out[MODEL_UNITS];
    bool relabels;
    int old, fresh;
};

/* Where it is: its own word, else what it is in, else what is in it. */
const char *model_holder(const struct model_book *book, int unit);
bool model_inside(const struct model_book *book, int unit, int container); /* at any depth; not itself */
/* What it is in, MODEL_NOTHING too after more `*steps` (0 at first) than there are units: books that are wrong are to be told of. */
int model_around(const struct model_book *book, int unit, int *steps);
int model_children(const struct model_book *book, int parent, int *ret_units);
bool model_same_unit(const struct model_unit *a, const struct model_unit *b);
/* Units and containers inside, all levels. */
int model_count_inside(const struct model_book *book, int container);
/* What goes along gets the state too (-1: keeps its own). `held(context, unit)`: somebody has tallied it by itself: it stays behind. */
void model_move(struct model_book *book, int unit, const char *holder, int state,
                bool (*held)(void *context, int unit), void *context);

void model_set_state(struct model_book *book, int unit, enum code_state state);
/* `mine(context, unit)`: it may go in. What was done is added to *changes. */
void model_do_pack(struct model_book *book, const struct model_pack *pack, bool (*mine)(void *context, int unit),
                   void *context, struct model_changes *changes);
void model_begin_change(const struct model_book *book, int unit, struct model_changes *changes);
void model_end_changes(const struct model_book *book, struct model_changes *changes);
void model_reverse(struct model_book *book, const struct model_changes *changes);
/* What it is stays known, where that was forgotten; not where it is. */
void model_stays(struct model_unit *unit, const struct model_unit *what);

/* ---- documents ---- */

struct model_line {
    char line[8], doc[MODEL_TEXT], product[MODEL_TEXT], lot[MODEL_TEXT];
    qty_t qty, tolerance, tallied, elsewhere;
    bool shared;
};

/* As the data centre told it. */
struct model_paper {
    bool told;
    char doc[MODEL_TEXT], no[MODEL_TEXT], flow[MODEL_TEXT], group[MODEL_TEXT], from[MODEL_TEXT], to[MODEL_TEXT];
    const char *state; /* "open", "cancelled" */
    int revision, line_count;
    struct model_line lines[MODEL_LINES];
};

struct model_alloc {
    int line;                       /* of the job, MODEL_NOTHING none */
    char doc[MODEL_TEXT], place[8]; /* that line's names: the job may have other lines later */
    qty_t qty;
    char product[MODEL_TEXT], lot[MODEL_TEXT];
};

enum model_state {
    MODEL_NOTED, /* nothing follows from it */
    MODEL_LIVE,
    MODEL_WAITING,
    MODEL_LATCHED,
    MODEL_UNDONE,
    MODEL_ASIDE,
    MODEL_MOVED,
    MODEL_RELEASED,
    MODEL_PACKED,
    MODEL_MARK /* no goods: a label, a context line */
};

struct model_tally {
    int64_t seq, counted; /* its record, and that which made it count (0 none) */
    enum model_state state;
    int unit;    /* MODEL_NOTHING: a quantity */
    bool claims; /* it is one thing */
    enum reason reason;
    enum severity severity;
    qty_t qty;
    char text[MODEL_KEY_BYTES]; /* as scanned */
    char key[MODEL_KEY_BYTES];
    qty_t typed;
    int alloc_count;
    struct model_alloc allocs[MODEL_ALLOCS];
    reason_set findings;   /* and the reason; of its confirm too */
    char dest[MODEL_TEXT]; /* where `complete` brings it, "" where the flow brings the rest */
    /* another document's tally that it was taken from */
    int took_job, took_tally; /* MODEL_NOTHING none */
    bool took_whole;
    int took_count;
    struct {
        int alloc;
        qty_t qty;
    } took[MODEL_ALLOCS];
    struct model_pack pack;
    struct model_changes *changes; /* owned; NULL none */
    int64_t moved;                 /* the record that brought it somewhere, 0 none */
    bool refused;                  /* by the server, and this device knows */
    char product[MODEL_TEXT];      /* of what was scanned */
    int level;
    long when;    /* its operation */
    bool another; /* an audit: the same code on another unit */
    int64_t
        asked_by; /* latched, and scanned again by this one, which waits for an answer or is a reject itself; 0 not */
};

/* What is being filled, the pair, the context line: as they were before a record that counts. */
struct model_work {
    int64_t seq; /* of the record that made it count */
    int container, pending;
    char product[MODEL_TEXT], lot[MODEL_TEXT];
};

/* One device's work on one document. */
struct model_job {
    char doc[DOC_MAX + 1], no[ID_MAX + 1];
    const struct flow *flow;
    bool own, group, empties; /* unpack: mode=empty */
    char region[MODEL_TEXT];  /* of an audit */
    char of[DOC_MAX + 1];     /* of a void */
    enum document_state state;
    int64_t opened;
    int close_no;
    uint64_t members; /* papers of a group, by their place */
    char from[MODEL_TEXT], to[MODEL_TEXT], notice[MODEL_TEXT];
    int line_count;
    struct model_line lines[MODEL_LINES];
    int container, pending; /* MODEL_NOTHING */
    char context_product[MODEL_TEXT], context_lot[MODEL_TEXT];
    int work_count;
    struct model_work *works; /* MODEL_TALLIES of them, owned */
    int tally_count;
    struct model_tally *tallies; /* MODEL_TALLIES of them, owned */
};

/* flow_model_book.c: that line's names. */
void model_name_line(const struct model_job *job, struct model_alloc *alloc);

/* ---- what is told to everybody ---- */

enum { MODEL_LOTS = 8, MODEL_RECALLS = 4 };

struct model_news {
    bool held[MODEL_LOTS];        /* lots on hold */
    bool recalled[MODEL_RECALLS]; /* recalls in force */
    struct model_paper papers[MODEL_PAPERS];
    int paper_count;
};

/* ---- records on their way ---- */

enum model_kind {
    MODEL_OPEN,
    MODEL_SCAN, /* that counts, by itself or by its confirm */
    MODEL_UNDO,
    MODEL_RECHECK,
    MODEL_REVISE, /* its goods go to other lines */
    MODEL_COMPLETE,
    MODEL_ABANDON
};

struct model_op {
    enum model_kind kind;
    int64_t seq;
    int job, at; /* of its device: the document, and the tally spoken of */
    bool damaged;
    int64_t counted;          /* MODEL_SCAN: the record that made it count */
    struct model_tally tally; /* MODEL_SCAN: as it was when it counted; MODEL_REVISE: as it is now */
    bool label;               /* no goods: what is filled */
    bool teaches;             /* what the code is, */
    struct model_unit fresh;  /* should nobody have known */
};

/* ---- all of it ---- */

enum { MODEL_FLOWS = 19 };

/* By an audit; the server's word. */
struct model_sighting {
    int unit, device;
    int64_t seq;
    long when;
    char region[MODEL_TEXT];
    bool undone;
};

struct model_seen {
    int count;
    struct model_sighting all[MODEL_SIGHTINGS];
};

struct model_progress {
    qty_t done[SIM_DEVICES][MODEL_PAPERS][3];
    bool open[SIM_DEVICES][MODEL_PAPERS];
};

struct model_device {
    struct model_book book;
    struct model_news news;
    struct model_progress progress;
    struct model_seen seen;
    int64_t told_seq; /* of its last record when it last heard of the server */
    int number;
    char site[MODEL_TEXT];
    int job_count;
    struct model_job jobs[MODEL_JOBS];
    int op_count;
    struct model_op *ops; /* owned */
    int64_t mono_ns;
};

/* A tally as the server has it. */
struct model_server_tally {
    int device, job;
    enum model_state state;
    struct model_tally told;
    struct model_changes *changes; /* owned; NULL none */
    bool learned;
    bool label;                              /* nothing goes in yet */
    int settled[MODEL_UNITS], settled_count; /* loose tallies that its packing settled: places in this list */
    int took;                                /* place of the tally that it took from, MODEL_NOTHING */
    bool took_whole;
    int took_count;
    struct {
        int alloc;
        qty_t qty;
    } parts[MODEL_ALLOCS];
};

struct model_server {
    struct model_book book;
    struct model_news news;
    struct model_progress progress;
    struct model_seen seen;
    bool ended[SIM_DEVICES][MODEL_JOBS];
    int claims[MODEL_UNITS]; /* place in the list of tallies; MODEL_NOTHING free */
    int tally_count;
    struct model_server_tally *tallies; /* MODEL_SERVER_TALLIES of them, owned */
};

struct model_counts {
    long ops[64], flows[MODEL_FLOWS], flows_completed[MODEL_FLOWS], reasons[REASON_COUNT], severities[4];
    long syncs, refused, compared, all;
    long late[2]; /* a label that was on other things: nothing was packed under it, nothing relabelled */
};

struct model {
    struct sim sim;
    uint64_t seed;
    long op; /* number of the one that is under way */
    char what[160];
    uint64_t digest; /* of all that was done and how it went */
    bool loud;
    bool races;  /* two devices put one label on two things, again and again */
    bool learn;  /* registry policy of the sites */
    bool dealer; /* the last device is a dealer's */
    struct model_device devices[SIM_DEVICES];
    struct model_server server;
    struct model_counts *counts;
};

/* ---- flow_model_world.c ---- */

struct model_key {
    char text[MODEL_KEY_BYTES]; /* the canonical key */
    const char *product;        /* that its GTIN says, "" none */
    bool registered;
};
extern struct model_key model_keys[MODEL_UNITS]; /* in the order of their bytes */
extern int model_key_count;

struct model_lot {
    const char *product, *lot;
    day_t expires;
};
extern const struct model_lot model_lots[MODEL_LOTS];
struct model_recall {
    const char *id, *product, *lot;
};
extern const struct model_recall model_recalls[MODEL_RECALLS];
/* Of each device, in a world with a dealer that has a site of its own, or without. */
const char *const *model_sites(bool dealer);
/* Where a site keeps apart what must not mix with the rest. */
const char *model_cage(const char *site);
bool model_is_dealers(const char *flow);
/* The party whose site it is, "" the owner's own. */
const char *model_site_party(const char *site);
/* Its devices are told of sales and sightings. */
bool model_has_auditor(const char *site);

int model_key_find(const char *text);
const char *model_gtin(const char *product);
/* The feed of the beginning; fills the server's books and papers. The caller frees. */
char *model_feed(struct model *model);
/* Something new; told to the server of program and model. */
bool model_tell_news(struct model *model);

/* ---- flow_model_market.c ---- */

/* Whose it is by its holder, a dealer's site counts as its party; "" the owner's, or nobody's. */
const char *model_party_of(const char *holder);
bool model_is_owners(const char *holder);
enum model_whose { MODEL_NOBODYS, MODEL_OWNERS, MODEL_MINE, MODEL_THEIRS, MODEL_OTHERS };
/* For the dealer: its own and what is below it, another dealer's, somebody else's. */
enum model_whose model_whose(const char *holder);
/* What a dealer is told of the books, and no more. */
void model_narrow(struct model_book *book);
/* A unit moves: another sale, or the last one taken back. */
void model_sell(struct model_book *book, int unit, const char *from, const char *to);
/* What an audit finds of a unit that this device knows. */
void model_market(const struct model_device *device, const struct model_job *job, int unit, struct market *market);
void model_see(struct model_server *server, int device, const struct model_job *job, const struct model_tally *tally);
void model_forget_seen(struct model_server *server, int device, int64_t seq);

/* ---- flow_model_document.c ---- */

/* Its lines are static. */
const struct document *model_document(const struct model *model, const struct model_device *device,
                                      const struct model_job *job);

/* ---- flow_model_judge.c ---- */

struct model_judged {
    struct code code;
    struct facts facts;
    struct verdict verdict;
    struct judge_context context;
    int unit; /* MODEL_NOTHING: no unit of the list */
};
void model_read(const char *text, struct code *ret_code);
/* By which record: the server refused a tally of this very unit, another than `but`, and that was neither undone nor set aside; the
 * first of them, 0 none. */
int64_t model_lost(const struct model_device *device, int unit, const struct model_tally *but);
/* Of two records, 0 is none. */
int64_t model_earlier(int64_t one, int64_t other);
/* One latch a unit: what `by`, scanned now, is of stands no more, as long as that is neither undone nor set aside … */
void model_one_latch(struct model_job *job, const struct model_tally *by);
/* … then (`back`) what had counted is latched again; it is not when `by` counts. */
void model_asked(struct model_job *job, const struct model_tally *by, bool back);
bool model_judge(struct model *model, int device, int job, const char *text, qty_t typed, int ignored,
                 struct model_judged *ret_judged);
/* A waiting tally once more; in an audit, `another`: it is another unit with the same code. */
bool model_judge_again(struct model *model, int device, int job, int tally, bool another,
                       struct model_judged *ret_judged);
/* Product and lot as entered by hand: there is no code to scan. */
bool model_judge_defaced(struct model *model, int device, int job, const char *product, const char *lot, qty_t count,
                         struct model_judged *ret_judged);

/* ---- flow_model_device.c ---- */

/* A document that the program has opened: as it opened it. */
struct model_job *model_add_job(struct model *model, int device, const struct document *document);
void model_take_lines(struct model_job *job, const struct document *document);
/* This unit is among what the document has counted. */
bool model_counts(const struct model_job *job, int unit);
int model_paper_of(const struct model_news *news, const char *doc);
int model_line_of(const struct model_line *line);
void model_sum_elsewhere(struct model_device *device, struct model_job *job);
enum model_may { MODEL_MAY_NOT, MODEL_MAY, MODEL_EITHER };
enum model_may model_can_undo(const struct model_device *device, int job, int tally);
void model_scanned(struct model *model, int device, int job, const char *text, qty_t typed, int64_t seq,
                   const struct model_judged *judged);
void model_confirmed(struct model *model, int device, int job, int tally, int64_t seq,
                     const struct model_judged *judged);
void model_undone(struct model *model, int device, int job, int tally, int64_t seq, bool damaged);
void model_rechecked(struct model *model, int device, int job, int tally, int64_t seq, enum reason reason);
void model_revised(struct model *model, int device, int job, int tally);
void model_context(struct model *model, int device, int job, int64_t seq, const char *product, const char *lot);
void model_completed(struct model *model, int device, int job, int64_t seq);
void model_abandoned(struct model *model, int device, int job, int64_t seq);
/* Where the flow brings what has no word of its own, "" nowhere. */
void model_destination(struct model *model, int device, const struct model_job *job, char *ret_to);
void model_move_tally(struct model_book *book, const struct flow *flow, const struct model_tally *tally,
                      const char *dest, bool (*held)(void *context, int unit), void *context);

/* ---- flow_model_pack.c ---- */

/* What this record says about containers, and what the document waits for afterwards. */
void model_do_work(const struct model_device *device, struct model_job *job, int unit, const struct facts *facts,
                   struct model_pack *pack);

/* ---- flow_model_server.c ---- */

/* Everything that this device has done since comes to the server; then it has all that the server knows. */
void model_synced(struct model *model, int device);

/* ---- flow_model_check.c ---- */

bool model_check_unit(struct model *model, int device, int unit);
bool model_check_job(struct model *model, int device, int job);
bool model_check_device(struct model *model, int device);
bool model_check_server(struct model *model);
bool model_check_conserved(struct model *model, const struct model_book *book, const char *whose);

/* ---- flow_model_ops.c ---- */

bool model_act(struct model *model);
bool model_sync_all(struct model *model);

#endif
