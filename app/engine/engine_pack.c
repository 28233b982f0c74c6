/* What a scan does besides being counted: packing, unpacking, replacing, relabelling. It travels in the record of the scan
 * that did it, so it is true in the moment the scan is on disk. */
#include "app/engine/engine_private.h"
#include <stdlib.h>
#include <string.h>

/* ---- keys ---- */

struct keys {
    char **keys;
    size_t count, room;
    enum rc rc;
};

static bool add_key(void *context, const char *key)
{
    struct keys *keys = context;
    if (keys->count == CONTENTS_MAX) {
        keys->rc = RC_TOO_BIG;
        return false;
    }
    if (keys->count == keys->room) {
        size_t room = keys->room ? keys->room * 2 : 16;
        char **more = realloc(keys->keys, room * sizeof *more);
        keys->rc = more ? RC_OK : RC_NOMEM;
        if (!more)
            return false;
        keys->keys = more;
        keys->room = room;
    }
    keys->keys[keys->count] = strdup(key);
    keys->rc = keys->keys[keys->count] ? RC_OK : RC_NOMEM;
    keys->count += keys->rc == RC_OK;
    return keys->rc == RC_OK;
}

static void goes_in(struct packing *packing, const struct keys *keys)
{
    packing->in = keys->keys;
    packing->in_count = keys->count;
}

static void comes_out(struct packing *packing, const struct keys *keys)
{
    packing->out = keys->keys;
    packing->out_count = keys->count;
}

static enum rc one_in(struct packing *packing, const char *key)
{
    struct keys keys = {.keys = NULL};
    add_key(&keys, key);
    goes_in(packing, &keys);
    return keys.rc;
}

static enum rc one_out(struct packing *packing, const char *key)
{
    struct keys keys = {.keys = NULL};
    add_key(&keys, key);
    comes_out(packing, &keys);
    return keys.rc;
}

static void begin(struct packing *packing, const char *parent, int level)
{
    packing->packs = true;
    packing->pack.level = level;
    snprintf(packing->parent, sizeof packing->parent, "%s", parent);
}

/* Whatever the container held: what this device knows by name, the rest without. */
static enum rc empty(struct engine *engine, struct packing *packing, const char *parent)
{
    struct keys keys = {.keys = NULL};
    enum rc rc = store_children(engine->store, parent, add_key, &keys);
    packing->pack.all = true;
    comes_out(packing, &keys);
    return rc == RC_OK ? keys.rc : rc;
}

static bool any_key(void *context, const char *key)
{
    bool *any = context;
    *any = key[0];
    return false;
}

/* ---- packing ---- */

/* A label whose known contents are all elsewhere is a container that is used again. */
static enum rc use_again(struct engine *engine, struct packing *packing, const char *label, int level)
{
    bool any = false;
    enum rc rc = store_children(engine->store, label, any_key, &any);
    if (rc != RC_OK || !any)
        return rc;
    begin(packing, label, level);
    return empty(engine, packing, label);
}

static enum rc pack_label(struct engine *engine, const struct facts *facts, struct packing *packing)
{
    const char *filling = engine->document->container;
    struct keys loose = {.keys = NULL};
    if (strcmp(filling, facts->key) == 0) /* scanned again: it is full */
        return RC_OK;
    enum rc rc = use_again(engine, packing, facts->key, facts->fill_level);
    if (rc != RC_OK || filling[0])
        return rc;
    rc = store_loose(engine->store, engine->document->doc, add_key, &loose);
    goes_in(packing, &loose);
    if (rc == RC_OK)
        rc = loose.rc;
    if (rc == RC_OK && loose.count > 0)
        begin(packing, facts->key, facts->fill_level);
    return rc;
}

static bool is_one_thing(const struct judged *judged)
{
    enum code_kind kind = judged->code.kind;
    return judged->facts.code_known || kind == CODE_ITEM || kind == CODE_UNIT || kind == CODE_PLAIN;
}

static enum rc pack(struct engine *engine, const struct judged *judged, struct packing *packing)
{
    const struct facts *facts = &judged->facts;
    const char *filling = engine->document->container;
    if (facts->is_label)
        return pack_label(engine, facts, packing);
    if (!filling[0] || !is_one_thing(judged)) /* a quantity is counted, nobody can find it in there again */
        return RC_OK;
    begin(packing, filling, facts->fill_level);
    return one_in(packing, facts->key);
}

/* ---- the other works ---- */

static enum rc unpack(struct engine *engine, const struct judged *judged, struct packing *packing)
{
    const struct facts *facts = &judged->facts;
    if (strcmp(document_field(engine->document, "mode"), "empty") == 0) {
        begin(packing, facts->key, facts->level);
        return empty(engine, packing, facts->key);
    }
    if (!facts->parent[0])
        return RC_OK;
    begin(packing, facts->parent, facts->level + 1);
    return one_out(packing, facts->key);
}

