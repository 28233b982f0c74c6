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
    {"code state", of_code_state, STATE_RETURNED + 1},
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

static void check_field(const struct flow_field *field)
{
    char english[KEPT_BYTES];
    text_init("en");
    snprintf(english, sizeof english, "%s", text_field_label(field));
    assert_false(is_chinese(english));
    text_init("zh_CN");
    if (!is_chinese(text_field_label(field)))
        fail_msg("field %s has no Chinese", field->name);
    for (int i = 0; i < field->choice_count; i++)
        if (!is_chinese(text_choice(field->choices[i])))
            fail_msg("choice %s of %s has no Chinese", field->choices[i], field->name);
}

static void roles_flows_fields_and_choices_have_labels(void **state)
{
    (void)state;
    text_init("zh_CN");
    for (int role = ROLE_CLERK; role <= ROLE_SUPERVISOR; role <<= 1)
        assert_true(is_chinese(text_role((enum role)role)));
    for (size_t i = 0; i < flow_count(); i++) {
        text_init("zh_CN");
        if (!is_chinese(text_flow_label(flow_at(i))))
            fail_msg("flow %s has no Chinese", flow_at(i)->name);
        for (int f = 0; f < flow_at(i)->field_count; f++)
            check_field(&flow_at(i)->fields[f]);
    }
    assert_string_equal(text_field("no-such-field"), "no-such-field");
    assert_string_equal(text_choice("blue"), "blue");
    assert_null(text_short_word(6));
}

static void a_site_s_own_labels_go_first(void **state)
{
    (void)state;
    char text[TEXT_MAX + 1];
    const struct flow flow = {.name = "cold-receipt", .label = "冷链入库", .base = "receipt"};
    struct flow_field field = {.name = "plate", .label = "车号", .has_least = true, .least = 2 * QTY_ONE};
    text_init("en");
    assert_string_equal(text_flow_label(&flow), "冷链入库");
    assert_string_equal(text_field_label(&field), "车号");
    assert_string_equal(text_field_limits(&field, text), "2 or more");
    field.has_most = true;
    field.most = 8 * QTY_ONE;
    assert_string_equal(text_field_limits(&field, text), "2 to 8");
    field.has_least = false;
    assert_string_equal(text_field_limits(&field, text), "8 or less");
    field.has_most = false;
    assert_string_equal(text_field_limits(&field, text), "");
}

/* One scan and all that is said of it, ready to be changed. */
struct said {
    struct verdict verdict;
    struct document document;
    struct code code;
    struct facts facts;
    struct text_scan scan;
};

static struct said *said(const char *flow, enum reason reason, enum severity severity)
{
    static struct said said; /* large */
    said = (struct said){.verdict = {.reason = reason, .severity = severity, .qty = 2 * QTY_ONE, .open = QTY_ONE},
                         .document = {.no = "SO-1", .min_life_days = 90, .line_count = 0},
                         .facts = {.product_known = true, .recall = "R-7", .recall_reason = "cap\tleaks\nbadly"}};
    snprintf(said.document.flow, sizeof said.document.flow, "%s", flow);
    snprintf(said.facts.product.name, sizeof said.facts.product.name, "泵");
    snprintf(said.facts.lot.id, sizeof said.facts.lot.id, "L1");
    said.scan = (struct text_scan){
        .verdict = &said.verdict, .document = &said.document, .code = &said.code, .facts = &said.facts};
    return &said;
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
    text_init("zh_CN");
    for (size_t flow = 0; flow < flow_count(); flow++)
        for (int reason = 0; reason < REASON_COUNT; reason++)
            for (int severity = SEVERITY_ACCEPT; severity <= SEVERITY_REJECT; severity++) {
                char text[TEXT_MAX + 1];
                struct said *s = said(flow_at(flow)->name, (enum reason)reason, (enum severity)severity);
                text_verdict(&s->scan, text);
                assert_in_range(lines_of(text), 2, 3);
                assert_true(is_chinese(text));
                assert_true(is_chinese(text_banner(&s->scan)));
                text_verdict_line(&s->scan, text);
                assert_int_equal(lines_of(text), 1);
                assert_null(strpbrk(text, "\t\r"));
            }
}

static void expect(const struct said *s, const char *expected)
{
    char text[TEXT_MAX + 1];
    assert_string_equal(text_verdict_line(&s->scan, text), expected);
}

