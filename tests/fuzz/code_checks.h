/* What must hold for every scan whatever its bytes; the fuzz target and the unit tests both ask. Each check answers
 * NULL, or what does not hold. Not for two threads at once. */
#ifndef TALLYMAN_TESTS_FUZZ_CODE_CHECKS_H
#define TALLYMAN_TESTS_FUZZ_CODE_CHECKS_H

#include "app/domain/code.h"
#include <stdlib.h>
#include <string.h>

enum { CHECK_YEAR = 2026, CHECK_TAIL = 6 };

static inline const char *check_elements(const struct code *code)
{
    if (code->element_count > CODE_ELEMENTS_MAX)
        return "too many elements";
    size_t used = 0;
    for (size_t i = 0; i < code->element_count; i++) {
        const struct code_element *element = &code->elements[i];
        if (element->offset != used || used + element->len >= CODE_VALUES_MAX)
            return "a value lies outside its room";
        if (strlen(code->values + used) != element->len || !element->len)
            return "a value is not closed by its only NUL, or empty";
        used += (size_t)element->len + 1;
    }
    return NULL;
}

static inline const char *check_key(const struct code *code)
{
    static struct code back;
    if (strnlen(code->key, CODE_KEY_MAX + 1) > CODE_KEY_MAX)
        return "the key is too long";
    if ((code->key[0] != '\0') != (code->problem == REASON_OK))
        return "a key comes without a problem, and only then";
    if ((code->kind == CODE_NONE) != (code->problem != REASON_OK && code->problem != REASON_NEED_SSCC))
        return "the kind does not fit the problem";
    if ((code->why[0] != '\0') != (code->problem != REASON_OK))
        return "a problem says why, and only a problem";
    if (!code->key[0])
        return NULL;
    code_parse_text(code->key, CHECK_YEAR, &back);
    if (strcmp(back.key, code->key) != 0 || back.kind != code->kind || back.guessed)
        return "the key does not read back to itself";
    return NULL;
}

static inline const char *check_guess(const struct code *code)
{
    static struct code back;
    if (code->guessed && code->kind == CODE_PLAIN)
        return "plain text is no guess";
    if (code->plain[0] && strcmp(code->plain, code->key) == 0)
        return "the plain key is the key";
    if (!code->plain[0])
        return NULL;
    code_parse_text(code->plain, CHECK_YEAR, &back);
    return back.kind == CODE_PLAIN && strcmp(back.key, code->plain) == 0 ? NULL : "the plain key does not read back";
}

static inline const char *check_tail(const struct code *code)
{
    char text[4 * CHECK_TAIL + 1];
    return strlen(code_tail(code, CHECK_TAIL, text)) < sizeof text ? NULL : "the tail is too long";
}

static inline const char *code_check_escapes(const uint8_t *bytes, size_t len)
{
    static char text[4 * SCAN_MAX + 1];
    static uint8_t back[SCAN_MAX];
    size_t back_len = 0;
    if (len > SCAN_MAX)
        return NULL;
    code_escape(bytes, len, text);
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return "an escaped text has a control character";
    if (code_unescape(text, sizeof back, back, &back_len) != RC_OK)
        return "an escaped text can't be read";
    return back_len == len && memcmp(back, bytes, len) == 0 ? NULL : "an escaped text reads as other bytes";
}

static inline const char *code_check_scan(const uint8_t *bytes, size_t len, bool typed)
{
    static struct code code;
    struct scan *scan = scan_new(bytes, len);
    if (!scan)
        return "no memory";
    scan->flags |= typed ? SCAN_BRACKETS : 0;
    code_parse(scan, CHECK_YEAR, &code);
    free(scan);
    const char *wrong = check_elements(&code);
    wrong = wrong ? wrong : check_key(&code);
    wrong = wrong ? wrong : check_guess(&code);
    return wrong ? wrong : check_tail(&code);
}

#endif
