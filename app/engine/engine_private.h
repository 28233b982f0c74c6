/* What the files of the engine share. Nobody else includes this. */
#ifndef TALLYMAN_ENGINE_ENGINE_PRIVATE_H
#define TALLYMAN_ENGINE_ENGINE_PRIVATE_H

#include "app/engine/engine.h"

struct engine {
    struct store *store;
    const struct clock *clock;
    char site[ID_MAX + 1]; /* the configured one */
    bool signed_in;
    struct catalog_operator operator;
    struct document *document; /* the one judged last */
    char **tickets;            /* full names of documents; ticket n is tickets[n - 1] */
    uint32_t ticket_count;
};

/* Who and when, for a record of this moment. */
struct record engine_record(struct engine *engine, enum record_kind kind, const char *doc);
void engine_context(struct engine *engine, struct policy *policy, struct judge_context *ret_context);
int engine_year(struct engine *engine);
/* Reads the document into engine->document. `doc` may be that document's own name: don't use it afterwards. */
enum rc engine_load(struct engine *engine, const char *doc);
/* Opens engine->document when it is not yet. */
enum rc engine_open_loaded(struct engine *engine);

#endif
