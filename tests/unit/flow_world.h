/* A site with every kind of goods, on which every flow can be run: an engine world, and shorthands for flows. */
#ifndef TALLYMAN_TESTS_FLOW_WORLD_H
#define TALLYMAN_TESTS_FLOW_WORLD_H

#include "tests/unit/engine_world.h"

/* B: tracked by item, 4 a case, 2 cases a pallet. CASE holds A1 to A4, CASE2 E1 to E4, all of lot L1 here. S1 to S6: loose, here,
 * L1. P1, P2: at party D-1. T1: on the way to here. R1, R2: lot LR, which recall R-7 covers, here. Q1: lot LQ, on hold, here. D: bolts
 * without codes, 40 here. W: wine by lot. */
#define ITEM(serial) "(01)05901234123457(21)" serial
extern const char FLOW_FEED[], CASE[], CASE2[], PALLET[], LABEL[];
#define B_CLASS "(01)05901234123457"
#define D_CLASS "(01)04006381333931"

int flow_world_open(void **state);
int flow_world_close(void **state);

/* "receipt", "from=D-1", NULL. Answers the number; static, until the next but three. */
const char *flow_start(struct engine_world *world, const char *flow, ...);
enum rc flow_try_start(struct engine_world *world, const char *flow, const char *pair, const char *supervisor,
                       const char **ret_field);
void flow_sign_in(struct engine_world *world, const char *operator, const char * pin);

void flow_complete(struct engine_world *world, const char *no);
enum rc flow_try_complete(struct engine_world *world, const char *no, const struct completion *completion);
enum rc flow_undo(struct engine_world *world, const char *no, int64_t seq);
/* The full name; static. */
const char *flow_doc(struct engine_world *world, const char *no);

/* What the device knows of a unit now. */
void flow_facts(struct engine_world *world, const char *key, struct facts *ret_facts);
void flow_expect_at(struct engine_world *world, const char *key, const char *holder);
void flow_expect_in(struct engine_world *world, const char *key, const char *parent);
void flow_expect_state(struct engine_world *world, const char *key, enum code_state state);

#endif
