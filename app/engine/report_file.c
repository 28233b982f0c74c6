/* The report as a file: lines, signature, and whether they are still what was signed. */
#include "app/engine/report_private.h"
#include "app/store/catalogs.h"
#include "app/store/syncport.h"
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(REPORT_HASH_TEXT == 2 * EVIDENCE_HASH_BYTES, "a hash in hexadecimal");

enum { REPORT_VERSION = 1, FILE_MAX_BYTES = 64 << 20, PATH_BYTES = 2048 };

/* ---- lines ---- */

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

static json_t *day_json(day_t day)
{
    char text[DAY_TEXT_MAX + 1];
    return text_or_null(day_print(day, text));
}

static json_t *qty_json(qty_t qty)
{
    char text[QTY_TEXT_MAX + 1];
    return json_string(qty_print(qty, text));
}

static json_t *sale_json(const struct sale *sale, const char *name)
{
    return json_pack("{s:s, s:o, s:o, s:o}", "to", sale->party, "name", text_or_null(name), "at", day_json(sale->at),
                     "doc", text_or_null(sale->no));
}

static json_t *findings_json(reason_set findings)
{
    json_t *list = json_array();
    for (int i = 0; i < REASON_COUNT; i++)
        if (findings & REASON_BIT(i))
            json_array_append_new(list, json_string(reason_word((enum reason)i)));
    return list;
}

static json_t *fields_json(const struct field_value *fields, int count)
{
    json_t *object = json_object();
    for (int i = 0; i < count; i++)
        json_object_set_new(object, fields[i].name, json_string(fields[i].value));
    return object;
}

static json_t *visit_json(const struct report *report)
{
    const struct report_head *head = &report->head;
    const struct document *document = report->document;
    return json_pack(
        "{s:s, s:i, s:I, s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o}", "type", "visit", "report",
        REPORT_VERSION, "device", (json_int_t)report->device, "doc", document->doc, "no", document->no, "flow",
        document->flow, "operator", head->operator, "operator_name", text_or_null(head->operator_name), "opened",
        head->opened, "closed", text_or_null(head->closed), "region_name", text_or_null(head->region_name), "start",
        fields_json(document->fields, document->field_count), "header", fields_json(head->fields, head->field_count));
}

static json_t *goods_json(const struct report_goods *goods)
{
    const struct market *market = &goods->market;
    json_t *line = json_pack("{s:s, s:I, s:s, s:o, s:s, s:o, s:o, s:o, s:s, s:o}", "type", "goods", "seq",
                             (json_int_t)goods->seq, "at", goods->at, "key", text_or_null(goods->key), "product",
                             goods->product, "product_name", text_or_null(goods->product_name), "lot",
                             text_or_null(goods->lot), "qty", qty_json(goods->qty), "reason",
                             reason_word(goods->reason), "findings", findings_json(goods->findings));
    if (!line)
        return NULL;
    if (market->sale.party[0])
        json_object_set_new(line, "sold", sale_json(&market->sale, market->party_name));
    if (market->earlier_count > 0) {
        json_t *list = json_array();
        for (int i = 0; i < market->earlier_count; i++)
            json_array_append_new(list, sale_json(&market->earlier[i], ""));
        json_object_set_new(line, "earlier", list);
    }
    if (market->allowed[0])
        json_object_set_new(line, "allowed", json_string(market->allowed));
    if (market->owner[0])
        json_object_set_new(line, "owner", json_string(market->owner));
    if (market->seen_region[0])
        json_object_set_new(line, "seen",
                            json_pack("{s:s, s:o}", "region", market->seen_region, "at", day_json(market->seen_at)));
    if (market->by_permit)
        json_object_set_new(line, "permit", json_true());
    if (market->another)
        json_object_set_new(line, "another", json_true());
    if (market->defaced)
        json_object_set_new(line, "defaced", json_string(goods->printed));
    return line;
}

