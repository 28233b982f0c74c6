#include "sync/wire/quick.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGITS_MAX = 15,      /* fewer than a number of 64 bits may have */
    UNESCAPED_MAX = 1024, /* a longer text with escapes is unusual */
    DUMP_FIRST = 120,     /* bytes; an allocation's text has about fifty */
    NUMBER_TEXT = 24      /* of 64 bits, sign and NUL */
};

/* ---- reading ---- */

struct input {
    const char *at, *end;
    int depth;
};

/* What a text's bytes are: plain ones stand for themselves. */
enum kind { ENDS, PLAIN, ESCAPE, BEYOND };

static enum kind kind_of(unsigned char byte)
{
    if (byte >= 0x80)
        return BEYOND;
    if (byte == '\\')
        return ESCAPE;
    return byte < ' ' || byte == '"' ? ENDS : PLAIN;
}

static bool take(struct input *in, char byte)
{
    if (in->at == in->end || *in->at != byte)
        return false;
    in->at++;
    return true;
}

/* The text behind an opening quote, to its closing one: its bytes as they stand there. */
static bool take_text(struct input *in, const char **ret_text, size_t *ret_len, bool *ret_escapes, bool *ret_beyond)
{
    const char *at = in->at;
    unsigned seen = 0;
    for (; at < in->end; at++) {
        enum kind kind = kind_of((unsigned char)*at);
        if (kind == ENDS)
            break;
        seen |= 1u << kind;
        if (kind == ESCAPE && ++at == in->end)
            return false;
    }
    if (at == in->end || *at != '"')
        return false;
    *ret_text = in->at;
    *ret_len = (size_t)(at - in->at);
    *ret_escapes = seen & 1u << ESCAPE;
    *ret_beyond = seen & 1u << BEYOND;
    in->at = at + 1;
    return true;
}

/* Of one letter; 0 any other escape. */
static char unescaped(char letter)
{
    static const char LETTERS[] = "\"\\/bfnrt", MEANT[] = "\"\\/\b\f\n\r\t";
    const char *found = letter ? strchr(LETTERS, letter) : NULL;
    return found ? MEANT[found - LETTERS] : '\0';
}

static json_t *text_with_escapes(const char *text, size_t len)
{
    char plain[UNESCAPED_MAX];
    size_t to = 0;
    for (size_t i = 0; i < len; i++) {
        char byte = text[i] == '\\' ? unescaped(text[++i]) : text[i];
        if (!byte || to == sizeof plain)
            return NULL;
        plain[to++] = byte;
    }
    return json_stringn(plain, to); /* looks whether it is UTF-8 */
}

static json_t *read_text(struct input *in)
{
    const char *text;
    size_t len;
    bool escapes, beyond;
    if (!take_text(in, &text, &len, &escapes, &beyond))
        return NULL;
    if (escapes)
        return text_with_escapes(text, len);
    return beyond ? json_stringn(text, len) : json_stringn_nocheck(text, len);
}

static json_t *read_number(struct input *in)
{
    bool minus = take(in, '-');
    const char *first = in->at;
    json_int_t value = 0;
    for (; in->at < in->end && *in->at >= '0' && *in->at <= '9' && in->at - first < DIGITS_MAX; in->at++)
        value = value * 10 + (*in->at - '0');
    bool whole = in->at > first && (*first != '0' || in->at == first + 1) && !(minus && value == 0);
    /* what may follow a value, but no more of a number */
    if (!whole || (in->at < in->end && !memchr(",]}", *in->at, 3)))
        return NULL;
    return json_integer(minus ? -value : value);
}

static json_t *read_word(struct input *in, const char *word, json_t *value)
{
    size_t len = strlen(word);
    if ((size_t)(in->end - in->at) < len || memcmp(in->at, word, len) != 0)
        return NULL;
    in->at += len;
    return value;
}

static json_t *read_value(struct input *in);

static bool read_member(struct input *in, json_t *object)
{
    const char *name;
    size_t len;
    bool escapes, beyond;
    if (!take(in, '"') || !take_text(in, &name, &len, &escapes, &beyond) || escapes || beyond || !take(in, ':'))
        return false;
    size_t before = json_object_size(object);
    return json_object_setn_new_nocheck(object, name, len, read_value(in)) == 0 &&
           json_object_size(object) == before + 1; /* a member that is named twice is unusual */
}

static bool read_item(struct input *in, json_t *array)
{
    return json_array_append_new(array, read_value(in)) == 0;
}

