/* A verdict in words: what is wrong, what was expected, what to do. One row a reason. */
#include "app/text/text.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { PACKS_BYTES = 64, SIZE = TEXT_MAX + 1 };

struct subject {
    const struct verdict *verdict;
    const struct document *document;
    const struct code *code;
    const struct facts *facts;
};

typedef void sentence(const struct subject *subject, char *ret_text);

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

static const char *packs(const struct subject *s, qty_t qty, char *buffer)
{
    return text_packs(qty, &s->facts->product, buffer);
}

static const char *product_name(const struct subject *s)
{
    if (!s->facts->product_known)
        return s->code->key;
    return s->facts->product.name[0] ? s->facts->product.name : s->facts->product.id;
}

/* What scanner and standard say, in the reader's own words; a full stop is in the way when more follows. */
static void why(const struct subject *s, const char *otherwise, char *text)
{
    snprintf(text, SIZE, "%s", s->code->why && s->code->why[0] ? _(s->code->why) : otherwise);
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == '.')
        text[len - 1] = '\0';
}

static void malformed(const struct subject *s, char *text)
{
    why(s, _("The label can't be read"), text);
}

static void not_goods(const struct subject *s, char *text)
{
    why(s, _("This is no code of goods"), text);
}

static void document_closed(const struct subject *s, char *text)
{
    snprintf(text, SIZE, _("%s is %s"), s->document->no, text_document_state(s->document->state));
}

static void recalled(const struct subject *s, char *text)
{
    const struct facts *f = s->facts;
    if (f->recall_reason[0])
        snprintf(text, SIZE, _("Recall %s: %s"), f->recall, f->recall_reason);
    else
        snprintf(text, SIZE, _("Recall %s"), f->recall);
}

static void void_code(const struct subject *s, char *text)
{
    snprintf(text, SIZE, _("This code is %s"), text_code_state(s->facts->state));
}

static void on_hold(const struct subject *s, char *text)
{
    if (s->facts->lot.id[0])
        snprintf(text, SIZE, _("Lot %s is not released"), s->facts->lot.id);
    else
        snprintf(text, SIZE, "%s", _("These goods are not released"));
}

static day_t expiry(const struct subject *s)
{
    return s->facts->lot.expires != DAY_NONE ? s->facts->lot.expires : s->code->expires;
}

static void expired(const struct subject *s, char *text)
{
    char day[DAY_TEXT_MAX + 1];
    snprintf(text, SIZE, _("Expired on %s"), day_print(expiry(s), day));
}

static void expires(const struct subject *s, char *text)
{
    char day[DAY_TEXT_MAX + 1];
    snprintf(text, SIZE, _("Expires on %s"), day_print(expiry(s), day));
}

static void min_life(const struct subject *s, char *text)
{
    snprintf(text, SIZE, _("%d days of life are asked for"), s->document->min_life_days);
}

static void duplicate(const struct subject *s, char *text)
{
    snprintf(text, SIZE, "%s",
             s->facts->container ? _("All that is in it is already in this order") : _("Already in this order"));
}

static void in_other(const struct subject *s, char *text)
{
    const struct facts *f = s->facts;
    snprintf(text, SIZE, _("It is already in %s"), f->other_no[0] ? f->other_no : f->other_document);
}

static void unknown(const struct subject *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("Nothing is known of this code"));
}

static void unregistered(const struct subject *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("This serial is not registered"));
}

static void not_on_order(const struct subject *s, char *text)
{
    snprintf(text, SIZE, _("%s is not on this order"), product_name(s));
}

static void still_wanted(const struct subject *s, char *text)
{
    for (size_t i = 0; i < s->document->line_count; i++) {
        const struct line *line = &s->document->lines[i];
        char number[QTY_TEXT_MAX + 1];
        if (line->tallied >= line->qty)
            continue;
        snprintf(text, SIZE, _("Still wanted: %s × %s"), line->product, qty_print(line->qty - line->tallied, number));
        return;
    }
}