static json_t *evidence_json(const struct report_evidence *evidence)
{
    json_t *line =
        json_pack("{s:s, s:I, s:o, s:s, s:s, s:I, s:s}", "type", "evidence", "seq", (json_int_t)evidence->seq, "of",
                  evidence->of ? json_integer(evidence->of) : json_null(), "what", evidence->kind, "file",
                  evidence->file, "bytes", (json_int_t)evidence->bytes, "hash", evidence->hash);
    if (line && evidence->folder[0])
        json_object_set_new(line, "folder", json_string(evidence->folder));
    return line;
}

static json_t *sum_json(const struct report *report)
{
    json_t *reasons = json_object();
    qty_t all = 0;
    for (int i = 0; i < REASON_COUNT; i++) {
        qty_t sum = report_sum(report, (enum reason)i);
        all += sum;
        if (sum)
            json_object_set_new(reasons, reason_word((enum reason)i), qty_json(sum));
    }
    return json_pack("{s:s, s:o, s:o}", "type", "sum", "scanned", qty_json(all), "reasons", reasons);
}

/* Takes the line; false without memory. */
static bool add_line(FILE *stream, json_t *line)
{
    bool done = line && json_dumpf(line, stream, JSON_COMPACT | JSON_SORT_KEYS) == 0 && fputc('\n', stream) != EOF;
    json_decref(line);
    return done;
}

char *report_lines(const struct report *report, size_t *ret_len)
{
    char *text = NULL;
    size_t len = 0, goods = 0, evidence = 0;
    FILE *stream = open_memstream(&text, &len);
    bool done = stream && add_line(stream, visit_json(report));
    while (done && (goods < report->goods_count || evidence < report->evidence_count)) {
        bool next = evidence == report->evidence_count ||
                    (goods < report->goods_count && report->goods[goods].seq < report->evidence[evidence].seq);
        done =
            add_line(stream, next ? goods_json(&report->goods[goods]) : evidence_json(&report->evidence[evidence]));
        goods += next;
        evidence += !next;
    }
    done = done && add_line(stream, sum_json(report));
    if (!stream || fclose(stream) != 0 || !done) {
        free(text);
        return NULL;
    }
    *ret_len = len;
    return text;
}

/* ---- the signature ---- */

static void hash_hex(const char *bytes, size_t len, char *ret_hex)
{
    unsigned char hash[EVIDENCE_HASH_BYTES];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)bytes, len, NULL, 0);
    sodium_bin2hex(ret_hex, 2 * sizeof hash + 1, hash, sizeof hash);
}

static size_t signed_text(const char *hash, char *ret_text, size_t size)
{
    return (size_t)snprintf(ret_text, size, "%s%s", REPORT_SIGNED_PREFIX, hash);
}

/* The one way in which the last line may be written; free() it. */
static char *signature_line(const char *hash, const unsigned char *key, const unsigned char *signature)
{
    char key_hex[2 * SYNC_KEY_BYTES + 1], hex[2 * crypto_sign_BYTES + 1];
    sodium_bin2hex(key_hex, sizeof key_hex, key, SYNC_KEY_BYTES);
    sodium_bin2hex(hex, sizeof hex, signature, crypto_sign_BYTES);
    json_t *line =
        json_pack("{s:s, s:s, s:s, s:s}", "type", "signature", "hash", hash, "public_key", key_hex, "signature", hex);
    char *text = line ? json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(line);
    return text;
}

static char *sign(const struct sync_identity *identity, const char *bytes, size_t len)
{
    char hash[2 * EVIDENCE_HASH_BYTES + 1], text[128];
    unsigned char signature[crypto_sign_BYTES];
    hash_hex(bytes, len, hash);
    size_t text_len = signed_text(hash, text, sizeof text);
    crypto_sign_detached(signature, NULL, (const unsigned char *)text, text_len, identity->secret_key);
    return signature_line(hash, identity->public_key, signature);
}

