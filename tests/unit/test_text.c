/* Every reason, result and state has a text in both languages, and no message of the catalogue is left untranslated. */
#include "app/domain/flow.h"
#include "app/domain/why.h"
#include "app/text/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LINE_BYTES = 2048, KEPT_BYTES = 256 };

#define PO "app/text/po/zh_CN.po"

#define RC_ONE(id, word) +1
enum { RC_TOTAL = 0 RC_LIST(RC_ONE) };

/* Labels that are the same in both languages would be missing ones. */
static bool is_chinese(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0xE3)
            return true;
    return false;
}

typedef const char *label(int value);

static const char *of_reason(int value)
{
    return text_reason((enum reason)value);
}

static const char *of_severity(int value)
{
    return text_severity((enum severity)value);
}

static const char *of_rc(int value)
{
    return text_rc((enum rc)value);
}

static const char *of_document_state(int value)
{
    return text_document_state((enum document_state)value);
}

static const char *of_code_state(int value)
{
    return text_code_state((enum code_state)value);
}

static const char *of_short(int value)
{
    return text_short_reason(text_short_word((size_t)value));
}

static const struct {
    const char *what;
    label *label;
    int count;
} TABLES[] = {
    {"reason", of_reason, REASON_COUNT},
    {"severity", of_severity, SEVERITY_REJECT + 1},
    {"result", of_rc, RC_TOTAL},
    {"document state", of_document_state, DOCUMENT_CLOSED + 1},
    {"code state", of_code_state, STATE_DESTROYED + 1},
    {"short reason", of_short, 6},
};

static void each_value_has_a_text_in_both_languages(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof TABLES / sizeof TABLES[0]; t++)
        for (int value = 0; value < TABLES[t].count; value++) {
            text_init("en");
            char english[KEPT_BYTES];
            snprintf(english, sizeof english, "%s", TABLES[t].label(value));
            assert_true(english[0] != '\0');
            assert_false(is_chinese(english));
            text_init("zh_CN");
            if (!is_chinese(TABLES[t].label(value)))
                fail_msg("%s %d (%s) has no Chinese", TABLES[t].what, value, english);
        }
}

static void roles_fields_and_flows_have_labels(void **state)
{
    (void)state;
    const struct flow *flow = flow_find("outbound");
    text_init("zh_CN");
    for (int role = ROLE_CLERK; role <= ROLE_SUPERVISOR; role <<= 1)
        assert_true(is_chinese(text_role((enum role)role)));
    for (int i = 0; i < flow->field_count; i++)
        assert_true(is_chinese(text_field(flow->fields[i].name)));
    assert_true(is_chinese(text_flow("outbound")));
    assert_string_equal(text_field("no-such-field"), "no-such-field");
    assert_null(text_short_word(6));
}

static void fill(enum reason reason, struct verdict *verdict, struct document *document, struct facts *facts)
{
    *verdict = (struct verdict){.reason = reason, .qty = 2 * QTY_ONE, .open = QTY_ONE};
    *document = (struct document){.no = "SO-1", .min_life_days = 90};
    *facts = (struct facts){.product_known = true, .recall = "R-7", .recall_reason = "cap\tleaks\nbadly"};
    snprintf(facts->product.name, sizeof facts->product.name, "泵");
    snprintf(facts->lot.id, sizeof facts->lot.id, "L1");
}

static int lines_of(const char *text)
{
    int lines = text[0] != '\0';
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void each_reason_says_what_is_wrong_and_what_to_do(void **state)
{
    (void)state;
    static struct code code;
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        struct verdict verdict;
        struct document document;
        struct facts facts;
        char text[TEXT_MAX + 1];
        fill((enum reason)reason, &verdict, &document, &facts);
        text_init("zh_CN");
        text_verdict(&verdict, &document, &code, &facts, text);
        assert_in_range(lines_of(text), 2, 3);
        assert_true(is_chinese(text));
        text_verdict_line(&verdict, &document, &code, &facts, text);
        assert_int_equal(lines_of(text), 1);
        assert_null(strpbrk(text, "\t\r"));
    }
}

