#include "app/catalog/feed_check.h"
#include "app/domain/code.h"
#include "app/domain/holder.h"
#include <sodium.h>
#include <string.h>

enum {
    PATH_MAX_BYTES = 96,
    MUST_MAX = 140, /* what a value must be, in words */
    PIN_MIN = 4,
    PIN_PASSES = 3,       /* argon2id: 10 to 20 ms on a handheld, */
    PIN_MEMORY = 8 << 20, /* and no more memory than it can spare */
    GTIN_DIGITS = 14
};

/* C0, DEL and C1: they would act on a terminal instead of being shown. */
static size_t control_bytes(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
        return 2;
    return (at[0] && at[0] < 0x20) || at[0] == 0x7f ? 1 : 0;
}

static void cut_half_character(char *text)
{
    size_t len = strlen(text);
    size_t start = len;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    unsigned char lead = start > 0 ? (unsigned char)text[start - 1] : 0;
    size_t need = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    if (len - start < need)
        text[start - 1] = '\0';
}

void feed_printable(char *text)
{
    cut_half_character(text);
    for (char *at = text; *at; at++)
        for (size_t n = control_bytes(at); n > 0; n--)
            at[n - 1] = '?';
    json_t *utf8 = json_string(text);
    for (char *at = text; !utf8 && *at; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    json_decref(utf8);
}

static enum rc bad(const struct feed_check *check, const char *path, const char *must)
{
    snprintf(check->error, FEED_ERROR_MAX + 1, "member \"%s\" %s", path, must);
    return RC_BAD_INPUT;
}

static void note(const struct feed_check *check, const char *path)
{
    char text[FEED_ERROR_MAX + 1];
    if (!check->sink || !check->sink->note)
        return;
    snprintf(text, sizeof text, "member \"%s\" is not known here and is left out", path);
    feed_printable(text);
    check->sink->note(check->sink->context, check->line, text);
}

static bool is_plain(const char *text)
{
    for (const char *at = text; *at; at++)
        if (control_bytes(at) || *at == '|')
            return false;
    return true;
}

bool feed_is_id(const char *text)
{
    return text[0] && strlen(text) <= ID_MAX && is_plain(text);
}

static const char *check_id(const struct feed_member *member, const char *text, char *must)
{
    if (strlen(text) > (size_t)member->max) {
        snprintf(must, MUST_MAX, "is longer than %d bytes", member->max);
        return must;
    }
    if (!text[0])
        return "must not be empty";
    return is_plain(text) ? NULL : "must not hold control characters or \"|\"";
}

static const char *check_text(const struct feed_member *member, const char *text, char *must, json_t **ret_new)
{
    char clean[1024];
    size_t out = 0;
    bool changed = false;
    if (strlen(text) > (size_t)member->max || strlen(text) >= sizeof clean) {
        snprintf(must, MUST_MAX, "is longer than %d bytes", member->max);
        return must;
    }
    for (const char *at = text; *at;) {
        size_t skip = control_bytes(at);
        clean[out++] = skip ? ' ' : *at;
        changed |= skip > 0;
        at += skip ? skip : 1;
    }
    if (changed)
        *ret_new = json_stringn(clean, out);
    return NULL;
}

static const char *check_word(const struct feed_member *member, const char *text, char *must)
{
    size_t len = strlen(text);
    for (const char *at = member->words; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (strncmp(at, text, len) == 0 && (at[len] == '|' || !at[len]) && len)
            return NULL;
    snprintf(must, MUST_MAX, "must be one of %s", member->words);
    return must;
}

static const char *check_qty(const struct feed_member *member, const char *text, json_t **ret_new)
{
    char print[QTY_TEXT_MAX + 1];
    qty_t qty = 0;
    if (qty_parse(text, &qty) != RC_OK)
        return "must be decimal text";
    if (qty < 0 && member->kind == FEED_KIND_QTY)
        return "must not be negative";
    if (strcmp(qty_print(qty, print), text) != 0)
        *ret_new = json_string(print);
    return NULL;
}

static const char *check_day(const char *text)
{
    day_t day = DAY_NONE;
    char print[DAY_TEXT_MAX + 1];
    if (day_parse(text, &day) != RC_OK || strcmp(day_print(day, print), text) != 0)
        return "must be a date like 2026-11-23";
    return NULL;
}

static const char *check_code(const struct feed_check *check, const char *text, char *must, json_t **ret_new)
{
    struct code code;
    code_parse_text(text, check->year, &code);
    /* bare digits have no scheme: in the feed they are what they look like to the maker, plain text; and so is what only
     * looks like somebody else's link or waybill */
    const char *key = code.guessed || (code.problem != REASON_OK && code.plain[0]) ? code.plain : code.key;
    if (!key[0] || (code.problem != REASON_OK && key == code.key)) {
        snprintf(must, MUST_MAX, "is not a code: %s", code.why && code.why[0] ? code.why : "it can't be read");
        return must;
    }
    if (strcmp(key, text) != 0)
        *ret_new = json_string(key);
    return NULL;
}

static const char *check_gtin(const char *text, json_t **ret_new)
{
    char gtin[GTIN_DIGITS + 1];
    size_t len = strlen(text);
    int sum = 0;
    if ((len != 8 && len < 12) || len > GTIN_DIGITS || strspn(text, "0123456789") != len)
        return "must be a GTIN of 8, 12, 13 or 14 digits";
    memset(gtin, '0', GTIN_DIGITS - len);
    memcpy(gtin + GTIN_DIGITS - len, text, len + 1);
    /* GS1 General Specifications 7.9: weights 3 and 1 from the left of a GTIN-14 */
    for (int i = 0; i < GTIN_DIGITS; i++)
        sum += (gtin[i] - '0') * (i % 2 ? 1 : 3);
    if (sum % 10)
        return "is a GTIN with a wrong check digit";
    if (len != GTIN_DIGITS)
        *ret_new = json_string(gtin);
    return NULL;
}

static const char *check_holder(const char *text)
{
    struct holder holder;
    if (!text[0] || holder_parse(text, &holder) != RC_OK)
        return "must be a holder like site:CDB, party:D-1, transit:party:D-1, sold, destroyed or unknown";
    return NULL;
}

/* What a text must be; NULL when it is. *ret_new: its canonical form where that differs. */
static const char *check_string(const struct feed_check *check, const struct feed_member *member, const char *text,
                                char *must, json_t **ret_new)
{
    switch (member->kind) {
    case FEED_KIND_ID:
    case FEED_KIND_IDS: return check_id(member, text, must);
    case FEED_KIND_TEXT: return check_text(member, text, must, ret_new);
    case FEED_KIND_WORD: return check_word(member, text, must);
    case FEED_KIND_QTY:
    case FEED_KIND_SIGNED: return check_qty(member, text, ret_new);
    case FEED_KIND_DAY: return check_day(text);
    case FEED_KIND_HOLDER: return check_holder(text);
    case FEED_KIND_CODE:
    case FEED_KIND_CODES: return check_code(check, text, must, ret_new);
    case FEED_KIND_GTIN:
    case FEED_KIND_GTINS: return check_gtin(text, ret_new);
    case FEED_KIND_PIN:
        return strlen(text) < PIN_MIN || strlen(text) > (size_t)member->max ? "must have 4 to 64 characters" : NULL;
    case FEED_KIND_HASH:
        return strncmp(text, "$argon2id$", 10) != 0 || strlen(text) > FEED_HASH_MAX ? "must be an argon2id string"
                                                                                    : NULL;
    case FEED_KIND_INT:
    case FEED_KIND_BOOL:
    case FEED_KIND_OBJECT:
    case FEED_KIND_ONE:
    case FEED_KIND_ANY:
    case FEED_KIND_OBJECTS: break;
    }
    return NULL;
}

static const char *text_must(enum feed_kind kind)
{
    switch (kind) {
    case FEED_KIND_QTY:
    case FEED_KIND_SIGNED: return "must be decimal text";
    case FEED_KIND_DAY: return "must be a date like 2026-11-23";
    case FEED_KIND_ID:
    case FEED_KIND_TEXT:
    case FEED_KIND_WORD:
    case FEED_KIND_HOLDER:
    case FEED_KIND_CODE:
    case FEED_KIND_GTIN:
    case FEED_KIND_PIN:
    case FEED_KIND_HASH:
    case FEED_KIND_IDS:
    case FEED_KIND_CODES:
    case FEED_KIND_GTINS:
    case FEED_KIND_INT:
    case FEED_KIND_BOOL:
    case FEED_KIND_OBJECT:
    case FEED_KIND_ONE:
    case FEED_KIND_ANY:
    case FEED_KIND_OBJECTS: break;
    }
    return "must be text";
}

static enum rc check_one_text(const struct feed_check *check, const struct feed_member *member, const char *path,
                              const json_t *value, json_t **ret_new)
{
    char words[MUST_MAX];
    const char *must = text_must(member->kind);
    if (json_is_string(value))
        must = check_string(check, member, json_string_value(value), words, ret_new);
    return must ? bad(check, path, must) : RC_OK;
}

static enum rc check_list(const struct feed_check *check, const struct feed_member *member, const char *path,
                          json_t *list)
{
    size_t at = 0;
    json_t *value = NULL;
    if (!json_is_array(list))
        return bad(check, path, "must be a list");
    if (json_array_size(list) > (size_t)member->max)
        return bad(check, path, "has too many elements");
    struct feed_member element = *member;
    if (element.kind == FEED_KIND_IDS)
        element.max = ID_MAX;
    json_array_foreach(list, at, value)
    {
        char inner[PATH_MAX_BYTES];
        json_t *changed = NULL;
        enum rc rc = RC_OK;
        snprintf(inner, sizeof inner, "%.*s[%zu]", PATH_MAX_BYTES - 24, path, at);
        if (member->kind != FEED_KIND_OBJECTS)
            rc = check_one_text(check, &element, inner, value, &changed);
        else if (json_is_object(value))
            rc = feed_check(check, member->members, inner, value);
        else
            rc = bad(check, inner, "must be an object");
        if (rc != RC_OK)
            return rc;
        if (changed)
            json_array_set_new(list, at, changed);
    }
    return RC_OK;
}

static enum rc hash_pin(const struct feed_check *check, json_t *object, const json_t *pin)
{
    char hash[crypto_pwhash_STRBYTES > FEED_HASH_MAX + 1 ? crypto_pwhash_STRBYTES : FEED_HASH_MAX + 1] = "";
    const char *text = json_string_value(pin);
    size_t len = json_string_length(pin);
    bool kept = check->sink && check->sink->pin_hash &&
                check->operator&& check->sink->pin_hash(check->sink->context, check->operator, hash);
    if (!kept || crypto_pwhash_str_verify(hash, text, len) != 0) {
        if (crypto_pwhash_str_alg(hash, text, len, PIN_PASSES, PIN_MEMORY, crypto_pwhash_ALG_ARGON2ID13) != 0)
            return RC_NOMEM;
    }
    int failed = json_object_set_new(object, "pin_hash", json_string(hash));
    json_object_del(object, "pin");
    return failed ? RC_NOMEM : RC_OK;
}

static enum rc check_value(const struct feed_check *check, const struct feed_member *member, const char *path,
                           json_t *object, json_t *value)
{
    json_t *changed = NULL;
    enum rc rc = RC_OK;
    switch (member->kind) {
    case FEED_KIND_INT:
        if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > member->max) {
            char must[MUST_MAX];
            snprintf(must, sizeof must, "must be a whole number from 0 to %d", member->max);
            return bad(check, path, must);
        }
        return RC_OK;
    case FEED_KIND_BOOL: return json_is_boolean(value) ? RC_OK : bad(check, path, "must be true or false");
    case FEED_KIND_OBJECT: return json_is_object(value) ? RC_OK : bad(check, path, "must be an object");
    case FEED_KIND_ANY: return RC_OK;
    case FEED_KIND_ONE:
        return json_is_object(value) ? feed_check(check, member->members, path, value)
                                     : bad(check, path, "must be an object");
    case FEED_KIND_IDS:
    case FEED_KIND_CODES:
    case FEED_KIND_GTINS:
    case FEED_KIND_OBJECTS: return check_list(check, member, path, value);
    case FEED_KIND_ID:
    case FEED_KIND_TEXT:
    case FEED_KIND_WORD:
    case FEED_KIND_QTY:
    case FEED_KIND_SIGNED:
    case FEED_KIND_DAY:
    case FEED_KIND_HOLDER:
    case FEED_KIND_CODE:
    case FEED_KIND_GTIN:
    case FEED_KIND_PIN:
    case FEED_KIND_HASH: break;
    }
    rc = check_one_text(check, member, path, value, &changed);
    if (rc == RC_OK && member->kind == FEED_KIND_PIN)
        return hash_pin(check, object, value);
    if (rc == RC_OK && changed && json_object_set_new(object, member->name, changed) != 0)
        rc = RC_NOMEM;
    return rc;
}

static const char *path_of(const char *where, const char *name, char *ret_path)
{
    const char *const parts[] = {where, where[0] ? "." : "", name};
    char *at = ret_path, *end = ret_path + PATH_MAX_BYTES - 1;
    /* for each member of each line: printf would take a tenth of an import */
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        for (const char *from = parts[i]; *from && at < end; from++)
            *at++ = *from;
    *at = '\0';
    return ret_path;
}

static void leave_out_unknown(const struct feed_check *check, const struct feed_member *members, const char *where,
                              json_t *object)
{
    const char *name = NULL;
    json_t *value = NULL;
    void *next = NULL;
    char path[PATH_MAX_BYTES];
    json_object_foreach_safe(object, next, name, value)
    {
        const struct feed_member *member = members;
        while (member->name && strcmp(member->name, name) != 0)
            member++;
        if (member->name)
            continue;
        note(check, path_of(where, name, path));
        json_object_del(object, name);
    }
}

enum rc feed_check(const struct feed_check *check, const struct feed_member *members, const char *where,
                   json_t *object)
{
    char path[PATH_MAX_BYTES];
    leave_out_unknown(check, members, where, object);
    for (const struct feed_member *member = members; member->name; member++) {
        json_t *value = json_object_get(object, member->name);
        path_of(where, member->name, path);
        if (member->required && (!value || json_is_null(value)))
            return bad(check, path, "is missing");
        if (!value || json_is_null(value))
            continue;
        enum rc rc = check_value(check, member, path, object, value);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}
