/* What some flows say otherwise than most: `not-on-order` in a recall is not part of it, in unpacking it is in nothing. */
#include "app/text/advice.h"
#include <stdio.h>
#include <string.h>

enum { SIZE = ADVICE_BYTES };

static void not_in_recall(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("%s is not part of this recall"), advice_product(s));
}

static void lot_not_in_recall(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("Lot %s is not part of this recall"), s->facts->lot.id[0] ? s->facts->lot.id : "?");
}

static void in_recall(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("Recall %s"), s->facts->recall);
}

static void not_taken_back(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("%s was not in the shipment that is taken back"), advice_product(s));
}

static void not_counted(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("%s is not what is counted here"), advice_product(s));
}

static void in_nothing(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("It is in no container"));
}

static void in_use(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("This code is in use already"));
}

static void other_product(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("This is %s"), advice_product(s));
}

static void pair_wanted(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("Its pair is %s"), s->facts->pair_product);
}

static void filled(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("%d are in it, %d go in"), s->facts->filled, s->facts->rule);
}

static void elsewhere(const struct text_scan *s, char *text)
{
    char place[SIZE];
    snprintf(text, SIZE, _("Booked: %s"), text_holder(&s->facts->holder, place));
    text_cut(text, TEXT_MAX);
}

static void same_code(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("This code was scanned here before"));
}

static void to_inspect(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("It is waiting to be inspected"));
}

static void no_permit(const struct text_scan *s, char *text)
{
    const struct document *document = s->document;
    snprintf(text, SIZE, _("Nothing permits %s to go to %s"), advice_product(s),
             document->to_name[0] ? document->to_name : document->to.id);
}

static void not_booked(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("The books do not have it yet"));
}

static void not_sent(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("%s is not in what was sent"), advice_product(s));
}

static void not_sold_here(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("Not sold by you: another dealer's goods"));
}

/* ---- when ---- */

typedef bool condition(const struct text_scan *s);

static bool is_first(const struct text_scan *s)
{
    return !s->document->pending[0];
}

static bool is_pair(const struct text_scan *s)
{
    return s->facts->pair_product[0] && s->facts->product_known &&
           strcmp(s->facts->pair_product, s->facts->product.id) != 0;
}

static bool is_known(const struct text_scan *s)
{
    return s->facts->code_known;
}

static bool is_label(const struct text_scan *s)
{
    return s->facts->is_label;
}

static bool counts(const struct text_scan *s)
{
    return advice_counts(s);
}

static bool lacks_permit(const struct text_scan *s)
{
    return s->facts->no_permit;
}

/* A dealer is told of its own goods alone. */
static bool is_foreign(const struct text_scan *s)
{
    return s->document->dealer[0] && s->to_quarantine && advice_counts(s);
}

static const struct {
    const char *base;
    enum reason reason;
    condition *when; /* NULL always */
    const char *banner;
    struct advice_row row;
} SPECIALS[] = {
    {"recall",
     REASON_NOT_ON_ORDER,
     NULL,
     N_("Not in the recall"),
     {not_in_recall, NULL, N_("Leave it where it is"), NULL}},
    {"recall",
     REASON_WRONG_LOT,
     NULL,
     N_("Not in the recall"),
     {lot_not_in_recall, NULL, N_("Leave it where it is"), NULL}},
    {"recall", REASON_RECALLED, counts, NULL, {in_recall, NULL, N_("Bring it to quarantine"), NULL}},
    {"void",
     REASON_NOT_ON_ORDER,
     NULL,
     N_("Not shipped then"),
     {not_taken_back, NULL, N_("Leave it where it is"), NULL}},
    {"void",
     REASON_WRONG_HOLDER,
     NULL,
     N_("Not shipped then"),
     {elsewhere, NULL, N_("Set it aside, tell the office"), NULL}},
    {"count", REASON_NOT_ON_ORDER, counts, NULL, {not_counted, NULL, N_("Counted as extra"), NULL}},
    {"unpack",
     REASON_NOT_ON_ORDER,
     NULL,
     N_("In no container"),
     {in_nothing, NULL, N_("Nothing to take out: go on"), NULL}},
    {"replace",
     REASON_NOT_ON_ORDER,
     is_pair,
     N_("Another product"),
     {other_product, pair_wanted, N_("Take one of the same product"), NULL}},
    {"replace",
     REASON_NOT_ON_ORDER,
     is_first,
     N_("In no container"),
     {in_nothing, NULL, N_("Nothing to replace: go on"), NULL}},
    {"relabel", REASON_NOT_ON_ORDER, is_known, N_("Code in use"), {in_use, NULL, N_("Take a new label"), NULL}},
    {"relabel",
     REASON_NOT_ON_ORDER,
     is_pair,
     N_("Another product"),
     {other_product, pair_wanted, N_("Take a label of the same product"), NULL}},
    {"pack",
     REASON_PARTIAL_CONTAINER,
     is_label,
     N_("Too few in it"),
     {filled, NULL, N_("Close it all the same? Confirm"), NULL}},
    {"pack", REASON_OVER_QUANTITY, is_label, N_("Too many in it"), {filled, NULL, N_("Take some out"), NULL}},
    {"receipt",
     REASON_WRONG_HOLDER,
     counts,
     N_("Not as booked"),
     {elsewhere, NULL, N_("Counted all the same"), NULL}},
    {"return", REASON_WRONG_HOLDER, counts, N_("Not as booked"), {elsewhere, NULL, N_("Counted all the same"), NULL}},
    {"return",
     REASON_UNREGISTERED,
     is_foreign,
     N_("Not yours"),
     {not_sold_here, NULL, N_("Goes to quarantine"), NULL}},
    {"return",
     REASON_UNKNOWN_CODE,
     is_foreign,
     N_("Not yours"),
     {not_sold_here, NULL, N_("Goes to quarantine"), NULL}},
    {"dealer-in",
     REASON_UNREGISTERED,
     counts,
     N_("Provisional"),
     {not_booked, NULL, N_("Counted until the books come"), NULL}},
    {"dealer-in",
     REASON_UNKNOWN_CODE,
     counts,
     N_("Provisional"),
     {not_booked, NULL, N_("Counted until the books come"), NULL}},
    {"dealer-in", REASON_NOT_ON_ORDER, counts, N_("Extra"), {not_sent, NULL, N_("Counted as extra"), NULL}},
    {"dealer-in",
     REASON_WRONG_HOLDER,
     counts,
     N_("Not as booked"),
     {elsewhere, NULL, N_("Counted all the same"), NULL}},
    {"dealer-out",
     REASON_NOT_ON_ORDER,
     lacks_permit,
     N_("No permit"),
     {no_permit, NULL, N_("Put it back, ask the owner"), NULL}},
    {"count", REASON_WRONG_HOLDER, counts, N_("Not as booked"), {elsewhere, NULL, N_("Counted all the same"), NULL}},
    {"audit", REASON_DUPLICATE, NULL, N_("Scanned already"), {same_code, NULL, N_("Another piece? Confirm"), NULL}},
    {"inspect", REASON_ON_HOLD, counts, N_("To be inspected"), {to_inspect, NULL, N_("Free once completed"), NULL}},
};

