/* Flows as this site has them: the feed's rows over the built-in ones, kept until the catalog changes. */
#include "app/engine/engine_private.h"
#include <stdlib.h>
#include <string.h>

enum { FLOWS_KEPT_MAX = 256 };

struct flow_slot {
    char name[FLOW_NAME_MAX + 1];
    enum rc rc; /* of reading it: a damaged catalog may have told another flow than the built-in one */
    uint64_t version;
    struct flow flow;
};

void engine_flows_free(struct engine *engine)
{
    for (size_t i = 0; i < engine->flow_count; i++)
        free(engine->flows[i]);
    free(engine->flows);
}

static struct flow_slot *new_slot(struct engine *engine, const char *name)
{
    if (engine->flow_count == FLOWS_KEPT_MAX || strlen(name) > FLOW_NAME_MAX)
        return NULL;
    struct flow_slot **slots = realloc(engine->flows, (engine->flow_count + 1) * sizeof *slots);
    if (!slots)
        return NULL;
    engine->flows = slots;
    struct flow_slot *slot = calloc(1, sizeof *slot);
    if (!slot)
        return NULL;
    snprintf(slot->name, sizeof slot->name, "%s", name);
    slot->version = UINT64_MAX;
    return slots[engine->flow_count++] = slot;
}

static struct flow_slot *slot_of(struct engine *engine, const char *name)
{
    for (size_t i = 0; i < engine->flow_count; i++)
        if (strcmp(engine->flows[i]->name, name) == 0)
            return engine->flows[i];
    return new_slot(engine, name);
}

static void refresh(struct engine *engine, struct flow_slot *slot)
{
    struct catalog *catalog;
    const struct flow *built_in = flow_find(slot->name);
    slot->rc = store_catalog(engine->store, &catalog);
    if (slot->rc == RC_OK)
        slot->rc = catalog_flow(catalog, slot->name, &slot->flow);
    if (slot->rc != RC_NOT_FOUND || !built_in) /* what was there stays readable: somebody may still point to it */
        return;
    slot->flow = *built_in;
    slot->rc = RC_OK;
}

const struct flow *engine_flow(struct engine *engine, const char *name)
{
    struct flow_slot *slot = slot_of(engine, name);
    if (!slot)
        return flow_find(name);
    uint64_t version = store_catalog_version(engine->store);
    if (slot->version != version)
        refresh(engine, slot);
    slot->version = slot->rc == RC_OK || slot->rc == RC_NOT_FOUND ? version : UINT64_MAX;
    return slot->rc == RC_OK ? &slot->flow : NULL;
}

enum rc engine_no_flow(struct engine *engine, const char *name)
{
    const struct flow_slot *slot = slot_of(engine, name);
    return slot && slot->rc != RC_OK && slot->rc != RC_NOT_FOUND ? slot->rc : RC_REFUSED;
}

bool engine_can_start(const struct flow *flow)
{
    return flow->lines != LINES_DOCUMENT;
}

bool engine_has_role(const struct engine *engine, const struct flow *flow)
{
    return engine->signed_in && (flow->roles & engine->operator.role);
}

enum rc engine_check_role(struct engine *engine)
{
    const struct flow *flow = engine_flow(engine, engine->document->flow);
    if (!flow)
        return engine_no_flow(engine, engine->document->flow);
    return engine_has_role(engine, flow) ? RC_OK : RC_REFUSED;
}

/* ---- the list ---- */

/* Names first: whoever is shown a flow may ask the catalog for more. */
struct names {
    char (*names)[FLOW_NAME_MAX + 1];
    size_t count;
    bool no_memory;
};

static bool add_name(void *context, const char *name)
{
    struct names *names = context;
    if (flow_find(name) || names->count == FLOWS_KEPT_MAX)
        return true;
    char(*more)[FLOW_NAME_MAX + 1] = realloc(names->names, (names->count + 1) * sizeof *more);
    names->no_memory = !more;
    if (!more)
        return false;
    names->names = more;
    snprintf(more[names->count++], sizeof *more, "%s", name);
    return true;
}

static bool show(struct engine *engine, const char *name, bool (*visit)(void *context, const struct flow *flow),
                 void *context)
{
    const struct flow *flow = engine_flow(engine, name);
    return !flow || !engine_has_role(engine, flow) || visit(context, flow);
}

enum rc engine_flows(struct engine *engine, bool (*visit)(void *context, const struct flow *flow), void *context)
{
    struct names names = {.count = 0};
    struct catalog *catalog;
    enum rc rc = store_catalog(engine->store, &catalog);
    if (rc == RC_OK)
        rc = catalog_flows(catalog, add_name, &names);
    if (rc == RC_NOT_FOUND) /* without a catalog there are the built-in ones */
        rc = RC_OK;
    if (names.no_memory)
        rc = RC_NOMEM;
    bool more = rc == RC_OK;
    for (size_t i = 0; i < flow_count() && more; i++)
        more = show(engine, flow_at(i)->name, visit, context);
    for (size_t i = 0; i < names.count && more; i++)
        more = show(engine, names.names[i], visit, context);
    free(names.names);
    return rc;
}
