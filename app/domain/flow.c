#include "app/domain/flow.h"
#include <string.h>

#define RULE(reason, how, who)                                                                                       \
    [REASON_##reason] = {.applies = true, .severity = SEVERITY_##how, .override = OVERRIDE_##who}

static const struct flow FLOWS[] = {
    {
        .name = "outbound",
        .roles = ROLE_CLERK | ROLE_SUPERVISOR,
        .ships = true,
        .blind_count = true,
        .before = PLACE_THIS_SITE,
        .after = PLACE_TRANSIT_TO_DESTINATION,
        .biz_step_tally = "picking",
        .biz_step_complete = "shipping",
        .disposition = "in_transit",
        .field_count = 3,
        .fields = {{"plate", false}, {"seal", false}, {"driver", false}},
        .rules =
            {
                RULE(MALFORMED, REJECT, NONE),
                RULE(NOT_GOODS, REJECT, NONE),
                RULE(DOCUMENT_CLOSED, REJECT, NONE),
                RULE(RECALLED, REJECT, NONE),
                RULE(VOID_CODE, REJECT, NONE),
                RULE(ON_HOLD, REJECT, NONE),
                RULE(EXPIRED, REJECT, NONE),
                RULE(SHORT_LIFE, REJECT, SUPERVISOR),
                RULE(DUPLICATE, REJECT, NONE),
                RULE(IN_OTHER_DOCUMENT, CONFIRM, NONE),
                RULE(UNKNOWN_CODE, REJECT, NONE),
                RULE(UNREGISTERED, REJECT, NONE),
                RULE(NOT_ON_ORDER, REJECT, SUPERVISOR),
                RULE(NEED_SERIAL, REJECT, NONE),
                RULE(NEED_LOT, REJECT, NONE),
                RULE(NEED_SSCC, REJECT, NONE),
                RULE(WRONG_LOT, REJECT, SUPERVISOR),
                RULE(NOT_RECEIVED, WARN, NONE),
                RULE(WRONG_HOLDER, REJECT, SUPERVISOR),
                RULE(ALREADY_SHIPPED, REJECT, SUPERVISOR),
                RULE(PARTIAL_CONTAINER, CONFIRM, NONE),
                RULE(NO_CONTENTS, CONFIRM, NONE),
                RULE(OVER_QUANTITY, REJECT, SUPERVISOR),
                RULE(OLDER_FIRST, WARN, NONE),
                RULE(NEAR_EXPIRY, WARN, NONE),
                RULE(SHARED_ORDER, WARN, NONE),
                RULE(REPEAT, WARN, NONE),
                RULE(PAIRING, WARN, NONE),
                RULE(BEFORE_START, WARN, NONE),
            },
    },
};

/* Without a unit or an open document there is nothing to be lenient about: `enforce` leaves these alone. */
static const reason_set NEVER_SOFTENED = REASON_BIT(REASON_MALFORMED) | REASON_BIT(REASON_NOT_GOODS) |
                                         REASON_BIT(REASON_DOCUMENT_CLOSED) | REASON_BIT(REASON_DUPLICATE) |
                                         REASON_BIT(REASON_IN_OTHER_DOCUMENT) | REASON_BIT(REASON_NEED_SERIAL) |
                                         REASON_BIT(REASON_NEED_LOT) | REASON_BIT(REASON_NEED_SSCC);

const struct flow *flow_find(const char *name)
{
    for (size_t i = 0; i < sizeof FLOWS / sizeof FLOWS[0]; i++)
        if (strcmp(FLOWS[i].name, name) == 0)
            return &FLOWS[i];
    return NULL;
}

/* A flow that refuses what nobody registered leaves the last word to the site's registry policy. */
static enum severity by_registry(enum registry registry, enum severity row)
{
    switch (registry) {
    case REGISTRY_STRICT: return row;
    case REGISTRY_LEARN: return row > SEVERITY_WARN ? SEVERITY_WARN : row;
    case REGISTRY_OFF: return SEVERITY_ACCEPT;
    }
    return row;
}

static enum severity soften(enum enforce enforce, enum severity severity)
{
    switch (enforce) {
    case ENFORCE_REJECT: return severity;
    case ENFORCE_WARN: return severity > SEVERITY_WARN ? SEVERITY_WARN : severity;
    case ENFORCE_OBSERVE: return SEVERITY_ACCEPT;
    }
    return severity;
}

enum severity flow_severity(const struct flow *flow, const struct policy *policy, day_t today, enum reason reason)
{
    enum severity severity = flow->rules[reason].severity;
    if (reason == REASON_UNKNOWN_CODE || reason == REASON_UNREGISTERED)
        severity = by_registry(policy->registry, severity);
    if (NEVER_SOFTENED & REASON_BIT(reason))
        return severity;
    day_t until = policy->enforce_until[reason];
    if (until != DAY_NONE && today > until)
        return severity;
    return soften(policy->enforce[reason], severity);
}