const struct advice_row *advice_in_flow(const struct text_scan *s, const char **ret_banner)
{
    const struct flow *flow = advice_flow(s);
    for (size_t i = 0; flow && i < sizeof SPECIALS / sizeof SPECIALS[0]; i++) {
        if (SPECIALS[i].reason != s->verdict->reason || strcmp(SPECIALS[i].base, flow->base) != 0)
            continue;
        if (SPECIALS[i].when && !SPECIALS[i].when(s))
            continue;
        *ret_banner = SPECIALS[i].banner;
        return &SPECIALS[i].row;
    }
    return NULL;
}

/* ---- what the scan did ---- */

static bool is_filling(const struct text_scan *s)
{
    return s->container && s->container[0] && !s->container_closed;
}

/* "7/12", or "7" where no rule says how many it takes. */
static void packing(const struct text_scan *s, char *text)
{
    char count[32];
    if (s->rule > 0)
        snprintf(count, sizeof count, "%d/%d", s->filled, s->rule);
    else
        snprintf(count, sizeof count, "%d", s->filled);
    if (s->container_closed)
        snprintf(text, SIZE, _("Closed: %s"), count);
    else if (is_filling(s) && s->filled == 0)
        snprintf(text, SIZE, "%s", _("Now scan what goes in"));
    else if (is_filling(s))
        snprintf(text, SIZE, _("In it: %s"), count);
    else if (s->rule > 0 && s->filled >= s->rule)
        snprintf(text, SIZE, "%s", _("Now scan the label"));
    else if (s->filled > 0)
        snprintf(text, SIZE, _("Loose: %s"), count);
}

/* The second of a pair was taken. */
static bool is_paired(const struct text_scan *s, enum flow_work work)
{
    return (work == WORK_REPLACE || work == WORK_RELABEL) && !s->pair_waits;
}

static void taken_out(const struct text_scan *s, char *text)
{
    char qty[ADVICE_PACKS_BYTES];
    if (!s->facts->container)
        snprintf(text, SIZE, "%s", _("The next one, or done"));
    else
        snprintf(text, SIZE, _("%s taken out"), text_packs(s->verdict->qty, &s->facts->product, qty));
}

const char *advice_done(const struct text_scan *s)
{
    const struct flow *flow = advice_flow(s);
    enum flow_work work = flow ? flow->work : WORK_COUNT;
    if (!advice_counts(s) || s->context_set)
        return NULL;
    if (s->pair_waits)
        return work == WORK_RELABEL ? N_("The old label") : N_("Comes out");
    if (s->verdict->reason != REASON_OK)
        return NULL;
    if (is_paired(s, work))
        return work == WORK_RELABEL ? N_("Relabelled") : N_("Replaced");
    if (work == WORK_UNPACK)
        return s->facts->container ? N_("Emptied") : N_("Taken out");
    if (work == WORK_PACK && s->container_closed)
        return N_("Packed");
    if (work == WORK_PACK && is_filling(s) && s->filled == 0)
        return N_("Label");
    return NULL;
}

void advice_step(const struct text_scan *s, char *text)
{
    const struct flow *flow = advice_flow(s);
    enum flow_work work = flow ? flow->work : WORK_COUNT;
    text[0] = '\0';
    if (s->context_set)
        snprintf(text, SIZE, _("Codes that nobody knows are now %s"), advice_product(s));
    else if (s->pair_waits)
        snprintf(text, SIZE, "%s",
                 work == WORK_RELABEL ? _("Now scan the new label") : _("Now scan what takes its place"));
    else if (work == WORK_PACK)
        packing(s, text);
    else if (is_paired(s, work))
        snprintf(text, SIZE, "%s", _("The next one, or done"));
    else if (work == WORK_UNPACK && s->verdict->qty > 0)
        taken_out(s, text);
    else if (s->to_quarantine)
        snprintf(text, SIZE, "%s", _("Goes to quarantine"));
}
