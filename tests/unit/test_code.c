/* Codes: what each carrier is read as, what is refused and why. */
#include "app/domain/code.h"
#include "app/domain/why.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { THIS_YEAR = 2026 };

#define GS "\x1d"

static struct code code; /* of the last read_*: too big for every test's stack */

static const struct code *read_bytes(const void *bytes, size_t len, uint16_t flags)
{
    struct scan *scan = scan_new(bytes, len);
    assert_non_null(scan);
    scan->flags |= flags;
    code_parse(scan, THIS_YEAR, &code);
    free(scan);
    return &code;
}

static const struct code *read_scan(const char *text)
{
    return read_bytes(text, strlen(text), 0);
}

static const struct code *read_typed(const char *text)
{
    return read_bytes(text, strlen(text), SCAN_BRACKETS);
}

static const struct {
    const char *scan, *key;
    enum code_kind kind;
    bool guessed;
} UNDERSTOOD[] = {
    /* GS1 element strings, by their symbology */
    {"]C1010590123412345721A1B2C3", "(01)05901234123457(21)A1B2C3", CODE_ITEM, false},
    {"]e0010590123412345721A1B2C3", "(01)05901234123457(21)A1B2C3", CODE_ITEM, false},
    {"]d2010590123412345721A1B2C3", "(01)05901234123457(21)A1B2C3", CODE_ITEM, false},
    {"]Q3010590123412345721A1B2C3", "(01)05901234123457(21)A1B2C3", CODE_ITEM, false},
    {"]J1010590123412345721A1B2C3", "(01)05901234123457(21)A1B2C3", CODE_ITEM, false},
    {GS "010590123412345721A1B2C3", "(01)05901234123457(21)A1B2C3", CODE_ITEM, false},
    {"]C1" GS "010590123412345721A1B2C3" GS, "(01)05901234123457(21)A1B2C3", CODE_ITEM, false},
    {"]d221A1B2C3" GS "0105901234123457", "(01)05901234123457(21)A1B2C3", CODE_ITEM, false},
    {"]d2010590123412345710LB-2501" GS "21A1B2C3", "(01)05901234123457(21)A1B2C3", CODE_ITEM, false},
    {"]d201059012341234571727011010LB-2501", "(01)05901234123457(10)LB-2501", CODE_LOT, false},
    {"]d2010590123412345721a(b)c", "(01)05901234123457(21)a\\(b)c", CODE_ITEM, false},
    {"]C10105901234123457", "(01)05901234123457", CODE_CLASS, false},
    {"]C100069012340000000016", "(00)069012340000000016", CODE_UNIT, false},
    {"]C10006901234000000001602059012341234573748", "(00)069012340000000016", CODE_UNIT, false},
    {"(01)05901234123457(21)A1B2C3", "(01)05901234123457(21)A1B2C3", CODE_ITEM, false},
    {"]Q1(01)05901234123457(10)LB-2501", "(01)05901234123457(10)LB-2501", CODE_LOT, false},
    /* numbers of EAN, UPC and ITF, by their symbology */
    {"]E05901234123457", "(01)05901234123457", CODE_CLASS, false},
    {"]E0012345678905", "", CODE_NONE, false},
    {"]E00012345678905", "(01)00012345678905", CODE_CLASS, false},
    {"]E496385074", "(01)00000096385074", CODE_CLASS, false},
    {"]E3590123412345712", "(01)05901234123457", CODE_CLASS, false},
    {"]I115901234123454", "(01)15901234123454", CODE_CLASS, false},
    {"]E001234565", "(01)00012345000065", CODE_CLASS, false},
    {"]I31590123412345", "(01)15901234123454", CODE_CLASS, false},
    {"]E05901234123457]e110LB-2501", "(01)05901234123457(10)LB-2501", CODE_LOT, false},
    {"]d20105901234123457235TPX-1", "(01)05901234123457(235)TPX-1", CODE_ITEM, false},
    {"]d2030590123412345721M1", "(03)05901234123457(21)M1", CODE_ITEM, false},
    {"]C1800305901234123457BOX7", "(8003)05901234123457BOX7", CODE_UNIT, false},
    {"]Q1", "plain:", CODE_PLAIN, false},
    /* Digital Link */
    {"]Q1https://id.gs1.org/01/05901234123457/21/A1B2C3", "(01)05901234123457(21)A1B2C3", CODE_ITEM, false},
    {"https://t.example.cn/p/q/01/05901234123457/10/LB-2501?17=270110&linkType=x", "(01)05901234123457(10)LB-2501",
     CODE_LOT, false},
    {"HTTP://x.cn/00/069012340000000016", "(00)069012340000000016", CODE_UNIT, false},
    {"https://x.cn/01/05901234123457/21/a%28b%2Fc#top", "(01)05901234123457(21)a\\(b/c", CODE_ITEM, false},
    /* Chinese schemes, by themselves or in a link */
    {"]C081773220288616423835", "drug:81773220288616423835", CODE_PLAIN, false},
    {"81773220288616423835", "drug:81773220288616423835", CODE_PLAIN, false},
    {"]Q1http://m.example.cn/scan?x=1&code=81773220288616423835", "drug:81773220288616423835", CODE_PLAIN, false},
    {"MA.156.M0.100761.21234561.Sx00008.M220117", "ma:MA.156.M0.100761.21234561.Sx00008.M220117", CODE_PLAIN, false},
    {"]Q1http://s.idcode.org.cn/?code=MA.156.1003.1629/73.10000000.6/", "ma:MA.156.1003.1629/73.10000000.6/",
     CODE_PLAIN, false},
    {"]Q1http://s.idcode.org.cn/MA.156.1003.1629/73.10000000.6/", "ma:MA.156.1003.1629/73.10000000.6/", CODE_PLAIN,
     false},
    {"https://www.iotroot.com/E=100640012345678901234", "ecode:100640012345678901234", CODE_PLAIN, false},
    {"100640012345678901234", "ecode:100640012345678901234", CODE_PLAIN, false},
    {"88.1000.1/盒-7", "handle:88.1000.1/盒-7", CODE_PLAIN, false},
    {"https://hdl.example.cn/88.1000.1/box%207", "handle:88.1000.1/box 7", CODE_PLAIN, false},
    {"VAA1234567890ABC", "vaa:VAA1234567890ABC", CODE_PLAIN, false},
    {"urn:oid:1.2.156.3088.1", "oid:1.2.156.3088.1", CODE_PLAIN, false},
    {"1.2.156.3088.1", "oid:1.2.156.3088.1", CODE_PLAIN, false},
    {"https://2dcode.org/abc?x=1", "2dcode:abc?x=1", CODE_PLAIN, false},
    /* by their shape alone */
    {"04252614", "(01)00042100005264", CODE_CLASS, true},
    {"5901234123457 12", "(01)05901234123457", CODE_CLASS, true},
    {"5901234123457+52495", "(01)05901234123457", CODE_CLASS, true},
    {"010590123412345710LB^21A1B2C3", "(01)05901234123457(21)A1B2C3", CODE_ITEM, true},
    {"{GS}010590123412345710LB{GS}91X", "(01)05901234123457(10)LB", CODE_LOT, true},
    {"010590123412345710LB\xe2\x90\x9d"
     "21A",
     "(01)05901234123457(21)A", CODE_ITEM, true},
    {"5901234123457", "(01)05901234123457", CODE_CLASS, true},
    {"012345678905", "(01)00012345678905", CODE_CLASS, true},
    {"96385074", "(01)00000096385074", CODE_CLASS, true},
    {"15901234123454", "(01)15901234123454", CODE_CLASS, true},
    {"]C05901234123457", "(01)05901234123457", CODE_CLASS, true},
    {"00069012340000000016", "(00)069012340000000016", CODE_UNIT, true},
    {"010590123412345721A1B2C3", "(01)05901234123457(21)A1B2C3", CODE_ITEM, true},
    {"010590123412345710LB-2501" GS "17270110", "(01)05901234123457(10)LB-2501", CODE_LOT, true},
    /* looks like one, but isn't */
    {"010590123412345710LB%21A1B2C3", "(01)05901234123457(10)LB%21A1B2C3", CODE_LOT, true},
    {"01234565", "plain:01234565", CODE_PLAIN, false}, /* good as EAN-8, and as UPC-E */
    {"1.2.156.03", "plain:1.2.156.03", CODE_PLAIN, false},
    {"MA.15.M0", "plain:MA.15.M0", CODE_PLAIN, false},
    {"10.5/12kg", "plain:10.5/12kg", CODE_PLAIN, false},
    {"6177322028861642383", "plain:6177322028861642383", CODE_PLAIN, false},
    {"ma:MA.156.M0.1", "plain:ma:MA.156.M0.1", CODE_PLAIN, false},
    {"HtTps://x.cn/01/05901234123457", "plain:HtTps://x.cn/01/05901234123457", CODE_PLAIN, false},
    {"5901234123458", "plain:5901234123458", CODE_PLAIN, false},
    {"00000000", "plain:00000000", CODE_PLAIN, false},
    {"00069012340000000015", "plain:00069012340000000015", CODE_PLAIN, false},
    {"010590123412345821A1B2C3", "plain:010590123412345821A1B2C3", CODE_PLAIN, false},
    {"0105901234123457", "plain:0105901234123457", CODE_PLAIN, false},
    {"010590123412345791X", "plain:010590123412345791X", CODE_PLAIN, false},
    {"]I1123456", "plain:123456", CODE_PLAIN, false},
    /* plain text */
    {"WINE-000123", "plain:WINE-000123", CODE_PLAIN, false},
    {"]C0WINE-000123", "plain:WINE-000123", CODE_PLAIN, false},
    {"]A0WINE-000123", "plain:WINE-000123", CODE_PLAIN, false},
    {"]Q1https://t.example.cn/c/0123456789012345", "plain:https://t.example.cn/c/0123456789012345", CODE_PLAIN,
     false},
    {"]Q1陈酿", "plain:陈酿", CODE_PLAIN, false},
    {"]d1a\\b\x01\xff", "plain:a\\\\b\\x01\\xff", CODE_PLAIN, false},
    {"]C0]C1x", "plain:]C1x", CODE_PLAIN, false},
    {"plain:x", "plain:plain:x", CODE_PLAIN, false},
    {"(甲)7", "plain:(甲)7", CODE_PLAIN, false},
};

