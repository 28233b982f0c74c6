/* Latched goods that nothing stands against any more. */
#include "app/engine/engine_private.h"
#include <stdlib.h>

enum { FREED_MAX = 200 };

struct freeing {
    struct engine *engine;
    struct judge_context context;
    bool (*visit)(void *context, const struct store_tally *tally);
    void *visit_context;
    size_t count;
    struct store_tally latched[FREED_MAX];
    struct code code;
    struct facts facts;
    struct verdict verdict;
};

static bool collect(void *context, const struct store_tally *tally)
{
    struct freeing *freeing = context;
    if (tally->latched)
        freeing->latched[freeing->count++] = *tally;
    return freeing->count < FREED_MAX;
}

static bool is_free(struct freeing *freeing, const struct flow *flow, const struct store_tally *tally)
{
    struct engine *engine = freeing->engine;
    const struct facts_request request = {.doc = engine->document->doc,
                                          .document = engine->document,
                                          .flow = flow,
                                          .policy = freeing->context.policy,
                                          .site = freeing->context.site,
                                          .today = freeing->context.today,
                                          .code = &freeing->code,
                                          .ignore_seq = tally->seq};
    if (store_tally_code(engine->store, tally->seq, &freeing->code) != RC_OK ||
        store_facts(engine->store, &request, &freeing->facts) != RC_OK)
        return false;
    judge(&freeing->context, flow, engine->document, &freeing->code, &freeing->facts, &freeing->verdict);
    return freeing->verdict.severity < SEVERITY_REJECT;
}

static enum rc freed_held(struct freeing *freeing, const char *doc)
{
    struct engine *engine = freeing->engine;
    enum rc rc = engine_load(engine, doc);
    if (rc != RC_OK)
        return rc;
    const struct flow *flow = flow_find(engine->document->flow);
    if (!flow || engine->document->state != DOCUMENT_OPEN)
        return RC_OK;
    engine_context(engine, &freeing->context);
    rc = store_tallies(engine->store, engine->document->doc, INT32_MAX, collect, freeing);
    for (size_t i = 0; rc == RC_OK && i < freeing->count; i++)
        if (is_free(freeing, flow, &freeing->latched[i]) &&
            !freeing->visit(freeing->visit_context, &freeing->latched[i]))
            break;
    return rc;
}

enum rc engine_freed(struct engine *engine, const char *doc,
                     bool (*visit)(void *context, const struct store_tally *tally), void *context)
{
    struct freeing *freeing = calloc(1, sizeof *freeing);
    if (!freeing)
        return RC_NOMEM;
    freeing->engine = engine;
    freeing->visit = visit;
    freeing->visit_context = context;
    enum rc rc = store_hold(engine->store);
    if (rc == RC_OK)
        rc = freed_held(freeing, doc);
    store_release(engine->store);
    free(freeing);
    return rc;
}
