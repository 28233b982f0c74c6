#include "app/domain/gs1.h"
#include "app/domain/gs1_lint.h"
#include "app/domain/gs1_table.h"
#include "app/domain/why.h"
#include <string.h>

/* Waybills and consignments, places and parties, service relations, documents, coupons, payment slips, assets */
static const char NOT_GOODS[] = "401,402,403,41n,8004,8017,8018,8019,253,255,8020,8110,8111,8112,43nn";

static const char USUAL[] = "00,01,02,10,11,12,13,15,16,17,20,21,22,235,240,241,250,30,37,31nn,32nn,33nn,7003,71n";

/* (8030) signs a serialised thing: these keys need their optional serial beside it (General Specifications 3.8) */
static const struct {
    const char *ai;
    size_t len_without;
} SIGNED_SERIALS[] = {{"253", 13}, {"255", 13}, {"8003", 14}};

static size_t values_used(const struct code *code)
{
    if (!code->element_count)
        return 0;
    const struct code_element *last = &code->elements[code->element_count - 1];
    return (size_t)last->offset + last->len + 1;
}

static size_t digits_of(const struct gs1_ai *ai)
{
    return strlen(ai->first);
}

static size_t longest(const struct gs1_ai *ai)
{
    size_t len = 0;
    for (const struct gs1_part *part = ai->parts; part->set; part++)
        len += part->max;
    return len;
}

/* `digits` are those of the identifier itself, as scanned: a row may stand for several. */
static const char *add(struct code *code, const struct gs1_ai *ai, const uint8_t *digits, const uint8_t *value,
                       size_t len)
{
    const char *why = gs1_lint_value(ai, value, len);
    size_t used = values_used(code);
    if (why)
        return why;
    if (code->element_count == CODE_ELEMENTS_MAX || used + len + 1 > CODE_VALUES_MAX)
        return WHY_TOO_LONG;
    struct code_element *element = &code->elements[code->element_count++];
    memcpy(element->ai, digits, digits_of(ai));
    element->ai[digits_of(ai)] = '\0';
    element->offset = (uint16_t)used;
    element->len = (uint16_t)len;
    memcpy(code->values + used, value, len);
    code->values[used + len] = '\0';
    return NULL;
}

const char *gs1_add(struct code *code, const char *ai, size_t ai_len, const uint8_t *value, size_t len)
{
    const struct gs1_ai *row = gs1_ai_find((const uint8_t *)ai, ai_len);
    return row && digits_of(row) == ai_len ? add(code, row, (const uint8_t *)ai, value, len) : WHY_AI;
}

const char *gs1_read(const uint8_t *bytes, size_t len, struct code *code)
{
    size_t at = 0;
    if (len && bytes[0] == GS1_FNC1)
        at++; /* some scanners send the FNC1 of the first position too */
    if (at == len)
        return WHY_EMPTY;
    while (at < len) {
        const struct gs1_ai *ai = gs1_ai_find(bytes + at, len - at);
        if (!ai)
            return WHY_AI;
        const uint8_t *value = bytes + at + digits_of(ai);
        size_t rest = len - at - digits_of(ai);
        const uint8_t *end = memchr(value, GS1_FNC1, rest);
        size_t value_len = end ? (size_t)(end - value) : rest;
        if (ai->flags & GS1_FIXED && value_len > longest(ai))
            value_len = longest(ai);
        const char *why = add(code, ai, bytes + at, value, value_len);
        if (why)
            return why;
        at += digits_of(ai) + value_len;
        if (at < len && bytes[at] == GS1_FNC1)
            at++;
    }
    return NULL;
}

/* The value up to the next "(" that no backslash precedes; moves *at there. Answers its length, or more than
 * GS1_VALUE_MAX when it is longer. */
static size_t take_bracket_value(const uint8_t *bytes, size_t len, size_t *at, uint8_t *ret_value)
{
    size_t count = 0;
    while (*at < len && bytes[*at] != '(' && count <= GS1_VALUE_MAX) {
        if (bytes[*at] == '\\' && *at + 1 < len && bytes[*at + 1] == '(')
            ++*at;
        ret_value[count++] = bytes[(*at)++];
    }
    return count;
}