static void each_carrier_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof UNDERSTOOD / sizeof UNDERSTOOD[0]; i++) {
        const struct code *got = read_scan(UNDERSTOOD[i].scan);
        if (strcmp(got->key, UNDERSTOOD[i].key) != 0)
            print_message("%s\n", UNDERSTOOD[i].scan);
        assert_string_equal(got->key, UNDERSTOOD[i].key);
        assert_int_equal(got->kind, UNDERSTOOD[i].kind);
        assert_int_equal(got->guessed, UNDERSTOOD[i].guessed);
        assert_int_equal(got->problem == REASON_OK, got->kind != CODE_NONE);
        if (got->guessed)
            assert_string_not_equal(got->plain, "");
    }
}

static const struct {
    const char *scan, *why;
    enum reason problem;
} REFUSED[] = {
    {"", WHY_EMPTY, REASON_MALFORMED},
    {"   ", WHY_EMPTY, REASON_MALFORMED},
    {"]C1", WHY_EMPTY, REASON_MALFORMED},
    {"]C0", WHY_EMPTY, REASON_MALFORMED},
    {"]", WHY_SYMBOLOGY, REASON_MALFORMED},
    {"]XX", WHY_SYMBOLOGY, REASON_MALFORMED},
    {"]C90105901234123457", WHY_SYMBOLOGY, REASON_MALFORMED},
    {"]C10105901234123458", WHY_CHECK_DIGIT, REASON_MALFORMED},
    {"]C100069012340000000015", WHY_CHECK_DIGIT, REASON_MALFORMED},
    {"]E05901234123458", WHY_CHECK_DIGIT, REASON_MALFORMED},
    {"]E0590123412345", WHY_LENGTH, REASON_MALFORMED},
    {"]E0590123412345X", WHY_CHARACTER, REASON_MALFORMED},
    {"]E496385075", WHY_CHECK_DIGIT, REASON_MALFORMED},
    {"]I115901234123455", WHY_CHECK_DIGIT, REASON_MALFORMED},
    {"]E112", WHY_ADD_ON, REASON_NOT_GOODS},
    {"https://x.cn/01/05901234123458", WHY_CHECK_DIGIT, REASON_MALFORMED},
    {"https://x.cn/01/05901234123457/21/A/10/B", WHY_LINK, REASON_MALFORMED},
    {"https://x.cn/01/05901234123457?21=A", WHY_LINK, REASON_MALFORMED},
    {"https://x.cn/414/6901234000009", WHY_NOT_GOODS, REASON_NOT_GOODS},
    {"SF1234567890123", WHY_WAYBILL, REASON_NOT_GOODS},
    {"]C0RB123456785CN", WHY_WAYBILL, REASON_NOT_GOODS},
    {"]C1800305901234123457", WHY_NO_UNIT, REASON_NOT_GOODS},
    {"]C142212390", WHY_VALUE, REASON_MALFORMED},
    {"]C1010590123412345", WHY_LENGTH, REASON_MALFORMED},
    {"]C10105901234123457" GS GS "10A", WHY_AI, REASON_MALFORMED},
    {"]C1010590123412345717270230", WHY_DATE, REASON_MALFORMED},
    {"]C1010590123412345717271301", WHY_DATE, REASON_MALFORMED},
    {"]C101059012341234571727", WHY_LENGTH, REASON_MALFORMED},
    {"]C1010590123412345721", WHY_LENGTH, REASON_MALFORMED},
    {"]C1010590123412345721123456789012345678901", WHY_LENGTH, REASON_MALFORMED},
    {"]C1010590123412345721A B", WHY_CHARACTER, REASON_MALFORMED},
    {"]C1010590123412345721A\\B", WHY_CHARACTER, REASON_MALFORMED},
    {"]C1010590123412345730A", WHY_CHARACTER, REASON_MALFORMED},
    {"]C1X1", WHY_AI, REASON_MALFORMED},
    {"]C101059012341234573106000100", WHY_AI, REASON_MALFORMED},
    {"(01)0590123412345(21)A", WHY_LENGTH, REASON_MALFORMED},
    {"(01)05901234123457(21", WHY_BRACKETS, REASON_MALFORMED},
    {"(01)05901234123457(2)1", WHY_AI, REASON_MALFORMED},
    {"]C10105901234123457"
     "0115901234123454",
     WHY_EXCLUSIVE, REASON_MALFORMED},
    {"]C1010590123412345721A" GS "21B", WHY_EXCLUSIVE, REASON_MALFORMED},
    {"]C10105901234123457"
     "0215901234123454"
     "3712",
     WHY_EXCLUSIVE, REASON_MALFORMED},
    {"]C102059012341234573712", WHY_NEED_SSCC, REASON_NEED_SSCC},
    {"]C14146901234000009", WHY_NOT_GOODS, REASON_NOT_GOODS},
    {"]C14016901234WAYBILL7", WHY_NOT_GOODS, REASON_NOT_GOODS},
    {"]C121A1B2C3", WHY_NO_UNIT, REASON_NOT_GOODS},
    {"]C110LB-2501" GS "17270110", WHY_NO_UNIT, REASON_NOT_GOODS},
};

