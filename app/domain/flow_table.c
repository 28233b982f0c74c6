/* The built-in flows. One row a flow, every reason in every row: how it weighs, or why it can't arise there. */
#include "app/domain/flow.h"

#define RULE(reason, how, who)                                                                                       \
    [REASON_##reason] = {.applies = true, .severity = SEVERITY_##how, .override = OVERRIDE_##who}
#define NEVER(reason, because) [REASON_##reason] = {.applies = false, .why_not = because}

/* What no flow is lenient about, and what every flow warns of. */
#define EVERYWHERE                                                                                                   \
    RULE(MALFORMED, REJECT, NONE), RULE(NOT_GOODS, REJECT, NONE), RULE(DOCUMENT_CLOSED, REJECT, NONE),               \
        RULE(DUPLICATE, REJECT, NONE), RULE(NEED_LOT, REJECT, NONE), RULE(NEAR_EXPIRY, WARN, NONE),                  \
        RULE(SHARED_ORDER, WARN, NONE), RULE(REPEAT, WARN, NONE), RULE(PAIRING, WARN, NONE),                         \
        RULE(BEFORE_START, WARN, NONE), NO_AUDIT
#define SPOILT(how)                                                                                                  \
    RULE(RECALLED, how, NONE), RULE(VOID_CODE, how, NONE), RULE(ON_HOLD, how, NONE), RULE(EXPIRED, how, NONE)
#define UNKNOWN(how)    RULE(UNKNOWN_CODE, how, NONE), RULE(UNREGISTERED, how, NONE)
#define LINES(how, who) RULE(NOT_ON_ORDER, how, who), RULE(OVER_QUANTITY, how, who), RULE(WRONG_LOT, how, who)
#define PLACES(not_received, how, who)                                                                               \
    RULE(NOT_RECEIVED, not_received, NONE), RULE(WRONG_HOLDER, how, who), RULE(ALREADY_SHIPPED, how, who)
#define INSIDE(how)        RULE(PARTIAL_CONTAINER, how, NONE), RULE(NO_CONTENTS, how, NONE)
#define NO_PLACES(because) NEVER(NOT_RECEIVED, because), NEVER(WRONG_HOLDER, because), NEVER(ALREADY_SHIPPED, because)

#define NOTHING_SHIPPED NEVER(OLDER_FIRST, "nothing is shipped here: no lot goes before another")
#define NO_PARTY        NEVER(SHORT_LIFE, "no party receives these goods: none demands life left of them")
#define UNRESERVED      NEVER(IN_OTHER_DOCUMENT, "nothing is reserved: the goods may be in any other document meanwhile")
#define ANYWHERE        "the goods may be anywhere: where the books have them is of no weight"

/* What only a visit of the market finds. */
#define NO_VISIT(because)                                                                                            \
    NEVER(CLONED, because), NEVER(OUT_OF_REGION, because), NEVER(SEEN_ELSEWHERE, because),                           \
        NEVER(NO_TERRITORY, because), NEVER(NO_RECORD, because), NEVER(DEFACED, because), NEVER(IN_REGION, because)
#define NO_AUDIT NO_VISIT("nobody asks here in which region goods may be sold: that is an audit's question")

#define SPOILT_SET                                                                                                   \
    (REASON_BIT(REASON_RECALLED) | REASON_BIT(REASON_VOID_CODE) | REASON_BIT(REASON_ON_HOLD) |                       \
     REASON_BIT(REASON_EXPIRED))

/* Not where the party that returns it has it; not told to this device at all. */
#define ELSEWHERE_SET (REASON_BIT(REASON_WRONG_HOLDER) | REASON_BIT(REASON_ALREADY_SHIPPED))
#define STRANGE_SET   (REASON_BIT(REASON_UNKNOWN_CODE) | REASON_BIT(REASON_UNREGISTERED))

#define SOUND   RULE(OK, ACCEPT, NONE)
#define SERIALS RULE(NEED_SERIAL, REJECT, NONE)
#define CONTEXT NEVER(NEED_SERIAL, "a class code is the context line here: what bare codes are bound to")

#define SHIPPING_RULES                                                                                               \
    EVERYWHERE, SOUND, SERIALS, SPOILT(REJECT), RULE(SHORT_LIFE, REJECT, SUPERVISOR),                                \
        RULE(IN_OTHER_DOCUMENT, CONFIRM, NONE), UNKNOWN(REJECT), LINES(REJECT, SUPERVISOR),                          \
        RULE(NEED_SSCC, REJECT, NONE), INSIDE(CONFIRM), RULE(OLDER_FIRST, WARN, NONE)
#define TAKING_RULES                                                                                                 \
    EVERYWHERE, SOUND, SERIALS, SPOILT(ACCEPT), RULE(SHORT_LIFE, ACCEPT, NONE),                                      \
        RULE(IN_OTHER_DOCUMENT, CONFIRM, NONE), UNKNOWN(WARN), LINES(WARN, NONE), RULE(NEED_SSCC, WARN, NONE),       \
        INSIDE(CONFIRM), NOTHING_SHIPPED
/* Work on goods of this site that stay here, or end here. */
#define HOUSE_GOODS(spoilt)                                                                                          \
    EVERYWHERE, SOUND, SERIALS, SPOILT(spoilt), NO_PARTY, RULE(IN_OTHER_DOCUMENT, CONFIRM, NONE), UNKNOWN(REJECT),   \
        RULE(NEED_SSCC, REJECT, NONE), PLACES(WARN, REJECT, SUPERVISOR), NOTHING_SHIPPED
#define HOUSE_RULES(spoilt) HOUSE_GOODS(spoilt), LINES(REJECT, SUPERVISOR)
/* The books are set by what is found. */
#define BOOKING_RULES                                                                                                \
    EVERYWHERE, SOUND, CONTEXT, SPOILT(ACCEPT), NO_PARTY, RULE(IN_OTHER_DOCUMENT, CONFIRM, NONE), UNKNOWN(WARN),     \
        LINES(WARN, NONE), RULE(NEED_SSCC, WARN, NONE), NO_PLACES(ANYWHERE), INSIDE(WARN), NOTHING_SHIPPED

#define VISIT "goods are looked at where they stand: "
#define AUDIT_RULES                                                                                                  \
    RULE(MALFORMED, REJECT, NONE), RULE(NOT_GOODS, REJECT, NONE), RULE(DOCUMENT_CLOSED, REJECT, NONE),               \
        RULE(DUPLICATE, CONFIRM, NONE), SPOILT(ACCEPT), NO_PARTY, UNRESERVED, UNKNOWN(ACCEPT),                       \
        NEVER(NOT_ON_ORDER, VISIT "nobody ordered any"), NEVER(WRONG_LOT, VISIT "nobody asks for a lot"),            \
        NEVER(OVER_QUANTITY, VISIT "there is no quantity that they must come to"), RULE(NEED_SERIAL, ACCEPT, NONE),  \
        RULE(NEED_LOT, ACCEPT, NONE), RULE(NEED_SSCC, ACCEPT, NONE), NO_PLACES(ANYWHERE), INSIDE(ACCEPT),            \
        NOTHING_SHIPPED, NEVER(NEAR_EXPIRY, VISIT "how long they last is the shop's business"),                      \
        NEVER(SHARED_ORDER, VISIT "a visit is one auditor's"),                                                       \
        NEVER(REPEAT, VISIT "goods without serials are counted, however fast"),                                      \
        NEVER(PAIRING, VISIT "a torn label is no concern of the shop's"),                                            \
        NEVER(BEFORE_START, VISIT "old stock is judged like any"), RULE(CLONED, ACCEPT, NONE),                       \
        RULE(OUT_OF_REGION, ACCEPT, NONE), RULE(SEEN_ELSEWHERE, ACCEPT, NONE), RULE(NO_TERRITORY, ACCEPT, NONE),     \
        RULE(NO_RECORD, ACCEPT, NONE), RULE(DEFACED, ACCEPT, NONE), RULE(IN_REGION, ACCEPT, NONE), SOUND

#define CLERKS      (ROLE_CLERK | ROLE_SUPERVISOR)
#define AT_START    .at_start = true
#define FIELD(text) .name = text

static const struct flow FLOWS[] = {
    {.name = "outbound",
     .base = "outbound",
     .roles = CLERKS,
     .lines = LINES_DOCUMENT,
     .reserves = true,
     .ships = true,
     .blind_count = true,
     .before = PLACE_THIS_SITE,
     .after = GO_TRANSIT,
     .after_state = -1,
     .biz_step_tally = "picking",
     .biz_step_complete = "shipping",
     .disposition = "in_transit",
     .field_count = 3,
     .fields = {{FIELD("plate")}, {FIELD("seal")}, {FIELD("driver")}},
     .rules = {SHIPPING_RULES, PLACES(WARN, REJECT, SUPERVISOR)}},
    {.name = "receipt",
     .base = "receipt",
     .roles = CLERKS,
     .lines = LINES_FREE,
     .reserves = true,
     .blind_count = true,
     .before = PLACE_SOURCE | PLACE_TRANSIT_HERE,
     .after = GO_HERE,
     .to_quarantine = SPOILT_SET,
     .after_state = -1,
     .biz_step_tally = "receiving",
     .biz_step_complete = "receiving",
     .disposition = "in_progress",
     .field_count = 2,
     .fields = {{FIELD("from"), AT_START}, {FIELD("plate")}},
     .rules = {TAKING_RULES, NEVER(NOT_RECEIVED, "what is on the way to here is what a receipt expects"),
               RULE(WRONG_HOLDER, ACCEPT, NONE), RULE(ALREADY_SHIPPED, ACCEPT, NONE)}},
    {.name = "pack",
     .base = "pack",
     .roles = CLERKS,
     .lines = LINES_RULE,
     .work = WORK_PACK,
     .reserves = true,
     .before = PLACE_THIS_SITE,
     .after_state = -1,
     .biz_step_tally = "packing",
     .biz_step_complete = "packing",
     .disposition = "in_progress",
     .field_count = 1,
     .fields = {{FIELD("place"), AT_START}},
     .rules = {HOUSE_RULES(REJECT), RULE(PARTIAL_CONTAINER, CONFIRM, NONE),
               NEVER(NO_CONTENTS,
                     "a container of which nothing is known inside is a label: what was packed goes into it")}},
    {.name = "unpack",
     .base = "unpack",
     .roles = CLERKS,
     .lines = LINES_RULE,
     .work = WORK_UNPACK,
     .reserves = true,
     .partial = true,
     .before = PLACE_THIS_SITE,
     .after_state = -1,
     .biz_step_tally = "unpacking",
     .biz_step_complete = "unpacking",
     .disposition = "in_progress",
     .field_count = 1,
     .fields = {{FIELD("mode"), AT_START, .kind = FLOW_CHOICE, .preset = "out", .choice_count = 2,
                 .choices = {"out", "empty"}}},
     .rules = {HOUSE_RULES(ACCEPT), INSIDE(CONFIRM)}},
    {.name = "replace",
     .base = "replace",
     .roles = CLERKS,
     .lines = LINES_RULE,
     .work = WORK_REPLACE,
     .reserves = true,
     .partial = true,
     .before = PLACE_THIS_SITE,
     .after_state = -1,
     .biz_step_tally = "packing",
     .biz_step_complete = "packing",
     .disposition = "in_progress",
     .rules = {HOUSE_RULES(WARN), INSIDE(CONFIRM)}},
    {.name = "transfer",
     .base = "transfer",
     .roles = CLERKS,
     .lines = LINES_FREE,
     .reserves = true,
     .ships = true,
     .blind_count = true,
     .before = PLACE_THIS_SITE,
     .after = GO_TRANSIT,
     .after_state = -1,
     .biz_step_tally = "picking",
     .biz_step_complete = "shipping",
     .disposition = "in_transit",
     .field_count = 2,
     .fields = {{FIELD("to"), AT_START, .required = true}, {FIELD("plate")}},
     .rules = {SHIPPING_RULES, PLACES(WARN, REJECT, SUPERVISOR)}},
    {.name = "return",
     .base = "return",
     .roles = CLERKS | ROLE_DEALER,
     .lines = LINES_FREE,
     .reserves = true,
     .before = PLACE_SOURCE | PLACE_TRANSIT_HERE,
     .after = GO_HERE,
     .to_quarantine = SPOILT_SET | ELSEWHERE_SET,
     .foreign = STRANGE_SET,
     .after_state = STATE_RETURNED,
     .biz_step_tally = "receiving",
     .biz_step_complete = "receiving",
     .disposition = "returned",
     .field_count = 3,
     .fields = {{FIELD("from"), AT_START},
                {FIELD("reason"), .kind = FLOW_CHOICE, .choice_count = 5,
                 .choices = {"damaged", "wrong-goods", "expired", "recall", "unsold"}},
                {FIELD("condition"), .kind = FLOW_CHOICE, .choice_count = 4,
                 .choices = {"good", "opened", "damaged", "incomplete"}}},
     .rules = {TAKING_RULES, NEVER(NOT_RECEIVED, "what is on the way to here is what a return expects"),
               RULE(WRONG_HOLDER, ACCEPT, NONE), RULE(ALREADY_SHIPPED, ACCEPT, NONE)}},
    {.name = "void",
     .base = "void",
     .roles = ROLE_SUPERVISOR,
     .lines = LINES_COMPLETED,
     .reserves = true,
     .partial = true,
     .before = PLACE_TRANSIT_TO_PARTY,
     .after = GO_HERE,
     .after_state = -1,
     .biz_step_tally = "void_shipping",
     .biz_step_complete = "void_shipping",
     .disposition = "in_progress",
     .field_count = 2,
     .fields = {{FIELD("of"), AT_START, .kind = FLOW_SCAN, .required = true}, {FIELD("reason")}},
     .rules = {EVERYWHERE, SOUND, SERIALS, SPOILT(ACCEPT), NO_PARTY, RULE(IN_OTHER_DOCUMENT, CONFIRM, NONE),
               UNKNOWN(REJECT), LINES(REJECT, NONE), RULE(NEED_SSCC, REJECT, NONE),
               PLACES(REJECT, REJECT, SUPERVISOR), INSIDE(CONFIRM), NOTHING_SHIPPED}},
    {.name = "dealer-in",
     .base = "dealer-in",
     .roles = ROLE_DEALER,
     .lines = LINES_TRANSIT,
     .reserves = true,
     .before = PLACE_TRANSIT_HERE | PLACE_DEALER,
     .after = GO_HERE,
     .to_quarantine = SPOILT_SET,
     .after_state = -1,
     .biz_step_tally = "receiving",
     .biz_step_complete = "receiving",
     .disposition = "in_progress",
     .field_count = 1,
     .fields = {{FIELD("plate")}},
     .rules = {TAKING_RULES, NEVER(NOT_RECEIVED, "what is on the way to this dealer is what it expects"),
               RULE(WRONG_HOLDER, ACCEPT, NONE), RULE(ALREADY_SHIPPED, ACCEPT, NONE)}},
    {.name = "dealer-out",
     .base = "dealer-out",
     .roles = ROLE_DEALER,
     .lines = LINES_FREE,
     .reserves = true,
     .ships = true,
     .permits = true,
     .before = PLACE_THIS_DEALER,
     .after = GO_TO,
     .after_state = -1,
     .biz_step_tally = "picking",
     .biz_step_complete = "shipping",
     .disposition = "in_transit",
     .field_count = 2,
     .fields = {{FIELD("to"), AT_START, .preset = "sold"}, {FIELD("plate")}},
     .rules = {SHIPPING_RULES, NEVER(NOT_RECEIVED, "what is still on the way to this dealer counts as received"),
               RULE(WRONG_HOLDER, REJECT, SUPERVISOR), RULE(ALREADY_SHIPPED, REJECT, SUPERVISOR)}},
    {.name = "count",
     .base = "count",
     .roles = CLERKS | ROLE_DEALER,
     .lines = LINES_BOOKS,
     .differences = true,
     .before = PLACE_THIS_SITE,
     .after_state = -1,
     .biz_step_tally = "cycle_counting",
     .biz_step_complete = "cycle_counting",
     .field_count = 3,
     .fields = {{FIELD("product"), AT_START, .kind = FLOW_SCAN},
                {FIELD("lot"), AT_START},
                {FIELD("place"), AT_START}},
     .rules = {EVERYWHERE, SOUND, SERIALS, SPOILT(ACCEPT), NO_PARTY, UNRESERVED, UNKNOWN(WARN), LINES(WARN, NONE),
               RULE(NEED_SSCC, WARN, NONE), PLACES(ACCEPT, ACCEPT, NONE), INSIDE(CONFIRM), NOTHING_SHIPPED}},
    {.name = "audit",
     .base = "audit",
     .roles = ROLE_AUDITOR,
     .lines = LINES_FREE,
     .partial = true,
     .judges = true,
     .after_state = -1,
     .biz_step_tally = "inspecting",
     .biz_step_complete = "inspecting",
     .field_count = 9,
     .fields = {{FIELD("region"), AT_START, .kind = FLOW_SCAN, .required = true},
                {FIELD("shop"), AT_START, .kind = FLOW_SCAN},
                {FIELD("licence"), AT_START, .kind = FLOW_SCAN},
                {FIELD("address"), AT_START},
                {FIELD("position"), AT_START},
                {FIELD("seen"), .kind = FLOW_NUMBER},
                {FIELD("price"), .kind = FLOW_NUMBER},
                {FIELD("witness")},
                {FIELD("ack"), .kind = FLOW_CHOICE, .choice_count = 3, .choices = {"signed", "refused", "absent"}}},
     .rules = {AUDIT_RULES}},
    {.name = "recall",
     .base = "recall",
     .roles = CLERKS | ROLE_DEALER | ROLE_AUDITOR,
     .lines = LINES_NOTICE,
     .reserves = true,
     .partial = true,
     .after = GO_QUARANTINE,
     .after_state = -1,
     .biz_step_tally = "inspecting",
     .biz_step_complete = "holding",
     .disposition = "recalled",
     .field_count = 1,
     .fields = {{FIELD("notice"), AT_START, .kind = FLOW_SCAN, .required = true}},
     .rules = {EVERYWHERE, NEVER(OK, "what the notice names is recalled, and all else is not on it"), SERIALS,
               SPOILT(ACCEPT), NO_PARTY, RULE(IN_OTHER_DOCUMENT, CONFIRM, NONE), UNKNOWN(REJECT),
               RULE(NOT_ON_ORDER, REJECT, NONE),
               NEVER(WRONG_LOT, "the notice says which lots are recalled: what it does not name is not on it"),
               RULE(OVER_QUANTITY, WARN, NONE), RULE(NEED_SSCC, REJECT, NONE), NO_PLACES(ANYWHERE), INSIDE(WARN),
               NOTHING_SHIPPED}},
    {.name = "baseline",
     .base = "baseline",
     .roles = ROLE_SUPERVISOR,
     .lines = LINES_FREE,
     .reserves = true,
     .binds = true,
     .after = GO_HERE,
     .after_state = -1,
     .biz_step_tally = "commissioning",
     .biz_step_complete = "commissioning",
     .disposition = "active",
     .field_count = 1,
     .fields = {{FIELD("place"), AT_START}},
     .rules = {BOOKING_RULES}},
    {.name = "late-entry",
     .base = "late-entry",
     .roles = ROLE_SUPERVISOR,
     .lines = LINES_FREE,
     .reserves = true,
     .partial = true,
     .binds = true,
     .after = GO_TO,
     .after_state = -1,
     .biz_step_tally = "shipping",
     .biz_step_complete = "shipping",
     .disposition = "in_progress",
     .field_count = 3,
     .fields = {{FIELD("to"), AT_START, .required = true},
                {FIELD("at"), AT_START, .kind = FLOW_DATE, .required = true},
                {FIELD("reason"), AT_START}},
     .rules = {BOOKING_RULES}},
    {.name = "scrap",
     .base = "scrap",
     .roles = CLERKS,
     .lines = LINES_FREE,
     .reserves = true,
     .before = PLACE_THIS_SITE,
     .after = GO_DESTROYED,
     .after_state = STATE_DESTROYED,
     .biz_step_tally = "destroying",
     .biz_step_complete = "destroying",
     .disposition = "destroyed",
     .field_count = 1,
     .fields = {{FIELD("reason"), AT_START, .required = true, .kind = FLOW_CHOICE, .choice_count = 5,
                 .choices = {"damaged", "expired", "recall", "quality", "other"}}},
     .rules = {HOUSE_RULES(ACCEPT), INSIDE(CONFIRM)}},
    {.name = "sample",
     .base = "sample",
     .roles = CLERKS,
     .lines = LINES_FREE,
     .reserves = true,
     .before = PLACE_THIS_SITE,
     .after = GO_SOLD,
     .after_state = -1,
     .biz_step_tally = "picking",
     .biz_step_complete = "retail_selling",
     .disposition = "retail_sold",
     .field_count = 2,
     .fields = {{FIELD("reason"), AT_START, .required = true, .kind = FLOW_CHOICE, .choice_count = 4,
                 .choices = {"sample", "gift", "test", "own-use"}},
                {FIELD("who"), AT_START}},
     .rules = {HOUSE_RULES(REJECT), INSIDE(CONFIRM)}},
    {.name = "relabel",
     .base = "relabel",
     .roles = CLERKS,
     .lines = LINES_RULE,
     .work = WORK_RELABEL,
     .reserves = true,
     .partial = true,
     .before = PLACE_THIS_SITE,
     .after_state = -1,
     .biz_step_tally = "commissioning",
     .biz_step_complete = "commissioning",
     .disposition = "active",
     .field_count = 1,
     .fields = {{FIELD("reason"), AT_START}},
     /* a code that something else has: two things would be one from then on, whoever allowed it */
     .rules = {HOUSE_GOODS(WARN), LINES(REJECT, NONE), INSIDE(CONFIRM)}},
    {.name = "inspect",
     .base = "inspect",
     .roles = ROLE_SUPERVISOR,
     .lines = LINES_FREE,
     .reserves = true,
     .partial = true,
     .before = PLACE_THIS_SITE,
     .after_state = STATE_ACTIVE,
     .biz_step_tally = "inspecting",
     .biz_step_complete = "inspecting",
     .disposition = "in_progress",
     .rules = {HOUSE_RULES(ACCEPT), INSIDE(CONFIRM)}},
};

const struct flow *flow_at(size_t index)
{
    return &FLOWS[index];
}

size_t flow_count(void)
{
    return sizeof FLOWS / sizeof FLOWS[0];
}
