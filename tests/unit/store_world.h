/* A store below an engine's world, with just enough of an engine to scan for any flow: facts, judge, append. */
#ifndef TALLYMAN_TESTS_STORE_WORLD_H
#define TALLYMAN_TESTS_STORE_WORLD_H

#include "tests/unit/engine_world.h"

enum { STORE_WORLD_KEYS = 64 };

struct store_world {
    struct engine_world engine;
    struct store *store;
    struct policy policy;
    struct facts facts;     /* of the last scan … */
    struct verdict verdict; /* … and what was judged */
    struct holder goes_to;  /* for the next scan: HOLDER_UNKNOWN none */
};

void store_world_open(struct store_world *world, const char *feed);
void store_world_reopen(struct store_world *world);
void store_world_close(struct store_world *world);

/* A document of one's own: "own:NO", with these fields ("mode=empty reason=x", NULL none). */
void store_world_start(struct store_world *world, const char *no, const char *flow, const char *to,
                       const char *fields);

/* What is known of a text for a document, and how it is judged: into world->facts and world->verdict. */
void store_world_look(struct store_world *world, const char *doc, const char *text);
/* The same, and journaled with what the flow does: packs, takes out, replaces, relabels. Answers its record. */
int64_t store_world_scan(struct store_world *world, const char *doc, const char *text);
int64_t store_world_undo(struct store_world *world, int64_t seq, enum code_state condition);
int64_t store_world_complete(struct store_world *world, const char *doc);
int64_t store_world_abandon(struct store_world *world, const char *doc);

/* Scans, and compares the leading reason. */
int64_t store_world_expect(struct store_world *world, const char *doc, const char *text, const char *reason);
/* Where it is, in words: "site:CDB". Static memory. */
const char *store_world_holder(struct store_world *world, const char *text);
/* What it is in, "" nothing. Static memory. */
const char *store_world_parent(struct store_world *world, const char *text);
/* What is in it, in order, each closed by a blank. Static memory. */
const char *store_world_inside(struct store_world *world, const char *parent);
const char *store_world_loose(struct store_world *world, const char *doc);
/* "product/lot=qty+extra" of each row. Static memory. */
const char *store_world_counted(struct store_world *world, const char *doc);

#endif
