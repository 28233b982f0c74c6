/* A record's body: the exact JSON text that is journaled, hashed and pushed. sync/PROTOCOL.md lists the members. */
#include "app/store/groups.h"
#include "app/store/json_text.h"
#include <stdlib.h>
#include <string.h>

static const char *const KINDS[RECORD_KIND_COUNT] = {
    [RECORD_OPEN] = "open",           [RECORD_SCAN] = "scan",
    [RECORD_CONFIRM] = "confirm",     [RECORD_UNDO] = "undo",
    [RECORD_SET_ASIDE] = "set-aside", [RECORD_RECHECK] = "recheck",
    [RECORD_COMPLETE] = "complete",   [RECORD_ABANDON] = "abandon",
    [RECORD_SIGN_IN] = "sign-in",     [RECORD_SIGN_FAILED] = "sign-failed",
    [RECORD_SIGN_OUT] = "sign-out",   [RECORD_CONTEXT] = "context",
    [RECORD_EVIDENCE] = "evidence",   [RECORD_ANSWER] = "answer",
};

const char *record_kind_word(enum record_kind kind)
{
    return KINDS[kind];
}

bool record_kind_from_word(const char *word, enum record_kind *ret_kind)
{
    for (int i = 0; i < RECORD_KIND_COUNT; i++)
        if (strcmp(KINDS[i], word) == 0) {
            *ret_kind = (enum record_kind)i;
            return true;
        }
    return false;
}

static void put_qty(struct json_text *json, const char *name, qty_t qty)
{
    char text[QTY_TEXT_MAX + 1];
    json_text_string(json, name, qty_print(qty, text));
}

static void put_text_or_null(struct json_text *json, const char *name, const char *text)
{
    if (text[0])
        json_text_string(json, name, text);
    else
        json_text_literal(json, name, "null");
}

static void put_raw(struct json_text *json, const struct scan *scan)
{
    json_text_base64(json, "raw", scan->bytes, scan->len);
    if (scan->flags & SCAN_BRACKETS)
        json_text_literal(json, "typed", "true");
}

static void put_verdict(struct json_text *json, const struct verdict *verdict)
{
    json_text_string(json, "reason", reason_word(verdict->reason));
    json_text_string(json, "severity", severity_word(verdict->severity));
    json_text_open(json, "findings", '[');
    for (int i = 0; i < REASON_COUNT; i++)
        if (verdict->findings & REASON_BIT(i))
            json_text_string(json, NULL, reason_word((enum reason)i));
    json_text_close(json, ']');
    put_qty(json, "qty", verdict->qty);
}

static const char *first_line(const struct record *record)
{
    bool any = record->verdict && record->document && record->verdict->allocation_count > 0 &&
               record->verdict->allocations[0].line != LINE_NONE;
    return any ? record->document->lines[record->verdict->allocations[0].line].line : "";
}

static void put_allocations(struct json_text *json, const struct record *record)
{
    json_text_open(json, "alloc", '[');
    for (int i = 0; i < record->verdict->allocation_count; i++) {
        const struct allocation *allocation = &record->verdict->allocations[i];
        json_text_open(json, NULL, '{');
        bool none = allocation->line == LINE_NONE;
        json_text_string(json, "line", none ? "" : record->document->lines[allocation->line].line);
        if (none)
            json_text_string(json, "product", allocation->product);
        else if (record->document->lines[allocation->line].doc[0])
            json_text_string(json, "doc", record->document->lines[allocation->line].doc);
        put_qty(json, "qty", allocation->qty);
        json_text_string(json, "lot", allocation->lot);
        json_text_close(json, '}');
    }
    json_text_close(json, ']');
}