static void a_recall_reads_as_in_the_design(void **state)
{
    (void)state;
    char text[TEXT_MAX + 1];
    struct said *s = said("outbound", REASON_RECALLED, SEVERITY_REJECT);
    snprintf(s->facts.recall_reason, sizeof s->facts.recall_reason, "瓶盖渗漏");
    text_init("zh_CN");
    assert_string_equal(text_verdict(&s->scan, text), "召回 R-7：瓶盖渗漏\n放到一边，勿装车");
    text_init("en");
    expect(s, "Recall R-7: 瓶盖渗漏; Set it aside, don't load it");
}

/* Where nothing is loaded, nobody is told not to load; what counts all the same is not sent away. */
static void each_flow_says_what_it_means(void **state)
{
    (void)state;
    text_init("en");
    expect(said("scrap", REASON_NOT_ON_ORDER, SEVERITY_REJECT), "泵 is not on this order; Put it back");
    expect(said("receipt", REASON_NOT_ON_ORDER, SEVERITY_WARN), "泵 is not on this order; Counted as extra");
    expect(said("recall", REASON_NOT_ON_ORDER, SEVERITY_REJECT),
           "泵 is not part of this recall; Leave it where it is");
    expect(said("recall", REASON_RECALLED, SEVERITY_ACCEPT), "Recall R-7; Bring it to quarantine");
    expect(said("unpack", REASON_NOT_ON_ORDER, SEVERITY_REJECT), "It is in no container; Nothing to take out: go on");
    expect(said("receipt", REASON_EXPIRED, SEVERITY_CONFIRM),
           "Expired on 1970-01-01; Count it all the same? Confirm");
    expect(said("sample", REASON_OK, SEVERITY_ACCEPT), "泵; 2 counted");
    struct said *s = said("relabel", REASON_NOT_ON_ORDER, SEVERITY_REJECT);
    s->facts.code_known = true;
    expect(s, "This code is in use already; Take a new label");
    assert_string_equal(text_banner(&s->scan), "Code in use");
    s = said("outbound", REASON_NOT_ON_ORDER, SEVERITY_REJECT);
    assert_string_equal(text_banner(&s->scan), "Not on this order");
    s = said("receipt", REASON_UNREGISTERED, SEVERITY_WARN);
    s->facts.bound = true;
    expect(s, "Not registered: taken for 泵; Counted all the same");
}

static void a_site_s_own_flow_speaks_as_its_base(void **state)
{
    (void)state;
    static const struct flow flow = {.name = "cold-recall", .base = "recall"};
    text_init("en");
    struct said *s = said("cold-recall", REASON_NOT_ON_ORDER, SEVERITY_REJECT);
    expect(s, "泵 is not on this order; Put it back, don't load it"); /* nobody knows that flow here */
    s->scan.flow = &flow;
    expect(s, "泵 is not part of this recall; Leave it where it is");
}

static void what_was_moved_here_asks_no_more(void **state)
{
    (void)state;
    text_init("en");
    struct said *s = said("outbound", REASON_IN_OTHER_DOCUMENT, SEVERITY_CONFIRM);
    snprintf(s->facts.other_no, sizeof s->facts.other_no, "SO-9");
    expect(s, "It is already in SO-9; Move it here? Confirm");
    s->verdict.severity = SEVERITY_WARN;
    expect(s, "It was in SO-9; Moved here, counted");
}

/* Where it may be confirmed, it is asked; where nothing is loaded, nobody is told not to. */
static void what_was_lost_asks_to_be_settled(void **state)
{
    (void)state;
    text_init("en");
    struct said *s = said("outbound", REASON_IN_OTHER_DOCUMENT, SEVERITY_CONFIRM);
    s->facts.lost = true;
    expect(s, "Was not accepted before; Not settled. Load it? Confirm");
    snprintf(s->facts.other_no, sizeof s->facts.other_no, "SO-9");
    expect(s, "Not accepted: SO-9 has it; Not settled. Load it? Confirm");
    s->verdict.severity = SEVERITY_REJECT;
    expect(s, "Not accepted: SO-9 has it; Settle it first, don't load it");
    s->verdict.severity = SEVERITY_WARN;
    expect(s, "Not accepted: SO-9 has it; Counted all the same");
    snprintf(s->facts.other_no, sizeof s->facts.other_no, "SO-1");
    s->verdict.severity = SEVERITY_CONFIRM;
    expect(s, "A colleague has it for this order; Not settled. Load it? Confirm");
}