static void what_is_refused_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        const struct code *got = read_scan(REFUSED[i].scan);
        if (got->problem != REFUSED[i].problem)
            print_message("%s\n", REFUSED[i].scan);
        assert_int_equal(got->problem, REFUSED[i].problem);
        assert_string_equal(got->why, REFUSED[i].why);
        assert_string_equal(got->key, "");
    }
}

static void fields_are_filled(void **state)
{
    (void)state;
    const struct code *got = read_scan("]d2010590123412345711250110172701103103001500"
                                       "3024" GS "10LB-2501" GS "21A1B2C3");
    assert_int_equal(got->kind, CODE_ITEM);
    assert_string_equal(got->aim, "]d2");
    assert_string_equal(got->gtin, "05901234123457");
    assert_string_equal(got->serial, "A1B2C3");
    assert_string_equal(got->lot, "LB-2501");
    assert_int_equal(got->made, day_from_ymd(2025, 1, 10));
    assert_int_equal(got->expires, day_from_ymd(2027, 1, 10));
    assert_int_equal(got->count, 24 * QTY_ONE);
    assert_int_equal(got->weight, QTY_ONE * 3 / 2);
    assert_int_equal(got->element_count, 7);
    assert_string_equal(code_value(got, "3103"), "001500");
    assert_null(code_value(got, "00"));
    assert_int_equal(got->warning, REASON_OK);
}

