/* Made-up documents, facts, rows and policies for the judge: any flow, any mix of what may be wrong. */
#ifndef TALLYMAN_TESTS_JUDGE_WORLD_H
#define TALLYMAN_TESTS_JUDGE_WORLD_H

#include "app/domain/judge.h"

enum { TODAY = 20000, LINES = 5, GROUPS = 3, MARGIN_DAYS = 30, PRODUCT_COUNT = 3 };

extern const char *const PRODUCTS[PRODUCT_COUNT];

struct world {
    struct policy policy;
    struct judge_context context;
    struct flow flow;
    struct line lines[LINES];
    struct document document;
    struct code code;
    struct facts facts;
};

/* The same seed makes the same worlds. */
void judge_world_seed(uint64_t seed);
void judge_world_make(struct world *world);

#endif
