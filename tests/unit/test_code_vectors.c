/* Codes against the published vectors beside the checkout (../shared/standards), where they are there: valid or not, and
 * the elements, with companions that are missing as a warning. */
#include "app/domain/code.h"
#include "app/domain/gs1_table.h"
#include "app/domain/why.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 10, ROW_MAX = 16384, THIS_YEAR = 2026, CORE_ROWS_LEAST = 2000, REST_ROWS_LEAST = 1200 };

enum column { ID, KIND, INPUT, STRICT, STRICT_TEXT, SOURCE, RELAXED, RELAXED_TEXT, BASIS, TAG };

/* Rows that are no question to a reader of scans. Each is counted under its name; none is judged. */
static const struct {
    const char *id, *name;
} APART[] = {
    {"P0057", "typed text without brackets is plain text here; the referee demands brackets"},
};

static int split(char *row, char **columns)
{
    int count = 0;
    row[strcspn(row, "\n")] = '\0';
    for (char *at = row; at && count < COLUMNS; count++) {
        columns[count] = at;
        at = strchr(at, '\t');
        if (at)
            *at++ = '\0';
    }
    return count;
}

static const char *apart(const char *id)
{
    for (size_t i = 0; i < sizeof APART / sizeof APART[0]; i++)
        if (strcmp(APART[i].id, id) == 0)
            return APART[i].name;
    return NULL;
}

static void elements_text(const struct code *code, char *ret_text, size_t size)
{
    size_t used = (size_t)snprintf(ret_text, size, "%s", code->element_count ? "" : "-");
    for (size_t i = 0; i < code->element_count && used < size; i++)
        used += (size_t)snprintf(ret_text + used, size - used, "%s%s=%s", i ? "|" : "", code->elements[i].ai,
                                 code->values + code->elements[i].offset);
}

static void parse_row(char **row, struct code *ret_code)
{
    uint8_t bytes[SCAN_MAX];
    size_t len = 0;
    assert_int_equal(code_unescape(row[INPUT], sizeof bytes, bytes, &len), RC_OK);
    struct scan *scan = scan_new(bytes, len);
    assert_non_null(scan);
    if (strcmp(row[KIND], "bracketed") == 0)
        scan->flags |= SCAN_BRACKETS;
    code_parse(scan, THIS_YEAR, ret_code);
    free(scan);
}

/* A link that holds no key of GS1 is refused by the referee, which reads nothing else; here it is a maker's own link,
 * plain text without elements. */
static bool is_no_link(char **row, const struct code *code)
{
    static const char *const WORDS[] = {"NO_GS1_DL_KEYS", "URI_MISSING_DOMAIN", "DOMAIN_CONTAINS", "URI_CONTAINS"};
    if (strcmp(row[KIND], "dl-uri") != 0 || code->element_count || code->kind != CODE_PLAIN)
        return false;
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (strncmp(row[RELAXED_TEXT], WORDS[i], strlen(WORDS[i])) == 0)
            return true;
    return false;
}

static bool agrees(char **row, const struct code *code)
{
    char text[4096];
    bool malformed = code->problem == REASON_MALFORMED;
    if (strcmp(row[RELAXED], "invalid") == 0)
        return malformed || is_no_link(row, code);
    elements_text(code, text, sizeof text);
    bool unpaired = strcmp(row[STRICT], "invalid") == 0;
    return !malformed && strcmp(text, row[RELAXED_TEXT]) == 0 && unpaired == (code->warning == REASON_PAIRING);
}

struct tally {
    int rows, bad;
};

static void judge_row(char **row, struct tally *tally)
{
    static struct code code;
    parse_row(row, &code);
    bool good = agrees(row, &code);
    tally->rows++;
    tally->bad += !good;
    if (!good)
        print_message("%s %s %s %s: wanted %s/%s %s, got %s %s %s key %s\n", row[ID], row[TAG], row[KIND], row[INPUT],
                      row[STRICT], row[RELAXED], row[RELAXED_TEXT], reason_word(code.problem), code.why,
                      reason_word(code.warning), code.key);
}

static void vectors_agree(void **state)
{
    (void)state;
    static char line[ROW_MAX];
    struct tally core = {0}, rest = {0};
    FILE *file = fopen("../shared/standards/gs1-vectors.tsv", "r");
    if (!file) {
        print_message("skipped: ../shared/standards/gs1-vectors.tsv is not there\n");
        skip();
    }
    while (fgets(line, sizeof line, file)) {
        char *row[COLUMNS];
        if (line[0] == '#' || split(line, row) < COLUMNS)
            continue;
        if (apart(row[ID]))
            print_message("%s apart: %s\n", row[ID], apart(row[ID]));
        else
            judge_row(row, strcmp(row[TAG], "core") == 0 ? &core : &rest);
    }
    fclose(file);
    print_message("core: %d of %d agree; rest: %d of %d\n", core.rows - core.bad, core.rows, rest.rows - rest.bad,
                  rest.rows);
    assert_int_equal(core.bad, 0);
    assert_int_equal(rest.bad, 0); /* 99.5 % is what is demanded; all of them do */
    assert_true(core.rows >= CORE_ROWS_LEAST && rest.rows >= REST_ROWS_LEAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
