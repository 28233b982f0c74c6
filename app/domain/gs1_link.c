#include "app/domain/gs1_link.h"
#include "app/domain/gs1.h"
#include "app/domain/gs1_table.h"
#include "app/domain/why.h"
#include <string.h>

enum { PAIRS_MAX = 8, ENCODED_MAX = 3 * GS1_VALUE_MAX + 3 };

struct span {
    const uint8_t *at;
    size_t len;
};

struct pair {
    struct span ai, value;
};

/* RFC 3986 2.2 and 2.3, and the percent sign */
static const char URI_CHARACTERS[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%";

static const char *const SCHEMES[] = {"http://", "https://", "HTTP://", "HTTPS://"};

static size_t scheme_len(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++) {
        size_t count = strlen(SCHEMES[i]);
        if (len > count && memcmp(bytes, SCHEMES[i], count) == 0)
            return count;
    }
    return 0;
}

bool gs1_link_is_web(const uint8_t *bytes, size_t len)
{
    return scheme_len(bytes, len) > 0;
}

/* Up to the first of a character, or all. */
static struct span upto(struct span span, char c)
{
    const uint8_t *end = span.len ? memchr(span.at, c, span.len) : NULL;
    return (struct span){span.at, end ? (size_t)(end - span.at) : span.len};
}

/* What follows the first of a character, or nothing. */
static struct span after(struct span span, char c)
{
    size_t skipped = upto(span, c).len;
    return skipped == span.len ? (struct span){span.at + span.len, 0}
                               : (struct span){span.at + skipped + 1, span.len - skipped - 1};
}

/* The path without its first slash; the query. */
static struct span path_and_query(const uint8_t *bytes, size_t len, struct span *ret_query)
{
    size_t scheme = scheme_len(bytes, len);
    struct span rest = upto((struct span){bytes + scheme, len - scheme}, '#');
    *ret_query = after(rest, '?');
    struct span whole = upto(rest, '?');
    struct span authority = upto(whole, '/');
    return authority.len ? after(whole, '/') : (struct span){whole.at, 0};
}

static const struct gs1_ai *ai_of(struct span text)
{
    const struct gs1_ai *ai = gs1_ai_find(text.at, text.len);
    return ai && strlen(ai->first) == text.len ? ai : NULL;
}

/* Cuts the last segment off a path. */
static struct span take_segment(struct span *path)
{
    size_t from = path->len;
    while (from > 0 && path->at[from - 1] != '/')
        from--;
    struct span segment = {path->at + from, path->len - from};
    path->len = from > 0 ? from - 1 : 0;
    return segment;
}

/* Pairs from the end of the path back to the nearest key; ret_pairs has them in the order of the path. Answers how
 * many, 0 when what is there are no pairs. */
static size_t find_pairs(struct span path, struct pair ret_pairs[PAIRS_MAX])
{
    struct pair found[PAIRS_MAX];
    for (size_t count = 0; count < PAIRS_MAX;) {
        struct span value = take_segment(&path);
        struct span name = take_segment(&path);
        const struct gs1_ai *ai = ai_of(name);
        if (!ai)
            return 0;
        found[count++] = (struct pair){name, value};
        for (size_t i = 0; ai->qualifiers && i < count; i++)
            ret_pairs[i] = found[count - 1 - i];
        if (ai->qualifiers)
            return count;
    }
    return 0;
}

bool gs1_link_claims(const uint8_t *bytes, size_t len)
{
    struct pair pairs[PAIRS_MAX];
    struct span query;
    return gs1_link_is_web(bytes, len) && find_pairs(path_and_query(bytes, len, &query), pairs) > 0;
}

/* ---- what may follow a key ---- */

/* Where `ai` stands in one alternative of a key's qualifiers ("22,10,21"), from 1; 0 not at all. */
static size_t place_in(const char *list, size_t list_len, struct span ai)
{
    size_t place = 1;
    for (const char *at = list; at < list + list_len; place++) {
        size_t len = strcspn(at, ",|");
        if (len == ai.len && memcmp(at, ai.at, len) == 0)
            return place;
        at += len + 1;
    }
    return 0;
}

