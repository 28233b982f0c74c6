/* Fuzzes the reader of codes: the first byte chooses how the rest is read, as a scan or as typed text. */
#include "app/domain/pattern.h"
#include "tests/fuzz/code_checks.h"
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(const char *wrong)
{
    if (!wrong)
        return;
    fprintf(stderr, "fuzz_code: %s\n", wrong);
    abort();
}

/* Typed text never holds a NUL: it ends there. */
static void read_as_text(const uint8_t *data, size_t size)
{
    static struct code code;
    static char text[2 * SCAN_MAX];
    static uint8_t bytes[SCAN_MAX];
    size_t len = size < sizeof text ? size : sizeof text - 1;
    memcpy(text, data, len);
    text[len] = '\0';
    code_parse_text(text, CHECK_YEAR, &code);
    demand(check_key(&code));
    demand(check_elements(&code));
    if (code_unescape(text, sizeof bytes, bytes, &len) == RC_OK)
        demand(code_check_escapes(bytes, len));
}

/* An expression, a NUL, and a text. */
static void read_by_pattern(const uint8_t *data, size_t size)
{
    static struct code code;
    static char match[512];
    const uint8_t *nul = memchr(data, '\0', size);
    struct pattern *pattern = NULL;
    if (!nul || (size_t)(nul - data) >= sizeof match)
        return;
    memcpy(match, data, (size_t)(nul - data) + 1);
    code_parse_text("before", CHECK_YEAR, &code);
    if (pattern_new("p", "", match, "plain:{1}{2}{3}", "", &pattern) != RC_OK)
        return;
    pattern_apply(pattern, nul + 1, size - (size_t)(nul - data) - 1, CHECK_YEAR, &code);
    demand(check_key(&code));
    pattern_free(pattern);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] == 'P')
        read_by_pattern(data + 1, size - 1);
    switch (data[0] % 3) {
    case 0: demand(code_check_scan(data + 1, size - 1, false)); break;
    case 1: demand(code_check_scan(data + 1, size - 1, true)); break;
    case 2: read_as_text(data + 1, size - 1); break;
    }
    demand(code_check_escapes(data + 1, size - 1));
    return 0;
}