/* Into the folder of the path, as file_replace wants it. */
static enum rc replace(const char *path, const char *text, size_t len)
{
    char folder[PATH_BYTES] = ".";
    const char *slash = strrchr(path, '/');
    if (strlen(path) >= sizeof folder)
        return RC_TOO_BIG;
    if (slash)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash == path ? 1 : slash - path), path);
    return file_replace(folder, slash ? slash + 1 : path, text, len, 0644);
}

enum rc report_write(const struct report *report, const char *path)
{
    struct sync_identity identity;
    enum rc rc = identity_load(report->dir, &identity);
    if (rc != RC_OK)
        return rc;
    size_t len = 0;
    char *lines = report_lines(report, &len), *text = NULL;
    char *last = lines ? sign(&identity, lines, len) : NULL;
    sodium_memzero(&identity, sizeof identity);
    int all = last ? asprintf(&text, "%s%s\n", lines, last) : -1;
    rc = all > 0 ? replace(path, text, (size_t)all) : RC_NOMEM;
    if (all > 0)
        free(text);
    free(last);
    free(lines);
    return rc;
}

/* ---- is it still what was signed? ---- */

static enum rc read_whole(const char *path, char **ret_text, size_t *ret_len)
{
    FILE *stream = fopen(path, "rb");
    if (!stream)
        return errno == ENOENT ? RC_NOT_FOUND : RC_IO;
    size_t room = 1 << 16, len = 0, got = 0;
    char *text = malloc(room);
    while (text && (got = fread(text + len, 1, room - len - 1, stream)) > 0) {
        len += got;
        if (room - len > 1)
            continue;
        char *more = len < FILE_MAX_BYTES ? realloc(text, room *= 2) : NULL;
        if (!more)
            free(text);
        text = more;
    }
    bool failed = ferror(stream);
    fclose(stream);
    if (!text || failed) {
        free(text);
        return failed ? RC_IO : RC_TOO_BIG;
    }
    text[len] = '\0';
    *ret_text = text;
    *ret_len = len;
    return RC_OK;
}

/* Where the last line begins; NULL: there is none. */
static const char *last_line(const char *text, size_t len)
{
    if (len < 2 || text[len - 1] != '\n')
        return NULL;
    const char *before = memrchr(text, '\n', len - 1);
    return before ? before + 1 : NULL;
}

static bool from_hex(const json_t *object, const char *name, unsigned char *ret_bytes, size_t size)
{
    const char *text = json_string_value(json_object_get(object, name));
    size_t len = 0;
    return text && strlen(text) == 2 * size &&
           sodium_hex2bin(ret_bytes, size, text, 2 * size, NULL, &len, NULL) == 0 && len == size;
}

static enum rc check_signature(const char *text, const char *last, const json_t *line, struct report_check *ret_check)
{
    unsigned char key[SYNC_KEY_BYTES], signature[crypto_sign_BYTES];
    char hash[2 * EVIDENCE_HASH_BYTES + 1], message[128];
    if (!from_hex(line, "public_key", key, sizeof key) || !from_hex(line, "signature", signature, sizeof signature))
        return RC_BAD_INPUT;
    hash_hex(text, (size_t)(last - text), hash);
    size_t len = signed_text(hash, message, sizeof message);
    char *wanted = signature_line(hash, key, signature);
    if (!wanted)
        return RC_NOMEM;
    size_t wanted_len = strlen(wanted);
    bool same = strncmp(last, wanted, wanted_len) == 0 && strcmp(last + wanted_len, "\n") == 0;
    free(wanted);
    if (!same || crypto_sign_verify_detached(signature, (const unsigned char *)message, len, key) != 0)
        return RC_CORRUPT;
    sodium_bin2hex(ret_check->public_key, sizeof ret_check->public_key, key, sizeof key);
    return RC_OK;
}

