/* A small code book told in steps, each one transaction, packed now and then: what power failures and flipped bytes are
 * tried on. The same steps always tell the same. Tests only, one thread. */
#ifndef TALLYMAN_TESTS_CRASH_SHELF_H
#define TALLYMAN_TESTS_CRASH_SHELF_H

#include "app/catalog/catalog.h"
#include <stdint.h>

enum { SHELF_STEPS = 14, SHELF_QUESTIONS = 700 };

/* Step 0 to SHELF_STEPS - 1, with its commit. */
enum rc shelf_step(struct catalog *catalog, int step);

/* The answer to one of SHELF_QUESTIONS, as a number; RC_OK also where the answer is that nobody told. */
enum rc shelf_ask(struct codebook *book, int question, uint64_t *ret_answer);

/* All of them, at one moment. */
enum rc shelf_ask_all(struct catalog *catalog, uint64_t *ret_answers);

#endif
