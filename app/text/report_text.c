#include "app/text/report_text.h"
#include "app/text/text.h"
#include "app/text/wrap.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    LINE_BYTES = 2048,
    INDENT = 1,
    NAMED_BYTES = NAME_MAX_BYTES + ID_MAX + 8,
    CLOCK_AT = 11, /* in 2026-11-22T10:05:12.345+08:00 */
    CLOCK_LEN = 8,
    MINUTE_LEN = 5
};

struct writer {
    const struct report_body *body;
    int width;
    void (*line)(void *context, const char *text);
    void *context;
};

/* ---- lines ---- */

/* What the scanner or the feed brought may hold anything. */
static void flatten(char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            *text = ' ';
}

static void put(const struct writer *w, int indent, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void put(const struct writer *w, int indent, const char *format, ...)
{
    char text[LINE_BYTES], line[LINE_BYTES + INDENT * 4];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    flatten(text_cut(text, sizeof text - 1));
    for (size_t at = 0, next = 0; text[at]; at += next) {
        size_t len = wrap_break(text + at, w->width - indent, &next);
        snprintf(line, sizeof line, "%*s%.*s", indent, "", (int)len, text + at);
        w->line(w->context, line);
    }
}

static void heading(const struct writer *w, const char *text)
{
    w->line(w->context, "");
    put(w, 0, "== %s ==", text);
}

/* ---- words ---- */

static const struct {
    const char *kind, *text;
} EVIDENCE[] = {
    {"shop", N_("Shop front")}, {"licence", N_("Licence")},          {"shelf", N_("The shelf")},
    {"code", N_("Code")},       {"receipt", N_("Purchase receipt")}, {"ack", N_("Acknowledgement")},
};

const char *report_text_evidence(const char *kind)
{
    for (size_t i = 0; i < sizeof EVIDENCE / sizeof EVIDENCE[0]; i++)
        if (strcmp(EVIDENCE[i].kind, kind) == 0)
            return _(EVIDENCE[i].text);
    return kind;
}

/* "成都蓉城商贸 (D-CD-01)", or the id alone. */
static char *named(const char *name, const char *id, char *ret_text)
{
    snprintf(ret_text, NAMED_BYTES, name[0] ? "%s (%s)" : "%s%s", name, id);
    return ret_text;
}

static char *party(const struct writer *w, const char *id, char *ret_text)
{
    char name[NAME_MAX_BYTES + 1] = "";
    if (w->body->names.party)
        w->body->names.party(w->body->names.context, id, name);
    return named(name, id, ret_text);
}

static char *region(const struct writer *w, const char *id, char *ret_text)
{
    char name[NAME_MAX_BYTES + 1] = "";
    if (w->body->names.region)
        w->body->names.region(w->body->names.context, id, name);
    return named(name, id, ret_text);
}

/* ---- the visit ---- */

static void put_time(const struct writer *w, const char *label, const char *time)
{
    if (strlen(time) < CLOCK_AT + CLOCK_LEN) {
        put(w, 0, "%s: %s", label, time[0] ? time : _("not yet"));
    } else {
        const char *zone = time + strlen(time) - REPORT_ZONE_TEXT;
        bool own = strcmp(zone, w->body->zone) == 0;
        put(w, 0, "%s: %.10s %.*s%s%s", label, time, MINUTE_LEN, time + CLOCK_AT, own ? "" : " ", own ? "" : zone);
    }
}

static void put_field(const struct writer *w, const struct field_value *value)
{
    const struct flow_field *field = w->body->flow ? flow_field(w->body->flow, value->name) : NULL;
    const char *label = field ? text_field_label(field) : text_field(value->name);
    char place[NAMED_BYTES];
    if (strcmp(value->name, "region") == 0)
        put(w, 0, "%s: %s", label, region(w, value->value, place));
    else
        put(w, 0, "%s: %s", label, field && field->kind == FLOW_CHOICE ? text_choice(value->value) : value->value);
}

static void put_visit(const struct writer *w)
{
    const struct report_head *head = w->body->head;
    const struct document *document = head->document;
    char who[NAMED_BYTES];
    put(w, 0, "%s %s", w->body->flow ? text_flow_label(w->body->flow) : text_flow(document->flow), document->no);
    put(w, 0, "%s: %s", _("Auditor"), named(head->operator_name, head->operator, who));
    if (w->body->device)
        put(w, 0, "%s: %lld", _("Device"), (long long)w->body->device);
    put_time(w, _("Begun"), head->opened);
    put_time(w, _("Ended"), head->closed);
    for (int i = 0; i < document->field_count; i++)
        put_field(w, &document->fields[i]);
    for (int i = 0; i < head->field_count; i++)
        if (head->fields[i].value[0] &&
            strcmp(document_field(document, head->fields[i].name), head->fields[i].value) != 0)
            put_field(w, &head->fields[i]);
}

/* ---- how many ---- */

static reason_set all_of(const struct report_goods *goods)
{
    return goods->findings | REASON_BIT(goods->reason);
}

static void put_sums(const struct writer *w)
{
    char number[QTY_TEXT_MAX + 1];
    qty_t all = 0;
    heading(w, _("How many"));
    for (size_t i = 0; i < w->body->goods_count; i++)
        all += w->body->goods[i].qty;
    put(w, 0, "%s: %s", _("Looked at"), qty_print(all, number));
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        qty_t sum = 0;
        for (size_t i = 0; i < w->body->goods_count; i++)
            if (all_of(&w->body->goods[i]) & REASON_BIT(reason))
                sum += w->body->goods[i].qty;
        if (sum)
            put(w, INDENT, "%s: %s", text_reason((enum reason)reason), qty_print(sum, number));
    }
    put(w, 0, "%s: %zu", _("Pictures and papers"), w->body->evidence_count);
}

