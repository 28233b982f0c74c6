/* Runs of serials: "first" to "last" over an equal-width decimal suffix, every number between. Pure; any thread. */
#ifndef TALLYMAN_CATALOG_RUN_H
#define TALLYMAN_CATALOG_RUN_H

#include "app/domain/limits.h"
#include <stdbool.h>
#include <stdint.h>

enum { RUN_DIGITS_MAX = 18 };

/* A key taken apart: its last digits (at most RUN_DIGITS_MAX) and what stands before them. */
struct run_key {
    char prefix[CODE_KEY_MAX + 1];
    int width;
    int64_t number;
};

/* False when the key does not end with a digit (or is longer than CODE_KEY_MAX): no run has it. */
bool run_split(const char *key, struct run_key *ret_key);

/* Puts prefix and number together again; ret_key holds CODE_KEY_MAX + 1. Returns ret_key. */
char *run_join(const struct run_key *key, int64_t number, char *ret_key);

/* Both ends of a run: same prefix, same width, first not after last. */
bool run_ends(const char *first, const char *last, struct run_key *ret_first, int64_t *ret_last);

#endif
