#include "app/domain/code.h"
#include "app/domain/gs1.h"
#include "app/domain/gtin.h"
#include "app/domain/symbology.h"
#include "app/domain/why.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char PLAIN[] = "plain:";
enum { PLAIN_LEN = sizeof PLAIN - 1 };

static void set_problem(struct code *code, enum reason problem, const char *why)
{
    code->kind = CODE_NONE;
    code->problem = problem;
    code->why = why;
    code->key[0] = '\0';
}

/* Not even its parts are worth keeping. */
static void set_malformed(struct code *code, const char *why)
{
    code->element_count = 0;
    code->guessed = false;
    set_problem(code, REASON_MALFORMED, why);
}

static bool is_blank(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != ' ')
            return false;
    return true;
}

/* `plain:TEXT`; false when it is longer than a key may be. */
static bool print_plain(const uint8_t *bytes, size_t len, char *ret_key)
{
    char text[4 * CODE_KEY_MAX + 1];
    size_t text_len = len > CODE_KEY_MAX ? len : strlen(code_escape(bytes, len, text));
    if (text_len > CODE_KEY_MAX - PLAIN_LEN)
        return false;
    memcpy(ret_key, PLAIN, PLAIN_LEN);
    memcpy(ret_key + PLAIN_LEN, text, text_len + 1);
    return true;
}

static void read_plain(const uint8_t *bytes, size_t len, struct code *code)
{
    code->kind = CODE_PLAIN;
    if (is_blank(bytes, len))
        set_malformed(code, WHY_EMPTY);
    else if (!print_plain(bytes, len, code->key))
        set_malformed(code, WHY_TOO_LONG);
}

/* ---- what element strings mean ---- */

static void copy_value(const struct code *code, const char *ai, size_t size, char *ret_text)
{
    const char *value = code_value(code, ai);
    snprintf(ret_text, size, "%s", value ? value : "");
}

static day_t value_day(const struct code *code, const char *ai, const char *else_ai, int year)
{
    day_t day = DAY_NONE;
    const char *value = code_value(code, ai);
    if (!value)
        value = code_value(code, else_ai);
    if (value)
        day_from_yymmdd(value, year, &day);
    return day;
}

/* Values are at most 8 digits long: no overflow. */
static qty_t value_count(const char *value)
{
    qty_t count = 0;
    for (; value && *value; value++)
        count = count * 10 + (*value - '0');
    return count * QTY_ONE;
}

static qty_t value_weight(const struct code *code)
{
    static const qty_t SCALES[] = {1, 10, 100, 1000, 10000, 100000};
    for (size_t i = 0; i < code->element_count; i++)
        if (strncmp(code->elements[i].ai, "310", 3) == 0)
            return value_count(code->values + code->elements[i].offset) / SCALES[code->elements[i].ai[3] - '0'];
    return 0;
}

static void fill_fields(struct code *code, int year)
{
    copy_value(code, "00", sizeof code->sscc, code->sscc);
    copy_value(code, code_value(code, "01") ? "01" : "02", sizeof code->gtin, code->gtin);
    copy_value(code, "21", sizeof code->serial, code->serial);
    copy_value(code, "10", sizeof code->lot, code->lot);
    code->expires = value_day(code, "17", "15", year);
    code->made = value_day(code, "11", "13", year);
    code->count = value_count(code_value(code, code_value(code, "30") ? "30" : "37"));
    code->weight = value_weight(code);
}

/* Writes "(ai)value" at `at` of the key, `(` in the value as `\(`. Answers the end. The longest key of element strings
 * (a GTIN and 20 brackets) is far below CODE_KEY_MAX. */
static char *print_element(char *at, const char *ai, const char *value)
{
    at += snprintf(at, 8, "(%s)", ai);
    for (; *value; value++) {
        if (*value == '(')
            *at++ = '\\';
        *at++ = *value;
    }
    *at = '\0';
    return at;
}

