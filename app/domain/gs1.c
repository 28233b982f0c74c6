#include "app/domain/gs1.h"
#include "app/domain/gtin.h"
#include "app/domain/why.h"
#include <string.h>

enum { CHECK_NUMERIC = 1, CHECK_DIGIT = 2, CHECK_DATE = 4, IS_FIXED = 8 };

/* What the standard says of one identifier, or of all that begin with `ai`. */
struct rule {
    const char *ai;
    uint8_t digits; /* of the identifier */
    uint8_t min, max;
    uint8_t flags;
    const char *needs[2]; /* of each list, one must be there */
    const char *never;    /* none of these may be there */
};

static const char TRADE_ITEM[] = "01,02,03,8006,8026";

/* GS1 General Specifications 3.2 to 3.6; companions from 4.14 */
static const struct rule RULES[] = {
    {"00", 2, 18, 18, CHECK_NUMERIC | CHECK_DIGIT | IS_FIXED, {NULL, NULL}, NULL},
    {"01", 2, 14, 14, CHECK_NUMERIC | CHECK_DIGIT | IS_FIXED, {NULL, NULL}, "02,255,37"},
    {"02", 2, 14, 14, CHECK_NUMERIC | CHECK_DIGIT | IS_FIXED, {"37", NULL}, "01,03"},
    {"10", 2, 1, GS1_LOT_MAX, 0, {TRADE_ITEM, NULL}, NULL},
    {"11", 2, 6, 6, CHECK_NUMERIC | CHECK_DATE | IS_FIXED, {TRADE_ITEM, NULL}, NULL},
    {"13", 2, 6, 6, CHECK_NUMERIC | CHECK_DATE | IS_FIXED, {TRADE_ITEM, NULL}, NULL},
    {"15", 2, 6, 6, CHECK_NUMERIC | CHECK_DATE | IS_FIXED, {TRADE_ITEM, NULL}, NULL},
    {"17", 2, 6, 6, CHECK_NUMERIC | CHECK_DATE | IS_FIXED, {"01,02,03,255,8006,8026", NULL}, NULL},
    {"21", 2, 1, SERIAL_MAX, 0, {"01,03,8006", NULL}, "235"},
    {"30", 2, 1, 8, CHECK_NUMERIC, {"01,02", NULL}, NULL},
    {"37", 2, 1, 8, CHECK_NUMERIC, {"00", "02,8026"}, NULL},
    {"3100", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {"01,02", NULL}, "3101,3102,3103,3104,3105"},
    {"3101", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {"01,02", NULL}, "3102,3103,3104,3105"},
    {"3102", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {"01,02", NULL}, "3103,3104,3105"},
    {"3103", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {"01,02", NULL}, "3104,3105"},
    {"3104", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {"01,02", NULL}, "3105"},
    {"3105", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {"01,02", NULL}, NULL},
};

/* All others by their first two digits: how long the identifier is, and where the length of the value is predefined
 * (7.8.5), that too. */
static const struct rule FAMILIES[] = {
    {"03", 2, 14, 14, CHECK_NUMERIC | IS_FIXED, {NULL, NULL}, NULL},
    {"12", 2, 6, 6, CHECK_NUMERIC | IS_FIXED, {NULL, NULL}, NULL},
    {"16", 2, 6, 6, CHECK_NUMERIC | IS_FIXED, {NULL, NULL}, NULL},
    {"20", 2, 2, 2, CHECK_NUMERIC | IS_FIXED, {NULL, NULL}, NULL},
    {"22", 2, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"23", 3, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"24", 3, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"25", 3, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"31", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {NULL, NULL}, NULL},
    {"32", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {NULL, NULL}, NULL},
    {"33", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {NULL, NULL}, NULL},
    {"34", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {NULL, NULL}, NULL},
    {"35", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {NULL, NULL}, NULL},
    {"36", 4, 6, 6, CHECK_NUMERIC | IS_FIXED, {NULL, NULL}, NULL},
    {"39", 4, 1, GS1_VALUE_MAX, CHECK_NUMERIC, {NULL, NULL}, NULL},
    {"40", 3, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"41", 3, 13, 13, CHECK_NUMERIC | CHECK_DIGIT | IS_FIXED, {NULL, NULL}, NULL},
    {"42", 3, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"43", 4, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"70", 4, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"71", 3, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"72", 4, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"80", 4, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"81", 4, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"82", 4, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
    {"9", 2, 1, GS1_VALUE_MAX, 0, {NULL, NULL}, NULL},
};

/* Waybills and consignments, places and parties, assets, service relations, documents, coupons, payment slips */
static const char NOT_GOODS[] = "401,402,403,410,411,412,413,414,415,416,417,8003,8004,8017,8018,253,255,8020";

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* General Specifications 7.11, figure 1 */
static bool is_cset82(uint8_t c)
{
    return c > ' ' && c <= 'z' && !strchr("#$@[\\]^`", c);
}

static const struct rule *find_in(const struct rule *rules, size_t count, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        size_t prefix = strlen(rules[i].ai);
        if (len >= rules[i].digits && memcmp(bytes, rules[i].ai, prefix) == 0)
            return &rules[i];
    }
    return NULL;
}

/* 3106 to 3109 would be weights with more decimals than digits. */
static bool is_void_family(const uint8_t *bytes)
{
    return memcmp(bytes, "310", 3) == 0;
}

/* The rule for the identifier that the bytes begin with, or NULL. */
static const struct rule *find_rule(const uint8_t *bytes, size_t len)
{
    const struct rule *rule = find_in(RULES, sizeof RULES / sizeof RULES[0], bytes, len);
    if (rule)
        return rule;
    rule = find_in(FAMILIES, sizeof FAMILIES / sizeof FAMILIES[0], bytes, len);
    for (size_t i = 0; rule && i < rule->digits; i++)
        if (!is_digit(bytes[i]))
            return NULL;
    return rule && !is_void_family(bytes) ? rule : NULL;
}

