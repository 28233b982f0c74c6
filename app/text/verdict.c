/* A verdict in words: what is wrong, what was expected, what to do. One row a reason. */
#include "app/text/advice.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { PACKS_BYTES = ADVICE_PACKS_BYTES, SIZE = ADVICE_BYTES };

const struct flow *advice_flow(const struct text_scan *s)
{
    return s->flow ? s->flow : flow_find(s->document->flow);
}

bool advice_counts(const struct text_scan *s)
{
    return s->verdict->severity == SEVERITY_ACCEPT || s->verdict->severity == SEVERITY_WARN;
}

/* The first pack that holds more than one base unit is what people count in. */
static const struct pack_level *counted_pack(const struct product *product)
{
    for (int i = 0; i < product->pack_count; i++)
        if (product->packs[i].units > QTY_ONE)
            return &product->packs[i];
    return NULL;
}

char *text_packs(qty_t qty, const struct product *product, char *ret_text)
{
    char number[QTY_TEXT_MAX + 1];
    const struct pack_level *pack = counted_pack(product);
    qty_t cases = pack && qty > 0 ? qty / pack->units : 0;
    if (cases == 0) {
        snprintf(ret_text, PACKS_BYTES, "%s", qty_print(qty, number));
        return ret_text;
    }
    qty_t loose = qty - cases * pack->units;
    if (loose > 0)
        snprintf(ret_text, PACKS_BYTES, "%lld%s+%s", (long long)cases, pack->name, qty_print(loose, number));
    else
        snprintf(ret_text, PACKS_BYTES, "%lld%s", (long long)cases, pack->name);
    return ret_text;
}

char *text_packs_of(qty_t qty, qty_t whole, const struct product *product, char *ret_text)
{
    char number[QTY_TEXT_MAX + 1];
    const struct pack_level *pack = counted_pack(product);
    if (!pack || qty <= 0 || qty >= pack->units || whole < pack->units)
        return text_packs(qty, product, ret_text);
    snprintf(ret_text, PACKS_BYTES, "0%s+%s", pack->name, qty_print(qty, number));
    return ret_text;
}

static const char *packs(const struct text_scan *s, qty_t qty, char *buffer)
{
    return text_packs(qty, &s->facts->product, buffer);
}

const char *advice_product(const struct text_scan *s)
{
    if (!s->facts->product_known)
        return s->code->key;
    return s->facts->product.name[0] ? s->facts->product.name : s->facts->product.id;
}

/* What scanner and standard say, in the reader's own words; a full stop is in the way when more follows. */
static void why(const struct text_scan *s, const char *otherwise, char *text)
{
    snprintf(text, SIZE, "%s", s->code->why && s->code->why[0] ? _(s->code->why) : otherwise);
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == '.')
        text[len - 1] = '\0';
}

static void malformed(const struct text_scan *s, char *text)
{
    why(s, _("The label can't be read"), text);
}

static void not_goods(const struct text_scan *s, char *text)
{
    why(s, _("This is no code of goods"), text);
}

static void document_closed(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("%s is %s"), s->document->no, text_document_state(s->document->state));
}

static void recalled(const struct text_scan *s, char *text)
{
    const struct facts *f = s->facts;
    if (f->recall_reason[0])
        snprintf(text, SIZE, _("Recall %s: %s"), f->recall, f->recall_reason);
    else
        snprintf(text, SIZE, _("Recall %s"), f->recall);
}

static void void_code(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("This code is %s"), text_code_state(s->facts->state));
}

static void on_hold(const struct text_scan *s, char *text)
{
    if (s->facts->state == STATE_RETURNED)
        snprintf(text, SIZE, "%s", _("It came back and is not inspected yet"));
    else if (s->facts->lot.id[0])
        snprintf(text, SIZE, _("Lot %s is not released"), s->facts->lot.id);
    else
        snprintf(text, SIZE, "%s", _("These goods are not released"));
}

static day_t expiry(const struct text_scan *s)
{
    return s->facts->lot.expires != DAY_NONE ? s->facts->lot.expires : s->code->expires;
}

static void expired(const struct text_scan *s, char *text)
{
    char day[DAY_TEXT_MAX + 1];
    snprintf(text, SIZE, _("Expired on %s"), day_print(expiry(s), day));
}

static void expires(const struct text_scan *s, char *text)
{
    char day[DAY_TEXT_MAX + 1];
    snprintf(text, SIZE, _("Expires on %s"), day_print(expiry(s), day));
}

static void min_life(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("%d days of life are asked for"), s->document->min_life_days);
}

static void duplicate(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, "%s",
             s->facts->container ? _("All that is in it is already in this order") : _("Already in this order"));
}

/* The server gave it away, and no document here has what it is in. */
static bool is_gone(const struct text_scan *s)
{
    return s->facts->lost && !s->facts->other_document[0];
}

