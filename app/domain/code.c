#include "app/domain/code.h"
#include "app/domain/cn.h"
#include "app/domain/gs1.h"
#include "app/domain/gs1_link.h"
#include "app/domain/gtin.h"
#include "app/domain/symbology.h"
#include "app/domain/text_copy.h"
#include "app/domain/why.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char PLAIN[] = "plain:";
static const char GRAI[] = "8003";
enum { PLAIN_LEN = sizeof PLAIN - 1, GRAI_KIND_LEN = 14, PREFIX_MAX = 7 };

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

/* `plain:TEXT`, or another prefix; false when it is longer than a key may be. */
static bool print_text(const char *prefix, const uint8_t *bytes, size_t len, char *ret_key)
{
    char text[4 * CODE_KEY_MAX + 1];
    size_t prefix_len = strlen(prefix);
    size_t text_len = len > CODE_KEY_MAX ? len : strlen(code_escape(bytes, len, text));
    if (text_len > CODE_KEY_MAX - prefix_len)
        return false;
    memcpy(ret_key, prefix, prefix_len);
    memcpy(ret_key + prefix_len, text, text_len + 1);
    return true;
}

static void read_as_text(const char *prefix, const uint8_t *bytes, size_t len, struct code *code)
{
    code->kind = CODE_PLAIN;
    if (!print_text(prefix, bytes, len, code->key))
        set_malformed(code, WHY_TOO_LONG);
}

static void read_plain(const uint8_t *bytes, size_t len, struct code *code)
{
    if (is_blank(bytes, len) && len > 0)
        set_malformed(code, WHY_EMPTY);
    else
        read_as_text(PLAIN, bytes, len, code);
}

/* ---- what element strings mean ---- */

static void copy_value(const struct code *code, const char *ai, size_t size, char *ret_text)
{
    const char *value = code_value(code, ai);
    text_copy(ret_text, size, value ? value : "");
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
    copy_value(code,
               code_value(code, "01")   ? "01"
               : code_value(code, "03") ? "03"
                                        : "02",
               sizeof code->gtin, code->gtin);
    copy_value(code, code_value(code, "21") ? "21" : "235", sizeof code->serial, code->serial);
    copy_value(code, "10", sizeof code->lot, code->lot);
    code->expires = value_day(code, "17", "15", year);
    code->made = value_day(code, "11", "13", year);
    code->count = value_count(code_value(code, code_value(code, "30") ? "30" : "37"));
    code->weight = value_weight(code);
}

/* Writes "(ai)value" at `at` of the key, `(` in the value as `\(`. Answers the end. The longest key of element strings
 * (a GTIN and 28 brackets) is far below CODE_KEY_MAX. */
static char *print_element(char *at, const char *ai, const char *value)
{
    size_t len = strlen(ai);
    *at++ = '(';
    memcpy(at, ai, len);
    at += len;
    *at++ = ')';
    for (; *value; value++) {
        if (*value == '(')
            *at++ = '\\';
        *at++ = *value;
    }
    *at = '\0';
    return at;
}

static void print_named(const struct code *code, const char *ai, char *at)
{
    print_element(at, ai, code_value(code, ai));
}

static void print_key(struct code *code)
{
    char *at = code->key;
    if (code->kind == CODE_UNIT)
        print_named(code, code->sscc[0] ? "00" : GRAI, at);
    if (code->kind == CODE_ITEM || code->kind == CODE_LOT || code->kind == CODE_CLASS)
        at = print_element(at, code_value(code, "01") ? "01" : "03", code->gtin);
    if (code->kind == CODE_ITEM)
        print_named(code, code_value(code, "21") ? "21" : "235", at);
    if (code->kind == CODE_LOT)
        print_named(code, "10", at);
}

/* A GRAI without a serial is a kind of box, not a box. */
static bool is_returnable_unit(const struct code *code)
{
    const char *grai = code_value(code, GRAI);
    return grai && strlen(grai) > GRAI_KIND_LEN;
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
    else if (code_value(code, "01") || code_value(code, "03"))
        code->kind = code->serial[0] ? CODE_ITEM : code->lot[0] ? CODE_LOT : CODE_CLASS;
    else if (code_value(code, "02"))
        set_problem(code, REASON_NEED_SSCC, WHY_NEED_SSCC);
    else if (is_returnable_unit(code))
        code->kind = CODE_UNIT;
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

static bool all_digits(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
    return len > 0;
}

static const char *add_gtin(const char *gtin, struct code *code)
{
    return gs1_add(code, "01", 2, (const uint8_t *)gtin, GTIN_LEN);
}

/* Where the two-dimensional part of a composite symbol begins, sent in one scan with the linear one; or `len`. */
static size_t composite_at(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i + SYMBOLOGY_ID_LEN < len; i++)
        if (memcmp(bytes + i, "]e0", 3) == 0 || memcmp(bytes + i, "]e1", 3) == 0)
            return i;
    return len;
}