static void best_before_and_packed_stand_in(void **state)
{
    (void)state;
    const struct code *got = read_scan("]d2010590123412345713250110152702003105000001");
    assert_int_equal(got->made, day_from_ymd(2025, 1, 10));
    assert_int_equal(got->expires, day_from_ymd(2027, 2, 28));
    assert_int_equal(got->weight, 10);
    got = read_scan("]d20105901234123457");
    assert_int_equal(got->made, DAY_NONE);
    assert_int_equal(got->expires, DAY_NONE);
    assert_int_equal(got->count, 0);
}

static void a_missing_companion_is_a_warning(void **state)
{
    (void)state;
    assert_int_equal(read_scan("]C1000690123400000000163748")->warning, REASON_PAIRING);
    assert_int_equal(read_scan("]C10006901234000000001602059012341234573748")->warning, REASON_OK);
    assert_int_equal(read_scan("]C1000690123400000000160205901234123457")->warning, REASON_PAIRING);
    assert_int_equal(read_scan("]C10006901234000000001610LB-2501")->warning, REASON_PAIRING);
    assert_int_equal(code.problem, REASON_OK);
}

static void a_guess_keeps_its_plain_key(void **state)
{
    (void)state;
    assert_string_equal(read_scan("5901234123457")->plain, "plain:5901234123457");
    assert_string_equal(read_scan("010590123412345710LB" GS "17270110")->plain,
                        "plain:010590123412345710LB\\x1d17270110");
}