/* ---- goods ---- */

/* Another piece has the same code: the later of the two was found to be cloned, and neither says which is the real one. */
static bool are_twins(const struct report_goods *one, const struct report_goods *other)
{
    return one != other && one->key[0] && strcmp(one->key, other->key) == 0 &&
           (all_of(one) | all_of(other)) & REASON_BIT(REASON_CLONED);
}

static bool has_twin(const struct writer *w, const struct report_goods *goods)
{
    for (size_t i = 0; i < w->body->goods_count; i++)
        if (are_twins(goods, &w->body->goods[i]))
            return true;
    return false;
}

/* Nothing more is to be said of them than that they were there. */
static bool is_sound(const struct writer *w, const struct report_goods *goods)
{
    return !has_twin(w, goods) && (all_of(goods) & ~(REASON_BIT(REASON_IN_REGION) | REASON_BIT(REASON_OK))) == 0 &&
           !goods->market.by_permit;
}

static void put_product(const struct writer *w, const struct report_goods *goods)
{
    char product[NAMED_BYTES], number[QTY_TEXT_MAX + 1];
    if (!goods->product[0])
        return;
    named(goods->product_name, goods->product, product);
    if (goods->lot[0])
        put(w, INDENT, _("%s, lot %s"), product, goods->lot);
    else
        put(w, INDENT, "%s", product);
    if (goods->qty != QTY_ONE)
        put(w, INDENT, _("Pieces: %s"), qty_print(goods->qty, number));
}

static void put_sale(const struct writer *w, const struct sale *sale, const char *name, bool earlier)
{
    char who[NAMED_BYTES], day[DAY_TEXT_MAX + 1], when[DAY_TEXT_MAX + ID_MAX + 8];
    if (name[0])
        named(name, sale->party, who);
    else
        party(w, sale->party, who);
    day_print(sale->at, day);
    snprintf(when, sizeof when, "%s%s%s", day, day[0] && sale->no[0] ? ", " : "", sale->no);
    put(w, INDENT, earlier ? _("Earlier: %s") : _("Sold to %s"), who);
    if (when[0])
        put(w, 2 * INDENT, "%s", when);
}

static void put_market(const struct writer *w, const struct report_goods *goods)
{
    const struct market *market = &goods->market;
    char who[NAMED_BYTES], day[DAY_TEXT_MAX + 1];
    if (market->sale.party[0])
        put_sale(w, &market->sale, market->party_name, false);
    if (market->allowed[0])
        put(w, INDENT, _("It belongs in %s"), region(w, market->allowed, who));
    if (market->by_permit)
        put(w, INDENT, "%s", _("Here by a permit"));
    if (market->owner[0])
        put(w, INDENT, _("Who sells it here: %s"), party(w, market->owner, who));
    for (int i = 0; i < market->earlier_count; i++)
        put_sale(w, &market->earlier[i], "", true);
    if (market->seen_region[0])
        put(w, INDENT, _("Seen on %s in %s"), day_print(market->seen_at, day), region(w, market->seen_region, who));
}

