/* What the files of the engine share. Nobody else includes this. */
#ifndef TALLYMAN_ENGINE_ENGINE_PRIVATE_H
#define TALLYMAN_ENGINE_ENGINE_PRIVATE_H

#include "app/engine/engine.h"

struct flow_slot;

struct engine {
    struct store *store;
    const struct clock *clock;
    char site[ID_MAX + 1]; /* the configured one */
    bool practice;
    bool offset_known;
    int offset_min; /* local time east of UTC in this minute */
    int64_t offset_minute;
    bool signed_in;
    struct catalog_operator operator;
    struct document *document; /* the one judged last … */
    int64_t document_seq;      /* … as it was after this record, -1 when it must be read again … */
    uint64_t document_version; /* … and with this catalog */
    struct policy policy;      /* of the site, as of policy_version */
    char quarantine[ID_MAX + 1];
    char dealer[ID_MAX + 1]; /* the party whose site this is, "" none */
    uint64_t policy_version;
    struct flow_slot **flows; /* those that were asked for, each where it was first put */
    size_t flow_count;
    struct code *label;          /* the contents label scanned last, until its unit's own code comes; NULL none */
    char label_doc[DOC_MAX + 1]; /* the document that it was scanned for */
    int64_t label_seq;
    bool label_known; /* a label or a unit was scanned since the engine was opened; before, the journal says */
    char **tickets;   /* full names of documents; ticket n is tickets[n - 1] */
    uint32_t ticket_count;
    char bad_field[FIELD_NAME_MAX + 1];
};

/* One scan, judged against engine->document. */
struct judged {
    struct code code;
    struct facts facts;
    struct verdict verdict;
    struct judge_context context;
    const struct flow *flow;
    int64_t label_seq;     /* of the contents label that was merged into the code, 0 none */
    bool another;          /* an audit: another unit with the same code, as the auditor says */
    bool defaced;          /* an audit: its code can't be read, it was entered by hand */
    bool apart;            /* it goes to `goes_to`, wherever the flow brings the rest */
    struct holder goes_to; /* with `apart` */
};

/* ---- engine.c ---- */

/* Who and when, for a record of this moment. */
struct record engine_record(struct engine *engine, enum record_kind kind, const char *doc);
/* The context points to the engine's own policy. */
void engine_context(struct engine *engine, struct judge_context *ret_context);
const struct policy *engine_policy(struct engine *engine);
int engine_year_of(const struct judge_context *context);
/* Who overrules: the supervisor named, else the one signed in if it is one, else "". */
const char *engine_overruling(const struct engine *engine, const char *supervisor);

/* ---- engine_flow.c ---- */

void engine_flows_free(struct engine *engine);
/* RC_REFUSED when nobody is signed in, or this role may not run the flow of engine->document, or there is no such flow. */
/* Why engine_flow answered NULL: RC_REFUSED, there is none of this name; or the catalog that may tell it can't be read. */
enum rc engine_no_flow(struct engine *engine, const char *name);
enum rc engine_check_role(struct engine *engine);
bool engine_has_role(const struct engine *engine, const struct flow *flow);

/* ---- engine_document.c ---- */

/* What this site has to do with it. */
void engine_place_document(struct engine *engine, struct document *document);
/* Reads the document into engine->document. `doc` may be that document's own name: don't use it afterwards. */
enum rc engine_load(struct engine *engine, const char *doc);
/* The same, but kept from scan to scan while nothing has changed it. The store must be held. */
enum rc engine_load_kept(struct engine *engine, const char *doc);
/* engine->document is right as of this record (-1: read it again). The store must be held. */
void engine_keep(struct engine *engine, int64_t seq);
/* Opens engine->document when it is not yet. */
enum rc engine_open_loaded(struct engine *engine);
/* A record about engine->document. */
struct record engine_document_record(struct engine *engine, enum record_kind kind);
/* RC_CLOSED unless engine->document was opened here and is neither completed nor abandoned. */
enum rc engine_check_worked_on(const struct engine *engine);

/* ---- engine_audit.c ---- */

/* engine->document is this one, opened here, worked on, and an audit's that this role may run. */
enum rc engine_load_visit(struct engine *engine, const char *doc);

/* ---- engine_lines.c ---- */

/* The lines that the flow gives a document of one's own, by its fields; and what follows from those for the document.
 * *ret_field: the field that can't be followed. */
enum rc engine_start_lines(struct engine *engine, const struct flow *flow, struct document *document,
                           const char **ret_field);
/* Adds a line; RC_TOO_BIG beyond LINES_MAX. *ret_line: where it is, until the next one; may be NULL. */
enum rc engine_add_line(struct document *document, const char *product, const char *lot, qty_t qty,
                        struct line **ret_line);

/* ---- engine_judge.c ---- */

/* Needs judged->context and judged->code. `ignore_seq`: the tally that is judged again, 0 none. */
enum rc engine_judge(struct engine *engine, qty_t typed_qty, int64_t mono_ns, int64_t ignore_seq,
                     struct judged *judged);
struct record engine_judged_record(struct engine *engine, enum record_kind kind, const struct judged *judged);
bool engine_counts(const struct judged *judged);

/* ---- engine_scan.c ---- */

/* What to tell of a judged scan that is on disk; counts it in engine->document. */
void engine_fill_outcome(struct engine *engine, const struct judged *judged, int64_t seq,
                         struct outcome *ret_outcome);

/* ---- engine_pack.c ---- */

/* What a record that counts does to what is in what. */
struct packing {
    bool packs, relabels;
    struct record_pack pack;
    struct record_relabel relabel;
    char parent[CODE_KEY_MAX + 1], old[CODE_KEY_MAX + 1];
    char **in, **out; /* owned */
    size_t in_count, out_count;
};

/* By the flow's work, for engine->document as it was before this scan. Free it in any case. */
enum rc engine_pack(struct engine *engine, const struct judged *judged, struct packing *ret_packing);
void engine_packing_free(struct packing *packing);
/* Puts it into a record, which has its facts; `packing` must outlive that. */
void engine_packing_into(struct packing *packing, struct record *record);
/* What the scan did to what is being filled and to the pair that waits: told in the outcome, noted in engine->document. */
void engine_pack_outcome(struct engine *engine, const struct judged *judged, struct outcome *outcome);

/* ---- engine_review.c ---- */

/* At `complete`, what other devices have tallied meanwhile counts as well. */
enum rc engine_review_loaded(struct engine *engine, bool completing, struct review *ret_review);

/* ---- engine_inbox.c ---- */

/* Goods of engine->document that are marked to be taken out because another has them by the server's word, and somebody else has
 * settled that: they wait for nobody's hand any more. A record each. */
enum rc engine_settle_loaded(struct engine *engine);

/* ---- engine_practice.c ---- */

/* The folder for practice in `dir`, with a catalog that is as new as that of `dir`; and the site of `dir`. */
enum rc engine_practice_prepare(struct engine *engine, const char *dir);

#endif
