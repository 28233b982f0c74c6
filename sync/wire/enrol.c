#include "sync/wire/enrol.h"
#include "sync/wire/field.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "tallyman:1:";

enum {
    PREFIX_LEN = sizeof(prefix) - 1,
    FAMILY_LEN = sizeof("tallyman:") - 1,
    STRING_JSON_MAX = 1000,
    BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};

bool enrol_url_ok(const char *url)
{
    size_t scheme = strncmp(url, "http://", 7) == 0 ? 7 : strncmp(url, "https://", 8) == 0 ? 8 : 0;
    size_t len = strlen(url);
    if (!scheme || len <= scheme || len > WIRE_URL_MAX || url[len - 1] == '/' || url[scheme] == '/')
        return false;
    for (const char *at = url; *at; at++)
        if (*at <= ' ' || *at > '~' || strchr("\"<>\\^`{|}@?#", *at))
            return false;
    return true;
}

enum rc enrol_string_encode(const struct enrol_string *string, char *ret_text)
{
    json_t *object = json_pack("{s:s, s:s}", "url", string->url, "token", string->token);
    char *text;
    size_t len;
    if (object && !field_set_pins(object, string->pins)) {
        json_decref(object);
        return RC_NOMEM;
    }
    enum rc rc = field_dump(object, &text, &len);
    if (rc != RC_OK)
        return rc;
    if (len > STRING_JSON_MAX) {
        rc = RC_TOO_BIG;
    } else {
        memcpy(ret_text, prefix, PREFIX_LEN);
        sodium_bin2base64(ret_text + PREFIX_LEN, ENROL_STRING_MAX + 1 - PREFIX_LEN, (const uint8_t *)text, len,
                          BASE64);
    }
    free(text);
    return rc;
}

enum rc enrol_string_decode(const char *text, struct enrol_string *ret_string)
{
    static const char blanks[] = " \t\r\n";
    text += strspn(text, blanks);
    size_t len = strcspn(text, blanks);
    if (text[len + strspn(text + len, blanks)] != '\0' || strncmp(text, prefix, FAMILY_LEN) != 0)
        return RC_BAD_INPUT;
    if (strncmp(text, prefix, PREFIX_LEN) != 0)
        return RC_NEWER;
    if (len > ENROL_STRING_MAX)
        return RC_TOO_BIG;
    uint8_t binary[ENROL_STRING_MAX];
    size_t binary_len;
    if (sodium_base642bin(binary, sizeof(binary), text + PREFIX_LEN, len - PREFIX_LEN, NULL, &binary_len, NULL,
                          BASE64) != 0)
        return RC_BAD_INPUT;
    json_t *object;
    enum rc rc = field_load(binary, binary_len, STRING_JSON_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct enrol_string string = {0};
    if (!field_text(object, "url", WIRE_URL_MAX, string.url) || !enrol_url_ok(string.url) ||
        !field_text(object, "token", TOKEN_MAX, string.token) || !reply_is_token(string.token) ||
        !field_pins(object, string.pins))
        rc = RC_BAD_INPUT;
    else
        *ret_string = string;
    json_decref(object);
    return rc;
}

enum rc enrol_request_encode(const struct enrol_request *request, char **ret_text, size_t *ret_len)
{
    json_t *object = json_pack("{s:s}", "token", request->token);
    if (!object || !field_set_hex(object, "public_key", request->public_key, PUBLIC_KEY_BYTES)) {
        json_decref(object);
        return RC_NOMEM;
    }
    return field_dump(object, ret_text, ret_len);
}

enum rc enrol_request_decode(const void *data, size_t len, struct enrol_request *ret_request)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct enrol_request request = {0};
    if (!field_text(object, "token", TOKEN_MAX, request.token) || !reply_is_token(request.token) ||
        !field_hex(object, "public_key", PUBLIC_KEY_BYTES, request.public_key))
        rc = RC_BAD_INPUT;
    else
        *ret_request = request;
    json_decref(object);
    return rc;
}

enum rc enrol_reply_encode(const struct enrol_reply *reply, char **ret_text, size_t *ret_len)
{
    json_t *members =
        json_pack("{s:I, s:s, s:s}", "device", (json_int_t)reply->device, "site", reply->site, "url", reply->url);
    return field_dump(reply_object(&reply->head, members), ret_text, ret_len);
}

enum rc enrol_reply_decode(const void *data, size_t len, struct enrol_reply *ret_reply)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct enrol_reply reply = {0};
    if (!reply_read(object, &reply.head) || !field_int(object, "device", 1, WIRE_INT_MAX, &reply.device) ||
        !field_text(object, "site", ID_MAX, reply.site) || !reply.site[0] ||
        !field_text(object, "url", WIRE_URL_MAX, reply.url) || (reply.url[0] && !enrol_url_ok(reply.url)))
        rc = RC_BAD_INPUT;
    else
        *ret_reply = reply;
    json_decref(object);
    return rc;
}
