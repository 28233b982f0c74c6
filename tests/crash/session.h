/* Scanning sessions through the real engine: every kind of act once or more, as tables. With the clock pinned the same
 * session writes the same journal, byte for byte. */
#ifndef TALLYMAN_TESTS_CRASH_SESSION_H
#define TALLYMAN_TESTS_CRASH_SESSION_H

#include "app/engine/engine.h"
#include "tests/crash/session_plan.h"

enum { SESSION_STEPS_MAX = 112, SESSION_LOOK_MAX = 4096 };

/* The orders of the data centre; or documents of one's own, packing, groups, counting. */
enum session_kind { SESSION_ORDERS, SESSION_FLOWS, SESSION_KIND_COUNT };

/* Which one all calls below are about; the first, unless told otherwise. */
void session_use(enum session_kind kind);
const char *session_name(void);

/* Documents that it works on, of the kind whose progress replay.h works out. */
int session_doc_count(void);
const char *session_doc(int index);

struct session_report {
    bool imported;                        /* the catalog was reported as taken */
    int steps;                            /* reported as done */
    int failures;                         /* tries that failed */
    enum rc failure;                      /* the last of them */
    int scans;                            /* of these, scans: beeped */
    int64_t seq_after[SESSION_STEPS_MAX]; /* last number in the journal after each step that was done */
    int64_t seqs[SESSION_STEPS_MAX];      /* the record of each scan */
    char docs[SESSION_SLOTS][DOC_MAX + 1], nos[SESSION_SLOTS][ID_MAX + 1]; /* what was started */
    char trouble[160]; /* the first step that did not go as the table says; "" none */
};

/* How many steps there are. */
int session_steps(void);

/* From an empty folder: imports the catalog, then takes all steps until one fails (so many times), closes. */
void session_run(const char *dir, int tries, struct session_report *ret_report);

/* The parts of it, for who brings the catalog by another way. The clock stands at the session's beginning. */
const struct clock *session_clock(void);
char *session_feed(void); /* the caller frees; NULL without memory */
void session_take(const char *dir, int tries, struct session_report *report);

/* Called after each step that was done, with its number; NULL nobody. */
extern void (*session_after)(int step, int64_t last_seq);

/* ---- afterwards, as after a restart ---- */

/* Imports the catalog into a data folder. */
enum rc session_import(const char *dir);
enum rc session_open(const char *dir, struct engine **ret_engine);
/* Signs in again and goes on behind the last record of the journal, at most `most` steps; `whole` is the report of the run that
 * nobody cut. ret_report->trouble: what did not go as the table says. */
void session_go_on(struct engine *engine, const struct session_report *whole, int most,
                   struct session_report *ret_report);

/* What is known of the plan's goods now: place, container, state; as text (SESSION_LOOK_MAX). */
void session_look(struct engine *engine, char *ret_text);

#endif
