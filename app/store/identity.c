/* The identity file: who this device is to its server. 0600, replaced atomically. */
#include "app/store/catalogs.h"
#include "app/store/syncport.h"
#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 1200 };

static void get_text(const json_t *object, const char *name, char *ret_text, size_t size)
{
    const char *text = json_string_value(json_object_get(object, name));
    snprintf(ret_text, size, "%s", text ? text : "");
}

static bool get_hex(const json_t *object, const char *name, uint8_t *ret_bytes, size_t size)
{
    const char *text = json_string_value(json_object_get(object, name));
    size_t len = 0;
    return text && sodium_hex2bin(ret_bytes, size, text, strlen(text), NULL, &len, NULL) == 0 && len == size;
}

static enum rc from_json(const json_t *object, struct sync_identity *ret_identity)
{
    struct sync_identity identity = {0};
    bool keys = get_hex(object, "public_key", identity.public_key, SYNC_KEY_BYTES) &&
                get_hex(object, "secret_key", identity.secret_key, SYNC_SECRET_BYTES);
    if (!keys)
        return RC_CORRUPT;
    identity.enrolled = json_is_true(json_object_get(object, "enrolled"));
    identity.device = json_integer_value(json_object_get(object, "device"));
    get_text(object, "url", identity.url, sizeof identity.url);
    get_text(object, "site", identity.site, sizeof identity.site);
    const json_t *pins = json_object_get(object, "pins");
    for (size_t i = 0; i < 2 && i < json_array_size(pins); i++) {
        const char *pin = json_string_value(json_array_get(pins, i));
        snprintf(identity.pins[i], sizeof identity.pins[i], "%s", pin ? pin : "");
    }
    identity.cloned = json_is_true(json_object_get(object, "cloned"));
    identity.was = json_integer_value(json_object_get(object, "was"));
    const json_t *spans = json_object_get(object, "spans");
    for (size_t i = 0; i < EPOCH_SPANS_MAX && i < json_array_size(spans); i++) {
        const json_t *span = json_array_get(spans, i);
        identity.spans[identity.span_count++] =
            (struct epoch_span){.epoch = json_integer_value(json_array_get(span, 0)),
                                .base = json_integer_value(json_array_get(span, 1))};
    }
    *ret_identity = identity;
    return RC_OK;
}

enum rc identity_load(const char *dir, struct sync_identity *ret_identity)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/identity", dir);
    FILE *file = fopen(path, "re"); /* it is read with every step: not byte by byte, as from a descriptor */
    if (!file)
        return errno == ENOENT ? RC_NOT_ENROLLED : rc_of_errno(errno);
    json_t *object = json_loadf(file, 0, NULL);
    fclose(file);
    enum rc rc = object ? from_json(object, ret_identity) : RC_CORRUPT;
    json_decref(object);
    return rc;
}

int64_t identity_mark(const char *dir)
{
    char path[PATH_BYTES];
    struct stat about;
    snprintf(path, sizeof path, "%s/identity", dir);
    if (stat(path, &about) != 0)
        return 0;
    return (int64_t)about.st_mtim.tv_sec * 1000003 + about.st_mtim.tv_nsec + (int64_t)about.st_ino;
}

static json_t *hex(const uint8_t *bytes, size_t size)
{
    char text[2 * SYNC_SECRET_BYTES + 1];
    return json_string(sodium_bin2hex(text, sizeof text, bytes, size));
}

static bool put_epochs(json_t *object, const struct sync_identity *identity)
{
    json_t *spans = json_array();
    for (int i = 0; i < identity->span_count; i++)
        json_array_append_new(
            spans, json_pack("[I, I]", (json_int_t)identity->spans[i].epoch, (json_int_t)identity->spans[i].base));
    return json_array_size(spans) == (size_t)identity->span_count &&
           json_object_set_new(object, "cloned", json_boolean(identity->cloned)) == 0 &&
           json_object_set_new(object, "was", json_integer(identity->was)) == 0 &&
           json_object_set_new(object, "spans", spans) == 0;
}

enum rc identity_save(const char *dir, const struct sync_identity *identity)
{
    json_t *object =
        json_pack("{s:b, s:I, s:s, s:s, s:[s, s], s:o, s:o}", "enrolled", identity->enrolled, "device",
                  (json_int_t)identity->device, "url", identity->url, "site", identity->site, "pins",
                  identity->pins[0], identity->pins[1], "public_key", hex(identity->public_key, SYNC_KEY_BYTES),
                  "secret_key", hex(identity->secret_key, SYNC_SECRET_BYTES));
    if (object && !put_epochs(object, identity)) {
        json_decref(object);
        object = NULL;
    }
    char *text = object ? json_dumps(object, JSON_INDENT(1)) : NULL;
    json_decref(object);
    if (!text)
        return RC_NOMEM;
    enum rc rc = file_replace(dir, "identity", text, strlen(text), 0600);
    sodium_memzero(text, strlen(text));
    free(text);
    return rc;
}