static void read_gtin(const uint8_t *bytes, size_t len, size_t want, int year, struct code *code)
{
    char gtin[GTIN_LEN + 1];
    size_t second = composite_at(bytes, len), digits = second;
    if (second < len && digits > 0 && bytes[digits - 1] == '|')
        digits--;
    const char *why = NULL;
    if (!all_digits(bytes, digits))
        why = digits ? WHY_CHARACTER : WHY_EMPTY;
    else if (digits != want && !(want == 13 && gtin_from_upce((const char *)bytes, digits, gtin)))
        why = WHY_LENGTH;
    else if (digits == want && !gtin_pad((const char *)bytes, digits, gtin))
        why = WHY_CHECK_DIGIT;
    why = why ? why : add_gtin(gtin, code);
    if (!why && second < len)
        why = gs1_read(bytes + second + SYMBOLOGY_ID_LEN, len - second - SYMBOLOGY_ID_LEN, code);
    finish(code, why, year);
}

/* Numbers with a right check digit. Eight digits that are good as EAN-8 and as UPC-E say neither. */
static bool guess_number(const uint8_t *bytes, size_t len, struct code *code)
{
    char gtin[GTIN_LEN + 1], other[GTIN_LEN + 1];
    const char *digits = (const char *)bytes;
    if (!all_digits(bytes, len))
        return false;
    bool good = gtin_pad(digits, len, gtin), short_form = gtin_from_upce(digits, len, other);
    if (good != short_form)
        return !add_gtin(good ? gtin : other, code);
    return !good && len == 2 + SSCC_LEN && memcmp(bytes, "00", 2) == 0 &&
           !gs1_add(code, "00", 2, bytes + 2, SSCC_LEN);
}

/* An article's number and its add-on, with something between them that says so. */
static bool guess_add_on(const uint8_t *bytes, size_t len, struct code *code)
{
    char gtin[GTIN_LEN + 1];
    for (size_t i = 12; i <= 13 && i < len; i++) {
        size_t rest = len - i - 1;
        bool parted = (bytes[i] == ' ' || bytes[i] == '+') && (rest == 2 || rest == 5);
        if (parted && all_digits(bytes + i + 1, rest) && gtin_pad((const char *)bytes, i, gtin))
            return !add_gtin(gtin, code);
    }
    return false;
}

/* Element strings that make sense as a whole: two at least, and where no FNC1 shows that they are some, of the usual
 * kinds only. */
static bool guess_elements(const uint8_t *bytes, size_t len, struct code *code)
{
    uint8_t clean[SCAN_MAX];
    size_t count = code_replace_stand_ins(bytes, len, CODE_STAND_INS, clean);
    size_t first = count > 0 && clean[0] == GS1_FNC1;
    if (count < first + 2 + GTIN_LEN || clean[first] != '0' || clean[first + 1] > '3')
        return false;
    if (gs1_read(clean, count, code) || code->element_count < 2)
        return false;
    return memchr(clean, GS1_FNC1, count) || gs1_all_usual(code);
}

/* Nobody says what kind of text this is: it is taken for what it looks like. */
static bool guess(const uint8_t *bytes, size_t len, int year, struct code *code)
{
    static bool (*const GUESSES[])(const uint8_t *bytes, size_t len, struct code *code) = {guess_number, guess_add_on,
                                                                                           guess_elements};
    for (size_t i = 0; i < sizeof GUESSES / sizeof GUESSES[0]; i++) {
        code->element_count = 0;
        if (GUESSES[i](bytes, len, code) && !gs1_contradiction(code)) {
            code->guessed = true;
            understand(code, year);
            return true;
        }
    }
    code->element_count = 0;
    return false;
}

static bool read_chinese(const uint8_t *bytes, size_t len, struct code *code)
{
    uint8_t room[SCAN_MAX];
    const uint8_t *text = NULL;
    size_t text_len = 0;
    const char *prefix = cn_find(bytes, len, room, &text, &text_len);
    if (prefix)
        read_as_text(prefix, text, text_len, code);
    return prefix != NULL;
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
        finish(code, gs1_read_brackets(bytes, len, code), year);
    else if (len && bytes[0] == GS1_FNC1)
        finish(code, gs1_read(bytes, len, code), year);
    else if (gs1_link_claims(bytes, len))
        finish(code, gs1_link_read(bytes, len, code), year);
    else if (cn_is_waybill(bytes, len))
        set_problem(code, REASON_NOT_GOODS, WHY_WAYBILL);
    else if (!read_chinese(bytes, len, code) && !guess(bytes, len, year, code))
        read_plain(bytes, len, code);
}