static void print_key(struct code *code)
{
    char *at = code->key;
    if (code->kind == CODE_UNIT)
        print_element(at, "00", code->sscc);
    if (code->kind == CODE_ITEM || code->kind == CODE_LOT || code->kind == CODE_CLASS)
        at = print_element(at, "01", code->gtin);
    if (code->kind == CODE_ITEM)
        print_element(at, "21", code->serial);
    if (code->kind == CODE_LOT)
        print_element(at, "10", code->lot);
}

/* Elements that are all well-formed: which thing do they name? */
static void understand(struct code *code, int year)
{
    const char *why = gs1_contradiction(code);
    if (why) {
        set_malformed(code, why);
        return;
    }
    fill_fields(code, year);
    code->warning = gs1_paired(code) ? REASON_OK : REASON_PAIRING;
    if (code->sscc[0])
        code->kind = CODE_UNIT;
    else if (code_value(code, "01"))
        code->kind = code->serial[0] ? CODE_ITEM : code->lot[0] ? CODE_LOT : CODE_CLASS;
    else if (code_value(code, "02"))
        set_problem(code, REASON_NEED_SSCC, WHY_NEED_SSCC);
    else
        set_problem(code, REASON_NOT_GOODS, gs1_not_goods(code) ? WHY_NOT_GOODS : WHY_NO_UNIT);
    if (code->problem == REASON_NEED_SSCC)
        code->kind = CODE_CONTENTS;
    print_key(code);
}

static void finish(struct code *code, const char *why, int year)
{
    if (why)
        set_malformed(code, why);
    else
        understand(code, year);
}

/* ---- reading by the symbology, or by shape ---- */

static void read_gtin(const uint8_t *digits, size_t len, size_t want, int year, struct code *code)
{
    char gtin[GTIN_LEN + 1];
    for (size_t i = 0; i < len; i++)
        if (digits[i] < '0' || digits[i] > '9') {
            set_malformed(code, WHY_CHARACTER);
            return;
        }
    if (len != want)
        set_malformed(code, WHY_LENGTH);
    else if (!gtin_pad((const char *)digits, len, gtin))
        set_malformed(code, WHY_CHECK_DIGIT);
    else
        finish(code, gs1_add(code, "01", (const uint8_t *)gtin, GTIN_LEN, year), year);
}

/* Nobody says what kind of text this is: numbers with a right check digit, or element strings that make sense as a
 * whole, are taken for what they look like. */
static bool guess(const uint8_t *bytes, size_t len, int year, struct code *code)
{
    char gtin[GTIN_LEN + 1];
    const char *why = WHY_AI;
    if (gtin_pad((const char *)bytes, len, gtin))
        why = gs1_add(code, "01", (const uint8_t *)gtin, GTIN_LEN, year);
    else if (len == 2 + SSCC_LEN && memcmp(bytes, "00", 2) == 0)
        why = gs1_add(code, "00", bytes + 2, SSCC_LEN, year);
    else if (len > 2 + GTIN_LEN && memcmp(bytes, "01", 2) == 0) {
        why = gs1_read(bytes, len, year, code);
        if (!why && (code->element_count < 2 || !gs1_all_known(code)))
            why = WHY_AI;
    }
    if (why || gs1_contradiction(code)) {
        code->element_count = 0;
        return false;
    }
    code->guessed = true;
    understand(code, year);
    return true;
}

static bool begins_bracketed(const uint8_t *bytes, size_t len, bool typed)
{
    size_t at = 1;
    if (!len || bytes[0] != '(')
        return false;
    while (at < len && bytes[at] >= '0' && bytes[at] <= '9')
        at++;
    return typed || (at > 1 && at < len && bytes[at] == ')');
}

