#include "sync/wire/field.h"
#include "sync/wire/limits.h"
#include "sync/wire/quick.h"
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { HEX_MAX = 2 * SIGNATURE_BYTES };

enum rc field_load(const void *data, size_t len, size_t max, json_t **ret_object)
{
    if (len > max)
        return RC_TOO_BIG;
    json_error_t error;
    json_t *object = quick_try(data, len);
    if (!object)
        object = json_loadb(data, len, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        return json_error_code(&error) == json_error_out_of_memory ? RC_NOMEM : RC_BAD_INPUT;
    if (!json_is_object(object)) {
        json_decref(object);
        return RC_BAD_INPUT;
    }
    *ret_object = object;
    return RC_OK;
}

enum rc field_load_first(const void *data, size_t len, json_t **ret_object, const char **ret_rest,
                         size_t *ret_rest_len)
{
    const char *end = len ? memchr(data, '\n', len) : NULL;
    if (!end)
        return RC_BAD_INPUT;
    size_t first = (size_t)(end - (const char *)data);
    enum rc rc = field_load(data, first, MESSAGE_BODY_MAX, ret_object);
    if (rc != RC_OK)
        return rc;
    *ret_rest = end + 1;
    *ret_rest_len = len - first - 1;
    return RC_OK;
}

enum rc field_lines(const char *lines, size_t len, size_t line_max, int max_lines, int *ret_count)
{
    int count = 0;
    for (size_t at = 0; at < len; count++) {
        const char *end = memchr(lines + at, '\n', len - at);
        size_t line_len = end ? (size_t)(end - lines) - at : 0;
        if (line_len == 0)
            return RC_BAD_INPUT;
        if (line_len > line_max || count == max_lines)
            return RC_TOO_BIG;
        at += line_len + 1;
    }
    *ret_count = count;
    return RC_OK;
}

bool field_text(const json_t *object, const char *name, size_t max, char *ret_text)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value) || json_string_length(value) > max)
        return false;
    memcpy(ret_text, json_string_value(value), json_string_length(value) + 1);
    return true;
}

bool field_int(const json_t *object, const char *name, int64_t min, int64_t max, int64_t *ret_value)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value) || json_integer_value(value) < min || json_integer_value(value) > max)
        return false;
    *ret_value = json_integer_value(value);
    return true;
}

bool field_bool(const json_t *object, const char *name, bool *ret_value)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_boolean(value))
        return false;
    *ret_value = json_is_true(value);
    return true;
}

bool field_hex(const json_t *object, const char *name, size_t bytes, uint8_t *ret_bytes)
{
    assert(2 * bytes <= HEX_MAX);
    char text[HEX_MAX + 1];
    uint8_t binary[HEX_MAX / 2];
    size_t len = 0;
    if (!field_text(object, name, HEX_MAX, text) || strlen(text) != 2 * bytes ||
        strspn(text, "0123456789abcdef") != 2 * bytes ||
        sodium_hex2bin(binary, sizeof(binary), text, 2 * bytes, NULL, &len, NULL) != 0 || len != bytes)
        return false;
    memcpy(ret_bytes, binary, bytes);
    return true;
}

static bool pin_ok(const char *pin)
{
    return pin && strlen(pin) == WIRE_PIN_TEXT && strspn(pin, "0123456789abcdef") == WIRE_PIN_TEXT;
}

bool field_pins(const json_t *object, char (*ret_pins)[WIRE_PIN_TEXT + 1])
{
    const json_t *pins = json_object_get(object, "pins"), *pin;
    size_t i;
    if (!json_is_array(pins) || json_array_size(pins) > WIRE_PINS_MAX)
        return false;
    json_array_foreach(pins, i, pin) if (!pin_ok(json_string_value(pin))) return false;
    for (i = 0; i < WIRE_PINS_MAX; i++) {
        const char *text = json_string_value(json_array_get(pins, i));
        memcpy(ret_pins[i], text ? text : "", text ? WIRE_PIN_TEXT + 1 : 1);
    }
    return true;
}

bool field_set_pins(json_t *object, const char (*pins)[WIRE_PIN_TEXT + 1])
{
    json_t *array = json_array();
    for (int i = 0; i < WIRE_PINS_MAX; i++)
        if (pins[i][0] && json_array_append_new(array, json_string(pins[i])) != 0) {
            json_decref(array);
            return false;
        }
    return json_object_set_new(object, "pins", array) == 0;
}

bool field_set_hex(json_t *object, const char *name, const uint8_t *bytes, size_t len)
{
    assert(2 * len <= HEX_MAX);
    char text[HEX_MAX + 1];
    sodium_bin2hex(text, sizeof(text), bytes, len);
    return json_object_set_new(object, name, json_string(text)) == 0;
}

enum rc field_dump(json_t *object, char **ret_text, size_t *ret_len)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (!text)
        return RC_NOMEM;
    *ret_text = text;
    *ret_len = strlen(text);
    return RC_OK;
}

enum rc field_dump_first(json_t *object, const char *lines, size_t lines_len, char **ret_text, size_t *ret_len)
{
    char *first;
    size_t len;
    enum rc rc = field_dump(object, &first, &len);
    if (rc != RC_OK)
        return rc;
    char *text = realloc(first, len + 1 + lines_len + 1);
    if (!text) {
        free(first);
        return RC_NOMEM;
    }
    text[len] = '\n';
    if (lines_len)
        memcpy(text + len + 1, lines, lines_len);
    text[len + 1 + lines_len] = '\0';
    *ret_text = text;
    *ret_len = len + 1 + lines_len;
    return RC_OK;
}