/* What a unit is in now, by its key. */
static enum rc parent_of(struct engine *engine, const struct judge_context *context, const char *key,
                         char *ret_parent)
{
    struct code *code = malloc(sizeof *code);
    struct facts *facts = malloc(sizeof *facts);
    enum rc rc = code && facts ? RC_OK : RC_NOMEM;
    if (rc == RC_OK) {
        code_parse_text(key, engine_year_of(context), code);
        struct facts_request request = {.doc = "", .site = context->site, .today = context->today, .code = code};
        rc = store_facts(engine->store, &request, facts);
    }
    if (rc == RC_OK)
        memcpy(ret_parent, facts->parent, sizeof facts->parent);
    free(code);
    free(facts);
    return rc;
}

static enum rc replace(struct engine *engine, const struct judged *judged, struct packing *packing)
{
    char parent[CODE_KEY_MAX + 1] = "";
    const char *old = engine->document->pending;
    if (!old[0])
        return RC_OK;
    enum rc rc = parent_of(engine, &judged->context, old, parent);
    if (rc != RC_OK || !parent[0])
        return rc;
    begin(packing, parent, judged->facts.level + 1);
    rc = one_in(packing, judged->facts.key);
    return rc == RC_OK ? one_out(packing, old) : rc;
}

static enum rc relabel(struct engine *engine, struct packing *packing)
{
    packing->relabels = engine->document->pending[0];
    memcpy(packing->old, engine->document->pending, sizeof packing->old);
    return RC_OK;
}

enum rc engine_pack(struct engine *engine, const struct judged *judged, struct packing *ret_packing)
{
    *ret_packing = (struct packing){.packs = false};
    if (judged->facts.sets_context || judged->code.problem != REASON_OK) /* no goods */
        return RC_OK;
    switch (judged->flow->work) {
    case WORK_COUNT: return RC_OK;
    case WORK_PACK: return pack(engine, judged, ret_packing);
    case WORK_UNPACK: return unpack(engine, judged, ret_packing);
    case WORK_REPLACE: return replace(engine, judged, ret_packing);
    case WORK_RELABEL: return relabel(engine, ret_packing);
    }
    return RC_OK;
}

static void free_keys(char **keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(keys[i]);
    free(keys);
}

void engine_packing_free(struct packing *packing)
{
    free_keys(packing->in, packing->in_count);
    free_keys(packing->out, packing->out_count);
}

void engine_packing_into(struct packing *packing, struct record *record)
{
    struct record_pack *pack = &packing->pack;
    if (packing->packs) {
        pack->parent = packing->parent;
        pack->in = (const char *const *)packing->in;
        pack->in_count = packing->in_count;
        pack->out = (const char *const *)packing->out;
        pack->out_count = packing->out_count;
        record->pack = pack;
    }
    if (packing->relabels) {
        packing->relabel = (struct record_relabel){packing->old, record->facts->key};
        record->relabel = &packing->relabel;
    }
}

/* ---- told to who scanned ---- */

static void label_outcome(struct document *document, const struct facts *facts, struct outcome *outcome)
{
    bool same = strcmp(document->container, facts->key) == 0;
    bool loose = !document->container[0] && facts->filled > 0;
    outcome->container_closed = facts->filled > 0;
    /* the next label closes what is being filled, and is filled itself from now on */
    memcpy(outcome->container, document->container[0] && facts->filled > 0 ? document->container : facts->key,
           sizeof outcome->container);
    snprintf(document->container, sizeof document->container, "%s", same || loose ? "" : facts->key);
}

static void goods_outcome(struct document *document, const struct facts *facts, struct outcome *outcome)
{
    outcome->filled = facts->filled + 1;
    outcome->container_closed = document->container[0] && outcome->rule && outcome->filled >= outcome->rule;
    if (outcome->container_closed)
        document->container[0] = '\0';
}

static void pair_outcome(struct document *document, const struct facts *facts, struct outcome *outcome)
{
    outcome->pair_waits = !document->pending[0];
    snprintf(document->pending, sizeof document->pending, "%s", outcome->pair_waits ? facts->key : "");
}

void engine_pack_outcome(struct engine *engine, const struct judged *judged, struct outcome *outcome)
{
    struct document *document = engine->document;
    const struct facts *facts = &judged->facts;
    bool pairs = judged->flow->work == WORK_REPLACE || judged->flow->work == WORK_RELABEL;
    bool packs = judged->flow->work == WORK_PACK;
    outcome->container_closed = outcome->pair_waits = false;
    memcpy(outcome->container, document->container, sizeof outcome->container);
    outcome->filled = packs ? facts->filled : 0;
    outcome->rule = packs ? facts->rule : 0;
    if (!engine_counts(judged) || judged->code.problem != REASON_OK || facts->sets_context)
        outcome->pair_waits = pairs && document->pending[0];
    else if (pairs)
        pair_outcome(document, facts, outcome);
    else if (packs && facts->is_label)
        label_outcome(document, facts, outcome);
    else if (packs)
        goods_outcome(document, facts, outcome);
}