static bool has_colleague(const struct text_scan *s)
{
    return is_gone(s) && s->facts->other_no[0] && strcmp(s->facts->other_no, s->document->no) == 0;
}

static void in_other(const struct text_scan *s, char *text)
{
    const struct facts *f = s->facts;
    const char *other = f->other_no[0] ? f->other_no : f->other_document;
    if (is_gone(s) && !other[0])
        snprintf(text, SIZE, "%s", _("Was not accepted before"));
    else if (has_colleague(s))
        snprintf(text, SIZE, "%s", _("A colleague has it for this order"));
    else if (is_gone(s))
        snprintf(text, SIZE, _("Not accepted: %s has it"), other);
    else if (advice_counts(s))
        snprintf(text, SIZE, _("It was in %s"), other);
    else
        snprintf(text, SIZE, _("It is already in %s"), other);
}

static void unknown(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("Nothing is known of this code"));
}

static void unregistered(const struct text_scan *s, char *text)
{
    if (s->facts->bound)
        snprintf(text, SIZE, _("Not registered: taken for %s"), advice_product(s));
    else
        snprintf(text, SIZE, "%s", _("This serial is not registered"));
}

static void not_on_order(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("%s is not on this order"), advice_product(s));
}

static void still_wanted(const struct text_scan *s, char *text)
{
    for (size_t i = 0; i < s->document->line_count && !advice_counts(s); i++) {
        const struct line *line = &s->document->lines[i];
        char number[QTY_TEXT_MAX + 1];
        if (line->tallied >= line->qty)
            continue;
        snprintf(text, SIZE, _("Still wanted: %s × %s"), line->product, qty_print(line->qty - line->tallied, number));
        return;
    }
}

static void need_serial(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("%s is tracked piece by piece"), advice_product(s));
}

static void need_lot(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("%s is tracked by lot"), advice_product(s));
}

static void need_sscc(const struct text_scan *s, char *text)
{
    why(s, _("This label says what is inside, not which unit it is"), text);
}

static void wrong_lot(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("This is lot %s"), s->facts->lot.id[0] ? s->facts->lot.id : "?");
}

static void wanted_lot(const struct text_scan *s, char *text)
{
    for (size_t i = 0; i < s->document->line_count; i++) {
        const struct line *line = &s->document->lines[i];
        if (!line->lot[0] || strcmp(line->product, s->facts->product.id) != 0)
            continue;
        snprintf(text, SIZE, _("The order asks for lot %s"), line->lot);
        return;
    }
}

static void holder(const struct text_scan *s, char *text)
{
    char place[SIZE];
    snprintf(text, SIZE, _("Booked: %s"), text_holder(&s->facts->holder, place));
    text_cut(text, TEXT_MAX);
}

static void partial(const struct text_scan *s, char *text)
{
    char unbound[QTY_TEXT_MAX + 1], total[QTY_TEXT_MAX + 1];
    snprintf(text, SIZE, _("Only %s of %s are free"), qty_print(s->facts->units_free, unbound),
             qty_print(s->facts->units_total, total));
}

static void no_contents(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("Nobody has told what is inside"));
}

static void over(const struct text_scan *s, char *text)
{
    char qty[PACKS_BYTES];
    snprintf(text, SIZE, _("This would be %s"), packs(s, s->verdict->qty, qty));
}

static void over_open(const struct text_scan *s, char *text)
{
    char open[PACKS_BYTES];
    if (s->verdict->open <= 0)
        snprintf(text, SIZE, "%s", _("The line is full"));
    else
        snprintf(text, SIZE, _("Only %s are still open"), packs(s, s->verdict->open, open));
}

static void older(const struct text_scan *s, char *text)
{
    char day[DAY_TEXT_MAX + 1];
    snprintf(text, SIZE, _("Lot %s goes earlier: %s"), s->facts->older_lot, day_print(s->facts->older_expires, day));
}

static void shared(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("Another device works on this line too"));
}

static void repeat(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("The same label at once again: counted"));
}

static void pairing(const struct text_scan *s, char *text)
{
    why(s, _("A part that belongs to this code is missing"), text);
}

static void before_start(const struct text_scan *s, char *text)
{
    char day[DAY_TEXT_MAX + 1];
    day_t made = s->facts->lot.made != DAY_NONE ? s->facts->lot.made : s->code->made;
    snprintf(text, SIZE, _("Made on %s, before the books began"), day_print(made, day));
}

static void product(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, "%s", advice_product(s));
}

#define ASIDE_TODO N_("Set it aside, don't load it"), N_("Set it aside")
#define BACK_TODO  N_("Put it back, don't load it"), N_("Put it back")