static void put_facts(struct json_text *json, const struct facts *facts)
{
    char holder[HOLDER_MAX + 1];
    json_text_string(json, "product", facts->product_known ? facts->product.id : "");
    json_text_string(json, "lot", facts->lot.id);
    json_text_integer(json, "level", facts->level);
    json_text_string(json, "holder", holder_print(&facts->holder, holder));
    if (!facts->contents_digest[0])
        return;
    json_text_open(json, "contents", '{');
    json_text_integer(json, "count", facts->contents_count);
    json_text_string(json, "digest", facts->contents_digest);
    json_text_close(json, '}');
}

static void put_keys(struct json_text *json, const char *name, const char *const *keys, size_t count)
{
    json_text_open(json, name, '[');
    for (size_t i = 0; i < count; i++)
        json_text_string(json, NULL, keys[i]);
    json_text_close(json, ']');
}

static void put_pack(struct json_text *json, const struct record_pack *pack)
{
    json_text_open(json, "pack", '{');
    json_text_string(json, "parent", pack->parent);
    json_text_integer(json, "level", pack->level);
    if (pack->all)
        json_text_literal(json, "all", "true");
    put_keys(json, "in", pack->in, pack->in_count);
    put_keys(json, "out", pack->out, pack->out_count);
    json_text_close(json, '}');
}

static void put_day(struct json_text *json, const char *name, day_t day)
{
    char text[DAY_TEXT_MAX + 1];
    put_text_or_null(json, name, day_print(day, text));
}

static void put_sale(struct json_text *json, const char *name, const struct sale *sale)
{
    json_text_open(json, name, '{');
    json_text_string(json, "to", sale->party);
    put_day(json, "at", sale->at);
    put_text_or_null(json, "doc", sale->no);
    json_text_close(json, '}');
}

/* What the auditor was shown: the server may know more by now. */
static void put_market(struct json_text *json, const struct market *market)
{
    json_text_open(json, "market", '{');
    if (market->sale.party[0])
        put_sale(json, "sold", &market->sale);
    if (market->allowed[0])
        json_text_string(json, "allowed", market->allowed);
    if (market->owner[0])
        json_text_string(json, "owner", market->owner);
    if (market->by_permit)
        json_text_literal(json, "permit", "true");
    if (market->seen_region[0]) {
        json_text_open(json, "seen", '{');
        json_text_string(json, "region", market->seen_region);
        put_day(json, "at", market->seen_at);
        json_text_close(json, '}');
    }
    json_text_open(json, "earlier", '[');
    for (int i = 0; i < market->earlier_count; i++)
        put_sale(json, NULL, &market->earlier[i]);
    json_text_close(json, ']');
    json_text_close(json, '}');
    if (market->another)
        json_text_literal(json, "another", "true");
}

static void put_defaced(struct json_text *json, const struct record_defaced *defaced)
{
    json_text_open(json, "defaced", '{');
    json_text_string(json, "product", defaced->product);
    json_text_string(json, "lot", defaced->lot);
    json_text_string(json, "time", defaced->printed);
    put_qty(json, "count", defaced->count);
    json_text_close(json, '}');
}

/* What it does besides being counted. */
static void put_work(struct json_text *json, const struct record *record)
{
    char holder[HOLDER_MAX + 1];
    if (record->goes_to)
        json_text_string(json, "to", holder_print(record->goes_to, holder));
    if (record->facts && record->facts->bound)
        json_text_literal(json, "bound", "true");
    if (record->facts && record->facts->is_label)
        json_text_literal(json, "mark", "true");
    if (record->facts && record->facts->sets_context)
        json_text_literal(json, "context", "true");
    if (record->facts && record->flow && record->flow->judges)
        put_market(json, &record->facts->market);
    if (record->defaced)
        put_defaced(json, record->defaced);
    if (record->pack)
        put_pack(json, record->pack);
    if (record->relabel) {
        json_text_open(json, "relabel", '{');
        json_text_string(json, "old", record->relabel->old);
        json_text_string(json, "new", record->relabel->fresh);
        json_text_close(json, '}');
    }
    if (record->kind == RECORD_UNDO && record->condition != STATE_ACTIVE)
        json_text_string(json, "condition", code_state_word(record->condition));
}