const char *gs1_read_brackets(const uint8_t *bytes, size_t len, struct code *code)
{
    size_t at = 0;
    while (at < len) {
        const uint8_t *ai = bytes + at + 1, *close = memchr(bytes + at, ')', len - at);
        uint8_t value[GS1_VALUE_MAX + 1];
        if (bytes[at] != '(' || !close)
            return WHY_BRACKETS;
        at = (size_t)(close - bytes) + 1;
        size_t value_len = take_bracket_value(bytes, len, &at, value);
        const char *why = gs1_add(code, (const char *)ai, (size_t)(close - ai), value, value_len);
        if (why)
            return why;
    }
    return NULL;
}

/* ---- companions ---- */

/* The identifier is the pattern of `len` characters, in which an n is any digit. */
static bool fits(const char *pattern, size_t len, const char *ai)
{
    if (strlen(ai) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (pattern[i] != 'n' && pattern[i] != ai[i])
            return false;
    return true;
}

static bool has(const struct code *code, const char *pattern, size_t len)
{
    for (size_t i = 0; i < code->element_count; i++)
        if (fits(pattern, len, code->elements[i].ai))
            return true;
    return false;
}

/* "01+21": all of them. */
static bool has_all(const struct code *code, const char *group, size_t len)
{
    const char *end = group + len;
    for (const char *at = group; at < end; at++) {
        const char *plus = memchr(at, '+', (size_t)(end - at));
        const char *stop = plus ? plus : end;
        if (!has(code, at, (size_t)(stop - at)))
            return false;
        at = stop;
    }
    return true;
}

/* "01+21,02": one of the groups. */
static bool has_any(const struct code *code, const char *list)
{
    for (const char *at = list; *at;) {
        size_t len = strcspn(at, ",");
        if (has_all(code, at, len))
            return true;
        at += len + (at[len] == ',');
    }
    return false;
}

static bool is_listed(const char *list, const char *ai)
{
    for (const char *at = list; *at;) {
        size_t len = strcspn(at, ",");
        if (fits(at, len, ai))
            return true;
        at += len + (at[len] == ',');
    }
    return false;
}

static const struct gs1_ai *row_of(const struct code_element *element)
{
    return gs1_ai_find((const uint8_t *)element->ai, strlen(element->ai));
}

/* An identifier does not exclude itself, though its list may name it. */
static bool excludes(const struct code *code, const struct code_element *element)
{
    const struct gs1_ai *ai = row_of(element);
    for (size_t i = 0; ai && ai->never && i < code->element_count; i++)
        if (strcmp(code->elements[i].ai, element->ai) != 0 && is_listed(ai->never, code->elements[i].ai))
            return true;
    return false;
}

static bool lacks_signed_serial(const struct code *code)
{
    for (size_t i = 0; code_value(code, "8030") && i < sizeof SIGNED_SERIALS / sizeof SIGNED_SERIALS[0]; i++) {
        const char *value = code_value(code, SIGNED_SERIALS[i].ai);
        if (value && strlen(value) <= SIGNED_SERIALS[i].len_without)
            return true;
    }
    return false;
}

const char *gs1_contradiction(const struct code *code)
{
    for (size_t i = 0; i < code->element_count; i++) {
        const struct code_element *element = &code->elements[i];
        if (strcmp(code_value(code, element->ai), code->values + element->offset) != 0)
            return WHY_EXCLUSIVE;
        if (excludes(code, element))
            return WHY_EXCLUSIVE;
    }
    return lacks_signed_serial(code) ? WHY_LENGTH : NULL;
}

bool gs1_paired(const struct code *code)
{
    for (size_t i = 0; i < code->element_count; i++) {
        const struct gs1_ai *ai = row_of(&code->elements[i]);
        for (size_t need = 0; ai && need < 2; need++)
            if (ai->needs[need] && !has_any(code, ai->needs[need]))
                return false;
    }
    return true;
}

bool gs1_all_usual(const struct code *code)
{
    for (size_t i = 0; i < code->element_count; i++)
        if (!is_listed(USUAL, code->elements[i].ai))
            return false;
    return true;
}

bool gs1_not_goods(const struct code *code)
{
    return has_any(code, NOT_GOODS);
}
