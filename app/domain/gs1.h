/* GS1 element strings (General Specifications 3 and 7.8): application identifiers and their values, as a symbol carries
 * them (separated by FNC1, sent as GS) or bracketed as people write them. Pure and bounded.
 *
 * Identifiers that Tallyman uses are checked by a row of their own; any other is kept as it is, its length by GS1's
 * table of predefined lengths, else up to the next FNC1. */
#ifndef TALLYMAN_DOMAIN_GS1_H
#define TALLYMAN_DOMAIN_GS1_H

#include "app/domain/code.h"

enum { GS1_FNC1 = 0x1d, GS1_VALUE_MAX = 90 };

/* Both append to code->elements, in the order scanned, and answer NULL, or the sentence (why.h) that says what is
 * wrong; then the elements are of no use. */
const char *gs1_read(const uint8_t *bytes, size_t len, int year, struct code *code);
const char *gs1_read_brackets(const uint8_t *bytes, size_t len, int year, struct code *code);

/* One element, checked like any other. ai has 2 to 4 digits. */
const char *gs1_add(struct code *code, const char *ai, const uint8_t *value, size_t len, int year);

/* NULL, or what is wrong when two elements exclude each other: one identifier with two values, (01) with (02) … */
const char *gs1_contradiction(const struct code *code);

/* Every companion that the standard demands is there. */
bool gs1_paired(const struct code *code);

/* Every element has a row of its own here. */
bool gs1_all_known(const struct code *code);

/* The elements name a place, a party, a consignment or another thing that is not goods. */
bool gs1_not_goods(const struct code *code);

#endif