static void typed_text_may_be_a_key(void **state)
{
    (void)state;
    assert_string_equal(read_typed("plain:5901234123457")->key, "plain:5901234123457");
    assert_string_equal(read_typed("(01)05901234123457(21)A\\(B")->key, "(01)05901234123457(21)A\\(B");
    assert_int_equal(read_typed("(AB)C")->problem, REASON_MALFORMED);
    code_parse_text("plain:a\\\\b\\x1d", THIS_YEAR, &code);
    assert_string_equal(code.key, "plain:a\\\\b\\x1d");
    code_parse_text("a\\b", THIS_YEAR, &code);
    assert_string_equal(code.key, "plain:a\\\\b");
    code_parse_text("plain:a\\b", THIS_YEAR, &code);
    assert_int_equal(code.problem, REASON_MALFORMED);
    assert_string_equal(code.why, WHY_ESCAPE);
}

static void the_limits_hold(void **state)
{
    (void)state;
    static char text[SCAN_MAX + 2];
    memset(text, 'A', sizeof text - 1);
    assert_int_equal(read_bytes(text, SCAN_MAX + 1, 0)->problem, REASON_MALFORMED);
    assert_string_equal(code.why, WHY_TOO_LONG);
    assert_int_equal(read_bytes(text, SCAN_MAX, 0)->problem, REASON_MALFORMED);
    const size_t fits = CODE_KEY_MAX - strlen("plain:");
    assert_int_equal(read_bytes(text, fits, 0)->kind, CODE_PLAIN);
    assert_int_equal(strlen(code.key), CODE_KEY_MAX);
    assert_int_equal(read_bytes(text, fits + 1, 0)->problem, REASON_MALFORMED);
    char many[3 + 4 * (CODE_ELEMENTS_MAX + 1)] = "]C1";
    for (int i = 0; i < CODE_ELEMENTS_MAX + 1; i++)
        memcpy(many + 3 + (size_t)i * 4, "2010", 4);
    assert_int_equal(read_bytes(many, 3 + 4 * (size_t)CODE_ELEMENTS_MAX, 0)->element_count, CODE_ELEMENTS_MAX);
    assert_int_equal(read_bytes(many, 3 + 4 * (size_t)(CODE_ELEMENTS_MAX + 1), 0)->problem, REASON_MALFORMED);
    assert_string_equal(code.why, WHY_TOO_LONG);
}

static void escapes_go_both_ways(void **state)
{
    (void)state;
    static const char *const BAD[] = {"\\", "a\\", "\\x", "\\x1", "\\x1g", "\\n", "\\X41"};
    uint8_t bytes[16];
    size_t len = 77;
    assert_int_equal(code_unescape("a\\\\\\x00\\xFf\\(", sizeof bytes, bytes, &len), RC_OK);
    assert_int_equal(len, 6);
    assert_memory_equal(bytes, "a\\\0\xff\\(", 6);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        len = 77;
        assert_int_equal(code_unescape(BAD[i], sizeof bytes, bytes, &len), RC_BAD_INPUT);
        assert_int_equal(len, 77);
    }
    assert_int_equal(code_unescape("0123456789abcdef", sizeof bytes, bytes, &len), RC_OK);
    assert_int_equal(code_unescape("0123456789abcdefg", sizeof bytes, bytes, &len), RC_TOO_BIG);
    char text[4 * 32 + 1];
    const uint8_t odd[] = "\t\x7f\xc2\x80 \xe2\x80\xae \xc0\xaf \xed\xa0\x80 \xf0\x9f\x8d\xb7 \xe9\x99";
    assert_string_equal(
        code_escape(odd, sizeof odd - 1, text),
        "\\x09\\x7f\\xc2\\x80 \\xe2\\x80\\xae \\xc0\\xaf \\xed\\xa0\\x80 \xf0\x9f\x8d\xb7 \\xe9\\x99");
}

