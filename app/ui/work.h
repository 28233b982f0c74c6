/* The document in hand, as the screens show it: what the engine told last. Changed by scans and commands only. */
#ifndef TALLYMAN_UI_WORK_H
#define TALLYMAN_UI_WORK_H

#include "app/engine/engine.h"
#include "app/text/text.h"
#include "app/ui/rows.h"

enum { WORK_RECENT_MAX = 8, WORK_TAIL = 6, WORK_TAIL_BYTES = 4 * WORK_TAIL + 1, WORK_TALLIES_MAX = 2000 };

struct recent {
    enum severity severity;
    enum reason reason;
    int level;
    qty_t qty;
    char tail[WORK_TAIL_BYTES];
};

struct work {
    char doc[DOC_MAX + 1]; /* "" no document in hand */
    uint32_t ticket;
    struct document *document;
    struct flow flow;   /* of the document, as this site has it */
    struct rows rows;   /* what it is about */
    qty_t done, wanted; /* for the bar: all lines, each a hundred parts */
    size_t lines_done;
    char place[NAME_MAX_BYTES + 1]; /* of an audit: its region and what that is in */
    qty_t pieces;                   /* of an audit: so many were scanned; one that nobody knows is one */
    int findings;                   /* of which scans of what is not as it should be */
    bool binds;                     /* bare codes that nobody knows get the context line's product */
    struct product context_product; /* of the context line, when it has one */

    bool judged; /* `last` is this document's last outcome */
    struct outcome last;
    struct recent recent[WORK_RECENT_MAX]; /* newest first, without `last` */
    int recent_count;

    enum rc alarm; /* not RC_OK: the last scan was not saved */
    int taken_out; /* a recheck released so many */
    bool changed;  /* a pull brought other lines */
    int freed;     /* rejected goods that would be taken now */
    char freed_tail[WORK_TAIL_BYTES];
    qty_t next_qty;                 /* typed by hand for the next scan, 0 none */
    int64_t latch_seq, waiting_seq; /* newest reject, newest open confirm; 0 none */
    int outdated;                   /* latched ones that had counted: the facts changed after the beep */
    char latch_tail[WORK_TAIL_BYTES], waiting_tail[WORK_TAIL_BYTES];

    char pair_tail[WORK_TAIL_BYTES]; /* of what waited for its pair when the last scan came; "" nothing did */

    int filled, rule; /* packing: so many are loose or in the container; it takes `rule`, 0 not known */

    struct {
        struct completion said;
        bool header_asked, mismatched;
        char supervisor[ID_MAX + 1];
        char names[FLOW_FIELDS_MAX][FLOW_NAME_MAX + 1];
        char values[FLOW_FIELDS_MAX][NAME_MAX_BYTES + 1];
    } completion; /* what has been said so far on the way to complete */
};

/* Takes a document in hand (by its full name); the one before is put down. */
enum rc work_take(struct work *work, struct engine *engine, const char *doc);
void work_drop(struct work *work);
/* Progress, latches and confirms as they are now. */
enum rc work_reload(struct work *work, struct engine *engine);
/* One scan has been judged, or could not be saved. */
void work_judged(struct work *work, struct engine *engine, const struct outcome *outcome);
/* How a judged scan is shown: in an audit all are accepted, and yet not all is well. */
enum severity work_severity(const struct work *work, enum severity severity, enum reason reason);
/* A question stands out that F3 answers with yes: in an audit only the one that was asked last. */
bool work_asks(const struct work *work);
/* Answers it, or that of `seq`, with yes; what is shown follows. */
enum rc work_answer(struct work *work, struct engine *engine, int64_t seq);
/* A judged scan in the form in which it is put into words. */
struct text_scan work_text(const struct work *work, const struct outcome *outcome);

/* "A1B2C3" of a key. ret_text holds WORK_TAIL_BYTES. Returns ret_text. */
char *work_tail(const char *key, char *ret_text);

/* A key as people know it: what is on the label, without the name of our scheme. */
const char *work_shown(const char *key);

/* The name of a product of this document; its id when nobody has told. */
const char *work_product_name(const struct work *work, const char *id);

#endif
