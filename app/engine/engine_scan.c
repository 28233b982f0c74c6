/* Scanning: facts → judge → append. One record, one commit, then the beep. */
#include "app/engine/engine_private.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_LOOK_BACK = 64 }; /* records */

static void count_lines(struct document *document, const struct verdict *verdict)
{
    for (int i = 0; i < verdict->allocation_count; i++)
        if (verdict->allocations[i].line != LINE_NONE)
            document->lines[verdict->allocations[i].line].tallied += verdict->allocations[i].qty;
}

static bool line_full(const struct line *line)
{
    return line->tallied >= line->qty - line->tolerance;
}

static bool order_full(const struct document *document)
{
    for (size_t i = 0; i < document->line_count; i++)
        if (!line_full(&document->lines[i]))
            return false;
    return document->line_count > 0;
}

static qty_t case_units(const struct product *product)
{
    return product->pack_count > 0 ? product->packs[0].units : 0;
}

/* Without the places of groups and allocations that nothing is in: they are most of both. */
static void copy_facts(struct facts *to, const struct facts *from)
{
    size_t after = offsetof(struct facts, groups) + sizeof from->groups;
    memcpy(to, from, offsetof(struct facts, groups));
    memcpy(to->groups, from->groups, (size_t)from->group_count * sizeof from->groups[0]);
    memcpy((char *)to + after, (const char *)from + after, sizeof *to - after);
}

static void copy_verdict(struct verdict *to, const struct verdict *from)
{
    memcpy(to, from, offsetof(struct verdict, allocations));
    memcpy(to->allocations, from->allocations, (size_t)from->allocation_count * sizeof from->allocations[0]);
}

void engine_fill_outcome(struct engine *engine, const struct judged *judged, int64_t seq, struct outcome *ret_outcome)
{
    struct document *document = engine->document;
    const struct verdict *verdict = &judged->verdict;
    bool counts = engine_counts(judged);
    if (counts)
        count_lines(document, verdict);
    ret_outcome->document = document;
    ret_outcome->seq = seq;
    memcpy(ret_outcome->doc, document->doc, sizeof ret_outcome->doc);
    ret_outcome->code = judged->code;
    copy_facts(&ret_outcome->facts, &judged->facts);
    copy_verdict(&ret_outcome->verdict, verdict);
    ret_outcome->line[0] = '\0';
    ret_outcome->line_qty = ret_outcome->line_tallied = 0;
    ret_outcome->line_done = false;
    if (verdict->allocation_count > 0 && verdict->allocations[0].line != LINE_NONE) {
        const struct line *line = &document->lines[verdict->allocations[0].line];
        memcpy(ret_outcome->line, line->line, sizeof ret_outcome->line);
        ret_outcome->line_qty = line->qty;
        ret_outcome->line_tallied = line->tallied;
        ret_outcome->line_done = counts && line_full(line);
    }
    ret_outcome->expected_units = judged->facts.product_known ? case_units(&judged->facts.product) : 0;
    ret_outcome->order_done = counts && order_full(document);
    ret_outcome->waiting = verdict->severity == SEVERITY_CONFIRM;
    ret_outcome->context_set = counts && judged->facts.sets_context;
    ret_outcome->to_quarantine = judged->apart && verdict->severity < SEVERITY_REJECT;
    ret_outcome->tick = judged->facts.repeat || judged->facts.fresh_duplicate;
    engine_pack_outcome(engine, judged, ret_outcome);
    ret_outcome->committed_ns = engine->clock->mono_ns(engine->clock->context);
}

/* The scan changed nothing of its document but the lines that engine_fill_outcome has counted. */
static bool only_counts(const struct document *document, const struct judged *judged)
{
    return judged->flow->work == WORK_COUNT && engine_counts(judged) && !judged->facts.sets_context &&
           document->latched == 0 && !judged->facts.other_document[0];
}

/* ---- labels of several symbols: what (02)(37)(10) said goes to the next (00) of the same document ---- */

static bool is_label_or_unit(const struct code *code)
{
    return code->kind == CODE_CONTENTS || code->kind == CODE_UNIT;
}

/* A label is kept, a unit's code ends the wait for it. */
static void keep_label(struct engine *engine, const struct code *code, const char *doc, int64_t seq)
{
    free(engine->label);
    engine->label_known = true;
    engine->label = code->kind == CODE_CONTENTS ? malloc(sizeof *engine->label) : NULL;
    if (!engine->label) /* without memory it has to be scanned again, as the verdict says */
        return;
    *engine->label = *code;
    engine->label_seq = seq;
    snprintf(engine->label_doc, sizeof engine->label_doc, "%s", doc);
}

