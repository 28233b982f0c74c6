#include "app/domain/flow.h"
#include <stdio.h>
#include <string.h>

/* Without a unit or an open document there is nothing to be lenient about: `enforce` leaves these alone. */
static const reason_set NEVER_SOFTENED = REASON_BIT(REASON_MALFORMED) | REASON_BIT(REASON_NOT_GOODS) |
                                         REASON_BIT(REASON_DOCUMENT_CLOSED) | REASON_BIT(REASON_DUPLICATE) |
                                         REASON_BIT(REASON_IN_OTHER_DOCUMENT) | REASON_BIT(REASON_NEED_SERIAL) |
                                         REASON_BIT(REASON_NEED_LOT) | REASON_BIT(REASON_NEED_SSCC);

/* What a quarantine site is there for. */
static const reason_set QUARANTINED = REASON_BIT(REASON_RECALLED) | REASON_BIT(REASON_VOID_CODE) |
                                      REASON_BIT(REASON_ON_HOLD) | REASON_BIT(REASON_EXPIRED);

const struct flow *flow_find(const char *name)
{
    for (size_t i = 0; i < flow_count(); i++)
        if (strcmp(flow_at(i)->name, name) == 0)
            return flow_at(i);
    return NULL;
}

/* ---- severity ---- */

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

bool flow_fixed(enum reason reason)
{
    return (NEVER_SOFTENED & REASON_BIT(reason)) != 0;
}

enum severity flow_severity(const struct flow *flow, const struct policy *policy, day_t today,
                            const struct document *document, enum reason reason)
{
    enum severity severity = flow->rules[reason].severity;
    if (reason == REASON_UNKNOWN_CODE || reason == REASON_UNREGISTERED)
        severity = by_registry(policy->registry, severity);
    if (flow_fixed(reason))
        return severity;
    if (flow->ships && document->to_quarantine && (QUARANTINED & REASON_BIT(reason)))
        return SEVERITY_ACCEPT;
    day_t until = policy->enforce_until[reason];
    if (until != DAY_NONE && today > until)
        return severity;
    return soften(policy->enforce[reason], severity);
}

/* ---- places ---- */

static bool same_id(const struct holder *a, const struct holder *b)
{
    return strcmp(a->id, b->id) == 0;
}

static bool is_party(enum holder_kind kind)
{
    return kind == HOLDER_PARTY || kind == HOLDER_TRANSIT_PARTY;
}

static bool is_site(enum holder_kind kind)
{
    return kind == HOLDER_SITE || kind == HOLDER_TRANSIT_SITE;
}

/* At the place that the document names, or on the way from or to it. */
static bool about(const struct holder *named, const struct holder *holder)
{
    bool same_kind = is_party(named->kind) ? is_party(holder->kind) : is_site(named->kind) && is_site(holder->kind);
    return same_kind && same_id(named, holder);
}

static bool at_source(const struct document *document, const struct holder *holder)
{
    if (document->from.kind == HOLDER_UNKNOWN)
        return is_party(holder->kind) || holder->kind == HOLDER_SOLD;
    bool its_site = document->from_site[0] && is_site(holder->kind) && strcmp(holder->id, document->from_site) == 0;
    return its_site || about(&document->from, holder);
}

bool flow_takes_from(const struct flow *flow, const struct document *document, const char *here,
                     const struct holder *holder)
{
    bool mine = strcmp(holder->id, here) == 0;
    if (!flow->before || holder->kind == HOLDER_UNKNOWN)
        return true;
    if ((flow->before & PLACE_THIS_SITE) && holder->kind == HOLDER_SITE && mine)
        return true;
    if ((flow->before & PLACE_TRANSIT_HERE) && holder->kind == HOLDER_TRANSIT_SITE && mine)
        return true;
    if ((flow->before & PLACE_SOURCE) && at_source(document, holder))
        return true;
    if ((flow->before & PLACE_DEALER) && is_party(holder->kind) && strcmp(holder->id, document->dealer) == 0)
        return true;
    return (flow->before & PLACE_TRANSIT_TO_PARTY) && about(&document->to, holder);
}

static struct holder at_site(const char *id)
{
    struct holder holder = {.kind = HOLDER_SITE};
    snprintf(holder.id, sizeof holder.id, "%s", id);
    return holder;
}

static struct holder on_the_way(struct holder to)
{
    if (to.kind == HOLDER_PARTY)
        to.kind = HOLDER_TRANSIT_PARTY;
    else if (to.kind == HOLDER_SITE)
        to.kind = HOLDER_TRANSIT_SITE;
    return to;
}

reason_set flow_apart(const struct flow *flow, const struct document *document)
{
    return flow->to_quarantine | (document->dealer[0] ? flow->foreign : 0);
}

void flow_destination(const struct flow *flow, const struct document *document, const char *here,
                      const char *quarantine, reason_set findings, struct holder *ret_holder)
{
    struct holder apart = at_site(quarantine[0] ? quarantine : here);
    *ret_holder = (struct holder){.kind = HOLDER_UNKNOWN};
    if (flow_apart(flow, document) & findings) {
        *ret_holder = apart;
        return;
    }
    switch (flow->after) {
    case GO_NOWHERE: break;
    case GO_HERE: *ret_holder = at_site(here); break;
    case GO_TRANSIT: *ret_holder = on_the_way(document->to); break;
    case GO_TO: *ret_holder = document->to; break;
    case GO_DESTROYED: ret_holder->kind = HOLDER_DESTROYED; break;
    case GO_SOLD: ret_holder->kind = HOLDER_SOLD; break;
    case GO_QUARANTINE: *ret_holder = apart; break;
    }
}

/* ---- fields ---- */

const struct flow_field *flow_field(const struct flow *flow, const char *name)
{
    for (int i = 0; i < flow->field_count; i++)
        if (strcmp(flow->fields[i].name, name) == 0)
            return &flow->fields[i];
    return NULL;
}

static enum rc check_number(const struct flow_field *field, const char *value)
{
    qty_t number;
    if (qty_parse(value, &number) != RC_OK)
        return RC_BAD_INPUT;
    bool outside = (field->has_least && number < field->least) || (field->has_most && number > field->most);
    return outside ? RC_FIELD_LIMIT : RC_OK;
}

static enum rc check_choice(const struct flow_field *field, const char *value)
{
    for (int i = 0; i < field->choice_count; i++)
        if (strcmp(field->choices[i], value) == 0)
            return RC_OK;
    return RC_BAD_INPUT;
}

enum rc flow_check_field(const struct flow_field *field, const char *value)
{
    day_t day;
    if (!value[0])
        return field->required ? RC_FIELD_MISSING : RC_OK;
    if (strlen(value) > FIELD_VALUE_MAX)
        return RC_TOO_BIG;
    switch (field->kind) {
    case FLOW_TEXT:
    case FLOW_SCAN: return RC_OK;
    case FLOW_NUMBER: return check_number(field, value);
    case FLOW_DATE: return day_parse(value, &day);
    case FLOW_CHOICE: return check_choice(field, value);
    }
    return RC_OK;
}