static const struct rule *known_rule(const char *ai)
{
    return find_in(RULES, sizeof RULES / sizeof RULES[0], (const uint8_t *)ai, strlen(ai));
}

static const char *check_value(const struct rule *rule, const uint8_t *value, size_t len, int year)
{
    day_t day;
    if (len < rule->min || len > rule->max)
        return WHY_LENGTH;
    for (size_t i = 0; i < len; i++)
        if (rule->flags & CHECK_NUMERIC ? !is_digit(value[i]) : !is_cset82(value[i]))
            return WHY_CHARACTER;
    if (rule->flags & CHECK_DIGIT && !gtin_check((const char *)value, len))
        return WHY_CHECK_DIGIT;
    if (rule->flags & CHECK_DATE && day_from_yymmdd((const char *)value, year, &day) != RC_OK)
        return WHY_DATE;
    return NULL;
}

static size_t values_used(const struct code *code)
{
    if (!code->element_count)
        return 0;
    const struct code_element *last = &code->elements[code->element_count - 1];
    return (size_t)last->offset + last->len + 1;
}

static const char *add(struct code *code, const struct rule *rule, const uint8_t *ai, const uint8_t *value,
                       size_t len, int year)
{
    const char *why = check_value(rule, value, len, year);
    size_t used = values_used(code);
    if (why)
        return why;
    if (code->element_count == CODE_ELEMENTS_MAX || used + len + 1 > CODE_VALUES_MAX)
        return WHY_TOO_LONG;
    struct code_element *element = &code->elements[code->element_count++];
    memcpy(element->ai, ai, rule->digits);
    element->ai[rule->digits] = '\0';
    element->offset = (uint16_t)used;
    element->len = (uint16_t)len;
    memcpy(code->values + used, value, len);
    code->values[used + len] = '\0';
    return NULL;
}

const char *gs1_add(struct code *code, const char *ai, const uint8_t *value, size_t len, int year)
{
    const struct rule *rule = find_rule((const uint8_t *)ai, strlen(ai));
    return rule && rule->digits == strlen(ai) ? add(code, rule, (const uint8_t *)ai, value, len, year) : WHY_AI;
}

const char *gs1_read(const uint8_t *bytes, size_t len, int year, struct code *code)
{
    size_t at = 0;
    if (len && bytes[0] == GS1_FNC1)
        at++; /* some scanners send the FNC1 of the first position too */
    if (at == len)
        return WHY_EMPTY;
    while (at < len) {
        const struct rule *rule = find_rule(bytes + at, len - at);
        if (!rule)
            return WHY_AI;
        const uint8_t *ai = bytes + at, *value = ai + rule->digits;
        size_t rest = len - at - rule->digits;
        const uint8_t *end = memchr(value, GS1_FNC1, rest);
        size_t value_len = end ? (size_t)(end - value) : rest;
        if (rule->flags & IS_FIXED && value_len > rule->max)
            value_len = rule->max;
        const char *why = add(code, rule, ai, value, value_len, year);
        if (why)
            return why;
        at += rule->digits + value_len;
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

const char *gs1_read_brackets(const uint8_t *bytes, size_t len, int year, struct code *code)
{
    size_t at = 0;
    while (at < len) {
        const uint8_t *ai = bytes + at + 1, *close = memchr(bytes + at, ')', len - at);
        uint8_t value[GS1_VALUE_MAX + 1];
        if (bytes[at] != '(' || !close)
            return WHY_BRACKETS;
        const struct rule *rule = find_rule(ai, (size_t)(close - ai));
        if (!rule || rule->digits != (size_t)(close - ai))
            return WHY_AI;
        at = (size_t)(close - bytes) + 1;
        size_t value_len = take_bracket_value(bytes, len, &at, value);
        const char *why = add(code, rule, ai, value, value_len, year);
        if (why)
            return why;
    }
    return NULL;
}

/* `ai` is one of a comma-separated list. */
static bool is_listed(const char *list, const char *ai)
{
    size_t len = strlen(ai);
    for (const char *at = list; at; at = strchr(at, ','), at = at ? at + 1 : NULL)
        if (strncmp(at, ai, len) == 0 && (!at[len] || at[len] == ','))
            return true;
    return false;
}

static bool has_any(const struct code *code, const char *list)
{
    for (size_t i = 0; i < code->element_count; i++)
        if (is_listed(list, code->elements[i].ai))
            return true;
    return false;
}

const char *gs1_contradiction(const struct code *code)
{
    for (size_t i = 0; i < code->element_count; i++) {
        const struct code_element *element = &code->elements[i];
        const struct rule *rule = known_rule(element->ai);
        if (strcmp(code_value(code, element->ai), code->values + element->offset) != 0)
            return WHY_EXCLUSIVE;
        if (rule && rule->never && has_any(code, rule->never))
            return WHY_EXCLUSIVE;
    }
    return NULL;
}

bool gs1_paired(const struct code *code)
{
    for (size_t i = 0; i < code->element_count; i++) {
        const struct rule *rule = known_rule(code->elements[i].ai);
        for (size_t need = 0; rule && need < 2; need++)
            if (rule->needs[need] && !has_any(code, rule->needs[need]))
                return false;
    }
    return true;
}

bool gs1_all_known(const struct code *code)
{
    for (size_t i = 0; i < code->element_count; i++)
        if (!known_rule(code->elements[i].ai))
            return false;
    return true;
}

bool gs1_not_goods(const struct code *code)
{
    return has_any(code, NOT_GOODS);
}