static const struct advice_row ROWS[REASON_COUNT] = {
    [REASON_MALFORMED] = {malformed, NULL, N_("Scan it again"), NULL},
    [REASON_NOT_GOODS] = {not_goods, NULL, N_("Scan the goods' own code"), NULL},
    [REASON_DOCUMENT_CLOSED] = {document_closed, NULL, N_("Choose another order"), NULL},
    [REASON_RECALLED] = {recalled, NULL, ASIDE_TODO},
    [REASON_VOID_CODE] = {void_code, NULL, ASIDE_TODO},
    [REASON_ON_HOLD] = {on_hold, NULL, ASIDE_TODO},
    [REASON_EXPIRED] = {expired, NULL, ASIDE_TODO},
    [REASON_SHORT_LIFE] = {expires, min_life, N_("Take a fresher lot"), NULL},
    [REASON_DUPLICATE] = {duplicate, NULL, N_("Counted already, go on"), NULL},
    [REASON_IN_OTHER_DOCUMENT] = {in_other, NULL, N_("Move it here? Confirm"), NULL},
    [REASON_UNKNOWN_CODE] = {unknown, NULL, N_("Set it aside, tell the office"), NULL},
    [REASON_UNREGISTERED] = {unregistered, NULL, N_("Set it aside, tell the office"), NULL},
    [REASON_NOT_ON_ORDER] = {not_on_order, still_wanted, BACK_TODO},
    [REASON_NEED_SERIAL] = {need_serial, NULL, N_("Scan the code with the serial"), NULL},
    [REASON_NEED_LOT] = {need_lot, NULL, N_("Scan the code with the lot"), NULL},
    [REASON_NEED_SSCC] = {need_sscc, NULL, N_("Scan the case or pallet code"), NULL},
    [REASON_WRONG_LOT] = {wrong_lot, wanted_lot, N_("Put it back, take that lot"), NULL},
    [REASON_NOT_RECEIVED] = {holder, NULL, N_("Booked in with this scan"), NULL},
    [REASON_WRONG_HOLDER] = {holder, NULL, N_("Set it aside, tell the office"), NULL},
    [REASON_ALREADY_SHIPPED] = {holder, NULL, N_("Set it aside, tell the office"), NULL},
    [REASON_PARTIAL_CONTAINER] = {partial, NULL, N_("Take the rest? Confirm"), NULL},
    [REASON_NO_CONTENTS] = {no_contents, NULL, N_("Take it as it is? Confirm"), NULL},
    [REASON_OVER_QUANTITY] = {over, over_open, BACK_TODO},
    [REASON_OLDER_FIRST] = {older, NULL, N_("Next time take that lot"), NULL},
    [REASON_NEAR_EXPIRY] = {expires, NULL, NULL, NULL},
    [REASON_SHARED_ORDER] = {shared, NULL, NULL, NULL},
    [REASON_REPEAT] = {repeat, NULL, N_("Scanned twice? Undo one"), NULL},
    [REASON_PAIRING] = {pairing, NULL, NULL, NULL},
    [REASON_BEFORE_START] = {before_start, NULL, NULL, NULL},
    [REASON_CLONED] = {market_cloned, NULL, N_("Keep both as evidence"), NULL},
    [REASON_OUT_OF_REGION] = {market_sold, market_allowed, N_("Take pictures and a receipt"), NULL},
    [REASON_SEEN_ELSEWHERE] = {market_seen, NULL, NULL, NULL},
    [REASON_NO_TERRITORY] = {market_no_territory, NULL, N_("Tell the office"), NULL},
    [REASON_NO_RECORD] = {market_no_record, NULL, N_("Take pictures and a receipt"), NULL},
    [REASON_DEFACED] = {market_defaced, NULL, N_("Take pictures and a receipt"), NULL},
    [REASON_IN_REGION] = {market_sold, NULL, NULL, NULL},
    [REASON_OK] = {product, NULL, NULL, NULL},
};

/* What becomes of goods that count although something is wrong with them. */
static const char *const COUNTED[REASON_COUNT] = {
    [REASON_RECALLED] = N_("Counted: keep it apart"),
    [REASON_VOID_CODE] = N_("Counted: keep it apart"),
    [REASON_ON_HOLD] = N_("Counted: keep it apart"),
    [REASON_EXPIRED] = N_("Counted: keep it apart"),
    [REASON_SHORT_LIFE] = N_("Counted all the same"),
    [REASON_IN_OTHER_DOCUMENT] = N_("Moved here, counted"),
    [REASON_UNKNOWN_CODE] = N_("Counted: tell the office"),
    [REASON_UNREGISTERED] = N_("Counted all the same"),
    [REASON_NOT_ON_ORDER] = N_("Counted as extra"),
    [REASON_NEED_SSCC] = N_("Counted as it says"),
    [REASON_WRONG_LOT] = N_("Counted as extra"),
    [REASON_WRONG_HOLDER] = N_("Counted all the same"),
    [REASON_ALREADY_SHIPPED] = N_("Counted all the same"),
    [REASON_PARTIAL_CONTAINER] = N_("Only these were counted"),
    [REASON_NO_CONTENTS] = N_("Counted as it is"),
    [REASON_OVER_QUANTITY] = N_("Counted as extra"),
};

