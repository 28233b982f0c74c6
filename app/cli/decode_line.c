/* What `decode` does with one line; `scan` reads its lines the same way. */
#include "app/cli/decode.h"
#include "app/domain/why.h"
#include "app/text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan *decode_scan(const char *line, size_t len, const char **ret_why)
{
    uint8_t bytes[SCAN_MAX];
    size_t count = 0;
    bool has_nul = memchr(line, '\0', len);
    *ret_why = NULL;
    if (len > DECODE_LINE_MAX) {
        *ret_why = WHY_TOO_LONG;
        return NULL;
    }
    char *text = strndup(line, len);
    enum rc rc = !text ? RC_NOMEM : has_nul ? RC_OK : code_unescape(text, sizeof bytes, bytes, &count);
    free(text);
    if (rc != RC_OK) {
        *ret_why = rc == RC_BAD_INPUT ? WHY_ESCAPE : rc == RC_TOO_BIG ? WHY_TOO_LONG : NULL;
        return NULL;
    }
    /* a raw NUL is noise, not text with escapes: taken as it is */
    struct scan *scan = has_nul ? scan_new(line, len) : scan_new(bytes, count);
    if (scan)
        scan->flags |= SCAN_BRACKETS;
    return scan;
}

/* A label that was read but names no unit is no error of reading; an add-on has not even elements. */
static bool is_read(const struct code *code)
{
    return code->problem == REASON_OK || (code->problem != REASON_MALFORMED && code->element_count > 0);
}

static const char *status_word(const struct code *code)
{
    return !is_read(code) ? "error" : code->warning == REASON_OK ? "ok" : "warn";
}

char *decode_print(const struct code *code, char *ret_text)
{
    const size_t size = DECODE_TEXT_MAX + 1;
    if (!is_read(code)) {
        snprintf(ret_text, size, "error\t%s\t%s", reason_word(code->problem), _(code->why));
        return ret_text;
    }
    size_t used = (size_t)snprintf(ret_text, size, "%s\t%s\t", status_word(code), code->key);
    for (size_t i = 0; i < code->element_count && used < size; i++) {
        const struct code_element *element = &code->elements[i];
        /* values have neither tabs nor "|": GS1's character set knows none */
        used += (size_t)snprintf(ret_text + used, size - used, "%s%s=%s", i ? "|" : "", element->ai,
                                 code->values + element->offset);
    }
    return ret_text;
}

json_t *decode_json(const struct code *code)
{
    if (!is_read(code))
        return json_pack("{s:s, s:s, s:s}", "status", "error", "reason", reason_word(code->problem), "text",
                         _(code->why));
    json_t *elements = json_array();
    for (size_t i = 0; i < code->element_count; i++)
        json_array_append_new(elements,
                              json_pack("[s, s]", code->elements[i].ai, code->values + code->elements[i].offset));
    return json_pack("{s:s, s:s, s:o}", "status", status_word(code), "key", code->key, "elements", elements);
}
