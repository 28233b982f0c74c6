/* Codes against the published vectors beside the checkout (../shared/standards), where they are there. A row is the
 * reader's when it speaks of the identifiers that have a rule of their own; rows that need the rest of the GS1
 * dictionary, Digital Link or composite symbols are counted apart. */
#include "app/domain/code.h"
#include "app/domain/why.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 10, ROW_MAX = 16384, THIS_YEAR = 2026, OWN_ROWS_LEAST = 600 };

enum column { ID, KIND, INPUT, STRICT, STRICT_TEXT, SOURCE, RELAXED, RELAXED_TEXT, BASIS, TAG };

static const char *const OWN_AIS[] = {"00", "01", "02",   "10",   "11",   "13",   "15",   "17",  "21",
                                      "30", "37", "3100", "3101", "3102", "3103", "3104", "3105"};

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

static bool is_own(const char *ai)
{
    for (size_t i = 0; i < sizeof OWN_AIS / sizeof OWN_AIS[0]; i++)
        if (strcmp(OWN_AIS[i], ai) == 0)
            return true;
    return false;
}

/* The first identifier that a vector's sentence names ("… AI (3910): …"), "" when it names none. */
static void named_ai(const char *text, char ret_ai[8])
{
    const char *at = strstr(text, "AI (");
    ret_ai[0] = '\0';
    if (at)
        sscanf(at + 4, "%7[0-9]", ret_ai);
}

static bool is_later(char **row)
{
    char strict[8], relaxed[8];
    const char *why = row[RELAXED_TEXT];
    named_ai(row[STRICT_TEXT], strict);
    named_ai(why, relaxed);
    bool refused = strcmp(row[RELAXED], "invalid") == 0;
    return strcmp(row[KIND], "dl-uri") == 0 || strstr(row[INPUT], "|]e0") || strstr(row[INPUT], "|^") ||
           (strict[0] && !is_own(strict)) || (relaxed[0] && !is_own(relaxed)) ||
           (refused && (strstr(why, "NO_AI_FOR_PREFIX") || strstr(why, "AI_UNRECOGNISED")));
}

/* Decided otherwise: a symbol without data names nothing, and a typed text without brackets is plain text. */
static bool is_decided_otherwise(char **row)
{
    return (row[INPUT][0] == ']' && strlen(row[INPUT]) == 3 && strcmp(row[RELAXED], "valid") == 0) ||
           (strcmp(row[KIND], "bracketed") == 0 && row[INPUT][0] != '(');
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

static bool agrees(char **row, const struct code *code)
{
    char text[4096];
    bool malformed = code->problem == REASON_MALFORMED;
    if (strcmp(row[RELAXED], "invalid") == 0)
        return malformed;
    elements_text(code, text, sizeof text);
    bool unpaired = strcmp(row[STRICT], "invalid") == 0;
    return !malformed && strcmp(text, row[RELAXED_TEXT]) == 0 && unpaired == (code->warning == REASON_PAIRING);
}

static void vectors_agree(void **state)
{
    (void)state;
    static char line[ROW_MAX];
    static struct code code;
    int own = 0, own_bad = 0, later = 0, later_bad = 0;
    FILE *file = fopen("../shared/standards/gs1-vectors.tsv", "r");
    if (!file) {
        print_message("skipped: ../shared/standards/gs1-vectors.tsv is not there\n");
        skip();
    }
    while (fgets(line, sizeof line, file)) {
        char *row[COLUMNS];
        if (split(line, row) < COLUMNS || strcmp(row[TAG], "core") != 0 || is_decided_otherwise(row))
            continue;
        bool is_for_later = is_later(row);
        parse_row(row, &code);
        bool good = agrees(row, &code);
        *(is_for_later ? &later : &own) += 1;
        *(is_for_later ? &later_bad : &own_bad) += !good;
        if (!good && !is_for_later)
            print_message("%s %s %s: wanted %s/%s %s, got %s %s key %s\n", row[ID], row[KIND], row[INPUT],
                          row[STRICT], row[RELAXED], row[RELAXED_TEXT], reason_word(code.problem), code.why,
                          code.key);
    }
    fclose(file);
    print_message("%d of %d rows agree; of %d for later, %d do\n", own - own_bad, own, later, later - later_bad);
    assert_int_equal(own_bad, 0);
    assert_true(own >= OWN_ROWS_LEAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