static void put_judged(struct json_text *json, const struct record *record)
{
    if (record->scan)
        put_raw(json, record->scan);
    if (record->code) {
        json_text_string(json, "aim", record->code->aim);
        json_text_integer(json, "parser", CODE_PARSER_VERSION);
        if (record->code->pattern[0]) {
            json_text_string(json, "pattern", record->code->pattern);
            json_text_string(json, "pattern_version", record->code->pattern_version);
        }
        if (record->label)
            json_text_integer(json, "label", record->label);
    }
    if (record->facts && record->facts->key[0])
        json_text_string(json, "key", record->facts->key);
    else if (record->code)
        json_text_string(json, "key", record->code->key);
    if (record->facts)
        put_facts(json, record->facts);
    if (!record->verdict)
        return;
    json_text_string(json, "line", first_line(record));
    put_verdict(json, record->verdict);
    if (record->document)
        put_allocations(json, record);
}

static void put_lines(struct json_text *json, const struct document *document)
{
    json_text_open(json, "lines", '[');
    for (size_t i = 0; i < document->line_count; i++) {
        const struct line *line = &document->lines[i];
        json_text_open(json, NULL, '{');
        json_text_string(json, "line", line->line);
        if (line->doc[0])
            json_text_string(json, "doc", line->doc);
        json_text_string(json, "product", line->product);
        put_qty(json, "qty", line->qty);
        put_qty(json, "tolerance", line->tolerance);
        put_text_or_null(json, "lot", line->lot);
        json_text_close(json, '}');
    }
    json_text_close(json, ']');
}

static void put_opening(struct json_text *json, const struct document *document)
{
    char holder[HOLDER_MAX + 1];
    const char *group = group_of(document->doc);
    json_text_string(json, "rev", document->rev);
    if (group)
        json_text_string(json, "group", group);
    if (document->own) {
        json_text_literal(json, "own", "true");
        json_text_open(json, "header", '{');
        for (int i = 0; i < document->field_count; i++)
            json_text_field(json, document->fields[i].name, document->fields[i].value);
        json_text_close(json, '}');
    }
    json_text_string(json, "from", holder_print(&document->from, holder));
    json_text_string(json, "to", holder_print(&document->to, holder));
    put_lines(json, document);
}

static void put_head(struct json_text *json, const struct store *store, const struct record *record, int64_t seq)
{
    char at[TIME_TEXT_MAX + 1];
    json_text_integer(json, "device", store->device);
    json_text_integer(json, "epoch", store_epoch(store));
    json_text_integer(json, "seq", seq);
    json_text_string(json, "at", time_print(record->at_ms, record->offset_min, at));
    if (record->mono_ns)
        json_text_integer(json, "mono", record->mono_ns);
    json_text_string(json, "kind", record_kind_word(record->kind));
    json_text_string(json, "operator", record->operator? record->operator: "");
    json_text_string(json, "site", record->site ? record->site : "");
    if (record->doc && record->doc[0])
        json_text_string(json, "doc", record->doc);
    if (record->document) {
        json_text_string(json, "no", record->document->no);
        json_text_string(json, "flow", record->document->flow);
    }
    if (record->ref)
        json_text_integer(json, "ref", record->ref);
}

char *record_body(const struct store *store, const struct record *record, int64_t seq)
{
    struct json_text json = {NULL, 0, 0, false};
    json_text_open(&json, NULL, '{');
    put_head(&json, store, record, seq);
    if (record->kind == RECORD_OPEN)
        put_opening(&json, record->document);
    if (record->kind == RECORD_CONTEXT) {
        json_text_string(&json, "product", record->document->context_product);
        json_text_string(&json, "lot", record->document->context_lot);
    }
    put_judged(&json, record);
    put_work(&json, record);
    json_text_members(&json, record->extra);
    json_text_close(&json, '}');
    return json_text_end(&json);
}
