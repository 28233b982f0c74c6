/* An engine on a data folder of its own with a pinned clock, and what a clerk and a server do to it. */
#ifndef TALLYMAN_TESTS_ENGINE_WORLD_H
#define TALLYMAN_TESTS_ENGINE_WORLD_H

#include "app/engine/engine.h"
#include "app/store/syncport.h"

struct engine_world {
    char dir[64];
    struct engine *engine;
    struct syncport *port;
    struct sync_store sync;
    int64_t mono_ns;
};

/* A site CDB, clerk "wang" signed in; `feed` is what its catalog is made of. */
void engine_world_open(struct engine_world *world, const char *feed);
void engine_world_reopen(struct engine_world *world);
void engine_world_stop(struct engine_world *world);
void engine_world_start(struct engine_world *world); /* nobody signed in */
void engine_world_close(struct engine_world *world);
void engine_world_tell(struct engine_world *world, const char *feed); /* by stick */

/* One scan a second after the one before; the document is named by its number. */
struct outcome *engine_world_scan(struct engine_world *world, const char *no, const char *text, qty_t typed_qty);
/* Scans and compares; answers the record's seq. */
int64_t engine_world_expect(struct engine_world *world, const char *no, const char *text, const char *reason,
                            const char *severity);
qty_t engine_world_tallied(struct engine_world *world, const char *no, size_t line);
int64_t engine_world_last(struct engine_world *world);
void engine_world_verify(struct engine_world *world);

/* The server has everything, but refuses these records (ended by 0). */
void engine_world_refuse(struct engine_world *world, const int64_t *seqs);
/* The server sends the last page of a pull. */
void engine_world_page(struct engine_world *world, int64_t applied_seq, const char *feed);

#endif
