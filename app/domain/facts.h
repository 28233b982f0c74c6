/* Facts: all that the device knows about one code at one moment, gathered by the store (catalog and journal), read by
 * the judge. Plain data; quantities are in the product's unit. */
#ifndef TALLYMAN_DOMAIN_FACTS_H
#define TALLYMAN_DOMAIN_FACTS_H

#include "app/domain/code.h"
#include "app/domain/holder.h"
#include "app/domain/limits.h"
#include "app/domain/product.h"
#include <stdbool.h>

/* So much of one product and lot is in what was scanned: an item has one, a pallet may have many. */
struct facts_group {
    char product[ID_MAX + 1];
    char lot[LOT_MAX + 1];
    qty_t qty; /* free to take: without what is elsewhere, taken or blocked */
};

enum { SALES_MAX = 4 };

/* Sent or sold to somebody; newest first where there are several. */
struct sale {
    char party[ID_MAX + 1]; /* "" nobody */
    day_t at;               /* DAY_NONE not told */
    char no[ID_MAX + 1];    /* of the document, as people call it; "" not told */
};

/* What an audit is about. */
struct market {
    struct sale sale; /* who sells it: the last one it was sent to; party "" nobody was */
    char party_name[NAME_MAX_BYTES + 1];
    enum reason place; /* in-region, out-of-region, no-territory, no-record; else nothing is known of the unit */
    bool by_permit;    /* in-region by a permit */
    char allowed[ID_MAX + 1]; /* a region that it may be sold in, "" none */
    char owner[ID_MAX + 1];   /* out of region: who sells this exclusively where it is, "" nobody or not told */
    int earlier_count;
    struct sale earlier[SALES_MAX]; /* before the present one */
    char seen_region[ID_MAX + 1];   /* an earlier audit saw it in another region, "" not */
    day_t seen_at;
    /* what people call them, their ids where nobody has told */
    char allowed_name[NAME_MAX_BYTES + 1], owner_name[NAME_MAX_BYTES + 1], seen_name[NAME_MAX_BYTES + 1];
    char earlier_name[SALES_MAX][NAME_MAX_BYTES + 1];
    bool another; /* the same code on another unit, as the auditor says */
    bool defaced; /* its code can't be read: product and lot were entered by hand */
};

struct facts {
    char key[CODE_KEY_MAX + 1]; /* the unit that is meant: an alias is resolved, a guess decided */
    bool code_known;            /* this very code (or a run that covers it) is in the catalog */
    bool product_known;
    struct product product; /* of the unit; of the first thing inside for a mixed container */
    struct lot lot;         /* as the catalog knows it, else as scanned */
    enum code_state state;
    int level;      /* 0 item, 1 case, 2 pallet … */
    bool container; /* a logistic unit or a code with contents */

    char recall[ID_MAX + 1]; /* "" none */
    char recall_reason[NAME_MAX_BYTES + 1];

    struct holder holder; /* unknown when nobody told */

    bool bound;        /* nobody knew the code: it is what the document's context line says */
    bool sets_context; /* a class code where unknown codes are bound: it is the context line from now on, no goods */

    char parent[CODE_KEY_MAX + 1]; /* what it is in, "" nothing */

    /* packing (flow.work): what is scanned may be the label of what is being filled */
    bool is_label; /* no goods: what was packed goes into this, or what comes next will */
    int filled; /* how many are in what this label closes; 0: nothing is closed. For goods: in what is being filled, or
                 * loose, before them */
    int rule;   /* how many it takes by the product's rule, 0 not known; for goods: with them in it, and it is
                 * closed by the goods that are the last it takes */
    int fill_level;                /* level of what is filled: 1 + the highest of what is in it, with these goods */
    bool counted_here;             /* its units were counted for this document before they went into it */
    bool around;                   /* what is being filled, or A of a pair, is in it: it can't go into that */
    char pair_product[ID_MAX + 1]; /* of A, where B is scanned: "" otherwise or unknown */

    bool in_this_document;            /* reserved by the document judged, itself or inside a container */
    char other_document[DOC_MAX + 1]; /* another open document here that reserves it, "" none */
    char other_no[ID_MAX + 1];
    /* The server gave it to somebody else, and nobody has put that right here: for `other_no`, if that is told and no other
     * document here reserves what it is in. */
    bool lost;
    int64_t tally_seq; /* the record that reserves it, 0 none */

    /* contents, for containers */
    bool contents_known;
    qty_t units_total;      /* units inside, as registered */
    qty_t units_free;       /* of which can go along */
    qty_t units_elsewhere;  /* another holder */
    qty_t units_taken;      /* reserved or taken out by this device, for whatever document */
    qty_t units_taken_here; /* of which for the document judged */
    qty_t units_blocked;    /* recalled, held, expired, void */
    enum reason blocked_by; /* the first of table 7 among the blocked, REASON_OK without */
    enum reason
        elsewhere_by; /* NOT_RECEIVED, WRONG_HOLDER or ALREADY_SHIPPED of the first elsewhere, REASON_OK without */
    char contents_digest[33]; /* BLAKE2b-128 of the sorted keys inside, "" without */
    int contents_count;       /* keys inside, all levels */

    int group_count;
    struct facts_group groups[GROUP_MAX];
    bool groups_overflow; /* more than GROUP_MAX: counts as fitting no line */

    bool older_free; /* an earlier-expiring lot of this product is free to go */
    char older_lot[LOT_MAX + 1];
    day_t older_expires;

    struct market market; /* where it may be sold and where it was; only in a flow that judges by it */
    bool no_permit;       /* a dealer's goods for another dealer, more than a permit lets go */

    bool repeat;          /* the same label within REPEAT_MS */
    bool fresh_duplicate; /* tally_seq was made by the same code within REPEAT_MS: tick, don't buzz */
};

enum { REPEAT_MS = 400 };

#endif