static void need_serial(const struct subject *s, char *text)
{
    snprintf(text, SIZE, _("%s is tracked piece by piece"), product_name(s));
}

static void need_lot(const struct subject *s, char *text)
{
    snprintf(text, SIZE, _("%s is tracked by lot"), product_name(s));
}

static void need_sscc(const struct subject *s, char *text)
{
    why(s, _("This label says what is inside, not which unit it is"), text);
}

static void wrong_lot(const struct subject *s, char *text)
{
    snprintf(text, SIZE, _("This is lot %s"), s->facts->lot.id[0] ? s->facts->lot.id : "?");
}

static void wanted_lot(const struct subject *s, char *text)
{
    for (size_t i = 0; i < s->document->line_count; i++) {
        const struct line *line = &s->document->lines[i];
        if (!line->lot[0] || strcmp(line->product, s->facts->product.id) != 0)
            continue;
        snprintf(text, SIZE, _("The order asks for lot %s"), line->lot);
        return;
    }
}

static void holder(const struct subject *s, char *text)
{
    char place[SIZE];
    snprintf(text, SIZE, _("Booked: %s"), text_holder(&s->facts->holder, place));
    text_cut(text, TEXT_MAX);
}

static void partial(const struct subject *s, char *text)
{
    char unbound[QTY_TEXT_MAX + 1], total[QTY_TEXT_MAX + 1];
    snprintf(text, SIZE, _("Only %s of %s are free"), qty_print(s->facts->units_free, unbound),
             qty_print(s->facts->units_total, total));
}

static void no_contents(const struct subject *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("Nobody has told what is inside"));
}

static void over(const struct subject *s, char *text)
{
    char qty[PACKS_BYTES];
    snprintf(text, SIZE, _("This would be %s"), packs(s, s->verdict->qty, qty));
}

static void over_open(const struct subject *s, char *text)
{
    char open[PACKS_BYTES];
    if (s->verdict->open <= 0)
        snprintf(text, SIZE, "%s", _("The line is full"));
    else
        snprintf(text, SIZE, _("Only %s are still open"), packs(s, s->verdict->open, open));
}

static void older(const struct subject *s, char *text)
{
    char day[DAY_TEXT_MAX + 1];
    snprintf(text, SIZE, _("Lot %s goes earlier: %s"), s->facts->older_lot, day_print(s->facts->older_expires, day));
}

static void shared(const struct subject *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("Another device works on this line too"));
}

static void repeat(const struct subject *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("The same label at once again: counted"));
}

static void pairing(const struct subject *s, char *text)
{
    why(s, _("A part that belongs to this code is missing"), text);
}

static void before_start(const struct subject *s, char *text)
{
    char day[DAY_TEXT_MAX + 1];
    day_t made = s->facts->lot.made != DAY_NONE ? s->facts->lot.made : s->code->made;
    snprintf(text, SIZE, _("Made on %s, before the books began"), day_print(made, day));
}

static void product(const struct subject *s, char *text)
{
    snprintf(text, SIZE, "%s", product_name(s));
}

