/* A record's body: the exact JSON text that is journaled, hashed and pushed. sync/PROTOCOL.md lists the members. */
#include "app/store/store_private.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char *const KINDS[RECORD_KIND_COUNT] = {
    [RECORD_OPEN] = "open",           [RECORD_SCAN] = "scan",
    [RECORD_CONFIRM] = "confirm",     [RECORD_UNDO] = "undo",
    [RECORD_SET_ASIDE] = "set-aside", [RECORD_RECHECK] = "recheck",
    [RECORD_COMPLETE] = "complete",   [RECORD_ABANDON] = "abandon",
    [RECORD_SIGN_IN] = "sign-in",     [RECORD_SIGN_FAILED] = "sign-failed",
    [RECORD_SIGN_OUT] = "sign-out",
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

static void put(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

/* Text that may come from anywhere: what is no UTF-8 is left out rather than losing the record. */
static void put_text(json_t *object, const char *name, const char *text)
{
    json_t *value = json_string(text);
    put(object, name, value ? value : json_string(""));
}

static void put_qty(json_t *object, const char *name, qty_t qty)
{
    char text[QTY_TEXT_MAX + 1];
    put(object, name, json_string(qty_print(qty, text)));
}

static void put_text_or_null(json_t *object, const char *name, const char *text)
{
    put(object, name, text[0] ? json_string(text) : json_null());
}

static void put_raw(json_t *object, const struct scan *scan)
{
    enum { VARIANT = sodium_base64_VARIANT_ORIGINAL };
    size_t size = sodium_base64_ENCODED_LEN(scan->len, VARIANT);
    char *text = malloc(size);
    if (!text)
        return;
    put(object, "raw", json_string(sodium_bin2base64(text, size, scan->bytes, scan->len, VARIANT)));
    free(text);
    if (scan->flags & SCAN_BRACKETS)
        put(object, "typed", json_true());
}

static void put_verdict(json_t *object, const struct verdict *verdict)
{
    put_text(object, "reason", reason_word(verdict->reason));
    put_text(object, "severity", severity_word(verdict->severity));
    json_t *findings = json_array();
    for (int i = 0; i < REASON_COUNT; i++)
        if (verdict->findings & REASON_BIT(i))
            json_array_append_new(findings, json_string(reason_word((enum reason)i)));
    put(object, "findings", findings);
    put_qty(object, "qty", verdict->qty);
}

static const char *first_line(const struct record *record)
{
    bool any = record->verdict && record->document && record->verdict->allocation_count > 0;
    return any ? record->document->lines[record->verdict->allocations[0].line].line : "";
}

static void put_allocations(json_t *object, const struct record *record)
{
    json_t *list = json_array();
    for (int i = 0; i < record->verdict->allocation_count; i++) {
        const struct allocation *allocation = &record->verdict->allocations[i];
        json_t *one = json_object();
        put_text(one, "line", record->document->lines[allocation->line].line);
        put_qty(one, "qty", allocation->qty);
        put_text(one, "lot", allocation->lot);
        json_array_append_new(list, one);
    }
    put(object, "alloc", list);
}

static void put_facts(json_t *object, const struct facts *facts)
{
    char holder[HOLDER_MAX + 1];
    put_text(object, "product", facts->product_known ? facts->product.id : "");
    put_text(object, "lot", facts->lot.id);
    put(object, "level", json_integer(facts->level));
    put_text(object, "holder", holder_print(&facts->holder, holder));
    if (!facts->contents_digest[0])
        return;
    json_t *contents = json_object();
    put(contents, "count", json_integer(facts->contents_count));
    put_text(contents, "digest", facts->contents_digest);
    put(object, "contents", contents);
}

static void put_judged(json_t *object, const struct record *record)
{
    if (record->scan)
        put_raw(object, record->scan);
    if (record->code) {
        put_text(object, "aim", record->code->aim);
        put(object, "parser", json_integer(CODE_PARSER_VERSION));
    }
    if (record->facts && record->facts->key[0])
        put_text(object, "key", record->facts->key);
    else if (record->code)
        put_text(object, "key", record->code->key);
    if (record->facts)
        put_facts(object, record->facts);
    if (!record->verdict)
        return;
    put_text(object, "line", first_line(record));
    put_verdict(object, record->verdict);
    if (record->document)
        put_allocations(object, record);
}

static void put_lines(json_t *object, const struct document *document)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < document->line_count; i++) {
        const struct line *line = &document->lines[i];
        json_t *one = json_object();
        put_text(one, "line", line->line);
        put_text(one, "product", line->product);
        put_qty(one, "qty", line->qty);
        put_qty(one, "tolerance", line->tolerance);
        put_text_or_null(one, "lot", line->lot);
        json_array_append_new(lines, one);
    }
    put(object, "lines", lines);
}

static void put_opening(json_t *object, const struct document *document)
{
    char holder[HOLDER_MAX + 1];
    put_text(object, "rev", document->rev);
    put_text(object, "from", holder_print(&document->from, holder));
    put_text(object, "to", holder_print(&document->to, holder));
    put_lines(object, document);
}

static void put_head(json_t *object, const struct store *store, const struct record *record, int64_t seq)
{
    char at[TIME_TEXT_MAX + 1];
    put(object, "device", json_integer(store->device));
    put(object, "epoch", json_integer(store->epoch));
    put(object, "seq", json_integer(seq));
    put_text(object, "at", time_print(record->at_ms, record->offset_min, at));
    if (record->mono_ns)
        put(object, "mono", json_integer(record->mono_ns));
    put_text(object, "kind", record_kind_word(record->kind));
    put_text(object, "operator", record->operator? record->operator: "");
    put_text(object, "site", record->site ? record->site : "");
    if (record->doc && record->doc[0])
        put_text(object, "doc", record->doc);
    if (record->document) {
        put_text(object, "no", record->document->no);
        put_text(object, "flow", record->document->flow);
    }
    if (record->ref)
        put(object, "ref", json_integer(record->ref));
}

char *record_body(const struct store *store, const struct record *record, int64_t seq)
{
    json_t *object = json_object();
    if (!object)
        return NULL;
    put_head(object, store, record, seq);
    if (record->kind == RECORD_OPEN)
        put_opening(object, record->document);
    put_judged(object, record);
    const char *name;
    json_t *value;
    void *extra = record->extra ? json_incref((json_t *)(uintptr_t)record->extra) : NULL;
    json_object_foreach((json_t *)extra, name, value) json_object_set(object, name, value);
    json_decref(extra);
    char *body = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return body;
}