static void a_recall_reads_as_in_the_design(void **state)
{
    (void)state;
    static struct code code;
    struct verdict verdict;
    struct document document;
    struct facts facts;
    char text[TEXT_MAX + 1];
    fill(REASON_RECALLED, &verdict, &document, &facts);
    snprintf(facts.recall_reason, sizeof facts.recall_reason, "瓶盖渗漏");
    text_init("zh_CN");
    assert_string_equal(text_verdict(&verdict, &document, &code, &facts, text),
                        "召回 R-7：瓶盖渗漏\n放到一边，勿装车");
    text_init("en");
    assert_string_equal(text_verdict_line(&verdict, &document, &code, &facts, text),
                        "Recall R-7: 瓶盖渗漏; Set it aside, don't load it");
}

/* Reader's sentences (code.why) reach people through the catalogue too. */
static void the_reader_is_translated(void **state)
{
    (void)state;
    static const char *const whys[] = {WHY_EMPTY,       WHY_TOO_LONG, WHY_SYMBOLOGY, WHY_LENGTH,   WHY_CHARACTER,
                                       WHY_CHECK_DIGIT, WHY_DATE,     WHY_AI,        WHY_BRACKETS, WHY_EXCLUSIVE,
                                       WHY_ESCAPE,      WHY_ADD_ON,   WHY_NOT_GOODS, WHY_NO_UNIT,  WHY_NEED_SSCC,
                                       WHY_VALUE,       WHY_LINK,     WHY_WAYBILL};
    text_init("zh_CN");
    for (size_t i = 0; i < sizeof whys / sizeof whys[0]; i++)
        if (!is_chinese(_(whys[i])))
            fail_msg("no Chinese for: %s", whys[i]);
}

static struct product with_pack(qty_t units)
{
    struct product product = {.pack_count = 1};
    product.packs[0] = (struct pack_level){.level = 1, .name = "箱", .contains = units, .units = units};
    return product;
}

static void packs_and_loose_units(void **state)
{
    (void)state;
    char text[64];
    struct product cases = with_pack(12 * QTY_ONE), bare = {.pack_count = 0};
    assert_string_equal(text_packs(40 * QTY_ONE, &cases, text), "3箱+4");
    assert_string_equal(text_packs(36 * QTY_ONE, &cases, text), "3箱");
    assert_string_equal(text_packs(4 * QTY_ONE, &cases, text), "4");
    assert_string_equal(text_packs(0, &cases, text), "0");
    assert_string_equal(text_packs(25 * QTY_ONE / 2, &cases, text), "1箱+0.5");
    assert_string_equal(text_packs(40 * QTY_ONE, &bare, text), "40");
}

static void cutting_leaves_no_half_character(void **state)
{
    (void)state;
    char text[] = "ab中文";
    assert_string_equal(text_cut(text, 7), "ab中");
    assert_string_equal(text_cut(text, 4), "ab");
    assert_string_equal(text_cut(text, 2), "ab");
    assert_string_equal(text_cut(text, 0), "");
}

static void the_environment_chooses(void **state)
{
    (void)state;
    setenv("LANGUAGE", "zh_CN", 1);
    text_init("");
    assert_string_equal(text_lang(), "zh_CN");
    setenv("LANGUAGE", "de", 1);
    text_init("");
    assert_string_equal(text_lang(), "en");
    text_init("zh");
    assert_string_equal(text_lang(), "zh_CN");
}

static void no_message_is_untranslated(void **state)
{
    (void)state;
    FILE *po = fopen(PO, "r");
    if (!po) {
        print_message("skipped: " PO " is not here (run from the checkout)\n");
        skip();
    }
    char line[LINE_BYTES], id[LINE_BYTES] = "";
    long messages = 0;
    while (fgets(line, sizeof line, po)) {
        assert_null(strstr(line, "fuzzy"));
        if (strncmp(line, "msgid ", 6) == 0)
            snprintf(id, sizeof id, "%s", line + 6);
        else if (strcmp(line, "msgstr \"\"\n") == 0 && strcmp(id, "\"\"\n") != 0)
            fail_msg("no Chinese for %s", id);
        else
            messages += strncmp(line, "msgstr ", 7) == 0;
    }
    fclose(po);
    assert_true(messages > REASON_COUNT + RC_TOTAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_has_a_text_in_both_languages),
        cmocka_unit_test(roles_fields_and_flows_have_labels),
        cmocka_unit_test(each_reason_says_what_is_wrong_and_what_to_do),
        cmocka_unit_test(a_recall_reads_as_in_the_design),
        cmocka_unit_test(the_reader_is_translated),
        cmocka_unit_test(packs_and_loose_units),
        cmocka_unit_test(cutting_leaves_no_half_character),
        cmocka_unit_test(the_environment_chooses),
        cmocka_unit_test(no_message_is_untranslated),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
