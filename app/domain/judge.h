/* The judge: one scan against one document. Pure: the same arguments give the same verdict, on device and server. */
#ifndef TALLYMAN_DOMAIN_JUDGE_H
#define TALLYMAN_DOMAIN_JUDGE_H

#include "app/domain/document.h"
#include "app/domain/facts.h"
#include "app/domain/flow.h"
#include <stdint.h>

struct judge_context {
    int64_t now_ms;   /* the latest of wall clock, last server time and last record */
    day_t today;      /* the same as a local day */
    const char *site; /* this device's */
    enum role role;
    const struct policy *policy;
};

/* So much of what was scanned goes to this line, or to none: extra goods, or a document without lines. */
#define LINE_NONE SIZE_MAX
struct allocation {
    size_t line; /* index in document.lines, or LINE_NONE */
    qty_t qty;
    char product[ID_MAX + 1];
    char lot[LOT_MAX + 1];
};

struct verdict {
    enum reason reason;     /* leads */
    enum severity severity; /* of the leading reason */
    enum override override; /* who may overrule a reject */
    reason_set findings;    /* every other reason that holds; never holds `reason`, never REASON_OK */
    qty_t qty;              /* what it counts for when accepted */
    qty_t open;             /* what the lines of its product still need (before this scan) */
    int allocation_count;
    struct allocation allocations[ALLOC_MAX];
};

/* `flow` belongs to document->flow. */
void judge(const struct judge_context *context, const struct flow *flow, const struct document *document,
           const struct code *code, const struct facts *facts, struct verdict *ret_verdict);

/* Only the set of all reasons that hold (REASON_OK never in it); judge() is this, weighed. */
reason_set judge_reasons(const struct judge_context *context, const struct flow *flow,
                         const struct document *document, const struct code *code, const struct facts *facts);

#endif