/* The others with the same code. */
static void put_clones(const struct writer *w, const struct report_goods *goods)
{
    for (size_t i = 0; i < w->body->goods_count; i++) {
        const struct report_goods *other = &w->body->goods[i];
        if (are_twins(goods, other))
            put(w, INDENT, _("The same code: record %lld"), (long long)other->seq);
    }
}

/* "The shelf: p.jpg", "The shelf: monday/p.jpg" */
static void put_file(const struct writer *w, int indent, const struct report_evidence *evidence)
{
    put(w, indent, "%s: %s%s%s", report_text_evidence(evidence->kind), evidence->folder,
        evidence->folder[0] ? "/" : "", evidence->file);
}

static void put_pictures(const struct writer *w, int64_t seq)
{
    for (size_t i = 0; i < w->body->evidence_count; i++) {
        const struct report_evidence *evidence = &w->body->evidence[i];
        if (evidence->of == seq)
            put_file(w, INDENT, evidence);
    }
}

static void put_found(const struct writer *w, int number, const struct report_goods *goods)
{
    put(w, 0, "%d. %s", number, text_reason(goods->reason));
    for (int reason = 0; reason < REASON_COUNT; reason++)
        if (reason != (int)goods->reason && goods->findings & REASON_BIT(reason))
            put(w, INDENT, "+ %s", text_reason((enum reason)reason));
    put_product(w, goods);
    if (goods->printed[0])
        put(w, INDENT, _("Printed on it: %s"), goods->printed);
    if (goods->key[0])
        put(w, INDENT, "%s", goods->key);
    put(w, INDENT, _("At %.8s, record %lld"), strlen(goods->at) > CLOCK_AT ? goods->at + CLOCK_AT : "",
        (long long)goods->seq);
    put_market(w, goods);
    put_clones(w, goods);
    put_pictures(w, goods->seq);
}

static void put_findings(const struct writer *w)
{
    int number = 0;
    for (size_t i = 0; i < w->body->goods_count; i++) {
        if (is_sound(w, &w->body->goods[i]))
            continue;
        if (number++ == 0)
            heading(w, _("Findings"));
        put_found(w, number, &w->body->goods[i]);
    }
}

/* Products and sellers once, their codes under them. */
static bool goes_on(const struct report_goods *before, const struct report_goods *goods)
{
    return before && goods->qty == QTY_ONE && before->qty == QTY_ONE &&
           strcmp(before->product, goods->product) == 0 && strcmp(before->lot, goods->lot) == 0 &&
           strcmp(before->market.sale.party, goods->market.sale.party) == 0 &&
           strcmp(before->market.sale.no, goods->market.sale.no) == 0;
}

static void put_sound(const struct writer *w)
{
    const struct report_goods *before = NULL;
    for (size_t i = 0; i < w->body->goods_count; i++) {
        const struct report_goods *goods = &w->body->goods[i];
        if (!is_sound(w, goods))
            continue;
        if (!before)
            heading(w, _("Nothing amiss"));
        if (!goes_on(before, goods)) {
            put_product(w, goods);
            put_market(w, goods);
        }
        if (goods->key[0])
            put(w, 2 * INDENT, "%s", goods->key);
        put_pictures(w, goods->seq);
        before = goods;
    }
}

/* ---- evidence ---- */

static void put_evidence(const struct writer *w)
{
    if (w->body->evidence_count > 0)
        heading(w, _("Pictures and papers"));
    for (size_t i = 0; i < w->body->evidence_count; i++) {
        const struct report_evidence *evidence = &w->body->evidence[i];
        put_file(w, 0, evidence);
        if (evidence->of)
            put(w, INDENT, _("of record %lld"), (long long)evidence->of);
        put(w, INDENT, _("%lld bytes, BLAKE2b-256"), (long long)evidence->bytes);
        put(w, INDENT, "%s", evidence->hash);
    }
}

void report_text(const struct report_body *body, int width, void (*line)(void *context, const char *text),
                 void *context)
{
    const struct writer w = {body, width < REPORT_TEXT_WIDTH_MIN ? REPORT_TEXT_WIDTH_MIN : width, line, context};
    put_visit(&w);
    put_sums(&w);
    put_findings(&w);
    put_sound(&w);
    put_evidence(&w);
}
