/* Writes one compact JSON object, member by member, into one growing text. A record's body is written at every scan: this
 * takes a tenth of what building a tree of values does. Memory that runs out shows at the end, as a NULL. */
#ifndef TALLYMAN_STORE_JSON_TEXT_H
#define TALLYMAN_STORE_JSON_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_text {
    char *text;
    size_t len, room;
    bool failed;
};

/* `{` … `}`, `[` … `]`. Inside an array the name is NULL. */
void json_text_open(struct json_text *json, const char *name, char bracket);
void json_text_close(struct json_text *json, char bracket);

/* Text that may come from anywhere: what is no UTF-8 becomes U+FFFD rather than losing the record. */
void json_text_string(struct json_text *json, const char *name, const char *value);
/* The same with a name that is not ours. */
void json_text_field(struct json_text *json, const char *name, const char *value);
void json_text_integer(struct json_text *json, const char *name, int64_t value);
/* `null`, `true` … or a text known to need no escapes, as it stands. */
void json_text_literal(struct json_text *json, const char *name, const char *literal);
void json_text_base64(struct json_text *json, const char *name, const void *bytes, size_t len);
/* All members of an object. */
void json_text_members(struct json_text *json, const json_t *object);

/* The text; the caller frees. NULL without memory. */
char *json_text_end(struct json_text *json);

#endif
