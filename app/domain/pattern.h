/* Patterns of the feed: a maker's own text, most often a link, to the code that it carries. Pure; linear in the text.
 *
 * `match` is a regular expression of this much: characters, `.`, sets `[0-9A-F]` and `[^/]`, groups `(…)` and `(?:…)`,
 * `|`, `*` `+` `?` `{n}` `{n,}` `{n,m}`, `^` `$`, and `\d` `\w` `\s` or a backslash before anything else for itself. It
 * is tried on bytes, anywhere in the text unless anchored; the leftmost match counts, and of several the one that a
 * backtracking matcher would find first. `key` is a code as the feed writes one, in which {1} to {9} stand for groups and
 * {0} for the whole match; "not-goods" says that such a text is none. */
#ifndef TALLYMAN_DOMAIN_PATTERN_H
#define TALLYMAN_DOMAIN_PATTERN_H

#include "app/domain/code.h"

struct pattern;

enum {
    PATTERN_STEPS_MAX = 2000, /* of the program that an expression becomes */
    PATTERN_TEXT_MAX = 2048,  /* bytes of a text that is looked at */
    PATTERN_REPEAT_MAX = 255,
    PATTERN_DEPTH_MAX = 32
};

/* RC_BAD_INPUT for an expression that is none, RC_TOO_BIG beyond the limits. `version` has 16 characters at most. */
enum rc pattern_new(const char *id, const char *version, const char *match, const char *key, const char *product,
                    struct pattern **ret_pattern);
void pattern_free(struct pattern *pattern);
const char *pattern_id(const struct pattern *pattern);

/* The bytes (AIM id taken off) match, and what comes out is a code: then *code is read anew from it, and keeps its aim
 * and plain. False otherwise, and *code is as it was. */
bool pattern_apply(const struct pattern *pattern, const uint8_t *bytes, size_t len, int year, struct code *code);

#endif