static enum rc check_hash(const char *path, const char *told)
{
    uint8_t hash[EVIDENCE_HASH_BYTES];
    char hex[2 * EVIDENCE_HASH_BYTES + 1];
    int64_t bytes = 0;
    enum rc rc = engine_hash_file(path, hash, &bytes);
    if (rc != RC_OK)
        return rc;
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    return strcmp(hex, told) == 0 ? RC_OK : RC_CORRUPT;
}

/* A file of that name and nothing else: what a report names stays in the folder that it is checked against. */
static bool is_name(const char *text)
{
    return text[0] && !strchr(text, '/') && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

/* Where names meet, in the folder that the report says: below the one given, beside it, or it is that one. */
static enum rc check_in(const char *folder, const char *sub, const char *file, const char *told)
{
    static const char *const steps[] = {"", "../"};
    char path[PATH_BYTES];
    for (size_t i = 0; sub[0] && i < sizeof steps / sizeof steps[0]; i++) {
        snprintf(path, sizeof path, "%s/%s%s/%s", folder, steps[i], sub, file);
        enum rc rc = check_hash(path, told);
        if (rc != RC_NOT_FOUND)
            return rc;
    }
    snprintf(path, sizeof path, "%s/%s", folder, file);
    return check_hash(path, told);
}

static enum rc check_picture(const json_t *line, const char *folder, struct report_check *ret_check)
{
    const char *file = json_string_value(json_object_get(line, "file"));
    const char *told = json_string_value(json_object_get(line, "hash"));
    const char *sub = json_string_value(json_object_get(line, "folder"));
    if (!file || !told || !is_name(file) || (sub && !is_name(sub)) ||
        strlen(folder) + (sub ? strlen(sub) : 0) + strlen(file) + 8 > PATH_BYTES)
        return RC_BAD_INPUT;
    ret_check->pictures++;
    if (!folder[0])
        return RC_OK;
    snprintf(ret_check->what, sizeof ret_check->what, "%s%s%s", sub ? sub : "", sub ? "/" : "", file);
    enum rc rc = check_in(folder, sub ? sub : "", file, told);
    if (rc == RC_OK)
        ret_check->what[0] = '\0';
    return rc;
}

static enum rc check_pictures(const char *text, const char *end, const char *folder, struct report_check *ret_check)
{
    enum rc rc = RC_OK;
    while (text < end && rc == RC_OK) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        json_t *line = json_loadb(text, (size_t)(stop - text), 0, NULL);
        const char *type = json_string_value(json_object_get(line, "type"));
        if (type && strcmp(type, "evidence") == 0)
            rc = check_picture(line, folder, ret_check);
        json_decref(line);
        text = stop + 1;
    }
    return rc;
}

enum report_signer report_signer(const char *dir, const struct report_check *check)
{
    struct sync_identity identity;
    char key[2 * SYNC_KEY_BYTES + 1];
    if (identity_load(dir, &identity) != RC_OK)
        return REPORT_SIGNER_UNKNOWN;
    sodium_bin2hex(key, sizeof key, identity.public_key, SYNC_KEY_BYTES);
    sodium_memzero(&identity, sizeof identity);
    return strcmp(key, check->public_key) == 0 ? REPORT_SIGNER_OWN : REPORT_SIGNER_OTHER;
}

enum rc report_verify(const char *path, const char *folder, struct report_check *ret_check)
{
    char *text = NULL;
    size_t len = 0;
    *ret_check = (struct report_check){.what = ""};
    enum rc rc = sodium_init() < 0 ? RC_NOMEM : read_whole(path, &text, &len);
    if (rc != RC_OK)
        return rc;
    const char *last = last_line(text, len);
    json_t *line = last ? json_loadb(last, len - (size_t)(last - text), JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    rc = line ? check_signature(text, last, line, ret_check) : RC_BAD_INPUT;
    if (rc == RC_OK)
        rc = check_pictures(text, last, folder ? folder : "", ret_check);
    json_decref(line);
    free(text);
    return rc;
}