static void left(const struct text_scan *s, char *text)
{
    char number[PACKS_BYTES];
    qty_t after = s->verdict->open - s->verdict->qty;
    if (s->document->line_count == 0)
        snprintf(text, SIZE, _("%s counted"), packs(s, s->verdict->qty, number));
    else if (after > 0)
        snprintf(text, SIZE, _("%s to go"), packs(s, after, number));
    else
        snprintf(text, SIZE, "%s", _("Line full"));
}

/* A question must be one, whatever the flow asks about. */
static bool asks(enum reason reason)
{
    return reason == REASON_IN_OTHER_DOCUMENT || reason == REASON_PARTIAL_CONTAINER || reason == REASON_NO_CONTENTS;
}

static const char *settle_first(const struct text_scan *s, const struct flow *flow)
{
    bool loads = !flow || flow->ships;
    if (s->verdict->severity == SEVERITY_CONFIRM)
        return loads ? N_("Not settled. Load it? Confirm") : N_("Not settled. Count it? Confirm");
    return loads ? N_("Settle it first, don't load it") : N_("Settle it first");
}

static const char *todo_of(const struct text_scan *s, const struct advice_row *row, bool special)
{
    const struct flow *flow = advice_flow(s);
    enum reason reason = s->verdict->reason;
    if (special)
        return row->todo;
    if (advice_counts(s) && flow && flow->judges && COUNTED[reason])
        return N_("Take pictures and a receipt");
    if (advice_counts(s) && reason == REASON_IN_OTHER_DOCUMENT && is_gone(s))
        return N_("Counted all the same");
    if (advice_counts(s) && COUNTED[reason])
        return COUNTED[reason];
    if (s->verdict->severity == SEVERITY_CONFIRM && !asks(reason))
        return N_("Count it all the same? Confirm");
    if (reason == REASON_IN_OTHER_DOCUMENT && s->facts->lost)
        return settle_first(s, flow);
    return flow && !flow->ships && row->inside ? row->inside : row->todo;
}

void text_advise(const struct text_scan *scan, struct text_advice *ret_advice)
{
    struct text_advice advice = {.wrong = ""};
    const char *banner;
    const struct advice_row *special = advice_in_flow(scan, &banner);
    const struct advice_row *row = special ? special : &ROWS[scan->verdict->reason];
    const char *todo = todo_of(scan, row, special != NULL);
    row->wrong(scan, advice.wrong);
    if (row->expected)
        row->expected(scan, advice.expected);
    if (advice_counts(scan))
        advice_step(scan, advice.todo);
    if (!advice.todo[0] && todo)
        snprintf(advice.todo, sizeof advice.todo, "%s", _(todo));
    else if (!advice.todo[0])
        left(scan, advice.todo);
    text_cut(advice.wrong, TEXT_MAX);
    text_cut(advice.expected, TEXT_MAX);
    text_cut(advice.todo, TEXT_MAX);
    *ret_advice = advice;
}

const char *text_banner(const struct text_scan *scan)
{
    const char *banner = advice_done(scan);
    if (!banner)
        (void)advice_in_flow(scan, &banner);
    if (!banner && scan->verdict->reason == REASON_IN_OTHER_DOCUMENT && has_colleague(scan))
        banner = N_("A colleague has it");
    return banner ? _(banner) : text_reason(scan->verdict->reason);
}

/* What the scanner or the feed brought may hold anything; one line of text must stay one line. */
static void flatten(char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            *text = ' ';
}

static char *join(struct text_advice *advice, const char *between, char *ret_text)
{
    char *const parts[] = {advice->wrong, advice->expected, advice->todo};
    size_t len = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && len < TEXT_MAX; i++) {
        if (!parts[i][0])
            continue;
        flatten(parts[i]);
        int wrote = snprintf(ret_text + len, SIZE - len, "%s%s", len ? between : "", parts[i]);
        len += wrote > 0 ? (size_t)wrote : 0;
    }
    return text_cut(ret_text, TEXT_MAX);
}

char *text_verdict(const struct text_scan *scan, char *ret_text)
{
    struct text_advice advice;
    text_advise(scan, &advice);
    return join(&advice, "\n", ret_text);
}

char *text_verdict_line(const struct text_scan *scan, char *ret_text)
{
    struct text_advice advice;
    text_advise(scan, &advice);
    return join(&advice, _("; "), ret_text);
}
