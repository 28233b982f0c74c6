/* Members of a JSON message, read with bounds and written: what all messages share. Pure; any thread. What is read may
 * come from anybody: nothing here trusts it. */
#ifndef TALLYMAN_SYNC_WIRE_FIELD_H
#define TALLYMAN_SYNC_WIRE_FIELD_H

#include "app/domain/rc.h"
#include "sync/wire/limits.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One JSON object of at most `max` bytes: RC_TOO_BIG, RC_BAD_INPUT, RC_NOMEM. The caller decrefs. */
enum rc field_load(const void *data, size_t len, size_t max, json_t **ret_object);

/* The first line of NDJSON (at most MESSAGE_BODY_MAX) as an object; the rest is *ret_rest (may be empty). */
enum rc field_load_first(const void *data, size_t len, json_t **ret_object, const char **ret_rest,
                         size_t *ret_rest_len);

/* How many lines, each ended by '\n', none empty, none longer than line_max; RC_BAD_INPUT otherwise, RC_TOO_BIG for
 * more than max_lines. */
enum rc field_lines(const char *lines, size_t len, size_t line_max, int max_lines, int *ret_count);

/* False when the member is missing, of another type, or out of bounds; outputs are untouched then. `max` of text is
 * bytes without the NUL. */
bool field_text(const json_t *object, const char *name, size_t max, char *ret_text);
bool field_int(const json_t *object, const char *name, int64_t min, int64_t max, int64_t *ret_value);
bool field_bool(const json_t *object, const char *name, bool *ret_value);
bool field_hex(const json_t *object, const char *name, size_t bytes, uint8_t *ret_bytes);

/* The member "pins": at most WIRE_PINS_MAX TLS pins, those that are not there "". Written, empty ones are left out. */
bool field_pins(const json_t *object, char (*ret_pins)[WIRE_PIN_TEXT + 1]);
bool field_set_pins(json_t *object, const char (*pins)[WIRE_PIN_TEXT + 1]);

/* A member of hex text; false without memory. */
bool field_set_hex(json_t *object, const char *name, const uint8_t *bytes, size_t len);

/* Takes the reference to the object (NULL: RC_NOMEM), writes compact JSON. The caller frees. With `lines`, the object
 * is the first line and they follow it. */
enum rc field_dump(json_t *object, char **ret_text, size_t *ret_len);
enum rc field_dump_first(json_t *object, const char *lines, size_t lines_len, char **ret_text, size_t *ret_len);

#endif