/* Behind the opening bracket, to the closing one. */
static json_t *read_all(struct input *in, json_t *all, char close, bool (*read)(struct input *in, json_t *all))
{
    bool good = all && ++in->depth <= QUICK_DEPTH_MAX;
    if (good && !take(in, close)) {
        do
            good = read(in, all);
        while (good && take(in, ','));
        good = good && take(in, close);
    }
    in->depth--;
    if (good)
        return all;
    json_decref(all);
    return NULL;
}

static json_t *read_value(struct input *in)
{
    if (in->at == in->end)
        return NULL;
    switch (*in->at) {
    case '"': in->at++; return read_text(in);
    case '{': in->at++; return read_all(in, json_object(), '}', read_member);
    case '[': in->at++; return read_all(in, json_array(), ']', read_item);
    case 't': return read_word(in, "true", json_true());
    case 'f': return read_word(in, "false", json_false());
    case 'n': return read_word(in, "null", json_null());
    default: return read_number(in);
    }
}

json_t *quick_try(const char *text, size_t len)
{
    struct input in = {text, text + len, 0};
    if (len == 0 || (*text != '{' && *text != '['))
        return NULL;
    json_t *value = read_value(&in);
    if (value && in.at == in.end)
        return value;
    json_decref(value);
    return NULL;
}

json_t *quick_load(const char *text, size_t len, size_t flags)
{
    json_t *value = quick_try(text, len);
    return value ? value : json_loadb(text, len, flags, NULL);
}

/* ---- writing ---- */

struct output {
    char *text;
    size_t len, room;
};

static bool put(struct output *out, const char *bytes, size_t len)
{
    if (out->len + len + 1 > out->room) {
        size_t room = 2 * (out->len + len + 1);
        char *text = realloc(out->text, room);
        if (!text)
            return false;
        out->text = text;
        out->room = room;
    }
    memcpy(out->text + out->len, bytes, len);
    out->len += len;
    return true;
}

static bool put_text(struct output *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (kind_of((unsigned char)text[i]) != PLAIN || text[i] == 0x7f)
            return false;
    return put(out, "\"", 1) && put(out, text, len) && put(out, "\"", 1);
}

static bool put_value(struct output *out, const json_t *value, int depth);

static bool put_object(struct output *out, const json_t *object, int depth)
{
    /* jansson goes through it as it does here, and takes no other object for it */
    json_t *all = (json_t *)(uintptr_t)object;
    bool good = put(out, "{", 1), first = true;
    for (void *at = json_object_iter(all); at && good; at = json_object_iter_next(all, at)) {
        good = (first || put(out, ",", 1)) && put_text(out, json_object_iter_key(at), json_object_iter_key_len(at)) &&
               put(out, ":", 1) && put_value(out, json_object_iter_value(at), depth);
        first = false;
    }
    return good && put(out, "}", 1);
}

static bool put_array(struct output *out, const json_t *array, int depth)
{
    bool good = put(out, "[", 1);
    for (size_t i = 0; i < json_array_size(array) && good; i++)
        good = (i == 0 || put(out, ",", 1)) && put_value(out, json_array_get(array, i), depth);
    return good && put(out, "]", 1);
}

static bool put_number(struct output *out, json_int_t number)
{
    char text[NUMBER_TEXT];
    int len = snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, number);
    return put(out, text, (size_t)len);
}

static bool put_value(struct output *out, const json_t *value, int depth)
{
    if (depth >= QUICK_DEPTH_MAX || !value)
        return false;
    switch (json_typeof(value)) {
    case JSON_OBJECT: return put_object(out, value, depth + 1);
    case JSON_ARRAY: return put_array(out, value, depth + 1);
    case JSON_STRING: return put_text(out, json_string_value(value), json_string_length(value));
    case JSON_INTEGER: return put_number(out, json_integer_value(value));
    case JSON_TRUE: return put(out, "true", 4);
    case JSON_FALSE: return put(out, "false", 5);
    case JSON_NULL: return put(out, "null", 4);
    case JSON_REAL: break;
    }
    return false;
}

char *quick_dump(const json_t *value)
{
    struct output out = {.text = malloc(DUMP_FIRST), .room = DUMP_FIRST};
    if (out.text && (json_is_object(value) || json_is_array(value)) && put_value(&out, value, 0)) {
        out.text[out.len] = '\0';
        return out.text;
    }
    free(out.text);
    return json_dumps(value, JSON_COMPACT);
}
