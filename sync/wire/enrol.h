/* Enrolling: the one-time string that the server prints, and POST /v1/enrol. */
#ifndef TALLYMAN_SYNC_WIRE_ENROL_H
#define TALLYMAN_SYNC_WIRE_ENROL_H

#include "app/domain/rc.h"
#include "sync/wire/reply.h"
#include <stddef.h>

enum { ENROL_STRING_MAX = 1400 };

struct enrol_string {
    char url[WIRE_URL_MAX + 1]; /* http://… or https://…, no closing slash */
    char token[TOKEN_MAX + 1];
    char pins[WIRE_PINS_MAX][WIRE_PIN_TEXT + 1]; /* "" none */
};

/* "tallyman:1:" and base64url of a JSON object. ret_text holds ENROL_STRING_MAX + 1. */
enum rc enrol_string_encode(const struct enrol_string *string, char *ret_text);
/* Blanks and line ends around it are skipped. RC_BAD_INPUT; RC_NEWER for a version other than 1. */
enum rc enrol_string_decode(const char *text, struct enrol_string *ret_string);

/* True for an address that a device may be given: http or https, a host, printable ASCII, no closing slash. */
bool enrol_url_ok(const char *url);

struct enrol_request {
    char token[TOKEN_MAX + 1];
    uint8_t public_key[PUBLIC_KEY_BYTES];
};

struct enrol_reply {
    struct reply_head head;
    int64_t device; /* 1 … */
    char site[ID_MAX + 1];
    char url[WIRE_URL_MAX + 1]; /* where to go from now on; "" as before */
};

/* Encoders: the caller frees *ret_text. Decoders: RC_BAD_INPUT, RC_TOO_BIG. */
enum rc enrol_request_encode(const struct enrol_request *request, char **ret_text, size_t *ret_len);
enum rc enrol_request_decode(const void *data, size_t len, struct enrol_request *ret_request);
enum rc enrol_reply_encode(const struct enrol_reply *reply, char **ret_text, size_t *ret_len);
enum rc enrol_reply_decode(const void *data, size_t len, struct enrol_reply *ret_reply);

#endif
