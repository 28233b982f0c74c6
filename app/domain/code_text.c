/* Codes as text for people and scripts: escapes, and the end of a code for the corner of a screen. */
#include "app/domain/code.h"
#include <string.h>

enum { ESCAPE_LEN = 4, UTF8_MAX = 4 };

/* Line and paragraph separators, zero-width and direction marks: they would hide or turn what is shown. */
static const struct {
    uint32_t first, last;
} UNPRINTABLE[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0x200b, 0x200f}, {0x2028, 0x202e},
    {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xffff},
};

static bool is_printable(uint32_t point)
{
    for (size_t i = 0; i < sizeof UNPRINTABLE / sizeof UNPRINTABLE[0]; i++)
        if (point >= UNPRINTABLE[i].first && point <= UNPRINTABLE[i].last)
            return false;
    return true;
}

/* Bytes of the printable UTF-8 character at the beginning, 0 when there is none (RFC 3629). */
static size_t printable_len(const uint8_t *bytes, size_t len)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000}; /* shorter forms are no UTF-8 */
    uint8_t first = bytes[0];
    size_t count = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
    if (!count || count > len)
        return 0;
    uint32_t point = count == 1 ? first : first & (0x7fu >> count);
    for (size_t i = 1; i < count; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (bytes[i] & 0x3f);
    }
    if (point < LEAST[count] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    return is_printable(point) ? count : 0;
}

char *code_escape(const uint8_t *bytes, size_t len, char *ret_text)
{
    static const char HEX[] = "0123456789abcdef";
    char *at = ret_text;
    for (size_t i = 0; i < len;) {
        size_t count = printable_len(bytes + i, len - i);
        if (count == 0) {
            *at++ = '\\';
            *at++ = 'x';
            *at++ = HEX[bytes[i] >> 4];
            *at++ = HEX[bytes[i] & 15];
            i++;
            continue;
        }
        if (bytes[i] == '\\')
            *at++ = '\\';
        memcpy(at, bytes + i, count);
        at += count;
        i += count;
    }
    *at = '\0';
    return ret_text;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that the escape at `at` stands for, or -1. *ret_len: characters of the escape. `\(` stands for its
 * backslash: what it means is for bracketed element strings to say. */
static int unescape_one(const char *at, size_t *ret_len)
{
    *ret_len = 1;
    if (at[0] != '\\' || at[1] == '(')
        return (unsigned char)at[0];
    if (at[1] == '\\') {
        *ret_len = 2;
        return '\\';
    }
    int high = at[1] == 'x' ? hex_digit(at[2]) : -1;
    int low = high < 0 ? -1 : hex_digit(at[3]);
    *ret_len = ESCAPE_LEN;
    return low < 0 ? -1 : high << 4 | low;
}

enum rc code_unescape(const char *line, size_t max, uint8_t *ret_bytes, size_t *ret_len)
{
    size_t step, count = 0;
    for (const char *at = line; *at; at += step) {
        if (unescape_one(at, &step) < 0)
            return RC_BAD_INPUT;
        count++;
    }
    if (count > max)
        return RC_TOO_BIG;
    count = 0;
    for (const char *at = line; *at; at += step)
        ret_bytes[count++] = (uint8_t)unescape_one(at, &step);
    *ret_len = count;
    return RC_OK;
}

/* Bytes of one character of a key's text: an escape, or UTF-8. */
static size_t character_len(const char *at)
{
    size_t len = strlen(at);
    if (at[0] == '\\')
        return at[1] == 'x' && len >= ESCAPE_LEN ? ESCAPE_LEN : len > 1 ? 2 : 1;
    size_t count = 1;
    while (count < UTF8_MAX && ((unsigned char)at[count] & 0xc0) == 0x80)
        count++;
    return count;
}

static const char *told_text(const struct code *code)
{
    switch (code->kind) {
    case CODE_NONE: return "";
    case CODE_UNIT: return strchr(code->key, ')') + 1;
    case CODE_ITEM: return code->serial;
    case CODE_LOT: return code->lot;
    case CODE_CLASS:
    case CODE_CONTENTS: return code->gtin;
    case CODE_PLAIN: return strchr(code->key, ':') + 1;
    }
    return "";
}

char *code_tail(const struct code *code, size_t n, char *ret_text)
{
    const char *text = told_text(code);
    size_t count = 0;
    for (const char *at = text; *at; at += character_len(at))
        count++;
    for (; count > n; count--)
        text += character_len(text);
    memcpy(ret_text, text, strlen(text) + 1);
    return ret_text;
}

/* Bytes of the stand-in that the text begins with, 0 none. */
static size_t stand_in_len(const uint8_t *bytes, size_t len, const char *list)
{
    for (const char *at = list; *at;) {
        size_t count = strcspn(at, " ");
        if (count > 0 && count <= len && memcmp(bytes, at, count) == 0)
            return count;
        at += count + (at[count] == ' ');
    }
    return 0;
}

size_t code_replace_stand_ins(const uint8_t *bytes, size_t len, const char *stand_ins, uint8_t *ret_bytes)
{
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        size_t count = stand_in_len(bytes + i, len - i, stand_ins);
        ret_bytes[used++] = count ? 0x1d : bytes[i];
        i += count ? count : 1;
    }
    return used;
}