/* The pairs after the first are qualifiers in one alternative's order. */
static bool in_order(const char *list, size_t list_len, const struct pair *pairs, size_t count)
{
    size_t last = 0;
    for (size_t i = 1; i < count; i++) {
        size_t place = place_in(list, list_len, pairs[i].ai);
        if (place <= last)
            return false;
        last = place;
    }
    return true;
}

static bool is_sequence(const struct pair *pairs, size_t count)
{
    const char *list = ai_of(pairs[0].ai)->qualifiers;
    for (;;) {
        size_t len = strcspn(list, "|");
        if (in_order(list, len, pairs, count))
            return true;
        if (!list[len])
            return false;
        list += len + 1;
    }
}

/* The path would still be in order with this one put somewhere into it: then it belongs there. */
static bool belongs_in_path(const struct pair *pairs, size_t count, struct span ai)
{
    struct pair longer[PAIRS_MAX + 1];
    for (size_t place = 1; place <= count; place++) {
        memcpy(longer, pairs, place * sizeof *pairs);
        longer[place].ai = ai;
        memcpy(longer + place + 1, pairs + place, (count - place) * sizeof *pairs);
        if (is_sequence(longer, count + 1))
            return true;
    }
    return false;
}

static bool is_in_path(const struct pair *pairs, size_t count, struct span ai)
{
    for (size_t i = 0; i < count; i++)
        if (pairs[i].ai.len == ai.len && memcmp(pairs[i].ai.at, ai.at, ai.len) == 0)
            return true;
    return false;
}

/* ---- values ---- */

static int hex_digit(uint8_t c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

size_t gs1_link_decode(uint8_t *bytes, size_t len, bool plus_is_space)
{
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        bool escaped = bytes[i] == '%' && i + 2 < len && hex_digit(bytes[i + 1]) >= 0 && hex_digit(bytes[i + 2]) >= 0;
        uint8_t c = bytes[i] == '+' && plus_is_space ? ' ' : bytes[i];
        if (escaped) {
            c = (uint8_t)(hex_digit(bytes[i + 1]) << 4 | hex_digit(bytes[i + 2]));
            i += 2;
        }
        bytes[used++] = c;
    }
    return used;
}

static const char *add_pair(struct code *code, struct span ai, struct span value, bool in_query)
{
    uint8_t bytes[ENCODED_MAX];
    if (value.len > sizeof bytes)
        return WHY_LENGTH;
    memcpy(bytes, value.at, value.len);
    size_t len = gs1_link_decode(bytes, value.len, in_query);
    return gs1_add(code, (const char *)ai.at, ai.len, bytes, len);
}

static bool is_number(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len > 0;
}

/* Names that are no numbers are the resolver's business, and so is what has no "=". */
static const char *add_attribute(struct code *code, const struct pair *pairs, size_t count, struct span part)
{
    struct span name = upto(part, '=');
    if (!is_number(name) || name.len == part.len)
        return NULL;
    const struct gs1_ai *ai = ai_of(name);
    if (!ai)
        return WHY_AI;
    if (!(ai->flags & GS1_ATTRIBUTE) || is_in_path(pairs, count, name) || belongs_in_path(pairs, count, name))
        return WHY_LINK;
    return add_pair(code, name, after(part, '='), true);
}

const char *gs1_link_read(const uint8_t *bytes, size_t len, struct code *code)
{
    struct pair pairs[PAIRS_MAX];
    struct span query, path = path_and_query(bytes, len, &query);
    size_t count = find_pairs(path, pairs);
    const char *why = NULL;
    for (size_t i = 0; i < len; i++)
        if (!bytes[i] || !strchr(URI_CHARACTERS, bytes[i]))
            return WHY_CHARACTER;
    for (size_t i = 0; i < count && !why; i++)
        why = add_pair(code, pairs[i].ai, pairs[i].value, false);
    if (!why && !is_sequence(pairs, count))
        why = WHY_LINK;
    while (query.len && !why) {
        why = add_attribute(code, pairs, count, upto(query, '&'));
        query = after(query, '&');
    }
    return why;
}
