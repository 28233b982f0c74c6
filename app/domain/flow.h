/* Flows: the rules of one kind of document, as data. A flow is a row here (or a feed line laid over one), never a screen's
 * code. Pure. */
#ifndef TALLYMAN_DOMAIN_FLOW_H
#define TALLYMAN_DOMAIN_FLOW_H

#include "app/domain/document.h"
#include "app/domain/holder.h"
#include "app/domain/product.h"
#include "app/domain/reason.h"
#include <stdbool.h>

enum override { OVERRIDE_NONE, OVERRIDE_SUPERVISOR };

/* How a reason weighs in a flow; or why it can't arise there, and then it has no severity. */
struct flow_rule {
    bool applies;
    const char *why_not; /* NULL when it applies */
    enum severity severity;
    enum override override;
};

/* Where a unit may be before. A mask; 0: anywhere. Nobody is blamed for a place that nobody told. */
enum place {
    PLACE_THIS_SITE = 1,
    PLACE_TRANSIT_HERE = 2, /* on the way to this site */
    PLACE_SOURCE = 4,       /* at the document's `from`, or on the way from there; at any party when it names none */
    PLACE_TRANSIT_TO_PARTY = 8, /* on the way to the document's `to`, or there (`void` takes it back) */
    PLACE_DEALER = 16,          /* at the dealer whose site this is (document.dealer), or on the way there */
    PLACE_THIS_DEALER = PLACE_THIS_SITE | PLACE_TRANSIT_HERE | PLACE_DEALER
};

/* Where its units are after `complete`. */
enum destination { GO_NOWHERE, GO_HERE, GO_TRANSIT, GO_TO, GO_DESTROYED, GO_SOLD, GO_QUARANTINE };

/* Where a document's lines come from. */
enum flow_lines {
    LINES_DOCUMENT,  /* of the data centre's document: none can be started here */
    LINES_FREE,      /* of a document, or none: what comes is what it is about */
    LINES_BOOKS,     /* what the books say is here (`count`), or none */
    LINES_NOTICE,    /* what a recall covers; the field `notice` names it */
    LINES_COMPLETED, /* what a completed document moved; the field `of` names it */
    LINES_RULE,      /* of a packing job, or none; a case takes as many as its product's rule says */
    LINES_TRANSIT    /* of a document, or what the books say is on its way to this dealer */
};

/* What a scan does besides being counted. */
enum flow_work {
    WORK_COUNT, /* tallies, `complete` moves */
    WORK_PACK,  /* goods, then the label of what they went into; or the label first */
    WORK_UNPACK, /* takes what is scanned out of what it is in; with the field mode=empty: all out of what is scanned */
    WORK_REPLACE, /* two scans: A, in a container; B goes into A's place */
    WORK_RELABEL  /* two scans: A's code ends, B is what A was */
};

enum { FLOW_NAME_MAX = 31, FLOW_FIELDS_MAX = 12, FLOW_CHOICES_MAX = 12, FLOW_CHOICE_MAX = 31, FLOW_LABEL_MAX = 63 };

enum flow_field_kind { FLOW_TEXT, FLOW_NUMBER, FLOW_DATE, FLOW_CHOICE, FLOW_SCAN };

struct flow_field {
    char name[FLOW_NAME_MAX + 1];   /* "plate"; the text module knows the label of built-in ones */
    char label[FLOW_LABEL_MAX + 1]; /* as the feed told it, "" for built-in ones */
    enum flow_field_kind kind;
    bool at_start; /* asked when the document is started, else when it is completed */
    bool required;
    char preset[FIELD_VALUE_MAX + 1]; /* the value unless somebody says otherwise */
    bool has_least, has_most;         /* FLOW_NUMBER: a value outside needs a supervisor */
    qty_t least, most;
    int choice_count; /* FLOW_CHOICE */
    char choices[FLOW_CHOICES_MAX][FLOW_CHOICE_MAX + 1];
};

struct flow {
    char name[FLOW_NAME_MAX + 1];
    char label[FLOW_LABEL_MAX + 1]; /* as the feed told it, "" for built-in ones */
    char base[FLOW_NAME_MAX + 1];   /* the built-in flow under it; its own name for those */
    unsigned roles;                 /* mask of enum role */
    enum flow_lines lines;
    enum flow_work work;
    bool reserves;    /* a tally reserves its unit until `complete` or `abandon` */
    bool ships;       /* FEFO and life left matter */
    bool blind_count; /* completing on a screen asks for cases and loose units */
    bool differences; /* lines over and under are what it is about: no short reason, differences are counted again */
    bool partial;     /* nobody expects all of its lines: no short reason */
    bool judges;      /* by where it is: who may sell these goods in the field `region`? */
    bool permits;     /* goods go from dealer to dealer by permit only */
    bool binds;       /* bare codes that nobody knows are bound to the context line, whatever the registry policy */
    unsigned before;  /* mask of enum place */
    enum destination after;
    reason_set to_quarantine; /* findings that send the unit to quarantine instead */
    reason_set foreign;      /* the same where a dealer takes goods in: nobody told it of these, they are another's */
    int after_state;         /* enum code_state of its units after `complete`, -1: as it was */
    char biz_step_tally[24]; /* CBV 2.0, business steps; "" none */
    char biz_step_complete[24];
    char disposition[24]; /* CBV 2.0, after completion */
    int field_count;
    struct flow_field fields[FLOW_FIELDS_MAX];
    int near_expiry_days; /* 0: no margin */
    struct flow_rule rules[REASON_COUNT];
};

/* The built-in flow of this name, or NULL. Static memory. A device asks engine_flow(), which knows the feed's as well. */
const struct flow *flow_find(const char *name);
/* All built-in ones, in the order of the design. */
size_t flow_count(void);
const struct flow *flow_at(size_t index);

/* Severity of one reason in a flow under a site's policy on a day (registry, enforce), for this document; the only place
 * where these are weighed. */
enum severity flow_severity(const struct flow *flow, const struct policy *policy, day_t today,
                            const struct document *document, enum reason reason);

/* Neither policy nor feed makes this reason lighter than its flow's row does: there is no unit, or it counts already. */
bool flow_fixed(enum reason reason);

/* Is the unit where this flow takes it from? `here` is this device's site. */
bool flow_takes_from(const struct flow *flow, const struct document *document, const char *here,
                     const struct holder *holder);

/* Findings that send a unit of this document to quarantine. */
reason_set flow_apart(const struct flow *flow, const struct document *document);

/* Where a unit is once the document is completed, for a unit with these findings; HOLDER_UNKNOWN: it stays where it is.
 * `quarantine` is the site for what must not mix with the rest, "" none: then this site. */
void flow_destination(const struct flow *flow, const struct document *document, const char *here,
                      const char *quarantine, reason_set findings, struct holder *ret_holder);

/* NULL when the flow has none of this name. */
const struct flow_field *flow_field(const struct flow *flow, const char *name);

/* A value as the field takes it? RC_FIELD_MISSING: empty and required. RC_BAD_INPUT: no number, date or choice.
 * RC_FIELD_LIMIT: outside its limits, a supervisor may. */
enum rc flow_check_field(const struct flow_field *field, const char *value);

#endif