static void what_a_colleague_has_is_in_no_other_order(void **state)
{
    (void)state;
    text_init("en");
    struct said *s = said("outbound", REASON_IN_OTHER_DOCUMENT, SEVERITY_CONFIRM);
    s->facts.lost = true;
    assert_string_equal(text_banner(&s->scan), "In another order");
    snprintf(s->facts.other_no, sizeof s->facts.other_no, "SO-1");
    assert_string_equal(text_banner(&s->scan), "A colleague has it");
    text_init("zh_CN");
    assert_string_equal(text_banner(&s->scan), "同事已扫");
    text_init("en");
    snprintf(s->facts.other_no, sizeof s->facts.other_no, "SO-9");
    assert_string_equal(text_banner(&s->scan), "In another order");
    snprintf(s->facts.other_document, sizeof s->facts.other_document, "t:out,9");
    snprintf(s->facts.other_no, sizeof s->facts.other_no, "SO-1"); /* a number may be used again */
    assert_string_equal(text_banner(&s->scan), "In another order");
}

static void where_nothing_is_loaded_it_says_so(void **state)
{
    (void)state;
    static const char *const flows[] = {"return", "receipt", "pack", "unpack", "scrap"};
    text_init("en");
    for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++) {
        struct said *s = said(flows[i], REASON_IN_OTHER_DOCUMENT, SEVERITY_CONFIRM);
        s->facts.lost = true;
        snprintf(s->facts.other_no, sizeof s->facts.other_no, "SO-9");
        expect(s, "Not accepted: SO-9 has it; Not settled. Count it? Confirm");
        s->verdict.severity = SEVERITY_REJECT;
        expect(s, "Not accepted: SO-9 has it; Settle it first");
    }
}

/* The case around it is in another order here: from there it is moved. */
static void what_was_lost_out_of_a_case_is_in_that(void **state)
{
    (void)state;
    text_init("en");
    struct said *s = said("outbound", REASON_IN_OTHER_DOCUMENT, SEVERITY_CONFIRM);
    s->facts.lost = true;
    snprintf(s->facts.other_no, sizeof s->facts.other_no, "SO-9");
    snprintf(s->facts.other_document, sizeof s->facts.other_document, "t:out,9");
    expect(s, "It is already in SO-9; Not settled. Load it? Confirm");
    s->verdict.severity = SEVERITY_WARN;
    expect(s, "It was in SO-9; Moved here, counted");
}

static void what_a_scan_did_is_said(void **state)
{
    (void)state;
    text_init("en");
    struct said *s = said("pack", REASON_OK, SEVERITY_ACCEPT);
    s->scan.filled = 3;
    expect(s, "泵; Loose: 3");
    s->scan.rule = 12;
    expect(s, "泵; Loose: 3/12");
    s->scan.container = "(00)069012340000000016";
    expect(s, "泵; In it: 3/12");
    s->scan.container_closed = true;
    s->scan.filled = 12;
    expect(s, "泵; Closed: 12/12");
    s->scan.container_closed = false;
    s->scan.filled = 0;
    expect(s, "泵; Now scan what goes in");
    s = said("replace", REASON_OK, SEVERITY_ACCEPT);
    s->scan.pair_waits = true;
    expect(s, "泵; Now scan what takes its place");
    s = said("receipt", REASON_OK, SEVERITY_ACCEPT);
    s->scan.context_set = true;
    expect(s, "泵; Codes that nobody knows are now 泵");
    s = said("receipt", REASON_RECALLED, SEVERITY_ACCEPT);
    s->scan.to_quarantine = true;
    expect(s, "Recall R-7: cap leaks badly; Goes to quarantine");
}

static void expect_banner(const char *flow, bool pair_waits, const char *wanted)
{
    struct said *s = said(flow, REASON_OK, SEVERITY_ACCEPT);
    s->scan.pair_waits = pair_waits;
    assert_string_equal(text_banner(&s->scan), wanted);
}

/* What a scan that counts did is its banner, where it is more than being right. */
static void what_was_done_is_on_the_banner(void **state)
{
    (void)state;
    text_init("en");
    expect_banner("outbound", false, "Right");
    expect_banner("replace", true, "Comes out");
    expect_banner("replace", false, "Replaced");
    expect_banner("relabel", true, "The old label");
    expect_banner("relabel", false, "Relabelled");
    expect_banner("unpack", false, "Taken out");
    expect_banner("pack", false, "Right");
    struct said *s = said("pack", REASON_OK, SEVERITY_ACCEPT);
    s->scan.container = "(00)069012340000000016";
    assert_string_equal(text_banner(&s->scan), "Label");
    s->scan.container_closed = true;
    s->scan.filled = 12;
    assert_string_equal(text_banner(&s->scan), "Packed");
    s = said("replace", REASON_NOT_ON_ORDER, SEVERITY_REJECT);
    assert_string_not_equal(text_banner(&s->scan), "Replaced");
    s = said("return", REASON_WRONG_HOLDER, SEVERITY_ACCEPT);
    assert_string_equal(text_banner(&s->scan), "Not as booked");
}