static const char *restored(const char *text, const char *stand_ins)
{
    static char bytes[64];
    struct scan *scan = scan_new(text, strlen(text));
    assert_non_null(scan);
    code_restore_fnc1(scan, stand_ins);
    snprintf(bytes, sizeof bytes, "%.*s", (int)scan->len, (const char *)scan->bytes);
    free(scan);
    return bytes;
}

static void a_scanners_own_fnc1_is_restored(void **state)
{
    (void)state;
    assert_string_equal(restored("010590123412345710LB%21A1", "% <GS>"), "010590123412345710LB" GS "21A1");
    assert_string_equal(restored("<GS>010590123412345710LB<GS>21A1", "% <GS>"), GS "010590123412345710LB" GS "21A1");
    /* part of a value, of another text, or of a scan that says itself what it is */
    assert_string_equal(restored("010590123412345710LB%A1", "% <GS>"), "010590123412345710LB%A1");
    assert_string_equal(restored("50%21A1", "%"), "50%21A1");
    assert_string_equal(restored("]C1010590123412345710LB%21A1", "%"), "]C1010590123412345710LB%21A1");
    assert_string_equal(restored("010590123412345710LB%21A1", ""), "010590123412345710LB%21A1");
}

static void what_is_not_expected_is_plain(void **state)
{
    (void)state;
    read_scan("5901234123457");
    code_expect(&code, GUESS_ALL);
    assert_int_equal(code.kind, CODE_CLASS);
    code_expect(&code, GUESS_SSCC | GUESS_ELEMENTS);
    assert_string_equal(code.key, "plain:5901234123457");
    assert_int_equal(code.kind, CODE_PLAIN);
    assert_string_equal(code.gtin, "");
    read_scan("]E05901234123457");
    code_expect(&code, 0);
    assert_int_equal(code.kind, CODE_CLASS);
}

static void a_contents_label_is_merged(void **state)
{
    (void)state;
    static struct code label;
    read_scan("]C1020590123412345710LB-7" GS "3712");
    label = code;
    read_scan("]C100069012340000000016");
    assert_true(code_merge_contents(&code, &label, THIS_YEAR));
    assert_string_equal(code.key, "(00)069012340000000016");
    assert_string_equal(code.lot, "LB-7");
    assert_int_equal(code.count, 12 * QTY_ONE);
    assert_int_equal(code.warning, REASON_OK);
    assert_false(code_merge_contents(&code, &label, THIS_YEAR)); /* it has its contents by now */
    read_scan("]C10006901234000000001610LB-8");
    assert_false(code_merge_contents(&code, &label, THIS_YEAR)); /* another lot */
    assert_string_equal(code.lot, "LB-8");
    read_scan("]C10105901234123457");
    assert_false(code_merge_contents(&code, &label, THIS_YEAR));
}

static void the_tail_is_for_the_corner(void **state)
{
    (void)state;
    char text[4 * 6 + 1];
    assert_string_equal(code_tail(read_scan("]d2010590123412345721XXA1B2C3"), 6, text), "A1B2C3");
    assert_string_equal(code_tail(read_scan("]C100069012340000000016"), 6, text), "000016");
    assert_string_equal(code_tail(read_scan("一二三四五六七"), 6, text), "二三四五六七");
    assert_string_equal(code_tail(read_scan("ab\\\x01\x02\x03\x04"), 6, text), "b\\\\\\x01\\x02\\x03\\x04");
    assert_string_equal(code_tail(read_scan("ab"), 6, text), "ab");
    assert_string_equal(code_tail(read_scan("]XX"), 6, text), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_carrier_is_understood),
        cmocka_unit_test(what_is_refused_says_why),
        cmocka_unit_test(fields_are_filled),
        cmocka_unit_test(best_before_and_packed_stand_in),
        cmocka_unit_test(a_missing_companion_is_a_warning),
        cmocka_unit_test(a_guess_keeps_its_plain_key),
        cmocka_unit_test(typed_text_may_be_a_key),
        cmocka_unit_test(the_limits_hold),
        cmocka_unit_test(escapes_go_both_ways),
        cmocka_unit_test(a_scanners_own_fnc1_is_restored),
        cmocka_unit_test(what_is_not_expected_is_plain),
        cmocka_unit_test(a_contents_label_is_merged),
        cmocka_unit_test(the_tail_is_for_the_corner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