static void read_text(const uint8_t *bytes, size_t len, bool typed, int year, struct code *code)
{
    if (begins_bracketed(bytes, len, typed))
        finish(code, gs1_read_brackets(bytes, len, year, code), year);
    else if (len && bytes[0] == GS1_FNC1)
        finish(code, gs1_read(bytes, len, year, code), year);
    else if (!guess(bytes, len, year, code))
        read_plain(bytes, len, code);
    else
        print_plain(bytes, len, code->plain);
}

static void read_itf(const uint8_t *bytes, size_t len, int year, struct code *code)
{
    if (len == GTIN_LEN)
        read_gtin(bytes, len, GTIN_LEN, year, code);
    else
        read_text(bytes, len, false, year, code);
}

static void read_marked(const struct symbology *symbology, const uint8_t *bytes, size_t len, int year,
                        struct code *code)
{
    switch (symbology->form) {
    case FORM_PLAIN: read_text(bytes, len, false, year, code); break;
    case FORM_GS1: finish(code, gs1_read(bytes, len, year, code), year); break;
    case FORM_EAN13: read_gtin(bytes, len, 13, year, code); break;
    case FORM_EAN_ADD: read_gtin(bytes, len == 15 || len == 18 ? 13 : len, 13, year, code); break;
    case FORM_EAN8: read_gtin(bytes, len, 8, year, code); break;
    case FORM_ADD_ON: set_problem(code, REASON_NOT_GOODS, WHY_ADD_ON); break;
    case FORM_ITF: read_itf(bytes, len, year, code); break;
    }
}

static void clear(struct code *code)
{
    memset(code, 0, sizeof *code);
    code->kind = CODE_NONE;
    code->problem = REASON_OK;
    code->warning = REASON_OK;
    code->why = "";
    code->expires = DAY_NONE;
    code->made = DAY_NONE;
}

static void read_all(const uint8_t *bytes, size_t len, bool typed, int year, struct code *code)
{
    if (is_blank(bytes, len)) {
        set_malformed(code, WHY_EMPTY);
    } else if (bytes[0] == ']') {
        const struct symbology *symbology = symbology_find(bytes, len);
        if (!symbology) {
            set_malformed(code, WHY_SYMBOLOGY);
            return;
        }
        memcpy(code->aim, bytes, SYMBOLOGY_ID_LEN);
        read_marked(symbology, bytes + SYMBOLOGY_ID_LEN, len - SYMBOLOGY_ID_LEN, year, code);
    } else if (typed && len >= PLAIN_LEN && memcmp(bytes, PLAIN, PLAIN_LEN) == 0) {
        read_plain(bytes + PLAIN_LEN, len - PLAIN_LEN, code);
    } else {
        read_text(bytes, len, typed, year, code);
    }
}

void code_parse(const struct scan *scan, int year, struct code *ret_code)
{
    clear(ret_code);
    if (scan->flags & SCAN_TRUNCATED)
        set_malformed(ret_code, WHY_TOO_LONG);
    else
        read_all(scan->bytes, scan->len, scan->flags & SCAN_BRACKETS, year, ret_code);
}

void code_parse_text(const char *text, int year, struct code *ret_code)
{
    uint8_t bytes[SCAN_MAX];
    size_t len = strlen(text);
    clear(ret_code);
    if (len > SCAN_MAX)
        set_malformed(ret_code, WHY_TOO_LONG);
    else if (strncmp(text, PLAIN, PLAIN_LEN) != 0)
        read_all((const uint8_t *)text, len, true, year, ret_code);
    else if (code_unescape(text + PLAIN_LEN, sizeof bytes, bytes, &len) != RC_OK)
        set_malformed(ret_code, WHY_ESCAPE);
    else
        read_plain(bytes, len, ret_code);
}

const char *code_value(const struct code *code, const char *ai)
{
    for (size_t i = 0; i < code->element_count; i++)
        if (strcmp(code->elements[i].ai, ai) == 0)
            return code->values + code->elements[i].offset;
    return NULL;
}