/* The newest label or unit of the journal, as far back as a person may take between the symbols of one label. */
static enum rc find_label(struct engine *engine)
{
    int64_t last = store_last_seq(engine->store), opened = engine->document->opened_seq;
    struct code *code = malloc(sizeof *code);
    enum rc rc = code ? RC_OK : RC_NOMEM;
    for (int64_t seq = last; rc == RC_OK && seq > opened && seq > last - LABEL_LOOK_BACK; seq--) {
        struct store_tally tally;
        char doc[DOC_MAX + 1];
        rc = store_tally(engine->store, seq, &tally, doc);
        if (rc == RC_OK)
            rc = store_tally_code(engine->store, seq, code);
        if (rc == RC_OK && is_label_or_unit(code)) {
            keep_label(engine, code, doc, seq);
            break;
        }
        rc = rc == RC_NOT_FOUND ? RC_OK : rc; /* another kind of record */
    }
    engine->label_known |= rc == RC_OK;
    free(code);
    return rc;
}

static enum rc merge_label(struct engine *engine, struct judged *judged)
{
    int year = engine_year_of(&judged->context);
    if (judged->code.kind != CODE_UNIT)
        return RC_OK;
    enum rc rc = engine->label_known ? RC_OK : find_label(engine);
    bool has_one = engine->label && strcmp(engine->label_doc, engine->document->doc) == 0;
    if (rc == RC_OK && has_one && code_merge_contents(&judged->code, engine->label, year))
        judged->label_seq = engine->label_seq;
    return rc;
}

static enum rc append_scan(struct engine *engine, const struct scan *scan, const struct judged *judged,
                           int64_t *ret_seq)
{
    struct packing packing = {.packs = false};
    enum rc rc = engine_counts(judged) ? engine_pack(engine, judged, &packing) : RC_OK;
    struct record record = engine_judged_record(engine, RECORD_SCAN, judged);
    engine_packing_into(&packing, &record);
    record.at_ms = scan->wall_ms ? scan->wall_ms : record.at_ms;
    record.mono_ns = scan->mono_ns;
    record.label = judged->label_seq;
    record.scan = scan;
    if (rc == RC_OK)
        rc = store_append(engine->store, &record, ret_seq);
    engine_packing_free(&packing);
    return rc;
}

/* Pieces are not counted in halves: what was typed goes by the product's decimals. */
static enum rc check_typed(qty_t typed_qty, const struct facts *facts)
{
    if (typed_qty <= 0 || !facts->product_known || facts->group_count == 0 || facts->groups[0].qty != typed_qty)
        return RC_OK;
    qty_t step = QTY_ONE;
    for (int i = 0; i < facts->product.decimals && step > 1; i++)
        step /= 10;
    return typed_qty % step == 0 ? RC_OK : RC_FRACTION;
}

static enum rc scan_held(struct engine *engine, const char *doc, const struct scan *scan, qty_t typed_qty,
                         struct outcome *ret_outcome)
{
    enum rc rc = engine_load_kept(engine, doc);
    if (rc == RC_OK && engine->document->state == DOCUMENT_READY)
        rc = engine_open_loaded(engine);
    if (rc == RC_OK)
        rc = engine_check_role(engine);
    if (rc != RC_OK)
        return rc;
    struct judged *judged = malloc(sizeof *judged);
    if (!judged)
        return RC_NOMEM;
    int64_t seq = 0;
    engine_context(engine, &judged->context);
    judged->label_seq = 0;
    judged->another = judged->defaced = false;
    rc = store_read_code(engine->store, scan, engine_year_of(&judged->context), &judged->code);
    if (rc == RC_OK)
        rc = merge_label(engine, judged);
    if (rc == RC_OK)
        rc = engine_judge(engine, typed_qty, scan->mono_ns, 0, judged);
    if (rc == RC_OK)
        rc = check_typed(typed_qty, &judged->facts);
    if (rc == RC_OK)
        rc = append_scan(engine, scan, judged, &seq);
    if (rc == RC_OK) {
        if (is_label_or_unit(&judged->code))
            keep_label(engine, &judged->code, engine->document->doc, seq);
        engine_fill_outcome(engine, judged, seq, ret_outcome);
        engine_keep(engine, only_counts(engine->document, judged) ? seq : -1);
    }
    if (rc == RC_CORRUPT)
        engine->document_seq = -1; /* what the catalog says of the document may have been missed */
    free(judged);
    return rc;
}

enum rc engine_scan(struct engine *engine, const char *doc, const struct scan *scan, qty_t typed_qty,
                    struct outcome *ret_outcome)
{
    enum rc rc = store_hold(engine->store);
    if (rc == RC_OK)
        rc = scan_held(engine, doc, scan, typed_qty, ret_outcome);
    store_release(engine->store);
    return rc;
}
