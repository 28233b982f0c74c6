/* Flows: the rules of one kind of document, as data. A flow is a row here, never a screen's code. Pure. */
#ifndef TALLYMAN_DOMAIN_FLOW_H
#define TALLYMAN_DOMAIN_FLOW_H

#include "app/domain/holder.h"
#include "app/domain/product.h"
#include "app/domain/reason.h"
#include <stdbool.h>

enum override { OVERRIDE_NONE, OVERRIDE_SUPERVISOR };

/* How a reason weighs in a flow. `applies` false: the reason can't arise there. */
struct flow_rule {
    bool applies;
    enum severity severity;
    enum override override;
};

/* Where a unit must be before, and is after: this site, in transit to the document's party … */
enum place { PLACE_ANY, PLACE_THIS_SITE, PLACE_TRANSIT_TO_DESTINATION };

enum { FLOW_FIELDS_MAX = 8 };

struct flow_field {
    const char *name; /* "plate"; the text module knows its label */
    bool required;
};

struct flow {
    const char *name; /* "outbound" */
    unsigned roles;   /* mask of enum role */
    bool free_lines;  /* a document may have none of its own: whatever comes is counted */
    bool ships;       /* FEFO and life left matter */
    bool blind_count; /* completing on a screen asks for cases and loose units */
    enum place before, after;
    const char *biz_step_tally; /* CBV 2.0, business steps */
    const char *biz_step_complete;
    const char *disposition; /* CBV 2.0, after completion */
    int field_count;
    struct flow_field fields[FLOW_FIELDS_MAX];
    int near_expiry_days; /* 0: no margin */
    struct flow_rule rules[REASON_COUNT];
};

/* The flow of this name, or NULL. Static memory. */
const struct flow *flow_find(const char *name);

/* Severity of one reason in a flow under a site's policy on a day (registry, enforce); the only place where both
 * are weighed. */
enum severity flow_severity(const struct flow *flow, const struct policy *policy, day_t today, enum reason reason);

#endif
