/* A scanning session through the real engine: every kind of act once or more, as a table. With the clock pinned the same
 * session writes the same journal, byte for byte. */
#ifndef TALLYMAN_TESTS_CRASH_SESSION_H
#define TALLYMAN_TESTS_CRASH_SESSION_H

#include "app/engine/engine.h"

enum { SESSION_STEPS_MAX = 64 };

/* Documents that the session works on. */
extern const char *const session_docs[];
extern const int session_doc_count;

struct session_report {
    bool imported;                        /* the catalog was reported as taken */
    int steps;                            /* reported as done */
    int failures;                         /* tries that failed */
    enum rc failure;                      /* the last of them */
    int scans;                            /* of these, scans: beeped */
    int64_t seq_after[SESSION_STEPS_MAX]; /* last number in the journal after each step that was done */
    char trouble[128];                    /* the first step that did not go as the table says; "" none */
};

/* How many steps there are. */
int session_steps(void);

/* From an empty folder: imports the catalog, then takes all steps until one fails (so many times), closes. */
void session_run(const char *dir, int tries, struct session_report *ret_report);

/* The parts of it, for who brings the catalog by another way. The clock stands at the session's beginning. */
const struct clock *session_clock(void);
char *session_feed(void); /* the caller frees; NULL without memory */
void session_take(const char *dir, int tries, struct session_report *report);

/* ---- afterwards, as after a restart ---- */

/* Imports the catalog into a data folder. */
enum rc session_import(const char *dir);
enum rc session_open(const char *dir, struct engine **ret_engine);
/* Signs in and scans one more item that the session did not touch. */
enum rc session_go_on(struct engine *engine, struct outcome *ret_outcome);

#endif
