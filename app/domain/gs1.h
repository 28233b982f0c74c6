/* GS1 element strings (General Specifications 3 and 7.8): application identifiers and their values, as a symbol carries
 * them (separated by FNC1, sent as GS) or bracketed as people write them. Pure and bounded. What the identifiers are is
 * in gs1_table.h, what their values must be in gs1_lint.h, Digital Link URIs in gs1_link.h. */
#ifndef TALLYMAN_DOMAIN_GS1_H
#define TALLYMAN_DOMAIN_GS1_H

#include "app/domain/code.h"

enum { GS1_FNC1 = 0x1d, GS1_VALUE_MAX = 90 };

/* Both append to code->elements, in the order scanned, and answer NULL, or the sentence (why.h) that says what is
 * wrong; then the elements are of no use. */
const char *gs1_read(const uint8_t *bytes, size_t len, struct code *code);
const char *gs1_read_brackets(const uint8_t *bytes, size_t len, struct code *code);

/* One element, checked like any other. ai has 2 to 4 digits, all of `ai_len`. */
const char *gs1_add(struct code *code, const char *ai, size_t ai_len, const uint8_t *value, size_t len);

/* NULL, or what is wrong when two elements exclude each other: one identifier with two values, (01) with (02) … */
const char *gs1_contradiction(const struct code *code);

/* Every companion that the standard demands is there. */
bool gs1_paired(const struct code *code);

/* Every element is of a kind that labels of goods are known to carry: what a text must be made of to be taken for
 * element strings when nothing else says so. */
bool gs1_all_usual(const struct code *code);

/* The elements name a place, a party, a consignment or another thing that is not goods. */
bool gs1_not_goods(const struct code *code);

#endif