static const struct {
    sentence *wrong, *expected;
    const char *todo; /* NULL: what is left to do */
} ROWS[REASON_COUNT] = {
    [REASON_MALFORMED] = {malformed, NULL, N_("Scan it again")},
    [REASON_NOT_GOODS] = {not_goods, NULL, N_("Scan the goods' own code")},
    [REASON_DOCUMENT_CLOSED] = {document_closed, NULL, N_("Choose another order")},
    [REASON_RECALLED] = {recalled, NULL, N_("Set it aside, don't load it")},
    [REASON_VOID_CODE] = {void_code, NULL, N_("Set it aside, don't load it")},
    [REASON_ON_HOLD] = {on_hold, NULL, N_("Set it aside, don't load it")},
    [REASON_EXPIRED] = {expired, NULL, N_("Set it aside, don't load it")},
    [REASON_SHORT_LIFE] = {expires, min_life, N_("Take a fresher lot")},
    [REASON_DUPLICATE] = {duplicate, NULL, N_("Counted already, go on")},
    [REASON_IN_OTHER_DOCUMENT] = {in_other, NULL, N_("Move it here? Confirm")},
    [REASON_UNKNOWN_CODE] = {unknown, NULL, N_("Set it aside, tell the office")},
    [REASON_UNREGISTERED] = {unregistered, NULL, N_("Set it aside, tell the office")},
    [REASON_NOT_ON_ORDER] = {not_on_order, still_wanted, N_("Put it back, don't load it")},
    [REASON_NEED_SERIAL] = {need_serial, NULL, N_("Scan the code with the serial")},
    [REASON_NEED_LOT] = {need_lot, NULL, N_("Scan the code with the lot")},
    [REASON_NEED_SSCC] = {need_sscc, NULL, N_("Scan the case or pallet code")},
    [REASON_WRONG_LOT] = {wrong_lot, wanted_lot, N_("Put it back, take that lot")},
    [REASON_NOT_RECEIVED] = {holder, NULL, N_("Booked in with this scan")},
    [REASON_WRONG_HOLDER] = {holder, NULL, N_("Set it aside, tell the office")},
    [REASON_ALREADY_SHIPPED] = {holder, NULL, N_("Set it aside, tell the office")},
    [REASON_PARTIAL_CONTAINER] = {partial, NULL, N_("Take the rest? Confirm")},
    [REASON_NO_CONTENTS] = {no_contents, NULL, N_("Take it as it is? Confirm")},
    [REASON_OVER_QUANTITY] = {over, over_open, N_("Put it back, don't load it")},
    [REASON_OLDER_FIRST] = {older, NULL, N_("Next time take that lot")},
    [REASON_NEAR_EXPIRY] = {expires, NULL, NULL},
    [REASON_SHARED_ORDER] = {shared, NULL, NULL},
    [REASON_REPEAT] = {repeat, NULL, N_("Scanned twice? Undo one")},
    [REASON_PAIRING] = {pairing, NULL, NULL},
    [REASON_BEFORE_START] = {before_start, NULL, NULL},
    [REASON_OK] = {product, NULL, NULL},
};

static void left(const struct subject *s, char *text)
{
    char open[PACKS_BYTES];
    qty_t after = s->verdict->open - s->verdict->qty;
    if (after > 0)
        snprintf(text, SIZE, _("%s to go"), packs(s, after, open));
    else
        snprintf(text, SIZE, "%s", _("Line full"));
}

void text_advise(const struct verdict *verdict, const struct document *document, const struct code *code,
                 const struct facts *facts, struct text_advice *ret_advice)
{
    const struct subject subject = {verdict, document, code, facts};
    struct text_advice advice = {.wrong = ""};
    ROWS[verdict->reason].wrong(&subject, advice.wrong);
    if (ROWS[verdict->reason].expected)
        ROWS[verdict->reason].expected(&subject, advice.expected);
    if (ROWS[verdict->reason].todo)
        snprintf(advice.todo, sizeof advice.todo, "%s", _(ROWS[verdict->reason].todo));
    else
        left(&subject, advice.todo);
    text_cut(advice.wrong, TEXT_MAX);
    text_cut(advice.expected, TEXT_MAX);
    *ret_advice = advice;
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

char *text_verdict(const struct verdict *verdict, const struct document *document, const struct code *code,
                   const struct facts *facts, char *ret_text)
{
    struct text_advice advice;
    text_advise(verdict, document, code, facts, &advice);
    return join(&advice, "\n", ret_text);
}

char *text_verdict_line(const struct verdict *verdict, const struct document *document, const struct code *code,
                        const struct facts *facts, char *ret_text)
{
    struct text_advice advice;
    text_advise(verdict, document, code, facts, &advice);
    return join(&advice, _("; "), ret_text);
}
