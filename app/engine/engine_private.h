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
    struct document *document; /* the one judged last … */
    int64_t document_seq;      /* … as it was after this record, -1 when it must be read again … */
    uint64_t document_version; /* … and with this catalog */
    struct policy policy;      /* of the site, as of policy_version */
    uint64_t policy_version;
    struct code *label;          /* the contents label scanned last, until its unit's own code comes; NULL none */
    char label_doc[DOC_MAX + 1]; /* the document that it was scanned for */
    int64_t label_seq;
    bool label_known; /* a label or a unit was scanned since the engine was opened; before, the journal says */
    char **tickets;   /* full names of documents; ticket n is tickets[n - 1] */
    uint32_t ticket_count;
};

/* Who and when, for a record of this moment. */
struct record engine_record(struct engine *engine, enum record_kind kind, const char *doc);
/* The store must be held. The context points to the engine's own policy. */
void engine_context(struct engine *engine, struct judge_context *ret_context);
int engine_year_of(const struct judge_context *context);
/* Reads the document into engine->document. `doc` may be that document's own name: don't use it afterwards. */
enum rc engine_load(struct engine *engine, const char *doc);
/* The same, but kept from scan to scan while nothing has changed it. The store must be held. */
enum rc engine_load_kept(struct engine *engine, const char *doc);
/* engine->document is right as of this record (-1: read it again). The store must be held. */
void engine_keep(struct engine *engine, int64_t seq);
/* Opens engine->document when it is not yet. */
enum rc engine_open_loaded(struct engine *engine);

#endif