static void read_itf(const uint8_t *bytes, size_t len, int year, struct code *code)
{
    if (len == GTIN_LEN)
        read_gtin(bytes, len, GTIN_LEN, year, code);
    else
        read_text(bytes, len, false, year, code);
}

static void read_itf_cut(const uint8_t *bytes, size_t len, int year, struct code *code)
{
    char whole[GTIN_LEN + 1];
    if (len != GTIN_LEN - 1 || !all_digits(bytes, len)) {
        read_text(bytes, len, false, year, code);
        return;
    }
    gtin_close((const char *)bytes, len, whole);
    read_gtin((const uint8_t *)whole, GTIN_LEN, GTIN_LEN, year, code);
}

static void read_marked(const struct symbology *symbology, const uint8_t *bytes, size_t len, int year,
                        struct code *code)
{
    switch (symbology->form) {
    case FORM_PLAIN: read_text(bytes, len, false, year, code); break;
    case FORM_GS1: finish(code, gs1_read(bytes, len, code), year); break;
    case FORM_EAN13: read_gtin(bytes, len, 13, year, code); break;
    case FORM_EAN_ADD: read_gtin(bytes, len == 15 || len == 18 ? 13 : len, 13, year, code); break;
    case FORM_EAN8: read_gtin(bytes, len, 8, year, code); break;
    case FORM_ADD_ON: set_problem(code, REASON_NOT_GOODS, WHY_ADD_ON); break;
    case FORM_ITF: read_itf(bytes, len, year, code); break;
    case FORM_ITF_CUT: read_itf_cut(bytes, len, year, code); break;
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

/* What the same text is when nobody understands it. */
static void keep_plain(const uint8_t *bytes, size_t len, bool typed, struct code *code)
{
    bool is_element_text = begins_bracketed(bytes, len, typed);
    if (is_blank(bytes, len) || is_element_text || !print_text(PLAIN, bytes, len, code->plain) ||
        strcmp(code->plain, code->key) == 0)
        code->plain[0] = '\0';
}

static void read_symbol(const uint8_t *bytes, size_t len, int year, struct code *code)
{
    const struct symbology *symbology = symbology_find(bytes, len);
    if (!symbology) {
        set_malformed(code, WHY_SYMBOLOGY);
        return;
    }
    memcpy(code->aim, bytes, SYMBOLOGY_ID_LEN);
    bytes += SYMBOLOGY_ID_LEN;
    len -= SYMBOLOGY_ID_LEN;
    if (is_blank(bytes, len) && !(len == 0 && symbology->may_be_empty && symbology->form == FORM_PLAIN))
        set_malformed(code, WHY_EMPTY);
    else
        read_marked(symbology, bytes, len, year, code);
    keep_plain(bytes, len, false, code);
}

static void read_all(const uint8_t *bytes, size_t len, bool typed, int year, struct code *code)
{
    if (is_blank(bytes, len)) {
        set_malformed(code, WHY_EMPTY);
    } else if (bytes[0] == ']') {
        read_symbol(bytes, len, year, code);
    } else {
        read_text(bytes, len, typed, year, code);
        keep_plain(bytes, len, typed, code);
    }
}

/* Bytes of the prefix with which a key of a text begins ("plain:", "ma:" …), 0 when there is none. */
static size_t prefix_of(const char *text, size_t len)
{
    const char *colon = memchr(text, ':', len < PREFIX_MAX ? len : PREFIX_MAX);
    return colon ? (size_t)(colon - text) + 1 : 0;
}

/* What follows a prefix, without escapes. False when it is no key of that kind. */
static bool read_prefixed(const char *text, size_t prefix_len, const uint8_t *bytes, size_t len, struct code *code)
{
    char prefix[PREFIX_MAX + 1];
    snprintf(prefix, sizeof prefix, "%.*s", (int)prefix_len, text);
    if (strcmp(prefix, PLAIN) == 0)
        read_plain(bytes, len, code);
    else if (cn_fits(prefix, prefix_len, bytes, len))
        read_as_text(prefix, bytes, len, code);
    else
        return false;
    return true;
}

static void read_typed(const uint8_t *bytes, size_t len, int year, struct code *code)
{
    size_t prefix_len = prefix_of((const char *)bytes, len);
    if (!prefix_len || !read_prefixed((const char *)bytes, prefix_len, bytes + prefix_len, len - prefix_len, code))
        read_all(bytes, len, true, year, code);
}

void code_parse(const struct scan *scan, int year, struct code *ret_code)
{
    clear(ret_code);
    if (scan->flags & SCAN_TRUNCATED)
        set_malformed(ret_code, WHY_TOO_LONG);
    else if (scan->flags & SCAN_BRACKETS)
        read_typed(scan->bytes, scan->len, year, ret_code);
    else
        read_all(scan->bytes, scan->len, false, year, ret_code);
}

void code_parse_text(const char *text, int year, struct code *ret_code)
{
    uint8_t bytes[SCAN_MAX];
    size_t len = strlen(text), prefix_len = prefix_of(text, len), bytes_len = 0;
    clear(ret_code);
    if (len > SCAN_MAX) {
        set_malformed(ret_code, WHY_TOO_LONG);
        return;
    }
    enum rc rc = prefix_len ? code_unescape(text + prefix_len, sizeof bytes, bytes, &bytes_len) : RC_NOT_FOUND;
    if (rc == RC_BAD_INPUT && strncmp(text, PLAIN, prefix_len) == 0)
        set_malformed(ret_code, WHY_ESCAPE);
    else if (rc != RC_OK || !read_prefixed(text, prefix_len, bytes, bytes_len, ret_code))
        read_all((const uint8_t *)text, len, true, year, ret_code);
}

/* ---- afterwards ---- */

void code_be_plain(struct code *code)
{
    char key[CODE_KEY_MAX + 1], aim[sizeof code->aim];
    assert(code->plain[0]);
    memcpy(key, code->plain, sizeof key);
    memcpy(aim, code->aim, sizeof aim);
    clear(code);
    code->kind = CODE_PLAIN;
    memcpy(code->key, key, sizeof key);
    memcpy(code->aim, aim, sizeof aim);
}

bool code_is_bare_number(const struct code *code)
{
    return code->guessed && code->kind == CODE_CLASS && code->element_count == 1;
}

void code_restore_fnc1(struct scan *scan, const char *stand_ins)
{
    enum { ANY_YEAR = 2000 };
    uint8_t bytes[SCAN_MAX];
    struct code code;
    if (!stand_ins[0] || !scan->len || scan->bytes[0] == ']' || scan->flags & SCAN_BRACKETS)
        return;
    size_t len = code_replace_stand_ins(scan->bytes, scan->len, stand_ins, bytes);
    clear(&code);
    if (!memchr(bytes, GS1_FNC1, len) || memchr(scan->bytes, GS1_FNC1, scan->len))
        return;
    size_t first = bytes[0] == GS1_FNC1;
    if (!guess(bytes + first, len - first, ANY_YEAR, &code))
        return;
    memcpy(scan->bytes, bytes, len);
    scan->len = len;
}

void code_expect(struct code *code, unsigned guesses)
{
    unsigned guess = code_is_bare_number(code)                             ? GUESS_GTIN
                     : code->kind == CODE_UNIT && code->element_count == 1 ? GUESS_SSCC
                                                                           : GUESS_ELEMENTS;
    if (code->guessed && code->plain[0] && !(guesses & guess))
        code_be_plain(code);
}

bool code_merge_contents(struct code *unit, const struct code *label, int year)
{
    struct code merged = *unit;
    const char *why = NULL;
    if (unit->kind != CODE_UNIT || label->kind != CODE_CONTENTS || code_value(unit, "02") || code_value(unit, "37"))
        return false;
    for (size_t i = 0; i < label->element_count && !why; i++) {
        const struct code_element *element = &label->elements[i];
        const uint8_t *value = (const uint8_t *)label->values + element->offset;
        if (!code_value(&merged, element->ai))
            why = gs1_add(&merged, element->ai, strlen(element->ai), value, element->len);
        else if (strcmp(code_value(&merged, element->ai), (const char *)value) != 0)
            why = WHY_EXCLUSIVE;
    }
    if (why || gs1_contradiction(&merged))
        return false;
    understand(&merged, year);
    *unit = merged;
    return true;
}

const char *code_value(const struct code *code, const char *ai)
{
    for (size_t i = 0; i < code->element_count; i++)
        if (strcmp(code->elements[i].ai, ai) == 0)
            return code->values + code->elements[i].offset;
    return NULL;
}