/* What a warehouse would not say. */
static void dealers_have_words_of_their_own(void **state)
{
    (void)state;
    text_init("en");
    struct said *s = said("dealer-out", REASON_NOT_ON_ORDER, SEVERITY_REJECT);
    assert_string_equal(text_banner(&s->scan), "Not on this order");
    s->facts.no_permit = true;
    snprintf(s->document.to.id, sizeof s->document.to.id, "D-2");
    s->document.to_name[0] = '\0';
    assert_string_equal(text_banner(&s->scan), "No permit");
    assert_non_null(strstr(text_verdict_line(&s->scan, (char[TEXT_MAX + 1]){""}), " to go to D-2; Put it back, ask"));
    s = said("dealer-in", REASON_UNREGISTERED, SEVERITY_WARN);
    assert_string_equal(text_banner(&s->scan), "Provisional");
    expect(s, "The books do not have it yet; Counted until the books come");
    s = said("return", REASON_UNREGISTERED, SEVERITY_WARN);
    s->scan.to_quarantine = true;
    assert_string_equal(text_banner(&s->scan), "Unknown serial");
    snprintf(s->document.dealer, sizeof s->document.dealer, "D-1");
    assert_string_equal(text_banner(&s->scan), "Not yours");
    expect(s, "Not sold by you: another dealer's goods; Goes to quarantine");
    for (size_t i = 0; text_missing_word(i); i++)
        assert_string_not_equal(text_short_reason(text_missing_word(i)), text_missing_word(i));
}

/* A label has contents of its own to be asked about. */
static void a_label_asks_when_too_few_are_in_it(void **state)
{
    (void)state;
    text_init("en");
    struct said *s = said("pack", REASON_PARTIAL_CONTAINER, SEVERITY_CONFIRM);
    s->facts.is_label = true;
    s->facts.filled = 10;
    s->facts.rule = 12;
    expect(s, "10 are in it, 12 go in; Close it all the same? Confirm");
    s->facts.is_label = false;
    expect(s, "Only 0 of 0 are free; Take the rest? Confirm");
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
    assert_string_equal(text_packs_of(4 * QTY_ONE, 48 * QTY_ONE, &cases, text), "0箱+4");
    assert_string_equal(text_packs_of(4 * QTY_ONE, 5 * QTY_ONE, &cases, text), "4");
    assert_string_equal(text_packs_of(0, 48 * QTY_ONE, &cases, text), "0");
    assert_string_equal(text_packs_of(40 * QTY_ONE, 48 * QTY_ONE, &cases, text), "3箱+4");
    assert_string_equal(text_packs_of(4 * QTY_ONE, 48 * QTY_ONE, &bare, text), "4");
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
        cmocka_unit_test(roles_flows_fields_and_choices_have_labels),
        cmocka_unit_test(a_site_s_own_labels_go_first),
        cmocka_unit_test(each_reason_says_what_is_wrong_and_what_to_do),
        cmocka_unit_test(a_recall_reads_as_in_the_design),
        cmocka_unit_test(each_flow_says_what_it_means),
        cmocka_unit_test(a_site_s_own_flow_speaks_as_its_base),
        cmocka_unit_test(what_was_moved_here_asks_no_more),
        cmocka_unit_test(what_was_lost_asks_to_be_settled),
        cmocka_unit_test(what_a_colleague_has_is_in_no_other_order),
        cmocka_unit_test(where_nothing_is_loaded_it_says_so),
        cmocka_unit_test(what_was_lost_out_of_a_case_is_in_that),
        cmocka_unit_test(what_a_scan_did_is_said),
        cmocka_unit_test(what_was_done_is_on_the_banner),
        cmocka_unit_test(a_label_asks_when_too_few_are_in_it),
        cmocka_unit_test(dealers_have_words_of_their_own),
        cmocka_unit_test(the_reader_is_translated),
        cmocka_unit_test(packs_and_loose_units),
        cmocka_unit_test(cutting_leaves_no_half_character),
        cmocka_unit_test(the_environment_chooses),
        cmocka_unit_test(no_message_is_untranslated),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
