/* Keys of many codes: every scheme's key reads back to the code it was printed from, every carrier gives the same key,
 * and no two of ten million different codes share one.
 *
 * Ten million are told apart in bounded memory: what names a code is its number, which goes into its text by steps that
 * can be taken back; its key is read, and the number is found again from the key alone. Two codes with one key would
 * both have to give one number. `test_code_keys COUNT` takes another count. */
#include "app/domain/code.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { THIS_YEAR = 2026, TEXT_ROOM = 256, BASE = 62, DIGITS_MAX = 12 };

static long key_count = 200000; /* beside the sanitizers; the suite "ten million keys" asks for all of them */

static const char ALPHABET[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static char check_digit(const char *digits, size_t len)
{
    unsigned sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += (unsigned)(digits[i] - '0') * ((len - i) % 2 ? 3 : 1);
    return (char)('0' + (10 - sum % 10) % 10);
}

/* `number` in `len` digits and a check digit. */
static void put_number(uint64_t number, size_t len, char *ret_text)
{
    for (size_t i = len; i > 0; number /= 10)
        ret_text[--i] = (char)('0' + number % 10);
    ret_text[len] = check_digit(ret_text, len);
    ret_text[len + 1] = '\0';
}

static void put_serial(uint64_t number, char *ret_text)
{
    size_t len = 0;
    do {
        ret_text[len++] = ALPHABET[number % BASE];
        number /= BASE;
    } while (number);
    ret_text[len] = '\0';
}

static uint64_t take_number(const char *text, size_t len)
{
    uint64_t number = 0;
    for (size_t i = 0; i < len; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    return number;
}

static uint64_t take_serial(const char *text)
{
    uint64_t number = 0;
    for (size_t i = strlen(text); i > 0; i--)
        number = number * BASE + (uint64_t)(strchr(ALPHABET, text[i - 1]) - ALPHABET);
    return number;
}

/* ---- the schemes: how a number is carried, and how it is found in the key ---- */

enum { GTINS = 997 };

static void item_text(uint64_t n, char *text)
{
    char gtin[15], serial[DIGITS_MAX + 1];
    put_number(690000000000 + n % GTINS, 13, gtin);
    put_serial(n / GTINS, serial);
    snprintf(text, TEXT_ROOM, "]d201%s21%s", gtin, serial);
}

static uint64_t item_number(const char *key)
{
    return take_serial(key + 22) * GTINS + take_number(key + 4, 13) - 690000000000;
}

static void lot_text(uint64_t n, char *text)
{
    char gtin[15], lot[DIGITS_MAX + 1];
    put_number(690000000000 + n % GTINS, 13, gtin);
    put_serial(n / GTINS, lot);
    snprintf(text, TEXT_ROOM, "https://id.example.cn/01/%s/10/%s?17=270110", gtin, lot);
}

static void class_text(uint64_t n, char *text)
{
    char gtin[15];
    put_number(100000000000 + n, 12, gtin);
    snprintf(text, TEXT_ROOM, "]E0%s", gtin);
}

static uint64_t class_number(const char *key)
{
    return take_number(key + 5, 12) - 100000000000;
}

static void unit_text(uint64_t n, char *text)
{
    char sscc[19];
    put_number(69012340000000000 + n, 17, sscc);
    snprintf(text, TEXT_ROOM, "]C100%s", sscc);
}

static uint64_t unit_number(const char *key)
{
    return take_number(key + 4, 17) - 69012340000000000;
}

static void drug_text(uint64_t n, char *text)
{
    snprintf(text, TEXT_ROOM, "8%019llu", (unsigned long long)n);
}

static uint64_t drug_number(const char *key)
{
    return take_number(key + 6, 19);
}

static void ma_text(uint64_t n, char *text)
{
    char serial[DIGITS_MAX + 1];
    put_serial(n, serial);
    snprintf(text, TEXT_ROOM, "MA.156.M0.100761.21234561.S%s", serial);
}

static uint64_t ma_number(const char *key)
{
    return take_serial(strrchr(key, '.') + 2);
}

static void handle_text(uint64_t n, char *text)
{
    char serial[DIGITS_MAX + 1];
    put_serial(n, serial);
    snprintf(text, TEXT_ROOM, "https://hdl.example.cn/88.1000.1/%s", serial);
}

static uint64_t handle_number(const char *key)
{
    return take_serial(strrchr(key, '/') + 1);
}

static void oid_text(uint64_t n, char *text)
{
    snprintf(text, TEXT_ROOM, "urn:oid:1.2.156.3088.%llu", (unsigned long long)n);
}

static uint64_t oid_number(const char *key)
{
    const char *last = strrchr(key, '.') + 1;
    return take_number(last, strlen(last));
}

static void vaa_text(uint64_t n, char *text)
{
    snprintf(text, TEXT_ROOM, "VAA%012llu", (unsigned long long)n);
}

static uint64_t vaa_number(const char *key)
{
    return take_number(key + 7, 12);
}

static void ecode_text(uint64_t n, char *text)
{
    snprintf(text, TEXT_ROOM, "https://www.iotroot.com/E=10064%015llu", (unsigned long long)n);
}

static uint64_t ecode_number(const char *key)
{
    return take_number(key + 11, 15);
}

static void plain_text(uint64_t n, char *text)
{
    char serial[DIGITS_MAX + 1];
    put_serial(n, serial);
    snprintf(text, TEXT_ROOM, "http://t.example.cn/?q=\\%s\x1d", serial);
}

static uint64_t plain_number(const char *key)
{
    char serial[DIGITS_MAX + 5];
    snprintf(serial, sizeof serial, "%s", strrchr(key, '=') + 3);
    serial[strlen(serial) - 4] = '\0'; /* "\x1d" */
    return take_serial(serial);
}

static const struct {
    const char *prefix; /* of its keys: two schemes never share a key either */
    void (*text)(uint64_t n, char *text);
    uint64_t (*number)(const char *key);
    char mark; /* what tells items from lots: the key's second identifier */
} SCHEMES[] = {
    {"(01)0", item_text, item_number, '2'},     {"(01)0", lot_text, item_number, '1'},
    {"(01)01", class_text, class_number, 0},    {"(00)", unit_text, unit_number, 0},
    {"drug:", drug_text, drug_number, 0},       {"ma:", ma_text, ma_number, 0},
    {"handle:", handle_text, handle_number, 0}, {"oid:", oid_text, oid_number, 0},
    {"vaa:", vaa_text, vaa_number, 0},          {"ecode:", ecode_text, ecode_number, 0},
    {"plain:", plain_text, plain_number, 0},
};

enum { SCHEME_COUNT = sizeof SCHEMES / sizeof SCHEMES[0] };

static void read_text(const char *text, struct code *ret_code)
{
    static _Alignas(struct scan)
        uint8_t room[sizeof(struct scan) + TEXT_ROOM]; /* ten million allocations would be the test */
    struct scan *scan = (struct scan *)(void *)room;
    scan->len = strlen(text);
    memcpy(scan->bytes, text, scan->len);
    code_parse(scan, THIS_YEAR, ret_code);
}

static bool is_of(size_t scheme, const char *key)
{
    bool begins = strncmp(key, SCHEMES[scheme].prefix, strlen(SCHEMES[scheme].prefix)) == 0;
    size_t len = strlen(key);
    char mark = len > 20 && key[0] == '(' && key[18] == '(' ? key[19] : 0;
    return begins && mark == SCHEMES[scheme].mark;
}

static void no_two_codes_share_a_key(void **state)
{
    (void)state;
    static struct code code;
    char text[TEXT_ROOM];
    for (long i = 0; i < key_count; i++) {
        size_t scheme = (size_t)i % SCHEME_COUNT;
        uint64_t n = (uint64_t)i / SCHEME_COUNT;
        SCHEMES[scheme].text(n, text);
        read_text(text, &code);
        if (!is_of(scheme, code.key) || SCHEMES[scheme].number(code.key) != n)
            fail_msg("%s has the key %s, which is not that of %ld", text, code.key, i);
    }
    print_message("%ld codes of %d schemes, each found again from its key\n", key_count, (int)SCHEME_COUNT);
}

static void every_key_reads_back(void **state)
{
    (void)state;
    static struct code code, back;
    char text[TEXT_ROOM];
    for (long i = 0; i < 200000 && i < key_count; i++) {
        SCHEMES[(size_t)i % SCHEME_COUNT].text((uint64_t)i * 7919, text);
        read_text(text, &code);
        code_parse_text(code.key, THIS_YEAR, &back);
        assert_string_equal(back.key, code.key);
        assert_int_equal(back.kind, code.kind);
        assert_string_equal(back.serial, code.serial);
        if (code.plain[0]) {
            code_parse_text(code.plain, THIS_YEAR, &back);
            assert_string_equal(back.key, code.plain);
        }
    }
}

static void every_carrier_gives_the_same_key(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *carriers[8];
    } OBJECTS[] = {
        {"(01)05901234123457(21)A1B2C3",
         {"]d2010590123412345721A1B2C3", "]C1010590123412345721A1B2C3", "]Q3010590123412345721A1B2C3",
          "]Q1https://id.gs1.org/01/05901234123457/21/A1B2C3",
          "https://x.example.cn/a/01/05901234123457/10/L/21/A1B2C3", "(01)05901234123457(21)A1B2C3",
          "010590123412345721A1B2C3", "^010590123412345710L^21A1B2C3"}},
        {"(01)05901234123457",
         {"]E05901234123457", "]C10105901234123457", "https://id.gs1.org/01/05901234123457", "5901234123457",
          "]I105901234123457", "]I30590123412345", "(01)05901234123457", "]E3590123412345752495"}},
        {"(00)069012340000000016",
         {"]C100069012340000000016", "00069012340000000016", "https://id.gs1.org/00/069012340000000016",
          "(00)069012340000000016", "]d200069012340000000016"}},
        {"drug:81773220288616423835",
         {"]C081773220288616423835", "81773220288616423835", "]Q1https://m.example.cn/?code=81773220288616423835",
          "http://m.example.cn/81773220288616423835"}},
        {"ma:MA.156.1003.1629/73.10000000.6/",
         {"MA.156.1003.1629/73.10000000.6/", "]Q1http://s.idcode.org.cn/?code=MA.156.1003.1629/73.10000000.6/",
          "]d1MA.156.1003.1629/73.10000000.6/", "http://s.idcode.org.cn/?code=MA.156.1003.1629%2F73.10000000.6%2F"}},
        {"oid:1.2.156.3088.7",
         {"urn:oid:1.2.156.3088.7", "]Q11.2.156.3088.7", "https://r.example.cn/1.2.156.3088.7"}},
    };
    static struct code code;
    for (size_t i = 0; i < sizeof OBJECTS / sizeof OBJECTS[0]; i++)
        for (size_t c = 0; c < 8 && OBJECTS[i].carriers[c]; c++) {
            read_text(OBJECTS[i].carriers[c], &code);
            if (strcmp(code.key, OBJECTS[i].key) != 0)
                print_message("%s\n", OBJECTS[i].carriers[c]);
            assert_string_equal(code.key, OBJECTS[i].key);
        }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_carrier_gives_the_same_key),
        cmocka_unit_test(every_key_reads_back),
        cmocka_unit_test(no_two_codes_share_a_key),
    };
    if (argc > 1)
        key_count = strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
