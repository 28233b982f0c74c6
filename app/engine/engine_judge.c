/* Facts → judge: one scan, or one tally again, against engine->document. */
#include "app/engine/engine_private.h"
#include <string.h>

/* Goods that something is wrong with and that count all the same, because the flow or, going live, the site lets them:
 * they count in a case too. */
static reason_set let_go(const struct judge_context *context, const struct flow *flow,
                         const struct document *document)
{
    static const enum reason reasons[] = {REASON_RECALLED, REASON_VOID_CODE, REASON_ON_HOLD, REASON_EXPIRED};
    reason_set set = 0;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (flow_severity(flow, context->policy, context->today, document, reasons[i]) < SEVERITY_CONFIRM)
            set |= REASON_BIT(reasons[i]);
    return set;
}

/* Only what does not go where the rest goes is told apart; the quarantine site is this device's word, so it is told
 * whenever something goes there. */
static void send_apart(const struct engine *engine, struct judged *judged)
{
    const struct flow *flow = judged->flow;
    reason_set found = judged->verdict.findings | REASON_BIT(judged->verdict.reason);
    bool goods = judged->verdict.qty > 0 || judged->facts.code_known || engine->document->dealer[0];
    bool apart = flow_apart(flow, engine->document) & found;
    judged->apart = goods && (apart || flow->after == GO_QUARANTINE);
    if (judged->apart)
        flow_destination(flow, engine->document, judged->context.site, engine->quarantine, found, &judged->goes_to);
}

enum rc engine_judge(struct engine *engine, qty_t typed_qty, int64_t mono_ns, int64_t ignore_seq,
                     struct judged *judged)
{
    const struct document *document = engine->document;
    judged->flow = engine_flow(engine, document->flow);
    if (!judged->flow)
        return engine_no_flow(engine, document->flow);
    struct facts_request request = {.doc = document->doc,
                                    .document = document,
                                    .flow = judged->flow,
                                    .policy = judged->context.policy,
                                    .site = judged->context.site,
                                    .today = judged->context.today,
                                    .code = &judged->code,
                                    .typed_qty = typed_qty,
                                    .mono_ns = mono_ns,
                                    .ignore_seq = ignore_seq,
                                    .another = judged->another,
                                    .let_go = let_go(&judged->context, judged->flow, document)};
    enum rc rc = store_facts(engine->store, &request, &judged->facts);
    if (rc != RC_OK)
        return rc;
    judged->facts.market.defaced = judged->defaced;
    judge(&judged->context, judged->flow, document, &judged->code, &judged->facts, &judged->verdict);
    send_apart(engine, judged);
    return RC_OK;
}

struct record engine_judged_record(struct engine *engine, enum record_kind kind, const struct judged *judged)
{
    struct record record = engine_document_record(engine, kind);
    record.code = &judged->code;
    record.facts = &judged->facts;
    record.verdict = &judged->verdict;
    record.goes_to = judged->apart ? &judged->goes_to : NULL;
    return record;
}

bool engine_counts(const struct judged *judged)
{
    return judged->verdict.severity <= SEVERITY_WARN;
}
