#include "app/store/json_text.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 1024, NUMBER_MAX = 24 };

static char *reserve(struct json_text *json, size_t len)
{
    if (json->len + len + 1 > json->room && !json->failed) {
        size_t room = json->room ? json->room * 2 : FIRST_ROOM;
        while (room < json->len + len + 1)
            room *= 2;
        char *text = realloc(json->text, room);
        if (!text) {
            json->failed = true;
            return NULL;
        }
        json->text = text;
        json->room = room;
    }
    return json->failed ? NULL : json->text + json->len;
}

/* Names and brackets are a few bytes each: there is room for nearly all of them. */
static inline void put(struct json_text *json, const char *bytes, size_t len)
{
    bool fits = json->len + len < json->room && !json->failed;
    char *at = fits ? json->text + json->len : reserve(json, len);
    if (!at)
        return;
    memcpy(at, bytes, len);
    json->len += len;
}

static bool after_value(const struct json_text *json)
{
    char last = json->len > 0 && !json->failed ? json->text[json->len - 1] : '{';
    return last != '{' && last != '[';
}

/* Names are ours and need no escapes. */
static void put_name(struct json_text *json, const char *name)
{
    if (after_value(json))
        put(json, ",", 1);
    if (!name)
        return;
    size_t len = strlen(name);
    char *at = reserve(json, len + 3);
    if (!at)
        return;
    at[0] = '"';
    memcpy(at + 1, name, len);
    at[len + 1] = '"';
    at[len + 2] = ':';
    json->len += len + 3;
}

void json_text_open(struct json_text *json, const char *name, char bracket)
{
    put_name(json, name);
    put(json, &bracket, 1);
}

void json_text_close(struct json_text *json, char bracket)
{
    put(json, &bracket, 1);
}

/* Bytes of the UTF-8 character that begins here (RFC 3629), 0 when none does. */
static size_t utf8_len(const unsigned char *at)
{
    static const struct {
        unsigned char mask, lead, low, high; /* bounds of the second byte */
        size_t len;
    } forms[] = {
        {0xff, 0xe0, 0xa0, 0xbf, 3}, {0xff, 0xed, 0x80, 0x9f, 3}, {0xf0, 0xe0, 0x80, 0xbf, 3},
        {0xff, 0xf0, 0x90, 0xbf, 4}, {0xff, 0xf4, 0x80, 0x8f, 4}, {0xfc, 0xf0, 0x80, 0xbf, 4},
    };
    if (at[0] < 0x80)
        return 1;
    if (at[0] >= 0xc2 && at[0] <= 0xdf)
        return (at[1] & 0xc0) == 0x80 ? 2 : 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if ((at[0] & forms[i].mask) != forms[i].lead)
            continue;
        bool good = at[1] >= forms[i].low && at[1] <= forms[i].high && (at[2] & 0xc0) == 0x80 &&
                    (forms[i].len == 3 || (at[3] & 0xc0) == 0x80);
        return good ? forms[i].len : 0;
    }
    return 0;
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static size_t put_special(struct json_text *json, const unsigned char *at)
{
    static const char hex[] = "0123456789abcdef";
    size_t len = utf8_len(at);
    if (len == 0) {
        put(json, "\\ufffd", 6);
        return 1;
    }
    if (*at == '"' || *at == '\\') {
        char escape[2] = {'\\', (char)*at};
        put(json, escape, 2);
    } else if (*at < 0x20 || *at == 0x7f) {
        char escape[6] = {'\\', 'u', '0', '0', hex[*at >> 4], hex[*at & 15]};
        put(json, escape, 6);
    } else {
        put(json, (const char *)at, len);
    }
    return len;
}

static void put_text(struct json_text *json, const char *value)
{
    const unsigned char *at = (const unsigned char *)value;
    put(json, "\"", 1);
    while (*at) {
        size_t plain = 0;
        while (is_plain(at[plain]))
            plain++;
        put(json, (const char *)at, plain);
        at += plain;
        if (*at)
            at += put_special(json, at);
    }
    put(json, "\"", 1);
}

void json_text_string(struct json_text *json, const char *name, const char *value)
{
    put_name(json, name);
    put_text(json, value);
}

void json_text_field(struct json_text *json, const char *name, const char *value)
{
    put_name(json, NULL);
    put_text(json, name);
    put(json, ":", 1);
    put_text(json, value);
}

void json_text_integer(struct json_text *json, const char *name, int64_t value)
{
    char digits[NUMBER_MAX];
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        digits[--at] = '-';
    put_name(json, name);
    put(json, digits + at, sizeof digits - at);
}

void json_text_literal(struct json_text *json, const char *name, const char *literal)
{
    put_name(json, name);
    put(json, literal, strlen(literal));
}

void json_text_base64(struct json_text *json, const char *name, const void *bytes, size_t len)
{
    enum { VARIANT = sodium_base64_VARIANT_ORIGINAL };
    size_t size = sodium_base64_ENCODED_LEN(len, VARIANT);
    put_name(json, name);
    put(json, "\"", 1);
    char *at = reserve(json, size);
    if (!at)
        return;
    sodium_bin2base64(at, size, bytes, len, VARIANT);
    json->len += size - 1; /* less its NUL */
    put(json, "\"", 1);
}

void json_text_members(struct json_text *json, const json_t *object)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    size_t len = text ? strlen(text) : 0;
    if (len > 2) { /* without its brackets */
        put_name(json, NULL);
        put(json, text + 1, len - 2);
    }
    json->failed |= object && !text;
    free(text);
}

char *json_text_end(struct json_text *json)
{
    char *at = reserve(json, 0);
    if (!at) {
        free(json->text);
        return NULL;
    }
    *at = '\0';
    return json->text;
}
